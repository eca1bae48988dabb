"""How tests make a connector to a shop that `responses` plays."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit

from requests import PreparedRequest

from connectors.woocommerce.client import Retry
from connectors.woocommerce.credentials import ApplicationPassword, ConsumerKey, Credentials
from connectors.woocommerce.source import WooCommerce
from tests.connectors.recorded import Exchange

SITE = "https://shop.example"
API = f"{SITE}/wp-json/wc/v3"
PLAIN_SITE = "http://shop.example"
PLAIN_API = f"{PLAIN_SITE}/wp-json/wc/v3"

KEY = ConsumerKey("ck_5f1d0a9b", "cs_77aa0e3c")
PASSWORD = ApplicationPassword("مینا", "abcd EFGH ijkl MNOP")

PASSED_HEADERS = ("Date", "X-WP-Total", "X-WP-TotalPages", "Content-Type")


class Naps(list[float]):
    """A sleep that only notes how long it would have been."""

    def __call__(self, seconds: float) -> None:
        self.append(seconds)


def retry(naps: Naps | None = None, attempts: int = 3) -> Retry:
    return Retry(attempts=attempts, sleep=naps if naps is not None else Naps(), chance=lambda: 0.0)


def shop_at(url: str = SITE, credentials: Credentials = KEY, **options: Any) -> WooCommerce:
    return WooCommerce(url=url, credentials=credentials, **({"retry": retry()} | options))


def as_answer(seen: Exchange) -> dict[str, Any]:
    """A recorded answer, as `responses` takes it."""
    headers = {name: value for name, value in seen.headers.items() if name in PASSED_HEADERS}
    return {
        "status": seen.status,
        "body": seen.body,
        "content_type": headers.pop("Content-Type", "application/json"),
        "headers": headers,
    }


def asked(request: PreparedRequest) -> dict[str, str]:
    """The parameters of a request; each came once."""
    several = parse_qs(urlsplit(request.url or "").query, keep_blank_values=True)
    assert all(len(values) == 1 for values in several.values()), f"sent twice: {several}"
    return dict(parse_qsl(urlsplit(request.url or "").query, keep_blank_values=True))


Reply = tuple[int, dict[str, str], bytes]
Answering = Callable[[PreparedRequest], Reply]


def in_turn(*replies: Reply | Answering) -> Answering:
    """Answers one after another; the last one for ever."""
    waiting = list(replies)

    def answer(request: PreparedRequest) -> Reply:
        reply = waiting.pop(0) if len(waiting) > 1 else waiting[0]
        return reply(request) if callable(reply) else reply

    return answer
