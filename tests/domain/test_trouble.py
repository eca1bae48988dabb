"""Failures are recognised by what connectors really say."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from companion.domain.trouble import PHRASES, Trouble, trouble_of
from connectors.faults import translated

ROOT = Path(__file__).parents[2]
SPEAKERS = (*(ROOT / "connectors").rglob("*.py"), *(ROOT / "companion" / "sync").glob("*.py"))
# What stands on two lines of a module is one sentence when it is raised.
SAID = re.sub(r'"\s*f?"', "", "\n".join(path.read_text(encoding="utf-8") for path in SPEAKERS))


@pytest.mark.parametrize("phrase", [phrase for phrase, _ in PHRASES])
def test_every_phrase_is_said(phrase: str) -> None:
    assert phrase in SAID


def test_the_wire_is_told_from_the_key() -> None:
    refused = translated(ConnectionRefusedError(), "https://shop.example/wp-json", is_write=False)
    assert trouble_of(str(refused)) is Trouble.UNREACHABLE
    assert trouble_of("the key may only read: Sorry (woocommerce_rest_authentication_error)") is Trouble.RIGHTS
    assert trouble_of("the shop rejects the key: nein (x)") is Trouble.CREDENTIALS


def test_a_shop_that_is_left_alone_keeps_the_reason() -> None:
    assert trouble_of("the shop is left alone for a while: it answers 503") is Trouble.BREAKS
    assert trouble_of("the shop is left alone for a while: shop.example took too long to answer") is Trouble.SLOW


def test_what_nobody_foresaw_is_other() -> None:
    assert trouble_of("the moon is in the way") is Trouble.OTHER
    assert {trouble for _, trouble in PHRASES} == set(Trouble) - {Trouble.OTHER}
