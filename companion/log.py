"""Structured logs: one line an event, as JSON for machines or as text for people, with every secret taken out.

The standard library's loggers (those of the connectors, the storage and the libraries) go the same way. What to log,
and when, is decided where things happen.
"""

from __future__ import annotations

import json
import logging
import re
import secrets
import sys
import threading
from collections.abc import Iterable, Mapping
from typing import Any, Final, TextIO
from urllib.parse import quote, quote_plus

import structlog
from structlog.types import EventDict, Processor, WrappedLogger

from companion.config import Config, Log, Secret

REDACTED: Final = "[redacted]"

_SENSITIVE: Final = (
    r"secret|passw(?:or)?d|passphrase|authori[sz]ation|cookie|signature|token|nonce|credential"
    r"|consumer_?key|api_?key|master_?key|private_?key|session|csrf"
)
_SENSITIVE_NAME: Final = re.compile(_SENSITIVE, re.IGNORECASE)
_PATTERNS: Final[tuple[tuple[re.Pattern[str], str], ...]] = (
    # user and password before the host of a URL
    (re.compile(r"://[^/\s?#\"'<>]+@"), f"://{REDACTED}@"),
    # an Authorization header's value, with or without its name
    (re.compile(r"\b(Basic|Bearer|Digest)\s+[A-Za-z0-9+/=_.~-]{8,}", re.IGNORECASE), rf"\1 {REDACTED}"),
    # a whole header line
    (
        re.compile(rf"^([\w-]{{0,40}}(?:{_SENSITIVE})[\w-]*:[ \t]?)\S.*$", re.IGNORECASE | re.MULTILINE),
        rf"\1{REDACTED}",
    ),
    # name=value in queries, forms, cookies and OAuth headers
    (
        re.compile(
            rf"((?:{_SENSITIVE})[\w\-.\[\]%]{{0,40}}=)(?:\[redacted\]|\"[^\"]*\"|'[^']*'|[^\s&;,\"'<>)\]}}]+)",
            re.IGNORECASE,
        ),
        rf"\1{REDACTED}",
    ),
    # "name": "value" in JSON and in Python's representations, with its quotes escaped or not, cut off or whole
    (
        re.compile(
            rf"((?:{_SENSITIVE})[\w\- ]{{0,40}}\\?[\"']\s*[:,]\s*b?)(\\?)([\"'])(?:(?!\2\3).)*(?:\2\3|$)",
            re.IGNORECASE | re.MULTILINE,
        ),
        rf"\1\2\3{REDACTED}\2\3",
    ),
    # WooCommerce's keys and secrets, wherever they stand
    (re.compile(r"(?<![A-Za-z0-9])(c[ks])_[A-Za-z0-9]{6,}"), rf"\1_{REDACTED}"),
)
_APPLICATION_PASSWORD: Final = re.compile(r"(?<![A-Za-z0-9])[A-Za-z0-9]{4}(?: [A-Za-z0-9]{4}){5}(?![A-Za-z0-9])")
_CONTROL: Final = re.compile(r"[\x00-\x08\x0a-\x1f\x7f\x85\u2028\u2029]")
_REQUEST_ID: Final = re.compile(r"[A-Za-z0-9_-]{8,64}")
_SHORTEST_KNOWN: Final = 8
_DEEPEST: Final = 8
_LONGEST: Final = 20_000
"""Characters of one text: whole pages and bodies do not belong into a log."""
_TALKATIVE: Final = ("urllib3", "waitress", "apscheduler", "alembic", "markdown_it", "sqlalchemy", "werkzeug")


