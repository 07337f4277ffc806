"""Lists, dictionaries, sets and what iterates over them."""

from __future__ import annotations

from typing import Any

from pi_lint.flow.calls import Arguments, call_value
from pi_lint.flow.conditions import decided, truth
from pi_lint.flow.domain import BOTTOM, CLEAN, NONE, Ref, Value, constant
from pi_lint.flow.elements import iterate, keys_of, known_elements, make_collection, make_sequence
from pi_lint.flow.frame import Frame
from pi_lint.flow.heap import CONTAINERS, Obj
from pi_lint.flow.items import delete_item, read_item, write_item
from pi_lint.flow.kinds import behaviour
from pi_lint.knowledge.compiled import CallSpec

Receiver = Value | None


def _objects(fr: Frame, receiver: Receiver) -> list[tuple[Ref, Obj]]:
    found = []
    for ref in receiver.refs if receiver is not None else ():
        obj = fr.obj(ref)
        if obj is not None:
            found.append((ref, obj))
    return found


def _keep(fr: Frame, value: Value) -> Value:
    for ref in value.refs:
        fr.engine.kept.add(ref)
    return value


# -- making ----------------------------------------------------------------------------


@behaviour("make-list")
def make_list(fr: Frame, spec: CallSpec, receiver: Receiver, arguments: Arguments, pos: int) -> Value:
    """`list(x)`, `tuple(x)`, `set(x)`, `deque(x)`, `sorted(x)`, `reversed(x)`; option kind, shuffled."""
    kind = str(spec.options.get("kind", "list"))
    source = arguments.pos[0] if arguments.pos else BOTTOM
    if spec.options.get("queue"):
        return fr.alloc(pos, "made", Obj("list", "queue"))
    if source is BOTTOM:
        return make_sequence(fr, kind, [], pos, "made")
    if any((obj := fr.obj(ref)) is not None and obj.kind == "query" for ref in source.refs) and kind == "list":
        return source
    known = known_elements(fr, source, 50)
    if known is not None and not spec.options.get("shuffled"):
        if spec.options.get("reversed"):
            known = known[::-1]
        return make_sequence(fr, kind, known, pos, "made")
    if not source.refs and source.labels:  # the characters of a text
        return Value((), source.labels, (), True)
    element = fr.domain.guard(iterate(fr, source, pos), fr.engine.element_facts(fr, source, BOTTOM))
    return make_collection(fr, kind, element, pos, "made")


@behaviour("make-dict")
def make_dict(fr: Frame, spec: CallSpec, receiver: Receiver, arguments: Arguments, pos: int) -> Value:
    """`dict(...)`, `OrderedDict(...)`, `defaultdict(f, ...)`: from pairs, mappings and keywords."""
    fields: dict[Any, Value] = {}
    rest, keys = BOTTOM, BOTTOM
    skip = int(str(spec.options.get("skip", 0)))
    for source in arguments.pos[skip:]:
        for ref in source.refs:
            obj = fr.obj(ref)
            if obj is not None and obj.kind == "dict":
                fields.update(obj.fields)
                rest, keys = fr.domain.join(rest, obj.rest), fr.domain.join(keys, obj.keys)
            elif obj is not None and obj.kind == "zip":
                fields, rest, keys = _zipped(fr, obj, fields, rest, keys)
            elif obj is not None and obj.kind in ("row", "inst"):
                from pi_lint.flow import kinds

                return kinds.fields_as_dict(fr, Value((ref,)), pos)
            elif obj is not None and obj.kind in CONTAINERS:
                pair = iterate(fr, Value((ref,)), pos)
                known = known_elements(fr, Value((ref,)), 50)
                for item in known if known is not None else [pair]:
                    key = read_item(fr, item, constant(0), pos)
                    value = read_item(fr, item, constant(1), pos)
                    if key.is_constant() and len(key.consts) == 1:
                        fields[key.consts[0]] = value
                    else:
                        rest, keys = fr.domain.join(rest, value), fr.domain.join(keys, key)
            else:
                return fr.domain.join(source, BOTTOM) if not arguments.kw else _overlaid(fr, source, arguments, pos)
    fields.update({name: fr.named(value, name, "", pos) for name, value in arguments.kw.items()})
    if arguments.kwstar is not BOTTOM:
        rest = fr.domain.join(rest, read_item(fr, arguments.kwstar, CLEAN, pos))
    if skip and arguments.pos:  # a missing key gets what the factory makes
        rest = fr.domain.join(rest, call_value(fr, arguments.pos[0], Arguments(), pos))
        if fr.state is None:
            return BOTTOM
    for value in (*fields.values(), rest):
        _keep(fr, value)
    return fr.alloc(pos, "made", Obj("dict", None, fields, rest, keys))


