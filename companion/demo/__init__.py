"""Everything at once, to try: two pretend shops, companion beside them, and the people of a few true stories.

`run` keeps it open for a person; `check` plays the whole story by itself and proves each step. Nothing here is used by
an installation.
"""

from __future__ import annotations

from companion.demo.check import check
from companion.demo.open_house import run

__all__ = ["check", "run"]
