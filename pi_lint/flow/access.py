"""Reading and writing attributes, items and elements of values.

user.phone          opaque user          -> opaque user.phone
payload["to"]       dict {"to": v}       -> v
self.phone          instance of a class  -> its field, a property's result, a bound method
for x in rows       list with rest r     -> r
"""

from __future__ import annotations

from typing import Any, Final

from pi_lint.flow import kinds
from pi_lint.flow.domain import BOTTOM, CLEAN, Facts, Held, Labels, Pi, Ref, Value, constant, scalar
from pi_lint.flow.frame import Frame
from pi_lint.flow.heap import Obj
from pi_lint.project.program import Class, Function

SEQUENCES: Final = frozenset({"list", "tuple"})
CONTAINERS: Final = frozenset({"list", "tuple", "set", "dict", "gen"})


def guards_of(value: Value, ref: Ref) -> Facts:
    """The guards under which a value lets this unknown object through."""
    for label in value.labels:
        if label.source is ref:
            return label.guards
    return frozenset()


def scalar_labels(value: Value) -> Labels:
    """Labels that are no unknown object's own: what the value shows as a plain scalar."""
    refs = value.refs
    if not refs:
        return value.labels
    return {
        label: trace
        for label, trace in value.labels.items()
        if label.source not in refs and not (hasattr(label.source, "under") and label.source.under in refs)
    }


# -- attributes ------------------------------------------------------------------------


def read_attr(fr: Frame, value: Value, name: str, pos: int) -> Value:
    """`value.name` for everything the value may be."""
    domain = fr.domain
    result = BOTTOM
    for ref in value.refs:
        result = domain.join(result, read_ref_attr(fr, ref, name, pos, guards_of(value, ref)))
    labels = _whole(value) if not value.refs else {}
    if labels or (not value.refs and (value.other or value.consts)):
        result = domain.join(result, scalar(labels) if labels else CLEAN)
    return result


def _whole(value: Value) -> Labels:
    """What a part of a plain value still shows; of an object that a queue will bring, no part is known."""
    return {
        label: trace
        for label, trace in value.labels.items()
        if not (isinstance(label.source, Ref) and label.source.op[0] == "late")
    }


def read_ref_attr(fr: Frame, ref: Ref, name: str, pos: int, guards: Facts = frozenset()) -> Value:
    """`ref.name` for one object."""
    if ref.kind == "ext":
        return _external_attr(fr, ref, name)
    obj = fr.obj(ref)
    if ref.kind == "opaque" or obj is None:
        if obj is not None:
            found = obj.fields.get(name)
            if found is not None:
                return found
        return opaque_attr(fr, ref, name, pos, guards)
    if obj.kind == "module":
        return module_attr(fr, ref, obj, name)
    if obj.kind == "class":
        answer = kinds.class_member(fr, ref, obj.cls, name, pos)
        if answer is not None:
            return answer
    found = obj.fields.get(name)
    if found is not None and obj.kind not in CONTAINERS and obj.kind not in kinds.ATTRIBUTES:
        if obj.kind == "inst" and found.labels and isinstance(obj.cls, Class):
            return held(fr, found, ref, obj.cls)
        if obj.kind != "class":
            return found
        return _class_value(fr, ref, found, name, pos)
    if obj.kind == "inst":
        return instance_attr(fr, ref, obj, name, pos)
    if obj.kind == "class":
        return class_attr(fr, ref, obj.cls, name, pos)
    handler = kinds.ATTRIBUTES.get(obj.kind)
    if handler is not None:
        answer = handler(fr, ref, obj, name, pos)
        if answer is not None:
            return answer
        if name in obj.fields:
            return obj.fields[name]
    if name in ("__name__", "__qualname__", "__module__", "__doc__"):
        return CLEAN
    return opaque_attr(fr, ref, name, pos, guards)


def held(fr: Frame, value: Value, ref: Ref, cls: Class) -> Value:
    """A value read from a person's record is that person's, wherever it was read before (SPEC 8.48)."""
    if not fr.knowledge.names.person(cls.name):
        return value
    labels: Labels = {}
    for label, trace in value.labels.items():
        source = label.source
        if isinstance(source, Held):
            source = source.inner
        owner = (
            source.parent
            if isinstance(source, Ref)
            else source.owner
            if isinstance(source, Pi)
            else source.under.parent
        )
        if owner is ref or (
            isinstance(source, Ref) and source in value.refs and owner is None and not fr.engine.is_leaf(source)
        ):
            labels[label] = trace
            continue
        kept = fr.domain.held(source, ref)
        labels[fr.domain.label(kept, label.protections, label.kept, label.guards)] = trace
        if isinstance(source, Ref) and source in value.refs:
            continue
    return Value(value.refs, labels, value.consts, value.other, value.test)


