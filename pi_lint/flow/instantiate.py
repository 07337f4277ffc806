"""Rewriting a summary in its caller's terms: result, flows, effects, facts (see `summary.py`)."""

from __future__ import annotations

from typing import Any

from pi_lint.flow.attributes import read_attr, set_field
from pi_lint.flow.conditions import falsity, truth
from pi_lint.flow.domain import (
    BOTTOM,
    NO_FACTS,
    Fact,
    Facts,
    Held,
    Label,
    Labels,
    Named,
    Pi,
    Ref,
    Trace,
    Value,
    constant,
)
from pi_lint.flow.elements import iterate
from pi_lint.flow.frame import Frame
from pi_lint.flow.heap import BY_FIELD, Obj, join_objects
from pi_lint.flow.items import read_item
from pi_lint.flow.naming import is_carrier
from pi_lint.flow.summary import MAX_FLOWS, Summary

_MAX_NESTING = 4
_MAX_TRACE = 14


class Substitution:
    """One instantiation: maps the callee's references to what they are in the caller."""

    __slots__ = ("fr", "made", "memo", "pos", "summary", "working")

    def __init__(self, fr: Frame, summary: Summary, leaves: list[Value], nodes: list[Ref], pos: int) -> None:
        self.fr = fr
        self.summary = summary
        self.pos = pos
        self.memo: dict[Ref, Value] = {}
        self.made: list[tuple[Ref, Ref]] = []
        self.working: set[Ref] = set()
        for ref, leaf in zip(summary.leaves, leaves, strict=False):
            self.memo[ref] = leaf
        for ref, node in zip(summary.nodes, nodes, strict=False):
            self.memo[ref] = Value((node,))

    def ref(self, ref: Ref) -> Value:
        """What a reference of the callee is here."""
        found = self.memo.get(ref)
        if found is not None:
            return found
        if ref in self.working:
            return self.fr.opaque(ref) if ref.kind == "opaque" else Value((ref,))
        self.working.add(ref)
        found = self._ref(ref)
        self.working.discard(ref)
        self.memo[ref] = found
        return found

    def _ref(self, ref: Ref) -> Value:
        fr = self.fr
        if ref.kind == "ext" or fr.engine.is_global(ref):
            return Value((ref,))
        if ref.parent is not None:
            base = self.ref(ref.parent)
            if base.refs == (ref.parent,):
                return fr.opaque(ref) if ref.kind == "opaque" else Value((ref,))
            return self._step(base, ref)
        if ref.kind == "opaque" and isinstance(ref.op[0], tuple) and ref.op[0][0] == "value":
            return fr.engine.external(ref.op[0][1], fr.ctx)  # the same request, session or user as in the caller
        if ref.maker is not self.summary:
            return fr.opaque(ref) if ref.kind == "opaque" else Value((ref,))
        depth = 0
        tag: Any = ref.op[0]
        while isinstance(tag, tuple) and tag and tag[0] == "in":
            depth += 1
            tag = tag[1].op[0]
        if depth >= _MAX_NESTING:
            return fr.opaque(ref) if ref.kind == "opaque" else Value((ref,))
        if ref.kind == "opaque":
            new = fr.ctx.opaque(self.pos, ("in", ref), ref.name, ref.tname)
            new.hint, new.owner, new.place = ref.hint, ref.owner, ref.place
            if ref.info is not None and new.info is None:
                new.info = self.info(ref.info)
            if ref in self.summary.heap:
                self.made.append((ref, new))
            return fr.opaque(new)
        new = fr.ctx.alloc(self.pos, ("in", ref), ref.name, ref.tname)
        new.hint, new.owner = ref.hint, ref.owner
        self.made.append((ref, new))
        return Value((new,))

    def info(self, info: Any) -> Any:
        """What is known of a call, with its references rewritten."""
        if isinstance(info, tuple):
            return tuple(self.info(part) for part in info)
        if isinstance(info, Ref):
            value = self.ref(info)
            return value.refs[0] if value.refs else info
        return info

    def _step(self, base: Value, ref: Ref) -> Value:
        """One step of an access path, read in the caller."""
        fr = self.fr
        if fr.state is None:
            return BOTTOM
        kind = ref.op[0]
        if ref.parent is not None and (ref.parent.hint or ref.parent.name):
            for item in base.refs:
                if item.kind == "opaque" and not item.hint and not item.name:
                    item.hint = ref.parent.hint or ref.parent.name
        if kind == "a":
            value = read_attr(fr, base, ref.op[1], self.pos)
        elif kind == "k":
            value = read_item(fr, base, constant(ref.op[1]), self.pos)
        elif kind == "i":
            value = iterate(fr, base, self.pos)
        else:
            value = BOTTOM
            for item in base.refs:
                child = item.child(ref.op)
                child.owner, child.tname, child.info = (
                    child.owner or ref.owner,
                    child.tname or ref.tname,
                    child.info or ref.info,
                )
                if len(base.refs) == 1 and is_carrier(fr.knowledge, child):
                    _mirror(ref, child, 0)
                value = fr.domain.join(value, fr.opaque(child) if child.kind == "opaque" else Value((child,)))
        if ref.tname is not None:
            for item in value.refs:
                if item.kind == "opaque" and item.tname is None:
                    item.tname = ref.tname
        if ref.kind == "alloc":
            return self._typed(value, ref)
        if ref in self.summary.heap and ref.root().maker is self.summary:
            self.made += [(ref, item) for item in value.refs if item.kind == "opaque"]
        return value

    def _typed(self, value: Value, ref: Ref) -> Value:
        """A field known in the callee to be an instance of a class is one here, too."""
        obj = self.summary.heap.get(ref)
        result = BOTTOM
        for item in value.refs:
            if (
                item.kind == "opaque"
                and item.parent is not None
                and self.fr.live.heap.get(item) is None
                and obj is not None
            ):
                item.kind = "alloc"
                item.owner = ref.owner
                self.fr.put(item, Obj(obj.kind, obj.cls))
            result = self.fr.domain.join(result, Value((item,)) if item.kind == "alloc" else self.fr.opaque(item))
        return result

    def label(self, label: Label, trace: Trace) -> Labels:
        """A label of the callee as labels here."""
        domain = self.fr.domain
        guards = self.facts(label.guards)
        source = label.source
        result: Labels = {}
        if isinstance(source, Held):
            owner_value = self.ref(source.owner)
            inner = domain.label(source.inner, label.protections, label.kept, label.guards)
            for moved, moved_trace in self.label(inner, trace).items():
                if owner_value.refs and not isinstance(moved.source, Held):
                    held = domain.held(moved.source, owner_value.refs[0])
                    moved = domain.label(held, moved.protections, moved.kept, moved.guards)
                result[moved] = moved_trace
            return result
        if isinstance(source, Pi):
            owner = source.owner
            if owner is not None:
                value = self.ref(owner)
                owner = value.refs[0] if value.refs else owner
            declared = domain.pi(source.category, source.expression, owner, source.place, source.confidence)
            return {domain.label(declared, label.protections, label.kept, guards): trace}
        if isinstance(source, Named):
            value = self.ref(source.under)
            for inner, inner_trace in value.labels.items():
                under = inner.source
                if isinstance(under, Ref) and under in value.refs and self.fr.engine.name_match(under) is None:
                    moved_name = domain.named(source.name, source.owner, under, source.place)
                    new = self._composed(label, inner, guards, moved_name)
                    result[new] = self._trace(inner_trace, trace)
            return result
        value = self.ref(source)
        for inner, inner_trace in value.labels.items():
            result[self._composed(label, inner, guards, inner.source)] = self._trace(inner_trace, trace)
        return result

    def _composed(self, outer: Label, inner: Label, guards: Facts, source: Any) -> Label:
        kept = inner.kept if outer.kept is None else outer.kept
        protections = (*inner.protections, *outer.protections)[-4:]
        return self.fr.domain.label(source, protections, kept, guards | inner.guards)

    def _trace(self, inner: Trace, outer: Trace) -> Trace:
        """The caller's steps, the call, then the callee's steps."""
        steps: list[tuple[str, Any]] = []
        item = outer
        while item is not None and len(steps) < _MAX_TRACE:
            steps.append((item[1], item[2]))
            item = item[0]
        length = 0
        item = inner
        while item is not None:
            length += 1
            item = item[0]
        result = inner
        if length < _MAX_TRACE and self.fr.ctx.entry is None:
            result = (inner, "call", self.fr.place(self.pos))
        for kind, place in reversed(steps):
            result = (result, kind, place)
        return result

    def facts(self, facts: Facts) -> Facts:
        """Facts of the callee as facts here; one about a constant is dropped."""
        if not facts:
            return NO_FACTS
        result: set[Fact] = set()
        for fact in facts:
            value = self.ref(fact.ref)
            if fact.op == "true":
                result |= truth(self.fr, value)
            elif fact.op == "false":
                result |= falsity(self.fr, value)
            else:
                result.update(self.fr.domain.fact(fact.op, ref, fact.const) for ref in value.refs[:1])
        return frozenset(result)

    def value(self, value: Value) -> Value:
        """A value of the callee as a value here."""
        if not value.refs and not value.labels:
            return value if value.test is None else value.with_test(self._test(value))
        domain = self.fr.domain
        result = Value((), {}, value.consts, value.other)
        test = self._test(value) if value.test is not None else None
        for ref in value.refs:
            here = self.ref(ref)
            keep = any(
                label.source is ref and not label.protections and label.kept is None and not label.guards
                for label in value.labels
            )
            result = domain.join(result, Value(here.refs, here.labels if keep else {}, here.consts, here.other))
            if here.test is not None and len(value.refs) == 1 and test is None:
                test = here.test
        labels: Labels = {}
        for label, trace in value.labels.items():
            if label.source in value.refs and not label.protections and label.kept is None and not label.guards:
                continue
            labels.update(self.label(label, trace))
        return Value(result.refs, domain.join_labels(result.labels, labels), result.consts, result.other, test)

    def _test(self, value: Value) -> tuple[Facts, Facts] | None:
        assert value.test is not None
        return (self.facts(value.test[0]), self.facts(value.test[1]))

    def object(self, obj: Obj) -> Obj:
        """The contents of an object, rewritten."""
        return obj.replace(
            fields={key: self.value(value) for key, value in obj.fields.items()},
            rest=self.value(obj.rest),
            keys=self.value(obj.keys),
        )

    def copy_made(self) -> None:
        """Bring the objects that the callee made, and that are still reachable, into the caller's heap."""
        while self.made:
            ref, new = self.made.pop()
            obj = self.summary.heap.get(ref)
            if obj is None:
                continue
            moved = self.object(obj)
            before = self.fr.live.heap.get(new)
            if before is not None and new in self.fr.engine.kept:
                moved = join_objects(self.fr.domain, new, before, moved).replace(multi=True)
            self.fr.put(new, moved)


