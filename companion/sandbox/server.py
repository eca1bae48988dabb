"""The sandbox on a socket: a small threaded HTTP/1.1 server with keep-alive, gzip, TLS, and connections it cuts."""

from __future__ import annotations

import gzip
import http.server
import socket
import socketserver
import ssl
import sys
import threading
import time
from collections import OrderedDict
from http import HTTPStatus
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qsl, unquote

from companion.sandbox.api import Api
from companion.sandbox.auth import Authentication
from companion.sandbox.bridge import DEFAULT_SECRET, SUMMARY_KEY
from companion.sandbox.clock import ShopClock, Time
from companion.sandbox.credentials import Credentials, Login, login_of
from companion.sandbox.mishaps import Cut
from companion.sandbox.order_book import Storage
from companion.sandbox.shop import Shop
from companion.sandbox.site import Pace, WebSite
from companion.sandbox.wire import Request, Response

_GZIP_FROM_BYTES = 1024
_GZIP_KEPT_BYTES = 64 << 20


class Sandbox:
    """A pretend shop, listening from the moment it is made until `close`. A context manager.

    Everything a test wants to see or change is at `shop`; what a client needs is `url` and `credentials`.
    """

    def __init__(  # noqa: PLR0913 - each option is one way in which hosts differ
        self,
        *,
        port: int = 0,
        clock: ShopClock | None = None,
        name: str = "Sandbox فروشگاه",
        storage: Storage = "hpos",
        currency: str = "IRT",
        decimals: int = 0,
        timezone: str = "Asia/Tehran",
        pretend_tls: bool = False,
        certificate: tuple[str, str] | None = None,
        strip_authorization: bool = False,
        plain_permalinks: bool = False,
        woocommerce: bool = True,
        two_dots: bool = False,
        awesome_support: bool = True,
        rest_enabled: bool = True,
        recursion_seconds: float = 0.0,
        bridge: bool = False,
        bridge_secret: str = DEFAULT_SECRET,
        bridge_shop: str = "main",
        control: bool = False,
        queue_seconds: float | None = None,
        page_seconds: Pace | None = None,
        write_seconds: Pace | None = None,
        workers: int | None = None,
        passing: Time = time,
    ) -> None:
        """Open the shop on 127.0.0.1.

        Args:
            port: 0 takes a free one.
            clock: the shop's clock; by default the machine's.
            name: what the shop calls itself.
            storage: where orders live.
            currency: code of the shop's currency.
            decimals: how many the shop prints in amounts.
            timezone: what the shop's bare dates mean.
            pretend_tls: take every request as if it had come over TLS, as behind a proxy.
            certificate: (certificate file, key file) for real TLS.
            strip_authorization: the host takes the Authorization header away.
            plain_permalinks: only `/?rest_route=` reaches the API.
            woocommerce: False is a WordPress without it.
            two_dots: two dots in an administrator's key-signed request answer 500.
            awesome_support: False is a WordPress without that plugin.
            rest_enabled: whether its option `enable_rest_api` is on (off where nobody has touched it).
            recursion_seconds: how long its API hangs on an unknown user name, a WooCommerce key among them, before
                it answers 500 (20 to 40 in the real one).
            bridge: companion's own plugin is there: events, its read route, and its meta on tickets.
            bridge_secret: what calls of its route are signed with.
            bridge_shop: by which key companion knows this shop.
            control: serve the control route of `control.py`.
            queue_seconds: how often the webhook queue runs by itself; None leaves it to `shop.run_queue()`.
            page_seconds: how long reading so many records takes.
            write_seconds: how long a write answering so many records takes.
            workers: how many requests the shop works on at once; None is no limit.
            passing: how time passes while it works; a `FastTime` makes no client wait.
        """
        self.credentials = Credentials()
        self.shop = Shop(
            clock=clock or ShopClock(),
            name=name,
            storage=storage,
            currency=currency,
            decimals=decimals,
            timezone=timezone,
        )
        self.shop.helpdesk.is_active, self.shop.helpdesk.rest_enabled = awesome_support, rest_enabled
        self.shop.helpdesk.registered_meta = (SUMMARY_KEY,) if bridge else ()
        self.shop.bridge.is_active = bridge
        self.shop.bridge.secret, self.shop.bridge.shop_key = bridge_secret, bridge_shop
        self._authentication = Authentication(
            self.credentials, user_by_email=self.shop.user_by_email, strip_authorization=strip_authorization
        )
        api = Api(
            self.shop,
            self._authentication,
            plain_permalinks=plain_permalinks,
            woocommerce=woocommerce,
            trips_on_two_dots=two_dots,
            recursion_seconds=recursion_seconds,
        )
        site = WebSite(
            self.shop,
            api,
            controllable=control,
            page_seconds=page_seconds,
            write_seconds=write_seconds,
            workers=workers,
            passing=passing,
        )
        self._server = _Server(port, site, _tls(certificate), is_tls=pretend_tls or certificate is not None)
        self.port = self._server.port
        self.url = f"{'https' if certificate else 'http'}://127.0.0.1:{self.port}"
        self.shop.move_to(self.url)
        self._server.start()
        self._stopping = threading.Event()
        self._queue = threading.Thread(target=self._run_queue, args=(queue_seconds,), name="sandbox-queue", daemon=True)
        self._queue.start()

    def application_password(self, user_id: int) -> Login:
        """A WordPress application password of any user."""
        login = login_of(self.shop.users[user_id].username, user_id)
        self._authentication.let_in(login)
        return login

    def _run_queue(self, seconds: float | None) -> None:
        while seconds is not None and not self._stopping.wait(seconds):
            if self.shop.runs_jobs:
                self.shop.run_queue()

    def close(self) -> None:
        """Stop listening, cut every connection, and wait for the threads."""
        self._stopping.set()
        self._server.stop()
        self._queue.join()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _tls(certificate: tuple[str, str] | None) -> ssl.SSLContext | None:
    if certificate is None:
        return None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)
    return context


