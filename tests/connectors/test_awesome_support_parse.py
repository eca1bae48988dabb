"""Everything that a real helpdesk was seen to send is read without loss of what companion keeps; what is bent is mended
or refused in words.
"""

from __future__ import annotations

import html
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.awesome_support.parse import (
    SUMMARY_KEY,
    Unreadable,
    abilities,
    parse_agent,
    parse_reply,
    parse_ticket,
    record_id,
)
from tests.connectors.recorded import as_php, exchange, exchanges

FOLDERS = ("awesome-support", "wordpress")


def kind(row: dict[str, Any]) -> str:
    if row.get("type") in {"ticket", "ticket_reply"} and "content" in row and "id" in row:
        return str(row["type"])
    return "agent" if "roles" in row and "username" in row else "other"


def records(wanted: str) -> Iterator[Any]:
    for folder in FOLDERS:
        for seen in exchanges(folder):
            rows = seen.json if isinstance(seen.json, list) else [seen.json]
            for row in rows:
                if isinstance(row, dict) and kind(row) == wanted:
                    yield pytest.param(row, id=f"{seen.name}-{row['id']}")


def once_each(wanted: str) -> list[Any]:
    """Recorded records of a kind, without those that are the same to the byte."""
    return list({as_php(case.values[0]): case for case in records(wanted)}.values())


def instant(text: str) -> datetime:
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%S").replace(tzinfo=UTC)


def text_of(number: int) -> str:
    return str(number) if number else ""


def raw(row: dict[str, Any]) -> bytes:
    return as_php(row).encode()


TICKET: dict[str, Any] = exchange("awesome-support/d08_ticket_one").json
REPLY: dict[str, Any] = exchange("awesome-support/k33_ticket_replies").json[0]
USER: dict[str, Any] = exchange("wordpress/e06_me_supmgr").json


@pytest.mark.parametrize("row", once_each("ticket"))
def test_every_recorded_ticket_is_read_without_loss(row: dict[str, Any]) -> None:
    ticket = parse_ticket(raw(row))

    assert ticket.id == record_id(raw(row)) == str(row["id"])
    assert (ticket.status, ticket.state, ticket.url) == (row["status"], row["state"], row["link"])
    assert (ticket.title, ticket.body) == (html.unescape(row["title"]["rendered"]), row["content"]["rendered"])
    people = (ticket.author_id, ticket.assignee_id, ticket.secondary_assignee_id, ticket.tertiary_assignee_id)
    assert people == tuple(
        text_of(row[name]) for name in ("author", "assignee", "secondary-assignee", "tertiary-assignee")
    )
    assert (ticket.channel, ticket.tag_ids) == (row["ticket_channel"], tuple(map(str, row["ticket-tag"])))
    assert (ticket.customer_replies, ticket.agent_replies, ticket.replies) == tuple(
        row[f"{whose}-reply-count"] for whose in ("customer", "agent", "total")
    )
    assert (ticket.created_at, ticket.modified_at) == (instant(row["date_gmt"]), instant(row["modified_gmt"]))
    assert (ticket.summary, ticket.takes_summary) == (None, False)


@pytest.mark.parametrize("row", once_each("ticket_reply"))
def test_every_recorded_reply_is_read_without_loss(row: dict[str, Any]) -> None:
    reply = parse_reply(raw(row))

    assert (reply.id, reply.ticket_id, reply.author_id) == tuple(str(row[n]) for n in ("id", "parent", "author"))
    assert (reply.body, reply.status) == (row["content"]["rendered"], row["status"])
    assert (reply.created_at, reply.modified_at) == (instant(row["date_gmt"]), instant(row["modified_gmt"]))


@pytest.mark.parametrize("row", once_each("agent"))
def test_every_recorded_user_is_read_without_loss(row: dict[str, Any]) -> None:
    agent = parse_agent(raw(row))

    same = ["username", "name", "first_name", "last_name", "email"]
    assert {name: getattr(agent, name) for name in same} == {name: row[name] for name in same}
    assert (agent.id, agent.roles) == (str(row["id"]), tuple(row["roles"]))
    assert agent.created_at == datetime.fromisoformat(row["registered_date"])
    assert abilities(raw(row)) == (None if row["is_super_admin"] else frozenset(row["capabilities"]))


def test_recordings_hold_every_kind_of_record() -> None:
    assert min(len(once_each(wanted)) for wanted in ("ticket", "ticket_reply", "agent")) > 3


@pytest.mark.parametrize(
    "seen",
    [s for f in FOLDERS for s in exchanges(f) if isinstance(s.json, dict) and isinstance(s.json.get("code"), str)],
    ids=lambda seen: seen.name,
)
def test_every_recorded_error_object_is_refused_as_such(seen: Any) -> None:
    with pytest.raises(Unreadable, match=seen.json["code"]) as refusal:
        parse_ticket(seen.body)
    assert refusal.value.code == "error_object"


def test_a_ticket_cut_by_fields_does_not_pass_for_a_whole_one() -> None:
    for row in exchange("awesome-support/d07_tickets_q__fields_id_modified_gmt").json:
        with pytest.raises(Unreadable, match="Awesome Support") as refusal:
            parse_ticket(raw(row))
        assert refusal.value.code == "wrong_shape"


def test_history_of_a_ticket_is_neither_a_ticket_nor_a_reply() -> None:
    for row in exchange("awesome-support/d13_history").json:
        for parse in (parse_ticket, parse_reply):
            with pytest.raises(Unreadable):
                parse(raw(row))


