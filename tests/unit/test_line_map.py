"""Which lines belong together: statements, and what flake8 takes for one line."""

from __future__ import annotations

import ast

import pytest

from pi_lint.frontend.line_map import line_map

TEXT = '''\
import logging
logger.info(  # a comment with (
    "%s ]",
    user.phone,
)
if user.phone and \\
        user.email:
    print("""a
    # no comment
    """, user.phone)

x = 1; y = [
    2]
'''


@pytest.mark.parametrize(
    ("line", "statement", "joined"),
    [
        (1, (1, 1), (1, 1)),
        (2, (2, 5), (2, 2)),
        (4, (2, 5), (4, 4)),
        (6, (6, 7), (6, 7)),
        (7, (6, 7), (6, 7)),
        (8, (8, 10), (8, 10)),
        (9, (8, 10), (8, 10)),
        (11, (11, 11), (11, 11)),
        (13, (12, 13), (13, 13)),
        (99, (99, 99), (99, 99)),
    ],
)
def test_lines_that_belong_together(line: int, statement: tuple[int, int], joined: tuple[int, int]) -> None:
    lines = line_map(TEXT)
    assert (lines.statement(line), lines.joined(line)) == (statement, joined)


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_each_newline_counts(newline: str) -> None:
    lines = line_map(f"f({newline}1){newline}g()")
    assert lines.statements == ((1, 2), (1, 2), (3, 3))


@pytest.mark.parametrize("text", ["", "(((", ")))\n\n", "'abc\n'x'\n", '"""never closed\nx\n', "\\"])
def test_broken_text_gives_a_rough_map(text: str) -> None:
    assert len(line_map(text).statements) == text.count("\n") + 1


def test_simple_statements_agree_with_ast() -> None:
    with open(ast.__file__, encoding="utf-8") as handle:
        text = handle.read()
    lines = line_map(text)
    simple = [n for n in ast.walk(ast.parse(text)) if isinstance(n, ast.stmt) and not hasattr(n, "body")]
    assert len(simple) > 500
    for node in simple:
        first, last = lines.statement(node.lineno)
        assert first <= node.lineno and last == node.end_lineno
