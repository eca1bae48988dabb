"""The routes of tickets, their replies and their history, under Awesome Support's name and under WordPress's own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, cast

from companion.sandbox.helpdesk import NAMESPACE
from companion.sandbox.helpdesk_access import CHANNELS, Context, TicketQuery, Viewer, channel_slug
from companion.sandbox.helpdesk_records import STATES, STATUS_NAMES, Ticket
from companion.sandbox.pace import TICKET_COUNT_SECONDS, TICKET_SECONDS
from companion.sandbox.rest import Call, Endpoint, cut, page_of, route
from companion.sandbox.views_helpdesk import show_history, show_reply, show_ticket
from companion.sandbox.wire import Response, RestError, invalid_type, missing_params

_BY_REST = channel_slug(CHANNELS[28])
_CONTEXTS = ("view", "embed", "edit")


def context_of(call: Call) -> Context:
    """In which context the records are wanted."""
    return cast("Context", call.params.choice("context", "view", _CONTEXTS))


def list_tickets(call: Call) -> Response:
    """A page of tickets. What the caller may not see is left out of the page, and counted all the same."""
    viewer, context = Viewer.of(call), context_of(call)
    if context == "edit" and not viewer.is_agent:
        message = "Sorry, you are not allowed to edit posts in this post type."
        raise viewer.refusal("rest_forbidden_context", message)
    found, headers = page_of(call, TicketQuery.of(call, viewer).tickets(call.shop.helpdesk), "error")
    if call.request.method == "HEAD":
        return Response.of_json([], headers=headers, items=0, more_seconds=TICKET_COUNT_SECONDS)
    chosen = [ticket for ticket in found if viewer.may_list(ticket, context)]
    shown = [cut(call, show_ticket(ticket, call.shop.helpdesk, viewer, call.site(), context)) for ticket in chosen]
    return Response.of_json(shown, headers=headers, items=0, more_seconds=len(shown) * TICKET_SECONDS)


def read_ticket(call: Call) -> Response:
    """One ticket, also from the trash."""
    return _one(call, _readable(call), context_of(call))


def create_ticket(call: Call) -> Response:
    """Open a ticket, in another's name where an agent asks for it."""
    _need(call, "title", "content")
    viewer = Viewer.of(call)
    if not (viewer.is_agent or viewer.is_client):
        raise viewer.refusal("rest_cannot_create", "Sorry, you are not allowed to create tickets as this user.")
    author = call.params.integer("author", viewer.user_id) if viewer.is_agent else viewer.user_id
    title, content = call.params.text("title"), call.params.text("content")
    ticket = call.shop.helpdesk.open_ticket(author, title, content, channel=_BY_REST)
    answer = _one(call, ticket, "edit", 201)
    answer.headers["Location"] = f"{call.shop.url}/wp-json/wp/v2/tickets/{ticket.id}"
    return answer


def update_ticket(call: Call) -> Response:
    """Change a ticket, which saves its post: its date moves whatever is changed. Any agent may, whosever it is."""
    ticket, viewer, params, desk = _ticket(call), Viewer.of(call), call.params, call.shop.helpdesk
    if not viewer.is_agent:
        raise viewer.refusal("rest_cannot_edit", "Sorry, you are not allowed to edit this post.")
    texts = {"title": "title", "content": "content", "time-notes": "time_notes"}
    fields: dict[str, Any] = {texts[name]: params.text(name) for name in texts if name in params}
    if "author" in params:
        fields["author"] = params.integer("author", ticket.author)
    meta = _meta(call)
    status = params.choice("status", ticket.status, (*STATUS_NAMES, ticket.status))
    state = params.choice("state", ticket.state, STATES)
    assignee = params.integer("assignee", ticket.assignee)
    if ticket.is_trashed and status != "trash":
        desk.restore(ticket.id)
    desk.set_status(ticket.id, status)
    desk.assign(ticket.id, assignee)
    (desk.close if state == "closed" else desk.reopen)(ticket.id, saved=True)
    return _one(call, desk.edit(ticket.id, fields=fields, meta=meta), "edit")


def _meta(call: Call) -> dict[str, str | None]:
    """The registered keys of `meta`; where none is registered, all of it is ignored without a word."""
    given = call.params.given.get("meta")
    known = call.shop.helpdesk.registered_meta
    if not known or given is None:
        return {}
    if not isinstance(given, dict):
        raise invalid_type("meta", "object")
    for key in known:
        if not isinstance(given.get(key), str | None):
            raise invalid_type(f"meta.{key}", "string")
    return {key: given[key] for key in known if key in given}


def delete_ticket(call: Call) -> Response:
    """Move a ticket to the trash, or delete it for good under `force`."""
    ticket, viewer, desk = _ticket(call), Viewer.of(call), call.shop.helpdesk
    if not viewer.may_delete:
        raise viewer.refusal("rest_cannot_delete", "Sorry, you are not allowed to delete this post.")
    if call.params.flag("force"):
        previous = show_ticket(ticket, desk, viewer, call.site(), "edit")
        desk.delete(ticket.id)
        return Response.of_json({"deleted": True, "previous": previous})
    if ticket.is_trashed:
        raise RestError(410, "rest_already_trashed", "The post has already been deleted.")
    return _one(call, desk.trash(ticket.id), "edit")


