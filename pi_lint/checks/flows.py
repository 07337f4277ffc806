"""From flows to findings: which code, what clears it, where it stands, how it came about (SPEC 3, 6, 8)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

from pi_lint.checks.guards import Guards
from pi_lint.checks.masks import is_masked
from pi_lint.flow.domain import CUT_MARK, Held, Label, Named, Pi, Place, Ref, Trace
from pi_lint.flow.naming import is_carrier
from pi_lint.flow.summary import Hit
from pi_lint.frontend.ir import span_of, unpack
from pi_lint.knowledge.names import NameMatch
from pi_lint.model import CONFIDENCE_ORDER, Confidence, Finding, Sensitivity, Severity, Span, Step
from pi_lint.model import Trace as FindingTrace

if TYPE_CHECKING:
    from pi_lint.flow.engine import Engine

_STRONG: Final = frozenset({"encryption", "keyed_hash", "slow_hash", "token", "mask"})
_WEAK: Final = frozenset({"digest", "encoding", "weak_cipher", "weak_key"})
_KEEPING: Final = frozenset({"database", "cache", "queue", "session", "identifier", "response", "mail"})
_MAX_TRACES: Final = 12
_SEVERITIES: Final[dict[Sensitivity, Severity]] = {
    Sensitivity.HIGH: "error", Sensitivity.MEDIUM: "warning", Sensitivity.LOW: "note",
}  # fmt: skip


class Findings:
    """Turns the flows of an engine into findings; one a run."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.knowledge = engine.knowledge
        self.guards = Guards(engine.knowledge)
        self._requests: dict[Ref, tuple[tuple[str, Ref], ...]] = {}

    def all(self) -> list[Finding]:
        """Every finding of both profiles and all confidences, sorted."""
        groups: dict[tuple[Place, str], list[tuple[str, Confidence, Hit, Label, Trace, str]]] = {}
        arrived = (
            (hit, arriving, trace)
            for (hit, label), trace in self.engine.flows.items()
            for arriving in self.engine.arriving(label)
        )
        for hit, label, trace in arrived:
            for category, confidence in self.categories(label):
                code, replaced = self.code(hit, label, category)
                if code is None:
                    continue
                sure = min(confidence, hit.confidence, key=lambda c: CONFIDENCE_ORDER[c])
                if CUT_MARK in label.protections:
                    sure = "low"
                groups.setdefault((hit.place, code), []).append((category, sure, hit, label, trace, replaced))  # type: ignore[arg-type]
        findings = []
        for (place, code), rows in groups.items():
            finding = self._finding(place, code, rows)
            if finding is not None:
                findings.append(finding)
        findings.sort(key=Finding.sort_key)
        return _numbered(findings)

    # -- which category --------------------------------------------------------------------

    def categories(self, label: Label) -> list[tuple[str, Confidence]]:
        """The categories that a label's source is, with how sure that is."""
        source = plain(label)
        if isinstance(source, Pi):
            return [(source.category, source.confidence)]  # type: ignore[list-item]
        if isinstance(source, Named):
            match = self.knowledge.names.classify(source.name, source.owner or None)
            return [(match.category, match.confidence)] if match is not None else []
        match = self.engine.name_match(source)
        if match is not None:
            return [(match.category, match.confidence)]
        return [(category, "high") for category, _ in self.known_content(source)]

    def known_content(self, ref: Ref) -> tuple[tuple[str, Ref], ...]:
        """What a whole request or parsed answer is known to hold: the PI keys that are read of it (SPEC 8.68, 8.74)."""
        found = self._requests.get(ref)
        if found is None:
            found = ()
            if is_carrier(self.engine.knowledge, ref):
                rows: dict[str, Ref] = {}
                stack = list(ref.children.values())
                while stack:
                    child = stack.pop(0)
                    match: NameMatch | None = self.engine.name_match(child)
                    if match is not None:
                        rows.setdefault(match.category, child)
                    elif child.op[0] in ("i", "parsed", "k") or is_carrier(self.engine.knowledge, child):
                        stack.extend(child.children.values())
                found = tuple(rows.items())
            self._requests[ref] = found
        return found

    # -- which code ------------------------------------------------------------------------

    def code(self, hit: Hit, label: Label, category: str) -> tuple[str | None, str]:
        """The code of a flow, or None where something clears it; and the code that PIL133 stands for."""
        code = self.knowledge.concepts.get(hit.concept)
        if code is None or category in hit.exempt or self._issued(hit, label, category):
            return None, ""
        if self._supervised(hit, code):
            return None, ""
        name = source_name(label)
        if any(_protects(kind, category) for kind in label.protections) or self._kept_protected(label, category):
            return None, ""
        if is_masked(self.knowledge.names, category, label.kept):
            return None, ""
        weak = [kind for kind in label.protections if kind in _WEAK]
        if weak == ["digest"] * len(weak) and weak and not self._guessable(category, name):
            return None, ""
        for fact in label.guards:
            guard = self.guards.of(fact)
            if guard is not None and self.guards.clears(code, guard, label.source):
                return None, ""
        if weak:
            return self._weak_code(), code
        return code, ""

    def _supervised(self, hit: Hit, code: str) -> bool:
        """Whether a sink is a processor that the operator supervises (Article 11): no consent is needed then."""
        if "consent" not in self.knowledge.clearing.get(code, frozenset()):
            return False
        names = (hit.vendor, hit.host, hit.sink.partition(".")[0], hit.sink)
        return any(name and self.knowledge.is_processor(name) for name in names)

    def _kept_protected(self, label: Label, category: str) -> bool:
        """A column to which the project writes only what it has itself protected (SPEC 8.39)."""
        source = plain(label)
        if "opened" in label.protections:
            return False
        if not isinstance(source, Ref) or not isinstance(source.info, tuple) or source.info[0] != "column":
            return False
        written = self.engine.column(source.info[1], source.info[2])
        if not written.labels:
            return False
        return all(any(_protects(kind, category) for kind in item.protections) for item in written.labels)

    def _weak_code(self) -> str:
        return next(code for code, spec in self.knowledge.codes.items() if spec.name == "weak-protection")

    def _guessable(self, category: str, name: str) -> bool:
        return self.knowledge.names.guessable(category, name)

    def _issued(self, hit: Hit, label: Label, category: str) -> bool:
        """Session tokens and one-time codes in the place that exists to carry them (SPEC 8.5)."""
        if hit.concept not in _KEEPING or self.knowledge.names.sensitivity(category) is not Sensitivity.HIGH:
            return False
        words = self.knowledge.names.words(source_name(label))
        return category == "password" and any(word in self.knowledge.words["issued"] for word in words)

    # -- the finding -------------------------------------------------------------------------

    def _finding(
        self, place: Place, code: str, rows: list[tuple[str, Confidence, Hit, Label, Trace, str]]
    ) -> Finding | None:
        if any(row[1] != "low" for row in rows):
            rows = [row for row in rows if row[1] != "low"]
        found = {row[0] for row in rows}
        names = self.knowledge.names
        if found == {"demographic"}:
            return None
        categories = tuple(category for category in names.categories if category in found)
        spec = self.knowledge.codes[code]
        path, span, text = self.locate(place)
        sensitivity = max(names.sensitivity(category) for category in categories)
        confidence = max((row[1] for row in rows), key=lambda c: CONFIDENCE_ORDER[c])
        traces: list[FindingTrace] = []
        order = {category: number for number, category in enumerate(categories)}
        for category, _, _, label, trace, _ in sorted(rows, key=lambda row: order[row[0]]):
            steps = self.steps(label, trace, category)
            one = FindingTrace((category,), steps)
            if one not in traces:
                traces.append(one)
        hit = rows[0][2]
        detail: dict[str, str] = {}
        replaced = sorted({row[5] for row in rows if row[5]})
        if replaced:
            detail["profile_of"] = replaced[0]
        return Finding(
            code, path, span, categories, sensitivity, _SEVERITIES[sensitivity], confidence, text, hit.sink,
            spec.article, traces[0].steps[0] if traces and traces[0].steps else None, tuple(traces[:_MAX_TRACES]),
            hit.purpose, "", detail,
        )  # fmt: skip

    def locate(self, place: Place) -> tuple[str, Span, str]:
        """Path, range and text of a place."""
        module = self.engine.program.modules[place[0]]
        span = span_of(place[1], module.lines)
        return module.path, span, self.text(place)

    def text(self, place: Place) -> str:
        """The code of a place, on one line."""
        module = self.engine.program.modules[place[0]]
        start, end = unpack(place[1])
        return " ".join(module.text[start:end].split())[:200]

    def steps(self, label: Label, trace: Trace, category: str) -> tuple[Step, ...]:
        """The steps of one flow, source first."""
        steps: list[Step] = []
        item = trace
        while item is not None:
            path, span, text = self.locate(item[2])
            steps.append(Step(path, span, item[1], text))
            item = item[0]
        source = plain(label)
        place = source.place if not isinstance(source, Ref) else self._source_place(source, category)
        if place is not None:
            path, span, _ = self.locate(place)
            steps.append(Step(path, span, "source", source_text(label)))
        return tuple(reversed(steps))

    def _source_place(self, ref: Ref, category: str) -> Place | None:
        for name, child in self.known_content(ref):
            if name == category:
                return child.place
        item: Ref | None = ref
        while item is not None and item.place is None:
            item = item.parent
        return item.place if item is not None else None


