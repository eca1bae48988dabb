"""A door for programs in another process: faults, clock, queue and log of a sandbox over HTTP. Off unless asked for."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from companion.sandbox.faults import Fault
from companion.sandbox.shop import Shop
from companion.sandbox.wire import Request, Response

PREFIX = "/_sandbox/"


def answer(shop: Shop, request: Request) -> Response:
    """Answer a control request; 404 for what it does not know, 400 for what it cannot read.

    POST faults {kind, …} · DELETE faults · POST queue · POST clock {seconds} · POST action {hook, arg} ·
    POST update {order, …} · POST reply {ticket, author, content} · GET log · DELETE log
    """
    name = request.path.removeprefix(PREFIX)
    try:
        given = json.loads(request.body or b"{}")
        return _answer(shop, request.method, name, given)
    except (ValueError, TypeError, LookupError) as error:
        return Response.of_json({"error": f"{type(error).__name__}: {error}"}, 400)


def _answer(shop: Shop, method: str, name: str, given: dict[str, Any]) -> Response:
    match method, name:
        case "POST", "faults":
            return Response.of_json(asdict(shop.faults.add(Fault(**given))))
        case "DELETE", "faults":
            shop.faults.clear()
        case "POST", "queue":
            return Response.of_json([{"topic": sent.topic, "status": sent.status} for sent in shop.run_queue()])
        case "POST", "clock":
            shop.clock.advance(float(given["seconds"]))
        case "POST", "action":
            shop.do_action(str(given["hook"]), given["arg"])
        case "POST", "update":
            shop.update_order(int(given.pop("order")), **given)
        case "POST", "reply":
            shop.helpdesk.reply(int(given["ticket"]), int(given["author"]), str(given["content"]))
        case "GET", "log":
            counters = [list(counter) for counter in shop.log.counters()]
            return Response.of_json({"writes": shop.log.writes(), "counters": counters})
        case "DELETE", "log":
            shop.log.clear()
        case _:
            return Response.of_json({"error": "no such control"}, 404)
    return Response.of_json({})
