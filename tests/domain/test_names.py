from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from companion.domain.names import compare, is_one_word, name_words, skeleton
from companion.domain.sounds import alike
from companion.domain.text import fold

PAIRS = [
    ("احسان", "ehsan"), ("رضایی", "rezaei"), ("رضا", "reza"), ("علی", "ali"), ("لیلا", "leila"), ("مجتبی", "mojtaba"),
    ("محمد", "mohammad"), ("محمد", "mohamad"), ("فاطمه", "fatemeh"), ("فاطمه", "fateme"), ("خدیجه", "khadijeh"),
    ("نوید", "navid"), ("وحید", "vahid"), ("یاسر", "yaser"), ("امید", "omid"), ("مهشید", "mahshid"),
    ("نژاد", "nezhad"), ("نژاد", "nejad"), ("قاسم", "ghasem"), ("قاسم", "qasem"), ("چراغی", "cheraghi"),
    ("موسوی", "mousavi"), ("شیرین", "shirin"), ("ژاله", "jaleh"), ("كريمي", "karimi"), ("عباس", "abbas"),
]  # fmt: skip

names = st.lists(st.sampled_from([word for pair in PAIRS for word in pair]), min_size=0, max_size=3)


@pytest.mark.parametrize(("persian", "latin"), PAIRS)
def test_a_name_is_known_in_both_scripts(persian: str, latin: str) -> None:
    assert is_one_word(fold(persian), latin)


@pytest.mark.parametrize(
    ("one", "other"), [("علی", "leila"), ("احسان", "hossein"), ("رضا", "rezaei"), ("مریم", "maral"), ("مینا", "مونا")]
)
def test_other_names_are_told_apart(one: str, other: str) -> None:
    assert not is_one_word(fold(one), fold(other))


@pytest.mark.parametrize(
    ("one", "other", "said"),
    [
        (("مریم", "احمدی"), ("Ahmadi", "Maryam"), "same"),
        (("مریم", "احمدی"), ("مریم", "احمدي"), "same"),
        (("محمد رضا", "کریمی"), ("محمدرضا", "کریمی"), "same"),
        (("سید علی", "موسوی"), ("علی", "موسوی"), "same"),
        (("مریم", "احمدی"), ("خانم احمدی", ""), "compatible"),
        (("مریم", "احمدی"), ("زهرا", "احمدی"), "different"),  # a family
        (("مریم", "احمدی"), ("", ""), "unknown"),
        (("Mohammad", "Karimi"), ("Mohamad", "Karimi"), "same"),
        (("محمدرضا", "کریمی"), ("Mohammad Reza", "Karimi"), "same"),
        (("مریم", "احمدی"), ("مریم", "احمدی‌نژاد"), "same"),
        (("مریم", "احمدی"), ("مریم", "احممدی"), "same"),  # a letter twice is no name
        (("مریم", "کریمی"), ("مریم", "کریمل"), "slipped"),
        (("شهرام", "کریمی"), ("بهرام", "کریمی"), "near"),  # brothers, or a slip
        (("محمد", "کریمی"), ("محمد رضا", "کریمی"), "compatible"),  # brothers, or half of his name
        (("محمد", "کریمی"), ("محمد برنا", "کریمی"), "compatible"),
        (("کریمی", "محمد"), ("کریمی", "محمد امین"), "compatible"),
        (("", "کریمی راد"), ("مریم", "کریمی راد"), "compatible"),  # a last name of two words is no whole name
        (("", "کریمی راد"), ("مریم", "کریمیراد"), "compatible"),
        (("محمد رضا", "کریمی‌راد"), ("محمدرضا", "کریمی راد"), "same"),
        (("محمد", "کریمی"), ("Mahmoud", "Karimi"), "near"),
    ],
)
def test_whole_names_agree_as_people_would_say(one: tuple[str, str], other: tuple[str, str], said: str) -> None:
    assert compare(name_words(*one), name_words(*other)) == said


@pytest.mark.parametrize(
    ("one", "other", "said"),
    [
        ("Hamid", "حامد", "near"), ("Hamed", "حمید", "near"), ("Hamed", "حامد", "same"),
        ("Farid", "فریده", "different"), ("Farid", "Farideh", "different"), ("Amin", "ایمان", "different"),
        ("Iman", "امین", "different"),
        ("Zahra", "زهره", "near"), ("Shiva", "شیوا", "same"), ("Mina", "مونا", "different"), ("شهناز", "مهناز", "near"),
        ("نگرس", "نرگس", "same"), ("Hossein", "Hussain", "same"), ("Hamed", "Hamid", "near"),
        ("محمد", "Mahmood", "near"), ("محمد", "Mahmud", "near"), ("محمود", "Mahmud", "same"),
        ("محمد", "Muhammad", "same"), ("Mohammad", "Mahmoud", "near"), ("پویا", "Pouya", "same"),
    ],
)  # fmt: skip
def test_names_of_brothers_and_sisters_are_never_taken_for_spellings_of_one(one: str, other: str, said: str) -> None:
    assert alike(fold(one), fold(other)) == alike(fold(other), fold(one)) == said


@given(names, names)
def test_agreement_has_no_direction(one: list[str], other: list[str]) -> None:
    assert compare(name_words(*one), name_words(*other)) == compare(name_words(*other), name_words(*one))


@given(names)
def test_the_order_of_a_name_counts_for_nothing(one: list[str]) -> None:
    assert compare(name_words(*one), name_words(*reversed(one))) in {"same", "compatible", "unknown"}


@given(st.text())
def test_a_skeleton_is_made_of_anything(text: str) -> None:
    for word in fold(text).split():
        assert skeleton(word).isascii()
