"""Sinks and protections of library entries: which arguments reach what, and how."""

from __future__ import annotations

from typing import Any, Final

from pi_lint.flow.arguments import Arguments
from pi_lint.flow.attributes import read_ref_attr
from pi_lint.flow.domain import CLEAN, Labels, Value, constant
from pi_lint.flow.elements import make_sequence
from pi_lint.flow.frame import Frame
from pi_lint.flow.heap import Obj
from pi_lint.flow.items import container_item
from pi_lint.flow.recording import record, shown_by
from pi_lint.flow.selectors import select
from pi_lint.flow.show import shown
from pi_lint.flow.transports import send_ftp, send_http, send_mail
from pi_lint.knowledge.compiled import CallSpec, SinkSpec
from pi_lint.project.program import Class

_WEAK: Final = frozenset({"digest", "encoding", "weak_cipher", "weak_key"})


def reach(
    fr: Frame, sink: SinkSpec, name: str, receiver: Value | None, arguments: Arguments, pos: int, confidence: str
) -> None:
    """Record what a sink's arguments show, under the concept that the call has here."""
    if sink.concept == "http":
        send_http(fr, sink, name, receiver, arguments, pos)
        return
    if sink.concept == "mail":
        send_mail(fr, sink, name, receiver, arguments, pos)
        return
    if sink.concept == "ftp":
        send_ftp(fr, sink, name, receiver, arguments, pos)
        return
    values = select(fr, sink.args, receiver, arguments)
    if sink.encrypted_by and select(fr, sink.encrypted_by, receiver, arguments):
        return
    labels = shown_by(fr, sink.concept, values)
    if sink.concept == "database":  # it writes the records' fields itself: no commit has to
        fr.put(fr.engine.pending_writes, Obj("pending"))
    record(fr, sink.concept, name, labels, pos, sink, confidence)


# -- protections -----------------------------------------------------------------------


def protect(fr: Frame, spec: CallSpec, receiver: Value | None, arguments: Arguments, pos: int) -> Value:
    """A protection: its value's labels with the protection added, or taken off again."""
    protects = spec.protects
    assert protects is not None
    labels: Labels = {}
    for value in select(fr, protects.value, receiver, arguments):
        labels = fr.domain.join_labels(labels, shown(fr, value, "data"))
    if protects.kind == "undo":
        return Value((), _undone(fr, labels), (), True)
    kind = protects.kind
    keys = select(fr, protects.key, receiver, arguments)
    if keys and any(_is_literal(fr, key) for key in keys):
        kind = "weak_key"
    labels = fr.domain.map_labels(Value((), labels), (kind,))
    result = Value((), labels, (), True)
    if protects.into == "self" and receiver is not None:
        for ref in receiver.refs:
            obj = fr.obj(ref)
            if obj is not None:
                fr.put(ref, obj.replace(rest=fr.domain.join(obj.rest, result)))
        return CLEAN
    if spec.result.startswith("type:"):
        return fr.engine.library.make(fr, spec.result[5:], Arguments([result]), pos)
    return result


def _undone(fr: Frame, labels: Labels) -> Labels:
    result: Labels = {}
    for label, trace in labels.items():
        # What is opened though nothing here sealed it was sealed where it was kept.
        protections = label.protections[:-1] if label.protections else ("opened",)
        result[fr.domain.label(label.source, protections, label.kept, label.guards)] = trace
    return result


def _is_literal(fr: Frame, value: Value) -> bool:
    """Whether a key stands in the source: a non-empty constant text or bytes."""
    if value.labels or value.other:
        return False
    if value.consts and all(isinstance(const, (str, bytes)) and const for const in value.consts):
        return True
    for ref in value.refs:
        obj = fr.obj(ref)
        if obj is not None and obj.kind == "list":
            return bool(obj.fields) and any(_is_literal(fr, item) for item in obj.fields.values())
        if obj is not None and obj.kind == "ext":
            first = obj.fields.get("@0")
            return first is not None and _is_literal(fr, first)
    return False


# -- statements ------------------------------------------------------------------------


def attribute_sink(fr: Frame, base: Value, name: str, value: Value, pos: int) -> None:
    """Assignments to attributes that types mark as sinks (`with: {attributes_to: concept}`)."""
    for ref in base.refs:
        concept = written_concept(fr, ref, "attributes_to")
        if concept:
            record(fr, concept, f"{ref.tname}.{name}", shown(fr, value, "data"), pos)


def item_sink(fr: Frame, base: Value, index: Value, value: Value, pos: int) -> None:
    """Item assignments into what types mark as kept (`with: {items_to: concept}`): sessions, shelves, headers."""
    for ref in base.refs:
        concept = written_concept(fr, ref, "items_to")
        if concept:
            record(fr, concept, str(ref.tname), shown(fr, value, "data"), pos)


def written_concept(fr: Frame, ref: Any, option: str) -> str:
    tname = ref.tname
    obj = fr.obj(ref)
    if obj is not None and obj.kind == "ext":
        tname = obj.cls
    if tname is None:
        label = ref.name or ref.hint
        tname = fr.knowledge.guess(fr.knowledge.names.words(label)) if label and ref.kind == "opaque" else None
    if tname is None:
        return ""
    for base in fr.knowledge.bases(tname) or (tname,):
        spec = fr.knowledge.type(base)
        if spec is not None and option in spec.options:
            return str(spec.options[option])
    return ""


def response(fr: Frame, route: dict[str, Any], value: Value, pos: int) -> None:
    """A route's return value is the response; a response object was reported where it was built."""
    labels: Labels = {}
    model = route.get("@response_model")
    declared = fr.engine.classes.annotations.read(*route["@response_model_node"]) if model is not None else None
    for part in _parts(fr, value):
        if declared is not None and declared.target is not None:
            part = _narrowed(fr, part, declared.target)
        labels = fr.domain.join_labels(labels, shown(fr, part, "data"))
    record(fr, "response", str(route.get("sink", route.get("id", "return"))), labels, pos)


def _parts(fr: Frame, value: Value) -> list[Value]:
    parts: list[Value] = []
    refs = []
    for ref in value.refs:
        obj = fr.obj(ref)
        if obj is not None and obj.kind == "ext" and _built_response(fr, str(obj.cls)):
            continue
        if obj is None and isinstance(ref.info, tuple) and ref.info[0] == "call" and ref.info[1].endswith(">"):
            continue
        if obj is not None and obj.kind == "tuple" and obj.exact:
            parts += [part for item in list(obj.fields.values())[:1] for part in _parts(fr, item)]
            continue
        refs.append(ref)
    parts.append(Value(tuple(refs), value.labels, value.consts, value.other))
    return parts


def _built_response(fr: Frame, tname: str) -> bool:
    return any(
        (spec := fr.knowledge.type(base)) is not None and spec.options.get("response")
        for base in fr.knowledge.bases(tname) or (tname,)
    ) or tname.endswith("Response")


def _narrowed(fr: Frame, value: Value, model: Class) -> Value:
    """Only the fields that the response model declares, by name."""
    names = [name for base in model.mro() if isinstance(base, Class) for name in base.fields]
    rows: list[Value] = []
    for ref in value.refs:
        obj = fr.obj(ref)
        for name in names:
            if obj is not None and obj.kind == "dict":
                rows.append(container_item(fr, obj, constant(name)))
            else:
                rows.append(read_ref_attr(fr, ref, name, 0))
    return make_sequence(fr, "tuple", rows, 0, ("narrowed", model)) if rows else CLEAN
