"""What a reader sees of a value: the labels that printing, dumping or sending it discloses.

mode "str": `str(x)`, `%s`, `print`; "repr": `%r`, and everything inside a container;
"format": as "str", of an f-string or `{}`; "data": all the fields it holds, as a
serialiser or a database column sees them (SPEC 4.3); "written": of a record, the fields
that the code set.
"""

from __future__ import annotations

from typing import Final

from pi_lint.flow import access, kinds
from pi_lint.flow.domain import Labels, Ref, Value
from pi_lint.flow.frame import Frame
from pi_lint.flow.heap import Obj
from pi_lint.project.program import Class

_MAX_DEPTH: Final = 6


def shown(fr: Frame, value: Value, mode: str, depth: int = 0) -> Labels:
    """The labels that a value discloses in one mode."""
    result = value.labels
    if depth > _MAX_DEPTH:
        return result
    for ref in value.refs:
        if ref.kind != "alloc":
            if ref.kind == "opaque" and mode == "data":
                obj = fr.obj(ref)
                if obj is not None and obj.kind == "overlay":
                    result = _joined(fr, result, obj, mode, depth)
            elif ref.kind == "opaque":
                obj = fr.obj(ref)
                if obj is not None and obj.kind == "overlay" and any(isinstance(key, tuple) for key in obj.fields):
                    result = _joined(fr, result, obj, mode, depth)
            continue
        obj = fr.obj(ref)
        if obj is not None:
            result = fr.domain.join_labels(result, show_object(fr, ref, obj, mode, depth))
    return result


def _joined(fr: Frame, labels: Labels, obj: Obj, mode: str, depth: int) -> Labels:
    for value in obj.values():
        labels = fr.domain.join_labels(labels, shown(fr, value, mode, depth + 1))
    return labels


def show_object(fr: Frame, ref: Ref, obj: Obj, mode: str, depth: int) -> Labels:
    """What one known object discloses."""
    inner = mode if mode in ("data", "written") else "repr"
    if obj.kind in ("list", "tuple", "set", "dict"):
        labels = _joined(fr, {}, obj, inner, depth)
        return fr.domain.join_labels(labels, obj.keys.labels)
    handler = kinds.SHOWS.get(obj.kind)
    if handler is not None:
        return handler(fr, ref, obj, mode)
    if obj.kind == "gen":
        return _joined(fr, {}, obj, inner, depth) if mode == "data" else {}
    if obj.kind == "inst" and isinstance(obj.cls, Class):
        return show_instance(fr, ref, obj, obj.cls, mode, depth)
    if obj.kind == "ext":
        return _joined(fr, {}, obj, inner, depth)
    return {}


def show_instance(fr: Frame, ref: Ref, obj: Obj, cls: Class, mode: str, depth: int) -> Labels:
    """An instance of a class of the project: its __str__ or __repr__, or the fields its kind shows."""
    if mode == "written":
        return _written_fields(fr, obj, cls, depth)
    if mode == "data":
        return all_fields(fr, ref, obj, cls, depth)
    names = ("__repr__",) if mode == "repr" else ("__format__", "__str__", "__repr__") if mode == "format" else ("__str__", "__repr__")
    for base in cls.mro():
        if not isinstance(base, Class):
            break
        own = fr.obj(base.ref) if base.ref is not None else None
        if own is None:
            continue
        for name in names:
            method = own.fields.get(name)
            if method is not None and depth < 3:
                if name == "__format__":
                    continue
                bound = access.bind(fr, method, ref, cls, name, base.pos)
                text = fr.engine.call(fr, bound, [], {}, base.pos)
                return shown(fr, text, "str", depth + 1) if fr.state is not None else {}
        if base.traits.get("repr") == "fields":
            return _repr_fields(fr, ref, cls, depth)
        if base.traits.get("repr") == "key":
            return {}
    text_field = cls.traits.get("text") or next(
        (base.traits["text"] for base in cls.mro() if isinstance(base, Class) and base.traits.get("text")), None
    )
    if text_field is not None:
        return shown(fr, access.read_ref_attr(fr, ref, text_field, 0), mode, depth + 1)
    if any(isinstance(base, Class) and base.traits.get("exception") for base in cls.mro()):
        args = obj.fields.get("args")
        return shown(fr, args, "repr", depth + 1) if args is not None else {}
    return {}


def _repr_fields(fr: Frame, ref: Ref, cls: Class, depth: int) -> Labels:
    labels: Labels = {}
    for base in reversed(cls.mro()):
        if not isinstance(base, Class):
            continue
        for name, declared in base.fields.items():
            if declared.shown and not declared.secret:
                labels = fr.domain.join_labels(
                    labels, shown(fr, access.read_ref_attr(fr, ref, name, 0), "repr", depth + 1)
                )
    return labels


def _written_fields(fr: Frame, obj: Obj, cls: Class, depth: int) -> Labels:
    """What saving a record keeps: the fields that were set, encrypted columns and related records left out."""
    labels: Labels = {}
    for name, value in obj.fields.items():
        declared = access.field_of(cls, name) if isinstance(name, str) else None
        if declared is not None and (declared.encrypted or declared.clean or declared.target is not None):
            continue
        if depth < 1 or not any(fr.obj(ref) is not None for ref in value.refs):
            labels = fr.domain.join_labels(labels, shown(fr, value, "data", depth + 2))
    return labels


def all_fields(fr: Frame, ref: Ref, obj: Obj, cls: Class, depth: int) -> Labels:
    """Everything an instance holds, declared or written; what was never written only if the instance was loaded."""
    labels: Labels = {}
    for name, value in obj.fields.items():
        if not (isinstance(name, str) and name.startswith("@")):
            labels = fr.domain.join_labels(labels, shown(fr, value, "data", depth + 1))
    if not obj.exact:
        for base in cls.mro():
            for name in base.fields if isinstance(base, Class) else ():
                if name not in obj.fields and base.fields[name].target is None:
                    labels = fr.domain.join_labels(
                        labels, shown(fr, access.read_ref_attr(fr, ref, name, 0), "data", depth + 1)
                    )
    return labels
