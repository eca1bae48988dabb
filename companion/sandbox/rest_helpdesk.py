"""Awesome Support's lesser routes: settings, fields, terms, attachments, passwords of its own, a test of headers."""

from __future__ import annotations

import hashlib
from typing import Any

from companion.sandbox.auth import basic
from companion.sandbox.credentials import ADMIN_ID
from companion.sandbox.helpdesk import NAMESPACE
from companion.sandbox.helpdesk_access import CHANNELS, Viewer, channel_slug
from companion.sandbox.helpdesk_records import Ticket
from companion.sandbox.helpdesk_settings import custom_fields, settings_of
from companion.sandbox.rest import Call, Endpoint, cut, page_of, route
from companion.sandbox.view import EVERY_METHOD
from companion.sandbox.wire import Response, RestError, invalid_type, missing_params

_IMAGE = "woocommerce-placeholder"
_SIZES = {"medium": 300, "large": 1024, "thumbnail": 150, "medium_large": 768, "full": 1200}


def read_settings(call: Call) -> Response:
    """Every setting, to the helpdesk's managers."""
    viewer = _only_managers(call)
    mail = call.shop.users[viewer.user_id].email
    return Response.of_json(cut(call, settings_of(call.shop.helpdesk, call.shop.name, mail)))


def read_fields(call: Call) -> Response:
    """The fields that a ticket may carry."""
    _only_agents(call)
    return Response.of_json(custom_fields(call.shop.helpdesk, None))


def read_ticket_fields(call: Call) -> Response:
    """The fields of a ticket."""
    _only_agents(call)
    return Response.of_json(custom_fields(call.shop.helpdesk, _ticket(call)))


def refuse_fields(call: Call) -> Response:
    """The route that says it writes fields, and was never seen to do it for anybody."""
    given = call.params.given.get("custom_fields")
    if given is None:
        raise missing_params("custom_fields")
    if not isinstance(given, list):
        raise invalid_type("custom_fields", "array")
    message = "Sorry, you are not allowed to update custom fields for this ticket."
    raise Viewer.of(call).refusal("rest_cannot_create", message)


def list_channels(call: Call) -> Response:
    """By which ways tickets come."""
    found, headers = page_of(call, list(CHANNELS.items()), "total")
    return Response.of_json([cut(call, _channel(call, *term)) for term in found], headers=headers, items=0)


def _channel(call: Call, term_id: int, name: str) -> dict[str, Any]:
    url, slug = call.shop.url, channel_slug(name)
    core = f"{url}/wp-json/wp/v2"
    count = sum(1 for ticket in call.shop.helpdesk.tickets.values() if ticket.channel == slug)
    return {
        "id": term_id,
        "count": count,
        "description": "",
        "link": f"{url}/ticket_channel/{slug}/",
        "name": name,
        "slug": slug,
        "taxonomy": "ticket_channel",
        "parent": 0,
        "meta": [],
        "_links": {
            "self": [{"href": f"{core}/ticket_channel/{term_id}"}],
            "collection": [{"href": f"{core}/ticket_channel"}],
            "about": [{"href": f"{core}/taxonomies/ticket_channel"}],
            "wp:post_type": [{"href": f"{url}/wp-json/{NAMESPACE}/tickets?ticket_channel={term_id}"}],
            "curies": [{"name": "wp", "href": "https://api.w.org/{rel}", "templated": True}],
        },
    }


def list_tags(call: Call) -> Response:
    """The tags of tickets: this shop uses none."""
    _, headers = page_of(call, [], "total")
    return Response.of_json([], headers=headers, items=0)


def list_attachments(call: Call) -> Response:
    """The media of the site, of which this one has WooCommerce's placeholder image alone."""
    found, headers = page_of(call, [4], "error")
    return Response.of_json([cut(call, _image(call, image_id)) for image_id in found], headers=headers, items=0)


def _image(call: Call, image_id: int) -> dict[str, Any]:
    url, core = call.shop.url, f"{call.shop.url}/wp-json/wp/v2"
    folder = f"{url}/wp-content/uploads"
    created = call.shop.users[ADMIN_ID].created
    date, gmt = call.site().local(created), call.site().gmt(created)
    sizes: dict[str, dict[str, Any]] = {}
    for name, pixels in _SIZES.items():
        file = f"{_IMAGE}.webp" if name == "full" else f"{_IMAGE}-{pixels}x{pixels}.webp"
        weight = {} if name == "full" else {"filesize": pixels * 5}
        size = {"file": file, "width": pixels, "height": pixels, **weight, "mime_type": "image/webp"}
        sizes[name] = {**size, "source_url": f"{folder}/{file}"}
    taken = ("aperture", "camera", "caption", "created_timestamp", "copyright", "credit", "focal_length", "iso")
    return {
        "id": image_id,
        "date": date,
        "date_gmt": gmt,
        "guid": {"rendered": f"{folder}/{_IMAGE}.webp"},
        "modified": date,
        "modified_gmt": gmt,
        "slug": _IMAGE,
        "status": "inherit",
        "type": "attachment",
        "link": f"{url}/{_IMAGE}/",
        "title": {"rendered": _IMAGE},
        "author": ADMIN_ID,
        "featured_media": 0,
        "comment_status": "open",
        "ping_status": "closed",
        "template": "",
        "meta": [],
        "class_list": [f"post-{image_id}", "attachment", "type-attachment", "status-inherit", "hentry"],
        "description": {"rendered": f'<p class="attachment"><img src="{folder}/{_IMAGE}.webp" alt="" /></p>\n'},
        "caption": {"rendered": ""},
        "alt_text": "",
        "media_type": "image",
        "mime_type": "image/webp",
        "media_details": {
            "width": 1200,
            "height": 1200,
            "file": f"{_IMAGE}.webp",
            "filesize": 9892,
            "sizes": sizes,
            "image_meta": {**dict.fromkeys((*taken, "shutter_speed", "title", "orientation"), ""), "keywords": []},
        },
        "post": None,
        "source_url": f"{folder}/{_IMAGE}.webp",
        "_links": {
            "self": [{"href": f"{core}/media/{image_id}", "targetHints": {"allow": list(EVERY_METHOD)}}],
            "collection": [{"href": f"{core}/media"}],
            "about": [{"href": f"{core}/types/attachment"}],
            "author": [{"embeddable": True, "href": f"{core}/users/{ADMIN_ID}"}],
            "replies": [{"embeddable": True, "href": f"{core}/comments?post={image_id}"}],
        },
    }


