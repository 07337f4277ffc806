"""`with` blocks and exceptions: what entering and catching bind, and what an exception shows."""

from __future__ import annotations

import builtins
from typing import Any

from pi_lint.flow.arguments import Arguments
from pi_lint.flow.attributes import scalar_labels
from pi_lint.flow.calls import call_value
from pi_lint.flow.domain import BOTTOM, CLEAN, NO_FACTS, Facts, Labels, Value
from pi_lint.flow.expressions import evaluate
from pi_lint.flow.frame import Frame
from pi_lint.flow.members import bind, find_member
from pi_lint.flow.show import shown
from pi_lint.frontend.ir import Node
from pi_lint.project.program import Class


def exception_caught(fr: Frame, type_node: Node | None, thrown: list[Value], pos: int) -> Value:
    """What `except Type as name` binds: the exceptions that fit, or one nothing is known of."""
    wanted = evaluate(fr, type_node) if type_node is not None else BOTTOM
    classes: list[Any] = []
    names: list[str] = []
    stack = list(wanted.refs)
    while stack:
        ref = stack.pop()
        obj = fr.obj(ref)
        if obj is not None and obj.kind == "class":
            classes.append(obj.cls)
        elif obj is not None and obj.kind == "tuple":
            stack.extend(item for value in obj.values() for item in value.refs)
        elif ref.tname is not None:
            names.append(ref.tname)
    result = BOTTOM
    for value in thrown:
        for ref in value.refs:
            obj = fr.obj(ref)
            if obj is None or not isinstance(obj.cls, Class):
                if obj is not None and not classes and (type_node is None or _may_catch(str(obj.cls), names)):
                    result = fr.domain.join(result, Value((ref,)))
                continue
            order = obj.cls.mro()
            broad = any(name.rpartition(".")[2] in ("Exception", "BaseException") for name in names)
            if type_node is None or broad or any(c in order for c in classes) or any(n in order for n in names):
                result = fr.domain.join(result, Value((ref,)))
    made = fr.ctx.opaque(pos, "caught", "")
    made.info = ("caught", "", None, (), ())
    return fr.opaque(made) if result.is_bottom() else result


def enter_context(fr: Frame, value: Value, pos: int) -> tuple[Value, Facts]:
    """`with value as x`: what x is, and what holds inside."""
    result = BOTTOM
    for ref in value.refs:
        obj = fr.obj(ref)
        if obj is not None and obj.kind == "inst" and isinstance(obj.cls, Class):
            for name in ("__enter__", "__aenter__"):
                member, _ = find_member(fr, obj.cls, name)
                if member is not None:
                    bound = bind(fr, member, ref, obj.cls, name, pos)
                    result = fr.domain.join(result, call_value(fr, bound, Arguments(), pos, name))
                    break
            else:
                result = fr.domain.join(result, Value((ref,)))
        elif obj is not None and obj.kind == "gen":
            result = fr.domain.join(result, obj.rest)
        else:
            result = fr.domain.join(result, Value((ref,), {k: t for k, t in value.labels.items() if k.source is ref}))
        if fr.state is None:
            return BOTTOM, NO_FACTS
    facts = frozenset(
        fr.domain.fact("called", ref) for ref in value.refs if isinstance(ref.info, tuple) and ref.info[0] == "call"
    )
    return (result if not result.is_bottom() else CLEAN), facts


def swallows_exceptions(fr: Frame, value: Value) -> bool:
    """Whether a context swallows exceptions."""
    for ref in value.refs:
        obj = fr.obj(ref)
        spec = fr.knowledge.type(str(obj.cls)) if obj is not None and obj.kind == "ext" else None
        if spec is not None and spec.options.get("suppresses"):
            return True
    return False


def leave_context(fr: Frame, value: Value, pos: int) -> None:
    """The end of a `with` block: `__exit__` of our own classes runs."""
    for ref in value.refs:
        obj = fr.obj(ref)
        if obj is not None and obj.kind == "inst" and isinstance(obj.cls, Class):
            for name in ("__exit__", "__aexit__"):
                member, _ = find_member(fr, obj.cls, name)
                if member is not None:
                    bound = bind(fr, member, ref, obj.cls, name, pos)
                    call_value(fr, bound, Arguments([CLEAN, CLEAN, CLEAN]), pos, name)
        if fr.state is None:
            return


def exception_text(fr: Frame, value: Value) -> Labels:
    """What the text of a raised exception shows."""
    labels: Labels = dict(scalar_labels(value))
    for ref in value.refs:
        obj = fr.obj(ref)
        if obj is None:
            own = fr.domain.label(ref)
            if own in value.labels and ref.info is not None:
                labels = fr.domain.join_labels(labels, {own: value.labels[own]})
            continue
        if obj.kind in ("inst", "ext"):
            labels = fr.domain.join_labels(labels, shown(fr, Value((ref,)), "str"))
    return labels


def _may_catch(thrown: str, names: list[str]) -> bool:
    """Whether a handler of library exceptions takes another one; those that Python does not know it may."""
    raised = _builtin_exception(thrown)
    if raised is None or not names:
        return True
    wanted = [_builtin_exception(name) for name in names]
    return any(known is None or issubclass(raised, known) for known in wanted)


def _builtin_exception(dotted: str) -> type[BaseException] | None:
    module, _, name = dotted.rpartition(".")
    found = getattr(builtins, name, None) if module == "builtins" else None
    return found if isinstance(found, type) and issubclass(found, BaseException) else None
