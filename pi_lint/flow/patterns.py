"""Patterns of `match`: what they bind, whether they can match, what they establish."""

from __future__ import annotations

from pi_lint.flow.attributes import read_attr, typed_child
from pi_lint.flow.conditions import comparison, decided, falsity, truth
from pi_lint.flow.domain import BOTTOM, CLEAN, NO_FACTS, Facts, Value, constant
from pi_lint.flow.elements import iterate, known_elements, make_collection, make_sequence
from pi_lint.flow.expressions import evaluate
from pi_lint.flow.frame import Frame
from pi_lint.flow.heap import Obj
from pi_lint.flow.items import read_item
from pi_lint.flow.members import find_member
from pi_lint.frontend.ir import Node
from pi_lint.project.program import Class

Verdict = tuple[bool | None, Facts]  # does it match; what holds where it does not


def match_pattern(fr: Frame, pattern: Node, value: Value, subject: Node | None = None) -> Verdict:
    """Bind a pattern's names in the state; facts of a match are added to it."""
    kind = pattern[0]
    if kind == "pcapture":
        if pattern[2] is not None:
            fr.write_name(pattern[2], value, pattern[1])
        return True, NO_FACTS
    if kind == "pvalue":
        test = comparison(fr, "==", value, evaluate(fr, pattern[2]), pattern[1])
        fr.add_facts(truth(fr, test))
        return decided(fr, test), falsity(fr, test)
    if kind == "pas":
        verdict = match_pattern(fr, pattern[2], value)
        fr.write_name(pattern[3], value, pattern[1])
        return verdict
    if kind == "por":
        return _either(fr, pattern, value)
    if kind == "pseq":
        return _sequence(fr, pattern, value)
    if kind == "pmap":
        return _mapping(fr, pattern, value)
    if kind == "pclass":
        return _class(fr, pattern, value)
    if kind == "pstar" and pattern[2] is not None:
        fr.write_name(pattern[2], value, pattern[1])
    return None, NO_FACTS


def _either(fr: Frame, pattern: Node, value: Value) -> Verdict:
    here = fr.live
    states = []
    verdicts: list[bool | None] = []
    refused: Facts = NO_FACTS
    for option in pattern[2]:
        fr.state = here.branch()
        verdict, rest = match_pattern(fr, option, value)
        verdicts.append(verdict)
        refused = refused | rest
        if verdict is not False:
            states.append(fr.state)
    fr.state = fr.merge(*states) or here.branch()
    if any(verdict is True for verdict in verdicts):
        return True, NO_FACTS
    return (False if all(verdict is False for verdict in verdicts) else None), refused


def _sequence(fr: Frame, pattern: Node, value: Value) -> Verdict:
    patterns = pattern[2]
    star = next((i for i, item in enumerate(patterns) if item[0] == "pstar"), None)
    known = known_elements(fr, value, limit=100)
    if known is not None:
        fits = len(known) == len(patterns) if star is None else len(known) >= len(patterns) - 1
        if not fits:
            return False, NO_FACTS
        verdict: bool | None = True
        after = len(patterns) - star - 1 if star is not None else 0
        for position, item in enumerate(patterns):
            if star is not None and position == star:
                middle = known[star : len(known) - after]
                match_pattern(fr, item, make_sequence(fr, "list", middle, item[1], "star"))
                continue
            index = position if star is None or position < star else len(known) - (len(patterns) - position)
            one, _ = match_pattern(fr, item, known[index])
            verdict = False if one is False or verdict is False else (None if one is None else verdict)
        return verdict, NO_FACTS
    for position, item in enumerate(patterns):
        if item[0] == "pstar":
            element = iterate(fr, value, item[1])
            match_pattern(fr, item, make_collection(fr, "list", element, item[1], "star"))
        else:
            match_pattern(fr, item, read_item(fr, value, constant(position), item[1]))
    return None, NO_FACTS


def _mapping(fr: Frame, pattern: Node, value: Value) -> Verdict:
    verdict: bool | None = None
    keys = []
    for key_node, item in pattern[2]:
        key = evaluate(fr, key_node)
        keys += list(key.consts)
        one, _ = match_pattern(fr, item, read_item(fr, value, key, item[1]))
        if one is False:
            verdict = False
    if pattern[3] is not None:
        rest = BOTTOM
        for ref in value.refs:
            obj = fr.obj(ref)
            if obj is not None and obj.kind == "dict":
                fields = {k: v for k, v in obj.fields.items() if k not in keys}
                made = fr.alloc(pattern[1], ("rest", ref), Obj("dict", None, fields, obj.rest, obj.keys))
                rest = fr.domain.join(rest, made)
        fr.write_name(pattern[3], rest if not rest.is_bottom() else CLEAN, pattern[1])
    return verdict, NO_FACTS


def _class(fr: Frame, pattern: Node, value: Value) -> Verdict:
    _, pos, target, positional, keywords = pattern
    cls_value = evaluate(fr, target)
    classes = [obj.cls for ref in cls_value.refs if (obj := fr.obj(ref)) is not None and obj.kind == "class"]
    fitting = BOTTOM
    excluded = False
    for ref in value.refs:
        obj = fr.obj(ref)
        if obj is not None and obj.kind == "inst" and isinstance(obj.cls, Class) and classes:
            if any(cls in obj.cls.mro() for cls in classes):
                fitting = fr.domain.join(fitting, Value((ref,)))
            else:
                excluded = True
        elif obj is not None and obj.kind in ("dict", "list", "tuple", "func") and classes:
            excluded = True
        elif obj is None and classes:
            child = ref.child(("as", classes[0].qualname))
            fitting = fr.domain.join(fitting, typed_child(fr, child, classes[0]))
        else:
            fitting = fr.domain.join(fitting, Value((ref,), {k: t for k, t in value.labels.items() if k.source is ref}))
    if fitting.is_bottom():
        if excluded and not (value.labels or value.other):
            return False, NO_FACTS
        fitting = Value((), value.labels, value.consts, True)
    names: list[str] = []
    for cls in classes:
        names = [name for name, item in cls.fields.items() if item.in_init]
        declared, _ = find_member(fr, cls, "__match_args__")
        known = known_elements(fr, declared) if declared is not None else None
        if known is not None:
            names = [str(const) for item in known for const in item.consts]
    if not classes and len(positional) == 1:
        match_pattern(fr, positional[0], fitting)
    for position, item in enumerate(positional if classes else ()):
        if position < len(names):
            match_pattern(fr, item, read_attr(fr, fitting, names[position], pos))
        else:
            match_pattern(fr, item, CLEAN)
    for name, item in keywords:
        match_pattern(fr, item, read_attr(fr, fitting, name, pos))
    return None, NO_FACTS
