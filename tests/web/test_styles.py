"""The visual language, held: logical directions only, contrast by the tokens, one night value for each colour."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

STATIC = Path(__file__).resolve().parents[2] / "companion" / "web" / "static"
SHEETS = sorted((STATIC / "css").glob("*.css"))

PHYSICAL = re.compile(
    r"(?<![\w-])(?:(?:margin|padding|border|inset|scroll-margin|scroll-padding)-(?:left|right)[\w-]*|left|right)\s*:"
    r"|(?:float|clear|text-align|justify-\w+)\s*:\s*(?:left|right)\b"
)

# Ink and the ground that it is read on. 4.5 is WCAG 2.2 AA for text, 3 for the outlines of controls and focus.
TEXT_PAIRS = [
    *((ink, ground, 4.5) for ink in ("ink", "ink-soft", "ink-faint") for ground in ("surface", "ground", "sunk")),
    *((f"{tone}-ink", f"{tone}-soft", 4.5) for tone in ("grey", "blue", "green", "amber", "red", "violet", "teal")),
    ("accent", "surface", 4.5),
    ("accent", "ground", 4.5),
    ("accent-strong", "accent-soft", 4.5),
    ("ink", "accent-soft", 4.5),
    ("ink-soft", "accent-soft", 4.5),
    ("ink-faint", "accent-soft", 4.5),
    ("on-accent", "accent", 4.5),
    ("on-accent", "accent-strong", 4.5),
    ("on-mark", "mark", 4.5),
    ("red-ink", "surface", 4.5),
    ("focus", "surface", 3.0),
    ("focus", "ground", 3.0),
    ("line-strong", "surface", 3.0),
    ("line-strong", "ground", 3.0),
]


def _colours(sheet: str) -> dict[str, str]:
    return dict(re.findall(r"--([\w-]+):\s*(#[0-9a-f]{6})\s*;", (STATIC / "css" / sheet).read_text()))


def _luminance(colour: str) -> float:
    """https://www.w3.org/TR/WCAG22/#dfn-relative-luminance."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _contrast(one: str, other: str) -> float:
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(("ink", "ground", "least"), TEXT_PAIRS)
def test_ink_stands_out_from_its_ground(theme: str, ink: str, ground: str, least: float) -> None:
    colours = _colours("tokens.css") | (_colours("dark.css") if theme == "dark" else {})
    assert _contrast(colours[ink], colours[ground]) >= least


def test_every_colour_has_its_night_value() -> None:
    assert set(_colours("dark.css")) == set(_colours("tokens.css"))


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda path: path.name)
def test_styles_know_no_left_and_right(sheet: Path) -> None:
    assert PHYSICAL.findall(sheet.read_text()) == []


@pytest.mark.parametrize("sheet", [path for path in SHEETS if path.name not in {"tokens.css", "dark.css"}])
def test_colours_come_from_the_tokens(sheet: Path) -> None:
    assert re.findall(r"#[0-9a-fA-F]{3,8}\b|rgba?\(", sheet.read_text()) == []


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda path: path.name)
def test_every_token_used_is_defined(sheet: Path) -> None:
    text = sheet.read_text()
    defined = set(re.findall(r"(--[\w-]+)\s*:", (STATIC / "css" / "tokens.css").read_text() + text))
    defined |= {"--chip-soft", "--chip-ink"}  # set by the tone classes of parts.css
    assert set(re.findall(r"var\((--[\w-]+)", text)) <= defined


def test_every_icon_used_is_drawn() -> None:
    drawn = set(re.findall(r'<symbol id="([\w-]+)"', (STATIC / "icons.svg").read_text()))
    templates = "".join(path.read_text() for path in (STATIC.parent / "templates").rglob("*.html"))
    used = set(re.findall(r'icon\("([\w-]+)"', templates))
    code = (STATIC.parent / "wording.py").read_text()
    used |= set(
        re.findall(r'"(call|complaint|preference|calendar|delivery|payment|order|refund|order-note|note)"', code)
    )
    assert used <= drawn
