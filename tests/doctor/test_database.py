"""What doctor says of the store."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import psycopg
import pytest

from companion.app import build
from companion.config import Config
from companion.sandbox import Sandbox
from storage import shops, sqlite
from storage.engine import Store
from storage.sync import alerts
from tests.doctor.conftest import ENVIRON, said, write
from tests.fixtures.store import Clock, new_postgresql_database
from tests.storage.people import add_person


@pytest.fixture
def on_postgresql(tmp_path: Path, sandbox: Sandbox, clock: Clock, postgresql_server: str) -> Iterator[tuple[Path, str]]:
    """An installation on a PostgreSQL database of its own, and that database's address."""
    with new_postgresql_database(postgresql_server, "doctor") as url:
        path = write(tmp_path, sandbox, more=f'database.url = "{url}"')
        build(Config.load(path, ENVIRON), clock=clock).close()
        yield path, url


def test_library_that_does_not_wait_for_the_disk_is_a_problem(
    installation: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite, "DURABLE", {**sqlite.DURABLE, "synchronous": "OFF"})
    (found,) = said(installation, clock, "problem", "power cut")
    assert found.message == "synchronous is OFF: a power cut may take notes that were saved"
    assert found.cure


def test_server_that_does_not_wait_for_the_disk_is_a_problem(on_postgresql: tuple[Path, str], clock: Clock) -> None:
    path, url = on_postgresql
    assert said(path, clock, "ok", "postgresql opens")
    assert not said(path, clock, "problem", "power cut")
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(
            "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET synchronous_commit = off', current_database()); END $$"
        )
    (found,) = said(path, clock, "problem", "power cut")
    assert found.message.startswith("synchronous_commit is off")
    assert "ALTER DATABASE" in found.cure


def test_index_that_finds_no_persian_is_a_problem(installation: Path, clock: Clock, opened: Store) -> None:
    with opened.write_schema() as tx:
        tx.exec_driver_sql("DROP TABLE search_trigram")
        tx.exec_driver_sql(
            "CREATE VIRTUAL TABLE search_trigram USING fts5("
            "folded, content='search_rows', content_rowid='id', tokenize='ascii', detail='none')"
        )
    (found,) = said(installation, clock, "problem")
    assert found.message == "the search index does not find a part of a Persian name"


def test_trying_the_index_leaves_nothing_in_it(installation: Path, clock: Clock, opened: Store) -> None:
    count = "SELECT (SELECT count(*) FROM search_rows), (SELECT count(*) FROM search_trigram_data)"
    with opened.read() as tx:
        before = tx.exec_driver_sql(count).one()
    assert said(installation, clock, "ok", "sqlite opens")
    with opened.read() as tx:
        assert tx.exec_driver_sql(count).one() == before


def test_index_that_is_damaged_is_a_problem(installation: Path, clock: Clock, opened: Store) -> None:
    with opened.write_schema() as tx:
        tx.exec_driver_sql("UPDATE search_trigram_data SET block = x'ffffffffffffffffffffff'")
    (found,) = said(installation, clock, "problem")
    assert "search index is damaged" in found.message


def test_database_that_does_not_know_persian_letters_is_a_problem(
    tmp_path: Path, sandbox: Sandbox, clock: Clock, postgresql_server: str
) -> None:
    with new_postgresql_database(postgresql_server, "doctor_c", locale="C") as url:
        path = write(tmp_path, sandbox, more=f'database.url = "{url}"')
        (found,) = said(path, clock, "problem")
    assert found.message.startswith("This database cannot search Persian")


def test_disk_that_is_almost_full_is_a_warning(
    installation: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("companion.doctor.database._LITTLE_ROOM", 10**18)
    (found,) = said(installation, clock, "warning", "MB are free")
    assert found.cure.startswith("Make room")


def test_shop_that_left_the_configuration_is_named(installation: Path, clock: Clock, opened: Store) -> None:
    with opened.write() as tx:
        shops.ensure(tx, ["main", "other"])
    (found,) = said(installation, clock, "warning", "not in the configuration")
    assert found.message.startswith("the shop other is in the store")
    assert "[shops.other]" in found.cure


def test_what_companion_noticed_of_a_shop_is_told_with_a_cure(
    installation: Path, sandbox: Sandbox, clock: Clock, opened: Store
) -> None:
    with opened.write() as tx:
        alerts.raise_(tx, "main", "webhooks_silent", "", {}, clock())
        alerts.raise_(tx, "main", "quarrel", "order 17", {}, clock())
        alerts.raise_(tx, "main", "quarrel", "order 18", {}, clock())
    silent, quarrel = said(installation, clock, "problem")
    assert f"{sandbox.url}/wp-cron.php" in silent.cure
    assert "(order 17, order 18)" in quarrel.message


def test_fields_that_were_chosen_since_the_index_was_made_are_told(installation: Path, clock: Clock) -> None:
    assert not said(installation, clock, "warning", "search index")
    with closing(build(Config.load(installation, ENVIRON), clock=clock)) as app, app.store.write() as tx:
        add_person(tx, "1")
    with installation.open("a", encoding="utf-8") as config:
        config.write('meta_keys = {national_id = {fa = "کد ملی", en = "National id"}}\n')
    (found,) = said(installation, clock, "warning", "search index was made for other settings")
    assert "companion reindex" in found.cure
    with closing(build(Config.load(installation, ENVIRON), clock=clock)) as app:
        app.reindex()
    assert not said(installation, clock, "warning", "search index")
