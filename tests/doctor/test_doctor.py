from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from companion.app import build
from companion.config import Config
from companion.doctor import Finding
from companion.sandbox import Fault, Sandbox, ShopClock
from companion.sandbox.credentials import Key
from tests.doctor.conftest import ENVIRON, PUBLIC_URL, findings, problems, write
from tests.fixtures.store import Clock


def test_installation_that_is_well_has_only_good_findings(installation: Path, clock: Clock) -> None:
    found = findings(installation, clock)
    assert [finding for finding in found if finding.level == "problem"] == []
    said = {finding.subject: finding.message for finding in found if finding.level == "ok"}
    assert said["store"].startswith("sqlite opens")
    assert any("high-performance order storage" in finding.message for finding in found)
    assert any(finding.message.startswith("delivers its changes by webhook") for finding in found)


def test_every_problem_of_the_configuration_is_a_finding(tmp_path: Path, clock: Clock) -> None:
    path = tmp_path / "config.toml"
    path.write_text("[web]\nport = 0\nthreads = 0\n")
    found = findings(path, clock)
    assert len(found) == 3
    assert {finding.level for finding in found} == {"problem"}
    assert all("config.example.toml" in finding.cure for finding in found)


def test_missing_store_is_no_problem_and_is_not_made(tmp_path: Path, sandbox: Sandbox, clock: Clock) -> None:
    path = write(tmp_path, sandbox)
    (found,) = [finding for finding in findings(path, clock) if finding.subject == "store"]
    assert found.level == "warning"
    assert "companion run" in found.cure
    assert not (tmp_path / "companion.sqlite3").exists()


def test_empty_store_is_left_empty(tmp_path: Path, sandbox: Sandbox, clock: Clock) -> None:
    path = write(tmp_path, sandbox)
    (tmp_path / "companion.sqlite3").touch(mode=0o600)
    (found,) = [finding for finding in findings(path, clock) if finding.subject == "store"]
    assert found.message == "the database is empty"
    with closing(sqlite3.connect(tmp_path / "companion.sqlite3")) as connection:
        assert connection.execute("select count(*) from sqlite_master").fetchone() == (0,)


def test_store_that_others_can_open_is_a_warning(installation: Path, clock: Clock) -> None:
    (installation.parent / "companion.sqlite3").chmod(0o644)
    assert any(finding.cure.startswith("`chmod 600") for finding in findings(installation, clock))


def test_file_that_is_no_database_is_a_problem(tmp_path: Path, sandbox: Sandbox, clock: Clock) -> None:
    path = write(tmp_path, sandbox)
    (tmp_path / "companion.sqlite3").write_text("these are the notes of last year\n" * 100)
    assert "store" in {finding.subject for finding in problems(path, clock)}


def test_store_without_an_administrator_says_how_to_add_one(tmp_path: Path, sandbox: Sandbox, clock: Clock) -> None:
    path = write(tmp_path, sandbox)
    build(Config.load(path, ENVIRON), clock=clock).close()
    (found,) = [finding for finding in problems(path, clock) if finding.subject == "people"]
    assert "--role administrator" in found.cure


@pytest.mark.parametrize(
    ("key", "words"), [("ro", "may only read"), ("wo", "may only write"), ("agent_rw", "may not do this")]
)
def test_half_a_key_is_told_from_a_whole_one(
    installation: Path, sandbox: Sandbox, clock: Clock, key: str, words: str
) -> None:
    write(installation.parent, sandbox, key=getattr(sandbox.credentials, key))
    found = [finding for finding in problems(installation, clock) if finding.subject == "shop main"]
    assert any(words in finding.message for finding in found), found
    assert all(finding.cure for finding in found)


def test_wrong_secret_is_said(installation: Path, sandbox: Sandbox, clock: Clock) -> None:
    wrong = Key(sandbox.credentials.rw.key, "cs_" + "0" * 40, "read_write", 1)
    write(installation.parent, sandbox, key=wrong)
    assert [finding.subject for finding in problems(installation, clock)] == ["shop main"]


def test_address_where_nobody_answers_is_said(installation: Path, sandbox: Sandbox, clock: Clock) -> None:
    write(installation.parent, sandbox, url="http://127.0.0.1:9")
    (found,) = problems(installation, clock)
    assert found.subject == "shop main"


def test_wordpress_without_woocommerce_is_said(
    installation: Path, make_sandbox: Callable[..., Sandbox], clock: Clock
) -> None:
    write(installation.parent, make_sandbox(clock=ShopClock(), woocommerce=False))
    (found,) = problems(installation, clock)
    assert found.cure == "Install and activate WooCommerce."


def test_shop_in_another_time_zone_is_a_warning(
    installation: Path, make_sandbox: Callable[..., Sandbox], clock: Clock
) -> None:
    write(installation.parent, make_sandbox(clock=ShopClock(), timezone="Europe/Berlin"))
    assert any(
        "time zone" in finding.message for finding in findings(installation, clock) if finding.level == "warning"
    )


def test_clock_that_is_wrong_is_a_warning(installation: Path, clock: Clock) -> None:
    clock.advance(timedelta(minutes=10).total_seconds())
    assert any("seconds apart" in finding.message for finding in findings(installation, clock))


def test_missing_webhooks_are_named(installation: Path, sandbox: Sandbox, clock: Clock) -> None:
    webhooks = sandbox.shop.deliveries.webhooks
    del webhooks[next(number for number, webhook in webhooks.items() if webhook.topic == "order.updated")]
    (found,) = [finding for finding in findings(installation, clock) if "webhooks are missing" in finding.message]
    assert found.message == "webhooks are missing: order.updated"


def test_webhook_that_the_shop_switched_off_is_a_problem(installation: Path, sandbox: Sandbox, clock: Clock) -> None:
    next(iter(sandbox.shop.deliveries.webhooks.values())).status = "disabled"
    (found,) = problems(installation, clock)
    assert found.message.startswith("webhooks are switched off: order.created")
    assert PUBLIC_URL in found.cure


def test_shop_that_fails_now_is_a_problem_and_the_next_one_is_still_examined(
    installation: Path, sandbox: Sandbox, make_sandbox: Callable[..., Sandbox], clock: Clock
) -> None:
    other = make_sandbox(clock=ShopClock())
    with installation.open("a") as file:
        file.write(
            f'\n[shops.other]\nurl = "{other.url}"\nconsumer_key = "file:key"\nconsumer_secret = "file:secret"\n'
        )
    sandbox.shop.faults.add(Fault("html", times=None))
    found = findings(installation, clock)
    assert {finding.subject for finding in found if finding.level == "problem"} == {"shop main"}
    assert any(finding.subject == "shop other" and finding.level == "ok" for finding in found)


def test_redis_that_does_not_answer_is_a_problem(tmp_path: Path, sandbox: Sandbox, clock: Clock) -> None:
    path = write(tmp_path, sandbox, more='redis_url = "redis://127.0.0.1:9/0"')
    assert "redis" in {finding.subject for finding in problems(path, clock)}


def test_redis_that_answers_is_well(tmp_path: Path, sandbox: Sandbox, clock: Clock, redis_url: str) -> None:
    path = write(tmp_path, sandbox, more=f'redis_url = "{redis_url}"')
    assert Finding("redis", "ok", "answers") in findings(path, clock)


def test_nothing_secret_is_said(installation: Path, sandbox: Sandbox, clock: Clock) -> None:
    said = repr(findings(installation, clock))
    for secret in (sandbox.credentials.rw.key, sandbox.credentials.rw.secret, ENVIRON["MASTER_KEY"]):
        assert secret not in said
