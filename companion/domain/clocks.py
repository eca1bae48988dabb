"""What a shop's clock does to a reading position that is kept by it. Pure.

A poll reads what was modified since the watermark, both by the shop's own clock. A clock that was ahead and is put
right dates what happens next before the watermark, where no poll would look.
"""

from __future__ import annotations

from datetime import datetime, timedelta


def where_the_clock_went_back_to(
    watermark: datetime, signpost: datetime, *, elapsed: timedelta, overlap: timedelta
) -> datetime | None:
    """From where to read as well, since the shop's clock went back between the poll that set `watermark` and the one
    that saw `signpost`; None where it did not, or by so little that the overlap covers it.

    `elapsed` is the time between the two by our clock. Should ours be the one that jumped, more is read than needed.
    """
    earliest = signpost - max(elapsed, timedelta())
    # Half, since neither clock is exact: a shift that the overlap just covers is read twice, not missed by a second.
    return earliest - overlap if earliest < watermark - overlap / 2 else None
