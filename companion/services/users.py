"""Agents who sign in here: their passwords, preferences and what they may see.

Sessions themselves belong to the web; here is only what makes one valid (`session_epoch`).
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from werkzeug.security import check_password_hash, generate_password_hash

from companion.domain.contact import email_key
from companion.domain.permissions import ROLE_PERMISSIONS, Role, Viewer
from companion.domain.text import fold
from companion.services.errors import Invalid, NotFound, SignInFailed, TooMany
from storage import activity, agents
from storage.engine import Store, Tx
from storage.errors import Duplicate

PASSWORD_MIN, PASSWORD_MAX = 10, 200
"""Lengths of a password, in characters; the upper one bounds the work that a sign-in can ask for."""

NAME_LIMIT = 100
"""Longest name and user name of an agent, in characters."""

_LANGUAGES = frozenset({"", "fa", "en"})
_CALENDARS = frozenset({"", "jalali", "gregorian"})

# One hash takes some 32 MB and a tenth of a second; more at once would let strangers at the door starve the agents.
_HASHES_AT_ONCE = 2
_HASH_PATIENCE_S = 5.0


@dataclass(frozen=True)
class Agent:
    """An agent as administrators list them; `username` is "" for one who has no sign-in here."""

    id: int
    name: str
    username: str
    email: str
    role: Role
    language: str
    calendar: str
    is_active: bool
    sees_all_shops: bool
    shops: tuple[str, ...]
    created_at: datetime


Appointed = Callable[[Tx, str], None]


def _nobody(_tx: Tx, _email: str) -> None:
    """Tells nobody."""


class Users:
    """The agents of this installation."""

    def __init__(
        self,
        store: Store,
        clock: Callable[[], datetime],
        *,
        language: str = "fa",
        calendar: str = "jalali",
        appointed: Appointed = _nobody,
    ) -> None:
        """`language` and `calendar` are the installation's, for agents who chose none. `appointed(tx, email)` hears of
        the address of each new agent.
        """
        self._store = store
        self._clock = clock
        self._language = language
        self._appointed = appointed
        self._calendar = calendar
        self._hashing = threading.BoundedSemaphore(_HASHES_AT_ONCE)

    def sign_in(self, username: str, password: str) -> Viewer:
        """Open a session; raises SignInFailed, or TooMany while too many sign-ins are being checked.

        An unknown name costs the same work as a wrong password, so that time does not tell which names exist.
        """
        with self._store.read() as tx:
            found = agents.sign_in(tx, _subject(username[: NAME_LIMIT + 1]))
        matches = self._matches(found.password_hash if found else None, password[: PASSWORD_MAX + 1])
        with self._store.write() as tx:
            row = agents.get(tx, found.agent_id) if found and matches else None
            if row is not None and row.is_active:
                activity.record(tx, "agent.signed_in", at=self._clock(), agent_id=row.id)
                return self._viewer(row)
            activity.record(tx, "agent.sign_in_failed", at=self._clock(), agent_id=found.agent_id if found else None)
        raise SignInFailed

    def viewer(self, agent_id: int, session_epoch: int) -> Viewer | None:
        """The agent of a running session, or None when it is no longer valid."""
        with self._store.read() as tx:
            row = agents.get(tx, agent_id)
        if row is None or not row.is_active or row.session_epoch != session_epoch:
            return None
        return self._viewer(row)

    def add(
        self,
        *,
        name: str,
        username: str,
        password: str,
        role: Role,
        email: str = "",
        shops: Collection[str] | None = None,
    ) -> Agent:
        """Add an agent who signs in here; `shops` None lets her see all. Raises Invalid."""
        name, email, subject = " ".join(name.split()), email.strip(), _username(username)
        if not 0 < len(name) <= NAME_LIMIT:
            raise Invalid("agent.name", field="name", limit=NAME_LIMIT)
        if email and email_key(email) is None:
            raise Invalid("agent.email", field="email")
        _check_password(password, subject)
        password_hash = self._hash(password)
        now = self._clock()
        try:
            with self._store.write() as tx:
                agent_id = agents.add(
                    tx,
                    name=name,
                    email=email,
                    role=role.value,
                    sees_all_shops=shops is None,
                    shops=shops or (),
                    now=now,
                )
                agents.add_sign_in(tx, agent_id, username=subject, password_hash=password_hash, now=now)
                activity.record(tx, "agent.added", at=now, agent_id=None, ref=("", "agent", str(agent_id)))
                if email:
                    self._appointed(tx, email)
                return _agent(_known(tx, agent_id))
        except Duplicate:
            raise Invalid("agent.username_taken", field="username") from None

    def list(self) -> tuple[Agent, ...]:
        """All agents, by name."""
        with self._store.read() as tx:
            return tuple(_agent(row) for row in agents.every(tx))

    def set_password(self, agent_id: int, password: str) -> None:
        """Give a new password and end all her sessions; raises Invalid, NotFound."""
        with self._store.read() as tx:
            row = _known(tx, agent_id)
        _check_password(password, row.username)
        password_hash = self._hash(password)
        with self._store.write() as tx:
            if not agents.set_password(tx, agent_id, password_hash):
                raise NotFound("agent.no_sign_in")
            self._changed(tx, "agent.password_set", agent_id)

    def set_preferences(self, agent_id: int, language: str, calendar: str) -> None:
        """Choose language ("fa", "en", "" as installed) and calendar ("jalali", "gregorian", ""); raises Invalid."""
        if language not in _LANGUAGES:
            raise Invalid("preferences.language", field="language")
        if calendar not in _CALENDARS:
            raise Invalid("preferences.calendar", field="calendar")
        with self._store.write() as tx:
            _known(tx, agent_id)
            agents.set_preferences(tx, agent_id, language=language, calendar=calendar)

    def deactivate(self, agent_id: int) -> None:
        """Bar an agent from signing in and end her sessions; what she wrote stays. Raises NotFound."""
        with self._store.write() as tx:
            _known(tx, agent_id)
            agents.set_active(tx, agent_id, is_active=False)
            agents.end_sessions(tx, agent_id)
            self._changed(tx, "agent.deactivated", agent_id)

    def _viewer(self, row: agents.AgentRow) -> Viewer:
        role = Role(row.role)
        language = row.language or self._language
        calendar = row.calendar
        if not calendar:
            # A language that is her own brings its calendar; the installation's brings the installation's.
            of_language = "jalali" if language == "fa" else "gregorian"
            calendar = of_language if row.language else self._calendar
        return Viewer(
            agent_id=row.id,
            name=row.name,
            role=role,
            permissions=ROLE_PERMISSIONS[role],
            shops=None if row.sees_all_shops else frozenset(row.shops),
            language=language,
            calendar=calendar,
            session_epoch=row.session_epoch,
        )

    def _changed(self, tx: Tx, action: str, agent_id: int) -> None:
        activity.record(tx, action, at=self._clock(), agent_id=None, ref=("", "agent", str(agent_id)))

    def _matches(self, password_hash: str | None, password: str) -> bool:
        if password_hash is None:
            self._hash(password)  # thrown away: a name that nobody has costs the same work
            return False
        with self._turn():
            return check_password_hash(password_hash, password)

    def _hash(self, password: str) -> str:
        with self._turn():
            return generate_password_hash(password, method="scrypt")

    @contextmanager
    def _turn(self) -> Iterator[None]:
        if not self._hashing.acquire(timeout=_HASH_PATIENCE_S):
            raise TooMany("sign_in.busy", retry_after=round(_HASH_PATIENCE_S))
        try:
            yield
        finally:
            self._hashing.release()


def _subject(username: str) -> str:
    """The user name as it is compared: folded, so that it may be typed with either keyboard."""
    return "_".join(fold(username).split())


def _username(username: str) -> str:
    subject = _subject(username)
    if not 0 < len(subject) <= NAME_LIMIT:
        raise Invalid("agent.username", field="username", limit=NAME_LIMIT)
    return subject


def _check_password(password: str, username: str) -> None:
    if len(password) < PASSWORD_MIN:
        raise Invalid("password.short", field="password", limit=PASSWORD_MIN)
    if len(password) > PASSWORD_MAX:
        raise Invalid("password.long", field="password", limit=PASSWORD_MAX)
    if _subject(password) == username or len(set(password)) == 1:
        raise Invalid("password.obvious", field="password")


def _known(tx: Tx, agent_id: int) -> agents.AgentRow:
    row = agents.get(tx, agent_id)
    if row is None:
        raise NotFound("agent.not_found")
    return row


def _agent(row: agents.AgentRow) -> Agent:
    return Agent(
        id=row.id,
        name=row.name,
        username=row.username,
        email=row.email,
        role=Role(row.role),
        language=row.language,
        calendar=row.calendar,
        is_active=row.is_active,
        sees_all_shops=row.sees_all_shops,
        shops=row.shops,
        created_at=row.created_at,
    )
