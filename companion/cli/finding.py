"""Looking at what is there: `search`, `doctor`."""

from __future__ import annotations

from os import environ

import click

from companion.cli.terminal import FOUND_WRONG, Terminal, print_json
from companion.domain.permissions import ROLE_PERMISSIONS, Role, Viewer

_as_json = click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
OPERATOR = Viewer(
    agent_id=0,
    name="operator",
    role=Role.ADMINISTRATOR,
    permissions=ROLE_PERMISSIONS[Role.ADMINISTRATOR],
    shops=None,
)
"""Whoever can open the store's file or its configuration sees all of it anyway."""


@click.command()
@click.argument("text", nargs=-1, required=True)
@click.option("--limit", type=click.IntRange(1, 200), default=20, show_default=True, help="Most hits shown.")
@_as_json
@click.pass_obj
def search(terminal: Terminal, text: tuple[str, ...], limit: int, as_json: bool) -> None:  # noqa: FBT001
    """Find customers.

    TEXT is any part of a name, an address, a phone number, an order, a note or a ticket; every word must occur.
    """
    with terminal.app() as app:
        results = app.search.find(OPERATOR, " ".join(text), limit=limit)
    if as_json:
        print_json(results)
        return
    for hit in results.hits:
        last = f", last order {hit.last_order_at:%Y-%m-%d}" if hit.last_order_at else ""
        click.echo(f"{hit.customer_id}  {hit.name}  [{hit.why}: {hit.snippet}]  {hit.orders_count} orders{last}")
    if not results.hits:
        click.echo("Nobody found.")
    elif results.total_is_more:
        click.echo(f"… and more than {limit}: add a word, or raise --limit.")


@click.command()
@_as_json
@click.pass_context
def doctor(context: click.Context, as_json: bool) -> None:  # noqa: FBT001
    """Say what is wrong, and how to mend it.

    Examines the configuration, the store and its disk, Redis and every shop: can it be read and written, what does it
    run on, do the clocks and the time zones agree, is its helpdesk open, do its webhooks reach us. Changes nothing.
    """
    from companion.doctor import examine  # noqa: PLC0415 — the whole product, which --help does not need

    findings = []
    for finding in examine(context.obj.config_path, environ):
        findings.append(finding)
        if not as_json:
            click.echo(f"{finding.level:<8} {finding.subject}: {finding.message}")
            if finding.cure:
                click.echo(f"         {finding.cure}")
    if as_json:
        print_json(findings)
    if any(finding.level == "problem" for finding in findings):
        context.exit(FOUND_WRONG)