def _overlaid(fr: Frame, source: Value, arguments: Arguments, pos: int) -> Value:
    element = read_item(fr, source, CLEAN, pos)
    return fr.alloc(pos, "made", Obj("dict", None, dict(arguments.kw), element, CLEAN))


def _zipped(
    fr: Frame, obj: Obj, fields: dict[Any, Value], rest: Value, keys: Value
) -> tuple[dict[Any, Value], Value, Value]:
    """`dict(zip(NAMES, values))`: by name where the names are known."""
    first, second = obj.fields.get(0, BOTTOM), obj.fields.get(1, BOTTOM)
    names = known_elements(fr, first, 60)
    if names is not None and all(name.is_constant() for name in names):
        for number, name in enumerate(names):
            key = name.consts[0]
            value = read_item(fr, second, constant(number), 0)
            fields[key] = fr.named(value, key, "", 0) if isinstance(key, str) else value
        return fields, rest, keys
    element = iterate(fr, second, 0)
    made = fr.ctx.opaque(0, ("zipped", second.refs))
    made.info = ("row", "", None, (), ())
    if any(ref.kind == "opaque" for ref in element.refs):
        return fields, fr.domain.join(rest, element), fr.domain.join(keys, iterate(fr, first, 0))
    return fields, fr.domain.join(rest, element), fr.domain.join(keys, iterate(fr, first, 0))


@behaviour("make-counter")
def make_counter(fr: Frame, spec: CallSpec, receiver: Receiver, arguments: Arguments, pos: int) -> Value:
    """`Counter(x)`: keys are the elements, values are counts."""
    keys = iterate(fr, arguments.pos[0], pos) if arguments.pos else BOTTOM
    return fr.alloc(pos, "made", Obj("dict", None, {}, CLEAN, _keep(fr, keys)))


@behaviour("zip")
def zip_(fr: Frame, spec: CallSpec, receiver: Receiver, arguments: Arguments, pos: int) -> Value:
    """`zip(a, b)`: tuples of elements."""
    for value in arguments.pos:
        _keep(fr, value)
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


# -- dictionaries ----------------------------------------------------------------------


@behaviour("dict-get")
def dict_get(fr: Frame, spec: CallSpec, receiver: Receiver, arguments: Arguments, pos: int) -> Value | None:
    """`d.get(k, default)`."""
    if receiver is None or not arguments.pos:
        return None
    default = arguments.pos[1] if len(arguments.pos) > 1 else arguments.kw.get("default", NONE)
    index = arguments.pos[0]
    found = read_item(fr, receiver, index, pos)
    if index.is_constant() and _surely_there(fr, receiver, index.consts):
        return found
    if _surely_absent(fr, receiver, index):
        return default
    return fr.domain.join(found, default)


def _surely_there(fr: Frame, receiver: Value, keys: tuple[Any, ...]) -> bool:
    objects = _objects(fr, receiver)
    return (
        bool(objects)
        and len(objects) == len(receiver.refs)
        and all(obj.kind == "dict" and not obj.multi and all(key in obj.fields for key in keys) for _, obj in objects)
    )


def _surely_absent(fr: Frame, receiver: Value, index: Value) -> bool:
    objects = _objects(fr, receiver)
    return (
        bool(objects)
        and len(objects) == len(receiver.refs)
        and index.is_constant()
        and all(
            obj.kind == "dict"
            and not obj.multi
            and obj.rest.is_bottom()
            and not any(key in obj.fields for key in index.consts)
            for _, obj in objects
        )
    )


@behaviour("item-of")
def item_of(fr: Frame, spec: CallSpec, receiver: Receiver, arguments: Arguments, pos: int) -> Value | None:
    """`x.get("name")` of an unknown object with a constant key is the item `name` of x (SPEC 8.38)."""
    if receiver is None or not arguments.pos or not arguments.pos[0].is_constant():
        return None
    if not any(isinstance(const, str) for const in arguments.pos[0].consts):
        return None
    found = read_item(fr, receiver, arguments.pos[0], pos)
    default = arguments.pos[1] if len(arguments.pos) > 1 else arguments.kw.get("default", NONE)
    if default.is_constant():
        return Value(found.refs, found.labels, default.consts, True)
    return fr.domain.join(found, default)


