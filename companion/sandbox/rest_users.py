"""WordPress's own routes of users, which Awesome Support repeats under its name.

Who edits users sees roles and addresses; a shop manager edits customers only, though the totals count everybody.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

from companion.sandbox.credentials import ADMIN_ID
from companion.sandbox.helpdesk import NAMESPACE
from companion.sandbox.records import User
from companion.sandbox.rest import Call, Endpoint, Route, cut, page_of, route
from companion.sandbox.view import EVERY_METHOD
from companion.sandbox.wire import Response, RestError

_CORE = "wp/v2"
_CAPABILITIES = {
    "administrator": ("read", "edit_posts", "list_users", "edit_users", "manage_options", "manage_woocommerce"),
    "shop_manager": ("read", "edit_posts", "list_users", "manage_woocommerce"),
    "wpas_manager": ("read", "view_ticket", "edit_ticket", "view_all_tickets", "delete_ticket"),
    "wpas_support_manager": ("read", "view_ticket", "edit_ticket", "view_all_tickets", "delete_ticket"),
    "wpas_agent": ("read", "view_ticket", "edit_ticket", "edit_other_ticket", "reply_ticket"),
    "wpas_user": ("read", "view_ticket", "create_ticket", "reply_ticket"),
}
_WOOCOMMERCE_META = (
    "variable_product_tour_shown", "activity_panel_inbox_last_read", "activity_panel_reviews_last_read",
    "categories_report_columns", "coupons_report_columns", "customers_report_columns", "orders_report_columns",
    "products_report_columns", "revenue_report_columns", "taxes_report_columns", "variations_report_columns",
    "dashboard_sections", "dashboard_chart_type", "dashboard_chart_interval", "dashboard_leaderboard_rows",
    "order_attribution_install_banner_dismissed", "scheduled_updates_promotion_notice_dismissed", "homepage_layout",
    "homepage_stats", "task_list_tracked_started_tasks", "android_app_banner_dismissed",
    "launch_your_store_tour_hidden", "coming_soon_banner_dismissed",
)  # fmt: skip
_SORTINGS: dict[str, Callable[[User], Any]] = {
    "id": lambda user: user.id,
    "include": lambda user: user.id,
    "name": lambda user: (user.display_name, user.id),
    "registered_date": lambda user: (user.created, user.id),
    "slug": lambda user: user.username,
    "include_slugs": lambda user: user.username,
    "email": lambda user: user.email,
    "url": lambda user: user.id,
}


def list_users(call: Call) -> Response:
    """A page of users: everybody to whoever lists users, else those who wrote something that all may read."""
    params, shop = call.params, call.shop
    lists_users, edits = call.caller.may_manage, _edits(call)
    if edits and not lists_users:
        raise _refused(call, "rest_forbidden_context", "Sorry, you are not allowed to edit users.")
    roles, search = params.words("roles"), params.text("search").casefold()
    if roles and not lists_users:
        raise _refused(call, "rest_user_cannot_view", "Sorry, you are not allowed to filter users by role.")
    include, exclude = params.ids("include"), params.ids("exclude")
    public = {ADMIN_ID, *shop.helpdesk.writers()}
    chosen = [
        user
        for user in shop.users.values()
        if (lists_users or user.id in public)
        and (not roles or not set(roles).isdisjoint(user.roles))
        and search in f"{user.username}\n{user.email}\n{user.display_name}".casefold()
        and (not include or user.id in include)
        and user.id not in exclude
    ]
    chosen.sort(key=_SORTINGS[params.choice("orderby", "name", tuple(_SORTINGS))])
    if params.choice("order", "asc", ("asc", "desc")) == "desc":
        chosen.reverse()
    found, headers = page_of(call, chosen, "total")
    shown = [cut(call, _show(call, user)) for user in found if not edits or _may_edit(call, user)]
    return Response.of_json(shown, headers=headers, items=0)


def read_me(call: Call) -> Response:
    """Whoever asks. Everyone may read themselves whole."""
    user = call.shop.users.get(call.caller.user_id)
    if user is None:
        raise RestError(401, "rest_not_logged_in", "You are not currently logged in.")
    return Response.of_json(cut(call, _show(call, user)))


def read_user(call: Call) -> Response:
    """One user."""
    user = call.shop.users.get(call.ids[0])
    if user is None:
        raise RestError(404, "rest_user_invalid_id", "Invalid user ID.")
    is_self = user.id == call.caller.user_id
    if _edits(call) and not (is_self or _may_edit(call, user)):
        raise _refused(call, "rest_user_cannot_view", "Sorry, you are not allowed to edit this user.")
    if not (is_self or call.caller.may_manage or user.id in {ADMIN_ID, *call.shop.helpdesk.writers()}):
        raise _refused(call, "rest_user_cannot_view", "Sorry, you are not allowed to list users.")
    return Response.of_json(cut(call, _show(call, user)))


def _edits(call: Call) -> bool:
    return call.params.choice("context", "view", ("view", "embed", "edit")) == "edit"


def _may_edit(call: Call, user: User) -> bool:
    is_self = user.id == call.caller.user_id
    return call.caller.is_admin or is_self or (call.caller.may_manage and user.role == "customer")


def _refused(call: Call, code: str, message: str) -> RestError:
    return RestError(403 if call.caller.user_id else 401, code, message)


def _show(call: Call, user: User) -> dict[str, Any]:
    edits, is_helpdesk = _edits(call), NAMESPACE in call.request.target
    url, digest = call.shop.url, hashlib.sha256(user.email.encode()).hexdigest()
    collection = f"{url}/wp-json/{NAMESPACE if is_helpdesk else _CORE}/users"
    able = {name: True for role in user.roles for name in (*_CAPABILITIES.get(role, ("read",)), role)}
    known = {"username": user.username, "name": user.display_name}
    reachable = {"first_name": user.first_name, "last_name": user.last_name, "email": user.email}
    registered = f"{call.site().gmt(user.created)}+00:00"
    methods = EVERY_METHOD if call.caller.is_admin else EVERY_METHOD[:-1] if _may_edit(call, user) else ("GET",)
    avatars = {size: f"https://secure.gravatar.com/avatar/{digest}?s={size}&d=mm&r=g" for size in ("24", "48", "96")}
    helpdesk = {"wpas_can_be_assigned": False, "wpas_smart_tickets_order": False, "wpas_after_reply": ""}
    return {
        "id": user.id,
        **({**known, **reachable} if edits else {"name": user.display_name}),
        "url": "",
        "description": "",
        "link": f"{url}/author/{user.username}/",
        **({"locale": "en_US", "nickname": user.username} if edits else {}),
        "slug": user.username,
        **({"roles": list(user.roles), "registered_date": registered, "capabilities": able} if edits else {}),
        **({"extra_capabilities": dict.fromkeys(user.roles, True)} if edits else {}),
        "avatar_urls": avatars,
        "meta": {"persisted_preferences": []} if edits else [],
        "is_super_admin": user.role == "administrator",
        "woocommerce_meta": dict.fromkeys(_WOOCOMMERCE_META, ""),
        **(helpdesk if is_helpdesk else {}),
        "_links": {
            "self": [{"href": f"{collection}/{user.id}", "targetHints": {"allow": list(methods)}}],
            "collection": [{"href": collection}],
        },
    }


def _routes(namespace: str) -> tuple[Route, ...]:
    return (
        route(f"/{namespace}/users", {"GET": Endpoint("open", list_users)}),
        route(f"/{namespace}/users/me", {"GET": Endpoint("open", read_me)}),
        route(f"/{namespace}/users/<id>", {"GET": Endpoint("open", read_user)}),
    )


ROUTES = _routes(_CORE)
HELPDESK_ROUTES = _routes(NAMESPACE)
