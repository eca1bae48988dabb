"""The pages: server-rendered Flask, in Persian and English, usable with and without JavaScript.

Views read the request, call one service and render; what may be seen and done is the services' decision. Nothing here
knows SQL or a shop's protocol.
"""

from __future__ import annotations

from flask import Flask

from companion.web import (
    assets,
    bars,
    care_words,
    device,
    errors,
    formats,
    htmx,
    i18n,
    incoming,
    limits,
    match_words,
    memory,
    metrics,
    people_words,
    pieces,
    reader,
    request_ids,
    security,
    segment_words,
    session,
    sync_words,
    ticket_words,
    wording,
)
from companion.web.pages import (
    customers,
    facts,
    gate,
    groups,
    health,
    home,
    matches,
    notes,
    people,
    preferences,
    privacy,
    quality,
    segments,
    sync,
)
from companion.web.site import Gauge, ShopFreshness, Site, site

__all__ = ["Gauge", "ShopFreshness", "Site", "create_app", "site"]


def create_app(parts: Site) -> Flask:
    """The web application over what it is handed."""
    app = Flask(__name__)
    app.extensions["companion.site"] = parts
    app.jinja_env.globals["site"] = site
    request_ids.install(app)
    incoming.install(app)
    metrics.install(app, parts)  # early, so that whatever refuses a request below is counted too
    security.install(app, parts)
    session.install(app, parts)
    memory.install(app, parts)
    errors.install(app)
    device.install(app)
    reader.install(app)
    i18n.install(app)
    formats.install(app)
    wording.install(app)
    ticket_words.install(app)
    people_words.install(app)
    sync_words.install(app)
    care_words.install(app)
    segment_words.install(app)
    match_words.install(app)
    assets.install(app)
    pieces.install(app)
    bars.install(app)
    htmx.install(app)
    for page in (
        gate,
        home,
        customers,
        facts,
        people,
        matches,
        notes,
        segments,
        groups,
        quality,
        privacy,
        preferences,
        sync,
        health,
    ):
        app.register_blueprint(page.blueprint)
    if parts.receiver is not None:
        security.exempt(app, parts.receiver)  # a shop has no session: its signature is what proves it
        app.register_blueprint(parts.receiver)
    limits.install(app, parts)  # last: it wraps the views
    return app
