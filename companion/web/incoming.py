"""What browsers send, made fit for the store: ids that a row can have, and text without NUL.

Neither comes from a form of ours; answered as what they are (not found, not valid), they are nobody's error page.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask import Flask
from flask.wrappers import Request as FlaskRequest
from werkzeug.datastructures import ImmutableMultiDict
from werkzeug.routing import IntegerConverter, Map

_LARGEST_ID = 2**63 - 1
"""Of both databases' largest integers."""


class _Texts(ImmutableMultiDict[str, Any]):
    """Fields as they were sent, without NUL, which PostgreSQL cannot hold and no person types."""

    def __init__(self, fields: Iterable[tuple[str, Any]] | None = None) -> None:
        super().__init__([(_clean(name), _clean(value)) for name, value in fields or ()])


def _clean(value: Any) -> Any:
    return value.replace("\0", "") if isinstance(value, str) else value


class _Request(FlaskRequest):
    parameter_storage_class = _Texts


class _RowId(IntegerConverter):
    """`<int:…>` in an address: a larger number than any id is no address of ours."""

    def __init__(self, map: Map) -> None:  # noqa: A002 -- werkzeug's name
        super().__init__(map, max=_LARGEST_ID)


def install(app: Flask) -> None:
    """To be called before any route is registered."""
    app.request_class = _Request
    app.url_map.converters = {**app.url_map.converters, "int": _RowId}
