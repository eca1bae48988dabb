"""Our own plugin in a shop: asked with a signature, told from another's, and plainly not there where it is not."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from requests import PreparedRequest
from responses import RequestsMock

from companion.sandbox import Fault, Sandbox
from connectors.base import Change, Changes
from connectors.circuit import Circuit
from connectors.errors import ConnectorError, Missing, Refused, Transient, Unavailable
from connectors.wordpress.bridge import Bridge, SigningKey
from tests.connectors.shops import SITE, Reply, asked, in_turn, retry
from tests.fixtures.sandbox import SHOP_NOW
from tests.fixtures.store import Clock

URL = f"{SITE}/wp-json/companion/v1/changes"
SECRET, BEFORE = "Secret2", "Secret1"
NOTHING = {"number": 7, "sweep": False, "more": False, "changes": []}


@pytest.fixture
def web() -> Iterator[RequestsMock]:
    with RequestsMock() as mock:
        yield mock


def bridge_to(url: str = SITE, *valid: str, shop_key: str = "main", **options: Any) -> Bridge:
    key = SigningKey(shop_key, lambda: valid or (SECRET,), Clock(SHOP_NOW))
    return Bridge(url=url, credentials=key, **({"retry": retry()} | options))


def play(web: RequestsMock, *replies: Any) -> None:
    web.add_callback("GET", URL, callback=in_turn(*replies))


def told(value: Any) -> Reply:
    return 200, {}, json.dumps(value).encode()


def refused(status: int, code: str) -> Reply:
    return status, {}, json.dumps({"code": code, "message": "No."}).encode()


def only_for(secret: str) -> Callable[[PreparedRequest], Reply]:
    """Answers as the plugin does that holds this secret; the check is written from its description, not from ours."""

    def answer(request: PreparedRequest) -> Reply:
        head = request.headers
        signed = [head[f"X-Companion-{name}"] for name in ("Shop", "Time", "Nonce", "User", "Roles")]
        assert request.url is not None
        target = request.url.removeprefix(SITE)
        text = "\n".join([*signed, "GET", target, hashlib.sha256(b"").hexdigest()])
        expected = hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest()
        is_right = head["X-Companion-Signature"] == expected
        return told(NOTHING) if is_right else refused(401, "companion_wrong_signature")

    return answer


def test_a_call_is_signed_over_all_that_it_asks(web: RequestsMock) -> None:
    play(web, only_for(SECRET))
    assert bridge_to().changes(7) == Changes(7, sweep=False, more=False, changes=())
    request = web.calls[0].request
    assert asked(request)["since"] == "7"
    assert "Authorization" not in request.headers
    assert request.headers["X-Companion-Shop"] == "main"
    assert request.headers["X-Companion-Time"] == str(int(SHOP_NOW.timestamp()))
    assert (request.headers["X-Companion-User"], request.headers["X-Companion-Roles"]) == ("", "")


def test_no_two_calls_are_alike_to_the_plugin_or_to_a_cache(web: RequestsMock) -> None:
    play(web, (503, {}, b""), told(NOTHING))
    bridge = bridge_to()
    bridge.changes(7)
    bridge.changes(7)
    assert len({call.request.headers["X-Companion-Nonce"] for call in web.calls}) == 3
    assert len({web.calls[number].request.url for number in (1, 2)}) == 2


def test_changes_are_told_in_their_order(web: RequestsMock) -> None:
    changes = [
        {"number": 8, "event": "order_note", "id": 1042, "note_id": 5},
        {"number": 9, "event": "ticket_reply", "id": 77, "reply_id": 78},
    ]
    play(web, told({"number": 9, "sweep": False, "more": True, "changes": changes}))
    found = bridge_to().changes(7)
    assert found == Changes(
        9, sweep=False, more=True, changes=(Change(8, "order_note", "1042"), Change(9, "ticket_reply", "77"))
    )


@pytest.mark.parametrize(
    "body",
    [
        b'\xef\xbb\xbf<br />Notice<br />{"number":"8","sweep":false,"changes":[{"number":"8","event":"e","id":"4"}]}',
        b'{"number":8,"changes":{"0":{"number":8,"event":"e","id":4},"2":"?"}}',
        b'{"number":8,"changes":[{"event":"no number"},{"number":8,"event":"e","id":4},{"number":8,"event":"e"},[]]}',
        b'{"number":8,"changes":[{"number":7,"event":"e","id":-4},{"number":8,"event":"e","id":4}]}',
    ],
    ids=["notice and text", "numbered with gaps", "bent ones among them", "no id"],
)
def test_what_php_bends_is_read_and_one_bent_change_spoils_no_other(web: RequestsMock, body: bytes) -> None:
    play(web, (200, {}, body))
    assert bridge_to().changes(7).changes == (Change(8, "e", "4"),)


def test_a_number_that_is_no_longer_remembered_means_a_sweep(web: RequestsMock) -> None:
    play(web, told({"number": 3, "sweep": True, "more": False, "changes": []}))
    assert bridge_to().changes(7) == Changes(3, sweep=True, more=False, changes=())


@pytest.mark.parametrize("answer", [{"number": 6}, {"number": 7, "more": True}], ids=["went back", "leads nowhere"])
def test_a_count_that_does_not_go_on_is_not_believed(web: RequestsMock, answer: Any) -> None:
    play(web, told(answer))
    with pytest.raises(Transient) as error:
        bridge_to().changes(7)
    assert error.value.code == "wrong_shape"


@pytest.mark.parametrize(
    ("reply", "kind", "code"),
    [
        (refused(404, "rest_no_route"), Missing, "no_bridge"),
        (refused(401, "companion_wrong_signature"), Refused, "wrong_signature"),
        (refused(401, "companion_wrong_time"), Refused, "wrong_clock"),
        (refused(401, "rest_not_logged_in"), Refused, "rest_closed"),
        (refused(403, "rest_forbidden"), Refused, "rest_closed"),
        ((404, {}, b"<title>Not found</title>"), Refused, "no_rest_api"),
        ((403, {}, b"<title>Just a moment...</title>"), Transient, "challenge"),
        ((200, {}, b"<p>the front page"), Transient, "not_json"),
        (told([]), Transient, "wrong_shape"),
        (told({"changes": []}), Transient, "wrong_shape"),
        (refused(429, "too_many"), Transient, "too_many_requests"),
        (refused(500, "internal_server_error"), Transient, "server_error"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_every_other_answer_is_a_clear_error(
    web: RequestsMock, reply: Reply, kind: type[ConnectorError], code: str
) -> None:
    play(web, reply)
    web.add("GET", f"{SITE}/", status=404)  # nor does it answer at plain permalinks
    web.assert_all_requests_are_fired = False
    with pytest.raises(kind) as error:
        bridge_to().changes(0)
    assert error.value.code == code
    assert SECRET not in f"{error.value} {error.value.hint}"


def test_a_nonce_that_was_seen_is_tried_again_with_another(web: RequestsMock) -> None:
    play(web, refused(401, "companion_used_nonce"), told(NOTHING))
    assert bridge_to().changes(7).number == 7


def test_the_secret_before_the_last_rotation_serves_and_is_remembered(web: RequestsMock) -> None:
    play(web, only_for(BEFORE))
    bridge = bridge_to(SITE, SECRET, BEFORE)
    bridge.changes(7)
    assert len(web.calls) == 2
    bridge.changes(7)
    assert len(web.calls) == 3


def test_without_a_secret_nothing_is_asked(web: RequestsMock) -> None:
    key = SigningKey("main", tuple, Clock(SHOP_NOW))
    with pytest.raises(Refused):
        Bridge(url=SITE, credentials=key).changes(0)
    assert len(web.calls) == 0


def test_secrets_are_not_shown() -> None:
    bridge = bridge_to()
    assert SECRET not in repr(bridge) + repr(vars(bridge)) + repr(SigningKey("main", lambda: (SECRET,), Clock()))


# --- over the sandbox's sockets -----------------------------------------------------------------------------------


@pytest.fixture
def sandbox(make_sandbox: Callable[..., Sandbox]) -> Sandbox:
    return make_sandbox(bridge=True, bridge_secret=SECRET)


@pytest.fixture
def connect() -> Iterator[Callable[..., Bridge]]:
    opened: list[Bridge] = []

    def open_one(sandbox: Sandbox, *valid: str, **options: Any) -> Bridge:
        opened.append(bridge_to(sandbox.url, *valid, **options))
        return opened[-1]

    yield open_one
    for bridge in opened:
        bridge.close()


@pytest.mark.parametrize("plain_permalinks", [False, True])
def test_what_happened_in_the_shop_is_told(
    make_sandbox: Callable[..., Sandbox], connect: Callable[..., Bridge], *, plain_permalinks: bool
) -> None:
    sandbox = make_sandbox(bridge=True, bridge_secret=SECRET, plain_permalinks=plain_permalinks)
    order = sandbox.shop.create_order()
    sandbox.shop.add_order_note(order.id, "x")
    sandbox.shop.force_delete_order(order.id)
    found = connect(sandbox).changes(0)
    assert found == Changes(
        2,
        sweep=False,
        more=False,
        changes=(Change(1, "order_note", str(order.id)), Change(2, "order_deleted", str(order.id))),
    )


def test_a_long_absence_is_read_in_parts_and_a_longer_one_swept(
    sandbox: Sandbox, connect: Callable[..., Bridge]
) -> None:
    order = sandbox.shop.create_order()
    for _ in range(501):
        sandbox.shop.add_order_note(order.id, "x")
    bridge = connect(sandbox)
    first = bridge.changes(0)
    second = bridge.changes(first.number)
    assert (first.more, len(first.changes), second.more, len(second.changes)) == (True, 500, False, 1)
    sandbox.shop.bridge.forget()
    assert bridge.changes(second.number) == Changes(0, sweep=True, more=False, changes=())


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"bridge": False}, "no_bridge"),
        ({"bridge_secret": "another"}, "wrong_signature"),
        ({"bridge_shop": "other"}, "wrong_signature"),
    ],
)
def test_a_shop_with_another_plugin_or_none_is_told_apart(
    make_sandbox: Callable[..., Sandbox], connect: Callable[..., Bridge], options: dict[str, Any], code: str
) -> None:
    sandbox = make_sandbox(**({"bridge": True, "bridge_secret": SECRET} | options))
    with pytest.raises(ConnectorError) as error:
        connect(sandbox).changes(0)
    assert error.value.code == code
    assert len(sandbox.shop.log) == 1


def test_a_rotated_secret_finds_its_way(make_sandbox: Callable[..., Sandbox], connect: Callable[..., Bridge]) -> None:
    sandbox = make_sandbox(bridge=True, bridge_secret=BEFORE)
    assert connect(sandbox, SECRET, BEFORE).changes(0).number == 0


def test_a_cache_before_the_shop_is_asked_past(sandbox: Sandbox, connect: Callable[..., Bridge]) -> None:
    order = sandbox.shop.create_order()
    bridge = connect(sandbox)
    bridge.changes(0)
    sandbox.shop.faults.add(Fault("stale", times=None))
    sandbox.shop.add_order_note(order.id, "x")
    assert bridge.changes(0).number == 1


def test_it_passes_the_circuit_of_its_shop(sandbox: Sandbox, connect: Callable[..., Bridge], clock: Clock) -> None:
    bridge = connect(sandbox, circuit=Circuit(clock=clock, borne=3), retry=retry(attempts=9))
    sandbox.shop.faults.add(Fault("cut_before", times=None))
    with pytest.raises(Unavailable):
        bridge.changes(0)
    assert len(sandbox.shop.log) == 3
