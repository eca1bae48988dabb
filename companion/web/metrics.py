"""Prometheus: requests by route template, and whatever gauges the product measures when asked.

The label is the template (`/customers/<int:customer_id>`), never the address: addresses hold ids and would never end.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from typing import cast

from flask import Flask, Response, current_app, g, request
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from companion.web.site import Gauge, Site

_EXTENSION = "companion.metrics"


class _Gauges(Collector):
    """The product's gauges, grouped by name as the exposition format wants them."""

    def __init__(self, parts: Site) -> None:
        self._read = parts.gauges

    def describe(self) -> Iterable[GaugeMetricFamily]:
        """Nothing beforehand: which gauges there are is known only when they are read."""
        return ()

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Read them all."""
        by_name: dict[str, list[Gauge]] = {}
        for gauge in self._read():
            by_name.setdefault(gauge.name, []).append(gauge)
        for name, series in by_name.items():
            labels = sorted(series[0].labels)
            family = GaugeMetricFamily(name, series[0].meaning, labels=labels)
            for gauge in series:
                family.add_metric([gauge.labels[label] for label in labels], gauge.value)
            yield family


def install(app: Flask, parts: Site) -> None:
    """Count and time every request from here on."""
    registry = CollectorRegistry()
    registry.register(_Gauges(parts))
    labels = ["method", "route", "status"]
    requests = Counter("companion_requests", "Requests answered", labels, registry=registry)
    seconds = Histogram("companion_request_seconds", "Time to answer a request", ["route"], registry=registry)
    app.extensions[_EXTENSION] = registry

    @app.before_request
    def start() -> None:
        g.started = time.perf_counter()

    @app.after_request
    def count(response: Response) -> Response:
        route = request.url_rule.rule if request.url_rule else "(none)"
        requests.labels(request.method, route, response.status_code).inc()
        if "started" in g:
            seconds.labels(route).observe(time.perf_counter() - g.started)
        return response


def exposition() -> bytes:
    """Everything measured, in Prometheus' text format."""
    return generate_latest(cast("CollectorRegistry", current_app.extensions[_EXTENSION]))
