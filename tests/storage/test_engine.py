from __future__ import annotations

import sqlite3
import threading
from contextlib import closing
from pathlib import Path

import pytest
import sqlalchemy
from sqlalchemy import insert, select

from storage import engine, errors, sqlite
from storage.engine import Store, Tx
from storage.schema import agents, customers, shops
from tests.fixtures.store import Clock


def add_shop(tx: Tx, key: str) -> None:
    tx.execute(insert(shops).values(shop=key))


def add_shops(tx: Tx, *keys: str) -> None:
    for key in keys:
        add_shop(tx, key)


def shop_keys(store: Store) -> list[str]:
    with store.read() as tx:
        return list(tx.execute(select(shops.c.shop).order_by(shops.c.shop)).scalars())


# --- transactions -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("durable", [True, False])
def test_a_write_stands_when_its_block_ends(store: Store, durable: bool) -> None:
    with store.write(durable=durable) as tx:
        add_shop(tx, "tehran")
    assert shop_keys(store) == ["tehran"]


@pytest.mark.parametrize("durable", [True, False])
def test_a_write_that_raises_leaves_nothing_and_the_store_usable(store: Store, durable: bool) -> None:
    with pytest.raises(errors.Duplicate), store.write(durable=durable) as tx:
        add_shops(tx, "tehran", "tehran")
    assert shop_keys(store) == []
    with store.write(durable=durable) as tx:
        add_shop(tx, "shiraz")
    assert shop_keys(store) == ["shiraz"]


def test_a_reader_sees_one_state_throughout(store: Store) -> None:
    with store.read() as tx:
        assert tx.execute(select(shops)).all() == []
        with store.write() as other:
            add_shop(other, "tehran")
        assert tx.execute(select(shops)).all() == []
    assert shop_keys(store) == ["tehran"]


def test_a_reader_cannot_write(store: Store) -> None:
    with pytest.raises(errors.ReadOnly), store.read() as tx:
        add_shop(tx, "tehran")
    assert shop_keys(store) == []
    with store.write() as tx:  # and leaves no connection behind that could not
        add_shop(tx, "shiraz")


def test_a_write_inside_a_write_is_refused_at_once(store: Store) -> None:
    with store.write() as tx:
        add_shop(tx, "tehran")
        with pytest.raises(RuntimeError, match="write transaction already"), store.write(durable=False):
            pass
    assert shop_keys(store) == ["tehran"]
    with store.write() as tx:
        add_shop(tx, "shiraz")


def test_writers_of_many_threads_all_get_their_turn(store: Store) -> None:
    def work(number: int) -> None:
        for turn in range(10):
            with store.write(durable=turn % 2 == 0) as tx:
                add_shop(tx, f"{number}-{turn}")

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(shop_keys(store)) == 80


# --- durability ---------------------------------------------------------------------------------------------------


def test_sqlite_waits_for_the_disk_where_somebody_is_answered(sqlite_store: Store) -> None:
    with sqlite_store.write() as tx:
        assert tx.exec_driver_sql("PRAGMA synchronous").scalar() == 2  # FULL
        assert tx.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
        assert tx.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1
        assert tx.exec_driver_sql("PRAGMA recursive_triggers").scalar() == 0
    with sqlite_store.write_schema() as tx:
        assert tx.exec_driver_sql("PRAGMA synchronous").scalar() == 2
    with sqlite_store.write(durable=False) as tx:
        assert tx.exec_driver_sql("PRAGMA synchronous").scalar() == 1  # NORMAL
        assert tx.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1


def test_postgresql_waits_for_the_disk_where_somebody_is_answered(postgresql_store: Store) -> None:
    with postgresql_store.write() as tx:
        assert tx.exec_driver_sql("SHOW synchronous_commit").scalar() == "on"
        assert tx.exec_driver_sql("SHOW fsync").scalar() == "on"
    with postgresql_store.write(durable=False) as tx:
        assert tx.exec_driver_sql("SHOW synchronous_commit").scalar() == "off"
    with postgresql_store.write() as tx:
        assert tx.exec_driver_sql("SHOW synchronous_commit").scalar() == "on"


def test_postgresql_speaks_utc(postgresql_store: Store) -> None:
    with postgresql_store.read() as tx:
        assert tx.exec_driver_sql("SHOW timezone").scalar() == "UTC"


# --- the numbers of reads -----------------------------------------------------------------------------------------


def test_read_numbers_only_rise_whoever_asks(store: Store) -> None:
    seen: list[list[int]] = [[] for _ in range(4)]

    def ask(mine: list[int]) -> None:
        mine.extend(store.next_read_seq() for _ in range(25))

    threads = [threading.Thread(target=ask, args=(mine,)) for mine in seen]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(mine == sorted(mine) for mine in seen)
    assert len({number for mine in seen for number in mine}) == 100
    with store.write() as tx:
        assert store.next_read_seq(tx) == 101
    assert store.next_read_seq() == 102


