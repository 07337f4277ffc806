"""Requests, answers, forms and secrets: objects that carry a person's fields."""

from __future__ import annotations

from typing import Any

from pi_lint.flow import kinds
from pi_lint.flow.arguments import Arguments
from pi_lint.flow.attributes import declared_field, scalar_labels
from pi_lint.flow.behaviours.objects import field_names
from pi_lint.flow.behaviours.orm import execute_statement
from pi_lint.flow.calls import call_value
from pi_lint.flow.domain import BOTTOM, CLEAN, Ref, Value, constant
from pi_lint.flow.elements import iterate
from pi_lint.flow.frame import Frame
from pi_lint.flow.heap import Obj
from pi_lint.flow.items import read_item
from pi_lint.flow.kinds import behaviour
from pi_lint.flow.members import field_of
from pi_lint.flow.recording import record
from pi_lint.flow.show import shown
from pi_lint.knowledge.compiled import CallSpec
from pi_lint.project.program import Class

Receiver = Value | None


@behaviour("typed-child")
def typed_child(fr: Frame, spec: CallSpec, receiver: Receiver, arguments: Arguments, pos: int) -> Value | None:
    """`request.get_json()`: the same as an attribute. Options attribute, type."""
    result = BOTTOM
    for ref in receiver.refs if receiver is not None else ():
        child = ref.child(("a", str(spec.options["attribute"])), fr.place(pos))
        child.tname = str(spec.options["type"])
        result = fr.domain.join(result, fr.opaque(child))
    return result


@behaviour("parsed-child")
def parsed_child(fr: Frame, spec: CallSpec, receiver: Receiver, arguments: Arguments, pos: int) -> Value | None:
    """`answer.json()`: a parsed structure, known by what is read of it (SPEC 8.74)."""
    result = BOTTOM
    for ref in receiver.refs if receiver is not None else ():
        if ref.kind != "opaque":
            return None
        child = ref.child(("parsed",), fr.place(pos))
        child.info = ("parsed", "", None, (), ())
        result = fr.domain.join(result, fr.opaque(child))
    return result if not result.is_bottom() else None


@behaviour("call-task")
def call_task(fr: Frame, spec: CallSpec, receiver: Receiver, arguments: Arguments, pos: int) -> Value:
    """`task.delay(x)`: a worker calls the function with those arguments, later and unguarded by the caller."""
    if receiver is not None and fr.state is not None:
        before = fr.live
        obj = fr.obj(receiver.refs[0]) if receiver.refs else None
        function = obj.cls if obj is not None and obj.kind == "func" else None
        if function is not None and not (function.params and function.params[0][0] == "self"):
            call_value(fr, receiver, arguments, pos)
        if fr.ended():
            fr.state = before
    return CLEAN


@behaviour("reveal")
def reveal(fr: Frame, spec: CallSpec, receiver: Receiver, arguments: Arguments, pos: int) -> Value:
    """`secret.get_secret_value()`: what the hidden value is."""
    result = BOTTOM
    for ref in receiver.refs if receiver is not None else ():
        if ref.kind == "opaque":
            child = ref.child(("revealed",), fr.place(pos))
            child.owner = ""
            source: Any = ref
            result = fr.domain.join(result, Value((), {fr.domain.label(source): None}, (), True))
    labels = scalar_labels(receiver) if receiver is not None else {}
    return fr.domain.join(result, Value((), labels, (), True)) if labels else result


# -- forms -----------------------------------------------------------------------------


def form_content(
    fr: Frame, ref: Ref, cls: Class, pos: int, include: tuple[Any, ...] | None = None, exclude: tuple[Any, ...] = ()
) -> Value:
    """The declared fields of a form, schema or serializer with what they hold."""
    fields: dict[Any, Value] = {}
    for base in reversed(cls.mro()):
        for name in base.fields if isinstance(base, Class) else ():
            if (include is None or name in include) and name not in exclude:
                fields[name] = declared_field(fr, ref, cls, name, pos)
    return fr.alloc(pos, ("content", ref), Obj("dict", None, fields))


def _form_attr(fr: Frame, ref: Ref, obj: Obj, name: str, pos: int) -> Value | None:
    """`form.cleaned_data`, `serializer.validated_data`, `form.email.data`."""
    cls = obj.cls
    if not isinstance(cls, Class) or not cls.traits.get("form"):
        return None
    if name in cls.traits.get("content", ()):
        limit = obj.fields.get("only")
        without = obj.fields.get("exclude")
        include = _constants(fr, limit)
        return form_content(fr, ref, cls, pos, include, _constants(fr, without) or ())
    field = field_of(cls, name)
    if field is not None and cls.traits.get("field_content"):
        value = declared_field(fr, ref, cls, name, pos)
        return fr.alloc(pos, ("field", ref, name), Obj("formfield", cls, {"value": value}))
    return None


def _constants(fr: Frame, value: Value | None) -> tuple[Any, ...] | None:
    if value is None:
        return None
    arguments = Arguments((), {"x": value})
    return field_names(fr, arguments, "x")