@behaviour("dict-pop")
def dict_pop(fr: Frame, spec: CallSpec, receiver: Receiver, arguments: Arguments, pos: int) -> Value | None:
    """`d.pop(k, default)`, `xs.pop(i)`."""
    if receiver is None:
        return None
    objects = _objects(fr, receiver)
    default = arguments.pos[1] if len(arguments.pos) > 1 else BOTTOM
    if objects and objects[0][1].kind == "list":
        return _list_pop(fr, receiver, objects, arguments, pos)
    if objects and objects[0][1].kind == "set":
        return iterate(fr, receiver, pos)
    if not arguments.pos:
        return None
    removed = delete_item(fr, receiver, arguments.pos[0], pos)
    return fr.domain.join(removed, default)


def _list_pop(fr: Frame, receiver: Value, objects: list[tuple[Ref, Obj]], arguments: Arguments, pos: int) -> Value:
    index = arguments.pos[0] if arguments.pos else constant(-1)
    if len(objects) == 1 and objects[0][1].exact:
        return delete_item(fr, receiver, index, pos)
    return iterate(fr, receiver, pos)


@behaviour("dict-setdefault")
def dict_setdefault(fr: Frame, spec: CallSpec, receiver: Receiver, arguments: Arguments, pos: int) -> Value | None:
    """`d.setdefault(k, v)`."""
    if receiver is None or not arguments.pos:
        return None
    key = arguments.pos[0]
    value = arguments.pos[1] if len(arguments.pos) > 1 else NONE
    if key.is_constant() and _surely_there(fr, receiver, key.consts):
        return read_item(fr, receiver, key, pos)
    before = BOTTOM if _surely_absent(fr, receiver, key) else read_item(fr, receiver, key, pos)
    joined = fr.domain.join(before, value)
    write_item(fr, receiver, key, joined, pos)
    return joined


@behaviour("dict-update")
def dict_update(fr: Frame, spec: CallSpec, receiver: Receiver, arguments: Arguments, pos: int) -> Value | None:
    """`d.update(other, key=value)`, `s.update(xs)`."""
    if receiver is None:
        return None
    objects = _objects(fr, receiver)
    if objects and objects[0][1].kind in ("set", "list"):
        for source in arguments.pos:
            _add(fr, receiver, iterate(fr, source, pos))
        return NONE
    for source in arguments.pos:
        for ref in source.refs:
            obj = fr.obj(ref)
            if obj is not None and obj.kind == "dict":
                for key, value in obj.fields.items():
                    write_item(fr, receiver, constant(key), value, pos)
                if not obj.rest.is_bottom():
                    write_item(fr, receiver, CLEAN, obj.rest, pos)
            else:
                write_item(fr, receiver, CLEAN, read_item(fr, Value((ref,)), CLEAN, pos), pos)
    for name, value in arguments.kw.items():
        write_item(fr, receiver, constant(name), value, pos)
    if arguments.kwstar is not BOTTOM:
        write_item(fr, receiver, CLEAN, read_item(fr, arguments.kwstar, CLEAN, pos), pos)
    return NONE


@behaviour("dict-items")
def dict_items(fr: Frame, spec: CallSpec, receiver: Receiver, arguments: Arguments, pos: int) -> Value | None:
    """`d.items()`: pairs of key and value."""
    if receiver is None:
        return None
    objects = _objects(fr, receiver)
    if len(objects) == 1 == len(receiver.refs) and objects[0][1].kind == "dict":
        obj = objects[0][1]
        if obj.rest.is_bottom() and not obj.multi and len(obj.fields) <= 30:
            pairs = [
                make_sequence(fr, "tuple", [constant(key), value], pos, ("item", key))
                for key, value in obj.fields.items()
            ]
            return make_sequence(fr, "list", pairs, pos, "items")
    if any(obj.kind == "dict" for _, obj in objects):
        key = fr.domain.join_all(keys_of(fr, obj) for _, obj in objects if obj.kind == "dict")
        value = fr.domain.join_all(v for _, obj in objects for v in obj.values())
        return make_collection(fr, "list", make_sequence(fr, "tuple", [key, value], pos, "item"), pos, "items")
    value = read_item(fr, receiver, CLEAN, pos)
    return make_collection(fr, "list", make_sequence(fr, "tuple", [CLEAN, value], pos, "item"), pos, "items")


