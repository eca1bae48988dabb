"""Who answers a query better than whom, by the folded texts of the index alone."""

from __future__ import annotations

import pytest

from companion.domain import likeness, query
from companion.domain.likeness import Likeness
from companion.domain.searchable import account_text


def text(first: str, last: str, *, email: str = "") -> str:
    empty = dict.fromkeys(("username", "phone", "company"), "")
    return account_text(first_name=first, last_name=last, email=email, billing={}, shipping={}, **empty)


@pytest.mark.parametrize(
    ("typed", "names", "level"),
    [
        ("احمدی مریم", ("مریم", "احمدی"), Likeness.FULL_NAME),
        ("احمدی", ("مریم", "احمدی"), Likeness.WHOLE),
        ("احم", ("مریم", "احمدی"), Likeness.BEGINNING),
        ("حمدی", ("مریم", "احمدی"), Likeness.PART),
        ("مریماحمدی", ("مریم", "احمدی"), Likeness.WHOLE),
        ("رضاکریمی", ("علیرضا", "کریمی"), Likeness.ACROSS),
        ("یماح", ("مریم", "احمدی"), Likeness.ACROSS),
    ],
)
def test_what_is_held_within_one_word_tells_more_than_what_two_hold_where_they_meet(
    typed: str, names: tuple[str, str], level: Likeness
) -> None:
    rank = likeness.of_person(text(*names), query.read(typed))
    assert rank is not None
    assert rank[0] == level


def test_a_part_that_stands_in_an_e_mail_too_is_a_part() -> None:
    rank = likeness.of_person(text("ali", "reza", email="xalireza@mail.example"), query.read("lireza"))
    assert rank == (Likeness.PART, 0)


def test_a_name_that_sounds_just_so_stands_before_one_that_only_begins_so() -> None:
    asked = query.read("کریمی").words
    assert likeness.by_sound(text("sara", "karimi"), asked) == (Likeness.SOUND, 0)
    assert likeness.by_sound(text("sara", "karamian"), asked)[0] == Likeness.SOUND_BEGUN


def test_one_slip_stands_before_what_only_begins_to_sound_alike_and_that_before_two() -> None:
    one = likeness.by_slips(text("سارا", "کریمی"), ["کریمس"], {"کریمس": {"کریمی": 1}})
    two = likeness.by_slips(text("سارا", "سلیمانی"), ["سلینامی"], {"سلینامی": {"سلیمانی": 2}})
    begun = likeness.by_sound(text("sara", "karimzadeh"), ["کریمی"])
    assert one is not None
    assert two is not None
    assert one < begun < two
