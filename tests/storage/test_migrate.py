from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, MetaData, select, text

from storage import errors, migrate, schema
from storage.engine import Store
from storage.scope import EVERYTHING
from storage.search import index as search
from storage.search.candidates import holding
from tests.fixtures.store import new_postgresql_database


@pytest.fixture(params=["sqlite", "postgresql"])
def dialect(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def store(dialect: str, request: pytest.FixtureRequest) -> Store:
    found: Store = request.getfixturevalue(f"{dialect}_store")
    return found


@pytest.fixture
def empty_address(dialect: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    if dialect == "sqlite":
        yield f"sqlite:///{tmp_path / 'empty.sqlite3'}"
        return
    server = request.getfixturevalue("postgresql_server")
    with new_postgresql_database(server, "empty") as address:
        yield address


@pytest.fixture
def empty(empty_address: str) -> Iterator[Store]:
    with closing(Store(empty_address)) as store:
        yield store


def declared(dialect: str) -> MetaData:
    """The schema as far as it is meant for that database."""
    metadata = MetaData(naming_convention=schema.metadata.naming_convention)
    for table in schema.metadata.sorted_tables:
        if table.info.get("dialect", dialect) == dialect:
            copy = table.to_metadata(metadata)
            foreign = {index.name for index in table.indexes if index.info.get("dialect", dialect) != dialect}
            copy.indexes = {index for index in copy.indexes if index.name not in foreign}
    return metadata


def is_ours(thing: Any, name: str | None, kind: str, reflected: bool, compare_to: Any) -> bool:
    return not (kind == "table" and name is not None and name.startswith(search.FTS_TABLES))


def rules(tx: Connection, metadata: MetaData) -> dict[str, object]:
    """By table, what Alembic does not compare: keys, references and checks with their names, and partial indexes."""
    inspector = sqlalchemy.inspect(tx)
    found: dict[str, object] = {}
    for table in metadata.tables:
        found[table] = {
            "key": inspector.get_pk_constraint(table),
            "references": sorted(str(sorted(row.items(), key=str)) for row in inspector.get_foreign_keys(table)),
            "checks": sorted((str(row["name"]), row["sqltext"]) for row in inspector.get_check_constraints(table)),
            "unique": sorted(
                (str(row["name"]), tuple(row["column_names"])) for row in inspector.get_unique_constraints(table)
            ),
            "indexes": sorted(  # names differ, so the rest is never compared
                (
                    str(row["name"]),
                    str(row["column_names"]),
                    {key: str(value) for key, value in row.get("dialect_options", {}).items()},
                )
                for row in inspector.get_indexes(table)
            ),
            "columns": [
                (row["name"], str(row["type"]), row["nullable"], row.get("default"))
                for row in inspector.get_columns(table)
            ],
        }
    return found


def test_an_upgraded_store_is_what_the_schema_declares(store: Store) -> None:
    with store.read() as tx:
        context = MigrationContext.configure(tx, opts={"compare_type": True, "include_object": is_ours})
        differences = compare_metadata(context, declared(store.dialect))
    assert differences == []


def test_an_upgraded_store_has_the_schemas_keys_checks_and_partial_indexes(store: Store, empty: Store) -> None:
    metadata = declared(store.dialect)
    with empty.write() as tx:
        if store.dialect == "postgresql":
            tx.exec_driver_sql("CREATE EXTENSION pg_trgm")
        metadata.create_all(tx)
        created = rules(tx, metadata)
    with store.read() as tx:
        assert rules(tx, metadata) == created


def test_a_second_upgrade_changes_nothing(empty: Store) -> None:
    migrate.upgrade(empty)
    with empty.write() as tx:
        tx.execute(schema.shops.insert().values(shop="tehran"))
        tx.execute(schema.note_kinds.update().where(schema.note_kinds.c.kind == "call").values(name_en="Phone"))
    before = dump(empty)
    migrate.upgrade(empty)
    assert dump(empty) == before
    assert migrate.version(empty) == migrate.newest()


def test_what_an_older_program_indexed_is_forgotten_and_can_be_indexed_anew(empty: Store) -> None:
    with empty.write_schema() as tx:
        if empty.dialect == "postgresql":
            tx.exec_driver_sql("CREATE EXTENSION pg_trgm")
        config = migrate._config()
        config.attributes["connection"] = tx
        command.upgrade(config, "0002")
        tx.execute(text("INSERT INTO customers (id, created_at) VALUES (1, '2025-11-21 08:30:00')"))
        tx.execute(text("INSERT INTO accounts (id, customer_id, shop, kind, key) VALUES (1, 1, 'main', 'guest', 'a')"))
        tx.execute(text("INSERT INTO search_rows (kind, owner_id, folded) VALUES ('account', 1, ' مریم احمدی')"))
        if empty.dialect == "sqlite":
            tx.execute(text("INSERT INTO search_trigram (rowid, folded) SELECT id, folded FROM search_rows"))
    migrate.upgrade(empty)
    with empty.write() as tx:
        assert holding(tx, ["احمد"], EVERYTHING, kinds=("account",), limit=9) == []
        assert search.put(tx, "account", {1: "مریم احمدی"}) == 1
        (found,) = holding(tx, ["احمد"], EVERYTHING, kinds=("account",), limit=9)
        assert (found.owner_id, found.folded) == (1, "مریم احمدی")


def dump(store: Store) -> list[object]:
    with store.read() as tx:
        return [tx.execute(select(table)).all() for table in declared(store.dialect).sorted_tables]


def test_every_installation_starts_with_the_note_kinds(store: Store) -> None:
    with store.read() as tx:
        kinds = tx.execute(select(schema.note_kinds).order_by(schema.note_kinds.c.position)).all()
    assert [kind.kind for kind in kinds] == [
        "general", "call", "complaint", "preference", "important_date", "delivery", "payment", "internal",
    ]  # fmt: skip
    assert {kind.kind for kind in kinds if not kind.is_pushed} == {"complaint", "internal"}
    assert {kind.kind for kind in kinds if kind.is_internal} == {"internal"}
    assert all(kind.name_fa and kind.name_en for kind in kinds)


def test_an_empty_store_has_no_version_and_is_not_current(empty: Store) -> None:
    assert migrate.version(empty) is None
    with pytest.raises(errors.TooOld):
        migrate.require_current(empty)
    migrate.upgrade(empty)
    migrate.require_current(empty)


def test_a_store_newer_than_the_program_is_refused_untouched(store: Store) -> None:
    try:
        with store.write() as tx:
            tx.execute(text("UPDATE alembic_version SET version_num = '9999'"))
        before = dump(store)
        with pytest.raises(errors.TooNew, match="newer version of companion"):
            migrate.upgrade(store)
        with pytest.raises(errors.TooNew, match="newer version of companion"):
            migrate.require_current(store)
        assert dump(store) == before
    finally:
        with store.write() as tx:  # the database outlives this test
            tx.execute(text("UPDATE alembic_version SET version_num = :newest"), {"newest": migrate.newest()})


def test_a_failed_step_leaves_nothing_behind(empty: Store) -> None:
    with empty.write() as tx:
        tx.exec_driver_sql("CREATE TABLE outbox (in_the_way INTEGER)")
    with pytest.raises(sqlalchemy.exc.DatabaseError, match="outbox"):
        migrate.upgrade(empty)
    with empty.read() as tx:
        assert set(sqlalchemy.inspect(tx).get_table_names()) == {"outbox"}


def test_processes_that_start_at_once_migrate_once(empty_address: str) -> None:
    program = (
        "import sys; from storage import migrate; from storage.engine import Store;"
        "store = Store(sys.argv[1]); migrate.upgrade(store); print(migrate.version(store)); store.close()"
    )
    processes = [
        subprocess.Popen([sys.executable, "-c", program, empty_address], stdout=subprocess.PIPE, text=True)
        for _ in range(4)
    ]
    outputs = [process.communicate(timeout=60)[0].strip() for process in processes]
    assert outputs == [migrate.newest()] * 4


def test_substrings_are_found_through_an_index(store: Store) -> None:
    with store.read() as tx:
        if store.dialect == "sqlite":
            plan = tx.exec_driver_sql("EXPLAIN QUERY PLAN SELECT rowid FROM search_trigram WHERE folded LIKE '%حمد%'")
            assert "VIRTUAL TABLE INDEX 0:L0" in str(plan.all())
        else:
            tx.exec_driver_sql("SET LOCAL enable_seqscan = off")
            for kind, index in (("account", "ix_search_rows_people"), ("note", "ix_search_rows_texts")):
                asked = f"EXPLAIN SELECT id FROM search_rows WHERE kind = '{kind}' AND folded LIKE '%محمد%'"
                assert index in str(tx.execute(text(asked)).all())


def test_a_database_that_does_not_know_persian_letters_is_refused(postgresql_server: str) -> None:
    with (
        new_postgresql_database(postgresql_server, "c_locale", locale="C") as address,
        pytest.raises(errors.Unusable, match="cannot search Persian"),
    ):
        Store(address)
