"""Stores for `benchmarks.search`, built once by the quickest way and kept in the system's temporary folder.

A store's name is a hash of everything that its content depends on, so that a change of the fold or the tables builds a
new one. Ids are the corpus's numbers.
"""

from __future__ import annotations

import hashlib
import multiprocessing
import tempfile
import time
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from multiprocessing.pool import AsyncResult
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

from sqlalchemy import insert, text

import companion.domain
import storage
from benchmarks.search_corpus import BLOCK, Corpus, Note, Person, city_of
from companion.domain.searchable import account_text, note_text, order_note_text, ticket_text
from storage import migrate, schema
from storage.engine import Store
from storage.many import execute_many
from storage.search import index

NOW = datetime(2025, 11, 21, 8, 30, tzinfo=UTC)
AGENTS = 20
_AHEAD = 4
"""Blocks that may wait to be written."""
_TABLES = ("agents", "customers", "accounts", "orders", "order_notes", "tickets", "notes")
_INSERT = {name: insert(schema.metadata.tables[name]) for name in _TABLES}
_TICKETS = 10
"""People for each ticket."""


def url_of(corpus: Corpus) -> str:
    """Where the SQLite store of this corpus is, or will be."""
    sources = [Path(__file__), Path(__file__).with_name("search_corpus.py")]
    sources += [Path(str(companion.domain.__file__)).parent / f"{name}.py" for name in ("text", "searchable", "signs")]
    inside = Path(str(storage.__file__)).parent
    sources += [inside / "search" / "index.py", *sorted((inside / "migrations" / "versions").glob("v*.py"))]
    told = [str((corpus.size, corpus.notes_size, corpus.seed)).encode(), *(path.read_bytes() for path in sources)]
    key = hashlib.sha256(b"\0".join(told)).hexdigest()[:16]
    return f"sqlite:///{Path(tempfile.gettempdir()) / f'companion-search-{corpus.size}-{key}.sqlite3'}"


def opened(corpus: Corpus, url: str = "") -> Store:
    """The store of this corpus, built if it is not there; `url` names another database, which must be empty."""
    address = url or url_of(corpus)
    path = Path(address.removeprefix("sqlite:///"))
    if url or not path.exists():
        building = address if url else f"{address}.new"
        started = time.perf_counter()
        with_closing = Store(building)
        try:
            build(with_closing, corpus)
        finally:
            with_closing.close()
        if not url:
            Path(f"{path}.new").rename(path)
        print(f"built {corpus.size} people and {corpus.notes_size} notes in {time.perf_counter() - started:.0f} s")
    return Store(address)


class _Block(NamedTuple):
    """Rows of the tables, in their order, and folded texts by kind; order notes by shop."""

    rows: Mapping[str, Sequence[Mapping[str, Any]]]
    texts: Mapping[index.Kind, Mapping[int, str]]
    order_notes: Mapping[str, Mapping[str, str]]


def build(store: Store, corpus: Corpus) -> None:
    """Everything, with the index as the product writes it. Other processes make and fold, this one writes."""
    migrate.upgrade(store)
    _write(store, _Block({"agents": [_agent(number) for number in range(1, AGENTS + 1)]}, {}, {}))
    with multiprocessing.get_context("spawn").Pool(initializer=_begin, initargs=(corpus,)) as pool:
        for make, size in ((_people, corpus.size), (_notes, corpus.notes_size)):
            ahead: deque[AsyncResult[_Block]] = deque()
            for start in range(1, size + 1, BLOCK):
                ahead.append(pool.apply_async(make, (start,)))
                if len(ahead) > _AHEAD:
                    _write(store, ahead.popleft().get())
            while ahead:
                _write(store, ahead.popleft().get())
    with store.write() as tx:
        tx.execute(text("ANALYZE"))


def _write(store: Store, block: _Block) -> None:
    with store.write(durable=False) as tx:
        for name, rows in block.rows.items():
            execute_many(tx, _INSERT[name], rows)
        for kind, texts in block.texts.items():
            index.put(tx, kind, texts)
        for shop, noted in block.order_notes.items():
            index.put_things(tx, "order_note", shop, noted)


_made: list[Corpus] = []
"""Of a process that makes blocks, the corpus."""


def _begin(corpus: Corpus) -> None:
    _made.append(corpus)


def _people(start: int) -> _Block:
    (corpus,) = _made
    some = list(corpus.people_from(start))
    chance = Random(start)
    asking = [person for person in some if person.number % _TICKETS == 0]
    noted: dict[str, dict[str, str]] = {}
    for person in asking:
        told = f"وضعیت سفارش {person.order} از در حال انجام به تکمیل شده تغییر کرد"
        noted.setdefault(person.shop, {})[person.order] = order_note_text(told)
    title = "سفارش نرسیده"
    return _Block(
        {
            "customers": [{"id": person.number, "created_at": NOW} for person in some],
            "accounts": [_account(person, chance) for person in some],
            "orders": [row for person in some for row in _orders(person, chance)],
            "order_notes": [_order_note(person) for person in asking],
            "tickets": [_ticket(person) for person in asking],
        },
        {
            "account": {person.number: text_of(person) for person in some},
            "ticket": {p.number: ticket_text(number=str(p.number), title=title, body=city_of(p)) for p in asking},
        },
        noted,
    )


