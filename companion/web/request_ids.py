"""Gives each request its id, which all its log events carry: that of the server in front, or a new one."""

from __future__ import annotations

from flask import Flask, request

from companion import log


def install(app: Flask) -> None:
    """Begin each request with its id; before anything else, so that whatever refuses it is logged under it too."""

    @app.before_request
    def begin() -> None:
        log.begin_request(request.headers.get("X-Request-Id"))