def opaque_attr(fr: Frame, ref: Ref, name: str, pos: int, guards: Facts = frozenset()) -> Value:
    """A field of which nothing is known but its name, its owner and perhaps its type."""
    shared = fr.engine.shared_field(fr, ref, name)
    if shared is not None:
        return shared
    child = ref.child(("a", name), fr.place(pos))
    if child is ref:
        return fr.opaque(ref, guards)
    if ref.tname is not None and child.tname is None:
        typed = fr.knowledge.attribute(ref.tname, name)
        child.tname = typed if typed is not None else f"{ref.tname}.{name}"
    if child.kind == "alloc":
        return Value((child,))
    return fr.opaque(child, guards)


def _external_attr(fr: Frame, ref: Ref, name: str) -> Value:
    return fr.engine.external(f"{ref.tname}.{name}", fr.ctx)


def module_attr(fr: Frame, ref: Ref, obj: Obj, name: str) -> Value:
    """A variable of a module, or a submodule of its package."""
    module = obj.cls
    fr.ctx.summary.reads.add(ref.child(("a", name)))
    value = obj.fields.get(name)
    if value is not None:
        return fr.engine.localised(fr, value)
    submodule = fr.engine.program.by_name.get(f"{module.name}.{name}")
    if submodule is not None:
        fr.engine.run_module(submodule)
        return Value((fr.engine.module_ref(submodule),))
    if name.startswith("__"):
        return CLEAN
    return fr.opaque(fr.ctx.opaque(0, ("global", module.name, name), name))


def find_member(fr: Frame, cls: Any, name: str, after: Class | None = None) -> tuple[Value | None, Any]:
    """The class attribute by that name along the C3 order, and whose it is; a library name ends the search."""
    order = cls.mro() if isinstance(cls, Class) else [cls]
    if after is not None:
        order = order[order.index(after) + 1 :] if after in order else []
    for base in order:
        if isinstance(base, Class):
            if base.ref is None:
                continue
            obj = fr.obj(base.ref)
            if obj is not None and name in obj.fields:
                return obj.fields[name], base
        elif base != "builtins.object" and _library_has(fr, base, name):
            return None, base
    return None, None


def _library_has(fr: Frame, base: str, name: str) -> bool:
    return fr.knowledge.attribute(base, name) is not None or bool(fr.knowledge.method(base, name))


def library_base(cls: Class) -> str | None:
    """The first library class among the bases, if any."""
    return next((base for base in cls.mro() if isinstance(base, str) and base != "builtins.object"), None)


def instance_attr(fr: Frame, ref: Ref, obj: Obj, name: str, pos: int) -> Value:
    """An attribute that the instance itself does not hold: the class's, a declared or an unknown field."""
    cls = obj.cls
    if name == "__dict__":
        return kinds.fields_as_dict(fr, Value((ref,)), pos)
    if name == "__class__":
        return Value((cls.ref,)) if cls.ref is not None else CLEAN
    supplied = kinds.instance_attribute(fr, ref, obj, name, pos)
    if supplied is not None:
        return supplied
    value, base = find_member(fr, cls, name)
    if value is not None and not _is_declaration(fr, cls, name):
        return bind(fr, value, ref, cls, name, pos)
    if value is None and isinstance(base, str):
        child = ref.child(("a", name), fr.place(pos))
        child.tname = child.tname or fr.knowledge.attribute(base, name) or f"{base}.{name}"
        return fr.opaque(child)
    getter, _ = find_member(fr, cls, "__getattr__")
    if getter is not None and name not in cls.fields:
        return fr.engine.call(fr, bind(fr, getter, ref, cls, "__getattr__", pos), [constant(name)], {}, pos)
    return declared_field(fr, ref, cls, name, pos)


def _is_declaration(fr: Frame, cls: Class, name: str) -> bool:
    """Whether a class attribute only declares what instances hold (a model's column, an annotation)."""
    for base in cls.mro():
        if isinstance(base, Class) and name in base.fields:
            return base.fields[name].is_column or cls.traits.get("init") == "fields"
    return False


