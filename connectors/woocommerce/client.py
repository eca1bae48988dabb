"""One signed exchange with WooCommerce's REST API: the `woocommerce` package's signing over our `Http`.

The package opens a connection for every call, changes the caller's parameters and sends OAuth parameters twice
(wc-api-python issues 76 and 82); its single door to the network, `API.__request`, is therefore taken over here. Which
endpoints exist and what they answer is `source.py`'s business.
"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import quote, urlencode, urlsplit

from requests.auth import AuthBase, HTTPBasicAuth
from woocommerce import API
from woocommerce.oauth import OAuth

from connectors.errors import ConnectorError, Refused
from connectors.http import Answer, Http
from connectors.woocommerce.credentials import OTHERWISE, ConsumerKey, Credentials, Manner
from connectors.woocommerce.verdicts import verdict
from connectors.wordpress.client import RestClient, Retry, unseen

__all__ = ["Client", "Retry"]

_OF_THE_MANNER = {"not_recognised", "wrong_key", "wrong_signature"}
"""Refusals of how we came, not of what we may: the other manner did no better, so the first one's words are told."""


class Client(RestClient, API):  # type: ignore[misc]  # the package ships no types
    """The package's API over pooled connections. The manner of authentication that gets through is one more thing that
    it learns of a shop.
    """

    def __init__(self, *, url: str, credentials: Credentials, http: Http, retry: Retry) -> None:
        RestClient.__init__(self, url=url, http=http, retry=retry, secrets=credentials.secrets)
        key, secret = (credentials.key, credentials.secret) if isinstance(credentials, ConsumerKey) else ("", "")
        API.__init__(self, self.site, key, secret)
        self._credentials = credentials
        self.manner: Manner = credentials.first_manner(over_tls=self.is_ssl)
        self._by_key = isinstance(credentials, ConsumerKey)

    @property
    def is_manner_open(self) -> bool:
        """Whether the manner was found out, and not chosen by the owner."""
        return self._credentials.is_open

    def read(self, endpoint: str, params: Mapping[str, str] | None = None, *, past_caches: bool = False) -> Answer:
        """GET of wc/v3; tried again on passing errors, each attempt signed anew. `past_caches` asks at an address that
        no cache has seen, whether or not one was noticed.
        """
        answer: Answer = self.get(endpoint, params={**(params or {}), **(unseen() if past_caches else {})})
        return answer

    def write(self, method: str, endpoint: str, body: object = None, params: Mapping[str, str] | None = None) -> Answer:
        """POST, PUT or DELETE of wc/v3, sent once."""
        answer: Answer = self._API__request(method, endpoint, body, params=params)
        return answer

    def _API__request(  # noqa: N802 (the package's own private name, which its verbs call)
        self, method: str, endpoint: str, data: object, params: Mapping[str, str] | None = None
    ) -> Answer:
        return self._exchanged(method, endpoint, params, data)

    def _admitted(self, method: str, endpoint: str, params: dict[str, str], body: bytes | None) -> Answer:
        """The answer by the manner that gets our credentials to the shop; the first that does is kept."""
        manner = self.manner
        answer = self._signed(manner, method, endpoint, params, body)
        refusal = self._verdict(answer, method, endpoint, params)
        other = OTHERWISE.get((manner, refusal.code)) if refusal and self._credentials.is_open else None
        if other is not None:
            answer = self._signed(other, method, endpoint, params, body)
            second = self._verdict(answer, method, endpoint, params)
            if second is None or second.code not in _OF_THE_MANNER:
                manner, refusal = other, second
        if refusal is not None:
            raise self._explained(refusal)
        self.manner = manner
        return answer

    def _verdict(self, answer: Answer, method: str, endpoint: str, params: dict[str, str]) -> ConnectorError | None:
        error = verdict(
            answer,
            secrets=self._secrets,
            is_write=method != "GET",
            by_key=self._by_key,
            dots=f"{urlsplit(self.site).path}{endpoint}{urlencode(params)}".count("."),
        )
        return error or self._shapeless(answer)

    def _openly_refused(self, answer: Answer) -> ConnectorError | None:
        return verdict(answer, secrets=self._secrets, is_write=False, by_key=False)

    def _explained(self, refusal: ConnectorError) -> ConnectorError:
        """A key that goes unheeded at plain permalinks is not wrong."""
        if not self.plain_permalinks or refusal.code not in {"not_recognised", "wrong_key"} or not self._by_key:
            return refusal
        return Refused(
            "the shop's permalinks are plain, and WooCommerce before 11.1 then ignores its own keys",
            code="plain_permalinks",
            status=refusal.status,
            hint="Choose any other structure under Settings > Permalinks, or use an application password.",
        )

    def _signed(self, manner: Manner, method: str, endpoint: str, params: dict[str, str], body: bytes | None) -> Answer:
        url, params = self._addressed(method, f"{self.version}/{endpoint}", params)
        auth: AuthBase | None = None
        if manner == "basic":
            auth = self._basic()
        elif manner == "query":
            params = params | {"consumer_key": self.consumer_key, "consumer_secret": self.consumer_secret}
        else:
            url, params = self._oauth_address(manner, f"{url}?{urlencode(params)}", method), {}
        return self._sent(method, url, params, auth=auth, body=body)

    def _oauth_address(self, manner: Manner, url: str, method: str) -> str:
        """The address with its signature: every parameter is in it, so none may be sent beside it."""
        scheme = self.site.partition(":")[0]
        signed_for = {"http": "https", "https": "http"}[scheme] if manner == "oauth-swapped" else scheme
        signer = _Signer(
            url=f"{signed_for}:{url.partition(':')[2]}",
            consumer_key=self.consumer_key,
            consumer_secret=self.consumer_secret,
            version=self.version,
            method=method,
        )
        address: str = signer.get_oauth_url()
        return f"{scheme}:{address.partition(':')[2]}"

    def _basic(self) -> AuthBase:
        held = self._credentials
        user, word = (held.key, held.secret) if isinstance(held, ConsumerKey) else (held.username, held.password)
        return HTTPBasicAuth(user.encode(), word.encode())


class _Signer(OAuth):  # type: ignore[misc]  # the package ships no types
    """The package's OAuth 1.0a, but encoding "/" as PHP's rawurlencode does: `rest_route` is full of them."""

    @staticmethod
    def normalize_parameters(params: Mapping[str, object]) -> dict[str, str]:
        return {_encoded(name): _encoded(value) for name, value in params.items()}


def _encoded(value: object) -> str:
    """Encoded once as a parameter and once more as a part of the text that is signed."""
    return quote(quote(str(value), safe="~"), safe="~")
