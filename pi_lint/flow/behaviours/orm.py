"""Object-relational queries: which columns of which model, and which rows were selected.

User.objects.filter(consent=True).values("email")
query of User, where consent, columns (email), rows are dictionaries
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from pi_lint.flow import kinds
from pi_lint.flow.arguments import Arguments
from pi_lint.flow.attributes import read_attr, typed_child
from pi_lint.flow.behaviours.sql import execute
from pi_lint.flow.classes import Field
from pi_lint.flow.conditions import column_condition
from pi_lint.flow.domain import BOTTOM, CLEAN, Facts, Labels, Ref, Value, constant
from pi_lint.flow.elements import make_sequence
from pi_lint.flow.frame import Frame
from pi_lint.flow.heap import Obj
from pi_lint.flow.items import read_item
from pi_lint.flow.kinds import behaviour
from pi_lint.flow.members import field_of
from pi_lint.flow.recording import record
from pi_lint.flow.show import is_record, shown
from pi_lint.flow.unknown import call_ref
from pi_lint.knowledge.compiled import CallSpec
from pi_lint.project.program import Class, class_of

Receiver = Value | None


@dataclass(frozen=True)
class Query:
    """A selection of rows. form: "objects", "dicts", "tuples" or "flat"; single: at most one row."""

    model: Class
    columns: tuple[str, ...] | None = None
    form: str = "objects"
    where: tuple[tuple[str, Any], ...] = ()
    narrowed: bool = False


def query_value(fr: Frame, query: Query, pos: int, tag: Any) -> Value:
    """A query as a value."""
    return fr.alloc(pos, ("query", tag), Obj("query", query), query.model.name)


def query_of(fr: Frame, value: Value | None) -> tuple[Ref, Query] | None:
    """The query that a value is, if it is one."""
    for ref in value.refs if value is not None else ():
        obj = fr.obj(ref)
        if obj is not None and obj.kind == "query":
            return ref, obj.cls
    return None


def model_of(fr: Frame, value: Value | None) -> Class | None:
    """The model class that a value is."""
    for ref in value.refs if value is not None else ():
        obj = fr.obj(ref)
        if obj is not None and obj.kind == "class" and isinstance(obj.cls, Class):
            return obj.cls
    return None


def row_object(fr: Frame, ref: Ref, query: Query) -> Value:
    """One loaded instance of a query's model; columns that were not selected hold nothing."""
    child = ref.child(("i",))
    value = typed_child(fr, child, query.model)
    if query.form == "objects" and query.columns is not None:
        obj = fr.obj(child)
        if obj is not None and not obj.fields:
            names = [name for base in query.model.mro() if isinstance(base, Class) for name in base.fields]
            hidden = {name: CLEAN for name in names if name not in query.columns}
            fr.put(child, obj.replace(fields=hidden))
    return value


def column_value(fr: Frame, owner: Value, path: str, pos: int) -> Value:
    """A column by name, through related models (`patient__phone`)."""
    value = owner
    for part in path.split("__"):
        if part in ("pk", "id"):
            return CLEAN
        value = read_attr(fr, value, part, pos)
    if any(ref.kind == "alloc" for ref in value.refs):
        return CLEAN  # a related object as a column is its key
    return value


def element(fr: Frame, ref: Ref, query: Query, pos: int) -> Value:
    """One row of a query, in the form that it gives."""
    owner = row_object(fr, ref, replace(query, columns=None) if query.form != "objects" else query)
    if query.form == "objects":
        return owner
    names = query.columns
    if names is None:
        names = tuple(
            name for base in query.model.mro() if isinstance(base, Class)
            for name, field in base.fields.items() if field.target is None
        )  # fmt: skip
    values = [column_value(fr, owner, name, pos) for name in names]
    if query.form == "flat":
        return values[0] if values else CLEAN
    if query.form == "dicts":
        return fr.alloc(pos, ("row", ref), Obj("dict", None, dict(zip(names, values, strict=True))))
    return make_sequence(fr, "tuple", values, pos, ("row", ref))


def _facts(fr: Frame, ref: Ref, obj: Obj, _element: Value) -> Facts:
    query: Query = obj.cls
    found = set()
    row = ref.child(("i",))
    for name, const in query.where:
        field = row.child(("a", name))
        if const is True or const == 1:
            found.add(fr.domain.fact("true", field))
        elif const is not False and const is not None:
            found.add(fr.domain.fact("eq", field, const if isinstance(const, (str, int)) else None))
    return frozenset(found)


def _iterate(fr: Frame, ref: Ref, obj: Obj, pos: int) -> Value:
    return fr.domain.guard(element(fr, ref, obj.cls, pos), _facts(fr, ref, obj, BOTTOM))


