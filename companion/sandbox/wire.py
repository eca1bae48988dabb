"""Requests, responses and errors as WordPress words them. No sockets here, and nothing of any one resource."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

JSON_TYPE = "application/json; charset=UTF-8"
HTML_TYPE = "text/html; charset=UTF-8"


def php_json(value: Any) -> bytes:
    """JSON as PHP's json_encode writes it: compact, ASCII only, slashes escaped.

    Webhook bodies were recorded in this spelling; a receiver must check the signature over these bytes and no others.
    """
    return json.dumps(value, separators=(",", ":")).replace("/", "\\/").encode("ascii")


@dataclass(frozen=True, slots=True)
class Request:
    """One HTTP request, decoded. `headers` have lower-case names; `target` is the request line's own spelling."""

    method: str
    target: str
    path: str
    query: tuple[tuple[str, str], ...]
    headers: Mapping[str, str]
    body: bytes
    host: str
    is_tls: bool


@dataclass(slots=True)
class Response:
    """One HTTP answer.

    For the model of the shop's speed, `items` says how many records it carries, and `more_seconds` how much longer a
    slow plugin takes over it.
    """

    status: int
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    content_type: str = JSON_TYPE
    items: int = 0
    more_seconds: float = 0.0

    @classmethod
    def of_json(
        cls,
        value: Any,
        status: int = 200,
        headers: dict[str, str] | None = None,
        items: int = 1,
        *,
        more_seconds: float = 0.0,
    ) -> Response:
        """A JSON answer."""
        return cls(status, php_json(value), headers or {}, items=items, more_seconds=more_seconds)

    @classmethod
    def of_html(cls, html: str, status: int = 200) -> Response:
        """A page for a person."""
        return cls(status, html.encode(), content_type=HTML_TYPE)


class RestError(Exception):
    """An error of the REST API, with the code and status that the shop uses for it."""

    def __init__(self, status: int, code: str, message: str, **more: Any) -> None:
        """`more` joins the status under `data`."""
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.more = more

    def as_json(self) -> dict[str, Any]:
        """The error as the API words it, also inside a batch."""
        return {"code": self.code, "message": self.message, "data": {"status": self.status, **self.more}}

    def response(self) -> Response:
        """The error as an answer of its own."""
        return Response.of_json(self.as_json(), self.status)


def invalid_param(name: str, message: str, code: str, about: Any = None) -> RestError:
    """A parameter of the wrong type, out of bounds, or not among the allowed values."""
    return RestError(
        400,
        "rest_invalid_param",
        f"Invalid parameter(s): {name}",
        params={name: message},
        details={name: {"code": code, "message": message, "data": about}},
    )


def invalid_type(name: str, expected: str, where: str = "") -> RestError:
    """A parameter of the wrong type; `where` names the place inside it."""
    where = where or name
    return invalid_param(name, f"{where} is not of type {expected}.", "rest_invalid_type", {"param": where})


def missing_params(*names: str) -> RestError:
    """Required parameters are absent."""
    return RestError(
        400, "rest_missing_callback_param", f"Missing parameter(s): {', '.join(names)}", params=list(names)
    )


def no_route() -> RestError:
    """No such route, or not with this method: WordPress says the same of both."""
    return RestError(404, "rest_no_route", "No route was found matching the URL and request method.")
