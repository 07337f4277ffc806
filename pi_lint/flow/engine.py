"""The engine: runs modules, analyses functions for the shapes they are called with, and gathers flows.

    modules run once, top to bottom       their variables, classes and functions live in `globals`
    every function without a caller       is called with unknown arguments: a *root*
    every call of a project function      is an instantiated summary (summary.py)
    what functions write to globals       is joined into them, and readers are analysed again

The order of work is the order of files and definitions, so two runs agree.
"""

from __future__ import annotations

import gc
from collections.abc import Sequence
from typing import Any

from pi_lint.flow import kinds
from pi_lint.flow.calls import call_with
from pi_lint.flow.classes import Classes
from pi_lint.flow.control import run_body
from pi_lint.flow.decorators import Decorators
from pi_lint.flow.domain import BOTTOM, CLEAN, NO_FACTS, Domain, Facts, Held, Label, Named, Pi, Ref, Trace, Value
from pi_lint.flow.elements import known_elements
from pi_lint.flow.frame import Frame, OutOfSteps, Unreachable
from pi_lint.flow.heap import BY_FIELD, Heap, Obj, State, join_objects, same_value
from pi_lint.flow.instantiate import instantiate
from pi_lint.flow.library import Library
from pi_lint.flow.naming import classify, constructor_owner, holds_person
from pi_lint.flow.shape import Rebuilt, Shape
from pi_lint.flow.summary import (
    MAX_CALL_DEPTH,
    MAX_CONTEXTS,
    MAX_EFFECTS,
    MAX_ROUNDS,
    MAX_STEPS,
    MAX_WRAPPERS,
    Context,
    Flows,
    Hit,
    Summary,
)
from pi_lint.flow.unknown import selected_by, unknown_result
from pi_lint.knowledge.compiled import Knowledge
from pi_lint.knowledge.names import NameMatch
from pi_lint.project.program import Function, Module, Program


