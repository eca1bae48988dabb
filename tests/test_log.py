from __future__ import annotations

import io
import json
import logging
import threading
import time
import warnings
from base64 import b64encode
from collections.abc import Iterator
from typing import Any

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st

from companion import log
from companion.config import Config, Database, Log, Secret, Shop
from companion.log import REDACTED, Redactor

KEY = "ck_8f2b1c9d7e6a5f4b3c2d1e0f9a8b7c6d5e4f3a2b"
SECRET = "cs_1a2b3c4d5e6f7a8b9c0d1e2f3a4b5c6d7e8f9a0b"
PASSWORD = "hunter2-and-more"
APPLICATION_PASSWORD = "aB3d eF5h iJ7l mN9p qR1t uV3x"


@pytest.fixture
def stream() -> Iterator[io.StringIO]:
    """Logging of the process, handed back afterwards as it was."""
    root = logging.getLogger()
    handlers, level, hook = list(root.handlers), root.level, threading.excepthook
    yield io.StringIO()
    root.handlers[:] = handlers
    root.setLevel(level)
    threading.excepthook = hook
    logging.captureWarnings(capture=False)
    structlog.reset_defaults()
    structlog.contextvars.clear_contextvars()


def events(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


@pytest.mark.parametrize(
    "text",
    [
        f"the key {KEY} was refused",
        f"{KEY}:{SECRET}",
        f"GET https://shop.example/wp-json/wc/v3/orders?page=1&consumer_key={KEY}&consumer_secret={SECRET}",
        f"/wp-json/wc/v3/orders?consumer_secret={PASSWORD}&page=1",
        f"oauth_consumer_key=x&oauth_signature={PASSWORD}%3D&oauth_nonce=abc",
        f"postgresql://companion:{PASSWORD}@db.example:5432/companion",
        f"redis://:{PASSWORD}@cache.example/0",
        f"https://user:{PASSWORD}@p@shop.example/",
        f"Authorization: Basic {b64encode(PASSWORD.encode()).decode()}",
        f"authorization: bearer {PASSWORD}",
        f"sent Basic {b64encode(PASSWORD.encode()).decode()} to the shop",
        f"Cookie: session={PASSWORD}; theme=dark",
        f"Set-Cookie: session={PASSWORD}; HttpOnly",
        f"X-WC-Webhook-Signature: {PASSWORD}",
        f"X-Companion-Signature: {PASSWORD}",
        f'{{"password": "{PASSWORD}", "name": "Sara"}}',
        f'{{"consumer_secret":"{PASSWORD}"}}',
        f'"{{\\"token\\": \\"{PASSWORD}\\"}}"',
        f'{{"password": "{PASSWORD}',
        f"{{'application_password': '{PASSWORD}'}}",
        f"[('X-WC-Webhook-Signature', '{PASSWORD}')]",
        f"{{'Authorization': b'{PASSWORD}'}}",
        f"Shop(key='main', consumer_secret='{PASSWORD}')",
        f"csrf_token={PASSWORD}",
        f"new_password={PASSWORD}&again=1",
        f'OAuth oauth_signature="{PASSWORD}", oauth_version="1.0"',
        f"user[password]={PASSWORD}",
        f"the application password {APPLICATION_PASSWORD} was refused",
    ],
)
def test_secret_in_a_text_is_taken_out(text: str) -> None:
    written = Redactor().text(text)
    assert REDACTED in written
    for secret in (KEY[3:], SECRET[3:], PASSWORD, b64encode(PASSWORD.encode()).decode(), APPLICATION_PASSWORD):
        assert secret not in written


@pytest.mark.parametrize(
    "text",
    [
        "order 1042 of shop main updated",
        "https://shop.example/wp-json/wc/v3/orders?page=1&per_page=100&modified_after=2026-05-01T00:00:00",
        "سفارش ۱۰۴۲ به‌روز شد",
        "what they said: give them back some more cake than that",
        "This that with from them when they left",
        "0912 345 6789",
        "IR06 2960 0000 0010 0324 2000 01",
        "shops.main.consumer_secret: the environment variable SHOP_SECRET is not set",
        "sara@shop.example",
        "ck_ and cs_ are how keys begin",
        "watermark 2026-05-01T12:00:00Z, signpost 2026-05-01T12:05:00Z",
    ],
)
def test_innocent_text_stays_whole(text: str) -> None:
    assert Redactor().text(text) == text


def test_what_stands_around_a_secret_stays() -> None:
    written = Redactor().text(f"GET https://shop.example/orders?page=1&consumer_secret={SECRET}&per_page=100 in 120 ms")
    assert written == f"GET https://shop.example/orders?page=1&consumer_secret={REDACTED}&per_page=100 in 120 ms"


@pytest.mark.parametrize(
    "name",
    [
        "consumer_key",
        "consumerSecret",
        "Authorization",
        "X-WC-Webhook-Signature",
        "Set-Cookie",
        "password",
        "new_passwd",
        "application-password",
        "master_key",
        "csrf_token",
        "session",
        "nonce",
        "apiKey",
        "credentials",
    ],
)
@pytest.mark.parametrize("value", ["innocent", 42, None, ["innocent"], {"a": "innocent"}, b"innocent"])
def test_value_under_a_secret_name_is_never_written(name: str, value: object) -> None:
    assert Redactor().value({name: value}) == {name: REDACTED}


def test_secrets_are_found_at_any_depth() -> None:
    event = {
        "request": {"headers": [("Authorization", "x1"), ("Accept", "*/*")], "params": ({"token": "x2"},)},
        "shops": {"main": Shop(key="main", url="https://s.example", consumer_secret=Secret("x3-secret"))},
        f"under {KEY}": {1, 2},
    }
    written = repr(Redactor()(None, "info", event))
    for secret in ("x1", "x2", "x3", KEY):
        assert secret not in written
    assert "Accept" in written
    assert "*/*" in written


def test_bottomless_value_is_still_written() -> None:
    ring: list[Any] = []
    ring.append(ring)
    assert "[" in repr(Redactor().value(ring))


def test_bodies_are_written_as_their_size() -> None:
    assert Redactor().value({"body": b'{"billing": "Sara"}'}) == {"body": "<19 bytes>"}


def test_value_that_cannot_be_printed_does_not_stop_the_log() -> None:
    class Broken:
        def __repr__(self) -> str:
            raise RuntimeError

    assert Redactor().value(Broken()) == "<Broken that cannot be printed>"


def test_known_secret_is_taken_out_wherever_and_however_it_is_spelled() -> None:
    redactor = Redactor([Secret("p@ss word/1")])
    assert redactor.text("it is p@ss word/1.") == f"it is {REDACTED}."
    assert redactor.text("q=p%40ss%20word%2F1") == f"q={REDACTED}"
    assert redactor.text("q=p%40ss+word%2F1") == f"q={REDACTED}"


def test_short_known_secret_does_not_cut_words() -> None:
    assert Redactor([Secret("or")]).text("an order") == "an order"


@given(st.text(), st.text(alphabet="abcdefghijklmnopqrstuvwxyz0123456789", min_size=8, max_size=40), st.text())
def test_no_text_around_a_known_secret_hides_it(before: str, secret: str, after: str) -> None:
    assert secret not in Redactor([Secret(secret)]).text(f"{before} {secret} {after}").replace(REDACTED, "")


@given(st.text())
def test_any_text_can_be_written_and_is_not_changed_twice(text: str) -> None:
    once = Redactor().text(text)
    assert Redactor().text(once) == once


@pytest.mark.parametrize("piece", ["a", "password", '"token":"', "://", "secret=", "aaaa ", "\\", "cs_"])
def test_long_text_costs_no_more_than_its_length(piece: str) -> None:
    """A shop's answer may stand in an error: it must not stop the program."""
    redactor = Redactor([Secret("x" * 20)])
    started = time.process_time()
    written = redactor.text(piece * (400_000 // len(piece)))
    assert time.process_time() - started < 2
    assert len(written) < 100_000


def test_json_log_is_one_object_a_line(stream: io.StringIO) -> None:
    log.configure(Log(), stream=stream)
    structlog.get_logger("companion.sync").info("page applied", shop="main", orders=100, note="سلام\nline two")
    (event,) = events(stream)
    assert event.pop("at").endswith("Z")
    assert event == {
        "event": "page applied",
        "level": "info",
        "logger": "companion.sync",
        "shop": "main",
        "orders": 100,
        "note": "سلام\nline two",
    }
    assert "سلام" in stream.getvalue()


def test_standard_library_goes_the_same_way(stream: io.StringIO) -> None:
    log.configure(Log(), stream=stream)
    logging.getLogger("connectors.woocommerce").warning(
        "refused %s", f"?consumer_key={KEY}", extra={"password": PASSWORD}
    )
    (event,) = events(stream)
    assert event["event"] == f"refused ?consumer_key={REDACTED}"
    assert event["password"] == REDACTED
    assert event["logger"] == "connectors.woocommerce"


def test_traceback_is_written_without_its_secrets(stream: io.StringIO) -> None:
    log.configure(Log(), known=[Secret(PASSWORD)], stream=stream)

    def poll() -> None:
        raise ValueError(f"no answer from https://user:x@shop.example, {PASSWORD}, {SECRET}")

    try:
        poll()
    except ValueError:
        structlog.get_logger().exception("the poll failed")
    (event,) = events(stream)
    assert "Traceback" in event["exception"]
    assert PASSWORD not in stream.getvalue()
    assert SECRET not in stream.getvalue()
    assert "user:x" not in stream.getvalue()


@pytest.mark.parametrize("kind", ["json", "text"])
def test_line_break_from_outside_begins_no_line_of_ours(stream: io.StringIO, kind: Any) -> None:
    log.configure(Log(format=kind), stream=stream)
    logging.getLogger("x").warning("name is Sara\n2026-05-01 [info] forged\x1b[2J", extra={"who": "a\nb"})
    assert len(stream.getvalue().splitlines()) == 1
    assert "\x1b[2J" not in stream.getvalue()


def test_text_log_is_read_by_people(stream: io.StringIO) -> None:
    log.configure(Log(format="text"), stream=stream)
    structlog.get_logger("companion").info("page applied", shop="main", consumer_key=KEY)
    line = stream.getvalue()
    assert "page applied" in line
    assert "shop=main" in line
    assert KEY not in line
    assert "\x1b" not in line


def test_level_holds_for_both_kinds_of_logger(stream: io.StringIO) -> None:
    log.configure(Log(level="warning"), stream=stream)
    structlog.get_logger("a").info("quiet")
    logging.getLogger("b").info("quiet")
    assert stream.getvalue() == ""


def test_libraries_do_not_chatter(stream: io.StringIO) -> None:
    log.configure(Log(level="info"), stream=stream)
    logging.getLogger("apscheduler.executors.default").info("Running job")
    assert stream.getvalue() == ""


def test_configuring_twice_writes_once(stream: io.StringIO) -> None:
    log.configure(Log(), stream=stream)
    log.configure(Log(), stream=stream)
    structlog.get_logger("a").info("once")
    assert len(events(stream)) == 1


def test_warnings_are_logged(stream: io.StringIO) -> None:
    log.configure(Log(), stream=stream)
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        logging.captureWarnings(capture=False)
        logging.captureWarnings(capture=True)
        warnings.warn("an old name", stacklevel=1)
    assert "an old name" in events(stream)[0]["event"]


def test_death_of_a_thread_is_logged(stream: io.StringIO) -> None:
    log.configure(Log(), stream=stream)

    def die() -> None:
        raise ValueError(SECRET)

    thread = threading.Thread(target=die, name="drain")
    thread.start()
    thread.join()
    (event,) = events(stream)
    assert event["event"] == "a thread died"
    assert event["thread_name"] == "drain"
    assert SECRET not in stream.getvalue()


def test_events_of_a_request_carry_its_id(stream: io.StringIO) -> None:
    log.configure(Log(), stream=stream)
    given = log.begin_request("front-server-0042")
    structlog.get_logger("a").info("one")
    made = log.begin_request()
    logging.getLogger("b").info("two")
    assert given == "front-server-0042"
    assert [event["request_id"] for event in events(stream)] == [given, made]


@pytest.mark.parametrize(
    "supplied", [None, "", "short", "x" * 65, "with space here", "line\nbreak-id", "<script>alert"]
)
def test_odd_request_id_is_replaced(supplied: str | None) -> None:
    assert log.begin_request(supplied) != supplied
    structlog.contextvars.clear_contextvars()


def test_known_secrets_are_all_those_of_the_configuration() -> None:
    config = Config(
        master_key=Secret("m"),
        redis_url=Secret("redis://:p@h"),
        database=Database(url=Secret("postgresql://u:p@h/d")),
        shops=(
            Shop(key="a", url="https://a", consumer_key=Secret("k"), consumer_secret=Secret("s")),
            Shop(key="b", url="https://b", application_password=Secret("ap"), helpdesk_password=Secret("hp")),
        ),
    )
    assert {secret.reveal() for secret in log.known_secrets(config)} == {
        "m",
        "redis://:p@h",
        "postgresql://u:p@h/d",
        "k",
        "s",
        "ap",
        "hp",
    }
    assert log.known_secrets(Config(master_key=Secret("m"))) == [Secret("m")]
