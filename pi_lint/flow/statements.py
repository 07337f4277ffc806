"""Abstract execution of statements: how the state changes, branches and meets again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from pi_lint.flow import kinds
from pi_lint.flow.attributes import set_field, write_attr
from pi_lint.flow.conditions import decided, falsity, truth
from pi_lint.flow.domain import BOTTOM, CLEAN, NONE, Value, constant
from pi_lint.flow.elements import iterate, known_elements, make_collection, make_sequence
from pi_lint.flow.expressions import binary, evaluate, evaluate_optional, make_function
from pi_lint.flow.frame import Frame, Unreachable
from pi_lint.flow.heap import Obj, State
from pi_lint.flow.items import delete_item, read_item, write_item
from pi_lint.flow.patterns import match_pattern
from pi_lint.flow.show import shown
from pi_lint.flow.summary import Hit
from pi_lint.frontend.ir import Body, Node
from pi_lint.project.program import Class

Executor = Callable[[Frame, Node], None]

MAX_UNROLLED: Final = 8
MAX_PASSES: Final = 3


def run_body(fr: Frame, body: Body) -> None:
    """Execute statements one after another, as far as control gets."""
    for statement in body:
        if fr.state is None:
            return
        run_statement(fr, statement)


def run_statement(fr: Frame, statement: Node) -> None:
    """Execute one statement; the state is None afterwards if control does not get through it."""
    fr.step()
    try:
        _EXECUTORS[statement[0]](fr, statement)
    except Unreachable:
        fr.state = None


def _expr(fr: Frame, node: Node) -> None:
    evaluate(fr, node[2])


def _assign(fr: Frame, node: Node) -> None:
    value = evaluate(fr, node[3])
    for target in node[2]:
        if fr.state is not None:
            assign(fr, target, value, node[1])


def assign(fr: Frame, target: Node, value: Value, pos: int) -> None:
    """Bind a target of any form; `pos` is the statement, where assignment sinks stand."""
    kind = target[0]
    if kind == "name":
        fr.write_name(target[2], value, target[1])
    elif kind == "attr":
        base = evaluate(fr, target[2])
        if fr.state is not None:
            fr.engine.library.attribute_written(fr, base, target[3], value, pos)
            write_attr(fr, base, target[3], value, target[1])
    elif kind == "sub":
        base = evaluate(fr, target[2])
        index = evaluate(fr, target[3]) if target[3][0] != "slice" else _slice_target(fr, target[3])
        if fr.state is not None:
            fr.engine.library.item_written(fr, base, index, value, pos)
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
        fr.engine.library.response(fr, value, node[1])
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
    if any(ref.tname in fr.engine.library.words["abstract"] for ref in value.refs):
        leave(fr, fr.opaque(fr.ctx.opaque(node[1], "abstract")))  # whoever defines it returns something
        return
    value = fr.engine.classes.raised(fr, value, node[1])
    labels = fr.engine.library.exception_text(fr, value)
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
            fr.engine.keep_raised(fr, value)
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
                if not fr.engine.library.item_deleted(fr, base, index):
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


def _if(fr: Frame, node: Node) -> None:
    ends: list[State | None] = []
    for test_node, body in node[2]:
        test = evaluate(fr, test_node)
        if fr.state is None:
            break
        verdict = decided(fr, test)
        here = fr.live
        if verdict is not False:
            fr.state = here.branch()
            fr.add_facts(truth(fr, test))
            narrow(fr, test_node, True)
            run_body(fr, body)
            ends.append(fr.state)
        if verdict is True:
            fr.state = None
            break
        fr.state = here.branch()
        fr.add_facts(falsity(fr, test))
        narrow(fr, test_node, False)
    if fr.state is not None:
        run_body(fr, node[3])
        ends.append(fr.state)
    fr.state = fr.merge(*ends)


def narrow(fr: Frame, test: Node, positive: bool) -> None:
    """After `isinstance(x, C)` a known object keeps only what fits (SPEC 8.58)."""
    if test[0] == "not":
        narrow(fr, test[2], not positive)
        return
    if test[0] == "cmp":
        _narrow_none(fr, test, positive)
        return
    if test[0] != "call" or test[2][0] != "name" or len(test[3]) != 2 or test[3][0][0] != "name":
        return
    if not fr.engine.library.is_instance_test(fr, test[2]):
        return
    name = test[3][0][2]
    value = fr.live.env.get(name)
    if value is None or len(value.refs) < 2:
        return
    target = evaluate(fr, test[3][1])
    classes = [obj.cls for ref in target.refs if (obj := fr.obj(ref)) is not None and obj.kind == "class"]
    if not classes:
        return
    kept = []
    for ref in value.refs:
        obj = fr.obj(ref)
        known = obj is not None and obj.kind == "inst" and isinstance(obj.cls, Class)
        fits = known and any(cls in obj.cls.mro() for cls in classes) if obj is not None else False
        if not known or bool(fits) is positive:
            kept.append(ref)
    fr.live.env[name] = Value(tuple(kept), value.labels, value.consts, value.other)


def _narrow_none(fr: Frame, test: Node, positive: bool) -> None:
    """After `x is None` x is None, and after `x is not None` it is not."""
    if len(test[3]) != 1 or test[2][0] != "name" or test[3][0][0] not in ("is", "is not"):
        return
    operator, other = test[3][0]
    if other[0] != "const" or other[2] is not None:
        return
    name = test[2][2]
    value = fr.live.env.get(name)
    if value is None:
        return
    if (operator == "is") is positive:
        fr.live.env[name] = NONE
    elif None in value.consts:
        consts = tuple(const for const in value.consts if const is not None)
        fr.live.env[name] = Value(value.refs, value.labels, consts, value.other, value.test)


def _while(fr: Frame, node: Node) -> None:
    _, _, test_node, body, otherwise = node
    exits: list[State | None] = []
    after_test: State | None = None
    for _ in range(MAX_PASSES):
        entry = fr.live
        fr.state = entry.branch()
        test = evaluate(fr, test_node)
        if fr.ended():
            break
        verdict = decided(fr, test)
        here = fr.live
        if verdict is not True:
            fr.state = here.branch()
            fr.add_facts(falsity(fr, test))
            after_test = fr.merge(after_test, fr.state)
        if verdict is False:
            break
        fr.state = here.branch()
        fr.add_facts(truth(fr, test))
        end, broken = _loop_body(fr, body)
        exits += broken
        merged = fr.merge(entry, end)
        if merged is None or same_state(fr, merged, entry):
            break
        fr.state = merged
    fr.state = after_test
    if fr.state is not None and otherwise:
        run_body(fr, otherwise)
    fr.state = fr.merge(fr.state, *exits)


def _loop_body(fr: Frame, body: Body) -> tuple[State | None, list[State | None]]:
    """Run a loop's body once; the state that goes round again, and those that break out."""
    fr.breaks.append([])
    fr.continues.append([])
    run_body(fr, body)
    breaks = fr.breaks.pop()
    continues = fr.continues.pop()
    return fr.merge(fr.state, *continues), list(breaks)


