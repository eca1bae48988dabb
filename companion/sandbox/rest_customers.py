"""The routes of users, whom WooCommerce calls customers whatever their role."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from companion.sandbox.meta import check_meta
from companion.sandbox.records import User
from companion.sandbox.rest import Call, Endpoint, created, listing, route, shown
from companion.sandbox.view import View
from companion.sandbox.views import USER, USER_WITHOUT_META
from companion.sandbox.wire import Response, RestError, missing_params

ROLES = (
    "all", "administrator", "editor", "author", "contributor", "subscriber", "customer", "shop_manager", "wpas_manager",
    "wpas_support_manager", "wpas_agent", "wpas_user",
)  # fmt: skip
_MANAGED = frozenset({"customer", "shop_manager"})
"""Roles whose users a shop manager may edit; nobody but an administrator deletes."""


def _view(call: Call) -> View[User]:
    return USER if call.caller.is_admin else USER_WITHOUT_META


def list_customers(call: Call) -> Response:
    """A page of users. There is no window of dates of change: such parameters are ignored."""
    params = call.params
    role = params.choice("role", "customer", ROLES)
    email, search = params.text("email").lower(), params.text("search").casefold()
    include, exclude = params.ids("include"), params.ids("exclude")
    chosen = [
        user
        for user in call.shop.users.values()
        if (role == "all" or role in user.roles)
        and (not email or user.email.lower() == email)
        and (not search or search in _searchable(user))
        and (not include or user.id in include)
        and user.id not in exclude
    ]
    orderby = params.choice("orderby", "name", ("id", "include", "name", "registered_date"))
    sortings: dict[str, Callable[[User], Any]] = {
        "id": lambda user: user.id,
        "name": lambda user: (f"{user.first_name} {user.last_name}".strip() or user.username, user.id),
        "registered_date": lambda user: (user.created, user.id),
    }
    if orderby in sortings:
        chosen.sort(key=sortings[orderby], reverse=params.choice("order", "asc", ("asc", "desc")) == "desc")
    return listing(call, chosen, lambda user: shown(call, _view(call), user))


def _searchable(user: User) -> str:
    """What a search looks in: never the phone."""
    return f"{user.username}\n{user.email}\n{user.first_name} {user.last_name}".casefold()


def read_customer(call: Call) -> Response:
    """One user."""
    return Response.of_json(shown(call, _view(call), call.shop.user_or_error(call.ids[0])))


def create_customer(call: Call) -> Response:
    """Register a user; a profile created this way is edited at once, so `created` and `updated` both fire."""
    email = call.params.text("email")
    if not email:
        raise missing_params("email")
    if call.shop.user_by_email(email) is not None:
        message = f"An account is already registered with {email}. Please log in or use a different email address."
        raise RestError(400, "registration-error-email-exists", message)
    user = call.shop.create_customer(
        email,
        username=call.params.text("username"),
        role="customer",
        first_name=call.params.text("first_name"),
        last_name=call.params.text("last_name"),
        meta={"default_password_nag": "1"},
    )
    _save(call, user)
    return created(call, _view(call), user, f"customers/{user.id}")


def update_customer(call: Call) -> Response:
    """Change a user's profile."""
    user = call.shop.user_or_error(call.ids[0])
    if not call.caller.is_admin and user.role not in _MANAGED:
        raise call.refuse("edit")
    _save(call, user)
    return Response.of_json(shown(call, _view(call), user))


def delete_customer(call: Call) -> Response:
    """Delete a user for good: users have no trash, and only an administrator's key may."""
    user = call.shop.user_or_error(call.ids[0])
    if not call.caller.is_admin:
        raise call.refuse("delete")
    if not call.params.flag("force"):
        raise RestError(501, "woocommerce_rest_trash_not_supported", "Customers do not support trashing.")
    before = shown(call, _view(call), user)
    call.shop.delete_customer(user.id)
    if "_links" in before:  # of a user who is gone the shop no longer says what may be done
        before["_links"]["self"][0].pop("targetHints")
    return Response.of_json(before)


def _save(call: Call, user: User) -> None:
    params = call.params
    fields = {name: params.text(name) for name in ("email", "first_name", "last_name") if name in params}
    call.shop.update_customer(
        user.id,
        fields=fields,
        billing=params.mapping("billing"),
        shipping=params.mapping("shipping"),
        meta=check_meta(params.given.get("meta_data") or []),
    )


ROUTES = (
    route("/wc/v3/customers", {"GET": Endpoint("list", list_customers), "POST": Endpoint("create", create_customer)}),
    route(
        "/wc/v3/customers/<id>",
        {
            "GET": Endpoint("view", read_customer),
            "PUT": Endpoint("edit", update_customer),
            "DELETE": Endpoint("delete", delete_customer),
        },
    ),
)
