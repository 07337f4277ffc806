"""Calls: who is called, with what, and what comes back.

Functions of the project are analysed for the shape of their arguments (`engine.summary_for`)
and their summary is instantiated; names of libraries are looked up in the knowledge
(`library`); everything else is an unknown call, which passes PI from its arguments to its
result and keeps no memory of it (SPEC 5, 8.38).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from pi_lint.flow import kinds
from pi_lint.flow.arguments import Arguments
from pi_lint.flow.attributes import guards_of, read_ref_attr
from pi_lint.flow.domain import BOTTOM, CLEAN, Ref, Value, constant
from pi_lint.flow.elements import iterate, known_elements, make_collection, make_sequence
from pi_lint.flow.expressions import EVALUATORS, evaluate, hint_owner
from pi_lint.flow.frame import Frame
from pi_lint.flow.heap import Obj
from pi_lint.flow.items import read_item
from pi_lint.flow.members import bind, find_member
from pi_lint.flow.unknown import unknown_call
from pi_lint.frontend.ir import Node
from pi_lint.project.program import Class, Function

_MAX_TARGETS: Final = 12


def evaluate_call(fr: Frame, node: Node) -> Value:
    """A call expression."""
    func, pos = node[2], node[1]
    if func[0] == "attr":
        base = evaluate(fr, func[2])
        hint_owner(fr, base, func[2])
        arguments = evaluate_arguments(fr, node)
        if fr.state is None:
            return BOTTOM
        return call_method(fr, base, func[3], arguments, pos)
    callee = evaluate(fr, func)
    arguments = evaluate_arguments(fr, node)
    if fr.state is None:
        return BOTTOM
    return call_value(fr, callee, arguments, pos, func[2] if func[0] == "name" else "")


def evaluate_arguments(fr: Frame, node: Node) -> Arguments:
    """The arguments of a call node; known * and ** arguments are spread out."""
    arguments = Arguments()
    for item in node[3]:
        if item[0] == "star":
            inner = evaluate(fr, item[2])
            known = known_elements(fr, inner, limit=50)
            if known is not None and arguments.star is BOTTOM:
                arguments.pos += known
            else:
                arguments.star = fr.domain.join(arguments.star, iterate(fr, inner, item[1]))
        elif arguments.star is BOTTOM:
            arguments.pos.append(evaluate(fr, item))
        else:
            arguments.star = fr.domain.join(arguments.star, evaluate(fr, item))
    for name, item in node[4]:
        value = evaluate(fr, item)
        if name is not None:
            arguments.kw[name] = value
        else:
            spread_keywords(fr, arguments, value)
    return arguments


def spread_keywords(fr: Frame, arguments: Arguments, value: Value) -> None:
    """A ** argument: known keys become keywords."""
    for ref in value.refs:
        obj = fr.obj(ref)
        if obj is not None and obj.kind == "dict":
            for key, item in obj.fields.items():
                if isinstance(key, str):
                    arguments.kw[key] = item
            if obj.rest is not BOTTOM and not obj.rest.is_bottom():
                arguments.kwstar = fr.domain.join(arguments.kwstar, Value((ref,)))
        else:
            arguments.kwstar = fr.domain.join(
                arguments.kwstar, Value((ref,), {k: t for k, t in value.labels.items() if k.source is ref})
            )


# -- methods ---------------------------------------------------------------------------


def call_method(fr: Frame, base: Value, name: str, arguments: Arguments, pos: int) -> Value:
    """`base.name(...)` for everything that `base` may be."""
    here = fr.live
    outcomes: list[tuple[Value, Any]] = []
    targets = base.refs[:_MAX_TARGETS]
    plain = not targets and (bool(base.labels) or base.other or bool(base.consts))
    several = len(targets) + plain > 1
    for ref in targets:
        fr.state = here.branch() if several else here
        value = _method_of(fr, base, ref, name, arguments, pos)
        if fr.state is not None:
            outcomes.append((value, fr.state))
    if plain:
        fr.state = here.branch() if several else here
        value = fr.engine.library.scalar_method(fr, base, name, arguments, pos)
        if fr.state is not None:
            outcomes.append((value, fr.state))
    if not targets and not plain:
        return BOTTOM
    fr.state = fr.merge(*(state for _, state in outcomes))
    return fr.domain.join_all(value for value, _ in outcomes)


def _method_of(fr: Frame, base: Value, ref: Ref, name: str, arguments: Arguments, pos: int) -> Value:
    if ref.kind == "ext":
        return call_value(fr, read_ref_attr(fr, ref, name, pos), arguments, pos, name)
    obj = fr.obj(ref)
    one = Value((ref,), {k: t for k, t in base.labels.items() if len(base.refs) == 1 or k.source is ref}, (), False)
    if obj is None or obj.kind == "overlay":
        if obj is not None and name in obj.fields:
            return call_value(fr, obj.fields[name], arguments, pos, name)
        return call_unknown_method(fr, one, ref, name, arguments, pos)
    handler = kinds.METHODS.get(obj.kind)
    if handler is not None:
        answer = handler(fr, ref, obj, name, arguments, pos)
        if answer is not None:
            return answer
    if obj.kind == "super":
        return _super_method(fr, obj, name, arguments, pos)
    if obj.kind in ("inst", "class", "module"):
        if obj.kind == "class":
            answer = fr.engine.library.class_method(fr, ref, obj, name, arguments, pos)
            if answer is not None:
                return answer
        if obj.kind == "inst" and not obj.exact:
            answer = _implementations(fr, ref, obj, name, arguments, pos)
            if answer is not None:
                return answer
        member = read_ref_attr(fr, ref, name, pos)
        if obj.kind == "inst" and member.refs and all(item.parent is ref for item in member.refs):
            answer = fr.engine.library.instance_method(fr, ref, obj, name, arguments, pos)
            if answer is not None:
                return answer
        return call_value(fr, member, arguments, pos, name)
    if obj.kind == "ext" and name in obj.fields:
        return call_value(fr, obj.fields[name], arguments, pos, name)
    if obj.kind in ("func", "bound", "partial"):
        answer = fr.engine.library.function_method(fr, ref, obj, name, arguments, pos)
        if answer is not None:
            return answer
    return fr.engine.library.object_method(fr, one, ref, obj, name, arguments, pos)


def _implementations(fr: Frame, ref: Ref, obj: Obj, name: str, arguments: Arguments, pos: int) -> Value | None:
    """A method of an instance known only by its declared type: every implementation counts (SPEC 8.14)."""
    if not isinstance(obj.cls, Class):
        return None
    own, _ = find_member(fr, obj.cls, name)
    others = fr.engine.classes.implementations(fr, obj.cls, name)
    if not others:
        return None
    here = fr.live
    outcomes: list[tuple[Value, Any]] = []
    for cls in others:
        fr.state = here.branch()
        target = fr.engine.classes.generic(fr, cls, pos)
        member, _ = find_member(fr, cls, name)
        if member is None or fr.state is None:
            continue
        value = call_value(fr, bind(fr, member, target.refs[0], cls, name, pos), arguments, pos, name)
        if fr.state is not None:
            outcomes.append((value, fr.state))
    if own is not None:
        fr.state = here.branch()
        value = call_value(fr, bind(fr, own, ref, obj.cls, name, pos), arguments, pos, name)
        if fr.state is not None:
            outcomes.append((value, fr.state))
    fr.state = fr.merge(*(state for _, state in outcomes))
    return fr.domain.join_all(value for value, _ in outcomes)


def _super_method(fr: Frame, obj: Obj, name: str, arguments: Arguments, pos: int) -> Value:
    """`super().name(...)`: the next class along the C3 order of the instance's class."""
    target = obj.fields.get("self", BOTTOM)
    result = BOTTOM
    for ref in target.refs:
        inner = fr.obj(ref)
        cls = inner.cls if inner is not None and isinstance(inner.cls, Class) else obj.cls
        member, base = find_member(fr, cls, name, after=obj.cls)
        if member is not None:
            bound = bind(fr, member, ref, cls, name, pos)
            result = fr.domain.join(result, call_value(fr, bound, arguments, pos, name))
        else:
            result = fr.domain.join(
                result, fr.engine.library.inherited_method(fr, ref, inner, base, cls, name, arguments, pos)
            )
    return result if not result.is_bottom() or fr.state is None else CLEAN


