"""Classes: their declared fields, what libraries' bases and decorators make of them, and their instances."""

from __future__ import annotations

import builtins
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from pi_lint.flow.annotations import UNKNOWN, Annotations, Declared, from_entry
from pi_lint.flow.arguments import Arguments
from pi_lint.flow.attributes import scalar_labels, write_attr
from pi_lint.flow.calls import call_value
from pi_lint.flow.control import run_body
from pi_lint.flow.domain import BOTTOM, CLEAN, Ref, Value
from pi_lint.flow.elements import make_sequence
from pi_lint.flow.expressions import evaluate
from pi_lint.flow.frame import Frame
from pi_lint.flow.heap import Obj, join_objects
from pi_lint.flow.members import bind, field_of, find_member
from pi_lint.flow.parameters import refine
from pi_lint.frontend.ir import Node
from pi_lint.project.program import Class, class_of

if TYPE_CHECKING:
    from pi_lint.flow.engine import Engine


_MAX_IMPLEMENTATIONS = 8


@dataclass(frozen=True, slots=True)
class Field:
    """A declared field of a class; see `annotations.Declared` for what its type says."""

    name: str
    category: str = ""
    clean: bool = False
    target: Any = None
    many: bool = False
    tname: str | None = None
    secret: bool = False
    encrypted: bool = False
    is_column: bool = False  # declared by a class attribute that instances do not see
    in_init: bool = True
    shown: bool = True
    masked: Any = None  # a function that makes the shown form
    place: Any = None