def _mirror(ref: Ref, here: Ref, depth: int) -> None:
    """What a callee reads of a request or an answer is known of it here, too (SPEC 8.68)."""
    for op, child in ref.children.items():
        if op[0] in ("a", "k", "i", "parsed") and depth < 3:
            mine = here.child(op, child.place)
            mine.info, mine.tname = mine.info or child.info, mine.tname or child.tname
            _mirror(child, mine, depth + 1)


def instantiate(fr: Frame, summary: Summary, leaves: list[Value], nodes: list[Ref], pos: int) -> Value:
    """Apply a summary at a call: gives its result, and records flows, effects and facts in the caller."""
    sub = Substitution(fr, summary, leaves, nodes, pos)
    mine = fr.ctx.summary
    for ref, leaf in zip(summary.leaves, leaves, strict=False):
        if ref.children and len(leaf.refs) == 1 and leaf.refs[0].kind == "opaque":
            if is_carrier(fr.knowledge, leaf.refs[0]):
                _mirror(ref, leaf.refs[0], 0)
    mine.reads |= summary.reads
    mine.calls[id(summary)] = summary
    _flows(fr, sub, summary)
    result = sub.value(summary.result)
    established = sub.facts(summary.established)
    raised = sub.value(summary.raised)
    effects = [(ref, sub.object(obj), sub.ref(ref)) for ref, obj in summary.effects.items()]
    sub.copy_made()
    for ref, obj, target in effects:
        _apply(fr, ref, obj, target)
    sub.copy_made()
    for ref, node in zip(summary.nodes, nodes, strict=False):
        put = fr.engine.late.get(ref)
        if put is not None:
            fr.engine.put_late(fr, node, sub.value(put))
    if not raised.is_bottom():
        if fr.caught:
            fr.caught[-1].append((raised, fr.live.branch()))
        else:
            mine.raised = fr.domain.join(mine.raised, raised)
            fr.engine.functions.keep_raised(fr, raised)
    if not summary.returns:
        function = summary.function
        if function is not None and (function.is_generator or function.is_async):
            return BOTTOM  # calling it only makes it: it runs, perhaps for ever, elsewhere
        fr.state = None
        return BOTTOM
    fr.add_facts(established)
    return result


