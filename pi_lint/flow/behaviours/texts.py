"""Texts: formatting, joining, splitting, and substitutions that mask."""

from __future__ import annotations

import re
import string
from typing import Any, Final

from pi_lint.flow.arguments import Arguments
from pi_lint.flow.attributes import read_attr
from pi_lint.flow.domain import BOTTOM, CLEAN, Labels, Value, constant, scalar
from pi_lint.flow.elements import iterate, known_elements, make_collection, make_sequence
from pi_lint.flow.formatting import beginning, concatenated, cut_by_format
from pi_lint.flow.frame import Frame
from pi_lint.flow.items import read_item
from pi_lint.flow.kinds import behaviour
from pi_lint.flow.show import shown
from pi_lint.flow.unknown import call_ref
from pi_lint.knowledge.compiled import CallSpec

Receiver = Value | None

_FOLDED: Final = frozenset(
    "lower upper strip rstrip lstrip title replace encode decode capitalize removeprefix removesuffix".split()
)


@behaviour("text")
def text(fr: Frame, spec: CallSpec, receiver: Receiver, arguments: Arguments, pos: int) -> Value:
    """`str(x)`, `repr(x)`, `bytes(x)`: what x shows; option mode."""
    if not arguments.pos:
        return constant("")
    value = arguments.pos[0]
    if value.is_constant() and len(value.consts) == 1 and isinstance(value.consts[0], (str, int)):
        return constant(str(value.consts[0]))
    labels = shown(fr, value, str(spec.options.get("mode", "str")))
    refs = tuple(ref for ref in value.refs if _is_prefix(ref) or (ref.kind == "opaque" and fr.obj(ref) is None))
    return Value(refs, labels, (), True)


def _is_prefix(ref: Any) -> bool:
    return isinstance(ref.info, tuple) and ref.info[0] == "prefix"


@behaviour("text-method")
def text_method(fr: Frame, spec: CallSpec, receiver: Receiver, arguments: Arguments, pos: int) -> Value | None:
    """Methods of texts that keep showing them: `strip`, `replace`, `encode`; constants are folded."""
    if receiver is None:
        return None
    name = spec.id.rpartition(".")[2] if "method" not in spec.options else str(spec.options["method"])
    if receiver.is_constant() and all(value.is_constant() and len(value.consts) == 1 for value in arguments.pos):
        folded = _fold(name, receiver, arguments)
        if folded is not None:
            return folded
    labels = receiver.labels
    for value in arguments.all():
        labels = fr.domain.join_labels(labels, shown(fr, value, "str"))
    refs = tuple(ref for ref in receiver.refs if _is_prefix(ref))
    if refs and name == "replace" and len(arguments.pos) == 2:
        made = _prefixed(fr, receiver, arguments, pos)
        refs = made.refs
    return Value(refs, labels, (), True)


def _prefixed(fr: Frame, receiver: Value, arguments: Arguments, pos: int) -> Value:
    prefix = beginning(receiver)
    try:
        prefix = prefix.replace(str(arguments.pos[0].constant()), str(arguments.pos[1].constant()))
    except LookupError:
        return CLEAN
    ref = fr.ctx.opaque(pos, ("text", prefix))
    ref.info = ("prefix", prefix)
    return Value((ref,))


def _fold(name: str, receiver: Value, arguments: Arguments) -> Value | None:
    if name not in _FOLDED or len(receiver.consts) != 1 or arguments.kw:
        return None
    try:
        return constant(getattr(receiver.consts[0], name)(*(value.consts[0] for value in arguments.pos)))
    except (TypeError, ValueError, AttributeError, LookupError):
        return None


@behaviour("join")
def join(fr: Frame, spec: CallSpec, receiver: Receiver, arguments: Arguments, pos: int) -> Value:
    """`", ".join(xs)`, `os.path.join(a, b)`: everything that is joined."""
    labels: Labels = receiver.labels if receiver is not None else {}
    constants: list[str] | None = []
    for value in arguments.all():
        if spec.options.get("each"):
            known = known_elements(fr, value, 50)
            parts = known if known is not None else [iterate(fr, value, pos)]
            if known is None:
                constants = None
            facts = fr.engine.element_facts(fr, value, BOTTOM)
            for part in parts:
                guarded = fr.domain.guard(part, facts)
                labels = concatenated(fr, [labels, shown(fr, guarded, "str")])
                constants = _constant_part(constants, part)
            if not value.refs and value.labels:
                labels = concatenated(fr, [labels, value.labels])
        else:
            labels = concatenated(fr, [labels, shown(fr, value, "str")])
            constants = _constant_part(constants, value)
    if constants is not None and not labels:
        if receiver is not None and receiver.is_constant() and isinstance(receiver.consts[0], str):
            return constant(receiver.consts[0].join(constants))
        if receiver is None and constants:
            return constant("/".join(constants))
    return scalar(labels)


def _constant_part(parts: list[str] | None, value: Value) -> list[str] | None:
    if parts is None or not value.is_constant() or len(value.consts) != 1 or not isinstance(value.consts[0], str):
        return None
    return [*parts, value.consts[0]]


