"""Words for how the sync stands: streams, troubles, matters with what to do about them, topics, lengths of time.

Tables and look-ups, as in `wording`; `i18n` translates, the templates of the sync page place.
"""

from __future__ import annotations

from typing import NamedTuple

from flask import Flask

from companion.domain.calendar import to_persian_digits
from companion.domain.trouble import Trouble, trouble_of
from companion.services.sync.matters import Level, Matter
from companion.web.formats import digits, number
from companion.web.i18n import N_, gettext, language

_STREAMS = {
    "orders": N_("Orders"),
    "refunds": N_("Refunds"),
    "customers": N_("New customers"),
    "tickets": N_("Changed tickets"),
    "tickets_open": N_("Open tickets"),
    "tickets_all": N_("Comparison of all tickets"),
    "replies": N_("Replies to tickets"),
    "order_notes": N_("Notes on recent orders"),
    "older_order_notes": N_("Notes on older orders"),
    "changes": N_("What the shop's plugin tells"),
    "deliveries": N_("Reading of what the shop told of"),
    "webhooks": N_("Watch over the webhooks"),
    "shop_agents": N_("Agents of the helpdesk"),
    "reconcile": N_("Comparison of everything"),
}
_TROUBLES = {
    Trouble.UNREACHABLE: (
        N_("Shop not reachable"),
        N_("Open the shop in a browser. If it opens there, ask its host whether a firewall stops this server."),
    ),
    Trouble.SLOW: (N_("The shop answers too slowly"), N_("If it goes on, ask its host: its visitors wait as well.")),
    Trouble.BUSY: (N_("The shop asks us to wait"), N_("Nothing is to be done: reading goes on by itself.")),
    Trouble.CERTIFICATE: (
        N_("The shop's certificate is not in order"),
        N_("Its host can renew it. Until then nothing is read, so that nobody can listen."),
    ),
    Trouble.ADDRESS: (
        N_("The shop's address is not right"),
        N_("Open the shop in a browser, and have the address at which it ends put into the configuration."),
    ),
    Trouble.CREDENTIALS: (
        N_("The shop does not accept our key"),
        N_("Make a new key in the shop's settings, and have it put into the configuration."),
    ),
    Trouble.RIGHTS: (
        N_("Our key may not do this"),
        N_("Give the key the right to read and write, and its user the role shop manager."),
    ),
    Trouble.CLOCK: (
        N_("The clocks of the shop and of this server differ too much"),
        N_("Have both set by network time."),
    ),
    Trouble.NO_PLUGIN: (
        N_("A plugin of the shop is missing or switched off"),
        N_("Look in WordPress whether the plugins of the shop and of the helpdesk are active."),
    ),
    Trouble.BARRED: (
        N_("Something before the shop keeps us out"),
        N_("A firewall or a security plugin: have it let this server pass."),
    ),
    Trouble.NOT_JSON: (
        N_("Something else than the shop answers"),
        N_("A cache, a firewall or a fault of a plugin stands in the answer's place."),
    ),
    Trouble.BREAKS: (
        N_("The shop breaks down on our requests"),
        N_("A fault in one of its plugins, or its server is overloaded: its own error log tells."),
    ),
    Trouble.TOO_MANY_GONE: (
        N_("Very much is missing in the shop at once"),
        N_("Nothing was removed here. Look whether the shop is whole; if it was really deleted, have it confirmed:"),
    ),
    Trouble.OTHER: (N_("The shop could not be read"), N_("What was said stands below.")),
}
_MATTERS = {
    "nobody_works": (
        N_("Nothing is read at present"),
        N_("The part of this system that reads the shops does not seem to run. Ask whoever looks after the server."),
    ),
    "late": (N_("Some things were read later than they should be"), N_("It is made up for by itself.")),
    "inbox_waits": (N_("Deliveries of the shop wait: %(count)s"), N_("They are worked as soon as the shop answers.")),
    "stretched": (
        N_("Some things are read more seldom than wanted"),
        N_("The shop keeps its time for its own customers. What changes there shows here later."),
    ),
    "webhook_disabled": (
        N_("The shop has switched off a webhook"),
        N_(
            "It does that when its deliveries fail. Unless writing is paused, it is switched on again and what it"
            " missed is read. If it happens again, look whether the shop reaches this server."
        ),
    ),
    "webhooks_silent": (
        N_("Things change in the shop, and its webhooks are silent"),
        N_(
            "The shop's scheduled tasks are probably asleep: have its server call them every minute. Until then changes"
            " are found by looking: orders within minutes, others later."
        ),
    ),
    "some_webhooks_silent": (
        N_("Things change in the shop, and some of its webhooks are silent"),
        N_(
            "Look in the shop's settings whether a plugin or a person changed them. Until then changes are found by"
            " looking."
        ),
    ),
    "too_many_gone": (
        N_("Very much is missing in the shop at once"),
        N_("Nothing was removed here. Look whether the shop is whole; if it was really deleted, have it confirmed:"),
    ),
    "restored_backup": (
        N_("The shop seems to have been restored from a backup"),
        N_("Everything is compared anew by itself. If nobody restored it, ask who did."),
    ),
    "quarrel": (
        N_("Something in the shop writes over our summaries"),
        N_("Find the plugin that writes this field. Then have the summaries written again, below."),
    ),
    "storm": (
        N_("The shop sends the same thing again and again"),
        N_("Some plugin saves it all the time. That slows the shop down; here it is damped."),
    ),
    "dead": (
        N_("Failed deliveries: %(count)s"),
        N_("The reason stands below. When its cause is mended, replay them."),
    ),
    "not_pushed": (
        N_("Summaries that could not be written: %(count)s"),
        N_("The reason stands below. When its cause is mended, have them written again."),
    ),
    "unreadable": (
        N_("Records that could not be read: %(count)s"),
        N_("They come as soon as they change in the shop, or with a newer version."),
    ),
    "paused": (
        N_("Writing to the shop is paused"),
        N_("Reading goes on. What is to be written waits: %(count)s."),
    ),
    "dry_run": (N_("A trial: no summary is written to the shop"), ""),
    "push_off": (N_("No summary is written to the shop"), ""),
    "cap_reached": (N_("The writes of this hour are used up"), N_("The rest follows by itself. It waits: %(count)s.")),
    "polled_only": (
        N_("The shop cannot deliver to us"),
        N_("No public address is set, so changes are found by looking: orders within minutes, others later."),
    ),
}
_UNKNOWN_MATTER = (N_("Something about this shop needs a look"), "")
_TOPICS = {
    "order.created": N_("New order"),
    "order.updated": N_("Order changed"),
    "order.deleted": N_("Order deleted"),
    "order.restored": N_("Order restored"),
    "customer.created": N_("New customer"),
    "customer.updated": N_("Customer changed"),
    "customer.deleted": N_("Customer deleted"),
    "action.wc_companion_order_note": N_("New order note"),
    "action.wc_companion_order_note_deleted": N_("Order note deleted"),
    "action.wc_companion_order_refund_deleted": N_("Refund deleted"),
    "action.wc_companion_order_deleted": N_("Order deleted for good"),
    "action.wc_companion_customer_deleted": N_("Customer deleted for good"),
    "action.wc_companion_ticket_created": N_("New ticket"),
    "action.wc_companion_ticket_reply": N_("New reply"),
    "action.wc_companion_ticket_reply_deleted": N_("Reply deleted"),
    "action.wc_companion_ticket_status": N_("Ticket status changed"),
    "action.wc_companion_ticket_assignee": N_("Ticket assigned to another agent"),
    "action.wc_companion_ticket_closed": N_("Ticket closed"),
    "action.wc_companion_ticket_reopened": N_("Ticket reopened"),
    "action.wc_companion_ticket_trashed": N_("Ticket put in the bin"),
    "action.wc_companion_ticket_restored": N_("Ticket restored"),
    "action.wc_companion_ticket_deleted": N_("Ticket deleted for good"),
}
_OWN, _ASKED = "action.wc_companion_", "change."
_WEBHOOK_STATUSES = {
    "active": (N_("On"), "green"),
    "paused": (N_("Paused in the shop"), "amber"),
    "disabled": (N_("Switched off"), "red"),
}
_REASONS = {
    "something else writes this field": N_("Something else in the shop writes this field."),
    "the shop does not keep the value": N_("The shop says that it took the text, and does not keep it."),
}
_KINDS = {
    "order": N_("Order"),
    "ticket": N_("Ticket"),
    "customer": N_("Customer"),
    "refund": N_("Refund"),
    "order_note": N_("Order note"),
    "reply": N_("Reply"),
}
_LOOKS = {
    "act": (N_("Needs you"), "red", "complaint"),
    "wait": (N_("Delayed"), "amber", "history"),
    "reading": (N_("First read"), "blue", "sync"),
    "well": (N_("Up to date"), "green", "check"),
}
_LEVELS = {Level.ACT: ("red", "complaint"), Level.WAIT: ("amber", "history"), Level.KNOW: ("grey", "note")}
_MINUTE, _HOUR, _DAY = 60, 3600, 86400
_ONE_PER_CENT = 0.01


