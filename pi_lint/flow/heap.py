"""The heap and the state: what known objects hold at one point, and how two branches meet.

A heap is a chain of layers, the newest first, so that a branch costs what it changes:

    row = {"id": 1}          layer 0: dict@1 {"id": 1}
    if public:
        row["x"] = 2         layer 1 (of the branch): dict@1 {"id": 1, "x": 2}
    # join: layer 0 again, with dict@1 {"id": 1, "x": 2 or missing}

An object is replaced, never changed. A reference that may stand for several concrete
objects (`multi`) takes weak updates only.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from pi_lint.flow.domain import BOTTOM, NO_FACTS, Domain, Facts, Ref, Value

SEQUENCES: Final = frozenset({"list", "tuple"})
CONTAINERS: Final = frozenset({"list", "tuple", "set", "dict", "gen"})
# Kinds of which a call hands back only the fields that it wrote; containers go back whole.
BY_FIELD = frozenset({"inst", "module", "class", "ext", "overlay", "scope"})


class Obj:
    """What one known object holds (immutable by convention; `replace` gives a changed copy).

    kind: "dict", "list", "tuple", "set", "inst", "ext", "func", "bound", "class", "module",
    "scope", "gen", "partial", "overlay" (what was written to an unknown object), or the name
    of a behaviour's own kind. cls: class, function or type name, by kind. fields: by constant
    key, index or attribute name; ("k", key) for items of what is no container. rest: values
    under unknown keys; keys: what the unknown keys show. exact: a sequence whose indices in
    `fields` are all it holds.
    """

    __slots__ = ("cls", "exact", "fields", "keys", "kind", "multi", "rest")

    def __init__(
        self,
        kind: str,
        cls: Any = None,
        fields: dict[Any, Value] | None = None,
        rest: Value = BOTTOM,
        keys: Value = BOTTOM,
        exact: bool = False,
        multi: bool = False,
    ) -> None:
        self.kind = kind
        self.cls = cls
        self.fields: dict[Any, Value] = fields if fields is not None else {}
        self.rest = rest
        self.keys = keys
        self.exact = exact
        self.multi = multi

    def replace(self, **changes: Any) -> Obj:
        """A copy with other contents."""
        return Obj(
            changes.get("kind", self.kind),
            changes.get("cls", self.cls),
            changes.get("fields", self.fields),
            changes.get("rest", self.rest),
            changes.get("keys", self.keys),
            changes.get("exact", self.exact),
            changes.get("multi", self.multi),
        )

    def with_field(self, key: Any, value: Value) -> Obj:
        """A copy in which one field is overwritten."""
        fields = dict(self.fields)
        fields[key] = value
        return self.replace(fields=fields)

    def values(self) -> Iterator[Value]:
        """Everything it holds."""
        yield from self.fields.values()
        if self.rest is not BOTTOM:
            yield self.rest

    def __repr__(self) -> str:
        return f"Obj({self.kind} {self.cls} {self.fields} rest={self.rest})"


def join_objects(domain: Domain, ref: Ref, left: Obj, right: Obj) -> Obj:
    """The object that covers both; what one side never wrote is as it was."""
    if left is right:
        return left
    if left.kind != right.kind:
        return left.replace(rest=domain.join(left.rest, domain.join_all(right.values())), multi=True)
    multi = left.multi or right.multi
    if left.exact and right.exact and left.fields.keys() != right.fields.keys():
        rest = domain.join_all([*left.values(), *right.values()])
        return left.replace(fields={}, rest=rest, exact=False, multi=multi)
    if left.exact != right.exact:
        rest = domain.join_all([*left.values(), *right.values()])
        return left.replace(fields={}, rest=rest, exact=False, multi=multi)
    fields: dict[Any, Value] = {}
    for key, value in left.fields.items():
        other = right.fields.get(key)
        fields[key] = domain.join(value, other if other is not None else _unwritten(domain, ref, left, key))
    for key, value in right.fields.items():
        if key not in fields:
            fields[key] = domain.join(value, _unwritten(domain, ref, right, key))
    return Obj(
        left.kind,
        left.cls if left.cls is not None else right.cls,
        fields,
        domain.join(left.rest, right.rest),
        domain.join(left.keys, right.keys),
        left.exact,
        multi,
    )


def _unwritten(domain: Domain, ref: Ref, obj: Obj, key: Any) -> Value:
    """What a field holds on the side that did not write it: itself, if the object is unknown."""
    if obj.kind == "overlay":
        return domain.opaque(ref.child(key if isinstance(key, tuple) else ("a", key)))
    return BOTTOM


class Heap:
    """A persistent map from references to objects, in layers."""

    __slots__ = ("depth", "own", "parent")

    def __init__(self, parent: Heap | None = None) -> None:
        self.parent = parent
        self.own: dict[Ref, Obj] = {}
        self.depth: int = parent.depth + 1 if parent is not None else 0

    def get(self, ref: Ref) -> Obj | None:
        """The object under a reference, or None for an unknown one."""
        heap: Heap | None = self
        while heap is not None:
            found = heap.own.get(ref)
            if found is not None:
                return found
            heap = heap.parent
        return None

    def put(self, ref: Ref, obj: Obj) -> None:
        """Replace an object in the newest layer."""
        self.own[ref] = obj

    def branch(self) -> Heap:
        """A heap that sees this one and keeps its changes to itself."""
        return Heap(self)

    def changes_since(self, base: Heap) -> dict[Ref, Obj]:
        """What the layers above `base` hold, the newest winning."""
        layers = []
        heap: Heap | None = self
        while heap is not None and heap is not base:
            layers.append(heap.own)
            heap = heap.parent
        merged: dict[Ref, Obj] = {}
        for own in reversed(layers):
            merged.update(own)
        return merged


def common_base(left: Heap, right: Heap) -> Heap:
    """The newest layer that both heaps see."""
    first: Heap = left
    second: Heap = right
    while first is not second:
        if first.depth >= second.depth and first.parent is not None:
            first = first.parent
        elif second.parent is not None:
            second = second.parent
        else:  # no common layer: both are roots
            break
    return first


def join_heaps(domain: Domain, left: Heap, right: Heap) -> Heap:
    """The heap after two branches: a layer over what they share."""
    if left is right:
        return left
    base = common_base(left, right)
    result = Heap(base)
    mine, theirs = left.changes_since(base), right.changes_since(base)
    for ref, obj in mine.items():
        other = theirs.get(ref) or base.get(ref) or _untouched(ref)
        result.own[ref] = obj if other is None else join_objects(domain, ref, obj, other)
    for ref, obj in theirs.items():
        if ref not in mine:
            other = base.get(ref) or _untouched(ref)
            result.own[ref] = obj if other is None else join_objects(domain, ref, obj, other)
    return result


def _untouched(ref: Ref) -> Obj | None:
    """An unknown object exists on every branch; a known one only where it was made."""
    return Obj("overlay") if ref.kind == "opaque" else None


class State:
    """One point of a function: local variables, heap, and the facts that must hold."""

    __slots__ = ("env", "facts", "heap")

    def __init__(self, env: dict[str, Value], heap: Heap, facts: Facts = NO_FACTS) -> None:
        self.env = env
        self.heap = heap
        self.facts = facts

    def branch(self) -> State:
        """A copy whose changes are its own."""
        return State(dict(self.env), self.heap.branch(), self.facts)


def join_states(domain: Domain, left: State | None, right: State | None) -> State | None:
    """The state after two branches meet; None is a branch that does not get here.

    What differs between the branches is marked with the facts that only its branch had.
    """
    if left is None:
        return right
    if right is None or left is right:
        return left
    facts = left.facts & right.facts
    left_lost, right_lost = left.facts - facts, right.facts - facts
    env: dict[str, Value] = {}
    for name, value in left.env.items():
        other = right.env.get(name)
        if other is value:
            env[name] = value
        elif other is None:
            env[name] = domain.guard(value, left_lost)
        else:
            env[name] = domain.join(domain.guard(value, left_lost), domain.guard(other, right_lost))
    for name, other in right.env.items():
        if name not in left.env:
            env[name] = domain.guard(other, right_lost)
    if left_lost or right_lost:
        base = common_base(left.heap, right.heap)
        left = State(env, _guard_heap(domain, left.heap, base, left_lost), left.facts)
        right = State(env, _guard_heap(domain, right.heap, base, right_lost), right.facts)
    return State(env, join_heaps(domain, left.heap, right.heap), facts)


def _guard_heap(domain: Domain, heap: Heap, base: Heap, facts: Facts) -> Heap:
    """Mark what a branch wrote to the heap with the facts that held in it."""
    if not facts:
        return heap
    result = Heap(base)
    for ref, obj in heap.changes_since(base).items():
        before = base.get(ref)
        fields = {
            key: value if before is not None and before.fields.get(key) is value else domain.guard(value, facts)
            for key, value in obj.fields.items()
        }
        rest = obj.rest if before is not None and before.rest is obj.rest else domain.guard(obj.rest, facts)
        result.own[ref] = obj.replace(fields=fields, rest=rest)
    return result


def same_value(left: Value | None, right: Value | None) -> bool:
    """Whether two values are the same set of possibilities."""
    if left is right:
        return True
    if left is None or right is None:
        return False
    return (
        left.refs == right.refs
        and left.labels.keys() == right.labels.keys()
        and left.consts == right.consts
        and left.other == right.other
    )


def same_state(new: State, old: State) -> bool:
    """Whether another pass through a loop has taught nothing."""
    if new.facts != old.facts or new.env.keys() != old.env.keys():
        return False
    if any(value is not old.env[name] and not same_value(value, old.env[name]) for name, value in new.env.items()):
        return False
    for ref, obj in new.heap.changes_since(old.heap).items():
        before = old.heap.get(ref)
        if before is None or before.fields.keys() != obj.fields.keys() or not same_value(before.rest, obj.rest):
            return False
        if any(not same_value(value, before.fields[key]) for key, value in obj.fields.items()):
            return False
    return True