def _flows(fr: Frame, sub: Substitution, summary: Summary) -> None:
    flows = fr.ctx.summary.flows
    facts = fr.live.facts
    domain = fr.domain
    for (hit, label), trace in list(summary.flows.items()):  # a recursive call adds to what it reads
        if len(flows) >= MAX_FLOWS:
            fr.engine.statistics["flows_cut"] = fr.engine.statistics.get("flows_cut", 0) + 1
            break
        if not fr.engine.guardable(hit.concept) and not sub.fr.engine.depends_on_caller(summary, label):
            continue  # nothing that a caller does can clear it: it is reported from the summary itself
        for new, new_trace in sub.label(label, trace).items():
            if facts and not facts <= new.guards:
                new = domain.label(new.source, new.protections, new.kept, new.guards | facts)
            flows.setdefault((hit, new), new_trace)


def _apply(fr: Frame, ref: Ref, obj: Obj, target: Value) -> None:
    """One effect: the new contents of a container, or the fields written to another object."""
    strong = len(target.refs) == 1
    for item in target.refs:
        if item.kind == "ext":
            continue
        current = fr.live.heap.get(item)
        if current is None or obj.kind != current.kind:
            if item.kind == "alloc" and obj.kind != "overlay":
                fr.put(item, obj)
            else:
                for key, value in obj.fields.items():
                    set_field(fr, item, key, value, strong)
        elif obj.kind in BY_FIELD:
            _write_fields(fr, item, current, obj, strong)
        elif current.multi or not strong or fr.engine.is_global(item):
            # What a function does to a global container it does to the one that it knew, perhaps an older one.
            fr.put(item, join_objects(fr.domain, item, current, obj))
        else:
            fr.put(item, obj)


def _write_fields(fr: Frame, item: Ref, current: Obj, obj: Obj, strong: bool) -> None:
    fields = dict(current.fields)
    for key, value in obj.fields.items():
        before = fields.get(key)
        if strong and not current.multi:
            fields[key] = value
        elif before is not None:
            fields[key] = fr.domain.join(before, value)
        elif current.kind == "overlay":
            unwritten = fr.opaque(item.child(key if isinstance(key, tuple) else ("a", key)))
            fields[key] = fr.domain.join(unwritten, value)
        else:
            fields[key] = fr.domain.join(current.rest, value)
    fr.put(
        item,
        current.replace(
            fields=fields,
            rest=fr.domain.join(current.rest, obj.rest),
            keys=fr.domain.join(current.keys, obj.keys),
            exact=current.exact and obj.exact,
        ),
    )