@behaviour("dict-keys")
def dict_keys(fr: Frame, spec: CallSpec, receiver: Receiver, arguments: Arguments, pos: int) -> Value | None:
    """`d.keys()`."""
    objects = _objects(fr, receiver)
    if not objects:
        return make_collection(fr, "list", CLEAN, pos, "keys")
    keys = fr.domain.join_all(keys_of(fr, obj) for _, obj in objects)
    return make_collection(fr, "list", keys, pos, "keys")


@behaviour("dict-values")
def dict_values(fr: Frame, spec: CallSpec, receiver: Receiver, arguments: Arguments, pos: int) -> Value | None:
    """`d.values()`."""
    objects = _objects(fr, receiver)
    if receiver is None:
        return None
    if not objects:
        return make_collection(fr, "list", read_item(fr, receiver, CLEAN, pos), pos, "values")
    values = fr.domain.join_all(value for _, obj in objects for value in obj.values())
    return make_collection(fr, "list", values if not values.is_bottom() else CLEAN, pos, "values")


@behaviour("most-common")
def most_common(fr: Frame, spec: CallSpec, receiver: Receiver, arguments: Arguments, pos: int) -> Value | None:
    """`counter.most_common()`: pairs of key and count."""
    keys = fr.domain.join_all(keys_of(fr, obj) for _, obj in _objects(fr, receiver))
    return make_collection(fr, "list", make_sequence(fr, "tuple", [keys, CLEAN], pos, "pair"), pos, "common")


@behaviour("copy-of")
def copy_of(fr: Frame, spec: CallSpec, receiver: Receiver, arguments: Arguments, pos: int) -> Value:
    """`x.copy()`, `copy.copy(x)`, `copy.deepcopy(x)`: option deep copies what it holds as well."""
    source = receiver if receiver is not None else arguments.pos[0] if arguments.pos else BOTTOM
    return copied(fr, source, pos, bool(spec.options.get("deep")))


def copied(fr: Frame, source: Value, pos: int, deep: bool) -> Value:
    """A copy of every known object that a value may be; unknown ones stay the same."""
    done: dict[Ref, Ref] = {}

    def one(ref: Ref, depth: int) -> Ref:
        obj = fr.obj(ref)
        if obj is None or obj.kind in ("func", "class", "module", "bound") or depth > 8:
            return ref
        if ref in done:
            return done[ref]
        new = fr.ctx.alloc(pos, ("copy", ref), ref.name, ref.tname)
        new.owner = ref.owner
        done[ref] = new
        if deep:
            obj = obj.replace(
                fields={key: deeper(value, depth) for key, value in obj.fields.items()}, rest=deeper(obj.rest, depth)
            )
        fr.put(new, obj.replace(multi=False))
        return new

    def deeper(value: Value, depth: int) -> Value:
        if not any(ref.kind == "alloc" for ref in value.refs):
            return value
        refs = tuple(one(ref, depth + 1) if ref.kind == "alloc" else ref for ref in value.refs)
        return Value(refs, value.labels, value.consts, value.other, value.test)

    refs = tuple(one(ref, 0) if ref.kind == "alloc" else ref for ref in source.refs)
    return Value(refs, source.labels, source.consts, source.other, source.test)


# -- lists and sets --------------------------------------------------------------------


def _add(fr: Frame, receiver: Value, value: Value) -> None:
    _keep(fr, value)
    for ref, obj in _objects(fr, receiver):
        if obj.kind == "list" and obj.exact and len(receiver.refs) == 1 and not obj.multi and len(obj.fields) < 40:
            fields = dict(obj.fields)
            fields[len(fields)] = value
            fr.put(ref, obj.replace(fields=fields))
            continue
        if obj.kind == "list" and obj.exact:
            rest = fr.domain.join_all([*obj.values(), value])
            fr.put(ref, obj.replace(fields={}, rest=rest, exact=False))
            continue
        fr.put(ref, obj.replace(rest=fr.domain.join(obj.rest, value)))