def _item(fr: Frame, ref: Ref, obj: Obj, index: Value, pos: int) -> Value | None:
    return _iterate(fr, ref, obj, pos)


def _show(fr: Frame, ref: Ref, obj: Obj, mode: str) -> Labels:
    row = element(fr, ref, obj.cls, 0)
    labels = shown(fr, row, "str" if mode != "data" else "data")
    return fr.domain.guard(Value((), labels), _facts(fr, ref, obj, BOTTOM)).labels


# -- where queries come from -----------------------------------------------------------


def _manager(fr: Frame, ref: Ref, cls: Class, name: str, pos: int) -> Value | None:
    managers = cls.traits.get("managers", ())
    if name in managers:
        return query_value(fr, Query(cls), pos, ("manager", ref))
    if cls.traits.get("record"):
        field = field_of(cls, name)
        if field is not None:
            return fr.alloc(pos, ("column", ref, name), Obj("column", (cls, name)), name)
    return None


def related(fr: Frame, child: Ref, target: Any) -> Obj | None:
    """A relation to many: a query over the other model."""
    if isinstance(target, Class) and target.traits.get("record"):
        return Obj("query", Query(target, narrowed=True))
    return None


@behaviour("user-model")
def user_model(fr: Frame, spec: CallSpec, receiver: Receiver, arguments: Arguments, pos: int) -> Value:
    """`get_user_model()`: the project's own model of users, or the library's."""
    base = str(spec.options.get("base", ""))
    for module in fr.engine.program.modules:
        for cls in module.classes.values():
            if cls.ref is not None and base in cls.mro():
                return Value((cls.ref,))
    return fr.engine.classes.synthetic(str(spec.options.get("class", "")))


@behaviour("query-of")
def query_of_model(fr: Frame, spec: CallSpec, receiver: Receiver, arguments: Arguments, pos: int) -> Value | None:
    """`session.query(Model)`, `select(Model.a, Model.b)`: options form."""
    columns: list[str] = []
    model: Class | None = None
    whole = False
    clean = 0
    for value in arguments.pos:
        for ref in value.refs:
            obj = fr.obj(ref)
            if obj is not None and obj.kind == "class" and isinstance(obj.cls, Class):
                model, whole = model or obj.cls, True
            elif obj is not None and obj.kind == "column":
                model = model or obj.cls[0]
                columns.append(obj.cls[1])
            elif obj is not None and obj.kind == "aggregate":
                columns.append("pk")
                clean += 1
    if model is None:
        return CLEAN if clean else None
    if whole and not columns:
        return query_value(fr, Query(model), pos, "select")
    return query_value(fr, Query(model, tuple(columns), "rows"), pos, "select")


@behaviour("aggregate")
def aggregate(fr: Frame, spec: CallSpec, receiver: Receiver, arguments: Arguments, pos: int) -> Value:
    """`func.count(column)`: a number."""
    return fr.alloc(pos, "aggregate", Obj("aggregate"))


@behaviour("load-one")
def load_one(fr: Frame, spec: CallSpec, receiver: Receiver, arguments: Arguments, pos: int) -> Value | None:
    """`session.get(Model, key)`, `get_object_or_404(Model, ...)`: one loaded instance. Option of (selector)."""
    model = model_of(fr, arguments.get(int(str(spec.options.get("of", 0)))))
    found = query_of(fr, arguments.get(int(str(spec.options.get("of", 0)))))
    if found is not None:
        fr.add_facts(_conditions(fr, found[0], found[1], arguments))
        return element(fr, found[0], found[1], pos)
    if model is None:
        return None
    ref = query_value(fr, Query(model, narrowed=True), pos, "one").refs[0]
    query = Query(model, where=_where(arguments), narrowed=True)
    fr.put(ref, Obj("query", query))
    fr.add_facts(_facts(fr, ref, Obj("query", query), BOTTOM))
    return element(fr, ref, query, pos)


def _conditions(fr: Frame, ref: Ref, query: Query, arguments: Arguments) -> Facts:
    return _facts(fr, ref, Obj("query", replace(query, where=query.where + _where(arguments))), BOTTOM)


def _where(arguments: Arguments) -> tuple[tuple[str, Any], ...]:
    return tuple(
        (name, value.consts[0])
        for name, value in arguments.kw.items()
        if value.is_constant() and len(value.consts) == 1
    )


# -- steps -----------------------------------------------------------------------------


