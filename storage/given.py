"""The condition that a column is among given values, in one parameter: a statement is one text however many they are.

Where each value is a parameter of its own, the library writes the statement anew for every number of them, and the
database reads it anew. A page of a backfill asks some twenty such questions.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any

from sqlalchemy import ARRAY, Boolean, ColumnElement, Text, bindparam
from sqlalchemy.engine import Dialect
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeDecorator, TypeEngine

from storage import json


class _Values(TypeDecorator[Collection[Any]]):
    """Values of one type: an array for PostgreSQL, for SQLite a JSON list."""

    impl = Text
    cache_ok = True

    def __init__(self, item_type: TypeEngine[Any]) -> None:
        super().__init__()
        self.item_type = item_type

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return ARRAY(self.item_type) if dialect.name == "postgresql" else Text()

    def bind_processor(self, dialect: Dialect) -> Callable[[Any], object]:
        return list if dialect.name == "postgresql" else _as_json


def _as_json(values: Collection[Any]) -> str:
    return json.dumps(list(values))


class is_among(FunctionElement[bool]):  # noqa: N801 -- a function to whoever writes a statement, as the library's own are
    """That `column` is one of the values given, when the statement is executed, as the parameter `name`: any
    collection of whole numbers or of texts.
    """

    type = Boolean()
    inherit_cache = True

    def __init__(self, column: ColumnElement[Any], name: str) -> None:
        super().__init__(column, bindparam(name, type_=_Values(column.type)))

    def self_group(self, against: Any = None) -> Any:  # noqa: ARG002
        """As it is: a comparison, which the library must not compare with 1, or no index would serve it."""
        return self


@compiles(is_among, "sqlite")
def _in_json(element: is_among, compiler: SQLCompiler, **how: Any) -> str:
    column, given = (compiler.process(each, **how) for each in element.clauses)
    return f"{column} IN (SELECT value FROM json_each({given}))"  # noqa: S608 -- two expressions of the library's own making


@compiles(is_among, "postgresql")
def _in_array(element: is_among, compiler: SQLCompiler, **how: Any) -> str:
    column, given = (compiler.process(each, **how) for each in element.clauses)
    return f"{column} = ANY ({given})"
