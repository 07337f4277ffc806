"""The whole program: functions that nobody calls are roots; what they write to globals is joined until it settles."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from pi_lint.flow.domain import BOTTOM, Ref, Value
from pi_lint.flow.frame import Frame, OutOfSteps, Unreachable
from pi_lint.flow.heap import Heap, Obj, State, join_objects, same_value
from pi_lint.flow.naming import context_name
from pi_lint.flow.summary import MAX_ROUNDS, Context, Flows, Summary
from pi_lint.project.program import Function, Program, names_used

if TYPE_CHECKING:
    from pi_lint.flow.engine import Engine


class Roots:
    """The roots of one engine's program; `run` analyses them and gives all flows."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._chosen: list[Summary] = []
        self._summaries: dict[Function, Summary] = {}
        self._mentioned = mentioned_names(engine.program)

    def run(self) -> Flows:
        """Analyse roots until no global changes any more; every flow that was found, guarded or not."""
        for _ in range(MAX_ROUNDS):
            self._chosen = self._run_roots()
            if not self._absorb():
                break
        else:
            self.engine.count("rounds_cut")
        return self._gather()

    def _run_roots(self) -> list[Summary]:
        self.engine.functions.called.clear()
        order = sorted(self.engine.noted, key=lambda f: (f.module.index, f.pos))
        sure = [f for f in order if self._mentioned.get(f.name, 0) == 0 or self.engine.decorators.is_entry(f)]
        roots: dict[Function, Summary] = {f: self._root(f) for f in sure}
        tentative: dict[Function, Summary] = {}
        for function in order:
            if function not in roots and function not in self.engine.functions.called:
                tentative[function] = self._root(function)
        chosen = [*roots.values(), *self._pending_closures()]
        reached = _reached(chosen + self.engine.module_summaries)
        called = _called_by_others(tentative)
        for function, summary in tentative.items():
            if function not in called and function not in reached:
                chosen.append(summary)
                reached |= _reached([summary])
        for function, summary in tentative.items():
            if function not in reached:
                chosen.append(summary)
                reached |= _reached([summary])
        for function in order:
            if function not in reached and function not in roots and function not in tentative:
                summary = self._root(function)
                chosen.append(summary)
                reached |= _reached([summary])
        return chosen

    def _root(self, function: Function) -> Summary:
        """A function called by nobody we know: by a framework, or by code outside."""
        known = self._summaries.get(function)
        if known is not None:
            self.engine.functions.called |= _reached([known]) - {function}
            return known
        key = ("root", function)
        summary = self._summaries[function] = Summary(key, None)
        ctx = Context(summary, function.module, None, self.engine.globals)
        ctx.entry = function
        fr = Frame(self.engine, ctx, State({}, Heap(self.engine.globals)))
        self._call(fr, function, self.engine.noted[function])
        state = fr.state
        summary.returns = state is not None
        if state is not None:
            summary.effects = {
                ref: obj
                for ref, obj in state.heap.changes_since(self.engine.globals).items()
                if self.engine.is_global(ref) or context_name(ref) is not None
            }
            summary.heap.update(state.heap.changes_since(self.engine.globals))
        return summary

    def _call(self, fr: Frame, function: Function, value: Value) -> None:
        """Call a function with unknown arguments; what we failed to foresee costs this root alone."""
        try:
            self.engine.parameters.call_as_root(fr, function, value)
        except Unreachable:
            fr.state = None
        except OutOfSteps:
            self.engine.count("functions_cut")
        except Exception as fault:  # the one boundary
            self.engine.note_fault(function, fault)

    def _pending_closures(self) -> list[Summary]:
        """Inner functions that were handed out and never called: called with unknown arguments where they were made."""
        summaries: list[Summary] = []
        done: set[Function] = set()
        for _ in range(3):
            pending = {
                f: entry
                for f, entry in self.engine.functions.pending.items()
                if f not in self.engine.functions.called and f not in done
            }
            done |= pending.keys()
            if not pending:
                break
            for function in sorted(pending, key=lambda f: (f.module.index, f.pos)):
                origin, state, value = pending[function]
                if function in self.engine.functions.called:
                    continue
                summary = Summary(("closure", function), None)
                ctx = Context(summary, function.module, None, self.engine.globals)
                ctx.entry = function
                fr = Frame(self.engine, ctx, state.branch())
                self._call(fr, function, value)
                summaries.append(summary)
        return summaries

    def _absorb(self) -> bool:
        """Join what the roots wrote to global objects into them; drop the summaries that read those; tell if any."""
        changed: set[Ref] = set()
        for summary in [*self._chosen, *self.engine.module_summaries]:
            for ref, obj in summary.effects.items():
                if context_name(ref) is not None:
                    changed |= self._share(ref, obj, summary)
                    continue
                if ref is self.engine.pending_writes:
                    continue
                before = self.engine.globals.get(ref) or (Obj("overlay") if ref.kind == "opaque" else None)
                if before is None or before is obj:
                    continue
                merged = join_objects(self.engine.domain, ref, before, obj).replace(multi=before.multi)
                names = [
                    key
                    for key in merged.fields
                    if key not in before.fields or not same_value(before.fields[key], merged.fields[key])
                ]
                if not names and same_value(before.rest, merged.rest) and same_value(before.keys, merged.keys):
                    continue
                if before.kind == "module":
                    changed.update(ref.child(("a", name)) for name in names)
                else:
                    changed.add(ref)
                self.engine.globals.put(ref, merged)
                self._adopt(summary, obj)
        if not changed:
            return False
        for table in (self.engine.functions.summaries, self._summaries):
            for key in [key for key, summary in table.items() if summary.reads & changed]:
                del table[key]
        return True

    def _share(self, ref: Ref, obj: Obj, summary: Summary) -> set[Ref]:
        """Fields of a request-wide object that one function sets and others read (`g.user`)."""
        changed: set[Ref] = set()
        home = self.engine.external(context_name(ref) or "").refs[0]
        before = self.engine.globals.get(home) or Obj("overlay")
        for key, value in obj.fields.items():
            if any(item.parent is ref for item in value.refs):
                continue  # only what was written to the field's own fields, not the field
            known = before.fields.get(key, BOTTOM)
            merged = self.engine.domain.join(known, value)
            if isinstance(key, str) and not same_value(known, merged):
                before = before.with_field(key, merged)
                changed.add(home.child(("a", key)))
        if changed:
            self.engine.globals.put(home, before)
            self._adopt(summary, obj)
        return changed

    def _adopt(self, summary: Summary, obj: Obj) -> None:
        """Objects that a global now holds live as long as the program."""
        stack = [ref for value in obj.values() for ref in value.refs]
        while stack:
            ref = stack.pop()
            if ref in self.engine.globals.own:
                continue
            held = summary.heap.get(ref)
            if held is None:
                continue
            self.engine.globals.put(ref, held)
            stack.extend(item for value in held.values() for item in value.refs)

    def _gather(self) -> Flows:
        """All flows of the roots, and those of callees that no caller could clear."""
        flows: Flows = {}
        seen: set[int] = set()
        stack = [*self._chosen, *self.engine.module_summaries]
        for summary in stack:
            for (hit, label), trace in summary.flows.items():
                flows.setdefault((hit, label), trace)
            seen.add(id(summary))
        stack = [callee for summary in stack for callee in summary.calls.values()]
        while stack:
            summary = stack.pop()
            if id(summary) in seen:
                continue
            seen.add(id(summary))
            for (hit, label), trace in summary.flows.items():
                if not self.engine.guardable(hit.concept) and not self.engine.depends_on_caller(summary, label):
                    flows.setdefault((hit, label), trace)
            stack.extend(summary.calls.values())
        return flows


def mentioned_names(program: Program) -> dict[str, int]:
    """How often each name is used anywhere in a program."""
    found: dict[str, int] = {}
    for module in program.modules:
        for name, count in names_used(module.body).items():
            found[name] = found.get(name, 0) + count
    return found


def _reached(summaries: Sequence[Summary]) -> set[Function]:
    """Functions whose analysis these summaries are, or use."""
    found: set[Function] = set()
    seen: set[int] = set()
    stack = list(summaries)
    while stack:
        summary = stack.pop()
        if id(summary) in seen:
            continue
        seen.add(id(summary))
        if summary.function is not None:
            found.add(summary.function)
        elif isinstance(summary.key, tuple) and summary.key[0] in ("root", "closure"):
            found.add(summary.key[1])
        stack.extend(summary.calls.values())
    return found


def _called_by_others(roots: dict[Function, Summary]) -> set[Function]:
    """Functions that some other function's analysis calls, beyond its own first step."""
    found: set[Function] = set()
    for function, summary in roots.items():
        inner: set[Function] = set()
        for callee in summary.calls.values():
            if callee.function is function:
                inner |= _reached(list(callee.calls.values()))
            else:
                inner |= _reached([callee])
        found |= inner - {function}
    return found