class Redactor:
    """Takes secrets out of whatever is about to be written: by name, by look, and those that are `known` literally."""

    def __init__(self, known: Iterable[Secret] = ()) -> None:
        texts = {secret.reveal() for secret in known}
        spellings = {spelled for text in texts for spelled in (text, quote(text, safe=""), quote_plus(text))}
        # A short one would cut innocent words; its name and its place still give it away.
        long_enough = sorted((text for text in spellings if len(text) >= _SHORTEST_KNOWN), key=len, reverse=True)
        self._known = re.compile("|".join(map(re.escape, long_enough))) if long_enough else None

    def __call__(self, _logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
        """The processor of structlog: the same event, of plain values, without secrets."""
        return {self.text(str(key)): self.value(value, name=str(key)) for key, value in event.items()}

    def value(self, value: Any, *, name: str = "", depth: int = 0) -> Any:
        """A value as it may be written: numbers as they are, texts cleaned, containers walked, the rest by its repr."""
        if _SENSITIVE_NAME.search(name.replace("-", "_")):
            return REDACTED
        if value is None or isinstance(value, bool | int | float):
            return value
        if isinstance(value, bytes | bytearray | memoryview):
            return f"<{len(value)} bytes>"
        if depth < _DEEPEST and isinstance(value, Mapping | list | tuple | set | frozenset):
            return self._inside(value, depth + 1)
        return self.text(value if isinstance(value, str) else _printed(value))

    def _inside(self, values: Mapping[Any, Any] | Iterable[Any], depth: int) -> dict[str, Any] | list[Any]:
        if isinstance(values, Mapping):
            return {self.text(str(key)): self.value(inner, name=str(key), depth=depth) for key, inner in values.items()}
        items = list(values)
        if len(items) == 2 and isinstance(items[0], str):  # noqa: PLR2004 — a pair, as headers often come
            return [self.text(items[0]), self.value(items[1], name=items[0], depth=depth)]
        return [self.value(item, depth=depth) for item in items]

    def text(self, text: str) -> str:
        """A text with everything that is or looks like a secret taken out."""
        if self._known is not None:
            text = self._known.sub(REDACTED, text)
        if len(text) > _LONGEST:
            text = f"{text[:_LONGEST]}… and {len(text) - _LONGEST} more characters"
        for pattern, replacement in _PATTERNS:
            text = pattern.sub(replacement, text)
        return _APPLICATION_PASSWORD.sub(_unless_words, text)


def known_secrets(config: Config) -> list[Secret]:
    """Every secret a configuration holds, for the redactor to know by heart."""
    found = [config.master_key, config.redis_url, config.database.url if "@" in config.database.url.reveal() else None]
    for shop in config.shops:
        found += [shop.consumer_key, shop.consumer_secret, shop.application_password, shop.helpdesk_password]
    return [secret for secret in found if secret]


def configure(options: Log, *, known: Iterable[Secret] = (), stream: TextIO | None = None) -> None:
    """Send the logs of the whole process to `stream` (standard error), as `options` says. May be called again."""
    stream = stream or sys.stderr
    before: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
    ]
    after: list[Processor] = [
        structlog.stdlib.ProcessorFormatter.remove_processors_meta,
        structlog.processors.StackInfoRenderer(),
        structlog.processors.format_exc_info,
        Redactor(known),  # last, so that nothing is added behind its back
        _renderer(options, stream),
    ]
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *before,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,
    )
    handler = _Handler(stream)
    handler.setFormatter(structlog.stdlib.ProcessorFormatter(processors=after, foreign_pre_chain=before))
    root = logging.getLogger()
    for old in [old for old in root.handlers if isinstance(old, _Handler)]:
        root.removeHandler(old)
    root.addHandler(handler)
    root.setLevel(options.level.upper())
    for name in _TALKATIVE:
        logging.getLogger(name).setLevel(max(logging.WARNING, root.level))
    logging.captureWarnings(capture=True)
    threading.excepthook = _log_thread_death


def begin_request(supplied: str | None = None) -> str:
    """Start a unit of work: every event until the next call carries its `request_id`, which is returned.

    Args:
        supplied: an id given by the server in front; taken only when it looks like one.
    """
    request_id = supplied if supplied and _REQUEST_ID.fullmatch(supplied) else secrets.token_hex(8)
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(request_id=request_id)
    return request_id


class _Handler(logging.StreamHandler[TextIO]):
    """Ours, so that a second `configure` replaces it and leaves the handlers of others alone."""


def _renderer(options: Log, stream: TextIO) -> Processor:
    if options.format == "json":
        return structlog.processors.JSONRenderer(serializer=json.dumps, ensure_ascii=False)
    console = structlog.dev.ConsoleRenderer(
        colors=stream.isatty(), exception_formatter=structlog.dev.plain_traceback, timestamp_key="at"
    )

    def render(logger: WrappedLogger, method: str, event: EventDict) -> str:
        # A line break in a text from outside must not begin a line that looks like ours.
        event["event"] = _CONTROL.sub(lambda found: repr(found[0])[1:-1], str(event["event"]))
        return str(console(logger, method, event))

    return render


def _printed(value: object) -> str:
    try:
        return str(value) if isinstance(value, BaseException) else repr(value)
    except Exception:  # noqa: BLE001 — a log must not fail over what it is about
        return f"<{type(value).__name__} that cannot be printed>"


def _unless_words(found: re.Match[str]) -> str:
    """WordPress's passwords mix small letters and capitals; six words of four letters and an IBAN do not."""
    text = found[0]
    return REDACTED if text != text.upper() and text[1:] != text[1:].lower() else text


def _log_thread_death(arguments: threading.ExceptHookArgs) -> None:
    if arguments.exc_type is SystemExit or arguments.exc_value is None:
        return
    name = arguments.thread.name if arguments.thread else "unknown"
    logging.getLogger(__name__).critical("a thread died", exc_info=arguments.exc_value, extra={"thread_name": name})
