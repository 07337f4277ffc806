"""Objects and their fields: getattr, vars, asdict, super, namedtuple, model dumps."""

from __future__ import annotations

from typing import Any

from pi_lint.flow import kinds
from pi_lint.flow.arguments import Arguments
from pi_lint.flow.attributes import read_attr, read_ref_attr, scalar_labels, write_attr
from pi_lint.flow.behaviours.containers import copied
from pi_lint.flow.classes import Field
from pi_lint.flow.conditions import decided, falsity, truth
from pi_lint.flow.domain import BOTTOM, CLEAN, Labels, Ref, Value, constant
from pi_lint.flow.elements import known_elements, make_sequence
from pi_lint.flow.frame import Frame
from pi_lint.flow.heap import Obj
from pi_lint.flow.items import read_item
from pi_lint.flow.kinds import behaviour
from pi_lint.flow.show import shown
from pi_lint.knowledge.compiled import CallSpec
from pi_lint.project.program import Class, class_of

Receiver = Value | None


@behaviour("getattr")
def getattr_(fr: Frame, spec: CallSpec, receiver: Receiver, arguments: Arguments, pos: int) -> Value:
    """`getattr(x, name, default)`, by name where it is known."""
    if len(arguments.pos) < 2:
        return CLEAN
    target, name = arguments.pos[0], arguments.pos[1]
    default = arguments.pos[2] if len(arguments.pos) > 2 else BOTTOM
    if not name.is_constant():
        labels = shown(fr, target, "data")
        made = fr.opaque(fr.ctx.opaque(pos, "getattr"))
        return fr.domain.join(Value(made.refs, {**made.labels, **labels}), default)
    result = default
    for const in name.consts:
        if isinstance(const, str):
            result = fr.domain.join(result, read_attr(fr, target, const, pos))
    return result


@behaviour("read-fields")
def read_fields(fr: Frame, spec: CallSpec, receiver: Receiver, arguments: Arguments, pos: int) -> Value | None:
    """`user.get_full_name()`: shows those fields of the receiver. Option fields."""
    labels: Labels = {}
    names = spec.options.get("fields", ())
    for name in names if isinstance(names, (list, tuple)) else ():
        value = read_attr(fr, receiver, str(name), pos) if receiver is not None else CLEAN
        labels = fr.domain.join_labels(labels, shown(fr, value, "str"))
    return Value((), labels, (), True)


@behaviour("setattr")
def setattr_(fr: Frame, spec: CallSpec, receiver: Receiver, arguments: Arguments, pos: int) -> Value:
    """`setattr(x, name, value)`."""
    if len(arguments.pos) == 3:
        target, name, value = arguments.pos
        for const in name.consts:
            if isinstance(const, str):
                write_attr(fr, target, const, value, pos)
    return CLEAN


@behaviour("delattr")
def delattr_(fr: Frame, spec: CallSpec, receiver: Receiver, arguments: Arguments, pos: int) -> Value:
    """`delattr(x, name)`."""
    if len(arguments.pos) == 2:
        for const in arguments.pos[1].consts:
            if isinstance(const, str):
                write_attr(fr, arguments.pos[0], const, CLEAN, pos)
    return CLEAN


@behaviour("isinstance")
def isinstance_(fr: Frame, spec: CallSpec, receiver: Receiver, arguments: Arguments, pos: int) -> Value:
    """`isinstance(x, C)`: a boolean; narrowing happens where it is a condition."""
    return CLEAN


@behaviour("truth")
def truth_(fr: Frame, spec: CallSpec, receiver: Receiver, arguments: Arguments, pos: int) -> Value:
    """`bool(x)`: a boolean that is true where x is."""
    if not arguments.pos:
        return CLEAN
    verdict = decided(fr, arguments.pos[0])
    test = (truth(fr, arguments.pos[0]), falsity(fr, arguments.pos[0]))
    return Value((), {}, (verdict,), False, test) if verdict is not None else CLEAN.with_test(test)


@behaviour("length")
def length(fr: Frame, spec: CallSpec, receiver: Receiver, arguments: Arguments, pos: int) -> Value:
    """`len(x)`: known for containers whose contents are."""
    if len(arguments.pos) == 1 and len(arguments.pos[0].refs) == 1 and not arguments.pos[0].labels:
        obj = fr.obj(arguments.pos[0].refs[0])
        if obj is not None and not obj.multi and not fr.engine.is_global(arguments.pos[0].refs[0]):
            if obj.kind in ("list", "tuple") and obj.exact:
                return constant(len(obj.fields))
            if obj.kind == "dict" and obj.rest.is_bottom():
                return constant(len(obj.fields))
    if arguments.pos and arguments.pos[0].is_constant():
        try:
            return constant(len(arguments.pos[0].constant()))
        except (LookupError, TypeError):
            return CLEAN
    return CLEAN


