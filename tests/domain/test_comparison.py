"""The plan of a reconciliation."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from companion.domain.comparison import Known, Seen, compare, is_alarming

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
THERE = Seen(NOON, "completed")
HERE = Known(THERE, is_gone=False, missing_since=None)


def test_equal_lists_need_nothing() -> None:
    assert compare({"1": HERE}, {"1": THERE}) == ([], [], [], [])


def test_new_changed_and_returned_things_are_fetched() -> None:
    stored = {"2": HERE, "3": HERE._replace(is_gone=True)}
    plan = compare(stored, {"1": THERE, "2": THERE._replace(modified_at=None), "3": THERE})
    assert plan.fetch == ["1", "2", "3"]


def test_a_missing_thing_is_missed_then_suspected() -> None:
    assert compare({"1": HERE}, {}).missed == ["1"]
    assert compare({"1": HERE._replace(missing_since=NOON)}, {}).suspected == ["1"]
    assert compare({"1": HERE._replace(missing_since=NOON)}, {"1": THERE}).seen_again == ["1"]


def test_what_is_gone_already_is_not_missing() -> None:
    assert compare({"1": HERE._replace(is_gone=True)}, {}) == ([], [], [], [])


def test_an_empty_list_is_never_believed() -> None:
    assert is_alarming({"1": HERE}, {}, compare({"1": HERE}, {}))
    assert not is_alarming({}, {}, compare({}, {}))


def test_a_few_deletions_are_believed_and_many_are_not() -> None:
    stored = {str(number): HERE for number in range(1000)}
    for absent, alarming in ((20, False), (21, True)):
        listed = {str(number): THERE for number in range(absent, 1000)}
        assert is_alarming(stored, listed, compare(stored, listed)) is alarming


_SEEN = st.builds(Seen, st.sampled_from([None, NOON]), st.sampled_from(["completed", "trash"]))
_KNOWN = st.builds(Known, _SEEN, st.booleans(), st.sampled_from([None, NOON]))
_IDS = st.integers(1, 8).map(str)


@given(st.dictionaries(_IDS, _KNOWN), st.dictionaries(_IDS, _SEEN))
def test_every_difference_is_somebodys_business(stored: dict[str, Known], listed: dict[str, Seen]) -> None:
    plan = compare(stored, listed)
    handled = {*plan.fetch, *plan.missed, *plan.suspected}
    for thing in {*stored, *listed}:
        known = stored.get(thing)
        is_there = known is not None and not known.is_gone
        is_same = is_there == (thing in listed) and (not is_there or known.seen == listed[thing])  # type: ignore[union-attr]
        assert (thing in handled) is not is_same
