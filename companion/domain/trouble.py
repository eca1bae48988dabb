"""What kind of trouble a failure tells of, so that it can be said in the reader's language and counted by machines.

The store keeps a failure as the sentence that was raised. Here the sentence is only recognised, by the words that stand
in it whatever the shop's name; a test holds each of them to be said by a connector or the engine.
"""

from __future__ import annotations

from enum import StrEnum


class Trouble(StrEnum):
    """Kinds of trouble with a shop. The value is what monitoring sees."""

    UNREACHABLE = "unreachable"
    SLOW = "slow"
    BUSY = "busy"
    CERTIFICATE = "certificate"
    ADDRESS = "address"
    CREDENTIALS = "credentials"
    RIGHTS = "rights"
    CLOCK = "clock"
    NO_PLUGIN = "no_plugin"
    BARRED = "barred"
    NOT_JSON = "not_json"
    BREAKS = "breaks"
    TOO_MANY_GONE = "too_many_gone"
    OTHER = "other"


LEFT_ALONE = "the shop is left alone for a while"
"""How a failure begins for which nothing was sent: the circuit before the shop is open."""

# The first that stands in the sentence decides, so what is more exact comes first.
PHRASES: tuple[tuple[str, Trouble], ...] = (
    ("the certificate of ", Trouble.CERTIFICATE),
    ("the file of certificate authorities", Trouble.CERTIFICATE),
    (" does not speak TLS", Trouble.CERTIFICATE),
    (" is no address that can be called", Trouble.ADDRESS),
    (" redirects ", Trouble.ADDRESS),
    ("there is no REST API", Trouble.ADDRESS),
    ("permalinks are plain", Trouble.ADDRESS),
    ("cannot be reached from this machine", Trouble.UNREACHABLE),
    (" is not found", Trouble.UNREACHABLE),
    ("the secure connection with ", Trouble.UNREACHABLE),
    (" refuses connections", Trouble.UNREACHABLE),
    ("did not answer the call in time", Trouble.UNREACHABLE),
    ("cut the connection before", Trouble.UNREACHABLE),
    ("took too long to answer", Trouble.SLOW),
    ("asks us to slow down", Trouble.BUSY),
    ("may only read", Trouble.RIGHTS),
    ("may only write", Trouble.RIGHTS),
    ("rejects the key for writing", Trouble.RIGHTS),
    ("may not do this", Trouble.RIGHTS),
    ("may not see tickets", Trouble.RIGHTS),
    ("does not know this consumer key", Trouble.CREDENTIALS),
    ("does not belong to the key", Trouble.CREDENTIALS),
    ("finds our OAuth signature wrong", Trouble.CREDENTIALS),
    ("rejects the key", Trouble.CREDENTIALS),
    ("does not know this user name", Trouble.CREDENTIALS),
    ("the application password is wrong", Trouble.CREDENTIALS),
    ("did not reach WordPress", Trouble.CREDENTIALS),
    ("does not take our signature", Trouble.CREDENTIALS),
    ("the clocks of the shop and of this machine", Trouble.CLOCK),
    ("has no such WooCommerce route", Trouble.NO_PLUGIN),
    ("has no Awesome Support", Trouble.NO_PLUGIN),
    ("has closed its REST API", Trouble.BARRED),
    ("has closed WordPress's own list of users", Trouble.BARRED),
    ("itself asks for a password", Trouble.BARRED),
    ("the web server forbids calls", Trouble.BARRED),
    ("asks for a browser", Trouble.BARRED),
    ("something that is not JSON", Trouble.NOT_JSON),
    ("JSON that we did not ask for", Trouble.NOT_JSON),
    ("the shop is being updated", Trouble.BUSY),
    ("the shop failed", Trouble.BREAKS),
    ("breaks on requests with two dots", Trouble.BREAKS),
    ("it answers ", Trouble.BREAKS),
    (LEFT_ALONE, Trouble.UNREACHABLE),
    (" are missing from what ", Trouble.TOO_MANY_GONE),
)


def trouble_of(failure: str) -> Trouble:
    """The kind of a failure by its sentence; OTHER for one that nothing here knows."""
    return next((trouble for phrase, trouble in PHRASES if phrase in failure), Trouble.OTHER)
