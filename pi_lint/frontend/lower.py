"""Python text to IR: parse with libcst, find every node's place, lower, drop the tree.

Purpose: the one door to libcst. Positions come from libcst's own code generator with a state that
only counts characters, since the metadata wrapper copies the tree and costs three times the parse.
The generator leaves out the whitespace, comments and parentheses around a node, as `ast` does.

Importing this module imports libcst (0.2 s); import it where something is parsed.
Text that nests deeply can end the process inside libcst: `parse.py` guards against that.
"""

from __future__ import annotations

import ast
import gc
import marshal
import re
import sys
import threading
import warnings
from typing import Any

import libcst as cst
from libcst._nodes.internal import CodegenState

from pi_lint.frontend.comments import line_starts
from pi_lint.frontend.ir import Node, pack, unpack
from pi_lint.frontend.lower_statements import Lowering

# What libcst drops from its tree here and there: a byte order mark, form feeds, the blank in `except E :`.
_DROPPED = re.compile(r"[\ufeff \t\f\\\r\n]+")
_PLACE = re.compile(r"^(?:parser|tokenizer) error: (?:error at (\d+):(\d+): )?")

# For one file of the kind that no person writes; virtual memory, touched only as deep as it goes.
_DEEP_STACK = 256 << 20
_DEEP_FRAMES = 1_000_000


class SyntaxProblem(Exception):
    """Text that is not Python, or nests too deeply to be read: line from 1, column from 0, the reason."""

    def __init__(self, line: int, column: int, message: str) -> None:
        super().__init__(line, column, message)
        self.line = line
        self.column = column
        self.message = message


class _Places(CodegenState):
    """A code generator's state that counts characters and notes where each node begins and ends."""

    # Nodes that record no place of their own: parentheses around a tuple, parts of f-strings.
    _PLAIN = frozenset(
        {
            cst.LeftParen,
            cst.RightParen,
            cst.FormattedStringText,
            cst.FormattedStringExpression,
            *(
                getattr(cst, name)
                for name in ("TemplatedStringText", "TemplatedStringExpression")
                if hasattr(cst, name)
            ),
        }
    )

    def __init__(self, module: cst.Module, text: str) -> None:
        super().__init__(default_indent=module.default_indent, default_newline=module.default_newline)
        self.text = text
        self.offset = 0
        self.indent = 0
        self.spans: dict[int, int] = {}
        self._open: list[list[Any]] = []

    def increase_indent(self, value: str) -> None:
        self.indent_tokens.append(value)
        self.indent += len(value)

    def decrease_indent(self) -> None:
        self.indent -= len(self.indent_tokens.pop())

    def add_indent_tokens(self) -> None:
        self.offset += self.indent

    def add_token(self, value: str) -> None:
        if not self.text.startswith(value, self.offset):
            self._catch_up(value)
        self.offset += len(value)

    def _catch_up(self, value: str) -> None:
        """Step over text that the tree has lost, if the token stands behind it."""
        before = self.offset
        gap = _DROPPED.match(self.text, before)
        if gap is None or not self.text.startswith(value, gap.end()):
            return
        self.offset = gap.end()
        for entry in reversed(self._open):
            if entry[1] != before:
                break
            entry[1] = self.offset

    def pop_trailing_newline(self) -> None:
        """Only the end of the text, where nothing begins."""

    def before_codegen(self, node: Any) -> None:
        if node.__class__ in self._PLAIN:
            self.spans[id(node)] = self.offset

    def after_codegen(self, node: Any) -> None:
        if node.__class__ in self._PLAIN:
            start = self.spans[id(node)]
            self.spans[id(node)] = pack(start, self.offset - start)

    # The state is its own context manager: entries nest, and a generator for each would cost a third.

    def record_syntactic_position(self, node: Any, *, start_node: Any = None, end_node: Any = None) -> Any:
        self._open.append([node, self.offset, end_node])
        return self

    def __enter__(self) -> None:
        """Begun by `record_syntactic_position`."""

    def __exit__(self, *_: object) -> None:
        node, start, end_node = self._open.pop()
        end = self.offset
        if end_node is not None:
            known = self.spans.get(id(end_node))
            if known is not None:
                end = unpack(known)[1]
        self.spans[id(node)] = pack(start, end - start)


def lower(text: str, *, deep: bool = False) -> Node:
    """Give the IR of a module's text.

    `deep`: use a large stack from the start; libcst may still end the process.
    Raises SyntaxProblem where the text is no Python or nests too deeply.
    """
    if deep:
        return _deeply(text)
    try:
        return _quietly(text)
    except RecursionError:
        return _deeply(text)


def _quietly(text: str) -> Node:
    """Lower without the cycle collector, which would walk the growing tree again and again."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        return _lower(text)
    finally:
        if collecting:
            gc.enable()


def _lower(text: str) -> Node:
    module = _parse(text)
    places = _Places(module, text)
    module._codegen(places)
    return ("module", Lowering(places.spans, text).body(module), line_starts(text))


def _parse(text: str) -> cst.Module:
    try:
        return cst.parse_module(text)
    except cst.ParserSyntaxError as error:
        raise _located(text, error) from None
    except (KeyboardInterrupt, SystemExit, MemoryError, RecursionError):
        raise
    except BaseException as error:  # a panic of libcst's Rust code is no `Exception`
        raise SyntaxProblem(1, 0, f"libcst cannot read it ({type(error).__name__})") from None


def _located(text: str, error: cst.ParserSyntaxError) -> SyntaxProblem:
    """Say what is wrong: in Python's own words where it refuses the text too, else in libcst's."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            ast.parse(text)
    except SyntaxError as own:
        if own.lineno:
            return SyntaxProblem(own.lineno, max((own.offset or 1) - 1, 0), own.msg)
    except (ValueError, MemoryError, RecursionError):
        return SyntaxProblem(1, 0, "source code cannot be read")
    match = _PLACE.match(error.message)
    if match is None or match.group(1) is None:
        return SyntaxProblem(max(error.raw_line, 1), max(error.raw_column, 0), error.message)
    return SyntaxProblem(int(match.group(1)), max(int(match.group(2)) - 1, 0), "invalid syntax")


def _deeply(text: str) -> Node:
    """Lower with a large stack of its own; what even `marshal` finds too deep is refused."""
    result: list[Node] = []
    failure: list[BaseException] = []

    def run() -> None:
        try:
            lowered = _quietly(text)
            marshal.dumps(lowered)
            result.append(lowered)
        except BaseException as error:  # handed over to the waiting thread
            failure.append(error)

    limit = sys.getrecursionlimit()
    size = threading.stack_size(_DEEP_STACK)
    try:
        sys.setrecursionlimit(_DEEP_FRAMES)
        thread = threading.Thread(target=run, name="pi-lint-deep")
        thread.start()
        thread.join()
    except RuntimeError as error:  # no memory for such a stack
        failure.append(error)
    finally:
        threading.stack_size(size)
        sys.setrecursionlimit(limit)
    if result:
        return result[0]
    if failure and isinstance(failure[0], (SyntaxProblem, KeyboardInterrupt, SystemExit)):
        raise failure[0]
    raise SyntaxProblem(1, 0, "nested too deeply")
