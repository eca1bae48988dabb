"""Every refusal is a page in the reader's language, or a notice above what stands, and loses nothing."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from companion.config import Installation, RateLimits
from companion.services.errors import TooMany
from companion.web import errors, wording
from companion.web.security import FORM_LIMIT
from storage.errors import Full, Locked
from tests.web.house import House

STATUSES = (400, 401, 403, 404, 409, 413, 429, 500, 503)


@pytest.mark.parametrize("language", ["fa", "en"])
@pytest.mark.parametrize("status", STATUSES)
def test_every_error_has_its_page_in_both_languages(house: House, status: int, language: str) -> None:
    house.adapt(installation=Installation(language="fa" if language == "fa" else "en"))
    with house.app.test_request_context():
        page = errors.answer(status).get_data(as_text=True)
    title, advice = wording._STATUSES[status]
    assert f'<html lang="{language}"' in page
    assert (f"<h1>{title}</h1>" in page) == (language == "en")
    assert (advice in page) == (language == "en")


def test_an_address_that_does_not_exist(house: House) -> None:
    answer = house.signed_in(language="fa").get("/nowhere")
    assert answer.status_code == 404
    assert "چیزی پیدا نشد" in answer.text


def test_a_form_without_its_token_is_refused_and_kept(house: House) -> None:
    customer = house.order()
    visitor = house.signed_in()
    answer = visitor.client.post(f"/customers/{customer}/notes", data={"body": "long story"})
    assert answer.status_code == 400
    assert "Press the button once more" in answer.text
    assert "long story" in answer.text


def test_a_form_that_is_too_large_is_refused(house: House) -> None:
    customer = house.order()
    answer = house.signed_in().post(f"/customers/{customer}/notes", {"body": "x" * (FORM_LIMIT + 1)})
    assert answer.status_code == 413
    assert "Too large" in answer.text


@pytest.mark.parametrize(
    ("failure", "status", "sentence", "retry_after"),
    [
        (lambda: Locked("held"), 503, "Please try again in a moment", "5"),
        (lambda: Full("no room"), 503, "no room left", None),
        (lambda: TooMany("sign_in.busy", retry_after=7), 429, "Many people are signing in", "7"),
        (lambda: ZeroDivisionError("secret words"), 500, "Tell the administrator this mark", None),
    ],
)
def test_what_breaks_below_becomes_an_answer(
    house: House,
    monkeypatch: pytest.MonkeyPatch,
    failure: Callable[[], Exception],
    status: int,
    sentence: str,
    retry_after: str | None,
) -> None:
    visitor = house.signed_in()

    def broken(*_args: object, **_named: object) -> None:
        raise failure()

    monkeypatch.setattr(house.customers, "recent", broken)
    answer = visitor.get("/")
    assert answer.status_code == status
    assert sentence in answer.text
    assert answer.headers.get("Retry-After") == retry_after
    assert "secret words" not in answer.text


def test_too_many_searches_are_told_when_to_go_on(house: House) -> None:
    house.adapt(limits=RateLimits(search="2/hour", sign_in="100/hour"))
    visitor = house.signed_in(language="fa")
    statuses = [visitor.get("/search?q=a", htmx=True).status_code for _ in range(3)]
    assert statuses == [200, 200, 429]
    answer = visitor.get("/search?q=a")
    assert 0 < int(answer.headers["Retry-After"]) <= 3601
    assert "کمی آهسته‌تر" in answer.text
    assert "ثانیه دیگر دوباره امتحان کنید" in answer.text
    assert house.signed_in("other").get("/search?q=a").status_code == 200, "each agent is counted alone"


def test_wrong_passwords_are_limited_by_address_and_by_name(house: House) -> None:
    house.adapt(limits=RateLimits(sign_in="3/hour"))
    house.agent("negar")
    visitor = house.visitor()
    tries = [visitor.sign_in(name, "wrong").status_code for name in ("negar", "NEGAR", "negar", "negar")]
    assert tries == [401, 401, 401, 429]
    elsewhere = house.visitor()
    elsewhere.client.environ_base["REMOTE_ADDR"] = "10.1.2.3"
    assert elsewhere.sign_in("negar", "wrong").status_code == 429, "the name is spent, wherever it is tried"
    assert elsewhere.sign_in("somebody", "wrong").status_code == 401


def test_signing_in_rightly_is_never_counted(house: House) -> None:
    house.adapt(limits=RateLimits(sign_in="2/hour"))
    house.agent("negar")
    assert [house.visitor().sign_in("negar").status_code for _ in range(4)] == [303] * 4


def test_writing_is_limited(house: House) -> None:
    house.adapt(limits=RateLimits(write="2/hour", sign_in="100/hour"))
    customer = house.order()
    visitor = house.signed_in()
    answers = [visitor.post(f"/customers/{customer}/notes", {"body": f"note {i}"}, htmx=True) for i in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert answers[2].headers["HX-Retarget"] == "#notices"
