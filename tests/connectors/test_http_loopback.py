"""The pooled session against a real server: connections kept, TLS verified, cut and endless answers ended."""

from __future__ import annotations

import socket
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from connectors.errors import Permanent, Refused, Transient
from connectors.http import Http, Timeouts
from tests.connectors.loopback import answered, certificate, loopback

BODY = b'{"id":1}'


def polite(peer: socket.socket, _head: bytes) -> bool:
    peer.sendall(answered(BODY))
    return True


def test_connections_are_kept_between_calls() -> None:
    http = Http()
    with loopback(polite) as server:
        for _ in range(5):
            assert http.exchange("GET", f"http://127.0.0.1:{server.port}/x").body == BODY
        http.close()
    assert len(server.connections) == 1


def test_several_threads_share_the_pool() -> None:
    http = Http(pool_size=4)
    together = threading.Barrier(4, timeout=10)

    def wait_for_all(peer: socket.socket, head: bytes) -> bool:
        together.wait()
        return polite(peer, head)

    with loopback(wait_for_all) as server, ThreadPoolExecutor(4) as pool:
        for _ in range(3):
            url = f"http://127.0.0.1:{server.port}/x"
            assert [answer.status for answer in pool.map(lambda _, u=url: http.exchange("GET", u), range(4))] == [
                200
            ] * 4
        http.close()
    assert len(server.connections) == 4


def test_the_shop_sees_a_stable_agent_and_no_wish_for_cached_answers() -> None:
    http = Http(user_agent="Companion/1 (test)")
    with loopback(polite) as server:
        http.exchange("GET", f"http://127.0.0.1:{server.port}/x")
        http.close()
    head = server.heads[0].decode().lower()
    assert "user-agent: companion/1 (test)" in head
    assert "cache-control: no-cache" in head


def test_passwords_and_proxies_of_the_environment_are_not_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login somebody password theirs\n")
    monkeypatch.setenv("NETRC", str(tmp_path / ".netrc"))
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    http = Http()
    with loopback(polite) as server:
        assert http.exchange("GET", f"http://127.0.0.1:{server.port}/x").status == 200
        http.close()
    assert b"authorization" not in server.heads[0].lower()


def test_a_certificate_of_a_named_authority_is_accepted(tmp_path: Path) -> None:
    file, context = certificate(tmp_path)
    http = Http(verify=str(file))
    with loopback(polite, tls=context) as server:
        assert http.exchange("GET", f"https://127.0.0.1:{server.port}/x").body == BODY
        http.close()


def test_verification_can_be_switched_off_by_the_owner(tmp_path: Path) -> None:
    _, context = certificate(tmp_path)
    http = Http(verify=False)
    with loopback(polite, tls=context) as server:
        assert http.exchange("GET", f"https://127.0.0.1:{server.port}/x").body == BODY
        http.close()


def test_a_self_signed_certificate_is_refused(tmp_path: Path) -> None:
    _, context = certificate(tmp_path)
    with loopback(polite, tls=context) as server, pytest.raises(Refused, match="signed by itself") as refusal:
        Http().exchange("GET", f"https://127.0.0.1:{server.port}/x")
    assert refusal.value.code == "tls_self_signed"


def test_an_expired_certificate_is_refused(tmp_path: Path) -> None:
    file, context = certificate(tmp_path, expired=True)
    with loopback(polite, tls=context) as server, pytest.raises(Refused, match="has expired") as refusal:
        Http(verify=str(file)).exchange("GET", f"https://127.0.0.1:{server.port}/x")
    assert refusal.value.code == "tls_expired"
    assert "renewed" in refusal.value.hint


def test_a_certificate_of_another_host_is_refused(tmp_path: Path) -> None:
    file, context = certificate(tmp_path, host="other.example", address="127.0.0.2")
    with loopback(polite, tls=context) as server, pytest.raises(Refused) as refusal:
        Http(verify=str(file)).exchange("GET", f"https://127.0.0.1:{server.port}/x")
    assert refusal.value.code == "tls_wrong_host"


