"""Dictionaries: how they are made, and their methods."""

from __future__ import annotations

from typing import Any

from pi_lint.flow.arguments import Arguments
from pi_lint.flow.behaviours.containers import Receiver, add, kept, known_objects
from pi_lint.flow.calls import call_value
from pi_lint.flow.domain import BOTTOM, CLEAN, NONE, Ref, Value, constant
from pi_lint.flow.elements import iterate, keys_of, known_elements, make_collection, make_sequence
from pi_lint.flow.frame import Frame
from pi_lint.flow.heap import CONTAINERS, Obj
from pi_lint.flow.items import delete_item, read_item, write_item
from pi_lint.flow.kinds import behaviour, fields_as_dict
from pi_lint.knowledge.compiled import CallSpec


@behaviour("make-dict")
def make_dict(fr: Frame, spec: CallSpec, receiver: Receiver, arguments: Arguments, pos: int) -> Value:
    """`dict(...)`, `OrderedDict(...)`, `defaultdict(f, ...)`: from pairs, mappings and keywords."""
    fields: dict[Any, Value] = {}
    rest, keys = BOTTOM, BOTTOM
    skip = int(str(spec.options.get("skip", 0)))
    for source in arguments.pos[skip:]:
        for ref in source.refs:
            obj = fr.obj(ref)
            if obj is not None and obj.kind == "dict":
                fields.update(obj.fields)
                rest, keys = fr.domain.join(rest, obj.rest), fr.domain.join(keys, obj.keys)
            elif obj is not None and obj.kind == "zip":
                fields, rest, keys = _zipped(fr, obj, fields, rest, keys)
            elif obj is not None and obj.kind in ("row", "inst"):
                return fields_as_dict(fr, Value((ref,)), pos)
            elif obj is not None and obj.kind in CONTAINERS:
                pair = iterate(fr, Value((ref,)), pos)
                known = known_elements(fr, Value((ref,)), 50)
                for item in known if known is not None else [pair]:
                    key = read_item(fr, item, constant(0), pos)
                    value = read_item(fr, item, constant(1), pos)
                    if key.is_constant() and len(key.consts) == 1:
                        fields[key.consts[0]] = value
                    else:
                        rest, keys = fr.domain.join(rest, value), fr.domain.join(keys, key)
            else:
                return fr.domain.join(source, BOTTOM) if not arguments.kw else _overlaid(fr, source, arguments, pos)
    fields.update({name: fr.named(value, name, "", pos) for name, value in arguments.kw.items()})
    if arguments.kwstar is not BOTTOM:
        rest = fr.domain.join(rest, read_item(fr, arguments.kwstar, CLEAN, pos))
    if skip and arguments.pos:  # a missing key gets what the factory makes
        rest = fr.domain.join(rest, call_value(fr, arguments.pos[0], Arguments(), pos))
        if fr.state is None:
            return BOTTOM
    fr.keep(*fields.values(), rest)
    return fr.alloc(pos, "made", Obj("dict", None, fields, rest, keys))


def _overlaid(fr: Frame, source: Value, arguments: Arguments, pos: int) -> Value:
    element = read_item(fr, source, CLEAN, pos)
    return fr.alloc(pos, "made", Obj("dict", None, dict(arguments.kw), element, CLEAN))


def _zipped(
    fr: Frame, obj: Obj, fields: dict[Any, Value], rest: Value, keys: Value
) -> tuple[dict[Any, Value], Value, Value]:
    """`dict(zip(NAMES, values))`: by name where the names are known."""
    first, second = obj.fields.get(0, BOTTOM), obj.fields.get(1, BOTTOM)
    names = known_elements(fr, first, 60)
    if names is not None and all(name.is_constant() for name in names):
        for number, name in enumerate(names):
            key = name.consts[0]
            value = read_item(fr, second, constant(number), 0)
            fields[key] = fr.named(value, key, "", 0) if isinstance(key, str) else value
        return fields, rest, keys
    element = iterate(fr, second, 0)
    return fields, fr.domain.join(rest, element), fr.domain.join(keys, iterate(fr, first, 0))


