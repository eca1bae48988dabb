"""The web site around the shop: its API and pages, at the pace of its host, with whatever goes wrong on the way."""

from __future__ import annotations

import copy
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from contextlib import nullcontext
from email.utils import format_datetime
from http import HTTPStatus

from companion.sandbox import admin, control
from companion.sandbox.api import Api, effective_method
from companion.sandbox.clock import Time
from companion.sandbox.faults import Fault
from companion.sandbox.log import READING, LoggedRequest
from companion.sandbox.mishaps import CUTS, INSTEAD, Cut, instead, spoiled
from companion.sandbox.shop import Shop
from companion.sandbox.wire import Request, Response

_REMEMBERED = 128
_NOT_FOUND = (
    '<!DOCTYPE html><html lang="fa-IR" dir="rtl"><title>برگه پیدا نشد</title><h1>۴۰۴ — برگه پیدا نشد</h1></html>'
)

Pace = Callable[[int], float]
"""How many seconds the host takes over a request whose answer carries so many records."""


class WebSite:
    """Answers requests. It knows nothing of sockets, and gives them what to send and where to cut."""

    def __init__(
        self,
        shop: Shop,
        api: Api,
        *,
        controllable: bool = False,
        page_seconds: Pace | None = None,
        write_seconds: Pace | None = None,
        workers: int | None = None,
        passing: Time = time,
    ) -> None:
        """`controllable`: the control route is open; `workers`: how many requests the host works on at once; `passing`:
        how time passes while it does.
        """
        self._shop = shop
        self._api = api
        self._controllable = controllable
        self._page_seconds = page_seconds
        self._write_seconds = write_seconds
        self._worker = threading.BoundedSemaphore(workers) if workers else nullcontext()
        self._time = passing
        self._cache = _Cache()

    def answer(self, request: Request) -> tuple[Response, Cut]:
        """The answer, and how much of it reaches the client."""
        if self._controllable and request.path.startswith(control.PREFIX):
            return control.answer(self._shop, request), "whole"
        started = self._time.monotonic()
        method = effective_method(request)
        fault = self._shop.faults.of_request(method, request.target)
        response, cut = self._struck(request, method, fault) if fault else (self._worked(request, method), "whole")
        status = 0 if cut == "nothing" else response.status
        self._shop.log.add(LoggedRequest(method, request.path, request.query, status, self._time.monotonic() - started))
        return response, cut

    def _struck(self, request: Request, method: str, fault: Fault) -> tuple[Response, Cut]:
        cut = CUTS.get(fault.kind, "whole")
        if fault.kind in INSTEAD:
            response = instead(fault)
            response.headers |= self._dated()
            return response, cut
        if fault.kind == "slow":
            self._time.sleep(fault.seconds or 0)
        cached = self._cache.get(request.target) if fault.kind == "stale" else None
        return spoiled(cached or self._worked(request, method), fault.kind), cut

    def _worked(self, request: Request, method: str) -> Response:
        """The shop's own answer, in the host's own time."""
        with self._worker:
            response = self._routed(request, method)
            response.headers |= self._dated()
            pace = self._page_seconds if method in READING else self._write_seconds
            if pace is not None:
                self._time.sleep(pace(response.items) + response.more_seconds)
        if method == "GET" and response.status == HTTPStatus.OK:
            self._cache.keep(request.target, response)
        return response

    def _dated(self) -> dict[str, str]:
        return {"Date": format_datetime(self._shop.clock(), usegmt=True)}

    def _routed(self, request: Request, method: str) -> Response:
        path = self._api.path(request)
        if path is not None:
            return self._api.answer(request, method, path)
        if request.path == "/" or request.path.startswith("/wp-admin/"):
            return admin.answer(self._shop, request)
        return Response.of_html(_NOT_FOUND, 404)


class _Cache:
    """What a cache before the shop remembers of the latest answers; only a `stale` fault asks it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: OrderedDict[str, Response] = OrderedDict()

    def keep(self, target: str, response: Response) -> None:
        with self._lock:
            self._kept[target] = response
            if len(self._kept) > _REMEMBERED:
                self._kept.popitem(last=False)

    def get(self, target: str) -> Response | None:
        with self._lock:
            known = self._kept.get(target)
        if known is None:
            return None
        hit = copy.copy(known)
        hit.headers = {**known.headers, "X-Cache": "HIT", "Age": "600"}
        return hit
