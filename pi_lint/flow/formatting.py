"""Texts made of parts: what they begin with, and what formats leave of the parts."""

from __future__ import annotations

import re
from typing import Final

from pi_lint.flow.domain import Labels, Value, constant
from pi_lint.flow.elements import known_elements
from pi_lint.flow.frame import Frame
from pi_lint.flow.items import read_item
from pi_lint.flow.show import shown

_CONVERSION: Final = re.compile(r"%(?:\(([^)]*)\))?[#0\- +]*\d*((?:\.\d+)?)([diouxXeEfFgGcrsa])")


def concatenated(fr: Frame, parts: list[Labels]) -> Labels:
    """What a text made of several parts shows: slices of one source add up."""
    result: Labels = {}
    for labels in parts:
        result = fr.domain.join_labels(result, labels) if result else labels
    return result


def percent_format(fr: Frame, template: Value, right: Value) -> Value:
    """`"..." % right`: the values that the template names, shown as it says."""
    text = next((const for const in template.consts if isinstance(const, str)), "")
    conversions = _CONVERSION.findall(text)
    elements = known_elements(fr, right)
    parts = [template.labels]
    if conversions and all(name for name, _, _ in conversions):
        for name, precision, letter in conversions:
            value = read_item(fr, right, constant(name), 0)
            parts.append(cut_by_format(fr, shown(fr, value, "repr" if letter == "r" else "str"), precision))
        return Value((), concatenated(fr, parts), (), True)
    if elements is None and len(conversions) == 1:
        elements = [right]
    mode = "repr" if any(letter == "r" for _, _, letter in conversions) else "str"
    if elements is not None and len(elements) == len(conversions):
        for element, (_, precision, letter) in zip(elements, conversions, strict=True):
            parts.append(cut_by_format(fr, shown(fr, element, "repr" if letter == "r" else "str"), precision))
    elif elements is not None:
        parts += [shown(fr, element, mode) for element in elements]
    else:
        parts.append(shown(fr, right, mode))
    return Value((), concatenated(fr, parts), (), True)


def beginning(value: Value) -> str:
    """The text that a value is known to begin with, if there is one."""
    if len(value.consts) == 1 and isinstance(value.consts[0], str) and not value.refs:
        return value.consts[0]
    for ref in value.refs:
        if isinstance(ref.info, tuple) and ref.info[0] == "prefix":
            return str(ref.info[1])
    return ""


def cut_by_format(fr: Frame, labels: Labels, form: str) -> Labels:
    """What a format with a precision leaves of a text: `.3` keeps three characters, `.1f` masks a coordinate."""
    digits = form.rpartition(".")[2] if "." in form else ""
    if digits.rstrip("s").isdigit():
        return fr.domain.map_labels(Value((), labels), (), frozenset({(0, int(digits.rstrip("s")))}))
    return {} if digits in ("0f", "1f") else labels
