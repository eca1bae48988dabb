"""The parameters of a REST request, read and checked as WordPress does: query, then a JSON body over it."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from companion.sandbox.wire import Request, RestError, invalid_param, invalid_type

_INSTANT = re.compile(r"\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:[Zz]|[+-]\d{2}(?::\d{2})?)?")
_INDEX = re.compile(r"\[\d*\]$")
PER_PAGE_LIMIT = 100


class Params:
    """What a request asks for, by name."""

    def __init__(self, given: dict[str, Any]) -> None:
        self.given = given

    @classmethod
    def of(cls, request: Request) -> Params:
        """Of a request; a body that is not declared as JSON is ignored without a word, and a wrong one is an error."""
        given: dict[str, Any] = {}
        for name, value in request.query:
            if _INDEX.search(name):
                listed = given.setdefault(_INDEX.sub("", name), [])
                if isinstance(listed, list):
                    listed.append(value)
            else:
                given[name] = value
        if request.body and "json" in request.headers.get("content-type", ""):
            given |= _json_object(request.body)
        return cls(given)

    def __contains__(self, name: str) -> bool:
        return self.given.get(name) is not None

    def text(self, name: str, default: str = "") -> str:
        """A text, as it came."""
        value = self.given.get(name)
        if value is None:
            return default
        if not isinstance(value, str | int | float):
            raise invalid_type(name, "string")
        return str(value)

    def integer(self, name: str, default: int, *, least: int | None = None, most: int | None = None) -> int:
        """A whole number between `least` and `most`, both allowed."""
        value = self.given.get(name)
        if value is None:
            return default
        if not re.fullmatch(r"\s*-?\d+(\.0*)?\s*", str(value)) or isinstance(value, bool):
            raise invalid_type(name, "integer")
        number = int(float(value))
        if least is not None and most is not None and not least <= number <= most:
            message = f"{name} must be between {least} (inclusive) and {most} (inclusive)"
            raise invalid_param(name, message, "rest_out_of_bounds")
        if least is not None and number < least:
            raise invalid_param(name, f"{name} must be greater than or equal to {least}", "rest_out_of_bounds")
        return number

    def flag(self, name: str, *, default: bool = False) -> bool:
        """A yes or no."""
        value = self.given.get(name)
        if value is None:
            return default
        if str(value).lower() not in {"true", "false", "1", "0", ""}:
            raise invalid_type(name, "boolean")
        return str(value).lower() in {"true", "1"}

    def choice(self, name: str, default: str, allowed: Sequence[str]) -> str:
        """One of the allowed words."""
        value = self.text(name, default)
        if value not in allowed:
            raise invalid_param(name, f"{name} is not one of {_listing(allowed)}.", "rest_not_in_enum")
        return value

    def words(self, name: str, default: Sequence[str] = (), allowed: Sequence[str] | None = None) -> list[str]:
        """A list, written with commas or as an array."""
        value = self.given.get(name)
        if value is None:
            return list(default)
        words = (
            [str(word) for word in value] if isinstance(value, list) else re.split(r"[\s,]+", str(value).strip(", "))
        )
        for index, word in enumerate(words):
            if allowed is not None and word not in allowed:
                message = f"{name}[{index}] is not one of {_listing(allowed)}."
                raise invalid_param(name, message, "rest_not_in_enum")
        return words

    def ids(self, name: str) -> list[int]:
        """A list of ids."""
        words = [word for word in self.words(name) if word]
        for index, word in enumerate(words):
            if not word.isdecimal():
                raise invalid_type(name, "integer", f"{name}[{index}]")
        return [int(word) for word in words]

    def fields(self) -> frozenset[str] | None:
        """Which fields the answer is to be cut down to, None for all."""
        if "_fields" not in self:
            return None
        return frozenset(word for word in self.words("_fields") if word)

    def instant(self, name: str, zone: ZoneInfo, *, knows_gmt: bool = True) -> int | None:
        """An instant in seconds since 1970: by its own suffix, else in UTC under `dates_are_gmt`, else in `zone`.

        Only WooCommerce's routes know that flag; to others (`knows_gmt` False) it is one more unknown parameter.
        """
        if name not in self:
            return None
        value = self.text(name)
        if not _INSTANT.fullmatch(value):
            raise invalid_param(name, "Invalid date.", "rest_invalid_date")
        try:
            at = datetime.fromisoformat(value.upper())
        except ValueError as error:
            raise invalid_param(name, "Invalid date.", "rest_invalid_date") from error
        if at.tzinfo is None:
            at = at.replace(tzinfo=UTC if knows_gmt and self.flag("dates_are_gmt") else zone)
        return int(at.timestamp() // 1)

    def paging(self) -> tuple[int, int]:
        """(page, per_page)."""
        per_page = self.integer("per_page", 10, least=1, most=PER_PAGE_LIMIT)
        return self.integer("page", 1, least=1), per_page

    def decimals(self, default: int) -> int:
        """`dp`: with how many decimals amounts are to be printed."""
        return self.integer("dp", default, least=0)

    def mapping(self, name: str) -> dict[str, str]:
        """An object of texts, such as an address."""
        value = self.given.get(name) or {}
        if not isinstance(value, dict):
            raise invalid_type(name, "object")
        return {key: "" if text is None else str(text) for key, text in value.items()}


def _json_object(body: bytes) -> dict[str, Any]:
    try:
        value = json.loads(body)
    except ValueError as error:
        raise RestError(400, "rest_invalid_json", "Invalid JSON body passed.") from error
    return value if isinstance(value, dict) else {}


def _listing(words: Sequence[str]) -> str:
    return f"{', '.join(words[:-1])}, and {words[-1]}"
