"""Functions about functions: partial, decorators of the standard library, getters, threads."""

from __future__ import annotations

from typing import Any

from pi_lint.flow.arguments import Arguments
from pi_lint.flow.attributes import read_attr
from pi_lint.flow.calls import call_method, call_value, spread_keywords
from pi_lint.flow.domain import BOTTOM, CLEAN, Ref, Value
from pi_lint.flow.elements import iterate, known_elements, make_collection, make_sequence
from pi_lint.flow.frame import Frame
from pi_lint.flow.heap import Obj
from pi_lint.flow.items import read_item
from pi_lint.flow.kinds import METHODS, behaviour
from pi_lint.knowledge.compiled import CallSpec

Receiver = Value | None


@behaviour("partial")
def partial(fr: Frame, spec: CallSpec, receiver: Receiver, arguments: Arguments, pos: int) -> Value:
    """`partial(f, x, key=y)`; option method for `partialmethod`."""
    if not arguments.pos:
        return CLEAN
    fields: dict[Any, Value] = {"func": arguments.pos[0]}
    fields.update(enumerate(arguments.pos[1:]))
    fields.update({("kw", name): value for name, value in arguments.kw.items()})
    fr.keep(*fields.values())
    kind = "method" if spec.options.get("method") else None
    return fr.alloc(pos, "partial", Obj("partial", kind, fields))


@behaviour("identity-decorator")
def identity_decorator(fr: Frame, spec: CallSpec, receiver: Receiver, arguments: Arguments, pos: int) -> Value:
    """`wraps(f)`, `lru_cache(...)`: what is decorated stays as it is. Options wraps, factory: called first."""
    if spec.options.get("factory") and not _is_function(fr, arguments):
        return fr.alloc(pos, "identity", Obj("identity"))
    if spec.options.get("wraps"):
        return fr.alloc(pos, "identity", Obj("identity"))
    return arguments.pos[0] if arguments.pos else CLEAN


def _is_function(fr: Frame, arguments: Arguments) -> bool:
    if len(arguments.pos) != 1:
        return False
    return any(
        (obj := fr.obj(ref)) is not None and obj.kind in ("func", "bound", "class") for ref in arguments.pos[0].refs
    )


def _identity(fr: Frame, ref: Ref, obj: Obj, name: str, arguments: Arguments, pos: int) -> Value | None:
    return arguments.pos[0] if name == "__call__" and arguments.pos else None


@behaviour("method-kind")
def method_kind(fr: Frame, spec: CallSpec, receiver: Receiver, arguments: Arguments, pos: int) -> Value:
    """`staticmethod`, `classmethod`, `property`, `cached_property`: option kind."""
    kind = str(spec.options.get("kind", "property"))
    function = arguments.pos[0] if arguments.pos else BOTTOM
    if kind == "property":
        fields = {"get": function}
        setter = arguments.pos[1] if len(arguments.pos) > 1 else arguments.kw.get("fset")
        if setter is not None:
            fields["set"] = setter
        return fr.alloc(pos, ("property", function.refs), Obj("property", None, fields))
    return fr.alloc(pos, (kind, function.refs), Obj(kind, None, {"func": function}))


@behaviour("attribute-getter")
def attribute_getter(fr: Frame, spec: CallSpec, receiver: Receiver, arguments: Arguments, pos: int) -> Value:
    """`attrgetter("a.b")`, `itemgetter("k")`, `methodcaller("m", x)`: option of."""
    kind = str(spec.options.get("of", "attribute"))
    return fr.alloc(pos, "getter", Obj("getter", kind, dict(enumerate(arguments.pos))))


