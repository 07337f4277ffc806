"""Reading, writing and deleting items of values.

payload["to"]       dict {"to": v}       -> v
row["to"]           opaque row           -> opaque row["to"]
"""

from __future__ import annotations

from pi_lint.flow import kinds
from pi_lint.flow.attributes import chain, guards_of, part_labels, read_ref_attr, set_field
from pi_lint.flow.domain import BOTTOM, CLEAN, Facts, Ref, Value, constant, scalar
from pi_lint.flow.frame import Frame
from pi_lint.flow.heap import CONTAINERS, SEQUENCES, Obj
from pi_lint.flow.members import bind, find_member
from pi_lint.project.program import Class


def read_item(fr: Frame, value: Value, index: Value, pos: int) -> Value:
    """`value[index]`, by key or index where it is known."""
    domain = fr.domain
    result = BOTTOM
    for ref in value.refs:
        result = domain.join(result, read_ref_item(fr, ref, index, pos, guards_of(value, ref)))
    labels = part_labels(value) if not value.refs else {}
    if not value.refs:
        result = domain.join(result, scalar(labels))
        if value.consts and not labels:
            result = domain.join(result, _constant_item(value, index))
    return result


def _constant_item(value: Value, index: Value) -> Value:
    try:
        return constant(value.constant()[index.constant()])
    except (LookupError, TypeError):
        return CLEAN


def read_ref_item(fr: Frame, ref: Ref, index: Value, pos: int, guards: Facts = frozenset()) -> Value:
    """`ref[index]` for one object."""
    obj = fr.obj(ref)
    if ref.kind == "ext":
        return fr.opaque(fr.ctx.opaque(pos, ("item", ref), _constant_key(index)))
    if obj is None or obj.kind == "overlay":
        keys = index.consts if index.is_constant() else ()
        if not keys:
            return fr.opaque(ref.child(("i",), fr.place(pos)), guards)
        result = BOTTOM
        for key in keys:
            found = obj.fields.get(("k", key)) if obj is not None else None
            child = ref.child(("k", key), fr.place(pos))
            if ref.tname is not None and child.tname is None:
                child.tname = f"{ref.tname}[]"
            result = fr.domain.join(result, found if found is not None else fr.opaque(child, guards))
        return result
    if obj.kind in SEQUENCES or obj.kind == "dict":
        found = container_item(fr, obj, index)
        key = next((const for const in index.consts if isinstance(const, str)), None)
        if key is not None and obj.kind == "dict" and key not in obj.fields:
            return fr.named(found, key, ref.name or ref.hint, pos)
        return found
    handler = kinds.ITEMS.get(obj.kind)
    if handler is not None:
        answer = handler(fr, ref, obj, index, pos)
        if answer is not None:
            return answer
    if obj.kind == "inst" and isinstance(obj.cls, Class):
        method, _ = find_member(fr, obj.cls, "__getitem__")
        if method is not None:
            return fr.engine.call(fr, bind(fr, method, ref, obj.cls, "__getitem__", pos), [index], {}, pos)
        answer = _sequence_of_fields(fr, ref, obj, index, pos)
        if answer is not None:
            return answer
    if obj.kind in ("class", "func"):
        return Value((ref,))
    found = BOTTOM
    for key in index.consts:
        found = fr.domain.join(found, obj.fields.get(("k", key), BOTTOM))
    if not found.is_bottom():
        return found
    if index.is_constant():
        result = BOTTOM
        for key in index.consts:
            result = fr.domain.join(result, fr.opaque(ref.child(("k", key), fr.place(pos)), guards))
        return fr.domain.join(result, obj.rest)
    return fr.domain.join(fr.opaque(ref.child(("i",), fr.place(pos)), guards), obj.rest)


def _sequence_of_fields(fr: Frame, ref: Ref, obj: Obj, index: Value, pos: int) -> Value | None:
    """A named tuple by index."""
    if not index.is_constant() or not all(isinstance(key, int) for key in index.consts):
        return None
    names = [name for name, item in obj.cls.fields.items() if item.in_init]
    result = BOTTOM
    for key in index.consts:
        if not -len(names) <= key < len(names):
            return None
        result = fr.domain.join(result, read_ref_attr(fr, ref, names[key], pos))
    return result


def _constant_key(index: Value) -> str:
    return next((key for key in index.consts if isinstance(key, str)), "")


