"""How deeply a text nests, estimated without parsing it.

Purpose: libcst's parser calls itself for each bracket and for each operator of a long expression, so a text can
overflow the stack and end the process (in quadratic time, too). The weight is an upper estimate
of that depth: the operators of one comma-free stretch plus the heaviest bracket in it.

    f(a + b, c).d        weight 4: one call, one dot, one "+" in the bracket, one for the bracket itself
"""

from __future__ import annotations

import re
from typing import Literal

Verdict = Literal["plain", "risky", "refused"]

# A plain text is parsed in this process; a risky one in a process that may die; 200 open brackets
# is the limit of Python's own tokenizer, and its compiler gives up on longer chains as well.
_PLAIN_WEIGHT = 300
_LARGEST_WEIGHT = 3000
_LARGEST_DEPTH = 200
_MANY_ELIFS = 300

# Words that begin a statement at the start of a line and cannot stand inside an expression.
_STATEMENT = re.compile(
    r"^[ \t]*(?=(?:def|class|return|raise|import|while|with|try|assert|del|pass|global|elif|except|finally)\b|@)",
    re.MULTILINE,
)
_WEIGHTY = re.compile(r"[-+*/%@&|^~.(\[{]|\b(?:or|and|not|if|lambda|await|for|elif)\b")
_TOKEN = re.compile(
    r'''(?P<string>[A-Za-z]{0,2}(?:"""(?:[^"\\]|\\.|"(?!""))*"""'''
    r"""|'''(?:[^'\\]|\\.|'(?!''))*'''"""
    r"""|"(?:[^"\\\r\n]|\\(?:\r\n|.))*"?"""
    r"""|'(?:[^'\\\r\n]|\\(?:\r\n|.))*'?))"""
    r"""|(?P<skipped>\#[^\r\n]*|\\\r?\n)"""
    r"""|(?P<open>[(\[{])"""
    r"""|(?P<close>[)\]}])"""
    r"""|(?P<end>[,;\r\n])"""
    r"""|(?P<operator>\*\*|//|<<|>>|[-+*/%@&|^~.]|\b(?:or|and|not|if|lambda|await|for)\b)"""
    r"""|(?P<word>\w+)""",
    re.DOTALL,
)
_SHORTEST = 2 * _PLAIN_WEIGHT  # an operator and its operand are two characters at least


def judge(text: str) -> Verdict:
    """Say where a text may be parsed: in this process, in one that may die, or not at all."""
    if not _needs_scan(text):
        return "plain"
    weight, depth, _ = measure(text)
    if weight > _LARGEST_WEIGHT or depth > _LARGEST_DEPTH:
        return "refused"
    if weight > _PLAIN_WEIGHT or text.count("elif") > _MANY_ELIFS:
        return "risky"
    return "plain"


def _needs_scan(text: str) -> bool:
    """Whether any stretch of text between two sure starts of statements is long enough to matter."""
    if text.count("elif") > _MANY_ELIFS:
        return True
    start = 0
    for match in _STATEMENT.finditer(text):
        if match.start() - start > _SHORTEST and len(_WEIGHTY.findall(text, start, match.start())) > _PLAIN_WEIGHT:
            return True
        start = match.start()
    return len(text) - start > _SHORTEST and len(_WEIGHTY.findall(text, start)) > _PLAIN_WEIGHT


def measure(text: str) -> tuple[int, int, int]:
    """Give the weight of the heaviest expression, the largest number of open brackets, and where the worse is."""
    heaviest = deepest = 0
    place = deep_place = 0
    # For each open bracket: operators of the current stretch, its heaviest bracket, the heaviest stretch so far.
    stack: list[tuple[int, int, int]] = []
    operators = inner = most = 0
    for token in _TOKEN.finditer(text):
        kind = token.lastgroup
        if kind == "operator":
            operators += 1
        elif kind == "open":
            operators += 1
            stack.append((operators, inner, most))
            operators = inner = most = 0
            if len(stack) > deepest:
                deepest, deep_place = len(stack), token.start()
        elif kind == "close":
            if stack:
                closed = max(most, operators + inner) + 1
                operators, inner, most = stack.pop()
                inner = max(inner, closed)
        elif kind == "end":
            if not stack or token.group() in ",;":
                most = max(most, operators + inner)
                operators = inner = 0
                if not stack:
                    if most > heaviest:
                        heaviest, place = most, token.start()
                    most = 0
        elif kind == "string":
            operators += 1  # adjacent strings nest too
            head = token.group()[:2].lower()
            if "f" in head or "t" in head:
                inner = max(inner, len(_WEIGHTY.findall(token.group())))
    total = max(most, operators + inner)
    for outer_operators, outer_inner, outer_most in reversed(stack):  # brackets that are never closed
        total = max(outer_most, outer_operators + max(outer_inner, total + 1))
    if total > heaviest:
        heaviest, place = total, len(text)
    return heaviest, deepest, deep_place if deepest > _LARGEST_DEPTH else place
