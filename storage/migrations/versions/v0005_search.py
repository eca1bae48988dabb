"""The index as search wants it: words besides trigrams, kinds as ranges of ids. `companion reindex` fills it anew."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the tables, empty: what the older ones held says nothing of how names sound."""
    is_sqlite = op.get_context().dialect.name == "sqlite"
    if is_sqlite:
        op.execute("DROP TABLE search_trigram")
    op.drop_table("search_rows")
    op.create_table(
        "search_rows",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("owner_id", ROW_ID, nullable=False),
        sa.Column("shop", sa.Text(), nullable=True),
        sa.Column("thing", sa.Text(), nullable=True),
        sa.Column("folded", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_search_rows"),
    )
    op.create_index(
        "ix_search_rows_thing",
        "search_rows",
        ["kind", "shop", "thing"],
        unique=True,
        sqlite_where=sa.text("thing is not null"),
        postgresql_where=sa.text("thing is not null"),
    )
    op.create_table(
        "search_words",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("word", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_search_words"),
    )
    op.create_index("ix_search_words_word", "search_words", ["word"])
    if is_sqlite:
        _index_of_sqlite()
    else:
        _index_of_postgresql()


def _index_of_sqlite() -> None:
    """Only which rows hold a word is asked (detail=none); the words are made by the program, so a tokenizer that
    divides at spaces is enough. Beginnings are kept beside the words: for a longer one FTS5 puts together the rows of
    every word that begins so before it gives the first, and hardly a word is both longer and frequent.
    """
    op.execute(
        "CREATE VIRTUAL TABLE search_trigram USING fts5(folded, content='search_rows', content_rowid='id',"
        " tokenize='trigram', detail=none, columnsize=0)"
    )
    for name, beginnings in (("search_people", "1 2 3 4 5 6 7"), ("search_texts", "3 4 5 6 7")):
        op.execute(
            f"CREATE VIRTUAL TABLE {name} USING fts5(folded, content='', tokenize='ascii', detail=none, columnsize=0,"
            f" prefix='{beginnings}')"
        )


def _index_of_postgresql() -> None:
    """People apart from texts, so that few are not sought among many."""
    for name, kinds in (("people", "kind = 'account'"), ("texts", "kind <> 'account'")):
        op.create_index(
            f"ix_search_rows_{name}",
            "search_rows",
            ["folded"],
            postgresql_using="gin",
            postgresql_ops={"folded": "gin_trgm_ops"},
            postgresql_with={"gin_pending_list_limit": 256},
            postgresql_where=sa.text(kinds),
        )
