"""The browser-side defences of every answer: response headers, cookies, CSRF tokens, request sizes.

Own code instead of a library for the headers (ADR: the library is no longer maintained). Who may see what is not
decided here.
"""

from __future__ import annotations

from datetime import timedelta
from typing import cast

from flask import Blueprint, Flask, Response, request
from flask_wtf.csrf import CSRFProtect

from companion.web.site import Site

FORM_LIMIT = 256 * 1024
"""Largest form taken, in bytes: a note of 20,000 letters is 120 KB of percent-encoded Persian at most."""

# No inline script or style anywhere, so no nonce is needed; everything comes from here.
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; img-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_HEADERS = {
    "Content-Security-Policy": _POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",  # for browsers that do not know frame-ancestors
    "Referrer-Policy": "same-origin",  # the CSRF check over TLS reads it
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
_HSTS = f"max-age={int(timedelta(days=365).total_seconds())}"


def install(app: Flask, parts: Site) -> None:
    """Guard every request and answer of the application."""
    app.config.update(
        SECRET_KEY=parts.secret_key,
        SESSION_COOKIE_NAME="companion",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=parts.is_https,
        MAX_CONTENT_LENGTH=parts.web.max_body_bytes,
        WTF_CSRF_TIME_LIMIT=None,  # a token lives as long as its session: a page left open overnight still works
        WTF_CSRF_HEADERS=["X-CSRFToken"],
    )

    # Before the CSRF check, which reads the form.
    @app.before_request
    def limit_form() -> None:
        if parts.receiver is None or request.blueprint != parts.receiver.name:
            request.max_content_length = FORM_LIMIT

    CSRFProtect(app)

    @app.after_request
    def add_headers(response: Response) -> Response:
        for name, value in _HEADERS.items():
            response.headers.setdefault(name, value)
        if parts.is_https:
            response.headers.setdefault("Strict-Transport-Security", _HSTS)
        if request.endpoint != "static":
            # Customers' names must not be found in a browser's cache after sign-out.
            response.headers.setdefault("Cache-Control", "no-store")
        return response


def exempt(app: Flask, entrance: Blueprint) -> None:
    """Take requests of this entrance without a CSRF token: they carry a proof of their own, and no cookie counts."""
    cast("CSRFProtect", app.extensions["csrf"]).exempt(entrance)
