"""People whom no shop knows: the form for a new one, who she may be, and whoever calls from a number."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from companion.domain.calendar import to_latin_digits
from companion.domain.channels import Contact
from companion.domain.permissions import Permission
from companion.services.errors import Invalid
from companion.services.notes import NoteDraft
from companion.services.people.people import NewPerson
from companion.web import wording
from companion.web.pages.history import contact_typed
from companion.web.session import needs, viewer
from companion.web.site import site

blueprint = Blueprint("people", __name__)

_ASKED_LIMIT = 200
_NUMBER = re.compile(r"[+#]?[0-9][0-9\s\-().]{4,}")


@dataclass(frozen=True)
class Form:
    """The form for a new person, as it is shown: empty, filled in from where one came, or as typed, with the field that
    was not taken and why.
    """

    person: NewPerson
    body: str = ""
    contact: Contact | None = None
    field: str = ""
    problem: str = ""

    @classmethod
    def typed(cls, form: Mapping[str, str]) -> Form:
        """What a browser sent."""
        fields = ("name", "phone", "email", "company", "reference", "form_key")
        person = NewPerson(**{field: form.get(field, "") for field in fields})
        return cls(person, form.get("body", ""), contact_typed(form))

    def note(self) -> NoteDraft | None:
        """The first note, if anything was said."""
        said = self.body.strip() or (self.contact and self.contact.outcome.strip())
        kind = "call" if self.contact and self.contact.channel == "phone" else "general"
        return NoteDraft(0, self.body, kind, contact=self.contact) if said else None


@blueprint.get("/people/new")
@needs(Permission.EDIT_CUSTOMERS)
def new() -> ResponseReturnValue:
    """The form, filled in with what was searched for or with the number that calls."""
    person = replace(_meant(request.args.get("q", "")), form_key=secrets.token_urlsafe(12))
    if number := request.args.get("number", ""):
        return _show(Form(replace(person, phone=number[:_ASKED_LIMIT]), contact=Contact("phone")))
    return _show(Form(person))


@blueprint.post("/people/new")
@needs(Permission.EDIT_CUSTOMERS)
def add() -> ResponseReturnValue:
    """Add her; what cannot be taken stays in the form with its reason."""
    form = Form.typed(request.form)
    try:
        added = site().people.add(viewer(), form.person, form.note())
    except Invalid as error:
        return _show(replace(form, field=error.field, problem=wording.of_error(error))), 422
    flash("person.known" if added.was_known else "person.added")
    return redirect(url_for("customers.show", customer_id=added.customer_id), 303)


@blueprint.get("/people/likely")
@needs(Permission.EDIT_CUSTOMERS)
def likely() -> ResponseReturnValue:
    """Who may be the very person that is being typed."""
    return render_template("people/likely.html", likely=site().people.likely(viewer(), Form.typed(request.args).person))


@blueprint.get("/call")
@needs(Permission.SEE_CUSTOMERS)
def call() -> ResponseReturnValue:
    """Where a phone exchange or a bookmark leads: to whoever has the number, ready to record the call."""
    asked = request.args.get("number", "")[:_ASKED_LIMIT]
    if asked.startswith(" ") and asked.strip()[:1].isdigit():
        asked = f"+{asked.strip()}"  # a plus sign in an address that nobody encoded
    asked = asked.strip()
    called = site().people.called(viewer(), asked)
    if len(called.callers) == 1:
        customer_id = called.callers[0].customer_id
        return redirect(url_for("customers.show", customer_id=customer_id, contact="phone", _anchor="composer"), 302)
    return render_template("people/call.html", asked=asked, called=called)


@blueprint.post("/customers/<int:customer_id>/remove")
@needs(Permission.EDIT_CUSTOMERS)
def remove(customer_id: int) -> ResponseReturnValue:
    """Take away somebody who was added by mistake."""
    site().people.remove(viewer(), customer_id)
    flash("person.removed")
    return redirect(url_for("customers.show", customer_id=customer_id), 303)


@blueprint.post("/customers/<int:customer_id>/restore")
@needs(Permission.EDIT_CUSTOMERS)
def restore(customer_id: int) -> ResponseReturnValue:
    """Bring her back."""
    site().people.restore(viewer(), customer_id)
    flash("person.restored")
    return redirect(url_for("customers.show", customer_id=customer_id), 303)


def _meant(query: str) -> NewPerson:
    """What was searched for, as the field that it is: an address, a number, a name."""
    query = query.strip()[:_ASKED_LIMIT]
    if "@" in query:
        return NewPerson(email=query)
    if _NUMBER.fullmatch(to_latin_digits(query)):
        return NewPerson(phone=query)
    return NewPerson(name=query)


def _show(form: Form) -> str:
    return render_template("people/new.html", form=form, likely=site().people.likely(viewer(), form.person))
