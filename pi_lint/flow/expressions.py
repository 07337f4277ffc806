"""Abstract evaluation of expressions: one function a kind of IR node."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable
from typing import Any, Final

from pi_lint.flow import kinds
from pi_lint.flow.attributes import read_attr
from pi_lint.flow.conditions import comparison, decided, falsity, truth
from pi_lint.flow.domain import BOTTOM, CLEAN, NO_FACTS, Facts, Label, Labels, Value, constant, scalar
from pi_lint.flow.elements import iterate, known_elements, make_collection, make_sequence
from pi_lint.flow.frame import Frame, relabel
from pi_lint.flow.heap import SEQUENCES, Obj
from pi_lint.flow.items import read_item, read_ref_item
from pi_lint.flow.members import bind, find_member
from pi_lint.flow.show import shown
from pi_lint.frontend.ir import Node
from pi_lint.project.program import Class, function_of

Evaluator = Callable[[Frame, Node], Value]

_OPERATORS: Final[dict[str, Callable[[Any, Any], Any]]] = {
    "+": operator.add, "-": operator.sub, "*": operator.mul, "%": operator.mod, "//": operator.floordiv,
    "/": operator.truediv, "&": operator.and_, "|": operator.or_, "^": operator.xor, "**": operator.pow,
    "<<": operator.lshift, ">>": operator.rshift,
}  # fmt: skip
_OPERATOR_METHODS: Final[dict[str, str]] = {
    "+": "add", "-": "sub", "*": "mul", "%": "mod", "//": "floordiv", "/": "truediv", "&": "and", "|": "or",
    "^": "xor", "**": "pow", "<<": "lshift", ">>": "rshift", "@": "matmul",
}  # fmt: skip
_MAX_FOLDED: Final = 2000
_CONVERSION: Final = re.compile(r"%(?:\(([^)]*)\))?[#0\- +]*\d*((?:\.\d+)?)([diouxXeEfFgGcrsa])")


def evaluate(fr: Frame, node: Node) -> Value:
    """The value of an expression; bottom where control does not get through it."""
    fr.step()
    if fr.state is None:
        return BOTTOM
    return _EVALUATORS[node[0]](fr, node)


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
        plain = _character(fr, base, key)
        if plain is not None:
            return plain
    return read_item(fr, base, key, node[1])


def _character(fr: Frame, base: Value, key: Value) -> Value | None:
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


# -- operators -------------------------------------------------------------------------


def _bin(fr: Frame, node: Node) -> Value:
    result = evaluate(fr, node[2])
    for op, right in node[3]:
        result = binary(fr, op, result, evaluate(fr, right), node[1])
    return result


def binary(fr: Frame, op: str, left: Value, right: Value, pos: int) -> Value:
    """`left op right` for constants, containers, objects with operators, and texts."""
    if left.is_constant() and right.is_constant() and len(left.consts) == 1 == len(right.consts):
        return _fold(op, left.consts[0], right.consts[0])
    domain = fr.domain
    result = BOTTOM
    handled = False
    for ref in left.refs:
        obj = fr.obj(ref)
        if obj is None:
            continue
        if obj.kind in ("list", "tuple", "set", "dict") and op in ("+", "|", "*", "-", "&"):
            handled = True
            result = domain.join(result, _combine(fr, op, ref, obj, right, pos))
        elif obj.kind == "inst" and isinstance(obj.cls, Class):
            method = f"__{_OPERATOR_METHODS.get(op, '')}__"
            member, _ = find_member(fr, obj.cls, method)
            if member is not None:
                handled = True
                bound = bind(fr, member, ref, obj.cls, method, pos)
                result = domain.join(result, fr.engine.call(fr, bound, [right], {}, pos))
    for ref in right.refs if not handled else ():
        obj = fr.obj(ref)
        if obj is not None and obj.kind == "inst" and isinstance(obj.cls, Class):
            method = f"__r{_OPERATOR_METHODS.get(op, '')}__"
            member, _ = find_member(fr, obj.cls, method)
            if member is not None:
                handled = True
                bound = bind(fr, member, ref, obj.cls, method, pos)
                result = domain.join(result, fr.engine.call(fr, bound, [left], {}, pos))
    if handled:
        return result
    if op == "%" and _is_text(left):
        return percent_format(fr, left, right)
    if op == "*" and (_is_star_text(left) or _is_star_text(right)):
        return CLEAN
    labels = concatenated(fr, [shown(fr, left, "data"), shown(fr, right, "data")])
    typed = _joined_type(fr, left, labels, pos)
    if typed is not None:
        return typed
    prefix = beginning(left)
    if op == "+" and "://" in prefix:
        ref = fr.ctx.opaque(pos, ("text", prefix))
        ref.info = ("prefix", prefix)
        return Value((ref,), labels, (), True)
    return Value((), labels, (), True)


def _joined_type(fr: Frame, left: Value, labels: Labels, pos: int) -> Value | None:
    """Operators of a library's type that give the type again (`path / name`)."""
    for ref in left.refs:
        obj = fr.obj(ref)
        tname = str(obj.cls) if obj is not None and obj.kind == "ext" else ref.tname
        spec = fr.knowledge.type(tname) if tname is not None else None
        if spec is not None and spec.options.get("operators") == "same":
            made = Obj("ext", tname, {}, Value((), labels, (), True))
            return fr.alloc(pos, ("joined", ref), made, ref.name, tname)
    return None


def _is_text(value: Value) -> bool:
    return any(isinstance(const, (str, bytes)) for const in value.consts)


def _is_star_text(value: Value) -> bool:
    """A repeated constant text: how often depends on a length only."""
    return value.is_constant() and all(isinstance(const, (str, bytes)) for const in value.consts)


