"""Contacts on the pages: recorded with the note's own form, shown, changed, and never lost."""

from __future__ import annotations

from companion.domain.channels import Contact
from tests.web.house import House

CALLED = {"is_contact": "1", "channel": "phone", "direction": "in", "outcome": "promised for Sunday"}


def test_a_contact_is_recorded_with_its_outcome_alone(house: House) -> None:
    visitor = house.signed_in()
    customer = house.order()
    answer = visitor.post(f"/customers/{customer}/notes", {"body": "", "kind": "call", **CALLED})
    assert answer.status_code == 303
    page = visitor.get(f"/customers/{customer}").text
    assert "promised for Sunday" in page
    assert "Phone call" in page
    assert "Incoming" in page


def test_without_the_switch_a_note_is_no_contact(house: House) -> None:
    visitor = house.signed_in()
    customer = house.order()
    form = {name: value for name, value in CALLED.items() if name != "is_contact"}
    answer = visitor.post(f"/customers/{customer}/notes", {"body": "words", "kind": "general", **form})
    assert answer.status_code == 303
    assert "promised for Sunday" not in visitor.get(f"/customers/{customer}").text


def test_a_contact_that_says_nothing_comes_back_as_it_was_typed(house: House) -> None:
    visitor = house.signed_in()
    customer = house.order()
    answer = visitor.post(f"/customers/{customer}/notes", {"body": "", **CALLED, "channel": "visit", "outcome": " "})
    assert answer.status_code == 422
    assert "Say what came of the contact" in answer.text
    assert 'value="visit" checked' in answer.text


def test_a_page_is_ready_for_the_call_that_one_answers(house: House) -> None:
    visitor = house.signed_in()
    customer = house.order()
    page = visitor.get(f"/customers/{customer}?contact=phone").text
    assert 'name="is_contact" value="1" checked' in page
    assert '<option value="call" selected>' in page
    assert 'name="is_contact" value="1" checked' not in visitor.get(f"/customers/{customer}?contact=nonsense").text


def test_its_author_changes_a_contact_and_the_history_shows_both(house: House) -> None:
    visitor = house.signed_in()
    customer = house.order()
    visitor.post(f"/customers/{customer}/notes", {"body": "words", "kind": "call", **CALLED})
    viewer = house.users.viewer(1, 0)
    assert viewer is not None
    note = house.notes.get(viewer, 1)
    assert 'value="promised for Sunday"' in visitor.get("/notes/1/edit").text
    form = {"body": "words", "kind": "call", "version": note.version, **CALLED, "channel": "chat", "outcome": "sent"}
    assert visitor.post("/notes/1/edit", form).status_code == 303
    assert house.notes.get(viewer, 1).contact == Contact("chat", "in", "sent")
    history = visitor.get("/notes/1/history").text
    assert "promised for Sunday" in history
    assert "Chat" in history