# --- errors -------------------------------------------------------------------------------------------------------


def test_a_key_that_stands_already_is_a_duplicate(store: Store) -> None:
    with store.write() as tx:
        add_shop(tx, "tehran")
        with pytest.raises(errors.Duplicate) as caught, tx.begin_nested():
            add_shop(tx, "tehran")
        add_shop(tx, "shiraz")  # a savepoint gives the transaction back
    assert shop_keys(store) == ["shiraz", "tehran"]
    assert caught.value.constraint in {"shops.shop", "pk_shops"}


def test_a_reference_to_nothing_and_an_impossible_value_are_violations(store: Store, clock: Clock) -> None:
    with pytest.raises(errors.Violation), store.write() as tx:
        tx.execute(insert(customers).values(created_at=clock(), merged_into=404))
    with pytest.raises(errors.Violation), store.write() as tx:
        tx.execute(insert(agents).values(name="Sara", role="queen", created_at=clock()))


def test_a_programming_error_stays_one(store: Store) -> None:
    with pytest.raises(sqlalchemy.exc.DBAPIError), store.read() as tx:
        tx.exec_driver_sql("SELECT nothing FROM nowhere")


def test_a_database_that_another_process_keeps_is_locked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "_PATIENCE_S", 0.05)
    path = tmp_path / "companion.sqlite3"
    with closing(Store(f"sqlite:///{path}")) as store, closing(sqlite3.connect(path)) as other:
        with store.write() as tx:
            tx.exec_driver_sql("CREATE TABLE t (x INTEGER)")
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(errors.Locked, match="try again"), store.write() as tx:
            pass
        with store.read() as tx:  # readers do not wait for it
            assert tx.exec_driver_sql("SELECT * FROM t").all() == []
        other.rollback()
        with store.write() as tx:
            tx.exec_driver_sql("INSERT INTO t VALUES (1)")


def test_a_turn_that_does_not_come_is_locked(sqlite_store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "_TURN_S", 0.01)
    caught: list[Exception] = []

    def write() -> None:
        try:
            with sqlite_store.write():
                pass
        except errors.Locked as error:
            caught.append(error)

    with sqlite_store.write():
        thread = threading.Thread(target=write)
        thread.start()
        thread.join()
    assert len(caught) == 1
    write()
    assert len(caught) == 1


def test_a_row_that_another_keeps_is_locked_on_postgresql(postgresql_store: Store) -> None:
    with postgresql_store.write() as tx:
        add_shop(tx, "tehran")
    change = shops.update().values(is_paused=True)
    caught: list[Exception] = []

    def write() -> None:
        try:
            with postgresql_store.write() as tx:
                tx.exec_driver_sql("SET LOCAL lock_timeout = '20ms'")
                tx.execute(change)
        except errors.Locked as error:
            caught.append(error)

    with postgresql_store.write() as tx:
        tx.execute(change)
        thread = threading.Thread(target=write)
        thread.start()
        thread.join()
    assert len(caught) == 1