@behaviour("query-step")
def query_step(fr: Frame, spec: CallSpec, receiver: Receiver, arguments: Arguments, pos: int) -> Value | None:
    """A method of a query; option op says which."""
    found = query_of(fr, receiver)
    if found is None:
        return None
    ref, query = found
    op = str(spec.options.get("op", "same"))
    if op == "where":
        where = query.where + _where(arguments) + _expressions(fr, arguments)
        return query_value(fr, replace(query, where=where, narrowed=True), pos, ref)
    if op == "same":
        return query_value(fr, query, pos, ref)
    if op in ("dicts", "tuples"):
        names = _names(arguments)
        flat = arguments.kw.get("flat")
        form = "flat" if flat is not None and flat.consts == (True,) else op
        return query_value(fr, replace(query, columns=names or None, form=form), pos, ref)
    if op == "only":
        return query_value(fr, replace(query, columns=_names(arguments)), pos, ref)
    if op == "defer":
        gone = _names(arguments)
        every = tuple(n for base in query.model.mro() if isinstance(base, Class) for n in base.fields if n not in gone)
        return query_value(fr, replace(query, columns=every), pos, ref)
    if op == "one":
        facts = _conditions(fr, ref, query, arguments)
        if query.form == "rows":
            return fr.domain.guard(_row(fr, ref, query, pos), facts)
        value = element(fr, ref, query, pos)
        fr.add_facts(facts)
        return (
            fr.domain.join(fr.domain.guard(value, facts), Value(consts=(None,))) if spec.options.get("maybe") else value
        )
    if op == "scalar":
        if query.form == "rows":
            row = _row(fr, ref, query, pos)
            return read_item(fr, row, constant(0), pos)
        return element(fr, ref, query, pos)
    if op == "rows":
        return Value((ref,))
    if op == "count":
        made = call_ref(fr, spec.id, receiver, arguments, pos)
        made.info = ("call", spec.id, ref, (), tuple(query.where) + _where(arguments))
        return Value((made,), {}, (), True)
    return None


def _names(arguments: Arguments) -> tuple[str, ...]:
    return tuple(const for value in arguments.pos for const in value.consts if isinstance(const, str))


def _expressions(fr: Frame, arguments: Arguments) -> tuple[tuple[str, Any], ...]:
    """Conditions made of columns (`Model.consent == True`, `Model.consent.is_(True)`)."""
    found: list[tuple[str, Any]] = []
    for value in arguments.pos:
        for ref in value.refs:
            obj = fr.obj(ref)
            if obj is not None and obj.kind == "column":
                found.append((obj.cls[1], True))
            elif obj is not None and obj.kind == "condition":
                found.append((obj.cls[1], obj.cls[2]))
    return tuple(found)


def _row(fr: Frame, ref: Ref, query: Query, pos: int) -> Value:
    """A row of selected columns: by index, by name and as attributes."""
    owner = row_object(fr, ref, Query(query.model))
    names = query.columns or ()
    values = [column_value(fr, owner, name, pos) for name in names]
    fields: dict[Any, Value] = dict(enumerate(values))
    fields.update(zip(names, values, strict=True))
    return fr.alloc(pos, ("row", ref), Obj("row", names, fields))


def _element_of_rows(fr: Frame, ref: Ref, obj: Obj, pos: int) -> Value:
    if obj.cls.form == "rows":
        return fr.domain.guard(_row(fr, ref, obj.cls, pos), _facts(fr, ref, obj, BOTTOM))
    return _iterate(fr, ref, obj, pos)


def _show_query(fr: Frame, ref: Ref, obj: Obj, mode: str) -> Labels:
    if obj.cls.form == "rows":
        return shown(fr, _row(fr, ref, obj.cls, 0), "data")
    return _show(fr, ref, obj, mode)


# -- writing ---------------------------------------------------------------------------


@behaviour("query-write")
def query_write(fr: Frame, spec: CallSpec, receiver: Receiver, arguments: Arguments, pos: int) -> Value | None:
    """`objects.create(a=1)`, `.update(a=1)`, `get_or_create(defaults={...})`: option op."""
    found = query_of(fr, receiver)
    model = found[1].model if found is not None else model_of(fr, receiver)
    if model is None:
        return None
    given = dict(arguments.kw)
    if spec.options.get("op") != "create":
        defaults = given.pop("defaults", None)
        for ref in defaults.refs if defaults is not None else ():
            obj = fr.obj(ref)
            if obj is not None and obj.kind == "dict":
                given.update({key: value for key, value in obj.fields.items() if isinstance(key, str)})
    if spec.options.get("mapping"):
        for value in arguments.pos:
            for ref in value.refs:
                obj = fr.obj(ref)
                if obj is not None and obj.kind == "dict":
                    given.update({key: item for key, item in obj.fields.items() if isinstance(key, str)})
    labels: Labels = {}
    for name, value in given.items():
        field = field_of(model, name.split("__")[0])
        if field is not None and (field.encrypted or field.target is not None or field.clean):
            continue
        if any(is_record(fr, ref) for ref in value.refs):
            continue  # a related row: its key is kept
        named = fr.named(value, name, model.name, pos)
        labels = fr.domain.join_labels(labels, shown(fr, named, "data"))
    record(fr, "database", f"{model.name}.{spec.options.get('op', 'write')}", labels, pos)
    if spec.options.get("op") == "update":
        return CLEAN
    if model.ref is None:
        return CLEAN
    made = fr.engine.classes.construct(fr, model.ref, model, Arguments((), given), pos)
    if spec.options.get("pair"):
        return make_sequence(fr, "tuple", [made, CLEAN], pos, "pair")
    return made