def echo_header(call: Call) -> Response:
    """What reached PHP of the caller's Authorization header. Yes, the password too."""
    user, password = basic(call.request.headers.get("authorization", ""))
    return Response.of_json({"PHP_AUTH_USER": user, "PHP_AUTH_PW": password})


def list_passwords(call: Call) -> Response:
    """Awesome Support's own API passwords, which open nothing while WordPress's application passwords do."""
    _only_managers(call)
    return Response.of_json(call.shop.helpdesk.passwords.get(call.ids[0]) or [])


def create_password(call: Call) -> Response:
    """Make one more of them."""
    _only_managers(call)
    if "name" not in call.params:
        raise missing_params("name")
    known = call.shop.helpdesk.passwords.setdefault(call.ids[0], {})
    letters = hashlib.sha256(f"helpdesk password {call.ids[0]} {len(known)}".encode()).hexdigest()
    slug = letters[:12]
    made = {"name": call.params.text("name"), "created": f"{call.shop.clock():%B %-d, %Y}", "last_used": "—"}
    known[slug] = {**made, "last_ip": "—", "slug": slug}
    return Response.of_json({**known[slug], "password": " ".join(letters[i : i + 4] for i in range(12, 36, 4))})


def read_type(call: Call) -> Response:
    """What WordPress says of tickets as a type of post."""
    core = f"{call.shop.url}/wp-json/wp/v2"
    described = {
        "description": "",
        "hierarchical": False,
        "has_archive": True,
        "name": "Tickets",
        "slug": "ticket",
        "icon": "dashicons-forms",
        "taxonomies": ["ticket-tag", "ticket_channel"],
        "rest_base": "tickets",
        "rest_namespace": "wp/v2",
        "template": [["core/paragraph", {"placeholder": ""}]],
        "template_lock": False,
        "_links": {
            "collection": [{"href": f"{core}/types"}],
            "wp:items": [{"href": f"{core}/tickets"}],
            "curies": [{"name": "wp", "href": "https://api.w.org/{rel}", "templated": True}],
        },
    }
    return Response.of_json(cut(call, described))


def _only_agents(call: Call) -> Viewer:
    viewer = Viewer.of(call)
    if not viewer.is_agent:
        raise viewer.refusal("rest_forbidden", "Sorry, you are not allowed to do that.")
    return viewer


def _only_managers(call: Call) -> Viewer:
    viewer = Viewer.of(call)
    if not viewer.may_delete:
        raise viewer.refusal("rest_forbidden", "Sorry, you are not allowed to do that.")
    return viewer


def _ticket(call: Call) -> Ticket:
    ticket = call.shop.helpdesk.tickets.get(call.ids[0])
    if ticket is None:
        raise RestError(404, "rest_post_invalid_id", "Invalid post ID.")
    return ticket


_HEADERS = Endpoint("open", echo_header)
ROUTES = (
    route(f"/{NAMESPACE}/settings", {"GET": Endpoint("open", read_settings)}),
    route(f"/{NAMESPACE}/custom-fields", {"GET": Endpoint("open", read_fields)}),
    route(
        f"/{NAMESPACE}/tickets/<id>/custom-fields",
        {"GET": Endpoint("open", read_ticket_fields), "POST": Endpoint("open", refuse_fields)},
    ),
    route(f"/{NAMESPACE}/ticket_channel", {"GET": Endpoint("open", list_channels)}),
    route(f"/{NAMESPACE}/ticket-tag", {"GET": Endpoint("open", list_tags)}),
    route(f"/{NAMESPACE}/attachments", {"GET": Endpoint("open", list_attachments)}),
    route(f"/{NAMESPACE}/test-basic-authorization-header", {"GET": _HEADERS, "POST": _HEADERS}),
    route(
        f"/{NAMESPACE}/users/<id>/passwords",
        {"GET": Endpoint("open", list_passwords), "POST": Endpoint("open", create_password)},
    ),
    route("/wp/v2/types/ticket", {"GET": Endpoint("open", read_type)}),
)
