"""The one-line message of a finding, in English or Chinese.

Purpose: SPEC section 3, "Message": first the code, then the categories with the
expression that made the value PI, then what happened, the article in brackets, then
the remedy. The wording of a code comes from `rules/codes.yaml`; here is only the frame.
Places inside a message are relative to the project root, so that every front end,
wherever it was started, prints the same text.
"""

from __future__ import annotations

from collections.abc import Mapping

from pi_lint.knowledge.compiled import CodeSpec
from pi_lint.model import Finding, Problem, Step

_LONGEST_EXPRESSION = 60
_DIGITS = "零一二三四五六七八九"


class _Fields(dict[str, str]):
    """Values for a text of `rules/codes.yaml`; a name that the finding does not know is left empty."""

    def __missing__(self, key: str) -> str:
        return ""


def message(finding: Finding, codes: Mapping[str, CodeSpec], language: str = "en") -> str:
    """The whole message, code first, on one line."""
    text = headline(finding, codes, language)
    mend = remedy(finding, codes, language)
    if not mend:
        return text
    return f"{text}：{mend}" if language == "zh" else f"{text}: {mend}"


def headline(finding: Finding, codes: Mapping[str, CodeSpec], language: str = "en") -> str:
    """The message without its remedy: code, categories with their sources, what happened, article."""
    spec = codes.get(finding.code)
    text = f"{finding.code} {subject(finding, language)}".rstrip()
    if spec is not None:
        # A full-width bracket brings its own space.
        space = "" if text.endswith("）") else " "
        text += space + _filled(spec.happened_zh if language == "zh" else spec.happened_en, finding)
    return text + article(finding.article, language)


def remedy(finding: Finding, codes: Mapping[str, CodeSpec], language: str = "en") -> str:
    """What to do about it; empty for a code without one."""
    spec = codes.get(finding.code)
    if spec is None:
        return ""
    return _filled(spec.remedy_zh if language == "zh" else spec.remedy_en, finding)


def problem_message(problem: Problem, language: str = "en") -> str:
    """The message of a file or configuration that could not be read, code first, on one line."""
    return f"{problem.code} {one_line(problem.text(language))}"


def subject(finding: Finding, language: str = "en") -> str:
    """The categories, grouped by the expression that made them PI; the expression alone without any."""
    if not finding.categories:
        return one_line(finding.expression, _LONGEST_EXPRESSION)
    groups: list[tuple[str, list[str]]] = []
    for category in finding.categories:
        origin = _origin(finding, category, language)
        if groups and groups[-1][0] == origin:
            groups[-1][1].append(category)
        else:
            groups.append((origin, [category]))
    comma = "、" if language == "zh" else ", "
    return comma.join(comma.join(names) + origin for origin, names in groups)


def article(number: int, language: str = "en") -> str:
    """The article in brackets, with the space that English wants before it; empty for 0."""
    if not number:
        return ""
    if language != "zh":
        return f" (Article {number})"
    tens, ones = divmod(number, 10)
    numeral = (_DIGITS[tens] if tens > 1 else "") + ("十" if tens else "") + (_DIGITS[ones] if ones else "")
    return f"（第{numeral}条）"


def one_line(text: str, longest: int = 0) -> str:
    """Collapse white space and control characters; cut to `longest` characters when that is not 0."""
    flat = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return flat[: longest - 1] + "…" if longest and len(flat) > longest else flat


def _origin(finding: Finding, category: str, language: str) -> str:
    """The bracket behind a category: the expression, and its place unless that is the sink's own line."""
    step = _source(finding, category)
    code = one_line(step.code if step else finding.expression, _LONGEST_EXPRESSION)
    place = ""
    if step and (step.path, step.span.line) != (finding.path, finding.span.line):
        place = f"{step.path}:{step.span.line}"
    if language == "zh":
        inner = "，".join(part for part in (code, f"来自 {place}" if place else "") if part)
        return f"（{inner}）" if inner else ""
    inner = ", ".join(part for part in (code, f"from {place}" if place else "") if part)
    return f" ({inner})" if inner else ""


def _source(finding: Finding, category: str) -> Step | None:
    """Where a category became PI: the first step of the first flow that brings it."""
    for trace in finding.traces:
        if category in trace.categories and trace.steps:
            return trace.steps[0]
    return finding.source


def _filled(template: str, finding: Finding) -> str:
    fields = _Fields({key: one_line(value) for key, value in finding.detail.items()})
    fields.update(
        code=finding.code,
        sink=one_line(finding.sink),
        purpose=finding.purpose,
        expression=one_line(finding.expression, _LONGEST_EXPRESSION),
        categories=", ".join(finding.categories),
    )
    return one_line(template.format_map(fields))
