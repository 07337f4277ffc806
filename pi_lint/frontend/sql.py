"""What a constant SQL text reads, writes and asks for.

Purpose: the columns that a query gives (`SELECT u.phone AS p` gives `p`, which is `phone` of
`users`), those that a statement writes and from which parameter, and the equalities that must hold.
The one door to sqlglot, which is imported when the first query is read.

Parameters are numbered as they stand in the text, from 0 (`?`, `%s`), or go by name
(`:name`, `%(name)s`); `$1` is number 0.
"""

from __future__ import annotations

import functools
import logging
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from pi_lint.frontend.query import Column, Condition, Constant, Kind, Parameter, Query

__all__ = ["Column", "Condition", "Query", "columns", "queries"]

_VERB = re.compile(
    r"\A(?:\s|--[^\n]*\n|/\*.*?\*/|\()*"
    r"(?:select|insert|update|delete|replace|merge|with|create|truncate|drop|copy|values)\b",
    re.IGNORECASE | re.DOTALL,
)
# A quoted text, a comment or a parameter; only parameters are rewritten.
_PARAMETER = re.compile(
    r"""'(?:[^']|'')*'|"(?:[^"]|"")*"|`[^`]*`|--[^\n]*|/\*.*?\*/"""
    r"""|(?P<percent>%%)|(?P<anonymous>\?|%s)|%\((?P<name>\w+)\)s|\$(?P<number>\d+)\b|(?<![:\w]):(?P<colon>[A-Za-z_]\w*)""",
    re.DOTALL,
)
_REPLACE = re.compile(r"\A\s*REPLACE\s+INTO\b", re.IGNORECASE)
_PREFIX = "pi_lint_parameter_"
_DIALECTS = ("", "postgres", "mysql", "sqlite", "tsql")
_BRACKETED = re.compile(r"\[[A-Za-z_]\w*\]")
_LONGEST = 50_000


def columns(query: str) -> Query | None:
    """The first statement of a text; None where it is no SQL that can be read. Never raises."""
    found = queries(query)
    return found[0] if found else None


@functools.lru_cache(maxsize=4096)
def queries(text: str) -> tuple[Query, ...]:
    """All statements of a text, in order; none where it is no SQL that can be read. Never raises."""
    if len(text) > _LONGEST or not _VERB.match(text):
        return ()
    from sqlglot import errors

    prepared = _numbered(_REPLACE.sub("INSERT INTO", text, count=1))
    opaque: tuple[Query, ...] = ()
    for dialect in _dialects(text):
        try:
            trees = _trees(prepared, dialect)
            found = tuple(query for tree in trees if (query := _query(tree)) is not None)
        except (errors.SqlglotError, RecursionError, ValueError, TypeError, AttributeError, LookupError):
            continue  # the next dialect may read it
        if all(tree.key != "command" for tree in trees):
            return found
        opaque = opaque or found  # a statement that this dialect does not take apart
    return opaque


def _dialects(text: str) -> tuple[str, ...]:
    """Dialects to try, the one first whose quotes the text uses."""
    likely = "mysql" if "`" in text else "tsql" if _BRACKETED.search(text) else ""
    return (likely, *(dialect for dialect in _DIALECTS if dialect != likely))


def _numbered(text: str) -> str:
    """Give every parameter a name of its own, in one spelling that all dialects read."""
    count = 0

    def replace(match: re.Match[str]) -> str:
        nonlocal count
        if match.group("percent"):
            return "%"
        if match.group("anonymous"):
            count += 1
            return f":{_PREFIX}{count - 1}"
        if match.group("number"):
            return f":{_PREFIX}{int(match.group('number')) - 1}"
        name = match.group("name") or match.group("colon")
        return f":{name}" if name else match.group()

    return _PARAMETER.sub(replace, text)


