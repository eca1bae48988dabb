"""Writes a configuration file that shows every option with its meaning, its range and its default.

`config.example.toml` is this without any answers; `companion init` writes the answers it was given in their places.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from companion.config.options import Options, Shop
from companion.config.reader import Option, options_of
from companion.config.values import Secret

_HEAD = """\
# Companion's configuration: every option, with what it means and its default. A line that keeps the default may go.
# Secrets never stand here: write "env:NAME" for an environment variable or "file:PATH" for a file that only companion
# can open. File names count from this file's folder. After a change: `companion doctor`.
"""
_SHOPS_HEAD = (
    "# One such table for each shop. Its key (here: {key}) is its name in commands and addresses; never change it."
)


def render(
    answers: Mapping[str, Mapping[str, Any]] | None = None, *, shops: Mapping[str, Mapping[str, Any]] | None = None
) -> str:
    """The text of a configuration file.

    Args:
        answers: values by section and option that stand instead of the defaults; the section "" holds the topmost ones.
        shops: the same for each shop by its key; left out, one shop is shown as an example.
    """
    answers = answers or {}
    shops = {"main": {}} if shops is None else shops
    top = options_of(Options)
    blocks = [
        _HEAD
        + "\n"
        + _lines([option for option in top if not (option.is_section or option.is_many)], answers.get("", {}))
    ]
    for option in top:
        if option.is_many:
            blocks += [_shop(key, values) for key, values in shops.items()]
        elif option.is_section:
            blocks.append(f"[{option.name}]\n" + _lines(options_of(option.kind), answers.get(option.name, {})))
    return "\n".join(blocks)


def _shop(key: str, values: Mapping[str, Any]) -> str:
    options = [option for option in options_of(Shop) if option.name != "key"]
    return f"{_SHOPS_HEAD.format(key=key)}\n[shops.{key}]\n" + _lines(options, values)


def _lines(options: list[Option], values: Mapping[str, Any]) -> str:
    return "".join(_line(option, values) for option in options)


def _line(option: Option, values: Mapping[str, Any]) -> str:
    reach = f" ({option.reach})" if option.reach else ""
    value = values.get(option.name, _shown(option))
    return f"# {option.meaning}{reach}.\n{option.name} = {_toml(value)}\n"


def _shown(option: Option) -> Any:
    if option.example:
        return option.example
    if isinstance(option.default, Secret):
        return option.default.reveal()  # a default stands in the source: it is none
    return "" if option.default is None else option.default


def _toml(value: Any) -> str:
    """A TOML value; JSON's texts, numbers and booleans are TOML's too."""
    return json.dumps(value, ensure_ascii=False)
