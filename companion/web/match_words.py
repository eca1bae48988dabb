"""Words for who may be one person: what two share, how their names agree, what was decided."""

from __future__ import annotations

from flask import Flask

from companion.services.people.matches import MOST_COUNTED
from companion.web.i18n import N_, gettext
from companion.web.session import viewer
from companion.web.site import site

_SHARED = {
    "email": (N_("Same e-mail"), "mail"),
    "phone": (N_("Same phone"), "call"),
    "postcode": (N_("Same postcode"), "address"),
    "name": (N_("Same name"), "person"),
}
_NAMES = {
    "same": (N_("the names agree"), "green"),
    "slipped": (N_("the names are almost alike"), "amber"),
    "near": (N_("the names are almost alike"), "amber"),
    "compatible": (N_("one of the names is not whole"), "amber"),
    "different": (N_("the names are different"), "red"),
    "unknown": (N_("one of them has no name"), "amber"),
}
_PASSED_OVER = {
    "refused": N_("They seem to be one, but somebody said of two of their accounts that they are two people."),
    "crowded": N_("They seem to be one, but she would have more accounts than a person has."),
}
_DECISIONS = {
    "unite": N_("Said to be one person"),
    "refuse": N_("Said to be two people"),
    "split": N_("Accounts separated"),
}


def install(app: Flask) -> None:
    """Give the templates these words."""
    app.jinja_env.globals.update(
        open_matches=lambda: site().matches.count(viewer()),
        most_matches=MOST_COUNTED,
        shared_look=lambda kind: (gettext(_SHARED[kind][0]), _SHARED[kind][1]),
        names_look=lambda names: (gettext(_NAMES[names][0]), _NAMES[names][1]),
        passed_over_words=lambda reason: gettext(_PASSED_OVER[reason]),
        decision_name=lambda kind: gettext(_DECISIONS[kind]),
    )
