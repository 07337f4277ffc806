"""Data frames: PI by column (SPEC 4.3); selecting, dropping and overwriting columns counts.

A frame keeps one element a column in `fields`; a column alone is a "series" whose `rest`
is an element. `cls` of a series is its column's name.
"""

from __future__ import annotations

from typing import Any

from pi_lint.flow import kinds
from pi_lint.flow.arguments import Arguments
from pi_lint.flow.behaviours.sql import text_of
from pi_lint.flow.calls import call_value
from pi_lint.flow.domain import BOTTOM, CLEAN, Labels, Ref, Value, constant, scalar
from pi_lint.flow.elements import iterate, known_elements, make_collection, make_sequence
from pi_lint.flow.frame import Frame
from pi_lint.flow.heap import Obj
from pi_lint.flow.items import read_item
from pi_lint.flow.kinds import behaviour
from pi_lint.flow.recording import record
from pi_lint.flow.show import shown
from pi_lint.flow.slices import slice_value
from pi_lint.frontend import sql
from pi_lint.knowledge.compiled import CallSpec

Receiver = Value | None


def frame(fr: Frame, fields: dict[Any, Value], rest: Value, pos: int, tag: Any) -> Value:
    """A new frame with these columns."""
    return fr.alloc(pos, ("frame", tag), Obj("frame", None, fields, rest), "frame", "frame.Frame")


def series(fr: Frame, element: Value, pos: int, tag: Any) -> Value:
    """A column of such elements."""
    fr.keep(element)
    return fr.alloc(pos, ("series", tag), Obj("series", None, {}, element), "series", "frame.Series")


def _columns(fr: Frame, value: Value | None) -> tuple[Any, ...] | None:
    """Constant column names in an argument."""
    if value is None:
        return None
    found = list(value.consts)
    for ref in value.refs:
        obj = fr.obj(ref)
        if obj is not None and obj.kind in ("list", "tuple", "set"):
            for item in obj.values():
                if not item.is_constant():
                    return None
                found += list(item.consts)
        elif obj is not None and obj.kind == "dict":
            found += list(obj.fields)
        elif obj is None:
            return None
    return tuple(found)


def _named_column(fr: Frame, name: Any, tag: Ref, pos: int) -> Value:
    child = tag.child(("k", name), fr.place(pos))
    return fr.opaque(child)


@behaviour("frame-read")
def frame_read(fr: Frame, spec: CallSpec, receiver: Receiver, arguments: Arguments, pos: int) -> Value:
    """`read_csv(path, usecols=[...])`, `read_sql("SELECT ...")`: the columns as far as the code names them."""
    origin = fr.ctx.opaque(pos, "frame")
    origin.info = ("row", "", None, (), ())
    fields: dict[Any, Value] = {}
    rest = BOTTOM
    statement = text_of(fr, arguments.pos[0]) if arguments.pos and spec.options.get("sql") else None
    query = sql.columns(statement) if statement is not None else None
    if query is not None and query.kind == "select":
        origin.owner = query.table
        for column in query.columns:
            if column.is_aggregate or column.star or not column.source:
                fields[column.name] = CLEAN
            else:
                fields[column.name] = _named_column(fr, column.source, origin, pos)
        return frame(fr, fields, rest, pos, "read")
    names = _columns(fr, arguments.kw.get("usecols") or arguments.kw.get("columns") or arguments.kw.get("names"))
    if names is None:
        return frame(fr, fields, fr.opaque(origin), pos, "read")
    for name in names:
        fields[name] = _named_column(fr, name, origin, pos)
    return frame(fr, fields, rest, pos, "read")


@behaviour("frame-make")
def frame_make(fr: Frame, spec: CallSpec, receiver: Receiver, arguments: Arguments, pos: int) -> Value:
    """`DataFrame({"id": ids})`, `DataFrame(rows, columns=[...])`."""
    source = arguments.pos[0] if arguments.pos else arguments.kw.get("data", BOTTOM)
    names = _columns(fr, arguments.kw.get("columns"))
    fields: dict[Any, Value] = {}
    rest = BOTTOM
    for ref in source.refs:
        obj = fr.obj(ref)
        if obj is not None and obj.kind == "dict":
            for key, value in obj.fields.items():
                element = iterate(fr, value, pos)
                fields[key] = fr.named(element, key, "", pos) if isinstance(key, str) else element
            rest = fr.domain.join(rest, iterate(fr, obj.rest, pos) if not obj.rest.is_bottom() else BOTTOM)
            continue
        row = fr.domain.guard(iterate(fr, Value((ref,)), pos), fr.engine.element_facts(fr, Value((ref,)), BOTTOM))
        for item in row.refs:
            inner = fr.obj(item)
            if inner is not None and inner.kind == "dict":
                fields.update(inner.fields)
                rest = fr.domain.join(rest, inner.rest)
            elif inner is not None and inner.kind in ("tuple", "list", "row") and names is not None:
                for number, name in enumerate(names):
                    fields[name] = read_item(fr, Value((item,)), constant(number), pos)
            else:
                rest = fr.domain.join(rest, fr.opaque(item) if inner is None else Value((item,)))
        if not row.refs:
            rest = fr.domain.join(rest, row)
    if names is not None and not fields:
        fields = {name: rest if not rest.is_bottom() else CLEAN for name in names}
        rest = BOTTOM
    fr.keep(*fields.values(), rest)
    return frame(fr, fields, rest, pos, "made")


