"""The pages of the helpdesk: the list of tickets, and a ticket with its replies, history and meta, to be answered.

As on the real screens, "Update" saves the post and moves its date, while the buttons that close and reopen do not.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from urllib.parse import urlencode

from companion.sandbox.credentials import ADMIN_ID
from companion.sandbox.helpdesk import Helpdesk
from companion.sandbox.helpdesk_records import STATUS_NAMES, Ticket
from companion.sandbox.pages import form_of, page, page_number
from companion.sandbox.shop import Shop
from companion.sandbox.wire import Request, Response

_PER_PAGE = 25
_STATUSES = {"queued": "تازه", "processing": "در دست بررسی", "hold": "در انتظار", "trash": "زباله‌دان"}
_STATES = {"open": "باز", "closed": "بسته"}
_SAYINGS = {
    "update": "تیکت به‌روز شد.",
    "reply": "پاسخ افزوده شد.",
    "close": "تیکت بسته شد.",
    "reopen": "تیکت دوباره باز شد.",
    "trash": "تیکت به زباله‌دان رفت.",
    "restore": "تیکت بازگردانده شد.",
}


def answer(shop: Shop, request: Request, query: dict[str, str]) -> Response | None:
    """The page that is asked for; None where it is none of the helpdesk's."""
    if request.path == "/wp-admin/edit.php" and query.get("post_type") == "ticket":
        return _list(shop, query)
    post = query.get("post", "")
    if request.path == "/wp-admin/post.php" and post.isdecimal() and int(post) in shop.helpdesk.tickets:
        return _ticket(shop, request, shop.helpdesk.tickets[int(post)], query.get("said", ""))
    return None


def _list(shop: Shop, query: dict[str, str]) -> Response:
    state, wanted = query.get("state", "open"), query.get("s", "").strip().casefold()
    with shop.lock:
        everything = list(shop.helpdesk.tickets.values())
        counts = Counter(_pile(ticket) for ticket in everything)
        tickets = [
            ticket
            for ticket in everything
            if (_pile(ticket) == state if state else not ticket.is_trashed)
            and wanted in f"{ticket.id}\n{ticket.title}\n{ticket.content}".casefold()
        ]
        tickets.sort(key=lambda ticket: (ticket.created, ticket.id), reverse=True)
    pages = max(1, -(-len(tickets) // _PER_PAGE))
    number = page_number(query, pages)
    asked = {"post_type": "ticket", "state": state, "s": query.get("s", "")}
    return page(
        "tickets.html",
        shop,
        tickets=tickets[(number - 1) * _PER_PAGE : number * _PER_PAGE],
        total=len(tickets),
        page=number,
        pages=pages,
        counts=counts,
        piles={"open": "باز", "closed": "بسته", "trash": "زباله‌دان"},
        state=state,
        search=query.get("s", ""),
        statuses=_STATUSES,
        states=_STATES,
        person=lambda user_id: _person(shop, user_id),
        link=lambda **changes: "?" + urlencode(asked | changes),
    )


def _pile(ticket: Ticket) -> str:
    return "trash" if ticket.is_trashed else ticket.state


def _ticket(shop: Shop, request: Request, ticket: Ticket, said: str) -> Response:
    desk = shop.helpdesk
    if request.method == "POST":
        form = form_of(request)
        action = form.get("do", "update")
        with shop.lock:
            _ACTIONS.get(action, _save)(desk, ticket, form)
        target = "?" + urlencode({"post": ticket.id, "action": "edit", "said": action})
        return Response(303, headers={"Location": f"/wp-admin/post.php{target}"})
    return page(
        "ticket.html",
        shop,
        ticket=ticket,
        statuses=_STATUSES,
        states=_STATES,
        agents=[user for user in shop.users.values() if desk.is_agent(user.id)],
        person=lambda user_id: _person(shop, user_id),
        is_agent=desk.is_agent,
        said=_SAYINGS.get(said, ""),
    )


def _person(shop: Shop, user_id: int) -> str:
    return shop.users[user_id].display_name if user_id in shop.users else "—"


def _save(desk: Helpdesk, ticket: Ticket, form: dict[str, str]) -> None:
    meta = {key: form[f"meta_{key}"] for key in ticket.meta if f"meta_{key}" in form}
    desk.set_status(ticket.id, form["status"] if form.get("status") in STATUS_NAMES else ticket.status)
    if form.get("assignee", "").isdecimal() and desk.is_agent(int(form["assignee"])):
        desk.assign(ticket.id, int(form["assignee"]))
    desk.edit(ticket.id, meta=meta)


def _reply(desk: Helpdesk, ticket: Ticket, form: dict[str, str]) -> None:
    author = form.get("author", "")
    if form.get("reply", "").strip():
        desk.reply(ticket.id, int(author) if author.isdecimal() else ADMIN_ID, form["reply"].strip())


def _trash(desk: Helpdesk, ticket: Ticket, _form: dict[str, str]) -> None:
    if not ticket.is_trashed:
        desk.trash(ticket.id)


def _restore(desk: Helpdesk, ticket: Ticket, _form: dict[str, str]) -> None:
    if ticket.is_trashed:
        desk.restore(ticket.id)


_ACTIONS: dict[str, Callable[[Helpdesk, Ticket, dict[str, str]], object]] = {
    "reply": _reply,
    "close": lambda desk, ticket, _form: desk.close(ticket.id),
    "reopen": lambda desk, ticket, _form: desk.reopen(ticket.id),
    "trash": _trash,
    "restore": _restore,
}