def list_replies(call: Call) -> Response:
    """A page of a ticket's replies, newest first."""
    viewer, context = Viewer.of(call), context_of(call)
    replies = sorted(_readable(call).replies, key=lambda reply: (reply.created, reply.id), reverse=_descends(call))
    return _page(call, replies, lambda reply: show_reply(reply, viewer, call.site(), context))


def read_reply(call: Call) -> Response:
    """One reply."""
    reply = next((reply for reply in _readable(call).replies if reply.id == call.ids[1]), None)
    if reply is None:
        raise RestError(404, "rest_post_invalid_id", "Invalid post ID.")
    return Response.of_json(cut(call, show_reply(reply, Viewer.of(call), call.site(), context_of(call))))


def create_reply(call: Call) -> Response:
    """Answer a ticket: any agent, or its own customer."""
    _need(call, "content")
    viewer, desk = Viewer.of(call), call.shop.helpdesk
    is_read = call.params.choice("status", "unread", ("read", "unread")) == "read"
    ticket = desk.tickets.get(call.ids[0])
    if not (viewer.is_agent or (viewer.is_client and ticket is not None and ticket.author == viewer.user_id)):
        raise viewer.refusal("rest_cannot_create", "Sorry, you are not allowed to create tickets as this user.")
    if ticket is None:
        raise RestError(400, "rest_post_invalid_id", "Invalid post parent ID.")
    author = call.params.integer("author", viewer.user_id) if viewer.is_agent else viewer.user_id
    reply = desk.reply(ticket.id, author, call.params.text("content"), is_read=is_read)
    location = {"Location": f"{call.shop.url}/wp-json/wp/v2/replies/{reply.id}"}
    return Response.of_json(cut(call, show_reply(reply, viewer, call.site(), "edit")), 201, location)


def list_history(call: Call) -> Response:
    """A page of what was done to a ticket, newest first."""
    history = sorted(_readable(call).history, key=lambda entry: (-entry.created, entry.id))
    return _page(call, history, lambda entry: show_history(entry, call.site()))


def refuse_status(call: Call) -> Response:
    """The route that says it sets a status, and was never seen to do it for anybody."""
    _need(call, "status")
    message = "Sorry, you are not allowed to update status of this ticket."
    raise Viewer.of(call).refusal("rest_cannot_create", message)


def _page(call: Call, records: Sequence[Any], show: Callable[[Any], dict[str, Any]]) -> Response:
    found, headers = page_of(call, records, "error")
    return Response.of_json([cut(call, show(record)) for record in found], headers=headers, items=0)


def _descends(call: Call) -> bool:
    return call.params.choice("order", "desc", ("asc", "desc")) == "desc"


def _one(call: Call, ticket: Ticket, context: Context, status: int = 200) -> Response:
    shown = show_ticket(ticket, call.shop.helpdesk, Viewer.of(call), call.site(), context)
    return Response.of_json(cut(call, shown), status, items=0, more_seconds=TICKET_SECONDS)


def _need(call: Call, *names: str) -> None:
    missing = [name for name in names if name not in call.params]
    if missing:
        raise missing_params(*missing)


def _ticket(call: Call) -> Ticket:
    ticket = call.shop.helpdesk.tickets.get(call.ids[0])
    if ticket is None:
        raise RestError(404, "rest_post_invalid_id", "Invalid post ID.")
    return ticket


def _readable(call: Call) -> Ticket:
    ticket, viewer = _ticket(call), Viewer.of(call)
    if not viewer.may_read(ticket):
        raise viewer.refusal("rest_forbidden", "Sorry, you are not allowed to do that.")
    return ticket


_LIST = {"GET": Endpoint("open", list_tickets), "POST": Endpoint("open", create_ticket)}
_ONE = {
    "GET": Endpoint("open", read_ticket),
    "PUT": Endpoint("open", update_ticket),
    "DELETE": Endpoint("open", delete_ticket),
}
_REPLIES = {"GET": Endpoint("open", list_replies), "POST": Endpoint("open", create_reply)}
ROUTES = (
    route(f"/{NAMESPACE}/tickets", _LIST),
    route(f"/{NAMESPACE}/tickets/<id>", _ONE),
    route(f"/{NAMESPACE}/tickets/<id>/replies", _REPLIES),
    route(f"/{NAMESPACE}/tickets/<id>/replies/<id>", {"GET": Endpoint("open", read_reply)}),
    route(f"/{NAMESPACE}/tickets/<id>/history", {"GET": Endpoint("open", list_history)}),
    route(f"/{NAMESPACE}/tickets/<id>/status", {"POST": Endpoint("open", refuse_status)}),
    route("/wp/v2/tickets", _LIST),
    route("/wp/v2/tickets/<id>", _ONE),
)
