"""Who may sign in, and as whom."""

from __future__ import annotations

import threading

import pytest
from sqlalchemy import select
from werkzeug.security import generate_password_hash

from companion.domain.permissions import ROLE_PERMISSIONS, Role
from companion.services import users as users_module
from companion.services.errors import Invalid, NotFound, SignInFailed, TooMany
from companion.services.users import Agent, Users
from storage.engine import Store
from storage.schema import activity, agent_identities
from tests.fixtures.store import Clock

PASSWORD = "correct horse 12"


@pytest.fixture
def users(store: Store, clock: Clock) -> Users:
    return Users(store, clock)


@pytest.fixture
def sara(users: Users) -> Agent:
    return users.add(name=" سارا  محمدی ", username="Sara_M", password=PASSWORD, role=Role.AGENT, shops=["main"])


def actions(store: Store) -> list[str]:
    with store.read() as tx:
        return list(tx.execute(select(activity.c.action).order_by(activity.c.id)).scalars())


def test_signing_in_opens_what_her_role_and_shops_allow(users: Users, sara: Agent, store: Store) -> None:
    viewer = users.sign_in("sara_m", PASSWORD)
    assert (viewer.agent_id, viewer.name, viewer.role) == (sara.id, "سارا محمدی", Role.AGENT)
    assert viewer.permissions == ROLE_PERMISSIONS[Role.AGENT]
    assert viewer.shops == frozenset({"main"})
    assert actions(store) == ["agent.added", "agent.signed_in"]


@pytest.mark.parametrize("typed", ["SARA_M", " sara_m ", "sara m"])
def test_the_user_name_may_be_typed_in_any_way(users: Users, sara: Agent, typed: str) -> None:
    assert users.sign_in(typed, PASSWORD).agent_id == sara.id


@pytest.mark.parametrize(
    ("username", "password"),
    [("sara_m", "wrong password"), ("nobody", PASSWORD), ("", ""), ("sara_m", ""), ("sara_m", "x" * 5000)],
)
def test_what_was_wrong_is_not_told(users: Users, sara: Agent, store: Store, username: str, password: str) -> None:
    with pytest.raises(SignInFailed) as failure:
        users.sign_in(username, password)
    assert failure.value.code == "sign_in.failed"
    assert failure.value.params == {}
    assert actions(store)[-1] == "agent.sign_in_failed"


def test_an_unknown_name_costs_the_same_work(users: Users, monkeypatch: pytest.MonkeyPatch) -> None:
    worked: list[str] = []

    def counted(password: str, method: str) -> str:
        worked.append(method)
        return generate_password_hash(password, method)

    monkeypatch.setattr(users_module, "generate_password_hash", counted)
    with pytest.raises(SignInFailed):
        users.sign_in("nobody", PASSWORD)
    assert worked == ["scrypt"]


def test_the_password_is_kept_as_an_scrypt_hash(users: Users, sara: Agent, store: Store) -> None:
    with store.read() as tx:
        kept = tx.execute(select(agent_identities.c.password_hash)).scalar_one()
    assert kept.startswith("scrypt:")
    assert PASSWORD not in kept


def test_a_session_ends_with_a_new_password(users: Users, sara: Agent) -> None:
    before = users.sign_in("sara_m", PASSWORD)
    assert users.viewer(sara.id, before.session_epoch) == before
    users.set_password(sara.id, "another password")
    assert users.viewer(sara.id, before.session_epoch) is None
    assert users.sign_in("sara_m", "another password").agent_id == sara.id


def test_a_barred_agent_is_out_at_once_and_stays_out(users: Users, sara: Agent) -> None:
    viewer = users.sign_in("sara_m", PASSWORD)
    users.deactivate(sara.id)
    assert users.viewer(sara.id, viewer.session_epoch) is None
    assert users.viewer(sara.id, viewer.session_epoch + 1) is None
    with pytest.raises(SignInFailed):
        users.sign_in("sara_m", PASSWORD)
    assert [agent.is_active for agent in users.list()] == [False]


