"""Lists, sets and queues: how they are made, their methods, copies."""

from __future__ import annotations

from pi_lint.flow.arguments import Arguments
from pi_lint.flow.domain import BOTTOM, NONE, Ref, Value
from pi_lint.flow.elements import iterate, known_elements, make_collection, make_sequence
from pi_lint.flow.frame import Frame
from pi_lint.flow.heap import Obj
from pi_lint.flow.kinds import behaviour
from pi_lint.knowledge.compiled import CallSpec

Receiver = Value | None


def known_objects(fr: Frame, receiver: Receiver) -> list[tuple[Ref, Obj]]:
    """The objects that a receiver may be, of those whose contents are known."""
    found = []
    for ref in receiver.refs if receiver is not None else ():
        obj = fr.obj(ref)
        if obj is not None:
            found.append((ref, obj))
    return found


def kept(fr: Frame, value: Value) -> Value:
    """A value that a container holds from now on."""
    fr.keep(value)
    return value


# -- making ----------------------------------------------------------------------------


@behaviour("make-list")
def make_list(fr: Frame, spec: CallSpec, receiver: Receiver, arguments: Arguments, pos: int) -> Value:
    """`list(x)`, `tuple(x)`, `set(x)`, `deque(x)`, `sorted(x)`, `reversed(x)`; option kind, shuffled."""
    kind = str(spec.options.get("kind", "list"))
    source = arguments.pos[0] if arguments.pos else BOTTOM
    if spec.options.get("queue"):
        return fr.alloc(pos, "made", Obj("list", "queue"))
    if source is BOTTOM:
        return make_sequence(fr, kind, [], pos, "made")
    if any((obj := fr.obj(ref)) is not None and obj.kind == "query" for ref in source.refs) and kind == "list":
        return source
    known = known_elements(fr, source, 50)
    if known is not None and not spec.options.get("shuffled"):
        if spec.options.get("reversed"):
            known = known[::-1]
        return make_sequence(fr, kind, known, pos, "made")
    if not source.refs and source.labels:  # the characters of a text
        return Value((), source.labels, (), True)
    element = fr.domain.guard(iterate(fr, source, pos), fr.engine.element_facts(fr, source, BOTTOM))
    return make_collection(fr, kind, element, pos, "made")


@behaviour("copy-of")
def copy_of(fr: Frame, spec: CallSpec, receiver: Receiver, arguments: Arguments, pos: int) -> Value:
    """`x.copy()`, `copy.copy(x)`, `copy.deepcopy(x)`: option deep copies what it holds as well."""
    source = receiver if receiver is not None else arguments.pos[0] if arguments.pos else BOTTOM
    return copied(fr, source, pos, bool(spec.options.get("deep")))


def copied(fr: Frame, source: Value, pos: int, deep: bool) -> Value:
    """A copy of every known object that a value may be; unknown ones stay the same."""
    done: dict[Ref, Ref] = {}

    def one(ref: Ref, depth: int) -> Ref:
        obj = fr.obj(ref)
        if obj is None or obj.kind in ("func", "class", "module", "bound") or depth > 8:
            return ref
        if ref in done:
            return done[ref]
        new = fr.ctx.alloc(pos, ("copy", ref), ref.name, ref.tname)
        new.owner = ref.owner
        done[ref] = new
        if deep:
            obj = obj.replace(
                fields={key: deeper(value, depth) for key, value in obj.fields.items()}, rest=deeper(obj.rest, depth)
            )
        fr.put(new, obj.replace(multi=False))
        return new

    def deeper(value: Value, depth: int) -> Value:
        if not any(ref.kind == "alloc" for ref in value.refs):
            return value
        refs = tuple(one(ref, depth + 1) if ref.kind == "alloc" else ref for ref in value.refs)
        return Value(refs, value.labels, value.consts, value.other, value.test)

    refs = tuple(one(ref, 0) if ref.kind == "alloc" else ref for ref in source.refs)
    return Value(refs, source.labels, source.consts, source.other, source.test)


# -- lists and sets --------------------------------------------------------------------


def add(fr: Frame, receiver: Value, value: Value) -> None:
    """Put one more element into every list or set that the receiver may be."""
    fr.keep(value)
    for ref, obj in known_objects(fr, receiver):
        if obj.kind == "list" and obj.exact and len(receiver.refs) == 1 and not obj.multi and len(obj.fields) < 40:
            fields = dict(obj.fields)
            fields[len(fields)] = value
            fr.put(ref, obj.replace(fields=fields))
            continue
        if obj.kind == "list" and obj.exact:
            rest = fr.domain.join_all([*obj.values(), value])
            fr.put(ref, obj.replace(fields={}, rest=rest, exact=False))
            continue
        fr.put(ref, obj.replace(rest=fr.domain.join(obj.rest, value)))


