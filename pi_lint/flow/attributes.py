"""Reading and writing attributes of values.

user.phone          opaque user          -> opaque user.phone
self.phone          instance of a class  -> its field, a property's result, a bound method
"""

from __future__ import annotations

from typing import Any

from pi_lint.flow import kinds
from pi_lint.flow.domain import BOTTOM, CLEAN, Facts, Held, Labels, Pi, Ref, Value, constant, scalar
from pi_lint.flow.frame import Frame
from pi_lint.flow.heap import CONTAINERS, Obj
from pi_lint.flow.members import bind, field_of, find_member, library_base, unwrap_method
from pi_lint.flow.naming import constructor_owner
from pi_lint.project.program import Class


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


def read_attr(fr: Frame, value: Value, name: str, pos: int) -> Value:
    """`value.name` for everything the value may be."""
    domain = fr.domain
    result = BOTTOM
    for ref in value.refs:
        result = domain.join(result, read_ref_attr(fr, ref, name, pos, guards_of(value, ref)))
    labels = part_labels(value) if not value.refs else {}
    if labels or (not value.refs and (value.other or value.consts)):
        result = domain.join(result, scalar(labels) if labels else CLEAN)
    return result


def part_labels(value: Value) -> Labels:
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


def declared_field(fr: Frame, ref: Ref, cls: Class, name: str, pos: int) -> Value:
    """A field that nothing was written to: judged by its declaration, then by its name and class."""
    ref.owner = ref.owner or cls.name
    declared = field_of(cls, name)
    child = ref.child(("a", name), fr.place(pos))
    if child is ref:
        return fr.opaque(ref)
    if declared is None:
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
        return fr.engine.library.collection_of(fr, child, target)
    child.kind = "alloc"
    child.owner = target.name
    if fr.live.heap.get(child) is None:
        fr.put(child, Obj("inst", target))
    return Value((child,))


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
            owner = constructor_owner(fr.knowledge, fr.function) or owner
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
    fr.keep(value)
    if strong and not obj.multi:
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