def field_of(cls: Class, name: str) -> Any:
    """The declaration of a field along the bases, or None."""
    for base in cls.mro():
        if isinstance(base, Class) and name in base.fields:
            return base.fields[name]
    return None


def declared_field(fr: Frame, ref: Ref, cls: Class, name: str, pos: int) -> Value:
    """A field that nothing was written to: judged by its declaration, then by its name and class."""
    ref.owner = ref.owner or cls.name
    declared = field_of(cls, name)
    child = ref.child(("a", name), fr.place(pos))
    if child is ref:
        return fr.opaque(ref)
    if declared is None:
        learnt = fr.engine.learnt_field(fr, cls, name)
        if learnt is not None:
            return learnt
        base = library_base(cls)
        if base is not None and child.tname is None:
            typed = fr.knowledge.attribute(base, name)
            child.tname = typed if typed is not None else f"{base}.{name}"
        return fr.opaque(child)
    if declared.target is not None:
        return typed_child(fr, child, declared.target, many=declared.many)
    child.info = child.info or ("column", cls, name)
    if declared.clean:
        return Value((child,), {}, (), True)
    if declared.secret:
        child.tname = child.tname or declared.tname
        return Value((child,), {}, (), True)
    if declared.tname is not None and child.tname is None:
        child.tname = declared.tname
    if declared.category:
        source = fr.domain.pi(declared.category, f"{cls.name}.{name}", ref, declared.place)
        return Value((child,), {fr.domain.label(source): None}, (), True)
    return fr.opaque(child)


def typed_child(fr: Frame, child: Ref, target: Any, many: bool = False) -> Value:
    """A field or element that is an instance of a known class of the project, of which nothing else is known."""
    if not isinstance(target, Class):
        child.tname = child.tname or target
        return fr.opaque(child)
    if many:
        return fr.engine.collection_of(fr, child, target)
    child.kind = "alloc"
    child.owner = target.name
    if fr.live.heap.get(child) is None:
        fr.put(child, Obj("inst", target))
    return Value((child,))


def bind(fr: Frame, value: Value, ref: Ref, cls: Class, name: str, pos: int) -> Value:
    """A class attribute seen through an instance: methods are bound, properties and descriptors called."""
    result = BOTTOM
    for item in value.refs:
        obj = fr.obj(item)
        if obj is None:
            result = fr.domain.join(result, Value((item,)) if item.kind == "ext" else fr.opaque(item))
            continue
        if obj.kind == "func":
            result = fr.domain.join(result, bind_function(fr, item, obj, ref, cls, pos))
        elif obj.kind == "inst" and isinstance(obj.cls, Class):
            getter, owner = find_member(fr, obj.cls, "__get__")
            if getter is not None:
                bound = bind(fr, getter, item, obj.cls, "__get__", pos)
                result = fr.domain.join(result, fr.engine.call(fr, bound, [Value((ref,)), Value((cls.ref,))], {}, pos))
            else:
                result = fr.domain.join(result, Value((item,)))
        elif obj.kind == "property":
            getter = obj.fields.get("get", BOTTOM)
            result = fr.domain.join(result, fr.engine.call(fr, getter, [Value((ref,))], {}, pos))
        elif obj.kind == "partial" and obj.cls == "method":
            result = fr.domain.join(
                result,
                fr.alloc(
                    pos, ("bound", item, ref), Obj("bound", None, {"self": Value((ref,)), "func": Value((item,))})
                ),
            )
        elif obj.kind in ("staticmethod", "classmethod"):
            result = fr.domain.join(result, unwrap_method(fr, item, obj, cls, pos))
        else:
            result = fr.domain.join(result, Value((item,)))
    if value.labels or value.consts or value.other:
        result = fr.domain.join(result, Value((), value.labels, value.consts, value.other))
    return result


def bind_function(fr: Frame, item: Ref, obj: Obj, ref: Ref, cls: Class, pos: int) -> Value:
    """A plain function read through an instance becomes a bound method."""
    return fr.alloc(
        pos, ("bound", item, ref), Obj("bound", None, {"self": Value((ref,)), "func": Value((item,))}), item.name
    )


def unwrap_method(fr: Frame, item: Ref, obj: Obj, cls: Class, pos: int) -> Value:
    """A static method is its function; a class method is bound to the class."""
    inner = obj.fields.get("func", BOTTOM)
    if obj.kind == "staticmethod":
        return inner
    return fr.alloc(
        pos, ("bound", item, cls.ref), Obj("bound", None, {"self": Value((cls.ref,)), "func": inner}), item.name
    )


