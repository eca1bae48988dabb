"""Companion's own webhooks in the shops, by hand: `webhooks list`, `webhooks rotate`, `webhooks remove`.

The worker sees to them by itself; this is for what a person decides.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from companion.cli.terminal import Failure, Misuse, Terminal, print_json

if TYPE_CHECKING:
    from storage.sync.subscriptions import Subscription

_as_json = click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")


@click.group()
def webhooks() -> None:
    """Companion's own webhooks in the shops."""


@webhooks.command("list")
@_as_json
@click.pass_obj
def list_(terminal: Terminal, as_json: bool) -> None:  # noqa: FBT001
    """Show each webhook as last seen in its shop.

    Asks no shop; the worker looks at them every `sync.poll_seconds`.
    """
    with terminal.app() as app:
        found, left = app.subscriptions.known(), app.removed_shops()
    if as_json:
        print_json({"webhooks": found, "removed_shops": left})
        return
    for one in found:
        click.echo(_line(one))
    if not found:
        click.echo("None is registered yet: the worker does it, where web.public_url is set.")
    for shop in left:
        click.echo(f"{shop} is in the store and not in the configuration any more.")


@webhooks.command()
@click.argument("shop")
@_as_json
@click.pass_obj
def rotate(terminal: Terminal, shop: str, as_json: bool) -> None:  # noqa: FBT001
    """Give the webhooks of a shop a new secret.

    What is signed with the one before is accepted for 48 hours more. The secret of companion's WordPress plugin in that
    shop changes with it.
    """
    from companion.sync.deliveries.subscriptions import Busy, MayNotWrite  # noqa: PLC0415 — the engine, not needed for --help
    from connectors.errors import ConnectorError  # noqa: PLC0415

    (key,) = terminal.shops((shop,))
    with terminal.app() as app:
        try:
            rotated = app.subscriptions.rotate(app.shops[key])
        except MayNotWrite:
            raise Misuse(
                f'Nothing was done: {key} is paused, or push.mode is "off", and its webhooks would not learn the new '
                "secret."
            ) from None
        except (Busy, ConnectorError) as error:
            raise Failure(
                f"The new secret is in force, but not every webhook of {key} has it yet ({error}). The worker gives it "
                "to them when it looks next; until then, for 48 hours, the one before is good."
            ) from None
    given = sorted({*rotated.mended.given, *rotated.mended.made, *rotated.mended.revived, *rotated.mended.moved})
    if as_json:
        print_json({"shop": key, "generation": rotated.generation, "given": given})
    else:
        click.echo(f"Secret number {rotated.generation} of {key} is in force; {len(given)} webhooks have it.")


@webhooks.command()
@click.argument("shop")
@_as_json
@click.pass_obj
def remove(terminal: Terminal, shop: str, as_json: bool) -> None:  # noqa: FBT001
    """Remove our webhooks from a shop.

    For a shop that is to leave the configuration. It is paused with that, so that they are not made anew; `companion
    resume` brings them back.
    """
    from companion.sync.deliveries.subscriptions import Busy  # noqa: PLC0415 — the engine, which --help does not need

    (key,) = terminal.shops((shop,))
    with terminal.app() as app:
        try:
            removed = app.subscriptions.remove(app.shops[key])
        except Busy as error:
            raise Failure(f"{error}; {key} is paused. Call this again in a minute.") from None
    if as_json:
        print_json({"shop": key, "removed": removed})
    else:
        click.echo(
            f"{len(removed)} webhooks of {key} were removed, and it is paused: take [shops.{key}] out of "
            f"{terminal.config.path} now, or bring them back by `companion resume {key}`."
        )


def _line(one: Subscription) -> str:
    """`main  order.updated  active, last delivery 2026-05-01 12:00 UTC`."""
    parts = [one.status]
    if one.is_fragile:
        parts.append("one more failure switches it off")
    parts.append(f"last delivery {one.delivered_at:%Y-%m-%d %H:%M} UTC" if one.delivered_at else "no delivery yet")
    if one.missed:
        parts.append(f"{one.missed} changes since were not told")
    return f"{one.shop}  {one.topic}  {', '.join(parts)}"
