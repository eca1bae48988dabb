"""The shop itself: its orders, what follows them, its users, and its helpdesk."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from companion.sandbox.aftercare import Aftercare
from companion.sandbox.clock import ShopClock
from companion.sandbox.credentials import ADMIN_ID, AGENT_ID, MANAGER_ID
from companion.sandbox.helpdesk import Helpdesk
from companion.sandbox.meta import entries_of, write_meta
from companion.sandbox.order_book import Storage
from companion.sandbox.records import BILLING_FIELDS, SHIPPING_FIELDS, Order, User, address
from companion.sandbox.views import ORDER, USER
from companion.sandbox.wire import RestError


class Shop(Aftercare):
    """One shop. Three people work in it from the start: an administrator, a shop manager and a support agent."""

    def __init__(
        self,
        *,
        clock: ShopClock,
        name: str = "Sandbox فروشگاه",
        storage: Storage = "hpos",
        currency: str = "IRT",
        decimals: int = 0,
        timezone: str = "Asia/Tehran",
    ) -> None:
        """`decimals`: how many the shop is set to print in amounts; `timezone`: what its bare dates mean."""
        super().__init__(
            clock=clock, name=name, storage=storage, currency=currency, decimals=decimals, timezone=timezone
        )
        self.users: dict[int, User] = {}
        self.next_user_id = 4
        self._user_ids: dict[str, int] = {}
        self.helpdesk = Helpdesk(self, self.users)
        for user_id, username, role in (
            (ADMIN_ID, "admin", "administrator"),
            (MANAGER_ID, "shopmanager", "shop_manager"),
            (AGENT_ID, "agent", "wpas_agent"),
        ):
            self._add_user(user_id, username, f"{username}@shop.example.com", role, self.clock.epoch())

    def payload(self, resource: str, arg: Any) -> Any:
        """What a webhook sends of an order or a customer: the record as the API gives it, or the API's error."""
        try:
            if resource == "order":
                return ORDER.show(self.order_or_error(arg), self.site())
            return USER.show(self.user_or_error(arg), self.site())
        except RestError as error:
            return error.as_json()

    def order_or_error(self, order_id: int, status: int = 404) -> Order:
        """The order, or the error that the API gives without it (404; a PUT says 400)."""
        if order_id not in self.orders:
            raise RestError(status, "woocommerce_rest_shop_order_invalid_id", "Invalid ID.")
        return self.orders[order_id]

    def user_or_error(self, user_id: int) -> User:
        """The user, or the error that the API gives without it."""
        if user_id not in self.users:
            raise RestError(404, "wc_user_invalid_id", "Invalid user ID.")
        return self.users[user_id]

    def create_customer(  # noqa: PLR0913 - a profile has this many parts, and each may be left out
        self,
        email: str,
        *,
        user_id: int | None = None,
        username: str = "",
        role: str = "customer",
        more_roles: Sequence[str] = (),
        first_name: str = "",
        last_name: str = "",
        billing: Mapping[str, str] | None = None,
        shipping: Mapping[str, str] | None = None,
        created_at: datetime | None = None,
        meta: Mapping[str, Any] | None = None,
        edited: bool = False,
        quiet: bool = False,
    ) -> User:
        """Register a user. `edited` gives the profile a date of change; otherwise it has none.

        ValueError where the e-mail address is taken.
        """
        with self.lock:
            if self.user_by_email(email) is not None:
                raise ValueError(f"An account is already registered with {email}.")
            new_id = self.next_user_id if user_id is None else user_id
            created = self.clock.epoch() if created_at is None else int(created_at.timestamp())
            user = self._add_user(
                new_id, self._free_username(username or email.partition("@")[0]), email, role, created
            )
            user.first_name, user.last_name, user.more_roles = first_name, last_name, tuple(more_roles)
            user.billing = address(dict(billing or {}), BILLING_FIELDS)
            user.shipping = address(dict(shipping or {}), SHIPPING_FIELDS)
            user.modified = created if edited else None
            write_meta(user.meta, entries_of(meta), new_id=lambda: self.new_id("usermeta"))
            if not quiet:
                self.deliveries.do_action("woocommerce_new_customer", new_id)
            return user

    def update_customer(
        self,
        user_id: int,
        *,
        fields: Mapping[str, Any] | None = None,
        billing: Mapping[str, str] | None = None,
        shipping: Mapping[str, str] | None = None,
        meta: Mapping[str, Any] | Sequence[dict[str, Any]] | None = None,
    ) -> User:
        """Save a user's profile, even with nothing to change in it. `fields`: email, first_name, last_name, role."""
        with self.lock:
            user = self.users[user_id]
            self._index(user, is_there=False)
            for name, value in (fields or {}).items():
                setattr(user, name, str(value))
            self._index(user, is_there=True)
            user.billing.update({k: str(v) for k, v in (billing or {}).items() if k in user.billing})
            user.shipping.update({k: str(v) for k, v in (shipping or {}).items() if k in user.shipping})
            entries = meta if isinstance(meta, Sequence) else entries_of(meta)
            write_meta(user.meta, entries, new_id=lambda: self.new_id("usermeta"))
            user.modified = self.clock.epoch()
            self.revision += 1
            self.deliveries.do_action("woocommerce_update_customer", user_id)
            return user

    def _set_status(self, order: Order, status: str, author: str) -> None:
        """A user's first completed order saves her profile too: she is a paying customer from then on."""
        is_completed = status == "completed" and order.status != status
        super()._set_status(order, status, author)
        user = self.users.get(order.customer_id)
        if is_completed and user is not None and not user.is_paying:
            user.is_paying = True
            self.update_customer(user.id)

    def delete_customer(self, user_id: int) -> None:
        """Delete a user for good; the orders stay and become a guest's."""
        with self.lock:
            user = self.users.pop(user_id)
            self._index(user, is_there=False)
            for order in self.orders.values():
                if order.customer_id == user_id:
                    order.customer_id = 0
                    order.cached = None
            self.revision += 1
            if user.role == "customer":
                self.deliveries.do_action("delete_user", user_id)
            self.bridge.happened("customer", "deleted", user_id, dateless=True)

    def user_by_email(self, email: str) -> User | None:
        """The user of an e-mail address, in whatever case it is written."""
        return self.users.get(self._user_ids.get(f"@{email.lower()}", 0))

    def _free_username(self, wanted: str) -> str:
        names = (wanted if number == 1 else f"{wanted}{number}" for number in itertools.count(1))
        return next(name for name in names if name not in self._user_ids)

    def _index(self, user: User, *, is_there: bool) -> None:
        """Keep users findable by user name and by "@" and e-mail address, which must both be unique."""
        for name in (user.username, f"@{user.email.lower()}"):
            if is_there:
                self._user_ids[name] = user.id
            else:
                self._user_ids.pop(name, None)

    def _add_user(self, user_id: int, username: str, email: str, role: str, created: int) -> User:
        user = User(
            user_id,
            username,
            email,
            role,
            "",
            "",
            created,
            None,
            address(None, BILLING_FIELDS),
            address(None, SHIPPING_FIELDS),
        )
        self.users[user_id] = user
        self._index(user, is_there=True)
        self.next_user_id = max(self.next_user_id, user_id + 1)
        self.revision += 1
        return user