def call_unknown_method(fr: Frame, base: Value, ref: Ref, name: str, arguments: Arguments, pos: int) -> Value:
    """A method of an object of unknown class: known by its type or telling name, by the method, or not."""
    library = fr.engine.library
    answer = library.typed_method(fr, base, ref, name, arguments, pos)
    if answer is not None:
        return answer
    return unknown_call(fr, name, base, arguments, pos)


# -- callables -------------------------------------------------------------------------


def call_value(fr: Frame, callee: Value, arguments: Arguments, pos: int, name: str = "") -> Value:
    """Call everything that `callee` may be, and join what comes back."""
    targets = callee.refs[:_MAX_TARGETS]
    if not targets:
        if callee.labels or callee.other or callee.consts:
            return unknown_call(fr, name, None, arguments, pos)
        return BOTTOM if fr.state is None else CLEAN
    if len(targets) == 1:
        return _call_ref(fr, callee, targets[0], arguments, pos, name)
    here = fr.live
    outcomes: list[tuple[Value, Any]] = []
    for ref in targets:
        fr.state = here.branch()
        value = _call_ref(fr, callee, ref, arguments, pos, name)
        if fr.state is not None:
            outcomes.append((value, fr.state))
    fr.state = fr.merge(*(state for _, state in outcomes))
    return fr.domain.join_all(value for value, _ in outcomes)


