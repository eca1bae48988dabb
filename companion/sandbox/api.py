"""WordPress's REST API: from a request to its route, through authentication and permission.

Order of things, as in WordPress: the route's address, the override of the method, who asks, whether the route exists,
whether the caller may, the route itself.
"""

from __future__ import annotations

import time

from companion.sandbox import (
    rest_aftercare,
    rest_bridge,
    rest_customers,
    rest_helpdesk,
    rest_orders,
    rest_site,
    rest_tickets,
    rest_users,
    rest_webhooks,
)
from companion.sandbox.auth import Authentication
from companion.sandbox.helpdesk import NAMESPACE as HELPDESK
from companion.sandbox.mishaps import broken_page, two_dots
from companion.sandbox.params import Params
from companion.sandbox.queries import Selections
from companion.sandbox.rest import Call, Endpoint, Route
from companion.sandbox.shop import Shop
from companion.sandbox.wire import Request, Response, RestError, no_route

_STANDING_HEADERS = {
    "X-Robots-Tag": "noindex",
    "X-Content-Type-Options": "nosniff",
    "Access-Control-Expose-Headers": "X-WP-Total, X-WP-TotalPages, Link",
    "Access-Control-Allow-Headers": "Authorization, X-WP-Nonce, Content-Disposition, Content-MD5, Content-Type",
    "Cache-Control": "no-cache, must-revalidate, max-age=0, no-store, private",
}
_WOOCOMMERCE = (
    rest_site.ROOT,
    *rest_orders.ROUTES,
    *rest_aftercare.ROUTES,
    *rest_customers.ROUTES,
    *rest_webhooks.ROUTES,
    *rest_site.ROUTES,
)
_HELPDESK = (*rest_tickets.ROUTES, *rest_helpdesk.ROUTES, *rest_users.HELPDESK_ROUTES)


class Api:
    """The REST API of one shop."""

    def __init__(
        self,
        shop: Shop,
        authentication: Authentication,
        *,
        plain_permalinks: bool = False,
        woocommerce: bool = True,
        trips_on_two_dots: bool = False,
        recursion_seconds: float = 0.0,
    ) -> None:
        """`plain_permalinks`: only `/?rest_route=` reaches it; `trips_on_two_dots`: see `mishaps.two_dots`.

        `recursion_seconds`: how long Awesome Support looks for a user name that nobody bears, before it falls over.
        """
        self._shop = shop
        self._authentication = authentication
        self._plain_permalinks = plain_permalinks
        self._woocommerce = woocommerce
        self._trips_on_two_dots = trips_on_two_dots
        self._selections = Selections(shop)
        self._recursion_seconds = recursion_seconds
        self._routes: tuple[Route, ...] = _WOOCOMMERCE if woocommerce else (rest_site.ROOT_WITHOUT_WOOCOMMERCE,)
        self._routes += rest_users.ROUTES

    def path(self, request: Request) -> str | None:
        """The path of the route that is meant, None for a page that is none of the API's."""
        routed = dict(request.query).get("rest_route")
        if request.path == "/" and routed is not None:
            return routed
        if request.path.startswith("/wp-json") and not self._plain_permalinks:
            return request.path.removeprefix("/wp-json") or "/"
        return None

    def answer(self, request: Request, method: str, path: str) -> Response:
        """The answer of the route at `path`, or the API's error."""
        found: Route | None = None
        try:
            takes_keys = self._woocommerce and path.startswith("/wc/")
            caller = self._authentication.caller(request, method, takes_keys=takes_keys)
            if self._trips_on_two_dots and caller.by_key and caller.is_admin and request.target.count(".") > 1:
                return two_dots(request)
            found, ids = self._find(path)
            endpoint = found.endpoints.get("GET" if method == "HEAD" else method)
            if endpoint is None:
                raise no_route()
            response = _called(Call(self._shop, request, caller, Params.of(request), self._selections, ids), endpoint)
        except RestError as error:
            if error.code == "invalid_username" and path.startswith(f"/{HELPDESK}/") and self._shop.helpdesk.answers:
                time.sleep(self._recursion_seconds)
                return broken_page()
            response = error.response()
        response.headers = {
            **_STANDING_HEADERS,
            "Link": f'<{self._shop.url}/wp-json/>; rel="https://api.w.org/"',
            **({"Allow": ", ".join(found.endpoints)} if found else {}),
            **response.headers,
        }
        return response

    def _find(self, path: str) -> tuple[Route, tuple[int, ...]]:
        plugins = _HELPDESK if self._shop.helpdesk.answers else ()
        bridge = rest_bridge.ROUTES if self._shop.bridge.is_active else ()
        for candidate in (*self._routes, *plugins, *bridge):
            match = candidate.pattern.fullmatch(path)
            if match is not None:
                return candidate, tuple(int(group) for group in match.groups())
        raise no_route()


def _called(call: Call, endpoint: Endpoint) -> Response:
    if endpoint.action != "open" and not call.caller.may_manage:
        raise call.refuse(endpoint.action)
    with call.shop.lock:
        response = endpoint.answer(call)
    for later in call.afterwards:
        later()
    return response


def effective_method(request: Request) -> str:
    """The method after WordPress's overrides, which only a POST may use."""
    if request.method != "POST":
        return request.method
    override = dict(request.query).get("_method") or request.headers.get("x-http-method-override") or "POST"
    return override.upper()
