"""Persian and English are equal on every message a person sees."""

from __future__ import annotations

import ast
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from companion.web import wording
from tools import assets

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = sorted((ROOT / "companion" / "web" / "templates").rglob("*.html"))
SERVICES = sorted((ROOT / "companion" / "services").glob("*.py"))
ERRORS = {"NotFound", "Forbidden", "Invalid", "Conflict", "TooMany", "ServiceError"}

# Words of the glossary that are written with a half-space, and how hurried hands write them.
HALF_SPACED = re.compile(
    r"یادداشت (?:ها|های)\b|سفارش (?:ها|های)\b|پیش نویس|زباله دان|به روز|حمل و نقل|تکمیل شده|لغو شده|همگام سازی"
    r"|(?<!\w)(?:می|نمی) (?=\w)|تازه کار|چالش برانگیز|شماره ها\b|حساب ها\b|آدرس ها\b"
)


def _forms(text: object) -> tuple[str, ...]:
    """A message's id or string as its forms: one, or singular and plural."""
    return (text,) if isinstance(text, str) else tuple(text) if isinstance(text, (tuple, list)) else ()


def _catalogue() -> dict[tuple[str, ...], tuple[str, ...]]:
    with assets.CATALOGUE.open("rb") as file:
        return {_forms(message.id): _forms(message.string) for message in read_po(file, locale="fa") if message.id}


def _translations() -> list[str]:
    return [text for strings in _catalogue().values() for text in strings]


def test_every_sentence_has_its_persian() -> None:
    said = {_forms(message.id) for message in assets.collect() if message.id}
    translated = {sentence for sentence, strings in _catalogue().items() if strings and all(strings)}
    assert said - translated == set(), "run `python tools/assets.py extract`, then translate"
    assert translated - said == set(), "run `python tools/assets.py extract`: these are said nowhere"


def test_persian_is_written_with_persian_letters_and_half_spaces() -> None:
    for text in _translations():
        assert not re.search("[يكىة٠-٩]", text), text
        assert not HALF_SPACED.search(text), text
        assert not re.search(r"[A-Za-z]", re.sub(r"%\(\w+\)s|\b(?:CSV|JSON)\b", "", text)), text


def test_a_translation_has_the_gaps_of_its_sentence() -> None:
    for sentences, strings in _catalogue().items():
        wanted = set(re.findall(r"%\((\w+)\)s", sentences[-1]))
        for text in strings:
            assert set(re.findall(r"%\((\w+)\)s", text)) == wanted, text


@pytest.mark.parametrize(
    ("english", "persian"),
    [
        ("Internal note", "یادداشت محرمانه"),
        ("Latest note", "آخرین یادداشت"),
        ("Edit conflict", "تداخل ویرایش"),
        ("Edit history", "تاریخچه ویرایش"),
        ("Timeline", "خط زمان"),
        ("Newest first", "جدیدترین"),
        ("Oldest first", "قدیمی‌ترین"),
        ("Load more", "نمایش بیشتر"),
        ("Undo", "واگرد"),
        ("Pending payment", "در انتظار پرداخت"),
        ("Completed", "تکمیل‌شده"),
        ("Refunded", "مستردشده"),
        ("On hold", "در انتظار بررسی"),
        ("Order note", "یادداشت سفارش"),
        ("to customer", "به خریدار"),
        ("Agent", "کارشناس"),
        ("Support supervisor", "سرپرست پشتیبانی"),
        ("Shipping address", "آدرس حمل‌ونقل"),
        ("Password", "گذرواژه"),
        ("last update", "آخرین به‌روزرسانی"),
        ("Backfill: %(done)s of %(total)s", "دریافت اولیه: %(done)s از %(total)s"),
    ],
)
def test_the_glossary_is_kept(english: str, persian: str) -> None:
    assert _catalogue()[(english,)] == (persian,)


class _BareText(HTMLParser):
    """Collects words that stand in a template outside a call."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_data(self, data: str) -> None:
        if re.search(r"[^\W\d_]", data):
            self.found.append(data.strip())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name in {"aria-label", "title", "placeholder", "alt"} and re.search(r"[^\W\d_]", value or ""):
                self.found.append(f"{name}={value}")


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
def test_templates_hold_no_bare_words(template: Path) -> None:
    text = re.sub(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}", "", template.read_text(), flags=re.DOTALL)
    parser = _BareText()
    parser.feed(text)
    assert parser.found == []


def test_every_error_of_the_services_has_its_sentence() -> None:
    codes = {"sign_in.failed"}
    for module in SERVICES:
        for node in ast.walk(ast.parse(module.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ERRORS and node.args:
                code = node.args[0]
                assert isinstance(code, ast.Constant), f"{module.name}: a code is a constant, so that it can be listed"
                assert isinstance(code.value, str)
                codes.add(code.value)
    assert codes - set(wording._ERRORS) == set()
