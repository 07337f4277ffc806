"""Python's functions over iterables: zip, enumerate, map, filter, and those that take elements."""

from __future__ import annotations

from pi_lint.flow.arguments import Arguments
from pi_lint.flow.behaviours.containers import Receiver
from pi_lint.flow.calls import call_value
from pi_lint.flow.conditions import decided, truth
from pi_lint.flow.domain import BOTTOM, CLEAN, Labels, Ref, Value, constant
from pi_lint.flow.elements import iterate, known_elements, make_collection, make_sequence
from pi_lint.flow.frame import Frame
from pi_lint.flow.heap import Obj
from pi_lint.flow.kinds import ITERATION, SHOWS, behaviour
from pi_lint.flow.show import shown
from pi_lint.knowledge.compiled import CallSpec


@behaviour("zip")
def zip_(fr: Frame, spec: CallSpec, receiver: Receiver, arguments: Arguments, pos: int) -> Value:
    """`zip(a, b)`: tuples of elements."""
    for value in arguments.pos:
        fr.keep(value)
    return fr.alloc(pos, "zip", Obj("zip", None, dict(enumerate(arguments.pos)), arguments.star))


def _iterate_zip(fr: Frame, ref: Ref, obj: Obj, pos: int) -> Value:
    values = [iterate(fr, obj.fields[i], pos) for i in range(len(obj.fields))]
    return make_sequence(fr, "tuple", values, pos, ("zipped", ref))


@behaviour("enumerate")
def enumerate_(fr: Frame, spec: CallSpec, receiver: Receiver, arguments: Arguments, pos: int) -> Value:
    """`enumerate(xs)`: pairs of a number and an element."""
    source = arguments.pos[0] if arguments.pos else BOTTOM
    known = known_elements(fr, source, 8)
    if known is not None:
        pairs = [make_sequence(fr, "tuple", [constant(i), v], pos, ("pair", i)) for i, v in enumerate(known)]
        return make_sequence(fr, "list", pairs, pos, "enumerate")
    element = fr.domain.guard(iterate(fr, source, pos), fr.engine.element_facts(fr, source, BOTTOM))
    return make_collection(fr, "gen", make_sequence(fr, "tuple", [CLEAN, element], pos, "pair"), pos, "enumerate")


@behaviour("map")
def map_(fr: Frame, spec: CallSpec, receiver: Receiver, arguments: Arguments, pos: int) -> Value:
    """`map(f, xs, ...)`: what the function gives for an element."""
    if not arguments.pos:
        return CLEAN
    elements = [iterate(fr, value, pos) for value in arguments.pos[1:]]
    result = call_value(fr, arguments.pos[0], Arguments(elements), pos)
    if fr.state is None:
        return BOTTOM
    return make_collection(fr, "gen", result, pos, "map")


@behaviour("filter")
def filter_(fr: Frame, spec: CallSpec, receiver: Receiver, arguments: Arguments, pos: int) -> Value:
    """`filter(f, xs)`: the elements, known to pass the test."""
    if len(arguments.pos) < 2:
        return CLEAN
    element = iterate(fr, arguments.pos[1], pos)
    test = call_value(fr, arguments.pos[0], Arguments([element]), pos)
    if fr.state is None:
        return BOTTOM
    if decided(fr, test) is False:
        return make_sequence(fr, "list", [], pos, "filter")
    facts = truth(fr, test)
    made = make_collection(fr, "gen", fr.domain.guard(element, facts), pos, "filter")
    return made


@behaviour("reduce")
def reduce_(fr: Frame, spec: CallSpec, receiver: Receiver, arguments: Arguments, pos: int) -> Value:
    """`reduce(f, xs, start)`: the function applied to what came out and an element, twice."""
    if len(arguments.pos) < 2:
        return CLEAN
    element = iterate(fr, arguments.pos[1], pos)
    result = arguments.pos[2] if len(arguments.pos) > 2 else element
    for _ in range(2):
        step = call_value(fr, arguments.pos[0], Arguments([result, element]), pos)
        if fr.state is None:
            return BOTTOM
        result = fr.domain.join(result, step)
    return result


@behaviour("element")
def element_of(fr: Frame, spec: CallSpec, receiver: Receiver, arguments: Arguments, pos: int) -> Value:
    """`next(it)`, `min(xs)`, `max(xs)`, `random.choice(xs)`: one of the elements (or of the arguments)."""
    if len(arguments.pos) > 1 and not spec.options.get("first"):
        return fr.domain.join_all(arguments.pos)
    if not arguments.pos:
        return CLEAN
    result = iterate(fr, arguments.pos[0], pos)
    default = arguments.pos[1] if len(arguments.pos) > 1 else arguments.kw.get("default", BOTTOM)
    return fr.domain.join(result, default)


@behaviour("elements")
def elements_of(fr: Frame, spec: CallSpec, receiver: Receiver, arguments: Arguments, pos: int) -> Value:
    """`iter(xs)`, `chain(a, b)`, `islice(xs, n)`: an iterator over the elements of the arguments."""
    sources = arguments.pos if spec.options.get("all") else arguments.pos[:1]
    if len(sources) == 1 and not spec.options.get("flat"):
        element = iterate(fr, sources[0], pos)
        if spec.options.get("same"):
            return sources[0]
        return make_collection(fr, "gen", element, pos, "elements")
    element = BOTTOM
    for source in sources:
        inner = iterate(fr, source, pos)
        if spec.options.get("flat"):
            inner = iterate(fr, inner, pos)
        element = fr.domain.join(element, inner)
    if arguments.star is not BOTTOM:
        element = fr.domain.join(element, iterate(fr, arguments.star, pos))
    return make_collection(fr, "gen", element, pos, "elements")


@behaviour("sum")
def sum_(fr: Frame, spec: CallSpec, receiver: Receiver, arguments: Arguments, pos: int) -> Value:
    """`sum(xs)`: of numbers nothing is shown; of lists their elements are."""
    if len(arguments.pos) < 2:
        return CLEAN
    return make_collection(fr, "list", iterate(fr, iterate(fr, arguments.pos[0], pos), pos), pos, "sum")


@behaviour("arguments")
def arguments_(fr: Frame, spec: CallSpec, receiver: Receiver, arguments: Arguments, pos: int) -> Value:
    """`asyncio.gather(a, b)`: a list of the arguments."""
    if arguments.star is not BOTTOM:
        return make_collection(
            fr, "list", fr.domain.join(arguments.star, fr.domain.join_all(arguments.pos)), pos, "args"
        )
    return make_sequence(fr, "list", arguments.pos, pos, "args")


def _show_zip(fr: Frame, ref: Ref, obj: Obj, mode: str) -> Labels:
    labels: Labels = {}
    for value in obj.values():
        labels = fr.domain.join_labels(labels, shown(fr, value, "repr"))
    return labels if mode == "data" else {}


ITERATION["zip"] = _iterate_zip
SHOWS["zip"] = _show_zip
