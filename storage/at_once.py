"""Reads the answer to a question as one row, where a list of rows would be waited for row by row.

SQLite's driver lets go of Python's lock for each row, and then waits for it again: beside a thread that computes, a
first read for one, up to a millisecond every time. What is asked at each keystroke has a hundred rows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import CompoundSelect, Dialect, Select, func, select

from storage import json
from storage.engine import Tx

Question = Select[Any] | CompoundSelect[Any]
_MadeOf = tuple[Callable[[Any], Any] | None, ...]


def rows_at_once(tx: Tx, question: Question, given: Mapping[str, object]) -> Iterator[Sequence[Any]]:
    """The rows, in their order. The question must be one that is kept, since what is made of it is kept with it; none
    of its columns may hold bytes.
    """
    if tx.dialect.name != "sqlite":
        yield from tx.execute(question, given)
        return
    packed, made_of = _packed(question, tx.dialect)
    for row in json.loads(tx.execute(packed, given).scalar_one()):
        yield [value if make is None else make(value) for value, make in zip(row, made_of, strict=True)]


@lru_cache(maxsize=1024)
def _packed(question: Question, dialect: Dialect) -> tuple[Select[Any], _MadeOf]:
    """The question whose one answer is a JSON list, and what makes each column's values of what stands in it."""
    rows = question.subquery()
    packed = select(func.json_group_array(func.json_array(*rows.c)))
    return packed, tuple(column.type.dialect_impl(dialect).result_processor(dialect, None) for column in rows.c)