def _field_attr(fr: Frame, ref: Ref, obj: Obj, name: str, pos: int) -> Value | None:
    if name in obj.cls.traits.get("field_content", ()):
        return obj.fields["value"]
    return CLEAN


@behaviour("form-dump")
def form_dump(fr: Frame, spec: CallSpec, receiver: Receiver, arguments: Arguments, pos: int) -> Value | None:
    """`Schema().dump(x)`: the declared fields of x."""
    result = BOTTOM
    for ref in receiver.refs if receiver is not None else ():
        obj = fr.obj(ref)
        if obj is None or not isinstance(obj.cls, Class):
            continue
        include = _constants(fr, obj.fields.get("only"))
        exclude = _constants(fr, obj.fields.get("exclude")) or ()
        result = fr.domain.join(result, form_content(fr, ref, obj.cls, pos, include, exclude))
    return result if not result.is_bottom() else None


# -- records ---------------------------------------------------------------------------


@behaviour("add-record")
def add_record(fr: Frame, spec: CallSpec, receiver: Receiver, arguments: Arguments, pos: int) -> Value | None:
    """`session.add(record)` on a receiver of unknown class: a write only if the argument is a record."""
    for value in arguments.pos[:1]:
        refs = list(value.refs)
        for ref in value.refs:
            obj = fr.obj(ref)
            if obj is not None and obj.kind in ("list", "tuple"):
                refs += [item for inner in obj.values() for item in inner.refs]
        for ref in refs:
            obj = fr.obj(ref)
            if obj is not None and obj.kind == "inst" and isinstance(obj.cls, Class) and obj.cls.traits.get("record"):
                record(fr, "database", spec.names[0], shown(fr, value, "written"), pos)
                return CLEAN
    return None


@behaviour("commit")
def commit(fr: Frame, spec: CallSpec, receiver: Receiver, arguments: Arguments, pos: int) -> Value | None:
    """`session.commit()`, `.flush()`: what was set on loaded records is written. Option quiet: reported elsewhere."""
    pending = fr.engine.pending_writes
    obj = fr.live.heap.get(pending)
    if obj is None or obj.rest.is_bottom():
        return None
    if not spec.options.get("quiet"):
        record(fr, "database", spec.names[0], obj.rest.labels, pos)
    fr.put(pending, Obj("pending"))
    return CLEAN


@behaviour("statement")
def statement(fr: Frame, spec: CallSpec, receiver: Receiver, arguments: Arguments, pos: int) -> Value | None:
    """`insert(Model)`, `update(Model)`: a statement that will write."""
    target = arguments.pos[0] if arguments.pos else BOTTOM
    return fr.alloc(pos, "statement", Obj("statement", None, {"model": target}))


@behaviour("statement-values")
def statement_values(fr: Frame, spec: CallSpec, receiver: Receiver, arguments: Arguments, pos: int) -> Value | None:
    """`statement.values(a=1)`: the columns that it writes."""
    result = BOTTOM
    for ref in receiver.refs if receiver is not None else ():
        obj = fr.obj(ref)
        if obj is None or obj.kind != "statement":
            continue
        model = next(
            (
                inner.cls
                for item in obj.fields["model"].refs
                if (inner := fr.obj(item)) is not None and inner.kind == "class"
            ),
            None,
        )
        given = dict(arguments.kw)
        for value in arguments.pos:
            for item in value.refs:
                held = fr.obj(item)
                if held is not None and held.kind == "dict":
                    given.update({key: v for key, v in held.fields.items() if isinstance(key, str)})
        labels = obj.rest.labels
        for name, value in given.items():
            field = field_of(model, name) if model is not None else None
            if field is not None and (field.encrypted or field.clean):
                continue
            named = fr.named(value, name, model.name if model is not None else "", pos)
            labels = fr.domain.join_labels(labels, shown(fr, named, "data"))
        made = obj.replace(rest=Value((), labels, (), True))
        result = fr.domain.join(result, fr.alloc(pos, ("values", ref), made))
    return result if not result.is_bottom() else None


@behaviour("execute-scalar")
def execute_scalar(fr: Frame, spec: CallSpec, receiver: Receiver, arguments: Arguments, pos: int) -> Value | None:
    """`session.scalar(statement)`: the first column of the first row."""
    rows = execute_statement(fr, spec, receiver, arguments, pos)
    if rows is None or fr.state is None:
        return None
    row = iterate(fr, rows, pos)
    if any((obj := fr.obj(ref)) is not None and obj.kind == "inst" for ref in row.refs):
        return row
    return read_item(fr, row, constant(0), pos)


@behaviour("row-method")
def row_method(fr: Frame, spec: CallSpec, receiver: Receiver, arguments: Arguments, pos: int) -> Value | None:
    """`row._asdict()`, `row.keys()`."""
    return receiver


kinds.on_instance_attribute(_form_attr)
kinds.ATTRIBUTES["formfield"] = _field_attr
