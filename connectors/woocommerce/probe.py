"""What is wrong with a shop, in plain words: the questions that `doctor` and a first backfill ask before anything else.

Changes nothing in the shop: writing is tried with an empty batch, which WooCommerce answers after checking the key.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from connectors.base import ShopFacts
from connectors.errors import ConnectorError
from connectors.woocommerce.client import Client
from connectors.woocommerce.verdicts import TWO_DOTS_HINT
from connectors.wordpress.findings import Finding, of_addresses, problem, tried, warning

__all__ = ["Finding", "Probe", "probed"]


@dataclass(frozen=True, slots=True)
class Probe:
    """What was found. `manner` is how our credentials travel, "" where they never arrived; `namespaces` are the parts
    of the site's REST API, its plugins' among them.
    """

    can_read: bool
    can_write: bool
    manner: str
    plain_permalinks: bool
    facts: ShopFacts | None
    findings: tuple[Finding, ...]
    namespaces: frozenset[str] = frozenset()

    @property
    def is_well(self) -> bool:
        """Whether companion can work with this shop."""
        return self.can_read and self.can_write


def probed(client: Client, facts: Callable[[], ShopFacts]) -> Probe:
    """Asks the shop one thing after another and says what each answer means. Raises nothing."""
    findings: list[Finding] = []

    namespaces: list[str] = []
    unfit = tried(lambda: _is_shop(client, findings, namespaces))
    if unfit or findings:
        if unfit:
            findings.append(problem(unfit))
        return Probe(
            can_read=False, can_write=False, manner="", plain_permalinks=False, facts=None, findings=tuple(findings)
        )
    unread = tried(lambda: client.read("orders", {"per_page": "1", "_fields": "id"}))
    unwritten = tried(lambda: client.write("POST", "orders/batch", {}))
    findings += _of_permission(unread, unwritten)
    told: list[ShopFacts] = []
    if unread is None:
        findings += _of_manner(client)
        dotted = tried(lambda: client.read("orders", {"per_page": "1", "_fields": "id", "companion_probe": "a.b.c"}))
        if dotted is not None and dotted.code == "two_dots":
            message = "the shop breaks on requests with two dots"
            findings.append(Finding("two_dots", "warning", message, TWO_DOTS_HINT))
        unknown = tried(lambda: told.append(facts()))
        if unknown:
            findings.append(warning(unknown))
        elif not told[0].woocommerce_version:
            message = "these credentials may not read the shop's status, so its versions are unknown"
            hint = "Use credentials of a shop manager or an administrator."
            findings.append(Finding("no_system_status", "warning", message, hint))
    return Probe(
        can_read=unread is None,
        can_write=unwritten is None,
        manner=client.manner if unread is None or unwritten is None else "",
        plain_permalinks=bool(client.plain_permalinks),
        facts=told[0] if told else None,
        findings=tuple(findings),
        namespaces=frozenset(namespaces),
    )


def _is_shop(client: Client, findings: list[Finding], namespaces: list[str]) -> None:
    told = client.root("name,namespaces").get("namespaces")
    namespaces += [name for name in told if isinstance(name, str)] if isinstance(told, list) else []
    if not isinstance(told, list):
        message = f"{client.site} is not a WordPress site that speaks REST"
        findings.append(Finding("not_a_shop", "problem", message, "Check the shop's address."))
    elif "wc/v3" not in namespaces:
        message = "this WordPress has no WooCommerce, or one older than 3.5"
        findings.append(Finding("no_woocommerce", "problem", message, "Install and activate WooCommerce."))


def _of_permission(unread: ConnectorError | None, unwritten: ConnectorError | None) -> list[Finding]:
    """What refused reading and writing say together: a key that may do one of them is right, but half."""
    if unread is None and unwritten is not None and unwritten.code.startswith("key_rejected"):
        return [_as("read_only_key", "the key may read but not write", unwritten)]
    if unwritten is None and unread is not None and unread.code.startswith("key_rejected"):
        return [_as("write_only_key", "the key may write but not read", unread)]
    if unread is not None:
        return [problem(unread)]
    return [problem(unwritten)] if unwritten is not None else []


def _of_manner(client: Client) -> list[Finding]:
    findings = []
    if client.manner == "query" and client.is_manner_open:
        message = "the shop's host strips the Authorization header, so the keys travel in the address"
        hint = "Safe on the way (TLS), but they stand in the shop's own access log; a rule in .htaccess mends it."
        findings.append(Finding("header_stripped", "warning", message, hint))
    elif client.manner == "query":
        message = "the keys travel in the address, as the configuration says"
        hint = 'They stand in the shop\'s own access log; auth = "auto" does it only where the host strips the header.'
        findings.append(Finding("keys_in_address", "warning", message, hint))
    if client.manner == "oauth-swapped":
        message = (
            "WordPress does not know whether its visitors come by https, so we sign for the other of http and https"
        )
        hint = "Let the proxy before it tell the truth in X-Forwarded-Proto, and wp-config.php heed it."
        findings.append(Finding("scheme_unknown", "warning", message, hint))
    if not client.is_ssl:
        message = "the shop is read over plain HTTP: anybody on the way can read its orders"
        findings.append(Finding("plain_http", "warning", message, "Use an https:// address."))
    return findings + of_addresses(client)


def _as(code: str, message: str, error: ConnectorError) -> Finding:
    return Finding(code, "problem", message, error.hint or "Give the key the permission Read/Write.")
