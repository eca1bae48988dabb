"""Words for the kinds of customers: their names, how to meet them, and why somebody is of a kind."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date

from flask import Flask
from markupsafe import Markup

from companion.domain.groups import NO_SEGMENT, Conditions
from companion.domain.money import currency_name
from companion.domain.segments import Segment, Term
from companion.web.formats import day_in_figures, digits, isolated, money, number
from companion.web.i18n import N_, catalogue, gettext, language
from companion.web.pieces import chip
from companion.web.site import site

_KINDS = {
    Segment.GOLD: (N_("Gold"), "amber", "star"),
    Segment.SILVER: (N_("Silver"), "blue", "medal"),
    Segment.NEWCOMER: (N_("Newcomer"), "green", "sprout"),
    Segment.CHALLENGING: (N_("Challenging"), "red", "complaint"),
}
_ADVICE = {
    Segment.GOLD: N_("Special service and high priority"),
    Segment.SILVER: N_("Standard service, well done"),
    Segment.NEWCOMER: N_("Patient and explaining"),
    Segment.CHALLENGING: N_("Professional and documented"),
}
_RULES = {
    "months": N_("Months looked back on"),
    "complaints": N_("Complaints, from"),
    "refunds": N_("Refunded orders, from"),
    "refund_percent": N_("… and percent of the orders, from"),
    "contacts": N_("Contacts and tickets, from"),
    "contact_days": N_("… within days"),
    "gold_percent": N_("Top percent by orders or money"),
    "gold_orders": N_("Orders, from"),
    "gold_days": N_("Last order within days"),
    "newcomer_days": N_("First order within days"),
    "newcomer_orders": N_("Orders, at most"),
    "silver_percent": N_("Top percent by orders or money"),
    "silver_orders": N_("Orders, from"),
    "silver_days": N_("Last order within days"),
}
RULES_OF = (
    ("", ("months",)),
    (Segment.CHALLENGING.value, ("complaints", "refunds", "refund_percent", "contacts", "contact_days")),
    (Segment.GOLD.value, ("gold_percent", "gold_orders", "gold_days")),
    (Segment.NEWCOMER.value, ("newcomer_days", "newcomer_orders")),
    (Segment.SILVER.value, ("silver_percent", "silver_orders", "silver_days")),
)
"""The rules as they stand together, in the order in which they are asked; "" for those of all kinds."""


def install(app: Flask) -> None:
    """Give the templates these words."""
    app.jinja_env.filters["currency_name"] = name_of_currency
    app.jinja_env.globals.update(
        segment_names=tuple(each.value for each in Segment),
        segment_name=name_of,
        segment_advice=advice_of,
        segment_look=look_of,
        segment_chip=segment_chip,
        term_text=term_text,
        rule_name=lambda name: gettext(_RULES[name]),
        rules_of_segments=RULES_OF,
        condition_texts=condition_texts,
    )


def name_of(segment: str) -> str:
    """What a kind is called; "" and "none" for those of no particular one."""
    return gettext(_KINDS[Segment(segment)][0]) if segment not in {"", NO_SEGMENT} else gettext("No particular type")


def advice_of(segment: str) -> str:
    """How to meet somebody of this kind."""
    return gettext(_ADVICE[Segment(segment)])


def look_of(segment: str) -> tuple[str, str]:
    """The tone and the icon of a kind."""
    return _KINDS[Segment(segment)][1:]


def segment_chip(segment: str | None) -> Markup:
    """The kind as a chip, to stand beside a name; nothing for who is of no particular one."""
    return chip(name_of(segment), *look_of(segment)) if segment else Markup()


def term_text(term: Term) -> str:
    """A reason as part of a sentence: ۱۴ شکایت در ۱۲ ماه."""
    months = ngettext("%(count)s month", "%(count)s months", term.span)
    days = ngettext("%(count)s day", "%(count)s days", term.span)
    percent = digits(term.percent)
    orders = ngettext("%(count)s order", "%(count)s orders", term.among or term.count)
    match term.name:
        case "complaints":
            text = ngettext("%(count)s complaint in %(span)s", "%(count)s complaints in %(span)s", term.count, months)
        case "refunds":
            count = number(term.count)
            text = gettext("%(count)s of %(orders)s refunded in %(span)s", count=count, orders=orders, span=months)
        case "contacts":
            text = ngettext("%(count)s contact in %(span)s", "%(count)s contacts in %(span)s", term.count, days)
        case "top_orders":
            text = gettext("orders in the top %(percent)s percent", percent=percent)
        case "top_money":
            currency = name_of_currency(term.currency)
            text = gettext(
                "purchases in %(currency)s in the top %(percent)s percent", percent=percent, currency=currency
            )
        case "ordered":
            text = gettext("last order within %(span)s", span=days)
        case "arrived":
            text = gettext("first order within %(span)s", span=days)
        case _:
            text = orders
    return text


def condition_texts(conditions: Conditions) -> list[str]:
    """What a group asks for, each condition in a few words."""
    return [_CONDITIONS[name](conditions) for name in conditions.said]


_CONDITIONS: Mapping[str, Callable[[Conditions], str]] = {
    "segments": lambda asked: gettext(" or ").join(map(name_of, asked.segments)),
    "shop": lambda asked: isolated(site().shop_name(asked.shop)),
    "city": lambda asked: isolated(asked.city),
    "total": lambda asked: gettext("bought for %(sum)s at least", sum=money(asked.total, asked.currency)),
    "orders": lambda asked: ngettext("%(count)s order at least", "%(count)s orders at least", asked.orders),
    "ordered_since": lambda asked: gettext("last order since %(day)s", day=_day(asked.ordered_since)),
    "ordered_before": lambda asked: gettext("last order before %(day)s", day=_day(asked.ordered_before)),
    "complaints": lambda asked: ngettext(
        "%(count)s complaint at least", "%(count)s complaints at least", asked.complaints
    ),
    "open_ticket": lambda _: gettext("an open ticket"),
    "quiet_since": lambda asked: gettext("no contact since %(day)s", day=_day(asked.quiet_since)),
}


def _day(on: date | None) -> str:
    return day_in_figures(on) if on else ""


def name_of_currency(currency: str) -> str:
    """What people call a currency; rials are toman where the installation shows them so."""
    shown = "IRT" if currency == "IRR" and site().installation.toman else currency
    return currency_name(shown, language())


def ngettext(one: str, many: str, count: int, span: str = "") -> str:
    """A sentence of one or many, its gaps filled."""
    return catalogue().ngettext(one, many, count) % {"count": number(count), "span": span}
