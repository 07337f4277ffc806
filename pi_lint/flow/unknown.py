"""Calls of which nothing is known: what they keep, what they give, and what their names tell."""

from __future__ import annotations

from typing import Any

from pi_lint.flow.arguments import Arguments
from pi_lint.flow.domain import BOTTOM, NO_FACTS, Facts, Labels, Ref, Value
from pi_lint.flow.frame import Frame
from pi_lint.flow.heap import Obj
from pi_lint.flow.naming import is_keeper, is_lookup, is_mask, is_predicate
from pi_lint.flow.show import shown


def unknown_call(fr: Frame, dotted: str, receiver: Value | None, arguments: Arguments, pos: int) -> Value:
    """A call that nothing is known of: it passes PI from its arguments to its result (SPEC 5)."""
    name = dotted.rpartition(".")[2]
    if is_mask(fr.knowledge, name) or dotted in fr.knowledge.facts.masks:
        labels: Labels = {}
        for value in arguments.all():
            labels = fr.domain.join_labels(labels, shown(fr, value, "data"))
        return Value((), fr.domain.map_labels(Value((), labels), ("mask",)), (), True)
    if fr.knowledge.guards.of_name(name) is not None:
        made = call_ref(fr, dotted, receiver, arguments, pos)
        fr.add_facts(frozenset({fr.domain.fact("called", made)}))
        return fr.restricted(fr.opaque(made))
    if receiver is not None and is_keeper(fr.knowledge, name):
        _keep_in_locals(fr, receiver, arguments)
    return unknown_result(fr, dotted, receiver, arguments.all(), pos, arguments)


def _keep_in_locals(fr: Frame, receiver: Value, arguments: Arguments) -> None:
    """Local objects of unknown class keep what they are given; an unknown argument keeps nothing (SPEC 8.65)."""
    for ref in receiver.refs:
        if ref.kind == "alloc":
            keep_arguments(fr, Value((ref,)), arguments)


def unknown_result(
    fr: Frame,
    name: str,
    receiver: Value | None,
    values: list[Value],
    pos: int,
    arguments: Arguments | None = None,
) -> Value:
    """An unknown object; as a bare value it shows the arguments and a plain receiver (SPEC 8.38)."""
    made = call_ref(fr, name, receiver, arguments, pos)
    name = name.rpartition(".")[2]
    if is_predicate(fr.knowledge, name):
        return Value((made,), {}, (), True)
    labels: Labels = {}
    if not is_lookup(fr.knowledge, name):
        if receiver is not None:
            labels = receiver.labels
        for value in values:
            labels = fr.domain.join_labels(labels, shown(fr, value, "passed"))
    return Value((made,), {fr.domain.label(made): None, **labels})


def call_ref(fr: Frame, name: str, receiver: Value | None, arguments: Arguments | None, pos: int) -> Ref:
    """The unknown object that a call gives, with what guards may want to know of the call."""
    made = fr.ctx.opaque(pos, ("call", name))
    if made.info is None:
        target = receiver.refs[0] if receiver is not None and receiver.refs else None
        refs: tuple[Ref, ...] = ()
        consts: tuple[Any, ...] = ()
        if arguments is not None:
            named = [*enumerate(arguments.pos), *arguments.kw.items()]
            refs = tuple(ref for _, value in named for ref in value.refs[:1] if ref.kind != "ext")
            consts = tuple((key, value.consts[0]) for key, value in named if len(value.consts) == 1 and not value.refs)
            consts += tuple((key, ref.tname) for key, value in named for ref in value.refs[:1] if ref.kind == "ext")
        made.info = ("call", name, target, refs, consts)
    return made


def keep_arguments(fr: Frame, receiver: Value, arguments: Arguments) -> None:
    """The receiver holds what it is given from now on (SPEC 8.65)."""
    for part in receiver.refs:
        # What an attribute of an object is given, the object holds: a sheet of a workbook.
        ref = part if part.kind == "alloc" else part.root()
        obj = fr.obj(ref)
        if obj is None or ref.kind != "alloc":
            continue
        fields = dict(obj.fields)
        for name, value in arguments.kw.items():
            fields[name] = fr.domain.join(fields.get(name, BOTTOM), value)
        rest = fr.domain.join(obj.rest, fr.domain.join_all(arguments.pos))
        rest = fr.domain.join(rest, arguments.star)
        fr.keep(*arguments.all())
        fr.put(ref, obj.replace(fields=fields, rest=rest))


def selected_by(fr: Frame, ref: Ref) -> Facts:
    """What holds of each element of an unknown collection that was filtered by constants."""
    words = fr.knowledge.names.words(str(ref.info[1]).rpartition(".")[2])
    if not words or words[0] not in fr.knowledge.words["selecting"]:
        return NO_FACTS
    element = ref.child(("i",))
    facts = set()
    for key, const in ref.info[4]:
        if isinstance(key, str) and const is True:
            facts.add(fr.domain.fact("true", element.child(("a", key))))
        elif isinstance(key, str) and isinstance(const, str):
            facts.add(fr.domain.fact("eq", element.child(("a", key)), const))
    return frozenset(facts)


def unknown_method(fr: Frame, base: Value, ref: Ref, obj: Obj, name: str, arguments: Arguments, pos: int) -> Value:
    """A method of a library's object that no entry describes: builders keep, getters give unknown things."""
    holds = not obj.exact
    if holds and is_keeper(fr.knowledge, name):
        keep_arguments(fr, base, arguments)
        return base
    if is_predicate(fr.knowledge, name):
        return fr.restricted(fr.opaque(call_ref(fr, name, base, arguments, pos)))
    labels: Labels = {}
    if not is_lookup(fr.knowledge, name):
        if holds:
            labels = shown(fr, base, "data")
        for value in arguments.all():
            labels = fr.domain.join_labels(labels, shown(fr, value, "passed"))
    made = call_ref(fr, name, base, arguments, pos)
    typed = fr.knowledge.attribute(str(obj.cls), name)
    if made.tname is None:
        made.tname = typed or f"{obj.cls}.{name}"
    return Value((made,), {fr.domain.label(made): None, **labels}, (), False)
