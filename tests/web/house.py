"""A house to test pages in: real services over a real store, agents of every role, and what a shop would have sent."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from companion.config import Installation, RateLimits
from companion.domain.also_told import Label
from companion.domain.permissions import Permission, Role, Viewer
from companion.domain.summary import SummaryStyle
from companion.services.customers.customers import Customers
from companion.services.customers.viewings import Viewings
from companion.services.notes import Note, NoteDraft, Notes, OrderRef, Ref, TicketRef
from companion.services.people.by_hand import ByHand
from companion.services.people.dossier import Dossiers
from companion.services.people.matches import Matches
from companion.services.people.people import People
from companion.services.people.privacy import Erasures
from companion.services.people.quality import Quality
from companion.services.people.whole_page import WholePages
from companion.services.search.search import Search
from companion.services.segments.groups import Groups
from companion.services.segments.segments import Segments
from companion.services.sync.figures import Expected
from companion.services.sync.queues import Queues
from companion.services.sync.state import SyncState
from companion.services.users import Users
from companion.sync.funnel.apply import Applier
from companion.sync.people.erasing import Eraser
from companion.sync.people.forgotten import Forgotten
from companion.sync.people.identity import Identity
from companion.sync.people.segments import Segmentation
from companion.sync.summaries import Summaries
from companion.web import Site, create_app
from connectors.awesome_support import parse as helpdesk_parse
from connectors.woocommerce import parse
from storage.engine import Store, Tx
from tests.fixtures.store import Clock

NATIONAL_ID = "billing_national_id"
CHOSEN = {"main": {NATIONAL_ID: Label("کد ملی", "National id")}}
"""The custom fields that the main shop's owner chose."""

PASSWORD = "سنجاقک on a blue door"
SHOPS = {"main": "فروشگاه اصلی", "custom": "سفارشی‌ها"}
_UNLIMITED = RateLimits(sign_in="9999/second", pages="9999/second", search="9999/second", write="9999/second")


