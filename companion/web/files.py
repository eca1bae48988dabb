"""Pages as files that need nothing else: for whoever is given them and has no way in here."""

from __future__ import annotations

from pathlib import Path

from flask import Flask, render_template
from markupsafe import Markup

from companion.services.people.dossier import Dossier

_SHEETS = ("tokens.css", "base.css", "parts.css", "pages.css")


def rendered(app: Flask, found: Dossier) -> str:
    """Everything known about a customer, in the installation's language, with its style sheets inside."""
    folder = Path(app.static_folder or "") / "css"
    style = Markup("\n".join((folder / name).read_text(encoding="utf-8") for name in _SHEETS))  # noqa: S704 -- our own
    # The words and dates of a page are those of its reader: here, nobody in particular.
    with app.test_request_context():
        return render_template("privacy/file.html", dossier=found, style=style)
