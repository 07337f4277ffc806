"""Laws of the lattice of values: joins commute, associate, are idempotent and give an upper bound.

Widths are bounded (`MAX_REFS` and its like), and where a bound cuts, the laws hold for what is kept only: the
generated values stay below the bounds, and the bounds have tests of their own.
"""

from __future__ import annotations

from collections.abc import Hashable

from hypothesis import given, settings
from hypothesis import strategies as st

from pi_lint.flow.domain import (
    BOTTOM,
    CLEAN,
    CUT,
    MAX_CONSTS,
    MAX_LABELS,
    MAX_PATH,
    MAX_REFS,
    Domain,
    Kept,
    Label,
    Labels,
    Ref,
    Value,
    constant,
    has_constant,
    same_constant,
    scalar,
)

DOMAIN = Domain()
ROOTS = [Ref("opaque", None, ("p", name), name, None) for name in ("user", "order")]
REFS = [*ROOTS, *(root.child(("a", field)) for root in ROOTS for field in ("phone", "email"))]
FACTS = [DOMAIN.fact("true", ref) for ref in ROOTS]

refs = st.sampled_from(REFS)
facts = st.frozensets(st.sampled_from(FACTS))
ranges = st.tuples(st.sampled_from([None, 0, 3]), st.sampled_from([None, 7, -4]))
kept: st.SearchStrategy[Kept] = st.none() | st.frozensets(ranges, min_size=1, max_size=2)
protections = st.sampled_from([(), ("mask",), ("mask", "hash")])
labels = st.builds(DOMAIN.label, refs, protections, kept, facts)
consts = st.sampled_from([None, True, 1, 1.0, "x", b"x"])  # no more than MAX_CONSTS of them


@st.composite
def values(draw: st.DrawFn) -> Value:
    """A value with few parts, its labels in the normal form that joins give."""
    found = draw(st.lists(refs, max_size=3, unique=True))
    parts: list[Labels] = [{label: None} for label in draw(st.lists(labels, max_size=4))]
    held: Labels = {}
    for part in parts:
        held = DOMAIN.join_labels(held, part)
    known: list[object] = []
    for item in draw(st.lists(consts, max_size=2)):
        if not has_constant(known, item):
            known.append(item)
    return Value(tuple(found), dict(held), tuple(known), draw(st.booleans()))


def content(value: Value) -> Hashable:
    """What a value says, without the order in which it was put together."""
    known = frozenset((type(item).__name__, item) for item in value.consts)
    return frozenset(value.refs), frozenset(value.labels), known, value.other


def covers(larger: Value, smaller: Value) -> bool:
    """Whether every reference, label and constant of a value is allowed for by another one."""
    return (
        set(smaller.refs) <= set(larger.refs)
        and all(any(label_covers(above, label) for above in larger.labels) for label in smaller.labels)
        and (larger.other or not smaller.other)
        and all(has_constant(larger.consts, item) or larger.other for item in smaller.consts)
    )


def label_covers(larger: Label, smaller: Label) -> bool:
    """One label shows at least as much of the same source under no more guards."""
    same = larger.source is smaller.source and larger.protections == smaller.protections
    whole = larger.kept is None or (smaller.kept is not None and smaller.kept <= larger.kept)
    return same and whole and larger.guards <= smaller.guards


@given(values(), values())
def test_join_commutes(left: Value, right: Value) -> None:
    assert content(DOMAIN.join(left, right)) == content(DOMAIN.join(right, left))


@given(values(), values(), values())
@settings(max_examples=200)
def test_join_associates(one: Value, two: Value, three: Value) -> None:
    first = DOMAIN.join(DOMAIN.join(one, two), three)
    assert content(first) == content(DOMAIN.join(one, DOMAIN.join(two, three)))


@given(values())
def test_join_is_idempotent(value: Value) -> None:
    assert content(DOMAIN.join(value, value)) == content(value)
    twin = Value(value.refs, dict(value.labels), value.consts, value.other)
    assert content(DOMAIN.join(value, twin)) == content(value)


@given(values(), values())
def test_join_is_an_upper_bound(left: Value, right: Value) -> None:
    joined = DOMAIN.join(left, right)
    assert covers(joined, left)
    assert covers(joined, right)


