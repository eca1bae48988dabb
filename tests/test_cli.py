from __future__ import annotations

import ast
import inspect
import json
import logging
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import structlog
from click.testing import CliRunner, Result
from sqlalchemy import insert, select

from companion.app import build
from companion.cli import main
from companion.cli.sentences import SENTENCES, sentence
from companion.cli.terminal import Terminal, in_words
from companion.config import Config, Secret
from companion.domain.permissions import Role
from companion.sandbox import Fault, Item, Sandbox, ShopClock
from companion.secrets import derive
from companion.services import errors as service_errors
from companion.services import users
from companion.services.errors import Invalid, NotFound
from companion.sync.deliveries.subscriptions import TOPICS
from companion.sync.reading.backfill import Progress
from storage import shops
from storage.engine import Store
from storage.schema import inbox

MASTER_KEY = "0123456789abcdef0123456789abcdef"
PASSPHRASE = "a long and quiet passphrase"

Run = Callable[..., Result]


@pytest.fixture
def sandbox(make_sandbox: Callable[..., Sandbox]) -> Sandbox:
    """A shop that keeps the machine's time, as signed requests over plain HTTP need it."""
    return make_sandbox(clock=ShopClock())


@pytest.fixture
def installation(tmp_path: Path, sandbox: Sandbox) -> Path:
    path = tmp_path / "config.toml"
    for name, secret in (("key", sandbox.credentials.rw.key), ("secret", sandbox.credentials.rw.secret)):
        (tmp_path / name).write_text(secret)
        (tmp_path / name).chmod(0o600)
    path.write_text(f"""
        master_key = "env:MASTER_KEY"
        [log]
        level = "error"
        [shops.main]
        url = "{sandbox.url}"
        consumer_key = "file:key"
        consumer_secret = "file:secret"
    """)
    return path


@pytest.fixture
def run(tmp_path: Path) -> Iterator[Run]:
    """Calls the program in this process, and hands its logging back afterwards."""
    root = logging.getLogger()
    handlers, level, hook = list(root.handlers), root.level, threading.excepthook
    mask = os.umask(0o022)

    def call(*words: str, typed: str = "", **environ: str) -> Result:
        environ = {"MASTER_KEY": MASTER_KEY, "COMPANION_CONFIG": str(tmp_path / "config.toml")} | environ
        return CliRunner().invoke(main, words, input=typed, env=environ)

    yield call
    os.umask(mask)
    root.handlers[:] = handlers
    root.setLevel(level)
    threading.excepthook = hook
    logging.captureWarnings(capture=False)
    structlog.reset_defaults()


