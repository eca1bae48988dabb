"""Lists as files for a spreadsheet: CSV that Excel reads as what it is, row by row, however long.

A cell that a spreadsheet would take for a formula is kept from it by an apostrophe before it, which is what people type
there for the same purpose: what a shop's visitor calls herself must not run on an agent's machine.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence

from flask import Response, stream_with_context

_MARK = "\ufeff"  # Excel takes a file without it for one of its own country's alphabet
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_ROWS_AT_ONCE = 200


def answer(name: str, header: Sequence[str], rows: Iterable[Sequence[str | int]]) -> Response:
    """The answer to whoever asks for the file `name` (without its ending; Latin letters, digits and hyphens)."""
    response = Response(stream_with_context(_text(header, rows)), mimetype="text/csv")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    response.headers["Cache-Control"] = "no-store"
    return response


def inert(cell: str | int) -> str | int:
    """The cell, so that no spreadsheet reckons with it; numbers of ours stay numbers."""
    if isinstance(cell, str) and cell.lstrip().startswith(_FORMULA):
        return f"'{cell}"
    return cell


def _text(header: Sequence[str], rows: Iterable[Sequence[str | int]]) -> Iterator[str]:
    page = io.StringIO()
    page.write(_MARK)
    writer = csv.writer(page)
    writer.writerow(map(inert, header))
    for count, row in enumerate(rows, 1):
        writer.writerow(map(inert, row))
        if count % _ROWS_AT_ONCE == 0:
            yield page.getvalue()
            page.seek(0)
            page.truncate()
    yield page.getvalue()
