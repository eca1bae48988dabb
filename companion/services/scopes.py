"""What a viewer may see, as the scope that storage reads through."""

from __future__ import annotations

from companion.domain.permissions import Permission, Viewer
from companion.services.errors import Forbidden
from storage.scope import Scope


def scope_of(viewer: Viewer) -> Scope:
    """The scope of everything that this viewer reads; raises Forbidden for one who may not see customers at all."""
    require(viewer, Permission.SEE_CUSTOMERS)
    return Scope(
        agent_id=viewer.agent_id,
        shops=viewer.shops,
        sees_orders=viewer.can(Permission.SEE_ORDERS),
        sees_notes=viewer.can(Permission.SEE_NOTES),
        sees_tickets=viewer.can(Permission.SEE_TICKETS),
        sees_internal=viewer.can(Permission.SEE_INTERNAL_NOTES),
    )


def require(viewer: Viewer, permission: Permission) -> None:
    """Raise Forbidden, naming the permission, for a viewer who has it not."""
    if not viewer.can(permission):
        raise Forbidden("forbidden", permission=permission.value)
