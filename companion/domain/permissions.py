"""Who may do what: the roles, their permissions, and the person who looks.

Least privilege: a role holds only what its work needs. That nobody edits another's note, not even the administrator,
is no permission and cannot be granted: `companion.services.notes` holds it. Names for people are translations of the
role's value (`role.agent` and so on), not kept here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType


class Permission(StrEnum):
    """One thing a viewer may see or do."""

    SEE_CUSTOMERS = "see_customers"
    SEE_ORDERS = "see_orders"
    SEE_MONEY = "see_money"
    SEE_NOTES = "see_notes"
    SEE_INTERNAL_NOTES = "see_internal_notes"
    """Others' internal notes; her own are always hers to see."""
    EDIT_CUSTOMERS = "edit_customers"
    """Add people whom no shop knows, and correct what is known of anybody."""
    UNITE_CUSTOMERS = "unite_customers"
    """Say which accounts are one person and which are not, and undo it."""
    SET_SEGMENTS = "set_segments"
    """Say by hand what kind of customer somebody is; make groups."""
    SEE_QUALITY = "see_quality"
    """The list of what is wrong with what the shops know."""
    ERASE_CUSTOMERS = "erase_customers"
    WRITE_NOTES = "write_notes"
    DELETE_NOTES = "delete_notes"
    """Delete and restore others' notes; her own she may always."""
    SEE_TICKETS = "see_tickets"
    SEE_LOG = "see_log"
    """The whole activity log, not her own entries only."""
    EXPORT = "export"
    MANAGE_AGENTS = "manage_agents"
    MANAGE_SETTINGS = "manage_settings"
    SEE_SYNC = "see_sync"
    """How fresh each shop is, what waits and what was given up."""
    STEER_SYNC = "steer_sync"
    """Replay what was given up; pause and resume the writes to a shop."""


class Role(StrEnum):
    """The four roles of an agent."""

    ADMINISTRATOR = "administrator"
    SALES_MANAGER = "sales_manager"
    SUPPORT_SUPERVISOR = "support_supervisor"
    AGENT = "agent"


ROLES: tuple[Role, ...] = tuple(Role)

_AGENT = frozenset(
    {
        Permission.SEE_CUSTOMERS,
        Permission.SEE_ORDERS,
        # Whoever answers the phone has the whole history before her, this year's total included.
        Permission.SEE_MONEY,
        Permission.SEE_NOTES,
        Permission.WRITE_NOTES,
        Permission.SEE_TICKETS,
        # On the phone: a wrong number is put right, a caller whom nobody knows is added, her second account is hers.
        Permission.EDIT_CUSTOMERS,
        Permission.UNITE_CUSTOMERS,
    }
)
_LEADS = frozenset({Permission.SEE_LOG, Permission.EXPORT, Permission.SET_SEGMENTS, Permission.SEE_QUALITY})
"""What those who answer for others' work need besides."""

ROLE_PERMISSIONS: Mapping[Role, frozenset[Permission]] = MappingProxyType(
    {
        Role.ADMINISTRATOR: frozenset(Permission),
        Role.SALES_MANAGER: (_AGENT - {Permission.SEE_TICKETS}) | _LEADS,
        Role.SUPPORT_SUPERVISOR: _AGENT
        | _LEADS
        | {Permission.SEE_INTERNAL_NOTES, Permission.DELETE_NOTES, Permission.SEE_SYNC},
        Role.AGENT: _AGENT,
    }
)


@dataclass(frozen=True)
class Viewer:
    """The signed-in person for whom something is read or done.

    `shops` are the keys of the shops she may see, None for all of them. `language` ("fa", "en") and `calendar`
    ("jalali", "gregorian") are resolved: hers, else the installation's. `session_epoch` is what a session of hers must
    carry to be still valid.
    """

    agent_id: int
    name: str
    role: Role
    permissions: frozenset[Permission]
    shops: frozenset[str] | None
    language: str = "fa"
    calendar: str = "jalali"
    session_epoch: int = 0

    def can(self, permission: Permission) -> bool:
        """Tell whether she has the permission."""
        return permission in self.permissions

    def sees_shop(self, shop: str) -> bool:
        """Tell whether she may see what belongs to this shop; "" (no shop at all) is everybody's."""
        return not shop or self.shops is None or shop in self.shops