def plain(label: Label) -> Ref | Pi | Named:
    """A label's source, whoever holds it."""
    source = label.source
    return source.inner if isinstance(source, Held) else source


def _protects(kind: str, category: str) -> bool:
    """Whether a protection that was applied protects this category; a pattern protects what it can match."""
    if kind.startswith("mask:"):
        return category in kind[5:].split(",")
    return kind in _STRONG


def source_name(label: Label) -> str:
    """The bare name of a label's source."""
    source = plain(label)
    if isinstance(source, Named):
        return source.name
    if isinstance(source, Pi):
        return source.expression.rpartition(".")[2]
    if source.op[0] in ("a", "k") and isinstance(source.op[1], str):
        return source.op[1]
    return source.name or source.hint


def source_text(label: Label) -> str:
    """A label's source as a person would write it."""
    source = plain(label)
    if isinstance(source, Named):
        return source.name
    if isinstance(source, Pi):
        return source.expression
    return source.text()


def _numbered(findings: Iterable[Finding]) -> list[Finding]:
    """Give each finding a fingerprint by content, the same wherever the lines around it move."""
    from dataclasses import replace

    seen: dict[str, int] = {}
    result = []
    for finding in findings:
        source = finding.source.code if finding.source is not None else ""
        content = "\0".join(
            (finding.code, finding.path, finding.expression, finding.sink, source, ",".join(finding.categories))
        )
        seen[content] = seen.get(content, 0) + 1
        digest = hashlib.blake2b(f"{content}\0{seen[content]}".encode(), digest_size=10).hexdigest()
        result.append(replace(finding, fingerprint=digest))
    return result
