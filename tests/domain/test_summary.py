"""The line that stands on orders."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from companion.domain.summary import SUMMARY_LIMIT, LatestNote, SummaryStyle, summarise

TEHRAN = ZoneInfo("Asia/Tehran")
FA = SummaryStyle("fa", "jalali", TEHRAN)
EN = SummaryStyle("en", "gregorian", TEHRAN)
WHEN = datetime(2026, 11, 21, 10, 35, tzinfo=UTC)


def note(text: str = "منتظر تماس است", *, how_many: int = 3, author: str = "مینا") -> LatestNote:
    return LatestNote(WHEN, author, "تماس", "Call", text, how_many)


def test_it_reads_as_a_persian_line() -> None:
    assert summarise(note(), FA) == "۱۴۰۵/۰۸/۳۰ ۱۴:۰۵ · مینا · تماس: منتظر تماس است (۳ یادداشت)"


def test_it_reads_as_an_english_line() -> None:
    assert (
        summarise(note("Wants a call", author="Mina", how_many=1), EN)
        == "2026-11-21 14:05 · Mina · Call: Wants a call (1 note)"
    )


def test_several_lines_become_one() -> None:
    assert "a b c" in summarise(note("a\nb\r\n\u2028c"), EN)


def test_direction_overrides_are_taken_out() -> None:
    assert "\u202e" not in summarise(note("abc\u202edef"), EN)


def test_a_long_text_is_cut_and_the_count_stays() -> None:
    line = summarise(note("ب" * 5000), FA)
    assert len(line) == SUMMARY_LIMIT
    assert line.endswith("… (۳ یادداشت)")


@given(st.text(), st.text(), st.integers(1, 10**6))
def test_it_is_one_short_line_whatever_the_note(text: str, author: str, how_many: int) -> None:
    line = summarise(note(text, author=author, how_many=how_many), FA)
    assert len(line) <= SUMMARY_LIMIT
    assert not set(line) & set("\n\r\t\x00\u2028\u2029")
    assert line == summarise(note(text, author=author, how_many=how_many), FA)