@behaviour("frame-concat")
def frame_concat(fr: Frame, spec: CallSpec, receiver: Receiver, arguments: Arguments, pos: int) -> Value:
    """`concat([a, b])`, `a.merge(b)`: the columns of all."""
    sources = list(receiver.refs) if receiver is not None else []
    for value in arguments.pos:
        for ref in value.refs:
            obj = fr.obj(ref)
            if obj is not None and obj.kind in ("list", "tuple"):
                sources += [item for inner in obj.values() for item in inner.refs]
            else:
                sources.append(ref)
    fields: dict[Any, Value] = {}
    rest = BOTTOM
    for ref in sources:
        obj = fr.obj(ref)
        if obj is not None and obj.kind == "frame":
            for key, value in obj.fields.items():
                fields[key] = fr.domain.join(fields.get(key, BOTTOM), value)
            rest = fr.domain.join(rest, obj.rest)
    return frame(fr, fields, rest, pos, "concat")


@behaviour("frame-step")
def frame_step(fr: Frame, spec: CallSpec, receiver: Receiver, arguments: Arguments, pos: int) -> Value | None:
    """A method of a frame or series; option op says which."""
    op = str(spec.options.get("op", "same"))
    result = BOTTOM
    for ref in receiver.refs if receiver is not None else ():
        obj = fr.obj(ref)
        if obj is None:
            continue
        result = fr.domain.join(result, _step(fr, op, ref, obj, arguments, pos))
    return result if not result.is_bottom() else None


def _step(fr: Frame, op: str, ref: Ref, obj: Obj, arguments: Arguments, pos: int) -> Value:
    if op == "drop":
        names = _columns(fr, arguments.kw.get("columns")) or ()
        axis = arguments.kw.get("axis")
        if axis is not None and axis.consts == (1,):
            names = _columns(fr, arguments.pos[0]) or () if arguments.pos else ()
        return frame(fr, {key: v for key, v in obj.fields.items() if key not in names}, obj.rest, pos, ref)
    if op == "rename":
        return _renamed(fr, ref, obj, arguments, pos)
    if op == "select":
        wanted = _columns(fr, arguments.pos[0] if arguments.pos else arguments.kw.get("items"))
        return _chosen(fr, ref, obj, wanted, pos)
    if op == "assign":
        fields = dict(obj.fields)
        for name, value in arguments.kw.items():
            fields[name] = iterate(fr, value, pos) if value.refs else value
        return frame(fr, fields, obj.rest, pos, ref)
    if op == "records":
        row = fr.alloc(pos, ("record", ref), Obj("dict", None, dict(obj.fields), obj.rest))
        return make_collection(fr, "list", row, pos, ("records", ref))
    if op == "rows":
        row = fr.alloc(pos, ("record", ref), Obj("row", None, dict(obj.fields), obj.rest))
        pair = make_sequence(fr, "tuple", [CLEAN, row], pos, ("pair", ref))
        return make_collection(fr, "list", pair, pos, ("rows", ref))
    if op == "tuples":
        row = fr.alloc(pos, ("record", ref), Obj("row", None, dict(obj.fields), obj.rest))
        return make_collection(fr, "list", row, pos, ("rows", ref))
    if op == "apply":
        element = (
            obj.rest
            if obj.kind == "series"
            else fr.alloc(pos, ("record", ref), Obj("row", None, dict(obj.fields), obj.rest))
        )
        result = call_value(fr, arguments.pos[0], Arguments([element]), pos) if arguments.pos else CLEAN
        return series(fr, result, pos, ref) if fr.state is not None else BOTTOM
    if op == "text":
        return scalar(_show(fr, ref, obj, "data"))
    if op == "group":
        names = _columns(fr, arguments.pos[0] if arguments.pos else arguments.kw.get("by")) or ()
        keys = fr.domain.join_all(obj.fields.get(name, BOTTOM) for name in names)
        return fr.alloc(
            pos, ("group", ref), Obj("group", None, dict(obj.fields), obj.rest, keys), "group", "frame.Group"
        )
    if op == "aggregate":
        return (
            series(fr, CLEAN, pos, ref)
            if obj.kind != "group"
            else fr.alloc(pos, ("aggregated", ref), Obj("series", None, {}, CLEAN, obj.keys), "series", "frame.Series")
        )
    if op == "counts":
        return fr.alloc(pos, ("counts", ref), Obj("series", None, {}, CLEAN, obj.rest), "series", "frame.Series")
    if op == "values":
        return (
            make_collection(fr, "list", obj.rest, pos, ("values", ref))
            if obj.kind == "series"
            else frame(fr, dict(obj.fields), obj.rest, pos, ref)
        )
    if op == "element":
        return obj.rest
    return Value((ref,))


