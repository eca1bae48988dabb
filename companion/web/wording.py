"""Sentences for what the services name by a code: errors, kinds of match, statuses of orders, roles.

Tables, and the look-ups that templates use; `i18n` translates, templates place. A test holds every code of the services
to have its sentence.
"""

from __future__ import annotations

from flask import Flask, g

from companion.domain.channels import CHANNELS, DIRECTIONS
from companion.services.errors import ServiceError
from companion.services.notes import BODY_LIMIT, OUTCOME_LIMIT, Note, NoteKind
from companion.web.formats import digits
from companion.web.i18n import N_, gettext, language
from companion.web.site import site

STALE_FORM = N_("This form had become too old. Press the button once more: what you typed is still here.")
STORE_FULL = N_("The notes store has no room left to write in. Reading still works; please tell the administrator.")

_ERRORS = {
    "sign_in.failed": N_("The user name or the password is not right."),
    "sign_in.busy": N_("Many people are signing in at this moment. Please try again in a few seconds."),
    "forbidden": N_("Your role does not include this."),
    "customer.not_found": N_("There is no such customer, or none that you may see."),
    "order.not_found": N_("There is no such order, or none that you may see."),
    "shop.not_found": N_("There is no such shop, or none that you may see."),
    "ticket.not_found": N_("There is no such ticket, or none that you may see."),
    "timeline.cursor": N_("This place on the timeline does not exist any more. Open the customer again."),
    "note.not_found": N_("There is no such note, or none that you may see."),
    "note.empty": N_("Write something first: an empty note says nothing."),
    "contact.empty": N_("Say what came of the contact, in the outcome or in the text."),
    "person.nobody": N_("Say who it is: a name, a company, a phone or an e-mail is enough."),
    "person.phone": N_("This is no possible phone number. Look at its digits."),
    "person.email": N_("This is not an e-mail address."),
    "person.channel": N_("There is no such channel."),
    "person.not_empty": N_("There are notes about her. Delete them first, or let her stay."),
    "person.known_to_a_shop": N_("A shop knows her: only people added by hand can be taken away."),
    "account.not_found": N_("There is no such account, or none that you may see."),
    "date.no_label": N_("Say what is on this day."),
    "date.unreadable": N_("This is no date. Write it like 1404/09/09, 2025-11-30 or 9 Azar."),
    "date.no_year": N_("A day that comes once needs its year."),
    "date.not_found": N_("This date is not there any more."),
    "typed.too_long": N_("This is too long: at most %(limit)s letters."),
    "note.too_long": N_("The note is too long: at most %(limit)s letters."),
    "note.unknown_kind": N_("There is no such kind of note."),
    "note.not_author": N_("Only its author may do this with a note. You can write another one below it."),
    "note.deleted": N_("This note is in the bin. Restore it first."),
    "note.deleted_by_other": N_("This note was put in the bin by somebody who answers for the team. Please ask there."),
    "note.conflict": N_(
        "The note was changed elsewhere while you were writing. Nothing was saved and nothing is lost."
    ),
    "match.not_found": N_("These accounts are not there any more, or are not yours to see."),
    "match.is_one": N_("This is one customer already. Accounts of hers are separated on her page."),
    "match.refused": N_("Somebody said that these are two people. Take that decision back first."),
    "match.crowded": N_("One person would have more than twelve accounts then. Nothing was united."),
    "match.split_some": N_("Choose the accounts that are another person's: some, not all of them."),
    "segment.unknown": N_("There is no such type of customer."),
    "segment.no_reason": N_("Say why in a few words: colleagues will read it."),
    "segment.past": N_("This day is over. Choose one to come, or leave it empty."),
    "segment.rule": N_("This rule takes a number from %(least)s to %(most)s."),
    "typed.no_date": N_("This is no date. Write year, month and day, like 1405/08/30 or 2026-11-21."),
    "typed.no_number": N_("This is not a number that can be taken here."),
    "group.not_found": N_("There is no such group."),
    "group.no_name": N_("Give the group a name."),
    "group.no_conditions": N_("A group without any condition would be everybody. Set one at least."),
    "group.no_currency": N_("Choose the currency of the sum."),
    "agent.not_found": N_("There is no such agent."),
    "agent.no_sign_in": N_("This agent has no sign-in here."),
    "agent.name": N_("A name has at most %(limit)s letters, and at least one."),
    "agent.username": N_("A user name has no spaces, at most %(limit)s letters, and at least one."),
    "agent.username_taken": N_("Somebody else has this user name."),
    "agent.email": N_("This is not an e-mail address."),
    "erase.not_confirmed": N_("What you wrote is not what is asked for. Nothing was erased."),
    "erase.other_shops": N_("She is known in shops that you may not see. Whoever sees them all may erase her."),
    "quality.not_found": N_("There is no such list."),
    "preferences.language": N_("There is no such language here."),
    "preferences.calendar": N_("There is no such calendar here."),
    "password.short": N_("A password has at least %(limit)s letters."),
    "password.long": N_("A password has at most %(limit)s letters."),
    "password.obvious": N_("This password would be guessed at once. Choose another one."),
}
_STATUSES = {
    400: (N_("The request could not be read"), N_("Something in the address or the form was not right.")),
    401: (N_("You are not signed in"), N_("Your session has ended. Sign in, then press the button once more.")),
    403: (N_("This is not open to you"), N_("Your role does not include this.")),
    404: (N_("Nothing is here"), N_("The address may be mistyped, or what stood here is gone.")),
    405: (N_("The request could not be read"), N_("Something in the address or the form was not right.")),
    409: (N_("Edited twice"), N_("The note was changed elsewhere while you were writing.")),
    413: (N_("Too large"), N_("What was sent is larger than is taken here.")),
    422: (N_("Something is missing"), N_("Please look at the form again.")),
    429: (N_("Too fast"), N_("Too many requests in a short time. Please wait a little, then go on.")),
    500: (N_("A fault of ours"), N_("Something went wrong here, and it has been written down. Please try again.")),
    503: (N_("Not available just now"), N_("The notes store does not answer. Please try again in a moment.")),
}
_WHY = {
    "name": N_("Name"),
    "email": N_("E-mail"),
    "phone": N_("Phone"),
    "username": N_("User name"),
    "company": N_("Company"),
    "address": N_("Address"),
    "meta": N_("Custom field"),
    "order": N_("Order"),
    "customer_note": N_("Customer’s words on the order"),
    "order_note": N_("Order note"),
    "note": N_("Note"),
    "ticket": N_("Ticket"),
    "reply": N_("Reply"),
}
_SEARCHED = {
    "account": N_("People"),
    "note": N_("Notes"),
    "order_note": N_("Order notes"),
    "order": N_("Orders"),
    "ticket": N_("Tickets"),
    "reply": N_("Replies"),
}
_ORDER_STATUSES = {
    "pending": (N_("Pending payment"), "amber"),
    "processing": (N_("Processing"), "blue"),
    "on-hold": (N_("On hold"), "amber"),
    "completed": (N_("Completed"), "green"),
    "cancelled": (N_("Cancelled"), "grey"),
    "refunded": (N_("Refunded"), "violet"),
    "failed": (N_("Failed"), "red"),
    "trash": (N_("In the bin"), "grey"),
    "checkout-draft": (N_("Draft"), "grey"),
}
_KIND_TONES = {
    "call": "blue",
    "complaint": "red",
    "preference": "violet",
    "important_date": "amber",
    "delivery": "teal",
    "payment": "green",
}
_KIND_ICONS = {
    "call": "call",
    "complaint": "complaint",
    "preference": "preference",
    "important_date": "calendar",
    "delivery": "delivery",
    "payment": "payment",
}
_CHANNELS = {
    "phone": (N_("Phone call"), "call"),
    "chat": (N_("Chat"), "chat"),
    "visit": (N_("Visit"), "shop"),
    "message": (N_("Message"), "message"),
    "email": (N_("E-mail"), "mail"),
}
_DIRECTIONS = {"in": N_("Incoming"), "out": N_("Outgoing")}
_ROLES = {
    "administrator": N_("Administrator"),
    "sales_manager": N_("Sales manager"),
    "support_supervisor": N_("Support supervisor"),
    "agent": N_("Agent"),
}
_ACCOUNT_KINDS = {
    "user": N_("Registered"),
    "guest": N_("Guest"),
    "manual": N_("Added by hand"),
}
_TIMELINE_KINDS = {
    "order": (N_("Orders"), "order"),
    "status": (N_("Changes of status"), "history"),
    "refund": (N_("Refunds"), "refund"),
    "order_note": (N_("Order notes"), "order-note"),
    "ticket": (N_("Tickets"), "ticket"),
    "reply": (N_("Replies"), "reply"),
    "note": (N_("Notes"), "note"),
    "contact": (N_("Contacts"), "call"),
}
_SAID = {
    "note.written": (N_("The note is saved."), "green"),
    "note.edited": (N_("The change is saved."), "green"),
    "note.masked": (N_("Saved, but a card number in the text was masked: those must not be kept here."), "amber"),
    "note.pinned": (N_("The note is pinned to the top."), "green"),
    "note.unpinned": (N_("The pin is taken out."), "green"),
    "note.deleted": (N_("The note is in the bin."), "amber"),
    "note.restored": (N_("The note is restored."), "green"),
    "customer.erased": (N_("Erased here. Below stands what is left to do."), "green"),
    "sync.replayed": (N_("Taken up again. What becomes of it shows here in a moment."), "green"),
    "sync.pushed_again": (N_("The summaries are written again now."), "green"),
    "sync.nothing_left": (N_("Nothing was left to take up again."), "amber"),
    "sync.paused": (N_("Nothing is written to the shop until you resume."), "amber"),
    "sync.resumed": (N_("The shop is written to again."), "green"),
    "match.united": (N_("They are one customer now."), "green"),
    "match.kept_apart": (N_("They stay two customers, whatever the shops say later."), "green"),
    "match.decided": (N_("Your decisions are saved."), "green"),
    "match.split": (N_("The accounts are separated."), "green"),
    "match.undone": (N_("The decision is taken back."), "amber"),
    "segment.set": (N_("The type of this customer is set by hand."), "green"),
    "segment.withdrawn": (N_("Taken back: the rules decide again."), "amber"),
    "segment.rules_set": (N_("The rules are saved. Everybody is sorted by them within minutes."), "green"),
    "group.made": (N_("The group is made."), "green"),
    "group.changed": (N_("The group is changed."), "green"),
    "group.removed": (N_("The group is removed. Its members stay as they are."), "amber"),
    "person.added": (N_("She is added."), "green"),
    "person.known": (N_("She was known already. This is her page; what you typed stands on it too."), "green"),
    "person.removed": (N_("She is taken away."), "amber"),
    "person.restored": (N_("She is back."), "green"),
    "facts.saved": (N_("The correction is saved and goes before what the shop says."), "green"),
    "facts.same": (N_("Nothing was changed."), "amber"),
    "facts.taken_back": (N_("What the shop says holds again."), "green"),
    "date.added": (N_("The date is saved."), "green"),
    "date.removed": (N_("The date is taken away."), "amber"),
    "preferences.saved": (N_("Your preferences are saved."), "green"),
}

