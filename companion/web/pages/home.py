"""Home and the search box: whoever picks up the phone begins here."""

from __future__ import annotations

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from companion.domain.permissions import Permission
from companion.services.search import Results
from companion.web.htmx import is_htmx
from companion.web.session import needs, viewer
from companion.web.site import site

blueprint = Blueprint("home", __name__)

_RECENT = 12
_LIVE = 8  # hits while typing: what fits below the box
_PAGE = 50
_QUERY_LIMIT = 200
_NOTHING = Results(hits=(), total_is_more=False)


@blueprint.get("/")
@needs(Permission.SEE_CUSTOMERS)
def home() -> str:
    """The search box, and whom something happened with last."""
    return render_template("home.html", recent=site().customers.recent(viewer(), _RECENT))


@blueprint.get("/search")
@needs(Permission.SEE_CUSTOMERS)
def search() -> ResponseReturnValue:
    """Customers found; as a list below the box while typing, else as a page."""
    query = request.args.get("q", "").strip()[:_QUERY_LIMIT]
    live = is_htmx()
    found = site().search.find(viewer(), query, limit=_LIVE if live else _PAGE) if query else _NOTHING
    return render_template("search/live.html" if live else "search/page.html", query=query, results=found)
