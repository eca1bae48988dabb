"""Companion beside one shop, for as long as the story lasts: a store of its own, its entrance, and what a worker does.

The shop has a key of its own here, so that no webhook of a companion that is at work there is taken for ours; and
before anything is written, all that would be is compared with what the story made.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

import msgspec
from werkzeug.serving import BaseWSGIServer, make_server

from companion.app import App, build
from companion.config import Config, Database, Push, Secret
from companion.domain.permissions import Role, Viewer
from companion.services.customers.entries import OrderEntry, TimelineEntry
from companion.services.notes import Note, NoteDraft, OrderRef
from storage.sync import care
from tests.fixtures.app import PASSWORD
from tests.live.shop import Json, PlainShop

CONFIG = os.environ.get("COMPANION_LIVE_CONFIG", "")
"""The configuration that names real shops; "" for none."""

KEY = "companion-live"
"""The shop's key: no path of another companion's webhooks has it."""

_AT_ONCE = 50


@dataclass(frozen=True)
class Theatre:
    """Where the story is played: a configuration, the name of one of its shops, and how time passes there."""

    path: Path
    environ: Mapping[str, str]
    key: str
    clock: Callable[[], datetime]
    pass_seconds: Callable[[float], None]
    patience_s: float = 20.0
    must_deliver: bool = True
    """False: a shop that cannot reach us is no failure."""


@dataclass
class Entrance:
    """Serves the app to the shop; `knocks` counts what came to it, pings too."""

    app: WSGIApplication
    knocks: int = 0
    _server: BaseWSGIServer | None = field(default=None, repr=False)

    def __call__(self, environ: WSGIEnvironment, start: StartResponse) -> Any:
        self.knocks += environ["PATH_INFO"].startswith(f"/in/{KEY}/")
        return self.app(environ, start)

    def open(self, host: str, port: int) -> None:
        self._server = make_server(host, port, self, threaded=True)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()


class Stage:
    """The app, the shop, an agent; and the moves of the story."""

    def __init__(self, theatre: Theatre, folder: Path) -> None:
        self.theatre = theatre
        config = Config.load(theatre.path, theatre.environ)
        ours = msgspec.structs.replace(config.shop(theatre.key), key=KEY)
        self.config = msgspec.structs.replace(
            config,
            master_key=Secret("only for as long as the story lasts"),
            database=Database(url=Secret(f"sqlite:///{folder / 'live.sqlite3'}")),
            push=Push(mode="on"),
            shops=(ours,),
            redis_url=None,
        )
        self.shop = PlainShop(ours)
        self.app: App = build(self.config, clock=theatre.clock)
        self.app.users.add(name="آزماینده", username="tester", password=PASSWORD, role=Role.ADMINISTRATOR)
        self.viewer: Viewer = self.app.users.sign_in("tester", PASSWORD)
        self.entrance = Entrance(self.app.flask())
        self._ours: set[tuple[str, str]] = set()

    def close(self) -> None:
        """Unmakes what was made in the shop, then lets go."""
        try:
            self.shop.close()
        finally:
            self.entrance.close()
            self.app.close()

    # --- in the shop --------------------------------------------------------------------------------------------------

    def order_there(self, first_name: str = "مهمان", **fields: object) -> Json:
        """A new order in the shop, known as ours."""
        made = self.shop.make_order(first_name, **fields)
        self._ours.add(("order", str(made["id"])))
        return made

    def ticket_there(self, author: int, title: str, content: str) -> Json:
        """A new ticket in the shop's helpdesk, known as ours."""
        made = self.shop.make_ticket(author, title, content)
        self._ours.add(("ticket", str(made["id"])))
        return made

    def summary_there(self, order_id: int) -> str | None:
        """What our key holds on the order in the shop."""
        order = self.shop.ask("GET", f"orders/{order_id}")
        return next((meta["value"] for meta in order["meta_data"] if meta["key"] == "companion_note"), None)

    def pass_a_moment(self) -> None:
        """Until the shop would give another date: its dates have one-second steps."""
        self.theatre.pass_seconds(1.1)

    # --- what the worker does -----------------------------------------------------------------------------------------

    def look(self) -> None:
        """A look at the shop and its helpdesk, as the worker has one every so often."""
        shop = self.app.shops[KEY]
        self.app.poll(KEY)
        self.app.aftercare.urgent(shop, limit=_AT_ONCE)
        if shop.helpdesk is not None:
            while not self.app.ticket_sweep.open_step(shop).is_over:
                pass
            self.app.ticket_sweep.replies(shop, limit=_AT_ONCE)

    def drain(self) -> int:
        """Works inbox and outbox; how many orders and tickets were written.

        Raises:
            AssertionError: one that the story did not make would be written. Another companion is at work in this shop,
                and its summaries would be removed.
        """
        planned = {(plan.kind, plan.id) for plan in self.app.outbox.plan(KEY)}
        assert planned <= self._ours, f"another companion's summaries stand in this shop: {planned - self._ours}"
        done = self.app.drain()
        assert not done["failed"], done
        return done["pushed"]

    # --- what people see ----------------------------------------------------------------------------------------------

    def order_here(self, order_id: int) -> OrderEntry:
        """The order as an agent sees it; raises NotFound."""
        return self.app.customers.order(self.viewer, KEY, str(order_id))

    def timeline(self, order_id: int) -> tuple[TimelineEntry, ...]:
        """Everything that happened with the customer of the order."""
        customer = self.app.customers.by_order(self.viewer, KEY, str(order_id))
        return self.app.customers.timeline(self.viewer, customer).entries

    def open_order(self, order_id: int) -> None:
        """Somebody opens the order here, whose notes were not read for a while, and waits for them."""
        with self.app.store.write() as tx:
            care.opened(tx, [(KEY, str(order_id))], now=self.app.clock())

    def found(self, words: str) -> set[int]:
        """The ids of the customers whom a search finds."""
        return {hit.customer_id for hit in self.app.search.find(self.viewer, words).hits}

    def write_note(self, order_id: int, body: str) -> Note:
        """A note about the customer, on her order."""
        customer = self.app.customers.by_order(self.viewer, KEY, str(order_id))
        draft = NoteDraft(customer_id=customer, body=body, kind="call", ref=OrderRef(KEY, str(order_id)))
        return self.app.notes.write(self.viewer, draft)

    def wait_until(self, holds: Callable[[], bool]) -> bool:
        """Whether it holds before patience ends."""
        deadline = time.monotonic() + self.theatre.patience_s
        while not (does := holds()) and time.monotonic() < deadline:
            time.sleep(min(2.0, self.theatre.patience_s / 200))
        return does