def _fold(op: str, left: Any, right: Any) -> Value:
    function = _OPERATORS.get(op)
    if function is None:
        return CLEAN
    if op in ("**", "<<", "*") and not _small(left, right):
        return CLEAN
    try:
        folded = function(left, right)
    except (TypeError, ValueError, ArithmeticError, OverflowError):
        return CLEAN
    if isinstance(folded, (str, bytes)) and len(folded) > _MAX_FOLDED:
        return CLEAN
    return constant(folded)


def _small(left: Any, right: Any) -> bool:
    for value in (left, right):
        if isinstance(value, int) and abs(value) > 1000:
            return False
        if isinstance(value, (str, bytes)) and len(value) > 200:
            return False
        if isinstance(value, complex):
            return False
    return not (isinstance(left, int) and isinstance(right, int) and abs(right) > 64)


def concatenated(fr: Frame, parts: list[Labels]) -> Labels:
    """What a text made of several parts shows: slices of one source add up."""
    result: Labels = {}
    for labels in parts:
        result = fr.domain.join_labels(result, labels) if result else labels
    return result


def _combine(fr: Frame, op: str, ref: Any, obj: Obj, right: Value, pos: int) -> Value:
    """`+`, `|`, `*` of containers."""
    others = [other for item in right.refs if (other := fr.obj(item)) is not None]
    if op == "*" or not (right.refs or right.labels):
        return (
            make_collection(fr, obj.kind, fr.domain.join_all(obj.values()), pos, ("bin", ref))
            if op == "*"
            else Value((ref,))
        )
    if obj.kind == "dict" and op == "|":
        fields, rest, keys = dict(obj.fields), obj.rest, obj.keys
        for other in others:
            fields.update(other.fields)
            rest, keys = fr.domain.join(rest, other.rest), fr.domain.join(keys, other.keys)
        return fr.alloc(pos, ("bin", ref), Obj("dict", None, fields, rest, keys))
    if op in ("-", "&"):
        return Value((ref,))
    if obj.exact and len(others) == 1 == len(right.refs) and others[0].exact:
        rows = [obj.fields[i] for i in range(len(obj.fields))]
        rows += [others[0].fields[i] for i in range(len(others[0].fields))]
        return make_sequence(fr, obj.kind, rows, pos, ("bin", ref))
    element = fr.domain.join(fr.domain.join_all(obj.values()), iterate(fr, right, pos))
    return make_collection(fr, obj.kind, element, pos, ("bin", ref))


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
    for value in (*fields.values(), rest):
        for ref in value.refs:
            fr.engine.kept.add(ref)
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
    if text is not None and len(text) <= _MAX_FOLDED:
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


def beginning(value: Value) -> str:
    """The text that a value is known to begin with, if there is one."""
    if len(value.consts) == 1 and isinstance(value.consts[0], str) and not value.refs:
        return value.consts[0]
    for ref in value.refs:
        if isinstance(ref.info, tuple) and ref.info[0] == "prefix":
            return str(ref.info[1])
    return ""


def _formatted(fr: Frame, labels: Labels, spec: tuple[Node, ...]) -> Labels:
    """`{x:.3}` keeps three characters; other formats keep everything."""
    if len(spec) == 1 and spec[0][0] == "const" and isinstance(spec[0][2], str):
        return cut_by_format(fr, labels, spec[0][2])
    return labels


def cut_by_format(fr: Frame, labels: Labels, form: str) -> Labels:
    """What a format with a precision leaves of a text: `.3` keeps three characters, `.1f` masks a coordinate."""
    digits = form.rpartition(".")[2] if "." in form else ""
    if digits.rstrip("s").isdigit():
        return fr.domain.map_labels(Value((), labels), (), frozenset({(0, int(digits.rstrip("s")))}))
    return {} if digits in ("0f", "1f") else labels


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
            for ref in value.refs:
                fr.engine.kept.add(ref)
            fields[("default", name)] = value
    if fr.function is not None:
        for name, value in fr.live.env.items():
            if name not in fr.function.locals:
                fields[("bound", name)] = value
    ref = fr.ctx.alloc(pos, "func", function.name)
    fr.put(ref, Obj("func", function, fields))
    fr.engine.note_function(function, Value((ref,)), fr)
    return Value((ref,))


def _comp(fr: Frame, node: Node) -> Value:
    from pi_lint.flow.statements import assign

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
        for value in row:
            for ref in value.refs:
                fr.engine.kept.add(ref)
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


# -- the rest --------------------------------------------------------------------------


def _await(fr: Frame, node: Node) -> Value:
    return evaluate(fr, node[2])


def _yield(fr: Frame, node: Node) -> Value:
    value = evaluate_optional(fr, node[2])
    if fr.state is None:
        return BOTTOM
    summary = fr.ctx.summary
    summary.yields = fr.domain.join(summary.yields, fr.domain.guard(value, fr.live.facts))
    for ref in value.refs:
        fr.engine.kept.add(ref)
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


def _call(fr: Frame, node: Node) -> Value:
    from pi_lint.flow.calls import evaluate_call

    return evaluate_call(fr, node)


_EVALUATORS: Final[dict[str, Evaluator]] = {
    "const": _const, "name": _name, "attr": _attr, "sub": _sub, "slice": _slice, "call": _call, "bin": _bin,
    "bool": _bool, "not": _not, "unary": _unary, "cmp": _cmp, "ifexp": _ifexp, "tuple": _sequence, "list": _sequence,
    "set": _sequence, "dict": _dict, "fstr": _fstr, "lambda": _lambda, "comp": _comp, "await": _await, "yield": _yield,
    "yieldfrom": _yieldfrom, "walrus": _walrus, "star": _star,
}  # fmt: skip

__all__ = ["Label", "evaluate", "scalar"]
