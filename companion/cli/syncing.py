"""Reading from shops and writing to them once, now: `backfill`, `poll`, `reconcile`, `drain`.

The worker does the same by itself.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from companion.cli.terminal import ProgressLine, Terminal, print_json

if TYPE_CHECKING:
    from companion.sync.reading.backfill import Progress

_shops = click.argument("shops", nargs=-1, metavar="[SHOP]...")
_as_json = click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")


@click.command()
@_shops
@_as_json
@click.pass_obj
def backfill(terminal: Terminal, shops: tuple[str, ...], as_json: bool) -> None:  # noqa: FBT001
    """Read everything the shops have.

    May be interrupted at any time and called again: what an earlier run finished is not read twice.
    """
    keys = terminal.shops(shops)
    results: dict[str, dict[str, int]] = {key: {} for key in keys}
    line = ProgressLine()

    def tell(progress: Progress) -> None:
        results[progress.shop][progress.stream] = progress.done
        line(progress)

    with terminal.app() as app:
        try:
            for key in keys:
                app.backfill(key, tell)
        finally:
            line.finish()
    if as_json:
        print_json(results)
        return
    for key, streams in results.items():
        read = ", ".join(f"{count:,} {stream}" for stream, count in streams.items())
        click.echo(f"{key}: {read or 'everything was read before'}.")


@click.command()
@_shops
@_as_json
@click.pass_obj
def poll(terminal: Terminal, shops: tuple[str, ...], as_json: bool) -> None:  # noqa: FBT001
    """Read what changed since the last look."""
    keys = terminal.shops(shops)
    with terminal.app() as app:
        outcomes = {key: app.poll(key) for key in keys}
    if as_json:
        print_json(
            {
                key: {str(verdict): count for verdict, count in outcome.verdicts.items()} | {"parked": outcome.parked}
                for key, outcome in outcomes.items()
            }
        )
        return
    for key, outcome in outcomes.items():
        parked = f"; set aside as unreadable: {', '.join(outcome.parked)}" if outcome.parked else ""
        click.echo(f"{key}: {outcome.verdicts.total():,} read, {outcome.written:,} of them written{parked}.")


@click.command()
@_shops
@_as_json
@click.option("--force", is_flag=True, help="Believe the shop's list however much is missing from it.")
@click.pass_obj
def reconcile(terminal: Terminal, shops: tuple[str, ...], as_json: bool, force: bool) -> None:  # noqa: FBT001
    """Compare every id and date with the shops.

    Finds what was deleted for good: missing in two comparisons and unknown to the shop by its id. Where too much is
    missing at once it stops and asks.
    """
    from companion.sync.reading.reconcile import TooManyGone  # noqa: PLC0415 — the engine, which --help does not need

    keys = terminal.shops(shops)
    with terminal.app() as app:
        try:
            found = {key: app.reconcile(key, force=force) for key in keys}
        except TooManyGone as error:
            raise click.ClickException(str(error)) from None
    if as_json:
        print_json({key: {noun: asdict(done) for noun, done in nouns.items()} for key, nouns in found.items()})
        return
    for key, nouns in found.items():
        for noun, done in nouns.items():
            click.echo(
                f"{key}, {noun}: {done.listed:,} compared, {done.fetched:,} read, {done.missed:,} missing for the "
                f"first time, {done.asked:,} asked for by their ids."
            )


@click.command()
@_as_json
@click.pass_obj
def drain(terminal: Terminal, as_json: bool) -> None:  # noqa: FBT001
    """Do what is due: deliveries, then pushes.

    With push.mode = "dry-run" nothing is written; what would be is shown.
    """
    with terminal.app() as app:
        done = app.drain()
        planned = {key: app.outbox.plan(key) for key in app.shops} if app.config.push.mode == "dry-run" else {}
    if as_json:
        would = {key: [plan._asdict() for plan in plans] for key, plans in planned.items()}
        print_json({**done, **({"would_write": would} if planned else {})})
        return
    for key, plans in planned.items():
        for plan in plans:
            line = f"would carry: {plan.text}" if plan.text else "would carry no summary any more"
            click.echo(f"{key}: {plan.kind} {plan.id} {line}")
    click.echo(", ".join(f"{count:,} {what}" for what, count in sorted(done.items()) if count) or "Nothing was due.")
