"""Load for a companion that runs as processes of its own: a busy shop, agents who write, and the shop's own records.

Everything is drawn from one seeded source of chance, so that a run can be repeated as far as threads allow.
"""

from __future__ import annotations

import hashlib
import os
import random
import re
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

import requests

from companion.sandbox import Sandbox
from companion.sandbox.records import Item
from tests.fixtures.app import PASSWORD

_CSRF = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')
_FORM_KEY = re.compile(r'name="form_key" value="([^"]+)"')
_CUSTOMER = re.compile(r"/customers/(\d+)")


# --- what presses on them -----------------------------------------------------------------------------------------


class Pressure:
    """Something that a thread does again and again until it is let off; a fault of its own is raised at the end."""

    def __init__(self, chance: random.Random, *, pause: float) -> None:
        self.chance = chance
        self._pause = pause
        self._done = threading.Event()
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name=type(self).__name__)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._done.set()
        self._thread.join()
        if self._error is not None and error is None:
            raise self._error

    def turn(self) -> None:
        raise NotImplementedError

    def wait(self, seconds: float) -> bool:
        """True where it is over."""
        return self._done.wait(seconds)

    def _run(self) -> None:
        try:
            while not self.wait(self.chance.uniform(0, 2 * self._pause)):
                self.turn()
        except BaseException as error:  # noqa: BLE001 (raised again in the test's own thread)
            self._error = error


class Shopkeeper(Pressure):
    """Keeps a shop busy: orders come, are edited, trashed and restored. Nothing is deleted for good."""

    def __init__(self, chance: random.Random, sandbox: Sandbox, *, pause: float = 0.05) -> None:
        super().__init__(chance, pause=pause)
        self._shop = sandbox.shop
        self.done = 0

    def create(self, *, quiet: bool = False) -> None:
        """An order of a guest or a registered user."""
        number = self.chance.randrange(25)
        users = [user for user in self._shop.users.values() if user.role == "customer"]
        person = {"first_name": f"مشتری {number}", "email": f"guest{number}@example.com"}
        user = self.chance.choice(users) if users and number % 3 == 0 else None
        self._shop.create_order(
            customer_id=user.id if user else 0,
            billing={"first_name": user.first_name, "email": user.email} if user else person,
            items=self._items(),
            quiet=quiet,
        )

    def turn(self) -> None:
        self.done += 1
        match self.chance.randrange(10):
            case 0 | 1 | 2:
                self.create()
            case 3:
                number = len(self._shop.users)
                self._shop.create_customer(f"user{number}@example.com", first_name=f"کاربر {number}")
            case 4:
                self._shop.trash_order(self._one())
            case 5:
                order_id = self._one(is_trashed=True)
                if order_id:
                    self._shop.restore_order(order_id)
            case 6:
                self._shop.update_order(self._one(), items=self._items())
            case _:
                status = self.chance.choice(["processing", "on-hold", "completed", "cancelled"])
                self._shop.update_order(self._one(), status=status)

    def _items(self) -> list[Item]:
        return [
            Item(f"کالا {self.chance.randrange(9)}", self.chance.randint(1, 5), self.chance.randint(1, 99) * 1000)
            for _ in range(self.chance.randint(1, 3))
        ]

    def _one(self, *, is_trashed: bool = False) -> int:
        with self._shop.lock:
            found = [key for key, order in self._shop.orders.items() if (order.status == "trash") == is_trashed]
        return self.chance.choice(found) if found else 0


@dataclass
class Written:
    """A note that an agent wrote: whether the browser was told so, and whether she then put it into the bin."""

    body: str
    is_answered: bool = False
    is_deleted: bool = False


@dataclass
class _Form:
    path: str
    fields: dict[str, str] = field(default_factory=dict)


class Agent(Pressure):
    """An agent at a browser. She sends a form until she is answered, now and then twice; some notes go to the bin."""

    def __init__(self, chance: random.Random, address: str, name: str, order_ids: Callable[[], Sequence[int]]) -> None:
        super().__init__(chance, pause=0.1)
        self.name = name
        self.notes: list[Written] = []
        self.refusals: list[str] = []
        self._address = address
        self._order_ids = order_ids
        self._session = requests.Session()
        self._csrf = ""

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        super().__exit__(kind, error, trace)
        self._session.close()

    def turn(self) -> None:
        if not self._csrf and not self._sign_in():
            return
        order_id = self.chance.choice(self._order_ids())
        found = _CUSTOMER.search(self._get("/search", q=str(order_id)))
        if found is None:  # the order is not here yet
            return
        page = self._get(found.group(0))
        key = _FORM_KEY.search(page)
        if key is None:
            return
        note = Written(f"{self.name}: گزارش {len(self.notes)} از سفارش {order_id}")
        self.notes.append(note)
        form = _Form(
            f"{found.group(0)}/notes",
            {"body": note.body, "kind": "call", "ref": f"main/{order_id}", "form_key": key.group(1)},
        )
        place = self._send(form)
        if place is None:
            return
        note.is_answered = True
        if self.chance.random() < 0.3:
            self._send(form)
        if self.chance.random() < 0.2:
            note_id = place.rpartition("#note-")[2]
            note.is_deleted = self._send(_Form(f"/notes/{note_id}/delete")) is not None

    def _sign_in(self) -> bool:
        page = _CSRF.search(self._get("/sign-in"))
        if page is None:
            return False
        self._csrf = page.group(1)
        if self._send(_Form("/sign-in", {"username": self.name, "password": PASSWORD})) is None:
            self._csrf = ""
            return False
        page = _CSRF.search(self._get("/"))
        self._csrf = page.group(1) if page else ""
        return bool(self._csrf)

    def _get(self, path: str, **query: str) -> str:
        """A page; "" while nobody answers."""
        try:
            answer = self._session.get(self._address + path, params=query, timeout=30)
        except requests.RequestException:
            return ""
        if answer.status_code not in {200, 404, 503}:
            self.refusals.append(f"GET {path}: {answer.status_code}")
        return answer.text if answer.ok else ""

    def _send(self, form: _Form) -> str | None:
        """Sends it until it is answered; the address that it leads to. None where the end of the test came first."""
        while True:
            try:
                answer = self._session.post(
                    self._address + form.path,
                    data=form.fields | {"csrf_token": self._csrf},
                    allow_redirects=False,
                    timeout=30,
                )
            except requests.RequestException:
                pass
            else:
                if answer.status_code == 303:
                    return str(answer.headers["Location"])
                if answer.status_code != 503:
                    self.refusals.append(f"POST {form.path}: {answer.status_code}")
                    return None
            if self.wait(0.1):
                return None


# --- what came of it ----------------------------------------------------------------------------------------------


class Postbook:
    """Every delivery that the shop made, with the answer it got; kept beside the sandbox, which forgets old ones."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self.accepted: set[tuple[str, str, bytes]] = set()
        self.failed = 0

    def copy(self) -> None:
        """Takes over what the sandbox has noted since the last call."""
        with self._sandbox.shop.lock:
            sent = list(self._sandbox.shop.deliveries.sent)
            self._sandbox.shop.deliveries.sent.clear()
        for delivered in sent:
            if delivered.status == 200:
                delivery_id = dict(delivered.headers)["X-WC-Webhook-Delivery-ID"]
                digest = hashlib.blake2b(delivered.body, digest_size=16).digest()
                self.accepted.add((delivered.topic, delivery_id, digest))
            else:
                self.failed += 1


def seed_of_this_run() -> int:
    """COMPANION_SEED, else another one each time."""
    return int(os.environ.get("COMPANION_SEED", "0")) or random.SystemRandom().randrange(1, 1_000_000)
