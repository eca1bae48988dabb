"""Keeping the store well: `reindex`, `regroup`, `segments`."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from companion.cli.terminal import Terminal, print_json

if TYPE_CHECKING:
    from companion.services.search.reindex import Reindexed
    from companion.sync.people.regroup import Regrouped
    from companion.sync.people.segments import Sorted


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
@click.pass_obj
def reindex(terminal: Terminal, as_json: bool) -> None:  # noqa: FBT001
    """Build the search index anew.

    For when something stands on a page and is not found, or a new version reads spellings otherwise. Companion may go
    on running meanwhile, but until the end not everything is found. May be interrupted and called again.
    """
    with terminal.app() as app, click.progressbar(length=1, label="Reindexing", file=sys.stderr) as bar:

        def tell(progress: Reindexed) -> None:
            bar.length = max(progress.total, 1)
            bar.update(progress.done - bar.pos)

        result = app.reindex(tell)
        bar.update(max(result.total, 1) - bar.pos)
    if as_json:
        print_json(result)
        return
    removed = f", and {result.removed:,} entries of nobody were removed" if result.removed else ""
    click.echo(f"The index is whole: {result.done:,} people and notes were gone through{removed}.")


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
@click.pass_obj
def regroup(terminal: Terminal, as_json: bool) -> None:  # noqa: FBT001
    """Work out anew which accounts are one person.

    For when `identity.not_evidence` was changed, or a new version judges otherwise. What people decided by hand holds.
    Companion may go on running meanwhile. May be interrupted and called again.
    """
    with terminal.app() as app, click.progressbar(length=1, label="Regrouping", file=sys.stderr) as bar:

        def tell(progress: Regrouped) -> None:
            bar.length = max(progress.total, 1)
            bar.update(progress.done - bar.pos)

        result = app.regroup(tell)
        bar.update(max(result.total, 1) - bar.pos)
    if as_json:
        print_json(result)
        return
    click.echo(f"{result.done:,} accounts were looked at; {result.moved:,} have another customer now.")


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
@click.pass_obj
def segments(terminal: Terminal, as_json: bool) -> None:  # noqa: FBT001
    """Sort all customers into their types, now.

    Gold, silver, newcomer, challenging, or none: by the rules of the page "Customer types".

    The worker does it by itself, once a day and whenever something changed of somebody. What was said by hand stays.
    May be interrupted; the worker then goes on.
    """
    with terminal.app() as app, click.progressbar(length=1, label="Sorting", file=sys.stderr) as bar:

        def tell(progress: Sorted) -> None:
            bar.length = max(progress.total, 1)
            bar.update(progress.done - bar.pos)

        done = app.segmentation.whole(tell)
        counts = app.segmentation.counts()
        bar.update(max(done, 1) - bar.pos)
    if as_json:
        print_json({"sorted": done, "segments": counts})
        return
    told = ", ".join(f"{count:,} {name}" for name, count in counts.items())
    click.echo(f"{done:,} customers were sorted. There are {told}.")
