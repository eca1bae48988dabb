"""Redis, where the processes of an installation share their rate limits."""

from __future__ import annotations

from collections.abc import Iterator

from limits.storage import storage_from_string

from companion.config import Config
from companion.doctor.finding import Finding


def examine(config: Config) -> Iterator[Finding]:
    """Whether it answers, where there is one."""
    if config.redis_url is None:
        return
    cure = "Check redis_url, and that Redis runs; the driver comes with `pip install companion[postgresql]`."
    try:
        answers = storage_from_string(config.redis_url.reveal()).check()
    except Exception as error:  # noqa: BLE001 — the library raises its own, the driver's, and a missing driver's
        yield Finding("redis", "problem", f"rate limits cannot be shared: {type(error).__name__}", cure)
        return
    if answers:
        yield Finding("redis", "ok", "answers")
    else:
        yield Finding("redis", "problem", "does not answer, so rate limits cannot be shared", cure)
