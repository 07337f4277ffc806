"""Findings and a small catalogue of codes for tests of what is reported."""

from __future__ import annotations

from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

from pi_lint.model import Finding, Report, Sensitivity, Span, Step, Trace

HIGH, MEDIUM, LOW = Sensitivity.HIGH, Sensitivity.MEDIUM, Sensitivity.LOW
SENSITIVITIES = {
    "phone": MEDIUM,
    "email": MEDIUM,
    "id_number": HIGH,
    "password": HIGH,
    "usage": LOW,
    "account": LOW,
    "demographic": LOW,
}
SEVERITIES = {HIGH: "error", MEDIUM: "warning", LOW: "note"}


def code(name: str, article: int, profile: str = "default", default_sensitivity: str = "low") -> Any:
    """A code with texts of its own."""
    return SimpleNamespace(
        code="",
        name=name,
        article=article,
        profile=profile,
        default_sensitivity=default_sensitivity,
        title_en=f"title of {name}",
        title_zh=f"{name} 的标题",
        happened_en="logged in clear by {sink}" if article else "suppresses nothing",
        happened_zh="被 {sink} 明文写入日志" if article else "没有抑制任何问题",
        remedy_en="mask it" if article else "remove it",
        remedy_zh="脱敏" if article else "删除",
    )


CODES = {
    "PIL001": code("configuration-error", 0, "always"),
    "PIL002": code("unreadable-file", 0, "always"),
    "PIL003": code("unused-suppression", 0, "strict"),
    "PIL093": code("collection-without-consent", 9, "strict"),
    "PIL101": code("pi-in-log", 10),
    "PIL102": code("pi-on-console", 10),
    "PIL105": code("pi-in-identifier", 10, "default", "medium"),
    "PIL106": code("pi-in-response", 10, "default", "high"),
    "PIL132": code("cleartext-storage", 13, "default", "high"),
    "PIL133": code("weak-protection", 13),
}
KNOWLEDGE: Any = SimpleNamespace(
    codes=CODES,
    names=SimpleNamespace(sensitivity=SENSITIVITIES.__getitem__, categories=tuple(SENSITIVITIES)),
)


def settings(**given: Any) -> Any:
    """A configuration with everything at its default but what is given."""
    default: Mapping[str, Any] = {
        "profile": "default",
        "select": (),
        "ignore": (),
        "confidence": "medium",
        "per_path_ignores": {},
        "report_at": "sink",
    }
    return SimpleNamespace(**{**default, **given})


def step(place: str, kind: str, text: str = "user.phone") -> Step:
    """A step at `path:line`."""
    path, _, line = place.partition(":")
    return Step(path, Span(int(line), 4, int(line), 20), kind, text)


def trace(categories: str, *steps: Step) -> Trace:
    """A flow of comma-separated categories."""
    return Trace(tuple(categories.split(",")), steps)


def finding(place: str, name: str = "PIL101", categories: str = "phone", **given: Any) -> Finding:
    """A finding at `path:line`, with one flow that starts on its own line unless traces are given."""
    path, _, line = place.partition(":")
    own = tuple(categories.split(","))
    sensitivity = max(SENSITIVITIES[c] for c in own)
    fields: dict[str, Any] = {
        "code": name,
        "path": path,
        "span": Span(int(line), 4, int(line), 20),
        "categories": own,
        "sensitivity": sensitivity,
        "severity": SEVERITIES[sensitivity],
        "confidence": "high",
        "expression": "user.phone",
        "sink": "logging.Logger.info",
        "article": CODES[name].article,
        "source": step(place, "source"),
        "traces": (trace(categories, step(place, "source"), step(place, "sink", "logger.info(...)")),),
        "fingerprint": f"{place}-{name}",
    }
    return Finding(**{**fields, **given})


def report(*findings: Finding, **given: Any) -> Report:
    """A report of these findings."""
    return Report("/project", findings, **given)
