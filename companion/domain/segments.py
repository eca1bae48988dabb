"""What kind of customer somebody is, by how she behaved: gold, silver, newcomer, challenging, or none of these.

Pure: figures and rules in, a verdict with its reasons out. What was said by hand goes before any verdict; of the rules,
challenging goes before gold (whoever complains that often is met with care, however much she buys), gold before
newcomer, newcomer before silver. docs/adr/0011 tells why the rules are these.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Any, NamedTuple


class Segment(StrEnum):
    """The kinds of customer that call for a manner of their own, in the order in which they are listed."""

    GOLD = "gold"
    SILVER = "silver"
    NEWCOMER = "newcomer"
    CHALLENGING = "challenging"


_DAYS_OF_A_YEAR, _MONTHS_OF_A_YEAR = 365, 12


@dataclass(frozen=True)
class Rules:
    """Where the kinds begin. All but the contacts look back `months`; percentages are of those who bought then.

    Challenging: so many `complaints`; or `refunds` on so many orders, if they are `refund_percent` of hers at least; or
    so many `contacts` within `contact_days`. Gold: among the `gold_percent` with most orders, or with most money in a
    currency, of `gold_orders` at least, the last within `gold_days`. Newcomer: the first order within `newcomer_days`,
    `newcomer_orders` at most. Silver: as gold.
    """

    months: int = 12
    complaints: int = 4
    refunds: int = 3
    refund_percent: int = 30
    contacts: int = 10
    contact_days: int = 60
    gold_percent: int = 10
    gold_orders: int = 3
    gold_days: int = 180
    newcomer_days: int = 60
    newcomer_orders: int = 2
    silver_percent: int = 40
    silver_orders: int = 2
    silver_days: int = 365

    def since(self, now: datetime) -> datetime:
        """From when on orders, refunds and complaints count."""
        return now - timedelta(days=self.months * _DAYS_OF_A_YEAR / _MONTHS_OF_A_YEAR)

    def contacts_since(self, now: datetime) -> datetime:
        """From when on contacts count."""
        return now - timedelta(days=self.contact_days)


LIMITS: Mapping[str, tuple[int, int]] = MappingProxyType(
    {
        "months": (1, 60),
        "complaints": (1, 1_000),
        "refunds": (1, 1_000),
        "refund_percent": (0, 100),
        "contacts": (2, 1_000),
        "contact_days": (1, 365),
        "gold_percent": (1, 50),
        "gold_orders": (1, 1_000),
        "gold_days": (1, 3_650),
        "newcomer_days": (1, 365),
        "newcomer_orders": (1, 1_000),
        "silver_percent": (2, 100),
        "silver_orders": (1, 1_000),
        "silver_days": (1, 3_650),
    }
)
"""The least and the most that each rule may say."""


class RuleProblem(ValueError):
    """A rule that cannot be: `field` names it; `least` and `most` are what it may say."""

    def __init__(self, field_name: str, least: int, most: int) -> None:
        super().__init__(f"{field_name} must be between {least} and {most}")
        self.field = field_name
        self.least = least
        self.most = most

    @classmethod
    def of(cls, field_name: str) -> RuleProblem:
        """The problem of a rule that says nothing a rule could say."""
        return cls(field_name, *LIMITS[field_name])


def rules_of(stored: Mapping[str, Any] | None) -> Rules:
    """The rules as they were stored; what a newer or older version named otherwise keeps its default."""
    known = {each.name for each in fields(Rules)}
    return Rules(**{name: int(value) for name, value in (stored or {}).items() if name in known})


def require_possible(rules: Rules) -> None:
    """Raises RuleProblem for rules out of their limits, or a silver that is scarcer than gold."""
    for name, (least, most) in LIMITS.items():
        if not least <= getattr(rules, name) <= most:
            raise RuleProblem(name, least, most)
    if rules.silver_percent <= rules.gold_percent:
        raise RuleProblem("silver_percent", rules.gold_percent + 1, LIMITS["silver_percent"][1])


@dataclass(frozen=True)
class Figures:
    """What the rules look at: `orders` are the paid ones ever, all else within the rules' time. `money` is by currency,
    in 1/10,000, what went back taken off.
    """

    orders: int = 0
    first_order_at: datetime | None = None
    last_order_at: datetime | None = None
    orders_lately: int = 0
    refunded_orders: int = 0
    money: Mapping[str, int] = field(default_factory=dict)
    complaints: int = 0
    contacts: int = 0
    tickets: int = 0


class Measure(NamedTuple):
    """Something in which customers are compared: "orders", or "money" in a currency."""

    name: str
    currency: str = ""


Bounds = Mapping[tuple[Measure, int], int]
"""From which value on somebody belongs to the so many percent at the top."""


@dataclass(frozen=True)
class Term:
    """One fact that speaks for a verdict, in numbers: a page makes it a sentence.

    complaints: `count` in `span` months · refunds: `count` of `among` orders in `span` months · contacts: `count` in
    `span` days · top_orders, top_money: among the top `percent` of `span` months, money in `currency` · ordered,
    arrived: the last, the first order within `span` days · orders: `count` in all.
    """

    name: str
    count: int = 0
    among: int = 0
    span: int = 0
    percent: int = 0
    currency: str = ""

    def stored(self) -> dict[str, str | int]:
        """What is kept of it: all that says something."""
        told = ((each.name, getattr(self, each.name)) for each in fields(self))
        return {name: value for name, value in told if value}


def term_of(stored: Mapping[str, Any]) -> Term:
    """A term as it was kept."""
    return Term(**stored)


@dataclass(frozen=True)
class Verdict:
    """The kind of customer, None for no particular one, and what speaks for it."""

    segment: Segment | None
    terms: tuple[Term, ...] = ()


def bounds_wanted(rules: Rules) -> tuple[int, ...]:
    """The percentages of which the bounds must be known."""
    return (rules.gold_percent, rules.silver_percent)


def sort(figures: Figures, rules: Rules, bounds: Bounds, *, now: datetime) -> Verdict:
    """What kind of customer these figures make."""
    if troubles := tuple(_troubles(figures, rules)):
        return Verdict(Segment.CHALLENGING, troubles)
    if gold := _buys(figures, bounds, rules, rules.gold_percent, rules.gold_orders, rules.gold_days, now):
        return Verdict(Segment.GOLD, gold)
    if _within(figures.first_order_at, rules.newcomer_days, now) and figures.orders <= rules.newcomer_orders:
        return Verdict(
            Segment.NEWCOMER, (Term("arrived", span=rules.newcomer_days), Term("orders", count=figures.orders))
        )
    if silver := _buys(figures, bounds, rules, rules.silver_percent, rules.silver_orders, rules.silver_days, now):
        return Verdict(Segment.SILVER, silver)
    return Verdict(None)


def _troubles(figures: Figures, rules: Rules) -> Iterator[Term]:
    if figures.complaints >= rules.complaints:
        yield Term("complaints", count=figures.complaints, span=rules.months)
    among = max(figures.orders_lately, figures.refunded_orders)
    if figures.refunded_orders >= rules.refunds and figures.refunded_orders * 100 >= among * rules.refund_percent:
        yield Term("refunds", count=figures.refunded_orders, among=among, span=rules.months)
    contacts = figures.contacts + figures.tickets
    if contacts >= rules.contacts:
        yield Term("contacts", count=contacts, span=rules.contact_days)


def _buys(
    figures: Figures, bounds: Bounds, rules: Rules, percent: int, orders: int, days: int, now: datetime
) -> tuple[Term, ...]:
    """What puts her among the best, nothing where she is not among them."""
    if figures.orders_lately < orders or not _within(figures.last_order_at, days, now):
        return ()
    found = []
    if _is_at_top(bounds, Measure("orders"), percent, figures.orders_lately):
        found.append(Term("top_orders", count=figures.orders_lately, percent=percent, span=rules.months))
    found += [
        Term("top_money", percent=percent, span=rules.months, currency=currency)
        for currency, amount in sorted(figures.money.items())
        if _is_at_top(bounds, Measure("money", currency), percent, amount)
    ]
    return (*found, Term("ordered", span=days)) if found else ()


def _is_at_top(bounds: Bounds, measure: Measure, percent: int, value: int) -> bool:
    bound = bounds.get((measure, percent))
    return bound is not None and value >= bound > 0


def _within(at: datetime | None, days: int, now: datetime) -> bool:
    return at is not None and at >= now - timedelta(days=days)


def changed(rules: Rules, typed: Mapping[str, int]) -> Rules:
    """The rules with what was typed for some of them. Raises RuleProblem."""
    made = replace(rules, **typed)
    require_possible(made)
    return made


def listed(segments: Iterable[str]) -> tuple[Segment, ...]:
    """Those of the names that are segments, each once, in the order of their list."""
    named = set(segments)
    return tuple(each for each in Segment if each.value in named)
