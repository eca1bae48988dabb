"""What a person does with the queues by hand: `replay`, `pause`, `resume`."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import click

from companion.cli.finding import OPERATOR
from companion.cli.terminal import FOUND_WRONG, Misuse, Terminal, print_json

if TYPE_CHECKING:
    from companion.services.sync.queues import Chosen, Found

_as_json = click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
_instant = click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%d %H:%M:%S"])


@click.command()
@click.argument("ids", nargs=-1, type=click.IntRange(min=1), metavar="[ID]...")
@click.option("--shop", default="", help="Those of this shop.")
@click.option("--from", "since", type=_instant, help="Those received at this time or later.")
@click.option("--to", "until", type=_instant, help="Those received before this time.")
@click.option("--all", "everything", is_flag=True, help="All there are.")
@click.option("--dry-run", is_flag=True, help="Say what would be replayed, and do nothing.")
@_as_json
@click.pass_context
def replay(
    context: click.Context,
    *,
    ids: tuple[int, ...],
    shop: str,
    since: datetime | None,
    until: datetime | None,
    everything: bool,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Take up dead deliveries again.

    By the IDs that the sync page shows, or by shop and time (of the installation's time zone; a date is its beginning).
    Each gets all its tries anew, and what the shop says now is what counts: nothing newer is undone. The worker does
    it, or `companion drain`.
    """
    terminal: Terminal = context.obj
    chosen = _chosen(terminal, ids=ids, shop=shop, since=since, until=until, everything=everything)
    with terminal.app() as app:
        found = (app.queues.find if dry_run else app.queues.replay)(OPERATOR, chosen)
    if as_json:
        topics: dict[str, dict[str, int]] = {}
        for (of_shop, topic), count in found.topics.items():
            topics.setdefault(of_shop, {})[topic] = count
        print_json({"replayed": 0 if dry_run else found.count, "found": found.count, "topics": topics})
    else:
        _tell(found, dry_run=dry_run)
    if len(set(ids)) > found.count:
        message = f"{len(set(ids)) - found.count} of the deliveries named are not among those that were given up."
        click.echo(message, err=True)
        context.exit(FOUND_WRONG)


@click.command()
@click.argument("shop")
@_as_json
@click.pass_obj
def pause(terminal: Terminal, shop: str, as_json: bool) -> None:  # noqa: FBT001
    """Stop all writes to a shop.

    Reading goes on. What is due to be written is kept until `companion resume`.
    """
    (key,) = terminal.shops((shop,))
    with terminal.app() as app:
        is_new = app.queues.pause(OPERATOR, key)
    if as_json:
        print_json({"shop": key, "is_paused": True, "changed": is_new})
    elif is_new:
        click.echo(f"Nothing is written to {key} until `companion resume {key}`.")
    else:
        click.echo(f"{key} was paused already.")


@click.command()
@click.argument("shop")
@_as_json
@click.pass_obj
def resume(terminal: Terminal, shop: str, as_json: bool) -> None:  # noqa: FBT001
    """Write to a shop again."""
    (key,) = terminal.shops((shop,))
    with terminal.app() as app:
        is_new = app.queues.resume(OPERATOR, key)
    if as_json:
        print_json({"shop": key, "is_paused": False, "changed": is_new})
    else:
        click.echo(f"{key} is written to again." if is_new else f"{key} was not paused.")


def _chosen(
    terminal: Terminal,
    *,
    ids: tuple[int, ...],
    shop: str,
    since: datetime | None,
    until: datetime | None,
    everything: bool,
) -> Chosen:
    """The choice that the options make. Raises Misuse for none, or for two that exclude each other."""
    from companion.services.sync.queues import Chosen  # noqa: PLC0415 — the store, which --help does not need

    by_range = bool(shop or since or until)
    if [bool(ids), by_range, everything].count(True) != 1:
        raise Misuse("Name IDs, or a shop and a time (--shop, --from, --to), or --all: one of the three.")
    if shop:
        (shop,) = terminal.shops((shop,))
    zone = ZoneInfo(terminal.config.installation.timezone)
    return Chosen(
        ids=ids or None,
        shop=shop,
        since=since.replace(tzinfo=zone) if since else None,
        until=until.replace(tzinfo=zone) if until else None,
    )


def _tell(found: Found, *, dry_run: bool) -> None:
    for (shop, topic), count in sorted(found.topics.items()):
        click.echo(f"{shop}: {count:,} {topic}")
    if not found.count:
        click.echo("Nothing was given up.")
    elif dry_run:
        click.echo(f"{found.count:,} deliveries would be replayed.")
    else:
        click.echo(f"{found.count:,} deliveries are taken up again.")