def _call_ref(fr: Frame, callee: Value, ref: Ref, arguments: Arguments, pos: int, name: str) -> Value:
    library = fr.engine.library
    if ref.kind == "ext":
        return library.call_name(fr, ref, arguments, pos)
    obj = fr.obj(ref)
    if obj is None or obj.kind == "overlay":
        if ref.parent is not None and ref.op[0] == "a":
            parent = ref.parent
            receiver = Value((parent,)) if parent.kind == "alloc" else fr.opaque(parent, guards_of(callee, ref))
            if fr.obj(parent) is not None and fr.obj(parent).kind not in ("overlay", "inst", "class"):  # type: ignore[union-attr]
                return library.object_method(fr, receiver, parent, fr.obj(parent), ref.op[1], arguments, pos)
            return call_unknown_method(fr, receiver, parent, ref.op[1], arguments, pos)
        if ref.tname is not None:
            answer = library.call_typed(fr, ref.tname, Value((ref,)), arguments, pos)
            if answer is not None:
                return answer
        return unknown_call(fr, name or ref.name or ref.hint, None, arguments, pos)
    if obj.kind == "func":
        return call_function(fr, ref, obj, arguments, pos)
    if obj.kind == "bound":
        target, owner = obj.fields["func"], obj.fields["self"]
        inner = Arguments([owner, *arguments.pos], arguments.kw, arguments.star, arguments.kwstar)
        return call_value(fr, target, inner, pos, name)
    if obj.kind == "class":
        return fr.engine.classes.construct(fr, ref, obj.cls, arguments, pos)
    if obj.kind == "partial":
        return _call_partial(fr, obj, arguments, pos, name)
    handler = kinds.METHODS.get(obj.kind)
    if handler is not None:
        answer = handler(fr, ref, obj, "__call__", arguments, pos)
        if answer is not None:
            return answer
    if obj.kind == "inst" and isinstance(obj.cls, Class):
        member, _ = find_member(fr, obj.cls, "__call__")
        if member is not None:
            return call_value(fr, bind(fr, member, ref, obj.cls, "__call__", pos), arguments, pos, name)
    if obj.kind == "ext":
        answer = library.call_typed(fr, f"{obj.cls}.__call__", Value((ref,)), arguments, pos)
        if answer is not None:
            return answer
    if obj.kind in ("staticmethod", "classmethod"):
        return call_value(fr, obj.fields.get("func", BOTTOM), arguments, pos, name)
    return unknown_call(fr, name, Value((ref,)), arguments, pos)


