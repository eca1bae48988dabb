from __future__ import annotations

from storage.engine import Store
from storage.sync import parked
from tests.fixtures.store import Clock


def park(store: Store, clock: Clock, ref_id: str, *, raw: bytes = b"{", reason: str = "cut off", **key: str) -> None:
    with store.write(durable=False) as tx:
        parked.put(
            tx,
            shop=key.get("shop", "tehran"),
            kind=key.get("kind", "order"),
            ref_id=ref_id,
            raw_hash=raw[:16],
            raw=raw,
            reason=reason,
            now=clock(),
        )


def newest(store: Store, **more: str) -> list[parked.ParkedRow]:
    with store.read() as tx:
        return parked.newest(tx, limit=10, **more)


def test_what_cannot_be_read_is_kept_as_it_came_with_the_reason(store: Store, clock: Clock) -> None:
    park(store, clock, "1", raw=b"<html>")
    assert newest(store) == [parked.ParkedRow("tehran", "order", "1", "cut off", clock(), b"<html>")]


def test_its_date_is_that_of_the_last_change(store: Store, clock: Clock) -> None:
    began = clock()
    park(store, clock, "1")
    clock.advance(60)
    park(store, clock, "1")
    assert newest(store)[0].parked_at == began
    park(store, clock, "1", raw=b"[")
    assert (newest(store)[0].parked_at, newest(store)[0].raw) == (clock(), b"[")


def test_what_can_be_read_again_is_released(store: Store, clock: Clock) -> None:
    with store.write() as tx:
        assert parked.release(tx, "tehran", "order", ["1", "2"]) == 0
    for ref_id in ("1", "2"):
        park(store, clock, ref_id)
    park(store, clock, "1", kind="customer")
    park(store, clock, "1", shop="shiraz")
    with store.write() as tx:
        assert parked.release(tx, "tehran", "order", ["1", "7"]) == 1
        assert parked.release(tx, "tehran", "order", []) == 0
    with store.read() as tx:
        assert parked.counts(tx) == {"tehran": 2, "shiraz": 1}
    assert [row.shop for row in newest(store, shop="shiraz")] == ["shiraz"]
