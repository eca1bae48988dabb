"""Why somebody was found: the field, the note, or the ticket that holds the words, and the piece of it to show."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, NamedTuple

from companion.domain.richtext import html_to_plain, to_plain
from companion.domain.snippet import Span, excerpt, locate
from companion.domain.text import indexed_names
from companion.services import profile
from companion.services.conversations import Names
from companion.services.refs import OrderRef, Ref, TicketRef, ref_of
from storage import conversations, notes
from storage.conversations import FoundRow
from storage.customers import AccountRow
from storage.engine import Tx
from storage.notes import NoteRow
from storage.scope import Scope

Why = Literal["name", "email", "phone", "username", "company", "address", "order", "note", "ticket", "reply"]

_AROUND = 60  # characters of a text shown on either side of the match


@dataclass(frozen=True)
class Reason:
    """`why` names what matched; `snippet` is that text as it came (shortened), `mark` the matched part's [start, end)
    within it, None when it cannot be pointed at. `thing` is the order or ticket that it is or is about. Of a note, a
    ticket or a reply `written_at` tells when, and of the first and last `author` who.
    """

    why: Why
    snippet: str
    mark: Span | None
    thing: Ref | None = None
    author: str = ""
    written_at: datetime | None = None


class Match(NamedTuple):
    """What holds the words, for one customer: smaller `rank` is better; `owner_id` is our id of it, or else `order`."""

    rank: tuple[int, int]
    kind: Literal["account", "note", "ticket", "reply", "order"]
    owner_id: int
    order: OrderRef | None = None


def read(
    tx: Tx,
    matches: Mapping[int, Match],
    accounts: Mapping[int, Sequence[AccountRow]],
    wanted: Sequence[str],
    scope: Scope,
    *,
    region: str,
) -> dict[int, Reason]:
    """The reasons of these matches by customer, whose `accounts` these are. `wanted` are the folded words."""
    noted = notes.among(tx, _owners(matches, "note"), scope)
    tickets = conversations.found_tickets(tx, _owners(matches, "ticket"))
    replies = conversations.found_replies(tx, _owners(matches, "reply"))
    names = Names()
    names.learn(tx, [found.reply for found in replies.values() if found.reply])
    found: dict[int, Reason] = {}
    for customer_id, match in matches.items():
        hers = accounts.get(customer_id, ())
        if match.order is not None:
            number = match.order.number
            found[customer_id] = Reason("order", number, locate(number, wanted), match.order)
        elif match.owner_id in noted and match.kind == "note":
            found[customer_id] = _in_note(noted[match.owner_id], wanted)
        elif match.owner_id in tickets and match.kind == "ticket":
            found[customer_id] = _in_ticket(tickets[match.owner_id], wanted)
        elif match.owner_id in replies and match.kind == "reply":
            found[customer_id] = _in_reply(replies[match.owner_id], wanted, profile.name_of(hers), names)
        else:
            why, text = _field([row for row in hers if row.id == match.owner_id], wanted, region)
            found[customer_id] = Reason(why, text, locate(text, wanted))
    return found


def _owners(matches: Mapping[int, Match], kind: str) -> list[int]:
    return [match.owner_id for match in matches.values() if match.kind == kind]


def _in_note(row: NoteRow, wanted: Sequence[str]) -> Reason:
    return Reason("note", *_piece(to_plain(row.body), wanted), ref_of(row), row.author_name, row.created_at)


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