def _trees(text: str, dialect: str) -> list[Any]:
    import sqlglot

    log = logging.getLogger("sqlglot")
    level = log.level
    log.setLevel(logging.CRITICAL)  # it warns of statements that it does not take apart
    try:
        return [tree for tree in sqlglot.parse(text, read=dialect or None) if tree is not None]
    finally:
        log.setLevel(level)


def _query(tree: Any) -> Query | None:
    from sqlglot import exp

    if isinstance(tree, exp.Query):
        return _select(tree)
    if isinstance(tree, (exp.Insert, exp.Merge)):
        return _insert(tree)
    if isinstance(tree, exp.Update):
        assignments = [item for item in tree.expressions if isinstance(item, exp.EQ)]
        written = tuple(_written(item.this.name, item.expression, {}) for item in assignments)
        return _changed(tree, "update", written) if written else None  # "update your address" is English
    if isinstance(tree, exp.Delete):
        return _changed(tree, "delete", ())
    if isinstance(tree, (exp.TruncateTable, exp.Drop)):
        return Query("delete" if _drops_table(tree) else "other", tables=_tables(tree))
    if isinstance(tree, exp.Create):
        if isinstance(tree.expression, exp.Query):
            inner = _select(tree.expression)
            return Query("create", inner.columns, _tables(tree), inner.where, inner.has_where, inner.where_columns)
        declared = tuple(Column(item.name) for item in tree.find_all(exp.ColumnDef))
        return Query("create", declared, _tables(tree))
    return Query("other", tables=_tables(tree))


def _drops_table(tree: Any) -> bool:
    return str(tree.args.get("kind") or "TABLE").upper() in ("TABLE", "SCHEMA", "DATABASE")


def _changed(tree: Any, kind: Kind, written: tuple[Column, ...]) -> Query:
    where = tree.args.get("where")
    aliases = _aliases(tree)
    names = _column_names(where)
    returned = _returning(tree, aliases)
    return Query(kind, written, _tables(tree), _conditions(where, aliases), where is not None, names, returned)


def _insert(tree: Any) -> Query:
    from sqlglot import exp

    target = tree.this
    if isinstance(target, exp.Schema):
        names = [item.name for item in target.expressions]
    else:
        names = []
    value = tree.expression
    written: list[Column] = []
    if isinstance(value, exp.Values):
        for row in value.expressions:
            items = row.expressions if isinstance(row, exp.Tuple) else [row]
            for number, item in enumerate(items):
                written.append(_written(names[number] if number < len(names) else "", item, {}))
    elif isinstance(value, exp.Query):
        given = _select(value).columns
        for number, column in enumerate(given):
            written.append(replace(column, name=names[number] if number < len(names) else column.name))
    else:
        written = [Column(name) for name in names]
    return Query("insert", tuple(written), _tables(tree), returning=_returning(tree, {}))


def _returning(tree: Any, aliases: Mapping[str, Any]) -> tuple[Column, ...]:
    clause = tree.args.get("returning")
    if clause is None:
        return ()
    return tuple(column for item in clause.expressions for column in _given(item, aliases))


def _select(tree: Any) -> Query:
    """Columns and conditions of a SELECT; of a UNION those of its first part, with all parts' sources."""
    from sqlglot import exp

    if isinstance(tree, exp.Subquery):
        return _select(tree.this)
    if isinstance(tree, exp.SetOperation):
        left, right = _select(tree.left), _select(tree.right)
        merged = list(left.columns)
        for number, column in enumerate(right.columns[: len(merged)]):
            first = merged[number]
            merged[number] = Column(
                first.name,
                tuple(dict.fromkeys(first.sources + column.sources)),
                first.is_aggregate and column.is_aggregate,
                first.star or column.star,
                first.params + column.params,
            )
        shared = tuple(condition for condition in left.where if condition in right.where)
        names = tuple(dict.fromkeys(left.where_columns + right.where_columns))
        return Query("select", tuple(merged), _tables(tree), shared, left.has_where and right.has_where, names)
    aliases = _aliases(tree)
    given = tuple(column for item in tree.expressions for column in _given(item, aliases))
    where = tree.args.get("where")
    conditions = list(_conditions(where, aliases))
    for join in tree.args.get("joins") or ():
        if (join.side or "").upper() not in ("LEFT", "RIGHT", "FULL"):
            conditions += _conditions(join.args.get("on"), aliases)
    filtered = where is not None
    names = _column_names(where)
    for meaning in aliases.values():  # what an inner query filters is filtered here as well
        if not isinstance(meaning, str):
            inner = _select(meaning)
            conditions += inner.where
            filtered = filtered or inner.has_where
            names = tuple(dict.fromkeys(names + inner.where_columns))
    return Query("select", given, _tables(tree), tuple(conditions), filtered, names)


