"""How fast the search box answers each keystroke, and how often it finds who is meant.

An invented shop of 200,000 people and 500,000 notes (`benchmarks.search_corpus`) in SQLite. Somebody who may see two of
its three shops, and no internal notes of others, types queries letter by letter. Measured is the whole of
`Search.find`, of eight hits: candidates, ranking, last contacts and reasons. The baseline, which comes after, is
what one writes without an index of words: `folded LIKE '%q%'` over the same texts, newest contact first, up to twenty;
its rows are laid in that order, so that it stops at the twentieth. That is less than the product does: it finds no
words in another order, and tells no reason.

`recall_at_10`: who is meant is among the first ten; where more than ten are called just so, all of the first ten are of
them. `recall_at_1`: who is meant is first, where nobody else is called so. A third of the queries is held out: nothing
was tuned by them, and they are reported apart.

    python -m benchmarks.search [--people 200000] [--sessions 12] [--orders 3000] [--times 10] [--postgresql URL]
"""

from __future__ import annotations

import argparse
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from functools import partial
from itertools import islice
from pathlib import Path
from unittest import mock

from sqlalchemy import text

from benchmarks.common import app_beside, report, running, shop_process
from benchmarks.search_corpus import SHOPS, Corpus
from benchmarks.search_sessions import Session, sessions
from benchmarks.search_store import NOW, make_plain, opened
from companion.domain.permissions import Permission, Role, Viewer
from companion.domain.text import fold
from companion.sandbox import Sandbox
from companion.sandbox.seed_bulk import seed_bulk
from companion.services.notes import NoteDraft, Notes
from companion.services.search.search import Search
from storage.engine import Store
from storage.search import index

SEED = 20251121
SHOWN = 8
RECALLED = 10
SEEN = frozenset(SHOPS[:2])
_HIDDEN = {Permission.SEE_INTERNAL_NOTES}
WHO = Viewer(1, "", Role.AGENT, frozenset(Permission) - _HIDDEN, shops=SEEN)
_EACH = 100
_PLAIN = text(
    "SELECT customer_id FROM plain WHERE folded LIKE :pattern AND shop IN ('main', 'second') AND NOT is_hidden"
    " ORDER BY id DESC LIMIT 20"
)


def plainly(store: Store, typed: str) -> float:
    """The baseline: seconds for one keystroke."""
    start = time.perf_counter()
    with store.read() as tx:
        tx.execute(_PLAIN, {"pattern": f"%{fold(typed)}%"}).all()
    return time.perf_counter() - start


def ours(search: Search, typed: str) -> float:
    """The product: seconds for one keystroke."""
    start = time.perf_counter()
    search.find(WHO, typed, limit=SHOWN)
    return time.perf_counter() - start


def keystrokes(asked: Sequence[Session], each: int) -> list[tuple[str, str]]:
    """(kind, what stands in the box) after every key of so many sessions of each kind, the kinds taking turns."""
    by_kind: dict[str, list[Session]] = {}
    for session in asked:
        by_kind.setdefault(session.kind, []).append(session)
    return [
        (session.kind, session.typed[: end + 1])
        for place in range(each)
        for of_kind in by_kind.values()
        for session in of_kind[place : place + 1]
        for end in range(len(session.typed))
        if session.typed[end] != " "
    ]


def recalls(search: Search, asked: Sequence[Session]) -> tuple[float, float, dict[str, tuple[float, float]]]:
    """recall_at_1, recall_at_10, and both by kind; 1.0 where nobody asked."""
    first: dict[str, list[bool]] = {}
    ten: dict[str, list[bool]] = {}
    for session in asked:
        found = [hit.customer_id for hit in search.find(WHO, session.typed, limit=RECALLED).hits]
        named = session.wanted | session.welcome
        if len(named) > RECALLED:
            is_there = len(found) == RECALLED and named.issuperset(found)
        else:
            is_there = session.wanted.issubset(found)
        ten.setdefault(session.kind, []).append(is_there)
        if len(session.wanted) == 1:
            first.setdefault(session.kind, []).append(found[:1] == list(session.wanted))
    by_kind = {kind: (_share(first.get(kind, [])), _share(hits)) for kind, hits in ten.items()}
    return (
        _share([hit for hits in first.values() for hit in hits]),
        _share([hit for hits in ten.values() for hit in hits]),
        by_kind,
    )


def _share(hits: Sequence[bool]) -> float:
    return sum(hits) / len(hits) if hits else 1.0


def p95(seconds: Sequence[float]) -> float:
    """The 95th percentile, in milliseconds."""
    return statistics.quantiles(seconds, n=20)[-1] * 1000


def questions(corpus: Corpus, *, notes: int) -> list[Session]:
    """All sessions, about people and notes that the viewer may see."""
    people = [person for person in corpus.people() if person.shop in SEEN]
    seen = {person.number for person in people}
    told = [note for note in islice(corpus.notes(), notes) if note.person in seen and not note.is_internal]
    return sessions(people, told, _EACH, seed=corpus.seed)


