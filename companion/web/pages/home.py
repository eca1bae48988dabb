"""Home and the search box: whoever picks up the phone begins here."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from companion.domain.permissions import Permission
from companion.domain.segments import Segment
from companion.domain.typed_dates import read_date
from companion.services.search.search import KINDS, Filters, Results
from companion.web.htmx import is_htmx
from companion.web.session import needs, viewer
from companion.web.site import site

blueprint = Blueprint("home", __name__)

_RECENT = 12
_LIVE = 8  # hits while typing: what fits below the box
_PAGE = 50
_QUERY_LIMIT = 200
_DATE_LIMIT = 20
_ID_LIMIT = 19
_NOTHING = Results(hits=(), total_is_more=False)


@blueprint.get("/")
@needs(Permission.SEE_CUSTOMERS)
def home() -> str:
    """The search box, and whom something happened with last."""
    return render_template("home.html", recent=site().customers.recent(viewer(), _RECENT))


@blueprint.get("/search")
@needs(Permission.SEE_CUSTOMERS)
def search() -> ResponseReturnValue:
    """Customers found; as a list below the box while typing, else as a page with what it can be narrowed to."""
    query = request.args.get("q", "").strip()[:_QUERY_LIMIT]
    live = is_htmx()
    only = Filters() if live else _filters()
    found = site().search.find(viewer(), query, limit=_LIVE if live else _PAGE, only=only) if query else _NOTHING
    if live:
        return render_template("search/live.html", query=query, results=found)
    shops = viewer().shops
    return render_template(
        "search/page.html",
        query=query,
        results=found,
        only=only,
        narrowed=only != Filters(),
        kinds=KINDS,
        shops=[key for key in site().shop_names if shops is None or key in shops],
        authors=site().search.authors(viewer()),
        typed={name: request.args.get(name, "")[:_DATE_LIMIT] for name in ("since", "until")},
    )


def _filters() -> Filters:
    """What is asked for besides the words; what is no filter is none."""
    args = request.args
    kind = next((kind for kind in KINDS if kind == args.get("kind")), None)
    agent = args.get("agent", "")
    until = _start(args.get("until", ""))
    return Filters(
        kind=kind,
        shop=args.get("shop", "") if args.get("shop", "") in site().shop_names else "",
        segment=next((each.value for each in Segment if each.value == args.get("segment")), ""),
        agent_id=int(agent) if agent.isascii() and agent.isdigit() and len(agent) < _ID_LIMIT else None,
        since=_start(args.get("since", "")),
        until=until + timedelta(days=1) if until else None,  # up to the end of that day
    )


def _start(typed: str) -> datetime | None:
    day = read_date(typed[:_DATE_LIMIT])
    return datetime.combine(day, time(), tzinfo=site().zone).astimezone(UTC) if day else None
