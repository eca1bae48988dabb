"""Every route for every role: the table is complete, and true."""

from __future__ import annotations

import pytest

from companion.domain.groups import Conditions
from companion.domain.permissions import ROLES, Role
from tests.web.house import House

ANYONE = dict.fromkeys(ROLES, 200)
MOVES = dict.fromkeys(ROLES, 303)
FOUND = dict.fromkeys(ROLES, 302)
AUTHOR_ONLY = dict.fromkeys(ROLES, 403)
THOSE_WHO_DELETE = {
    Role.AGENT: 403,
    Role.SALES_MANAGER: 403,
    Role.SUPPORT_SUPERVISOR: 303,
    Role.ADMINISTRATOR: 303,
}
THOSE_WHO_SEE_THE_BIN = THOSE_WHO_DELETE | {Role.AGENT: 404, Role.SALES_MANAGER: 404}
THOSE_WHO_SEE_THE_SYNC = {
    Role.AGENT: 403,
    Role.SALES_MANAGER: 403,
    Role.SUPPORT_SUPERVISOR: 200,
    Role.ADMINISTRATOR: 200,
}
ONLY_THE_ADMINISTRATOR = dict.fromkeys(ROLES, 403) | {Role.ADMINISTRATOR: 303}
THOSE_WHO_LEAD = dict.fromkeys(ROLES, 200) | {Role.AGENT: 403}
LEADERS_MOVE = dict.fromkeys(ROLES, 303) | {Role.AGENT: 403}
GATE = 303  # a page leads to the gate
STOP = 401  # a form is refused, and what was typed shown again

# (method, endpoint): (answer to somebody who is not signed in, answer to each role). The note is another agent's.
TABLE: dict[tuple[str, str], tuple[int, dict[Role, int]]] = {
    ("GET", "gate.sign_in"): (200, MOVES),
    ("POST", "gate.sign_in"): (401, dict.fromkeys(ROLES, 401)),
    ("POST", "gate.choose_language"): (303, MOVES),
    ("GET", "home.home"): (GATE, ANYONE),
    ("GET", "home.search"): (GATE, ANYONE),
    ("GET", "customers.show"): (GATE, ANYONE),
    ("GET", "customers.timeline"): (GATE, FOUND),
    ("GET", "customers.viewings"): (GATE, FOUND),
    ("GET", "customers.by_order"): (GATE, FOUND),
    ("GET", "customers.by_ticket"): (GATE, FOUND | {Role.SALES_MANAGER: 403}),
    ("GET", "people.new"): (GATE, ANYONE),
    ("POST", "people.add"): (STOP, MOVES),
    ("GET", "people.likely"): (GATE, ANYONE),
    ("GET", "people.call"): (GATE, ANYONE),
    ("POST", "people.remove"): (STOP, AUTHOR_ONLY),  # a shop knows her
    ("POST", "people.restore"): (STOP, AUTHOR_ONLY),
    ("GET", "facts.show"): (GATE, ANYONE),
    ("POST", "facts.save"): (STOP, MOVES),
    ("POST", "facts.take_back"): (STOP, MOVES),
    ("POST", "facts.add_date"): (STOP, MOVES),
    ("POST", "facts.remove_date"): (STOP, MOVES),
    ("GET", "matches.show"): (GATE, ANYONE),
    ("POST", "matches.decide"): (STOP, MOVES),
    ("GET", "matches.ask"): (GATE, ANYONE),
    ("POST", "matches.unite"): (STOP, dict.fromkeys(ROLES, 404)),  # with nobody
    ("POST", "matches.split"): (STOP, MOVES),
    ("POST", "matches.undo"): (STOP, dict.fromkeys(ROLES, 404)),  # nothing was decided
    ("POST", "notes.write"): (STOP, MOVES),
    ("GET", "notes.show"): (GATE, FOUND),
    ("GET", "notes.edit"): (GATE, AUTHOR_ONLY),
    ("POST", "notes.save"): (STOP, AUTHOR_ONLY),
    ("POST", "notes.pin"): (STOP, MOVES),
    ("POST", "notes.delete"): (STOP, THOSE_WHO_DELETE),
    ("POST", "notes.restore"): (STOP, THOSE_WHO_SEE_THE_BIN),
    ("GET", "notes.history"): (GATE, ANYONE),
    ("GET", "sync.show"): (GATE, THOSE_WHO_SEE_THE_SYNC),
    ("GET", "sync.ask_replay"): (GATE, ONLY_THE_ADMINISTRATOR | {Role.ADMINISTRATOR: 200}),
    ("POST", "sync.replay_one"): (STOP, ONLY_THE_ADMINISTRATOR),
    ("POST", "sync.replay_all"): (STOP, ONLY_THE_ADMINISTRATOR),
    ("POST", "sync.push_again"): (STOP, ONLY_THE_ADMINISTRATOR),
    ("POST", "sync.pause"): (STOP, ONLY_THE_ADMINISTRATOR),
    ("POST", "sync.resume"): (STOP, ONLY_THE_ADMINISTRATOR),
    ("GET", "segments.show"): (GATE, ANYONE),
    ("GET", "segments.members"): (GATE, ANYONE),
    ("GET", "segments.file"): (GATE, THOSE_WHO_LEAD),
    ("POST", "segments.save_rules"): (STOP, ONLY_THE_ADMINISTRATOR | {Role.ADMINISTRATOR: 422}),
    ("GET", "segments.ask"): (GATE, THOSE_WHO_LEAD),
    ("POST", "segments.choose"): (STOP, LEADERS_MOVE),
    ("POST", "segments.withdraw"): (STOP, LEADERS_MOVE),
    ("GET", "groups.show"): (GATE, ANYONE),
    ("GET", "groups.ask"): (GATE, THOSE_WHO_LEAD),
    ("POST", "groups.make"): (STOP, LEADERS_MOVE),
    ("GET", "groups.members"): (GATE, ANYONE),
    ("GET", "groups.file"): (GATE, THOSE_WHO_LEAD),
    ("GET", "groups.edit"): (GATE, THOSE_WHO_LEAD),
    ("POST", "groups.save"): (STOP, LEADERS_MOVE),
    ("POST", "groups.remove"): (STOP, LEADERS_MOVE),
    ("GET", "quality.show"): (GATE, THOSE_WHO_LEAD),
    ("GET", "quality.listed"): (GATE, THOSE_WHO_LEAD),
    ("GET", "quality.file"): (GATE, THOSE_WHO_LEAD),
    ("GET", "privacy.show"): (GATE, ONLY_THE_ADMINISTRATOR | {Role.ADMINISTRATOR: 200}),
    ("GET", "privacy.export"): (GATE, THOSE_WHO_LEAD),
    ("GET", "privacy.file"): (GATE, THOSE_WHO_LEAD),
    ("GET", "privacy.ask"): (GATE, ONLY_THE_ADMINISTRATOR | {Role.ADMINISTRATOR: 200}),
    ("GET", "preferences.show"): (GATE, ANYONE),
    ("POST", "preferences.save"): (STOP, MOVES),
    ("GET", "health.health"): (200, ANYONE),
    ("GET", "health.ready"): (200, ANYONE),
    ("GET", "health.sync"): (200, ANYONE),
    ("GET", "health.measured"): (200, ANYONE),
    ("POST", "privacy.erase"): (STOP, ONLY_THE_ADMINISTRATOR),  # late: nothing of the customer is left then
    ("POST", "gate.sign_out"): (303, MOVES),  # last: it ends the session that the others need
}
FORM = {"body": "a text", "kind": "general", "version": "1", "pinned": "1", "language": "fa", "calendar": "jalali"} | {
    "typed": "مریم احمدی",
    "segment": "gold",
    "reason": "a reason",
    "name": "a group",
    "account": "1",
    "label": "a birthday",
    "day": "9 Azar",
    "segments": "gold",
}


