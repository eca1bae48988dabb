from __future__ import annotations

import threading
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import select

from storage.engine import Store
from storage.schema import outbox as table
from storage.sync import outbox
from storage.sync.outbox import AT_ONCE, SLOW, Claim
from tests.fixtures.store import Clock

LEASE = 60.0


def mark(store: Store, clock: Clock, *ids: str, lane: int = AT_ONCE, shop: str = "tehran") -> None:
    with store.write() as tx:
        outbox.mark(tx, [(shop, "order", ref_id) for ref_id in ids], lane=lane, now=clock())


def claim(store: Store, clock: Clock, token: str = "a", limit: int = 100, **more: Any) -> tuple[Claim, ...]:
    with store.write(durable=False) as tx:
        return outbox.claim(tx, shop="tehran", now=clock(), token=token, lease_seconds=LEASE, limit=limit, **more)


def ids(claims: Sequence[Claim]) -> list[str]:
    return [claim.ref_id for claim in claims]


def clear(store: Store, claims: Sequence[Claim], token: str = "a") -> int:
    with store.write(durable=False) as tx:
        return outbox.clear(tx, "tehran", claims, token)


def rows(store: Store) -> list[Any]:
    with store.read() as tx:
        return list(tx.execute(select(table).order_by(table.c.shop, table.c.ref_id)).all())


# --- mark ---------------------------------------------------------------------------------------------------------


def test_a_marked_ref_is_claimed_once(store: Store, clock: Clock) -> None:
    mark(store, clock, "1", "2", "1")
    assert claim(store, clock) == (Claim("order", "1", 1, 0, AT_ONCE), Claim("order", "2", 1, 0, AT_ONCE))
    assert claim(store, clock, "b") == ()


def test_marking_nothing_is_nothing(store: Store, clock: Clock) -> None:
    mark(store, clock)
    assert rows(store) == []


def test_a_second_mark_raises_the_version_and_keeps_the_faster_lane(store: Store, clock: Clock) -> None:
    mark(store, clock, "1", lane=SLOW)
    mark(store, clock, "2", lane=AT_ONCE)
    mark(store, clock, "1", "2", lane=SLOW)
    mark(store, clock, "1", lane=AT_ONCE)
    assert [(row.version, row.lane) for row in rows(store)] == [(3, AT_ONCE), (2, AT_ONCE)]


def test_a_mark_takes_up_a_parked_ref_with_fresh_attempts(store: Store, clock: Clock) -> None:
    mark(store, clock, "1")
    claims = claim(store, clock)
    with store.write(durable=False) as tx:
        assert outbox.park(tx, "tehran", claims, "a", reason="the shop drops the value") == 1
    clock.advance(LEASE * 1000)
    assert claim(store, clock) == ()
    with store.read() as tx:
        assert outbox.parked(tx, "tehran", limit=10) == [
            outbox.ParkedRef("tehran", "order", "1", "the shop drops the value")
        ]
    mark(store, clock, "1")
    assert claim(store, clock) == (Claim("order", "1", 2, 0, AT_ONCE),)
    assert rows(store)[0].failure == ""


# --- claim --------------------------------------------------------------------------------------------------------


def test_the_fast_lane_goes_first_then_the_oldest(store: Store, clock: Clock) -> None:
    mark(store, clock, "slow", lane=SLOW)
    clock.advance(1)
    mark(store, clock, "older")
    clock.advance(1)
    mark(store, clock, "newer")
    assert ids(claim(store, clock, limit=1)) == ["older"]
    assert ids(claim(store, clock)) == ["newer", "slow"]


def test_a_claim_may_ask_for_some_lanes_only(store: Store, clock: Clock) -> None:
    mark(store, clock, "slow", lane=SLOW)
    mark(store, clock, "fast")
    assert ids(claim(store, clock, lanes=(AT_ONCE,))) == ["fast"]
    assert ids(claim(store, clock, lanes=(AT_ONCE,))) == []


def test_another_shop_is_another_matter(store: Store, clock: Clock) -> None:
    mark(store, clock, "1", shop="shiraz")
    assert claim(store, clock) == ()
    with store.read() as tx:
        assert outbox.shops_with_work(tx, clock()) == ["shiraz"]


