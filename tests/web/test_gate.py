"""Signing in and out, and how long a session lives."""

from __future__ import annotations

import pytest

from companion.config import Web
from companion.web.pages.gate import local_path
from companion.web.session import ABSOLUTE, IDLE
from tests.web.house import PASSWORD, House


def test_who_is_not_signed_in_is_led_to_the_gate_and_back(house: House) -> None:
    house.agent("negar")
    visitor = house.visitor()
    refused = visitor.get("/customers/1?sort=oldest")
    assert refused.status_code == 303
    assert refused.location == "/sign-in?next=/customers/1?sort%3Doldest"
    entered = visitor.sign_in("negar", next="/customers/1?sort=oldest")
    assert entered.location == "/customers/1?sort=oldest"


def test_wrong_password_says_so_in_the_language_of_the_gate_and_keeps_the_name(house: House) -> None:
    house.agent("negar")
    answer = house.visitor().sign_in("negar", "wrong")
    assert answer.status_code == 401
    assert "نام کاربری یا گذرواژه درست نیست." in answer.text
    assert 'value="negar"' in answer.text
    assert "wrong" not in answer.text


def test_a_user_name_is_known_in_any_spelling(house: House) -> None:
    house.agent("Ali_۱۲")
    assert house.visitor().sign_in("ali_12").status_code == 303


def test_the_gate_changes_its_language_for_this_device(house: House) -> None:
    visitor = house.visitor()
    assert '<html lang="fa" dir="rtl">' in visitor.get("/sign-in").text
    visitor.post("/language", {"language": "en"})
    assert '<html lang="en" dir="ltr">' in visitor.get("/sign-in").text
    visitor.post("/language", {"language": "klingon"})
    assert '<html lang="en" dir="ltr">' in visitor.get("/sign-in").text


def test_an_idle_session_ends(house: House) -> None:
    visitor = house.signed_in()
    house.clock.advance(IDLE.total_seconds() - 60)
    assert visitor.get("/").status_code == 200
    house.clock.advance(IDLE.total_seconds() - 60)
    assert visitor.get("/").status_code == 200, "being used keeps it alive"
    house.clock.advance(IDLE.total_seconds())
    assert visitor.get("/").status_code == 303


def test_a_busy_session_ends_too(house: House) -> None:
    visitor = house.signed_in()
    for _ in range(int(ABSOLUTE / IDLE) * 2):
        house.clock.advance(IDLE.total_seconds() / 2)
        last = visitor.get("/")
    assert last.status_code == 303


def test_a_new_password_ends_every_session(house: House) -> None:
    visitor = house.signed_in("negar")
    agent = house.users.list()[0]
    house.users.set_password(agent.id, PASSWORD + " and more")
    assert visitor.get("/").status_code == 303


def test_signing_out_ends_the_session(house: House) -> None:
    visitor = house.signed_in()
    assert visitor.post("/sign-out").location == "/sign-in"
    assert visitor.get("/").status_code == 303


def test_signing_in_forgets_whatever_session_was_planted(house: House) -> None:
    house.agent("negar")
    visitor = house.visitor()
    before = visitor.token()
    visitor.sign_in("negar")
    refused = visitor.client.post("/preferences", data={"csrf_token": before, "language": "en"})
    assert refused.status_code == 400


def test_the_session_cookie_is_out_of_reach_of_scripts_and_of_plain_http(house: House) -> None:
    house.adapt(web=Web(public_url="https://companion.example"))
    house.agent("negar")
    visitor = house.visitor()
    base = "https://companion.example"
    page = visitor.client.get("/sign-in", base_url=base).text
    token = page.split('id="csrf-token" content="')[1].split('"')[0]
    answer = visitor.client.post(
        "/sign-in",
        base_url=base,
        data={"username": "negar", "password": PASSWORD, "csrf_token": token},
        headers={"Referer": f"{base}/sign-in"},
    )
    cookie = answer.headers["Set-Cookie"]
    assert answer.status_code == 303
    assert all(word in cookie for word in ("Secure", "HttpOnly", "SameSite=Lax", "Path=/"))


@pytest.mark.parametrize(
    "address",
    [
        "https://evil.example/",
        "//evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "javascript:alert(1)",
        "/\t/evil.example",
        "",
        "evil",
    ],
)
def test_nobody_is_led_elsewhere_by_the_gate(house: House, address: str) -> None:
    with house.app.test_request_context():
        assert local_path(address) == "/"


def test_a_page_that_was_asked_for_may_have_persian_in_its_address(house: House) -> None:
    with house.app.test_request_context():
        assert local_path("/search?q=مریم") == "/search?q=مریم"
