"""`companion sandbox`: a shop to try things against, as its printed words say."""

from __future__ import annotations

import re
from contextlib import closing

import requests

from connectors.awesome_support.source import AwesomeSupport
from connectors.wordpress.credentials import ApplicationPassword
from tests.e2e.program import Program, free_port, wait_until


def told(program: Program) -> dict[str, str]:
    """What the command printed: one thing a line."""
    return dict(re.findall(r"^([A-Z][^:]*): +(.+)$", program.said, re.MULTILINE))


def test_pretend_shop_opens_its_helpdesk_to_the_application_password_it_prints(program: Program) -> None:
    program.configure()
    with program.started("sandbox", "--tickets", "--bridge", "--shop-port", str(free_port())):
        wait_until(lambda: "Ctrl-C" in program.said, what="the shop is open")
        said = told(program)
        login = ApplicationPassword(said["User name"], said["Application password"])
        with closing(AwesomeSupport(url=said["Address"], credentials=login)) as helpdesk:
            probe = helpdesk.probe()
            count = helpdesk.ticket_count(None).total
        assert probe.is_well
        assert probe.takes_summary
        assert count
        assert said["Companion's plugin"].startswith("connected to the shop main of ")


def test_pretend_shop_has_neither_helpdesk_nor_plugin_unless_asked(program: Program) -> None:
    with program.started("sandbox", "--orders", "3", "--shop-port", str(free_port())):
        wait_until(lambda: "Ctrl-C" in program.said, what="the shop is open")
        said = told(program)
        namespaces = requests.get(f"{said['Address']}/wp-json/", timeout=30).json()["namespaces"]
        assert "wc/v3" in namespaces
        assert not {"wpas-api/v1", "companion/v1"} & set(namespaces)


def test_plugin_that_is_connected_to_no_configuration_is_one_sentence(program: Program) -> None:
    done = program.call("sandbox", "--bridge", "--shop-port", str(free_port()))
    assert done.returncode == 2
    assert "`companion init` writes it" in done.stderr
