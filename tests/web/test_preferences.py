"""Language, calendar and theme."""

from __future__ import annotations

from tests.web.house import House


def test_language_and_calendar_follow_the_agent_and_the_theme_stays_on_the_device(house: House) -> None:
    visitor = house.signed_in(language="fa")
    answer = visitor.post("/preferences", {"language": "en", "calendar": "gregorian", "theme": "dark"})
    assert answer.status_code == 303
    page = visitor.get("/preferences").text
    assert '<html lang="en" dir="ltr">' in page
    assert '<meta name="color-scheme" content="dark">' in page
    assert "Your preferences are saved." in page
    elsewhere = house.visitor()
    elsewhere.sign_in("negar")
    page = elsewhere.get("/preferences").text
    assert '<html lang="en" dir="ltr">' in page
    assert '<meta name="color-scheme" content="light dark">' in page


def test_a_theme_links_only_the_sheets_it_needs(house: House) -> None:
    visitor = house.signed_in()
    assert 'media="(prefers-color-scheme: dark)"' in visitor.get("/").text
    visitor.post("/preferences", {"language": "en", "calendar": "jalali", "theme": "light"})
    assert "dark.css" not in visitor.get("/").text
    visitor.post("/preferences", {"language": "en", "calendar": "jalali", "theme": "dark"})
    assert 'media="all"' in visitor.get("/").text


def test_a_language_that_is_not_spoken_here_is_refused(house: House) -> None:
    answer = house.signed_in().post("/preferences", {"language": "klingon", "calendar": "jalali"})
    assert answer.status_code == 422
    assert "There is no such language here." in answer.text