class Said(NamedTuple):
    """A matter as it is shown: what it is, what to do, and its look."""

    title: str
    advice: str
    tone: str
    icon: str


def install(app: Flask) -> None:
    """Give the templates these words."""
    app.jinja_env.globals.update(
        reason_words=of_reason,
        stream_name=of_stream,
        subject_name=of_subject,
        sync_status=of_status,
        thing_name=of_thing,
        topic_name=of_topic,
        trouble_name=lambda trouble: gettext(_TROUBLES[trouble][0]),
        webhook_status=of_webhook_status,
        what_to_do=of_matter,
    )
    app.jinja_env.filters.update(span=span, percent=percent)


def of_stream(stream: str) -> str:
    """What a stream is called; one without a name is shown as it is."""
    return gettext(_STREAMS[stream]) if stream in _STREAMS else stream


def of_topic(topic: str) -> str:
    """What a topic tells, by a delivery or asked for; one without words is shown as it is."""
    told = f"{_OWN}{topic.removeprefix(_ASKED)}" if topic.startswith(_ASKED) else topic
    return gettext(_TOPICS[told]) if told in _TOPICS else topic


def of_subject(subject: str) -> str:
    """What a matter is about: a stream, a topic, or a thing as alerts name it ("order 1042")."""
    if subject in _STREAMS:
        return of_stream(subject)
    kind, _, ref_id = subject.partition(" ")
    return f"{of_thing(kind)} {digits(ref_id)}".strip() if kind in _KINDS else of_topic(subject)