LANGUAGE_NAMES = {"fa": "فارسی", "en": "English"}
"""Each in itself, for those who cannot read the other."""


def install(app: Flask) -> None:
    """Give the templates these tables."""
    app.jinja_env.globals.update(
        body_limit=BODY_LIMIT,
        account_kind_name=lambda kind: gettext(_ACCOUNT_KINDS[kind]),
        kind_name=of_kind,
        kinds=kinds,
        language_names=LANGUAGE_NAMES,
        channels=CHANNELS,
        directions=DIRECTIONS,
        outcome_limit=OUTCOME_LIMIT,
        channel_look=of_channel,
        direction_name=lambda direction: gettext(_DIRECTIONS[direction]),
        look_of_kind=look_of_kind,
        look_of_note=look_of_note,
        order_status=of_order_status,
        role_name=lambda role: gettext(_ROLES[role]),
        said_as=of_said,
        timeline_kind=of_timeline_kind,
        timeline_kinds=tuple(_TIMELINE_KINDS),
        why_name=lambda why: gettext(_WHY[why]),
        search_kind=lambda kind: gettext(_SEARCHED[kind]),
    )


def of_error(error: ServiceError) -> str:
    """The sentence of a service's error; for a code without one, nothing, and the status speaks."""
    sentence = _ERRORS.get(error.code)
    return gettext(sentence, **{name: digits(value) for name, value in error.params.items()}) if sentence else ""