def _for(fr: Frame, node: Node) -> None:
    _, pos, target, iterable, body, otherwise, _is_async = node
    source = evaluate(fr, iterable)
    if fr.state is None:
        return
    known = known_elements(fr, source, MAX_UNROLLED)
    exits: list[State | None] = []
    if known is not None:
        for value in known:
            if fr.state is None:
                break
            assign(fr, target, value, pos)
            fr.state, broken = _loop_body(fr, body)
            exits += broken
    else:
        element = iterate(fr, source, iterable[1])
        facts = fr.live.facts
        for _ in range(MAX_PASSES):
            entry = fr.live
            fr.state = entry.branch()
            fr.add_facts(fr.engine.element_facts(fr, source, element))
            assign(fr, target, element, pos)
            end, broken = _loop_body(fr, body)
            exits += broken
            merged = fr.merge(entry, end)
            if merged is None or same_state(fr, merged, entry):
                fr.state = merged
                break
            fr.state = merged
            element = fr.domain.join(element, iterate(fr, source, iterable[1]))
        if fr.state is not None:
            fr.state = State(fr.state.env, fr.state.heap, fr.state.facts & facts)
    if fr.state is not None and otherwise:
        run_body(fr, otherwise)
    fr.state = fr.merge(fr.state, *exits)


def same_value(left: Value | None, right: Value | None) -> bool:
    """Whether two values are the same set of possibilities."""
    if left is right:
        return True
    if left is None or right is None:
        return False
    return (
        left.refs == right.refs
        and left.labels.keys() == right.labels.keys()
        and left.consts == right.consts
        and left.other == right.other
    )


def same_state(fr: Frame, new: State, old: State) -> bool:
    """Whether another pass through a loop has taught nothing."""
    if new.facts != old.facts or new.env.keys() != old.env.keys():
        return False
    if any(value is not old.env[name] and not same_value(value, old.env[name]) for name, value in new.env.items()):
        return False
    for ref, obj in new.heap.changes_since(old.heap).items():
        before = old.heap.get(ref)
        if before is None or before.fields.keys() != obj.fields.keys() or not same_value(before.rest, obj.rest):
            return False
        if any(not same_value(value, before.fields[key]) for key, value in obj.fields.items()):
            return False
    return True