def _getter(fr: Frame, ref: Ref, obj: Obj, name: str, arguments: Arguments, pos: int) -> Value | None:
    if name != "__call__" or not arguments.pos:
        return None
    target = arguments.pos[0]
    if obj.cls == "method":
        methods = [const for const in obj.fields[0].consts if isinstance(const, str)]
        rest = Arguments([obj.fields[i] for i in range(1, len(obj.fields))])
        return call_method(fr, target, methods[0], rest, pos) if methods else CLEAN
    values = []
    for number in range(len(obj.fields)):
        key = obj.fields[number]
        if obj.cls == "item":
            values.append(read_item(fr, target, key, pos))
            continue
        value = target
        for part in str(key.consts[0] if key.consts else "").split("."):
            value = read_attr(fr, value, part, pos)
        values.append(value)
    if len(values) == 1:
        return values[0]
    return make_sequence(fr, "tuple", values, pos, "getter")


@behaviour("call-later")
def call_later(fr: Frame, spec: CallSpec, receiver: Receiver, arguments: Arguments, pos: int) -> Value:
    """`Thread(target=f, args=(x,))`, `executor.submit(f, x)`: the function is called with those arguments.

    Options: function, args, kwargs (selectors of what they are), spread (arguments follow the function),
    each (called with every element of the next argument).
    """
    options = spec.options
    function = _argument(arguments, options.get("function", 0))
    if function is None:
        return CLEAN
    inner = Arguments()
    if options.get("spread"):
        inner.pos = arguments.pos[1:]
        inner.kw = dict(arguments.kw)
    elif options.get("each"):
        inner.pos = [iterate(fr, value, pos) for value in arguments.pos[1:]]
    else:
        args = _argument(arguments, options.get("args", "args"))
        if args is not None:
            known = known_elements(fr, args, 30)
            inner.pos = known if known is not None else [iterate(fr, args, pos)]
        kwargs = _argument(arguments, options.get("kwargs", "kwargs"))
        if kwargs is not None:
            spread_keywords(fr, inner, kwargs)
    before = fr.live
    result = call_value(fr, function, inner, pos)
    if fr.state is None:
        fr.state = before
        return CLEAN
    if options.get("each"):
        return make_collection(fr, "gen", result, pos, "mapped")
    if options.get("gives") == "result":
        return result
    return fr.alloc(pos, "future", Obj("future", None, {"result": result}))


def _argument(arguments: Arguments, selector: object) -> Value | None:
    if isinstance(selector, (list, tuple)):
        for item in selector:
            found = _argument(arguments, item)
            if found is not None:
                return found
        return None
    return arguments.get(selector) if isinstance(selector, (int, str)) else None


def _future(fr: Frame, ref: Ref, obj: Obj, name: str, arguments: Arguments, pos: int) -> Value | None:
    result = obj.fields.get("result", CLEAN)
    if name in ("result", "get", "__await__", "join"):
        return result
    if name == "add_done_callback" and arguments.pos:
        call_value(fr, arguments.pos[0], Arguments([Value((ref,))]), pos)
        return CLEAN
    return CLEAN


@behaviour("generator-send")
def generator_send(fr: Frame, spec: CallSpec, receiver: Receiver, arguments: Arguments, pos: int) -> Value | None:
    """`gen.send(x)`: the generator runs on with x as the value of its `yield`."""
    result = BOTTOM
    for ref in receiver.refs if receiver is not None else ():
        obj = fr.obj(ref)
        if obj is None or obj.kind != "gen":
            continue
        function = obj.fields.get("func")
        if function is not None and arguments.pos:
            bound = {key[1]: value for key, value in obj.fields.items() if isinstance(key, tuple) and key[0] == "arg"}
            bound["@sent"] = arguments.pos[0]
            for item in function.refs:
                inner = fr.obj(item)
                if inner is not None and inner.kind == "func":
                    before = fr.live
                    made = fr.engine.functions.apply(fr, item, inner, bound, pos)
                    if fr.state is None:
                        fr.state = before
                    for part in made.refs:
                        again = fr.obj(part)
                        if again is not None and again.kind == "gen":
                            result = fr.domain.join(result, again.rest)
        result = fr.domain.join(result, obj.rest)
    return result if not result.is_bottom() else CLEAN


METHODS["identity"] = _identity
METHODS["getter"] = _getter
METHODS["future"] = _future
