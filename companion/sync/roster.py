"""Which chores there are for a shop, how often each is done, and which of them comes first.

The order is that of their importance: where a shop's time does not suffice for all, the last ones wait. What is wanted
of each is what people can rely on: an order that changed is here within five minutes though no webhook told of it, a
ticket's state within five, a reply within a quarter of an hour, an order note within the hour.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta

from companion.domain.turns import OTHERS_EVERY, RECENT_EVERY
from companion.sync.deliveries import changes as bridge
from companion.sync.pace.chores import LAST, Chore, Round, Step, at_once
from companion.sync.reading import aftercare as care
from companion.sync.reading import ticket_sweep as desk
from companion.sync.reading.aftercare import Aftercare
from companion.sync.reading.poll import Poll
from companion.sync.reading.reconcile import Reconcile
from companion.sync.reading.ticket_sweep import TicketSweep
from companion.sync.shop import Shop

_CHANGES_EVERY = timedelta(seconds=15)
_TURNS_EVERY = timedelta(minutes=1)  # to see whose turn has come
_DAILY = timedelta(days=1)
_LIST = 0.95  # of a round is its list; after it, who was not seen is asked for
_REPLIES_AT_ONCE = 5  # tickets whose replies are read in a step


def chores(
    *,
    prepare: Callable[[Shop], object],
    changes: Callable[[Shop], object],
    poll: Poll,
    tickets: TicketSweep,
    reconcile: Reconcile,
    aftercare: Aftercare,
    poll_every: timedelta,
    reconcile_every: timedelta,
) -> tuple[Chore, ...]:
    """The chores of every shop. `prepare` sees to our webhooks there, `changes` asks our own plugin what happened."""
    return (
        Chore(stream="orders", every=poll_every, round=poll.orders, after="orders", catches_up=True),
        Chore(stream=bridge.STREAM, every=_CHANGES_EVERY, round=at_once(changes), after="orders", suits=_has_bridge),
        Chore(stream="webhooks", every=poll_every, round=at_once(prepare), after="orders"),
        Chore(stream="customers", every=poll_every, round=poll.new_customers, after="customers"),
        Chore(stream="reconcile", every=reconcile_every, round=reconcile.round, after="customers", is_long=True),
        Chore(stream=desk.CHANGED, every=poll_every, round=_changed(tickets), after=desk.CHANGED, suits=_has_desk),
        Chore(
            stream=desk.OPEN,
            every=poll_every,
            bridged=reconcile_every,
            round=_rounds(tickets.open_step),
            after=desk.CHANGED,
            suits=_has_desk,
        ),
        Chore(stream=desk.REPLIES, every=poll_every, round=_replies(tickets), after=desk.REPLIES, suits=_has_desk),
        Chore(
            stream=desk.ALL,
            every=reconcile_every,
            round=_rounds(tickets.all_step),
            after=desk.CHANGED,
            suits=_has_desk,
            is_long=True,
        ),
        Chore(stream=desk.AGENTS, every=_DAILY, round=at_once(tickets.agents), after=desk.CHANGED, suits=_has_desk),
        Chore(
            stream=care.STREAM,
            every=_TURNS_EVERY,
            aim=RECENT_EVERY,
            bridged=reconcile_every,
            round=aftercare.of_recent,
            after="orders",
        ),
        Chore(
            stream=care.OTHERS_STREAM,
            every=_TURNS_EVERY,
            aim=OTHERS_EVERY,
            bridged=reconcile_every,
            round=aftercare.of_others,
            after="orders",
        ),
    )


def _has_desk(shop: Shop) -> bool:
    return shop.helpdesk is not None


def _has_bridge(shop: Shop) -> bool:
    return shop.bridge is not None


def _changed(tickets: TicketSweep) -> Round:
    """The tickets whose date moved, a page at a time."""

    def steps(shop: Shop) -> Iterator[Step]:
        for made in tickets.changed_round(shop):
            yield LAST if made.is_over else Step(done=made.read * _LIST)

    return steps


def _rounds(step: Callable[[Shop], desk.Step]) -> Round:
    """A round over a helpdesk's list, which remembers by itself how far it is."""

    def steps(shop: Shop) -> Iterator[Step]:
        while not (made := step(shop)).is_over:
            yield Step(done=made.read * _LIST)
        yield LAST

    return steps


def _replies(tickets: TicketSweep) -> Round:
    """The replies that are due, a few tickets at a time."""

    def steps(shop: Shop) -> Iterator[Step]:
        while tickets.replies(shop, limit=_REPLIES_AT_ONCE) == _REPLIES_AT_ONCE:
            yield Step()
        yield LAST

    return steps
