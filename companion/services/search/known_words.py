"""The words of all people, held in memory by each process to compare misspelt ones with, and kept up with the store."""

from __future__ import annotations

import threading
from collections.abc import Sequence

from companion.domain.typos import Lexicon
from storage.engine import Store, Tx
from storage.search import vocabulary

_AT_ONCE = 20_000
"""Words learnt while somebody waits, in some 0.1 s; more are learnt beside, and misspelt words wait for them."""


class KnownWords:
    """What other processes write is known at the next question. Words that were forgotten stay until a restart; nothing
    is found by them.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._lexicon = Lexicon()
        self._newest = 0
        self._learning = threading.Lock()

    def unknown(self, tx: Tx, words: Sequence[str]) -> tuple[str, ...]:
        """Those of the words that nobody is called by; all of them if there is none. Catches up with the store."""
        self._catch_up(tx)
        return tuple(word for word in words if word not in self._lexicon) or tuple(words)

    def near(self, word: str, slips: int) -> list[tuple[int, str]]:
        """The known words within so many slips of it, as (slips, word), the nearest first."""
        return self._lexicon.near(word, slips)

    def warm(self) -> None:
        """Learns all that is there."""
        with self._learning, self._store.read() as tx:
            self._learn(tx)

    def _catch_up(self, tx: Tx) -> None:
        behind = vocabulary.last(tx) - self._newest
        if behind <= 0 or not self._learning.acquire(blocking=False):
            return
        try:
            if behind <= _AT_ONCE:
                self._learn(tx)
                return
        finally:
            self._learning.release()
        threading.Thread(target=self.warm, name="known-words", daemon=True).start()

    def _learn(self, tx: Tx) -> None:
        newest = vocabulary.last(tx)
        self._lexicon.add(vocabulary.since(tx, self._newest))
        self._newest = newest
