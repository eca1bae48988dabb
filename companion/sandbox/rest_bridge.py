"""The one route that the bridge serves: what happened in the shop that no date of any record tells."""

from __future__ import annotations

from companion.sandbox.bridge import NAMESPACE
from companion.sandbox.rest import Call, Endpoint, route
from companion.sandbox.wire import Response, missing_params


def list_changes(call: Call) -> Response:
    """`{number, sweep, more, changes: [{number, event, id, …}]}`: ask next time for what is since `number`."""
    call.shop.bridge.check(call.request)
    if "since" not in call.params:
        raise missing_params("since")
    answer = call.shop.bridge.since(call.params.integer("since", 0, least=0))
    return Response.of_json(answer, items=0)


ROUTES = (route(f"/{NAMESPACE}/changes", {"GET": Endpoint("open", list_changes)}),)
