"""Binary operators on constants, containers, objects that define them, and texts."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any, Final

from pi_lint.flow.domain import BOTTOM, CLEAN, Labels, Ref, Value, constant
from pi_lint.flow.elements import iterate, make_collection, make_sequence
from pi_lint.flow.formatting import beginning, concatenated, percent_format
from pi_lint.flow.frame import Frame
from pi_lint.flow.heap import Obj
from pi_lint.flow.members import bind, find_member
from pi_lint.flow.show import shown
from pi_lint.project.program import Class

_OPERATORS: Final[dict[str, Callable[[Any, Any], Any]]] = {
    "+": operator.add, "-": operator.sub, "*": operator.mul, "%": operator.mod, "//": operator.floordiv,
    "/": operator.truediv, "&": operator.and_, "|": operator.or_, "^": operator.xor, "**": operator.pow,
    "<<": operator.lshift, ">>": operator.rshift,
}  # fmt: skip


_OPERATOR_METHODS: Final[dict[str, str]] = {
    "+": "add", "-": "sub", "*": "mul", "%": "mod", "//": "floordiv", "/": "truediv", "&": "and", "|": "or",
    "^": "xor", "**": "pow", "<<": "lshift", ">>": "rshift", "@": "matmul",
}  # fmt: skip


MAX_FOLDED: Final = 2000


def binary(fr: Frame, op: str, left: Value, right: Value, pos: int) -> Value:
    """`left op right` for constants, containers, objects with operators, and texts."""
    if left.is_constant() and right.is_constant() and len(left.consts) == 1 == len(right.consts):
        return _fold(op, left.consts[0], right.consts[0])
    domain = fr.domain
    result = BOTTOM
    handled = False
    for ref in left.refs:
        obj = fr.obj(ref)
        if obj is None:
            continue
        if obj.kind in ("list", "tuple", "set", "dict") and op in ("+", "|", "*", "-", "&"):
            handled = True
            result = domain.join(result, _combine(fr, op, ref, obj, right, pos))
        elif obj.kind == "inst" and isinstance(obj.cls, Class):
            answer = _by_method(fr, f"__{_OPERATOR_METHODS.get(op, '')}__", ref, obj.cls, right, pos)
            if answer is not None:
                handled = True
                result = domain.join(result, answer)
    for ref in right.refs if not handled else ():
        obj = fr.obj(ref)
        if obj is not None and obj.kind == "inst" and isinstance(obj.cls, Class):
            answer = _by_method(fr, f"__r{_OPERATOR_METHODS.get(op, '')}__", ref, obj.cls, left, pos)
            if answer is not None:
                handled = True
                result = domain.join(result, answer)
    if handled:
        return result
    if op == "%" and _is_text(left):
        return percent_format(fr, left, right)
    if op == "*" and (_is_star_text(left) or _is_star_text(right)):
        return CLEAN
    labels = concatenated(fr, [shown(fr, left, "data"), shown(fr, right, "data")])
    typed = _joined_type(fr, left, labels, pos)
    if typed is not None:
        return typed
    prefix = beginning(left)
    if op == "+" and "://" in prefix:
        ref = fr.ctx.opaque(pos, ("text", prefix))
        ref.info = ("prefix", prefix)
        return Value((ref,), labels, (), True)
    return Value((), labels, (), True)


def _by_method(fr: Frame, method: str, ref: Ref, cls: Class, other: Value, pos: int) -> Value | None:
    """What an instance's own operator gives; None where its class has none."""
    member, _ = find_member(fr, cls, method)
    if member is None:
        return None
    return fr.engine.call(fr, bind(fr, member, ref, cls, method, pos), [other], {}, pos)


def _joined_type(fr: Frame, left: Value, labels: Labels, pos: int) -> Value | None:
    """Operators of a library's type that give the type again (`path / name`)."""
    for ref in left.refs:
        obj = fr.obj(ref)
        tname = str(obj.cls) if obj is not None and obj.kind == "ext" else ref.tname
        spec = fr.knowledge.type(tname) if tname is not None else None
        if spec is not None and spec.options.get("operators") == "same":
            made = Obj("ext", tname, {}, Value((), labels, (), True))
            return fr.alloc(pos, ("joined", ref), made, ref.name, tname)
    return None


def _is_text(value: Value) -> bool:
    return any(isinstance(const, (str, bytes)) for const in value.consts)


def _is_star_text(value: Value) -> bool:
    """A repeated constant text: how often depends on a length only."""
    return value.is_constant() and all(isinstance(const, (str, bytes)) for const in value.consts)


def _fold(op: str, left: Any, right: Any) -> Value:
    function = _OPERATORS.get(op)
    if function is None:
        return CLEAN
    if op in ("**", "<<", "*") and not _small(left, right):
        return CLEAN
    try:
        folded = function(left, right)
    except (TypeError, ValueError, ArithmeticError, OverflowError):
        return CLEAN
    if isinstance(folded, (str, bytes)) and len(folded) > MAX_FOLDED:
        return CLEAN
    return constant(folded)


def _small(left: Any, right: Any) -> bool:
    for value in (left, right):
        if isinstance(value, int) and abs(value) > 1000:
            return False
        if isinstance(value, (str, bytes)) and len(value) > 200:
            return False
        if isinstance(value, complex):
            return False
    return not (isinstance(left, int) and isinstance(right, int) and abs(right) > 64)


def _combine(fr: Frame, op: str, ref: Any, obj: Obj, right: Value, pos: int) -> Value:
    """`+`, `|`, `*` of containers."""
    others = [other for item in right.refs if (other := fr.obj(item)) is not None]
    if op == "*" or not (right.refs or right.labels):
        return (
            make_collection(fr, obj.kind, fr.domain.join_all(obj.values()), pos, ("bin", ref))
            if op == "*"
            else Value((ref,))
        )
    if obj.kind == "dict" and op == "|":
        fields, rest, keys = dict(obj.fields), obj.rest, obj.keys
        for other in others:
            fields.update(other.fields)
            rest, keys = fr.domain.join(rest, other.rest), fr.domain.join(keys, other.keys)
        return fr.alloc(pos, ("bin", ref), Obj("dict", None, fields, rest, keys))
    if op in ("-", "&"):
        return Value((ref,))
    if obj.exact and len(others) == 1 == len(right.refs) and others[0].exact:
        rows = [obj.fields[i] for i in range(len(obj.fields))]
        rows += [others[0].fields[i] for i in range(len(others[0].fields))]
        return make_sequence(fr, obj.kind, rows, pos, ("bin", ref))
    element = fr.domain.join(fr.domain.join_all(obj.values()), iterate(fr, right, pos))
    return make_collection(fr, obj.kind, element, pos, ("bin", ref))
