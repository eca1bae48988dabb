"""What kind of customer figures make, and which rule goes before which."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from companion.domain.segments import (
    LIMITS,
    Bounds,
    Figures,
    Measure,
    RuleProblem,
    Rules,
    Segment,
    Term,
    Verdict,
    changed,
    require_possible,
    rules_of,
    sort,
    term_of,
)

NOW = datetime(2025, 11, 21, tzinfo=UTC)
RULES = Rules()
BOUNDS: Bounds = {
    (Measure("orders"), 10): 12,
    (Measure("orders"), 40): 4,
    (Measure("money", "IRT"), 10): 900,
    (Measure("money", "IRT"), 40): 200,
}
BEST = {"orders": 20, "orders_lately": 14, "money": {"IRT": 1_000}}


def ago(days: float) -> datetime:
    return NOW - timedelta(days=days)


def sorted_to(**figures: Any) -> Verdict:
    dates = {"first_order_at": ago(800), "last_order_at": ago(9)} if figures.get("orders") else {}
    return sort(Figures(**(dates | figures)), RULES, BOUNDS, now=NOW)


def test_whoever_never_bought_is_of_no_kind() -> None:
    assert sorted_to() == Verdict(None)


def test_gold_is_among_the_best_by_orders_or_by_money_and_says_by_which() -> None:
    best = sorted_to(**BEST)
    assert best.segment is Segment.GOLD
    assert best.terms == (
        Term("top_orders", count=14, percent=10, span=12),
        Term("top_money", percent=10, span=12, currency="IRT"),
        Term("ordered", span=180),
    )
    by_money = sorted_to(orders=3, orders_lately=3, money={"IRT": 900})
    assert by_money.segment is Segment.GOLD
    assert [term.name for term in by_money.terms] == ["top_money", "ordered"]


@pytest.mark.parametrize(
    "lacking",
    [
        {"money": {"IRT": 899}, "orders_lately": 11},
        {"orders_lately": 2},
        {"last_order_at": ago(181)},
        {"money": {"USD": 5_000}, "orders_lately": 11},
    ],
    ids=["less than the best", "too few orders", "too long ago", "a currency without a bound"],
)
def test_gold_lacks_nothing(lacking: dict[str, Any]) -> None:
    assert sorted_to(**(BEST | lacking)).segment is not Segment.GOLD


def test_a_refund_of_everything_leaves_no_money_to_be_gold_by() -> None:
    assert sorted_to(orders=3, orders_lately=3, money={"IRT": -5}).segment is None


def test_complaints_go_before_gold() -> None:
    strict = sorted_to(**BEST, complaints=14)
    assert strict == Verdict(Segment.CHALLENGING, (Term("complaints", count=14, span=12),))
    assert sorted_to(**BEST, complaints=3).segment is Segment.GOLD


def test_refunds_count_where_they_are_much_of_what_was_bought() -> None:
    assert sorted_to(orders=6, orders_lately=6, refunded_orders=3).terms == (
        Term("refunds", count=3, among=6, span=12),
    )
    assert sorted_to(orders=40, orders_lately=40, refunded_orders=3).segment is not Segment.CHALLENGING
    assert sorted_to(refunded_orders=3).segment is Segment.CHALLENGING  # of older orders, all of them


def test_contacts_and_tickets_count_together() -> None:
    assert sorted_to(contacts=6, tickets=4).terms == (Term("contacts", count=10, span=60),)
    assert sorted_to(contacts=6).segment is None


def test_newcomer_came_lately_and_bought_little() -> None:
    assert sorted_to(orders=1, orders_lately=1, first_order_at=ago(9)) == Verdict(
        Segment.NEWCOMER, (Term("arrived", span=60), Term("orders", count=1))
    )
    assert sorted_to(orders=3, orders_lately=3, first_order_at=ago(9)).segment is None
    assert sorted_to(orders=1, orders_lately=1, first_order_at=ago(61)).segment is None


def test_silver_is_as_gold_with_less_asked() -> None:
    assert sorted_to(orders=5, orders_lately=5).segment is Segment.SILVER
    assert sorted_to(orders=2, orders_lately=2, money={"IRT": 250}).segment is Segment.SILVER
    assert sorted_to(orders=1, orders_lately=1, money={"IRT": 800}).segment is None


def test_rules_and_terms_come_back_as_they_were_stored() -> None:
    assert rules_of(None) == RULES
    assert rules_of({"complaints": 7, "of_a_newer_version": 1}) == Rules(complaints=7)
    term = Term("top_money", percent=10, span=12, currency="IRT")
    assert term_of(term.stored()) == term
    assert "count" not in term.stored()


def test_defaults_are_possible_and_every_rule_has_limits() -> None:
    require_possible(RULES)
    assert set(LIMITS) == set(vars(RULES))


@pytest.mark.parametrize(
    ("typed", "field"),
    [({"months": 0}, "months"), ({"refund_percent": 101}, "refund_percent"), ({"gold_percent": 40}, "silver_percent")],
)
def test_impossible_rules_are_refused_by_name(typed: dict[str, int], field: str) -> None:
    with pytest.raises(RuleProblem) as refused:
        changed(RULES, typed)
    assert refused.value.field == field
    assert refused.value.least <= refused.value.most
