"""What a condition decides and what its truth or falsity establishes.

    if user.sms_consent:            true facts {true user.sms_consent}
    if state == "granted":          true facts {eq state "granted"}
    if VERBOSE > 1:                 VERBOSE is 0: decided, never true

Facts speak of references only; what counts as consent, permission or review is decided by
name, later and elsewhere (`checks.guards`).
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any, Final

from pi_lint.flow.domain import CLEAN, NO_FACTS, Facts, Ref, Value
from pi_lint.flow.frame import Frame
from pi_lint.flow.heap import Obj

_COMPARE: Final[dict[str, Callable[[Any, Any], Any]]] = {
    "==": operator.eq, "!=": operator.ne, "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge,
    "is": operator.is_, "is not": operator.is_not,
    "in": lambda a, b: a in b, "not in": lambda a, b: a not in b,
}  # fmt: skip


def decided(fr: Frame, value: Value) -> bool | None:
    """Whether a condition is known to be true or false; None where either may be."""
    answers: set[bool] = set()
    if value.other or value.labels:
        return None
    for const in value.consts:
        answers.add(bool(const))
    for ref in value.refs:
        obj = fr.obj(ref)
        if ref.kind == "ext" or obj is None:
            return None
        if obj.kind in ("func", "class", "bound", "module", "partial"):
            answers.add(True)
        elif obj.kind in ("list", "tuple") and obj.exact and not obj.multi:
            answers.add(bool(obj.fields))
        elif obj.kind == "dict" and obj.fields and not obj.multi:
            return None
        else:
            return None
    return answers.pop() if len(answers) == 1 else None


def truth(fr: Frame, value: Value) -> Facts:
    """The facts that hold where the value is true."""
    if value.test is not None:
        return value.test[0]
    ref = subject(value)
    return frozenset({fr.domain.fact("true", ref)}) if ref is not None else NO_FACTS


def falsity(fr: Frame, value: Value) -> Facts:
    """The facts that hold where the value is false."""
    if value.test is not None:
        return value.test[1]
    ref = subject(value)
    return frozenset({fr.domain.fact("false", ref)}) if ref is not None else NO_FACTS


def subject(value: Value) -> Ref | None:
    """The one unknown object that a condition is about."""
    if len(value.refs) == 1 and value.refs[0].kind in ("opaque", "ext"):
        return value.refs[0]
    return None


def comparison(fr: Frame, op: str, left: Value, right: Value, pos: int) -> Value:
    """`left op right`: a boolean that shows nothing, and the facts it would establish."""
    if left.is_constant() and right.is_constant() and len(left.consts) == 1 == len(right.consts):
        return _decided(op, left.consts[0], right.consts[0])
    for ref in left.refs:
        obj = fr.obj(ref)
        if obj is not None and obj.kind == "column":
            return column_condition(fr, ref, obj, right if op in ("==", "is") else CLEAN, pos)
    if op in ("in", "not in") and left.is_constant() and len(left.consts) == 1:
        members = _members(fr, right)
        if members is not None:
            return _decided(op, left.consts[0], members)
    if op in ("==", "!=", "is", "is not"):
        return _equality(fr, op, left, right)
    if op in ("in", "not in"):
        return _membership(fr, op, left, right)
    return CLEAN


def column_condition(fr: Frame, ref: Ref, obj: Obj, right: Value, pos: int) -> Value:
    """A comparison of a column is no boolean: it says which rows a query selects."""
    const = right.consts[0] if right.is_constant() and len(right.consts) == 1 else None
    return fr.alloc(pos, ("condition", ref, repr(const)), Obj("condition", (*obj.cls, const)))


def _decided(op: str, left: Any, right: Any) -> Value:
    try:
        answer = bool(_COMPARE[op](left, right))
    except (KeyError, TypeError, ValueError):
        return CLEAN
    return Value(consts=(answer,))


def _members(fr: Frame, value: Value) -> tuple[Any, ...] | None:
    """The constants that a known container holds, if it holds nothing else."""
    if len(value.refs) != 1 or value.labels or value.consts or value.other:
        return None
    obj = fr.obj(value.refs[0])
    if obj is None or obj.multi:
        return _constant_members(obj) if obj is not None else None
    return _constant_members(obj)


def _constant_members(obj: Obj) -> tuple[Any, ...] | None:
    if obj.kind == "dict" and obj.keys.is_bottom():
        return tuple(obj.fields)
    if obj.kind in ("list", "tuple") and obj.exact and all(v.is_constant() for v in obj.fields.values()):
        return tuple(const for v in obj.fields.values() for const in v.consts)
    if obj.kind == "set" and obj.rest.is_constant():
        return obj.rest.consts
    return None


def _equality(fr: Frame, op: str, left: Value, right: Value) -> Value:
    positive = op in ("==", "is")
    if right.is_constant() and len(right.consts) == 1:
        known, value = right.consts[0], left
    elif left.is_constant() and len(left.consts) == 1:
        known, value = left.consts[0], right
    else:
        first, second = subject(left), subject(right)
        if first is not None and second is not None and second.info == "class":
            return CLEAN
        return CLEAN
    if known is None and value.refs and not value.consts and not value.other:
        objects = [fr.obj(ref) for ref in value.refs]
        if all(obj is not None and obj.kind in ("dict", "list", "tuple", "set", "func", "class") for obj in objects):
            return Value(consts=(not positive,))
    ref = subject(value)
    if known is True or known is False:
        yes, no = truth(fr, value), falsity(fr, value)
        test = (yes, no) if known is positive else (no, yes)
        return CLEAN.with_test(test)
    if ref is None:
        return CLEAN
    equal = frozenset({fr.domain.fact("none" if known is None else "eq", ref, known if _plain(known) else None)})
    unequal = frozenset({fr.domain.fact("notnone" if known is None else "ne", ref, known if _plain(known) else None)})
    return CLEAN.with_test((equal, unequal) if positive else (unequal, equal))


def _plain(value: object) -> bool:
    return isinstance(value, (str, int, bool, type(None)))


def _membership(fr: Frame, op: str, left: Value, right: Value) -> Value:
    ref = subject(right)
    if ref is None:
        ref = subject(left)
        members = _members(fr, right)
        if ref is None or not members or not all(isinstance(member, str) for member in members):
            return CLEAN
        inside = frozenset({fr.domain.fact("among", ref, "|".join(sorted(members)))})
        outside: Facts = NO_FACTS
    else:
        const = left.consts[0] if left.is_constant() and len(left.consts) == 1 and _plain(left.consts[0]) else None
        inside = frozenset({fr.domain.fact("in", ref, const)})
        outside = frozenset({fr.domain.fact("notin", ref, const)})
    return CLEAN.with_test((inside, outside) if op == "in" else (outside, inside))