class Engine:
    """One analysis of one program; `run` does the work and `flows` holds what it found."""

    def __init__(self, program: Program, knowledge: Knowledge, *, reraise: bool = False) -> None:
        self.program = program
        self.knowledge = knowledge
        self.domain = Domain()
        self.globals = Heap()
        self.library = Library(self)
        self.decorators = Decorators(self)
        self.classes = Classes(self)
        self.max_steps = MAX_STEPS
        self.reraise = reraise
        self.statistics: dict[str, int] = {}
        self.faults: list[tuple[Function | Module, str]] = []
        self.kept: set[Ref] = set()
        self.flows: Flows = {}
        self.roots: list[Summary] = []
        self._externals: dict[str, Ref] = {}
        self._module_refs: dict[int, Ref] = {}
        self._module_state: dict[int, str] = {}
        self._module_summaries: list[Summary] = []
        self._summaries: dict[Any, Summary] = {}
        self._root_summaries: dict[Function, Summary] = {}
        self._contexts: dict[Function | Ref, int] = {}
        self._noted: dict[Function, Value] = {}
        self._called: set[Function] = set()
        self._pending: dict[Function, tuple[Frame, State, Value]] = {}
        self._global_names: dict[Function, frozenset[str]] = {}
        self._matches: dict[Ref, NameMatch | None] = {}
        self._depth = 0
        self.showing = 0  # how many values are being shown inside one another
        self._guardable: dict[str, bool] = {}
        self._columns: dict[tuple[Any, str], Value] = {}
        self.late: dict[Ref, Value] = {}
        self.pending_writes = Ref("alloc", None, ("module", "pending"), "pending", None)
        self.globals.put(self.pending_writes, Obj("pending"))

    # -- names of modules and libraries ------------------------------------------------

    def module_ref(self, module: Module) -> Ref:
        """The object that a module is."""
        ref = self._module_refs.get(module.index)
        if ref is None:
            ref = self._module_refs[module.index] = Ref("alloc", None, ("module", module.name), module.name, None)
            self.globals.put(ref, Obj("module", module))
        return ref

    def external(self, dotted: str, ctx: Context | None = None) -> Value:
        """The value of a library's name: a module of ours after all, an instance, or the name itself."""
        module = self.program.by_name.get(dotted)
        if module is not None:
            self.run_module(module)
            return Value((self.module_ref(module),))
        if dotted in self.classes.models:
            return self.classes.synthetic(dotted)
        typed = self.knowledge.value_type(dotted)
        if typed is not None and ctx is not None:
            ref = ctx.opaque(0, ("value", dotted), dotted.rpartition(".")[2], typed)
            return Value((ref,), {self.domain.label(ref): None})
        known = self._externals.get(dotted)
        if known is None:
            known = self._externals[dotted] = Ref("ext", None, ("ext", dotted), dotted.rpartition(".")[2], None)
            known.tname = dotted
        return Value((known,))

    def localised(self, fr: Frame, value: Value) -> Value:
        """A library's context-bound name (the current request) as this analysis sees it, not as its import did."""
        if fr.ctx.summary.key[0] == "module":
            return value
        for ref in value.refs:
            dotted = context_name(ref)
            if dotted is not None:
                return self.external(dotted, fr.ctx)
        return value

    def imported(self, fr: Frame, dotted: str) -> Value:
        """What `import dotted` gives; a module of the project is run first."""
        module = self.program.by_name.get(dotted)
        if module is not None:
            self.run_module(module)
            return Value((self.module_ref(module),))
        return self.external(dotted, fr.ctx)

    def imported_name(self, fr: Frame, target: str, name: str) -> Value:
        """What `from target import name` gives."""
        module = self.program.by_name.get(target)
        if module is not None:
            if module is not fr.module:
                self.run_module(module)
            obj = fr.live.heap.get(self.module_ref(module))
            if obj is not None and name in obj.fields:
                fr.ctx.summary.reads.add(self.module_ref(module).child(("a", name)))
                return obj.fields[name]
            submodule = self.program.by_name.get(f"{target}.{name}")
            if submodule is not None:
                self.run_module(submodule)
                return Value((self.module_ref(submodule),))
            return fr.read_global(module, name)
        return self.external(f"{target}.{name}", fr.ctx)

    def star(self, fr: Frame, target: str) -> dict[str, Value]:
        """The names that `from target import *` binds."""
        module = self.program.by_name.get(target)
        if module is None or module is fr.module:
            return {}
        self.run_module(module)
        obj = fr.live.heap.get(self.module_ref(module))
        if obj is None:
            return {}
        listed = obj.fields.get("__all__")
        if listed is not None:
            names = known_elements(fr, listed, 1000)
            if names is not None:
                wanted = {const for value in names for const in value.consts}
                return {name: value for name, value in obj.fields.items() if name in wanted}
        return {name: value for name, value in obj.fields.items() if isinstance(name, str) and not name.startswith("_")}

    def is_global(self, ref: Ref) -> bool:
        """Whether an object lives as long as the program: made by a module's own code."""
        if ref.parent is not None and ref.kind != "alloc":
            return False
        if ref in self.globals.own:
            return True
        maker = ref.maker
        return ref.op[0] == "module" or (maker is not None and maker.function is None and maker.key[0] == "module")

    def is_shared(self, fr: Frame, ref: Ref) -> bool:
        """Whether other calls may change an object between its uses here; modules' own code excepted."""
        return False

    # -- running modules -----------------------------------------------------------------

    def run_module(self, module: Module) -> None:
        """Run a module's own code, once; cyclic imports see what is there so far."""
        if module.index in self._module_state:
            return
        self._module_state[module.index] = "running"
        package = module.name.rpartition(".")[0]
        parent = self.program.by_name.get(package)
        if parent is not None and parent is not module:
            self.run_module(parent)
        summary = Summary(("module", module.index), None)
        ctx = Context(summary, module, None, self.globals)
        fr = Frame(self, ctx, State({}, self.globals))
        self.module_ref(module)
        for statement in module.body:
            try:
                run_body(fr, (statement,))
            except OutOfSteps:
                self._count("modules_cut")
                break
            except Exception as fault:  # the one boundary: what we failed to foresee costs one statement
                self._fault(module, fault)
            self._flush(fr)
        summary.returns = True
        self._module_summaries.append(summary)
        self._module_state[module.index] = "done"

    def _flush(self, fr: Frame) -> None:
        """Bring what a module's statement did into the globals."""
        state = fr.state
        if state is None:
            state = State({}, self.globals)
        if state.heap is not self.globals:
            self.globals.own.update(state.heap.changes_since(self.globals))
        fr.state = State(state.env, self.globals)

    def _count(self, name: str) -> None:
        self.statistics[name] = self.statistics.get(name, 0) + 1

    def _fault(self, where: Function | Module, fault: BaseException) -> None:
        if self.reraise:
            raise fault
        self._count("functions_failed")
        self.faults.append((where, f"{type(fault).__name__}: {fault}"))

    # -- functions -----------------------------------------------------------------------

    def note_function(self, function: Function, value: Value, fr: Frame) -> None:
        """Remember a function that may turn out to have no caller."""
        if fr.function is None or fr.function.flags == "":
            self._noted.setdefault(function, value)

    def note_decorated(self, function: Function, value: Value, fr: Frame) -> None:
        """Remember what a function's name holds after its decorators."""
        self._noted[function] = value

    def declared_global(self, function: Function) -> frozenset[str]:
        """Names that a function declares global."""
        found = self._global_names.get(function)
        if found is None:
            names: set[str] = set()
            stack: list[Any] = list(function.body)
            while stack:
                node = stack.pop()
                if isinstance(node, tuple) and node:
                    if node[0] == "global":
                        names.update(node[2])
                    elif node[0] not in ("def", "class", "lambda"):
                        stack.extend(part for part in node if isinstance(part, tuple))
            found = self._global_names[function] = frozenset(names)
        return found

    def call(
        self, fr: Frame, callee: Value, positional: Sequence[Value], keywords: dict[str, Value], pos: int
    ) -> Value:
        """Call a value with plain arguments."""
        return call_with(fr, callee, positional, keywords, pos)

    def apply(self, fr: Frame, ref: Ref, obj: Obj, bound: dict[str, Value], pos: int) -> Value:
        """Call a function of the project with bound parameters: analyse its shape if need be, instantiate."""
        function: Function = obj.cls
        if function not in self._called and fr.function is not function:
            self._called.add(function)
        if self._depth >= MAX_CALL_DEPTH:
            self._count("calls_cut")
            return unknown_result(fr, function.name, None, list(bound.values()), pos)
        bound = {name: self.classes.refined(fr, function, name, value, pos) for name, value in bound.items()}
        # The wrapper that a decorator makes of one function is not the one that it makes of another.
        contexts = self._contexts.get(ref, 0)
        if contexts >= 4 * MAX_CONTEXTS or self._contexts.get(function, 0) >= MAX_WRAPPERS:
            self._count("calls_cut")
            return unknown_result(fr, function.name, None, list(bound.values()), pos)
        shape = Shape(fr, contexts < MAX_CONTEXTS, contexts < 2 * MAX_CONTEXTS)
        recipes = [shape.recipe(value, name) for name, value in bound.items()]
        recipes.append(shape.recipe(Value((ref,)), function.name))
        key = (function, tuple(bound), shape.key(tuple(recipes)))
        summary = self._summaries.get(key)
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
                yields = self.domain.join(yields, obj.rest)
                final = self.domain.join(final, obj.fields["return"])
        return fr.alloc(pos, ("generator", ref), Obj("gen", None, {**fields, "return": final}, yields))

    def sent_value(self, fr: Frame) -> Value:
        """What `yield` gives inside a generator."""
        return fr.live.env.get("@sent", CLEAN)

    def _analyse(
        self, key: Any, function: Function, ref: Ref, shape: Shape, recipes: dict[str, Any], function_recipe: Any
    ) -> Summary:
        summary = Summary(key, function)
        self._summaries[key] = summary
        self._contexts[function] = self._contexts.get(function, 0) + 1
        self._contexts[ref] = self._contexts.get(ref, 0) + 1
        if self._contexts[ref] == MAX_CONTEXTS:
            self._count("functions_generalised")
        self._depth += 1
        ctx = Context(summary, function.module, function, self.globals)
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
        entry_heap = Heap(self.globals)
        rebuilt = Rebuilt(shape, ctx, entry_heap, function.pos)
        summary.leaves, summary.nodes = rebuilt.leaves, rebuilt.nodes
        fr = Frame(self, ctx, State({}, entry_heap.branch()))
        function_value = rebuilt.value(fr, own)
        obj = fr.obj(function_value.refs[0]) if function_value.refs else None
        self._enter(fr, function, obj)
        ctx.route = self.decorators.route_of(function)
        try:
            # A client's or connection's own user name and password are not a user's (SPEC 2).
            owner = function.owner.name if function.owner is not None else ""
            if owner and self.knowledge.names.person(owner) is not False:
                owner = constructor_owner(self.knowledge, function)
            positions = {name: position for name, _, _, _, position in function.params}
            for name, recipe in recipes.items():
                value = rebuilt.value(fr, recipe)
                if name in positions:
                    value = fr.named(value, name, owner, positions[name])
                    fr.write_name(name, value, positions[name])
                else:
                    fr.live.env[name] = value
            self.decorators.function_entered(fr, function)
            run_body(fr, function.body)
        except OutOfSteps:
            self._count("functions_cut")
            ctx.returned.append((CLEAN, State({}, entry_heap)))
        except Unreachable:
            fr.state = None
        except RecursionError:
            self._count("functions_too_deep")
            ctx.returned.append((CLEAN, State({}, entry_heap)))
        except Exception as fault:  # the one boundary: the function counts as an unknown call
            self._fault(function, fault)
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
            result = self.domain.join(result, self.domain.guard(value, state.facts - end.facts))
        fr.state = end
        if len(returned) > 1 or result.test is None:
            result = result.with_test(self._test(fr, returned))
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
            own = root not in given and root.maker is summary and not self.is_global(ref)
            if own and context_name(root) is None:
                continue  # made here: it goes to the caller only with what holds it
            changed = _changed(entry.get(ref), obj)
            if changed is not None and (changed.fields or changed.kind not in BY_FIELD or not changed.rest.is_bottom()):
                effects[ref] = changed
        if len(effects) > MAX_EFFECTS:
            self._count("effects_cut")
            effects = dict(list(effects.items())[:MAX_EFFECTS])
        summary.effects = effects
        summary.heap.update(changes)
        for function, pending in self._nested(fr).items():
            self._pending[function] = (fr, end, pending)

    def _test(self, fr: Frame, returned: list[tuple[Value, State]]) -> tuple[Facts, Facts] | None:
        """What the truth or falsity of the result tells of how it came about."""
        from pi_lint.flow.conditions import decided, falsity, truth

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

    def _nested(self, fr: Frame) -> dict[Function, Value]:
        """Functions made by a function that nobody has called yet."""
        found: dict[Function, Value] = {}
        for key, ref in fr.ctx.refs.items():
            if key[2] == "func":
                obj = fr.obj(ref)
                if obj is not None and obj.cls not in self._called:
                    found[obj.cls] = Value((ref,))
        return found

    def keep_raised(self, fr: Frame, value: Value) -> None:
        """Keep what a raised exception holds for the callers that catch it."""
        stack = list(value.refs)
        heap = fr.ctx.summary.heap
        while stack:
            ref = stack.pop()
            obj = fr.live.heap.get(ref)
            if obj is None or ref in heap or self.is_global(ref):
                continue
            heap[ref] = obj
            for item in obj.values():
                stack.extend(item.refs)

    # -- what the other modules ask ------------------------------------------------------

    def element_facts(self, fr: Frame, source: Value, element: Value) -> Facts:
        """What holds of each element because of how a collection was selected (filter(consent=True))."""
        result: Facts = NO_FACTS
        for ref in source.refs:
            obj = fr.obj(ref)
            handler = kinds.ELEMENT_FACTS.get(obj.kind) if obj is not None else None
            if handler is not None and obj is not None:
                result = result | handler(fr, ref, obj, element)
            elif ref.kind == "opaque" and isinstance(ref.info, tuple) and ref.info[0] == "call":
                result = result | selected_by(fr, ref)
        return result

    def put_late(self, fr: Frame, ref: Ref, value: Value) -> None:
        """Remember what is put into a queue: another task may have begun to wait for it before."""
        from pi_lint.flow.show import shown

        labels = self.domain.guard(Value((), shown(fr, value, "data")), fr.live.facts).labels
        before = self.late.get(ref, BOTTOM)
        self.late[ref] = self.domain.join(before, Value((), labels))

    def arriving(self, label: Label) -> list[Label]:
        """A label as it is once everything was put into the queues that it came out of."""
        source = label.source
        if not isinstance(source, Ref) or source.op[0] != "late" or source.parent is None:
            return [label]
        found = []
        for item in self.late.get(source.parent, BOTTOM).labels:
            protections = (*item.protections, *label.protections)[-4:]
            kept = item.kept if label.kept is None else label.kept
            found.append(self.domain.label(item.source, protections, kept, item.guards | label.guards))
        return found

    def column_written(self, cls: Any, name: str, value: Value) -> None:
        """Remember what the project writes to a record's field (SPEC 8.39)."""
        if cls.traits.get("record"):
            key = (cls, name)
            self._columns[key] = self.domain.join(self._columns.get(key, BOTTOM), value)

    def column(self, cls: Any, name: str) -> Value:
        """Everything that the project writes to a record's field, as far as it was seen."""
        return self._columns.get((cls, name), BOTTOM)

    def learnt_field(self, fr: Frame, cls: Any, name: str) -> Value | None:
        """A field that only methods other than the constructor write."""
        return None

    def annotations_value(self, function: Function, node: Any) -> Value:
        """The class, function or library name that a name in a signature means."""
        return self.classes.annotations.resolve(function.module, node)

    def collection_of(self, fr: Frame, child: Ref, target: Any) -> Value:
        """A field that holds many instances of a class."""
        return self.library.collection_of(fr, child, target)

    def holds_person(self, ref: Ref) -> bool:
        """Whether fields of a library's object are a person's (requests, the logged-in user) and judged by name."""
        return holds_person(self.knowledge, ref)

    def is_leaf(self, ref: Ref) -> bool:
        """Whether a reference stands for an argument of the function under analysis."""
        return ref.parent is None and bool(ref.op) and ref.op[0] == "leaf"

    def name_match(self, ref: Ref) -> NameMatch | None:
        """What an unknown object is by its own name and owner, if it is PI (SPEC 4.1)."""
        found = self._matches.get(ref, False)
        if found is False:
            found = self._matches[ref] = classify(self.knowledge, ref)
        return found  # type: ignore[return-value]

    def guardable(self, concept: str) -> bool:
        """Whether what a caller checks could clear a flow into this kind of sink."""
        found = self._guardable.get(concept)
        if found is None:
            code = self.knowledge.concepts.get(concept)
            cleared = self.knowledge.clearing.get(code, frozenset()) if code is not None else frozenset()
            found = self._guardable[concept] = code is None or bool(cleared - {"protection"})
        return found

    def depends_on_caller(self, summary: Summary, label: Label) -> bool:
        """Whether a label of a summary speaks of its arguments."""
        source = label.source
        if isinstance(source, Held):
            source = source.inner
        if isinstance(source, Pi):
            return False
        ref = source.under if isinstance(source, Named) else source
        root = ref.root()
        return root.maker is summary and (root in summary.leaves or root in summary.nodes)

    # -- the whole program -----------------------------------------------------------------

    def run(self) -> None:
        """Analyse everything; afterwards `flows` holds every flow, guarded or not."""
        enabled = gc.isenabled()
        gc.disable()
        try:
            for module in self.program.modules:
                self.run_module(module)
            for _ in range(MAX_ROUNDS):
                self.roots = self._run_roots()
                if not self._absorb():
                    break
            else:
                self._count("rounds_cut")
            self._gather()
        finally:
            if enabled:
                gc.enable()
        self.statistics["functions"] = len(self._noted)
        self.statistics["summaries"] = len(self._summaries)

    def _run_roots(self) -> list[Summary]:
        self._called.clear()
        order = sorted(self._noted, key=lambda f: (f.module.index, f.pos))
        mentioned = self.library.mentioned_names()
        sure = [f for f in order if mentioned.get(f.name, 0) == 0 or self.decorators.is_entry(f)]
        roots: dict[Function, Summary] = {f: self._root(f) for f in sure}
        tentative: dict[Function, Summary] = {}
        for function in order:
            if function not in roots and function not in self._called:
                tentative[function] = self._root(function)
        chosen = [*roots.values(), *self._pending_closures()]
        reached = _reached(chosen + self._module_summaries)
        called = _called_by_others(tentative)
        for function, summary in tentative.items():
            if function not in called and function not in reached:
                chosen.append(summary)
                reached |= _reached([summary])
        for function, summary in tentative.items():
            if function not in reached:
                chosen.append(summary)
                reached |= _reached([summary])
        for function in order:
            if function not in reached and function not in roots and function not in tentative:
                summary = self._root(function)
                chosen.append(summary)
                reached |= _reached([summary])
        return chosen

    def _root(self, function: Function) -> Summary:
        """A function called by nobody we know: by a framework, or by code outside."""
        known = self._root_summaries.get(function)
        if known is not None:
            self._called |= _reached([known]) - {function}
            return known
        key = ("root", function)
        summary = self._root_summaries[function] = Summary(key, None)
        ctx = Context(summary, function.module, None, self.globals)
        ctx.entry = function
        fr = Frame(self, ctx, State({}, Heap(self.globals)))
        try:
            self.classes.call_as_root(fr, function, self._noted[function])
        except Unreachable:
            fr.state = None
        except OutOfSteps:
            self._count("functions_cut")
        except Exception as fault:  # the one boundary
            self._fault(function, fault)
        state = fr.state
        summary.returns = state is not None
        if state is not None:
            summary.effects = {
                ref: obj
                for ref, obj in state.heap.changes_since(self.globals).items()
                if self.is_global(ref) or context_name(ref) is not None
            }
            summary.heap.update(state.heap.changes_since(self.globals))
        return summary

    def _pending_closures(self) -> list[Summary]:
        """Inner functions that were handed out and never called: called with unknown arguments where they were made."""
        summaries: list[Summary] = []
        done: set[Function] = set()
        for _ in range(3):
            pending = {f: entry for f, entry in self._pending.items() if f not in self._called and f not in done}
            done |= pending.keys()
            if not pending:
                break
            for function in sorted(pending, key=lambda f: (f.module.index, f.pos)):
                origin, state, value = pending[function]
                if function in self._called:
                    continue
                summary = Summary(("closure", function), None)
                ctx = Context(summary, function.module, None, self.globals)
                ctx.entry = function
                fr = Frame(self, ctx, state.branch())
                try:
                    self.classes.call_as_root(fr, function, value)
                except Unreachable:
                    fr.state = None
                except OutOfSteps:
                    self._count("functions_cut")
                except Exception as fault:  # the one boundary
                    self._fault(function, fault)
                summaries.append(summary)
        return summaries

    def _absorb(self) -> bool:
        """Join what the roots wrote to global objects into them; drop the summaries that read those; tell if any."""
        changed: set[Ref] = set()
        for summary in [*self.roots, *self._module_summaries]:
            for ref, obj in summary.effects.items():
                if context_name(ref) is not None:
                    changed |= self._share(ref, obj, summary)
                    continue
                if ref is self.pending_writes:
                    continue
                before = self.globals.get(ref) or (Obj("overlay") if ref.kind == "opaque" else None)
                if before is None or before is obj:
                    continue
                merged = join_objects(self.domain, ref, before, obj).replace(multi=before.multi)
                names = [
                    key
                    for key in merged.fields
                    if key not in before.fields or not same_value(before.fields[key], merged.fields[key])
                ]
                if not names and same_value(before.rest, merged.rest) and same_value(before.keys, merged.keys):
                    continue
                if before.kind == "module":
                    changed.update(ref.child(("a", name)) for name in names)
                else:
                    changed.add(ref)
                self.globals.put(ref, merged)
                self._adopt(summary, obj)
        if not changed:
            return False
        for table in (self._summaries, self._root_summaries):
            for key in [key for key, summary in table.items() if summary.reads & changed]:
                del table[key]
        return True

    def _share(self, ref: Ref, obj: Obj, summary: Summary) -> set[Ref]:
        """Fields of a request-wide object that one function sets and others read (`g.user`)."""
        changed: set[Ref] = set()
        home = self.external(context_name(ref) or "").refs[0]
        before = self.globals.get(home) or Obj("overlay")
        for key, value in obj.fields.items():
            if any(item.parent is ref for item in value.refs):
                continue  # only what was written to the field's own fields, not the field
            known = before.fields.get(key, BOTTOM)
            merged = self.domain.join(known, value)
            if isinstance(key, str) and not same_value(known, merged):
                before = before.with_field(key, merged)
                changed.add(home.child(("a", key)))
        if changed:
            self.globals.put(home, before)
            self._adopt(summary, obj)
        return changed

    def shared_field(self, fr: Frame, ref: Ref, name: str) -> Value | None:
        """What any function sets a field of a request-wide object to; None where none does."""
        dotted = context_name(ref)
        spec = self.knowledge.type(ref.tname) if dotted is not None and ref.tname is not None else None
        if dotted is None or spec is None or not spec.options.get("shared"):
            return None
        home = self.external(dotted).refs[0]
        fr.ctx.summary.reads.add(home.child(("a", name)))
        obj = self.globals.get(home)
        return obj.fields.get(name) if obj is not None else None

    def _adopt(self, summary: Summary, obj: Obj) -> None:
        """Objects that a global now holds live as long as the program."""
        stack = [ref for value in obj.values() for ref in value.refs]
        while stack:
            ref = stack.pop()
            if ref in self.globals.own:
                continue
            held = summary.heap.get(ref)
            if held is None:
                continue
            self.globals.put(ref, held)
            stack.extend(item for value in held.values() for item in value.refs)

    def _gather(self) -> None:
        flows: Flows = {}
        seen: set[int] = set()
        stack = [*self.roots, *self._module_summaries]
        for summary in stack:
            for (hit, label), trace in summary.flows.items():
                flows.setdefault((hit, label), trace)
            seen.add(id(summary))
        stack = [callee for summary in stack for callee in summary.calls.values()]
        while stack:
            summary = stack.pop()
            if id(summary) in seen:
                continue
            seen.add(id(summary))
            for (hit, label), trace in summary.flows.items():
                if not self.guardable(hit.concept) and not self.depends_on_caller(summary, label):
                    flows.setdefault((hit, label), trace)
            stack.extend(summary.calls.values())
        self.flows = flows


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


def context_name(ref: Ref) -> str | None:
    """The library name of a request-wide object (the current request, session or user), if a reference is one."""
    tag = ref.op[0] if ref.parent is None and ref.op else None
    return tag[1] if isinstance(tag, tuple) and tag[0] == "value" else None


def _reached(summaries: Sequence[Summary]) -> set[Function]:
    found: set[Function] = set()
    seen: set[int] = set()
    stack = list(summaries)
    while stack:
        summary = stack.pop()
        if id(summary) in seen:
            continue
        seen.add(id(summary))
        if summary.function is not None:
            found.add(summary.function)
        elif isinstance(summary.key, tuple) and summary.key[0] in ("root", "closure"):
            found.add(summary.key[1])
        stack.extend(summary.calls.values())
    return found


def _called_by_others(roots: dict[Function, Summary]) -> set[Function]:
    """Functions that some other function's analysis calls, beyond its own first step."""
    found: set[Function] = set()
    for function, summary in roots.items():
        inner: set[Function] = set()
        for callee in summary.calls.values():
            if callee.function is function:
                inner |= _reached(list(callee.calls.values()))
            else:
                inner |= _reached([callee])
        found |= inner - {function}
    return found


__all__ = ["CLEAN", "Engine", "Hit", "Trace"]