def _class_value(fr: Frame, ref: Ref, value: Value, name: str, pos: int) -> Value:
    """An attribute read through its class: class methods are bound, static ones unwrapped."""
    cls = (fr.obj(ref) or Obj("class")).cls
    result = BOTTOM
    for item in value.refs:
        obj = fr.obj(item)
        if obj is not None and obj.kind in ("staticmethod", "classmethod"):
            result = fr.domain.join(result, unwrap_method(fr, item, obj, cls, pos))
        else:
            result = fr.domain.join(result, Value((item,), {k: t for k, t in value.labels.items() if k.source is item}))
    rest = scalar_labels(value)
    if rest or value.consts or value.other:
        result = fr.domain.join(result, Value((), rest, value.consts, value.other))
    return result


def class_attr(fr: Frame, ref: Ref, cls: Class, name: str, pos: int) -> Value:
    """An attribute that the class itself does not define: a base's, a library's, or unknown."""
    value, base = find_member(fr, cls, name)
    if value is not None:
        result = BOTTOM
        for item in value.refs:
            obj = fr.obj(item)
            if obj is not None and obj.kind in ("staticmethod", "classmethod"):
                result = fr.domain.join(result, unwrap_method(fr, item, obj, cls, pos))
            else:
                result = fr.domain.join(result, Value((item,)))
        return fr.domain.join(result, Value((), scalar_labels(value), value.consts, value.other))
    answer = kinds.class_member(fr, ref, cls, name, pos)
    if answer is not None:
        return answer
    if name in ("__name__", "__qualname__", "__doc__", "__module__"):
        return CLEAN
    library = base if isinstance(base, str) else library_base(cls)
    if library is not None:
        child = ref.child(("a", name), fr.place(pos))
        child.tname = child.tname or fr.knowledge.attribute(library, name) or f"{library}.{name}"
        return Value((child,))
    return opaque_attr(fr, ref, name, pos)


def write_attr(fr: Frame, target: Value, name: str, value: Value, pos: int) -> None:
    """`target.name = value`: a strong update where one object is meant, a weak one elsewhere."""
    strong = len(target.refs) == 1
    for ref in target.refs:
        if ref.kind == "ext":
            continue
        obj = fr.obj(ref)
        if obj is not None and obj.kind == "inst" and isinstance(obj.cls, Class):
            if _write_through_class(fr, ref, obj.cls, name, value, pos):
                continue
        owner = obj.cls.name if obj is not None and isinstance(obj.cls, Class) else ref.name or ref.hint
        if fr.function is not None and fr.function.name == "__init__":
            owner = fr.engine.library.constructor_owner(fr.function) or owner
        kept = fr.named(value, name, owner, pos)
        set_field(fr, ref, name, kept, strong)


def _write_through_class(fr: Frame, ref: Ref, cls: Class, name: str, value: Value, pos: int) -> bool:
    """Property setters, data descriptors and __setattr__."""
    member, _ = find_member(fr, cls, name)
    if member is not None:
        for item in member.refs:
            obj = fr.obj(item)
            if obj is not None and obj.kind == "property" and "set" in obj.fields:
                fr.engine.call(fr, obj.fields["set"], [Value((ref,)), value], {}, pos)
                return True
            if obj is not None and obj.kind == "inst" and isinstance(obj.cls, Class):
                setter, _ = find_member(fr, obj.cls, "__set__")
                if setter is not None:
                    bound = bind(fr, setter, item, obj.cls, "__set__", pos)
                    fr.engine.call(fr, bound, [Value((ref,)), value], {}, pos)
                    return True
    return False


def set_field(fr: Frame, ref: Ref, key: Any, value: Value, strong: bool) -> None:
    """Write one field of one object in the heap; unknown objects get an overlay."""
    obj = fr.obj(ref)
    if obj is not None and obj.kind == "inst" and isinstance(obj.cls, Class) and isinstance(key, str):
        fr.engine.column_written(obj.cls, key, value)
        if not obj.exact and value.labels and obj.cls.traits.get("record"):
            fr.engine.library.await_commit(fr, obj.cls, key, value)
    if obj is None:
        obj = Obj("overlay")
        chain(fr, ref)
    for item in value.refs:
        fr.engine.kept.add(item)
    if strong and not obj.multi and not fr.engine.is_shared(fr, ref):
        fr.put(ref, obj.with_field(key, value))
        return
    before = obj.fields.get(key)
    if before is None:
        before = (
            fr.opaque(ref.child(key if isinstance(key, tuple) else ("a", key))) if obj.kind == "overlay" else obj.rest
        )
    fr.put(ref, obj.with_field(key, fr.domain.join(before, value)))


