"""What every REST route shares: the call, the route table, permissions, lists. No route lives here."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal
from urllib.parse import urlencode

from companion.sandbox.auth import Caller
from companion.sandbox.params import Params
from companion.sandbox.queries import Selections
from companion.sandbox.shop import Shop
from companion.sandbox.view import EVERY_METHOD, Site, View, pick
from companion.sandbox.wire import Request, Response, RestError

PastEnd = Literal["nothing", "total", "error"]
"""What a page past the end says: that there is nothing at all, how much there is, or that it is an error."""
Action = Literal["list", "view", "create", "edit", "delete", "batch", "open"]
_REFUSALS: dict[str, tuple[str, str]] = {
    "list": ("woocommerce_rest_cannot_view", "Sorry, you cannot list resources."),
    "view": ("woocommerce_rest_cannot_view", "Sorry, you cannot view this resource."),
    "create": ("woocommerce_rest_cannot_create", "Sorry, you are not allowed to create resources."),
    "edit": ("woocommerce_rest_cannot_edit", "Sorry, you are not allowed to edit this resource."),
    "delete": ("woocommerce_rest_cannot_delete", "Sorry, you are not allowed to delete this resource."),
    "batch": ("woocommerce_rest_cannot_batch", "Sorry, you are not allowed to batch manipulate this resource."),
}


@dataclass(slots=True)
class Call:
    """One call of a route: who asks what of which shop. `afterwards` runs once the shop's lock is released."""

    shop: Shop
    request: Request
    caller: Caller
    params: Params
    selections: Selections
    ids: tuple[int, ...] = ()
    afterwards: list[Callable[[], object]] = field(default_factory=list)

    def site(self) -> Site:
        """What views need to know, as this caller sees it."""
        shop = self.shop
        decimals = self.params.decimals(shop.decimals)
        is_admin = self.caller.is_admin
        return Site(shop.url, shop.zone, decimals, sees_meta=is_admin, may_delete_users=is_admin)

    def refuse(self, action: Action) -> RestError:
        """The refusal of an action: 401 to nobody, 403 to somebody."""
        code, message = _REFUSALS[action]
        return RestError(403 if self.caller.user_id else 401, code, message)


@dataclass(frozen=True, slots=True)
class Endpoint:
    """What answers one method of a route; `action` is what the caller must be allowed to do."""

    action: Action
    answer: Callable[[Call], Response]


@dataclass(frozen=True, slots=True)
class Route:
    """A route: the pattern of its path under /wp-json, and an endpoint for each method it knows."""

    pattern: re.Pattern[str]
    endpoints: Mapping[str, Endpoint]

    @property
    def allow(self) -> str:
        """The Allow header of its answers."""
        return ", ".join(self.endpoints)


def route(pattern: str, endpoints: Mapping[str, Endpoint]) -> Route:
    """A route; `<id>` in the pattern stands for a number. PUT answers POST and PATCH too, as in WordPress."""
    known = dict(endpoints)
    if "PUT" in known:
        known |= dict.fromkeys(("POST", "PATCH"), known["PUT"])
    ordered = {method: known[method] for method in EVERY_METHOD if method in known}
    return Route(re.compile(pattern.replace("<id>", r"(\d+)") + "/?"), ordered)


def listing(call: Call, records: Sequence[Any], show: Callable[[Any], Any], *, counted: bool = True) -> Response:
    """One page of `records`, with the totals (some lists have none)."""
    chosen, headers = page_of(call, records) if counted else (records, {})
    return Response.of_json([show(record) for record in chosen], headers=headers, items=len(chosen))


def page_of(call: Call, records: Sequence[Any], past_end: PastEnd = "nothing") -> tuple[Sequence[Any], dict[str, str]]:
    """The records of the page that is asked for, and the headers that count the whole."""
    page, per_page = call.params.paging()
    start = call.params.integer("offset", (page - 1) * per_page, least=0)
    chosen = records[start : start + per_page]
    if past_end == "error" and records and not chosen:
        message = "The page number requested is larger than the number of pages available."
        raise RestError(400, "rest_post_invalid_page_number", message)
    total = len(records) if chosen or page == 1 or past_end == "total" else 0
    pages = -(-total // per_page)
    headers = {"X-WP-Total": str(total), "X-WP-TotalPages": str(pages)}
    neighbours = [("prev", page - 1)] * (page > 1) + [("next", page + 1)] * (page < pages)
    if neighbours:
        others = [(name, value) for name, value in call.request.query if name != "page"]
        address = f"{call.shop.url}{call.request.path}"
        headers["Link"] = ", ".join(
            f'<{address}?{urlencode([*others, ("page", number)])}>; rel="{rel}"' for rel, number in neighbours
        )
    return chosen, headers


def shown(call: Call, view: View[Any], record: Any) -> Any:
    """A record as this call wants to see it."""
    return view.show(record, call.site(), call.params.fields()) or []


def cut(call: Call, value: dict[str, Any]) -> Any:
    """A JSON object cut down to the fields that this call wants; PHP has one empty array for nothing left."""
    wanted = call.params.fields()
    return (value if wanted is None else pick(value, wanted)) or []


def created(call: Call, view: View[Any], record: Any, path: str) -> Response:
    """The answer to a creation."""
    return Response.of_json(shown(call, view, record), 201, {"Location": f"{call.shop.url}/wp-json/wc/v3/{path}"})
