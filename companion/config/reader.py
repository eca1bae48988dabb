"""Reads a TOML table into frozen structs and collects every problem on the way, instead of stopping at the first.

It learns names, types, ranges and defaults from the structs themselves; it does not know which options exist.
"""

from __future__ import annotations

import re
import stat
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import UnionType
from typing import Annotated, Any, Literal, TypeVar, Union, get_args, get_origin

import msgspec
from msgspec import NODEFAULT, Meta
from msgspec.structs import FieldInfo, fields

from companion.config.values import MetaKeys, Secret, has_credentials, nearest


class Section(msgspec.Struct, frozen=True, kw_only=True):
    """What all sections of a configuration share: they never change, and every field is named."""

    @staticmethod
    def disagreements(table: Mapping[str, Any]) -> list[str]:  # noqa: ARG004 — most sections have none
        """What is right option by option and wrong together, as `OPTION: SENTENCE`; the table is as it was written."""
        return []


AnySection = TypeVar("AnySection", bound=Section)

SHOP_KEY = re.compile(r"[a-z0-9]([a-z0-9-]{0,30}[a-z0-9])?")
_KIND_WORDS: Mapping[Any, str] = {
    int: "a whole number",
    float: "a number",
    bool: "true or false",
    str: "a text in quotes",
    list[str]: "a list of texts in quotes",
    MetaKeys: 'keys with their labels, such as {billing_national_id = {fa = "کد ملی", en = "National id"}}',
}
_READABLE_BY_OTHERS = stat.S_IRGRP | stat.S_IROTH | stat.S_IWGRP | stat.S_IWOTH


@dataclass(frozen=True)
class Option:
    """One option as its struct declares it."""

    name: str
    kind: Any
    """The bare type: str, int, float, bool, Secret, a Literal, a struct, or tuple of structs."""
    annotation: Any
    default: Any
    """`NODEFAULT` when the option must be given."""
    meaning: str
    example: str
    """What an example file shows where there is no default."""
    least: float | None
    most: float | None
    check: Callable[[str], str | None] | None
    may_be_clear: bool

    @property
    def is_required(self) -> bool:
        """Whether a file without this option is wrong."""
        return self.default is NODEFAULT

    @property
    def is_secret(self) -> bool:
        """Whether the value comes as `env:NAME` or `file:PATH`."""
        return self.kind is Secret

    @property
    def is_section(self) -> bool:
        """Whether the value is a table of options."""
        return isinstance(self.kind, type) and issubclass(self.kind, Section)

    @property
    def is_many(self) -> bool:
        """Whether the value is one table for each key."""
        return get_origin(self.kind) is tuple

    @property
    def expectation(self) -> str:
        """What a right value looks like, as the end of `must be …`."""
        if get_origin(self.kind) is Literal:
            return "one of " + ", ".join(f'"{word}"' for word in get_args(self.kind))
        words = _KIND_WORDS.get(self.kind, "a text in quotes")
        if self.least is not None and self.most is not None:
            return f"{words} from {self.reach}"
        return words

    @property
    def reach(self) -> str:
        """`LEAST to MOST`, or nothing for an option without a range."""
        if self.least is None or self.most is None:
            return ""
        return f"{_plain(self.least)} to {_plain(self.most)}"


def options_of(section: type[Section]) -> list[Option]:
    """The options a struct declares, in its order; nested structs and tables of them included as one option each."""
    return [_option(declared) for declared in fields(section)]


def _option(declared: FieldInfo) -> Option:
    kind, metas = _unwrapped(declared.type)
    default = declared.default
    if default is NODEFAULT and declared.default_factory is not NODEFAULT:
        default = declared.default_factory()
    extra: dict[str, Any] = {}
    for meta in metas:
        extra |= meta.extra or {}
    return Option(
        name=declared.name,
        kind=kind,
        annotation=declared.type,
        default=default,
        meaning=next((meta.description for meta in metas if meta.description), ""),
        example=next((meta.examples[0] for meta in metas if meta.examples), ""),
        least=next((meta.ge for meta in metas if meta.ge is not None), None),
        most=next((meta.le for meta in metas if meta.le is not None), None),
        check=extra.get("check"),
        may_be_clear=bool(extra.get("may_be_clear")),
    )


def _unwrapped(annotation: Any) -> tuple[Any, list[Meta]]:
    """A type without its `Annotated[…]` and `| None` wrappings, and what those said."""
    metas: list[Meta] = []
    if get_origin(annotation) is Annotated:
        inner, *said = get_args(annotation)
        kind, metas = _unwrapped(inner)
        return kind, metas + [meta for meta in said if isinstance(meta, Meta)]
    if get_origin(annotation) in {Union, UnionType}:
        (inner,) = [part for part in get_args(annotation) if part is not type(None)]
        return _unwrapped(inner)
    return annotation, metas