def test_a_full_disk_loses_nothing_and_reading_goes_on(sqlite_store: Store) -> None:
    with sqlite_store.write() as tx:
        add_shop(tx, "tehran")
        pages = tx.exec_driver_sql("PRAGMA page_count").scalar()
    with sqlite_store.write() as tx:
        tx.exec_driver_sql(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(errors.Full, match="free some disk space"), sqlite_store.write() as tx:
        add_shops(tx, *(f"{number}-{'x' * 100}" for number in range(2_000)))
    assert shop_keys(sqlite_store) == ["tehran"]
    with sqlite_store.write() as tx:
        tx.exec_driver_sql("PRAGMA max_page_count = 1000000")
    with sqlite_store.write() as tx:
        add_shop(tx, "shiraz")
    assert shop_keys(sqlite_store) == ["shiraz", "tehran"]


def test_a_file_that_may_not_be_written_can_be_read(sqlite_store: Store) -> None:
    with sqlite_store.write() as tx:
        add_shop(tx, "tehran")
    path = sqlite_store.url.database
    with closing(Store(f"sqlite:///file:{path}?mode=ro&uri=true")) as store:
        assert shop_keys(store) == ["tehran"]
        with pytest.raises(errors.ReadOnly, match="Let this user write"), store.write() as tx:
            add_shop(tx, "shiraz")


def test_a_file_that_is_no_database_is_corrupt(tmp_path: Path) -> None:
    path = tmp_path / "companion.sqlite3"
    path.write_bytes(b"this is a letter to my aunt. " * 1000)
    with pytest.raises(errors.Corrupt, match="restore the latest backup"):
        Store(f"sqlite:///{path}")


def test_a_damaged_page_is_corrupt(sqlite_store: Store) -> None:
    with sqlite_store.write() as tx:
        add_shops(tx, *(f"{number}-{'x' * 200}" for number in range(500)))
        root = tx.exec_driver_sql("SELECT rootpage FROM sqlite_schema WHERE name = 'shops'").scalar_one()
        size = tx.exec_driver_sql("PRAGMA page_size").scalar_one()
    sqlite_store.close()
    path = Path(str(sqlite_store.url.database))
    content = bytearray(path.read_bytes())
    content[(root - 1) * size : root * size] = b"\xff" * size
    path.write_bytes(content)
    with closing(Store(f"sqlite:///{path}")) as store, pytest.raises(errors.Corrupt), store.read() as tx:
        tx.execute(select(shops)).all()


@pytest.mark.parametrize(
    ("address", "says"),
    [
        ("nonsense", "is not an address"),
        ("sqlite://", "names no file"),
        ("sqlite:///:memory:", "names no file"),
        ("mysql://root:hunter2@localhost/shop", "cannot serve"),
        ("sqlite:////nonexistent-folder/companion.sqlite3", "existing folder"),
    ],
)
def test_an_address_that_cannot_serve_is_refused_in_words(address: str, says: str) -> None:
    with pytest.raises(errors.Unusable, match=says) as caught:
        Store(address)
    assert "hunter2" not in str(caught.value)


def test_a_server_that_is_away_is_unreachable() -> None:
    with pytest.raises(errors.Unreachable, match="Check that it runs") as caught:
        Store("postgresql://root:hunter2@127.0.0.1:1/companion")
    assert "hunter2" not in str(caught.value)
    assert "hunter2" not in str(caught.value.__cause__)


def test_a_server_without_our_database_says_what_to_check(postgresql_server: str) -> None:
    address = sqlalchemy.make_url(postgresql_server).set(database="companion_nowhere")
    with pytest.raises(errors.Unusable, match="name of the database"):
        Store(address.render_as_string(hide_password=False))


def test_a_connection_that_the_server_cut_is_replaced(postgresql_store: Store) -> None:
    with postgresql_store.write() as tx:
        ours = tx.exec_driver_sql("SELECT pg_backend_pid()").scalar_one()
    with postgresql_store.write(durable=False) as tx:
        tx.exec_driver_sql(f"SELECT pg_terminate_backend({ours})")
    with postgresql_store.write() as tx:
        add_shop(tx, "tehran")
    assert shop_keys(postgresql_store) == ["tehran"]


def test_a_server_that_cuts_us_off_within_a_transaction_is_unreachable(postgresql_store: Store) -> None:
    with pytest.raises(errors.Unreachable), postgresql_store.write() as tx:
        tx.exec_driver_sql("SELECT pg_terminate_backend(pg_backend_pid())")
    assert shop_keys(postgresql_store) == []


def test_an_address_prints_without_its_password(postgresql_server: str) -> None:
    address = sqlalchemy.make_url(postgresql_server).set(password="hunter2")
    with closing(Store(address.render_as_string(hide_password=False))) as store:
        assert "hunter2" not in f"{store.url} {store.url!r}"


def test_errors_do_not_repeat_what_was_to_be_written(store: Store, clock: Clock) -> None:
    with store.write() as tx, pytest.raises(sqlalchemy.exc.DBAPIError) as caught:
        tx.execute(sqlalchemy.text("INSERT INTO nowhere VALUES (:body)"), {"body": "a secret note"})
    assert "a secret note" not in str(caught.value)
    with pytest.raises(errors.Duplicate) as twice, store.write() as tx:
        add_shops(tx, "a secret note", "a secret note")
    assert "a secret note" not in f"{twice.value} {twice.value.constraint} {twice.value.__cause__}"
    with pytest.raises(errors.Violation) as broken, store.write() as tx:
        tx.execute(insert(agents).values(name="a secret note", role="queen", created_at=clock()))
    assert "a secret note" not in f"{broken.value} {broken.value.__cause__}"


def test_an_old_or_crippled_sqlite_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    sqlite.require_library.cache_clear()
    monkeypatch.setattr(sqlite3, "sqlite_version_info", (3, 31, 1))
    with pytest.raises(errors.Unusable, match=r"3\.35\.0 or newer"):
        sqlite.require_library()


def test_every_connection_in_use_is_said_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "_PATIENCE_S", 0.02)
    with closing(Store(f"sqlite:///{tmp_path / 'companion.sqlite3'}")) as store:
        held = [store.read() for _ in range(32)]
        for transaction in held:
            transaction.__enter__()
        with pytest.raises(errors.Locked, match="in use"), store.read():
            pass
        for transaction in held:
            transaction.__exit__(None, None, None)
        with store.read():
            pass


def test_people_are_not_made_to_copy_the_log(sqlite_store: Store) -> None:
    with sqlite_store.write() as tx:
        people = tx.exec_driver_sql("PRAGMA wal_autocheckpoint").scalar_one()
    with sqlite_store.write(durable=False) as tx:
        background = tx.exec_driver_sql("PRAGMA wal_autocheckpoint").scalar_one()
    assert people > 4 * background