@behaviour("append")
def append(fr: Frame, spec: CallSpec, receiver: Receiver, arguments: Arguments, pos: int) -> Value | None:
    """`xs.append(x)`, `s.add(x)`, `q.put(x)`."""
    if receiver is None or not arguments.pos:
        return None
    value = arguments.pos[-1] if spec.options.get("last") else arguments.pos[0]
    add(fr, receiver, value)
    for ref, obj in known_objects(fr, receiver):
        if obj.cls == "queue":
            fr.engine.put_late(fr, ref, value)
    return NONE


@behaviour("insert")
def insert(fr: Frame, spec: CallSpec, receiver: Receiver, arguments: Arguments, pos: int) -> Value | None:
    """`xs.insert(i, x)`."""
    if receiver is None or len(arguments.pos) < 2:
        return None
    value = kept(fr, arguments.pos[1])
    for ref, obj in known_objects(fr, receiver):
        if obj.exact and arguments.pos[0].is_constant() and not obj.multi and len(receiver.refs) == 1:
            rows = [obj.fields[i] for i in range(len(obj.fields))]
            rows.insert(arguments.pos[0].consts[0], value)
            fr.put(ref, obj.replace(fields=dict(enumerate(rows))))
        else:
            rest = fr.domain.join_all([*obj.values(), value])
            fr.put(ref, obj.replace(fields={}, rest=rest, exact=False))
    return NONE


@behaviour("extend")
def extend(fr: Frame, spec: CallSpec, receiver: Receiver, arguments: Arguments, pos: int) -> Value | None:
    """`xs.extend(ys)`."""
    if receiver is None or not arguments.pos:
        return None
    known = known_elements(fr, arguments.pos[0], 20)
    if known is not None:
        for value in known:
            add(fr, receiver, value)
        return NONE
    for ref, obj in known_objects(fr, receiver):
        rest = fr.domain.join_all([*obj.values(), iterate(fr, arguments.pos[0], pos)])
        fr.put(ref, obj.replace(fields={}, rest=kept(fr, rest), exact=False))
    return NONE


@behaviour("clear")
def clear(fr: Frame, spec: CallSpec, receiver: Receiver, arguments: Arguments, pos: int) -> Value | None:
    """`xs.clear()`."""
    objects = known_objects(fr, receiver)
    for ref, obj in objects:
        if len(objects) == 1 and not obj.multi:
            fr.put(ref, Obj(obj.kind, obj.cls, {}, exact=obj.kind in ("list",)))
    return NONE


@behaviour("reorder")
def reorder(fr: Frame, spec: CallSpec, receiver: Receiver, arguments: Arguments, pos: int) -> Value | None:
    """`xs.sort()`, `xs.reverse()`: the same elements elsewhere."""
    for ref, obj in known_objects(fr, receiver):
        if obj.exact and spec.options.get("reversed"):
            rows = [obj.fields[i] for i in range(len(obj.fields))]
            fr.put(ref, obj.replace(fields=dict(enumerate(rows[::-1]))))
        elif obj.exact:
            fr.put(ref, obj.replace(fields={}, rest=fr.domain.join_all(obj.values()), exact=False))
    return NONE


@behaviour("combine")
def combine(fr: Frame, spec: CallSpec, receiver: Receiver, arguments: Arguments, pos: int) -> Value | None:
    """`s.union(t)` and the like: elements of both."""
    if receiver is None:
        return None
    element = iterate(fr, receiver, pos)
    for value in arguments.pos:
        element = fr.domain.join(element, iterate(fr, value, pos))
    return make_collection(fr, "set", element, pos, "combined")


@behaviour("take")
def take(fr: Frame, spec: CallSpec, receiver: Receiver, arguments: Arguments, pos: int) -> Value | None:
    """`q.get()`, `xs.popleft()`: one of what was put in; into a queue also later, by another task."""
    if receiver is None:
        return None
    result = iterate(fr, receiver, pos)
    for ref, obj in known_objects(fr, receiver):
        if obj.cls == "queue":
            later = ref.child(("late",))
            result = fr.domain.join(result, Value((), {fr.domain.label(later): None}, (), True))
    return result
