"""What the engine asks of a shop, and of the parser of its records. `companion.app` names the concrete ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Literal, Protocol

from connectors.base import (
    Agent,
    Changes,
    Count,
    Customer,
    Order,
    OrderNote,
    Page,
    Refund,
    ShopFacts,
    Stamp,
    Ticket,
    TicketReply,
    Webhook,
    Window,
    WriteResult,
)


class Source(Protocol):
    """One shop. Every method makes requests and raises connectors.errors.ConnectorError; safe for several threads."""

    def orders(self, window: Window | None, *, page: int, per_page: int = 100) -> Page:
        """One page of the orders in the window (None: all but the trash), by ascending id."""

    def orders_by_id(self, order_ids: Sequence[str]) -> Page:
        """Those of up to 100 orders that exist, whole; none that lies in the trash."""

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

    def delete_webhook(self, webhook_id: str) -> None:
        """Removes a webhook of ours; one that is gone already is well too."""

    def facts(self) -> ShopFacts:
        """What the shop says of itself."""

    def close(self) -> None:
        """Lets go of kept connections."""


class Helpdesk(Protocol):
    """The helpdesk of one shop. Methods raise and are safe as those of `Source`."""

    def tickets(
        self,
        window: Window | None,
        *,
        page: int,
        per_page: int = 100,
        order_by: Literal["id", "modified"] = "id",
        state: Literal["any", "open"] = "any",
    ) -> Page:
        """One page of the tickets in the window (None: of all), ascending; never the trashed ones."""

    def ticket_count(self, window: Window | None) -> Count:
        """How many there are in the window by the shop's own count, without the work of listing them."""

    def ticket(self, ticket_id: str) -> bytes:
        """One ticket, a trashed one too, past any cache; raises Missing."""

    def replies(self, ticket_id: str) -> Sequence[bytes]:
        """The replies to one ticket."""

    def agents(self) -> Sequence[bytes]:
        """The users who work in the shop; raises Refused where our user may not see them."""

    def write_summaries(self, values: Mapping[str, str | None]) -> Sequence[WriteResult]:
        """Sets (or removes, with None) our one key on tickets, one request each; touches nothing else. The error
        `summary_not_kept` says that nothing in the shop registered the key.
        """

    def close(self) -> None:
        """Lets go of kept connections."""


class Bridge(Protocol):
    """Our own plugin in the shop. Methods raise and are safe as those of `Source`."""

    def changes(self, since: int) -> Changes:
        """What happened after the change numbered `since` that no date of any record tells."""

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


class HelpdeskParser(Protocol):
    """As `Parser`, for what a helpdesk sends."""

    def record_id(self, raw: bytes) -> str:
        """The id alone, cheaply."""

    def parse_ticket(self, raw: bytes) -> Ticket:
        """One ticket, without its replies."""

    def parse_reply(self, raw: bytes) -> TicketReply:
        """One reply, which names its ticket."""

    def parse_agent(self, raw: bytes) -> Agent:
        """One user who works in the shop."""