@behaviour("make-counter")
def make_counter(fr: Frame, spec: CallSpec, receiver: Receiver, arguments: Arguments, pos: int) -> Value:
    """`Counter(x)`: keys are the elements, values are counts."""
    keys = iterate(fr, arguments.pos[0], pos) if arguments.pos else BOTTOM
    return fr.alloc(pos, "made", Obj("dict", None, {}, CLEAN, kept(fr, keys)))


@behaviour("dict-get")
def dict_get(fr: Frame, spec: CallSpec, receiver: Receiver, arguments: Arguments, pos: int) -> Value | None:
    """`d.get(k, default)`."""
    if receiver is None or not arguments.pos:
        return None
    default = arguments.pos[1] if len(arguments.pos) > 1 else arguments.kw.get("default", NONE)
    index = arguments.pos[0]
    found = read_item(fr, receiver, index, pos)
    if index.is_constant() and _surely_there(fr, receiver, index.consts):
        return found
    if _surely_absent(fr, receiver, index):
        return default
    return fr.domain.join(found, default)


def _surely_there(fr: Frame, receiver: Value, keys: tuple[Any, ...]) -> bool:
    objects = known_objects(fr, receiver)
    return (
        bool(objects)
        and len(objects) == len(receiver.refs)
        and all(obj.kind == "dict" and not obj.multi and all(key in obj.fields for key in keys) for _, obj in objects)
    )


def _surely_absent(fr: Frame, receiver: Value, index: Value) -> bool:
    objects = known_objects(fr, receiver)
    return (
        bool(objects)
        and len(objects) == len(receiver.refs)
        and index.is_constant()
        and all(
            obj.kind == "dict"
            and not obj.multi
            and obj.rest.is_bottom()
            and not any(key in obj.fields for key in index.consts)
            for _, obj in objects
        )
    )


@behaviour("item-of")
def item_of(fr: Frame, spec: CallSpec, receiver: Receiver, arguments: Arguments, pos: int) -> Value | None:
    """`x.get("name")` of an unknown object with a constant key is the item `name` of x (SPEC 8.38)."""
    if receiver is None or not arguments.pos or not arguments.pos[0].is_constant():
        return None
    if not any(isinstance(const, str) for const in arguments.pos[0].consts):
        return None
    found = read_item(fr, receiver, arguments.pos[0], pos)
    default = arguments.pos[1] if len(arguments.pos) > 1 else arguments.kw.get("default", NONE)
    if default.is_constant():
        return Value(found.refs, found.labels, default.consts, True)
    return fr.domain.join(found, default)


@behaviour("dict-pop")
def dict_pop(fr: Frame, spec: CallSpec, receiver: Receiver, arguments: Arguments, pos: int) -> Value | None:
    """`d.pop(k, default)`, `xs.pop(i)`."""
    if receiver is None:
        return None
    objects = known_objects(fr, receiver)
    default = arguments.pos[1] if len(arguments.pos) > 1 else BOTTOM
    if objects and objects[0][1].kind == "list":
        return _list_pop(fr, receiver, objects, arguments, pos)
    if objects and objects[0][1].kind == "set":
        return iterate(fr, receiver, pos)
    if not arguments.pos:
        return None
    removed = delete_item(fr, receiver, arguments.pos[0], pos)
    return fr.domain.join(removed, default)


def _list_pop(fr: Frame, receiver: Value, objects: list[tuple[Ref, Obj]], arguments: Arguments, pos: int) -> Value:
    index = arguments.pos[0] if arguments.pos else constant(-1)
    if len(objects) == 1 and objects[0][1].exact:
        return delete_item(fr, receiver, index, pos)
    return iterate(fr, receiver, pos)


@behaviour("dict-setdefault")
def dict_setdefault(fr: Frame, spec: CallSpec, receiver: Receiver, arguments: Arguments, pos: int) -> Value | None:
    """`d.setdefault(k, v)`."""
    if receiver is None or not arguments.pos:
        return None
    key = arguments.pos[0]
    value = arguments.pos[1] if len(arguments.pos) > 1 else NONE
    if key.is_constant() and _surely_there(fr, receiver, key.consts):
        return read_item(fr, receiver, key, pos)
    before = BOTTOM if _surely_absent(fr, receiver, key) else read_item(fr, receiver, key, pos)
    joined = fr.domain.join(before, value)
    write_item(fr, receiver, key, joined, pos)
    return joined