def chain(fr: Frame, ref: Ref) -> None:
    """Let the parents of an unknown object that is written to point to it, so that shapes find the write."""
    while ref.parent is not None and ref.kind == "opaque" and ref.op[0] in ("a", "k"):
        parent = ref.parent
        key = ref.op[1] if ref.op[0] == "a" else ref.op
        obj = fr.obj(parent)
        if obj is None:
            obj = Obj("overlay")
        elif key in obj.fields or obj.kind in CONTAINERS:
            return
        fr.put(parent, obj.with_field(key, fr.opaque(ref)))
        if fr.live.heap.get(parent) is None or parent.kind != "opaque":
            return
        ref = parent


# -- items -----------------------------------------------------------------------------


def read_item(fr: Frame, value: Value, index: Value, pos: int) -> Value:
    """`value[index]`, by key or index where it is known."""
    domain = fr.domain
    result = BOTTOM
    for ref in value.refs:
        result = domain.join(result, read_ref_item(fr, ref, index, pos, guards_of(value, ref)))
    labels = _whole(value) if not value.refs else {}
    if not value.refs:
        result = domain.join(result, scalar(labels))
        if value.consts and not labels:
            result = domain.join(result, _constant_item(value, index))
    return result


def _constant_item(value: Value, index: Value) -> Value:
    try:
        return constant(value.constant()[index.constant()])
    except (LookupError, TypeError):
        return CLEAN


def read_ref_item(fr: Frame, ref: Ref, index: Value, pos: int, guards: Facts = frozenset()) -> Value:
    """`ref[index]` for one object."""
    obj = fr.obj(ref)
    if ref.kind == "ext":
        return fr.opaque(fr.ctx.opaque(pos, ("item", ref), _key_name(index)))
    if obj is None or obj.kind == "overlay":
        keys = index.consts if index.is_constant() else ()
        if not keys:
            return fr.opaque(ref.child(("i",), fr.place(pos)), guards)
        result = BOTTOM
        for key in keys:
            found = obj.fields.get(("k", key)) if obj is not None else None
            child = ref.child(("k", key), fr.place(pos))
            if ref.tname is not None and child.tname is None:
                child.tname = f"{ref.tname}[]"
            result = fr.domain.join(result, found if found is not None else fr.opaque(child, guards))
        return result
    if obj.kind in SEQUENCES or obj.kind == "dict":
        found = container_item(fr, obj, index)
        key = next((const for const in index.consts if isinstance(const, str)), None)
        if key is not None and obj.kind == "dict" and key not in obj.fields:
            return fr.named(found, key, ref.name or ref.hint, pos)
        return found
    handler = kinds.ITEMS.get(obj.kind)
    if handler is not None:
        answer = handler(fr, ref, obj, index, pos)
        if answer is not None:
            return answer
    if obj.kind == "inst" and isinstance(obj.cls, Class):
        method, _ = find_member(fr, obj.cls, "__getitem__")
        if method is not None:
            return fr.engine.call(fr, bind(fr, method, ref, obj.cls, "__getitem__", pos), [index], {}, pos)
        answer = _sequence_of_fields(fr, ref, obj, index, pos)
        if answer is not None:
            return answer
    if obj.kind in ("class", "func"):
        return Value((ref,))
    found = BOTTOM
    for key in index.consts:
        found = fr.domain.join(found, obj.fields.get(("k", key), BOTTOM))
    if not found.is_bottom():
        return found
    if index.is_constant():
        result = BOTTOM
        for key in index.consts:
            result = fr.domain.join(result, fr.opaque(ref.child(("k", key), fr.place(pos)), guards))
        return fr.domain.join(result, obj.rest)
    return fr.domain.join(fr.opaque(ref.child(("i",), fr.place(pos)), guards), obj.rest)


