"""SQL text: the columns that a query gives, those that a statement writes, who was selected (SPEC 4.5, 8.13)."""

from __future__ import annotations

from typing import Any

from pi_lint.flow import kinds
from pi_lint.flow.arguments import Arguments
from pi_lint.flow.attributes import set_field
from pi_lint.flow.domain import BOTTOM, CLEAN, Facts, Labels, Ref, Value, constant
from pi_lint.flow.elements import iterate
from pi_lint.flow.frame import Frame
from pi_lint.flow.heap import Obj
from pi_lint.flow.items import read_item
from pi_lint.flow.kinds import behaviour
from pi_lint.flow.members import field_of
from pi_lint.flow.recording import record
from pi_lint.flow.show import shown
from pi_lint.flow.unknown import call_ref
from pi_lint.frontend import sql
from pi_lint.frontend.query import Query
from pi_lint.knowledge.compiled import CallSpec
from pi_lint.project.program import Class

Receiver = Value | None


def text_of(fr: Frame, value: Value | None) -> str | None:
    """The constant SQL text of an argument, also inside `text("...")`."""
    if value is None:
        return None
    for const in value.consts:
        if isinstance(const, str):
            return const
    for ref in value.refs:
        obj = fr.obj(ref)
        if obj is not None and obj.kind in ("ext", "sqltext"):
            held = obj.fields.get("@0")
            for const in held.consts if held is not None else ():
                if isinstance(const, str):
                    return const
    return None


def execute(fr: Frame, spec: CallSpec, receiver: Receiver, arguments: Arguments, pos: int) -> Value | None:
    """Run a constant SQL text: a query gives rows, a statement writes its columns' parameters."""
    selector = spec.options.get("text", 0)
    statement = text_of(fr, arguments.get(selector) if isinstance(selector, (int, str)) else None)
    query = sql.columns(statement) if statement is not None else None
    if query is None:
        return None
    if query.kind == "select":
        rows = rows_value(fr, query, pos)
        _remember(fr, receiver, rows)
        return rows
    if query.kind in ("insert", "update"):
        _written(fr, spec, query, arguments, pos)
    made = call_ref(fr, spec.names[0], receiver, arguments, pos)
    return Value((made,), {}, (), True)


kinds.BEHAVIOURS["sql-execute"] = execute


def _remember(fr: Frame, receiver: Receiver, rows: Value) -> None:
    """A cursor gives later what it was told to run."""
    for ref in receiver.refs if receiver is not None else ():
        if ref.kind in ("opaque", "alloc"):
            set_field(fr, ref, "@rows", rows, True)


def rows_value(fr: Frame, query: Query, pos: int) -> Value:
    """The rows of a query as a value."""
    row = _row(fr, query, pos)
    return fr.alloc(pos, "rows", Obj("rows", _conditions(query), {}, row))


def _conditions(query: Query) -> tuple[tuple[str, Any], ...]:
    return tuple((condition.column, condition.value) for condition in query.where if condition.param is None)


def _row(fr: Frame, query: Query, pos: int) -> Value:
    origin = fr.ctx.opaque(pos, "sqlrow")
    origin.info = ("row", "", None, (), ())
    origin.owner = query.tables[0] if query.tables else ""
    fields: dict[Any, Value] = {}
    rest = BOTTOM
    for number, column in enumerate(query.columns):
        if column.star:
            rest = fr.domain.join(rest, _star(fr, query, fields, origin))
            continue
        value = CLEAN
        if not column.is_aggregate:
            parts = [_column(fr, query, origin, source, table) for table, source in column.sources]
            value = fr.domain.join_all(parts) if parts else CLEAN
        fields[number] = value
        if column.name:
            fields[column.name] = value
    return fr.alloc(pos, "row", Obj("row", None, fields, rest))


def _column(fr: Frame, query: Query, origin: Ref, source: str, table: str) -> Value:
    owner = origin
    if table and table != origin.owner:
        owner = origin.child(("a", table))
        owner.owner = table
    model = _model(fr, table or origin.owner)
    field = field_of(model, source) if model is not None else None
    if field is not None and field.clean:
        return CLEAN
    child = owner.child(("k", source), origin.place)
    child.place = child.place or origin.place
    return fr.opaque(child)


def _star(fr: Frame, query: Query, fields: dict[Any, Value], origin: Ref) -> Value:
    """`SELECT *`: the columns that the project declares for the table."""
    for table in query.tables:
        model = _model(fr, table)
        if model is None:
            continue
        for base in model.mro():
            for name, field in base.fields.items() if isinstance(base, Class) else ():
                if field.target is None and not field.clean:
                    child = origin.child(("k", name), origin.place)
                    fields.setdefault(name, fr.opaque(child))
                    fields.setdefault(len([key for key in fields if isinstance(key, int)]), fr.opaque(child))
        return BOTTOM
    return CLEAN