def of_status(status: int) -> tuple[str, str]:
    """The title of an error page, and what to do."""
    title, advice = _STATUSES.get(status) or _STATUSES[400 if status < 500 else 500]  # noqa: PLR2004 -- HTTP's classes
    return gettext(title), gettext(advice)


def of_said(code: str) -> tuple[str, str]:
    """What a notice says after something was done, and its tone."""
    sentence, tone = _SAID.get(code) or (_ERRORS[code], "red")
    return gettext(sentence), tone


def of_order_status(status: str) -> tuple[str, str]:
    """What an order's status is called, and the tone of its chip; one that a plugin invented is shown as it is."""
    name, tone = _ORDER_STATUSES.get(status, (status, "grey"))
    return (gettext(name) if status in _ORDER_STATUSES else name), tone


def of_timeline_kind(kind: str) -> tuple[str, str]:
    """What entries of a kind are called together, and their icon."""
    name, icon = _TIMELINE_KINDS[kind]
    return gettext(name), icon


def kinds() -> tuple[NoteKind, ...]:
    """The kinds of note, read once for an answer."""
    if "note_kinds" not in g:
        g.note_kinds = site().notes.kinds()
    found: tuple[NoteKind, ...] = g.note_kinds
    return found


def offer_kinds(kinds: tuple[NoteKind, ...]) -> None:
    """These are the kinds for this answer: they were read with what it shows."""
    g.note_kinds = kinds


def of_kind(kind: str) -> str:
    """What a kind of note is called; people name kinds themselves, in both languages."""
    known = next((each for each in kinds() if each.kind == kind), None)
    if known is None:
        return kind
    return known.name_fa if language() == "fa" else known.name_en


def look_of_kind(kind: str) -> tuple[str, str]:
    """Tone and icon of a note's kind; kinds that people add themselves are grey."""
    return _KIND_TONES.get(kind, "grey"), _KIND_ICONS.get(kind, "note")


def look_of_note(note: Note) -> tuple[str, str]:
    """Tone and icon of a note: the kind's, but for a contact the channel's icon."""
    tone, symbol = look_of_kind(note.kind)
    return tone, _CHANNELS[note.contact.channel][1] if note.contact else symbol


def of_channel(channel: str) -> tuple[str, str]:
    """What a way of being in touch is called, and its icon."""
    name, symbol = _CHANNELS[channel]
    return gettext(name), symbol
