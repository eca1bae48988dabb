"""For those who watch the program: alive, ready, measured. No page, no cookie, no names."""

from __future__ import annotations

import ipaddress

from flask import Blueprint, Response, abort, request

from companion.web import metrics
from companion.web.session import open_to_all
from companion.web.site import site
from storage.errors import StorageError

blueprint = Blueprint("health", __name__)


@blueprint.get("/health")
@open_to_all
def health() -> Response:
    """The process is alive."""
    return Response("ok\n", mimetype="text/plain")


@blueprint.get("/ready")
@open_to_all
def ready() -> Response:
    """The store answers; 503 while it does not."""
    try:
        site().ready()
    except StorageError as error:
        return Response(f"{error.code}\n", 503, mimetype="text/plain")
    return Response("ok\n", mimetype="text/plain")


@blueprint.get("/metrics")
@open_to_all
def measured() -> Response:
    """Everything measured, for machines of the same network only: figures of a business are nobody else's."""
    if not ipaddress.ip_address(request.remote_addr or "0.0.0.0").is_private:  # noqa: S104 -- an address to judge
        abort(404)
    return Response(metrics.exposition(), content_type="text/plain; version=0.0.4; charset=utf-8")
