"""Sinks and protections of library entries: which arguments reach what, and how."""

from __future__ import annotations

import re
from typing import Any, Final

from pi_lint.flow import kinds
from pi_lint.flow.addresses import address_of
from pi_lint.flow.arguments import Arguments
from pi_lint.flow.attributes import read_ref_attr
from pi_lint.flow.calls import call_value
from pi_lint.flow.domain import BOTTOM, CLEAN, Labels, Value, constant
from pi_lint.flow.elements import make_sequence
from pi_lint.flow.frame import Frame
from pi_lint.flow.heap import Obj
from pi_lint.flow.items import container_item, read_item
from pi_lint.flow.show import shown
from pi_lint.flow.summary import Hit
from pi_lint.frontend.ir import Body
from pi_lint.knowledge.compiled import CallSpec, SinkSpec
from pi_lint.project.program import Class

_CONVERSION = re.compile(r"%(?:\([^)]*\))?[^a-zA-Z%]*([a-zA-Z])|%%")
_TEXTUAL: Final = frozenset({"log", "console", "exception"})
_WEAK: Final = frozenset({"digest", "encoding", "weak_cipher", "weak_key"})
_OPTIONAL_TRANSPORT: Final = frozenset({"http", "https", ""})


def select(fr: Frame, selectors: tuple[int | str, ...], receiver: Value | None, arguments: Arguments) -> list[Value]:
    """The values that selectors of a library entry name (see docs/rules)."""
    found: list[Value] = []
    for selector in selectors:
        if isinstance(selector, int):
            found += _position(fr, arguments, selector)
        elif selector == "self":
            if receiver is not None:
                found.append(receiver)
        elif selector.startswith("self:"):
            found += _of_receiver(fr, receiver, selector[5:])
        elif selector.endswith(":") and selector[:-1].isdigit():
            found += arguments.pos[int(selector[:-1]) :]
            if arguments.star is not BOTTOM:
                found.append(arguments.star)
        elif selector == "**":
            found += list(arguments.kw.values())
            if arguments.kwstar is not BOTTOM:
                found.append(arguments.kwstar)
        elif selector == "all":
            found += arguments.all()
        else:
            value = arguments.kw.get(selector)
            if value is not None:
                found.append(value)
            elif arguments.kwstar is not BOTTOM:
                found.append(read_item(fr, arguments.kwstar, constant(selector), 0))
    return found


def _position(fr: Frame, arguments: Arguments, index: int) -> list[Value]:
    if index < len(arguments.pos):
        return [arguments.pos[index]]
    return [arguments.star] if arguments.star is not BOTTOM else []


def _of_receiver(fr: Frame, receiver: Value | None, name: str) -> list[Value]:
    """A constructor argument or attribute of the receiver."""
    found = []
    for ref in receiver.refs if receiver is not None else ():
        obj = fr.obj(ref)
        key: Any = f"@{name}" if name.isdigit() else name
        if obj is not None and key in obj.fields:
            found.append(obj.fields[key])
        elif ref.parent is not None:  # client.chat.completions: settings are the client's
            obj = fr.obj(ref.root())
            if obj is not None and key in obj.fields:
                found.append(obj.fields[key])
    return found


def reach(
    fr: Frame, sink: SinkSpec, name: str, receiver: Value | None, arguments: Arguments, pos: int, confidence: str
) -> None:
    """Record what a sink's arguments show, under the concept that the call has here."""
    if sink.concept == "http":
        _http(fr, sink, name, receiver, arguments, pos)
        return
    if sink.concept == "mail":
        _mail(fr, sink, name, receiver, arguments, pos)
        return
    if sink.concept == "ftp":
        _ftp(fr, sink, name, receiver, arguments, pos)
        return
    values = select(fr, sink.args, receiver, arguments)
    if sink.encrypted_by and select(fr, sink.encrypted_by, receiver, arguments):
        return
    labels = _shown_by(fr, sink.concept, values)
    if sink.concept == "database":  # it writes the records' fields itself: no commit has to
        fr.put(fr.engine.pending_writes, Obj("pending"))
    record(fr, sink.concept, name, labels, pos, sink, confidence)


def _shown_by(fr: Frame, concept: str, values: list[Value]) -> Labels:
    labels: Labels = {}
    modes = _modes(values) if concept in ("log", "console") else []
    for position, value in enumerate(values):
        if concept == "log":
            value = _called(fr, value)
        # What a template or a key takes of an object of ours is not all of its fields.
        plain = {"database": "written", "response": "passed"}.get(concept, "data")
        if concept == "identifier":
            plain = "passed"
        mode = ("str" if concept in _TEXTUAL else plain) if not modes else modes[min(position, len(modes) - 1)]
        labels = fr.domain.join_labels(labels, shown(fr, value, mode))
    return labels