def _sequence_of_fields(fr: Frame, ref: Ref, obj: Obj, index: Value, pos: int) -> Value | None:
    """A named tuple by index."""
    if not index.is_constant() or not all(isinstance(key, int) for key in index.consts):
        return None
    names = [name for name, item in obj.cls.fields.items() if item.in_init]
    result = BOTTOM
    for key in index.consts:
        if not -len(names) <= key < len(names):
            return None
        result = fr.domain.join(result, read_ref_attr(fr, ref, names[key], pos))
    return result


def _key_name(index: Value) -> str:
    return next((key for key in index.consts if isinstance(key, str)), "")


def container_item(fr: Frame, obj: Obj, index: Value) -> Value:
    """An item of a list, tuple or dict whose contents are known."""
    result = BOTTOM
    if index.is_constant():
        for key in index.consts:
            position = key
            if obj.kind != "dict" and isinstance(key, int) and obj.exact and key < 0:
                position = key + len(obj.fields)
            found = obj.fields.get(position)
            if found is not None:
                result = fr.domain.join(result, found)
                if obj.kind != "dict" or obj.multi:
                    result = fr.domain.join(result, obj.rest)
            else:
                result = fr.domain.join(result, obj.rest)
        return result if not result.is_bottom() else CLEAN
    result = fr.domain.join_all(obj.values())
    return result if not result.is_bottom() else CLEAN


def write_item(fr: Frame, target: Value, index: Value, value: Value, pos: int) -> None:
    """`target[index] = value`."""
    strong = len(target.refs) == 1
    for ref in target.refs:
        if ref.kind == "ext":
            continue
        obj = fr.obj(ref)
        handler = kinds.ITEM_WRITES.get(obj.kind) if obj is not None else None
        if handler is not None and obj is not None and handler(fr, ref, obj, index, value, pos):
            continue
        if obj is not None and obj.kind == "inst" and isinstance(obj.cls, Class):
            method, _ = find_member(fr, obj.cls, "__setitem__")
            if method is not None:
                fr.engine.call(fr, bind(fr, method, ref, obj.cls, "__setitem__", pos), [index, value], {}, pos)
                continue
        owner = ref.name or ref.hint
        if index.is_constant() and len(index.consts) == 1:
            key = index.consts[0]
            if isinstance(key, str):
                value = fr.named(value, key, owner, pos)
            if obj is not None and obj.kind in CONTAINERS:
                if obj.kind != "dict" and isinstance(key, int) and key < 0 and obj.exact:
                    key += len(obj.fields)
                if obj.kind != "dict" and not (obj.exact and key in obj.fields):
                    _weaken(fr, ref, obj, index, value)
                    continue
                set_field(fr, ref, key, value, strong)
            else:
                set_field(fr, ref, ("k", key), value, strong)
        else:
            _weaken(fr, ref, obj, index, value)


def _weaken(fr: Frame, ref: Ref, obj: Obj | None, index: Value, value: Value) -> None:
    """A write under a key that is not known: it may be any."""
    if obj is None:
        obj = Obj("overlay")
        chain(fr, ref)
    for item in value.refs:
        fr.engine.kept.add(item)
    if obj.kind in SEQUENCES and obj.exact:
        fields = {key: fr.domain.join(old, value) for key, old in obj.fields.items()}
        fr.put(ref, obj.replace(fields=fields))
        return
    shown = Value(index.refs, index.labels, index.consts, index.other)
    fr.put(ref, obj.replace(rest=fr.domain.join(obj.rest, value), keys=fr.domain.join(obj.keys, shown)))


def delete_item(fr: Frame, target: Value, index: Value, pos: int) -> Value:
    """`del target[index]`, also what `pop` takes out; gives what was there."""
    removed = read_item(fr, target, index, pos)
    strong = len(target.refs) == 1 and index.is_constant() and len(index.consts) == 1
    for ref in target.refs:
        obj = fr.obj(ref)
        if not strong or ref.kind == "ext":
            continue
        key = index.consts[0]
        if obj is None or obj.kind not in CONTAINERS:
            set_field(fr, ref, ("k", key), CLEAN, True)
            continue
        if obj.multi or fr.engine.is_shared(fr, ref):
            continue
        if obj.kind == "dict":
            if key in obj.fields:
                fr.put(ref, obj.replace(fields={k: v for k, v in obj.fields.items() if k != key}))
        elif obj.exact and isinstance(key, int):
            rows = [obj.fields[i] for i in range(len(obj.fields)) if i in obj.fields]
            position = key + len(rows) if key < 0 else key
            if 0 <= position < len(rows):
                del rows[position]
            fr.put(ref, obj.replace(fields=dict(enumerate(rows))))
    return removed


