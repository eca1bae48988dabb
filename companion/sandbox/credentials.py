"""The invented credentials every sandbox starts with. They open nothing but a sandbox, and are the same in each one."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import Literal

Permissions = Literal["read", "write", "read_write"]


@dataclass(frozen=True, slots=True)
class Key:
    """A REST API key of WooCommerce; `user_id` is its owner, whose capabilities it borrows."""

    key: str
    secret: str = field(repr=False)
    permissions: Permissions
    user_id: int


@dataclass(frozen=True, slots=True)
class Login:
    """A WordPress user name with an application password."""

    username: str
    password: str = field(repr=False)
    user_id: int


ADMIN_ID, MANAGER_ID, AGENT_ID = 1, 2, 3
"""User ids of the three people who work in every sandbox shop."""


def _key(name: str, permissions: Permissions, user_id: int) -> Key:
    key, secret = (hashlib.sha256(f"sandbox {part} {name}".encode()).hexdigest()[:40] for part in ("key", "secret"))
    return Key(f"ck_{key}", f"cs_{secret}", permissions, user_id)


def login_of(username: str, user_id: int) -> Login:
    """The application password that a user of this name has in every sandbox."""
    letters = hashlib.sha256(f"sandbox application password {username}".encode()).hexdigest()[:24]
    return Login(username, " ".join(letters[i : i + 4] for i in range(0, 24, 4)), user_id)


@dataclass(frozen=True, slots=True)
class Credentials:
    """Who may ask what: keys first (`rw` is a shop manager's, as recommended), then application passwords."""

    rw: Key = field(default=_key("rw", "read_write", MANAGER_ID))
    ro: Key = field(default=_key("ro", "read", MANAGER_ID))
    wo: Key = field(default=_key("wo", "write", MANAGER_ID))
    admin_rw: Key = field(default=_key("admin_rw", "read_write", ADMIN_ID))
    agent_rw: Key = field(default=_key("agent_rw", "read_write", AGENT_ID))
    admin: Login = field(default=login_of("admin", ADMIN_ID))
    manager: Login = field(default=login_of("shopmanager", MANAGER_ID))
    agent: Login = field(default=login_of("agent", AGENT_ID))

    @property
    def key(self) -> str:
        """The consumer key that most callers want: read and write, owned by a shop manager."""
        return self.rw.key

    @property
    def secret(self) -> str:
        """The consumer secret beside `key`."""
        return self.rw.secret

    def all_keys(self) -> tuple[Key, ...]:
        """Every API key."""
        return (self.rw, self.ro, self.wo, self.admin_rw, self.agent_rw)

    def all_logins(self) -> tuple[Login, ...]:
        """Every application password."""
        return (self.admin, self.manager, self.agent)