def container_item(fr: Frame, obj: Obj, index: Value) -> Value:
    """An item of a list, tuple or dict whose contents are known."""
    result = BOTTOM
    if index.is_constant():
        for key in index.consts:
            position = key
            if obj.kind != "dict" and isinstance(key, int) and obj.exact and key < 0:
                position = key + len(obj.fields)
            found = obj.fields.get(position)
            if found is not None:
                result = fr.domain.join(result, found)
                if obj.kind != "dict" or obj.multi:
                    result = fr.domain.join(result, obj.rest)
            else:
                result = fr.domain.join(result, obj.rest)
        return result if not result.is_bottom() else CLEAN
    result = fr.domain.join_all(obj.values())
    return result if not result.is_bottom() else CLEAN


def write_item(fr: Frame, target: Value, index: Value, value: Value, pos: int) -> None:
    """`target[index] = value`."""
    strong = len(target.refs) == 1
    for ref in target.refs:
        if ref.kind == "ext":
            continue
        obj = fr.obj(ref)
        handler = kinds.ITEM_WRITES.get(obj.kind) if obj is not None else None
        if handler is not None and obj is not None and handler(fr, ref, obj, index, value, pos):
            continue
        if obj is not None and obj.kind == "inst" and isinstance(obj.cls, Class):
            method, _ = find_member(fr, obj.cls, "__setitem__")
            if method is not None:
                fr.engine.call(fr, bind(fr, method, ref, obj.cls, "__setitem__", pos), [index, value], {}, pos)
                continue
        owner = ref.name or ref.hint
        if index.is_constant() and len(index.consts) == 1:
            key = index.consts[0]
            if isinstance(key, str):
                value = fr.named(value, key, owner, pos)
            if obj is not None and obj.kind in CONTAINERS:
                if obj.kind != "dict" and isinstance(key, int) and key < 0 and obj.exact:
                    key += len(obj.fields)
                if obj.kind != "dict" and not (obj.exact and key in obj.fields):
                    _weaken(fr, ref, obj, index, value)
                    continue
                set_field(fr, ref, key, value, strong)
            else:
                set_field(fr, ref, ("k", key), value, strong)
        else:
            _weaken(fr, ref, obj, index, value)


def _weaken(fr: Frame, ref: Ref, obj: Obj | None, index: Value, value: Value) -> None:
    """A write under a key that is not known: it may be any."""
    if obj is None:
        obj = Obj("overlay")
        chain(fr, ref)
    fr.keep(value)
    if obj.kind in SEQUENCES and obj.exact:
        fields = {key: fr.domain.join(old, value) for key, old in obj.fields.items()}
        fr.put(ref, obj.replace(fields=fields))
        return
    shown = Value(index.refs, index.labels, index.consts, index.other)
    fr.put(ref, obj.replace(rest=fr.domain.join(obj.rest, value), keys=fr.domain.join(obj.keys, shown)))


def delete_item(fr: Frame, target: Value, index: Value, pos: int) -> Value:
    """`del target[index]`, also what `pop` takes out; gives what was there."""
    removed = read_item(fr, target, index, pos)
    strong = len(target.refs) == 1 and index.is_constant() and len(index.consts) == 1
    for ref in target.refs:
        obj = fr.obj(ref)
        if not strong or ref.kind == "ext":
            continue
        key = index.consts[0]
        if obj is None or obj.kind not in CONTAINERS:
            set_field(fr, ref, ("k", key), CLEAN, True)
            continue
        if obj.multi:
            continue
        if obj.kind == "dict":
            if key in obj.fields:
                fr.put(ref, obj.replace(fields={k: v for k, v in obj.fields.items() if k != key}))
        elif obj.exact and isinstance(key, int):
            rows = [obj.fields[i] for i in range(len(obj.fields)) if i in obj.fields]
            position = key + len(rows) if key < 0 else key
            if 0 <= position < len(rows):
                del rows[position]
            fr.put(ref, obj.replace(fields=dict(enumerate(rows))))
    return removed


def delete_by_kind(fr: Frame, base: Value, index: Value) -> bool:
    """Deletions that a kind of object handles itself; tells if it did."""
    for ref in base.refs:
        obj = fr.obj(ref)
        handler = kinds.ITEM_DELETES.get(obj.kind) if obj is not None else None
        if handler is not None and obj is not None:
            handler(fr, ref, obj, index)
            return True
    return False