def _notes(start: int) -> _Block:
    (corpus,) = _made
    some = list(corpus.notes_from(start))
    texts = {note.number: note_text(note.body) for note in some}
    return _Block({"notes": [_note(note) for note in some]}, {"note": texts}, {})


def text_of(person: Person) -> str:
    """The folded text by which she is found."""
    row = _account(person, Random(0))
    names = ("first_name", "last_name", "username", "email", "phone", "company", "billing", "shipping")
    return account_text(**{name: row[name] for name in names})


def _agent(number: int) -> dict[str, Any]:
    return {"id": number, "name": f"کارشناس {number}", "role": "agent", "created_at": NOW}


def _account(person: Person, chance: Random) -> dict[str, Any]:
    first, last = person.names
    place = {"first_name": first, "last_name": last, "city": city_of(person), "phone": person.phone}
    place |= {"address_1": f"خیابان {person.number % 900}، پلاک {person.number % 77}", "country": "IR"}
    place |= {"postcode": f"{1_000_000_000 + person.number * 7}"}
    return {
        "id": person.number,
        "customer_id": person.number,
        "own_customer_id": person.number,
        "shop": person.shop,
        "kind": "user" if person.number % 3 else "guest",
        "key": str(person.number),
        "username": person.email.partition("@")[0],
        "first_name": first,
        "last_name": last,
        "company": "",
        "email": person.email,
        "phone": person.phone,
        "billing": place,
        "shipping": {},
        "facts_at": NOW - timedelta(minutes=chance.randrange(2_000_000)),
    }


def _orders(person: Person, chance: Random) -> Iterator[dict[str, Any]]:
    texts = ("payment_method", "payment_method_title", "transaction_id", "created_via", "customer_note")
    for number in (person.order, *(f"{person.order}-{n}" for n in range(chance.choice((0, 0, 1, 2))))):
        yield {
            **dict.fromkeys(texts, ""),
            "shop": person.shop, "order_id": number, "account_id": person.number, "number": number, "currency": "IRR",
            "status": "completed", "total": 10_000, "billing": {}, "shipping": {}, "meta": {}, "content_hash": b"",
            "created_at": NOW - timedelta(minutes=chance.randrange(2_000_000)), "read_seq": 1,
        }  # fmt: skip


def _ticket(person: Person) -> dict[str, Any]:
    return {
        "id": person.number, "shop": person.shop, "ticket_id": str(person.number), "account_id": person.number,
        "title": "سفارش نرسیده", "body": city_of(person), "status": "processing", "state": "closed",
        "created_at": NOW - timedelta(hours=person.number % 30_000), "read_seq": 1, "content_hash": b"",
    }  # fmt: skip


def _order_note(person: Person) -> dict[str, Any]:
    return {
        "shop": person.shop, "order_note_id": person.order, "order_id": person.order, "author": "WooCommerce",
        "body": "", "to_customer": False, "created_at": NOW, "read_seq": 1,
    }  # fmt: skip


def _note(note: Note) -> dict[str, Any]:
    place = {"customer_id": note.person, "account_id": note.person, "author_id": note.author}
    at = NOW - timedelta(minutes=5 * (6_000_000 - note.number) % 3_000_000)
    return {**place, "id": note.number, "kind": "general", "body": note.body, "is_internal": note.is_internal,
            "created_at": at}  # fmt: skip


def make_plain(store: Store) -> None:
    """The baseline's table: the same folded texts, each with its customer, in the order in which she was last heard of,
    so that reading from its end is what a search by newest contact does, and no index is hopped through.
    """
    heard = (
        "max(coalesce((SELECT max(created_at) FROM orders WHERE account_id = a.id), ''),"
        " coalesce((SELECT max(created_at) FROM notes WHERE customer_id = a.id), ''))"
    )
    with store.write(durable=False) as tx:
        if tx.execute(text("SELECT 1 FROM sqlite_schema WHERE name = 'plain'")).first():
            return
        tx.execute(text(f"CREATE TEMP TABLE heard AS SELECT a.id, {heard} AS last_at FROM accounts a"))
        tx.execute(text("CREATE UNIQUE INDEX temp.heard_id ON heard (id)"))
        tx.execute(text("CREATE TABLE plain (id INTEGER PRIMARY KEY, customer_id, shop, is_hidden, folded)"))
        tx.execute(
            text(
                "INSERT INTO plain (customer_id, shop, is_hidden, folded)"
                " SELECT a.id, a.shop, coalesce(n.is_internal, false), r.folded FROM search_rows r"
                " LEFT JOIN notes n ON r.kind = 'note' AND n.id = r.owner_id"
                " JOIN accounts a ON a.id = coalesce(n.customer_id, r.owner_id)"
                " JOIN heard ON heard.id = a.id WHERE r.kind IN ('account', 'note') ORDER BY heard.last_at"
            )
        )
        tx.execute(text("DROP TABLE temp.heard"))
