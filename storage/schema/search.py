"""What search asks: folded texts, and the words that misspelt ones are compared with.

SQLite's indexes over the texts are the virtual tables that `storage.search.index` names.
"""

from __future__ import annotations

from sqlalchemy import Column, Index, Table, Text, text

from storage.schema.base import RowId, metadata


def _trigrams(name: str, where: str) -> Index:
    return Index(
        name,
        "folded",
        postgresql_using="gin",
        postgresql_ops={"folded": "gin_trgm_ops"},
        postgresql_with={"gin_pending_list_limit": 256},  # KiB: each search reads what was not sorted in yet
        postgresql_where=text(where),
        info={"dialect": "postgresql"},
    ).ddl_if(dialect="postgresql")


search_rows = Table(
    "search_rows",
    metadata,
    Column("id", RowId, primary_key=True),  # storage.search.index.row_id
    Column("kind", Text, nullable=False),  # storage.search.index.KINDS
    Column("owner_id", RowId, nullable=False),
    Column("shop", Text),  # with `thing`: the order or order note, which have no number of ours
    Column("thing", Text),
    Column("folded", Text, nullable=False),  # between two spaces, so that every word has one on either side
    Index(
        "ix_search_rows_thing",
        "kind",
        "shop",
        "thing",
        unique=True,
        sqlite_where=text("thing is not null"),
        postgresql_where=text("thing is not null"),
    ),
    _trigrams("ix_search_rows_people", "kind = 'account'"),  # apart, so that few people are not sought among many texts
    _trigrams("ix_search_rows_texts", "kind <> 'account'"),
)

search_words = Table(
    "search_words",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("word", Text, nullable=False),
    Index(None, "word"),
)
