"""Notes: written, edited, pinned, deleted and restored, with and without JavaScript."""

from __future__ import annotations

import re

from tests.web.house import House


def _form_key(page: str) -> str:
    found = re.search(r'name="form_key" value="([^"]+)"', page)
    assert found is not None
    return found[1]


def test_a_note_is_written_about_an_order_and_shown(house: House) -> None:
    customer = house.order()
    visitor = house.signed_in(language="fa")
    answer = visitor.post(
        f"/customers/{customer}/notes", {"body": "بسته برگشت خورد", "kind": "delivery", "ref": "main/1042"}
    )
    assert answer.status_code == 303
    assert re.fullmatch(rf"/customers/{customer}#note-\d+", answer.location)
    page = visitor.get(answer.location).text
    assert "یادداشت ذخیره شد." in page
    assert "بسته برگشت خورد" in page
    assert "ارسال" in page


def test_htmx_gets_the_entry_an_empty_form_and_what_is_known_first(house: House) -> None:
    customer = house.order()
    part = house.signed_in().post(f"/customers/{customer}/notes", {"body": "as typed"}, htmx=True).text
    assert "<html" not in part
    assert part.lstrip().startswith('<section id="composer"')
    assert '<ol hx-swap-oob="afterbegin:#entries">' in part
    assert 'id="first"' in part
    assert "The note is saved." in part
    assert "<textarea" in part
    assert ">as typed</textarea>" not in part


def test_a_new_note_is_not_put_on_top_of_a_timeline_that_begins_with_the_oldest(house: House) -> None:
    customer = house.order()
    part = house.signed_in().post(f"/customers/{customer}/notes", {"body": "x", "sort": "oldest"}, htmx=True).text
    assert "afterbegin:#entries" not in part


def test_the_same_form_sent_twice_writes_one_note(house: House) -> None:
    customer = house.order()
    visitor = house.signed_in()
    form = {"body": "once", "form_key": _form_key(visitor.get(f"/customers/{customer}").text)}
    first = visitor.post(f"/customers/{customer}/notes", form)
    second = visitor.post(f"/customers/{customer}/notes", form)
    assert first.location == second.location


def test_a_note_may_be_pinned_as_it_is_written(house: House) -> None:
    customer = house.order()
    visitor = house.signed_in()
    visitor.post(f"/customers/{customer}/notes", {"body": "the cause", "is_pinned": "on"})
    assert "Pinned note" in visitor.get(f"/customers/{customer}").text


def test_an_internal_note_says_so(house: House) -> None:
    customer = house.order()
    part = house.signed_in().post(f"/customers/{customer}/notes", {"body": "hush", "is_internal": "on"}, htmx=True)
    assert "Internal" in part.text


def test_an_empty_note_is_refused_beside_its_field_and_the_choices_stay(house: House) -> None:
    customer = house.order()
    visitor = house.signed_in()
    form = {"body": "  ", "kind": "complaint", "ref": "main/1042", "is_pinned": "on"}
    for htmx in (False, True):
        answer = visitor.post(f"/customers/{customer}/notes", form, htmx=htmx)
        assert answer.status_code == 422
        assert "Write something first" in answer.text
        assert '<option value="complaint" selected>' in answer.text
        assert '<option value="main/1042" selected>' in answer.text
        assert re.search(r'name="is_pinned"\s+checked', answer.text)


def test_a_card_number_is_masked_with_a_warning(house: House) -> None:
    customer = house.order()
    visitor = house.signed_in()
    answer = visitor.post(f"/customers/{customer}/notes", {"body": "card 4111 1111 1111 1111"}, htmx=True)
    assert "a card number in the text was masked" in answer.text
    assert "4111 1111 1111 1111" not in answer.text


def test_one_edits_ones_own_note_and_the_history_keeps_both(house: House) -> None:
    customer = house.order()
    visitor = house.signed_in()
    note_id = visitor.post(f"/customers/{customer}/notes", {"body": "first words"}).location.rpartition("-")[2]
    form = visitor.get(f"/notes/{note_id}/edit", htmx=True).text
    assert ">first words</textarea>" in form
    assert "<html" not in form
    house.clock.advance(60)
    answer = visitor.post(f"/notes/{note_id}/edit", {"body": "second words", "kind": "call", "version": "1"}, htmx=True)
    assert "second words" in answer.text
    assert "edited" in answer.text
    assert answer.headers["HX-Trigger-After-Settle"] == f'{{"companion:focus": "#note-{note_id}"}}'
    history = visitor.get(f"/notes/{note_id}/history").text
    assert "first words" in history
    assert history.index("second words") < history.index("first words")