def _routes(house: House) -> set[tuple[str, str]]:
    return {
        (method, rule.endpoint)
        for rule in house.app.url_map.iter_rules()
        for method in rule.methods or ()
        if method in {"GET", "POST", "PUT", "PATCH", "DELETE"} and rule.endpoint != "static"
    }


def test_the_table_names_every_route(house: House) -> None:
    assert _routes(house) == set(TABLE)


@pytest.mark.parametrize("role", [None, *ROLES])
def test_every_route_answers_as_the_table_says(house: House, role: Role | None) -> None:
    author = house.agent("author", name="نویسنده")
    leader = house.agent("leader", Role.SUPPORT_SUPERVISOR)
    customer = house.order(customer_id=18)
    house.ticket(57, author=18)
    visitor = house.signed_in("visitor", role) if role else house.visitor()
    seen = {}
    for method, endpoint in TABLE:
        note = house.note(author, customer, "hers")
        if endpoint == "notes.restore":
            house.notes.delete(author, note.id)
        things: dict[str, str | int] = {
            "shop": "main",
            "order_id": "1042",
            "ticket_id": "57",
            "delivery_id": 1,
            "date_id": 1,
            "decision_id": 1,
        }
        group = house.site.groups.make(leader, "theirs", Conditions(orders=1))
        things |= {"name": "gold", "kind": "phone", "group_id": group.id}
        values = {"customer_id": customer, "note_id": note.id, **things}
        rule = next(rule for rule in house.app.url_map.iter_rules(endpoint) if method in (rule.methods or ()))
        path = house.app.url_map.bind("localhost").build(endpoint, {name: values[name] for name in rule.arguments})
        answer = visitor.get(path) if method == "GET" else visitor.post(path, FORM)
        seen[method, endpoint] = answer.status_code
    assert seen == {route: nobody if role is None else by_role[role] for route, (nobody, by_role) in TABLE.items()}
