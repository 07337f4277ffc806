"""Files, buffers and writers: what is written to memory is reported where it leaves (SPEC 8.7)."""

from __future__ import annotations

from pi_lint.flow import kinds, sinks
from pi_lint.flow.arguments import Arguments
from pi_lint.flow.behaviours.objects import serialised
from pi_lint.flow.domain import BOTTOM, CLEAN, Labels, Ref, Value, scalar
from pi_lint.flow.elements import iterate
from pi_lint.flow.frame import Frame
from pi_lint.flow.heap import Obj
from pi_lint.flow.kinds import behaviour
from pi_lint.flow.recording import record
from pi_lint.flow.show import shown
from pi_lint.flow.unknown import call_ref
from pi_lint.knowledge.compiled import CallSpec

Receiver = Value | None


@behaviour("open")
def open_(fr: Frame, spec: CallSpec, receiver: Receiver, arguments: Arguments, pos: int) -> Value:
    """`open(path, mode)`, `path.open(mode)`: a file; its name is an identifier. Options: path, mode (selectors)."""
    path = _first(arguments, spec.options.get("path"), receiver)
    labels = shown(fr, path, "str") if path is not None else {}
    record(fr, "identifier", spec.names[0], labels, pos)
    mode = _first(arguments, spec.options.get("mode", [1, "mode"]), None)
    text = next((const for const in mode.consts if isinstance(const, str)), "") if mode is not None else "r"
    writing = any(letter in text for letter in "wax+") if mode is not None else False
    if mode is not None and not text:
        writing = True
    kind = "written" if writing else "read"
    return fr.alloc(pos, "file", Obj("file", kind, {}), "file", str(spec.options.get("gives", "io.File")))


def _first(arguments: Arguments, selectors: object, otherwise: Value | None) -> Value | None:
    for selector in selectors if isinstance(selectors, (list, tuple)) else ():
        value = arguments.get(selector)
        if value is not None:
            return value
    return otherwise


def _file_method(fr: Frame, ref: Ref, obj: Obj, name: str, arguments: Arguments, pos: int) -> Value | None:
    if name in ("write", "writelines") and obj.cls == "written":
        labels: Labels = {}
        for value in arguments.all():
            labels = fr.domain.join_labels(labels, shown(fr, value, "data"))
        record(fr, "export", f"{ref.tname}.{name}", labels, pos)
        return CLEAN
    if name in ("read", "readline", "readlines", "__enter__"):
        return CLEAN if name != "__enter__" else Value((ref,))
    return CLEAN


def _iterate_file(fr: Frame, ref: Ref, obj: Obj, pos: int) -> Value:
    return CLEAN


@behaviour("buffer")
def buffer(fr: Frame, spec: CallSpec, receiver: Receiver, arguments: Arguments, pos: int) -> Value:
    """`StringIO(text)`, `BytesIO()`: memory."""
    held = fr.domain.join_all(arguments.pos[:1])
    fr.keep(held)
    return fr.alloc(pos, "buffer", Obj("buffer", None, {}, held))


def _buffer_method(fr: Frame, ref: Ref, obj: Obj, name: str, arguments: Arguments, pos: int) -> Value | None:
    if name in ("write", "writelines"):
        _into_memory(fr, ref, arguments.all())
        return CLEAN
    if name in ("truncate",):
        fr.put(ref, obj.replace(rest=BOTTOM))
        return CLEAN
    if name in ("getvalue", "read", "readline", "readlines", "getbuffer"):
        if obj.rest.refs:
            return obj.rest
        return scalar(obj.rest.labels)
    return CLEAN


def _into_memory(fr: Frame, ref: Ref, values: list[Value]) -> None:
    obj = fr.obj(ref)
    if obj is None:
        return
    labels: Labels = {}
    for value in values:
        labels = fr.domain.join_labels(labels, shown(fr, value, "data"))
    fr.put(ref, obj.replace(rest=fr.domain.join(obj.rest, scalar(labels))))


def _show_buffer(fr: Frame, ref: Ref, obj: Obj, mode: str) -> Labels:
    return shown(fr, obj.rest, "data") if mode == "data" else {}


def write_to(fr: Frame, stream: Value | None, labels: Labels, name: str, pos: int) -> None:
    """Write to a stream: memory keeps it, a console prints it, a response or a file exports it."""
    if stream is None or not labels:
        return
    for ref in stream.refs:
        obj = fr.obj(ref)
        if obj is not None and obj.kind == "buffer":
            fr.put(ref, obj.replace(rest=fr.domain.join(obj.rest, scalar(labels))))
            continue
        concept = sinks.written_concept(fr, ref, "stream_of") or "export"
        if concept == "memory":
            if obj is not None:
                fr.put(ref, obj.replace(rest=fr.domain.join(obj.rest, scalar(labels))))
            continue
        record(fr, concept, name, labels, pos)
    if not stream.refs:
        record(fr, "export", name, labels, pos)