def _renamed(fr: Frame, ref: Ref, obj: Obj, arguments: Arguments, pos: int) -> Value:
    fields = dict(obj.fields)
    mapping = arguments.kw.get("columns") or (arguments.pos[0] if arguments.pos else BOTTOM)
    for item in mapping.refs:
        held = fr.obj(item)
        for old, new in held.fields.items() if held is not None and held.kind == "dict" else ():
            if old in fields and new.consts:
                fields[new.consts[0]] = fields.pop(old)
    return frame(fr, fields, obj.rest, pos, ref)


def _chosen(fr: Frame, ref: Ref, obj: Obj, names: tuple[Any, ...] | None, pos: int) -> Value:
    if names is None:
        return frame(fr, dict(obj.fields), obj.rest, pos, ref)
    fields = {}
    for name in names:
        found = obj.fields.get(name)
        if found is None and any(item.kind == "opaque" for item in obj.rest.refs):
            found = read_item(fr, obj.rest, constant(name), pos)
        fields[name] = found if found is not None else obj.rest if not obj.rest.is_bottom() else CLEAN
    return frame(fr, fields, BOTTOM, pos, ("chosen", ref))


def _column(fr: Frame, ref: Ref, obj: Obj, name: Any, pos: int) -> Value:
    found = obj.fields.get(name)
    if found is None and any(item.kind == "opaque" for item in obj.rest.refs):
        found = read_item(fr, obj.rest, constant(name), pos)
    if found is None:
        found = obj.rest if not obj.rest.is_bottom() else CLEAN
    return series(fr, found, pos, (ref, name))


def _item(fr: Frame, ref: Ref, obj: Obj, index: Value, pos: int) -> Value | None:
    if index.is_constant() and len(index.consts) == 1:
        return _column(fr, ref, obj, index.consts[0], pos)
    names = _columns(fr, index)
    for item in index.refs:
        inner = fr.obj(item)
        if inner is not None and inner.kind in ("series", "frame"):
            return Value((ref,))
    return _chosen(fr, ref, obj, names, pos)


def _write(fr: Frame, ref: Ref, obj: Obj, index: Value, value: Value, pos: int) -> bool:
    element = iterate(fr, value, pos) if any(fr.obj(item) is not None for item in value.refs) else value
    if index.is_constant() and len(index.consts) == 1:
        name = index.consts[0]
        named = fr.named(element, name, "", pos) if isinstance(name, str) else element
        fr.put(ref, obj.with_field(name, named))
    else:
        fr.put(ref, obj.replace(rest=fr.domain.join(obj.rest, element)))
    return True


def _delete(fr: Frame, ref: Ref, obj: Obj, index: Value) -> None:
    fr.put(ref, obj.replace(fields={key: value for key, value in obj.fields.items() if key not in index.consts}))


def _attribute(fr: Frame, ref: Ref, obj: Obj, name: str, pos: int) -> Value | None:
    meaning = str(fr.knowledge.attribute("frame.Frame", name) or "")
    if meaning == "frame.Locator":
        return fr.alloc(pos, ("locator", ref), Obj("locator", name, {"frame": Value((ref,))}))
    if meaning == "frame.Clean":
        return CLEAN
    if meaning == "frame.Text":
        return fr.alloc(pos, ("text", ref), Obj("series", "text", {}, obj.rest), "series", "frame.Series")
    if meaning == "frame.Same":
        return Value((ref,))
    if name in obj.fields:
        return _column(fr, ref, obj, name, pos)
    if obj.kind == "series":
        return Value((ref,))
    if any(item.kind == "opaque" for item in obj.rest.refs) and not fr.knowledge.method("frame.Frame", name):
        return _column(fr, ref, obj, name, pos)
    return None


