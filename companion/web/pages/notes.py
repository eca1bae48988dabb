"""Writing, changing, pinning, deleting and restoring notes.

Every form works alone (303 to the customer's page); htmx gets only the parts that changed.
"""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

from flask import Blueprint, flash, get_template_attribute, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from companion.domain.permissions import Permission
from companion.services.customers.customers import TimelineEntry
from companion.services.errors import Conflict, Forbidden, Invalid
from companion.services.notes import Contact, Note, NoteDraft
from companion.web import htmx, wording
from companion.web.htmx import is_htmx
from companion.web.pages.history import Filter, Form, InView, contact_typed, whole_page
from companion.web.session import needs, viewer
from companion.web.site import site

blueprint = Blueprint("notes", __name__)


@blueprint.post("/customers/<int:customer_id>/notes")
@needs(Permission.WRITE_NOTES)
def write(customer_id: int) -> ResponseReturnValue:
    """A new note; a text that cannot be taken stays in the form with its reason."""
    typed = Form.typed(request.form)
    draft = NoteDraft(
        customer_id=customer_id,
        body=typed.body,
        kind=typed.kind,
        is_internal=typed.is_internal,
        ref=typed.ref,
        contact=typed.contact,
        form_key=typed.form_key or None,
    )
    try:
        note = site().notes.write(viewer(), draft)
    except Invalid as error:
        return _refused(customer_id, wording.of_error(error))
    if typed.is_pinned and not note.is_pinned:
        note = replace(site().notes.pin(viewer(), note.id, pinned=True), masked_cards=note.masked_cards)
    said = "note.masked" if note.masked_cards else "note.written"
    if not is_htmx():
        return _to_page(note, said)
    page = site().customers.page(viewer(), note.customer_id)
    return render_template(
        "notes/written.html",
        page=page,
        form=Form.empty(page),
        entry=_entry(note),
        on_top=Filter.of(request.form).shows_first(note),
        said=said,
    )


@blueprint.get("/notes/<int:note_id>")
@needs(Permission.SEE_NOTES)
def show(note_id: int) -> ResponseReturnValue:
    """A note where it stands: on its customer's page."""
    note = site().notes.get(viewer(), note_id)
    if is_htmx():
        return str(get_template_attribute("notes/entry.html", "note_entry")(_entry(note)))
    return redirect(_address(note), 302)


@blueprint.get("/notes/<int:note_id>/edit")
@needs(Permission.WRITE_NOTES)
def edit(note_id: int) -> ResponseReturnValue:
    """One's own note in a form."""
    note = site().notes.get(viewer(), note_id)
    if not note.may_edit:
        raise Forbidden("note.deleted" if note.deleted_at else "note.not_author")
    return _form(note, Typed(note.body, note.kind, note.contact), version=note.version)


@blueprint.post("/notes/<int:note_id>/edit")
@needs(Permission.WRITE_NOTES)
def save(note_id: int) -> ResponseReturnValue:
    """The note's new text; changed elsewhere meanwhile, both texts are shown and neither is lost."""
    form = request.form
    typed = Typed(form.get("body", ""), form.get("kind", "general"), contact_typed(form))
    version = form.get("version", type=int) or 0
    try:
        note = site().notes.edit(
            viewer(), note_id, version=version, body=typed.body, kind=typed.kind, contact=typed.contact
        )
    except Conflict as error:
        note = site().notes.get(viewer(), note_id)
        return _form(note, typed, version=error.version, theirs=error.body, status=409)
    except Invalid as error:
        note = site().notes.get(viewer(), note_id)
        return _form(note, typed, version=version, problem=wording.of_error(error), status=422)
    return _changed(note, "note.masked" if note.masked_cards else "note.edited")


@blueprint.post("/notes/<int:note_id>/pin")
@needs(Permission.WRITE_NOTES)
def pin(note_id: int) -> ResponseReturnValue:
    """Pin it to the top of the page, or take the pin out."""
    pinned = request.form.get("pinned") == "1"
    note = site().notes.pin(viewer(), note_id, pinned=pinned)
    return _changed(note, "note.pinned" if pinned else "note.unpinned")


@blueprint.post("/notes/<int:note_id>/delete")
@needs(Permission.WRITE_NOTES)
def delete(note_id: int) -> ResponseReturnValue:
    """Into the bin, with a way back."""
    return _changed(site().notes.delete(viewer(), note_id), "note.deleted")


@blueprint.post("/notes/<int:note_id>/restore")
@needs(Permission.WRITE_NOTES)
def restore(note_id: int) -> ResponseReturnValue:
    """Out of the bin."""
    return _changed(site().notes.restore(viewer(), note_id), "note.restored")


@blueprint.get("/notes/<int:note_id>/history")
@needs(Permission.SEE_NOTES)
def history(note_id: int) -> ResponseReturnValue:
    """Everything the note has said."""
    note = site().notes.get(viewer(), note_id)
    versions = site().notes.versions(viewer(), note_id)
    return render_template("notes/history.html", note=note, versions=tuple(reversed(versions)))


def _changed(note: Note, said: str) -> ResponseReturnValue:
    """What follows a change: the parts of the page that show the note, or the page."""
    if not is_htmx():
        return _to_page(note, said)
    page = site().customers.page(viewer(), note.customer_id)
    from_top = request.headers.get("HX-Target") == "first"
    template = "notes/changed_on_top.html" if from_top else "notes/changed.html"
    response = make_response(render_template(template, page=page, entry=_entry(note), said=said))
    if from_top:  # the note's entry on the timeline, if it is loaded, fetches itself anew
        response.headers["HX-Trigger"] = f"note-{note.id}-changed"
    else:
        response.headers.update(htmx.headers(focus=f"#note-{note.id}"))
    return response


class Typed(NamedTuple):
    """What stands in the form of a note being edited."""

    body: str
    kind: str
    contact: Contact | None


def _form(
    note: Note, typed: Typed, *, version: int, theirs: str | None = None, problem: str = "", status: int = 200
) -> ResponseReturnValue:
    template = "notes/edit_form.html" if is_htmx() else "notes/edit.html"
    page = render_template(template, note=note, **typed._asdict(), version=version, theirs=theirs, problem=problem)
    return page, status


def _refused(customer_id: int, problem: str) -> ResponseReturnValue:
    if is_htmx():
        page = site().customers.page(viewer(), customer_id)
        return render_template("customers/form.html", page=page, form=Form.typed(request.form, page, problem)), 422
    chosen = Filter()
    whole = site().whole_pages.open(viewer(), customer_id, chosen.stretch(None))
    form = Form.typed(request.form, whole.head, problem)
    return whole_page(whole, chosen, InView.of(whole.head.id, form.ref), form), 422


def _entry(note: Note) -> TimelineEntry:
    return TimelineEntry(kind="note", at=note.created_at, note=note)


def _to_page(note: Note, said: str) -> ResponseReturnValue:
    flash(said, str(note.id))
    return redirect(_address(note), 303)


def _address(note: Note) -> str:
    return url_for("customers.show", customer_id=note.customer_id, _anchor=f"note-{note.id}")
