"""One function under analysis: its context, its state, and the names it can see."""

from __future__ import annotations

import builtins
from typing import TYPE_CHECKING, Any

from pi_lint.flow.domain import CLEAN, Facts, Labels, Place, Ref, Trace, Value
from pi_lint.flow.heap import Obj, State, join_objects, join_states
from pi_lint.flow.naming import holds_person
from pi_lint.flow.summary import Context, Hit
from pi_lint.project.program import Class, Function, Module

if TYPE_CHECKING:
    from pi_lint.flow.engine import Engine

BUILTIN_NAMES = frozenset(dir(builtins))


class OutOfSteps(Exception):
    """The analysis of one function took more steps than its bound allows."""


class Unreachable(Exception):
    """Control does not get here: something before never returns. Ends the statement."""


class Frame:
    """Where evaluation stands: `state` is None where control cannot get to."""

    __slots__ = ("breaks", "caught", "cls", "continues", "ctx", "domain", "engine", "function", "knowledge", "module",
                 "scope", "state", "stack")  # fmt: skip

    def __init__(self, engine: Engine, ctx: Context, state: State) -> None:
        self.engine = engine
        self.domain = engine.domain
        self.knowledge = engine.knowledge
        self.ctx = ctx
        self.module: Module = ctx.module
        self.function: Function | None = ctx.function
        self.state: State | None = state
        self.cls: Class | None = None  # the class whose body is being evaluated
        self.scope: Ref | None = None  # the object that holds variables shared with inner functions
        self.breaks: list[list[State]] = []
        self.continues: list[list[State]] = []
        self.caught: list[list[tuple[Value, State]]] = []  # what the enclosing try statements catch
        self.stack: list[str] = []

    # -- bookkeeping -----------------------------------------------------------------

    def step(self) -> None:
        """Count one unit of work; raises OutOfSteps past the bound."""
        self.ctx.steps += 1
        if self.ctx.steps > self.engine.max_steps:
            raise OutOfSteps

    def place(self, pos: int) -> Place:
        """The place of a node of this module."""
        return (self.module.index, pos)

    @property
    def live(self) -> State:
        """The state; raises Unreachable where control does not get."""
        if self.state is None:
            raise Unreachable
        return self.state

    def ended(self) -> bool:
        """Whether control does not get here."""
        return self.state is None

    def obj(self, ref: Ref) -> Obj | None:
        """What the heap holds under a reference; remembers that global state was read."""
        found = self.live.heap.get(ref)
        if ref in self.engine.globals.own or (ref.kind == "opaque" and self.engine.is_global(ref)):
            self.ctx.summary.reads.add(ref)
        return found

    def put(self, ref: Ref, obj: Obj) -> None:
        """Write to the heap."""
        self.live.heap.put(ref, obj)

    def alloc(self, pos: int, tag: Any, obj: Obj, name: str = "", tname: str | None = None) -> Value:
        """Make a known object at this place; one that was kept somewhere before stays joined with it."""
        ref = self.ctx.alloc(pos, tag, name, tname)
        before = self.live.heap.get(ref)
        if before is not None and ref in self.engine.kept:
            obj = _join_again(self, ref, before, obj)
        self.put(ref, obj)
        return Value((ref,))

    def keep(self, *values: Value) -> None:
        """Note that something holds these values from now on: one made again at the same place is joined with them."""
        for value in values:
            self.engine.kept.update(value.refs)

    def opaque(self, ref: Ref, guards: Facts = frozenset()) -> Value:
        """The value that is just this unknown object."""
        return Value((ref,), {self.domain.label(ref, (), None, guards): None})

    def add_facts(self, facts: Facts) -> None:
        """Facts that hold from here on."""
        if self.state is not None and facts and not facts <= self.state.facts:
            self.state = State(self.state.env, self.state.heap, self.state.facts | facts)

    def hit(self, hit: Hit, labels: Labels) -> None:
        """Record that labels reach a sink here, with the guards that hold."""
        facts = self.live.facts
        flows = self.ctx.summary.flows
        domain = self.domain
        for label, trace in labels.items():
            if facts and not facts <= label.guards:
                label = domain.label(label.source, label.protections, label.kept, label.guards | facts)
            flows.setdefault((hit, label), (trace, "sink", hit.place))

    # -- names -----------------------------------------------------------------------

    def read_name(self, name: str, pos: int) -> Value:
        """What a variable holds, by Python's rules of scope."""
        state = self.live
        value = state.env.get(name)
        if value is not None:
            return value
        function = self.function
        if self.cls is not None:
            found = self._class_body_value(name)
            if found is not None:
                return found
        if function is not None and name in function.locals and self.scope is not None:
            found = self._scoped(self.scope, name)
            if found is not None:
                return found
        if self.scope is not None or function is not None:
            found = self._enclosing(name)
            if found is not None:
                return found
        return self.read_global(self.module, name, pos)

    def _class_body_value(self, name: str) -> Value | None:
        obj = self.obj(self.cls.ref) if self.cls is not None else None
        return obj.fields.get(name) if obj is not None else None

    def _scoped(self, scope: Ref, name: str) -> Value | None:
        obj = self.obj(scope)
        return obj.fields.get(name) if obj is not None else None

    def _enclosing(self, name: str) -> Value | None:
        scope = self.scope
        seen = 0
        while scope is not None and seen < 20:
            obj = self.obj(scope)
            if obj is None:
                return None
            value = obj.fields.get(name)
            if value is not None:
                return value
            outer = obj.fields.get("@outer")
            scope = outer.refs[0] if outer is not None and outer.refs else None
            seen += 1
        return None

    def read_global(self, module: Module, name: str, pos: int = 0) -> Value:
        """A module's variable, or a builtin, or an unknown thing of that name."""
        ref = self.engine.module_ref(module)
        obj = self.live.heap.get(ref)
        self.ctx.summary.reads.add(ref.child(("a", name)))
        if obj is not None:
            value = obj.fields.get(name)
            if value is not None:
                return self.engine.localised(self, value)
        if name == "__name__" or name == "__file__":
            return CLEAN
        if name in BUILTIN_NAMES:
            return self.engine.external(f"builtins.{name}")
        return self.opaque(self.ctx.opaque(0, ("global", name), name))

    def write_name(self, name: str, value: Value, pos: int) -> None:
        """Bind a variable where Python would."""
        value = self.named(value, name, "", pos)
        function = self.function
        if self.cls is not None:
            ref = self.cls.ref
            obj = self.obj(ref)
            if obj is not None:
                self.put(ref, obj.with_field(name, value))
            return
        if function is None:
            self.write_global(self.module, name, value)
        elif name in function.locals:
            if name in function.cells and self.scope is not None:
                self._write_scope(self.scope, name, value)
            else:
                self.live.env[name] = value
        else:
            self._write_outer(name, value)

    def _write_scope(self, scope: Ref, name: str, value: Value) -> None:
        obj = self.obj(scope)
        if obj is not None:
            self.put(scope, obj.with_field(name, value))

    def _write_outer(self, name: str, value: Value) -> None:
        """A nonlocal or global variable, or the target of a comprehension."""
        scope = self.scope
        seen = 0
        while scope is not None and seen < 20:
            obj = self.obj(scope)
            if obj is None:
                break
            if name in obj.fields and not (seen == 0 and name not in obj.fields):
                self.put(scope, obj.with_field(name, value))
                return
            outer = obj.fields.get("@outer")
            scope = outer.refs[0] if outer is not None and outer.refs else None
            seen += 1
        if self.function is not None and name in self.engine.declared_global(self.function):
            self.write_global(self.module, name, value)
        else:
            self.live.env[name] = value

    def write_global(self, module: Module, name: str, value: Value) -> None:
        """Bind a module's variable."""
        ref = self.engine.module_ref(module)
        obj = self.live.heap.get(ref) or Obj("module", module)
        self.keep(value)
        self.put(ref, obj.with_field(name, value))

    def named(self, value: Value, name: str, owner: str, pos: int) -> Value:
        """Let the name that an unknown value is given judge it, where nothing better is known (SPEC 8.22)."""
        if not value.refs:
            return value
        extra: Labels = {}
        match: Any = False
        for ref in value.refs:
            if ref.kind != "opaque" or (ref.tname is not None and not holds_person(self.knowledge, ref)):
                continue
            if ref.parent is None and not ref.hint and not ref.name:
                ref.hint = name
            if match is False:
                match = self.knowledge.names.classify(name, owner or None)
            if match is None or not any(label.source is ref for label in value.labels):
                continue
            if self.engine.name_match(ref) is not None and not self.engine.is_leaf(ref):
                continue
            guards = next(label.guards for label in value.labels if label.source is ref)
            source = self.domain.named(name, owner, ref, self.place(pos))
            extra[self.domain.label(source, (), None, guards)] = None
        if not extra:
            return value
        return Value(value.refs, {**value.labels, **extra}, value.consts, value.other, value.test)

    # -- joins -----------------------------------------------------------------------

    def merge(self, *states: State | None) -> State | None:
        """The state where several branches meet."""
        result: State | None = None
        for state in states:
            result = join_states(self.domain, result, state)
        return result

    def restricted(self, value: Value) -> Value:
        """The value without what cannot be seen by a reader: for results of predicates."""
        return Value(value.refs, {}, value.consts, True, value.test)


def _join_again(fr: Frame, ref: Ref, before: Obj, obj: Obj) -> Obj:
    return join_objects(fr.domain, ref, before, obj).replace(multi=True)


def extend(trace: Trace, kind: str, place: Place) -> Trace:
    """A trace with one more step."""
    return (trace, kind, place)


def relabel(value: Value, labels: Labels) -> Value:
    """The same value showing other labels."""
    return Value(value.refs, labels, value.consts, value.other, value.test)
