"""The language of each answer: catalogues made at set-up, read with the standard library's gettext.

English is the source language, Persian stands in translations/fa. Babel extracts and compiles them (tools/assets.py)
and is not needed at run time. What a message says is up to who calls.
"""

from __future__ import annotations

import gettext as catalogues
from functools import lru_cache
from pathlib import Path
from typing import Literal

from flask import Flask
from markupsafe import Markup

from companion.web.reader import CATALOGUES, LANGUAGES, Language, reader

__all__ = ["LANGUAGES", "N_", "Language", "catalogue", "direction", "gettext", "install", "language"]

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
    app.extensions[CATALOGUES] = found
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
    return reader().language


def direction() -> Literal["rtl", "ltr"]:
    """How the language is written."""
    return "rtl" if language() == "fa" else "ltr"


def catalogue() -> catalogues.NullTranslations:
    """The sentences of this answer's language."""
    return reader().catalogue


def _sentence(text: str, **params: str | int | Markup) -> Markup:
    """A sentence for a template, whose gaps are escaped."""
    if not params:
        return _whole_sentence(reader().catalogue, text)
    return Markup(reader().catalogue.gettext(text)) % params  # noqa: S704 -- our own sentences, which may hold a mark-up


@lru_cache(maxsize=4096)  # as many as the templates hold, in each language
def _whole_sentence(its: catalogues.NullTranslations, text: str) -> Markup:
    return Markup(its.gettext(text)) % {}  # noqa: S704 -- as above


def gettext(text: str, **params: str | int | Markup) -> str:
    """A sentence in the language of this answer, its gaps `%(name)s` filled."""
    translated = catalogue().gettext(text)
    return translated % params if params else translated


def N_(text: str) -> str:  # noqa: N802 -- the name that extractors know
    """Mark a sentence for extraction where it stands in a table; `gettext` translates it when it is shown."""
    return text
