"""The abstract domain: references, labels, facts and values, and how they join.

A *value* is what a variable may hold at one point of the program:

    email = user.email                      refs (user.email)     labels {user.email}
    payload = {"to": email, "n": 1}         refs (dict@line 2)    labels {}
    text = f"mail {email}"                  refs ()               labels {user.email}
    flag = email is not None                refs ()               labels {}      test: not-none

A *reference* is an abstract object. Known objects (dictionaries, instances, functions)
live in the heap under a reference of kind "alloc"; unknown ones (a parameter, the result
of a call that cannot be resolved, a field of such a thing) are "opaque" and are named by
their access path, so that reading the same path twice gives the same reference. "ext"
references are names of libraries.

A *label* says that a scalar shows something of a source: of an opaque reference, of a
column or parameter declared to be PI, or of a variable whose name alone says so. It
carries the protections applied, the part of the text that is kept by slices, and the
guards that held where the value was let through (SPEC 8.17).

References and labels are interned: equality is identity, and joins are cheap. Nothing
here knows of Python syntax, of libraries or of rule codes.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

Op = tuple[Any, ...]
Place = tuple[int, int]  # (index of the module in the program, pos)
MAX_PATH: Final = 7
MAX_REFS: Final = 12
MAX_LABELS: Final = 40
MAX_CONSTS: Final = 6
MAX_CONST_TEXT: Final = 400


class Ref:
    """An abstract object; see the module docstring. Compared by identity.

    kind: "alloc", "opaque" or "ext". op: how it is reached from `parent`: ("a", attribute),
    ("k", constant key), ("i",) an element, or what made a root. name: what the program
    calls it, for owners and receivers. tname: the resolved dotted name or type, if known.
    """

    __slots__ = (
        "children",
        "depth",
        "hint",
        "info",
        "kind",
        "maker",
        "name",
        "op",
        "owner",
        "parent",
        "place",
        "tname",
    )

    def __init__(self, kind: str, parent: Ref | None, op: Op, name: str, place: Place | None) -> None:
        self.kind = kind
        self.parent = parent
        self.op = op
        self.name = name
        self.place = place
        self.depth: int = parent.depth + 1 if parent is not None else 0
        self.children: dict[Op, Ref] = {}
        self.hint: str = ""
        self.tname: str | None = None
        self.info: Any = None
        self.owner: str = ""
        self.maker: Any = None

    def child(self, op: Op, place: Place | None = None) -> Ref:
        """The opaque reference one step further; itself where the path would grow too long."""
        found = self.children.get(op)
        if found is None:
            if self.depth >= MAX_PATH:
                return self
            name = op[1] if len(op) > 1 and op[0] in ("a", "k") and isinstance(op[1], str) else ""
            found = Ref("opaque", self, op, name, place)
            self.children[op] = found
        return found

    def root(self) -> Ref:
        """The reference that the path starts from."""
        ref = self
        while ref.parent is not None:
            ref = ref.parent
        return ref

    def path(self) -> list[Ref]:
        """The references from the root to this one."""
        found = [self]
        while found[-1].parent is not None:
            found.append(found[-1].parent)
        return found[::-1]

    def text(self) -> str:
        """The path as a person would write it: `user.profile["phone"]`."""
        parts = []
        for ref in self.path():
            if ref.parent is None:
                parts.append(ref.hint or ref.name or "…")
            elif ref.op[0] == "a":
                parts.append(f".{ref.op[1]}")
            elif ref.op[0] == "k":
                parts.append(f"[{ref.op[1]!r}]")
            else:
                parts.append("[…]")
        return "".join(parts)

    def __repr__(self) -> str:
        return f"<{self.kind} {self.text()}>"


class Pi:
    """A source declared to be PI: a column, a marked field, a header (interned by the engine)."""

    __slots__ = ("category", "confidence", "expression", "owner", "place")

    def __init__(self, category: str, expression: str, owner: Ref | None, place: Place | None, confidence: str) -> None:
        self.category = category
        self.expression = expression
        self.owner = owner
        self.place = place
        self.confidence = confidence

    def __repr__(self) -> str:
        return f"<pi {self.category} {self.expression}>"


class Named:
    """A variable, field or key whose name judges an otherwise unknown value (SPEC 8.22)."""

    __slots__ = ("name", "owner", "place", "under")

    def __init__(self, name: str, owner: str, under: Ref, place: Place | None) -> None:
        self.name = name
        self.owner = owner
        self.under = under
        self.place = place

    def __repr__(self) -> str:
        return f"<named {self.name} of {self.under!r}>"


class Held:
    """A source read from a field of a person's record, into which another one's field was put."""

    __slots__ = ("inner", "owner")

    def __init__(self, inner: Ref | Pi | Named, owner: Ref) -> None:
        self.inner = inner
        self.owner = owner

    def __repr__(self) -> str:
        return f"<held {self.inner!r} by {self.owner!r}>"


Source = Ref | Pi | Named | Held
Kept = frozenset[tuple[int | None, int | None]] | None  # None: everything is kept


class Fact:
    """Something that holds here: `op` of a reference, and a constant where it compares. Interned."""

    __slots__ = ("const", "op", "ref")

    def __init__(self, op: str, ref: Ref, const: object) -> None:
        self.op = op
        self.ref = ref
        self.const = const

    def __repr__(self) -> str:
        return f"<{self.op} {self.ref.text()} {self.const!r}>"


Facts = frozenset[Fact]
NO_FACTS: Final[Facts] = frozenset()


class Label:
    """A source as far as a scalar shows it; interned through `Domain.label`."""

    __slots__ = ("guards", "kept", "protections", "source")

    def __init__(self, source: Source, protections: tuple[str, ...], kept: Kept, guards: Facts) -> None:
        self.source = source
        self.protections = protections
        self.kept = kept
        self.guards = guards

    def __repr__(self) -> str:
        return f"<label {self.source!r} {self.protections} {self.kept} {set(self.guards) or ''}>"


Trace = tuple[Any, ...] | None  # (previous Trace, kind, Place) linked backwards from the sink
Labels = dict[Label, Trace]
Test = tuple[Facts, Facts]


class Value:
    """What an expression may be: references × labels × constants (immutable by convention).

    other: it may be some scalar besides `consts` that shows nothing. test: the facts that
    its truth and its falsity would establish.
    """

    __slots__ = ("consts", "labels", "other", "refs", "test")

    def __init__(
        self,
        refs: tuple[Ref, ...] = (),
        labels: Labels | None = None,
        consts: tuple[Any, ...] = (),
        other: bool = False,
        test: Test | None = None,
    ) -> None:
        self.refs = refs
        self.labels: Labels = labels if labels is not None else _NO_LABELS
        self.consts = consts
        self.other = other
        self.test = test

    def is_bottom(self) -> bool:
        """Nothing at all reaches here."""
        return not (self.refs or self.labels or self.consts or self.other)

    def is_constant(self) -> bool:
        """Only known constants are possible."""
        return bool(self.consts) and not (self.refs or self.labels or self.other)

    def constant(self) -> Any:
        """The one constant it must be; raises LookupError where there is none or more."""
        if len(self.consts) == 1 and not (self.refs or self.labels or self.other):
            return self.consts[0]
        raise LookupError

    def with_test(self, test: Test | None) -> Value:
        """The same value with other facts on its truth."""
        return Value(self.refs, self.labels, self.consts, self.other, test)

    def __repr__(self) -> str:
        parts = [repr(ref) for ref in self.refs] + [repr(label) for label in self.labels]
        return f"Value({', '.join(parts)} consts={self.consts!r} other={self.other})"


class _Cut:
    """Stands among constants for "too many to keep"; equal to nothing else, so that a cut set stays cut."""

    def __repr__(self) -> str:
        return "<many>"


CUT: Final = _Cut()
# Among a label's protections: it went through a bound, where parts of an object could not be told apart (SPEC 8.31).
CUT_MARK: Final = "cut"
_NO_LABELS: Final[Labels] = {}
BOTTOM: Final = Value()
CLEAN: Final = Value(other=True)
NONE: Final = Value(consts=(None,))
TRUE: Final = Value(consts=(True,))
FALSE: Final = Value(consts=(False,))


def constant(value: object) -> Value:
    """The value that is one constant; long texts are kept only as a clean scalar."""
    if isinstance(value, (str, bytes)) and len(value) > MAX_CONST_TEXT * 10:
        return CLEAN
    return Value(consts=(value,))


def same_constant(left: object, right: object) -> bool:
    """Equality of constants that keeps 1, 1.0 and True apart."""
    return type(left) is type(right) and left == right


def has_constant(consts: Iterable[object], value: object) -> bool:
    """Whether a constant is among others, by `same_constant`."""
    return any(same_constant(item, value) for item in consts)


class Domain:
    """Interns labels, facts and declared sources, and joins values.

    One a run; it holds the only tables that compare by content.
    """

    def __init__(self) -> None:
        self._labels: dict[tuple[Source, tuple[str, ...], Kept, Facts], Label] = {}
        self._facts: dict[tuple[str, Ref, str, object], Fact] = {}
        self._pis: dict[tuple[str, str, Ref | None, Place | None], Pi] = {}
        self._named: dict[tuple[str, str, Ref], Named] = {}
        self._held: dict[tuple[Source, Ref], Held] = {}

    def label(
        self, source: Source, protections: tuple[str, ...] = (), kept: Kept = None, guards: Facts = NO_FACTS
    ) -> Label:
        """The one label with this content."""
        key = (source, protections, kept, guards)
        found = self._labels.get(key)
        if found is None:
            found = self._labels[key] = Label(source, protections, kept, guards)
        return found

    def fact(self, op: str, ref: Ref, const: object = None) -> Fact:
        """The one fact with this content."""
        key = (op, ref, type(const).__name__, const)
        found = self._facts.get(key)
        if found is None:
            found = self._facts[key] = Fact(op, ref, const)
        return found

    def pi(
        self, category: str, expression: str, owner: Ref | None, place: Place | None, confidence: str = "high"
    ) -> Pi:
        """The one declared source with this content."""
        key = (category, expression, owner, place)
        found = self._pis.get(key)
        if found is None:
            found = self._pis[key] = Pi(category, expression, owner, place, confidence)
        return found

    def named(self, name: str, owner: str, under: Ref, place: Place | None) -> Named:
        """The one naming of an unknown value; the first place that named it is kept."""
        key = (name, owner, under)
        found = self._named.get(key)
        if found is None:
            found = self._named[key] = Named(name, owner, under, place)
        return found

    def held(self, inner: Ref | Pi | Named, owner: Ref) -> Held:
        """The one holding of a source by an owner."""
        key = (inner, owner)
        found = self._held.get(key)
        if found is None:
            found = self._held[key] = Held(inner, owner)
        return found

    def opaque(self, ref: Ref) -> Value:
        """The value that is just this unknown object."""
        return Value((ref,), {self.label(ref): None})

    def join_labels(self, left: Labels, right: Labels) -> Labels:
        """Union; of one source, parts kept by slices add up and guards are intersected."""
        if not right or left is right:
            return left
        if not left:
            return right
        if len(right) <= len(left) and all(label in left for label in right):
            return left
        merged = {**right, **left}
        if any(label.kept is not None or label.guards for label in merged):
            merged = self._normalise(merged)
        if len(merged) > MAX_LABELS:
            merged = dict(list(merged.items())[:MAX_LABELS])
        return merged

    def _normalise(self, labels: Labels) -> Labels:
        groups: dict[tuple[Source, tuple[str, ...]], list[Label]] = {}
        for label in labels:
            groups.setdefault((label.source, label.protections), []).append(label)
        result: Labels = {}
        for (source, protections), group in groups.items():
            if len(group) == 1:
                result[group[0]] = labels[group[0]]
                continue
            kept: Kept = frozenset()
            guards = group[0].guards
            for label in group:
                kept = None if kept is None or label.kept is None else kept | label.kept
                guards = guards & label.guards
            result[self.label(source, protections, kept, guards)] = labels[group[0]]
        return result

    def join(self, left: Value, right: Value) -> Value:
        """The least value that covers both."""
        if left is right or right is BOTTOM:
            return left
        if left is BOTTOM:
            return right
        refs = left.refs
        for ref in right.refs:
            if ref not in refs:
                refs = (*refs, ref)
        if len(refs) > MAX_REFS:
            refs = refs[:MAX_REFS]
        consts = left.consts
        other = left.other or right.other
        for value in right.consts:
            if not has_constant(consts, value):
                consts = (*consts, value)
        if len(consts) > MAX_CONSTS or CUT in consts:
            consts, other = (CUT,), True
        test = left.test if left.test == right.test else None
        return Value(refs, self.join_labels(left.labels, right.labels), consts, other, test)

    def join_all(self, values: Iterable[Value]) -> Value:
        """The join of any number of values."""
        result = BOTTOM
        for value in values:
            result = self.join(result, value)
        return result

    def map_labels(self, value: Value, protections: tuple[str, ...] = (), kept: Kept = None) -> Labels:
        """The value's labels with protections added and, for a slice, less kept."""
        result: Labels = {}
        for label, trace in value.labels.items():
            new_kept = label.kept
            if kept is not None:
                new_kept = kept if label.kept is None else label.kept
            combined = (*label.protections, *protections)[-4:]
            result[self.label(label.source, combined, new_kept, label.guards)] = trace
        return result

    def guard(self, value: Value, facts: Facts) -> Value:
        """The value as one that was let through where these facts held (SPEC 8.17)."""
        if not facts or not value.labels:
            return value
        labels: Labels = {}
        for label, trace in value.labels.items():
            labels[self.label(label.source, label.protections, label.kept, label.guards | facts)] = trace
        return Value(value.refs, labels, value.consts, value.other, value.test)


def scalar(labels: Labels) -> Value:
    """A scalar that shows these labels and may be anything else besides."""
    return Value((), labels, (), True) if labels else CLEAN
