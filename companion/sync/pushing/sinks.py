"""What summaries are written to: the orders of shops, and their tickets. A sink writes, and applies what comes back."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, Protocol

from companion.sync.funnel.apply import Applier
from companion.sync.reading.reread import Rereader, helpdesk_of
from companion.sync.records.items import Item
from companion.sync.records.outcome import Outcome
from companion.sync.shop import Shop
from companion.sync.summaries import Kind
from connectors.base import WriteResult
from storage import orders
from storage.engine import Tx
from storage.tickets import tickets


class Sink(Protocol):
    """One kind of thing. `at_once`: how many are written under one claim, at most."""

    kind: Kind
    at_once: int

    def write(self, shop: Shop, texts: Mapping[str, str | None]) -> Sequence[WriteResult]:
        """Writes these lines by id, None removes one. Raises ConnectorError where none could be tried, with the code
        no_helpdesk where nothing of the kind is within our reach.
        """

    def echoes(self, raws: Iterable[bytes]) -> list[Item[Any]]:
        """What the shop answered, parsed."""

    def apply(self, tx: Tx, shop_key: str, items: Sequence[Item[Any]], *, read_seq: int) -> Outcome:
        """Brings the answers through the funnel."""

    def reread(self, shop: Shop, ref_id: str) -> None:
        """Asks how the thing stands."""

    def not_kept(self, tx: Tx, shop_key: str, ref_ids: Collection[str]) -> None:
        """The shop has no place for our key on these: they are not to be written to until it is seen to have one."""

    def customers_of(self, tx: Tx, shop_key: str, ref_ids: Collection[str]) -> set[int]:
        """Whose these are."""

    def written(self, tx: Tx, shop_key: str, ref_ids: Collection[str]) -> dict[str, str]:
        """What was last written on these, "" where it was removed."""

    def set_written(self, tx: Tx, shop_key: str, written: Mapping[str, str]) -> None:
        """Remembers that."""


class OrderSink:
    """The orders of any shop: a hundred in one request, which is the most that WooCommerce takes."""

    kind: Kind = "order"
    at_once = 100

    def __init__(self, applier: Applier, rereader: Rereader) -> None:
        self._applier = applier
        self._rereader = rereader

    def write(self, shop: Shop, texts: Mapping[str, str | None]) -> Sequence[WriteResult]:
        """One request for all."""
        return shop.source.write_summaries(texts)

    def echoes(self, raws: Iterable[bytes]) -> list[Item[Any]]:
        """Orders, as the shop answered them."""
        return list(self._applier.parse_orders(raws))

    def apply(self, tx: Tx, shop_key: str, items: Sequence[Item[Any]], *, read_seq: int) -> Outcome:
        """Orders through the funnel."""
        return self._applier.orders(tx, shop_key, items, read_seq=read_seq)

    def reread(self, shop: Shop, ref_id: str) -> None:
        """One order."""
        self._rereader.order(shop, ref_id)

    def not_kept(self, tx: Tx, shop_key: str, ref_ids: Collection[str]) -> None:
        """WooCommerce keeps any key; nothing is to be remembered."""

    def customers_of(self, tx: Tx, shop_key: str, ref_ids: Collection[str]) -> set[int]:
        """Who placed them."""
        return set(orders.customers_of(tx, shop_key, ref_ids).values())

    def written(self, tx: Tx, shop_key: str, ref_ids: Collection[str]) -> dict[str, str]:
        """What was last written on these orders."""
        return orders.summaries_written(tx, shop_key, ref_ids)

    def set_written(self, tx: Tx, shop_key: str, written: Mapping[str, str]) -> None:
        """Remembers that."""
        orders.set_written(tx, shop_key, written)


class TicketSink:
    """The tickets of any shop that has a helpdesk: one request each, so fewer under one claim."""

    kind: Kind = "ticket"
    at_once = 20

    def __init__(self, applier: Applier, rereader: Rereader) -> None:
        self._applier = applier
        self._rereader = rereader

    def write(self, shop: Shop, texts: Mapping[str, str | None]) -> Sequence[WriteResult]:
        """A request each."""
        return helpdesk_of(shop).write_summaries(texts)

    def echoes(self, raws: Iterable[bytes]) -> list[Item[Any]]:
        """Tickets, as the shop answered them."""
        return list(self._applier.tickets.parse_tickets(raws))

    def apply(self, tx: Tx, shop_key: str, items: Sequence[Item[Any]], *, read_seq: int) -> Outcome:
        """Tickets through the funnel."""
        return self._applier.tickets.tickets(tx, shop_key, items, read_seq=read_seq)

    def reread(self, shop: Shop, ref_id: str) -> None:
        """One ticket."""
        self._rereader.ticket(shop, ref_id)

    def not_kept(self, tx: Tx, shop_key: str, ref_ids: Collection[str]) -> None:
        """Our plugin is not there any more: nothing shows our key."""
        self._applier.tickets.take_no_summary(tx, shop_key, ref_ids)

    def customers_of(self, tx: Tx, shop_key: str, ref_ids: Collection[str]) -> set[int]:
        """Who wrote them."""
        return set(tickets.customers_of(tx, shop_key, ref_ids).values())

    def written(self, tx: Tx, shop_key: str, ref_ids: Collection[str]) -> dict[str, str]:
        """What was last written on these tickets."""
        return tickets.summaries_written(tx, shop_key, ref_ids)

    def set_written(self, tx: Tx, shop_key: str, written: Mapping[str, str]) -> None:
        """Remembers that."""
        tickets.set_written(tx, shop_key, written)
