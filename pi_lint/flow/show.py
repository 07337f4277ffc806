"""What a reader sees of a value: the labels that printing, dumping or sending it discloses.

mode "str": `str(x)`, `%s`, `print`; "repr": `%r`, and everything inside a container;
"format": as "str", of an f-string or `{}`; "data": all the fields it holds, as a
serialiser or a database column sees them (SPEC 4.3); "written": of a record, the fields
that the code set; "passed": what an unknown call may hand on of an argument, which is
not the inside of an object of the project (SPEC 8.29).
"""

from __future__ import annotations

from typing import Final

from pi_lint.flow import kinds
from pi_lint.flow.attributes import read_ref_attr
from pi_lint.flow.domain import Labels, Ref, Value
from pi_lint.flow.frame import Frame
from pi_lint.flow.heap import Obj
from pi_lint.flow.members import bind, field_of
from pi_lint.project.program import Class

_MAX_DEPTH: Final = 5
_MAX_OBJECTS: Final = 80
_MAX_NESTED: Final = 6
_CONTAINERS: Final = frozenset({"list", "tuple", "set", "dict"})

_Seen = set[Ref]


def shown(fr: Frame, value: Value, mode: str) -> Labels:
    """The labels that a value discloses in one mode."""
    if not value.refs:
        return value.labels
    parts: list[Labels] = []
    if fr.engine.showing > _MAX_NESTED:  # a __str__ that shows an object whose __str__ shows this one
        return value.labels
    fr.engine.showing += 1
    try:
        _collect(fr, value, mode, 0, parts, set())
    finally:
        fr.engine.showing -= 1
    return merged(fr, parts)


def merged(fr: Frame, parts: list[Labels]) -> Labels:
    """The union of several sets of labels."""
    result: Labels = {}
    for labels in parts:
        if labels:
            result = fr.domain.join_labels(result, labels) if result else labels
    return result


def _collect(fr: Frame, value: Value, mode: str, depth: int, parts: list[Labels], seen: _Seen) -> None:
    if value.labels:
        parts.append(value.labels)
    for ref in value.refs:
        if ref in seen or depth > _MAX_DEPTH or len(seen) > _MAX_OBJECTS:
            continue
        obj = fr.obj(ref)
        if obj is None:
            continue
        seen.add(ref)
        if obj.kind == "overlay":
            if mode == "data" or any(isinstance(key, tuple) for key in obj.fields):
                for item in obj.values():
                    _collect(fr, item, mode, depth + 1, parts, seen)
        elif ref.kind == "alloc":
            _object(fr, ref, obj, mode, depth, parts, seen)


def _object(fr: Frame, ref: Ref, obj: Obj, mode: str, depth: int, parts: list[Labels], seen: _Seen) -> None:
    """What one known object discloses."""
    inner = mode if mode in ("data", "written", "passed") else "repr"
    if obj.kind in _CONTAINERS:
        for value in obj.values():
            _collect(fr, value, inner, depth + 1, parts, seen)
        if obj.keys.labels:
            parts.append(obj.keys.labels)
        return
    handler = kinds.SHOWS.get(obj.kind)
    if handler is not None:
        parts.append(handler(fr, ref, obj, "data" if mode == "passed" else mode))
    elif obj.kind == "gen":
        if mode in ("data", "passed"):
            for value in obj.values():
                _collect(fr, value, inner, depth + 1, parts, seen)
    elif obj.kind == "inst" and isinstance(obj.cls, Class):
        if mode != "passed":
            _instance(fr, ref, obj, obj.cls, mode, depth, parts, seen)
    elif obj.kind == "ext" and not obj.exact:
        for value in obj.values():
            _collect(fr, value, inner, depth + 1, parts, seen)


def _instance(
    fr: Frame, ref: Ref, obj: Obj, cls: Class, mode: str, depth: int, parts: list[Labels], seen: _Seen
) -> None:
    """An instance of a class of the project: its __str__ or __repr__, or the fields its kind shows."""
    if mode == "written":
        _written_fields(fr, obj, cls, depth, parts, seen)
    elif mode == "data":
        _all_fields(fr, ref, obj, cls, depth, parts, seen)
    elif not _by_method(fr, ref, cls, mode, depth, parts):
        text = _trait(cls, "text")
        if text is not None:
            _collect(fr, read_ref_attr(fr, ref, str(text), 0), mode, depth + 1, parts, seen)
        elif _trait(cls, "exception") and "args" in obj.fields:
            _collect(fr, obj.fields["args"], "repr", depth + 1, parts, seen)


def _trait(cls: Class, name: str) -> object:
    return next((base.traits[name] for base in cls.mro() if isinstance(base, Class) and base.traits.get(name)), None)


def _by_method(fr: Frame, ref: Ref, cls: Class, mode: str, depth: int, parts: list[Labels]) -> bool:
    """Show by the first __str__ or __repr__, or the generated one; False where neither says anything."""
    names = ("__repr__",) if mode == "repr" else ("__str__", "__repr__")
    for base in cls.mro():
        if not isinstance(base, Class):
            return False
        own = fr.obj(base.ref) if base.ref is not None else None
        for name in names if own is not None else ():
            method = own.fields.get(name) if own is not None else None
            if method is not None and depth < 3:
                bound = bind(fr, method, ref, cls, name, base.pos)
                text = fr.engine.call(fr, bound, [], {}, base.pos)
                if fr.state is not None:
                    parts.append(shown(fr, text, "str"))
                return True
        if base.traits.get("repr") == "fields":
            for owner in reversed(cls.mro()):
                for name, declared in owner.fields.items() if isinstance(owner, Class) else ():
                    if declared.shown and not declared.secret:
                        parts.append(shown(fr, read_ref_attr(fr, ref, name, 0), "repr"))
            return True
        if base.traits.get("repr") == "key":
            return True
    return False


def _written_fields(fr: Frame, obj: Obj, cls: Class, depth: int, parts: list[Labels], seen: _Seen) -> None:
    """What saving a record keeps: the fields that were set; of a related record, its key."""
    for name, value in obj.fields.items():
        declared = field_of(cls, name) if isinstance(name, str) else None
        if declared is not None and (declared.encrypted or declared.clean or declared.target is not None):
            continue
        if not any(is_record(fr, ref) for ref in value.refs):
            _collect(fr, value, "data", depth + 1, parts, seen)


def is_record(fr: Frame, ref: Ref) -> bool:
    """Whether an object is a row of a database, of which another row keeps the key only."""
    obj = fr.obj(ref)
    return obj is not None and obj.kind == "inst" and isinstance(obj.cls, Class) and bool(obj.cls.traits.get("record"))


def _all_fields(fr: Frame, ref: Ref, obj: Obj, cls: Class, depth: int, parts: list[Labels], seen: _Seen) -> None:
    """Everything an instance holds, declared or written; what was never written only if the instance was loaded."""
    for name, value in obj.fields.items():
        if not (isinstance(name, str) and name.startswith("@")):
            _collect(fr, value, "data", depth + 1, parts, seen)
    if obj.exact:
        return
    for base in cls.mro():
        for name in base.fields if isinstance(base, Class) else ():
            if name not in obj.fields and base.fields[name].target is None:
                _collect(fr, read_ref_attr(fr, ref, name, 0), "data", depth + 1, parts, seen)
