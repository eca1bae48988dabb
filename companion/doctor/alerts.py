"""What companion itself noticed of a shop and a person should know, in words and with a cure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from companion.doctor.finding import Finding
from storage.sync.alerts import Alert

_WORDS: Mapping[str, tuple[str, str]] = {
    "webhooks_silent": (
        "things change there, and its webhooks say nothing",
        "WordPress's own clock (WP-Cron) sleeps where nobody visits: let the server's cron call {url}/wp-cron.php.",
    ),
    "too_many_gone": (
        "too much of it is missing at once, so nothing was taken for deleted here",
        "Look whether the shop is whole. Where it was really deleted: `companion reconcile {shop} --force`.",
    ),
    "restored_backup": (
        "it seems to have been restored from a backup: its records went back in time",
        "Nothing, where you know of it: everything is compared anew. Else ask who restored it.",
    ),
    "storm": ("the same things are delivered again and again", "Find out what saves them there all the time."),
    "quarrel": (
        "something else writes the field of our summary, so companion has stopped writing it there",
        "Find the plugin that writes companion_note, or that saves old meta over it.",
    ),
}
"""By kind. What doctor has just looked at by itself (disabled webhooks, a shop that does not answer) has no words."""
_SUBJECTS = 5


def examine(subject: str, url: str, standing: Iterable[Alert]) -> Iterator[Finding]:
    """The alerts that stand, each kind once, with the first few things that it is about."""
    by_kind: dict[str, list[Alert]] = {}
    for alert in standing:
        by_kind.setdefault(alert.kind, []).append(alert)
    for kind, alerts in by_kind.items():
        if kind not in _WORDS:
            continue
        message, cure = _WORDS[kind]
        named = [alert.subject for alert in alerts if alert.subject]
        about = f" ({', '.join(named[:_SUBJECTS])}{', …' if len(named) > _SUBJECTS else ''})" if named else ""
        since = f", since {min(alert.first_at for alert in alerts):%Y-%m-%d %H:%M} UTC"
        yield Finding(subject, "problem", message + about + since, cure.format(url=url, shop=alerts[0].shop))
