from __future__ import annotations

import pickle
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from companion.config import Secret
from companion.secrets import PREVIOUS_IS_GOOD_FOR, Remembered, Rotation, Secrets, derive
from storage.errors import Locked

MASTER_KEY = Secret("0123456789abcdef0123456789abcdef")
NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)


def test_secret_is_the_same_each_time() -> None:
    assert derive(MASTER_KEY, "webhook", "main", 1) == derive(MASTER_KEY, "webhook", "main", 1)


def test_derivation_never_changes_between_releases() -> None:
    """A changed derivation would silently invalidate the webhooks of every installation."""
    assert derive(MASTER_KEY, "webhook", "main", 1) == "qoVNpxNt9VQ0fQIVGo81Qr5OVskPgblTXNKwJHZZfT0"


@pytest.mark.parametrize(
    "other",
    [
        derive(MASTER_KEY, "bridge", "main", 1),
        derive(MASTER_KEY, "webhook", "other", 1),
        derive(MASTER_KEY, "webhook", "main", 2),
        derive(Secret("another key, just as long as that one"), "webhook", "main", 1),
    ],
)
def test_each_part_of_the_context_makes_another_secret(other: str) -> None:
    assert other != derive(MASTER_KEY, "webhook", "main", 1)


@given(st.text(min_size=1), st.text(), st.integers(1, 1000))
def test_secrets_are_43_letters_and_digits(key: str, shop: str, generation: int) -> None:
    secret = derive(
        Secret(key.encode("utf-8", "replace").decode()), "webhook", shop.encode("utf-8", "replace").decode(), generation
    )
    assert len(secret) == 43
    assert secret.isascii()
    assert secret.isalnum()


def test_unrotated_shop_takes_the_one_secret_and_what_another_process_may_have_put_in_force() -> None:
    secrets = Secrets(MASTER_KEY)
    assert secrets.webhook_secret("main") == derive(MASTER_KEY, "webhook", "main", 1)
    assert secrets.webhook_secrets("main", NOW) == tuple(derive(MASTER_KEY, "webhook", "main", n) for n in (1, 2))


def test_previous_secret_is_good_until_48_hours_after_rotation() -> None:
    secrets = Secrets(MASTER_KEY, lambda _shop: Rotation(2, NOW))
    previous, current, coming = (derive(MASTER_KEY, "webhook", "main", generation) for generation in (1, 2, 3))
    assert secrets.webhook_secret("main") == current
    assert secrets.webhook_secrets("main", NOW) == (current, previous, coming)
    last_moment = NOW + PREVIOUS_IS_GOOD_FOR - timedelta(seconds=1)
    assert secrets.webhook_secrets("main", last_moment) == (current, previous, coming)
    assert secrets.webhook_secrets("main", NOW + PREVIOUS_IS_GOOD_FOR) == (current, coming)


def test_rotation_is_asked_for_every_two_seconds_and_remembered_while_the_store_is_away() -> None:
    at, asked = [0.0], list[str]()
    answers: list[Rotation | Locked] = [Rotation(1), Rotation(2, NOW), Locked("away")]

    def ask(shop: str) -> Rotation:
        asked.append(shop)
        if isinstance(answer := answers[len(asked) - 1], Rotation):
            return answer
        raise answer

    rotation = Remembered(ask, now=lambda: at[0])
    for moment, generation in ((0.0, 1), (1.9, 1), (2.0, 2), (3.9, 2), (4.0, 2)):
        at[0] = moment
        assert rotation("main").generation == generation
    assert asked == ["main"] * 3


def test_rotation_that_was_never_known_is_not_guessed() -> None:
    def ask(_shop: str) -> Rotation:
        raise Locked("away")

    with pytest.raises(Locked):
        Remembered(ask)("main")


def test_bridge_and_webhook_secrets_differ() -> None:
    secrets = Secrets(MASTER_KEY)
    assert set(secrets.bridge_secrets("main", NOW)).isdisjoint(secrets.webhook_secrets("main", NOW))
    assert secrets.session_key() not in secrets.webhook_secrets("", NOW)


def test_a_secret_shows_itself_only_when_revealed() -> None:
    secret = Secret("cs_1234567890")
    assert secret.reveal() == "cs_1234567890"
    for shown in (repr(secret), str(secret), f"{secret}", f"{secret!r:>20}", repr([secret])):
        assert "1234567890" not in shown


def test_a_secret_is_never_pickled() -> None:
    with pytest.raises(TypeError, match="never pickled"):
        pickle.dumps(Secret("x"))


def test_secrets_compare_by_their_text() -> None:
    assert Secret("a") == Secret("a")
    assert Secret("a") != Secret("b")
    assert Secret("a") != "a"
    assert len({Secret("a"), Secret("a")}) == 1
    assert not Secret("")
