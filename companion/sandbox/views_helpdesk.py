"""How the API shows tickets, replies and history: every field of the recorded answers, in their order.

In the context "edit" texts also come raw, and the links say what may be done.
"""

from __future__ import annotations

from typing import Any

from companion.sandbox.helpdesk import NAMESPACE, Helpdesk
from companion.sandbox.helpdesk_access import Context, Viewer
from companion.sandbox.helpdesk_records import HistoryEntry, Reply, Ticket
from companion.sandbox.helpdesk_text import rendered, titled
from companion.sandbox.view import EVERY_METHOD, Site

_CURIES = [{"name": "wp", "href": "https://api.w.org/{rel}", "templated": True}]


def _text(raw: str, shown: str, context: Context, **more: Any) -> dict[str, Any]:
    return {"raw": raw, "rendered": shown, **more} if context == "edit" else {"rendered": shown, **more}


def _content(raw: str, context: Context) -> dict[str, Any]:
    block = {"block_version": 0} if context == "edit" else {}
    return _text(raw, rendered(raw), context, protected=False, **block)


def _dates(site: Site, created: int, modified: int, guid: dict[str, Any]) -> dict[str, Any]:
    return {
        "date": site.local(created),
        "date_gmt": site.gmt(created),
        "guid": guid,
        "modified": site.local(modified),
        "modified_gmt": site.gmt(modified),
    }


def show_ticket(ticket: Ticket, desk: Helpdesk, viewer: Viewer, site: Site, context: Context) -> dict[str, Any]:
    """A ticket as `viewer` sees it. Meta is there only where a bridge registered it, and null but to agents."""
    address = f"{site.url}/ticket/{ticket.slug}/"
    of_customer, of_agents = desk.counted(ticket)
    meta = {key: ticket.meta.get(key, "") if viewer.is_agent else None for key in desk.registered_meta}
    channel = [f"ticket_channel-{ticket.channel}"] if ticket.channel else []
    written = {"permalink_template": f"{site.url}/ticket/%pagename%/", "generated_slug": ticket.slug}
    return {
        "id": ticket.id,
        **_dates(site, ticket.created, ticket.modified, _text(address, address, context)),
        "slug": ticket.slug,
        "status": ticket.status,
        "type": "ticket",
        "link": f"{site.url}/?post_type=ticket&p={ticket.id}" if ticket.is_trashed else address,
        "title": _text(ticket.title, titled(ticket.title), context),
        "content": _content(ticket.content, context),
        "author": ticket.author,
        **({"meta": meta} if meta else {}),
        "ticket-tag": [],
        "ticket_channel": ticket.channel,
        **(written if context == "edit" else {}),
        "class_list": [f"post-{ticket.id}", "ticket", "type-ticket", f"status-{ticket.status}", "hentry", *channel],
        "state": ticket.state,
        "assignee": ticket.assignee,
        "secondary-assignee": 0,
        "tertiary-assignee": 0,
        "customer-reply-count": of_customer,
        "agent-reply-count": of_agents,
        "total-reply-count": of_customer + of_agents,
        "time-calculated": 0,
        "time-adjustments": 0,
        "time-final": 0,
        "time-adjustments-type": "",
        "time-notes": ticket.time_notes,
        "_links": _ticket_links(ticket, viewer, site, context),
    }


def _ticket_links(ticket: Ticket, viewer: Viewer, site: Site, context: Context) -> dict[str, Any]:
    base = f"{site.url}/wp-json/{NAMESPACE}"
    own = f"{base}/tickets/{ticket.id}"
    terms = ("ticket-tag", "ticket_channel")
    actions = ["publish", *["unfiltered-html"] * viewer.is_admin, "create-ticket-tag", "assign-ticket-tag"]
    actions += [*["create-ticket_channel"] * viewer.may_delete, "assign-ticket_channel"]
    return {
        "self": [{"href": own, "targetHints": {"allow": viewer.methods(ticket)}}],
        "collection": [{"href": f"{base}/tickets"}],
        "replies": [{"embeddable": True, "href": f"{own}/replies"}],
        "history": [{"embeddable": True, "href": f"{own}/history"}],
        "author": [{"embeddable": True, "href": f"{base}/users/{ticket.author}"}],
        "assignee": [{"embeddable": True, "href": f"{base}/users/{ticket.assignee}"}],
        "about": [{"href": f"{site.url}/wp-json/wp/v2/types/ticket"}],
        **_attachment_link(site, ticket.id),
        "wp:term": [
            {"taxonomy": term, "embeddable": True, "href": f"{base}/{term}?post={ticket.id}"} for term in terms
        ],
        **({f"wp:action-{action}": [{"href": own}] for action in actions} if context == "edit" else {}),
        "curies": _CURIES,
    }


def _attachment_link(site: Site, post_id: int) -> dict[str, Any]:
    return {"wp:attachment": [{"embeddable": True, "href": f"{site.url}/wp-json/wp/v2/media?parent={post_id}"}]}


def show_reply(reply: Reply, viewer: Viewer, site: Site, context: Context) -> dict[str, Any]:
    """A reply."""
    base = f"{site.url}/wp-json/{NAMESPACE}"
    collection = f"{base}/tickets/{reply.ticket_id}/replies"
    own = f"{collection}/{reply.id}"
    address = f"{site.url}/?post_type=ticket_reply&p={reply.id}"
    suffix = "" if reply.number == 1 else f"-{reply.number}"
    title = f"Reply to ticket #{reply.ticket_id}"
    actions = ["publish", *["unfiltered-html"] * viewer.is_admin] if context == "edit" else []
    return {
        "id": reply.id,
        **_dates(site, reply.created, reply.modified, _text(address, address, context)),
        "slug": f"reply-to-ticket-{reply.ticket_id}{suffix}",
        "status": "read" if reply.is_read else "unread",
        "type": "ticket_reply",
        "title": {"raw": title, "rendered": title},
        "content": _content(reply.content, context),
        "author": reply.author,
        "parent": reply.ticket_id,
        "_links": {
            "self": [{"href": own, "targetHints": {"allow": list(EVERY_METHOD)}}],
            "collection": [{"href": collection}],
            "author": [{"embeddable": True, "href": f"{base}/users/{reply.author}"}],
            "about": [{"href": f"{site.url}/wp-json/wp/v2/types/ticket_reply"}],
            **_attachment_link(site, reply.id),
            **{f"wp:action-{action}": [{"href": own}] for action in actions},
            "curies": _CURIES,
        },
    }


def show_history(entry: HistoryEntry, site: Site) -> dict[str, Any]:
    """One entry of a ticket's history."""
    collection = f"{site.url}/wp-json/{NAMESPACE}/tickets/{entry.ticket_id}/history"
    guid = {"rendered": f"{site.url}/ticket_history/{entry.id}/"}
    return {
        "id": entry.id,
        **_dates(site, entry.created, entry.created, guid),
        "type": "ticket_history",
        "content": {"rendered": entry.text, "protected": False, "block_version": 0},
        "_links": {
            "self": [{"href": f"{collection}/{entry.id}", "targetHints": {"allow": ["GET"]}}],
            "collection": [{"href": collection}],
            "about": [{"href": f"{site.url}/wp-json/wp/v2/types/ticket_history"}],
            **_attachment_link(site, entry.id),
            "curies": _CURIES,
        },
    }
