"""What is logged while a request is answered can be found by its id, and belongs to no other."""

from __future__ import annotations

import pytest
import structlog

from tests.web.house import House


@pytest.fixture
def ids(house: House) -> list[str]:
    """The id of each request to /ready, as a log event made in it would carry it."""
    seen: list[str] = []
    house.adapt(ready=lambda: seen.append(structlog.contextvars.get_contextvars()["request_id"]))
    return seen


def test_each_request_has_an_id_of_its_own(house: House, ids: list[str]) -> None:
    visitor = house.visitor()
    for _ in range(3):
        visitor.client.get("/ready")
    assert len(set(ids)) == 3


def test_the_id_of_the_server_in_front_is_kept(house: House, ids: list[str]) -> None:
    house.visitor().client.get("/ready", headers={"X-Request-Id": "proxy-0123456789"})
    assert ids == ["proxy-0123456789"]


def test_what_does_not_look_like_an_id_is_not_taken(house: House, ids: list[str]) -> None:
    house.visitor().client.get("/ready", headers={"X-Request-Id": "level=critical password=x"})
    assert "level" not in ids[0]


def test_a_refused_request_begins_anew_too(house: House, ids: list[str]) -> None:
    visitor = house.visitor()
    visitor.client.get("/ready", headers={"X-Request-Id": "the-first-one"})
    assert visitor.client.post("/sign-in", headers={"X-Request-Id": "the-second-one"}).status_code == 400
    assert structlog.contextvars.get_contextvars()["request_id"] == "the-second-one"
