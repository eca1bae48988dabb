"""For those who watch the program."""

from __future__ import annotations

from datetime import timedelta

from companion.web import Gauge
from storage.errors import Locked
from storage.sync import cursors
from tests.web.house import House


def test_alive_and_ready(house: House) -> None:
    visitor = house.visitor()
    assert visitor.get("/health").json == {"status": "alive"}
    answer = visitor.get("/ready")
    assert (answer.status_code, answer.json) == (200, {"status": "ready"})


def test_not_ready_while_the_store_does_not_answer(house: House) -> None:
    def locked() -> None:
        raise Locked("held")

    house.adapt(ready=locked)
    answer = house.visitor().get("/ready")
    assert (answer.status_code, answer.json) == (503, {"status": "not_ready", "code": "storage.locked"})
    assert house.visitor().get("/health").status_code == 200


def test_the_state_of_every_shop_is_told_to_machines_without_anybodys_words(house: House) -> None:
    with house.store.write() as tx:
        cursors.put(tx, "main", "orders", succeeded_at=house.clock() - timedelta(minutes=2))
        failure = "the shop rejects the key: Sorry, Maryam Ahmadi (x)"
        cursors.put(tx, "custom", "orders", failed_at=house.clock(), failure=failure)
    answer = house.visitor().get("/health/sync")
    assert answer.json is not None
    assert answer.json["status"] == "act"
    assert answer.json["shops"]["main"]["status"] == "well"
    assert answer.json["shops"]["main"]["streams"]["orders"]["lag_seconds"] == 120
    (matter,) = answer.json["shops"]["custom"]["matters"]
    assert (matter["code"], matter["trouble"], matter["subjects"]) == ("failing", "credentials", ["orders"])
    assert "Maryam" not in answer.text


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
    for address, status in (("8.8.8.8", 404), ("10.0.0.7", 200)):
        visitor.client.environ_base["REMOTE_ADDR"] = address
        assert visitor.get("/metrics").status_code == status
        assert visitor.get("/health/sync").status_code == status
