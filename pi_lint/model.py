"""Frozen records that all layers share: places in files, findings, problems, the report.

Lines count from 1 and columns from 0, both in characters (code points), as in
Python's own `ast`; only the printed forms add 1 to columns.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Literal

Confidence = Literal["high", "medium", "low"]
Severity = Literal["error", "warning", "note"]
Profile = Literal["default", "strict"]
Language = Literal["en", "zh"]


class Sensitivity(IntEnum):
    """How much harm the disclosure of a category does (SPEC 2); the higher the worse."""

    LOW = 1
    MEDIUM = 2
    HIGH = 3


CONFIDENCE_ORDER: Mapping[str, int] = {"low": 0, "medium": 1, "high": 2}


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A range of one file's text: first line and column, and the end, exclusive."""

    line: int
    column: int
    end_line: int
    end_column: int


@dataclass(frozen=True, slots=True, order=True)
class Step:
    """One step of a trace: what happened to the value, where, and the code of that step."""

    path: str
    span: Span
    kind: str  # "source", "pass", "call", "return", "keep", "sink"
    code: str


@dataclass(frozen=True, slots=True, order=True)
class Trace:
    """One flow into a sink: the categories that take it and its steps, source first."""

    categories: tuple[str, ...]
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Finding:
    """One diagnostic: one sink expression and code, with every category that reaches it.

    `path` is relative to the project root, with forward slashes. `source` is where the
    first category became PI (`user.phone, from models.py:12` is made of it).
    """

    code: str
    path: str
    span: Span
    categories: tuple[str, ...]
    sensitivity: Sensitivity
    severity: Severity
    confidence: Confidence
    expression: str
    sink: str
    article: int
    source: Step | None = None
    traces: tuple[Trace, ...] = ()
    purpose: str = ""
    fingerprint: str = ""
    detail: Mapping[str, str] = field(default_factory=dict)

    def sort_key(self) -> tuple[str, Span, str]:
        """Order of a report: by file, place and code."""
        return (self.path, self.span, self.code)


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """PIL001 or PIL002: something that pi-lint itself could not read, and how to mend it.

    `path` is relative to the project root where the file lies below it. `text_en` and
    `text_zh` are whole sentences.
    """

    code: str
    path: str
    line: int
    column: int
    text_en: str
    text_zh: str

    def text(self, language: str) -> str:
        """The sentence in one language."""
        return self.text_zh if language == "zh" else self.text_en


@dataclass(frozen=True, slots=True)
class Report:
    """What one analysis says: sorted findings, sorted problems, plain statistics."""

    root: str
    findings: tuple[Finding, ...] = ()
    problems: tuple[Problem, ...] = ()
    statistics: Mapping[str, int] = field(default_factory=dict)
