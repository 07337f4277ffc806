"""Binding targets of any form: names, attributes, items, and several at once."""

from __future__ import annotations

from pi_lint.flow.attributes import write_attr
from pi_lint.flow.domain import CLEAN, Value, constant
from pi_lint.flow.elements import iterate, known_elements, make_collection, make_sequence
from pi_lint.flow.expressions import evaluate
from pi_lint.flow.frame import Frame
from pi_lint.flow.items import read_item, write_item
from pi_lint.flow.sinks import attribute_sink, item_sink
from pi_lint.frontend.ir import Node


def assign(fr: Frame, target: Node, value: Value, pos: int) -> None:
    """Bind a target of any form; `pos` is the statement, where assignment sinks stand."""
    kind = target[0]
    if kind == "name":
        fr.write_name(target[2], value, target[1])
    elif kind == "attr":
        base = evaluate(fr, target[2])
        if fr.state is not None:
            attribute_sink(fr, base, target[3], value, pos)
            write_attr(fr, base, target[3], value, target[1])
    elif kind == "sub":
        base = evaluate(fr, target[2])
        index = evaluate(fr, target[3]) if target[3][0] != "slice" else _slice_target(fr, target[3])
        if fr.state is not None:
            item_sink(fr, base, index, value, pos)
            if target[3][0] == "slice":
                value = iterate(fr, value, pos)
            write_item(fr, base, index, value, target[1])
    elif kind in ("tuple", "list"):
        unpack(fr, target[2], value, pos)
    elif kind == "star":
        assign(fr, target[2], value, pos)


def _slice_target(fr: Frame, node: Node) -> Value:
    evaluate(fr, node)
    return CLEAN


def unpack(fr: Frame, targets: tuple[Node, ...], value: Value, pos: int) -> None:
    """`a, *b, c = value`, by index where the elements are known."""
    star = next((i for i, target in enumerate(targets) if target[0] == "star"), None)
    known = known_elements(fr, value, limit=200)
    if known is not None and (len(known) == len(targets) if star is None else len(known) >= len(targets) - 1):
        values = list(known)
        if star is not None:
            after = len(targets) - star - 1
            middle = values[star : len(values) - after]
            tail = values[len(values) - after :] if after else []
            values = [*values[:star], make_sequence(fr, "list", middle, targets[star][1], "star"), *tail]
    else:
        values = []
        element: Value | None = None
        for position, target in enumerate(targets):
            if star is None or position < star:
                values.append(read_item(fr, value, constant(position), target[1]))
            elif target[0] == "star":
                element = element or iterate(fr, value, pos)
                values.append(make_collection(fr, "list", element, target[1], "star"))
            else:
                values.append(read_item(fr, value, constant(position - len(targets)), target[1]))
    for target, item in zip(targets, values, strict=False):
        if fr.state is not None:
            assign(fr, target, item, pos)
