"""The members of classes: found along the bases, and bound to the instance they are read through."""

from __future__ import annotations

from typing import Any

from pi_lint.flow.domain import BOTTOM, Ref, Value
from pi_lint.flow.frame import Frame
from pi_lint.flow.heap import Obj
from pi_lint.project.program import Class


def find_member(fr: Frame, cls: Any, name: str, after: Class | None = None) -> tuple[Value | None, Any]:
    """The class attribute by that name along the C3 order, and whose it is; a library name ends the search."""
    order = cls.mro() if isinstance(cls, Class) else [cls]
    if after is not None:
        order = order[order.index(after) + 1 :] if after in order else []
    for base in order:
        if isinstance(base, Class):
            if base.ref is None:
                continue
            obj = fr.obj(base.ref)
            if obj is not None and name in obj.fields:
                return obj.fields[name], base
        elif base != "builtins.object" and _library_has(fr, base, name):
            return None, base
    return None, None


def _library_has(fr: Frame, base: str, name: str) -> bool:
    return fr.knowledge.attribute(base, name) is not None or bool(fr.knowledge.method(base, name))


def library_base(cls: Class) -> str | None:
    """The first library class among the bases, if any."""
    return next((base for base in cls.mro() if isinstance(base, str) and base != "builtins.object"), None)


def field_of(cls: Class, name: str) -> Any:
    """The declaration of a field along the bases, or None."""
    for base in cls.mro():
        if isinstance(base, Class) and name in base.fields:
            return base.fields[name]
    return None


def bind(fr: Frame, value: Value, ref: Ref, cls: Class, name: str, pos: int) -> Value:
    """A class attribute seen through an instance: methods are bound, properties and descriptors called."""
    result = BOTTOM
    for item in value.refs:
        obj = fr.obj(item)
        if obj is None:
            result = fr.domain.join(result, Value((item,)) if item.kind == "ext" else fr.opaque(item))
            continue
        if obj.kind == "func":
            result = fr.domain.join(result, bind_function(fr, item, obj, ref, cls, pos))
        elif obj.kind == "inst" and isinstance(obj.cls, Class):
            getter, owner = find_member(fr, obj.cls, "__get__")
            if getter is not None:
                bound = bind(fr, getter, item, obj.cls, "__get__", pos)
                result = fr.domain.join(result, fr.engine.call(fr, bound, [Value((ref,)), Value((cls.ref,))], {}, pos))
            else:
                result = fr.domain.join(result, Value((item,)))
        elif obj.kind == "property":
            getter = obj.fields.get("get", BOTTOM)
            result = fr.domain.join(result, fr.engine.call(fr, getter, [Value((ref,))], {}, pos))
        elif obj.kind == "partial" and obj.cls == "method":
            result = fr.domain.join(
                result,
                fr.alloc(
                    pos, ("bound", item, ref), Obj("bound", None, {"self": Value((ref,)), "func": Value((item,))})
                ),
            )
        elif obj.kind in ("staticmethod", "classmethod"):
            result = fr.domain.join(result, unwrap_method(fr, item, obj, cls, pos))
        else:
            result = fr.domain.join(result, Value((item,)))
    if value.labels or value.consts or value.other:
        result = fr.domain.join(result, Value((), value.labels, value.consts, value.other))
    return result


def bind_function(fr: Frame, item: Ref, obj: Obj, ref: Ref, cls: Class, pos: int) -> Value:
    """A plain function read through an instance becomes a bound method."""
    return fr.alloc(
        pos, ("bound", item, ref), Obj("bound", None, {"self": Value((ref,)), "func": Value((item,))}), item.name
    )


def unwrap_method(fr: Frame, item: Ref, obj: Obj, cls: Class, pos: int) -> Value:
    """A static method is its function; a class method is bound to the class."""
    inner = obj.fields.get("func", BOTTOM)
    if obj.kind == "staticmethod":
        return inner
    return fr.alloc(
        pos, ("bound", item, cls.ref), Obj("bound", None, {"self": Value((cls.ref,)), "func": inner}), item.name
    )
