"""How a page of the look-alike is made: the templates, and money and moments as a Persian wp-admin writes them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from persiantools.jdatetime import JalaliDateTime

from companion.sandbox.bridge import SUMMARY_KEY
from companion.sandbox.helpdesk_text import filtered, rendered
from companion.sandbox.names import persian
from companion.sandbox.shop import Shop
from companion.sandbox.wire import Request, Response


def form_of(request: Request) -> dict[str, str]:
    """What a form sends."""
    return dict(parse_qsl(request.body.decode(errors="replace"), keep_blank_values=True))


def is_from_here(request: Request) -> bool:
    """Whether a form was sent from one of these pages."""
    origin = request.headers.get("origin") or request.headers.get("referer") or ""
    return urlsplit(origin).netloc in {"", request.host}


def page_number(query: dict[str, str], pages: int) -> int:
    """Which page of a list is asked for, of those that there are."""
    return min(max(int(query["paged"]), 1), pages) if query.get("paged", "").isdecimal() else 1


def page(template: str, shop: Shop, /, code: int = 200, **values: Any) -> Response:
    """A page for a person."""
    says: dict[str, Callable[..., str] | dict[str, str] | str] = {
        "summary_key": SUMMARY_KEY,
        "money": lambda amount: _money(shop, amount),
        "moment": lambda epoch: _moment(shop, epoch),
        "html": lambda raw: Markup(rendered(filtered(raw))),  # noqa: S704 - filtered, and of invented people
        "digits": lambda value: persian(str(value)),
    }
    html = _templates().get_template(template).render({"shop": shop, "said": "", **says, **values})
    return Response.of_html(html, code)


def _money(shop: Shop, amount: Decimal) -> str:
    return persian(f"{amount:,.{shop.decimals}f}".replace(",", "٬")) + (
        " تومان" if shop.currency == "IRT" else f" {shop.currency}"
    )


def _moment(shop: Shop, epoch: int | None) -> str:
    if epoch is None:
        return "—"
    gregorian = datetime.fromtimestamp(epoch, shop.zone)
    local = JalaliDateTime.to_jalali(gregorian)  # type: ignore[no-untyped-call] # the library ships no types
    return persian(f"{local.year}/{local.month:02d}/{local.day:02d}، {local.hour:02d}:{local.minute:02d}")


@cache
def _templates() -> Environment:
    loader = FileSystemLoader(Path(__file__).parent / "templates")
    return Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
