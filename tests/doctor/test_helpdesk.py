"""What doctor says of a shop's helpdesk, and of the trap that it sets for keys."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from companion.sandbox import Fault, Sandbox, ShopClock
from tests.doctor.conftest import said, write
from tests.fixtures.store import Clock

MakeSandbox = Callable[..., Sandbox]


def test_helpdesk_that_is_not_configured_is_named_and_not_asked(
    tmp_path: Path, sandbox: Sandbox, make_sandbox: MakeSandbox, clock: Clock
) -> None:
    (found,) = said(write(tmp_path, sandbox), clock, "ok", "whose tickets are not read")
    assert 'helpdesk = "awesome-support"' in found.cure
    assert not said(
        write(tmp_path, make_sandbox(clock=ShopClock(), awesome_support=False)),
        clock,
        "ok",
        "whose tickets are not read",
    )
    assert sandbox.shop.log.count(path="/wpas-api/v1/tickets") == 0


def test_helpdesk_that_is_well_says_who_reads_it(tmp_path: Path, make_sandbox: MakeSandbox, clock: Clock) -> None:
    sandbox = make_sandbox(clock=ShopClock(), bridge=True)
    sandbox.shop.helpdesk.open_ticket(sandbox.shop.create_customer("a@example.com").id, "سلام", "سفارشم نرسید")
    path = write(tmp_path, sandbox, login=sandbox.credentials.admin)
    assert said(path, clock, "ok", "its tickets can be read as admin")
    assert not said(path, clock, "warning", "summaries")


def test_helpdesk_whose_switch_is_off_is_a_problem(tmp_path: Path, make_sandbox: MakeSandbox, clock: Clock) -> None:
    sandbox = make_sandbox(clock=ShopClock(), rest_enabled=False)
    (found,) = said(write(tmp_path, sandbox, login=sandbox.credentials.admin), clock, "problem")
    assert "REST API is switched off" in found.message
    assert "enable_rest_api" in found.cure


@pytest.mark.parametrize("who", ["agent", "manager"])
def test_user_who_does_not_see_every_ticket_is_a_problem(
    tmp_path: Path, sandbox: Sandbox, clock: Clock, who: str
) -> None:
    found = said(write(tmp_path, sandbox, login=getattr(sandbox.credentials, who)), clock, "problem")
    assert len(found) == 1
    assert "tickets" in found[0].message
    assert "administrator" in found[0].cure


def test_tickets_that_take_no_summary_are_named_once(tmp_path: Path, sandbox: Sandbox, clock: Clock) -> None:
    person = sandbox.shop.create_customer("a@example.com").id
    for number in range(3):
        sandbox.shop.helpdesk.open_ticket(person, f"سلام {number}", "سفارشم نرسید")
    path = write(tmp_path, sandbox, login=sandbox.credentials.admin)
    (found,) = said(path, clock, "warning", "keeps no summaries on tickets")
    assert "plugin" in found.cure
    path.write_text(path.read_text() + '\n[push]\nmode = "off"\n')
    assert not said(path, clock, "warning", "keeps no summaries on tickets")


def test_administrators_key_beside_awesome_support_is_a_warning(
    tmp_path: Path, make_sandbox: MakeSandbox, clock: Clock
) -> None:
    sandbox = make_sandbox(clock=ShopClock(), two_dots=True)
    (found,) = said(write(tmp_path, sandbox, key=sandbox.credentials.admin_rw), clock, "warning", "two dots")
    assert "shop manager" in found.cure
    assert not said(write(tmp_path, sandbox), clock, "warning", "two dots")


def test_key_that_may_not_read_users_is_a_problem(tmp_path: Path, sandbox: Sandbox, clock: Clock) -> None:
    sandbox.shop.faults.add(Fault("status", path="/wc/v3/customers", status=403, times=None))
    (found,) = said(write(tmp_path, sandbox), clock, "problem")
    assert found.message.startswith("its users cannot be read")
