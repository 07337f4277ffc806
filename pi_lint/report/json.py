"""The JSON report; `rules/schema/report.schema.json` is its published form.

Purpose: everything that a finding holds, for other programs. The text is the same for
the same findings: no times, no figures of the cache, keys and rows in a fixed order.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from typing import Any

from pi_lint.knowledge.compiled import CodeSpec
from pi_lint.model import Finding, Problem, Report, Span, Step
from pi_lint.report import messages

VERSION = 1
# Figures that differ between two equal runs, by the first word of their name (SPEC 8.55).
_VARYING = ("cache", "time", "seconds")


def render(
    report: Report,
    codes: Mapping[str, CodeSpec],
    language: str,
    show_path: Callable[[str], str],
    varying_statistics: bool = False,
) -> str:
    """The report as JSON text with a final newline.

    `show_path` turns a path of the report into the one to print; `varying_statistics`
    adds the figures that two equal runs may differ in.
    """
    data = {
        "version": VERSION,
        "findings": [_finding(f, codes, language, show_path) for f in report.findings],
        "problems": [_problem(p, language, show_path) for p in report.problems],
        "statistics": {
            name: report.statistics[name]
            for name in sorted(report.statistics)
            if varying_statistics or not name.startswith(_VARYING)
        },
    }
    return json.dumps(data, ensure_ascii=False, indent=1) + "\n"


def _finding(
    finding: Finding, codes: Mapping[str, CodeSpec], language: str, show_path: Callable[[str], str]
) -> dict[str, Any]:
    spec = codes.get(finding.code)
    return {
        "path": show_path(finding.path),
        **_span(finding.span),
        "code": finding.code,
        "name": spec.name if spec else "",
        "categories": list(finding.categories),
        "sensitivity": finding.sensitivity.name.lower(),
        "severity": finding.severity,
        "confidence": finding.confidence,
        "message": messages.message(finding, codes, language),
        "expression": finding.expression,
        "sink": finding.sink,
        "article": finding.article,
        "purpose": finding.purpose,
        "source": _step(finding.source, show_path) if finding.source else None,
        "trace": [
            {"categories": list(trace.categories), "steps": [_step(step, show_path) for step in trace.steps]}
            for trace in finding.traces
        ],
        "fingerprint": finding.fingerprint or _fingerprint(finding),
    }


def _problem(problem: Problem, language: str, show_path: Callable[[str], str]) -> dict[str, Any]:
    return {
        "code": problem.code,
        "path": show_path(problem.path),
        "line": problem.line,
        "column": problem.column + 1,
        "severity": "error",
        "message": messages.problem_message(problem, language),
    }


def _step(step: Step, show_path: Callable[[str], str]) -> dict[str, Any]:
    return {"path": show_path(step.path), **_span(step.span), "kind": step.kind, "code": step.code}


def _span(span: Span) -> dict[str, int]:
    return {
        "line": span.line,
        "column": span.column + 1,
        "end_line": span.end_line,
        "end_column": span.end_column + 1,
    }


def _fingerprint(finding: Finding) -> str:
    """What stays the same when lines move, for a finding that came without (one about a comment)."""
    parts = (finding.code, finding.path, finding.sink, finding.expression)
    return hashlib.blake2b("\0".join(parts).encode("utf-8", "surrogatepass"), digest_size=10).hexdigest()
