"""What the engine asks about libraries: calls by resolved or guessed name, decorators, routes, contexts.

Everything that names a library comes from the knowledge; this module only knows what the
words of a library pack mean (`CallSpec`, `TypeSpec`, `routes:`).
"""

from __future__ import annotations

import builtins
from typing import TYPE_CHECKING, Any

from pi_lint.flow import kinds, sinks
from pi_lint.flow.attributes import scalar_labels, typed_child
from pi_lint.flow.calls import Arguments, call_value
from pi_lint.flow.domain import BOTTOM, CLEAN, NO_FACTS, Facts, Labels, Ref, Value
from pi_lint.flow.elements import make_sequence
from pi_lint.flow.expressions import evaluate
from pi_lint.flow.frame import Frame
from pi_lint.flow.heap import CONTAINERS, Obj
from pi_lint.flow.items import read_item
from pi_lint.flow.members import bind, field_of, find_member
from pi_lint.flow.show import shown
from pi_lint.frontend.ir import Body, Node
from pi_lint.knowledge.compiled import CallSpec
from pi_lint.knowledge.names import NameMatch
from pi_lint.project.program import Class, Function, function_of, names_used

if TYPE_CHECKING:
    from pi_lint.flow.engine import Engine


class Library:
    """The engine's view of the knowledge; one an engine."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.knowledge = engine.knowledge
        self.words = engine.knowledge.words
        self.routes: dict[str, dict[str, Any]] = {}
        for entry in engine.knowledge.extra.get("routes", ()):
            for name in entry.get("decorators", ()):  # type: ignore[attr-defined]
                self.routes[name] = dict(entry)
        self.raises: dict[str, dict[str, Any]] = {}
        for entry in engine.knowledge.extra.get("raises", ()):
            for name in entry.get("names", ()):  # type: ignore[attr-defined]
                self.raises[name] = dict(entry)
        self._function_routes: dict[Function, dict[str, Any]] = {}
        self._function_facts: dict[Function, list[tuple[str, tuple[Any, ...]]]] = {}
        self._mentioned: dict[str, int] | None = None

    # -- calls by name -------------------------------------------------------------------

    def call_name(self, fr: Frame, ref: Ref, arguments: Arguments, pos: int) -> Value:
        """A call of a library's name."""
        dotted = ref.tname or ""
        spec = self.applicable(fr, self.knowledge.call(dotted), None, arguments)
        if spec is not None:
            return self.apply(fr, spec, None, arguments, pos, dotted)
        typed = self.instance_of(fr, dotted, arguments, pos)
        if typed is not None:
            return typed
        return self.unknown_call(fr, dotted, None, arguments, pos)

    def instance_of(self, fr: Frame, dotted: str, arguments: Arguments, pos: int) -> Value | None:
        """An instance that calling a name gives, where the name is a type, a factory or looks like a class."""
        for typed in self.knowledge.type_of_call(dotted):
            if self.conditions_met(fr, typed.when, None, arguments):
                return self.make(fr, typed.type, arguments, pos, typed.holds)
        last = dotted.rpartition(".")[2]
        if last[:1].isupper():
            return self.make(fr, dotted, arguments, pos, True)
        return None

    def make(self, fr: Frame, type_name: str, arguments: Arguments, pos: int, holds: bool = True) -> Value:
        """A new instance of a library's type that remembers its arguments."""
        fields: dict[Any, Value] = {}
        for position, value in enumerate(arguments.pos):
            fields[f"@{position}"] = value
        fields.update(arguments.kw)
        rest = arguments.star
        if arguments.kwstar is not BOTTOM:
            rest = fr.domain.join(rest, read_item(fr, arguments.kwstar, CLEAN, pos))
        for value in fields.values():
            for item in value.refs:
                self.engine.kept.add(item)
        kind = self.kind_of(type_name)
        obj = Obj(kind, type_name, fields, rest if holds else BOTTOM)
        if not holds:
            obj = obj.replace(keys=CLEAN, exact=True)
        made = fr.alloc(pos, ("ext", type_name), obj, type_name.rpartition(".")[2], type_name)
        hook = kinds.CONSTRUCTED.get(kind)
        if hook is not None:
            hook(fr, made.refs[0], obj, arguments, pos)
        return made

    def kind_of(self, type_name: str) -> str:
        """The kind of object that a type's instances are ("ext" unless its pack names a behaviour)."""
        for base in self.knowledge.bases(type_name):
            spec = self.knowledge.type(base)
            if spec is not None and "kind" in spec.options:
                return str(spec.options["kind"])
        return "ext"

    def applicable(
        self, fr: Frame, specs: tuple[CallSpec, ...], receiver: Value | None, arguments: Arguments
    ) -> CallSpec | None:
        """The first entry whose conditions hold for these arguments."""
        for spec in specs:
            if any(arguments.get(selector) is not None for selector in spec.unless):
                continue
            if any(name not in arguments.kw for name in spec.requires):
                continue
            if self.conditions_met(fr, spec.when, receiver, arguments):
                return spec
        return None

    def conditions_met(
        self, fr: Frame, when: tuple[tuple[Any, tuple[object, ...]], ...], receiver: Value | None, arguments: Arguments
    ) -> bool:
        """Whether arguments are the constants, names or instances that an entry asks for."""
        for selector, wanted in when:
            values = sinks.select(fr, (selector,), receiver, arguments)
            if not any(_is_one_of(fr, value, wanted) for value in values):
                return False
        return True

    def apply(
        self, fr: Frame, spec: CallSpec, receiver: Value | None, arguments: Arguments, pos: int, dotted: str = "",
        confidence: str = "high",
    ) -> Value:  # fmt: skip
        """What a library's call does: its sinks, its behaviour, its result."""
        name = dotted or (spec.names[0] if spec.names else spec.id)
        for sink in spec.sinks:
            sinks.reach(fr, sink, name, receiver, arguments, pos, confidence)
        if spec.does:
            behaviour = kinds.BEHAVIOURS.get(spec.does)
            if behaviour is not None:
                answer = behaviour(fr, spec, receiver, arguments, pos)
                if answer is not None:
                    return answer
        if spec.keeps and receiver is not None:
            self.keep(fr, receiver, arguments)
        if spec.protects is not None:
            return sinks.protect(fr, spec, receiver, arguments, pos)
        return self.result(fr, spec, receiver, arguments, pos, name)

    def apply_if_fits(self, fr: Frame, spec: CallSpec, receiver: Value, arguments: Arguments, pos: int) -> Value | None:
        """An entry known by the method alone: its behaviour may find that the receiver is something else."""
        if spec.does:
            behaviour = kinds.BEHAVIOURS.get(spec.does)
            return behaviour(fr, spec, receiver, arguments, pos) if behaviour is not None else None
        return self.apply(fr, spec, receiver, arguments, pos, spec.names[0])

    def result(
        self, fr: Frame, spec: CallSpec, receiver: Value | None, arguments: Arguments, pos: int, name: str
    ) -> Value:
        """The value that an entry says the call gives."""
        kind = spec.result
        if kind == "clean":
            return CLEAN
        if kind == "never":
            fr.state = None
            return BOTTOM
        if kind == "receiver" and receiver is not None:
            return receiver
        if kind == "content" and receiver is not None:
            return Value((), shown(fr, receiver, "data"), (), True)
        if kind == "opaque":
            return fr.opaque(self.call_ref(fr, name, receiver, arguments, pos))
        if kind.startswith("arg:"):
            selector = kind[4:]
            values = sinks.select(fr, (int(selector) if selector.isdigit() else selector,), receiver, arguments)
            return fr.domain.join_all(values) if values else CLEAN
        if kind.startswith("type:"):
            return self.make(fr, kind[5:], self.with_receiver(fr, receiver, arguments), pos)
        if kind in ("bind", "unbind") and receiver is not None:
            return self.bound(fr, receiver, arguments, pos, kind == "bind")
        return self.unknown_result(fr, name, receiver, arguments.all(), pos, arguments)

    def with_receiver(self, fr: Frame, receiver: Value | None, arguments: Arguments) -> Arguments:
        """Arguments for a new instance made by a method: what the receiver held goes with it."""
        return arguments

    def bound(self, fr: Frame, receiver: Value, arguments: Arguments, pos: int, add: bool) -> Value:
        """A receiver like this one that also holds the arguments, or no longer holds what they name."""
        result = BOTTOM
        for ref in receiver.refs:
            obj = fr.obj(ref)
            tname = ref.tname or (str(obj.cls) if obj is not None else None)
            fields = dict(obj.fields) if obj is not None else {}
            if add:
                fields.update(arguments.kw)
                for position, value in enumerate(arguments.pos):
                    fields[f"@bound{position}"] = value
            else:
                names = {const for value in arguments.pos for const in value.consts}
                fields = {key: value for key, value in fields.items() if key not in names}
            made = Obj("ext", tname, fields, obj.rest if obj is not None else BOTTOM)
            result = fr.domain.join(result, fr.alloc(pos, ("bound", ref), made, ref.name, tname))
        return result

    def keep(self, fr: Frame, receiver: Value, arguments: Arguments) -> None:
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
            for value in arguments.all():
                for item in value.refs:
                    self.engine.kept.add(item)
            fr.put(ref, obj.replace(fields=fields, rest=rest))

    # -- methods -------------------------------------------------------------------------

    def scalar_method(self, fr: Frame, base: Value, name: str, arguments: Arguments, pos: int) -> Value:
        """A method of a text, number or other plain value."""
        spec = self.applicable(fr, self.knowledge.method("builtins.str", name), base, arguments)
        if spec is not None:
            return self.apply(fr, spec, base, arguments, pos, f"builtins.str.{name}")
        return self.unknown_result(fr, name, base, arguments.all(), pos, arguments)

    def object_method(
        self, fr: Frame, base: Value, ref: Ref, obj: Obj | None, name: str, arguments: Arguments, pos: int
    ) -> Value:
        """A method of a container or of a library's object."""
        type_name = kinds.TYPE_NAMES.get(obj.kind, str(obj.cls)) if obj is not None else ""
        answer = self.call_typed(fr, f"{type_name}.{name}", base, arguments, pos)
        if answer is not None:
            return answer
        for spec in self.knowledge.any_receiver(name):
            if self.applicable(fr, (spec,), base, arguments) is not None:
                answer = self.apply_if_fits(fr, spec, base, arguments, pos)
                if answer is not None:
                    return answer
        if obj is not None and obj.kind == "ext":
            return self._extern_method(fr, base, ref, obj, name, arguments, pos)
        return self.unknown_call(fr, name, base, arguments, pos)

    def _extern_method(
        self, fr: Frame, base: Value, ref: Ref, obj: Obj, name: str, arguments: Arguments, pos: int
    ) -> Value:
        """A method of a library's object that no entry describes: builders keep, getters give unknown things."""
        holds = not obj.exact
        if holds and self.is_keeper(name):
            self.keep(fr, base, arguments)
            return base
        if self.is_predicate(name):
            return fr.restricted(fr.opaque(self.call_ref(fr, name, base, arguments, pos)))
        labels: Labels = {}
        if not self.is_lookup(name):
            if holds:
                labels = shown(fr, base, "data")
            for value in arguments.all():
                labels = fr.domain.join_labels(labels, shown(fr, value, "passed"))
        made = self.call_ref(fr, name, base, arguments, pos)
        typed = self.knowledge.attribute(str(obj.cls), name)
        if made.tname is None:
            made.tname = typed or f"{obj.cls}.{name}"
        return Value((made,), {fr.domain.label(made): None, **labels}, (), False)

    def call_typed(self, fr: Frame, dotted: str, base: Value, arguments: Arguments, pos: int) -> Value | None:
        """A method known by its receiver's type, or None."""
        spec = self.applicable(fr, self.lookup(dotted), base, arguments)
        if spec is not None:
            return self.apply(fr, spec, base, arguments, pos, dotted)
        types = self.knowledge.type_of_call(dotted)
        for typed in types:
            if self.conditions_met(fr, typed.when, base, arguments):
                return self.make(fr, typed.type, arguments, pos, typed.holds)
        return None

    def lookup(self, dotted: str) -> tuple[CallSpec, ...]:
        """The entries of TYPE.attribute.method, through the bases of the longest known type."""
        found = self.knowledge.call(dotted)
        if found:
            return found
        head = dotted
        while "." in head:
            head, _, _ = head.rpartition(".")
            if self.knowledge.type(head) is not None:
                return self.knowledge.method(head, dotted[len(head) + 1 :])
        return ()

    def typed_method(self, fr: Frame, base: Value, ref: Ref, name: str, arguments: Arguments, pos: int) -> Value | None:
        """A method of an unknown object whose type is declared, or told by its name (SPEC 8.35)."""
        if ref.tname is not None:
            answer = self.call_typed(fr, f"{ref.tname}.{name}", base, arguments, pos)
            if answer is not None:
                return answer
        for spec in self.knowledge.any_receiver(name):
            if self.applicable(fr, (spec,), base, arguments) is not None:
                answer = self.apply_if_fits(fr, spec, base, arguments, pos)
                if answer is not None:
                    return answer
        if ref.tname is None or self.knowledge.type(ref.tname) is None:
            label = ref.name or ref.hint
            guessed = self.knowledge.guess(self.knowledge.names.words(label)) if label else None
            if guessed is not None:
                likely = self.applicable(fr, self.lookup(f"{guessed}.{name}"), base, arguments)
                if likely is not None:
                    return self.apply(fr, likely, base, arguments, pos, f"{guessed}.{name}", "medium")
                for typed in self.knowledge.type_of_call(f"{guessed}.{name}"):
                    if self.conditions_met(fr, typed.when, base, arguments):
                        return self.make(fr, typed.type, arguments, pos, typed.holds)
        plain = self.applicable(fr, self.knowledge.method("builtins.str", name), base, arguments)
        if plain is not None and plain.options.get("plain"):
            return self.apply(fr, plain, base, arguments, pos, f"builtins.str.{name}")
        return None

    def class_method(self, fr: Frame, ref: Ref, obj: Obj, name: str, arguments: Arguments, pos: int) -> Value | None:
        """A method that a library gives to classes of the project (`Model.validate(...)`)."""
        member, base = find_member(fr, obj.cls, name)
        if member is not None:
            return None
        return self.inherited_call(fr, Value((ref,)), obj.cls, name, arguments, pos)

    def instance_method(self, fr: Frame, ref: Ref, obj: Obj, name: str, arguments: Arguments, pos: int) -> Value | None:
        """A method that an instance has from a library's base class."""
        return self.inherited_call(fr, Value((ref,)), obj.cls, name, arguments, pos)

    def inherited_call(
        self, fr: Frame, receiver: Value, cls: Class, name: str, arguments: Arguments, pos: int
    ) -> Value | None:
        """A call found on a library's base class, if an entry knows it."""
        for base in cls.mro():
            if not isinstance(base, str):
                continue
            for known in self.knowledge.bases(base) or (base,):
                spec = self.applicable(fr, self.lookup(f"{known}.{name}"), receiver, arguments)
                if spec is not None:
                    return self.apply(fr, spec, receiver, arguments, pos, f"{base}.{name}")
        trait = cls.traits.get("type")
        if trait is not None:
            spec = self.applicable(fr, self.lookup(f"{trait}.{name}"), receiver, arguments)
            if spec is not None:
                return self.apply(fr, spec, receiver, arguments, pos, f"{trait}.{name}")
        return None

    def inherited_method(
        self, fr: Frame, ref: Ref, obj: Obj | None, base: Any, cls: Class, name: str, arguments: Arguments, pos: int
    ) -> Value:
        """`super().name(...)` where only a library defines it."""
        if name == "__init__" and obj is not None:
            if cls.traits.get("exception"):
                args = make_sequence(fr, "tuple", arguments.pos, pos, ("args", cls))
                fr.put(ref, obj.with_field("args", args))
            else:
                self.engine.classes.fill_fields(fr, ref, cls, arguments, pos)
            return CLEAN
        answer = self.inherited_call(fr, Value((ref,)), cls, name, arguments, pos)
        if answer is not None:
            return answer
        if name == "__new__":
            return self.engine.classes.construct(fr, cls.ref, cls, Arguments(), pos) if cls.ref is not None else CLEAN
        if name in ("__str__", "__repr__", "__format__"):
            return CLEAN
        return self.unknown_call(fr, name, Value((ref,)), arguments, pos)

    def function_method(self, fr: Frame, ref: Ref, obj: Obj, name: str, arguments: Arguments, pos: int) -> Value | None:
        """A method that a decorator gave to a function (`task.delay(...)`)."""
        function = obj.cls if obj.kind == "func" else None
        route = self._function_routes.get(function) if function is not None else None
        methods = route.get("methods", {}) if route is not None else {}
        if name in methods:
            target = str(methods[name])
            spec = self.applicable(fr, self.lookup(target), Value((ref,)), arguments)
            if spec is not None:
                return self.apply(fr, spec, Value((ref,)), arguments, pos, target)
        return None

    # -- unknown calls -------------------------------------------------------------------

    def unknown_call(self, fr: Frame, dotted: str, receiver: Value | None, arguments: Arguments, pos: int) -> Value:
        """A call that nothing is known of: it passes PI from its arguments to its result (SPEC 5)."""
        name = dotted.rpartition(".")[2]
        if self.is_mask(name) or dotted in self.knowledge.facts.masks:
            labels: Labels = {}
            for value in arguments.all():
                labels = fr.domain.join_labels(labels, shown(fr, value, "data"))
            return Value((), fr.domain.map_labels(Value((), labels), ("mask",)), (), True)
        if self.knowledge.guards.of_name(name) is not None:
            made = self.call_ref(fr, dotted, receiver, arguments, pos)
            fr.add_facts(frozenset({fr.domain.fact("called", made)}))
            return fr.restricted(fr.opaque(made))
        if receiver is not None and self.is_keeper(name):
            self.keep_opaque(fr, receiver, arguments)
        return self.unknown_result(fr, dotted, receiver, arguments.all(), pos, arguments)

    def keep_opaque(self, fr: Frame, receiver: Value, arguments: Arguments) -> None:
        """Local objects of unknown class keep what they are given; an unknown argument keeps nothing (SPEC 8.65)."""
        for ref in receiver.refs:
            if ref.kind == "alloc":
                self.keep(fr, Value((ref,)), arguments)

    def unknown_result(
        self, fr: Frame, name: str, receiver: Value | None, values: list[Value], pos: int,
        arguments: Arguments | None = None,
    ) -> Value:  # fmt: skip
        """An unknown object; as a bare value it shows the arguments and a plain receiver (SPEC 8.38)."""
        made = self.call_ref(fr, name, receiver, arguments, pos)
        name = name.rpartition(".")[2]
        if self.is_predicate(name):
            return Value((made,), {}, (), True)
        labels: Labels = {}
        if not self.is_lookup(name):
            if receiver is not None:
                labels = receiver.labels
            for value in values:
                labels = fr.domain.join_labels(labels, shown(fr, value, "passed"))
        return Value((made,), {fr.domain.label(made): None, **labels})

    def call_ref(self, fr: Frame, name: str, receiver: Value | None, arguments: Arguments | None, pos: int) -> Ref:
        """The unknown object that a call gives, with what guards may want to know of the call."""
        made = fr.ctx.opaque(pos, ("call", name))
        if made.info is None:
            target = receiver.refs[0] if receiver is not None and receiver.refs else None
            refs: tuple[Ref, ...] = ()
            consts: tuple[Any, ...] = ()
            if arguments is not None:
                named = [*enumerate(arguments.pos), *arguments.kw.items()]
                refs = tuple(ref for _, value in named for ref in value.refs[:1] if ref.kind != "ext")
                consts = tuple(
                    (key, value.consts[0]) for key, value in named if len(value.consts) == 1 and not value.refs
                )
                consts += tuple((key, ref.tname) for key, value in named for ref in value.refs[:1] if ref.kind == "ext")
            made.info = ("call", name, target, refs, consts)
        return made

    def is_mask(self, name: str) -> bool:
        """Whether a function that is not in the project says by its name that it masks."""
        if name in self.knowledge.facts.masks:
            return True
        words = self.knowledge.names.words(name)
        if any(word in self.words["unmasking"] for word in words):
            return False
        return any(word in self.words["masking"] for word in words)

    def is_lookup(self, name: str) -> bool:
        """Whether a method's name says that it looks something up by its arguments."""
        words = self.knowledge.names.words(name)
        return bool(words) and (
            words[0] in self.words["lookup"] or any(w in self.words["lookup_anywhere"] for w in words)
        )

    def is_predicate(self, name: str) -> bool:
        """Whether a method's name says that it answers yes or no, or counts."""
        words = self.knowledge.names.words(name)
        return bool(words) and (words[0] in self.words["predicate"] or words[-1] in self.words["predicate_last"])

    def is_keeper(self, name: str) -> bool:
        """Whether a method's name says that its receiver keeps what it is given."""
        words = self.knowledge.names.words(name)
        return bool(words) and words[0] in self.words["keeper"]

    # -- statements ------------------------------------------------------------------------

    def attribute_written(self, fr: Frame, base: Value, name: str, value: Value, pos: int) -> None:
        """Attribute assignments that are sinks."""
        sinks.attribute_sink(fr, base, name, value, pos)

    def item_written(self, fr: Frame, base: Value, index: Value, value: Value, pos: int) -> None:
        """Item assignments that are sinks (sessions, shelves)."""
        sinks.item_sink(fr, base, index, value, pos)

    def await_commit(self, fr: Frame, cls: Class, name: str, value: Value) -> None:
        """A field set on a loaded record is written at the session's next commit (SPEC 8.43)."""
        field = field_of(cls, name)
        if field is None or field.encrypted or field.clean or field.target is not None:
            return
        pending = self.engine.pending_writes
        obj = fr.live.heap.get(pending) or Obj("pending")
        fr.put(pending, obj.replace(rest=fr.domain.join(obj.rest, Value((), shown(fr, value, "data")))))

    def item_deleted(self, fr: Frame, base: Value, index: Value) -> bool:
        """Deletions that a kind of object handles itself."""
        for ref in base.refs:
            obj = fr.obj(ref)
            handler = kinds.ITEM_DELETES.get(obj.kind) if obj is not None else None
            if handler is not None and obj is not None:
                handler(fr, ref, obj, index)
                return True
        return False

    def extend_in_place(self, fr: Frame, ref: Ref, obj: Obj, value: Value, pos: int) -> bool:
        """`xs += ys` and `d |= e` change the object itself."""
        method = {"list": "extend", "set": "update", "dict": "update"}[obj.kind]
        self.object_method(fr, Value((ref,)), ref, obj, method, Arguments([value]), pos)
        return True

    def exception_text(self, fr: Frame, value: Value) -> Labels:
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

    def is_instance_test(self, fr: Frame, func: Node) -> bool:
        """Whether a called name is the test of a value's class."""
        value = fr.read_name(func[2], func[1])
        return any(
            ref.tname is not None and any(spec.does == "isinstance" for spec in self.knowledge.call(ref.tname))
            for ref in value.refs
        )

    def caught(self, fr: Frame, type_node: Node | None, thrown: list[Value], body: Body, pos: int) -> Value:
        """What `except Type as name` binds: exceptions of ours that fit, and what a library's exception quotes."""
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
        quoted = sinks.quoted(fr, names, body)
        caught = fr.opaque(made) if result.is_bottom() or quoted else BOTTOM
        return fr.domain.join(fr.domain.join(result, caught), Value((), quoted, (), False))

    def enter(self, fr: Frame, value: Value, pos: int) -> tuple[Value, Facts]:
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
                result = fr.domain.join(
                    result, Value((ref,), {k: t for k, t in value.labels.items() if k.source is ref})
                )
            if fr.state is None:
                return BOTTOM, NO_FACTS
        facts = frozenset(
            fr.domain.fact("called", ref) for ref in value.refs if isinstance(ref.info, tuple) and ref.info[0] == "call"
        )
        return (result if not result.is_bottom() else CLEAN), facts

    def suppresses(self, fr: Frame, value: Value) -> bool:
        """Whether a context swallows exceptions."""
        for ref in value.refs:
            obj = fr.obj(ref)
            spec = self.knowledge.type(str(obj.cls)) if obj is not None and obj.kind == "ext" else None
            if spec is not None and spec.options.get("suppresses"):
                return True
        return False

    def leave(self, fr: Frame, value: Value, pos: int) -> None:
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

    # -- decorators, routes ----------------------------------------------------------------

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
        found = self.routes.get(dotted)
        if found is not None or "." not in dotted:
            return found
        head, _, name = dotted.rpartition(".")
        for base in self.knowledge.bases(head):
            found = self.routes.get(f"{base}.{name}")
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
                        arguments = self.engine.classes.unknown_arguments(fr, obj.cls, 0)
                        made = call_value(fr, Value((item,)), arguments, function.pos, "")
                        if fr.state is None:
                            return unknown
                        inner = fr.obj(made.refs[0]) if made.refs else None
                        if inner is not None and inner.kind == "gen":
                            made = inner.rest
                        result = fr.domain.join(result, made)
                return result if not result.is_bottom() else unknown
        return unknown

    def response(self, fr: Frame, value: Value, pos: int) -> None:
        """A route returns: what it returns is the response."""
        sinks.response(fr, fr.ctx.route or {}, value, pos)

    # -- names -----------------------------------------------------------------------------

    def mentioned_names(self) -> dict[str, int]:
        """How often each name is used anywhere in the program."""
        if self._mentioned is None:
            found: dict[str, int] = {}
            for module in self.engine.program.modules:
                for name, count in names_used(module.body).items():
                    found[name] = found.get(name, 0) + count
            self._mentioned = found
        return self._mentioned

    def holds_person(self, ref: Ref) -> bool:
        """Whether the fields of an object are judged by name: not those of a library's own objects."""
        item: Ref | None = ref
        while item is not None:
            if item.kind == "ext":
                return False
            if item.tname is not None:
                spec = self.knowledge.type(item.tname)
                if spec is not None:
                    return bool(spec.options.get("person", False))
            item = item.parent
        return True

    def request_type(self, name: str) -> str | None:
        """The type of a parameter that by its name is a request."""
        guessed = self.knowledge.guess(self.knowledge.names.words(name))
        spec = self.knowledge.type(guessed) if guessed is not None else None
        return guessed if spec is not None and spec.options.get("request") else None

    def constructor_owner(self, function: Function) -> str:
        """Whose the arguments of a constructor are where its class is a system's: `ApiClient(username, password)`."""
        if function.owner is None or function.name != "__init__":
            return ""
        words = self.knowledge.names.words(function.owner.name)
        return "settings" if words and words[-1] in self.words["system"] else ""

    def selected_by(self, fr: Frame, ref: Ref) -> Facts:
        """What holds of each element of an unknown collection that was filtered by constants."""
        words = self.knowledge.names.words(str(ref.info[1]).rpartition(".")[2])
        if not words or words[0] not in self.words["selecting"]:
            return NO_FACTS
        element = ref.child(("i",))
        facts = set()
        for key, const in ref.info[4]:
            if isinstance(key, str) and const is True:
                facts.add(fr.domain.fact("true", element.child(("a", key))))
            elif isinstance(key, str) and isinstance(const, str):
                facts.add(fr.domain.fact("eq", element.child(("a", key)), const))
        return frozenset(facts)

    def is_carrier(self, ref: Ref) -> bool:
        """Whether an object is a request's or an answer's content, known only by what is read of it (SPEC 8.68)."""
        if isinstance(ref.info, tuple) and ref.info and ref.info[0] == "parsed":
            return True
        if ref.tname is None:
            return False
        spec = self.knowledge.type(ref.tname)
        if spec is not None:
            return bool(spec.options.get("carrier", False))
        return ref.tname.endswith("[]") and ref.parent is not None and self.is_carrier(ref.parent)

    def classify(self, ref: Ref) -> NameMatch | None:
        """What an unknown object is by its own name and its owner's."""
        names = self.knowledge.names
        if ref.parent is None:
            if ref.op and ref.op[0] == "param" and ref.tname is None:
                return names.classify(ref.name, ref.owner or None)
            return None
        if ref.op[0] == "i":
            return self.classify(ref.parent)
        if ref.op[0] not in ("a", "k") or not isinstance(ref.op[1], str):
            return None
        if not self.holds_person(ref):
            return None
        return names.classify(ref.op[1], self.owner_name(ref.parent))

    def owner_name(self, ref: Ref) -> str | None:
        """The name of the thing that a field is read from."""
        item: Ref | None = ref
        while item is not None:
            if item.owner:
                return item.owner
            if item.op[0] == "i":
                item = item.parent
                continue
            if item.op[0] == "as":
                return str(item.op[1])
            name = item.name or item.hint
            if name:
                return name
            return None
        return None

    def named_class(self, fr: Frame, name: str) -> Class | None:
        """A class of the project by its bare name: this module's, else the only one of that name."""
        for module in [fr.module, *self.engine.program.modules]:
            obj = self.engine.globals.get(self.engine.module_ref(module))
            value = obj.fields.get(name) if obj is not None else None
            for ref in value.refs if value is not None else ():
                inner = self.engine.globals.get(ref)
                if inner is not None and inner.kind == "class":
                    return inner.cls  # type: ignore[no-any-return]
        return None

    def collection_of(self, fr: Frame, child: Ref, target: Any) -> Value:
        """A field that holds many instances of a class of the project."""
        child.kind = "alloc"
        if fr.live.heap.get(child) is None:
            maker = kinds.COLLECTIONS.get("related")
            obj = maker(fr, child, target) if maker is not None else None
            if obj is None:
                element = typed_child(fr, child.child(("i",)), target)
                obj = Obj("list", None, {}, element)
            fr.put(child, obj)
        return Value((child,))


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


def _is_one_of(fr: Frame, value: Value, wanted: tuple[object, ...]) -> bool:
    """Whether a value is one of the constants, library names or instances of types that an entry lists."""
    for item in wanted:
        if item == "any" and not value.is_bottom():
            return True
        if any(type(const) is type(item) and const == item for const in value.consts):
            return True
        if isinstance(item, str):
            for ref in value.refs:
                obj = fr.obj(ref)
                if ref.tname == item or (obj is not None and obj.kind == "ext" and obj.cls == item):
                    return True
    return False


__all__ = ["Library", "function_of"]
