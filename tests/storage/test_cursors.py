from __future__ import annotations

from datetime import timedelta

from storage.engine import Store
from storage.sync import cursors, slices
from tests.fixtures.store import Clock


def test_a_stream_that_was_never_read_has_no_cursor(store: Store) -> None:
    with store.read() as tx:
        assert cursors.get(tx, "tehran", "orders") is None
        assert cursors.every(tx) == []


def test_a_cursor_keeps_what_a_change_does_not_name(store: Store, clock: Clock) -> None:
    with store.write() as tx:
        cursors.put(tx, "tehran", "orders", signpost=clock(), total=48210, started_at=clock())
        cursors.put(tx, "tehran", "orders", done=100)
        cursors.put(tx, "tehran", "orders")
        cursors.put(tx, "tehran", "orders", watermark=clock(), signpost=None, is_backfilled=True)
    with store.read() as tx:
        assert cursors.get(tx, "tehran", "orders") == cursors.Cursor(
            shop="tehran",
            stream="orders",
            watermark=clock(),
            signpost=None,
            is_backfilled=True,
            done=100,
            total=48210,
            started_at=clock(),
            succeeded_at=None,
            failed_at=None,
            failure="",
        )


def test_cursors_of_shops_and_streams_are_apart(store: Store) -> None:
    with store.write() as tx:
        for shop, stream in (("tehran", "orders"), ("shiraz", "orders"), ("shiraz", "customers")):
            cursors.put(tx, shop, stream, failure=f"{shop} {stream}")
        cursors.put(tx, "new", "orders")
    with store.read() as tx:
        assert [cursor.failure for cursor in cursors.every(tx)] == [
            "",
            "shiraz customers",
            "shiraz orders",
            "tehran orders",
        ]


def test_a_watermark_keeps_its_microseconds_and_its_zone(store: Store, clock: Clock) -> None:
    exact = clock() + timedelta(microseconds=123_456)
    with store.write() as tx:
        cursors.put(tx, "tehran", "orders", watermark=exact)
        cursor = cursors.get(tx, "tehran", "orders")
    assert cursor is not None
    assert cursor.watermark == exact
    assert cursor.watermark.utcoffset() == timedelta(0)


def test_finished_slices_are_known_after_a_kill_until_they_are_cleared(store: Store, clock: Clock) -> None:
    with store.write() as tx:
        slices.finish(tx, "tehran", "orders", "2025-11", records=900, now=clock())
        slices.finish(tx, "tehran", "orders", "2025-10", records=1200, now=clock())
        slices.finish(tx, "tehran", "orders", "2025-11", records=903, now=clock())
        slices.finish(tx, "tehran", "customers", "all", records=5, now=clock())
    with store.read() as tx:
        assert slices.finished(tx, "tehran", "orders") == {"2025-11": 903, "2025-10": 1200}
        assert slices.finished(tx, "shiraz", "orders") == {}
    with store.write() as tx:
        slices.clear(tx, "tehran", "orders")
        assert slices.finished(tx, "tehran", "orders") == {}
        assert slices.finished(tx, "tehran", "customers") == {"all": 5}