@behaviour("super")
def super_(fr: Frame, spec: CallSpec, receiver: Receiver, arguments: Arguments, pos: int) -> Value:
    """`super()`: the instance, seen from above the class whose method this is."""
    function = fr.function
    cls: Class | None = None
    if len(arguments.pos) >= 2:
        for ref in arguments.pos[0].refs:
            obj = fr.obj(ref)
            if obj is not None and obj.kind == "class":
                cls = obj.cls
        target = arguments.pos[1]
    else:
        scope = function
        while scope is not None and scope.owner is None:
            scope = scope.parent
        if scope is None or not scope.params:
            return CLEAN
        cls = scope.owner
        target = fr.read_name(scope.params[0][0], pos)
    if cls is None:
        return CLEAN
    return fr.alloc(pos, "super", Obj("super", cls, {"self": target}))


def _fields_as_dict(fr: Frame, value: Value, pos: int) -> Value:
    result = BOTTOM
    for ref in value.refs:
        obj = fr.obj(ref)
        if obj is None or obj.kind == "overlay":
            result = fr.domain.join(result, Value((ref,), {k: t for k, t in value.labels.items() if k.source is ref}))
            continue
        if obj.kind == "dict":
            result = fr.domain.join(result, Value((ref,)))
            continue
        if obj.kind in kinds.ROWS:
            row = _fields_as_dict(fr, kinds.ROWS[obj.kind](fr, ref, obj, pos), pos)
            result = fr.domain.join(result, row)
            continue
        fields: dict[Any, Value] = {}
        if obj.kind == "inst" and isinstance(obj.cls, Class):
            for base in reversed(obj.cls.mro()):
                for name, field in base.fields.items() if isinstance(base, Class) else ():
                    if (not obj.exact or obj.cls.traits.get("init") == "fields") and field.target is None:
                        fields[name] = read_ref_attr(fr, ref, name, pos)
        for name, item in obj.fields.items():
            if isinstance(name, str) and not name.startswith("@"):
                fields[name] = item
            elif isinstance(name, tuple) and name[0] == "k":
                fields[name[1]] = item
        made = fr.alloc(pos, ("fields", ref), Obj("dict", None, fields, obj.rest if obj.kind != "inst" else BOTTOM))
        result = fr.domain.join(result, made)
    if not value.refs:
        return value
    return result


kinds.on_dictionary(_fields_as_dict)


@behaviour("fields")
def fields_(fr: Frame, spec: CallSpec, receiver: Receiver, arguments: Arguments, pos: int) -> Value:
    """`vars(x)`, `asdict(x)`, `x.model_dump(include=..., exclude=...)`, `model_to_dict(x, fields=[...])`.

    Options: of (selector, the receiver if left out), include and exclude (selectors), as: dict, tuple or text.
    """
    source = _source(spec, receiver, arguments)
    if source is None:
        return CLEAN
    made = kinds.fields_as_dict(fr, source, pos)
    include = field_names(fr, arguments, spec.options.get("include"))
    exclude = field_names(fr, arguments, spec.options.get("exclude"))
    if include is not None or exclude:
        made = _narrowed_to(fr, made, include, exclude or (), pos)
    if spec.options.get("as") == "tuple":
        obj = fr.obj(made.refs[0]) if made.refs else None
        values = list(obj.fields.values()) if obj is not None else []
        return make_sequence(fr, "tuple", values, pos, "astuple")
    if spec.options.get("as") == "text":
        return serialised(fr, made, pos)
    return made


def _source(spec: CallSpec, receiver: Receiver, arguments: Arguments) -> Value | None:
    selector = spec.options.get("of")
    if selector is None:
        return receiver
    return arguments.get(selector) if isinstance(selector, (int, str)) else None


