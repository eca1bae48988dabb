"""Least privilege: each role holds what its work needs."""

from __future__ import annotations

import pytest

from companion.domain.permissions import ROLE_PERMISSIONS, ROLES, Permission, Role, Viewer

P = Permission
THE_ADMINISTRATORS = {P.MANAGE_AGENTS, P.MANAGE_SETTINGS, P.STEER_SYNC, P.ERASE_CUSTOMERS}
THE_LEADERS = {P.SEE_LOG, P.EXPORT, P.SET_SEGMENTS, P.SEE_QUALITY}


def viewer(role: Role, shops: frozenset[str] | None = None) -> Viewer:
    return Viewer(agent_id=1, name="نام", role=role, permissions=ROLE_PERMISSIONS[role], shops=shops)


def test_every_role_has_its_permissions() -> None:
    assert set(ROLE_PERMISSIONS) == set(ROLES)


def test_the_administrator_may_do_everything_that_can_be_granted() -> None:
    assert ROLE_PERMISSIONS[Role.ADMINISTRATOR] == frozenset(Permission)


@pytest.mark.parametrize(
    ("role", "denied"),
    [
        (
            Role.AGENT,
            {P.SEE_INTERNAL_NOTES, P.DELETE_NOTES, P.SEE_SYNC, *THE_LEADERS, *THE_ADMINISTRATORS},
        ),
        (
            Role.SALES_MANAGER,
            {P.SEE_TICKETS, P.SEE_INTERNAL_NOTES, P.DELETE_NOTES, P.SEE_SYNC, *THE_ADMINISTRATORS},
        ),
        (Role.SUPPORT_SUPERVISOR, THE_ADMINISTRATORS),
        (Role.ADMINISTRATOR, set()),
    ],
)
def test_what_each_role_may_not(role: Role, denied: set[Permission]) -> None:
    assert {permission for permission in Permission if not viewer(role).can(permission)} == denied


def test_shops_are_seen_by_those_to_whom_they_are_given() -> None:
    one = viewer(Role.AGENT, frozenset({"main"}))
    assert one.sees_shop("main")
    assert not one.sees_shop("custom")
    assert viewer(Role.AGENT).sees_shop("custom")


def test_what_belongs_to_no_shop_is_everybodys() -> None:
    assert viewer(Role.AGENT, frozenset()).sees_shop("")