def _aliases(tree: Any) -> dict[str, Any]:
    """What the names in a statement's FROM mean: a table's name, or the query behind it."""
    from sqlglot import exp

    common: dict[str, Any] = {}
    node = tree
    while node is not None:  # inner queries see the WITH of those around them
        clause = node.args.get("with_") or node.args.get("with")
        for item in clause.expressions if clause is not None else ():
            if item.this is not tree and item.alias_or_name not in common and tree not in item.walk():
                common[item.alias_or_name] = item.this
        node = node.parent
    aliases: dict[str, Any] = {}
    clause = tree.args.get("from_") or tree.args.get("from")
    sources = [clause.this] if clause is not None else []
    sources += [join.this for join in tree.args.get("joins") or ()]
    if isinstance(tree, (exp.Update, exp.Delete)):
        sources.append(tree.this)
    for source in sources:
        if isinstance(source, exp.Table):
            sources += [join.this for join in source.args.get("joins") or ()]
            aliases[source.alias_or_name] = common.get(source.name, source.name)
        elif isinstance(source, exp.Subquery):
            aliases[source.alias_or_name] = source.this
    return aliases


def _given(item: Any, aliases: Mapping[str, Any]) -> Iterator[Column]:
    """The column or columns that one entry of a select list gives."""
    from sqlglot import exp

    value = item.this if isinstance(item, exp.Alias) else item
    if isinstance(value, exp.Star):
        for name in aliases:
            yield from _starred(aliases[name])
        if not aliases:
            yield Column("*", star=True)
    elif isinstance(value, exp.Column) and isinstance(value.this, exp.Star):
        yield from _starred(aliases.get(value.table, value.table))
    else:
        yield _written(item.alias_or_name, value, aliases)


def _starred(meaning: Any) -> Iterator[Column]:
    if isinstance(meaning, str):
        yield Column("*", ((meaning, "*"),), star=True)
    else:
        yield from _select(meaning).columns


def _written(name: str, value: Any, aliases: Mapping[str, Any]) -> Column:
    """A column of that name with that value."""
    from sqlglot import exp

    params = tuple(_parameter(item) for item in value.find_all(exp.Placeholder))
    known, constant = _constant(value)
    sources: list[tuple[str, str]] = []
    hidden = False
    for column in value.find_all(exp.Column, exp.Select, bfs=False):
        if column.parent_select is not value.parent_select:
            continue  # a name of an inner query
        if _tells_no_value(column, value):
            hidden = True
            continue
        if isinstance(column, exp.Select):
            found = [source for inner in _select(column).columns for source in inner.sources]
        else:
            found = _resolved(column, aliases)
        hidden = hidden or not found
        sources += found
    told = tuple(dict.fromkeys(sources))
    aggregate = (hidden and not told) or isinstance(value, (exp.Count, exp.Exists))
    return Column(name, told, aggregate, False, params, known, constant)