@behaviour("split")
def split(fr: Frame, spec: CallSpec, receiver: Receiver, arguments: Arguments, pos: int) -> Value | None:
    """`s.split(sep)`: parts of the text. What stands after the @ of an address is a domain (SPEC 8.12)."""
    source = receiver if receiver is not None else arguments.pos[0] if arguments.pos else None
    if source is None:
        return None
    separator = arguments.pos[0] if arguments.pos else arguments.kw.get("sep", BOTTOM)
    whole = scalar(source.labels)
    if separator.consts == ("@",):
        domain = CLEAN
        parts = [whole, CLEAN, domain] if spec.options.get("parts") == 3 else [whole, domain]
        return make_sequence(fr, "list", parts, pos, "split")
    if spec.options.get("parts") == 3:
        return make_sequence(fr, "tuple", [whole, CLEAN, whole], pos, "split")
    return make_collection(fr, "list", whole, pos, "split")


@behaviour("format")
def format_(fr: Frame, spec: CallSpec, receiver: Receiver, arguments: Arguments, pos: int) -> Value | None:
    """`"{0.email} {name}".format(user, name=x)`: only what the template names is shown."""
    if receiver is None:
        return None
    templates = [const for const in receiver.consts if isinstance(const, str)]
    labels = [receiver.labels]
    text_parts: list[str] | None = []
    if not templates or len(templates) != len(receiver.consts):
        labels += [shown(fr, value, "format") for value in arguments.all()]
        return Value((), concatenated(fr, labels), (), True)
    for template in templates:
        try:
            fields = list(string.Formatter().parse(template))
        except ValueError:
            labels += [shown(fr, value, "format") for value in arguments.all()]
            continue
        auto = 0
        for literal, name, form, conversion in fields:
            if text_parts is not None:
                text_parts.append(literal)
            if name is None:
                continue
            head, *steps = re.split(r"[.\[]", name)
            if head == "":
                head, auto = str(auto), auto + 1
            value = _named_argument(fr, head, arguments, pos)
            for step in steps:
                value = _follow(fr, value, step, pos)
            if text_parts is not None and value.is_constant() and len(value.consts) == 1:
                text_parts.append(str(value.consts[0]))
            elif text_parts is not None:
                text_parts = None
            labels.append(cut_by_format(fr, shown(fr, value, "repr" if conversion == "r" else "format"), form or ""))
    return _built(fr, text_parts, concatenated(fr, labels), pos)


def _built(fr: Frame, parts: list[str] | None, labels: Labels, pos: int) -> Value:
    if parts is not None and not labels:
        return constant("".join(parts))
    return scalar(labels)


def _named_argument(fr: Frame, head: str, arguments: Arguments, pos: int) -> Value:
    if head.isdigit():
        index = int(head)
        if index < len(arguments.pos):
            return arguments.pos[index]
        return arguments.star if arguments.star is not BOTTOM else CLEAN
    if head in arguments.kw:
        return arguments.kw[head]
    if arguments.kwstar is not BOTTOM:
        return read_item(fr, arguments.kwstar, constant(head), pos)
    return CLEAN


def _follow(fr: Frame, value: Value, step: str, pos: int) -> Value:
    if step.endswith("]"):
        key: Any = step[:-1]
        return read_item(fr, value, constant(int(key) if key.isdigit() else key), pos)
    return read_attr(fr, value, step, pos)


@behaviour("format-map")
def format_map(fr: Frame, spec: CallSpec, receiver: Receiver, arguments: Arguments, pos: int) -> Value | None:
    """`"{a}".format_map(d)`, `Template("$a").substitute(d, b=1)`: the named entries of a mapping."""
    template = receiver
    inner = Arguments((), arguments.kw, BOTTOM, arguments.kwstar)
    for value in arguments.pos:
        inner.kwstar = fr.domain.join(inner.kwstar, value)
    names: list[str] | None = None
    for ref in template.refs if template is not None else ():
        obj = fr.obj(ref)
        held = obj.fields.get("@0") if obj is not None else None
        for const in held.consts if held is not None else ():
            if isinstance(const, str):
                names = (names or []) + re.findall(r"\$\{?([A-Za-z_]\w*)", const)
    if template is not None and template.consts:
        names = [
            name
            for const in template.consts
            if isinstance(const, str)
            for name in re.findall(r"\{([A-Za-z_]\w*)", const)
        ]
    if names is None:
        return scalar(concatenated(fr, [shown(fr, value, "data") for value in arguments.all()]))
    return scalar(concatenated(fr, [shown(fr, _named_argument(fr, name, inner, pos), "str") for name in names]))


@behaviour("format-one")
def format_one(fr: Frame, spec: CallSpec, receiver: Receiver, arguments: Arguments, pos: int) -> Value:
    """`format(x, spec)`."""
    if not arguments.pos:
        return CLEAN
    form = next((const for value in arguments.pos[1:] for const in value.consts if isinstance(const, str)), "")
    return scalar(cut_by_format(fr, shown(fr, arguments.pos[0], "format"), form))


