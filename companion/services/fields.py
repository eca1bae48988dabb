"""What shops tell of accounts besides facts in force: chosen fields under their labels, phones of other orders."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from companion.domain.also_told import AlsoTold, Chosen, Label, also_told
from storage.engine import Tx
from storage.people import also_told as stored


@dataclass(frozen=True)
class ChosenField:
    """A chosen field of a customer: what it is called, and its value as one of her shops tells it."""

    shop: str
    label: Label
    value: str


def told_of(tx: Tx, shops: Mapping[int, str], chosen: Chosen, *, region: str) -> dict[int, AlsoTold]:
    """What is told of these accounts, given with their shops; accounts of which nothing is are absent."""
    keys = {key for shop in set(shops.values()) for key in chosen.get(shop, ())}
    return {
        account_id: also_told(
            told.tellings, chosen.get(shops[account_id], ()), known_wrong=told.corrected, region=region
        )
        for account_id, told in stored.of_accounts(tx, shops.keys(), keys).items()
    }


def fields_of(told: Mapping[int, AlsoTold], shops: Mapping[int, str], chosen: Chosen) -> tuple[ChosenField, ...]:
    """The chosen fields of accounts, each once however many of a shop's accounts bear it."""
    found = (
        ChosenField(shops[account_id], chosen[shops[account_id]][field.key], field.value)
        for account_id in shops
        for field in told.get(account_id, AlsoTold()).fields
    )
    return tuple(dict.fromkeys(found))
