"""Sends recorded requests to a sandbox, after bringing it into the state that each was recorded in."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import requests

from companion.sandbox import Sandbox, seed_recorded
from companion.sandbox.order_book import Storage
from companion.sandbox.seed_recorded import delete_drafts
from tests.contract.callers import Asked, signed

RECORDED = Path(__file__).parent / "recorded"
_OAUTH = re.compile(r"(oauth_|consumer_)")


def names() -> list[str]:
    """Every recorded exchange, as folder/name."""
    return sorted(
        str(file.relative_to(RECORDED).with_suffix(""))
        for folder in ("woocommerce", "webhooks", "wordpress", "awesome-support")
        for file in (RECORDED / folder).glob("*.json")
    )


def load(name: str) -> dict[str, Any]:
    """An exchange, by folder/name or by its name alone."""
    file = RECORDED / f"{name}.json" if "/" in name else next(RECORDED.glob(f"*/{name}.json"))
    loaded: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return loaded


class Replay:
    """A sandbox that recorded requests are sent to; what they create is found again under its own id."""

    def __init__(self, sandbox: Sandbox, receiver_url: str) -> None:
        self.sandbox = sandbox
        self._receiver_url = receiver_url
        self._ids: dict[str, str] = {}
        self._meta_ids: dict[str, str] = {}

    def send(self, exchange: dict[str, Any]) -> requests.Response:
        """Send one recorded request, signed by its caller."""
        asked = self._asked(exchange["request"])
        asked = signed(asked, exchange["auth"], self.sandbox)
        for target in asked.before:
            requests.get(self.sandbox.url + target, timeout=10)
        answer = requests.request(
            asked.method, self.sandbox.url + asked.target, headers=asked.headers, data=asked.body, timeout=10
        )
        recorded = exchange["response"].get("json")
        if answer.ok and isinstance(recorded, dict) and "meta_data" in recorded:
            here = {row["key"]: str(row["id"]) for row in answer.json().get("meta_data", ())}
            self._meta_ids |= {str(row["id"]): here[row["key"]] for row in recorded["meta_data"] if row["key"] in here}
        if answer.status_code == 201 and isinstance(recorded, dict):
            self._ids[str(recorded["id"])] = str(answer.json()["id"])
        return answer

    def _asked(self, request: dict[str, Any]) -> Asked:
        parts = urlsplit(request["url"])
        path = re.sub(r"(?<=/)\d+(?=/|$)", lambda found: self._ids.get(found[0], found[0]), parts.path)
        query = tuple(pair for pair in parse_qsl(parts.query, keep_blank_values=True) if not _OAUTH.match(pair[0]))
        body = (request["body"] or "").replace("https://notes.example", self._receiver_url)
        body = re.sub(
            r'(?<=\{"id": )\d+(?=, "(?:key|value)")', lambda found: self._meta_ids.get(found[0], found[0]), body
        )
        return Asked(request["method"], path, query, dict(request["headers"]), body.encode() or None)

    def set_up(self, given: str) -> None:
        """Bring the sandbox into the state that `given` says in words; LookupError for words it does not know."""
        seed_recorded(self.sandbox.shop)
        said = given.removeprefix("the recorded shop")
        replayed = re.search(
            r", after ((?:[a-z]\d\d\w*\.?[\w.]*|five scalars)(?:, (?:[a-z]\d\d[\w.]*|five scalars))*)", said
        )
        if said.startswith(", its old drafts gone"):
            delete_drafts(self.sandbox.shop)
            said = said.removeprefix(", its old drafts gone")
        if said.startswith(", with registered meta"):
            self.sandbox.shop.helpdesk.registered_meta = ("crm_id", "_crm_hidden")
            said = said.removeprefix(", with registered meta")
        if replayed is not None:
            for step in replayed[1].split(", "):
                self._step(step)
            said = said.replace(replayed[0], "")
        if said:
            _SPECIAL[said](self)

    def _step(self, step: str) -> None:
        if step == "five scalars":
            scalars = {"crm_num": 12.5, "crm_bool": True, "crm_false": False, "crm_int": 7, "crm_zero": 0}
            self.sandbox.shop.update_order(27, meta=scalars)
        else:
            self.send(load(step))

    def race(self) -> None:
        """Eight writers put the same new key on order 36 at once."""
        key = self.sandbox.credentials.rw
        url = f"{self.sandbox.url}/wp-json/wc/v3/orders/36"
        body = {"meta_data": [{"key": "crm_race0", "value": "1"}]}
        with ThreadPoolExecutor(8) as writers:
            list(writers.map(lambda _: requests.put(url, json=body, auth=(key.key, key.secret), timeout=10), range(8)))

    def move(self, storage: Storage) -> None:
        """Move the orders into another storage."""
        self.sandbox.shop.storage = storage

    def fail_seven_times(self) -> None:
        """Register a webhook as recorded and let its receiver fail until the shop gives up."""
        answer = self.send({**load("c03_webhook_create_receiver_500"), "response": {"json": {"id": 9}}})
        webhook = self.sandbox.shop.deliveries.webhooks[answer.json()["id"]]
        webhook.topic = "order.updated"
        for _ in range(7):
            self.sandbox.shop.update_order(27)
            self.sandbox.shop.run_queue()

    def batch_nonsense(self) -> None:
        """A batch that gives order 29 a status there is none of."""
        key = self.sandbox.credentials.rw
        body = {"update": [{"id": 29, "status": "nonsense", "meta_data": [{"key": "crm_b", "value": "4"}]}]}
        url = f"{self.sandbox.url}/wp-json/wc/v3/orders/batch"
        requests.post(url, json=body, auth=(key.key, key.secret), timeout=10).raise_for_status()

    def force_delete(self) -> None:
        """Delete the newest order for good."""
        self.sandbox.shop.force_delete_order(max(self.sandbox.shop.orders))

    def add_customer(self) -> None:
        """One who registered between the two rounds of recording."""
        self.sandbox.shop.create_customer("hook@example.test", edited=True, quiet=True)

    def process(self) -> None:
        """Somebody takes up ticket 356."""
        self.sandbox.shop.helpdesk.set_status(356, "processing")


_SPECIAL: dict[str, Callable[[Replay], None]] = {
    ", moved to hpos-sync": lambda replay: replay.move("hpos-sync"),
    ", moved to legacy-sync": lambda replay: replay.move("legacy-sync"),
    ", with one more customer": Replay.add_customer,
    ", ticket 356 made processing": Replay.process,
    ", that order deleted for good": Replay.force_delete,
    ', after a batch gave order 29 the status "nonsense"': Replay.batch_nonsense,
    ", after eight writers raced for one key of order 36": Replay.race,
    ", a webhook of order.updated whose receiver failed seven times": Replay.fail_seven_times,
}
