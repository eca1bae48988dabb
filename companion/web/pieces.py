"""The smallest pieces of a page: icons, chips, avatars, numbers and copy buttons.

In Python and not in a template, since a page holds hundreds of them. Templates call them by these names; what arranges
more than one piece is a macro of `parts/ui.html`.
"""

from __future__ import annotations

from functools import cache, lru_cache

from flask import Flask, g, request, url_for
from flask_wtf.csrf import generate_csrf
from markupsafe import Markup

from companion.services.notes import OrderRef, TicketRef
from companion.web.assets import address
from companion.web.formats import digits, initials
from companion.web.session import can

_ICON = Markup('<svg class="icon %s" aria-hidden="true" focusable="false"><use href="%s#%s"></use></svg>')
_CHIP = Markup('<span class="chip tone-%s">%s<bdi>%s</bdi></span>')
_AVATAR = Markup('<span class="avatar %s" aria-hidden="true">%s</span>')
_COPY = Markup(
    '<button type="button" class="button button-quiet copy js-only" data-copy="%s" aria-label="%s" title="%s">%s%s'
    "</button>"
)
_CSRF = Markup('<input type="hidden" name="csrf_token" value="%s">')
_SENT_TO = Markup(
    'method="post" action="%s" hx-post="%s" hx-target="#main" hx-select="#main" hx-swap="outerHTML show:window:top" '
    'hx-sync="this:drop"'
)
_LINK = Markup('<a class="%s" href="%s">%s %s</a>')
_NO_LINK = Markup('<span class="%s">%s %s</span>')
_NUMBER = Markup('<bdi dir="ltr">#%s</bdi>')


def install(app: Flask) -> None:
    """Give the templates these pieces."""
    app.jinja_env.globals.update(
        icon=icon,
        chip=chip,
        avatar=avatar,
        copy=copy,
        number_of=number_of,
        thing_link=thing_link,
        csrf=csrf,
        sent_to=sent_to,
    )


def icon(name: str, css_class: str = "") -> Markup:
    """A drawing of icons.svg."""
    return _icon(request.script_root, name, css_class)


def chip(text: str, tone: str = "grey", icon_name: str = "") -> Markup:
    """A word on ground of a tone."""
    return _chip(request.script_root, text, tone, icon_name)


def avatar(name: str, css_class: str = "") -> Markup:
    """The round sign of a person: her initials."""
    return _AVATAR % (css_class, initials(name) or icon("person"))


def copy(text: str, label: str) -> Markup:
    """A button that copies a text to the clipboard; only where there is JavaScript."""
    return _COPY % (text, label, label, icon("copy", "icon-copy"), icon("check", "icon-done"))


def number_of(number: str) -> Markup:
    """The number of an order or a ticket."""
    return _NUMBER % digits(number)


def csrf() -> Markup:
    """What a form must carry to be taken."""
    if "csrf_field" not in g:
        g.csrf_field = _CSRF % str(generate_csrf())
    found: Markup = g.csrf_field
    return found


def sent_to(address: str) -> Markup:
    """Attributes of a form that is a page of its own: what was typed stays in it where no answer can be given, because
    the session has ended, say (companion.web.errors). Without JavaScript it is a form like any other.
    """
    return _SENT_TO % (address, address)


def thing_link(thing: OrderRef | TicketRef, css_class: str = "small") -> Markup:
    """What a note points at; a ticket leads nowhere for those who may not see it."""
    if isinstance(thing, OrderRef):
        place = url_for("customers.by_order", shop=thing.shop, order_id=thing.order_id)
        return _LINK % (css_class, place, icon("order"), number_of(thing.number or thing.order_id))
    if can("see_tickets"):
        place = url_for("customers.by_ticket", shop=thing.shop, ticket_id=thing.ticket_id, _anchor="in-view")
        return _LINK % (css_class, place, icon("ticket"), number_of(thing.ticket_id))
    return _NO_LINK % (css_class, icon("ticket"), number_of(thing.ticket_id))


@cache
def _icon(_root: str, name: str, css_class: str) -> Markup:
    """One for each place where the pages are mounted."""
    return _ICON % (css_class, address("icons.svg"), name)


@lru_cache(maxsize=1024, typed=True)  # typed: what is safe already is no key for the same letters that are not
def _chip(root: str, text: str, tone: str, icon_name: str) -> Markup:
    """The same few words stand on every page."""
    return _CHIP % (tone, _icon(root, icon_name, "") if icon_name else "", text)
