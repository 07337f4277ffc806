"""The report as a person likes to read it.

Purpose: for each finding its place, code and message, the line with the range marked,
the steps of the flow, and the remedy. The lines are made of styled pieces once; without
colour they are joined, with colour rich prints them, and only then rich is imported.
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from pi_lint.knowledge.compiled import CodeSpec
from pi_lint.model import Finding, Problem, Report, Step, Trace
from pi_lint.report import messages

if TYPE_CHECKING:
    from rich.console import Console

Piece = tuple[str, str]  # style, text
Line = list[Piece]

_STYLES = {"error": "bold red", "warning": "yellow", "note": "cyan"}
_TAB = "    "
_LONGEST_CODE = 100

_WORDS: Mapping[str, Mapping[str, str]] = {
    "en": {
        "flow": "how {categories} gets here:",
        "flows": "how {categories} get here:",
        "remedy": "remedy: ",
        "none": "No findings.",
        "one": "1 finding in 1 file",
        "count": "{findings} findings in {files}",
        "file": "1 file",
        "files": "{count} files",
        "unread": "{count} problems with files or configuration",
        "unread_one": "1 problem with a file or the configuration",
        "comma": ", ",
        "semicolon": "; ",
        "brackets": "  ({})",
        "source": "becomes PI",
        "pass": "passes through",
        "call": "is passed to the call",
        "return": "is returned",
        "keep": "is kept",
        "sink": "arrives",
    },
    "zh": {
        "flow": "{categories} 的流向：",
        "flows": "{categories} 的流向：",
        "remedy": "处理办法：",
        "none": "没有发现问题。",
        "one": "1 个文件中有 1 处问题",
        "count": "{files}中有 {findings} 处问题",
        "file": "1 个文件",
        "files": "{count} 个文件",
        "unread": "{count} 个文件或配置的问题",
        "unread_one": "1 个文件或配置的问题",
        "comma": "、",
        "semicolon": "；",
        "brackets": "（{}）",
        "source": "成为个人信息",
        "pass": "经过",
        "call": "传入调用",
        "return": "返回",
        "keep": "被保存",
        "sink": "到达",
    },
}


def lines(
    report: Report,
    codes: Mapping[str, CodeSpec],
    language: str,
    show_path: Callable[[str], str],
    code_line: Callable[[str, int], str],
    statistics: bool = False,
) -> Iterator[Line]:
    """The printed lines, as styled pieces.

    `show_path` turns a path of the report into the one to print; `code_line` gives one
    line of a file (an empty text where there is none); `statistics` adds counts by code
    and the report's own figures.
    """
    words = _WORDS.get(language, _WORDS["en"])
    for problem in report.problems:
        yield _problem_line(problem, language, show_path)
    if report.problems:
        yield []
    for finding in report.findings:
        yield from _finding_lines(finding, codes, language, show_path, code_line)
        yield []
    if statistics:
        yield from _statistics_lines(report, codes, language)
        yield []
    yield [("bold", _summary(report, words))]


def plain(printed: Iterable[Line]) -> str:
    """The lines as text without colour."""
    return "".join("".join(text for _, text in line).rstrip() + "\n" for line in printed)


def coloured(printed: Iterable[Line], console: Console) -> None:
    """Print the lines with colour."""
    from rich.text import Text

    for line in printed:
        text = Text()
        for style, piece in line:
            text.append(piece, style=style or None)
        console.print(text, soft_wrap=True, highlight=False)


def problem_lines(problems: Iterable[Problem], language: str, show_path: Callable[[str], str]) -> Iterator[Line]:
    """One line for each problem."""
    for problem in problems:
        yield _problem_line(problem, language, show_path)


def _problem_line(problem: Problem, language: str, show_path: Callable[[str], str]) -> Line:
    place = show_path(problem.path)
    if problem.line:
        place += f":{problem.line}:{problem.column + 1}"
    code, _, text = messages.problem_message(problem, language).partition(" ")
    return [("bold", f"{place}: " if place else ""), (_STYLES["error"], code), ("", f" {text}")]


def _finding_lines(
    finding: Finding,
    codes: Mapping[str, CodeSpec],
    language: str,
    show_path: Callable[[str], str],
    code_line: Callable[[str, int], str],
) -> Iterator[Line]:
    words = _WORDS.get(language, _WORDS["en"])
    style = _STYLES[finding.severity]
    code, _, text = messages.headline(finding, codes, language).partition(" ")
    place = f"{show_path(finding.path)}:{finding.span.line}:{finding.span.column + 1}"
    yield [("bold", f"{place}: "), (style, code), ("", f" {text}")]
    yield from _excerpt(finding, code_line(finding.path, finding.span.line), style)
    here = (finding.path, finding.span.line)
    telling = [t for t in finding.traces if any((step.path, step.span.line) != here for step in t.steps)]
    yield from _trace_lines(telling, words, show_path)
    mend = messages.remedy(finding, codes, language)
    if mend:
        yield [("green", f"  {words['remedy']}"), ("", mend)]


def _excerpt(finding: Finding, text: str, style: str) -> Iterator[Line]:
    """The finding's first line with the marked part of it."""
    if not text.strip():
        return
    span = finding.span
    last = span.end_column if span.end_line == span.line else len(text.rstrip())
    before, marked = _printable(text[: span.column]), _printable(text[span.column : max(last, span.column + 1)])
    number = str(span.line)
    after = _printable(text[max(last, span.column + 1) :])
    yield [("dim", f"  {number} | "), ("", before), ("bold", marked), ("", after.rstrip())]
    yield [("dim", f"  {' ' * len(number)} | "), (style, " " * _width(before) + "^" * max(_width(marked), 1))]


