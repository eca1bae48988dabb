"""Finding a customer by any part of what is known of her, or of what was written about her or by her.

Substring search over folded text; every word must occur, in any order. What the viewer may not see is left out before
ranking, so it shows neither as a hit nor in a snippet. Ranked by how well the words match (whole words, then beginnings
of words, then any part), people before notes about them and those before tickets and replies, then whoever was last
heard of.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from companion.domain.calendar import to_latin_digits
from companion.domain.permissions import Viewer
from companion.domain.text import words
from companion.services import profile, reasons
from companion.services.reasons import Match, Why
from companion.services.refs import OrderRef, Ref
from companion.services.scopes import scope_of
from storage import customers, search
from storage.customers import ContactRow
from storage.engine import Store, Tx
from storage.scope import Scope

__all__ = ["QUERY_LIMIT", "Hit", "Results", "Search", "Why"]

QUERY_LIMIT = 200
"""Letters of a query that are looked at, and words of it."""
_WORDS_LIMIT = 8

# Enough to find the best among them; those beyond are reached by typing another letter.
_CANDIDATES = 100
_LONGEST_AGO = datetime.min.replace(tzinfo=UTC)

_NUMBER = re.compile(r"^[+#]?[0-9][0-9\s\-().]*$")
_MOBILE = re.compile(r"^(?:98|0)(9\d{9})$")
_WHOLE, _START, _PART = range(3)
_KINDS: tuple[search.Kind, ...] = ("account", "note", "ticket", "reply")
"""Who is like the words stands before what merely holds them."""
_KINDS_BUT_TICKETS = _KINDS[:2]


@dataclass(frozen=True)
class Hit:
    """A customer found. `why` names what matched, `snippet` is that text as it came (shortened), `mark` the matched
    part's [start, end) within it, None when it cannot be pointed at. `thing` is the order or ticket that it is or is
    about; of a note, a ticket or a reply `written_at` tells when it was written, and of the first and last `author` by
    whom.
    """

    customer_id: int
    name: str
    why: Why
    snippet: str
    mark: tuple[int, int] | None
    shops: tuple[str, ...]
    orders_count: int
    last_order_at: datetime | None
    thing: Ref | None = None
    author: str = ""
    written_at: datetime | None = None


@dataclass(frozen=True)
class Results:
    """Hits, best first; `total_is_more` when there are others beyond the limit."""

    hits: tuple[Hit, ...]
    total_is_more: bool


_NOTHING = Results(hits=(), total_is_more=False)


class Search:
    """The search box."""

    def __init__(self, store: Store, clock: Callable[[], datetime], *, region: str = "IR") -> None:
        """`region` is the country (two letters) of phone numbers that name none."""
        self._store = store
        self._clock = clock
        self._region = region

    def find(self, viewer: Viewer, text: str, *, limit: int = 20) -> Results:
        """Customers matching every word of `text`; nothing for a text without a letter or digit."""
        scope = scope_of(viewer)
        wanted = _wanted(text[:QUERY_LIMIT])
        if not wanted:
            return _NOTHING
        with self._store.read() as tx:
            found = _matches(tx, wanted, scope)
            contacts = customers.contacts(tx, found, scope)
            best = sorted(found, key=lambda its: (*found[its].rank, _age(contacts.get(its)), -its))
            chosen = {customer_id: found[customer_id] for customer_id in best[:limit]}
            accounts = customers.accounts_of(tx, chosen, scope)
            told = reasons.read(tx, chosen, accounts, wanted, scope, region=self._region)
        hits = []
        for customer_id in chosen:
            hers, contact = accounts.get(customer_id, []), contacts.get(customer_id, ContactRow())
            reason = told[customer_id]
            hits.append(
                Hit(
                    customer_id=customer_id,
                    name=profile.name_of(hers),
                    why=reason.why,
                    snippet=reason.snippet,
                    mark=reason.mark,
                    shops=profile.shops_of(hers),
                    orders_count=contact.orders,
                    last_order_at=contact.last_order_at,
                    thing=reason.thing,
                    author=reason.author,
                    written_at=reason.written_at,
                )
            )
        return Results(tuple(hits), total_is_more=len(best) > limit)


def _wanted(text: str) -> tuple[str, ...]:
    """The folded words to look for. A number stands as one word, without its separators."""
    plain = to_latin_digits(text).strip()
    if _NUMBER.match(plain):
        return (_bare(re.sub(r"\D", "", plain)),)
    return tuple(bare for word in words(text) if (bare := word.lstrip("#")))[:_WORDS_LIMIT]


def _bare(digits: str) -> str:
    """A number without what stands before it in one spelling of a phone and not in another (0098, 98, 0)."""
    digits = digits.removeprefix("00") or digits
    mobile = _MOBILE.match(digits)
    return mobile[1] if mobile else digits


def _matches(tx: Tx, wanted: Sequence[str], scope: Scope) -> dict[int, Match]:
    """The customers found, each with the best reason."""
    found: dict[int, Match] = {}

    def offer(customer_id: int, match: Match) -> None:
        if customer_id not in found or match.rank < found[customer_id].rank:
            found[customer_id] = match

    if len(wanted) == 1 and any(map(str.isdigit, wanted[0])):
        for customer_id, match in _numbered(tx, wanted[0], scope):
            offer(customer_id, match)
    for place, kind in enumerate(_KINDS if scope.sees_tickets else _KINDS_BUT_TICKETS):
        # Beginnings of words first: frequent parts of words must not crowd them out of the candidates.
        for at_word_start in (True, False):
            if not at_word_start and len(found) >= _CANDIDATES:
                break
            for row in search.candidates(tx, wanted, scope, kind=kind, limit=_CANDIDATES, at_word_start=at_word_start):
                offer(row.customer_id, Match((_level(row.folded, wanted), place), kind, row.owner_id))
    return found


def _numbered(tx: Tx, number: str, scope: Scope) -> Iterator[tuple[int, Match]]:
    """Who ordered, and who asked, under this number."""
    for order in search.orders_numbered(tx, number, scope):
        yield (
            order.customer_id,
            Match((_WHOLE, 0), "order", 0, OrderRef(order.shop, order.order_id, order.number)),
        )
    for ticket, customer_id in search.tickets_numbered(tx, number, scope):
        yield customer_id, Match((_WHOLE, 0), "ticket", ticket)


def _level(folded: str, wanted: Iterable[str]) -> int:
    """How well the worst of the words matches."""
    padded = f" {folded} "
    return max(_WHOLE if f" {word} " in padded else _START if f" {word}" in padded else _PART for word in wanted)


def _age(contact: ContactRow | None) -> float:
    """Greater the longer ago she was last heard of."""
    at = contact.last_contact_at if contact else None
    return -(at or _LONGEST_AGO).timestamp()
