"""Collects the customers that match a query, each with what holds the words and how well it matches.

Asks the index in steps, the surest first, and stops as soon as what is found suffices: whoever types sees people by the
beginnings of their names; what is written about them, parts of words, names in the other script and misspelt words are
asked for only while there is room left.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

from companion.domain import likeness
from companion.domain.likeness import Likeness, Rank
from companion.domain.query import Query
from companion.domain.typos import slips_allowed
from companion.services.refs import OrderRef
from companion.services.search.known_words import KnownWords
from companion.services.search.reasons import Match
from storage.engine import Tx
from storage.scope import Scope
from storage.search import candidates, numbers
from storage.search.candidates import Candidate, Way
from storage.search.index import Kind
from storage.search.owners import Filter

Level = Callable[[Candidate], Rank | None]
"""How well a row matches; None for one that does not, whatever the index says."""

TEXTS: tuple[Kind, ...] = ("note", "order_note", "order", "ticket", "reply")
"""Who is like the words stands before what merely holds them; these in the order of who wrote them."""

_PEOPLE: tuple[Kind, ...] = ("account",)
_CANDIDATES = 60
_FEW = 3
"""People found by what they are called below whom a misspelling is thought of."""

_NUMBER_BEGUN = 4
_WORDS_IN_PART = 2
"""Nobody types the middles of three words."""

_LEAST_LETTERS = 3
_SHORT_PART = 7
"""Letters of a word that may be a part of others even where it is found itself."""
_NEAREST, _NEAREST_OF_SEVERAL = 40, 250
"""Words that one misspelt word may stand for: alone, and where another word tells which of them is meant."""


@dataclass
class Found:
    """The best match of each customer."""

    matches: dict[int, Match] = field(default_factory=dict)

    def offer(self, customer_id: int, match: Match) -> None:
        """Keeps it if it is the best of hers so far."""
        known = self.matches.get(customer_id)
        if known is None or match.rank < known.rank:
            self.matches[customer_id] = match

    def count(self, worst: int) -> int:
        """Customers who match at least so well."""
        return sum(match.rank[0] <= worst for match in self.matches.values())


class Finding:
    """One search: `limit` customers are wanted, of these `kinds` (all that the scope shows)."""

    def __init__(
        self,
        tx: Tx,
        query: Query,
        scope: Scope,
        known: KnownWords,
        *,
        limit: int,
        kinds: Collection[Kind],
        only: Filter,
    ) -> None:
        self._tx = tx
        self._query = query
        self._scope = scope
        self._known = known
        self._limit = limit
        self._only = only
        self._people = "account" in kinds and only.agent_id is None
        self._texts = [kind for kind in TEXTS if kind in kinds and (only.agent_id is None or kind == "note")]
        if not scope.sees_tickets:
            self._texts = [kind for kind in self._texts if kind not in {"ticket", "reply"}]
        if not scope.sees_orders:
            self._texts = [kind for kind in self._texts if kind not in {"order", "order_note"}]
        self._orders = "order" in kinds and only.agent_id is None
        self._tickets = "ticket" in kinds and only.agent_id is None
        self.found = Found()

    def run(self, *, is_guess: bool = False) -> Found:
        """All steps that are needed; of a guess at what was meant, only who is called so."""
        query = self._query
        if is_guess:
            if self._people:
                self._ask_people(query.of_people(), self._guessed)
            return self.found
        self._numbers()
        if self._people:
            is_all = self._ask_people(query.of_people(), self._of_person)
            if not is_all and query.longest >= _LEAST_LETTERS:  # whoever is called just so may not be among them
                self._ask_people(query.of_called(), self._of_person)
        if query.longest >= _LEAST_LETTERS:
            if self._people and not self._is_enough(Likeness.BEGINNING) and (ways := query.by_sound()):
                self._ask_people(ways, self._by_sound)
            if self._texts and not self._is_enough(Likeness.SOUND):
                self._offer(
                    candidates.starting(
                        self._tx,
                        query.of_texts(),
                        self._scope,
                        kinds=self._texts,
                        limit=_CANDIDATES,
                        only=self._only,
                        begun=query.begun,
                    ),
                    self._in_text,
                )
            self._parts()
        if self._people and query.is_of_letters and self.found.count(Likeness.SOUND) < _FEW:
            self._misspelt()
        return self.found

    def _is_enough(self, worst: int) -> bool:
        return self.found.count(worst) > self._limit

    def _numbers(self) -> None:
        """Who ordered, and who asked, under this number."""
        number = self._query.words[0]
        if len(self._query.words) != 1 or "@" in number or not any(map(str.isdigit, number)):
            return
        if self._orders and self._scope.sees_orders:
            asked = partial(numbers.orders_numbered, self._tx, number, self._scope, only=self._only)
            for order in asked():
                self._offer_order(order, Likeness.WHOLE)
            if not self.found.matches and len(number) >= _NUMBER_BEGUN:
                for order in asked(as_beginning=self._limit):
                    self._offer_order(order, Likeness.NUMBER_BEGUN)
        if self._tickets:
            for ticket in numbers.tickets_numbered(self._tx, number, self._scope, only=self._only):
                self.found.offer(
                    ticket.customer_id, Match((Likeness.WHOLE, 0), "ticket", ticket.ticket, at=ticket.created_at)
                )

    def _offer_order(self, order: numbers.NumberedOrder, level: int) -> None:
        ref = OrderRef(order.shop, order.order_id, order.number)
        self.found.offer(order.customer_id, Match((level, 0), "order_number", 0, ref, at=order.created_at))

    def _ask_people(self, ways: Sequence[Way], level: Level) -> bool:
        """Whether these were all."""
        asked = candidates.starting(self._tx, ways, self._scope, kinds=_PEOPLE, limit=_CANDIDATES, only=self._only)
        self._offer(asked, level)
        return len(asked) < _CANDIDATES

    def _offer(self, rows: Sequence[Candidate], level: Level) -> None:
        for row in rows:
            if rank := level(row):
                self.found.offer(row.customer_id, Match(rank, row.kind, row.owner_id, at=row.at, row=row))

    def _parts(self) -> None:
        """Any part of a word, where whole ones and beginnings do not suffice; of two words, of a long one and in texts
        only where these find nothing.
        """
        words = self._query.words
        if len(words) > _WORDS_IN_PART:
            return
        by_words = self.found.count(Likeness.TEXT_BEGUN)
        is_short = len(words) == 1 and len(words[0]) <= _SHORT_PART
        if self._people and by_words <= (self._limit if is_short else 0):
            rows = candidates.holding(self._tx, words, self._scope, kinds=_PEOPLE, limit=_CANDIDATES, only=self._only)
            self._offer(rows, self._of_person)
        if self._texts and not by_words:
            rows = candidates.holding(
                self._tx, words, self._scope, kinds=self._texts, limit=_CANDIDATES, only=self._only
            )
            self._offer(rows, self._in_text)

    def _misspelt(self) -> None:
        """Words of people that are near to those typed: of words that nobody is called by, first one slip in each, then
        two; then of all, for a slip may make another's name.
        """
        words = self._query.words
        unknown = self._known.unknown(self._tx, words)
        if self._ask_near(unknown, 1) or self._ask_near(unknown, 2):
            return
        if 0 < len(unknown) < len(words):
            self._ask_near(words, 1)

    def _ask_near(self, misspelt: Collection[str], slips: int) -> bool:
        """Whether people enough are called like this, with so many slips in each of these words."""
        words = self._query.words
        nearest = _NEAREST if len(words) == 1 else _NEAREST_OF_SEVERAL
        meant: dict[str, dict[str, int]] = {word: {} for word in words}
        for word in misspelt:
            if slips_allowed(word) >= slips:
                meant[word] = {other: distance for distance, other in self._known.near(word, slips)[:nearest]}
        if any(slips in others.values() for others in meant.values()):
            ways = [[[f"{word}*", *meant[word]] for word in words]]
            self._ask_people(ways, partial(self._misspelt_so, meant=meant))
        return sum(match.kind == "account" for match in self.found.matches.values()) >= _FEW

    def _misspelt_so(self, row: Candidate, *, meant: Mapping[str, Mapping[str, int]]) -> Rank | None:
        return likeness.by_slips(row.folded, self._query.words, meant)

    def _of_person(self, row: Candidate) -> Rank | None:
        return likeness.of_person(row.folded, self._query)

    def _by_sound(self, row: Candidate) -> Rank:
        return likeness.by_sound(row.folded, self._query.words)

    def _guessed(self, row: Candidate) -> Rank | None:
        return (Likeness.OTHER_KEYBOARD, rank[0]) if (rank := self._of_person(row)) else None

    def _in_text(self, row: Candidate) -> Rank | None:
        return likeness.in_text(row.folded, self._query.words, TEXTS.index(row.kind))
