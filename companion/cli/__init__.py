"""The command line: reads words, calls the product, prints sentences.

One module a group of commands; each imports what it needs when it is called, so that `companion --help` is quick. No
decision of the product is taken here. Exit codes: 0 well, 1 found wrong, 2 used wrong.
"""

from __future__ import annotations

from pathlib import Path

import click

from companion import __version__
from companion.cli.agents import users
from companion.cli.finding import doctor, search
from companion.cli.privacy import erase, export
from companion.cli.queues import pause, replay, resume
from companion.cli.serving import demo, run, sandbox, serve, work
from companion.cli.setup import init
from companion.cli.syncing import backfill, drain, poll, reconcile
from companion.cli.terminal import Commands, Terminal
from companion.cli.upkeep import regroup, reindex, segments
from companion.cli.webhooks import webhooks


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, message="companion %(version)s")
@click.option(
    "--config",
    "config_path",
    type=click.Path(path_type=Path, dir_okay=False),
    envvar="COMPANION_CONFIG",
    default=Path("config.toml"),
    show_default=True,
    help="The configuration file (or the environment's COMPANION_CONFIG).",
)
@click.option("--debug", is_flag=True, help="Show the whole traceback of an error.")
@click.pass_context
def main(context: click.Context, config_path: Path, debug: bool) -> None:  # noqa: FBT001 — click passes flags so
    """Customer notes that follow the customer, beside your WooCommerce shops."""
    context.obj = Terminal(config_path=config_path, debug=debug)


for command in (
    init,
    run,
    serve,
    work,
    backfill,
    poll,
    reconcile,
    drain,
    replay,
    pause,
    resume,
    webhooks,
    doctor,
    users,
    search,
    reindex,
    regroup,
    segments,
    export,
    erase,
    sandbox,
    demo,
):
    main.add_command(command)