@pytest.mark.parametrize(
    ("chosen", "installed", "resolved"),
    [
        (("", ""), ("fa", "jalali"), ("fa", "jalali")),
        (("", ""), ("en", "jalali"), ("en", "jalali")),
        (("en", ""), ("fa", "jalali"), ("en", "gregorian")),
        (("fa", ""), ("en", "gregorian"), ("fa", "jalali")),
        (("en", "jalali"), ("fa", "gregorian"), ("en", "jalali")),
        (("", "gregorian"), ("fa", "jalali"), ("fa", "gregorian")),
    ],
)
def test_language_and_calendar_follow_the_installation_unless_chosen(
    store: Store, clock: Clock, chosen: tuple[str, str], installed: tuple[str, str], resolved: tuple[str, str]
) -> None:
    users = Users(store, clock, language=installed[0], calendar=installed[1])
    agent = users.add(name="سارا", username="sara", password=PASSWORD, role=Role.AGENT)
    users.set_preferences(agent.id, *chosen)
    viewer = users.viewer(agent.id, 0)
    assert viewer is not None
    assert (viewer.language, viewer.calendar) == resolved


def test_the_address_of_a_new_agent_is_told(store: Store, clock: Clock) -> None:
    told: list[str] = []
    users = Users(store, clock, appointed=lambda _, email: told.append(email))
    users.add(name="سارا", username="sara", password=PASSWORD, role=Role.AGENT, email="sara@example.com")
    users.add(name="رضا", username="reza", password=PASSWORD, role=Role.AGENT)
    assert told == ["sara@example.com"]


@pytest.mark.parametrize(
    ("password", "code"),
    [
        ("short", "password.short"),
        ("x" * 201, "password.long"),
        ("long_enough_name", "password.obvious"),
        ("LONG ENOUGH NAME", "password.obvious"),
        ("aaaaaaaaaaaa", "password.obvious"),
    ],
)
def test_weak_passwords_are_not_taken(users: Users, password: str, code: str) -> None:
    with pytest.raises(Invalid) as refusal:
        users.add(name="سارا", username="long_enough_name", password=password, role=Role.AGENT)
    assert (refusal.value.code, refusal.value.field) == (code, "password")
    assert users.list() == ()


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"name": " "}, "name"),
        ({"name": "n" * 101}, "name"),
        ({"username": "  "}, "username"),
        ({"username": "u" * 101}, "username"),
        ({"email": "no mail"}, "email"),
    ],
)
def test_faults_are_named_by_their_field(users: Users, fields: dict[str, str], field: str) -> None:
    told = {"name": "سارا", "username": "sara", "password": PASSWORD, **fields}
    with pytest.raises(Invalid) as refusal:
        users.add(role=Role.AGENT, **told)
    assert refusal.value.field == field


def test_a_user_name_is_given_once(users: Users, sara: Agent) -> None:
    with pytest.raises(Invalid) as refusal:
        users.add(name="دیگری", username="SARA_m", password=PASSWORD, role=Role.AGENT)
    assert refusal.value.code == "agent.username_taken"
    assert len(users.list()) == 1


def test_unknown_agents_and_preferences_are_refused(users: Users, sara: Agent) -> None:
    with pytest.raises(NotFound):
        users.set_password(999, PASSWORD)
    with pytest.raises(NotFound):
        users.deactivate(999)
    with pytest.raises(Invalid):
        users.set_preferences(sara.id, "de", "")
    with pytest.raises(Invalid):
        users.set_preferences(sara.id, "", "lunar")
    assert users.viewer(999, 0) is None


def test_sign_ins_beyond_what_is_checked_at_once_are_put_off(
    users: Users, sara: Agent, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(users_module, "_HASH_PATIENCE_S", 0.01)
    inside, leave = threading.Semaphore(0), threading.Event()

    def waits(_hash: str, _password: str) -> bool:
        inside.release()
        assert leave.wait(10)
        return False

    monkeypatch.setattr(users_module, "check_password_hash", waits)
    failures: list[Exception] = []

    def sign_in() -> None:
        try:
            users.sign_in("sara_m", PASSWORD)
        except SignInFailed as failure:
            failures.append(failure)

    waiting = [threading.Thread(target=sign_in) for _ in range(2)]
    for thread in waiting:
        thread.start()
    for _ in waiting:
        assert inside.acquire(timeout=10)
    with pytest.raises(TooMany):
        users.sign_in("sara_m", PASSWORD)
    leave.set()
    for thread in waiting:
        thread.join(10)
    assert len(failures) == 2