class Classes:
    """Defines, declares and constructs; one an engine."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.annotations = Annotations(engine)
        self.bases: dict[str, dict[str, Any]] = {}
        self.decorators: dict[str, dict[str, Any]] = {}
        for entry in engine.knowledge.extra.get("declarations", ()):
            for name in entry.get("bases", ()):  # type: ignore[attr-defined]
                self.bases[name] = dict(entry)
            for name in entry.get("decorators", ()):  # type: ignore[attr-defined]
                self.decorators[name] = dict(entry)
        self.models: dict[str, dict[str, Any]] = {}
        for entry in engine.knowledge.extra.get("declarations", ()):
            for name in entry.get("classes", ()):  # type: ignore[attr-defined]
                self.models[name] = dict(entry)
        self._implementations: dict[tuple[Class, str], list[Class]] = {}
        self._synthetic: dict[str, Class] = {}
        self._tables: dict[Class, str] = {}

    # -- definition ----------------------------------------------------------------------

    def define(self, fr: Frame, node: Node) -> Value:
        """Run a class statement; gives the class object."""
        cls = class_of(fr.module, node, fr.function, fr.cls)
        bases: list[Any] = []
        for base in node[3]:
            value = evaluate(fr, base[2] if base[0] == "star" else base)
            if fr.state is None:
                return BOTTOM
            bases += self._base_names(fr, value)
        keywords = {name: evaluate(fr, item) for name, item in node[4] if name is not None}
        cls.bases = bases
        ref = fr.ctx.alloc(node[1], "class", node[2])
        cls.ref = ref
        cls.fields = {}
        cls.traits = {}
        fr.put(ref, Obj("class", cls))
        for base in cls.mro()[1:]:
            if isinstance(base, str):
                self._apply_entry(cls, self.bases.get(base))
        outer = fr.cls
        fr.cls = cls
        run_body(fr, node[5])
        fr.cls = outer
        if fr.state is None:
            return BOTTOM
        self._finish(fr, cls, ref, keywords)
        hook, _ = find_member(fr, cls, "__init_subclass__", after=cls)
        if hook is not None:
            call_value(fr, hook, Arguments([Value((ref,))], keywords), cls.pos, "__init_subclass__")
        return Value((ref,))

    def _base_names(self, fr: Frame, value: Value) -> list[Any]:
        found: list[Any] = []
        for ref in value.refs:
            obj = fr.obj(ref)
            if obj is not None and obj.kind == "class":
                found.append(obj.cls)
            elif obj is not None and obj.kind == "ext":
                found.append(obj.cls)
            elif ref.tname is not None:
                types = fr.knowledge.type_of_call(ref.tname)
                found.append(types[0].type if types else ref.tname)
        return found

    def _apply_entry(self, cls: Class, entry: dict[str, Any] | None) -> None:
        if entry is None:
            return
        for key, value in entry.items():
            if key not in ("bases", "decorators", "fields", "id", "classes"):
                cls.traits.setdefault(key, value)
        for name, category in entry.get("fields", {}).items():
            cls.fields.setdefault(name, Field(name, category=category, is_column=True, place=None))

    def _finish(self, fr: Frame, cls: Class, ref: Ref, keywords: dict[str, Value]) -> None:
        """Turn class attributes that declare fields into fields; inherit traits; call hooks of descriptors."""
        for base in cls.mro()[1:]:
            if isinstance(base, Class):
                for key, value in base.traits.items():
                    if key not in ("abstract",):
                        cls.traits.setdefault(key, value)
        if any(isinstance(base, str) and is_exception(base) for base in cls.mro()):
            cls.traits["exception"] = True
        obj = fr.obj(ref)
        assert obj is not None
        for name, value in list(obj.fields.items()):
            self._attribute_field(fr, cls, ref, name, value)

    def _attribute_field(self, fr: Frame, cls: Class, ref: Ref, name: str, value: Value) -> None:
        for item in value.refs:
            inner = fr.obj(item)
            if inner is None:
                continue
            if inner.kind == "ext":
                entry = self.annotations.of_type(str(inner.cls))
                if entry is not None:
                    place = cls.fields[name].place if name in cls.fields else item.place
                    declared = self._from_call(fr, entry, inner)
                    known = cls.fields.get(name)
                    if known is not None and declared == UNKNOWN:
                        declared = Declared(
                            known.category, known.clean, known.target, known.many, known.tname, known.secret
                        )
                    cls.fields[name] = self._with_options(fr, Field(
                        name, declared.category, declared.clean, declared.target, declared.many, declared.tname,
                        declared.secret or (known.secret if known else False), declared.encrypted, True, place=place,
                    ), inner)  # fmt: skip
            elif inner.kind == "inst" and isinstance(inner.cls, Class):
                hook, _ = find_member(fr, inner.cls, "__set_name__")
                if hook is not None:
                    bound = bind(fr, hook, item, inner.cls, "__set_name__", cls.pos)
                    self.engine.call(fr, bound, [Value((ref,)), Value(consts=(name,))], {}, cls.pos)

    def _from_call(self, fr: Frame, entry: dict[str, Any], made: Obj) -> Declared:
        """A field made by a call: `CharField(...)`, `ForeignKey(Other)`, `Column(String)`, `relationship("X")`."""
        declared = from_entry(entry)
        if "target" in entry:
            target = self._target(fr, made, entry["target"])
            if target is not None:
                return replace(declared, target=target, many=bool(entry.get("many", False)), clean=False)
            return replace(declared, clean=False)
        if entry.get("inner"):
            for value in made.fields.values():
                for ref in value.refs:
                    obj = fr.obj(ref)
                    name = str(obj.cls) if obj is not None and obj.kind == "ext" else ref.tname
                    inner = self.annotations.of_type(name) if name else None
                    if inner is not None and (inner.get("category") or inner.get("clean") or inner.get("encrypted")):
                        return from_entry(inner)
        return declared

    def _target(self, fr: Frame, made: Obj, selectors: Any) -> Any:
        for selector in selectors:
            value = made.fields.get(f"@{selector}" if isinstance(selector, int) else selector)
            if value is None:
                continue
            for ref in value.refs:
                obj = fr.obj(ref)
                if obj is not None and obj.kind == "class":
                    return obj.cls
            for const in value.consts:
                if isinstance(const, str):
                    return self.engine.library.named_class(fr, const.rpartition(".")[2])
        return None

    def _with_options(self, fr: Frame, field: Field, made: Obj) -> Field:
        """`repr=False`, `init=False` and a masking `repr=` function of a declaration; its label names a field, too."""
        shown = made.fields.get("repr")
        if shown is not None:
            if shown.consts == (False,):
                field = replace(field, shown=False)
            elif shown.refs:
                field = replace(field, shown=False, masked=shown)
        init = made.fields.get("init")
        if init is not None and init.consts == (False,):
            field = replace(field, in_init=False)
        if not field.category and not field.clean and field.target is None:
            for option in ("verbose_name", "label", "description", "comment", "help_text", "title", "doc", "@0"):
                value = made.fields.get(option)
                text = value.consts[0] if value is not None and len(value.consts) == 1 else None
                if (
                    isinstance(text, str)
                    and fr.cls is None
                    and self.engine.knowledge.names.classify(field.name) is None
                ):
                    match = self.engine.knowledge.names.classify(text, None) if len(text) <= 24 else None
                    if match is not None and not match.ambiguous and option != "@0" and match.confidence != "low":
                        return replace(field, category=match.category)
        return field

    def declare(self, fr: Frame, cls: Class, name: str, annotation: Node, value: Node | None, pos: int) -> None:
        """An annotated name in a class body is a field."""
        declared = self.annotations.read(fr.module, annotation)
        known = cls.fields.get(name)
        column = bool(cls.traits.get("columns")) or (known is not None and known.is_column)
        cls.fields[name] = Field(
            name, declared.category, declared.clean, declared.target, declared.many, declared.tname, declared.secret,
            declared.encrypted, column, place=fr.place(pos),
        )  # fmt: skip

    def annotated(self, fr: Frame, value: Value, annotation: Node) -> Value:
        """A value assigned under an annotation."""
        declared = self.annotations.read(fr.module, annotation)
        return refine(fr, value, declared)

    def synthetic(self, dotted: str) -> Value:
        """A library's own model class, declared in a pack (`classes:` of a declaration)."""
        entry = self.models.get(dotted)
        if entry is None:
            return self.engine.external(dotted)
        cls = self._synthetic.get(dotted)
        if cls is None:
            module = self.engine.program.modules[0]
            node = ("cls", -1 - len(self._synthetic), dotted.rpartition(".")[2], (), (), (), ())
            cls = class_of(module, node, None, None)
            cls.bases = [str(name) for name in entry.get("bases", ())[:1]]
            ref = Ref("alloc", None, ("module", dotted), cls.name, None)
            cls.ref = ref
            self._apply_entry(cls, entry)
            self.engine.globals.put(ref, Obj("class", cls))
            self._synthetic[dotted] = cls
        return Value((cls.ref,))

    def table_name(self, cls: Class) -> str:
        """The table that keeps a model: as declared, else its name in lower case."""
        found = self._tables.get(cls)
        if found is None:
            found = cls.name
            ref = cls.ref
            obj = self.engine.globals.get(ref) if ref is not None else None
            if obj is not None:
                declared = obj.fields.get("__tablename__")
                meta = obj.fields.get("Meta")
                for item in meta.refs if meta is not None else ():
                    inner = self.engine.globals.get(item)
                    declared = inner.fields.get("db_table") if inner is not None else declared
                if declared is not None and declared.is_constant():
                    found = str(declared.consts[0])
            self._tables[cls] = found
        return found

    # -- instances -------------------------------------------------------------------------

    def construct(self, fr: Frame, cref: Ref, cls: Class, arguments: Arguments, pos: int) -> Value:
        """`Class(...)`: a new instance with its fields."""
        if cls.traits.get("enum"):
            return fr.domain.join_all(fr.obj(cref).fields.values()) if fr.obj(cref) else CLEAN  # type: ignore[union-attr]
        ref = fr.ctx.alloc(pos, ("inst", cls), cls.name)
        ref.owner = cls.name
        exact = arguments.kwstar is BOTTOM and arguments.star is BOTTOM
        before = fr.live.heap.get(ref)
        obj = Obj("inst", cls, {}, exact=exact)
        if cls.traits.get("exception"):
            obj.fields["args"] = make_sequence(fr, "tuple", arguments.pos, pos, ("args", cls))
        if before is not None and ref in self.engine.kept:
            obj = obj.replace(multi=False)
        fr.put(ref, obj)
        self_value = Value((ref,))
        init, _ = find_member(fr, cls, "__init__")
        if init is not None:
            bound = bind(fr, init, ref, cls, "__init__", pos)
            call_value(fr, bound, arguments, pos, "__init__")
        else:
            self.fill_fields(fr, ref, cls, arguments, pos)
        if fr.state is None:
            return BOTTOM
        post, _ = find_member(fr, cls, "__post_init__")
        if post is not None:
            call_value(fr, bind(fr, post, ref, cls, "__post_init__", pos), Arguments(), pos)
        if before is not None and ref in self.engine.kept and fr.state is not None:
            now = fr.obj(ref)
            assert now is not None
            fr.put(ref, join_objects(fr.domain, ref, before, now).replace(multi=True))
        return self_value

    def fill_fields(self, fr: Frame, ref: Ref, cls: Class, arguments: Arguments, pos: int) -> None:
        """Fields from arguments, as dataclasses, models and named tuples do; others keep them as content."""
        names = [
            name
            for base in reversed(cls.mro())
            if isinstance(base, Class)
            for name, field in base.fields.items()
            if field.in_init
        ]
        names = list(dict.fromkeys(names))
        target = Value((ref,))
        rest = BOTTOM
        for position, value in enumerate(arguments.pos):
            if position < len(names) and cls.traits.get("positional", True):
                write_attr(fr, target, names[position], value, pos)
            else:
                rest = fr.domain.join(rest, value)
        for name, value in arguments.kw.items():
            field = field_of(cls, name)
            if field is None and cls.traits.get("wraps") and name in cls.traits["wraps"]:
                rest = fr.domain.join(rest, value)
                continue
            write_attr(fr, target, name, value, pos)
        obj = fr.obj(ref)
        if obj is None:
            return
        if cls.traits.get("init") == "fields" and arguments.kwstar is BOTTOM and arguments.star is BOTTOM:
            class_obj = fr.obj(cls.ref)
            for name in names:
                if name not in obj.fields:
                    default = class_obj.fields.get(name) if class_obj is not None else None
                    fields = [fr.obj(item) for item in default.refs] if default is not None else []
                    plain = default is not None and not any(
                        inner is not None and inner.kind == "ext" for inner in fields
                    )
                    obj = obj.with_field(name, default if plain and default is not None else CLEAN)
        if not rest.is_bottom():
            obj = obj.replace(rest=fr.domain.join(obj.rest, rest))
        fr.put(ref, obj)

    def generic(self, fr: Frame, cls: Class, pos: int) -> Value:
        """An instance made by code that is not known: what its constructor makes of unknown arguments."""
        ref = fr.ctx.alloc(0, ("generic", cls), cls.name)
        ref.owner = cls.name
        if fr.live.heap.get(ref) is not None:
            return Value((ref,))
        fr.put(ref, Obj("inst", cls))
        init, owner = find_member(fr, cls, "__init__")
        if init is not None:
            bound = bind(fr, init, ref, cls, "__init__", pos)
            for item in init.refs:
                obj = fr.obj(item)
                if obj is not None and obj.kind == "func":
                    arguments = self.engine.parameters.unknown_arguments(fr, obj.cls, 1)
                    call_value(fr, bound, arguments, pos, "__init__")
                    break
        if fr.state is not None:
            now = fr.obj(ref)
            if now is not None:
                fr.put(ref, now.replace(exact=False))
        return Value((ref,))

    def implementations(self, fr: Frame, cls: Class, name: str) -> list[Class]:
        """Other classes of the project that may stand behind a declared type and define a method of their own."""
        key = (cls, name)
        found = self._implementations.get(key)
        if found is None:
            structural = any(isinstance(base, str) and base.rpartition(".")[2] == "Protocol" for base in cls.bases)
            wanted = self._methods(fr, cls) if structural else set()
            found = []
            for module in self.engine.program.modules:
                for other in module.classes.values():
                    if other is cls or other.ref is None or name not in self._methods(fr, other):
                        continue
                    if cls in other.mro() or (structural and wanted <= self._methods(fr, other)):
                        found.append(other)
            self._implementations[key] = found = found[:_MAX_IMPLEMENTATIONS]
        return found

    def _methods(self, fr: Frame, cls: Class) -> set[str]:
        obj = fr.obj(cls.ref) if cls.ref is not None else None
        names = obj.fields if obj is not None else ()
        return {name for name in names if isinstance(name, str) and not name.startswith("__")}

    def raised(self, fr: Frame, value: Value, pos: int) -> Value:
        """`raise Class` makes an instance of it."""
        result = BOTTOM
        for ref in value.refs:
            obj = fr.obj(ref)
            if obj is not None and obj.kind == "class":
                made = self.construct(fr, ref, obj.cls, Arguments(), pos)
                result = fr.domain.join(result, made)
            else:
                result = fr.domain.join(
                    result, Value((ref,), {k: t for k, t in value.labels.items() if k.source is ref})
                )
        if value.labels and fr.state is not None:
            result = fr.domain.join(result, Value((), scalar_labels(value)))
        return result


def is_exception(dotted: str) -> bool:
    """Whether a library's class is an exception, by what Python has or by its name."""
    module, _, name = dotted.rpartition(".")
    if module == "builtins":
        found = getattr(builtins, name, None)
        return isinstance(found, type) and issubclass(found, BaseException)
    return name.endswith(("Error", "Exception", "Warning"))