def field_names(fr: Frame, arguments: Arguments, selectors: object) -> tuple[Any, ...] | None:
    """Constant names in a container argument; None if the argument is not there."""
    for selector in selectors if isinstance(selectors, (list, tuple)) else [selectors]:
        value = arguments.get(selector) if isinstance(selector, (int, str)) else None
        if value is not None:
            found: list[Any] = list(value.consts)
            for ref in value.refs:
                obj = fr.obj(ref)
                if obj is not None and obj.kind == "dict":
                    found += list(obj.fields)
                elif obj is None and isinstance(ref.info, tuple) and ref.info[0] == "call":
                    found += [const for _, const in ref.info[4]]
                elif obj is not None:
                    found += [const for item in obj.values() for const in item.consts]
                    found += [
                        const for ref2 in (r for item in obj.values() for r in item.refs) for const in _consts(fr, ref2)
                    ]
            return tuple(found)
    return None


def _consts(fr: Frame, ref: Ref) -> list[Any]:
    obj = fr.obj(ref)
    return [const for item in obj.values() for const in item.consts] if obj is not None else []


def _narrowed_to(fr: Frame, made: Value, include: tuple[Any, ...] | None, exclude: tuple[Any, ...], pos: int) -> Value:
    result = BOTTOM
    for ref in made.refs:
        obj = fr.obj(ref)
        if obj is None or obj.kind != "dict":
            result = fr.domain.join(result, _picked(fr, ref, include, pos))
            continue
        fields = {
            key: value
            for key, value in obj.fields.items()
            if (include is None or key in include) and key not in exclude
        }
        for name in include or ():
            if name not in fields and isinstance(name, str) and obj.rest is not BOTTOM and not obj.rest.is_bottom():
                fields[name] = obj.rest
        rest = obj.rest if include is None else BOTTOM
        result = fr.domain.join(result, fr.alloc(pos, ("selected", ref), Obj("dict", None, fields, rest, obj.keys)))
    return result


def _picked(fr: Frame, ref: Ref, include: tuple[Any, ...] | None, pos: int) -> Value:
    if include is None:
        return fr.opaque(ref)
    fields = {name: read_ref_attr(fr, ref, name, pos) for name in include if isinstance(name, str)}
    return fr.alloc(pos, ("selected", ref), Obj("dict", None, dict(fields)))


@behaviour("replaced")
def replaced(fr: Frame, spec: CallSpec, receiver: Receiver, arguments: Arguments, pos: int) -> Value:
    """`dataclasses.replace(x, a=1)`, `t._replace(a=1)`, `m.model_copy(update={...})`: option of, update."""
    source = _source(spec, receiver, arguments)
    if source is None:
        return CLEAN
    made = copied(fr, source, pos, False)
    changes = dict(arguments.kw)
    update = spec.options.get("update")
    if isinstance(update, str):
        changes = {}
        given = arguments.kw.get(update)
        for ref in given.refs if given is not None else ():
            obj = fr.obj(ref)
            if obj is not None and obj.kind == "dict":
                changes.update({key: value for key, value in obj.fields.items() if isinstance(key, str)})
    for name, value in changes.items():
        write_attr(fr, made, name, value, pos)
    return made


@behaviour("instance-from")
def instance_from(fr: Frame, spec: CallSpec, receiver: Receiver, arguments: Arguments, pos: int) -> Value | None:
    """`Model.model_validate(raw)`, `cls.from_orm(x)`: an instance of the receiver's class with those fields."""
    for ref in receiver.refs if receiver is not None else ():
        obj = fr.obj(ref)
        if obj is None or obj.kind != "class" or not isinstance(obj.cls, Class):
            continue
        source = arguments.pos[0] if arguments.pos else BOTTOM
        inner = Arguments()
        known = False
        for item in source.refs:
            held = fr.obj(item)
            if held is not None and held.kind == "dict":
                inner.kw.update({key: value for key, value in held.fields.items() if isinstance(key, str)})
                known = held.rest.is_bottom()
            elif held is not None and held.kind in ("inst", "ext"):
                names = [name for base in obj.cls.mro() if isinstance(base, Class) for name in base.fields]
                inner.kw.update({name: read_ref_attr(fr, item, name, pos) for name in names})
                known = True
        if not known:
            inner.kwstar = source if not source.is_bottom() else CLEAN
        return fr.engine.classes.construct(fr, ref, obj.cls, inner, pos)
    return None


