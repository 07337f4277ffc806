"""Functions of the project: analysed once for each shape of arguments, and called by their summaries."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pi_lint.flow.conditions import decided, falsity, truth
from pi_lint.flow.control import run_body
from pi_lint.flow.domain import BOTTOM, CLEAN, NO_FACTS, Facts, Ref, Value
from pi_lint.flow.frame import Frame, OutOfSteps, Unreachable
from pi_lint.flow.heap import BY_FIELD, Heap, Obj, State, same_value
from pi_lint.flow.instantiate import instantiate
from pi_lint.flow.naming import constructor_owner, context_name
from pi_lint.flow.shape import Rebuilt, Shape
from pi_lint.flow.summary import (
    MAX_CALL_DEPTH,
    MAX_CONTEXTS,
    MAX_EFFECTS,
    MAX_ROUNDS,
    MAX_WRAPPERS,
    Context,
    Summary,
)
from pi_lint.flow.unknown import unknown_result
from pi_lint.project.program import Function

if TYPE_CHECKING:
    from pi_lint.flow.engine import Engine


class Functions:
    """The summaries of one engine's functions, and which functions were called."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.called: set[Function] = set()
        self.pending: dict[Function, tuple[Frame, State, Value]] = {}
        self.summaries: dict[Any, Summary] = {}
        self._contexts: dict[Function | Ref, int] = {}
        self._depth = 0

    def apply(self, fr: Frame, ref: Ref, obj: Obj, bound: dict[str, Value], pos: int) -> Value:
        """Call a function of the project with bound parameters: analyse its shape if need be, instantiate."""
        function: Function = obj.cls
        if function not in self.called and fr.function is not function:
            self.called.add(function)
        if self._depth >= MAX_CALL_DEPTH:
            self.engine.count("calls_cut")
            return unknown_result(fr, function.name, None, list(bound.values()), pos)
        bound = {name: self.engine.parameters.refined(fr, function, name, value, pos) for name, value in bound.items()}
        # The wrapper that a decorator makes of one function is not the one that it makes of another.
        contexts = self._contexts.get(ref, 0)
        if contexts >= 4 * MAX_CONTEXTS or self._contexts.get(function, 0) >= MAX_WRAPPERS:
            self.engine.count("calls_cut")
            return unknown_result(fr, function.name, None, list(bound.values()), pos)
        shape = Shape(fr, contexts < MAX_CONTEXTS, contexts < 2 * MAX_CONTEXTS)
        recipes = [shape.recipe(value, name) for name, value in bound.items()]
        recipes.append(shape.recipe(Value((ref,)), function.name))
        key = (function, tuple(bound), shape.key(tuple(recipes)))
        summary = self.summaries.get(key)
        if summary is None:
            summary = self._analyse(key, function, ref, shape, dict(zip(bound, recipes, strict=False)), recipes[-1])
        elif not summary.complete:
            summary.used_early = True
        if fr.state is None:
            return BOTTOM
        result = instantiate(fr, summary, shape.leaves, shape.nodes, pos)
        if fr.state is not None and function.is_generator:
            return self._generator(fr, ref, bound, summary, shape, result, pos)
        return result

    def _generator(
        self, fr: Frame, ref: Ref, bound: dict[str, Value], summary: Summary, shape: Shape, result: Value, pos: int
    ) -> Value:
        fields: dict[Any, Value] = {("arg", name): value for name, value in bound.items() if name != "@sent"}
        fields["func"] = Value((ref,))
        yields, final = BOTTOM, BOTTOM
        for item in result.refs:
            obj = fr.obj(item)
            if obj is not None and obj.kind == "run":
                yields = self.engine.domain.join(yields, obj.rest)
                final = self.engine.domain.join(final, obj.fields["return"])
        return fr.alloc(pos, ("generator", ref), Obj("gen", None, {**fields, "return": final}, yields))

    def _analyse(
        self, key: Any, function: Function, ref: Ref, shape: Shape, recipes: dict[str, Any], function_recipe: Any
    ) -> Summary:
        summary = Summary(key, function)
        self.summaries[key] = summary
        self._contexts[function] = self._contexts.get(function, 0) + 1
        self._contexts[ref] = self._contexts.get(ref, 0) + 1
        if self._contexts[ref] == MAX_CONTEXTS:
            self.engine.count("functions_generalised")
        self._depth += 1
        ctx = Context(summary, function.module, function, self.engine.globals)
        try:
            for _ in range(MAX_ROUNDS):
                before = (summary.result, len(summary.flows), summary.returns)
                summary.used_early = False
                self._run_function(ctx, function, shape, recipes, function_recipe)
                if not summary.used_early:
                    break
                after = (summary.result, len(summary.flows), summary.returns)
                if before[1:] == after[1:] and same_value(before[0], after[0]):
                    break
        finally:
            self._depth -= 1
            summary.complete = True
        return summary

    def _run_function(self, ctx: Context, function: Function, shape: Shape, recipes: dict[str, Any], own: Any) -> None:
        summary = ctx.summary
        ctx.returned = []
        ctx.steps = 0
        entry_heap = Heap(self.engine.globals)
        rebuilt = Rebuilt(shape, ctx, entry_heap, function.pos)
        summary.leaves, summary.nodes = rebuilt.leaves, rebuilt.nodes
        fr = Frame(self.engine, ctx, State({}, entry_heap.branch()))
        function_value = rebuilt.value(fr, own)
        obj = fr.obj(function_value.refs[0]) if function_value.refs else None
        self._enter(fr, function, obj)
        ctx.route = self.engine.decorators.route_of(function)
        try:
            # A client's or connection's own user name and password are not a user's (SPEC 2).
            owner = function.owner.name if function.owner is not None else ""
            if owner and self.engine.knowledge.names.person(owner) is not False:
                owner = constructor_owner(self.engine.knowledge, function)
            positions = {name: position for name, _, _, _, position in function.params}
            for name, recipe in recipes.items():
                value = rebuilt.value(fr, recipe)
                if name in positions:
                    value = fr.named(value, name, owner, positions[name])
                    fr.write_name(name, value, positions[name])
                else:
                    fr.live.env[name] = value
            self.engine.decorators.function_entered(fr, function)
            run_body(fr, function.body)
        except OutOfSteps:
            self.engine.count("functions_cut")
            ctx.returned.append((CLEAN, State({}, entry_heap)))
        except Unreachable:
            fr.state = None
        except RecursionError:
            self.engine.count("functions_too_deep")
            ctx.returned.append((CLEAN, State({}, entry_heap)))
        except Exception as fault:  # the one boundary: the function counts as an unknown call
            self.engine.note_fault(function, fault)
            ctx.returned.append((CLEAN, State({}, entry_heap)))
        if fr.state is not None:
            ctx.returned.append((Value(consts=(None,)), fr.state))
        self._leave(fr, ctx, summary, entry_heap)

    def _enter(self, fr: Frame, function: Function, obj: Obj | None) -> None:
        """Set up the variables that a function closes over or shares with inner functions."""
        outer = obj.fields.get("@outer") if obj is not None else None
        if obj is not None:
            for key, value in obj.fields.items():
                if isinstance(key, tuple) and key[0] == "bound":
                    fr.live.env[key[1]] = value
        fr.scope = outer.refs[0] if outer is not None and outer.refs else None
        if function.cells:
            fields = {"@outer": outer} if outer is not None else {}
            ref = fr.ctx.alloc(0, "scope")
            fr.put(ref, Obj("scope", None, dict(fields)))
            fr.scope = ref

    def _leave(self, fr: Frame, ctx: Context, summary: Summary, entry: Heap) -> None:
        """Sum up what a function did."""
        returned = ctx.returned
        summary.returns = bool(returned)
        if not returned and fr.function is not None and fr.function.is_generator and not summary.yields.is_bottom():
            returned.append((BOTTOM, State({}, entry)))  # it never ends, but gives values all the same
            summary.returns = True
        if not returned:
            summary.effects = {}
            return
        end = fr.merge(*(state for _, state in returned))
        assert end is not None
        result = BOTTOM
        for value, state in returned:
            result = self.engine.domain.join(result, self.engine.domain.guard(value, state.facts - end.facts))
        fr.state = end
        if len(returned) > 1 or result.test is None:
            result = result.with_test(_told_by_result(fr, returned))
        summary.established = end.facts
        summary.result = result
        if fr.function is not None and fr.function.is_generator:
            summary.result = fr.alloc(0, "run", Obj("run", None, {"return": result}, summary.yields))
            end = fr.live
        changes = end.heap.changes_since(entry)
        effects: dict[Ref, Obj] = {}
        given = {*summary.nodes, *summary.leaves}
        for ref, obj in changes.items():
            root = ref.root()
            own = root not in given and root.maker is summary and not self.engine.is_global(ref)
            if own and context_name(root) is None:
                continue  # made here: it goes to the caller only with what holds it
            changed = _changed(entry.get(ref), obj)
            if changed is not None and (changed.fields or changed.kind not in BY_FIELD or not changed.rest.is_bottom()):
                effects[ref] = changed
        if len(effects) > MAX_EFFECTS:
            self.engine.count("effects_cut")
            effects = dict(list(effects.items())[:MAX_EFFECTS])
        summary.effects = effects
        summary.heap.update(changes)
        for function, pending in self._nested(fr).items():
            self.pending[function] = (fr, end, pending)

    def _nested(self, fr: Frame) -> dict[Function, Value]:
        """Functions made by a function that nobody has called yet."""
        found: dict[Function, Value] = {}
        for key, ref in fr.ctx.refs.items():
            if key[2] == "func":
                obj = fr.obj(ref)
                if obj is not None and obj.cls not in self.called:
                    found[obj.cls] = Value((ref,))
        return found

    def keep_raised(self, fr: Frame, value: Value) -> None:
        """Keep what a raised exception holds for the callers that catch it."""
        stack = list(value.refs)
        heap = fr.ctx.summary.heap
        while stack:
            ref = stack.pop()
            obj = fr.live.heap.get(ref)
            if obj is None or ref in heap or self.engine.is_global(ref):
                continue
            heap[ref] = obj
            for item in obj.values():
                stack.extend(item.refs)