def test_a_note_edited_twice_shows_both_texts_and_loses_neither(house: House) -> None:
    customer = house.order()
    visitor = house.signed_in(language="fa")
    note_id = visitor.post(f"/customers/{customer}/notes", {"body": "متن نخست"}).location.rpartition("-")[2]
    visitor.post(f"/notes/{note_id}/edit", {"body": "متن از زبانه دیگر", "kind": "general", "version": "1"})
    for htmx in (False, True):
        answer = visitor.post(
            f"/notes/{note_id}/edit", {"body": "متن من", "kind": "general", "version": "1"}, htmx=htmx
        )
        assert answer.status_code == 409
        assert "متن از زبانه دیگر" in answer.text
        assert ">متن من</textarea>" in answer.text
        assert "تداخل ویرایش" in answer.text
        assert 'name="version" value="2"' in answer.text, "saving once more keeps mine"
    saved = visitor.post(f"/notes/{note_id}/edit", {"body": "متن من", "kind": "general", "version": "2"})
    assert saved.status_code == 303


def test_nobody_elses_note_can_be_edited(house: House) -> None:
    customer = house.order()
    note = house.note(house.agent("sara"), customer, "hers")
    visitor = house.signed_in()
    entry = visitor.get(f"/notes/{note.id}", htmx=True).text
    assert f"/notes/{note.id}/edit" not in entry
    forged = visitor.post(f"/notes/{note.id}/edit", {"body": "forged words", "kind": "general", "version": "1"})
    assert forged.status_code == 403
    assert "forged words" in forged.text, "what was typed is not lost"
    assert house.notes.get(house.agent("other"), note.id).body == "hers"


def test_a_note_is_pinned_and_the_pin_taken_out_from_the_top(house: House) -> None:
    customer = house.order()
    visitor = house.signed_in()
    note_id = visitor.post(f"/customers/{customer}/notes", {"body": "cause"}).location.rpartition("-")[2]
    pinned = visitor.post(f"/notes/{note_id}/pin", {"pinned": "1"}, htmx=True, target=f"note-{note_id}")
    assert f'id="note-{note_id}"' in pinned.text
    assert 'id="first"' in pinned.text
    out = visitor.post(f"/notes/{note_id}/pin", {}, htmx=True, target="first")
    assert f'id="note-{note_id}"' not in out.text
    assert out.headers["HX-Trigger"] == f"note-{note_id}-changed", "the entry fetches itself anew"


def test_a_deleted_note_leaves_a_way_back(house: House) -> None:
    customer = house.order()
    visitor = house.signed_in()
    note_id = visitor.post(f"/customers/{customer}/notes", {"body": "oops"}).location.rpartition("-")[2]
    gone = visitor.post(f"/notes/{note_id}/delete", htmx=True)
    assert "oops" not in gone.text
    assert f"/notes/{note_id}/restore" in gone.text
    back = visitor.post(f"/notes/{note_id}/restore", htmx=True)
    assert "oops" in back.text
    visitor.post(f"/notes/{note_id}/delete")
    page = visitor.get(f"/customers/{customer}").text
    assert f'action="/notes/{note_id}/restore"' in page, "without JavaScript the notice offers it"


def test_a_notes_own_address_leads_to_its_place(house: House) -> None:
    customer = house.order()
    note = house.note(house.agent("sara"), customer, "x")
    assert house.signed_in().get(f"/notes/{note.id}").location == f"/customers/{customer}#note-{note.id}"


def test_a_note_of_a_form_from_an_ended_session_is_given_back(house: House) -> None:
    customer = house.order()
    visitor = house.signed_in()
    form = {"body": "long story", "csrf_token": visitor.token()}
    visitor.client.delete_cookie("companion")
    plain = visitor.client.post(f"/customers/{customer}/notes", data=form)
    assert plain.status_code == 401
    assert "long story" in plain.text
    live = visitor.client.post(f"/customers/{customer}/notes", data=form, headers={"HX-Request": "true"})
    assert live.status_code == 401
    assert live.headers["HX-Retarget"] == "#notices", "the form on the page stays as it is"
    assert 'id="csrf-token"' in live.text, "with a token that works once she has signed in again"
