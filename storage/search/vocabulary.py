"""The distinct words that people are found by, which misspelt ones are compared with.

Words come in with the texts that hold them and leave with the last one. Two writers at once may add the same word
twice, which harms nobody. Readers keep the words in memory and ask for those that came since.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import islice

from sqlalchemy import delete, func, insert, select

from storage.engine import Tx
from storage.given import is_among
from storage.schema import search_words

SHORTEST, LONGEST = 3, 24
"""Letters of a word that may be misspelt."""

SIGNS = ("\u064a", "\u0643")
"""Letters that no fold gives: what begins with one is a sign of the index's, not a word."""

_AT_ONCE = 1000
_OVERLAP = 2000
"""Transactions of PostgreSQL commit in another order than they take ids, so the last ones are read again."""

# Made once: these are asked for every page of a backfill.
_KNOWN = select(search_words.c.word).where(is_among(search_words.c.word, "words"))
_ADD = insert(search_words)
_REMOVE = delete(search_words).where(is_among(search_words.c.word, "words"))


def is_kept(word: str) -> bool:
    """Whether a word is worth comparing: letters alone, neither too short nor a text without spaces."""
    return SHORTEST <= len(word) <= LONGEST and word.isalpha() and not word.startswith(SIGNS)


def add(tx: Tx, words: Collection[str]) -> None:
    """Keep these words, as far as they are worth it and not there yet."""
    for batch in _batches(sorted(word for word in words if is_kept(word))):
        known = set(tx.execute(_KNOWN, {"words": batch}).scalars())
        if new := [{"word": word} for word in batch if word not in known]:
            tx.execute(_ADD, new)


def remove(tx: Tx, words: Collection[str]) -> None:
    """Forget these words."""
    for batch in _batches(sorted(words)):
        tx.execute(_REMOVE, {"words": batch})


def empty(tx: Tx) -> None:
    """Forget every word."""
    tx.execute(delete(search_words))


def last(tx: Tx) -> int:
    """The id of the newest word: greater where one was added since."""
    return int(tx.execute(select(func.coalesce(func.max(search_words.c.id), 0))).scalar_one())


def since(tx: Tx, newest: int) -> list[str]:
    """The words that were added since `last` was `newest`, and some before."""
    statement = select(search_words.c.word).where(search_words.c.id > newest - _OVERLAP)
    return list(tx.execute(statement).scalars())


def _batches(words: Iterable[str]) -> Iterator[Sequence[str]]:
    rest = iter(words)
    while batch := list(islice(rest, _AT_ONCE)):
        yield batch