@behaviour("namedtuple")
def namedtuple_(fr: Frame, spec: CallSpec, receiver: Receiver, arguments: Arguments, pos: int) -> Value:
    """`namedtuple("Stop", ["code", "platform"])`: a class with those fields; option make for `make_dataclass`."""
    names: list[str] = []
    for value in arguments.pos[1:2]:
        for const in value.consts:
            if isinstance(const, str):
                names += const.replace(",", " ").split()
        known = known_elements(fr, value, 100)
        for item in known or ():
            names += [const for const in item.consts if isinstance(const, str)]
            for ref in item.refs:
                obj = fr.obj(ref)
                if obj is not None and obj.kind == "tuple":
                    names += [const for const in obj.fields.get(0, CLEAN).consts if isinstance(const, str)]
    label = next((const for value in arguments.pos[:1] for const in value.consts if isinstance(const, str)), "tuple")
    node = ("cls", pos, label, (), (), (), ())
    cls = class_of(fr.module, node, fr.function, None)
    ref = fr.ctx.alloc(pos, "class", label)
    cls.ref = ref
    cls.bases = ["builtins.tuple"]
    cls.fields = {name: Field(name) for name in names}
    cls.traits = {"init": "fields", "repr": "fields", "sequence": True, "type": "typing.NamedTuple"}
    fr.put(ref, Obj("class", cls))
    return Value((ref,))


@behaviour("namespace")
def namespace(fr: Frame, spec: CallSpec, receiver: Receiver, arguments: Arguments, pos: int) -> Value:
    """`SimpleNamespace(a=1)`: an object with those attributes, all of them shown."""
    fields: dict[Any, Value] = {name: fr.named(value, name, "", pos) for name, value in arguments.kw.items()}
    rest = BOTTOM
    if arguments.kwstar is not BOTTOM:
        rest = read_item(fr, arguments.kwstar, CLEAN, pos)
    fr.keep(*fields.values())
    return fr.alloc(pos, "namespace", Obj("namespace", None, fields, rest))


def _show_namespace(fr: Frame, ref: Ref, obj: Obj, mode: str) -> Labels:
    labels: Labels = {}
    for value in obj.values():
        labels = fr.domain.join_labels(labels, shown(fr, value, "repr" if mode != "data" else "data"))
    return labels


def _namespace_attr(fr: Frame, ref: Ref, obj: Obj, name: str, pos: int) -> Value | None:
    if not obj.rest.is_bottom():
        return obj.rest
    return None


# -- serialised objects ----------------------------------------------------------------


def serialised(fr: Frame, value: Value, pos: int) -> Value:
    """A text or bytes made of a structure, which it can be turned back into."""
    fr.keep(value)
    if not any(ref.kind == "alloc" for ref in value.refs):
        return Value((), value.labels, (), True)
    return fr.alloc(pos, "serial", Obj("serial", None, {"value": value}))


@behaviour("serialise")
def serialise(fr: Frame, spec: CallSpec, receiver: Receiver, arguments: Arguments, pos: int) -> Value:
    """`json.dumps(x)`, `pickle.dumps(x)`: option of."""
    source = arguments.pos[0] if arguments.pos else (receiver or BOTTOM)
    return serialised(fr, source, pos)


@behaviour("deserialise")
def deserialise(fr: Frame, spec: CallSpec, receiver: Receiver, arguments: Arguments, pos: int) -> Value:
    """`json.loads(text)`: the structure that was serialised, or an unknown one."""
    result = BOTTOM
    source = arguments.pos[0] if arguments.pos else (receiver or BOTTOM)
    for ref in source.refs:
        obj = fr.obj(ref)
        if obj is not None and obj.kind == "serial":
            result = fr.domain.join(result, copied(fr, obj.fields["value"], pos, True))
        elif ref.kind == "opaque":
            child = ref.child(("parsed",), fr.place(pos))
            child.info = ("parsed", "", None, (), ())
            child.owner = ""
            child.hint = child.hint or ""
            result = fr.domain.join(result, fr.opaque(child))
    labels = scalar_labels(source)
    if labels:
        result = fr.domain.join(result, Value((), labels, (), True))
    return result if not result.is_bottom() else CLEAN


def _show_serial(fr: Frame, ref: Ref, obj: Obj, mode: str) -> Labels:
    return shown(fr, obj.fields["value"], "data")


def _serial_method(fr: Frame, ref: Ref, obj: Obj, name: str, arguments: Arguments, pos: int) -> Value | None:
    if name in ("encode", "decode", "strip", "getvalue"):
        return Value((ref,))
    base = Value((), _show_serial(fr, ref, obj, "data"), (), True)
    return fr.engine.library.scalar_method(fr, base, name, arguments, pos)


kinds.SHOWS["namespace"] = _show_namespace
kinds.ATTRIBUTES["namespace"] = _namespace_attr
kinds.SHOWS["serial"] = _show_serial
kinds.METHODS["serial"] = _serial_method