def test_a_port_that_speaks_no_tls_is_refused() -> None:
    def rude(peer: socket.socket, _head: bytes) -> bool:
        peer.sendall(answered(b"", status="400 Bad Request"))
        return False

    listener = socket.create_server(("127.0.0.1", 0))

    def answer_plainly() -> None:
        peer, _ = listener.accept()
        with peer:
            peer.recv(1024)
            rude(peer, b"")

    thread = threading.Thread(target=answer_plainly)
    thread.start()
    with pytest.raises(Refused) as refusal:
        Http().exchange("GET", f"https://127.0.0.1:{listener.getsockname()[1]}/x")
    thread.join(5)
    listener.close()
    assert refusal.value.code == "tls_not_spoken"


def test_a_missing_file_of_authorities_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused) as refusal:
        Http(verify=str(tmp_path / "none.pem")).exchange("GET", "https://127.0.0.1:9/x")
    assert refusal.value.code == "bad_authorities"


def test_an_answer_that_is_cut_is_transient() -> None:
    def cut(peer: socket.socket, _head: bytes) -> bool:
        peer.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n[{")
        return False

    with loopback(cut) as server, pytest.raises(Transient) as error:
        Http().exchange("GET", f"http://127.0.0.1:{server.port}/x")
    assert error.value.code == "cut"


def test_a_connection_closed_without_an_answer_is_transient() -> None:
    with loopback(lambda *_: False) as server, pytest.raises(Transient) as error:
        Http().exchange("POST", f"http://127.0.0.1:{server.port}/x", body=b"{}")
    assert error.value.code == "cut"
    assert "not known" in str(error.value)


def test_a_silent_server_is_given_up() -> None:
    over = threading.Event()

    def silent(_peer: socket.socket, _head: bytes) -> bool:
        over.wait(10)
        return False

    with loopback(silent) as server:
        with pytest.raises(Transient) as error:
            Http(timeouts=Timeouts(read=0.05)).exchange("GET", f"http://127.0.0.1:{server.port}/x")
        over.set()
    assert error.value.code == "read_timeout"


def test_a_body_that_trickles_for_ever_is_given_up() -> None:
    over = threading.Event()

    def trickle(peer: socket.socket, _head: bytes) -> bool:
        peer.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        while not over.wait(0.005):
            peer.sendall(b"1\r\n \r\n")
        return False

    with loopback(trickle) as server:
        with pytest.raises(Transient) as error:
            Http(timeouts=Timeouts(read=5, total=0.05)).exchange("GET", f"http://127.0.0.1:{server.port}/x")
        over.set()
    assert error.value.code == "read_timeout"


def test_a_body_beyond_the_limit_is_not_read_to_its_end() -> None:
    def endless(peer: socket.socket, _head: bytes) -> bool:
        peer.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        while True:
            peer.sendall(b"10000\r\n" + b"x" * 0x10000 + b"\r\n")

    with loopback(endless) as server, pytest.raises(Permanent) as error:
        Http(max_bytes=2**20).exchange("GET", f"http://127.0.0.1:{server.port}/x")
    assert error.value.code == "too_large"


def test_a_closed_port_is_transient() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(Transient) as error:
        Http().exchange("GET", f"http://127.0.0.1:{port}/x")
    assert error.value.code == "connection_refused"


def test_a_compressed_body_that_is_broken_is_transient() -> None:
    def broken(peer: socket.socket, _head: bytes) -> bool:
        peer.sendall(answered(b"not gzip at all", headers="Content-Encoding: gzip\r\n"))
        return False

    with loopback(broken) as server, pytest.raises(Transient) as error:
        Http().exchange("GET", f"http://127.0.0.1:{server.port}/x")
    assert error.value.code == "bad_compression"


def test_cookies_are_not_kept() -> None:
    def sweet(peer: socket.socket, _head: bytes) -> bool:
        peer.sendall(answered(BODY, headers="Set-Cookie: cart=1; Path=/\r\n"))
        return True

    http = Http()
    with loopback(sweet) as server:
        for _ in range(2):
            http.exchange("GET", f"http://127.0.0.1:{server.port}/x")
        http.close()
    assert b"cookie" not in server.heads[1].lower()
