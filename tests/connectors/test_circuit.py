"""A shop that does not answer is left alone, and one that does is not: whatever it answers."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
import requests
from responses import RequestsMock

from companion.sandbox import Fault, Sandbox
from connectors.awesome_support.source import AwesomeSupport
from connectors.circuit import Circuit, CircuitState
from connectors.errors import ConnectorError, Transient, Unavailable
from connectors.woocommerce.credentials import ConsumerKey
from connectors.woocommerce.source import WooCommerce
from connectors.wordpress.credentials import ApplicationPassword
from tests.connectors.shops import API, Naps, Reply, in_turn, retry, shop_at
from tests.fixtures.store import Clock

DOWN: Reply = (503, {}, b"")
FALLEN: Reply = (500, {}, b"<title>WordPress &rsaquo; Error</title>")
WELL: Reply = (200, {}, b'{"id":1}')
NONE: Reply = (404, {}, b'{"code":"woocommerce_rest_shop_order_invalid_id","message":"x"}')


@pytest.fixture
def circuit(clock: Clock) -> Circuit:
    """Three failures open it; pauses of 10, 20, 30, 30 … seconds, without chance."""
    return Circuit(clock=clock, borne=3, first=10.0, longest=30.0, chance=lambda: 0.0)


@pytest.fixture
def shop(circuit: Circuit) -> WooCommerce:
    return shop_at(circuit=circuit, retry=retry(attempts=1))


def play(responses: RequestsMock, *replies: Any, order_id: str = "1") -> None:
    responses.add_callback("GET", f"{API}/orders/{order_id}", callback=in_turn(*replies))


def read(shop: WooCommerce, order_id: str = "1") -> str:
    """The code of the error that a read meets, "" where it is answered."""
    try:
        shop.order(order_id)
    except ConnectorError as error:
        return error.code
    return ""


def tried(shop: WooCommerce, times: int) -> list[str]:
    return [read(shop) for _ in range(times)]


@pytest.fixture
def web() -> Any:
    with RequestsMock(assert_all_requests_are_fired=False) as mock:
        yield mock


def test_while_it_is_open_no_request_is_sent(web: RequestsMock, shop: WooCommerce, circuit: Circuit) -> None:
    play(web, DOWN)
    assert tried(shop, 6) == ["not_json"] * 3 + ["unavailable"] * 3
    assert len(web.calls) == 3
    assert (circuit.state.is_open, circuit.state.failures, circuit.state.reason) == (True, 3, "it answers 503")


def test_who_is_turned_away_is_told_when_to_come_back(web: RequestsMock, shop: WooCommerce, clock: Clock) -> None:
    play(web, DOWN)
    tried(shop, 3)
    clock.advance(4)
    with pytest.raises(Unavailable) as turned_away:
        shop.order("1")
    assert isinstance(turned_away.value, Transient)
    assert turned_away.value.retry_after == 6


def test_only_failures_in_a_row_open_it(web: RequestsMock, shop: WooCommerce, circuit: Circuit) -> None:
    play(web, DOWN, DOWN, WELL, DOWN, DOWN, WELL)
    tried(shop, 6)
    assert not circuit.state.is_open
    assert len(web.calls) == 6


@pytest.mark.parametrize(
    "reply",
    [
        NONE,
        (401, {}, b'{"code":"woocommerce_rest_cannot_view","message":"x"}'),
        (403, {}, b"<title>Just a moment...</title>"),
        (429, {}, b'{"code":"too_many","message":"x"}'),
        (501, {}, b'{"code":"woocommerce_rest_trash_not_supported","message":"x"}'),
        (200, {}, b"<p>a cache's page</p>"),
        (200, {}, b'{"code":1}'),
    ],
    ids=["missing", "refused", "challenge", "429 without a time", "not implemented", "html", "wrong shape"],
)
def test_a_shop_that_answers_anything_is_there(
    web: RequestsMock, shop: WooCommerce, circuit: Circuit, reply: Reply
) -> None:
    play(web, reply)
    assert "unavailable" not in tried(shop, 10)
    assert not circuit.state.is_open


@pytest.mark.parametrize(
    "error", [requests.ConnectionError("refused"), requests.ConnectTimeout("x"), requests.ReadTimeout("x")], ids=repr
)
def test_a_shop_that_cannot_be_reached_opens_it(
    web: RequestsMock, shop: WooCommerce, circuit: Circuit, error: Exception
) -> None:
    web.add("GET", f"{API}/orders/1", body=error)
    tried(shop, 3)
    assert circuit.state.is_open


def test_an_order_at_which_wordpress_falls_over_does_not_close_the_shop(
    web: RequestsMock, shop: WooCommerce, circuit: Circuit
) -> None:
    play(web, FALLEN)
    assert tried(shop, 10) == ["not_json"] * 10
    assert circuit.state.failures == 1
    for order_id in ("2", "3"):
        play(web, FALLEN, order_id=order_id)
        read(shop, order_id)
    assert circuit.state.is_open


def test_after_the_pause_one_request_tries_and_an_answer_closes_it(
    web: RequestsMock, shop: WooCommerce, circuit: Circuit, clock: Clock
) -> None:
    play(web, DOWN, DOWN, DOWN, NONE, WELL)
    tried(shop, 3)
    clock.advance(10)
    assert read(shop) == "missing"
    assert (circuit.state.is_open, circuit.state.failures, circuit.state.reason) == (False, 0, "")
    assert read(shop) == ""


def test_each_trial_that_fails_doubles_the_pause_up_to_a_limit(
    web: RequestsMock, shop: WooCommerce, circuit: Circuit, clock: Clock
) -> None:
    play(web, DOWN)
    tried(shop, 3)
    pauses = []
    for _ in range(4):
        until = circuit.state.until
        assert until is not None
        pauses.append((until - clock()).total_seconds())
        clock.set(until)
        assert tried(shop, 2) == ["not_json", "unavailable"]
    assert pauses == [10, 20, 30, 30]
    assert len(web.calls) == 3 + 4


def test_chance_shortens_a_pause_by_no_more_than_half(clock: Clock) -> None:
    for chance, pause in ((0.0, 10), (0.999999, 5)):
        circuit = Circuit(clock=clock, borne=1, first=10.0, chance=partial(float, chance))
        with circuit.passage() as passage:
            passage.failed("x")
        assert circuit.state.until is not None
        assert (circuit.state.until - clock()).total_seconds() == pytest.approx(pause, rel=1e-5)


def test_at_most_one_request_tries_however_many_come(circuit: Circuit, clock: Clock) -> None:
    for _ in range(3):
        with circuit.passage() as passage:
            passage.failed("x")
    clock.advance(10)
    inside, leave = threading.Event(), threading.Event()

    def first() -> None:
        with circuit.passage():
            inside.set()
            leave.wait(10)

    trial = threading.Thread(target=first)
    trial.start()
    assert inside.wait(10)
    for _ in range(5):
        with pytest.raises(Unavailable), circuit.passage():
            pass
    leave.set()
    trial.join()
    with circuit.passage():
        assert not circuit.state.is_open


def test_a_trial_that_was_torn_down_leaves_room_for_the_next(circuit: Circuit, clock: Clock) -> None:
    for _ in range(3):
        with circuit.passage() as passage:
            passage.failed("x")
    clock.advance(10)
    with pytest.raises(KeyboardInterrupt), circuit.passage():
        raise KeyboardInterrupt
    assert circuit.state.is_open
    with circuit.passage():
        pass
    assert not circuit.state.is_open


def test_what_was_on_its_way_when_it_opened_changes_nothing(circuit: Circuit, clock: Clock) -> None:
    with circuit.passage() as late:
        for _ in range(3):
            with circuit.passage() as passage:
                passage.failed("x")
        opened = circuit.state
        late.failed("also late")
    assert circuit.state == opened


def test_a_clock_that_was_set_back_does_not_keep_it_open(circuit: Circuit, clock: Clock) -> None:
    for _ in range(3):
        with circuit.passage() as passage:
            passage.failed("x")
    clock.advance(-86400)
    with circuit.passage():
        pass
    assert not circuit.state.is_open


def test_whoever_listens_hears_the_first_answer_and_every_change(
    web: RequestsMock, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    heard: list[CircuitState] = []

    def hear(state: CircuitState) -> None:
        heard.append(state)
        raise ZeroDivisionError  # and spoils nothing

    circuit = Circuit(clock=clock, borne=2, first=10.0, chance=lambda: 0.0, heard=hear)
    shop = shop_at(circuit=circuit, retry=retry(attempts=1))
    play(web, WELL, WELL, DOWN, DOWN, DOWN, WELL, WELL)
    tried(shop, 5)
    clock.advance(10)
    tried(shop, 2)
    clock.advance(20)
    tried(shop, 2)
    assert [(state.is_open, state.failures, state.pauses) for state in heard] == [
        (False, 0, 0),
        (True, 2, 1),
        (True, 3, 2),
        (False, 0, 0),
    ]
    assert len(caplog.records) == 4


@pytest.mark.parametrize(("named", "pause"), [(25, 25), (86400, 3600)])
def test_who_asks_us_to_slow_down_is_heeded_at_once(
    web: RequestsMock, shop: WooCommerce, circuit: Circuit, clock: Clock, named: int, pause: int
) -> None:
    play(web, (429, {"Retry-After": str(named)}, b"{}"), WELL)
    assert tried(shop, 3) == ["too_many_requests", "unavailable", "unavailable"]
    assert circuit.state.failures == 0
    clock.advance(pause - 1)
    assert read(shop) == "unavailable"
    clock.advance(1)
    assert tried(shop, 2) == ["", ""]


@pytest.mark.parametrize(("named", "pause"), [(15, 15), (600, 30)])
def test_a_shop_under_repair_may_name_a_longer_pause_than_ours(
    web: RequestsMock, shop: WooCommerce, circuit: Circuit, clock: Clock, named: int, pause: int
) -> None:
    play(web, (503, {"Retry-After": str(named)}, b"{}"))
    tried(shop, 3)
    assert circuit.state.until is not None
    assert (circuit.state.until - clock()).total_seconds() == pause


def test_nothing_is_tried_again_by_who_was_turned_away(web: RequestsMock, circuit: Circuit) -> None:
    naps = Naps()
    patient = shop_at(circuit=circuit, retry=retry(naps, attempts=5))
    play(web, DOWN)
    assert read(patient) == "unavailable"
    assert len(web.calls) == len(naps) == 3


def test_connectors_to_one_shop_share_it_and_another_shop_does_not_notice(
    make_sandbox: Callable[..., Sandbox], circuit: Circuit
) -> None:
    ill, well = make_sandbox(), make_sandbox()

    def orders_of(sandbox: Sandbox, circuit: Circuit) -> WooCommerce:
        key = ConsumerKey(sandbox.credentials.key, sandbox.credentials.secret)
        return WooCommerce(url=sandbox.url, credentials=key, circuit=circuit, retry=retry(attempts=1))

    orders, others = orders_of(ill, circuit), orders_of(well, Circuit())
    admin = ill.credentials.admin
    password = ApplicationPassword(admin.username, admin.password)
    tickets = AwesomeSupport(url=ill.url, credentials=password, circuit=circuit, retry=retry(attempts=1))
    ill.shop.faults.add(Fault("cut_before", times=None))
    assert tried(orders, 3) == ["cut"] * 3
    asked = len(ill.shop.log)
    with pytest.raises(Unavailable):
        tickets.tickets(None, page=1)
    with pytest.raises(Unavailable):
        orders.write_summaries({"1": "x"})
    with pytest.raises(Unavailable):
        orders.facts()
    assert len(ill.shop.log) == asked
    assert others.orders(None, page=1).total == 0
    for connector in (orders, others, tickets):
        connector.close()
