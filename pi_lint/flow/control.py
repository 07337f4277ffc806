"""Abstract control flow: statements in order, branches, loops, handlers and contexts, and how states meet again."""

from __future__ import annotations

from typing import Final

from pi_lint.flow import comprehensions  # noqa: F401 - registers itself with the expressions
from pi_lint.flow.assignment import assign
from pi_lint.flow.conditions import decided, falsity, truth
from pi_lint.flow.contexts import enter_context, exception_caught, leave_context, swallows_exceptions
from pi_lint.flow.domain import NONE, Value
from pi_lint.flow.elements import iterate, known_elements
from pi_lint.flow.expressions import evaluate
from pi_lint.flow.frame import Frame, Unreachable
from pi_lint.flow.heap import State, same_state
from pi_lint.flow.patterns import match_pattern
from pi_lint.flow.statements import SIMPLE, Executor
from pi_lint.frontend.ir import Body, Node
from pi_lint.project.program import Class

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
    if not _is_instance_test(fr, test[2]):
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


def _is_instance_test(fr: Frame, func: Node) -> bool:
    """Whether a called name is the test of a value's class."""
    value = fr.read_name(func[2], func[1])
    return any(
        ref.tname is not None and any(spec.does == "isinstance" for spec in fr.knowledge.call(ref.tname))
        for ref in value.refs
    )


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
        if merged is None or same_state(merged, entry):
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
            if merged is None or same_state(merged, entry):
                fr.state = merged
                break
            fr.state = merged
            element = fr.domain.join(element, iterate(fr, source, iterable[1]))
        if fr.state is not None:
            fr.state = State(fr.state.env, fr.state.heap, fr.state.facts & facts)
    if fr.state is not None and otherwise:
        run_body(fr, otherwise)
    fr.state = fr.merge(fr.state, *exits)


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
            value = exception_caught(fr, type_node, thrown, handler_pos)
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
        entered, keeps = enter_context(fr, value, context[1])
        if swallows_exceptions(fr, value):
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
                leave_context(fr, value, pos)
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


_EXECUTORS: Final[dict[str, Executor]] = {
    **SIMPLE, "if": _if, "while": _while, "for": _for, "try": _try, "with": _with, "match": _match,
}  # fmt: skip
