"""What decorators make of functions and classes, and how frameworks call what they mark: routes, injected values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pi_lint.flow import kinds
from pi_lint.flow.arguments import Arguments
from pi_lint.flow.calls import call_value
from pi_lint.flow.domain import BOTTOM, Value
from pi_lint.flow.expressions import evaluate
from pi_lint.flow.frame import Frame
from pi_lint.flow.heap import CONTAINERS
from pi_lint.frontend.ir import Node
from pi_lint.project.program import Class, Function

if TYPE_CHECKING:
    from pi_lint.flow.engine import Engine


class Decorators:
    """What decorators told of the program's functions; one an engine."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.knowledge = engine.knowledge
        self._routes: dict[str, dict[str, Any]] = {}
        for entry in engine.knowledge.extra.get("routes", ()):
            for name in entry.get("decorators", ()):  # type: ignore[attr-defined]
                self._routes[name] = dict(entry)
        self._function_routes: dict[Function, dict[str, Any]] = {}
        self._function_facts: dict[Function, list[tuple[str, tuple[Any, ...]]]] = {}

    def methods(self, function: Function) -> dict[str, Any]:
        """The methods that a function got from its decorator, with the library names that they mean."""
        route = self._function_routes.get(function)
        return route.get("methods", {}) if route is not None else {}

    def decorated(self, fr: Frame, value: Value, decorators: tuple[Node, ...], pos: int) -> Value:
        """A function after its decorators, innermost first."""
        obj = fr.obj(value.refs[0])
        function: Function | None = obj.cls if obj is not None else None
        if function is None or not decorators:
            return value
        for node in reversed(decorators):
            decorator = evaluate(fr, node)
            if fr.state is None:
                return BOTTOM
            value = self._decorate(fr, function, node, decorator, value, pos)
            if fr.ended():
                return BOTTOM
        if fr.function is None:
            self.engine.note_decorated(function, value, fr)
        return value

    def _decorate(self, fr: Frame, function: Function, node: Node, decorator: Value, value: Value, pos: int) -> Value:
        target = node[2] if node[0] == "call" else node
        dotted = self._decorator_name(fr, target)
        route = self._route_entry(dotted)
        if route is not None:
            merged = {**route, **self._route_options(fr, node)}
            self._function_routes.setdefault(function, merged)
            return value
        for ref in decorator.refs:
            obj = fr.obj(ref)
            if obj is not None and obj.kind in ("func", "class", "bound", "partial", "inst"):
                return call_value(fr, decorator, Arguments([value]), pos)
            if obj is not None and obj.kind in kinds.METHODS:
                answer = kinds.METHODS[obj.kind](fr, ref, obj, "__call__", Arguments([value]), pos)
                if answer is not None:
                    return answer
            if obj is not None and obj.kind == "property":
                return value
            if ref.kind == "ext" and self.knowledge.call(ref.tname or ""):
                specs = self.knowledge.call(ref.tname or "")
                if any(spec.does for spec in specs):
                    return call_value(fr, decorator, Arguments([value]), pos)
        if node[0] == "attr" and node[3] in ("setter", "deleter", "getter"):
            return self._property_part(fr, node, value, pos)
        consts: list[Any] = []
        if node[0] == "call":
            for item in [*node[3], *(item for _, item in node[4])]:
                argument = evaluate(fr, item)
                consts += list(argument.consts)
                consts += [ref.tname or ref.name for ref in argument.refs]
                for ref in argument.refs:
                    inner = fr.obj(ref)
                    for part in inner.values() if inner is not None and inner.kind in CONTAINERS else ():
                        consts += [item.tname or item.name for item in part.refs] + list(part.consts)
        self._function_facts.setdefault(function, []).append((dotted, tuple(consts)))
        return value

    def _property_part(self, fr: Frame, node: Node, value: Value, pos: int) -> Value:
        base = evaluate(fr, node[2])
        for ref in base.refs:
            obj = fr.obj(ref)
            if obj is not None and obj.kind == "property":
                part = {"setter": "set", "deleter": "del", "getter": "get"}[node[3]]
                return fr.alloc(pos, "property", obj.with_field(part, value))
        return value

    def _decorator_name(self, fr: Frame, node: Node) -> str:
        """The resolved name of a decorator, with the type of the object it is an attribute of."""
        if node[0] == "attr":
            base = evaluate(fr, node[2])
            for ref in base.refs:
                obj = fr.obj(ref)
                if obj is not None and obj.kind == "ext":
                    return f"{obj.cls}.{node[3]}"
                if ref.tname is not None:
                    return f"{ref.tname}.{node[3]}"
                label = ref.name or ref.hint
                guessed = self.knowledge.guess(self.knowledge.names.words(label)) if label else None
                if guessed is not None:
                    return f"{guessed}.{node[3]}"
            return str(node[3])
        if node[0] == "name":
            value = fr.read_name(node[2], node[1])
            for ref in value.refs:
                if ref.tname is not None:
                    return ref.tname
            return str(node[2])
        return ""

    def _route_entry(self, dotted: str) -> dict[str, Any] | None:
        found = self._routes.get(dotted)
        if found is not None or "." not in dotted:
            return found
        head, _, name = dotted.rpartition(".")
        for base in self.knowledge.bases(head):
            found = self._routes.get(f"{base}.{name}")
            if found is not None:
                return found
        return None

    def _route_options(self, fr: Frame, node: Node) -> dict[str, Any]:
        """Keywords of a route's decorator that matter: its response model."""
        if node[0] != "call":
            return {}
        options: dict[str, Any] = {}
        for name, item in node[4]:
            if name is not None:
                value = evaluate(fr, item)
                options[f"@{name}"] = value
                options[f"@{name}_node"] = (fr.module, item)
        return options

    def decorated_class(self, fr: Frame, value: Value, decorators: tuple[Node, ...], pos: int) -> Value:
        """A class after its decorators."""
        classes = self.engine.classes
        for node in reversed(decorators):
            target = node[2] if node[0] == "call" else node
            dotted = self._decorator_name(fr, target)
            entry = classes.decorators.get(dotted)
            decorator = evaluate(fr, node)
            if fr.state is None:
                return BOTTOM
            obj = fr.obj(value.refs[0]) if value.refs else None
            if entry is not None and obj is not None and isinstance(obj.cls, Class):
                for key, item in entry.items():
                    if key not in ("bases", "decorators", "fields", "id"):
                        obj.cls.traits[key] = item
                if node[0] == "call":
                    for name, item in node[4]:
                        if name == "repr" and evaluate(fr, item).consts == (False,):
                            obj.cls.traits["repr"] = "key"
                continue
            for ref in decorator.refs:
                inner = fr.obj(ref)
                if inner is not None and inner.kind in ("func", "class", "bound"):
                    made = call_value(fr, decorator, Arguments([value]), pos)
                    if fr.state is not None and any(fr.obj(r) is not None for r in made.refs):
                        value = made
        return value

    def route_of(self, function: Function) -> dict[str, Any] | None:
        """The route entry of a function whose return value is a response."""
        route = self._function_routes.get(function)
        return route if route is not None and route.get("response") else None

    def is_entry(self, function: Function) -> bool:
        """Whether a framework calls the function, too."""
        return function in self._function_routes

    def function_entered(self, fr: Frame, function: Function) -> None:
        """What unknown decorators may have checked before the function runs."""
        facts = []
        for number, (dotted, consts) in enumerate(self._function_facts.get(function, ())):
            ref = fr.ctx.opaque(0, ("decorator", number), dotted.rpartition(".")[2])
            if ref.info is None:
                ref.info = ("call", dotted, None, (), tuple(enumerate(consts)))
            facts.append(fr.domain.fact("decorated", ref))
        fr.add_facts(frozenset(facts))

    def injected(self, fr: Frame, function: Function, default: Node, unknown: Value) -> Value:
        """The value that a framework injects for a parameter's default (`Depends(get_session)`)."""
        if default[0] != "call":
            return unknown
        callee = self.engine.annotations_value(function, default[2])
        for ref in callee.refs:
            specs = self.knowledge.call(ref.tname or "")
            if any(spec.options.get("injects") for spec in specs) and default[3]:
                target = self.engine.annotations_value(function, default[3][0])
                result = BOTTOM
                for item in target.refs:
                    obj = fr.obj(item)
                    if obj is not None and obj.kind == "func":
                        arguments = self.engine.parameters.unknown_arguments(fr, obj.cls, 0)
                        made = call_value(fr, Value((item,)), arguments, function.pos, "")
                        if fr.state is None:
                            return unknown
                        inner = fr.obj(made.refs[0]) if made.refs else None
                        if inner is not None and inner.kind == "gen":
                            made = inner.rest
                        result = fr.domain.join(result, made)
                return result if not result.is_bottom() else unknown
        return unknown
