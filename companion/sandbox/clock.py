"""The shop's own clock, which a test can stop, push forwards or set back. It does not move the machine's clock."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta


class ShopClock:
    """What time the shop believes it is: the machine's time plus an offset, or one frozen instant.

    Shops' clocks go wrong, and a restored backup takes a shop into its own past: both are a `set` or an `advance` here.
    """

    def __init__(self, frozen_at: datetime | None = None) -> None:
        """`frozen_at`: an aware instant at which the clock stands still; None follows the machine's clock."""
        self._frozen_at = frozen_at
        self._offset = timedelta()

    def __call__(self) -> datetime:
        """The shop's present, aware, in UTC."""
        return (self._frozen_at or datetime.now(UTC)) + self._offset

    @property
    def is_frozen(self) -> bool:
        """Whether the clock only moves when it is told to."""
        return self._frozen_at is not None

    def advance(self, seconds: float) -> None:
        """Jump by `seconds`; a negative number jumps back."""
        self._offset += timedelta(seconds=seconds)

    def set(self, at: datetime) -> None:
        """Make the present `at` (aware); a running clock goes on running from there."""
        self._offset += at - self()

    def epoch(self) -> int:
        """The present in whole seconds since 1970: a shop's dates have one-second steps."""
        return int(self().timestamp())
