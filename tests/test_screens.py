"""Where an agent finds an order or a ticket in the shop."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine, event

from companion.config import Shop
from companion.screens import Screens
from storage import shops
from storage.engine import Store
from tests.fixtures.store import Clock

MAIN = Shop(key="main", url="https://shop.example")
OWN = Shop(
    key="own",
    url="https://own.example",
    order_url="https://desk.example/o/{id}",
    ticket_url="https://desk.example/t/{id}",
)


@pytest.fixture
def screens(sqlite_store: Store) -> Screens:
    return Screens(sqlite_store, [MAIN, OWN])


@pytest.mark.parametrize(
    ("order_storage", "address"),
    [
        (None, "https://shop.example/wp-admin/admin.php?page=wc-orders&action=edit&id=7"),
        ("hpos-sync", "https://shop.example/wp-admin/admin.php?page=wc-orders&action=edit&id=7"),
        ("legacy", "https://shop.example/wp-admin/post.php?post=7&action=edit"),
        ("legacy-sync", "https://shop.example/wp-admin/post.php?post=7&action=edit"),
    ],
)
def test_order_is_found_where_the_shop_keeps_its_orders(
    screens: Screens, sqlite_store: Store, clock: Clock, order_storage: str | None, address: str
) -> None:
    if order_storage:
        with sqlite_store.write() as tx:
            shops.set_facts(tx, "main", {"order_storage": order_storage}, now=clock())
    assert screens.order("main", "7") == address


def test_a_page_of_orders_asks_the_store_once(screens: Screens) -> None:
    asked: list[str] = []

    def count(*arguments: object) -> None:
        asked.append(str(arguments[2]))

    event.listen(Engine, "before_cursor_execute", count)
    try:
        assert len({screens.order("main", str(number)) for number in range(50)}) == 50
    finally:
        event.remove(Engine, "before_cursor_execute", count)
    assert len([statement for statement in asked if "FROM shops" in statement]) == 1


def test_ticket_is_a_post_of_wordpress(screens: Screens) -> None:
    assert screens.ticket("main", "9") == "https://shop.example/wp-admin/post.php?post=9&action=edit"


def test_configured_addresses_go_before(screens: Screens) -> None:
    assert screens.order("own", "7") == "https://desk.example/o/7"
    assert screens.ticket("own", "9") == "https://desk.example/t/9"


def test_shop_that_left_the_configuration_has_none(screens: Screens) -> None:
    assert screens.order("gone", "7") is None
    assert screens.ticket("gone", "9") is None
