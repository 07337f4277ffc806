"""Which lines belong together: statements and what flake8 takes for one line.

Purpose: a suppression comment covers a statement (pi-lint's own) or a physical line
(`# noqa`), and both must be known for files that were never parsed. One pass over the
text with a small lexer of strings, comments and brackets is enough: a logical line of
Python holds one simple statement or the head of a compound one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_TOKEN = re.compile(
    r'''(?P<string>"""[^"\\]*(?:(?:\\.|"(?!""))[^"\\]*)*"""'''
    r"""|'''[^'\\]*(?:(?:\\.|'(?!''))[^'\\]*)*'''"""
    r'''|"[^"\\\r\n]*(?:\\(?:\r\n|.)[^"\\\r\n]*)*"?'''
    r"""|'[^'\\\r\n]*(?:\\(?:\r\n|.)[^'\\\r\n]*)*'?)"""
    r"""|(?P<comment>\#[^\r\n]*)"""
    r"""|(?P<joined>\\(?:\r\n?|\n))"""
    r"""|(?P<newline>\r\n?|\n)"""
    r"""|(?P<open>[(\[{])"""
    r"""|(?P<close>[)\]}])""",
    re.DOTALL,
)
_NEWLINE = re.compile(r"\r\n?|\n")

Lines = tuple[int, int]


@dataclass(frozen=True, slots=True)
class LineMap:
    """First and last line of the statement, and of the physical line, that each line is in.

    Index 0 stands for line 1. A physical line is what flake8 searches for `noqa`:
    lines joined by a backslash or by a string that goes over several lines are one.
    """

    statements: tuple[Lines, ...]
    physical: tuple[Lines, ...]

    def statement(self, line: int) -> Lines:
        """The lines of the statement that holds `line`; the line itself outside of the file."""
        return self.statements[line - 1] if 0 < line <= len(self.statements) else (line, line)

    def joined(self, line: int) -> Lines:
        """The lines that flake8 joins with `line` when it looks for `noqa`."""
        return self.physical[line - 1] if 0 < line <= len(self.physical) else (line, line)


def line_map(text: str) -> LineMap:
    """Find the statements and joined lines of a file's text. Never raises: broken text gives a rough map."""
    statements: list[Lines] = []
    physical: list[Lines] = []
    line = 1
    depth = 0
    for token in _TOKEN.finditer(text):
        kind = token.lastgroup
        if kind == "string":
            line += len(_NEWLINE.findall(token.group()))
        elif kind == "open":
            depth += 1
        elif kind == "close":
            depth = max(0, depth - 1)
        elif kind == "joined":
            line += 1
        elif kind == "newline":
            _close(physical, line)
            if not depth:
                _close(statements, line)
            line += 1
    _close(physical, line)
    _close(statements, line)
    return LineMap(tuple(statements), tuple(physical))


def _close(ranges: list[Lines], last: int) -> None:
    """Give every line after those already in `ranges`, up to `last`, one common range."""
    first = len(ranges) + 1
    ranges.extend([(first, last)] * (last - first + 1))