def of_matter(matter: Matter) -> Said:
    """What there is to say and to do about a matter."""
    found = _TROUBLES.get(matter.trouble) if matter.trouble else None
    title, advice = found or _MATTERS.get(matter.code, _UNKNOWN_MATTER)
    counted = {"count": number(matter.count)}
    tone, icon = _LEVELS[matter.level]
    return Said(gettext(title) % counted, gettext(advice) % counted if advice else "", tone, icon)


def of_status(status: str) -> tuple[str, str, str]:
    """The word for how a shop stands ("act", "wait", "reading", "well"), its tone and its icon."""
    name, tone, icon = _LOOKS[status]
    return gettext(name), tone, icon


def of_webhook_status(status: str) -> tuple[str, str]:
    """What the status of a webhook is called, and its tone."""
    name, tone = _WEBHOOK_STATUSES.get(status, (status, "grey"))
    return (gettext(name) if status in _WEBHOOK_STATUSES else name), tone


def of_thing(kind: str) -> str:
    """What a kind of thing is called; "" for one without a name."""
    return gettext(_KINDS[kind]) if kind in _KINDS else ""


def of_reason(reason: str) -> tuple[str, str]:
    """Why something was set aside, in words as far as there are any, and what was said where that tells more."""
    if reason in _REASONS:
        return gettext(_REASONS[reason]), ""
    trouble = trouble_of(reason)
    return (gettext(_TROUBLES[trouble][0]) if trouble is not Trouble.OTHER else ""), reason


def span(seconds: float) -> str:
    """A length of time, in the unit that says most: 40 s, 14 min, 3 h, 2 d."""
    for least, unit, words in (
        (2 * _DAY, _DAY, N_("%(count)s d")),
        (2 * _HOUR, _HOUR, N_("%(count)s h")),
        (2 * _MINUTE, _MINUTE, N_("%(count)s min")),
    ):
        if seconds >= least:
            return gettext(words, count=number(round(seconds / unit)))
    return gettext("%(count)s s", count=number(round(seconds)))


def percent(share: float) -> str:
    """A share of 1 as per cent, with a digit after the point, below one with two: 1.2 %, ۰٫۰۴٪."""
    text = f"{share * 100:.1f}" if not 0 < share < _ONE_PER_CENT else f"{share * 100:.2f}"
    return to_persian_digits(text.replace(".", "٫")) + "٪" if language() == "fa" else f"{text}\u00a0%"
