"""Finding a customer by any part of what is known of her, or of what was written about her or by her.

What the viewer may not see, and what the filters leave out, never leaves the database: it shows neither as a hit nor in
a snippet nor in a count. Who is called so stands first, then who is called like it, then what was written; among equals
whoever was last heard of (`companion.domain.likeness`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from companion.domain import query as queries
from companion.domain.also_told import NOTHING_CHOSEN, Chosen, Label
from companion.domain.permissions import Viewer
from companion.services import profile
from companion.services.refs import Ref
from companion.services.scopes import scope_of
from companion.services.search import reasons
from companion.services.search.finding import Finding
from companion.services.search.known_words import KnownWords
from companion.services.search.reasons import Match, Why
from storage import agents
from storage.engine import Store
from storage.people import customers
from storage.search import contacts
from storage.search.contacts import NOTHING, Heard
from storage.search.index import KINDS, Kind
from storage.search.owners import ANYTHING, Filter
from storage.segments import segments

__all__ = ["KINDS", "QUERY_LIMIT", "Filters", "Hit", "Results", "Search", "Why"]

QUERY_LIMIT = queries.LONGEST
"""Letters of a query that are looked at."""

_COMPARED = 3
"""So many times the limit are compared by their latest contact, of those that match equally well."""

_LONGEST_AGO = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True)
class Filters:
    """What a search is narrowed to: a `kind` of thing (None for all), its shop, the segment of the customer, the agent
    who wrote it, and when it was written, [since, until). Of a person the time is that of the newest facts about her.
    """

    kind: Kind | None = None
    shop: str = ""
    segment: str = ""
    agent_id: int | None = None
    since: datetime | None = None
    until: datetime | None = None


EVERYTHING = Filters()


@dataclass(frozen=True)
class Hit:
    """A customer found. `why` names what matched, `snippet` is that text as it came (shortened), `mark` the matched
    part's [start, end) within it, None when it cannot be pointed at. `thing` is the order or ticket that it is or is
    about; of what was written, `written_at` tells when, and `author` by whom. `approximate`: she is not called what was
    typed, but like it. `segment` is her kind, "" for none. `label` is what the chosen field is called that matched.
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
    approximate: bool = False
    segment: str = ""
    label: Label | None = None


@dataclass(frozen=True)
class Results:
    """Hits, best first; `total_is_more` when there are others beyond the limit."""

    hits: tuple[Hit, ...]
    total_is_more: bool


_NOTHING = Results(hits=(), total_is_more=False)


class Search:
    """The search box."""

    def __init__(
        self,
        store: Store,
        clock: Callable[[], datetime],
        *,
        region: str = "IR",
        chosen: Chosen = NOTHING_CHOSEN,
    ) -> None:
        """`region` is the country (two letters) of phone numbers that name none, `chosen` are the custom fields that
        people are found by.
        """
        self._store = store
        self._clock = clock
        self._region = region
        self._chosen = chosen
        self._known = KnownWords(store)

    def warm(self) -> None:
        """Gets ready what the first misspelt query would wait for."""
        self._known.warm()

    def authors(self, viewer: Viewer) -> tuple[tuple[int, str], ...]:
        """The agents (id, name) whose notes one may look for, by name; none for one who may not see notes."""
        scope = scope_of(viewer)
        with self._store.read() as tx:
            return tuple((row.id, row.name) for row in agents.every(tx)) if scope.sees_notes else ()

    def find(self, viewer: Viewer, text: str, *, limit: int = 20, only: Filters = EVERYTHING) -> Results:
        """Customers matching every word of `text`; nothing for a text without a letter or digit."""
        scope = scope_of(viewer)
        query = queries.read(text)
        if not query.words:
            return _NOTHING
        kinds: tuple[Kind, ...] = (only.kind,) if only.kind else KINDS
        narrowed = (
            Filter(only.shop, only.segment, only.agent_id, only.since, only.until)
            if only != Filters(kind=only.kind)
            else ANYTHING
        )
        with self._store.read() as tx:
            finding = Finding(tx, query, scope, self._known, limit=limit, kinds=kinds, only=narrowed)
            found = finding.run().matches
            if not found and (meant := queries.read(queries.on_the_other_keyboard(text))).words:
                finding = Finding(tx, meant, scope, self._known, limit=limit, kinds=kinds, only=narrowed)
                query, found = meant, finding.run(is_guess=True).matches
            compared = _best(found, limit * _COMPARED)
            heard = contacts.last_heard(tx, compared, scope)
            best = sorted(compared, key=lambda its: (found[its].rank, _age(heard.get(its, NOTHING)), -its))
            chosen = {customer_id: found[customer_id] for customer_id in best[:limit]}
            accounts = customers.accounts_of(tx, chosen, scope)
            types = segments.of_many(tx, chosen)
            told = reasons.read(tx, chosen, accounts, query.words, scope, region=self._region, chosen=self._chosen)
        hits = []
        for customer_id in chosen:
            hers, contact = accounts.get(customer_id, []), heard.get(customer_id, NOTHING)
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
                    segment=types.get(customer_id, ""),
                    approximate=reason.approximate,
                    label=reason.label,
                )
            )
        return Results(tuple(hits), total_is_more=len(found) > limit)


def _best(found: Mapping[int, Match], count: int) -> list[int]:
    """So many customers as are worth comparing: the best, and of equals those whose match is the newest."""
    return sorted(found, key=lambda its: (found[its].rank, -(found[its].at or _LONGEST_AGO).timestamp()))[:count]


def _age(heard: Heard) -> float:
    """Greater the longer ago she was last heard of."""
    return -(heard.last_at or _LONGEST_AGO).timestamp()
