"""Keeps what is wrong with accounts, in the transaction in which their facts changed, whatever door that came by."""

from __future__ import annotations

from collections.abc import Iterable

from companion.domain.quality import faults_of
from companion.domain.searchable import STAFF_ROLES
from storage.engine import Tx
from storage.identity.identifiers import FactsRow
from storage.people import faults


def notice(tx: Tx, rows: Iterable[FactsRow], *, region: str) -> None:
    """Looks at accounts that were made or whose facts changed. Nobody corrects those of a shop's own staff, nor of
    whom the shop does not know any more.
    """
    faults.keep(
        tx,
        {
            row.id: ()
            if row.is_gone or row.facts["role"] in STAFF_ROLES
            else faults_of({**row.facts, "billing": row.billing}, region=region)
            for row in rows
        },
    )
