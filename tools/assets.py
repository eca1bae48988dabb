"""Make what the pages need and the repository does not hold: front-end files from npm, compiled translations.

Files go from npm's packages to companion/web/static/vendor, where a stamp tells which lock file they came of: a second
call needs no network. `python tools/assets.py extract` collects the sentences of code and templates into the Persian
catalogue, for translators.
"""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parent.parent
WEB = ROOT / "companion" / "web"
VENDOR = WEB / "static" / "vendor"
CATALOGUE = WEB / "translations" / "fa" / "LC_MESSAGES" / "messages.po"

_FONT = "@fontsource-variable/vazirmatn"
_FILES = {
    "htmx.org/dist/htmx.min.js": "htmx/htmx.min.js",
    "htmx.org/LICENSE": "htmx/LICENSE",
    f"{_FONT}/files/vazirmatn-arabic-wght-normal.woff2": "vazirmatn/vazirmatn-arabic-wght-normal.woff2",
    f"{_FONT}/files/vazirmatn-latin-wght-normal.woff2": "vazirmatn/vazirmatn-latin-wght-normal.woff2",
    f"{_FONT}/files/vazirmatn-latin-ext-wght-normal.woff2": "vazirmatn/vazirmatn-latin-ext-wght-normal.woff2",
    f"{_FONT}/LICENSE": "vazirmatn/LICENSE",
}
_METHODS = [("**/templates/**.html", "jinja2"), ("**.py", "python")]
_KEYWORDS: dict[str, tuple[int, ...] | None] = {"_": None, "gettext": None, "ngettext": (1, 2), "N_": None}
_HEADER = "# The pages' sentences in Persian. Words: docs/glossary.md. `python tools/assets.py extract` adds new ones."
_EPOCH = datetime(2025, 1, 1, tzinfo=UTC)  # a fixed date: the catalogue changes only when a sentence does


def fetch_vendor() -> None:
    """Fetch the front-end files of the lock file through npm, unless they stand here already.

    Raises:
        FileNotFoundError: there is no npm.
        subprocess.CalledProcessError: npm could not fetch them; it has said why.
    """
    wanted = hashlib.sha256((ROOT / "package-lock.json").read_bytes()).hexdigest()
    stamp = VENDOR / ".lock-sha256"
    if stamp.exists() and stamp.read_text() == wanted and all((VENDOR / place).exists() for place in _FILES.values()):
        return
    npm = shutil.which("npm")
    if npm is None:
        raise FileNotFoundError("npm is not installed: it comes with Node.js")
    subprocess.run([npm, "ci", "--silent"], cwd=ROOT, check=True)  # noqa: S603 -- the command is written here
    for source, place in _FILES.items():
        (VENDOR / place).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / "node_modules" / source, VENDOR / place)
    stamp.write_text(wanted)


def compile_translations() -> None:
    """Compile the Persian catalogue where it is newer than its compiled form."""
    compiled = CATALOGUE.with_suffix(".mo")
    if compiled.exists() and compiled.stat().st_mtime >= CATALOGUE.stat().st_mtime:
        return
    with CATALOGUE.open("rb") as source:
        catalogue = read_po(source, locale="fa")
    draft = compiled.with_suffix(".new")
    with draft.open("wb") as target:
        write_mo(target, catalogue)
    draft.replace(compiled)


def collect() -> Catalog:
    """Every sentence marked for translation in code and templates, without places: they change with every edit."""
    found = Catalog(project="companion", creation_date=_EPOCH)
    options = {"**/templates/**.html": {"extensions": "jinja2.ext.i18n", "silent": "false"}}
    for _, _, message, _, context in extract_from_dir(WEB, _METHODS, options, keywords=_KEYWORDS):
        found.add(message, context=context)
    return found


def extract() -> None:
    """Bring the Persian catalogue up to the sentences of today; what is no longer said is dropped."""
    with CATALOGUE.open("rb") as source:
        known = read_po(source, locale="fa")
    catalogue = Catalog("fa", project="companion", header_comment=_HEADER, fuzzy=False)
    catalogue.creation_date = catalogue.revision_date = _EPOCH
    catalogue.last_translator = catalogue.language_team = catalogue.copyright_holder = "companion"
    for message in collect():
        old = known.get(message.id, message.context) if message.id else None
        if message.id:
            catalogue.add(message.id, old.string if old else None, flags=message.flags, context=message.context)
    with CATALOGUE.open("wb") as target:
        write_po(target, catalogue, width=100, sort_output=True)


if __name__ == "__main__":
    if sys.argv[1:] == ["extract"]:
        extract()
    else:
        fetch_vendor()
        compile_translations()
