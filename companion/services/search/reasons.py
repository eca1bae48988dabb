"""Why somebody was found: the field, the note, or the ticket that holds the words, and the piece of it to show."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, NamedTuple

from companion.domain.also_told import Chosen, Label
from companion.domain.contact import phone_digits, phone_display
from companion.domain.likeness import APPROXIMATE, Rank
from companion.domain.richtext import html_to_plain, to_plain
from companion.domain.snippet import Span, excerpt, locate
from companion.domain.text import indexed_names
from companion.services import profile
from companion.services.customers.conversations import Names
from companion.services.fields import fields_of, told_of
from companion.services.refs import OrderRef, Ref, TicketRef, ref_of
from storage import notes
from storage.engine import Tx
from storage.notes import NoteRow
from storage.people.customers import AccountRow
from storage.scope import Scope
from storage.search import things
from storage.search.candidates import Candidate
from storage.search.things import ThingRow
from storage.tickets import conversations
from storage.tickets.conversations import FoundRow

Why = Literal[
    "name",
    "email",
    "phone",
    "username",
    "company",
    "address",
    "meta",
    "order",
    "customer_note",
    "note",
    "order_note",
    "ticket",
    "reply",
]

_NOBODY = "system"
"""What WooCommerce names as the author of what it noted by itself."""

_AROUND = 60  # characters of a text shown on either side of the match


@dataclass(frozen=True)
class Reason:
    """`why` names what matched; `snippet` is that text as it came (shortened), `mark` the matched part's [start, end)
    within it, None when it cannot be pointed at. `thing` is the order or ticket that it is or is about. Of a note, a
    ticket or a reply `written_at` tells when, and of the first and last `author` who. `approximate`: not what was
    typed, but like it. `label` is what a chosen field is called.
    """

    why: Why
    snippet: str
    mark: Span | None
    thing: Ref | None = None
    author: str = ""
    written_at: datetime | None = None
    approximate: bool = False
    label: Label | None = None


class Match(NamedTuple):
    """What holds the words, for one customer: smaller `rank` is better; `owner_id` is our id of it, or else `order` or
    what the index says of it in its `row`. `at` is when it was written, or what is known of a person was new.
    """

    rank: Rank
    kind: Literal["account", "note", "order_note", "order", "ticket", "reply", "order_number"]
    owner_id: int
    order: OrderRef | None = None
    at: datetime | None = None
    row: Candidate | None = None


def read(
    tx: Tx,
    matches: Mapping[int, Match],
    accounts: Mapping[int, Sequence[AccountRow]],
    wanted: Sequence[str],
    scope: Scope,
    *,
    region: str,
    chosen: Chosen,
) -> dict[int, Reason]:
    """The reasons of these matches by customer, whose `accounts` these are. `wanted` are the folded words."""
    noted = notes.among(tx, _owners(matches, "note"), scope)
    tickets = conversations.found_tickets(tx, _owners(matches, "ticket"))
    replies = conversations.found_replies(tx, _owners(matches, "reply"))
    order_notes = things.order_notes(tx, _things(matches, "order_note"))
    orders = things.orders(tx, _things(matches, "order"))
    names = Names()
    names.learn(tx, [found.reply for found in replies.values() if found.reply])
    found: dict[int, Reason] = {}
    for customer_id, match in matches.items():
        hers = accounts.get(customer_id, ())
        thing = (match.row.shop or "", match.row.thing or "") if match.row else ("", "")
        if match.order is not None:
            number = match.order.number
            found[customer_id] = Reason("order", number, locate(number, wanted), match.order)
        elif match.kind == "note" and match.owner_id in noted:
            found[customer_id] = _in_note(noted[match.owner_id], wanted)
        elif match.kind == "ticket" and match.owner_id in tickets:
            found[customer_id] = _in_ticket(tickets[match.owner_id], wanted)
        elif match.kind == "reply" and match.owner_id in replies:
            found[customer_id] = _in_reply(replies[match.owner_id], wanted, profile.name_of(hers), names)
        elif match.kind == "order_note" and thing in order_notes:
            found[customer_id] = _on_order("order_note", order_notes[thing], wanted)
        elif match.kind == "order" and thing in orders:
            found[customer_id] = _on_order("customer_note", orders[thing], wanted)
        else:
            found[customer_id] = _of_person(match, hers, wanted, region) or _besides(
                tx, match, hers, wanted, region, chosen
            )
    return found


def _of_person(match: Match, accounts: Sequence[AccountRow], wanted: Sequence[str], region: str) -> Reason | None:
    """The fact that holds the words; None where none does."""
    if match.rank[0] in APPROXIMATE:
        name = profile.name_of(accounts)
        return Reason("name", name, locate(name, wanted), approximate=True)
    why, text = _field([row for row in accounts if row.id == match.owner_id], wanted, region)
    mark = locate(text, wanted)
    return None if mark is None and why == "name" else Reason(why, text, mark)


def _besides(
    tx: Tx, match: Match, accounts: Sequence[AccountRow], wanted: Sequence[str], region: str, chosen: Chosen
) -> Reason:
    """What holds the words of a person whose facts do not: a phone of another order, a chosen field; else her name.
    Few hits are such, so that each asks for itself.
    """
    shops = {row.id: row.shop for row in accounts if row.id == match.owner_id}
    told = told_of(tx, shops, chosen, region=region)
    for its in told.values():
        for phone in its.phones:
            if any(word in digits for digits in phone_digits(phone, region) for word in wanted):
                text = phone_display(phone, region)
                return Reason("phone", text, locate(text, wanted))
    for field in fields_of(told, shops, chosen):
        if mark := locate(field.value, wanted):
            return Reason("meta", field.value, mark, label=field.label)
    name = profile.name_of(accounts)
    return Reason("name", name, locate(name, wanted))


def _things(matches: Mapping[int, Match], kind: str) -> list[tuple[str, str]]:
    return [
        (match.row.shop or "", match.row.thing or "") for match in matches.values() if match.kind == kind and match.row
    ]


def _on_order(why: Why, row: ThingRow, wanted: Sequence[str]) -> Reason:
    ref = OrderRef(row.shop, row.order_id, row.number)
    author = "" if row.author == _NOBODY else row.author
    return Reason(why, *_piece(_one_line(row.body), wanted), ref, author, row.at)


def _owners(matches: Mapping[int, Match], kind: str) -> list[int]:
    return [match.owner_id for match in matches.values() if match.kind == kind]


def _in_note(row: NoteRow, wanted: Sequence[str]) -> Reason:
    text = " · ".join(part for part in (row.outcome, to_plain(row.body)) if part)
    return Reason("note", *_piece(text, wanted), ref_of(row), row.author_name, row.created_at)


def _in_ticket(row: FoundRow, wanted: Sequence[str]) -> Reason:
    text = " · ".join(part for part in (row.title, _one_line(row.body)) if part)
    return Reason("ticket", *_piece(text, wanted), TicketRef(row.shop, row.ticket_id), "", row.at)


def _in_reply(row: FoundRow, wanted: Sequence[str], customer_name: str, names: Names) -> Reason:
    reply = row.reply
    author = customer_name if reply and reply.is_hers else names.of(row.shop, reply.author_id) if reply else ""
    return Reason("reply", *_piece(_one_line(row.body), wanted), TicketRef(row.shop, row.ticket_id), author, row.at)


def _piece(text: str, wanted: Sequence[str]) -> tuple[str, Span | None]:
    return excerpt(text, locate(text, wanted), around=_AROUND)


def _one_line(html: str) -> str:
    return " ".join(html_to_plain(html).split())


def _field(accounts: Sequence[AccountRow], wanted: Collection[str], region: str) -> tuple[Why, str]:
    """The field of the account that holds most of the words, the likeliest kind of field first; else just her name."""
    best: tuple[int, Why, str] = (0, "name", profile.name_of(accounts))
    for why, text in _fields(accounts, wanted, region):
        folded = indexed_names((text,))
        digits = re.sub(r"\D", "", folded) if why == "phone" else ""
        held = sum(word in folded or word in digits for word in wanted)
        if held > best[0]:
            best = (held, why, text)
        if held == len(wanted):
            break
    return best[1], best[2]


def _fields(accounts: Sequence[AccountRow], wanted: Collection[str], region: str) -> Iterator[tuple[Why, str]]:
    for row in accounts:
        yield "name", profile.account_of(row).name
        for address in (row.billing, row.shipping):
            yield "name", f"{address.get('first_name', '')} {address.get('last_name', '')}".strip()
        yield "company", row.company
    if any(map(str.isdecimal, wanted)):  # reading phones takes longer than all the rest of a search
        for point in profile.phones_of(accounts, region):
            yield "phone", point.text
            yield "phone", point.key
    for point in profile.emails_of(accounts):
        yield "email", point.text
    for row in accounts:
        yield "username", row.username
        yield "meta", row.reference
        for address in (row.billing, row.shipping):
            yield "company", address.get("company", "")
            yield "address", "، ".join(profile.address_lines(address))
