"""Abstract evaluation of expressions: one function a kind of IR node."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from pi_lint.flow.attributes import read_attr
from pi_lint.flow.conditions import comparison, decided, falsity, truth
from pi_lint.flow.domain import BOTTOM, CLEAN, NO_FACTS, Facts, Labels, Value, constant
from pi_lint.flow.elements import iterate, known_elements, make_collection, make_sequence
from pi_lint.flow.formatting import beginning, concatenated, cut_by_format
from pi_lint.flow.frame import Frame
from pi_lint.flow.heap import Obj
from pi_lint.flow.items import read_item
from pi_lint.flow.operators import MAX_FOLDED, binary
from pi_lint.flow.show import shown
from pi_lint.flow.slices import character, slice_value
from pi_lint.frontend.ir import Node
from pi_lint.project.program import function_of

Evaluator = Callable[[Frame, Node], Value]


def evaluate(fr: Frame, node: Node) -> Value:
    """The value of an expression; bottom where control does not get through it."""
    fr.step()
    if fr.state is None:
        return BOTTOM
    return EVALUATORS[node[0]](fr, node)


def evaluate_optional(fr: Frame, node: Node | None) -> Value:
    """The value of an expression that may be left out (None then)."""
    return evaluate(fr, node) if node is not None else constant(None)


def _const(fr: Frame, node: Node) -> Value:
    return constant(node[2])


def _name(fr: Frame, node: Node) -> Value:
    return fr.read_name(node[2], node[1])


def _attr(fr: Frame, node: Node) -> Value:
    base = evaluate(fr, node[2])
    hint_owner(fr, base, node[2])
    return read_attr(fr, base, node[3], node[1])


def hint_owner(fr: Frame, base: Value, node: Node) -> None:
    """Remember what the code calls an unnamed unknown object, to judge its fields by (SPEC 8.26)."""
    for ref in base.refs:
        if ref.kind == "opaque" and not ref.hint and (not ref.name or ref.parent is None):
            if node[0] == "name":
                ref.hint = node[2]
            elif node[0] == "attr":
                ref.hint = node[3]


def _sub(fr: Frame, node: Node) -> Value:
    base = evaluate(fr, node[2])
    index = node[3]
    if index[0] == "slice":
        lower = evaluate_optional(fr, index[2])
        upper = evaluate_optional(fr, index[3])
        step = evaluate_optional(fr, index[4])
        return slice_value(fr, base, lower, upper, step, node[1])
    key = evaluate(fr, index)
    hint_owner(fr, base, node[2])
    if (
        index[0] != "tuple"
        and key.is_constant()
        and all(isinstance(k, int) and not isinstance(k, bool) for k in key.consts)
    ):
        plain = character(fr, base, key)
        if plain is not None:
            return plain
    return read_item(fr, base, key, node[1])


# -- operators and conditions ----------------------------------------------------------


def _bin(fr: Frame, node: Node) -> Value:
    result = evaluate(fr, node[2])
    for op, right in node[3]:
        result = binary(fr, op, result, evaluate(fr, right), node[1])
    return result


def _bool(fr: Frame, node: Node) -> Value:
    """`and`/`or`: values that may come out, with what their truth says; later operands run under it."""
    is_and = node[2] == "and"
    start = fr.live.facts
    result = BOTTOM
    true_facts: list[Facts] = []
    false_facts: list[Facts] = []
    gained: Facts = NO_FACTS
    for position, operand in enumerate(node[3]):
        value = evaluate(fr, operand)
        if fr.state is None:
            return BOTTOM
        last = position == len(node[3]) - 1
        verdict = decided(fr, value)
        true_facts.append(truth(fr, value))
        false_facts.append(falsity(fr, value))
        if last:
            result = fr.domain.join(result, fr.domain.guard(value, gained))
            break
        if is_and:
            if verdict is not True:
                result = fr.domain.join(result, _falsy_part(fr, value))
            if verdict is False:
                break
            gained = gained | true_facts[-1]
        else:
            if verdict is not False:
                result = fr.domain.join(result, value)
            if verdict is True:
                break
            gained = gained | false_facts[-1]
        fr.add_facts(gained)
    state = fr.live
    fr.state = type(state)(state.env, state.heap, start)
    if is_and:
        together: Facts = frozenset().union(*true_facts)
        either = frozenset.intersection(*false_facts)
    else:
        together = frozenset.intersection(*true_facts)
        either = frozenset().union(*false_facts)
    return result.with_test((together, either))


def _falsy_part(fr: Frame, value: Value) -> Value:
    """What `x and ...` gives when x is false: an empty thing that shows nothing."""
    falsy = tuple(const for const in value.consts if not const)
    return (
        Value((), {}, falsy, True)
        if not falsy
        else Value((), {}, falsy, bool(value.refs or value.labels or value.other))
    )


def _not(fr: Frame, node: Node) -> Value:
    value = evaluate(fr, node[2])
    verdict = decided(fr, value)
    test = (falsity(fr, value), truth(fr, value))
    if verdict is not None:
        return Value((), {}, (not verdict,), False, test)
    return CLEAN.with_test(test)


def _unary(fr: Frame, node: Node) -> Value:
    value = evaluate(fr, node[3])
    if value.is_constant() and len(value.consts) == 1:
        const = value.consts[0]
        try:
            if node[2] == "-":
                return constant(-const)
            if node[2] == "~":
                return constant(~const)
            return constant(+const)
        except TypeError:
            return CLEAN
    return Value(value.refs, value.labels, (), True)


def _cmp(fr: Frame, node: Node) -> Value:
    left = evaluate(fr, node[2])
    result: Value | None = None
    for op, right_node in node[3]:
        right = evaluate(fr, right_node)
        if fr.state is None:
            return BOTTOM
        one = comparison(fr, op, left, right, node[1])
        if result is None:
            result = one
        else:
            first, second = result.test or (NO_FACTS, NO_FACTS), one.test or (NO_FACTS, NO_FACTS)
            result = CLEAN.with_test((first[0] | second[0], first[1] & second[1]))
        left = right
    assert result is not None
    return result


def _ifexp(fr: Frame, node: Node) -> Value:
    test = evaluate(fr, node[2])
    verdict = decided(fr, test)
    before = fr.state
    if before is None:
        return BOTTOM
    result = BOTTOM
    states = []
    for wanted, branch, facts in ((True, node[3], truth(fr, test)), (False, node[4], falsity(fr, test))):
        if verdict is not None and verdict is not wanted:
            continue
        fr.state = before.branch()
        fr.add_facts(facts)
        value = evaluate(fr, branch)
        if fr.state is not None:
            result = fr.domain.join(result, fr.domain.guard(value, fr.live.facts - before.facts))
            states.append(fr.state)
    fr.state = fr.merge(*states)
    return result


# -- displays --------------------------------------------------------------------------


def _sequence(fr: Frame, node: Node) -> Value:
    values: list[Value] = []
    spread = BOTTOM
    for element in node[2]:
        if element[0] == "star":
            inner = evaluate(fr, element[2])
            known = known_elements(fr, inner)
            if known is not None and spread is BOTTOM:
                values += known
            else:
                spread = fr.domain.join(spread, iterate(fr, inner, node[1]))
        elif spread is not BOTTOM:
            spread = fr.domain.join(spread, evaluate(fr, element))
        else:
            values.append(evaluate(fr, element))
    if spread is not BOTTOM:
        return make_collection(fr, node[0], fr.domain.join(spread, fr.domain.join_all(values)), node[1], "seq")
    if len(values) > 200:
        return make_collection(fr, node[0], fr.domain.join_all(values), node[1], "seq")
    return make_sequence(fr, node[0], values, node[1], "seq")


def _dict(fr: Frame, node: Node) -> Value:
    fields: dict[Any, Value] = {}
    rest, keys = BOTTOM, BOTTOM
    for key_node, value_node in node[2]:
        if key_node is None:
            inner = evaluate(fr, value_node)
            spread = False
            for ref in inner.refs:
                obj = fr.obj(ref)
                if obj is not None and obj.kind == "dict":
                    fields.update(obj.fields)
                    rest, keys = fr.domain.join(rest, obj.rest), fr.domain.join(keys, obj.keys)
                    spread = True
            if not spread:
                rest = fr.domain.join(rest, read_item(fr, inner, CLEAN, node[1]))
            continue
        key = evaluate(fr, key_node)
        value = evaluate(fr, value_node)
        if key.is_constant() and len(key.consts) == 1:
            name = key.consts[0]
            fields[name] = fr.named(value, name, "", value_node[1]) if isinstance(name, str) else value
        else:
            rest = fr.domain.join(rest, value)
            keys = fr.domain.join(keys, Value(key.refs, key.labels, key.consts, key.other))
    fr.keep(*fields.values(), rest)
    return fr.alloc(node[1], "dict", Obj("dict", None, fields, rest, keys))


def _fstr(fr: Frame, node: Node) -> Value:
    parts: list[Labels] = []
    text: str | None = ""
    for part in node[2]:
        if part[0] == "const":
            text = None if text is None else text + str(part[2])
            continue
        value = evaluate(fr, part[2])
        if fr.state is None:
            return BOTTOM
        mode = "repr" if part[3] in ("r", "a") else "format"
        if value.is_constant() and len(value.consts) == 1 and part[3] is None and part[4] is None and text is not None:
            text += str(value.consts[0]) if isinstance(value.consts[0], (str, int)) else ""
        else:
            text = None
        labels = shown(fr, value, mode)
        if part[4] is not None:
            labels = _formatted(fr, labels, part[4])
        parts.append(labels)
    if text is not None and len(text) <= MAX_FOLDED:
        return constant(text)
    return text_value(fr, node, concatenated(fr, parts))


def text_value(fr: Frame, node: Node, labels: Labels) -> Value:
    """A built text; its constant beginning is remembered as a prefix for addresses."""
    prefix = _prefix(fr, node)
    if not prefix:
        return Value((), labels, (), True)
    ref = fr.ctx.opaque(node[1], ("text", prefix))
    ref.info = ("prefix", prefix)
    return Value((ref,), labels, (), True)


def _prefix(fr: Frame, node: Node) -> str:
    """The constant beginning of a formatted text."""
    text = ""
    for part in node[2]:
        if part[0] == "const":
            text += str(part[2])
            continue
        value = evaluate(fr, part[2])
        known = beginning(value)
        text += known
        if not value.is_constant():
            break
    return text if "://" in text else ""


def _formatted(fr: Frame, labels: Labels, spec: tuple[Node, ...]) -> Labels:
    """`{x:.3}` keeps three characters; other formats keep everything."""
    if len(spec) == 1 and spec[0][0] == "const" and isinstance(spec[0][2], str):
        return cut_by_format(fr, labels, spec[0][2])
    return labels


def _lambda(fr: Frame, node: Node) -> Value:
    return make_function(fr, node[2], node[1])


def make_function(fr: Frame, fn: Node, pos: int) -> Value:
    """The function object of a def or lambda: its defaults, evaluated once, and what it closes over."""
    function = function_of(fr.module, fn, fr.function, fr.cls)
    fields: dict[Any, Value] = {}
    if fr.scope is not None:
        fields["@outer"] = Value((fr.scope,))
    for name, _kind, default, _annotation, _pos in function.params:
        if default is not None:
            value = evaluate(fr, default)
            fr.keep(value)
            fields[("default", name)] = value
    if fr.function is not None:
        for name, value in fr.live.env.items():
            if name not in fr.function.locals:
                fields[("bound", name)] = value
    ref = fr.ctx.alloc(pos, "func", function.name)
    fr.put(ref, Obj("func", function, fields))
    fr.engine.note_function(function, Value((ref,)), fr)
    return Value((ref,))


# -- functions, generators, walrus -----------------------------------------------------


def _await(fr: Frame, node: Node) -> Value:
    return evaluate(fr, node[2])


def _yield(fr: Frame, node: Node) -> Value:
    value = evaluate_optional(fr, node[2])
    if fr.state is None:
        return BOTTOM
    summary = fr.ctx.summary
    summary.yields = fr.domain.join(summary.yields, fr.domain.guard(value, fr.live.facts))
    fr.keep(value)
    return fr.engine.sent_value(fr)


def _yieldfrom(fr: Frame, node: Node) -> Value:
    value = evaluate(fr, node[2])
    if fr.state is None:
        return BOTTOM
    summary = fr.ctx.summary
    element = iterate(fr, value, node[1])
    summary.yields = fr.domain.join(summary.yields, fr.domain.guard(element, fr.live.facts))
    for ref in value.refs:
        obj = fr.obj(ref)
        if obj is not None and obj.kind == "gen" and "return" in obj.fields:
            return obj.fields["return"]
    return CLEAN


def _walrus(fr: Frame, node: Node) -> Value:
    value = evaluate(fr, node[3])
    if fr.state is not None:
        fr.write_name(node[2], value, node[1])
        return fr.read_name(node[2], node[1])
    return BOTTOM


def _star(fr: Frame, node: Node) -> Value:
    return iterate(fr, evaluate(fr, node[2]), node[1])


def _slice(fr: Frame, node: Node) -> Value:
    for part in node[2:]:
        if part is not None:
            evaluate(fr, part)
    return CLEAN


# calls.py and comprehensions.py, which stand above this module, add their own forms.
EVALUATORS: Final[dict[str, Evaluator]] = {
    "const": _const, "name": _name, "attr": _attr, "sub": _sub, "slice": _slice, "bin": _bin,
    "bool": _bool, "not": _not, "unary": _unary, "cmp": _cmp, "ifexp": _ifexp, "tuple": _sequence, "list": _sequence,
    "set": _sequence, "dict": _dict, "fstr": _fstr, "lambda": _lambda, "await": _await, "yield": _yield,
    "yieldfrom": _yieldfrom, "walrus": _walrus, "star": _star,
}  # fmt: skip
