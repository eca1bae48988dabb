"""What keeps running until it is stopped: `run`, `serve`, `work`, `sandbox`, `demo`."""

from __future__ import annotations

import logging
import os
import signal
import socket
from contextlib import suppress
from typing import TYPE_CHECKING

import click

from companion.cli.terminal import Failure, Misuse, Terminal

if TYPE_CHECKING:
    from companion.sandbox.order_book import Storage

_port = click.option(
    "--port",
    type=click.IntRange(1, 65535),
    envvar="COMPANION_PORT",
    default=8765,
    show_default=True,
    help="Port of companion's pages (or the environment's COMPANION_PORT).",
)
_shop_port = click.option(
    "--shop-port",
    type=click.IntRange(1, 65535),
    envvar="COMPANION_SHOP_PORT",
    default=8766,
    show_default=True,
    help="Port of the pretend shop (or the environment's COMPANION_SHOP_PORT).",
)


@click.command()
@click.pass_obj
def run(terminal: Terminal) -> None:
    """Run everything in one process.

    The pages, the entrance for shops and the worker: all that an installation on SQLite needs.
    """
    _run(terminal, web=True, worker=True)


@click.command()
@click.pass_obj
def serve(terminal: Terminal) -> None:
    """Run the pages and the entrance alone.

    With PostgreSQL as many of them as you like, beside at least one `companion work`.
    """
    _run(terminal, web=True, worker=False)


@click.command()
@click.pass_obj
def work(terminal: Terminal) -> None:
    """Run the worker alone.

    With PostgreSQL as many of them as you like: each job is done by one.
    """
    _run(terminal, web=False, worker=True)


def _run(terminal: Terminal, *, web: bool, worker: bool) -> None:
    from companion import daemon  # noqa: PLC0415 — the whole product, which --help does not need

    try:
        is_quiet = daemon.run(terminal.build(), web=web, worker=worker)
    except daemon.CannotListen as error:
        raise Failure(str(error)) from None
    if not is_quiet:
        logging.shutdown()
        os._exit(0)  # Python would wait for the thread that waits for a slow shop


def _require_free(port: int, option: str) -> None:
    """Say at once that another program has the port, not after everything was made ready."""
    try:
        socket.create_server(("127.0.0.1", port)).close()
    except OSError as error:
        reason = os.strerror(error.errno or 0)  # its own words repeat the address
        cure = f"End the program that has it, or give another by {option}."
        raise Failure(f"Port {port} is not to be had ({reason}). {cure}") from None


@click.command()
@_port
@_shop_port
@click.option("--check", is_flag=True, help="Play the whole story without a person, and prove each step.")
@click.pass_context
def demo(context: click.Context, port: int, shop_port: int, check: bool) -> None:  # noqa: FBT001
    """Try everything, with a pretend shop.

    Needs no configuration and keeps what it makes to itself. Says where to look and who may sign in.
    """
    import companion.demo as story  # noqa: PLC0415 — the whole product, which --help does not need

    if check:
        context.exit(story.check())
    if port == shop_port:
        raise Misuse("--port and --shop-port must be two ports.")
    _require_free(port, "--port")
    _require_free(shop_port, "--shop-port")
    story.run(port=port, shop_port=shop_port)


@click.command()
@_shop_port
@click.option(
    "--storage",
    type=click.Choice(["hpos", "hpos-sync", "legacy", "legacy-sync"]),
    default="hpos",
    show_default=True,
    help="Where orders live.",
)
@click.option(
    "--orders", type=click.IntRange(0, 1_000_000), help="So many invented orders, instead of the demo's people."
)
@click.option("--tickets", is_flag=True, help="With a helpdesk (Awesome Support) and its tickets.")
@click.option(
    "--bridge",
    metavar="[KEY]",
    is_flag=False,
    flag_value="main",
    help="With companion's WordPress plugin, connected to the shop of this KEY in the configuration ('main').",
)
@click.pass_obj
def sandbox(
    terminal: Terminal, /, shop_port: int, storage: Storage, orders: int | None, *, tickets: bool, bridge: str | None
) -> None:
    """Run a pretend shop alone.

    It speaks WooCommerce's REST API, sends webhooks, and forgets everything at its end. For this machine only: its keys
    are known to everybody.
    """
    from companion.sandbox import Sandbox, seed_bulk, seed_main  # noqa: PLC0415 — a whole shop, which --help does not need
    from companion.sandbox.bridge import DEFAULT_SECRET  # noqa: PLC0415
    from companion.secrets import derive  # noqa: PLC0415

    _require_free(shop_port, "--shop-port")
    with Sandbox(
        port=shop_port,
        storage=storage,
        awesome_support=tickets,
        bridge=bridge is not None,
        bridge_secret=derive(terminal.config.master_key, "bridge", bridge) if bridge else DEFAULT_SECRET,
        bridge_shop=bridge or "main",
        queue_seconds=1.0,
        control=True,
    ) as open_shop:
        shop, key, login = open_shop.shop, open_shop.credentials.rw, open_shop.credentials.admin
        if orders is None:
            seed_main(shop, shop.clock())
        else:
            seed_bulk(shop, orders=orders, customers=orders // 3, tickets=orders // 10 if tickets else 0)
        click.echo(f"Address:               {open_shop.url}")
        click.echo(f"Its orders:            {open_shop.url}/wp-admin/")
        click.echo(f"Consumer key:          {key.key}")
        click.echo(f"Consumer secret:       {key.secret}")
        if tickets:
            click.echo(f"Its tickets:           {open_shop.url}/wp-admin/edit.php?post_type=ticket")
            click.echo(f"User name:             {login.username}")
            click.echo(f"Application password:  {login.password}")
        if bridge:
            click.echo(f"Companion's plugin:    connected to the shop {bridge} of {terminal.config.path}")
        click.echo("Ctrl-C ends it.")
        with suppress(KeyboardInterrupt):
            signal.pause()
