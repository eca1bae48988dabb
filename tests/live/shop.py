"""A shop as another program of its merchant's would use it: plain requests, nothing of our connectors.

What is made through it is noted at once, and unmade at the end in the opposite order, whatever became of the test.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from contextlib import ExitStack, suppress
from typing import Any
from urllib.parse import urlencode, urlsplit

import requests
from woocommerce.oauth import OAuth

from companion.config import Secret
from companion.config import Shop as ShopConfig

Json = dict[str, Any]


class Answered(Exception):
    """The shop did not do what it was asked for; `status` is its answer's."""

    def __init__(self, method: str, path: str, answer: requests.Response) -> None:
        self.status = answer.status_code
        super().__init__(f"{method} {path} answered {answer.status_code}: {answer.text[:300]}")


class Unanswered(Exception):
    """The shop did not answer."""


class PlainShop:
    """One shop by its REST API, with the credentials of its configuration. `token` marks all that is made here."""

    def __init__(self, config: ShopConfig) -> None:
        self._config = config
        self._session = requests.Session()
        self._verify = config.ca_file or config.verify_tls  # given each time: the environment's goes before a session's
        self._made = ExitStack()
        self.token = "".join(secrets.choice("bcdfghjkmnpqrstvwxz") for _ in range(10))

    # --- asking -------------------------------------------------------------------------------------------------------

    def ask(self, method: str, path: str, body: Json | None = None, **params: object) -> Any:
        """A request to WooCommerce, as JSON. Raises Answered for anything but success, else Unanswered."""
        __tracebackhide__ = True
        config, url = self._config, self._url(f"wc/v3/{path}")
        if config.consumer_key is None or config.consumer_secret is None:
            assert config.application_password is not None
            login = _login(config.username, config.application_password)
            return self._asked(method, url, path, auth=login, params=params, json=body)
        key, secret = config.consumer_key.reveal(), config.consumer_secret.reveal()
        if config.auth == "oauth" or urlsplit(url).scheme == "http":
            query = urlencode({name: str(value) for name, value in params.items()})
            signed = OAuth(f"{url}?{query}", key, secret, method=method).get_oauth_url()
            return self._asked(method, signed, path, json=body)
        if config.auth == "query":
            params |= {"consumer_key": key, "consumer_secret": secret}
            return self._asked(method, url, path, params=params, json=body)
        return self._asked(method, url, path, auth=(key, secret), params=params, json=body)

    def ask_helpdesk(self, method: str, path: str, body: Json | None = None, **params: object) -> Any:
        """A request to Awesome Support, as the user whom the configuration names for it."""
        return self._ask_as_helpdesk(method, f"wpas-api/v1/{path}", json=body, params=params)

    def nudge(self) -> None:
        """Visit the shop, so that WP-Cron runs what is due: most shops have no other clock."""
        with suppress(requests.RequestException):
            address = f"{self._config.url.rstrip('/')}/wp-cron.php?doing_wp_cron"
            self._session.get(address, timeout=30, verify=self._verify)

    @property
    def has_administrator(self) -> bool:
        """Whether the configuration names somebody for the helpdesk. A shop manager cannot delete users."""
        return self._config.helpdesk_login is not None

    def _ask_as_helpdesk(self, method: str, route: str, **how: Any) -> Any:
        __tracebackhide__ = True
        login = self._config.helpdesk_login
        assert login is not None, "the configuration names no helpdesk"
        return self._asked(method, self._url(route), route, auth=_login(*login), **how)

    def _url(self, route: str) -> str:
        return f"{self._config.url.rstrip('/')}/wp-json/{route}"

    def _asked(self, method: str, url: str, path: str, **how: Any) -> Any:
        __tracebackhide__ = True  # the arguments hold secrets, and may stand in the address too
        try:
            answer = self._session.request(
                method, url, timeout=self._config.timeout_seconds, verify=self._verify, **how
            )
        except requests.RequestException as error:
            raise Unanswered(f"{method} {path}: {type(error).__name__}") from None
        if not answer.ok:
            raise Answered(method, path, answer)
        return answer.json()

    # --- making, and unmaking -----------------------------------------------------------------------------------------

    def make_customer(self, first_name: str) -> Json:
        """A registered customer whose last name is the token; only an administrator can delete her again."""
        name = {"first_name": first_name, "last_name": self.token}
        email, username = self._email(), f"{self.token}{secrets.token_hex(3)}"
        login = {"email": email, "username": username, "password": secrets.token_hex(12)}
        made: Json = self.ask("POST", "customers", login | name | {"billing": {**name, "email": email}})
        self.made(
            lambda: self._ask_as_helpdesk(
                "DELETE", f"wc/v3/customers/{made['id']}", params={"force": "true", "reassign": "0"}
            )
        )
        return made

    def make_order(self, first_name: str = "مهمان", **fields: object) -> Json:
        """An order that nobody is written to about: unpaid, with one fee, for an address that cannot exist."""
        billing = {"first_name": first_name, "last_name": self.token, "email": self._email(), "city": "تبریز"}
        order: Json = {"status": "pending", "billing": billing, "fee_lines": [{"name": "آزمایش", "total": "1000"}]}
        made: Json = self.ask("POST", "orders", order | fields)
        self.made(lambda: self.ask("DELETE", f"orders/{made['id']}", force="true"))
        return made

    def _email(self) -> str:
        return f"{self.token}-{secrets.token_hex(3)}@companion.invalid"

    def make_ticket(self, author: int, title: str, content: str) -> Json:
        """A ticket that this user opened."""
        made: Json = self.ask_helpdesk("POST", "tickets", {"title": title, "content": content, "author": author})
        self.made(lambda: self.ask_helpdesk("DELETE", f"tickets/{made['id']}", force="true"))
        return made

    def made(self, unmake: Callable[[], object]) -> None:
        """Something else was made; this unmakes it, and may find that it is gone."""
        self._made.callback(_unless_gone, unmake)

    def close(self) -> None:
        """Unmake everything, the last first. Each thing is tried whatever became of the others; then the first failure
        of them is raised.
        """
        with self._session:
            self._made.close()


def _unless_gone(unmake: Callable[[], object]) -> None:
    try:
        unmake()
    except Answered as answered:
        if answered.status not in {404, 410}:
            raise


def _login(username: str, password: Secret) -> tuple[bytes, bytes]:
    # As bytes: requests takes text for Latin-1.
    return username.encode(), password.reveal().encode()
