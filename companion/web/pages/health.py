"""For those who watch the program: alive, ready, the state of the sync, measured. No page, no cookie, no names."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable
from functools import wraps

from flask import Blueprint, Response, abort, jsonify, request

from companion.services.sync.report import report
from companion.web import metrics
from companion.web.session import open_to_all
from companion.web.site import site
from storage.errors import StorageError

blueprint = Blueprint("health", __name__)


def _of_the_same_network(view: Callable[[], Response]) -> Callable[[], Response]:
    """Figures of a business are nobody else's: for machines of private addresses only."""

    @wraps(view)
    def guarded() -> Response:
        if not ipaddress.ip_address(request.remote_addr or "0.0.0.0").is_private:  # noqa: S104 -- an address to judge
            abort(404)
        return view()

    return guarded


@blueprint.get("/health")
@open_to_all
def health() -> Response:
    """The process is alive; it is not asked of anything else."""
    return jsonify(status="alive")


@blueprint.get("/ready")
@open_to_all
def ready() -> Response:
    """The store answers, and its tables are those of this program; 503 while it is not so."""
    try:
        site().ready()
    except StorageError as error:
        return _away("not_ready", error)
    return jsonify(status="ready")


@blueprint.get("/health/sync")
@open_to_all
@_of_the_same_network
def sync() -> Response:
    """What the sync page shows, for machines."""
    state = site().sync_state
    try:
        return jsonify(report(state.states(), state.expected, now=site().clock()))
    except StorageError as error:
        return _away("unknown", error)


@blueprint.get("/metrics")
@open_to_all
@_of_the_same_network
def measured() -> Response:
    """Everything measured."""
    return Response(metrics.exposition(), content_type="text/plain; version=0.0.4; charset=utf-8")


def _away(status: str, error: StorageError) -> Response:
    answer = jsonify(status=status, code=error.code)
    answer.status_code = 503
    return answer