def fill(sandbox: Sandbox, orders: int) -> None:
    """The shop that is backfilled meanwhile."""
    seed_bulk(sandbox.shop, orders=orders, customers=orders // 5, seed=23)


def under_backfill(store: Store, strokes: Sequence[tuple[str, str]], orders: int) -> list[float]:
    """Seconds of keystrokes while a backfill of another shop runs in this process."""
    found = []
    with (
        shop_process(partial(fill, orders=orders)) as other,
        app_beside({"other": other}, database=store.url.render_as_string()) as app,
        running(lambda: app.backfill("other")) as over,
    ):
        for _, typed in strokes:
            if over.is_set():
                break
            found.append(ours(app.search, typed))
            time.sleep(0.05)  # a quick hand
    return found


@contextmanager
def copied(store: Store) -> Iterator[Store]:
    """A copy to write into: the store itself is kept for the next run."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "store.sqlite3"
        with closing(sqlite3.connect(str(store.url.database))) as kept, closing(sqlite3.connect(path)) as new:
            kept.backup(new)
        copy = Store(f"sqlite:///{path}")
        try:
            yield copy
        finally:
            copy.close()


def cost_of_insert(store: Store, customers: Sequence[int]) -> float:
    """How many times as long writing a note takes with the index as without, the two taking turns."""
    notes = Notes(store, lambda: NOW, lambda *_: None)
    with_index: list[float] = []
    without: list[float] = []
    body = "مشتری پیگیر سفارش بود و گفت بسته هنوز نرسیده است قرار شد نشانی درست را بفرستد تا دوباره ارسال شود"
    for number, customer in enumerate(customers):
        for seconds, is_indexed in ((with_index, True), (without, False)):
            with mock.patch.object(index, "put", index.put if is_indexed else lambda *_: 0):
                start = time.perf_counter()
                notes.write(WHO, NoteDraft(customer, f"{body} {number}"))
                seconds.append(time.perf_counter() - start)
    return statistics.median(with_index) / statistics.median(without)


def main() -> None:
    """Measure and print."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--people", type=int, default=200_000)
    arguments.add_argument("--sessions", type=int, default=12)
    arguments.add_argument("--times", type=int, default=1, help="so many times as many people are measured too")
    arguments.add_argument("--orders", type=int, default=3_000)
    arguments.add_argument("--postgresql", default="", help="an empty database to measure beside, a tenth as large")
    given = arguments.parse_args()
    corpus = Corpus(given.people, given.people * 5 // 2, seed=SEED)
    store = opened(corpus)
    make_plain(store)
    beside = Store(store.url.render_as_string())  # a scan of its own must not empty the cache of our connections
    search = Search(store, lambda: NOW)
    search.warm()
    asked = questions(corpus, notes=50_000)
    strokes = keystrokes(asked, given.sessions)
    # Each has what it needs in memory when its turn comes: a machine may give away the pages of a file that nobody
    # asked for during the other's.
    for _, typed in strokes:
        ours(search, typed)
    mine: dict[str, list[float]] = {}
    for kind, typed in strokes:
        mine.setdefault(kind, []).append(ours(search, typed))
    for _, typed in strokes[: len(strokes) // 10]:
        plainly(beside, typed)
    theirs = [plainly(beside, typed) for _, typed in strokes]
    beside.close()
    every = [seconds for of_kind in mine.values() for seconds in of_kind]
    figures = {"ratio_to_like_p95": p95(theirs) / p95(every), "p95_ms": p95(every)}
    tuned = recalls(search, [session for session in asked if not session.is_held_out])
    held = recalls(search, [session for session in asked if session.is_held_out])
    figures |= {"recall_at_1": held[0], "recall_at_10": held[1]}
    rows = [
        (f"seed {SEED}, {len(strokes)} keystrokes", ""),
        ("LIKE p50 / p95 (ms)", f"{statistics.median(theirs) * 1000:.1f} / {p95(theirs):.1f}"),
        ("ours p50 / p95 (ms)", f"{statistics.median(every) * 1000:.1f} / {p95(every):.1f}"),
        *(
            (
                kind,
                f"p95 {p95(seconds):.1f} ms; first {tuned[2][kind][0]:.2f}, among ten {tuned[2][kind][1]:.2f}; held out"
                + " {:.2f}, {:.2f}".format(*held[2][kind]),
            )
            for kind, seconds in mine.items()
        ),
        ("tuned by: found first, among ten", f"{tuned[0]:.3f}, {tuned[1]:.3f}"),
    ]
    if given.orders:
        with copied(store) as copy:
            busy = under_backfill(copy, strokes, given.orders)
            customers = sorted({number for each in asked for number in each.wanted})
            figures["insert_cost_ratio"] = cost_of_insert(copy, customers[:200])
        figures["p95_ms_under_backfill"] = p95(busy)
        rows.append(("keystrokes under a backfill", str(len(busy))))
    store.close()
    if given.times > 1:
        figures[f"p95_ms_x{given.times}"] = p95(times_as_large(given.people * given.times, given.sessions))
    if given.postgresql:
        figures["p95_ms_postgresql_tenth"] = p95(on_postgresql(given.postgresql, given.people // 10, given.sessions))
    report("search", rows, figures)


def times_as_large(people: int, each: int) -> list[float]:
    """Seconds of keystrokes in a store of so many people."""
    corpus = Corpus(people, people * 5 // 2, seed=SEED)
    store = opened(corpus)
    try:
        return _measured(Search(store, lambda: NOW), keystrokes(questions(corpus, notes=50_000), each))
    finally:
        store.close()


def on_postgresql(url: str, people: int, each: int) -> list[float]:
    """The same in an empty database of PostgreSQL's."""
    corpus = Corpus(people, people * 5 // 2, seed=SEED)
    store = opened(corpus, url)
    try:
        return _measured(Search(store, lambda: NOW), keystrokes(questions(corpus, notes=50_000), each))
    finally:
        store.close()


def _measured(search: Search, strokes: Sequence[tuple[str, str]]) -> list[float]:
    search.warm()
    for _, typed in strokes[: len(strokes) // 10]:
        ours(search, typed)
    return [ours(search, typed) for _, typed in strokes]


if __name__ == "__main__":
    main()
