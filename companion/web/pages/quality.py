"""Data quality: what is wrong with what the shops know, whom it concerns, and the same as a file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from companion.domain.permissions import Permission
from companion.services.people.quality import KINDS, TableRow
from companion.web import spreadsheet
from companion.web.i18n import gettext
from companion.web.session import needs, viewer
from companion.web.site import site

blueprint = Blueprint("quality", __name__)

_LAST = 1 << 62


@blueprint.get("/quality")
@needs(Permission.SEE_QUALITY)
def show() -> str:
    """Every kind of fault with its count."""
    return render_template("quality/page.html", kinds=KINDS, overview=site().quality.overview(viewer()))


@blueprint.get("/quality/<kind>")
@needs(Permission.SEE_QUALITY)
def listed(kind: str) -> str:
    """Whom one of them concerns."""
    text = request.args.get("after", "")
    after = min(int(text), _LAST) if text.isascii() and text.isdigit() and len(text) < len(str(_LAST)) else 0
    return render_template("quality/list.html", found=site().quality.listed(viewer(), kind, after=after), after=after)


@blueprint.get("/quality/<kind>.csv")
@needs(Permission.EXPORT)
def file(kind: str) -> ResponseReturnValue:
    """The same for a spreadsheet."""
    rows = site().quality.table(viewer(), kind)
    header = [
        gettext("Number"),
        gettext("Name"),
        gettext("What is wrong"),
        gettext("Shop"),
        gettext("Account"),
        gettext("First name"),
        gettext("Last name"),
        gettext("Company"),
        gettext("E-mail"),
        gettext("Phone"),
        gettext("Postcode"),
    ]
    return spreadsheet.answer(f"quality-{kind}", header, _cells(rows))


def _cells(rows: Iterable[TableRow]) -> Iterator[list[str | int]]:
    for row in rows:
        yield [
            row.customer_id,
            row.name,
            row.wrong,
            site().shop_name(row.shop) if row.shop else "",
            row.account,
            row.first_name,
            row.last_name,
            row.company,
            row.email,
            row.phone,
            row.postcode,
        ]
