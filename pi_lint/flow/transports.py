"""Sinks that send over a network - HTTP, mail, file transfer: to whom, and how well protected on the way."""

from __future__ import annotations

from typing import Any, Final

from pi_lint.flow import kinds
from pi_lint.flow.addresses import address_of
from pi_lint.flow.arguments import Arguments
from pi_lint.flow.domain import CLEAN, Labels, Value, constant
from pi_lint.flow.frame import Frame
from pi_lint.flow.recording import record, shown_by
from pi_lint.flow.selectors import of_receiver, select
from pi_lint.flow.show import shown
from pi_lint.knowledge.compiled import CallSpec, SinkSpec

_OPTIONAL_TRANSPORT: Final = frozenset({"http", "https", ""})


def send_http(fr: Frame, sink: SinkSpec, name: str, receiver: Value | None, arguments: Arguments, pos: int) -> None:
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
                if any(type(const) is type(item) and const == item for const in value.consts):
                    return True
                if isinstance(item, str) and any(_is_named(fr, ref, item) for ref in value.refs):
                    return True
    return False


def _is_named(fr: Frame, ref: Any, name: str) -> bool:
    obj = fr.obj(ref)
    if ref.tname == name or (obj is not None and obj.kind == "ext" and obj.cls == name):
        return True
    return isinstance(ref.info, tuple) and ref.info[0] == "call" and ref.info[1] == name


def send_mail(fr: Frame, sink: SinkSpec, name: str, receiver: Value | None, arguments: Arguments, pos: int) -> None:
    """A message through the project's own server (SPEC 8.16, 8.30, 8.45, 8.61)."""
    content = select(fr, sink.args, receiver, arguments)
    recipients = select(fr, sink.url, receiver, arguments)
    senders = select(fr, sink.base, receiver, arguments)
    labels: Labels = {}
    for value in content:
        labels = fr.domain.join_labels(labels, shown(fr, value, "data"))
    addresses = _addresses(fr, [*recipients, *content])
    own = set(fr.knowledge.facts.own_domains) | {text.rpartition("@")[2] for text in _addresses(fr, senders)}
    outside = [text for text in addresses if text.rpartition("@")[2] not in own]
    if outside and _fixed(fr, recipients or content):
        record(fr, "third_party", name, labels, pos, sink)
    everything = labels
    for value in recipients:
        everything = fr.domain.join_labels(everything, shown(fr, value, "data"))
    host = of_receiver(fr, receiver, "0") + of_receiver(fr, receiver, "host")
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


def send_ftp(fr: Frame, sink: SinkSpec, name: str, receiver: Value | None, arguments: Arguments, pos: int) -> None:
    """A file transfer to a host: a third party unless it is inside."""
    labels = shown_by(fr, "ftp", select(fr, sink.args, receiver, arguments))
    host = [
        *select(fr, sink.url, receiver, arguments),
        *of_receiver(fr, receiver, "0"),
        *of_receiver(fr, receiver, "host"),
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