@given(values(), values())
def test_join_absorbs_what_it_covers(left: Value, right: Value) -> None:
    joined = DOMAIN.join(left, right)
    assert content(DOMAIN.join(joined, left)) == content(joined)
    assert content(DOMAIN.join(joined, right)) == content(joined)


@given(values())
def test_bottom_changes_nothing(value: Value) -> None:
    assert content(DOMAIN.join(value, BOTTOM)) == content(value)
    assert content(DOMAIN.join(BOTTOM, value)) == content(value)


@given(st.lists(values(), max_size=4))
def test_join_all_does_not_depend_on_the_order(parts: list[Value]) -> None:
    assert content(DOMAIN.join_all(parts)) == content(DOMAIN.join_all(parts[::-1]))


@given(st.lists(values(), min_size=1, max_size=30))
def test_chains_end(parts: list[Value]) -> None:
    """Joining the same values again and again stops changing after one round."""
    value = DOMAIN.join_all(parts)
    assert content(DOMAIN.join_all([value, *parts])) == content(value)


@given(values(), facts)
def test_a_guard_only_takes_away(value: Value, held: frozenset) -> None:  # type: ignore[type-arg]
    guarded = DOMAIN.guard(value, held)
    assert covers(value, guarded)
    assert guarded.refs == value.refs
    assert all(held <= label.guards for label in guarded.labels)


@given(values(), protections, ranges)
def test_a_slice_shows_no_more_than_the_value(value: Value, applied: tuple[str, ...], part: tuple[int, int]) -> None:
    shown = DOMAIN.map_labels(value, applied, frozenset([part]))
    assert len(shown) <= len(value.labels)
    assert {label.source for label in shown} == {label.source for label in value.labels}
    assert all(label.kept is not None for label in shown)
    assert all(label.protections[-len(applied) :] == applied for label in shown if applied)


@given(labels, facts)
def test_labels_are_interned(label: Label, held: frozenset) -> None:  # type: ignore[type-arg]
    assert DOMAIN.label(label.source, label.protections, label.kept, label.guards) is label
    assert (DOMAIN.label(label.source, guards=held) is label) == (
        label.guards == held and not label.protections and label.kept is None
    )


@given(consts, consts)
def test_constants_are_told_apart_by_type(left: object, right: object) -> None:
    assert same_constant(left, right) == (repr(left) == repr(right))


def test_widths_are_bounded() -> None:
    many = [Ref("opaque", None, ("p", str(number)), str(number), None) for number in range(MAX_LABELS * 2)]
    whole = DOMAIN.join_all(DOMAIN.opaque(ref) for ref in many)
    assert len(whole.refs) == MAX_REFS
    assert len(whole.labels) == MAX_LABELS
    numbers = DOMAIN.join_all(constant(number) for number in range(MAX_CONSTS + 1))
    assert numbers.consts == (CUT,)
    assert numbers.other


def test_a_cut_set_of_constants_stays_cut() -> None:
    parts = [constant(number) for number in range(MAX_CONSTS + 2)]
    cut = DOMAIN.join_all(parts)
    assert content(DOMAIN.join_all([cut, *parts])) == content(cut)
    assert content(DOMAIN.join_all(parts)) == content(DOMAIN.join_all(parts[::-1]))


def test_paths_are_bounded() -> None:
    ref = ROOTS[0]
    for number in range(MAX_PATH * 2):
        ref = ref.child(("a", f"next{number}"))
    assert ref.depth <= MAX_PATH
    assert len(ref.path()) == ref.depth + 1


def test_a_part_and_the_whole_make_the_whole() -> None:
    part = DOMAIN.label(REFS[2], kept=frozenset([(0, 3)]))
    other = DOMAIN.label(REFS[2], kept=frozenset([(-4, None)]))
    whole = DOMAIN.label(REFS[2])
    assert set(DOMAIN.join_labels({part: None}, {other: None})) == {
        DOMAIN.label(REFS[2], kept=frozenset([(0, 3), (-4, None)]))
    }
    assert set(DOMAIN.join_labels({part: None}, {whole: None})) == {whole}


def test_only_the_guards_of_both_ways_are_left() -> None:
    both, one = DOMAIN.label(REFS[2], guards=frozenset(FACTS)), DOMAIN.label(REFS[2], guards=frozenset(FACTS[:1]))
    assert set(DOMAIN.join_labels({both: None}, {one: None})) == {one}
    assert content(scalar({})) == content(CLEAN)
