"""What arguments of a sink show, and the hit that is recorded for it."""

from __future__ import annotations

import re
from typing import Final

from pi_lint.flow.arguments import Arguments
from pi_lint.flow.calls import call_value
from pi_lint.flow.domain import Labels, Value
from pi_lint.flow.frame import Frame
from pi_lint.flow.show import shown
from pi_lint.flow.summary import Hit
from pi_lint.knowledge.compiled import SinkSpec

_CONVERSION = re.compile(r"%(?:\([^)]*\))?[^a-zA-Z%]*([a-zA-Z])|%%")


_TEXTUAL: Final = frozenset({"log", "console", "exception"})


def shown_by(fr: Frame, concept: str, values: list[Value]) -> Labels:
    """What a sink of one concept shows of the values that reach it."""
    labels: Labels = {}
    modes = _modes(values) if concept in ("log", "console") else []
    for position, value in enumerate(values):
        if concept == "log":
            value = _called(fr, value)
        # What a template or a key takes of an object of ours is not all of its fields.
        plain = {"database": "written", "response": "passed"}.get(concept, "data")
        if concept == "identifier":
            plain = "passed"
        mode = ("str" if concept in _TEXTUAL else plain) if not modes else modes[min(position, len(modes) - 1)]
        labels = fr.domain.join_labels(labels, shown(fr, value, mode))
    return labels


def _modes(values: list[Value]) -> list[str]:
    """How each argument of a record is formatted: the template first, then by its conversions."""
    template = next((const for const in values[0].consts if isinstance(const, str)), "") if values else ""
    letters = [match[1] for match in _CONVERSION.finditer(template) if match[1]]
    if not letters or not any(letter == "r" for letter in letters):
        return ["repr"] if "!r}" in template else ["str"]
    return ["str", *("repr" if letter in "ra" else "str" for letter in letters)]


def _called(fr: Frame, value: Value) -> Value:
    """A logger calls a function that it is given instead of a value (lazy arguments)."""
    for ref in value.refs:
        obj = fr.obj(ref)
        if obj is not None and obj.kind == "func" and not obj.cls.params and fr.state is not None:
            return call_value(fr, Value((ref,)), Arguments(), obj.cls.pos)
    return value


def record(
    fr: Frame, concept: str, name: str, labels: Labels, pos: int, sink: SinkSpec | None = None,
    confidence: str = "high", host: str = "", vendor: str = "",
) -> None:  # fmt: skip
    """Note that labels reach a sink of one concept at this place."""
    if not labels or fr.state is None:
        return
    exempt = sink.exempt if sink is not None else frozenset()
    purpose = sink.purpose if sink is not None else ""
    vendor = vendor or (sink.vendor if sink is not None else "")
    fr.hit(Hit(concept, name, fr.place(pos), exempt, purpose, vendor, host, confidence=confidence), labels)