def _try(fr: Frame, node: Node) -> None:
    _, _, body, handlers, otherwise, final, _star = node
    before = fr.live.branch()
    caught: list[tuple[Value, State]] = []
    fr.caught.append(caught)
    fr.state = before.branch()
    points: list[State] = [before]
    for statement in body:
        if fr.ended():
            break
        run_statement(fr, statement)
        if fr.state is not None:
            points.append(fr.state)
            fr.state = fr.state.branch()
    fr.caught.pop()
    normal = fr.state
    ends: list[State | None] = []
    if handlers:
        entry = fr.merge(*points, *(state for _, state in caught))
        thrown = [value for value, _ in caught]
        for type_node, name, handler_body, handler_pos in handlers:
            if entry is None:
                break
            fr.state = entry.branch()
            value = fr.engine.library.caught(fr, type_node, thrown, body, handler_pos)
            if name is not None:
                fr.write_name(name, value, handler_pos)
            run_body(fr, handler_body)
            ends.append(fr.state)
    elif fr.caught:
        fr.caught[-1].extend(caught)
    else:
        summary = fr.ctx.summary
        summary.raised = fr.domain.join(summary.raised, fr.domain.join_all(value for value, _ in caught))
    fr.state = normal
    if fr.state is not None and otherwise:
        run_body(fr, otherwise)
    fr.state = fr.merge(fr.state, *ends)
    if final:
        if fr.state is not None:
            run_body(fr, final)
        else:
            # Every way out leaves by return or raise: the block runs, and control stays outside.
            entry = fr.merge(*points)
            if entry is not None:
                fr.state = entry.branch()
                run_body(fr, final)
                fr.state = None


def _with(fr: Frame, node: Node) -> None:
    exits: list[tuple[Value, int]] = []
    facts = fr.live.facts
    suppresses = False
    before: State | None = None
    for context, target in node[2]:
        value = evaluate(fr, context)
        if fr.state is None:
            return
        entered, keeps = fr.engine.library.enter(fr, value, context[1])
        if fr.engine.library.suppresses(fr, value):
            suppresses = True
            before = fr.live.branch()
            fr.state = before.branch()
        if fr.ended():
            return
        exits.append((value, context[1]))
        if target is not None:
            assign(fr, target, entered, node[1])
        fr.add_facts(keeps)
    run_body(fr, node[3])
    if fr.state is not None:
        for value, pos in reversed(exits):
            if fr.state is not None:
                fr.engine.library.leave(fr, value, pos)
    if fr.state is not None:
        fr.state = State(fr.state.env, fr.state.heap, fr.state.facts | facts)
    if suppresses:
        fr.state = fr.merge(before, fr.state)


def _match(fr: Frame, node: Node) -> None:
    value = evaluate(fr, node[2])
    ends: list[State | None] = []
    for pattern, guard, body in node[3]:
        if fr.state is None:
            break
        here = fr.live
        fr.state = here.branch()
        verdict, rest = match_pattern(fr, pattern, value, node[2])
        if verdict is not False and guard is not None and fr.state is not None:
            test = evaluate(fr, guard)
            if fr.state is not None:
                one = decided(fr, test)
                if one is False:
                    verdict = False
                elif one is None:
                    verdict = None
                fr.add_facts(truth(fr, test))
        if verdict is not False and fr.state is not None:
            run_body(fr, body)
            ends.append(fr.state)
        if verdict is True:
            fr.state = None
            break
        fr.state = here.branch()
        if guard is None:
            fr.add_facts(rest)
    ends.append(fr.state)
    fr.state = fr.merge(*ends)


def _def(fr: Frame, node: Node) -> None:
    fn = node[2]
    value = make_function(fr, fn, fn[1])
    value = fr.engine.library.decorated(fr, value, fn[5], fn[1])
    if fr.state is not None:
        fr.write_name(fn[2], value, fn[1])


def _class(fr: Frame, node: Node) -> None:
    cls = node[2]
    value = fr.engine.classes.define(fr, cls)
    if fr.state is not None:
        value = fr.engine.library.decorated_class(fr, value, cls[6], cls[1])
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


_EXECUTORS: Final[dict[str, Executor]] = {
    "expr": _expr, "assign": _assign, "aug": _aug, "ann": _ann, "return": _return, "raise": _raise,
    "assert": _assert, "del": _del, "pass": _pass, "global": _pass, "nonlocal": _pass, "break": _break,
    "continue": _continue, "if": _if, "while": _while, "for": _for, "try": _try, "with": _with, "match": _match,
    "def": _def, "class": _class, "import": _import, "from": _from, "type": _type,
}  # fmt: skip

__all__ = ["Any", "Obj", "kinds", "run_body"]
