"""The documents name what there is, and nothing that there is not."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

import connectors.errors
import storage.errors
from companion.cli import main
from companion.config.options import Options, Shop
from companion.config.reader import Section, options_of

ROOT = Path(__file__).parent.parent
DOCS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
OPERATIONS = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")


def commands(group: click.Group = main, prefix: str = "companion") -> Iterator[tuple[str, click.Command]]:
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from commands(command, f"{prefix} {name}")
        else:
            yield f"{prefix} {name}", command


def test_every_command_is_in_the_documents() -> None:
    assert [name for name, _ in commands() if not re.search(rf"\| `{name}\b", OPERATIONS)] == []


def test_every_command_in_the_documents_exists() -> None:
    known = {name for name, _ in commands()} | {"companion users"}
    for document in DOCS:
        text = document.read_text(encoding="utf-8")
        typed = re.findall(r"`(companion(?: [a-z][a-z-]*)+)", text)
        for block in re.findall(r"(?ms)^```sh\n(.*?)^```", text):
            typed += re.findall(r"(?m)^(companion(?: [a-z][a-z-]*)+)", block)
        for words in typed:
            assert any(words == name or words.startswith(f"{name} ") for name in known), f"{document.name}: {words}"


def test_every_long_option_in_the_documents_exists() -> None:
    known = {"--config", "--debug", "--help", "--version"}
    for _, command in commands():
        known |= {name for parameter in command.params for name in parameter.opts}
    for line in re.findall(r"(?m)^(?:\| `)?companion [a-z].*(?:\\\n.*)*$", OPERATIONS):
        assert set(re.findall(r"(?<=[ `])--[a-z-]+", line)) <= known, line


def test_every_command_explains_itself() -> None:
    for name, command in commands():
        assert command.help, name
        assert len(command.get_short_help_str(200)) <= 45, f"{name}: click would cut it in the list"


@pytest.mark.parametrize(
    "section", ["", *[option.name for option in options_of(Options) if option.is_section], "shops.KEY"]
)
def test_every_option_is_in_the_documents(section: str) -> None:
    kinds: dict[str, type[Section]] = {"": Options, "shops.KEY": Shop}
    kinds |= {option.name: option.kind for option in options_of(Options) if option.is_section}
    row = next(
        line for line in OPERATIONS.splitlines() if line.startswith(f"| `[{section}]`" if section else "| (top)")
    )
    options = {option.name for option in options_of(kinds[section]) if not (option.is_section or option.is_many)} - {
        "key"
    }
    assert set(re.findall(r"`([a-z_]+)`", row)) == options


@pytest.mark.parametrize("module", [connectors.errors, storage.errors])
def test_every_error_that_people_meet_is_in_the_documents(module: object) -> None:
    inner = {"ConnectorError", "StorageError", "TryAgain", "Duplicate", "Violation"}  # bases, and what only code meets
    errors = {name for name, kind in vars(module).items() if isinstance(kind, type) and issubclass(kind, Exception)}
    assert {name for name in errors - inner if f"**{name}**" not in OPERATIONS} == set()
    assert "**ConfigError**" in OPERATIONS


def test_every_make_target_in_the_documents_exists() -> None:
    targets = set(re.findall(r"(?m)^([a-z-]+):", (ROOT / "Makefile").read_text()))
    for document in DOCS:
        text = document.read_text(encoding="utf-8")
        named = set(re.findall(r"(?m)(?:`|^)make ([a-z-]+)", text))
        assert named <= targets, document.name


def test_every_file_in_the_documents_exists() -> None:
    for document in DOCS:
        for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", document.read_text(encoding="utf-8")):
            assert (document.parent / target).exists(), f"{document.name}: {target}"


def test_every_place_within_a_document_exists() -> None:
    for document in DOCS:
        text = document.read_text(encoding="utf-8")
        headings = {
            re.sub(r"[^\w -]", "", heading).strip().casefold().replace(" ", "-")
            for heading in re.findall(r"(?m)^#+ (.+)$", text)
        }
        for place in re.findall(r"\]\(#([^)]+)\)", text):
            assert place in headings, f"{document.name}: #{place}"


def test_make_help_names_every_target() -> None:
    shown = subprocess.run(["make", "-s", "help"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    phony = re.search(r"(?m)^\.PHONY: (.+)$", (ROOT / "Makefile").read_text())
    assert phony
    assert all(f"make {target} " in shown for target in phony[1].split())