def test_a_claim_whose_time_ran_out_passes_to_the_next(store: Store, clock: Clock) -> None:
    mark(store, clock, "1")
    late = claim(store, clock, "a")
    clock.advance(LEASE)
    assert ids(claim(store, clock, "b")) == ["1"]
    assert clear(store, late, "a") == 0
    assert clear(store, late, "b") == 1


def test_workers_that_claim_at_once_never_share_a_ref(store: Store, clock: Clock) -> None:
    mark(store, clock, *(str(number) for number in range(60)))
    got: dict[str, list[str]] = {}

    def work(token: str) -> None:
        got[token] = []
        while claims := claim(store, clock, token, limit=7):
            got[token] += ids(claims)

    threads = [threading.Thread(target=work, args=(token,)) for token in ("a", "b", "c", "d")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(ref_id for found in got.values() for ref_id in found) == sorted(map(str, range(60)))


# --- what becomes of a claim --------------------------------------------------------------------------------------


def test_a_cleared_ref_is_gone(store: Store, clock: Clock) -> None:
    mark(store, clock, "1", "2")
    assert clear(store, claim(store, clock)) == 2
    assert rows(store) == []
    assert clear(store, []) == 0


def test_a_mark_made_during_the_work_is_not_lost(store: Store, clock: Clock) -> None:
    mark(store, clock, "1", "2")
    claims = claim(store, clock)
    mark(store, clock, "1")
    assert clear(store, claims) == 1
    assert claim(store, clock, "b") == (Claim("order", "1", 2, 0, AT_ONCE),)


def test_a_failed_attempt_is_counted_and_put_off(store: Store, clock: Clock) -> None:
    mark(store, clock, "1")
    later = clock() + timedelta(seconds=30)
    with store.write(durable=False) as tx:
        claims = outbox.claim(tx, shop="tehran", now=clock(), token="a", lease_seconds=LEASE, limit=9)
        assert outbox.retry(tx, "tehran", claims, "b", next_at=later, reason="not mine") == 0
        assert outbox.retry(tx, "tehran", claims, "a", next_at=later, reason="503") == 1
    assert claim(store, clock) == ()
    assert rows(store)[0].failure == "503"
    with store.read() as tx:
        assert outbox.shops_with_work(tx, clock()) == []
        assert outbox.shops_with_work(tx, later) == ["tehran"]
    clock.advance(30)
    assert claim(store, clock) == (Claim("order", "1", 1, 1, AT_ONCE),)


def test_what_was_marked_during_a_failed_attempt_is_tried_at_once(store: Store, clock: Clock) -> None:
    mark(store, clock, "1", "2")
    claims = claim(store, clock)
    mark(store, clock, "1", "2")
    with store.write(durable=False) as tx:
        assert outbox.retry(tx, "tehran", claims[:1], "a", next_at=clock() + timedelta(days=1), reason="503") == 0
        assert outbox.park(tx, "tehran", claims[1:], "a", reason="a quarrel") == 0
    assert [(claim.ref_id, claim.attempts) for claim in claim(store, clock, "b")] == [("1", 0), ("2", 0)]


def test_a_released_claim_is_anyones_and_counts_no_attempt(store: Store, clock: Clock) -> None:
    mark(store, clock, "1")
    claims = claim(store, clock)
    with store.write(durable=False) as tx:
        outbox.release(tx, "tehran", claims, "a")
        outbox.release(tx, "tehran", [], "a")
    assert claim(store, clock, "b") == claims


# --- what can be seen ---------------------------------------------------------------------------------------------


def test_counts_tell_what_waits_since_when_and_what_is_parked(store: Store, clock: Clock) -> None:
    began = clock()
    mark(store, clock, "1")
    mark(store, clock, "9", shop="shiraz")
    clock.advance(10)
    mark(store, clock, "2", "3")
    with store.write(durable=False) as tx:
        claims = outbox.claim(tx, shop="shiraz", now=clock(), token="a", lease_seconds=LEASE, limit=9)
        outbox.park(tx, "shiraz", claims, "a", reason="a quarrel")
    with store.read() as tx:
        assert outbox.counts(tx) == [
            outbox.Count("shiraz", waiting=0, parked=1, oldest_at=None),
            outbox.Count("tehran", waiting=3, parked=0, oldest_at=began),
        ]
        assert outbox.waiting(tx, "tehran", limit=2) == [("order", "1"), ("order", "2")]
        assert outbox.waiting(tx, "shiraz", limit=2) == []