def test_a_user_as_strangers_see_her_does_not_pass_for_an_agent() -> None:
    for row in exchange("wordpress/e04_users_noauth").json:
        with pytest.raises(Unreadable, match="WordPress"):
            parse_agent(raw(row))
        assert abilities(raw(row)) is None


@pytest.mark.parametrize(
    ("meta", "takes", "summary"),
    [
        ([], False, None),
        (None, False, None),
        ({}, False, None),
        ({"crm_id": "5"}, False, None),
        ({SUMMARY_KEY: ""}, True, None),
        ({SUMMARY_KEY: None}, True, None),
        ({"crm_id": "5", SUMMARY_KEY: "زهرا زنگ زد"}, True, "زهرا زنگ زد"),
        ({SUMMARY_KEY: 12}, True, "12"),
        ({SUMMARY_KEY: ["x"]}, True, '["x"]'),
    ],
)
def test_the_summary_stands_where_the_shop_registered_our_key(meta: object, takes: bool, summary: str | None) -> None:
    ticket = parse_ticket(raw(TICKET | {"meta": meta}))
    assert (ticket.takes_summary, ticket.summary) == (takes, summary)


def test_the_recorded_echo_of_a_meta_write_is_read() -> None:
    kept = exchange("awesome-support/d81_ticket_meta_support_put").json
    renamed = kept | {"meta": {SUMMARY_KEY: kept["meta"]["crm_id"]}}
    assert parse_ticket(raw(renamed)).summary == kept["meta"]["crm_id"]
    ignored = exchange("awesome-support/d81_ticket_meta_registered_put").json
    assert not parse_ticket(raw(ignored)).takes_summary


def test_a_title_is_plain_text_and_a_body_stays_html() -> None:
    bent = TICKET | {"title": {"rendered": "Tom &#038; Sara&#8217;s"}, "content": {"rendered": "<p>a &amp; b</p>"}}
    ticket = parse_ticket(raw(bent))
    assert (ticket.title, ticket.body) == ("Tom & Sara’s", "<p>a &amp; b</p>")


@pytest.mark.parametrize(
    ("bent", "told"),
    [
        ({"assignee": "5", "author": "18"}, {"assignee_id": "5", "author_id": "18"}),
        ({"secondary-assignee": "", "tertiary-assignee": None}, {"secondary_assignee_id": ""}),
        ({"total-reply-count": "7"}, {"replies": 7}),
        ({"ticket-tag": {"1": 4, "3": "9"}}, {"tag_ids": ("4", "9")}),
        ({"ticket-tag": False}, {"tag_ids": ()}),
        ({"ticket_channel": [18]}, {"channel": ""}),
        ({"ticket_channel": []}, {"channel": ""}),
        ({"ticket_channel": None}, {"channel": ""}),
        ({"modified_gmt": "0000-00-00T00:00:00"}, {"modified_at": None}),
        ({"date_gmt": None}, {"created_at": None}),
        ({"author": 0}, {"author_id": ""}),
        ({"status": "trash"}, {"status": "trash"}),
        ({"id": "352"}, {"id": "352"}),
        ({"title": {"rendered": "a\x00b"}}, {"title": "ab"}),
    ],
)
def test_what_php_bends_is_straightened(bent: dict[str, Any], told: dict[str, Any]) -> None:
    ticket = parse_ticket(raw(TICKET | bent))
    assert {name: getattr(ticket, name) for name in told} == told


@pytest.mark.parametrize(
    ("parse", "row", "bent", "code"),
    [
        (parse_ticket, TICKET, {"id": 0}, "no_id"),
        (parse_ticket, TICKET, {"title": "plain"}, "wrong_shape"),
        (parse_ticket, TICKET, {"modified_gmt": "soon"}, "wrong_date"),
        (parse_ticket, TICKET, {"total-reply-count": "many"}, "wrong_shape"),
        (parse_reply, REPLY, {"parent": 0}, "wrong_shape"),
        (parse_reply, REPLY, {"content": None}, "wrong_shape"),
        (parse_agent, USER, {"roles": "administrator"}, "wrong_shape"),
        (parse_agent, USER, {"registered_date": "yesterday"}, "wrong_date"),
    ],
)
def test_what_has_no_plain_reading_is_refused(
    parse: Callable[[bytes], object], row: dict[str, Any], bent: dict[str, Any], code: str
) -> None:
    with pytest.raises(Unreadable) as refusal:
        parse(raw(row | bent))
    assert refusal.value.code == code


def test_roles_with_gaps_and_missing_dates_are_read() -> None:
    agent = parse_agent(raw(USER | {"roles": {"1": "customer", "2": "wpas_user"}, "registered_date": None}))
    assert (agent.roles, agent.created_at) == (("customer", "wpas_user"), None)


def test_what_a_user_may_do_is_read_or_left_open() -> None:
    assert abilities(raw(USER | {"capabilities": {"a": True, "b": 1, "c": False}})) == frozenset("ab")
    assert abilities(raw(USER | {"capabilities": []})) == frozenset()
    assert abilities(raw(USER | {"capabilities": None})) is None
    assert abilities(raw(USER | {"capabilities": "none"})) is None


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(), st.lists, max_leaves=5))
def test_no_value_in_any_field_raises_anything_but_unreadable(value: Any) -> None:
    for parse, row in ((parse_ticket, TICKET), (parse_reply, REPLY), (parse_agent, USER)):
        for name in row:
            with suppress(Unreadable):
                parse(raw(row | {name: value}))


@given(st.binary())
def test_bytes_that_are_no_record_are_refused(junk: bytes) -> None:
    for parse in (parse_ticket, parse_reply, parse_agent):
        with pytest.raises(Unreadable):
            parse(junk)
