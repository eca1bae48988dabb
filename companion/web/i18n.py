"""The language of each answer: catalogues made at set-up, read with the standard library's gettext.

English is the source language, Persian stands in translations/fa. Babel extracts and compiles them (tools/assets.py)
and is not needed at run time. What a message says is up to who calls.
"""

from __future__ import annotations

import gettext as catalogues
from pathlib import Path
from typing import Literal

from flask import Flask, current_app, g, request
from markupsafe import Markup

from companion.web import device
from companion.web.session import viewer_or_none
from companion.web.site import site

Language = Literal["fa", "en"]
LANGUAGES: tuple[Language, ...] = ("fa", "en")
_FOLDER = Path(__file__).parent / "translations"


def install(app: Flask) -> None:
    """Give the templates `_`, `ngettext` and `pgettext` in the language of the request.

    Raises:
        FileNotFoundError: the Persian catalogue was not compiled.
    """
    found: dict[str, catalogues.NullTranslations] = {"en": catalogues.NullTranslations()}
    try:
        found["fa"] = catalogues.translation("messages", _FOLDER, ["fa"])
    except FileNotFoundError:
        raise FileNotFoundError(f"{_FOLDER} holds no compiled Persian catalogue: run tools/assets.py") from None
    app.extensions["companion.catalogues"] = found
    app.jinja_env.add_extension("jinja2.ext.i18n")
    app.jinja_env.install_gettext_callables(  # type: ignore[attr-defined]  # the extension adds it
        lambda text: catalogue().gettext(text),
        lambda one, many, count: catalogue().ngettext(one, many, count),
        newstyle=True,
        pgettext=lambda context, text: catalogue().pgettext(context, text),
    )
    # The extension's own `_` looks itself up twice in the template's context; a page says hundreds of sentences.
    app.jinja_env.globals["_"] = _sentence
    app.jinja_env.globals.update(language=language, direction=direction)


def language() -> Language:
    """The language of this answer: the viewer's, else the one chosen at the gate, else the installation's."""
    if "language" not in g:
        who = viewer_or_none()
        chosen = who.language if who else request.cookies.get(device.LANGUAGE, "")
        g.language = chosen if chosen in LANGUAGES else site().installation.language
    found: Language = g.language
    return found


def direction() -> Literal["rtl", "ltr"]:
    """How the language is written."""
    return "rtl" if language() == "fa" else "ltr"


def catalogue() -> catalogues.NullTranslations:
    """The sentences of this answer's language."""
    if "catalogue" not in g:
        g.catalogue = current_app.extensions["companion.catalogues"][language()]
    found: catalogues.NullTranslations = g.catalogue
    return found


def _sentence(text: str, **params: str | int | Markup) -> Markup:
    """A sentence for a template, whose gaps are escaped."""
    return Markup(catalogue().gettext(text)) % params  # noqa: S704 -- our own sentences, which may hold a mark-up


def gettext(text: str, **params: str | int | Markup) -> str:
    """A sentence in the language of this answer, its gaps `%(name)s` filled."""
    translated = catalogue().gettext(text)
    return translated % params if params else translated


def N_(text: str) -> str:  # noqa: N802 -- the name that extractors know
    """Mark a sentence for extraction where it stands in a table; `gettext` translates it when it is shown."""
    return text
