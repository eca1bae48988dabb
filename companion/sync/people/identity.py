"""One person, one record: reads what accounts share, keeps the links between them, and unites or parts their customers.

Works in the caller's transaction on the accounts whose facts changed and on whom that concerns, so that the same facts
give the same customers in whatever order they came. What evidence is, and what links make of it, is decided in
`companion.domain` (`evidence`, `union`).
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import datetime

from companion.domain import evidence
from companion.domain.evidence import EVIDENCE, Identifier, Known, NoEvidence, Soundness
from companion.domain.union import Link, unite
from companion.sync.people import quality
from storage import agents
from storage.engine import Tx
from storage.identity import identifiers, links, unions
from storage.identity.identifiers import FactsRow
from storage.identity.links import EvidenceRow, LinkRow, Pair
from storage.identity.unions import MemberRow

Told = Callable[[Tx, Collection[int]], None]


def _nobody(_tx: Tx, _customer_ids: Collection[int]) -> None:
    """Tells nobody."""


class Identity:
    """`told(tx, customer_ids)` hears of the customers who gained or lost accounts: their summaries may change.
    `region` is the country whose phone spellings are assumed.
    """

    def __init__(self, *, region: str = "IR", no_evidence: NoEvidence | None = None, told: Told = _nobody) -> None:
        self._region = region
        self._no_evidence = no_evidence if no_evidence is not None else NoEvidence(region=region)
        self._told = told

    def look(self, tx: Tx, account_ids: Collection[int], *, now: datetime) -> dict[int, int]:
        """Looks at accounts that were made or whose facts changed; returns the customers of those that moved, by
        account id. Whoever writes their facts calls `storage.identity.links.alone` first.
        """
        if not account_ids:
            return {}
        links.alone(tx)
        changed = set(account_ids)
        rows = identifiers.facts(tx, changed)
        quality.notice(tx, rows, region=self._region)
        looked_at = _Neighbours(tx, self._no_evidence, rows, region=self._region)
        before = identifiers.of(tx, changed)
        _store(tx, looked_at.known, before)
        looked_at.meet({key for its in looked_at.known.values() for key in its.identifiers} | _keys(before.values()))
        concerned = _tell(tx, looked_at, before.keys(), now=now)
        return self.regroup(tx, concerned) if concerned else {}

    def appointed(self, tx: Tx, email: str, *, now: datetime) -> None:
        """Looks at whoever bears the address of a new agent, which says nothing from now on."""
        links.alone(tx)
        bearers = _bearers(tx, evidence.addresses([email]))
        self.look(tx, {its for ids in bearers.values() for its in ids}, now=now)

    def regroup(self, tx: Tx, account_ids: Collection[int]) -> dict[int, int]:
        """Makes the customers anew of everybody whom links join to these accounts; returns as `look` does. For when
        links changed.
        """
        links.alone(tx)
        members, standing = _joined(tx, account_ids)
        by_hand_or_evidence = {
            row.id: Link(*row.pair, is_by_hand=row.origin == "hand", strength=row.strength)
            for row in standing
            if row.verdict == "same"
        }
        union = unite(
            {account_id: member.key for account_id, member in members.items()},
            by_hand_or_evidence.values(),
            [row.pair for row in standing if row.verdict == "different"],
        )
        reasons = dict(union.passed_over)
        links.pass_over(
            tx,
            {
                row.id: reasons.get(by_hand_or_evidence[row.id], "")
                for row in standing
                if row.id in by_hand_or_evidence and row.passed_over != reasons.get(by_hand_or_evidence[row.id], "")
            },
        )
        customer_of = {
            account_id: min(members[its].own_customer_id for its in group)
            for group in union.groups
            for account_id in group
        }
        return self._move(tx, members, customer_of)

    def _move(self, tx: Tx, members: Mapping[int, MemberRow], customer_of: Mapping[int, int]) -> dict[int, int]:
        moved = {its: customer for its, customer in customer_of.items() if members[its].customer_id != customer}
        unions.move(tx, moved)
        wanted = {
            member.own_customer_id: None if customer_of[its] == member.own_customer_id else customer_of[its]
            for its, member in members.items()
        }
        stored = unions.redirects(tx, wanted)
        unions.redirect(tx, {its: survivor for its, survivor in wanted.items() if stored[its] != survivor})
        if moved:
            self._told(tx, {members[its].customer_id for its in moved} | set(moved.values()))
        return moved


class _Neighbours:
    """The changed accounts among those who share something with them; of each identifier, how sound it is."""

    def __init__(self, tx: Tx, no_evidence: NoEvidence, changed: Collection[FactsRow], *, region: str) -> None:
        self._tx = tx
        self._no_evidence = no_evidence
        # An agent who places an order for somebody on the phone may leave her own address in it.
        self._agents = NoEvidence(agents.emails(tx), region=region)
        self._region = region
        self.changed = {row.id for row in changed}
        self.known = self._known_of(changed)
        self.pairs: set[Pair] = set()
        self.doubted: set[int] = set()
        """Those who may have been linked by an identifier that says nothing any more."""
        self._sound: dict[Identifier, Soundness] = {}

    def meet(self, keys: Iterable[Identifier]) -> None:
        """Finds the pairs of which these identifiers, which may speak now otherwise than before, say something."""
        shared = self._judge_keys(filter(self._speaks, keys))
        for key, bearers in shared.items():
            if self._sound[key] == "none":
                self.doubted |= bearers
            else:
                self.pairs.update(itertools.combinations(sorted(bearers), 2))

    def complete(self) -> None:
        """Judges what else the pairs share, before `finding` is asked for each."""
        missing = {
            key
            for one, other in self.pairs
            if one in self.known and other in self.known
            for key in self.known[one].identifiers & self.known[other].identifiers
            if key not in self._sound and self._speaks(key)
        }
        self._judge_keys(missing)

    def finding(self, pair: Pair) -> evidence.Finding | None:
        """What is said of two accounts; one that nobody met shares nothing."""
        one, other = (self.known.get(its) for its in pair)
        return evidence.judge(one, other, self._sound) if one and other else None

    def _judge_keys(self, keys: Iterable[Identifier]) -> dict[Identifier, set[int]]:
        """How sound each identifier is; returns the bearers of those that may speak otherwise than before."""
        shared = {}
        for key, bearers in _bearers(self._tx, keys).items():
            if len(bearers - self.changed) > evidence.MOST_BEARERS:
                self._sound[key] = "none"  # as before; no need to know who they all are
            elif len(bearers) > 1:
                shared[key] = bearers
        unknown = {its for bearers in shared.values() for its in bearers} - self.known.keys()
        self.known |= self._known_of(identifiers.facts(self._tx, unknown))
        changing = {}
        for key, bearers in shared.items():
            self._sound[key] = evidence.soundness([self.known[its] for its in bearers])
            if not evidence.says_nothing([self.known[its] for its in bearers - self.changed]):
                changing[key] = bearers
        return changing

    def _speaks(self, key: Identifier) -> bool:
        return key.kind in EVIDENCE and not self._is_everybodys(key)

    def _is_everybodys(self, key: Identifier) -> bool:
        return key in self._no_evidence or key in self._agents

    def _known_of(self, rows: Collection[FactsRow]) -> dict[int, Known]:
        known = {row.id: evidence.known_of(row.facts, row.billing, region=self._region) for row in rows}
        nobodys = {row.id for row in rows if row.kind == "guest" and self._is_nobodys(row)}
        return known | {its: known[its]._replace(identifiers=frozenset()) for its in nobodys}

    def _is_nobodys(self, guest: FactsRow) -> bool:
        """One whose last order turned out to be another's; or who was known by an address that is everybody's, so that
        the orders of many gather there, and what is known is what the last of them told.
        """
        return guest.is_gone or self._is_everybodys(Identifier("email", guest.key))


def _store(tx: Tx, known: Mapping[int, Known], before: Mapping[int, set[identifiers.Key]]) -> None:
    now = {(its, (key.kind, key.key)) for its, each in known.items() for key in each.identifiers}
    stored = {(its, key) for its, keys in before.items() for key in keys}
    identifiers.change(tx, added=sorted(now - stored), removed=sorted(stored - now))


def _keys(stored: Iterable[Collection[identifiers.Key]]) -> set[Identifier]:
    return {Identifier(kind, key) for keys in stored for kind, key in keys}  # type: ignore[arg-type]  # we wrote them


def _bearers(tx: Tx, keys: Iterable[Identifier]) -> dict[Identifier, set[int]]:
    return {Identifier(*key): its for key, its in identifiers.bearers(tx, list(keys)).items()}  # type: ignore[arg-type]


def _tell(tx: Tx, looked_at: _Neighbours, linked: Collection[int], *, now: datetime) -> set[int]:
    """Writes what evidence says now where it said something else; returns the accounts that this may unite or part.
    `linked`: the changed accounts of which evidence may have said something before.
    """
    known_links = links.evidence(tx, {*linked, *looked_at.doubted, *(its for pair in looked_at.pairs for its in pair)})
    for pair, link in known_links.items():
        if not link.is_withdrawn and (set(pair) & looked_at.changed or set(pair) <= looked_at.doubted):
            looked_at.pairs.add(pair)
    if not looked_at.pairs:
        return set()
    looked_at.complete()
    written: list[EvidenceRow] = []
    withdrawn: list[int] = []
    concerned: set[int] = set()
    for pair in sorted(looked_at.pairs):
        row, found = known_links.get(pair), looked_at.finding(pair)
        said = None if row is None or row.is_withdrawn else row
        says = None
        if found is not None:
            kinds = sorted({key.kind for key in found.shared})
            says = EvidenceRow(pair, found.verdict, found.strength, {"shared": kinds, "names": found.names})
        if _is_said(said, says):
            continue
        if says is not None:
            written.append(says)
        elif said is not None:
            withdrawn.append(said.id)
        if "same" in {said.verdict if said else "", says.verdict if says else ""}:
            concerned.update(pair)
    links.tell(tx, written, known_links, now=now)
    links.withdraw(tx, withdrawn, now=now)
    return concerned


def _is_said(said: LinkRow | None, says: EvidenceRow | None) -> bool:
    if said is None or says is None:
        return said is None and says is None
    return (said.verdict, said.strength, said.evidence) == (says.verdict, says.strength, says.evidence)


def _joined(tx: Tx, account_ids: Collection[int]) -> tuple[dict[int, MemberRow], list[LinkRow]]:
    """Everybody whom links join to these accounts, or who is one customer with any of them; and those links."""
    members: dict[int, MemberRow] = {}
    standing: dict[int, LinkRow] = {}
    ahead = set(account_ids)
    while ahead:
        found = {row.id: row for row in unions.beside(tx, ahead) if row.id not in members}
        members |= found
        rows = links.standing(tx, found)
        standing |= {row.id: row for row in rows}
        ahead = {its for row in rows if row.verdict == "same" for its in row.pair} - members.keys()
    return members, sorted(standing.values())
