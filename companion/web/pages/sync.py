"""The sync page: what is late, what is stuck, and what a person must do; with replay, pause and resume.

It shows itself anew now and then, by htmx; its forms work without.
"""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from companion.domain.permissions import Permission
from companion.services.sync.figures import ShopState
from companion.services.sync.matters import Matter, matters
from companion.services.sync.queues import Chosen, DeadDelivery, NotPushed
from companion.services.sync.report import status_of
from companion.web.htmx import is_htmx
from companion.web.session import needs, viewer
from companion.web.site import site
from storage.sync.facts import Parked

blueprint = Blueprint("sync", __name__)

_SHOWN = 20
"""Rows of each list of what was set aside; the rest is counted."""


@dataclass(frozen=True)
class _Shop:
    """One shop on the page."""

    state: ShopState
    status: str
    matters: tuple[Matter, ...]
    dead: tuple[DeadDelivery, ...]
    not_pushed: tuple[NotPushed, ...]
    unreadable: tuple[Parked, ...]


@blueprint.get("/sync")
@needs(Permission.SEE_SYNC)
def show() -> str:
    """Every shop of this viewer."""
    shops = tuple(_shop(state) for state in site().sync_state.seen_by(viewer()))
    template = "sync/shops.html" if is_htmx() else "sync/page.html"
    return render_template(template, shops=shops, expected=site().sync_state.expected, now=site().clock())


@blueprint.post("/sync/<shop>/dead/<int:delivery_id>/replay")
@needs(Permission.STEER_SYNC)
def replay_one(shop: str, delivery_id: int) -> ResponseReturnValue:
    """Take up one delivery again."""
    return _replayed(Chosen(shop=shop, ids=(delivery_id,)))


@blueprint.get("/sync/<shop>/replay")
@needs(Permission.STEER_SYNC)
def ask_replay(shop: str) -> str:
    """How many there are of each kind, before all are taken up again."""
    return render_template("sync/replay.html", shop=shop, found=site().queues.find(viewer(), Chosen(shop=shop)))


@blueprint.post("/sync/<shop>/replay")
@needs(Permission.STEER_SYNC)
def replay_all(shop: str) -> ResponseReturnValue:
    """Take up all that was given up of a shop."""
    return _replayed(Chosen(shop=shop))


@blueprint.post("/sync/<shop>/push-again")
@needs(Permission.STEER_SYNC)
def push_again(shop: str) -> ResponseReturnValue:
    """Write one summary that was set aside again, or all of them."""
    kind, ref_id = request.form.get("kind", ""), request.form.get("ref_id", "")
    count = site().queues.push_again(viewer(), shop, (kind, ref_id) if ref_id else None)
    return _back(shop, "sync.pushed_again" if count else "sync.nothing_left")


@blueprint.post("/sync/<shop>/pause")
@needs(Permission.STEER_SYNC)
def pause(shop: str) -> ResponseReturnValue:
    """Write nothing to a shop any more."""
    site().queues.pause(viewer(), shop)
    return _back(shop, "sync.paused")


@blueprint.post("/sync/<shop>/resume")
@needs(Permission.STEER_SYNC)
def resume(shop: str) -> ResponseReturnValue:
    """Write to it again."""
    site().queues.resume(viewer(), shop)
    return _back(shop, "sync.resumed")


def _shop(state: ShopState) -> _Shop:
    found = matters(state, site().sync_state.expected, now=site().clock())
    status = status_of(found)
    if status == "well" and any(stream.done is not None for stream in state.streams):
        status = "reading"
    queues, who = site().queues, viewer()
    return _Shop(
        state=state,
        status=status,
        matters=found,
        dead=queues.dead(who, state.shop, limit=_SHOWN) if state.inbox_dead else (),
        not_pushed=queues.not_pushed(who, state.shop, limit=_SHOWN) if state.outbox_parked else (),
        unreadable=queues.unreadable(who, state.shop, limit=_SHOWN) if state.parked else (),
    )


def _replayed(chosen: Chosen) -> ResponseReturnValue:
    found = site().queues.replay(viewer(), chosen)
    return _back(chosen.shop, "sync.replayed" if found.count else "sync.nothing_left")


def _back(shop: str, said: str) -> ResponseReturnValue:
    flash(said, shop)
    return redirect(url_for("sync.show", _anchor=f"shop-{shop}"), 303)
