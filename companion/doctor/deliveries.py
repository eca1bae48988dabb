"""How a shop's changes reach us: its webhooks, the way from it to our entrance, and what last came by it.

An unmodified WordPress delivers to public addresses and to three ports alone, and loses what is answered by a redirect;
both without a word.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from http import HTTPStatus
from urllib.parse import urlsplit

import requests

from companion.config import Config
from companion.config import Shop as ShopConfig
from companion.doctor.database import Remembered
from companion.doctor.finding import Finding
from companion.domain.subscription import DISABLED, PAUSED, delivery_url
from companion.sync.deliveries.subscriptions import TOPICS
from connectors.woocommerce.source import WooCommerce

_PORTS = {80, 443, 8080}
# As `wp_http_validate_url` has them; link-local and carrier networks are not among them.
_PRIVATE = [
    ipaddress.ip_network(net) for net in ("0.0.0.0/8", "10.0.0.0/8", "127.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")
]
_PING = {"webhook_id": "1"}  # as a shop asks whether anybody listens; it has no effect
_PING_S = 5
_LATELY = timedelta(days=1)


def examine(
    subject: str,
    shop: ShopConfig,
    source: WooCommerce,
    config: Config,
    remembered: Remembered,
    *,
    runs_jobs: bool | None,
    now: datetime,
) -> Iterator[Finding]:
    """From the address to the last delivery. Raises ConnectorError where the webhooks cannot be read."""
    public = config.web.public_url
    if not public:
        message = f"changes arrive by polling alone, every {config.sync.poll_seconds} seconds"
        yield Finding(subject, "warning", message, "Set web.public_url to an address that the shop can reach.")
        return
    is_arriving = remembered.delivered_at is not None and now - remembered.delivered_at < _LATELY
    if not is_arriving:
        yield from _way(subject, shop, public)
        if runs_jobs is False:
            message = "WordPress does not start its own jobs (DISABLE_WP_CRON), its webhooks among them"
            cure = f"Let the server's cron call {shop.url}/wp-cron.php every minute, or remove DISABLE_WP_CRON."
            yield Finding(subject, "warning", message, cure)
    yield from _webhooks(subject, shop.key, source, public, remembered)


def _way(subject: str, shop: ShopConfig, public: str) -> Iterator[Finding]:
    """What a delivery meets on its way. Not asked while deliveries arrive: then it is well."""
    host = urlsplit(public).hostname or ""
    if refusal := why_refused(public, shop.url, _addresses(host)):
        cure = (
            "Give companion a public address on port 443, or let the shop's filters http_request_host_is_external and "
        )
        cure += "http_allowed_safe_ports allow this one."
        yield Finding(subject, "warning", f"WordPress does not deliver to {public}: {refusal}", cure)
    yield _pinged(subject, delivery_url(public, shop.key, TOPICS[0]), public)


def why_refused(public_url: str, shop_url: str, addresses: Sequence[str]) -> str:
    """Why an unmodified WordPress at `shop_url` does not deliver to `public_url`, whose host has these IPv4 addresses;
    "" where it does. To its own host it delivers whatever the address.
    """
    ours, theirs = urlsplit(public_url), urlsplit(shop_url)
    is_its_own = ours.hostname == theirs.hostname
    if ":" in (ours.hostname or ""):
        return "it knows no addresses of IPv6"
    if not is_its_own:
        if not addresses:
            return "its host has no address of IPv4"
        if private := [address for address in addresses if _is_private(address)]:
            return f"{private[0]} is a private address"
    if ours.port in {None, *_PORTS} or (is_its_own and ours.port == theirs.port):
        return ""
    return f"port {ours.port} is none of 80, 443 and 8080"


def _is_private(address: str) -> bool:
    return any(ipaddress.ip_address(address) in net for net in _PRIVATE)


def _addresses(host: str) -> list[str]:
    try:
        found = socket.getaddrinfo(host, None, socket.AF_INET, socket.SOCK_STREAM)
    except OSError:
        return []
    return sorted({str(address[0]) for *_, address in found})


def _pinged(subject: str, url: str, public: str) -> Finding:
    """Whether our own entrance answers there, asked as a shop asks it, without following a redirect."""
    with requests.Session() as session:
        session.trust_env = False  # a shop does not come through this machine's proxy either
        try:
            answer = session.post(url, data=_PING, timeout=_PING_S, allow_redirects=False)
        except requests.exceptions.SSLError:
            cure = "Give the web server in front a certificate of a known authority, with its intermediates."
            return Finding(subject, "problem", f"the certificate at {public} is not one that a shop accepts", cure)
        except (requests.RequestException, UnicodeError):
            cure = "`companion run` opens it, behind the web server in front. From this machine alone it may be closed."
            return Finding(subject, "warning", f"nobody answers at {public}", cure)
    if answer.status_code == HTTPStatus.OK and answer.content == b"ok":
        return Finding(subject, "ok", f"its deliveries find companion at {public}")
    if answer.is_redirect:
        message = f"{url} redirects to {answer.headers['Location'].partition('?')[0]}: a shop takes that for delivered"
        return Finding(
            subject, "problem", message, "Set web.public_url to where it ends, or let /in/ through as it is."
        )
    message = f"{url} is answered {answer.status_code} by something else than this companion"
    cure = "Let the web server in front pass /in/ on, without a log-in, a challenge or a page of its own; and start "
    return Finding(subject, "warning", message, f"{cure}`companion run`, if it does not run.")


def _webhooks(subject: str, key: str, source: WooCommerce, public: str, remembered: Remembered) -> Iterator[Finding]:
    """Those that every shop should have, and those that companion keeps in this one besides."""
    by_url = {webhook.delivery_url: webhook for webhook in source.webhooks()}
    topics = list(dict.fromkeys((*TOPICS, *sorted(remembered.webhooks))))
    ours = {topic: by_url.get(delivery_url(public, key, topic)) for topic in topics}
    if missing := [topic for topic, webhook in ours.items() if webhook is None]:
        message = f"webhooks are missing: {', '.join(missing)}"
        yield Finding(subject, "warning", message, 'The worker makes them, unless push.mode is "off".')
    off = [topic for topic, webhook in ours.items() if webhook is not None and webhook.status == DISABLED]
    if off:
        message = f"webhooks are switched off: {', '.join(off)}"
        cure = f"After seven failures in a row a shop switches one off. Find out why it could not reach {public}; the "
        yield Finding(subject, "problem", message, f'{cure}worker switches it on again, unless push.mode is "off".')
    paused = [topic for topic, webhook in ours.items() if webhook is not None and webhook.status == PAUSED]
    if paused:
        message = f"somebody paused webhooks in the shop: {', '.join(paused)}"
        cure = "Activate them under WooCommerce > Settings > Advanced > Webhooks; companion leaves them as they are."
        yield Finding(subject, "warning", message, cure)
    if fragile := [topic for topic, kept in sorted(remembered.webhooks.items()) if kept.is_fragile]:
        message = f"one more failure switches these webhooks off again: {', '.join(fragile)}"
        cure = f"See to it that {public} is reached; the first delivery that succeeds makes them whole."
        yield Finding(subject, "warning", message, cure)
    if not (missing or off or paused):
        at = remembered.delivered_at
        last = f"the last one came at {at:%Y-%m-%d %H:%M} UTC" if at else "none has come yet"
        yield Finding(subject, "ok", f"delivers its changes by webhook; {last}")
