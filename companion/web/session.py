"""Who is looking: the signed-in session, its lifetimes, and the rule that every page is closed unless it is opened.

A session is bound to the agent's `session_epoch`: raising it (new password, deactivation) ends all sessions of hers.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from flask import Flask, g, redirect, request, url_for
from flask import session as cookie
from flask_login import LoginManager, UserMixin, current_user, login_user, logout_user
from flask_wtf.csrf import generate_csrf
from werkzeug.exceptions import Unauthorized
from werkzeug.wrappers import Response

from companion.domain.permissions import Permission, Viewer
from companion.services.errors import Forbidden
from companion.web.htmx import is_by_itself, is_htmx
from companion.web.site import Site, site

IDLE = timedelta(hours=12)
"""A session ends when nothing was asked for so long: a shift and its break."""

ABSOLUTE = timedelta(days=7)
"""However busy, a session ends then."""

_NOTICED = timedelta(minutes=1)  # how exactly "last seen" is kept; each update sends the cookie again

P = ParamSpec("P")
R = TypeVar("R")
View = TypeVar("View", bound=Callable[..., Any])


class SignedIn(UserMixin):  # type: ignore[misc]  # flask-login ships no types
    """The viewer, as flask-login wants to hold her."""

    def __init__(self, viewer: Viewer) -> None:
        self.viewer = viewer

    def get_id(self) -> str:
        """What the cookie holds of her."""
        return f"{self.viewer.agent_id}:{self.viewer.session_epoch}"


def install(app: Flask, parts: Site) -> None:
    """Load the viewer of each request and send everybody else to the gate."""
    app.config["PERMANENT_SESSION_LIFETIME"] = ABSOLUTE
    app.config["SESSION_REFRESH_EACH_REQUEST"] = False
    logins = LoginManager()
    logins.session_protection = None  # it binds to the IP address, and phones change theirs all day
    logins.init_app(app, add_context_processor=False)

    app.jinja_env.globals.update(viewer_or_none=viewer_or_none, can=can)

    @logins.user_loader  # type: ignore[untyped-decorator]  # flask-login ships no types
    def load(user_id: str) -> SignedIn | None:
        now = parts.clock()
        if not _is_alive(now):
            return None
        agent_id, _, epoch = user_id.partition(":")
        viewer = parts.users.viewer(int(agent_id), int(epoch))
        if viewer is None:
            return None
        # A page left open that renews itself is nobody at work: it must not keep her signed in for ever.
        if now - _instant("seen_at") > _NOTICED and not is_by_itself():
            cookie["seen_at"] = now.timestamp()
        return SignedIn(viewer)

    @app.before_request
    def require_viewer() -> Response | None:
        view = app.view_functions.get(request.endpoint or "")
        if view is None or getattr(view, "is_open", False) or request.endpoint == "static":
            return None
        if parts.receiver is not None and request.blueprint == parts.receiver.name:
            return None
        if current_user.is_authenticated:
            return None
        if request.method == "GET" and not is_htmx():
            return redirect(url_for("gate.sign_in", next=request.full_path.rstrip("?")), 303)
        raise Unauthorized  # what was typed is shown again by the error page


def open_to_all(view: View) -> View:
    """Mark a view that needs no sign-in."""
    view.is_open = True  # type: ignore[attr-defined]  # a mark on the function
    return view


def needs(permission: Permission) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Refuse a view to those without the permission."""

    def wrap(view: Callable[P, R]) -> Callable[P, R]:
        @wraps(view)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
            if not viewer().can(permission):
                raise Forbidden("forbidden", permission=permission.value)
            return view(*args, **kwargs)

        return guarded

    return wrap


def viewer() -> Viewer:
    """The person looking at this page; only in views that are not open to all."""
    found: Viewer | None = g.get("viewer")  # a page asks whether she may do this and that a hundred times
    if found is None:
        found = g.viewer = current_user.viewer
    return found


def viewer_or_none() -> Viewer | None:
    """The person looking, or None before sign-in."""
    return viewer() if current_user and current_user.is_authenticated else None


def can(permission: str) -> bool:
    """Whether the person looking has a permission, by its name: for templates, which offer only what is open."""
    return viewer().can(Permission(permission))


def begin(who: Viewer) -> None:
    """Open a session; whatever the visitor had before it is forgotten, so that none can be planted on her."""
    cookie.clear()
    cookie.permanent = True
    now = site().clock().timestamp()
    cookie["began_at"] = now
    cookie["seen_at"] = now
    login_user(SignedIn(who))
    g.viewer = who
    generate_csrf()


def end() -> None:
    """Close the session."""
    logout_user()
    g.pop("viewer", None)
    cookie.clear()


def _is_alive(now: datetime) -> bool:
    if "began_at" not in cookie or "seen_at" not in cookie:
        return False
    return now - _instant("began_at") < ABSOLUTE and now - _instant("seen_at") < IDLE


def _instant(key: str) -> datetime:
    return datetime.fromtimestamp(cookie[key], UTC)
