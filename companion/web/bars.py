"""Bar charts drawn by the server: they print, need no script, and run the way the page's language does."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask import Flask

from companion.web.i18n import direction

WIDTH, HEIGHT = 240, 48
"""Of the drawing, in its own units."""

_GAP = 0.25  # of a bar's place
_LEAST = 1.5  # what is not nothing is seen


@dataclass(frozen=True)
class Bar:
    """A bar's place in the drawing; its foot stands on the lower edge."""

    x: float
    y: float
    width: float
    height: float


def install(app: Flask) -> None:
    """Give the templates the charts."""
    app.jinja_env.globals.update(bars=bars, bars_box=f"0 0 {WIDTH} {HEIGHT}")


def bars(values: Sequence[int]) -> list[Bar]:
    """One bar for each value, the first where a line begins; the greatest fills the height, none is below zero."""
    greatest = max((*values, 0)) or 1
    place = WIDTH / max(len(values), 1)
    width = place * (1 - _GAP)
    drawn = []
    for number, value in enumerate(values):
        height = max(HEIGHT * value / greatest, _LEAST) if value > 0 else 0.0
        start = number * place + (place - width) / 2
        x = WIDTH - start - width if direction() == "rtl" else start
        drawn.append(Bar(round(x, 2), round(HEIGHT - height, 2), round(width, 2), round(height, 2)))
    return drawn