@behaviour("dict-update")
def dict_update(fr: Frame, spec: CallSpec, receiver: Receiver, arguments: Arguments, pos: int) -> Value | None:
    """`d.update(other, key=value)`, `s.update(xs)`."""
    if receiver is None:
        return None
    objects = known_objects(fr, receiver)
    if objects and objects[0][1].kind in ("set", "list"):
        for source in arguments.pos:
            add(fr, receiver, iterate(fr, source, pos))
        return NONE
    for source in arguments.pos:
        for ref in source.refs:
            obj = fr.obj(ref)
            if obj is not None and obj.kind == "dict":
                for key, value in obj.fields.items():
                    write_item(fr, receiver, constant(key), value, pos)
                if not obj.rest.is_bottom():
                    write_item(fr, receiver, CLEAN, obj.rest, pos)
            else:
                write_item(fr, receiver, CLEAN, read_item(fr, Value((ref,)), CLEAN, pos), pos)
    for name, value in arguments.kw.items():
        write_item(fr, receiver, constant(name), value, pos)
    if arguments.kwstar is not BOTTOM:
        write_item(fr, receiver, CLEAN, read_item(fr, arguments.kwstar, CLEAN, pos), pos)
    return NONE


@behaviour("dict-items")
def dict_items(fr: Frame, spec: CallSpec, receiver: Receiver, arguments: Arguments, pos: int) -> Value | None:
    """`d.items()`: pairs of key and value."""
    if receiver is None:
        return None
    objects = known_objects(fr, receiver)
    if len(objects) == 1 == len(receiver.refs) and objects[0][1].kind == "dict":
        obj = objects[0][1]
        if obj.rest.is_bottom() and not obj.multi and len(obj.fields) <= 30:
            pairs = [
                make_sequence(fr, "tuple", [constant(key), value], pos, ("item", key))
                for key, value in obj.fields.items()
            ]
            return make_sequence(fr, "list", pairs, pos, "items")
    if any(obj.kind == "dict" for _, obj in objects):
        key = fr.domain.join_all(keys_of(fr, obj) for _, obj in objects if obj.kind == "dict")
        value = fr.domain.join_all(v for _, obj in objects for v in obj.values())
        return make_collection(fr, "list", make_sequence(fr, "tuple", [key, value], pos, "item"), pos, "items")
    value = read_item(fr, receiver, CLEAN, pos)
    return make_collection(fr, "list", make_sequence(fr, "tuple", [CLEAN, value], pos, "item"), pos, "items")


@behaviour("dict-keys")
def dict_keys(fr: Frame, spec: CallSpec, receiver: Receiver, arguments: Arguments, pos: int) -> Value | None:
    """`d.keys()`."""
    objects = known_objects(fr, receiver)
    if not objects:
        return make_collection(fr, "list", CLEAN, pos, "keys")
    keys = fr.domain.join_all(keys_of(fr, obj) for _, obj in objects)
    return make_collection(fr, "list", keys, pos, "keys")


@behaviour("dict-values")
def dict_values(fr: Frame, spec: CallSpec, receiver: Receiver, arguments: Arguments, pos: int) -> Value | None:
    """`d.values()`."""
    objects = known_objects(fr, receiver)
    if receiver is None:
        return None
    if not objects:
        return make_collection(fr, "list", read_item(fr, receiver, CLEAN, pos), pos, "values")
    values = fr.domain.join_all(value for _, obj in objects for value in obj.values())
    return make_collection(fr, "list", values if not values.is_bottom() else CLEAN, pos, "values")


@behaviour("most-common")
def most_common(fr: Frame, spec: CallSpec, receiver: Receiver, arguments: Arguments, pos: int) -> Value | None:
    """`counter.most_common()`: pairs of key and count."""
    keys = fr.domain.join_all(keys_of(fr, obj) for _, obj in known_objects(fr, receiver))
    return make_collection(fr, "list", make_sequence(fr, "tuple", [keys, CLEAN], pos, "pair"), pos, "common")