# -- elements --------------------------------------------------------------------------


def known_elements(fr: Frame, value: Value, limit: int = 10) -> list[Value] | None:
    """The elements one by one, where the value is one list or tuple whose length is known, or constants."""
    if len(value.refs) == 1 and not value.labels and not value.consts and not value.other:
        obj = fr.obj(value.refs[0])
        if obj is not None and obj.kind in SEQUENCES and obj.exact and len(obj.fields) <= limit and not obj.multi:
            return [obj.fields[i] for i in range(len(obj.fields))]
        if obj is not None and obj.kind == "inst" and isinstance(obj.cls, Class) and obj.cls.traits.get("sequence"):
            names = [name for name, item in obj.cls.fields.items() if item.in_init]
            return [read_ref_attr(fr, value.refs[0], name, 0) for name in names]
    return None


def iterate(fr: Frame, value: Value, pos: int) -> Value:
    """One element of what is iterated over."""
    domain = fr.domain
    result = BOTTOM
    for ref in value.refs:
        obj = fr.obj(ref)
        guards = guards_of(value, ref)
        if ref.kind == "ext":
            result = domain.join(result, fr.opaque(fr.ctx.opaque(pos, ("element", ref))))
        elif obj is None or obj.kind == "overlay":
            child = ref.child(("i",), fr.place(pos))
            result = domain.join(result, fr.opaque(child, guards))
        elif obj.kind in ("list", "tuple", "set"):
            result = domain.join(result, domain.join_all(obj.values()))
        elif obj.kind == "gen":
            result = domain.join(result, obj.rest)
        elif obj.kind == "dict":
            result = domain.join(result, dict_keys(fr, obj))
        elif obj.kind in kinds.ITERATION:
            result = domain.join(result, kinds.ITERATION[obj.kind](fr, ref, obj, pos))
        elif obj.kind == "inst" and isinstance(obj.cls, Class):
            result = domain.join(result, _iterate_instance(fr, ref, obj.cls, pos, guards))
        else:
            result = domain.join(result, fr.opaque(ref.child(("i",), fr.place(pos)), guards))
    rest = scalar_labels(value) if not value.refs else {}
    if rest or value.other or value.consts:
        result = domain.join(result, scalar(rest))
    return result if not result.is_bottom() else CLEAN


def _iterate_instance(fr: Frame, ref: Ref, cls: Class, pos: int, guards: Facts) -> Value:
    for name in ("__iter__", "__aiter__"):
        method, _ = find_member(fr, cls, name)
        if method is not None:
            made = fr.engine.call(fr, bind(fr, method, ref, cls, name, pos), [], {}, pos)
            if made.refs == (ref,):
                break
            return iterate(fr, made, pos)
    for name in ("__next__", "__anext__"):
        method, _ = find_member(fr, cls, name)
        if method is not None:
            return fr.engine.call(fr, bind(fr, method, ref, cls, name, pos), [], {}, pos)
    if cls.traits.get("sequence"):
        return fr.domain.join_all(read_ref_attr(fr, ref, field, pos) for field in cls.fields)
    answer = kinds.iterate_trait(fr, ref, cls, pos)
    return answer if answer is not None else fr.opaque(ref.child(("i",), fr.place(pos)), guards)


def dict_keys(fr: Frame, obj: Obj) -> Value:
    """The keys of a dictionary as one value."""
    keys = obj.keys
    for key in obj.fields:
        keys = fr.domain.join(keys, constant(key))
    return keys if not keys.is_bottom() else CLEAN


def make_sequence(fr: Frame, kind: str, values: list[Value], pos: int, tag: Any) -> Value:
    """A list or tuple of these elements, or a set that holds them."""
    for value in values:
        for ref in value.refs:
            fr.engine.kept.add(ref)
    if kind == "set":
        return fr.alloc(pos, tag, Obj("set", None, {}, fr.domain.join_all(values)))
    return fr.alloc(pos, tag, Obj(kind, None, dict(enumerate(values)), exact=True))


def make_collection(fr: Frame, kind: str, element: Value, pos: int, tag: Any) -> Value:
    """A list, set or generator of any number of like elements."""
    for ref in element.refs:
        fr.engine.kept.add(ref)
    return fr.alloc(pos, tag, Obj(kind, None, {}, element))


__all__ = ["Function", "iterate", "read_attr", "read_item", "write_attr", "write_item"]
