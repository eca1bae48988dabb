"""Where an agent finds an order or a ticket in the shop's own back office."""

from __future__ import annotations

import time
from collections.abc import Iterable

from companion.config import Shop as ShopConfig
from storage import shops
from storage.engine import Store

_REMEMBERED_S = 60.0


class Screens:
    """Addresses of the screens of the configured shops. None for a shop that is not configured any more."""

    def __init__(self, store: Store, configured: Iterable[ShopConfig]) -> None:
        self._store = store
        self._shops = {shop.key: shop for shop in configured}
        self._storages: dict[str, tuple[str, float]] = {}

    def order(self, shop_key: str, order_id: str) -> str | None:
        """The order's screen: as configured, else that of the order storage that the shop last told of."""
        shop = self._shops.get(shop_key)
        if shop is None:
            return None
        if shop.order_url:
            return shop.order_url.replace("{id}", order_id)
        if self._order_storage(shop_key).startswith("legacy"):
            return _post(shop, order_id)
        return f"{shop.url}/wp-admin/admin.php?page=wc-orders&action=edit&id={order_id}"

    def _order_storage(self, shop_key: str) -> str:
        """As the shop last told it; remembered for a while, since a page asks it for each of its orders."""
        storage, asked_at = self._storages.get(shop_key, ("", 0.0))
        if not asked_at or time.monotonic() - asked_at > _REMEMBERED_S:
            with self._store.read() as tx:
                known = shops.get(tx, shop_key)
            storage = str(known.facts.get("order_storage", "")) if known else ""
            self._storages[shop_key] = storage, time.monotonic()
        return storage

    def ticket(self, shop_key: str, ticket_id: str) -> str | None:
        """The ticket's screen: as configured, else that of a WordPress post, which a ticket is."""
        shop = self._shops.get(shop_key)
        if shop is None:
            return None
        return shop.ticket_url.replace("{id}", ticket_id) if shop.ticket_url else _post(shop, ticket_id)


def _post(shop: ShopConfig, post_id: str) -> str:
    return f"{shop.url}/wp-admin/post.php?post={post_id}&action=edit"