def _modes(values: list[Value]) -> list[str]:
    """How each argument of a record is formatted: the template first, then by its conversions."""
    template = next((const for const in values[0].consts if isinstance(const, str)), "") if values else ""
    letters = [match[1] for match in _CONVERSION.finditer(template) if match[1]]
    if not letters or not any(letter == "r" for letter in letters):
        return ["repr"] if "!r}" in template else ["str"]
    return ["str", *("repr" if letter in "ra" else "str" for letter in letters)]


def _called(fr: Frame, value: Value) -> Value:
    """A logger calls a function that it is given instead of a value (lazy arguments)."""
    for ref in value.refs:
        obj = fr.obj(ref)
        if obj is not None and obj.kind == "func" and not obj.cls.params and fr.state is not None:
            return call_value(fr, Value((ref,)), Arguments(), obj.cls.pos)
    return value


def record(
    fr: Frame, concept: str, name: str, labels: Labels, pos: int, sink: SinkSpec | None = None,
    confidence: str = "high", host: str = "", vendor: str = "",
) -> None:  # fmt: skip
    """Note that labels reach a sink of one concept at this place."""
    if not labels or fr.state is None:
        return
    exempt = sink.exempt if sink is not None else frozenset()
    purpose = sink.purpose if sink is not None else ""
    vendor = vendor or (sink.vendor if sink is not None else "")
    fr.hit(Hit(concept, name, fr.place(pos), exempt, purpose, vendor, host, confidence=confidence), labels)


# -- transports ------------------------------------------------------------------------


def _http(fr: Frame, sink: SinkSpec, name: str, receiver: Value | None, arguments: Arguments, pos: int) -> None:
    """A request over HTTP: to whom, and how."""
    base = select(fr, sink.base, receiver, arguments)
    urls = select(fr, sink.url, receiver, arguments)
    query = select(fr, sink.query, receiver, arguments)
    request = [value for value in urls if _is_request(fr, value)]
    content = select(fr, sink.args, receiver, arguments)
    targets = [part for value in request for part in _parts_of_request(fr, value)]
    address = address_of(fr, [*base, *urls, *targets])
    labels: Labels = {}
    for value in [*content, *request]:
        labels = fr.domain.join_labels(labels, shown(fr, value, "data"))
    located: Labels = {}
    for value in [*(value for value in urls if value not in request), *query]:
        located = fr.domain.join_labels(located, shown(fr, value, "data"))
    everything = fr.domain.join_labels(labels, located)
    if address.purpose != "inside":
        concept = {"marketing": "analytics", "analytics": "analytics", "telemetry": "telemetry"}.get(
            sink.purpose or address.purpose, "third_party"
        )
        record(fr, concept, name, everything, pos, sink, "high", address.host, address.vendor)
        if located:
            record(fr, "identifier", name, located, pos, sink)
        if address.scheme in ("http", "ftp", "ws") or _insecure(fr, sink, receiver, arguments):
            record(fr, "transport", name, everything, pos, sink)
    elif located:
        record(fr, "identifier", name, located, pos, sink)


def _is_request(fr: Frame, value: Value) -> bool:
    return any((obj := fr.obj(ref)) is not None and obj.kind == "ext" for ref in value.refs)


def _parts_of_request(fr: Frame, value: Value) -> list[Value]:
    """The address inside a request object: what it was made with."""
    found = []
    for ref in value.refs:
        obj = fr.obj(ref)
        if obj is not None:
            found += [item for key, item in obj.fields.items() if key in ("@0", "@1", "url", "full_url")]
    return found


def _insecure(fr: Frame, sink: SinkSpec, receiver: Value | None, arguments: Arguments) -> bool:
    if sink.insecure_always:
        return True
    for selector, wanted in sink.insecure:
        for value in select(fr, (selector,), receiver, arguments):
            for item in wanted:
                if any(type(const) is type(item) and const == item for const in value.consts) and (
                    not isinstance(selector, str) or not selector.startswith("self:") or True
                ):
                    return True
                if isinstance(item, str) and any(_is_named(fr, ref, item) for ref in value.refs):
                    return True
    return False


def _is_named(fr: Frame, ref: Any, name: str) -> bool:
    obj = fr.obj(ref)
    if ref.tname == name or (obj is not None and obj.kind == "ext" and obj.cls == name):
        return True
    return isinstance(ref.info, tuple) and ref.info[0] == "call" and ref.info[1] == name


