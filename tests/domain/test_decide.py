"""Which read wins: the whole rule, as examples and as properties."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from companion.domain.decide import Decision, Incoming, Stored, Verdict, decide

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
LATER = NOON + timedelta(seconds=1)
OURS, OTHER = b"ours", b"other"


def stored(
    read_seq: int = 5, content: bytes = OURS, modified_at: datetime | None = NOON, *, gone: bool = False
) -> Stored:
    return Stored(read_seq, content, modified_at, gone)


def test_what_is_not_stored_is_created() -> None:
    assert decide(None, Incoming(1, OTHER, NOON)) == Decision(Verdict.CREATE)
    assert decide(None, Incoming(None, OTHER, NOON)) == Decision(Verdict.CREATE)


def test_what_is_gone_and_not_stored_needs_nothing() -> None:
    assert decide(None, Incoming(1, None)) == Decision(Verdict.UNCHANGED)


def test_a_later_read_wins_even_with_an_equal_or_missing_date() -> None:
    assert decide(stored(), Incoming(6, OTHER, NOON)).verdict is Verdict.UPDATE
    assert decide(stored(), Incoming(6, OTHER, None)).verdict is Verdict.UPDATE
    assert decide(stored(modified_at=None), Incoming(6, OTHER, NOON)).verdict is Verdict.UPDATE


def test_a_page_shares_one_number_and_its_later_copy_wins() -> None:
    assert decide(stored(), Incoming(5, OTHER, NOON)).verdict is Verdict.UPDATE


def test_an_earlier_read_is_stale_and_asks_for_a_fresh_one_only_where_it_differs() -> None:
    assert decide(stored(), Incoming(4, OTHER, LATER)) == Decision(Verdict.STALE, needs_read=True)
    assert decide(stored(), Incoming(4, OURS, LATER)) == Decision(Verdict.STALE)
    assert decide(stored(gone=True), Incoming(4, None)) == Decision(Verdict.STALE)
    assert decide(stored(), Incoming(4, None)) == Decision(Verdict.STALE, needs_read=True)


def test_a_date_that_went_backwards_is_confirmed_once() -> None:
    earlier = NOON - timedelta(seconds=1)
    assert decide(stored(), Incoming(6, OTHER, earlier)) == Decision(Verdict.STALE, needs_read=True)
    assert decide(stored(), Incoming(7, OTHER, earlier, is_confirmed=True)) == Decision(Verdict.UPDATE)


def test_a_thing_that_is_gone_is_tombstoned_and_one_that_came_back_restored() -> None:
    assert decide(stored(), Incoming(6, None)).verdict is Verdict.DELETE
    assert decide(stored(gone=True), Incoming(6, None)).verdict is Verdict.UNCHANGED
    assert decide(stored(gone=True), Incoming(6, OURS, NOON)).verdict is Verdict.RESTORE


def test_late_delivery_does_not_overwrite_newer_order() -> None:
    assert decide(stored(), Incoming(None, OTHER, NOON - timedelta(seconds=1))) == Decision(
        Verdict.STALE, needs_read=True
    )


def test_a_delivery_of_the_same_second_asks_for_a_read() -> None:
    assert decide(stored(), Incoming(None, OTHER, NOON)) == Decision(Verdict.STALE, needs_read=True)
    assert decide(stored(), Incoming(None, OTHER, None)) == Decision(Verdict.STALE, needs_read=True)


def test_a_delivery_with_a_greater_date_is_applied() -> None:
    assert decide(stored(), Incoming(None, OTHER, LATER)) == Decision(Verdict.UPDATE)


def test_the_echo_of_our_own_push_is_unchanged() -> None:
    assert decide(stored(), Incoming(None, OURS, LATER)) == Decision(Verdict.UNCHANGED)


def test_a_delivery_about_a_tombstone_asks_for_a_read() -> None:
    assert decide(stored(gone=True), Incoming(None, OURS, LATER)) == Decision(Verdict.STALE, needs_read=True)


_DATES = st.one_of(st.none(), st.integers(-3, 3).map(lambda seconds: NOON + timedelta(seconds=seconds)))
_STORED = st.builds(Stored, st.integers(1, 9), st.sampled_from([OURS, OTHER]), _DATES, st.booleans())
_INCOMING = st.builds(
    Incoming,
    st.one_of(st.none(), st.integers(1, 9)),
    st.one_of(st.none(), st.sampled_from([OURS, OTHER])),
    _DATES,
    st.booleans(),
)


@given(_STORED, _INCOMING)
def test_nothing_that_differs_is_ever_passed_over_in_silence(ours: Stored, theirs: Incoming) -> None:
    verdict, needs_read = decide(ours, theirs)
    is_same = (
        ours.is_gone if theirs.content_hash is None else not ours.is_gone and theirs.content_hash == ours.content_hash
    )
    if not is_same and verdict in {Verdict.STALE, Verdict.UNCHANGED}:
        # An earlier read of a tombstoned thing that agrees with its last content has nothing new to say.
        known = ours.is_gone and theirs.content_hash == ours.content_hash and theirs.read_seq is not None
        assert needs_read or known


@given(_STORED, _INCOMING)
def test_a_read_older_than_ours_never_writes(ours: Stored, theirs: Incoming) -> None:
    if theirs.read_seq is not None and theirs.read_seq < ours.read_seq:
        assert decide(ours, theirs).verdict is Verdict.STALE
