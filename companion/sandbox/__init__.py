"""A pretend WordPress with WooCommerce over real HTTP: the demo's shop, and the shop of every test and benchmark.

It behaves as the recorded shop did (versions in `site.py`), traps included, and imports nothing of the connectors,
the webhook receiver, the store or the domain: a misunderstanding must not be shared by both sides of a test.
It is not a WordPress: it has no themes, no plugins, no payments, and no security worth the name. Loopback only.

    with Sandbox() as sandbox:
        sandbox.shop.create_order(items=[Item("چای سبز", 2, 120_000)])
        requests.get(sandbox.url + "/wp-json/wc/v3/orders", …)
"""

from __future__ import annotations

from companion.sandbox.clock import FastTime, ShopClock
from companion.sandbox.credentials import Credentials, Key, Login
from companion.sandbox.faults import Fault
from companion.sandbox.helpdesk import Helpdesk
from companion.sandbox.helpdesk_records import Reply, Ticket
from companion.sandbox.records import Item, Order, OrderNote, Refund, User, Webhook
from companion.sandbox.seed import seed_custom, seed_main
from companion.sandbox.seed_bulk import seed_bulk
from companion.sandbox.seed_recorded import seed_recorded
from companion.sandbox.server import Sandbox
from companion.sandbox.shop import Shop

__all__ = [
    "Credentials",
    "FastTime",
    "Fault",
    "Helpdesk",
    "Item",
    "Key",
    "Login",
    "Order",
    "OrderNote",
    "Refund",
    "Reply",
    "Sandbox",
    "Shop",
    "ShopClock",
    "Ticket",
    "User",
    "Webhook",
    "seed_bulk",
    "seed_custom",
    "seed_main",
    "seed_recorded",
]
