"""What runs until it is stopped ends well when it is asked to, and says at once when it cannot begin."""

from __future__ import annotations

import signal
import socket
import subprocess
from pathlib import Path

import pytest
import requests

from companion.sandbox import Fault, Item, Sandbox
from tests.e2e.conftest import OpenShop
from tests.e2e.program import Program, free_port, is_one_sentence, wait_until

pytestmark = pytest.mark.slow

SIGNALS = [signal.SIGTERM, signal.SIGINT]
PATIENCE_S = 30.0


@pytest.fixture
def shop(open_shop: OpenShop) -> Sandbox:
    shop = open_shop()
    for number in range(250):
        shop.shop.create_order(items=[Item("چای سبز", 1, 1_000 * number)])
    return shop


def answers(address: str) -> bool:
    return requests.get(f"{address}/health", timeout=10).ok


def leaves(process: subprocess.Popen[str], number: int) -> bool:
    """Asks it to stop. The promise is ten seconds; how long it takes is measured, not asserted: machines differ."""
    process.send_signal(number)
    process.wait(PATIENCE_S)
    return True


def test_run_leaves_in_time_though_the_shop_is_slow_and_goes_on_later(program: Program, shop: Sandbox) -> None:
    program.configure(program.shop_of("main", shop))
    slow = shop.shop.faults.add(Fault("slow", path="page=2", seconds=14.0, times=None))
    with program.started("run") as process:
        wait_until(lambda: answers(program.address), what="the pages are open")
        wait_until(lambda: slow.met, what="the shop is asked for the second page")
        assert leaves(process, signal.SIGTERM)
        assert process.returncode == 0
    assert "Traceback" not in program.said
    shop.shop.faults.clear()
    read = program.call("backfill")
    assert read.returncode == 0, read.stderr
    assert "250 orders" in read.stdout


@pytest.mark.parametrize("command", ["serve", "work"])
def test_each_half_alone_leaves_at_once(program: Program, shop: Sandbox, command: str) -> None:
    program.configure(program.shop_of("main", shop))
    with program.started(command) as process:
        if command == "serve":
            wait_until(lambda: answers(program.address), what="the pages are open")
        else:
            wait_until(shop.shop.log.counters, what="it reads the shop")
        assert leaves(process, signal.SIGTERM)
        assert process.returncode == 0


@pytest.mark.parametrize("command", ["run", "serve"])
def test_port_that_another_program_has_is_one_sentence(program: Program, open_shop: OpenShop, command: str) -> None:
    program.configure(program.shop_of("main", open_shop()))
    with socket.create_server(("127.0.0.1", program.port)):
        done = program.call(command)
    assert done.returncode == 1
    assert is_one_sentence(done), done.stderr
    assert f"127.0.0.1:{program.port}" in done.stderr
    assert "web.port" in done.stderr


@pytest.mark.parametrize(
    ("words", "option"),
    [
        (("demo", "--port"), "--port"),
        (("demo", "--shop-port"), "--shop-port"),
        (("sandbox", "--shop-port"), "--shop-port"),
    ],
)
def test_port_that_another_program_has_is_said_before_anything_is_made(
    program: Program, words: tuple[str, ...], option: str
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        done = program.call(*words, str(listening.getsockname()[1]), COMPANION_SHOP_PORT=str(free_port()))
    assert done.returncode == 1
    assert is_one_sentence(done), done.stderr
    assert option in done.stderr
    assert done.stdout == ""


def test_one_port_for_both_is_misuse(program: Program) -> None:
    done = program.call("demo", "--port", "28765", "--shop-port", "28765")
    assert (done.returncode, is_one_sentence(done)) == (2, True)


def stages(program: Program) -> list[Path]:
    """The folders of its demos."""
    return list(program.temporary.glob("companion-demo-*"))


def test_demo_opens_everything_and_leaves_nothing(program: Program) -> None:
    shop_port = free_port()
    with program.started("demo", "--port", str(program.port), "--shop-port", str(shop_port)) as process:
        wait_until(lambda: answers(program.address), what="the demo is open")
        assert requests.get(f"http://127.0.0.1:{shop_port}/wp-admin/", timeout=10).ok
        assert "companion-demo" in program.said
        assert f"{program.address}/" in program.said
        assert leaves(process, signal.SIGINT)
        assert process.returncode == 0
    assert "Traceback" not in program.said
    assert stages(program) == []


@pytest.mark.parametrize("number", SIGNALS)
def test_demo_asked_to_end_while_it_still_reads_leaves_nothing(program: Program, number: int) -> None:
    with program.started("demo", "--port", str(program.port), "--shop-port", str(free_port())) as process:
        wait_until(lambda: stages(program), what="its folder is made")
        assert leaves(process, number)
        assert process.returncode == 0
    assert "Traceback" not in program.said
    assert stages(program) == []