@dataclass
class Reader:
    """Reads tables; `problems` and `warnings` grow as it goes. Relative paths are taken from `folder`."""

    folder: Path
    environ: Mapping[str, str]
    problems: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    def section(self, kind: type[AnySection], table: object, where: str, **given: Any) -> AnySection | None:
        """The struct that a table describes, or None when something in it is wrong (and now among the problems).

        `given` are fields that come from elsewhere than the table, such as a shop's key.
        """
        if not isinstance(table, dict):
            self.problems.append(f"[{where}]: must be a table of options")
            return None
        before = len(self.problems)
        self.problems += [f"{_path(where, problem)}" for problem in kind.disagreements(table)]
        options = {option.name: option for option in options_of(kind) if option.name not in given}
        for name in table:
            if name not in options:
                self.problems.append(f"{_path(where, name)}: there is no such option{nearest(name, list(options))}")
        values: dict[str, Any] = dict(given)
        for option in options.values():
            value = self._value(option, table, _path(where, option.name))
            if value is not NODEFAULT:
                values[option.name] = value
        return kind(**values) if len(self.problems) == before else None

    def _value(self, option: Option, table: dict[str, Any], where: str) -> Any:
        """The value of one option; NODEFAULT where the struct's own default holds or a problem was found."""
        if option.is_many:
            return self._sections_by_key(get_args(option.kind)[0], table.get(option.name, {}), where)
        if option.is_section:
            return self.section(option.kind, table.get(option.name, {}), where)
        if option.name not in table:
            if option.is_required:
                self.problems.append(f"{where}: is missing ({option.meaning})")
            return NODEFAULT
        read = self._secret if option.is_secret else self._plain_value
        value = read(option, table[option.name], where)
        text = value.reveal() if isinstance(value, Secret) else value
        if value is not NODEFAULT and option.check and (wrong := option.check(text)):
            self.problems.append(f"{where}: {wrong}")
            return NODEFAULT
        return value

    def _plain_value(self, option: Option, value: object, where: str) -> Any:
        try:
            return msgspec.convert(value, option.annotation)
        except msgspec.ValidationError:
            words = [word for word in get_args(option.kind) if isinstance(word, str)]
            hint = nearest(value, words) if isinstance(value, str) else ""
            self.problems.append(f"{where}: must be {option.expectation}, not {_shown(value)}{hint}")
            return NODEFAULT

    def _sections_by_key(self, kind: type[Section], tables: object, where: str) -> tuple[Section, ...]:
        if not isinstance(tables, dict):
            self.problems.append(f"[{where}]: must be tables, one for each, such as [{where}.main]")
            return ()
        found = []
        for key, table in tables.items():
            if not SHOP_KEY.fullmatch(key):
                self.problems.append(f"[{where}.{key}]: a key is 1 to 32 of a-z, 0-9 and -, such as [{where}.main]")
                continue
            if (section := self.section(kind, table, f"{where}.{key}", key=key)) is not None:
                found.append(section)
        return tuple(found)

    def _secret(self, option: Option, value: object, where: str) -> Any:
        if value == "" and not option.is_required:
            return NODEFAULT
        text: str | None = None
        if isinstance(value, str) and value.startswith("env:"):
            text = self._from_environment(value.removeprefix("env:"), where)
        elif isinstance(value, str) and value.startswith("file:"):
            text = self._from_file(value.removeprefix("file:"), where)
        elif isinstance(value, str) and option.may_be_clear and not has_credentials(value):
            text = value
        else:
            why = "its password must not stand in this file" if option.may_be_clear else "a secret never stands here"
            self.problems.append(f'{where}: {why}: give it as "env:NAME" or "file:PATH"')
        return NODEFAULT if text is None else Secret(text)

    def _from_environment(self, name: str, where: str) -> str | None:
        if text := self.environ.get(name):
            return text
        state = "is empty" if name in self.environ else f"is not set{nearest(name, list(self.environ))}"
        self.problems.append(f"{where}: the environment variable {name} {state}")
        return None

    def _from_file(self, name: str, where: str) -> str | None:
        path = self.folder / name
        try:
            text = path.read_text(encoding="utf-8").strip()
            mode = path.stat().st_mode
        except FileNotFoundError:
            self.problems.append(f"{where}: the file {path} does not exist")
            return None
        except (OSError, UnicodeDecodeError) as error:
            reason = error.strerror if isinstance(error, OSError) else "it is not text"
            self.problems.append(f"{where}: the file {path} cannot be read: {reason}")
            return None
        if mode & _READABLE_BY_OTHERS:
            self.warnings.append(f"{where}: other users of this machine can open {path}: `chmod 600 {path}`")
        if not text:
            self.problems.append(f"{where}: the file {path} is empty")
            return None
        return text


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict | list):
        return "a table" if isinstance(value, dict) else "a list"
    return f'"{value}"' if isinstance(value, str) else str(value)


def _plain(number: float) -> str:
    return str(int(number)) if number == int(number) else str(number)


def _path(where: str, name: str) -> str:
    return f"{where}.{name}" if where else name
