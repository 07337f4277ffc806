"""Abstract execution of the simple statements: those that hold no statements, and definitions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from pi_lint.flow.assignment import assign
from pi_lint.flow.attributes import set_field
from pi_lint.flow.conditions import decided, falsity, truth
from pi_lint.flow.contexts import exception_text
from pi_lint.flow.domain import BOTTOM, CLEAN, NONE, Value
from pi_lint.flow.expressions import evaluate, evaluate_optional, make_function
from pi_lint.flow.frame import Frame
from pi_lint.flow.items import delete_by_kind, delete_item
from pi_lint.flow.operators import binary
from pi_lint.flow.show import shown
from pi_lint.flow.sinks import response
from pi_lint.flow.summary import Hit
from pi_lint.frontend.ir import Node

Executor = Callable[[Frame, Node], None]


def _expr(fr: Frame, node: Node) -> None:
    evaluate(fr, node[2])


def _assign(fr: Frame, node: Node) -> None:
    value = evaluate(fr, node[3])
    for target in node[2]:
        if fr.state is not None:
            assign(fr, target, value, node[1])


def _aug(fr: Frame, node: Node) -> None:
    target, op = node[2], node[3]
    before = evaluate(fr, target)
    value = evaluate(fr, node[4])
    if fr.state is None:
        return
    if op in ("+", "|") and len(before.refs) == 1:
        obj = fr.obj(before.refs[0])
        if (
            obj is not None
            and obj.kind in ("list", "set", "dict")
            and fr.engine.library.extend_in_place(fr, before.refs[0], obj, value, node[1])
        ):
            return
    assign(fr, target, binary(fr, op, before, value, node[1]), node[1])


def _ann(fr: Frame, node: Node) -> None:
    target, annotation = node[2], node[3]
    if node[4] is not None:
        value = evaluate(fr, node[4])
        if fr.state is not None:
            assign(fr, target, fr.engine.classes.annotated(fr, value, annotation), node[1])
    if fr.cls is not None and target[0] == "name":
        fr.engine.classes.declare(fr, fr.cls, target[2], annotation, node[4], node[1])


def _return(fr: Frame, node: Node) -> None:
    value = evaluate_optional(fr, node[2]) if node[2] is not None else NONE
    if fr.state is None:
        return
    if fr.ctx.route is not None:
        response(fr, fr.ctx.route, value, node[1])
    leave(fr, value)


def leave(fr: Frame, value: Value) -> None:
    """Return from the function: remember the value and the state."""
    fr.ctx.returned.append((value, fr.live))
    fr.state = None


def _raise(fr: Frame, node: Node) -> None:
    if node[2] is None:
        if fr.state is not None:
            throw(fr, BOTTOM)
        return
    value = evaluate(fr, node[2])
    if node[3] is not None:
        evaluate(fr, node[3])
    if fr.state is None:
        return
    if any(ref.tname in fr.knowledge.words["abstract"] for ref in value.refs):
        leave(fr, fr.opaque(fr.ctx.opaque(node[1], "abstract")))  # whoever defines it returns something
        return
    value = fr.engine.classes.raised(fr, value, node[1])
    labels = exception_text(fr, value)
    if labels:
        fr.hit(Hit("exception", "raise", fr.place(node[1])), labels)
    throw(fr, value)


def throw(fr: Frame, value: Value) -> None:
    """Leave by an exception: to the handlers around, or out of the function."""
    if fr.caught:
        fr.caught[-1].append((value, fr.live))
    else:
        if value is not BOTTOM:
            summary = fr.ctx.summary
            summary.raised = fr.domain.join(summary.raised, value)
            fr.engine.functions.keep_raised(fr, value)
    fr.state = None


def _assert(fr: Frame, node: Node) -> None:
    test = evaluate(fr, node[2])
    if fr.state is None:
        return
    verdict = decided(fr, test)
    if node[3] is not None and verdict is not True:
        here = fr.live
        fr.state = here.branch()
        fr.add_facts(falsity(fr, test))
        message = evaluate(fr, node[3])
        if fr.state is not None:
            labels = shown(fr, message, "str")
            if labels:
                fr.hit(Hit("exception", "assert", fr.place(node[1])), labels)
        fr.state = here
    if verdict is False:
        throw(fr, BOTTOM)
        return
    fr.add_facts(truth(fr, test))


def _del(fr: Frame, node: Node) -> None:
    for target in node[2]:
        if target[0] == "name":
            fr.live.env.pop(target[2], None)
        elif target[0] == "sub" and target[3][0] != "slice":
            base = evaluate(fr, target[2])
            index = evaluate(fr, target[3])
            if fr.state is not None:
                if not delete_by_kind(fr, base, index):
                    delete_item(fr, base, index, target[1])
        elif target[0] == "attr":
            base = evaluate(fr, target[2])
            for ref in base.refs:
                if len(base.refs) == 1:
                    set_field(fr, ref, target[3], CLEAN, True)


def _pass(fr: Frame, node: Node) -> None:
    return


def _break(fr: Frame, node: Node) -> None:
    if fr.breaks:
        fr.breaks[-1].append(fr.live)
    fr.state = None


def _continue(fr: Frame, node: Node) -> None:
    if fr.continues:
        fr.continues[-1].append(fr.live)
    fr.state = None


def _def(fr: Frame, node: Node) -> None:
    fn = node[2]
    value = make_function(fr, fn, fn[1])
    value = fr.engine.decorators.decorated(fr, value, fn[5], fn[1])
    if fr.state is not None:
        fr.write_name(fn[2], value, fn[1])


def _class(fr: Frame, node: Node) -> None:
    cls = node[2]
    value = fr.engine.classes.define(fr, cls)
    if fr.state is not None:
        value = fr.engine.decorators.decorated_class(fr, value, cls[6], cls[1])
        fr.write_name(cls[2], value, cls[1])


def _import(fr: Frame, node: Node) -> None:
    for dotted, alias in node[2]:
        name = dotted if alias else dotted.partition(".")[0]
        if alias is None and dotted != name:
            fr.engine.imported(fr, dotted)
        fr.write_name(alias or name, fr.engine.imported(fr, name), node[1])


def _from(fr: Frame, node: Node) -> None:
    _, pos, level, dotted, names = node
    target = fr.engine.program.absolute(fr.module, level, dotted)
    for name, alias in names:
        if name == "*":
            for item, value in fr.engine.star(fr, target).items():
                fr.write_name(item, value, pos)
        else:
            fr.write_name(alias or name, fr.engine.imported_name(fr, target, name), pos)


def _type(fr: Frame, node: Node) -> None:
    fr.write_name(node[2], CLEAN, node[1])


SIMPLE: Final[dict[str, Executor]] = {
    "expr": _expr, "assign": _assign, "aug": _aug, "ann": _ann, "return": _return, "raise": _raise,
    "assert": _assert, "del": _del, "pass": _pass, "global": _pass, "nonlocal": _pass, "break": _break,
    "continue": _continue, "def": _def, "class": _class, "import": _import, "from": _from, "type": _type,
}  # fmt: skip
