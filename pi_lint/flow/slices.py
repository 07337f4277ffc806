"""Slices of texts and sequences."""

from __future__ import annotations

from typing import Any

from pi_lint.flow import kinds
from pi_lint.flow.domain import BOTTOM, CLEAN, Labels, Value, constant
from pi_lint.flow.elements import make_collection, make_sequence
from pi_lint.flow.frame import Frame, relabel
from pi_lint.flow.heap import SEQUENCES, Obj
from pi_lint.flow.items import read_ref_item


def character(fr: Frame, base: Value, key: Value) -> Value | None:
    """One character of a text, or one element of an unknown sequence: kept as a slice of the text."""
    if any(fr.obj(ref) is not None for ref in base.refs) or not base.labels:
        return None
    index = key.consts[0]
    kept = frozenset({(index, index + 1 if index != -1 else None)})
    labels = fr.domain.map_labels(base, (), kept)
    refs = tuple(read_ref_item(fr, ref, key, 0).refs[0] for ref in base.refs if ref.kind == "opaque")
    # The element of an unknown list is an object of its own; of a PI text, a part of it.
    elements: Labels = {fr.domain.label(ref): None for ref in refs}
    return Value(refs, {**elements, **labels}, (), True)


def slice_value(fr: Frame, base: Value, lower: Value, upper: Value, step: Value, pos: int) -> Value:
    """`base[lower:upper:step]`: texts keep a part, sequences keep some elements."""
    domain = fr.domain
    result = BOTTOM
    bounds = _bounds(lower, upper)
    for ref in base.refs:
        obj = fr.obj(ref)
        if obj is not None and obj.kind in SEQUENCES:
            result = domain.join(result, _slice_sequence(fr, obj, lower, upper, step, pos, ref))
        elif obj is not None and obj.kind in kinds.SLICES:
            part = kinds.SLICES[obj.kind](fr, ref, obj, lower, upper, step, pos)
            result = domain.join(result, part if part is not None else Value((ref,)))
        elif obj is not None and obj.kind != "overlay":
            result = domain.join(result, Value((ref,)))
    scalars = {
        label: trace
        for label, trace in base.labels.items()
        if not any(label.source is ref and fr.obj(ref) is not None for ref in base.refs)
    }
    if scalars or base.other or base.consts:
        kept = (
            frozenset({bounds}) if bounds is not None and step.is_constant() and step.consts[0] in (None, 1) else None
        )
        labels = domain.map_labels(relabel(base, scalars), (), kept)
        refs = tuple(ref for ref in base.refs if ref.kind == "opaque" and fr.obj(ref) is None)
        part = Value(refs, labels, (), True)
        if base.is_constant() and lower.is_constant() and upper.is_constant():
            part = _slice_constant(base, lower, upper, step)
        result = domain.join(result, part)
    return result if not result.is_bottom() else CLEAN


def _bounds(lower: Value, upper: Value) -> tuple[int | None, int | None] | None:
    try:
        first, last = lower.constant(), upper.constant()
    except LookupError:
        return None
    if isinstance(first, (int, type(None))) and isinstance(last, (int, type(None))):
        return (first, last)
    return None


def _slice_constant(base: Value, lower: Value, upper: Value, step: Value) -> Value:
    try:
        return constant(base.constant()[lower.constant() : upper.constant() : step.constant()])
    except (LookupError, TypeError, ValueError):
        return CLEAN


def _slice_sequence(fr: Frame, obj: Obj, lower: Value, upper: Value, step: Value, pos: int, tag: Any) -> Value:
    if obj.exact:
        rows = [obj.fields[i] for i in range(len(obj.fields))]
        try:
            return make_sequence(
                fr, obj.kind, rows[lower.constant() : upper.constant() : step.constant()], pos, ("slice", tag)
            )
        except (LookupError, TypeError, ValueError):
            pass
    return make_collection(fr, obj.kind, fr.domain.join_all(obj.values()), pos, ("slice", tag))
