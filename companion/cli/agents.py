"""`companion users`: the people who sign in here."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from companion.cli.terminal import Misuse, Terminal, print_json
from companion.domain.permissions import ROLES, Role

if TYPE_CHECKING:
    from companion.app import App
    from companion.services.users import Agent

_password = click.option(
    "--password-stdin", is_flag=True, help="Read the password from standard input instead of asking for it."
)


@click.group()
def users() -> None:
    """The people who sign in here, and their roles."""


@users.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print the list as JSON.")
@click.pass_obj
def list_users(terminal: Terminal, as_json: bool) -> None:  # noqa: FBT001
    """List everybody."""
    with terminal.app() as app:
        agents = app.users.list()
    if as_json:
        print_json(agents)
        return
    for agent in agents:
        shops = "all shops" if agent.sees_all_shops else ", ".join(agent.shops) or "no shop"
        state = "" if agent.is_active else ", deactivated"
        click.echo(f"{agent.username or '(no sign-in here)'}: {agent.name}, {agent.role}, {shops}{state}")
    if not agents:
        click.echo("Nobody yet: `companion users add NAME` adds the first.")


@users.command()
@click.argument("username")
@click.option("--name", help="The name others see; the user name if left out.")
@click.option("--role", type=click.Choice([str(role) for role in ROLES]), default=str(Role.AGENT), show_default=True)
@click.option("--email", default="", help="E-mail address.")
@click.option("--shop", "shops", multiple=True, help="A shop she may see; may be repeated. None: all shops.")
@_password
@click.pass_obj
def add(
    terminal: Terminal,
    *,
    username: str,
    name: str | None,
    role: str,
    email: str,
    shops: tuple[str, ...],
    password_stdin: bool,
) -> None:
    """Add a person who signs in as USERNAME."""
    chosen = terminal.shops(shops) if shops else None
    password = _read_password(from_stdin=password_stdin)
    with terminal.app() as app:
        agent = app.users.add(
            name=name or username, username=username, password=password, role=Role(role), email=email, shops=chosen
        )
    click.echo(f"Added {agent.username} ({agent.role}).")


@users.command("set-password")
@click.argument("username")
@_password
@click.pass_obj
def set_password(terminal: Terminal, *, username: str, password_stdin: bool) -> None:
    """Give USERNAME a new password.

    All of her sessions end.
    """
    with terminal.app() as app:
        agent = _agent(app, username)
        app.users.set_password(agent.id, _read_password(from_stdin=password_stdin))
    click.echo(f"{agent.username} has a new password; sessions with the old one are over.")


@users.command()
@click.argument("username")
@click.pass_obj
def deactivate(terminal: Terminal, username: str) -> None:
    """Bar USERNAME from signing in.

    Her sessions end; what she wrote stays.
    """
    with terminal.app() as app:
        agent = _agent(app, username)
        app.users.deactivate(agent.id)
    click.echo(f"{agent.username} can no longer sign in.")


def _agent(app: App, username: str) -> Agent:
    for agent in app.users.list():
        if agent.username.casefold() == username.casefold() and agent.username:
            return agent
    raise Misuse(f'Nobody signs in here as "{username}"; `companion users list` shows who does.')


def _read_password(*, from_stdin: bool) -> str:
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    password: str = click.prompt("Password", hide_input=True, confirmation_prompt="The same again")
    return password
