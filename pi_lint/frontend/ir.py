"""The compact intermediate representation: nested plain tuples, one per construct.

Purpose: everything the engine needs of a file, and nothing of libcst. A node is
`(kind, pos, ...)`; `pos` packs the start offset and the length of the node's text, in
characters (`pack`, `unpack`), so that spans stay exact and cheap. Tuples, strings,
numbers and None only: the IR can be marshalled as it is. Long chains (`a + b + ...`,
`elif`, `and`) are flat, so depth follows nesting and not length.

Expressions
    ("const", pos, value)               str bytes int float complex bool None Ellipsis
    ("name", pos, id)
    ("attr", pos, base, name)
    ("sub", pos, base, index)           index may be a "slice" or a "tuple" of them
    ("slice", pos, lower, upper, step)  each an expression or None
    ("call", pos, func, args, keywords) args: expressions, some ("star", pos, e);
                                        keywords: ((name or None for **, e), ...)
    ("bin", pos, first, ((op, e), ...)) left to right, op "+", "-", "%", "|", "//", "@", "<<" ...
    ("bool", pos, "and" or "or", (e, ...))
    ("not", pos, e)   ("unary", pos, op, e)
    ("cmp", pos, left, ((op, e), ...))  op "==", "!=", "<", "in", "not in", "is", "is not" ...
    ("ifexp", pos, test, then, otherwise)
    ("tuple", pos, elements) ("list", pos, elements) ("set", pos, elements)
    ("dict", pos, ((key or None for **, value), ...))
    ("fstr", pos, parts)                parts: ("const", ...) or ("fmt", pos, e, conversion, spec)
                                        conversion "r", "s", "a" or None; spec: parts or None
    ("lambda", pos, fn)
    ("comp", pos, "list" "set" "dict" "gen", element, generators)
                                        element: e, or ("pair", pos, key, value) of a dict;
                                        generators: ((target, iterable, (condition, ...), is_async), ...)
    ("await", pos, e) ("yield", pos, e or None) ("yieldfrom", pos, e)
    ("walrus", pos, name, e) ("star", pos, e)

Statements
    ("expr", pos, e)
    ("assign", pos, targets, value)     targets left to right, more than one for a = b = c
    ("aug", pos, target, op, value)     op as in "bin", without "="
    ("ann", pos, target, annotation, value or None)
    ("return", pos, e or None) ("raise", pos, e or None, cause or None)
    ("assert", pos, test, message or None)
    ("del", pos, targets) ("pass", pos) ("break", pos) ("continue", pos)
    ("global", pos, names) ("nonlocal", pos, names)
    ("if", pos, ((test, body), ...), otherwise)      body, otherwise: tuples of statements
    ("while", pos, test, body, otherwise)
    ("for", pos, target, iterable, body, otherwise, is_async)
    ("try", pos, body, ((type or None, name or None, body, pos), ...), otherwise, final, is_star)
    ("with", pos, ((e, target or None), ...), body, is_async)
    ("match", pos, subject, ((pattern, guard or None, body), ...))
    ("def", pos, fn) ("class", pos, cls)
    ("import", pos, ((dotted name, alias or None), ...))
    ("from", pos, level, module or "", ((name, alias or None), ...))   (("*", None),) for a star
    ("type", pos, name, value)

Patterns
    ("pvalue", pos, e) ("pcapture", pos, name or None) ("por", pos, patterns)
    ("pas", pos, pattern, name) ("pseq", pos, patterns) ("pstar", pos, name or None)
    ("pmap", pos, ((key e, pattern), ...), rest name or None)
    ("pclass", pos, e, patterns, ((keyword, pattern), ...))

Records
    fn  = ("fn", pos, name, params, body, decorators, returns or None, flags, locals)
          pos: the whole definition, first decorator left out (at `def`, `async` or `lambda`);
          params: ((name, kind, default or None, annotation or None, pos), ...) with kind
          "posonly" "arg" "vararg" "kwonly" "kwarg"; a lambda's body is one "return";
          flags: a string of "a" (async), "g" (generator), "l" (lambda);
          locals: sorted names bound in the body itself, parameters included, names
          declared global or nonlocal left out; inner functions, classes and
          comprehensions have their own
    cls = ("cls", pos, name, bases, keywords, body, decorators)  keywords as in "call"
    module = ("module", body, lines)    lines: offset of the start of each line
"""

from __future__ import annotations

import bisect
from collections.abc import Sequence
from typing import Any

from pi_lint.model import Span

Node = tuple[Any, ...]
Body = tuple[Node, ...]

# Raise when the shape of a node changes: cached IR of another version is not read.
IR_VERSION = 1

_LENGTH_BITS = 24
_LENGTH_MASK = (1 << _LENGTH_BITS) - 1


def pack(start: int, length: int) -> int:
    """Pack a start offset and a length, both in characters, into one `pos`."""
    return (start << _LENGTH_BITS) | min(length, _LENGTH_MASK)


def unpack(pos: int) -> tuple[int, int]:
    """Give the start and the end offset of a `pos`, in characters."""
    start = pos >> _LENGTH_BITS
    return start, start + (pos & _LENGTH_MASK)


def span_of(pos: int, lines: Sequence[int]) -> Span:
    """Turn a `pos` into lines and columns with the line table of its module."""
    start, end = unpack(pos)
    line = bisect.bisect_right(lines, start)
    end_line = bisect.bisect_right(lines, end)
    return Span(line, start - lines[line - 1], end_line, end - lines[end_line - 1])


def dump(node: Any, depth: int = 0) -> str:
    """Print IR as indented text, one node a line, positions left out (for tests and debugging)."""
    lines: list[str] = []
    stack: list[tuple[Any, int]] = [(node, depth)]
    while stack:
        item, level = stack.pop()
        if isinstance(item, tuple):
            head = item[0] if item and isinstance(item[0], str) else "()"
            rest = item[2:] if head != "()" else item
            flat = [repr(part) for part in rest if not isinstance(part, tuple)]
            lines.append("  " * level + " ".join([head, *flat]))
            stack.extend((part, level + 1) for part in reversed(rest) if isinstance(part, tuple))
        else:
            lines.append("  " * level + repr(item))
    return "\n".join(lines)