class TestErrors:
    def test_missing_configuration_says_how_to_write_one(self, run: Run) -> None:
        result = run("poll")
        assert result.exit_code == 2
        assert "`companion init` writes it" in result.stderr

    def test_all_problems_of_the_configuration_are_one_message(self, run: Run, tmp_path: Path) -> None:
        (tmp_path / "config.toml").write_text("[web]\nport = 0\n[logs]\n")
        result = run("run")
        assert result.exit_code == 2
        assert result.stderr.count("\n  - ") == 3
        assert "Traceback" not in result.stderr

    def test_unknown_shop_is_named_beside_the_known_ones(self, run: Run, installation: Path) -> None:
        result = run("backfill", "mian")
        assert (result.exit_code, result.stderr) == (2, 'Error: There is no shop "mian"; configured: main.\n')

    def test_configuration_without_a_shop_is_said(self, run: Run, tmp_path: Path) -> None:
        (tmp_path / "config.toml").write_text('master_key = "env:MASTER_KEY"')
        result = run("poll")
        assert result.exit_code == 2
        assert "names no shop" in result.stderr

    def test_shop_that_refuses_is_one_sentence_with_its_cure(self, run: Run, installation: Path) -> None:
        (installation.parent / "secret").write_text("cs_" + "0" * 40)
        result = run("backfill")
        assert result.exit_code == 1
        assert "Traceback" not in result.stderr
        assert "Make a new key" in result.stderr

    def test_store_that_is_no_database_is_one_sentence(self, run: Run, installation: Path) -> None:
        (installation.parent / "companion.sqlite3").write_text("last year's notes\n" * 100)
        result = run("search", "x")
        assert result.exit_code == 1
        assert result.stderr.startswith("Error: ")
        assert "Traceback" not in result.stderr

    def test_debug_shows_the_traceback_without_secrets(self, run: Run, installation: Path) -> None:
        secret = "cs_" + "0" * 40
        (installation.parent / "secret").write_text(secret)
        result = run("--debug", "backfill")
        assert "Traceback" in result.stderr
        assert secret not in result.stderr
        assert (installation.parent / "key").read_text() not in result.stderr

    def test_unwise_configuration_is_warned_about(self, run: Run, installation: Path) -> None:
        (installation.parent / "key").chmod(0o644)
        assert "Warning: shops.main.consumer_key: other users" in run("users", "list").stderr

    def test_fault_of_our_own_is_not_hidden(
        self, run: Run, installation: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def break_down(_self: Terminal) -> None:
            raise ZeroDivisionError("cs_" + "0" * 40)

        monkeypatch.setattr(Terminal, "build", break_down)
        result = run("users", "list")
        assert result.exit_code == 1
        assert "ZeroDivisionError" in result.stderr
        assert "cs_000" not in result.stderr
        assert "a fault of companion itself" in result.stderr

    def test_unknown_command_is_misuse(self, run: Run) -> None:
        assert run("backfil").exit_code == 2


class TestSentences:
    def test_every_error_of_the_users_has_a_sentence(self) -> None:
        raised = {
            node.args[0].value
            for node in ast.walk(ast.parse(inspect.getsource(users)))
            if isinstance(node, ast.Call)
            and isinstance(node.func, ast.Name)
            and hasattr(service_errors, node.func.id)
            and node.args
            and isinstance(node.args[0], ast.Constant)
        }
        assert len(raised) > 5
        assert raised <= set(SENTENCES)

    def test_sentence_takes_the_params_of_its_error(self) -> None:
        assert (
            sentence(Invalid("password.short", field="password", limit=10)) == "A password has at least 10 characters."
        )

    def test_error_without_a_sentence_still_says_its_code(self) -> None:
        assert sentence(NotFound("moon.missing")) == "This is not possible (moon.missing)."


class TestSyncing:
    @pytest.fixture(autouse=True)
    def _orders(self, sandbox: Sandbox) -> None:
        for price in (120_000, 80_000, 50_000):
            sandbox.shop.create_order(items=[Item("چای سبز", 1, price)])

    def test_backfill_reads_everything_and_says_how_much(self, run: Run, installation: Path) -> None:
        result = run("backfill")
        assert result.exit_code == 0, result.output
        assert "main: 3 orders" in result.stdout
        assert result.stderr.count("main orders: 3 of 3 (100%)") == 1

    def test_second_backfill_has_nothing_to_read(self, run: Run, installation: Path) -> None:
        run("backfill")
        assert run("backfill").stdout == "main: everything was read before.\n"

    def test_backfill_reports_as_json(self, run: Run, installation: Path) -> None:
        assert json.loads(run("backfill", "main", "--json").stdout)["main"]["orders"] == 3

    def test_poll_reads_what_changed(self, run: Run, installation: Path, sandbox: Sandbox) -> None:
        run("backfill")
        sandbox.shop.create_order(items=[Item("زعفران", 1, 900_000)])
        assert "written" in run("poll").stdout
        assert json.loads(run("poll", "--json").stdout)["main"]["parked"] == []

    def test_drain_with_nothing_due_says_so(self, run: Run, installation: Path) -> None:
        assert run("drain").stdout == "Nothing was due.\n"
        assert isinstance(json.loads(run("drain", "--json").stdout), dict)

    def test_shop_that_fails_while_it_is_read_keeps_what_was_read(
        self, run: Run, installation: Path, sandbox: Sandbox
    ) -> None:
        sandbox.shop.faults.add(Fault("html", path="customers", times=None))
        assert run("backfill").exit_code == 1
        sandbox.shop.faults.clear()
        assert "orders" not in run("backfill").stdout


class TestSegments:
    def test_everybody_is_sorted_and_counted(self, run: Run, installation: Path) -> None:
        assert run("backfill").exit_code == 0
        result = run("segments")
        assert result.exit_code == 0, result.output
        assert "customers were sorted. There are 0 gold, 0 silver" in result.stdout
        told = json.loads(run("segments", "--json").stdout)
        assert told["sorted"] == sum(told["segments"].values()) > 0


class TestRegroup:
    def test_everybody_is_looked_at_and_who_is_one_person_stays_so(self, run: Run, installation: Path) -> None:
        assert run("backfill").exit_code == 0
        told = json.loads(run("regroup", "--json").stdout)
        assert told["done"] == told["total"] > 0
        assert told["moved"] == 0
        assert run("regroup").stdout == f"{told['total']:,} accounts were looked at; 0 have another customer now.\n"


class TestSearch:
    @pytest.fixture(autouse=True)
    def _customer(self, sandbox: Sandbox, installation: Path, run: Run) -> None:
        sandbox.shop.create_customer(email="sara@mail.example", first_name="سارا", last_name="محمدی")
        assert run("backfill").exit_code == 0

    def test_customer_is_found_by_part_of_her_name(self, run: Run) -> None:
        result = run("search", "محم")
        assert result.exit_code == 0, result.output
        assert "سارا محمدی" in result.stdout

    def test_hits_are_json(self, run: Run) -> None:
        (hit,) = json.loads(run("search", "سارا", "محمدی", "--json").stdout)["hits"]
        assert hit["name"] == "سارا محمدی"

    def test_nobody_found_is_said(self, run: Run) -> None:
        assert run("search", "qqqqqq").stdout == "Nobody found.\n"


class TestPrivacy:
    @pytest.fixture
    def number(self, sandbox: Sandbox, installation: Path, run: Run) -> str:
        sandbox.shop.create_customer(email="sara@mail.example", first_name="سارا", last_name="محمدی")
        assert run("backfill").exit_code == 0
        (hit,) = json.loads(run("search", "محمدی", "--json").stdout)["hits"]
        return str(hit["customer_id"])

    def test_everything_known_is_written_to_a_file_of_ones_own(self, run: Run, number: str, tmp_path: Path) -> None:
        for name, begins in (("sara.json", "{"), ("sara.html", "<!doctype html>")):
            result = run("export", number, "--output", str(tmp_path / name))
            assert result.exit_code == 0, result.output
            text = (tmp_path / name).read_text(encoding="utf-8").strip()
            assert text.startswith(begins)
            assert "sara@mail.example" in text
            assert (tmp_path / name).stat().st_mode & 0o077 == 0
        assert run("export", number, "--output", str(tmp_path / "sara.json")).exit_code == 2
        assert "There is no such customer" in run("export", "99", "--output", str(tmp_path / "x.json")).stderr

    def test_nobody_is_erased_without_yes(self, run: Run, number: str) -> None:
        asked = run("erase", number)
        assert (asked.exit_code, "سارا محمدی" in asked.stdout) == (1, True)
        would_go = {"accounts": 1, "orders": 0, "tickets": 0, "notes": 0}
        assert json.loads(run("erase", number, "--json").stdout) == {"erased": False, "would_go": would_go}
        erased = run("erase", number, "--yes")
        assert erased.exit_code == 0, erased.output
        assert f"Customer {number} is erased here" in erased.stdout
        assert run("search", "محمدی").stdout == "Nobody found.\n"
        assert json.loads(run("erase", number, "--json").stdout)["finished"] is True


class TestQueues:
    """Deliveries 1 and 2 of the shop, and 3 of one that has left the configuration, were given up."""

    @pytest.fixture
    def store(self, run: Run, installation: Path) -> Iterator[Store]:
        assert run("users", "list").exit_code == 0  # it makes the store
        with closing(Store(f"sqlite:///{installation.parent / 'companion.sqlite3'}")) as store:
            for entry_id, day, shop in ((1, 1, "main"), (2, 5, "main"), (3, 5, "old")):
                at = datetime(2026, 11, day, 12, tzinfo=UTC)
                row = {"id": entry_id, "shop": shop, "topic": "order.updated", "kind": "order", "resource_id": "9"}
                settled = {"state": "dead", "finished_at": at, "received_at": at, "next_at": at, "reason": "no"}
                with store.write() as tx:
                    tx.execute(insert(inbox).values(**row, **settled, delivery_id=str(entry_id), body_hash=b""))
            yield store

    def waiting(self, store: Store) -> list[int]:
        with store.read() as tx:
            return list(tx.execute(select(inbox.c.id).where(inbox.c.state == "waiting").order_by(inbox.c.id)).scalars())

    def test_dry_run_says_what_would_be_replayed_and_does_nothing(self, run: Run, store: Store) -> None:
        result = run("replay", "--all", "--dry-run")
        assert (result.exit_code, result.stdout.splitlines()) == (
            0,
            ["main: 2 order.updated", "old: 1 order.updated", "3 deliveries would be replayed."],
        )
        assert self.waiting(store) == []

    def test_replay_by_ids_by_time_and_all(self, run: Run, store: Store) -> None:
        found = json.loads(run("replay", "--shop", "main", "--from", "2026-11-05", "--json").stdout)
        assert found == {"replayed": 1, "found": 1, "topics": {"main": {"order.updated": 1}}}
        assert self.waiting(store) == [2]
        assert run("replay", "1").stdout.endswith("1 deliveries are taken up again.\n")
        assert self.waiting(store) == [1, 2]
        assert run("replay", "--to", "2026-11-05T12:00").stdout == "Nothing was given up.\n"
        assert run("replay", "--all").exit_code == 0
        assert self.waiting(store) == [1, 2, 3]

    def test_an_id_that_is_not_dead_is_found_wrong(self, run: Run, store: Store) -> None:
        result = run("replay", "1", "77")
        assert (result.exit_code, self.waiting(store)) == (1, [1])
        assert "1 of the deliveries named" in result.stderr

    @pytest.mark.parametrize(
        "words", [(), ("1", "--all"), ("--shop", "main", "--all"), ("--shop", "mian"), ("--from", "soon"), ("x",)]
    )
    def test_a_choice_that_is_none_or_two_is_misuse(self, run: Run, store: Store, words: tuple[str, ...]) -> None:
        assert run("replay", *words).exit_code == 2
        assert self.waiting(store) == []

    def test_writes_to_a_shop_are_paused_and_resumed(self, run: Run, store: Store) -> None:
        assert run("pause", "main").stdout == "Nothing is written to main until `companion resume main`.\n"
        assert run("pause", "main").stdout == "main was paused already.\n"
        with store.read() as tx:
            assert shops.is_paused(tx, "main")
        assert json.loads(run("resume", "main", "--json").stdout) == {
            "shop": "main",
            "is_paused": False,
            "changed": True,
        }
        with store.read() as tx:
            assert not shops.is_paused(tx, "main")
        assert run("pause", "mian").exit_code == 2


class TestWebhooks:
    """An installation with a public address, whose webhooks the worker registered."""

    @pytest.fixture(autouse=True)
    def _registered(self, installation: Path, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
        table = 'public_url = "http://127.0.0.1:1"'
        installation.write_text(installation.read_text().replace("[log]", f"[web]\n{table}\n[log]"))
        with closing(build(Config.load(installation, {"MASTER_KEY": MASTER_KEY}))) as app:
            app.prepare(app.shops["main"])

    def test_each_is_listed_as_last_seen(self, run: Run) -> None:
        lines = run("webhooks", "list").stdout.splitlines()
        assert len(lines) == len(TOPICS)
        assert "main  order.updated  active, no delivery yet" in lines
        found = json.loads(run("webhooks", "list", "--json").stdout)
        assert {one["topic"] for one in found["webhooks"]} == set(TOPICS)
        assert found["removed_shops"] == []

    def test_rotation_gives_every_webhook_the_next_secret(self, run: Run, sandbox: Sandbox) -> None:
        assert run("webhooks", "rotate", "main").stdout == "Secret number 2 of main is in force; 7 webhooks have it.\n"
        secret = derive(Secret(MASTER_KEY), "webhook", "main", 2)
        assert {hook.secret for hook in sandbox.shop.deliveries.webhooks.values()} == {secret}

    def test_rotation_that_the_shop_did_not_hear_of_says_so(self, run: Run, sandbox: Sandbox) -> None:
        sandbox.shop.faults.add(Fault("status", path="webhooks", status=403, times=None))
        result = run("webhooks", "rotate", "main")
        assert result.exit_code == 1
        assert "not every webhook of main has it yet" in result.stderr

    def test_nothing_is_rotated_in_a_shop_that_is_paused(self, run: Run) -> None:
        run("pause", "main")
        assert run("webhooks", "rotate", "main").exit_code == 2
        generations = {one["generation"] for one in json.loads(run("webhooks", "list", "--json").stdout)["webhooks"]}
        assert generations == {1}

    def test_removal_leaves_none_and_names_the_shop_when_its_table_is_gone(
        self, run: Run, installation: Path, sandbox: Sandbox
    ) -> None:
        assert run("webhooks", "remove", "main").stdout.startswith("7 webhooks of main were removed")
        assert not sandbox.shop.deliveries.webhooks
        installation.write_text(installation.read_text().partition("[shops.main]")[0])
        said = run("webhooks", "list").stdout
        assert "main is in the store and not in the configuration any more." in said
        assert run("webhooks", "remove", "main").exit_code == 2


class TestUsers:
    def test_person_is_added_listed_changed_and_deactivated(self, run: Run, installation: Path) -> None:
        assert "adds the first" in run("users", "list").stdout
        added = run("users", "add", "sara", "--name", "سارا", "--role", "administrator", typed=f"{PASSPHRASE}\n" * 2)
        assert added.exit_code == 0, added.output
        assert PASSPHRASE not in added.output
        assert run("users", "list").stdout == "sara: سارا, administrator, all shops\n"
        changed = run("users", "set-password", "SARA", "--password-stdin", typed="another quiet passphrase\n")
        assert changed.exit_code == 0, changed.output
        assert run("users", "deactivate", "sara").exit_code == 0
        (listed,) = json.loads(run("users", "list", "--json").stdout)
        assert listed["is_active"] is False

    def test_person_may_be_kept_to_some_shops(self, run: Run, installation: Path) -> None:
        assert run("users", "add", "ali", "--shop", "main", "--password-stdin", typed=PASSPHRASE).exit_code == 0
        assert run("users", "list").stdout == "ali: ali, agent, main\n"

    @pytest.mark.parametrize(
        ("words", "typed", "said"),
        [
            (("add", "sara", "--password-stdin"), "short", "A password has at least 10 characters."),
            (("add", "sara", "--shop", "mian", "--password-stdin"), PASSPHRASE, 'There is no shop "mian"'),
            (("add", "sara", "--role", "queen"), PASSPHRASE, "queen"),
            (("add", "s" * 101, "--password-stdin"), PASSPHRASE, "A user name has 1 to 100 characters."),
            (("deactivate", "nobody"), "", 'Nobody signs in here as "nobody"'),
            (("set-password", "nobody"), "", 'Nobody signs in here as "nobody"'),
        ],
    )
    def test_misuse_is_said(self, run: Run, installation: Path, words: tuple[str, ...], typed: str, said: str) -> None:
        result = run("users", *words, typed=typed)
        assert result.exit_code == 2
        assert said in result.stderr

    def test_same_user_name_twice_is_refused(self, run: Run, installation: Path) -> None:
        assert run("users", "add", "sara", "--password-stdin", typed=PASSPHRASE).exit_code == 0
        result = run("users", "add", "Sara", "--password-stdin", typed=PASSPHRASE)
        assert (result.exit_code, result.stderr) == (2, "Error: Somebody else has this user name.\n")


class TestDoctor:
    def test_what_is_wrong_decides_the_exit_code(self, run: Run, installation: Path) -> None:
        run("users", "add", "sara", "--role", "administrator", "--password-stdin", typed=PASSPHRASE)
        result = run("doctor")
        assert result.exit_code == 0, result.output
        (installation.parent / "secret").write_text("cs_" + "0" * 40)
        result = run("doctor")
        assert result.exit_code == 1
        assert "problem  shop main" in result.stdout

    def test_findings_are_json(self, run: Run, tmp_path: Path) -> None:
        (tmp_path / "config.toml").write_text("[web]\nport = 0\n")
        result = run("doctor", "--json")
        assert result.exit_code == 1
        assert {finding["level"] for finding in json.loads(result.stdout)} == {"problem"}


class TestInit:
    def answers(self, sandbox: Sandbox, **changes: str) -> list[str]:
        options = {"--shop-url": sandbox.url, "--admin-username": "sara", "--admin-name": "سارا", "--language": "fa"}
        options |= {f"--{name.replace('_', '-')}": value for name, value in changes.items()}
        return [word for pair in options.items() for word in pair]

    def secrets(self, sandbox: Sandbox) -> dict[str, str]:
        return {
            "COMPANION_INIT_CONSUMER_KEY": sandbox.credentials.rw.key,
            "COMPANION_INIT_CONSUMER_SECRET": sandbox.credentials.rw.secret,
            "COMPANION_INIT_ADMIN_PASSWORD": PASSPHRASE,
        }

    def test_unattended_set_up_leaves_everything_ready(self, run: Run, tmp_path: Path, sandbox: Sandbox) -> None:
        result = run("init", "--no-input", *self.answers(sandbox), **self.secrets(sandbox))
        assert result.exit_code == 0, result.output
        config = Config.load(tmp_path / "config.toml", {})
        assert config.warnings == ()
        assert config.shop("main").url == sandbox.url
        assert config.installation.calendar == "jalali"
        app = build(config)
        assert app.users.sign_in("sara", PASSPHRASE).role == Role.ADMINISTRATOR
        app.close()
        assert run("doctor").exit_code == 0

    def test_only_its_owner_can_open_what_was_written(self, run: Run, tmp_path: Path, sandbox: Sandbox) -> None:
        run("init", "--no-input", *self.answers(sandbox), **self.secrets(sandbox))
        written = [tmp_path / "config.toml", tmp_path / "companion.sqlite3", *(tmp_path / "secrets").iterdir()]
        assert len(written) == 5
        assert {path.stat().st_mode & 0o777 for path in written} == {0o600}
        assert (tmp_path / "secrets").stat().st_mode & 0o777 == 0o700

    def test_no_secret_stands_in_the_configuration_or_on_the_screen(
        self, run: Run, tmp_path: Path, sandbox: Sandbox
    ) -> None:
        result = run("init", "--no-input", *self.answers(sandbox), **self.secrets(sandbox))
        for secret in self.secrets(sandbox).values():
            assert secret not in (tmp_path / "config.toml").read_text()
            assert secret not in result.output

    def test_questions_are_asked_and_asked_again(self, run: Run, tmp_path: Path, sandbox: Sandbox) -> None:
        typed = [
            "english",  # no such language
            "en",
            "Mars/Base",  # no such time zone
            "Europe/Berlin",
            "DE",
            "",  # no public address
            "shop.example",  # no address
            sandbox.url,
            "The shop",
            sandbox.credentials.rw.key,
            sandbox.credentials.rw.secret,
            "zendesk",  # no such helpdesk
            "",  # none
            "sara",
            "Sara",
            PASSPHRASE,
            PASSPHRASE,
        ]
        result = run("init", typed="\n".join(typed) + "\n")
        assert result.exit_code == 0, result.output
        config = Config.load(tmp_path / "config.toml", {})
        assert config.installation.timezone == "Europe/Berlin"
        assert config.installation.calendar == "gregorian"
        assert config.shop("main").name == "The shop"

    def test_a_helpdesk_is_asked_for_with_who_opens_it(self, run: Run, tmp_path: Path, sandbox: Sandbox) -> None:
        login = sandbox.credentials.admin
        answers = self.answers(sandbox, helpdesk="awesome-support", helpdesk_username=login.username)
        result = run("init", "--no-input", *answers, **self.secrets(sandbox))
        assert result.exit_code == 2
        assert "--helpdesk-password" in result.stderr
        given = self.secrets(sandbox) | {"COMPANION_INIT_HELPDESK_PASSWORD": login.password}
        result = run("init", "--no-input", *answers, **given)
        assert result.exit_code == 0, result.output
        assert login.password not in (tmp_path / "config.toml").read_text() + result.output
        found = Config.load(tmp_path / "config.toml", {}).shop("main").helpdesk_login
        assert found is not None
        assert (found[0], found[1].reveal()) == (login.username, login.password)
        assert run("doctor").exit_code == 0

    def test_shops_may_come_later(self, run: Run, tmp_path: Path) -> None:
        result = run("init", "--no-input", "--admin-username", "sara", COMPANION_INIT_ADMIN_PASSWORD=PASSPHRASE)
        assert result.exit_code == 0, result.output
        assert Config.load(tmp_path / "config.toml", {}).shops == ()

    def test_existing_configuration_is_never_overwritten(self, run: Run, tmp_path: Path, sandbox: Sandbox) -> None:
        (tmp_path / "config.toml").write_text("# mine")
        result = run("init", "--no-input", *self.answers(sandbox), **self.secrets(sandbox))
        assert result.exit_code == 2
        assert (tmp_path / "config.toml").read_text() == "# mine"
        assert not (tmp_path / "secrets").exists()

    def test_existing_master_key_is_never_overwritten(self, run: Run, tmp_path: Path, sandbox: Sandbox) -> None:
        (tmp_path / "secrets").mkdir()
        (tmp_path / "secrets" / "master_key").write_text("mine")
        result = run("init", "--no-input", *self.answers(sandbox), **self.secrets(sandbox))
        assert result.exit_code == 2
        assert (tmp_path / "secrets" / "master_key").read_text() == "mine"
        assert not (tmp_path / "config.toml").exists()

    def test_what_is_missing_is_named_at_once(self, run: Run, tmp_path: Path, sandbox: Sandbox) -> None:
        result = run("init", "--no-input", "--shop-url", sandbox.url)
        assert result.exit_code == 2
        for option in ("--consumer-key", "--consumer-secret", "--admin-username", "--admin-password"):
            assert option in result.stderr

    @pytest.mark.parametrize(
        ("changes", "said"),
        [
            ({"timezone": "Mars/Base"}, "--timezone"),
            ({"public_url": "notes"}, "--public-url"),
            ({"database": "mysql://h/d"}, "--database"),
            ({"admin_username": "s" * 101}, "A user name has 1 to 100 characters."),
        ],
    )
    def test_wrong_answer_leaves_nothing_behind(
        self, run: Run, tmp_path: Path, sandbox: Sandbox, changes: dict[str, str], said: str
    ) -> None:
        result = run("init", "--no-input", *self.answers(sandbox, **changes), **self.secrets(sandbox))
        assert result.exit_code == 2
        assert said in result.stderr
        assert [path for path in tmp_path.rglob("*") if path.is_file()] == []

    def test_password_of_the_database_goes_into_a_file(self, run: Run, tmp_path: Path, sandbox: Sandbox) -> None:
        url = "postgresql://companion:hunter2@127.0.0.1:9/companion"
        result = run("init", "--no-input", *self.answers(sandbox, database=url), **self.secrets(sandbox))
        assert result.exit_code == 1  # nobody answers there
        assert "hunter2" not in result.output
        assert not (tmp_path / "config.toml").exists()


class TestProgress:
    @pytest.mark.parametrize(
        ("progress", "words"),
        [
            (Progress("main", "orders", 0, 0, 0.0, None), "main orders: 0"),
            (
                Progress("main", "orders", 1200, 48000, 310.4, 150.9),
                "main orders: 1,200 of 48,000 (2%), 310 a second, 2 min 31 s left",
            ),
            (
                Progress("main", "orders", 1, 90000, 1.0, 89999.0),
                "main orders: 1 of 90,000 (0%), 1 a second, 24 h 59 min left",
            ),
            (Progress("main", "orders", 12, 10, 5.0, 0.0), "main orders: 12 of 10 (100%), 5 a second"),
            (Progress("main", "refunds", 7, 0, 5.0, 3.2), "main refunds: 7, 5 a second"),
        ],
    )
    def test_progress_is_read_by_people(self, progress: Progress, words: str) -> None:
        assert in_words(progress) == words


def python(*code: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", "\n".join(code)], capture_output=True, text=True, check=False)


def test_help_is_quick_because_it_imports_little() -> None:
    done: Any = python(
        "import sys",
        "from companion.cli import main",
        "main(['--help'], standalone_mode=False)",
        "heavy = {'flask', 'sqlalchemy', 'waitress', 'apscheduler', 'requests'} & set(sys.modules)",
        "print(heavy, file=sys.stderr)",
    )
    assert "Customer notes that follow the customer" in done.stdout
    assert done.stderr.strip() == "set()"


def test_program_tells_its_version() -> None:
    done = python("from companion.cli import main", "main(['--version'])")
    assert done.stdout.startswith("companion 0.")
