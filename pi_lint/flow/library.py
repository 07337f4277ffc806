"""What the engine asks about libraries: calls and methods by resolved or guessed name.

Everything that names a library comes from the knowledge; this module only knows what the
words of a library pack mean (`CallSpec`, `TypeSpec`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pi_lint.flow import kinds, sinks
from pi_lint.flow.arguments import Arguments
from pi_lint.flow.attributes import typed_child
from pi_lint.flow.domain import BOTTOM, CLEAN, Ref, Value
from pi_lint.flow.elements import make_sequence
from pi_lint.flow.frame import Frame
from pi_lint.flow.heap import Obj
from pi_lint.flow.items import read_item
from pi_lint.flow.members import field_of, find_member
from pi_lint.flow.selectors import select
from pi_lint.flow.show import shown
from pi_lint.flow.unknown import call_ref, keep_arguments, unknown_call, unknown_method, unknown_result
from pi_lint.knowledge.compiled import CallSpec
from pi_lint.project.program import Class

if TYPE_CHECKING:
    from pi_lint.flow.engine import Engine


class Library:
    """The engine's view of the knowledge; one an engine."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.knowledge = engine.knowledge

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
        return unknown_call(fr, dotted, None, arguments, pos)

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
        fr.keep(*fields.values())
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
            values = select(fr, (selector,), receiver, arguments)
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
            keep_arguments(fr, receiver, arguments)
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
            return fr.opaque(call_ref(fr, name, receiver, arguments, pos))
        if kind.startswith("arg:"):
            selector = kind[4:]
            values = select(fr, (int(selector) if selector.isdigit() else selector,), receiver, arguments)
            return fr.domain.join_all(values) if values else CLEAN
        if kind.startswith("type:"):
            return self.make(fr, kind[5:], arguments, pos)
        if kind in ("bind", "unbind") and receiver is not None:
            return self.bound(fr, receiver, arguments, pos, kind == "bind")
        return unknown_result(fr, name, receiver, arguments.all(), pos, arguments)

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

    # -- methods -------------------------------------------------------------------------

    def scalar_method(self, fr: Frame, base: Value, name: str, arguments: Arguments, pos: int) -> Value:
        """A method of a text, number or other plain value."""
        spec = self.applicable(fr, self.knowledge.method("builtins.str", name), base, arguments)
        if spec is not None:
            return self.apply(fr, spec, base, arguments, pos, f"builtins.str.{name}")
        return unknown_result(fr, name, base, arguments.all(), pos, arguments)

    def object_method(
        self, fr: Frame, base: Value, ref: Ref, obj: Obj | None, name: str, arguments: Arguments, pos: int
    ) -> Value:
        """A method of a container or of a library's object."""
        type_name = kinds.TYPE_NAMES.get(obj.kind, str(obj.cls)) if obj is not None else ""
        answer = self.call_typed(fr, f"{type_name}.{name}", base, arguments, pos)
        if answer is not None:
            return answer
        answer = self._method_of_any(fr, base, name, arguments, pos)
        if answer is not None:
            return answer
        if obj is not None and obj.kind == "ext":
            return unknown_method(fr, base, ref, obj, name, arguments, pos)
        return unknown_call(fr, name, base, arguments, pos)

    def _method_of_any(self, fr: Frame, base: Value, name: str, arguments: Arguments, pos: int) -> Value | None:
        """A method that its name alone tells, whatever the receiver is."""
        for spec in self.knowledge.any_receiver(name):
            if self.applicable(fr, (spec,), base, arguments) is not None:
                answer = self.apply_if_fits(fr, spec, base, arguments, pos)
                if answer is not None:
                    return answer
        return None

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
        answer = self._method_of_any(fr, base, name, arguments, pos)
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
        return unknown_call(fr, name, Value((ref,)), arguments, pos)

    def function_method(self, fr: Frame, ref: Ref, obj: Obj, name: str, arguments: Arguments, pos: int) -> Value | None:
        """A method that a decorator gave to a function (`task.delay(...)`)."""
        function = obj.cls if obj.kind == "func" else None
        methods = self.engine.decorators.methods(function) if function is not None else {}
        if name in methods:
            target = str(methods[name])
            spec = self.applicable(fr, self.lookup(target), Value((ref,)), arguments)
            if spec is not None:
                return self.apply(fr, spec, Value((ref,)), arguments, pos, target)
        return None

    def await_commit(self, fr: Frame, cls: Class, name: str, value: Value) -> None:
        """A field set on a loaded record is written at the session's next commit (SPEC 8.43)."""
        field = field_of(cls, name)
        if field is None or field.encrypted or field.clean or field.target is not None:
            return
        pending = self.engine.pending_writes
        obj = fr.live.heap.get(pending) or Obj("pending")
        fr.put(pending, obj.replace(rest=fr.domain.join(obj.rest, Value((), shown(fr, value, "data")))))

    def extend_in_place(self, fr: Frame, ref: Ref, obj: Obj, value: Value, pos: int) -> bool:
        """`xs += ys` and `d |= e` change the object itself."""
        method = {"list": "extend", "set": "update", "dict": "update"}[obj.kind]
        self.object_method(fr, Value((ref,)), ref, obj, method, Arguments([value]), pos)
        return True

    # -- names -----------------------------------------------------------------------------

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