def _trace_lines(traces: Iterable[Trace], words: Mapping[str, str], show_path: Callable[[str], str]) -> Iterator[Line]:
    for categories, steps in _joined(traces):
        flow = words["flow" if len(categories) == 1 else "flows"]
        yield [("dim", "  " + flow.format(categories=words["comma"].join(categories)))]
        places = [f"{show_path(step.path)}:{step.span.line}:{step.span.column + 1}" for step in steps]
        wide = max(_width(place) for place in places)
        for place, step in zip(places, steps, strict=True):
            padding = " " * (wide - _width(place))
            code = messages.one_line(step.code, _LONGEST_CODE)
            kind = words["brackets"].format(words.get(step.kind, step.kind))
            yield [("cyan", f"    {place}{padding}  "), ("", code), ("dim", kind)]


def _joined(traces: Iterable[Trace]) -> list[tuple[list[str], list[Step]]]:
    """Categories and steps of each flow; flows from one place by one way, as fields of one record take, are one."""
    joined: dict[object, tuple[list[str], list[Step]]] = {}
    for trace in traces:
        first, rest = trace.steps[0], trace.steps[1:]
        key = (first.path, first.span, first.kind, rest)
        if key not in joined:
            joined[key] = (list(trace.categories), [first, *rest])
            continue
        categories, steps = joined[key]
        categories += [category for category in trace.categories if category not in categories]
        if first.code not in steps[0].code.split(", "):
            steps[0] = replace(steps[0], code=f"{steps[0].code}, {first.code}")
    return list(joined.values())


def _statistics_lines(report: Report, codes: Mapping[str, CodeSpec], language: str) -> Iterator[Line]:
    counted = Counter(finding.code for finding in report.findings)
    for code in sorted(counted):
        spec = codes.get(code)
        title = (spec.title_zh if language == "zh" else spec.title_en) if spec else ""
        yield [("bold", f"{counted[code]:6} {code} "), ("", title)]
    for name in sorted(report.statistics):
        yield [("dim", f"{report.statistics[name]:6} {name.replace('_', ' ')}")]


def _summary(report: Report, words: Mapping[str, str]) -> str:
    parts = []
    if report.findings:
        count = len({finding.path for finding in report.findings})
        files = words["file"] if count == 1 else words["files"].format(count=count)
        parts.append(
            words["one"]
            if len(report.findings) == 1
            else words["count"].format(findings=len(report.findings), files=files)
        )
    if report.problems:
        count = len(report.problems)
        parts.append(words["unread_one"] if count == 1 else words["unread"].format(count=count))
    return words["semicolon"].join(parts) if parts else words["none"]


def _printable(text: str) -> str:
    """Source text that cannot move the cursor: tabs widened, other control characters made visible."""
    return "".join(c if c.isprintable() else "?" for c in text.rstrip("\r\n").replace("\t", _TAB))


def _width(text: str) -> int:
    """Columns of a terminal that a text takes; a Chinese character takes two."""
    return sum(0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)
