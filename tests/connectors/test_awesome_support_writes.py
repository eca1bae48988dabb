"""What the helpdesk's source writes, and what it makes of the shop's echo."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from responses import RequestsMock

from connectors.awesome_support.parse import SUMMARY_KEY, parse_reply, parse_ticket, record_id
from connectors.base import WriteResult
from connectors.errors import ConnectorError, Missing, Permanent, Refused, Transient
from tests.connectors.helpdesks import CRASH, ME, SUPERVISOR, TICKET, TICKETS, helpdesk, play, requests_of, sent
from tests.connectors.recorded import as_php, exchange
from tests.connectors.shops import Reply, as_answer, in_turn


@pytest.fixture
def shop() -> Iterator[RequestsMock]:
    """A shop that knows our user."""
    with RequestsMock(assert_all_requests_are_fired=False) as mocked:
        mocked.get(ME, **as_answer(SUPERVISOR))
        yield mocked


def echo(ticket_id: int, meta: object) -> Reply:
    return 200, {}, as_php(TICKET | {"id": ticket_id, "meta": meta}).encode()


def put(shop: RequestsMock, **answers: Reply) -> None:
    for ticket, answer in answers.items():
        shop.add_callback("PUT", f"{TICKETS}/{ticket.removeprefix('t')}", in_turn(answer))


def outcomes(results: tuple[WriteResult, ...]) -> list[tuple[str, str]]:
    return [(r.id, r.error.code if isinstance(r.error, ConnectorError) else record_id(r.raw)) for r in results]


def test_summaries_are_written_one_by_one_and_nothing_else_is_sent(shop: RequestsMock) -> None:
    put(shop, t1=echo(1, {SUMMARY_KEY: "زهرا زنگ زد"}), t2=echo(2, {SUMMARY_KEY: ""}), t3=echo(3, {SUMMARY_KEY: None}))
    results = helpdesk().write_summaries({"1": "زهرا زنگ زد", "2": None, "3": None})
    assert outcomes(results) == [("1", "1"), ("2", "2"), ("3", "3")]
    assert parse_ticket(results[0].raw).summary == "زهرا زنگ زد"
    assert sent(shop) == [
        ("PUT", "/1", {"meta": {SUMMARY_KEY: "زهرا زنگ زد"}}),
        ("PUT", "/2", {"meta": {SUMMARY_KEY: None}}),
        ("PUT", "/3", {"meta": {SUMMARY_KEY: None}}),
    ]


@pytest.mark.parametrize(
    "name", ["d81_ticket_meta_registered_put", "d84_ticket_meta_registered_null", "d81_ticket_meta_support_put"]
)
@pytest.mark.parametrize("value", ["x", None])
def test_a_write_that_the_shop_ignored_is_told_and_the_rest_is_spared(
    shop: RequestsMock, name: str, value: str | None
) -> None:
    seen = play(shop, f"awesome-support/{name}")
    results = helpdesk().write_summaries({seen.url.rpartition("/")[2]: value, "7": "y"})
    assert outcomes(results) == [("356", "summary_not_kept"), ("7", "summary_not_kept")]
    assert len(sent(shop)) == 1


@pytest.mark.parametrize(("value", "stands"), [("new", "old"), (None, "old"), ("new", ""), ("new", None)])
def test_a_text_that_stands_otherwise_than_sent_is_told(
    shop: RequestsMock, value: str | None, stands: str | None
) -> None:
    put(shop, t1=echo(1, {SUMMARY_KEY: stands}), t2=echo(2, {SUMMARY_KEY: "z"}))
    assert outcomes(helpdesk().write_summaries({"1": value, "2": "z"})) == [("1", "summary_altered"), ("2", "2")]


def test_what_concerns_one_ticket_does_not_stop_the_others(shop: RequestsMock) -> None:
    missing = exchange("awesome-support/d11_ticket_missing")
    broken = as_php({"code": "internal", "message": "x"}).encode()
    put(
        shop,
        t1=(404, {}, missing.body),
        t2=(500, {}, broken),
        t3=(200, {}, b'{"id":3}'),
        t4=echo(4, {SUMMARY_KEY: "d"}),
    )
    results = helpdesk().write_summaries({"1": "a", "2": "b", "3": "c", "x": "x", "4": "d"})
    assert outcomes(results) == [
        ("1", "missing"),
        ("2", "server_error"),
        ("3", "untold"),
        ("x", "bad_id"),
        ("4", "4"),
    ]
    assert [type(result.error) for result in results[:4]] == [Missing, Transient, Transient, Permanent]


@pytest.mark.parametrize(
    ("answer", "kind", "code", "others"),
    [
        ((429, {"Retry-After": "30"}, b"{}"), Transient, "too_many_requests", "not_tried"),
        (CRASH, Transient, "not_json", "not_tried"),
        (
            (403, {}, as_php({"code": "rest_cannot_update", "message": "no"}).encode()),
            Refused,
            "missing_capability",
            "missing_capability",
        ),
    ],
)
def test_what_concerns_every_ticket_stops_at_the_first(
    shop: RequestsMock, answer: Reply, kind: type[ConnectorError], code: str, others: str
) -> None:
    put(shop, t1=echo(1, {SUMMARY_KEY: "a"}), t2=answer)
    results = helpdesk().write_summaries({"1": "a", "2": "b", "3": "c"})
    assert outcomes(results) == [("1", "1"), ("2", code), ("3", others)]
    assert isinstance(results[2].error, kind)
    with pytest.raises(kind) as error:
        helpdesk().write_summaries({"2": "b", "3": "c"})
    assert error.value.code == code
    if isinstance(error.value, Transient) and isinstance(results[2].error, Transient):
        assert results[2].error.retry_after == error.value.retry_after


def test_nothing_to_write_asks_nothing(shop: RequestsMock) -> None:
    assert helpdesk().write_summaries({}) == ()
    assert not shop.calls


def test_a_reply_is_posted_and_read_back(shop: RequestsMock) -> None:
    seen = play(shop, "awesome-support/k34_ticket_reply_post")
    reply = parse_reply(helpdesk().post_reply("464", "<p>سفارش شما در راه است.</p>"))
    assert (reply.id, reply.ticket_id) == (str(seen.json["id"]), "464")
    assert sent(shop) == [("POST", "/464/replies", {"content": "<p>سفارش شما در راه است.</p>"})]
    assert requests_of(shop)[-1].headers["Content-Type"] == "application/json"


def test_a_reply_to_what_is_no_ticket_is_missing(shop: RequestsMock) -> None:
    play(shop, "awesome-support/d38b_reply_to_order_id")
    with pytest.raises(Missing):
        helpdesk().post_reply("24", "x")


def test_an_empty_reply_is_never_sent(shop: RequestsMock) -> None:
    with pytest.raises(ValueError, match="empty"):
        helpdesk().post_reply("464", " \n")
    assert not shop.calls