class House:
    """`site` may be replaced in part before `app` is first asked for."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self.store = store
        self.clock = clock
        style = SummaryStyle("fa", "jalali", ZoneInfo("Asia/Tehran"))
        summaries = Summaries(style=style, newest=5, clock=clock)
        self._applier = Applier(
            store=store,
            parser=parse,
            helpdesk_parser=helpdesk_parse,
            summaries=summaries,
            region="IR",
            clock=clock,
            chosen=CHOSEN,
        )
        self.users = Users(store, clock)
        self.segmentation = Segmentation(store=store, clock=clock)
        self.notes = Notes(store, clock, summaries.mark_customer)
        self.customers = Customers(
            store,
            clock,
            lambda shop, order_id: f"https://{shop}.example/orders/{order_id}",
            ticket_url=lambda shop, ticket_id: f"https://{shop}.example/tickets/{ticket_id}",
            chosen=CHOSEN,
        )
        forgotten = Forgotten(b"a key for tests only", region="IR")
        eraser = Eraser(store=store, forgotten=forgotten, summaries=summaries, region="IR", clock=clock)
        search, identity = Search(store, clock, chosen=CHOSEN), Identity(region="IR")

        def look(tx: Tx, account_ids: Collection[int]) -> None:
            identity.look(tx, account_ids, now=clock())

        self.site = Site(
            users=self.users,
            notes=self.notes,
            customers=self.customers,
            whole_pages=WholePages(store, self.customers),
            matches=Matches(store, clock, identity.regroup),
            viewings=Viewings(store, clock),
            segments=Segments(store, clock, self.segmentation.of, zone=ZoneInfo("Asia/Tehran")),
            groups=Groups(store, clock, zone=ZoneInfo("Asia/Tehran")),
            search=search,
            by_hand=ByHand(store, clock, look=look, chosen=CHOSEN),
            people=People(store, clock, search=search, notes=self.notes, look=look),
            sync_state=SyncState(store, clock, shops=SHOPS, expected=Expected({"orders": 300}, max_per_hour=100)),
            queues=Queues(store, clock, shops=SHOPS),
            quality=Quality(store, clock, region="IR"),
            dossiers=Dossiers(store, clock),
            erasures=Erasures(store, clock, begin=eraser.begin, work=eraser.work),
            clock=clock,
            secret_key="a key for tests only",
            installation=Installation(name="سرویس اطلاعاتی"),
            limits=_UNLIMITED,
            shop_names=SHOPS,
        )
        self._app: Flask | None = None

    @property
    def app(self) -> Flask:
        if self._app is None:
            self._app = create_app(self.site)
        return self._app

    def adapt(self, **parts: Any) -> None:
        """Change parts of the site before the application is made."""
        assert self._app is None
        self.site = replace(self.site, **parts)

    # --- people -------------------------------------------------------------------------------------------------------

    def agent(self, username: str = "negar", role: Role = Role.AGENT, *, name: str = "نگار صادقی") -> Viewer:
        agent = self.users.add(name=name, username=username, password=PASSWORD, role=role)
        viewer = self.users.viewer(agent.id, 0)
        assert viewer is not None
        return viewer

    def visitor(self) -> Visitor:
        """Somebody's browser, not signed in."""
        return Visitor(self.app.test_client())

    def signed_in(self, username: str = "negar", role: Role = Role.AGENT, *, language: str = "en") -> Visitor:
        """The browser of a new agent, signed in."""
        who = self.agent(username, role)
        self.users.set_preferences(who.agent_id, language, "jalali" if language == "fa" else "gregorian")
        visitor = self.visitor()
        assert visitor.sign_in(username).status_code == 303
        return visitor

    # --- what a shop sends --------------------------------------------------------------------------------------------

    def order(self, order_id: int = 1042, *, shop: str = "main", days_ago: float = 3, **fields: Any) -> int:
        """Apply an order; returns its customer's id."""
        raw = msgspec.json.encode(_order(order_id, self.clock() - timedelta(days=days_ago), fields))
        items = self._applier.read_orders(shop, [raw])
        seq = self.store.next_read_seq()
        with self.store.write() as tx:
            outcome = self._applier.orders(tx, shop, items, read_seq=seq)
        assert not outcome.parked
        return self.customers.by_order(_EVERYTHING, shop, str(order_id))

    def order_notes(self, order_id: int, bodies: Iterable[str], *, shop: str = "main", days_ago: float = 2) -> None:
        at = _gmt(self.clock() - timedelta(days=days_ago))
        raws = [
            msgspec.json.encode({"id": order_id * 100 + i, "note": body, "author": "system", "date_created_gmt": at})
            for i, body in enumerate(bodies)
        ]
        seq = self.store.next_read_seq()
        with self.store.write() as tx:
            self._applier.order_notes(tx, shop, str(order_id), raws, read_seq=seq)

    def refund(self, order_id: int, amount: str, *, reason: str = "", shop: str = "main", days_ago: float = 1) -> None:
        at = _gmt(self.clock() - timedelta(days=days_ago))
        refund = {"id": order_id + 50_000, "parent_id": order_id, "amount": amount, "reason": reason}
        raw = msgspec.json.encode(refund | {"date_created_gmt": at})
        seq = self.store.next_read_seq()
        with self.store.write() as tx:
            self._applier.refunds(tx, shop, [raw], read_seq=seq)

    def ticket(
        self, ticket_id: int = 57, *, author: int = 18, shop: str = "main", days_ago: float = 3, **fields: Any
    ) -> int:
        """Apply a ticket of the WordPress user `author`; returns her customer's id."""
        raw = msgspec.json.encode(_ticket(ticket_id, author, self.clock() - timedelta(days=days_ago), fields))
        items = self._applier.tickets.read_tickets(shop, [raw])
        seq = self.store.next_read_seq()
        with self.store.write() as tx:
            outcome = self._applier.tickets.tickets(tx, shop, items, read_seq=seq)
        assert not outcome.parked
        return self.customers.by_ticket(_EVERYTHING, shop, str(ticket_id))

    def replies(
        self, said: Iterable[tuple[int, str, float]], *, ticket_id: int = 57, shop: str = "main", first: int = 900
    ) -> None:
        """Apply all replies of a ticket: (WordPress user, HTML, days ago), their ids rising from `first`."""
        raws = [
            msgspec.json.encode(
                {
                    "id": number,
                    "parent": ticket_id,
                    "author": author,
                    "content": {"rendered": html},
                    "date_gmt": _gmt(self.clock() - timedelta(days=days_ago)),
                }
            )
            for number, (author, html, days_ago) in enumerate(said, first)
        ]
        seq = self.store.next_read_seq()
        with self.store.write() as tx:
            self._applier.tickets.replies(tx, shop, str(ticket_id), raws, read_seq=seq)

    def ticket_gone(self, ticket_id: int, *, shop: str = "main") -> None:
        """Apply that the shop does not know a ticket any more."""
        seq = self.store.next_read_seq()
        with self.store.write() as tx:
            self._applier.tickets.ticket_gone(tx, shop, str(ticket_id), read_seq=seq)

    def shop_agents(self, names: Mapping[int, str], *, shop: str = "main") -> None:
        """Apply the list of those who answer tickets in the shop, by WordPress user."""
        raws = [
            msgspec.json.encode({"id": number, "username": f"agent{number}", "name": name, "email": "", "roles": []})
            for number, name in names.items()
        ]
        seq = self.store.next_read_seq()
        with self.store.write() as tx:
            self._applier.tickets.agents(tx, shop, raws, read_seq=seq)

    def note(
        self,
        author: Viewer,
        customer_id: int,
        body: str,
        *,
        order_id: int | None = None,
        ticket_id: int | None = None,
        **draft: Any,
    ) -> Note:
        ref: Ref | None = OrderRef("main", str(order_id)) if order_id else None
        if ticket_id:
            ref = TicketRef("main", str(ticket_id))
        return self.notes.write(author, NoteDraft(customer_id=customer_id, body=body, ref=ref, **draft))


