"""Parameters: what their annotations say of arguments, and arguments of which nothing else is known."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pi_lint.flow.annotations import UNKNOWN, Declared
from pi_lint.flow.arguments import Arguments
from pi_lint.flow.attributes import typed_child
from pi_lint.flow.calls import call_value
from pi_lint.flow.domain import BOTTOM, Ref, Value
from pi_lint.flow.frame import Frame
from pi_lint.flow.members import unwrap_method
from pi_lint.flow.naming import constructor_owner, request_type
from pi_lint.project.program import Function

if TYPE_CHECKING:
    from pi_lint.flow.engine import Engine


class Parameters:
    """What is declared of the parameters of an engine's program."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._declared: dict[tuple[Function, str], Declared] = {}

    def parameter(self, function: Function, name: str) -> Declared:
        """What a parameter's annotation says."""
        key = (function, name)
        found = self._declared.get(key)
        if found is None:
            annotation = next((a for n, _, _, a, _ in function.params if n == name), None)
            found = (
                self.engine.classes.annotations.read(function.module, annotation) if annotation is not None else UNKNOWN
            )
            self._declared[key] = found
        return found

    def refined(self, fr: Frame, function: Function, name: str, value: Value, pos: int) -> Value:
        """An unknown argument is what its parameter is declared to be."""
        declared = self.parameter(function, name)
        return value if declared is UNKNOWN else refine(fr, value, declared)

    def unknown_arguments(self, fr: Frame, function: Function, skip: int) -> Arguments:
        """Arguments of which only the parameters' names and annotations are known."""
        arguments = Arguments()
        for name, kind, default, annotation, position in function.params[skip:]:
            ref = Ref("opaque", None, ("param", name), name, (function.module.index, position))
            ref = fr.ctx.refs.setdefault(("param", position, name, None), ref)
            ref.maker = fr.ctx.summary
            ref.owner = constructor_owner(self.engine.knowledge, function)
            guessed = request_type(self.engine.knowledge, name)
            if guessed is not None and annotation is None:
                ref.tname = guessed
            if kind == "vararg":
                arguments.star = fr.opaque(ref.child(("i",)))
                continue
            if kind == "kwarg":
                arguments.kwstar = fr.opaque(ref)
                continue
            value = fr.opaque(ref)
            if default is not None:
                value = self.engine.decorators.injected(fr, function, default, value)
            value = self.refined(fr, function, name, value, position)
            if kind == "kwonly":
                arguments.kw[name] = value
            elif arguments.star is BOTTOM:
                arguments.pos.append(value)
        return arguments

    def call_as_root(self, fr: Frame, function: Function, value: Value) -> Value:
        """Call a function as a framework or unknown code would."""
        result = BOTTOM
        if function.owner is None:
            arguments = self.unknown_arguments(fr, function, 0)
            return call_value(fr, value, arguments, function.pos, function.name)
        for ref in value.refs:
            obj = fr.obj(ref)
            kind = obj.kind if obj is not None else ""
            if obj is not None and kind in ("staticmethod", "classmethod"):
                skip = 0 if kind == "staticmethod" else 1
                bound = unwrap_method(fr, ref, obj, function.owner, function.pos)
                arguments = self.unknown_arguments(fr, function, skip)
                result = fr.domain.join(result, call_value(fr, bound, arguments, function.pos, function.name))
                continue
            owner = self.engine.classes.generic(fr, function.owner, function.pos)
            if fr.state is None:
                return BOTTOM
            arguments = self.unknown_arguments(fr, function, 1)
            if obj is not None and kind == "property":
                callee = obj.fields.get("set" if len(function.params) > 1 and "set" in obj.fields else "get", BOTTOM)
            else:
                callee = Value((ref,)) if obj is not None else BOTTOM
            arguments.pos.insert(0, owner)
            result = fr.domain.join(result, call_value(fr, callee, arguments, function.pos, function.name))
        return result


def refine(fr: Frame, value: Value, declared: Declared) -> Value:
    """A value whose unknown objects are what a type declares them to be."""
    if declared == UNKNOWN or not value.refs:
        return value
    refs: tuple[Ref, ...] = ()
    labels = dict(value.labels)
    for ref in value.refs:
        if ref.kind != "opaque" or ref.tname is not None or fr.live.heap.get(ref) is not None:
            refs = (*refs, ref)
            continue
        own = fr.domain.label(ref)
        if declared.target is not None:
            child = ref.child(("as", getattr(declared.target, "qualname", str(declared.target)), declared.many))
            child.name = child.name or ref.name or ref.hint
            labels.pop(own, None)
            typed = typed_child(fr, child, declared.target, declared.many)
            refs = (*refs, *typed.refs)
            labels.update(typed.labels)
            continue
        if declared.clean:
            labels.pop(own, None)
        elif declared.category and own in labels:
            source = fr.domain.pi(declared.category, ref.text(), None, ref.place)
            labels[fr.domain.label(source)] = None
        elif declared.tname is not None and not declared.many:
            ref.tname = declared.tname
        refs = (*refs, ref)
    return Value(refs, labels, value.consts, value.other or declared.clean, value.test)
