"""For those who watch the program."""

from __future__ import annotations

from companion.web import Gauge
from storage.errors import Locked
from tests.web.house import House


def test_alive_and_ready(house: House) -> None:
    visitor = house.visitor()
    assert visitor.get("/health").text == "ok\n"
    assert visitor.get("/ready").status_code == 200


def test_not_ready_while_the_store_does_not_answer(house: House) -> None:
    def locked() -> None:
        raise Locked("held")

    house.adapt(ready=locked)
    answer = house.visitor().get("/ready")
    assert answer.status_code == 503
    assert answer.text == "storage.locked\n"
    assert house.visitor().get("/health").status_code == 200


def test_requests_are_counted_by_route_and_gauges_read_when_asked(house: House) -> None:
    house.adapt(
        gauges=lambda: (
            Gauge("companion_inbox_waiting", "Deliveries waiting", 3, {"shop": "main"}),
            Gauge("companion_inbox_waiting", "Deliveries waiting", 0, {"shop": "custom"}),
            Gauge("companion_agents", "Agents", 9),
        )
    )
    customer = house.order()
    visitor = house.signed_in()
    visitor.get(f"/customers/{customer}")
    text = visitor.get("/metrics").text
    assert 'companion_requests_total{method="GET",route="/customers/<int:customer_id>",status="200"} 1.0' in text
    assert 'companion_inbox_waiting{shop="main"} 3.0' in text
    assert 'companion_inbox_waiting{shop="custom"} 0.0' in text
    assert "companion_agents 9.0" in text
    assert f"customers/{customer}" not in text


def test_figures_are_for_machines_of_the_same_network(house: House) -> None:
    visitor = house.visitor()
    visitor.client.environ_base["REMOTE_ADDR"] = "8.8.8.8"
    assert visitor.get("/metrics").status_code == 404
    visitor.client.environ_base["REMOTE_ADDR"] = "10.0.0.7"
    assert visitor.get("/metrics").status_code == 200
