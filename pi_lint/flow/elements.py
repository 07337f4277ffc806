"""The elements of values: iterating over them, and making sequences and collections of them.

for x in rows       list with rest r     -> r
"""

from __future__ import annotations

from typing import Any

from pi_lint.flow import kinds
from pi_lint.flow.attributes import guards_of, read_ref_attr, scalar_labels
from pi_lint.flow.domain import BOTTOM, CLEAN, Facts, Ref, Value, constant, scalar
from pi_lint.flow.frame import Frame
from pi_lint.flow.heap import SEQUENCES, Obj
from pi_lint.flow.members import bind, find_member
from pi_lint.project.program import Class


def known_elements(fr: Frame, value: Value, limit: int = 10) -> list[Value] | None:
    """The elements one by one, where the value is one list or tuple whose length is known, or constants."""
    if len(value.refs) == 1 and not value.labels and not value.consts and not value.other:
        obj = fr.obj(value.refs[0])
        if obj is not None and obj.kind in SEQUENCES and obj.exact and len(obj.fields) <= limit and not obj.multi:
            return [obj.fields[i] for i in range(len(obj.fields))]
        if obj is not None and obj.kind == "inst" and isinstance(obj.cls, Class) and obj.cls.traits.get("sequence"):
            names = [name for name, item in obj.cls.fields.items() if item.in_init]
            return [read_ref_attr(fr, value.refs[0], name, 0) for name in names]
    return None


def iterate(fr: Frame, value: Value, pos: int) -> Value:
    """One element of what is iterated over."""
    domain = fr.domain
    result = BOTTOM
    for ref in value.refs:
        obj = fr.obj(ref)
        guards = guards_of(value, ref)
        if ref.kind == "ext":
            result = domain.join(result, fr.opaque(fr.ctx.opaque(pos, ("element", ref))))
        elif obj is None or obj.kind == "overlay":
            child = ref.child(("i",), fr.place(pos))
            result = domain.join(result, fr.opaque(child, guards))
        elif obj.kind in ("list", "tuple", "set"):
            result = domain.join(result, domain.join_all(obj.values()))
        elif obj.kind == "gen":
            result = domain.join(result, obj.rest)
        elif obj.kind == "dict":
            result = domain.join(result, keys_of(fr, obj))
        elif obj.kind in kinds.ITERATION:
            result = domain.join(result, kinds.ITERATION[obj.kind](fr, ref, obj, pos))
        elif obj.kind == "inst" and isinstance(obj.cls, Class):
            result = domain.join(result, _iterate_instance(fr, ref, obj.cls, pos, guards))
        else:
            result = domain.join(result, fr.opaque(ref.child(("i",), fr.place(pos)), guards))
    rest = scalar_labels(value) if not value.refs else {}
    if rest or value.other or value.consts:
        result = domain.join(result, scalar(rest))
    return result if not result.is_bottom() else CLEAN


def _iterate_instance(fr: Frame, ref: Ref, cls: Class, pos: int, guards: Facts) -> Value:
    for name in ("__iter__", "__aiter__"):
        method, _ = find_member(fr, cls, name)
        if method is not None:
            made = fr.engine.call(fr, bind(fr, method, ref, cls, name, pos), [], {}, pos)
            if made.refs == (ref,):
                break
            return iterate(fr, made, pos)
    for name in ("__next__", "__anext__"):
        method, _ = find_member(fr, cls, name)
        if method is not None:
            return fr.engine.call(fr, bind(fr, method, ref, cls, name, pos), [], {}, pos)
    if cls.traits.get("sequence"):
        return fr.domain.join_all(read_ref_attr(fr, ref, field, pos) for field in cls.fields)
    return fr.opaque(ref.child(("i",), fr.place(pos)), guards)


def keys_of(fr: Frame, obj: Obj) -> Value:
    """The keys of a dictionary as one value."""
    keys = obj.keys
    for key in obj.fields:
        keys = fr.domain.join(keys, constant(key))
    return keys if not keys.is_bottom() else CLEAN


def make_sequence(fr: Frame, kind: str, values: list[Value], pos: int, tag: Any) -> Value:
    """A list or tuple of these elements, or a set that holds them."""
    fr.keep(*values)
    if kind == "set":
        return fr.alloc(pos, tag, Obj("set", None, {}, fr.domain.join_all(values)))
    return fr.alloc(pos, tag, Obj(kind, None, dict(enumerate(values)), exact=True))


def make_collection(fr: Frame, kind: str, element: Value, pos: int, tag: Any) -> Value:
    """A list, set or generator of any number of like elements."""
    fr.keep(element)
    return fr.alloc(pos, tag, Obj(kind, None, {}, element))
