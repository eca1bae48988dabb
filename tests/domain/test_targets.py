"""Which orders and tickets carry the summary."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from companion.domain.targets import NEVER_WRITTEN, OPEN_STATUSES, Fact, carriers, order_fact, ticket_fact

DAY_ONE = datetime(2026, 1, 1, tzinfo=UTC)


def order(number: int, status: str = "completed") -> Fact:
    return order_fact(str(number), status, DAY_ONE + timedelta(days=number))


def test_the_five_newest_carry_it() -> None:
    assert carriers([order(n) for n in range(10)], pointed_at=None, newest=5) == {"5", "6", "7", "8", "9"}


def test_open_orders_carry_it_however_old() -> None:
    orders = [order(0, "on-hold"), order(1, "processing"), order(2, "pending"), *(order(n) for n in range(3, 10))]
    assert {"0", "1", "2"} <= carriers(orders, pointed_at=None, newest=5)


def test_the_order_that_the_note_points_at_carries_it_however_old() -> None:
    assert "0" in carriers([order(n) for n in range(10)], pointed_at="0", newest=5)


def test_trash_and_drafts_never_do() -> None:
    orders = [order(n, status) for n, status in enumerate(sorted(NEVER_WRITTEN))]
    assert carriers(orders, pointed_at="0", newest=5) == set()


def test_a_customer_with_five_thousand_orders_costs_six_writes() -> None:
    assert len(carriers([order(n) for n in range(5000)], pointed_at="17", newest=5)) == 6


def test_an_order_without_a_date_is_the_oldest() -> None:
    orders = [order_fact("undated", "completed", None), order(1), order(2)]
    assert carriers(orders, pointed_at=None, newest=2) == {"1", "2"}


def test_open_tickets_carry_it_and_trashed_ones_never_do() -> None:
    tickets = [
        ticket_fact("1", "hold", "open", DAY_ONE),
        ticket_fact("2", "trash", "open", DAY_ONE),
        ticket_fact("3", "queued", "closed", DAY_ONE),
        ticket_fact("4", "queued", "closed", DAY_ONE + timedelta(days=1)),
    ]
    assert carriers(tickets, pointed_at="2", newest=1) == {"1", "4"}


_ORDERS = st.lists(
    st.builds(
        order_fact,
        st.integers(1, 50).map(str),
        st.sampled_from([*sorted(OPEN_STATUSES), *sorted(NEVER_WRITTEN), "completed", "cancelled", "custom"]),
        st.one_of(st.none(), st.integers(0, 9).map(lambda days: DAY_ONE + timedelta(days=days))),
    ),
    unique_by=lambda fact: fact.id,
)


@given(_ORDERS, st.integers(0, 6), st.randoms())
def test_the_choice_does_not_depend_on_the_order_they_come_in(orders: list[Fact], newest: int, dice: object) -> None:
    shuffled = list(orders)
    dice.shuffle(shuffled)  # type: ignore[attr-defined]  # a random.Random, which hypothesis types loosely
    assert carriers(orders, pointed_at="7", newest=newest) == carriers(shuffled, pointed_at="7", newest=newest)
