"""`config.example.toml` tells the whole truth about the options, and nothing else."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import msgspec

from companion.config import Config, Secret, Shop
from companion.config.example import render
from companion.config.options import Options
from companion.config.reader import Option, Section, options_of

EXAMPLE = Path(__file__).parent.parent / "config.example.toml"
ENVIRON = {"COMPANION_MASTER_KEY": "x" * 32, "SHOP_KEY": "ck_x", "SHOP_SECRET": "cs_x"}


def sections() -> dict[str, type[Section]]:
    found: dict[str, type[Section]] = {"": Options, "shops.main": Shop}
    return found | {option.name: option.kind for option in options_of(Options) if option.is_section}


def written(where: str) -> dict[str, Any]:
    table = tomllib.loads(EXAMPLE.read_text(encoding="utf-8"))
    for part in where.split(".") if where else ():
        table = table[part]
    return table


def values(section: type[Section]) -> list[Option]:
    return [
        option for option in options_of(section) if not (option.is_section or option.is_many or option.name == "key")
    ]


def test_example_is_what_the_code_declares() -> None:
    assert EXAMPLE.read_text(encoding="utf-8") == render(), (
        "make it again: python -m companion.config > config.example.toml"
    )


def test_example_loads_without_problem_or_warning() -> None:
    assert Config.load(EXAMPLE, ENVIRON).warnings == ()


def test_example_names_every_option_and_no_other() -> None:
    for where, section in sections().items():
        within = {other.removeprefix(f"{where}.") for other in sections() if other} | {"shops"} if not where else set()
        names = written(where).keys() - within
        assert names == {option.name for option in values(section)}, where


def test_example_shows_the_defaults_of_the_code() -> None:
    for where, section in sections().items():
        for option in values(section):
            if option.is_required or option.example:
                continue
            default = option.default.reveal() if isinstance(option.default, Secret) else option.default
            assert written(where)[option.name] == (default or "" if option.is_secret else default), option.name


def test_leaving_every_default_out_changes_nothing(tmp_path: Path) -> None:
    short = tmp_path / "config.toml"
    short.write_text(
        'master_key = "env:COMPANION_MASTER_KEY"\n[shops.main]\nurl = "https://shop.example"\n'
        'consumer_key = "env:SHOP_KEY"\nconsumer_secret = "env:SHOP_SECRET"\n'
    )
    whole = tmp_path / "whole.toml"
    whole.write_text(render(), encoding="utf-8")
    assert msgspec.structs.replace(Config.load(whole, ENVIRON), path=short) == Config.load(short, ENVIRON)


def test_every_option_says_what_it_means() -> None:
    for where, section in sections().items():
        for option in values(section):
            assert option.meaning, f"{where}.{option.name}"
            assert option.meaning[0].isupper() or not option.meaning[0].isalpha() or ":" in option.meaning


def test_every_line_fits_a_screen() -> None:
    assert max(map(len, render().splitlines())) <= 120


def test_answers_stand_in_the_place_of_defaults() -> None:
    text = render({"": {"master_key": "file:k"}, "web": {"port": 9}}, shops={"s": {"url": "https://s.example"}})
    table = tomllib.loads(text)
    assert table["master_key"] == "file:k"
    assert table["web"]["port"] == 9
    assert table["shops"]["s"]["url"] == "https://s.example"
    assert list(table["shops"]) == ["s"]
