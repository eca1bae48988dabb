"""Words for what is wrong with people's facts, for what was erased, and for the parts of an export."""

from __future__ import annotations

from flask import Flask

from companion.domain.richtext import html_to_plain
from companion.web.i18n import N_, gettext

_QUALITY = {
    "phone": (
        N_("Impossible phones"),
        N_("Nobody can be called there: digits are missing, too many or made up."),
        "call",
    ),
    "email": (N_("Impossible e-mails"), N_("No mail arrives there: not an address, or a slip of the finger."), "mail"),
    "postcode": (
        N_("Impossible postcodes"),
        N_("In Iran ten digits, none of the first five a 0 or a 2."),
        "address",
    ),
    "name": (N_("Missing names"), N_("Neither a name nor a company."), "person"),
    "shared_email": (N_("One e-mail, many people"), N_("Three or more customers gave the same address."), "mail"),
    "shared_phone": (N_("One phone, many people"), N_("Three or more customers gave the same number."), "call"),
    "likely": (N_("Likely duplicates"), N_("Pairs that may be one person, for you to decide."), "people"),
}
_COUNTS = {
    "accounts": N_("Accounts"),
    "orders": N_("Orders"),
    "tickets": N_("Tickets"),
    "notes": N_("Notes"),
}
_ACTIONS = {
    "customer.exported": N_("export of everything known"),
    "customer.erased": N_("erasure"),
    "note.written": N_("note written"),
    "note.edited": N_("note edited"),
    "note.deleted": N_("note deleted"),
    "note.restored": N_("note restored"),
    "note.pinned": N_("note pinned"),
    "note.unpinned": N_("pin taken out"),
}


def install(app: Flask) -> None:
    """Give the templates these words."""
    app.jinja_env.globals.update(
        quality_of=of_quality,
        count_name=lambda kind: gettext(_COUNTS[kind]) if kind in _COUNTS else kind,
        action_name=lambda action: gettext(_ACTIONS[action]) if action in _ACTIONS else action,
        view_names=app.view_functions,  # what other pages are there to lead to
    )
    app.jinja_env.filters["plain_html"] = html_to_plain


def of_quality(kind: str) -> tuple[str, str, str]:
    """What a kind of fault is called, what it means, and its icon."""
    name, meaning, icon = _QUALITY[kind]
    return gettext(name), gettext(meaning), icon