def _located(fr: Frame, ref: Ref, obj: Obj, index: Value, pos: int) -> Value | None:
    target = obj.fields["frame"]
    for item in target.refs:
        held = fr.obj(item)
        if held is None:
            continue
        parts = known_elements(fr, index, 4)
        if held.kind == "series":
            return held.rest
        if parts is not None and len(parts) == 2:
            if parts[1].is_constant() and len(parts[1].consts) == 1 and isinstance(parts[1].consts[0], str):
                return _column(fr, item, held, parts[1].consts[0], pos)
            return _chosen(fr, item, held, _columns(fr, parts[1]), pos)
        if index.is_constant():
            return fr.alloc(pos, ("record", item), Obj("row", None, dict(held.fields), held.rest))
        return Value((item,))
    return CLEAN


def _show(fr: Frame, ref: Ref, obj: Obj, mode: str) -> Labels:
    labels: Labels = {}
    for value in [*obj.values(), obj.keys]:
        labels = fr.domain.join_labels(labels, shown(fr, value, "data"))
    return labels


def _iterate(fr: Frame, ref: Ref, obj: Obj, pos: int) -> Value:
    if obj.kind == "series":
        return obj.rest
    if obj.kind == "group":
        return make_sequence(fr, "tuple", [obj.keys, frame(fr, dict(obj.fields), obj.rest, pos, ref)], pos, ref)
    return CLEAN


def _series_item(fr: Frame, ref: Ref, obj: Obj, index: Value, pos: int) -> Value | None:
    if any((inner := fr.obj(item)) is not None and inner.kind == "series" for item in index.refs):
        return Value((ref,))
    return obj.rest


def _group_item(fr: Frame, ref: Ref, obj: Obj, index: Value, pos: int) -> Value | None:
    names = index.consts or _columns(fr, index) or ()
    fields = {name: obj.fields.get(name, CLEAN) for name in names}
    return fr.alloc(pos, ("group", ref), Obj("group", None, fields, BOTTOM, obj.keys), "group", "frame.Group")


@behaviour("frame-export")
def frame_export(fr: Frame, spec: CallSpec, receiver: Receiver, arguments: Arguments, pos: int) -> Value | None:
    """`frame.to_csv(path)`: an export, or a text where no path is given. Options concept, path."""
    labels: Labels = {}
    for ref in receiver.refs if receiver is not None else ():
        obj = fr.obj(ref)
        if obj is not None:
            labels = fr.domain.join_labels(labels, _show(fr, ref, obj, "data"))
    selectors = spec.options.get("path", [0])
    target = next((value for s in selectors if (value := arguments.get(s)) is not None), None)  # type: ignore[attr-defined]
    if target is None and spec.options.get("text", True):
        return scalar(labels)
    for ref in target.refs if target is not None else ():
        obj = fr.obj(ref)
        if obj is not None and obj.kind == "buffer":
            fr.put(ref, obj.replace(rest=fr.domain.join(obj.rest, scalar(labels))))
            return CLEAN
    record(fr, str(spec.options.get("concept", "export")), spec.names[0], labels, pos)
    return CLEAN


def _slice_texts(fr: Frame, ref: Ref, obj: Obj, lower: Value, upper: Value, step: Value, pos: int) -> Value | None:
    """`series.str[-4:]` slices every text; other slices select rows."""
    if obj.cls != "text":
        return None
    return series(fr, slice_value(fr, obj.rest, lower, upper, step, pos), pos, ("sliced", ref))


kinds.SLICES["series"] = _slice_texts
for _kind in ("frame", "series", "group"):
    kinds.SHOWS[_kind] = _show
    kinds.ITERATION[_kind] = _iterate
kinds.ATTRIBUTES["frame"] = _attribute
kinds.ATTRIBUTES["series"] = _attribute
kinds.ATTRIBUTES["group"] = lambda fr, ref, obj, name, pos: (
    _group_item(fr, ref, obj, constant(name), pos) if name in obj.fields else None
)
kinds.ITEMS["frame"] = _item
kinds.ITEMS["series"] = _series_item
kinds.ITEMS["group"] = _group_item
kinds.ITEMS["locator"] = _located
kinds.ITEM_WRITES["frame"] = _write
kinds.ITEM_DELETES["frame"] = _delete
