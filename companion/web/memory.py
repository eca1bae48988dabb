"""Nothing of people's texts stays in the memory of a process that serves pages for longer than an hour of its work."""

from __future__ import annotations

import threading

from flask import Flask

from companion.domain import remembered
from companion.web.site import Site


def install(app: Flask, parts: Site) -> None:
    """Let go of what is remembered before the first request of each hour."""
    forgotten_at = parts.clock()
    turn = threading.Lock()

    @app.before_request
    def forget() -> None:
        nonlocal forgotten_at
        now = parts.clock()
        if now - forgotten_at >= remembered.LONGEST and turn.acquire(blocking=False):
            try:
                forgotten_at = now
                remembered.forget()
            finally:
                turn.release()
