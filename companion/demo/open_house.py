"""The demo for a person: opens the shops and companion, says where to look, and stays until Ctrl-C."""

from __future__ import annotations

import os
from contextlib import closing, suppress

import click

from companion import daemon
from companion.app import build
from companion.demo.stage import Stage, stage
from companion.demo.stories import AGENTS, PASSWORD, add_agents, write_notes
from companion.leaving import Leaving
from companion.sync.reading.sweep import Stopped


def run(*, port: int, shop_port: int) -> None:
    """Opens everything on these ports of this machine; what it makes goes with it."""
    os.umask(0o077)
    with Leaving() as leaving, stage(port=port, shop_port=shop_port) as setting:
        if not leaving.asked.is_set():
            with suppress(Stopped):
                _open(setting, leaving)


def _open(setting: Stage, leaving: Leaving) -> None:
    click.echo("Reading the pretend shops …")
    with closing(build(setting.config())) as app:
        leaving.tell(app.stopping.set)
        viewers = add_agents(app)
        for shop in app.shops:
            app.backfill(shop)
        write_notes(app, setting, viewers)
        click.echo(
            f"""
Companion      http://127.0.0.1:{setting.config().web.port}/
The shop       {setting.main.url}/wp-admin/      (its orders and tickets, with the summaries that companion writes)
Custom shop    {setting.custom.url}/wp-admin/

Who may sign in, all with the password {PASSWORD}:"""
        )
        for username, name, role in AGENTS:
            click.echo(f"  {username:<10} {role.value:<20} {name}")
        click.echo(
            """
Try: sign in as negar, type «احمدي» or 1042, write a note on the order, then look at order 1042 and at
her open ticket in the shop.
Ctrl-C ends it; nothing is kept."""
        )
        daemon.run_until(leaving, app)
