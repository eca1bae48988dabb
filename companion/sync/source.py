"""What the engine asks of a shop, and of the parser of its records. `companion.app` names the concrete ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from connectors.base import Customer, Order, OrderNote, Page, Refund, ShopFacts, Stamp, Webhook, Window, WriteResult


class Source(Protocol):
    """One shop. Every method makes requests and raises connectors.errors.ConnectorError; safe for several threads."""

    def orders(self, window: Window | None, *, page: int, per_page: int = 100) -> Page:
        """One page of the orders in the window (None: all but the trash), by ascending id."""

    def order_stamps(self, *, trash: bool, page: int) -> Page:
        """Ids, states and dates of the orders, or of the trashed ones, by ascending id."""

    def customer_stamps(self, *, page: int) -> Page:
        """Ids and dates of the registered users of every role, by ascending id."""

    def order(self, order_id: str) -> bytes:
        """One order, past any cache; raises Missing."""

    def refunds(self, *, since: datetime | None, page: int) -> Page:
        """One page of all refunds of the shop."""

    def order_refunds(self, order_id: str) -> Sequence[bytes]:
        """The refunds of one order."""

    def order_notes(self, order_id: str) -> Sequence[bytes]:
        """The notes standing on one order."""

    def customers(self, *, page: int, per_page: int = 100, newest_first: bool = False) -> Page:
        """One page of the registered users of every role, by ascending id or newest first."""

    def customer(self, customer_id: str) -> bytes:
        """One registered user; raises Missing."""

    def write_summaries(self, values: Mapping[str, str | None]) -> Sequence[WriteResult]:
        """Sets (or removes, with None) our one key on up to 100 orders in one request; touches nothing else."""

    def webhooks(self) -> Sequence[Webhook]:
        """Every webhook registered in the shop."""

    def create_webhook(self, *, name: str, topic: str, delivery_url: str, secret: str) -> Webhook:
        """Registers a webhook."""

    def update_webhook(
        self,
        webhook_id: str,
        *,
        status: str | None = None,
        secret: str | None = None,
        delivery_url: str | None = None,
    ) -> Webhook:
        """Changes a webhook of ours; what is None stays."""

    def facts(self) -> ShopFacts:
        """What the shop says of itself."""

    def close(self) -> None:
        """Lets go of kept connections."""


class Parser(Protocol):
    """Raw bytes to records, without I/O; raises ValueError with the reason where a record cannot be understood."""

    def record_id(self, raw: bytes) -> str:
        """The id alone, cheaply."""

    def parse_stamp(self, raw: bytes) -> Stamp:
        """An item of one of the stamps' lists."""

    def parse_order(self, raw: bytes) -> Order:
        """One order."""

    def parse_refund(self, raw: bytes) -> Refund:
        """One refund, of the list of all or of an order's list."""

    def parse_order_note(self, raw: bytes, order_id: str) -> OrderNote:
        """One note of an order."""

    def parse_customer(self, raw: bytes) -> Customer:
        """One registered user."""
