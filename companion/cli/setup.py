"""`companion init`: asks what it needs, and leaves a configuration, its secrets, a store and the first administrator.

Every question is also an option, and a secret also an environment variable, so that a script can answer. Either all of
it is made or nothing: what a failed attempt wrote is removed again.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import click

from companion.cli.terminal import Misuse, Terminal
from companion.config.example import render
from companion.config.values import (
    Check,
    check_application_password,
    check_country,
    check_database_url,
    check_secret,
    check_time_zone,
    check_web_url,
    has_credentials,
)
from companion.domain.permissions import Role

_SHOP_KEY = "main"


@dataclass
class _Questions:
    """Asks what no option answered; where nobody may be asked, the answers that are missing are collected."""

    may_ask: bool
    missing: list[str] = field(default_factory=list)

    def answer(
        self,
        option: str,
        given: str | None,
        question: str,
        *,
        check: Check | None = None,
        default: str | None = None,
        hide: bool = False,
    ) -> str:
        if given is None and not self.may_ask:
            if default is None:
                self.missing.append(option)
            given = default or ""
            if default is None:
                return ""
        if given is not None:
            if check and (wrong := check(given)):
                raise Misuse(f"{option}: {wrong}")
            return given
        asked: str = click.prompt(
            question, default=default, hide_input=hide, show_default=bool(default), value_proc=_checked(check)
        )
        return asked


def _checked(check: Check | None) -> Callable[[str], str]:
    def take(text: str) -> str:
        if check and (wrong := check(text)):
            raise click.UsageError(wrong)
        return text

    return take


def _one_of(*words: str) -> Check:
    def check(text: str) -> str | None:
        return None if text in words else f"must be one of {', '.join(words)}"

    return check


@click.command()
@click.option("--language", help="Language of summaries and of people who choose none: fa or en.")
@click.option("--timezone", help="Time zone, such as Asia/Tehran.")
@click.option("--country", help="Country whose phone numbers have no country code, such as IR.")
@click.option("--public-url", help='Address at which browsers and shops reach companion; "" if they cannot.')
@click.option("--database", help='"sqlite:///FILE" or "postgresql://USER:PASSWORD@HOST/NAME".')
@click.option("--shop-url", help='Address of the shop; "" to add shops later.')
@click.option("--shop-name", help="Name of the shop, as people call it.")
@click.option("--consumer-key", envvar="COMPANION_INIT_CONSUMER_KEY", help="Its REST key, ck_…")
@click.option("--consumer-secret", envvar="COMPANION_INIT_CONSUMER_SECRET", help="The secret of that key, cs_…")
@click.option("--helpdesk", help="Its helpdesk, whose tickets are read: none or awesome-support.")
@click.option("--helpdesk-username", help="WordPress user who sees every ticket.")
@click.option("--helpdesk-password", envvar="COMPANION_INIT_HELPDESK_PASSWORD", help="Her application password.")
@click.option("--admin-username", help="User name of the first administrator.")
@click.option("--admin-name", help="The name others see of her.")
@click.option("--admin-password", envvar="COMPANION_INIT_ADMIN_PASSWORD", help="Her password.")
@click.option("--no-input", is_flag=True, help="Ask nothing: options, environment and defaults answer all.")
@click.pass_obj
def init(terminal: Terminal, /, *, no_input: bool, **given: str | None) -> None:
    """Set companion up, asking for what it needs.

    Writes the configuration and its secrets, makes the store and the first administrator.

    Secrets may be given as COMPANION_INIT_CONSUMER_KEY, COMPANION_INIT_CONSUMER_SECRET,
    COMPANION_INIT_HELPDESK_PASSWORD and COMPANION_INIT_ADMIN_PASSWORD in the environment: options can be seen by other
    users of the machine.
    """
    path = terminal.config_path.absolute()
    if path.exists():
        raise Misuse(f"{path} exists already. To begin anew, move it away first; nothing was changed.")
    questions = _Questions(may_ask=not no_input)
    answers, kept = _ask(questions, given)
    password = _ask_password(questions, given["admin_password"])
    if questions.missing:
        raise Misuse(f"with --no-input these are needed: {', '.join(questions.missing)}")
    with _Files() as files:
        for name, secret in kept.items():
            files.write(path.parent / "secrets" / name, f"{secret}\n")
        files.write(path, render(answers["sections"], shops=answers["shops"]))
        files.expect(terminal.config.database.url.reveal())
        with terminal.app() as app:
            app.users.add(
                name=answers["admin_name"],
                username=answers["admin_username"],
                password=password,
                role=Role.ADMINISTRATOR,
            )
    click.echo(f"\nWrote {path} and {path.parent / 'secrets'}: keep both, and keep them to yourself.")
    click.echo("Next:\n  companion doctor     is everything as it should be?")
    click.echo("  companion backfill   read the shop\n  companion run        open the pages")


def _ask(questions: _Questions, given: dict[str, str | None]) -> tuple[dict[str, Any], dict[str, str]]:
    """The answers by section, and the secrets by file name."""
    ask = questions.answer
    kept = {"master_key": secrets.token_hex(32)}
    language = ask("--language", given["language"], "Language (fa or en)", check=_one_of("fa", "en"), default="fa")
    zone = ask("--timezone", given["timezone"], "Time zone", check=check_time_zone, default="Asia/Tehran")
    country = ask("--country", given["country"], "Country of phone numbers", check=check_country, default="IR")
    public_url = ask(
        "--public-url",
        given["public_url"],
        "Public address of companion, such as https://notes.shop.example (empty: none)",
        check=check_web_url,
        default="",
    )
    database = given["database"] or "sqlite:///companion.sqlite3"
    if wrong := check_database_url(database):
        raise Misuse(f"--database: {wrong}")
    if has_credentials(database):
        kept["database_url"], database = database, "file:secrets/database_url"
    shops = {}
    shop_url = ask(
        "--shop-url", given["shop_url"], "Address of the shop (empty: later)", check=check_web_url, default=""
    )
    if shop_url:
        shops[_SHOP_KEY] = {"url": shop_url, **_ask_shop(ask, given, kept), **_ask_helpdesk(ask, given, kept)}
    username = ask("--admin-username", given["admin_username"], "User name of the first administrator")
    sections = {
        "": {"master_key": "file:secrets/master_key"},
        "installation": {
            "language": language,
            "calendar": "jalali" if language == "fa" else "gregorian",
            "timezone": zone,
            "country": country,
        },
        "web": {"public_url": public_url},
        "database": {"url": database},
    }
    name = ask("--admin-name", given["admin_name"], "Her name", default=username)
    return {"sections": sections, "shops": shops, "admin_username": username, "admin_name": name}, kept


def _ask_shop(ask: Callable[..., str], given: Mapping[str, str | None], kept: dict[str, str]) -> dict[str, str]:
    """What the shop is called and opened with; `kept` takes the secrets."""
    name = ask("--shop-name", given["shop_name"], "Name of the shop", default="")
    for part, question in (("consumer_key", "Consumer key (ck_…)"), ("consumer_secret", "Consumer secret (cs_…)")):
        kept[f"{_SHOP_KEY}_{part}"] = ask(_option(part), given[part], question, check=check_secret, hide=True)
    return {
        "name": name,
        "consumer_key": f"file:secrets/{_SHOP_KEY}_consumer_key",
        "consumer_secret": f"file:secrets/{_SHOP_KEY}_consumer_secret",
    }


def _ask_helpdesk(ask: Callable[..., str], given: Mapping[str, str | None], kept: dict[str, str]) -> dict[str, str]:
    """The shop's helpdesk, and who opens it: no WooCommerce key does."""
    helpdesk = ask(
        "--helpdesk",
        given["helpdesk"],
        "Helpdesk of the shop (none or awesome-support)",
        check=_one_of("none", "awesome-support"),
        default="none",
    )
    if helpdesk == "none":
        return {}
    username = ask("--helpdesk-username", given["helpdesk_username"], "WordPress user who sees every ticket")
    kept[f"{_SHOP_KEY}_helpdesk_password"] = ask(
        "--helpdesk-password",
        given["helpdesk_password"],
        "Her application password",
        check=check_application_password,
        hide=True,
    )
    return {
        "helpdesk": helpdesk,
        "helpdesk_username": username,
        "helpdesk_password": f"file:secrets/{_SHOP_KEY}_helpdesk_password",
    }


def _option(part: str) -> str:
    return f"--{part.replace('_', '-')}"


def _ask_password(questions: _Questions, given: str | None) -> str:
    if given is None and questions.may_ask:
        password: str = click.prompt("Her password", hide_input=True, confirmation_prompt="The same again")
        return password
    return questions.answer("--admin-password", given, "")


class _Files:
    """The files that a set-up makes; used as a context, it removes them again when the set-up fails."""

    def __init__(self) -> None:
        self._made: list[Path] = []

    def write(self, path: Path, text: str) -> None:
        """Write a file that only its owner can open; none that is there already."""
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            raise Misuse(f"{path} exists already: move it away first; nothing was changed.") from None
        except OSError as error:
            raise Misuse(f"{path} cannot be written: {error.strerror}") from None
        self._made.append(path)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)

    def expect(self, database_url: str) -> None:
        """The store is about to be made there, unless it is there already."""
        path = Path(database_url.removeprefix("sqlite:///"))
        if database_url.startswith("sqlite:///") and not path.exists():
            self._made += [path, path.with_name(f"{path.name}-wal"), path.with_name(f"{path.name}-shm")]

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is not None:
            for path in reversed(self._made):
                path.unlink(missing_ok=True)
