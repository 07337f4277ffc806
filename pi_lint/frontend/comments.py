"""Suppression comments of a file, found without parsing it.

Purpose: `# noqa: PIL101`, `# pi-lint: ignore[PIL101] reason` and `# pi-lint: skip-file`, in real
comments only; what looks like one inside a string is none. What they suppress is decided in `report`.
"""

from __future__ import annotations

import bisect
import re
from dataclasses import dataclass
from typing import Literal

# Strings are matched so that a `#` in them is not taken for a comment.
_TOKEN = re.compile(
    r'''"""(?:[^"\\]|\\.|"(?!""))*"""'''
    r"""|'''(?:[^'\\]|\\.|'(?!''))*'''"""
    r"""|"(?:[^"\\\r\n]|\\(?:\r\n|.))*"?"""
    r"""|'(?:[^'\\\r\n]|\\(?:\r\n|.))*'?"""
    r"""|\#[^\r\n]*""",
    re.DOTALL,
)
_LINE_END = re.compile(r"\r\n?|\n")
_WORDS = ("noqa", "pi-lint")

# As flake8 reads it: without codes it is a blanket one; codes are prefixes.
_NOQA = re.compile(r"# noqa(?::\s?(?P<codes>[A-Z][0-9A-Z]*[0-9](?:[,\s]+[A-Z]+[0-9]+)*))?", re.IGNORECASE)
_OWN = re.compile(r"#\s*pi-lint:\s*(?P<word>ignore|skip-file)\b(?:\[(?P<codes>[^\]\r\n]*)\])?(?P<reason>[^#\r\n]*)")
_SEPARATOR = re.compile(r"[,\s]+")


@dataclass(frozen=True, slots=True)
class Suppression:
    """One comment: its place, the codes (prefixes) that it names or None for all, and the reason given."""

    line: int
    column: int
    kind: Literal["noqa", "ignore"]
    codes: tuple[str, ...] | None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Suppressions:
    """All suppression comments of a file in order; `skip_file` leaves the whole file out."""

    skip_file: bool = False
    comments: tuple[Suppression, ...] = ()


def line_starts(text: str) -> tuple[int, ...]:
    """The offset of the start of each line; lines end as in Python, not at form feeds."""
    return (0, *(match.end() for match in _LINE_END.finditer(text)))


def suppressions(text: str) -> Suppressions:
    """Find the suppression comments of a text. Never raises, whatever the text."""
    lowered = text.lower()
    if not any(word in lowered for word in _WORDS):
        return Suppressions()
    starts = line_starts(text)
    found: list[Suppression] = []
    skip_file = False
    for token in _TOKEN.finditer(text):
        comment = token.group()
        if comment[0] != "#":
            continue
        line = bisect.bisect_right(starts, token.start())
        column = token.start() - starts[line - 1]
        for match in _NOQA.finditer(comment):
            found.append(Suppression(line, column + match.start(), "noqa", _codes(match.group("codes"))))
        for match in _OWN.finditer(comment):
            if match.group("word") == "skip-file":
                skip_file = True
                continue
            codes, reason = _codes(match.group("codes")), match.group("reason").strip()
            found.append(Suppression(line, column + match.start(), "ignore", codes, reason))
    return Suppressions(skip_file, tuple(found))


def _codes(text: str | None) -> tuple[str, ...] | None:
    if text is None:
        return None
    return tuple(code.upper() for code in _SEPARATOR.split(text) if code)