@behaviour("substitute")
def substitute(fr: Frame, spec: CallSpec, receiver: Receiver, arguments: Arguments, pos: int) -> Value:
    """`re.sub(pattern, replacement, text)`: masks where enough of the usual characters are replaced."""
    values = list(arguments.pos)
    pattern = arguments.kw.get("pattern") or (values.pop(0) if values else CLEAN)
    if receiver is not None and any(fr.obj(ref) is not None for ref in receiver.refs):
        for ref in receiver.refs:
            obj = fr.obj(ref)
            held = obj.fields.get("@0") if obj is not None else None
            values = [pattern, *values] if held is not None else values
            pattern = held if held is not None else pattern
    replacement = arguments.kw.get("repl") or (values.pop(0) if values else CLEAN)
    source = arguments.kw.get("string") or (values.pop(0) if values else CLEAN)
    labels = shown(fr, source, "str")
    labels = fr.domain.join_labels(labels, shown(fr, replacement, "str"))
    masked = _masks(fr, pattern, replacement)
    if masked:
        return Value((), fr.domain.map_labels(Value((), labels), (f"mask:{','.join(masked)}",)), (), True)
    return Value((), labels, (), True)


def _masks(fr: Frame, pattern: Value, replacement: Value) -> list[str]:
    """The categories of which a substitution hides at least a third, tried on the taxonomy's samples (SPEC 8.60)."""
    if not (pattern.is_constant() and replacement.is_constant()) or len(pattern.consts) != 1:
        return []
    expression, text_in = pattern.consts[0], replacement.consts[0]
    if not isinstance(expression, str) or not isinstance(text_in, str) or len(expression) > 200:
        return []
    if re.search(r"[*+}]\)?[*+{]", expression):
        return []  # might backtrack for long: not understood
    found = []
    for category, samples in _samples(fr).items():
        try:
            results = [re.sub(expression, text_in, sample) for sample in samples]
        except (re.error, IndexError):
            return []
        if all(_hides(sample, result) for sample, result in zip(samples, results, strict=True)):
            found.append(category)
    return found


def _hides(sample: str, result: str) -> bool:
    rest = list(result)
    kept = 0
    for char in sample:
        if char.isalnum() and char in rest:
            rest.remove(char)
            kept += 1
    return kept * 3 <= 2 * sum(char.isalnum() for char in sample)


def _samples(fr: Frame) -> dict[str, list[str]]:
    """Made-up values of each category."""
    return {
        str(entry["category"]): [str(text) for text in entry["samples"]]  # type: ignore[attr-defined]
        for entry in fr.knowledge.extra.get("samples", ())
    }


@behaviour("match-groups")
def match_groups(fr: Frame, spec: CallSpec, receiver: Receiver, arguments: Arguments, pos: int) -> Value:
    """`re.match(p, text)` and the like: parts of the text."""
    labels = concatenated(fr, [shown(fr, value, "str") for value in arguments.all()])
    return scalar(labels)


@behaviour("shortened")
def shortened(fr: Frame, spec: CallSpec, receiver: Receiver, arguments: Arguments, pos: int) -> Value:
    """`zfill`, `ljust`, `center`: the text is still there."""
    return scalar(receiver.labels if receiver is not None else {})


@behaviour("setting")
def setting(fr: Frame, spec: CallSpec, receiver: Receiver, arguments: Arguments, pos: int) -> Value:
    """`os.environ["X"]`, `os.getenv("X", default)`: a setting of the operator, unknown and nobody's PI."""
    made = call_ref(fr, spec.id, None, arguments, pos)
    made.info = ("setting", *made.info[1:]) if made.info[0] == "call" else made.info
    default = arguments.pos[1] if len(arguments.pos) > 1 else arguments.kw.get("default", BOTTOM)
    texts = tuple(const for const in default.consts if isinstance(const, str) and const)
    return Value((made,), {}, texts, True)


@behaviour("round")
def round_(fr: Frame, spec: CallSpec, receiver: Receiver, arguments: Arguments, pos: int) -> Value:
    """`round(x, n)`: to one decimal place or none a coordinate is masked (SPEC 8.66)."""
    digits = arguments.pos[1] if len(arguments.pos) > 1 else constant(0)
    if digits.is_constant() and all(isinstance(const, int) and const <= 1 for const in digits.consts):
        return CLEAN
    return scalar(shown(fr, arguments.pos[0], "str")) if arguments.pos else CLEAN


@behaviour("date-format")
def date_format(fr: Frame, spec: CallSpec, receiver: Receiver, arguments: Arguments, pos: int) -> Value:
    """`d.strftime("%Y")`: a year alone is no date of birth (SPEC 8.12)."""
    if (
        arguments.pos
        and arguments.pos[0].is_constant()
        and set(re.findall("%[A-Za-z]", str(arguments.pos[0].consts[0]))) <= {"%Y", "%y"}
    ):
        return CLEAN
    return scalar(receiver.labels if receiver is not None else {})


@behaviour("translate")
def translate(fr: Frame, spec: CallSpec, receiver: Receiver, arguments: Arguments, pos: int) -> Value:
    """`text.translate(table)`: still the text."""
    return scalar(receiver.labels if receiver is not None else {})
