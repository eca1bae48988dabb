"""Values given as one parameter: the rows that they name are found, whatever they are, by the index."""

from __future__ import annotations

import pytest
from sqlalchemy import and_, delete, not_, select

from storage.engine import Store, Tx
from storage.given import is_among
from storage.schema import search_words

WORDS = ("مریم", 'o"clock', "it's", "{braces},", "back\\slash", "", "9")


def kept(tx: Tx) -> dict[str, int]:
    for word in WORDS:
        tx.execute(search_words.insert().values(word=word))
    return {row.word: row.id for row in tx.execute(select(search_words))}


@pytest.mark.parametrize("given", [[], ["مریم"], ["nobody"], list(WORDS), ["", "9", "9"]])
def test_texts_are_found_as_they_stand(store: Store, given: list[str]) -> None:
    statement = select(search_words.c.word).where(is_among(search_words.c.word, "words"))
    with store.write() as tx:
        kept(tx)
        assert set(tx.execute(statement, {"words": given}).scalars()) == set(WORDS) & set(given)


def test_numbers_are_found_beside_other_conditions(store: Store) -> None:
    named = is_among(search_words.c.id, "ids")
    with store.write() as tx:
        ids = kept(tx)
        given = {"ids": [ids["9"], ids["مریم"], 10**12]}
        found = tx.execute(select(search_words.c.word).where(and_(named, search_words.c.word != "9")), given)
        assert list(found.scalars()) == ["مریم"]
        others = set(tx.execute(select(search_words.c.word).where(not_(named)), given).scalars())
        assert others == set(WORDS) - {"9", "مریم"}
        tx.execute(delete(search_words).where(named), given)
        assert set(tx.execute(select(search_words.c.word)).scalars()) == others


def test_an_index_is_used(sqlite_store: Store) -> None:
    statement = select(search_words.c.id).where(is_among(search_words.c.word, "words"))
    with sqlite_store.read() as tx:
        sql = str(statement.compile(dialect=tx.dialect))
        plan = " ".join(row.detail for row in tx.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", ("[]",)))
    assert "ix_search_words_word (word=?)" in plan
