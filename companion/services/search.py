"""Finding a customer by any part of what is known of her, or of what was written about her.

Substring search over folded text; every word must occur, in any order. What the viewer may not see is left out before
ranking, so it shows neither as a hit nor in a snippet. Ranked by how well the words match (whole words, then beginnings
of words, then any part), people before notes about them, then whoever was last heard of.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal, NamedTuple

from companion.domain.calendar import to_latin_digits
from companion.domain.permissions import Viewer
from companion.domain.richtext import to_plain
from companion.domain.snippet import Span, excerpt, locate
from companion.domain.text import indexed_names, words
from companion.services import profile
from companion.services.scopes import scope_of
from storage import customers, notes, search
from storage.customers import AccountRow, ContactRow
from storage.engine import Store, Tx
from storage.scope import Scope

Why = Literal["name", "email", "phone", "username", "company", "address", "order", "note"]

QUERY_LIMIT = 200
"""Letters of a query that are looked at, and words of it."""
_WORDS_LIMIT = 8

# Enough to find the best among them; those beyond are reached by typing another letter.
_CANDIDATES = 100
_AROUND = 60  # characters of a note shown on either side of the match
_LONGEST_AGO = datetime.min.replace(tzinfo=UTC)

_NUMBER = re.compile(r"^[+#]?[0-9][0-9\s\-().]*$")
_MOBILE = re.compile(r"^(?:98|0)(9\d{9})$")
_WHOLE, _START, _PART = range(3)


@dataclass(frozen=True)
class Hit:
    """A customer found. `why` names what matched, `snippet` is that text as it came (shortened), `mark` the matched
    part's [start, end) within it, None when it cannot be pointed at.
    """

    customer_id: int
    name: str
    why: Why
    snippet: str
    mark: tuple[int, int] | None
    shops: tuple[str, ...]
    orders_count: int
    last_order_at: datetime | None


@dataclass(frozen=True)
class Results:
    """Hits, best first; `total_is_more` when there are others beyond the limit."""

    hits: tuple[Hit, ...]
    total_is_more: bool


class _Match(NamedTuple):
    """The best reason found so far for one customer: smaller `rank` is better."""

    rank: tuple[int, int]
    kind: Literal["account", "note", "order"]
    owner_id: int
    text: str


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
            chosen = best[:limit]
            accounts = customers.accounts_of(tx, chosen, scope)
            noted = notes.among(tx, [found[its].owner_id for its in chosen if found[its].kind == "note"], scope)
        hits = []
        for customer_id in chosen:
            match, hers = found[customer_id], accounts.get(customer_id, [])
            body = noted[match.owner_id].body if match.kind == "note" else ""
            why, snippet, mark = self._reason(match, hers, body, wanted)
            contact = contacts.get(customer_id, ContactRow())
            hits.append(
                Hit(
                    customer_id=customer_id,
                    name=profile.name_of(hers),
                    why=why,
                    snippet=snippet,
                    mark=mark,
                    shops=profile.shops_of(hers),
                    orders_count=contact.orders,
                    last_order_at=contact.last_order_at,
                )
            )
        return Results(tuple(hits), total_is_more=len(best) > limit)

    def _reason(
        self, match: _Match, accounts: Sequence[AccountRow], body: str, wanted: Sequence[str]
    ) -> tuple[Why, str, Span | None]:
        """What matched, the text to show for it, and the part of that text to mark."""
        if match.kind == "note":
            plain = to_plain(body)
            return "note", *excerpt(plain, locate(plain, wanted), around=_AROUND)
        if match.kind == "order":
            return "order", match.text, locate(match.text, wanted)
        why, text = _field([row for row in accounts if row.id == match.owner_id], wanted, self._region)
        return why, text, locate(text, wanted)


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


def _matches(tx: Tx, wanted: Sequence[str], scope: Scope) -> dict[int, _Match]:
    """The customers found, each with the best reason."""
    found: dict[int, _Match] = {}

    def offer(customer_id: int, match: _Match) -> None:
        if customer_id not in found or match.rank < found[customer_id].rank:
            found[customer_id] = match

    if len(wanted) == 1 and any(map(str.isdigit, wanted[0])):
        for order in search.orders_numbered(tx, wanted[0], scope):
            offer(order.customer_id, _Match((_WHOLE, 0), "order", 0, order.number))
    kinds: tuple[search.Kind, ...] = ("account", "note")
    for place, kind in enumerate(kinds):
        # Beginnings of words first: frequent parts of words must not crowd them out of the candidates.
        for at_word_start in (True, False):
            if not at_word_start and len(found) >= _CANDIDATES:
                break
            for row in search.candidates(tx, wanted, scope, kind=kind, limit=_CANDIDATES, at_word_start=at_word_start):
                offer(row.customer_id, _Match((_level(row.folded, wanted), place), kind, row.owner_id, ""))
    return found


def _level(folded: str, wanted: Iterable[str]) -> int:
    """How well the worst of the words matches."""
    padded = f" {folded} "
    return max(_WHOLE if f" {word} " in padded else _START if f" {word}" in padded else _PART for word in wanted)


def _age(contact: ContactRow | None) -> float:
    """Greater the longer ago she was last heard of."""
    at = contact.last_contact_at if contact else None
    return -(at or _LONGEST_AGO).timestamp()


def _field(accounts: Sequence[AccountRow], wanted: Collection[str], region: str) -> tuple[Why, str]:
    """The field of the account that holds most of the words, the likeliest kind of field first; else just her name."""
    best: tuple[int, Why, str] = (0, "name", profile.name_of(accounts))
    for why, text in _fields(accounts, region):
        folded = indexed_names((text,))
        digits = re.sub(r"\D", "", folded) if why == "phone" else ""
        held = sum(word in folded or word in digits for word in wanted)
        if held > best[0]:
            best = (held, why, text)
    return best[1], best[2]


def _fields(accounts: Sequence[AccountRow], region: str) -> Iterator[tuple[Why, str]]:
    for row in accounts:
        yield "name", profile.account_of(row).name
        for address in (row.billing, row.shipping):
            yield "name", f"{address.get('first_name', '')} {address.get('last_name', '')}".strip()
        yield "company", row.company
    for point in profile.phones_of(accounts, region):
        yield "phone", point.text
        yield "phone", point.key
    for point in profile.emails_of(accounts):
        yield "email", point.text
    for row in accounts:
        yield "username", row.username
        for address in (row.billing, row.shipping):
            yield "company", address.get("company", "")
            yield "address", "، ".join(profile.address_lines(address))
