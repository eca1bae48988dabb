"""Who reads this answer: her language, calendar and zone, found once. A page asks for them a thousand times."""

from __future__ import annotations

from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from gettext import NullTranslations
from typing import Literal
from zoneinfo import ZoneInfo

from flask import Flask, current_app, request

from companion.domain.calendar import start_of_day
from companion.web import device
from companion.web.session import viewer_or_none
from companion.web.site import site

Language = Literal["fa", "en"]
LANGUAGES: tuple[Language, ...] = ("fa", "en")

CATALOGUES = "companion.catalogues"
"""Where the application keeps the sentences of each language."""


@dataclass(frozen=True, slots=True)
class Reader:
    """How values are written for her. `midnight` is when her day began; `toman`: rials are shown in toman."""

    language: Language
    calendar: str
    catalogue: NullTranslations
    zone: ZoneInfo
    midnight: datetime
    toman: bool


_found: ContextVar[Reader | None] = ContextVar("reader", default=None)
"""Not on Flask's `g`: reaching through its proxy would take longer than most of what is asked of the reader."""


def install(app: Flask) -> None:
    """Forget the reader when her answer is made."""

    @app.teardown_appcontext
    def forget(_error: BaseException | None) -> None:
        _found.set(None)


def reader() -> Reader:
    """The reader of this answer: the viewer's own choices, else the gate's language and the installation's calendar."""
    found = _found.get()
    if found is None:
        found = _reader()
        _found.set(found)
    return found


def _reader() -> Reader:
    parts, who = site(), viewer_or_none()
    chosen = who.language if who else request.cookies.get(device.LANGUAGE, "")
    language = next((each for each in LANGUAGES if each == chosen), parts.installation.language)
    zone = parts.zone
    return Reader(
        language=language,
        calendar=who.calendar if who else parts.installation.calendar,
        catalogue=current_app.extensions[CATALOGUES][language],
        zone=zone,
        midnight=start_of_day(parts.clock(), zone),
        toman=parts.installation.toman,
    )
