"""The engine: runs modules, holds what their functions share, and sets the order of work.

    modules run once, top to bottom       their variables, classes and functions live in `globals`
    every function without a caller       is called with unknown arguments: a *root* (roots.py)
    every call of a project function      is an instantiated summary (functions.py)
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
from pi_lint.flow.domain import BOTTOM, CLEAN, NO_FACTS, Domain, Facts, Held, Label, Named, Pi, Ref, Value
from pi_lint.flow.elements import known_elements
from pi_lint.flow.frame import Frame, OutOfSteps
from pi_lint.flow.functions import Functions
from pi_lint.flow.heap import Heap, Obj, State
from pi_lint.flow.library import Library
from pi_lint.flow.naming import classify, context_name
from pi_lint.flow.parameters import Parameters
from pi_lint.flow.roots import Roots
from pi_lint.flow.show import shown
from pi_lint.flow.summary import MAX_STEPS, Context, Flows, Summary
from pi_lint.flow.unknown import selected_by
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
        self.parameters = Parameters(self)
        self.functions = Functions(self)
        self.max_steps = MAX_STEPS
        self.reraise = reraise
        self.statistics: dict[str, int] = {}
        self.faults: list[tuple[Function | Module, str]] = []
        self.kept: set[Ref] = set()
        self.flows: Flows = {}
        self._externals: dict[str, Ref] = {}
        self._module_refs: dict[int, Ref] = {}
        self._module_state: dict[int, str] = {}
        self.module_summaries: list[Summary] = []
        self.noted: dict[Function, Value] = {}
        self._global_names: dict[Function, frozenset[str]] = {}
        self._matches: dict[Ref, NameMatch | None] = {}
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
                self.count("modules_cut")
                break
            except Exception as fault:  # the one boundary: what we failed to foresee costs one statement
                self.note_fault(module, fault)
            self._flush(fr)
        summary.returns = True
        self.module_summaries.append(summary)
        self._module_state[module.index] = "done"

    def _flush(self, fr: Frame) -> None:
        """Bring what a module's statement did into the globals."""
        state = fr.state
        if state is None:
            state = State({}, self.globals)
        if state.heap is not self.globals:
            self.globals.own.update(state.heap.changes_since(self.globals))
        fr.state = State(state.env, self.globals)

    def count(self, name: str) -> None:
        """Count what the statistics tell of: what was cut, what failed."""
        self.statistics[name] = self.statistics.get(name, 0) + 1

    def note_fault(self, where: Function | Module, fault: BaseException) -> None:
        """Remember that the analysis of a function or module failed."""
        if self.reraise:
            raise fault
        self.count("functions_failed")
        self.faults.append((where, f"{type(fault).__name__}: {fault}"))

    # -- functions -----------------------------------------------------------------------

    def note_function(self, function: Function, value: Value, fr: Frame) -> None:
        """Remember a function that may turn out to have no caller."""
        if fr.function is None or fr.function.flags == "":
            self.noted.setdefault(function, value)

    def note_decorated(self, function: Function, value: Value, fr: Frame) -> None:
        """Remember what a function's name holds after its decorators."""
        self.noted[function] = value

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

    def sent_value(self, fr: Frame) -> Value:
        """What `yield` gives inside a generator."""
        return fr.live.env.get("@sent", CLEAN)

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

    def column_written(self, cls: Any, name: str, value: Value) -> None:
        """Remember what the project writes to a record's field (SPEC 8.39)."""
        if cls.traits.get("record"):
            key = (cls, name)
            self._columns[key] = self.domain.join(self._columns.get(key, BOTTOM), value)

    def column(self, cls: Any, name: str) -> Value:
        """Everything that the project writes to a record's field, as far as it was seen."""
        return self._columns.get((cls, name), BOTTOM)

    def annotations_value(self, function: Function, node: Any) -> Value:
        """The class, function or library name that a name in a signature means."""
        return self.classes.annotations.resolve(function.module, node)

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
            self.flows = Roots(self).run()
        finally:
            if enabled:
                gc.enable()
        self.statistics["functions"] = len(self.noted)
        self.statistics["summaries"] = len(self.functions.summaries)
