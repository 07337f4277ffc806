"""Where a finding is shown: at its sink, or at a step of the way there.

Purpose: a finding stands at its sink. Two wishes move it: `report_at = "source"` (each
flow at its outermost call) and a run for named files only, in which a flow that merely
passes through a named file is shown there (SPEC 8.52). What happens to a finding that
loses some of its flows or categories is decided here too, since both come together.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import replace

from pi_lint.knowledge.compiled import Knowledge
from pi_lint.model import Finding, Sensitivity, Severity, Step, Trace

# Listed beside another category of the same person only (SPEC 8.28).
_NEVER_ALONE = frozenset({"demographic"})
_SEVERITIES: dict[Sensitivity, Severity] = {
    Sensitivity.HIGH: "error",
    Sensitivity.MEDIUM: "warning",
    Sensitivity.LOW: "note",
}


def open_calls(trace: Trace) -> tuple[Step, ...]:
    """The calls that the sink stands inside of, outermost first: those with no return before the sink."""
    stack: list[Step] = []
    for step in trace.steps:
        if step.kind == "call":
            stack.append(step)
        elif step.kind == "return" and stack:
            stack.pop()
    return tuple(stack)


def with_categories(finding: Finding, kept: Collection[str], knowledge: Knowledge) -> Finding | None:
    """The finding with only these of its categories, their flows and what follows from them; None without any."""
    categories = tuple(c for c in finding.categories if c in kept)
    if categories == finding.categories:
        return finding
    if not set(categories) - _NEVER_ALONE:
        return None
    traces = tuple(
        Trace(own, trace.steps) for trace in finding.traces if (own := tuple(c for c in trace.categories if c in kept))
    )
    return _settled(finding, categories, traces, knowledge)


def without_traces(finding: Finding, dropped: Collection[Trace], knowledge: Knowledge) -> Finding | None:
    """The finding without some flows, and without the categories that only those brought; None if none is left.

    Categories that no listed flow explains stay: a finding lists a bounded number of flows.
    """
    if not dropped:
        return finding
    traces = tuple(t for t in finding.traces if t not in dropped)
    gone = {c for t in dropped for c in t.categories} - {c for t in traces for c in t.categories}
    categories = tuple(c for c in finding.categories if c not in gone)
    if not set(categories) - _NEVER_ALONE:
        return None
    return _settled(finding, categories, traces, knowledge)


def at_calls(findings: Iterable[Finding], knowledge: Knowledge) -> list[Finding]:
    """Each flow at its outermost call, for `report_at = "source"`; flows without a call stay at the sink."""
    return _moved(findings, lambda trace: next(iter(open_calls(trace)), None), knowledge)


def at_named(findings: Iterable[Finding], named: Callable[[str], bool], knowledge: Knowledge) -> list[Finding]:
    """What a run for named files shows: findings there, and flows through them at their outermost step there."""
    shown: list[Finding] = []
    elsewhere: list[Finding] = []
    for finding in findings:
        (shown if named(finding.path) else elsewhere).append(finding)

    def step_there(trace: Trace) -> Step | None:
        steps = [*open_calls(trace), *trace.steps]
        return next((step for step in steps if named(step.path)), None)

    moved = _moved(elsewhere, step_there, knowledge)
    return _merged([*shown, *(f for f in moved if named(f.path))], knowledge)


def _moved(findings: Iterable[Finding], step_of: Callable[[Trace], Step | None], knowledge: Knowledge) -> list[Finding]:
    """Split findings by the step that each of their flows is to be shown at, and merge what meets in one place."""
    result: list[Finding] = []
    for finding in findings:
        by_step: dict[Step | None, list[Trace]] = {}
        for trace in finding.traces:
            by_step.setdefault(step_of(trace), []).append(trace)
        for step, traces in by_step.items():
            present = {c for trace in traces for c in trace.categories}
            categories = tuple(c for c in finding.categories if c in present)
            part = _settled(finding, categories, tuple(traces), knowledge)
            result.append(part if step is None else replace(part, path=step.path, span=step.span))
        if not finding.traces:
            result.append(finding)
    return _merged(result, knowledge)


def _merged(findings: Sequence[Finding], knowledge: Knowledge) -> list[Finding]:
    """One finding a place and code, with the categories and flows of all that stand there."""
    by_place: dict[object, list[Finding]] = {}
    for finding in findings:
        by_place.setdefault(finding.sort_key(), []).append(finding)
    return [group[0] if len(group) == 1 else _union(group, knowledge) for group in by_place.values()]


def _union(group: Sequence[Finding], knowledge: Knowledge) -> Finding:
    order = {category: index for index, category in enumerate(knowledge.names.categories)}
    present = {c for finding in group for c in finding.categories}
    categories = tuple(sorted(present, key=lambda c: (order.get(c, len(order)), c)))
    traces = tuple(dict.fromkeys(t for finding in group for t in finding.traces))
    best = max((f.confidence for f in group), key=("low", "medium", "high").index)
    return replace(_settled(group[0], categories, traces, knowledge), confidence=best)


def _settled(finding: Finding, categories: tuple[str, ...], traces: tuple[Trace, ...], knowledge: Knowledge) -> Finding:
    """The finding with new categories and flows, and with the fields that follow from those."""
    if categories == finding.categories and traces == finding.traces:
        return finding
    sensitivity = max((knowledge.names.sensitivity(c) for c in categories), default=finding.sensitivity)
    first = next((t.steps[0] for t in traces if t.steps and set(t.categories) & set(categories[:1])), None)
    return replace(
        finding,
        categories=categories,
        traces=traces,
        sensitivity=sensitivity,
        severity=_SEVERITIES[sensitivity],
        source=first or finding.source,
        expression=first.code if first else finding.expression,
    )
