"""Words for what a helpdesk names by a code: states, statuses and channels of tickets. What a shop invented itself is
shown as it comes.
"""

from __future__ import annotations

from flask import Flask

from companion.web.i18n import N_, gettext

_STATUSES = {
    "queued": (N_("New"), "amber"),
    "processing": (N_("In progress"), "blue"),
    "hold": (N_("Held"), "violet"),
    "trash": (N_("In the bin"), "grey"),
}
_CHANNELS = {
    "standard-ticket-form": N_("Ticket form"),
    "email": N_("E-mail"),
    "phone": N_("Phone"),
    "chat": N_("Chat"),
    "other": N_("Another way"),
}


def install(app: Flask) -> None:
    """Give the templates these tables."""
    app.jinja_env.globals.update(ticket_channel=of_channel, ticket_state=of_state, ticket_status=of_status)


def of_state(is_open: bool) -> tuple[str, str]:  # noqa: FBT001 -- one value, asked for in templates
    """What an open or a closed ticket is called, and the tone of its chip."""
    return (gettext("Open"), "amber") if is_open else (gettext("Closed"), "green")


def of_status(status: str) -> tuple[str, str]:
    """What a ticket's status is called, and the tone of its chip."""
    name, tone = _STATUSES.get(status, (status, "grey"))
    return (gettext(name) if status in _STATUSES else name), tone


def of_channel(channel: str) -> str:
    """By which way a ticket came."""
    return gettext(_CHANNELS[channel]) if channel in _CHANNELS else channel