@behaviour("append")
def append(fr: Frame, spec: CallSpec, receiver: Receiver, arguments: Arguments, pos: int) -> Value | None:
    """`xs.append(x)`, `s.add(x)`, `q.put(x)`."""
    if receiver is None or not arguments.pos:
        return None
    value = arguments.pos[-1] if spec.options.get("last") else arguments.pos[0]
    _add(fr, receiver, value)
    for ref, obj in _objects(fr, receiver):
        if obj.cls == "queue":
            fr.engine.put_late(fr, ref, value)
    return NONE


@behaviour("insert")
def insert(fr: Frame, spec: CallSpec, receiver: Receiver, arguments: Arguments, pos: int) -> Value | None:
    """`xs.insert(i, x)`."""
    if receiver is None or len(arguments.pos) < 2:
        return None
    value = _keep(fr, arguments.pos[1])
    for ref, obj in _objects(fr, receiver):
        if obj.exact and arguments.pos[0].is_constant() and not obj.multi and len(receiver.refs) == 1:
            rows = [obj.fields[i] for i in range(len(obj.fields))]
            rows.insert(arguments.pos[0].consts[0], value)
            fr.put(ref, obj.replace(fields=dict(enumerate(rows))))
        else:
            rest = fr.domain.join_all([*obj.values(), value])
            fr.put(ref, obj.replace(fields={}, rest=rest, exact=False))
    return NONE


@behaviour("extend")
def extend(fr: Frame, spec: CallSpec, receiver: Receiver, arguments: Arguments, pos: int) -> Value | None:
    """`xs.extend(ys)`."""
    if receiver is None or not arguments.pos:
        return None
    known = known_elements(fr, arguments.pos[0], 20)
    if known is not None:
        for value in known:
            _add(fr, receiver, value)
        return NONE
    for ref, obj in _objects(fr, receiver):
        rest = fr.domain.join_all([*obj.values(), iterate(fr, arguments.pos[0], pos)])
        fr.put(ref, obj.replace(fields={}, rest=_keep(fr, rest), exact=False))
    return NONE


@behaviour("clear")
def clear(fr: Frame, spec: CallSpec, receiver: Receiver, arguments: Arguments, pos: int) -> Value | None:
    """`xs.clear()`."""
    objects = _objects(fr, receiver)
    for ref, obj in objects:
        if len(objects) == 1 and not obj.multi:
            fr.put(ref, Obj(obj.kind, obj.cls, {}, exact=obj.kind in ("list",)))
    return NONE


@behaviour("reorder")
def reorder(fr: Frame, spec: CallSpec, receiver: Receiver, arguments: Arguments, pos: int) -> Value | None:
    """`xs.sort()`, `xs.reverse()`: the same elements elsewhere."""
    for ref, obj in _objects(fr, receiver):
        if obj.exact and spec.options.get("reversed"):
            rows = [obj.fields[i] for i in range(len(obj.fields))]
            fr.put(ref, obj.replace(fields=dict(enumerate(rows[::-1]))))
        elif obj.exact:
            fr.put(ref, obj.replace(fields={}, rest=fr.domain.join_all(obj.values()), exact=False))
    return NONE


@behaviour("combine")
def combine(fr: Frame, spec: CallSpec, receiver: Receiver, arguments: Arguments, pos: int) -> Value | None:
    """`s.union(t)` and the like: elements of both."""
    if receiver is None:
        return None
    element = iterate(fr, receiver, pos)
    for value in arguments.pos:
        element = fr.domain.join(element, iterate(fr, value, pos))
    return make_collection(fr, "set", element, pos, "combined")


@behaviour("take")
def take(fr: Frame, spec: CallSpec, receiver: Receiver, arguments: Arguments, pos: int) -> Value | None:
    """`q.get()`, `xs.popleft()`: one of what was put in; into a queue also later, by another task."""
    if receiver is None:
        return None
    result = iterate(fr, receiver, pos)
    for ref, obj in _objects(fr, receiver):
        if obj.cls == "queue":
            later = ref.child(("late",))
            result = fr.domain.join(result, Value((), {fr.domain.label(later): None}, (), True))
    return result


def _register() -> None:
    from pi_lint.flow import kinds
    from pi_lint.flow.show import shown

    kinds.ITERATION["zip"] = _iterate_zip

    def show_zip(fr: Frame, ref: Ref, obj: Obj, mode: str) -> Any:
        labels: Any = {}
        for value in obj.values():
            labels = fr.domain.join_labels(labels, shown(fr, value, "repr"))
        return labels if mode == "data" else {}

    kinds.SHOWS["zip"] = show_zip


_register()