class Visitor:
    """A browser without JavaScript, or with htmx where a test says so; it sends the page's CSRF token by itself."""

    def __init__(self, client: FlaskClient) -> None:
        self.client = client

    def get(self, path: str, *, htmx: bool = False, **more: Any) -> TestResponse:
        return self.client.get(path, headers=_headers(htmx), buffered=True, **more)

    def post(
        self, path: str, form: Mapping[str, Any] | None = None, *, htmx: bool = False, target: str = "", **more: Any
    ) -> TestResponse:
        token = {"csrf_token": self.token()}
        headers = _headers(htmx) | ({"HX-Target": target} if target else {})
        return self.client.post(path, data={**(form or {}), **token}, headers=headers, **more)

    def token(self) -> str:
        page = self.client.get("/sign-in", follow_redirects=True).get_data(as_text=True)
        found = re.search(r'<meta name="csrf-token" id="csrf-token" content="([^"]+)"', page)
        assert found is not None, page
        return found[1]

    def sign_in(self, username: str, password: str = PASSWORD, **more: Any) -> TestResponse:
        return self.post("/sign-in", {"username": username, "password": password, **more})


_EVERYTHING = Viewer(0, "", Role.ADMINISTRATOR, frozenset(Permission), shops=None)


def _headers(htmx: bool) -> dict[str, str]:
    return {"HX-Request": "true"} if htmx else {}


def _gmt(instant: datetime) -> str:
    return instant.strftime("%Y-%m-%dT%H:%M:%S")


def _order(order_id: int, created_at: datetime, fields: Mapping[str, Any]) -> dict[str, Any]:
    billing = {
        "first_name": "مریم",
        "last_name": "احمدی",
        "company": "",
        "address_1": "خیابان گاندی، کوچه نهم، پلاک ۱۲",
        "city": "تهران",
        "postcode": "۱۵۱۷۴-۳۳۶۱۱",
        "email": "maryam@example.com",
        "phone": "09120001001",
    }
    order = {
        "id": order_id,
        "number": str(order_id),
        "status": "processing",
        "currency": "IRR",
        "total": "18450000",
        "customer_id": 0,
        "billing": billing | fields.get("billing", {}),
        "shipping": {},
        "line_items": [{"id": 1, "name": "کفش پیاده‌روی زنانه", "quantity": 1, "total": "18450000", "sku": "SH-38"}],
        "payment_method_title": "درگاه زرین‌پال",
        "date_created_gmt": _gmt(created_at),
        "date_modified_gmt": _gmt(created_at),
    }
    return order | {name: value for name, value in fields.items() if name != "billing"}


def _ticket(ticket_id: int, author: int, created_at: datetime, fields: Mapping[str, Any]) -> dict[str, Any]:
    ticket = {
        "id": ticket_id,
        "title": {"rendered": fields.get("title", "سفارش ۱۰۴۲ نرسیده است")},
        "content": {"rendered": fields.get("content", "<p>سلام، سفارش من کجاست؟</p>")},
        "status": "processing",
        "state": "open",
        "author": author,
        "assignee": 5,
        "customer-reply-count": 0,
        "agent-reply-count": 0,
        "total-reply-count": 0,
        "ticket_channel": "email",
        "link": f"https://shop.example/ticket/{ticket_id}/",
        "date_gmt": _gmt(created_at),
        "modified_gmt": _gmt(created_at),
    }
    more = {name: value for name, value in fields.items() if name not in {"title", "content"}}
    return ticket | {name if name in ticket else name.replace("_", "-"): value for name, value in more.items()}
