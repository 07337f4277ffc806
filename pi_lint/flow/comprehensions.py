"""Comprehensions and generator expressions."""

from __future__ import annotations

from typing import Any

from pi_lint.flow.assignment import assign
from pi_lint.flow.conditions import decided, truth
from pi_lint.flow.domain import BOTTOM, Value
from pi_lint.flow.elements import iterate, known_elements, make_collection, make_sequence
from pi_lint.flow.expressions import EVALUATORS, evaluate
from pi_lint.flow.frame import Frame
from pi_lint.flow.heap import Obj
from pi_lint.frontend.ir import Node


def comprehension(fr: Frame, node: Node) -> Value:
    """The list, set, dictionary or generator that a comprehension gives."""
    kind, element, generators = node[2], node[3], node[4]
    outer = fr.live
    saved = dict(outer.env)
    facts = outer.facts
    rows: list[tuple[Value, Value]] = []

    def run(depth: int) -> None:
        if fr.state is None:
            return
        if depth == len(generators):
            if element[0] == "pair":
                rows.append((evaluate(fr, element[2]), evaluate(fr, element[3])))
            else:
                rows.append((BOTTOM, evaluate(fr, element)))
            if not fr.ended():
                gained = fr.live.facts - facts
                rows[-1] = (fr.domain.guard(rows[-1][0], gained), fr.domain.guard(rows[-1][1], gained))
            return
        target, iterable, conditions, _is_async = generators[depth]
        source = evaluate(fr, iterable)
        known = known_elements(fr, source, limit=6)
        elements = known if known is not None else [iterate(fr, source, iterable[1])]
        exact.append(known is not None)
        for value in elements:
            if fr.ended():
                return
            before = fr.live
            fr.add_facts(fr.engine.element_facts(fr, source, value))
            assign(fr, target, value, node[1])
            verdict: bool | None = True
            for condition in conditions:
                test = evaluate(fr, condition)
                if fr.ended():
                    break
                one = decided(fr, test)
                if one is False:
                    verdict = False
                    break
                if one is None:
                    verdict = None
                fr.add_facts(truth(fr, test))
            if verdict is None:
                exact.append(False)
            if verdict is not False and not fr.ended():
                run(depth + 1)
            if not fr.ended():
                state = fr.live
                fr.state = type(state)(state.env, state.heap, before.facts)

    exact: list[bool] = []
    run(0)
    if fr.state is None:
        return BOTTOM
    state = fr.live
    env = {
        name: value
        for name, value in state.env.items()
        if name in saved or (fr.function is not None and name in fr.function.locals)
    }
    for name, value in saved.items():
        if fr.function is None or name not in fr.function.locals:
            env[name] = value
    fr.state = type(state)(env, state.heap, facts)
    return _collected(fr, kind, rows, all(exact), node[1])


def _collected(fr: Frame, kind: str, rows: list[tuple[Value, Value]], exact: bool, pos: int) -> Value:
    domain = fr.domain
    for row in rows:
        fr.keep(*row)
    if kind == "dict":
        fields: dict[Any, Value] = {}
        rest, keys = BOTTOM, BOTTOM
        for key, value in rows:
            if key.is_constant() and len(key.consts) == 1:
                fields[key.consts[0]] = domain.join(fields.get(key.consts[0], BOTTOM), value)
            else:
                rest, keys = domain.join(rest, value), domain.join(keys, key)
        return fr.alloc(
            pos, "comp", Obj("dict", None, fields, rest, Value(keys.refs, keys.labels, keys.consts, keys.other))
        )
    values = [value for _, value in rows]
    if exact and kind == "list":
        return make_sequence(fr, "list", values, pos, "comp")
    return make_collection(fr, kind, domain.join_all(values), pos, "comp")


EVALUATORS["comp"] = comprehension
