"""One exchange with Awesome Support in the name of a WordPress user, whom WordPress is asked about first.

Awesome Support answers a user name that WordPress does not know (a WooCommerce key is one) by calling itself for half
a minute and then failing, and answers nobody with empty lists: it must never hear of either. Which routes exist and
what they answer is `source.py`'s business.
"""

from __future__ import annotations

from collections.abc import Mapping

from requests.auth import HTTPBasicAuth

from connectors.awesome_support.parse import abilities
from connectors.awesome_support.verdicts import HELPDESK, ends_the_list, no_agent, verdict, wordless_verdict
from connectors.errors import ConnectorError, Permanent
from connectors.http import Answer, Http
from connectors.wordpress.client import RestClient, Retry, is_on_this_machine, unseen
from connectors.wordpress.credentials import ApplicationPassword
from connectors.wordpress.lists import record

USERS = "wp/v2/users"
ME = f"{USERS}/me"

AGENT = "edit_ticket"
"""The capability by which Awesome Support tells its agents from customers and strangers."""


class Client(RestClient):
    """Safe for several threads. Whether the shop knows our user is asked once, and again after every failure."""

    def __init__(self, *, url: str, credentials: ApplicationPassword, http: Http, retry: Retry) -> None:
        super().__init__(url=url, http=http, retry=retry, secrets=credentials.secrets)
        self.is_private = self.site.startswith("https:") or is_on_this_machine(self.site)
        credentials.first_manner(over_tls=self.is_private)
        self._auth = HTTPBasicAuth(credentials.username.encode(), credentials.password.encode())
        self._is_introduced = False

    def read(self, endpoint: str, params: Mapping[str, str] | None = None, *, past_caches: bool = False) -> Answer:
        """GET of a route; tried again on passing errors. `past_caches` asks at an address that no cache has seen,
        whether or not one was noticed. A page behind a list's end is an answer too (`ends_the_list`).
        """
        return self._exchanged("GET", endpoint, {**(params or {}), **(unseen() if past_caches else {})})

    def head(self, endpoint: str, params: Mapping[str, str]) -> Answer:
        """HEAD of a route: the headers of a list without the work of making it."""
        return self._exchanged("HEAD", endpoint, params)

    def write(self, method: str, endpoint: str, body: object) -> Answer:
        """POST or PUT, sent once."""
        return self._exchanged(method, endpoint, None, body)

    def _admitted(self, method: str, endpoint: str, params: dict[str, str], body: bytes | None) -> Answer:
        if not self._is_introduced and endpoint.startswith(HELPDESK):
            self._introduce()
        try:
            return self._asked(method, endpoint, params, body)
        except Permanent:
            raise
        except ConnectorError:
            self._is_introduced = False  # the user may be gone: another half minute of the shop is not ours to take
            raise

    def _introduce(self) -> None:
        """Makes sure that WordPress knows our user, and Awesome Support her as an agent. Raises what is wrong."""
        answer = self._asked("GET", ME, {"context": "edit", **unseen()}, None)
        may = abilities(record(answer, self._secrets))
        if may is not None and AGENT not in may:
            raise no_agent()
        if self.plain_permalinks is None:
            self.plain_permalinks = False
        self._is_introduced = True

    def _asked(self, method: str, endpoint: str, params: dict[str, str], body: bytes | None) -> Answer:
        url, params = self._addressed(method, endpoint, params)
        answer = self._sent(method, url, params, auth=self._auth, body=body)
        refusal = self._refusal(method, endpoint, answer)
        if refusal is not None:
            raise refusal
        return answer

    def _refusal(self, method: str, endpoint: str, answer: Answer) -> ConnectorError | None:
        if method == "HEAD":
            return wordless_verdict(answer, secrets=self._secrets)
        if ends_the_list(answer):
            return None
        return verdict(answer, secrets=self._secrets, endpoint=endpoint) or self._shapeless(answer)

    def _openly_refused(self, answer: Answer) -> ConnectorError | None:
        return verdict(answer, secrets=self._secrets)
