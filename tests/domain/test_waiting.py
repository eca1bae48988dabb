"""An agent who picks up sees since when a ticket waits for the shop."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from companion.domain.waiting import waiting_since

OPENED = datetime(2025, 11, 1, tzinfo=UTC)
HERS, OURS = True, False


def day(number: int) -> datetime:
    return OPENED.replace(day=number)


@pytest.mark.parametrize(
    ("replies", "since"),
    [
        ([], OPENED),
        ([(day(2), HERS), (day(3), HERS)], OPENED),
        ([(day(2), OURS)], None),
        ([(day(2), OURS), (day(3), HERS), (day(4), HERS)], day(3)),
        ([(day(4), HERS), (day(3), OURS), (day(2), HERS)], day(4)),
        ([(day(2), HERS), (day(5), OURS)], None),
        ([(day(2), OURS), (day(2), HERS)], day(2)),
        ([(None, OURS)], OPENED),
    ],
)
def test_a_customer_waits_since_her_first_message_that_nobody_answered(
    replies: list[tuple[datetime | None, bool]], since: datetime | None
) -> None:
    assert waiting_since(OPENED, replies) == since


def test_a_ticket_without_a_date_waits_since_its_first_reply() -> None:
    assert waiting_since(None, [(day(2), HERS)]) == day(2)
