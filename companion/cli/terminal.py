"""What all commands share: the configuration and the open product, errors as sentences, JSON, progress.

Knows no command.
"""

from __future__ import annotations

import json
import sys
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, is_dataclass
from datetime import datetime
from functools import cached_property
from os import environ, umask
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from companion.cli.sentences import sentence
from companion.config import Config, ConfigError, Secret
from companion.log import Redactor, configure, known_secrets
from companion.services.errors import ServiceError
from connectors.errors import ConnectorError
from storage.errors import StorageError

if TYPE_CHECKING:
    from companion.app import App
    from companion.sync.reading.backfill import Progress

FOUND_WRONG, USED_WRONG = 1, 2
_NOBODY_ELSE = 0o077
_BETWEEN_LINES_S = 10.0
"""Between two lines of progress where they cannot overwrite each other: in a file or a journal."""


class Failure(click.ClickException):
    """Something was found wrong: one sentence for the person who typed the command."""

    exit_code = FOUND_WRONG


class Misuse(Failure):
    """The command, an answer or the configuration cannot be used as it is."""

    exit_code = USED_WRONG


@dataclass
class Terminal:
    """One call of the program."""

    config_path: Path
    debug: bool = False

    @cached_property
    def config(self) -> Config:
        """The configuration; its warnings go to standard error."""
        config = Config.load(self.config_path, environ)
        for warning in config.warnings:
            click.echo(f"Warning: {warning}", err=True)
        return config

    @property
    def secrets(self) -> list[Secret]:
        """Those of the configuration, as far as it was read."""
        loaded = vars(self).get("config")
        return known_secrets(loaded) if isinstance(loaded, Config) else []

    def build(self) -> App:
        """The product as configured, with its logs on standard error. Whoever builds it closes it."""
        from companion.app import build  # noqa: PLC0415 — the whole product, which --help does not need

        umask(_NOBODY_ELSE)  # the store is about to be made: customers' names are nobody else's on this machine
        configure(self.config.log, known=known_secrets(self.config))
        return build(self.config)

    @contextmanager
    def app(self) -> Iterator[App]:
        """The product for the length of one command."""
        app = self.build()
        try:
            yield app
        finally:
            app.close()

    def shops(self, named: tuple[str, ...]) -> list[str]:
        """The keys of the shops that a command names, or of all.

        Raises:
            Misuse: one of them is not configured, or none is.
        """
        known = [shop.key for shop in self.config.shops]
        if unknown := [key for key in named if key not in known]:
            raise Misuse(f'There is no shop "{unknown[0]}"; configured: {", ".join(known) or "none"}.')
        if not known:
            raise Misuse(f"{self.config.path} names no shop: add a [shops.KEY] table to it.")
        return list(dict.fromkeys(named)) or known


class Commands(click.Group):
    """A group whose commands end every known error in one sentence and the right exit code."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command that was asked for."""
        try:
            return super().invoke(ctx)
        except (click.ClickException, click.Abort, click.exceptions.Exit):
            raise
        except Exception as error:  # noqa: BLE001 — each ends here, in a sentence or as a fault of ours
            terminal = ctx.obj if isinstance(ctx.obj, Terminal) else Terminal(Path())
            redactor = Redactor(terminal.secrets)
            failure = _failure(error, redactor)
            if failure is None or terminal.debug:
                click.echo(redactor.text(traceback.format_exc()), err=True)
            raise failure or Failure("this is a fault of companion itself; nothing that was stored is lost.") from None


def _failure(error: Exception, redactor: Redactor) -> Failure | None:
    """The sentence for an error that has one."""
    text = redactor.text(str(error))
    match error:
        case ConfigError():
            return Misuse(text)
        case ServiceError():
            return Misuse(sentence(error))
        case ConnectorError():
            return Failure(f"{text}. {error.hint}" if error.hint else text)
        case StorageError():
            return Failure(text)
        case _:
            return None


def print_json(value: object) -> None:
    """One JSON document on standard output; dataclasses as objects, instants in ISO 8601."""
    click.echo(json.dumps(value, ensure_ascii=False, indent=2, default=_plain))


def _plain(value: object) -> object:
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, set | frozenset):
        return sorted(value)
    raise TypeError(f"{type(value).__name__} has no JSON form")


class ProgressLine:
    """Shows progress on standard error: one line, overwritten; or, into a file or a journal, a line now and then."""

    def __init__(self) -> None:
        self._is_terminal = sys.stderr.isatty()
        self._stream: tuple[str, str] | None = None
        self._shown_at = 0.0
        self._unfinished: Progress | None = None

    def __call__(self, progress: Progress) -> None:
        """Hear of progress."""
        if (progress.shop, progress.stream) != self._stream:
            self.finish()
            self._stream = (progress.shop, progress.stream)
            self._shown_at = time.monotonic()
        self._unfinished = progress
        if self._is_terminal:
            click.echo(f"\r{in_words(progress):<79}", err=True, nl=False)
        elif time.monotonic() - self._shown_at >= _BETWEEN_LINES_S:
            self._shown_at = time.monotonic()
            click.echo(in_words(progress), err=True)

    def finish(self) -> None:
        """End the line of the stream that is over."""
        if self._unfinished is not None:
            start = "\r" if self._is_terminal else ""
            click.echo(f"{start}{in_words(self._unfinished):<79}".rstrip(), err=True)
        self._unfinished = None


def in_words(progress: Progress) -> str:
    """`main orders: 1,200 of 48,000 (2 %), 310 a second, 2 min 31 s left`."""
    parts = [f"{progress.shop} {progress.stream}: {progress.done:,}"]
    if progress.total:
        parts[0] += f" of {progress.total:,} ({min(progress.done / progress.total, 1):.0%})"
    if progress.rate:
        parts.append(f"{progress.rate:,.0f} a second")
    if progress.seconds_left is not None and progress.done < progress.total:
        parts.append(f"{_duration(progress.seconds_left)} left")
    return ", ".join(parts)


def _duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"
