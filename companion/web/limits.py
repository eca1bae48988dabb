"""Rate limits on every entrance that a person uses, by agent once signed in, else by address.

Numbers come from the configuration. Shops' deliveries are not counted here: a 429 would help to disable the webhook.
"""

from __future__ import annotations

import math
import time
from typing import Any, cast

from flask import Flask, current_app, request
from flask_limiter import Limiter
from flask_login import current_user
from werkzeug.wrappers import Response

from companion.domain.text import fold
from companion.web.site import Site

_EXTENSION = "companion.limiter"
_TAKE_FORMS = frozenset(
    {
        "customers",
        "facts",
        "gate",
        "groups",
        "matches",
        "notes",
        "people",
        "preferences",
        "privacy",
        "segments",
        "sync",
    }
)
"""The blueprints of pages for people; shops have an entrance of their own."""
_UNLIMITED = ("health.health", "health.ready", "health.sync", "health.measured")  # whoever watches must not be told 429


def install(app: Flask, parts: Site) -> None:
    """Limit the pages that are registered by now: searching, signing in and writing more tightly than looking."""
    app.config.update(
        RATELIMIT_STORAGE_URI=parts.limiter_storage,
        # With the shared store away, each process counts for itself rather than refusing everybody.
        RATELIMIT_IN_MEMORY_FALLBACK_ENABLED=not parts.limiter_storage.startswith("memory:"),
    )
    rates = parts.limits
    limiter = Limiter(_client, default_limits=[rates.pages])
    for endpoint in _UNLIMITED:
        limiter.exempt(app.view_functions[endpoint])
    if parts.receiver is not None:
        limiter.exempt(parts.receiver)

    views: dict[str, Any] = app.view_functions
    views["home.search"] = limiter.limit(rates.search)(views["home.search"])
    for key in (_address, _user_name):
        limit = limiter.limit(rates.sign_in, key_func=key, methods=["POST"], deduct_when=_failed)
        views["gate.sign_in"] = limit(views["gate.sign_in"])
    write = limiter.shared_limit(rates.write, scope="write", methods=["POST"], override_defaults=False)
    for endpoint in _writing(app) - {"gate.sign_in"}:
        views[endpoint] = write(views[endpoint])

    limiter.init_app(app)
    app.extensions[_EXTENSION] = limiter


def retry_after() -> int:
    """Seconds until the limit that was hit lets in again; at least 1."""
    limit = cast("Limiter", current_app.extensions[_EXTENSION]).current_limit
    return max(1, math.ceil(limit.reset_at - time.time())) if limit else 60


def _writing(app: Flask) -> set[str]:
    """The pages' endpoints that take a form."""
    ours = set(app.blueprints) & _TAKE_FORMS
    return {
        rule.endpoint
        for rule in app.url_map.iter_rules()
        if "POST" in (rule.methods or ()) and rule.endpoint.partition(".")[0] in ours
    }


def _client() -> str:
    if current_user and current_user.is_authenticated:
        return f"agent:{current_user.viewer.agent_id}"
    return _address()


def _address() -> str:
    return f"address:{request.remote_addr or 'unknown'}"


def _user_name() -> str:
    return f"name:{fold(request.form.get('username', ''))[:200]}"


def _failed(response: Response) -> bool:
    return response.status_code >= 400  # noqa: PLR2004 -- the first of HTTP's refusals