class _Server(socketserver.ThreadingMixIn, socketserver.TCPServer):
    """Accepts connections until it is stopped, a thread for each."""

    allow_reuse_address = True
    request_queue_size = 128
    daemon_threads = False
    block_on_close = True

    def __init__(self, port: int, site: WebSite, context: ssl.SSLContext | None, *, is_tls: bool) -> None:
        self.site = site
        self.is_tls = is_tls
        self.zipped = _Zipped()
        self._context = context
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._accepting = threading.Thread(target=self._accept_all, name="sandbox-http", daemon=True)
        super().__init__(("127.0.0.1", port), _Handler)
        self.port: int = self.server_address[1]

    def start(self) -> None:
        """Accept connections from now on."""
        self._accepting.start()

    def _accept_all(self) -> None:
        while True:
            try:
                connection, address = self.get_request()
            except OSError:  # the client was gone before it was let in
                continue
            if self._stopping.is_set():
                connection.close()
                return
            with self._lock:
                self._open.add(connection)
            self.process_request(connection, address)

    def finish_request(self, request: Any, client_address: Any) -> None:
        if self._context is None:
            super().finish_request(request, client_address)
            return
        try:
            wrapped = self._context.wrap_socket(request, server_side=True)
        except OSError:  # a client that does not trust the certificate says so by going away
            return
        with wrapped:
            with self._lock:
                self._open.add(wrapped)
            try:
                super().finish_request(wrapped, client_address)
            finally:
                with self._lock:
                    self._open.discard(wrapped)

    def shutdown_request(self, request: Any) -> None:
        with self._lock:
            self._open.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A connection that its client cut is no error; anything else is ours, and is printed as usual."""
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)

    def stop(self) -> None:
        """Let nobody in, then cut whoever is in, then wait for the threads."""
        self._stopping.set()
        with socket.create_connection(("127.0.0.1", self.port)):  # wakes the accepting thread
            self._accepting.join()
        with self._lock:
            connections = list(self._open)
        for connection in connections:
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:  # gone already
                continue
        self.server_close()


class _Handler(http.server.BaseHTTPRequestHandler):
    """One connection: parses requests, writes answers whole, in one go."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: _Server

    def _answer(self) -> None:
        if "Transfer-Encoding" in self.headers:
            self.close_connection = True
            self._send(Response(HTTPStatus.LENGTH_REQUIRED), "whole")
            return
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        path, _, query = self.path.partition("?")
        request = Request(
            method=self.command,
            target=self.path,
            path=unquote(path),
            query=tuple(parse_qsl(query, keep_blank_values=True)),
            headers={name.lower(): value for name, value in self.headers.items()},
            body=body,
            host=self.headers.get("Host", ""),
            is_tls=self.server.is_tls,
        )
        response, cut = self.server.site.answer(request)
        if cut == "nothing":
            self.close_connection = True
            return
        self._send(response, cut)

    def _send(self, response: Response, cut: Cut) -> None:
        body = response.body
        headers = {"Content-Type": response.content_type, **response.headers}
        if len(body) >= _GZIP_FROM_BYTES and "gzip" in self.headers.get("Accept-Encoding", ""):
            body = self.server.zipped.of(body)
            headers |= {"Content-Encoding": "gzip", "Vary": "Accept-Encoding"}
        headers["Content-Length"] = str(len(body))
        head = f"HTTP/1.1 {response.status} {_reason(response.status)}\r\n"
        head += "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        sent = b"" if self.command == "HEAD" else body
        if cut == "half":
            sent = sent[: len(sent) // 2]
            self.close_connection = True
        self.wfile.write(f"{head}\r\n".encode("latin-1", "replace") + sent)

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = _answer  # noqa: N815 - http.server's names

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - http.server's name
        """Say nothing: the shop keeps its own log."""


def _reason(status: int) -> str:
    return HTTPStatus(status).phrase if status in HTTPStatus._value2member_map_ else "Unknown"


class _Zipped:
    """The compressed forms of the latest bodies: sweeps and benchmarks ask for the same pages again and again."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: OrderedDict[bytes, bytes] = OrderedDict()
        self._size = 0

    def of(self, body: bytes) -> bytes:
        with self._lock:
            known = self._kept.get(body)
        if known is not None:
            return known
        packed = gzip.compress(body, 1, mtime=0)
        with self._lock:
            self._kept[body] = packed
            self._size += len(body) + len(packed)
            while self._size > _GZIP_KEPT_BYTES:
                old, old_packed = self._kept.popitem(last=False)
                self._size -= len(old) + len(old_packed)
        return packed
