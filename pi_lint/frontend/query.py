"""What is told of one SQL statement: plain records, filled by `sql`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["select", "insert", "update", "delete", "create", "other"]
Constant = str | int | float | bool | None
Parameter = int | str


@dataclass(frozen=True, slots=True)
class Column:
    """A column that a query gives, or one that a statement writes.

    `sources`: (table, column) of all it is made of, aliases and sub-queries resolved.
    `is_aggregate`: it tells no single value (a count, a sum, a comparison). `star`: all
    columns of `table`, or of every table where that is "". `params`: the parameters in
    its value; `constant`: its value where `is_constant`.
    """

    name: str
    sources: tuple[tuple[str, str], ...] = ()
    is_aggregate: bool = False
    star: bool = False
    params: tuple[Parameter, ...] = ()
    is_constant: bool = False
    constant: Constant = None

    @property
    def source(self) -> str:
        """The name of the first column that it is made of, or ""."""
        return self.sources[0][1] if self.sources else ""

    @property
    def table(self) -> str:
        """The table of that column, or "" if unknown."""
        return self.sources[0][0] if self.sources else ""


@dataclass(frozen=True, slots=True)
class Condition:
    """`column = value`, which holds for every row: a constant, or a parameter where `param` is not None."""

    column: str
    table: str = ""
    value: Constant = None
    param: Parameter | None = None


@dataclass(frozen=True, slots=True)
class Query:
    """One statement. `columns`: given (select), written (insert, update), declared (create).

    `tables`: every real table it names, the one written first. `where`: equalities joined by
    AND; `where_columns`: every column that a condition names. `returning`: columns of RETURNING.
    """

    kind: Kind
    columns: tuple[Column, ...] = ()
    tables: tuple[str, ...] = ()
    where: tuple[Condition, ...] = ()
    has_where: bool = False
    where_columns: tuple[str, ...] = ()
    returning: tuple[Column, ...] = ()

    @property
    def table(self) -> str:
        """The table that is written or read first, or ""."""
        return self.tables[0] if self.tables else ""