@behaviour("stream-writer")
def stream_writer(fr: Frame, spec: CallSpec, receiver: Receiver, arguments: Arguments, pos: int) -> Value:
    """`csv.writer(stream)`: writes to the stream it is given."""
    stream = arguments.pos[0] if arguments.pos else BOTTOM
    fr.keep(stream)
    made = Obj("writer", spec.names[0], {"stream": stream})
    return fr.alloc(pos, "writer", made, "writer", str(spec.options.get("gives", spec.names[0])))


def _writer_method(fr: Frame, ref: Ref, obj: Obj, name: str, arguments: Arguments, pos: int) -> Value | None:
    if name not in ("writerow", "writerows", "writeheader", "write"):
        return CLEAN
    labels: Labels = {}
    for value in arguments.all():
        if name == "writerows":
            element = iterate(fr, value, pos)
            labels = fr.domain.join_labels(
                labels, shown(fr, fr.domain.guard(element, fr.engine.element_facts(fr, value, element)), "data")
            )
        labels = fr.domain.join_labels(labels, shown(fr, value, "data"))
    write_to(fr, obj.fields.get("stream"), labels, f"{ref.tname}.{name}", pos)
    return CLEAN


@behaviour("dump")
def dump(fr: Frame, spec: CallSpec, receiver: Receiver, arguments: Arguments, pos: int) -> Value:
    """`json.dump(x, stream)`, `pickle.dump(x, stream)`."""
    if len(arguments.pos) < 2:
        stream = arguments.kw.get("fp") or arguments.kw.get("file") or arguments.kw.get("stream")
    else:
        stream = arguments.pos[1]
    value = arguments.pos[0] if arguments.pos else CLEAN
    for ref in stream.refs if stream is not None else ():
        obj = fr.obj(ref)
        if obj is not None and obj.kind == "buffer":
            fr.put(ref, obj.replace(rest=fr.domain.join(obj.rest, serialised(fr, value, pos))))
            return CLEAN
    write_to(fr, stream, shown(fr, value, "data"), spec.names[0], pos)
    return CLEAN


@behaviour("load")
def load(fr: Frame, spec: CallSpec, receiver: Receiver, arguments: Arguments, pos: int) -> Value | None:
    """`json.load(stream)`: what a buffer holds, or an unknown structure."""
    for ref in arguments.pos[0].refs if arguments.pos else ():
        obj = fr.obj(ref)
        if obj is not None and obj.kind == "buffer":
            return obj.rest
    made = call_ref(fr, spec.names[0], None, arguments, pos)
    made.info = ("parsed", *made.info[1:])
    return fr.opaque(made)


@behaviour("print-to")
def print_to(fr: Frame, spec: CallSpec, receiver: Receiver, arguments: Arguments, pos: int) -> Value:
    """`print(x, file=stream)`: to the console unless the stream is something else. Option stream (selector)."""
    selector = spec.options.get("stream", "file")
    stream = arguments.get(selector) if isinstance(selector, (int, str)) else None
    labels: Labels = {}
    for value in [*arguments.pos, *([arguments.star] if arguments.star is not BOTTOM else [])]:
        labels = fr.domain.join_labels(labels, shown(fr, value, "str"))
    if stream is None or stream.consts == (None,):
        record(fr, "console", spec.names[0], labels, pos)
        return CLEAN
    for ref in stream.refs:
        obj = fr.obj(ref)
        if obj is not None and obj.kind in ("buffer", "file"):
            write_to(fr, Value((ref,)), labels, spec.names[0], pos)
        elif sinks.written_concept(fr, ref, "stream_of"):
            write_to(fr, Value((ref,)), labels, spec.names[0], pos)
        elif ref.kind == "ext" and ref.tname is not None and fr.knowledge.call(f"{ref.tname}.write"):
            record(fr, "console", spec.names[0], labels, pos)
    return CLEAN


def _file_show(fr: Frame, ref: Ref, obj: Obj, mode: str) -> Labels:
    return {}


def _register() -> None:
    kinds.METHODS["file"] = _file_method
    kinds.METHODS["buffer"] = _buffer_method
    kinds.METHODS["writer"] = _writer_method
    kinds.ITERATION["file"] = _iterate_file
    kinds.SHOWS["buffer"] = _show_buffer
    kinds.SHOWS["file"] = _file_show
    kinds.SHOWS["writer"] = _file_show


_register()
