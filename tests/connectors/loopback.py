"""A real server on the loopback, for what no patched adapter can show: kept connections, TLS, cut and slow answers."""

from __future__ import annotations

import ipaddress
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

Talk = Callable[[socket.socket, bytes], bool]
"""Answers one request (its head is given); True keeps the connection."""


class Loopback(NamedTuple):
    port: int
    connections: list[int]
    heads: list[bytes]


@contextmanager
def loopback(talk: Talk, *, tls: ssl.SSLContext | None = None) -> Iterator[Loopback]:
    """A server that counts its connections and notes the head of every request."""
    listener = socket.create_server(("127.0.0.1", 0))
    seen = Loopback(listener.getsockname()[1], [], [])
    threads: list[threading.Thread] = []

    def serve(raw: socket.socket) -> None:
        try:
            with tls.wrap_socket(raw, server_side=True) if tls else raw as peer:
                while head := _head(peer):
                    seen.heads.append(head)
                    if not talk(peer, head):
                        return
        except OSError:
            raw.close()  # the client went away, which some tests are about

    def accept() -> None:
        while True:
            try:
                peer, _ = listener.accept()
            except OSError:
                return
            seen.connections.append(peer.fileno())
            thread = threading.Thread(target=serve, args=(peer,), daemon=True)
            threads.append(thread)
            thread.start()

    accepting = threading.Thread(target=accept, daemon=True)
    accepting.start()
    try:
        yield seen
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        accepting.join(5)
        for thread in threads:
            thread.join(5)


def _head(peer: socket.socket) -> bytes:
    head = b""
    while b"\r\n\r\n" not in head:
        piece = peer.recv(65536)
        if not piece:
            return b""
        head += piece
    return head


def answered(body: bytes, *, status: str = "200 OK", headers: str = "") -> bytes:
    return f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n{headers}\r\n".encode() + body


def certificate(
    folder: Path, *, host: str = "localhost", address: str = "127.0.0.1", expired: bool = False
) -> tuple[Path, ssl.SSLContext]:
    """A self-signed certificate: its file, and a server's context that shows it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
    now = datetime.now(UTC)
    until = now - timedelta(days=1) if expired else now + timedelta(days=1)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=30))
        .not_valid_after(until)
        .add_extension(
            x509.SubjectAlternativeName([x509.DNSName(host), x509.IPAddress(ipaddress.ip_address(address))]),
            critical=False,
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    shown, private = folder / "shop.pem", folder / "shop.key"
    shown.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(shown, private)
    return shown, context
