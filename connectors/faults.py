"""What the network did to us, in plain words: every error of requests, urllib3 and TLS as one of ours.

Only the wire is translated here; an answer that came whole is judged by `connectors.answers` and the vendor's module.
"""

from __future__ import annotations

import errno
import socket
import ssl
from collections.abc import Iterator
from urllib.parse import urlsplit

import requests
import urllib3

from connectors.errors import ConnectorError, Refused, Transient

# Verification results of OpenSSL (x509_vfy.h) that deserve words of their own.
_CERTIFICATE_FAULTS = {
    9: ("tls_not_yet_valid", "is not valid yet", "Check the clock of this machine and of the shop's server."),
    10: ("tls_expired", "has expired", "The shop's certificate must be renewed; its hosting company can do that."),
    18: ("tls_self_signed", "is signed by itself", "Install a certificate of a known authority, or name its file."),
    19: ("tls_self_signed", "is signed by an authority that nobody knows", "Name that authority's file in the config."),
    20: (
        "tls_untrusted",
        "cannot be traced to a known authority",
        "The server must send its intermediate certificate.",
    ),
    21: (
        "tls_untrusted",
        "cannot be traced to a known authority",
        "The server must send its intermediate certificate.",
    ),
    62: ("tls_wrong_host", "belongs to another host", "Use the address that the certificate names, often with www."),
    64: ("tls_wrong_host", "belongs to another address", "Use the host's name instead of its number."),
}


def translated(error: Exception, url: str, *, is_write: bool) -> ConnectorError:
    """The error to raise for one that the wire gave. Texts of libraries are not repeated: they may hold the query."""
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2] or "the shop"
    causes = list(_causes(error))
    if any(isinstance(cause, _BAD_ADDRESS) for cause in causes):
        hint = "Write the shop's address like https://shop.example"
        return Refused(f"{host} is no address that can be called", code="bad_address", hint=hint)
    if fault := _tls_fault(causes, host):
        return fault
    code, words = _network_fault(causes, host)
    doubt = "; whether the write took effect is not known" if is_write and code in _UNDECIDED else ""
    return Transient(f"{words}{doubt}", code=code, hint=_HINTS.get(code, ""))


_UNDECIDED = {"read_timeout", "cut", "tls_failed", "bad_compression"}
_HINTS = {
    "dns": "Check the spelling of the shop's address, and this machine's name service.",
    "connection_refused": "Is the shop's web server running, and is the port right?",
    "connect_timeout": "A firewall may drop our requests, or the server is down.",
    "read_timeout": "The shop is slow: smaller pages and fewer at a time help.",
}


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The error and everything that it was raised from or wraps, each once."""
    waiting, seen = [error], set[int]()
    while waiting:
        cause = waiting.pop(0)
        if id(cause) in seen:
            continue
        seen.add(id(cause))
        yield cause
        wrapped = (cause.__cause__, cause.__context__, getattr(cause, "reason", None), *cause.args)
        waiting.extend(inner for inner in wrapped if isinstance(inner, BaseException))


def _tls_fault(causes: list[BaseException], host: str) -> Refused | None:
    for cause in causes:
        if isinstance(cause, ssl.SSLCertVerificationError):
            unknown = (
                "tls_untrusted",
                "cannot be verified",
                "Open the address in a browser to see what it objects to.",
            )
            code, words, hint = _CERTIFICATE_FAULTS.get(cause.verify_code, unknown)
            return Refused(f"the certificate of {host} {words}", code=code, hint=hint)
    for cause in causes:
        if isinstance(cause, ssl.SSLError) and getattr(cause, "reason", "") == "WRONG_VERSION_NUMBER":
            hint = "Is the port right, and should the address begin with http:// ?"
            return Refused(f"{host} does not speak TLS", code="tls_not_spoken", hint=hint)
    if any(isinstance(cause, OSError) and "CA certificate" in str(cause) for cause in causes):
        hint = "verify must be true, false or the path of a file that exists."
        return Refused("the file of certificate authorities cannot be read", code="bad_authorities", hint=hint)
    return None


def _network_fault(causes: list[BaseException], host: str) -> tuple[str, str]:
    if any(isinstance(cause, OSError) and cause.errno in _UNREACHABLE for cause in causes):
        return "unreachable", f"{host} cannot be reached from this machine"
    for code, words, kinds in _NETWORK_FAULTS:
        if any(isinstance(cause, kinds) for cause in causes):
            return code, words.format(host=host)
    return "cut", f"{host} cut the connection before its answer was whole"


_BAD_ADDRESS = (
    requests.exceptions.InvalidURL,
    requests.exceptions.MissingSchema,
    requests.exceptions.InvalidSchema,
    urllib3.exceptions.LocationValueError,
    UnicodeError,
)
_UNREACHABLE = {errno.EHOSTUNREACH, errno.ENETUNREACH, errno.EHOSTDOWN, errno.ENETDOWN}
_NETWORK_FAULTS: tuple[tuple[str, str, tuple[type[BaseException], ...]], ...] = (
    ("dns", "the name {host} is not found", (urllib3.exceptions.NameResolutionError, socket.gaierror)),
    ("tls_failed", "the secure connection with {host} failed", (ssl.SSLError, requests.exceptions.SSLError)),
    # Before the timeout: urllib3 counts every connection that could not be made as a kind of timeout.
    ("connection_refused", "{host} refuses connections", (ConnectionRefusedError,)),
    (
        "connect_timeout",
        "{host} did not answer the call in time",
        (requests.exceptions.ConnectTimeout, urllib3.exceptions.ConnectTimeoutError),
    ),
    (
        "read_timeout",
        "{host} took too long to answer",
        (requests.exceptions.ReadTimeout, urllib3.exceptions.ReadTimeoutError, TimeoutError),
    ),
    (
        "bad_compression",
        "the answer of {host} cannot be unpacked",
        (requests.exceptions.ContentDecodingError, urllib3.exceptions.DecodeError),
    ),
)
