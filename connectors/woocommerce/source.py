"""A WooCommerce shop as companion uses it: what it reads, and the little that it writes.

Raw records come out as the shop sent them (`parse.py` reads them, one bad one spoils no page); what goes in is our one
meta key and our own webhooks, never another field. When to ask, and what to do with the answers, is the engine's.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from connectors.answers import redacted
from connectors.base import SUMMARY_KEY, Page, ShopFacts, Webhook, Window, WriteResult
from connectors.circuit import Circuit
from connectors.errors import ConnectorError, Missing, Permanent, Refused
from connectors.http import USER_AGENT, Http, Timeouts
from connectors.woocommerce import replies
from connectors.woocommerce.client import Client, Retry
from connectors.woocommerce.credentials import Credentials
from connectors.woocommerce.probe import Probe, probed
from connectors.wordpress.lists import PAGE_LIMIT, every, page_of, record, records, safe_id
from connectors.wordpress.windows import bounds, utc

__all__ = ["BATCH_LIMIT", "PAGE_LIMIT", "SUMMARY_KEY", "WooCommerce"]

BATCH_LIMIT = 100
"""The most that WooCommerce takes in one batch; more is answered 413."""

_THREADS = 8


class WooCommerce:
    """One shop. Safe for several threads; every method may raise `Transient`, `Permanent` or `Refused`.

    Reads are tried again as `retry` says, writes never: a write that raises `Transient` may or may not have taken
    effect. Connectors to one site share a `circuit`.
    """

    def __init__(
        self,
        *,
        url: str,
        credentials: Credentials,
        timeout: Timeouts | None = None,
        verify: bool | str = True,
        user_agent: str = USER_AGENT,
        retry: Retry | None = None,
        circuit: Circuit | None = None,
    ) -> None:
        self._http = Http(timeouts=timeout, verify=verify, user_agent=user_agent, pool_size=_THREADS, circuit=circuit)
        self._client = Client(url=url, credentials=credentials, http=self._http, retry=retry or Retry())
        self._secrets = credentials.secrets

    def __repr__(self) -> str:
        return f"WooCommerce({self._client.site!r})"

    def close(self) -> None:
        """Closes the kept connections."""
        self._http.close()

    # Reading

    def orders(self, window: Window | None, *, page: int, per_page: int = PAGE_LIMIT) -> Page:
        """Orders of every status but trash (or the trash alone), by id; None asks for everything."""
        params = {"orderby": "id", "order": "asc"}
        if window is not None:
            params |= _bounds(window)
        return self._page("orders", params, page=page, per_page=per_page)

    def orders_by_id(self, order_ids: Sequence[str]) -> Page:
        """Those of up to 100 orders that exist, whole, in one answer; none that lies in the trash."""
        if not order_ids:  # which the shop would take for all
            message = "no orders are named"
            raise ValueError(message)
        include = ",".join(safe_id(order_id) for order_id in order_ids)
        return self._page("orders", {"include": include, "orderby": "id", "order": "asc"}, page=1, per_page=PAGE_LIMIT)

    def order_stamps(self, *, trash: bool, page: int) -> Page:
        """Ids, states and dates of the orders, or of the trashed ones, by id: a tenth of the bytes of `orders`."""
        params = {"orderby": "id", "order": "asc", "_fields": "id,status,date_modified_gmt"}
        return self._page("orders", params | ({"status": "trash"} if trash else {}), page=page, per_page=PAGE_LIMIT)

    def customer_stamps(self, *, page: int) -> Page:
        """Ids and dates of the registered users of every role, by id."""
        params = {"role": "all", "orderby": "id", "order": "asc", "_fields": "id,date_modified_gmt"}
        return self._page("customers", params, page=page, per_page=PAGE_LIMIT)

    def order(self, order_id: str) -> bytes:
        """One order, the trashed ones too, past any cache. Raises `Missing`."""
        return self._record(f"orders/{safe_id(order_id)}")

    def refunds(self, *, since: datetime | None, page: int) -> Page:
        """Refunds of all orders made after `since`, by id. WooCommerce before 9.0 has no such list: `Permanent` with
        the code `no_refunds_list`, and the refunds are found on their orders.
        """
        params = {"orderby": "id", "order": "asc"}
        if since is not None:
            params |= {"after": utc(since), "dates_are_gmt": "true"}
        try:
            return self._page("refunds", params, page=page, per_page=PAGE_LIMIT)
        except Refused as error:
            if error.code != "no_woocommerce":
                raise
            words = "this WooCommerce does not list refunds by themselves"
            raise Permanent(words, code="no_refunds_list", status=error.status, hint="9.0 or newer does.") from None

    def order_refunds(self, order_id: str) -> tuple[bytes, ...]:
        """The refunds of one order (they do not name it). Raises `Missing`."""
        return tuple(self._all(f"orders/{safe_id(order_id)}/refunds", {"orderby": "id", "order": "asc"}))

    def order_notes(self, order_id: str) -> tuple[bytes, ...]:
        """The notes that stand on one order, private ones too; the shop gives all at once. Raises `Missing`."""
        answer = self._client.read(f"orders/{safe_id(order_id)}/notes", past_caches=True)
        return records(answer, self._secrets)

    def customers(self, *, page: int, per_page: int = PAGE_LIMIT, newest_first: bool = False) -> Page:
        """Registered users of every role, by id or the newest first. WooCommerce cannot list them by change."""
        by = {"orderby": "registered_date", "order": "desc"} if newest_first else {"orderby": "id", "order": "asc"}
        return self._page("customers", {"role": "all"} | by, page=page, per_page=per_page)

    def customer(self, customer_id: str) -> bytes:
        """One registered user, past any cache. Raises `Missing`."""
        return self._record(f"customers/{safe_id(customer_id)}")

    def facts(self) -> ShopFacts:
        """What the shop says of itself. Where the credentials may not read its status, versions and storage are ""."""
        site = self._client.root("name,url,home,gmt_offset,timezone_string")
        try:
            answer = self._client.read("system_status", {"_fields": "environment,settings"})
        except Refused as error:
            if error.code != "missing_capability":
                raise
            return replies.facts(self._client.site, site, b"{}")
        return replies.facts(self._client.site, site, record(answer, self._secrets))

    def probe(self) -> Probe:
        """What doctor says of the shop: whether we can read and write, how, and what is wrong in plain words."""
        return probed(self._client, self.facts)

    # Writing

    def write_summaries(self, values: Mapping[str, str | None]) -> tuple[WriteResult, ...]:
        """Sets our meta key on orders, by order id, in one batch (at most 100); None removes it. Nothing else is sent:
        the batch endpoint does not validate, and a wrong word for a status would reopen an order.
        """
        if not values:
            return ()
        if len(values) > BATCH_LIMIT:
            message = f"a batch holds at most {BATCH_LIMIT} orders, not {len(values)}"
            raise ValueError(message)
        updates = [
            {"id": int(safe_id(order_id)), "meta_data": [{"key": SUMMARY_KEY, "value": value}]}
            for order_id, value in values.items()
        ]
        answer = self._client.write("POST", "orders/batch", {"update": updates})
        written = {result.id: result for result in replies.written(answer, self._secrets)}
        return tuple([written.get(order_id) or replies.untold(order_id) for order_id in values])

    def webhooks(self) -> tuple[Webhook, ...]:
        """Every webhook of the shop, other people's too."""
        return tuple([replies.webhook(raw) for raw in self._all("webhooks", {"status": "all", "orderby": "id"})])

    def create_webhook(self, *, name: str, topic: str, delivery_url: str, secret: str) -> Webhook:
        """Registers a webhook; the shop pings `delivery_url` before it answers. Use a secret of letters and digits."""
        body = {"name": name, "topic": topic, "delivery_url": delivery_url, "secret": secret, "status": "active"}
        return self._webhook_written("POST", "webhooks", body)

    def update_webhook(
        self, webhook_id: str, *, status: str | None = None, secret: str | None = None, delivery_url: str | None = None
    ) -> Webhook:
        """Changes what is given. A webhook made active again keeps its count of failures. Raises `Missing`."""
        changes = {"status": status, "secret": secret, "delivery_url": delivery_url}
        body = {name: value for name, value in changes.items() if value is not None}
        return self._webhook_written("PUT", f"webhooks/{safe_id(webhook_id)}", body)

    def delete_webhook(self, webhook_id: str) -> None:
        """Removes a webhook; one that is gone already is well too."""
        try:
            self._client.write("DELETE", f"webhooks/{safe_id(webhook_id)}", params={"force": "true"})
        except Missing:
            return

    # The wire

    def _page(self, endpoint: str, params: dict[str, str], *, page: int, per_page: int) -> Page:
        answer = self._client.read(endpoint, params | {"page": str(page), "per_page": str(per_page)})
        return page_of(answer, records(answer, self._secrets), page=page, per_page=per_page)

    def _all(self, endpoint: str, params: dict[str, str]) -> Iterator[bytes]:
        return every(lambda page: self._page(endpoint, params, page=page, per_page=PAGE_LIMIT))

    def _record(self, endpoint: str) -> bytes:
        return record(self._client.read(endpoint, past_caches=True), self._secrets)

    def _webhook_written(self, method: str, endpoint: str, body: dict[str, str]) -> Webhook:
        try:
            answer = self._client.write(method, endpoint, body)
        except ConnectorError as error:
            error.args = (redacted(str(error), (body.get("secret", ""),)),)  # the shop may repeat what it rejects
            raise
        return replies.webhook(record(answer, self._secrets))


def _bounds(window: Window) -> dict[str, str]:
    params = bounds(window)
    if params:
        params["dates_are_gmt"] = "true"  # else the shop reads them in its own zone
    return ({"status": "trash"} if window.trash else {}) | params