def _model(fr: Frame, table: str) -> Class | None:
    """The model that keeps a table."""
    wanted = table.lower()
    if not wanted:
        return None
    for module in fr.engine.program.modules:
        for cls in module.classes.values():
            if cls.traits.get("record"):
                name = str(cls.traits.get("table") or fr.engine.classes.table_name(cls))
                if name.lower() == wanted or wanted.endswith("_" + name.lower()):
                    return cls
    return None


def _written(fr: Frame, spec: CallSpec, query: Query, arguments: Arguments, pos: int) -> None:
    """The parameters that an INSERT or UPDATE keeps; values that only select rows are not kept."""
    selector = spec.options.get("params", 1)
    params = arguments.get(selector) if isinstance(selector, (int, str)) else None
    if params is None and len(arguments.pos) > 1:
        params = arguments.pos[1]
    labels: Labels = {}
    many = bool(spec.options.get("many"))
    spread = bool(spec.options.get("spread"))
    for column in query.columns:
        for parameter in column.params:
            if spread and isinstance(parameter, int):
                value = arguments.pos[parameter + 1] if parameter + 1 < len(arguments.pos) else BOTTOM
            elif params is None:
                continue
            else:
                source = iterate(fr, params, pos) if many else params
                value = read_item(fr, source, constant(parameter), pos)
            named = fr.named(value, column.name, query.table, pos)
            labels = fr.domain.join_labels(labels, shown(fr, named, "data"))
    record(fr, "database", spec.names[0], labels, pos)


@behaviour("fetch")
def fetch(fr: Frame, spec: CallSpec, receiver: Receiver, arguments: Arguments, pos: int) -> Value | None:
    """`cursor.fetchone()`, `.fetchall()`, `.scalar()`: option form one, all or scalar."""
    form = str(spec.options.get("form", "all"))
    result = BOTTOM
    for ref in receiver.refs if receiver is not None else ():
        obj = fr.obj(ref)
        rows = Value((ref,)) if obj is not None and obj.kind in ("rows", "query") else None
        if rows is None and obj is not None:
            rows = obj.fields.get("@rows")
        if rows is None:
            continue
        if form == "all":
            result = fr.domain.join(result, rows)
        else:
            row = iterate(fr, rows, pos)
            result = fr.domain.join(result, read_item(fr, row, constant(0), pos) if form == "scalar" else row)
    return result if not result.is_bottom() else None


@behaviour("sql-text")
def sql_text(fr: Frame, spec: CallSpec, receiver: Receiver, arguments: Arguments, pos: int) -> Value:
    """`text("SELECT ...")`."""
    return fr.alloc(pos, "sqltext", Obj("sqltext", None, {"@0": arguments.pos[0] if arguments.pos else CLEAN}))


def _facts(fr: Frame, ref: Ref, obj: Obj, _element: Value) -> Facts:
    found = set()
    origins = {
        label.source.parent for value in _row_values(fr, obj) for label in value.labels if isinstance(label.source, Ref)
    }
    for origin in origins:
        if origin is None:
            continue
        for name, const in obj.cls or ():
            field = origin.child(("k", name))
            if const is True or const == 1:
                found.add(fr.domain.fact("true", field))
            elif isinstance(const, str):
                found.add(fr.domain.fact("eq", field, const))
    return frozenset(found)


def _row_values(fr: Frame, obj: Obj) -> list[Value]:
    return [value for ref in obj.rest.refs if (row := fr.obj(ref)) is not None for value in row.values()]


def _iterate(fr: Frame, ref: Ref, obj: Obj, pos: int) -> Value:
    facts = _facts(fr, ref, obj, BOTTOM)
    if not facts:
        return obj.rest
    refs = []
    for item in obj.rest.refs:
        row = fr.obj(item)
        if row is None:
            continue
        guarded = row.replace(fields={key: fr.domain.guard(value, facts) for key, value in row.fields.items()})
        refs += list(fr.alloc(pos, ("guarded", item), guarded).refs)
    return Value(tuple(refs))


def _item(fr: Frame, ref: Ref, obj: Obj, index: Value, pos: int) -> Value | None:
    if index.is_constant() and all(isinstance(const, str) for const in index.consts):
        return read_item(fr, obj.rest, index, pos)
    return _iterate(fr, ref, obj, pos)


def _show(fr: Frame, ref: Ref, obj: Obj, mode: str) -> Labels:
    return shown(fr, _iterate(fr, ref, obj, 0), "data")


kinds.ITERATION["rows"] = _iterate
kinds.ITEMS["rows"] = _item
kinds.SHOWS["rows"] = _show
kinds.ELEMENT_FACTS["rows"] = _facts