def _told_by_result(fr: Frame, returned: list[tuple[Value, State]]) -> tuple[Facts, Facts] | None:
    """What the truth or falsity of the result tells of how it came about."""
    true: Facts | None = None
    false: Facts | None = None
    for value, state in returned:
        verdict = decided(fr, value)
        if verdict is not False:
            facts = state.facts | truth(fr, value)
            true = facts if true is None else true & facts
        if verdict is not True:
            facts = state.facts | falsity(fr, value)
            false = facts if false is None else false & facts
    if not true and not false:
        return None
    return (true or NO_FACTS, false or NO_FACTS)


def _changed(before: Obj | None, after: Obj) -> Obj | None:
    """What a function did to an object: None for nothing, the written fields alone where no field went away."""
    if before is None or after.kind not in BY_FIELD or before.kind != after.kind:
        return None if before is after else after
    if not before.fields.keys() <= after.fields.keys():
        return after
    fields = {key: value for key, value in after.fields.items() if before.fields.get(key) is not value}
    same_rest = before.rest is after.rest and before.keys is after.keys
    if not fields and same_rest and before.exact == after.exact:
        return None
    return after.replace(
        fields=fields, rest=BOTTOM if same_rest else after.rest, keys=BOTTOM if same_rest else after.keys
    )
