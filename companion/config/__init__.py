"""The configuration: `config.toml` and the environment become one frozen `Config`, or one error with every problem.

options.py declares the options, values.py their kinds, reader.py reads any of them, example.py writes the file that
shows them all. Nothing here opens the store or asks a shop: `companion doctor` does.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

import msgspec

from companion.config.options import (
    Database,
    Identity,
    Installation,
    Log,
    Options,
    Push,
    RateLimits,
    Shop,
    Sync,
    Web,
)
from companion.config.reader import Reader
from companion.config.values import Secret, stays_private

__all__ = [
    "Config",
    "ConfigError",
    "Database",
    "Identity",
    "Installation",
    "Log",
    "Push",
    "RateLimits",
    "Secret",
    "Shop",
    "Sync",
    "Web",
]


class ConfigError(Exception):
    """The configuration cannot be used: `problems` has a sentence for each thing to mend, none with a secret."""

    def __init__(self, path: Path, problems: list[str]) -> None:
        self.path = path
        self.problems = problems
        count = "one problem" if len(problems) == 1 else f"{len(problems)} problems"
        super().__init__(f"{path} has {count}:\n" + "\n".join(f"  - {problem}" for problem in problems))


class Config(Options, frozen=True, kw_only=True):
    """All options, with where they came from."""

    path: Path | None = None
    """The file that was read; None for a configuration made by code."""
    warnings: tuple[str, ...] = ()
    """What works but is unwise, a sentence each."""

    @classmethod
    def load(cls, path: Path, environ: Mapping[str, str]) -> Self:
        """The configuration in a file, with the environment's overrides.

        Raises:
            ConfigError: with every problem at once.
        """
        path = path.absolute()
        table = _parsed(path)
        reader = Reader(folder=path.parent, environ=environ)
        _override_port(table, environ, reader.problems)
        options = reader.section(Options, table, "")
        if options is None or reader.problems:
            raise ConfigError(path, reader.problems)
        options = _with_absolute_paths(options, path.parent)
        if problems := _missing_files(options):
            raise ConfigError(path, problems)
        warnings = tuple(reader.warnings + _unwise(options))
        return cls(**{name: getattr(options, name) for name in Options.__struct_fields__}, path=path, warnings=warnings)

    def shop(self, key: str) -> Shop:
        """The shop of that key.

        Raises:
            KeyError: no shop has it.
        """
        for shop in self.shops:
            if shop.key == key:
                return shop
        raise KeyError(key)


def _parsed(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        raise ConfigError(path, ["the file does not exist: `companion init` writes it"]) from None
    except OSError as error:
        raise ConfigError(path, [f"the file cannot be read: {error.strerror}"]) from None
    except UnicodeDecodeError:
        raise ConfigError(path, ["the file is not UTF-8 text"]) from None
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(path, [f"the file is not TOML: {error}"]) from None


def _override_port(table: dict[str, Any], environ: Mapping[str, str], problems: list[str]) -> None:
    """COMPANION_PORT goes before `web.port`, so that two installations can share a file."""
    given = environ.get("COMPANION_PORT")
    if not given:
        return
    if not given.isdecimal():
        problems.append(f'the environment variable COMPANION_PORT: must be a whole number, not "{given}"')
    elif isinstance(web := table.setdefault("web", {}), dict):
        web["port"] = int(given)


def _with_absolute_paths(options: Options, folder: Path) -> Options:
    """File names count from the folder of the configuration, wherever the program was started."""
    url = options.database.url.reveal()
    if url.startswith("sqlite:///"):
        file = folder / url.removeprefix("sqlite:///")
        database = msgspec.structs.replace(options.database, url=Secret(f"sqlite:///{file}"))
        options = msgspec.structs.replace(options, database=database)
    shops = tuple(
        msgspec.structs.replace(
            shop, url=shop.url.rstrip("/"), ca_file=str(folder / shop.ca_file) if shop.ca_file else ""
        )
        for shop in options.shops
    )
    web = msgspec.structs.replace(options.web, public_url=options.web.public_url.rstrip("/"))
    return msgspec.structs.replace(options, shops=shops, web=web)


def _missing_files(options: Options) -> list[str]:
    return [
        f"shops.{shop.key}.ca_file: the file {shop.ca_file} does not exist"
        for shop in options.shops
        if shop.ca_file and not Path(shop.ca_file).is_file()
    ]


def _unwise(options: Options) -> list[str]:
    warnings = []
    public = options.web.public_url
    if public and not stays_private(public):
        warnings.append("web.public_url: over http, passwords and notes can be read on their way: use https")
    for shop in options.shops:
        where = f"shops.{shop.key}"
        if not stays_private(shop.url):
            warnings.append(f"{where}.url: over http, customers' names and orders can be read on their way: use https")
        if not shop.verify_tls:
            warnings.append(f"{where}.verify_tls: anybody on the way can pose as this shop and take its key")
    return warnings