def _call_partial(fr: Frame, obj: Obj, arguments: Arguments, pos: int, name: str) -> Value:
    given: list[Value] = []
    keywords: dict[str, Value] = {}
    for key, value in obj.fields.items():
        if isinstance(key, int):
            given.append(value)
        elif isinstance(key, tuple):
            keywords[key[1]] = value
    keywords.update(arguments.kw)
    if obj.cls == "method" and arguments.pos:
        inner = Arguments([arguments.pos[0], *given, *arguments.pos[1:]], keywords, arguments.star, arguments.kwstar)
    else:
        inner = Arguments([*given, *arguments.pos], keywords, arguments.star, arguments.kwstar)
    return call_value(fr, obj.fields["func"], inner, pos, name)


def call_function(fr: Frame, ref: Ref, obj: Obj, arguments: Arguments, pos: int) -> Value:
    """A call of a function of the project."""
    function: Function = obj.cls
    bound = bind_parameters(fr, function, obj, arguments, pos)
    result = fr.engine.functions.apply(fr, ref, obj, bound, pos)
    if fr.state is None:
        return BOTTOM
    return result


def bind_parameters(fr: Frame, function: Function, obj: Obj, arguments: Arguments, pos: int) -> dict[str, Value]:
    """Which parameter gets what; a missing one gets its default."""
    bound: dict[str, Value] = {}
    positional = list(arguments.pos)
    keywords = dict(arguments.kw)
    for name, kind, _default, _annotation, _pos in function.params:
        if kind in ("arg", "posonly"):
            if positional:
                bound[name] = positional.pop(0)
            elif kind == "arg" and name in keywords:
                bound[name] = keywords.pop(name)
            elif arguments.star is not BOTTOM:
                bound[name] = arguments.star
            else:
                bound[name] = _missing(fr, obj, name, arguments, pos)
        elif kind == "vararg":
            if arguments.star is not BOTTOM:
                element = fr.domain.join(arguments.star, fr.domain.join_all(positional))
                bound[name] = make_collection(fr, "tuple", element, pos, ("varargs", function.pos))
            else:
                bound[name] = make_sequence(fr, "tuple", positional, pos, ("varargs", function.pos))
            positional = []
        elif kind == "kwonly":
            bound[name] = keywords.pop(name) if name in keywords else _missing(fr, obj, name, arguments, pos)
        elif kind == "kwarg":
            rest = BOTTOM
            if arguments.kwstar is not BOTTOM:
                rest = read_item(fr, arguments.kwstar, CLEAN, pos)
            fr.keep(*keywords.values())
            named: dict[Any, Value] = {k: fr.named(v, k, "", pos) for k, v in keywords.items()}
            made = Obj("dict", None, named, rest, CLEAN if rest is not BOTTOM else BOTTOM)
            bound[name] = fr.alloc(pos, ("kwargs", function.pos), made)
    return bound


def _missing(fr: Frame, obj: Obj, name: str, arguments: Arguments, pos: int) -> Value:
    default = obj.fields.get(("default", name))
    if arguments.kwstar is not BOTTOM:
        value = read_item(fr, arguments.kwstar, constant(name), pos)
        return value if default is None else fr.domain.join(value, default)
    return default if default is not None else BOTTOM


def call_with(fr: Frame, callee: Value, positional: Sequence[Value], keywords: dict[str, Value], pos: int) -> Value:
    """Call a value with plain arguments: for operators, properties and callbacks."""
    if fr.state is None:
        return BOTTOM
    return call_value(fr, callee, Arguments(positional, keywords), pos)


EVALUATORS["call"] = evaluate_call
