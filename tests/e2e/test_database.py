"""A store that is locked, full, newer than the program or none at all: said in one sentence, and nothing is lost."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path

import msgspec
import pytest
import requests

from companion.app import App, build
from companion.config import Secret
from companion.config.options import Database
from companion.domain.permissions import Role
from companion.sandbox import Item, Sandbox
from companion.services.notes import NoteDraft
from storage import engine
from storage.engine import Store
from storage.errors import Full, Locked, ReadOnly
from tests.e2e.conftest import OpenShop
from tests.e2e.program import Browser, Program, is_one_sentence
from tests.fixtures.app import PASSWORD, Desk, stored_order
from webhooks.woocommerce import sign

AGENT = "نگار"


@contextmanager
def locked(path: Path | str) -> Iterator[None]:
    """Another program is in the middle of writing."""
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")


@contextmanager
def full(store: Store) -> Iterator[None]:
    """No page more than there are now."""

    def allow(pages: int) -> None:
        for is_durable in (True, False):  # the limit is each connection's own
            with store.write(durable=is_durable) as tx:
                tx.exec_driver_sql(f"PRAGMA max_page_count = {pages}")

    with store.read() as tx:
        taken = tx.exec_driver_sql("PRAGMA page_count").scalar_one()
    allow(taken)
    yield
    allow(2**30)


class TestCommands:
    @pytest.fixture(autouse=True)
    def _installation(self, program: Program, open_shop: OpenShop) -> None:
        shop = open_shop()
        shop.shop.create_order(items=[Item("چای سبز", 1, 120_000)])
        program.configure(program.shop_of("main", shop))

    @pytest.mark.slow
    def test_locked(self, program: Program) -> None:
        program.add_admin()
        with locked(program.database), ThreadPoolExecutor() as both:  # each waits ten seconds for it
            adding = both.submit(program.call, "users", "add", "ali", "--password-stdin", typed=PASSWORD)
            examining = both.submit(program.call, "doctor")
            added, examined = adding.result(), examining.result()
        assert (added.returncode, is_one_sentence(added)) == (1, True)
        assert "try again in a moment" in added.stderr
        assert examined.returncode == 1
        assert "problem  store: Another process is using the database" in examined.stdout
        assert "ok       shop main" in examined.stdout
        assert program.call("users", "add", "ali", "--password-stdin", typed=PASSWORD).returncode == 0

    def test_newer_than_the_program(self, program: Program) -> None:
        program.add_admin()
        with closing(sqlite3.connect(program.database)) as newer, newer:
            newer.execute("UPDATE alembic_version SET version_num = '9999'")
            before = _contents(newer)
        for command in ("run", "backfill", "doctor"):
            done = program.call(command)
            assert done.returncode == 1
            assert "written by a newer version of companion" in done.stdout + done.stderr
            assert "Traceback" not in done.stderr
        with closing(sqlite3.connect(program.database)) as newer:
            assert _contents(newer) == before

    def test_no_database(self, program: Program) -> None:
        program.database.write_text("a letter to my aunt\n" * 500)
        for command in ("run", "backfill", "doctor"):
            done = program.call(command)
            assert done.returncode == 1
            assert "restore the latest backup" in done.stdout + done.stderr
            assert "Traceback" not in done.stderr
        assert program.database.read_text() == "a letter to my aunt\n" * 500

    def test_folder_that_does_not_exist(self, program: Program, open_shop: OpenShop) -> None:
        program.configure(
            '[database]\nurl = "sqlite:///nowhere/companion.sqlite3"', program.shop_of("main", open_shop())
        )
        read, examined = program.call("backfill"), program.call("doctor")
        assert (read.returncode, is_one_sentence(read)) == (1, True)
        assert "existing folder" in read.stderr
        assert examined.returncode == 1
        assert "is no folder" in examined.stdout

    def test_server_that_does_not_answer(self, program: Program, open_shop: OpenShop) -> None:
        program.configure('[database]\nurl = "env:STORE"', program.shop_of("main", open_shop()))
        read = program.call("backfill", STORE="postgresql://companion:hunter2@127.0.0.1:9/companion")
        assert (read.returncode, is_one_sentence(read)) == (1, True)
        assert "cannot be reached" in read.stderr
        assert "hunter2" not in read.stderr

    def test_damaged_search_index_is_mended_by_one_command(self, program: Program) -> None:
        assert program.call("backfill").returncode == 0
        with closing(sqlite3.connect(program.database)) as damaged, damaged:
            damaged.execute("DELETE FROM search_trigram_data")
        searched = program.call("search", "مدیر")
        assert (searched.returncode, is_one_sentence(searched)) == (1, True)
        assert "companion reindex" in searched.stderr
        mended = program.call("reindex")
        assert mended.returncode == 0, mended.stderr
        assert "The index is whole" in mended.stdout
        assert program.call("search", "مدیر").returncode == 0


class TestRunning:
    """While companion runs on SQLite, beside an agent at her desk and a shop that delivers."""

    @pytest.fixture
    def store(self, sqlite_store: Store) -> Store:
        return sqlite_store

    @pytest.fixture(autouse=True)
    def _impatient(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(engine, "_PATIENCE_S", 0.2)

    @pytest.fixture
    def order_id(self, served: App, sandbox: Sandbox) -> int:
        order = sandbox.shop.create_order(billing={"first_name": "مریم", "last_name": "احمدی"}, quiet=True)
        served.backfill("main")
        sandbox.shop.clock.advance(60)
        sandbox.shop.update_order(order.id, status="completed")
        return order.id

    @pytest.fixture
    def page(self, served: App, order_id: int) -> str:
        return f"/customers/{Desk(served, AGENT, Role.AGENT).customer_of(order_id)}"

    @pytest.fixture
    def browser(self, served: App, page: str) -> Iterator[Browser]:
        browser = Browser(served.config.web.public_url)
        browser.sign_in(AGENT)
        yield browser
        browser.close()

    def deliver(self, app: App, order_id: int, filler: int = 0) -> requests.Response:
        body = b'{"id":%d,"filler":"%s"}' % (order_id, b"x" * filler)
        headers = {
            "X-WC-Webhook-Signature": sign(body, app.secrets.webhook_secret("main")),
            "X-WC-Webhook-Topic": "order.updated",
        }
        return requests.post(
            f"{app.config.web.public_url}/in/main/order.updated", data=body, headers=headers, timeout=30
        )

    def test_locked(self, served: App, browser: Browser, page: str, order_id: int) -> None:
        with locked(str(served.store.url.database)):
            answer = browser.post(page, f"{page}/notes", body="نباید گم شود", kind="call")
            assert answer.status_code == 503
            assert "نباید گم شود" in answer.text
            assert int(answer.headers["Retry-After"]) > 0
            assert browser.get(page).status_code == 200
            refused = self.deliver(served, order_id)
            assert refused.status_code == 503
            assert refused.headers["Retry-After"]
            with pytest.raises(Locked):
                served.poll("main")
        assert browser.post(page, f"{page}/notes", body="نباید گم شود", kind="call").status_code == 200
        assert self.deliver(served, order_id).status_code == 200
        served.drain()
        row = stored_order(served, order_id)
        assert row is not None
        assert row.status == "completed"

    def test_full(self, served: App, sandbox: Sandbox, browser: Browser, page: str, order_id: int) -> None:
        long = "متن بلند " * 2_000
        with full(served.store):
            answer = browser.post(page, f"{page}/notes", body=long, kind="call")
            assert answer.status_code == 503
            assert long.strip() in answer.text
            assert browser.get(page).status_code == 200
            assert self.deliver(served, order_id, filler=500_000).status_code == 503
            for _ in range(100):
                sandbox.shop.create_order(items=[Item("گز", 1, 1_000)], quiet=True)
            with pytest.raises(Full):
                served.poll("main")
        assert browser.post(page, f"{page}/notes", body=long, kind="call").status_code == 200
        served.poll("main")
        row = stored_order(served, order_id)
        assert row is not None
        assert row.status == "completed"
        with served.store.read() as tx:
            assert tx.exec_driver_sql("SELECT count(*) FROM orders").scalar_one() == 101

    def test_read_only(self, served: App, sandbox: Sandbox, page: str) -> None:
        path = served.store.url.database
        viewer = served.users.sign_in(AGENT, PASSWORD)
        config = msgspec.structs.replace(
            served.config, database=Database(url=Secret(f"sqlite:///file:{path}?mode=ro&uri=true"))
        )
        with closing(build(config, clock=served.clock)) as app:
            customer_id = int(page.rpartition("/")[2])
            assert [hit.customer_id for hit in app.search.find(viewer, "احمدی").hits] == [customer_id]
            for write in (
                lambda: app.notes.write(viewer, NoteDraft(customer_id=customer_id, body="نباید گم شود")),
                lambda: app.poll("main"),
                app.reindex,
            ):
                with pytest.raises(ReadOnly, match="Let this user write"):
                    write()
        served.poll("main")


def _contents(database: sqlite3.Connection) -> dict[str, list[tuple[object, ...]]]:
    """Every row of every table; those of a search index are in the tables behind it."""
    stored = database.execute("SELECT name FROM sqlite_schema WHERE type = 'table' AND rootpage > 0")
    return {name: database.execute(f'SELECT * FROM "{name}"').fetchall() for (name,) in stored.fetchall()}