def _mail(fr: Frame, sink: SinkSpec, name: str, receiver: Value | None, arguments: Arguments, pos: int) -> None:
    """A message through the project's own server (SPEC 8.16, 8.30, 8.45, 8.61)."""
    content = select(fr, sink.args, receiver, arguments)
    recipients = select(fr, sink.url, receiver, arguments)
    senders = select(fr, sink.base, receiver, arguments)
    labels: Labels = {}
    for value in content:
        labels = fr.domain.join_labels(labels, shown(fr, value, "data"))
    addresses = _addresses(fr, [*recipients, *content])
    own = {text.rpartition("@")[2] for text in _addresses(fr, senders)}
    outside = [text for text in addresses if text.rpartition("@")[2] not in own]
    if outside and _fixed(fr, recipients or content):
        record(fr, "third_party", name, labels, pos, sink)
    everything = labels
    for value in recipients:
        everything = fr.domain.join_labels(everything, shown(fr, value, "data"))
    host = _of_receiver(fr, receiver, "0") + _of_receiver(fr, receiver, "host")
    address = address_of(fr, [_as_url(value) for value in host])
    if address.purpose != "inside" and _mail_in_clear(fr, sink, receiver, arguments):
        record(fr, "transport", name, everything, pos, sink)


def _mail_in_clear(fr: Frame, sink: SinkSpec, receiver: Value | None, arguments: Arguments) -> bool:
    return _needs_securing(fr, receiver, _secured(fr, receiver)) or _insecure(fr, sink, receiver, arguments)


def _secured(fr: Frame, receiver: Value | None) -> bool:
    """Whether a call has encrypted the receiver's channel."""
    refs = receiver.refs if receiver is not None else ()
    return any((obj := fr.obj(ref)) is not None and "@tls" in obj.fields for ref in refs)


def _as_url(value: Value) -> Value:
    texts = [const for const in value.consts if isinstance(const, str)]
    return constant(f"smtp://{texts[0]}") if texts else value


def _addresses(fr: Frame, values: list[Value]) -> list[str]:
    """Constant mail addresses among some values."""
    found = []
    stack = list(values)
    seen = 0
    while stack and seen < 200:
        seen += 1
        value = stack.pop()
        found += [const for const in value.consts if isinstance(const, str) and "@" in const and " " not in const]
        for ref in value.refs:
            obj = fr.obj(ref)
            if obj is not None and obj.kind in ("list", "tuple", "set"):
                stack += list(obj.values())
            elif obj is not None and obj.kind in ("ext", "dict"):
                stack += [
                    item for key, item in obj.fields.items() if str(key).lower() in ("to", "cc", "bcc", "recipients")
                ]
                stack += [
                    item
                    for key, item in obj.fields.items()
                    if isinstance(key, tuple) and str(key[1]).lower() in ("to", "cc")
                ]
    return found


def _fixed(fr: Frame, values: list[Value]) -> bool:
    return bool(_addresses(fr, values))


def _ftp(fr: Frame, sink: SinkSpec, name: str, receiver: Value | None, arguments: Arguments, pos: int) -> None:
    """A file transfer to a host: a third party unless it is inside."""
    labels = _shown_by(fr, "ftp", select(fr, sink.args, receiver, arguments))
    host = [
        *select(fr, sink.url, receiver, arguments),
        *_of_receiver(fr, receiver, "0"),
        *_of_receiver(fr, receiver, "host"),
    ]
    address = address_of(fr, [_as_url(value) for value in host])
    if address.purpose == "inside":
        return
    record(fr, "third_party", name, labels, pos, sink)
    secured = _secured(fr, receiver)
    if (
        sink.insecure_always
        or (_insecure(fr, sink, receiver, arguments) and not secured)
        or _needs_securing(fr, receiver, secured)
    ):
        record(fr, "transport", name, labels, pos, sink)


def _needs_securing(fr: Frame, receiver: Value | None, secured: bool) -> bool:
    """A type that protects its data channel only after a call (`with: {secured_by: ...}` in its pack)."""
    for ref in receiver.refs if receiver is not None else ():
        spec = fr.knowledge.type(ref.tname) if ref.tname is not None else None
        if spec is not None and spec.options.get("clear_until_secured"):
            return not secured
    return False


@kinds.behaviour("secure-channel")
def _secure_channel(fr: Frame, spec: CallSpec, receiver: Value | None, arguments: Arguments, pos: int) -> Value | None:
    """The receiver's connection is encrypted from here on (`starttls`, `prot_p`)."""
    for ref in receiver.refs if receiver is not None else ():
        obj = fr.obj(ref)
        if obj is not None:
            fr.put(ref, obj.with_field("@tls", CLEAN))
    return CLEAN


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


def quoted(fr: Frame, names: list[str], body: Body) -> Labels:
    """What a library's exception quotes of the calls in the `try` (SPEC 8.59); see `raises:` in the packs."""
    return {}