@behaviour("execute-statement")
def execute_statement(fr: Frame, spec: CallSpec, receiver: Receiver, arguments: Arguments, pos: int) -> Value | None:
    """`session.execute(statement)`: a query gives its rows, a write is a write, a text is SQL."""
    if not arguments.pos:
        return None
    for ref in arguments.pos[0].refs:
        obj = fr.obj(ref)
        if obj is not None and obj.kind == "query":
            return Value((ref,))
        if obj is not None and obj.kind == "statement":
            record(fr, "database", spec.names[0], shown(fr, obj.rest, "data"), pos)
            return CLEAN
    return execute(fr, spec, receiver, arguments, pos)


def _statement_show(fr: Frame, ref: Ref, obj: Obj, mode: str) -> Labels:
    return shown(fr, obj.rest, "data")


def _column_compare(fr: Frame, ref: Ref, obj: Obj, name: str, arguments: Arguments, pos: int) -> Value | None:
    if name == "is_" and arguments.pos:
        return column_condition(fr, ref, obj, arguments.pos[0], pos)
    return fr.alloc(pos, ("condition", ref, name), Obj("condition", (*obj.cls, None)))


@behaviour("table")
def table(fr: Frame, spec: CallSpec, receiver: Receiver, arguments: Arguments, pos: int) -> Value:
    """`Table("members", metadata, Column("phone", String))`: a model without a class."""
    label = next((c for value in arguments.pos[:1] for c in value.consts if isinstance(c, str)), "table")
    node = ("cls", pos, label, (), (), (), ())
    cls = class_of(fr.module, node, fr.function, None)
    ref = fr.ctx.alloc(pos, "class", label)
    cls.ref, cls.bases = ref, []
    cls.fields = {}
    cls.traits = {"record": True, "table": label}
    for value in arguments.pos[1:]:
        for item in value.refs:
            obj = fr.obj(item)
            name = obj.fields.get("@0") if obj is not None and obj.kind == "ext" else None
            for const in name.consts if name is not None else ():
                if isinstance(const, str):
                    cls.fields[const] = Field(const, is_column=True)
    fr.put(ref, Obj("class", cls))
    return Value((ref,))


def _row_attr(fr: Frame, ref: Ref, obj: Obj, name: str, pos: int) -> Value | None:
    if name in ("_mapping", "_asdict"):
        return Value((ref,))
    return None


def _row_item(fr: Frame, ref: Ref, obj: Obj, index: Value, pos: int) -> Value | None:
    result = BOTTOM
    for key in index.consts:
        found = obj.fields.get(key)
        result = fr.domain.join(result, found if found is not None else obj.rest)
    if index.consts:
        return result if not result.is_bottom() else CLEAN
    return fr.domain.join_all(obj.values())


def _row_show(fr: Frame, ref: Ref, obj: Obj, mode: str) -> Labels:
    labels: Labels = {}
    for value in obj.values():
        labels = fr.domain.join_labels(labels, shown(fr, value, "data"))
    return labels


def _row_iterate(fr: Frame, ref: Ref, obj: Obj, pos: int) -> Value:
    return fr.domain.join_all(value for key, value in obj.fields.items() if isinstance(key, int))


def _register() -> None:
    kinds.ROWS["query"] = _element_of_rows
    kinds.ITERATION["query"] = _element_of_rows
    kinds.ITERATION["row"] = _row_iterate
    kinds.ITEMS["query"] = _item
    kinds.ITEMS["row"] = _row_item
    kinds.SHOWS["query"] = _show_query
    kinds.SHOWS["row"] = _row_show
    kinds.SHOWS["statement"] = _statement_show
    kinds.ATTRIBUTES["row"] = _row_attr
    kinds.ELEMENT_FACTS["query"] = _facts
    kinds.METHODS["column"] = _column_compare
    kinds.COLLECTIONS["related"] = related
    kinds.on_class_member(_manager)


_register()