def _resolved(column: Any, aliases: Mapping[str, Any]) -> list[tuple[str, str]]:
    """(table, column) behind a column; none where an inner query makes it an aggregate."""
    meanings = [aliases[column.table]] if column.table in aliases else list(aliases.values())
    if not meanings:
        return [(column.table, column.name)]
    tables = [meaning for meaning in meanings if isinstance(meaning, str)]
    for meaning in meanings:
        if isinstance(meaning, str):
            continue
        for inner in _select(meaning).columns:
            if inner.name == column.name:
                return list(inner.sources)
            if inner.star and (len(meanings) == 1 or column.table):
                return [(inner.table, column.name)]
    return [(tables[0] if len(tables) == 1 else "", column.name)]


def _tells_no_value(column: Any, top: Any) -> bool:
    """Whether something between a column and the whole value leaves nothing of the single value."""
    from sqlglot import exp

    collecting = (exp.GroupConcat, exp.ArrayAgg, exp.AnyValue, exp.JSONArrayAgg, exp.JSONObjectAgg, exp.First, exp.Last)
    node, inside = column.parent, column
    while node is not None and inside is not top:
        if isinstance(node, exp.AggFunc) and not isinstance(node, collecting):
            return True
        if isinstance(node, (exp.Predicate, exp.Length, exp.Exists)) and not isinstance(node, exp.Case):
            return True
        if isinstance(node, exp.If) and node.this is inside:
            return True  # the condition of a CASE
        inside, node = node, node.parent
    return False


def _conditions(clause: Any, aliases: Mapping[str, Any]) -> tuple[Condition, ...]:
    """The equalities that hold wherever the clause does."""
    from sqlglot import exp

    found: list[Condition] = []
    stack = [clause.this if isinstance(clause, exp.Where) else clause]
    while stack:
        item = stack.pop()
        if isinstance(item, exp.And):
            stack += (item.expression, item.this)
        elif isinstance(item, exp.Paren):
            stack.append(item.this)
        elif isinstance(item, exp.Column):
            found.append(_condition(item, aliases, True, None))
        elif isinstance(item, exp.Not) and isinstance(item.this, exp.Column):
            found.append(_condition(item.this, aliases, False, None))
        elif isinstance(item, (exp.EQ, exp.Is)):
            left, right = item.this, item.expression
            if not isinstance(left, exp.Column):
                left, right = right, left
            known, constant = _constant(right)
            if isinstance(left, exp.Column) and isinstance(right, exp.Placeholder):
                found.append(_condition(left, aliases, None, _parameter(right)))
            elif isinstance(left, exp.Column) and known:
                found.append(_condition(left, aliases, constant, None))
    return tuple(found)


def _condition(column: Any, aliases: Mapping[str, Any], value: Constant, param: Parameter | None) -> Condition:
    found = _resolved(column, aliases)
    table, name = found[0] if found else ("", column.name)
    return Condition(name, table, value, param)


def _constant(value: Any) -> tuple[bool, Constant]:
    from sqlglot import exp

    if isinstance(value, exp.Boolean):
        return True, bool(value.this)
    if isinstance(value, exp.Null):
        return True, None
    if isinstance(value, exp.Literal):
        text = str(value.this)
        if value.is_string:
            return True, text
        return True, float(text) if "." in text or "e" in text.lower() else int(text)
    return False, None


def _parameter(item: Any) -> Parameter:
    name = str(item.name)
    return int(name.removeprefix(_PREFIX)) if name.startswith(_PREFIX) else name


def _column_names(clause: Any) -> tuple[str, ...]:
    from sqlglot import exp

    return () if clause is None else tuple(dict.fromkeys(item.name for item in clause.find_all(exp.Column, bfs=False)))


def _tables(tree: Any) -> tuple[str, ...]:
    """The real tables that a statement names, common table expressions left out."""
    from sqlglot import exp

    common = {item.alias_or_name for item in tree.find_all(exp.CTE)}
    names = (item.name for item in tree.find_all(exp.Table, bfs=False))
    return tuple(dict.fromkeys(name for name in names if name and name not in common))
