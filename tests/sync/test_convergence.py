"""Whatever the shop, its clock, its webhooks or the network do: in the end the store is what the shop is, orders and
tickets carry what their customer's notes say, the queues are empty, and a second round writes nothing.

A random history is played on a sandbox shop and companion at once; then faults end, both sides say what they have to
say, and the two are compared. COMPANION_SOAK_HISTORIES=1000 plays so many histories.

Left out, because without the shop's own plugin nothing tells of it: a reply to a closed ticket that is corrected, or
deleted while another of the same side is added. Hence agents' replies only go here, and customers' only come.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import rule

from tests.fixtures.soak import Played
from tests.sync.convergence import AGENT, KEY, OTHER_AGENT, PEOPLE, Convergence

HISTORIES = int(os.environ.get("COMPANION_SOAK_HISTORIES", "8"))
STATUSES = ["pending", "processing", "on-hold", "completed", "cancelled", "failed", "refunded"]
TAMPERINGS = 3  # of one thing; more in a day is a quarrel, which is parked on purpose


class OrdersConverge(Convergence):
    """What people in the shop do with orders."""

    def somebody_works(self) -> None:
        pick, dice = self.dice.randrange(100), self.dice
        deeds: tuple[Callable[[], object], ...] = (
            lambda: self.order_is_placed(dice.choice(PEOPLE), dice.choice([*STATUSES, "checkout-draft"])),
            lambda: self.order_is_edited(pick, dice.choice(STATUSES), dice.randint(1, 3)),
            lambda: self.order_is_found_to_be_anothers(pick, dice.choice(PEOPLE)),
            lambda: self.order_is_trashed(pick),
            lambda: self.order_is_restored(pick),
            lambda: self.order_is_deleted_for_good(pick, trashed=dice.random() < 0.5),
            lambda: self.order_is_refunded(pick),
            lambda: self.refund_is_taken_back(pick),
            lambda: self.note_is_left_on_an_order(pick, trashed=dice.random() < 0.2),
            lambda: self.note_is_taken_from_an_order(pick),
            lambda: self.our_line_is_tampered_with(pick, dice.choice(["تغییر دستی", None])),
        )
        for deed in dice.choices(deeds, k=dice.randint(1, 5)):
            deed()

    @rule(person=st.sampled_from(PEOPLE), status=st.sampled_from([*STATUSES, "checkout-draft"]))
    def order_is_placed(self, person: dict[str, str], status: str) -> None:
        self.shop.create_order(billing=person, status=status)

    @rule(pick=st.integers(0, 99), status=st.sampled_from(STATUSES), times=st.integers(1, 3))
    def order_is_edited(self, pick: int, status: str, times: int) -> None:
        order_id = self.any_order(pick)
        for number in range(times if order_id else 0):
            assert order_id is not None
            self.shop.update_order(order_id, status=status, billing={"city": f"شهر {number}"})

    @rule(pick=st.integers(0, 99), person=st.sampled_from(PEOPLE))
    def order_is_found_to_be_anothers(self, pick: int, person: dict[str, str]) -> None:
        if order_id := self.any_order(pick):
            self.shop.update_order(order_id, billing=person)

    @rule(pick=st.integers(0, 99))
    def order_is_trashed(self, pick: int) -> None:
        if order_id := self.any_order(pick):
            self.shop.trash_order(order_id)

    @rule(pick=st.integers(0, 99))
    def order_is_restored(self, pick: int) -> None:
        if order_id := self.any_order(pick, trashed=True):
            self.shop.restore_order(order_id)

    @rule(pick=st.integers(0, 99), trashed=st.booleans())
    def order_is_deleted_for_good(self, pick: int, trashed: bool) -> None:
        if order_id := self.any_order(pick, trashed=trashed):
            self.shop.force_delete_order(order_id)

    @rule(pick=st.integers(0, 99))
    def order_is_refunded(self, pick: int) -> None:
        order_id = self.any_order(pick)
        if order_id and not self.shop.order(order_id).refunds:
            self.shop.create_refund(order_id, 1_000)

    @rule(pick=st.integers(0, 99))
    def refund_is_taken_back(self, pick: int) -> None:
        if self.shop.refunds:
            self.shop.delete_refund(sorted(self.shop.refunds)[pick % len(self.shop.refunds)])

    @rule(pick=st.integers(0, 99), trashed=st.booleans())
    def note_is_left_on_an_order(self, pick: int, trashed: bool) -> None:
        if order_id := self.any_order(pick, trashed=trashed):
            self.shop.add_order_note(order_id, f"بسته {pick}")

    @rule(pick=st.integers(0, 99))
    def note_is_taken_from_an_order(self, pick: int) -> None:
        order_id = self.any_order(pick)
        if order_id and self.shop.order(order_id).notes:
            self.shop.delete_order_note(order_id, self.shop.order(order_id).notes[0].id)

    @rule(pick=st.integers(0, 99), text=st.sampled_from(["تغییر دستی", None]))
    def our_line_is_tampered_with(self, pick: int, text: str | None) -> None:
        order_id = self.any_order(pick)
        if order_id and self.tampered.get(order_id, 0) < TAMPERINGS:
            self.tampered[order_id] = self.tampered.get(order_id, 0) + 1
            self.shop.update_order(order_id, meta={KEY: text})


class TicketsConverge(Convergence):
    """What people in the shop do with tickets: several things between two that companion does, as at any helpdesk."""

    @rule()
    def somebody_works(self) -> None:
        deeds = (
            self.asks,
            self.replies,
            self.deletes_a_reply,
            self.closes_or_reopens,
            self.sets_a_status,
            self.gives_to_another,
            self.trashes,
            self.restores,
            self.deletes_for_good,
            self.tampers,
        )
        for deed in self.dice.choices(deeds, weights=(2, 4, 2, 4, 1, 2, 1, 1, 1, 1), k=self.dice.randint(1, 5)):
            deed(self.dice.randrange(100), self.dice.random() < 0.5)

    def asks(self, pick: int, either: bool) -> None:
        self.open_ticket(pick % 5, answers=2 if either else 0)

    def replies(self, pick: int, _: bool) -> None:
        if ticket_id := self.any_ticket(pick):
            self.helpdesk.reply(ticket_id, self.helpdesk.tickets[ticket_id].author, f"باز هم {pick}")

    def deletes_a_reply(self, pick: int, _: bool) -> None:
        ticket_id = self.any_ticket(pick)
        replies = self.helpdesk.tickets[ticket_id].replies if ticket_id else []
        if ticket_id and (hers := [reply.id for reply in replies if reply.author == AGENT]):
            self.helpdesk.delete_reply(ticket_id, hers[pick % len(hers)])

    def closes_or_reopens(self, pick: int, saved: bool) -> None:
        if ticket_id := self.any_ticket(pick):
            is_open = self.helpdesk.tickets[ticket_id].state == "open"
            (self.helpdesk.close if is_open else self.helpdesk.reopen)(ticket_id, saved=saved)

    def sets_a_status(self, pick: int, either: bool) -> None:
        if ticket_id := self.any_ticket(pick):
            self.helpdesk.set_status(ticket_id, "hold" if either else "processing")

    def gives_to_another(self, pick: int, saved: bool) -> None:
        if ticket_id := self.any_ticket(pick):
            is_hers = self.helpdesk.tickets[ticket_id].assignee == AGENT
            self.helpdesk.assign(ticket_id, OTHER_AGENT if is_hers else AGENT, saved=saved)

    def trashes(self, pick: int, _: bool) -> None:
        if ticket_id := self.any_ticket(pick):
            self.helpdesk.trash(ticket_id)

    def restores(self, pick: int, _: bool) -> None:
        if ticket_id := self.any_ticket(pick, trashed=True):
            self.helpdesk.restore(ticket_id)

    def deletes_for_good(self, pick: int, trashed: bool) -> None:
        if ticket_id := self.any_ticket(pick, trashed=trashed):
            self.helpdesk.delete(ticket_id)

    def tampers(self, pick: int, either: bool) -> None:
        ticket_id = self.any_ticket(pick)
        if ticket_id and self.tampered.get(ticket_id, 0) < TAMPERINGS:
            self.tampered[ticket_id] = self.tampered.get(ticket_id, 0) + 1
            text = "تغییر دستی" if either else None
            self.helpdesk.edit(ticket_id, meta={KEY: text}, saved=self.dice.random() < 0.5)


_SETTINGS = settings(
    max_examples=max(HISTORIES // 2, 1),
    stateful_step_count=25,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large],
)
TestOrdersConverge = OrdersConverge.TestCase
TestOrdersConverge.settings = _SETTINGS
TestTicketsConverge = TicketsConverge.TestCase
TestTicketsConverge.settings = _SETTINGS


@pytest.fixture(autouse=True)
def told(request: pytest.FixtureRequest, played: Played) -> Iterator[None]:
    """How many histories there were: Hypothesis may play one more, or fewer."""
    machine = OrdersConverge if request.cls is TestOrdersConverge else TicketsConverge
    before = machine.histories
    yield
    played(f"histories of {'orders' if machine is OrdersConverge else 'tickets'}", machine.histories - before)
