"""Lower statements, definitions and patterns of a libcst tree to IR (`ir.py` gives the forms).

Purpose: the other half of `lower_expressions.py`, with which names each body binds.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from pi_lint.frontend.ir import Body, Node
from pi_lint.frontend.lower_expressions import BINARY, ExpressionLowering, Scope


class Lowering(ExpressionLowering):
    """Handlers for every statement and pattern, on top of those for expressions."""

    def body(self, suite: Any) -> Body:
        """Lower the statements of a module, a block or the rest of a line."""
        lowered: list[Node] = []
        handlers = self.handlers
        for statement in suite.body:
            if statement.__class__.__name__ == "SimpleStatementLine":
                for small in statement.body:
                    lowered.append(handlers[small.__class__](self, small))
            else:
                lowered.append(handlers[statement.__class__](self, statement))
        return tuple(lowered)

    def _else(self, node: Any) -> Body:
        return () if node is None else self.body(node.body)

    def _optional(self, node: Any) -> Node | None:
        return None if node is None else self.expr(node)

    # Small statements

    def on_Expr(self, node: Any) -> Node:
        return ("expr", self.pos(node), self.expr(node.value))

    def on_Assign(self, node: Any) -> Node:
        value = self.expr(node.value)
        return ("assign", self.pos(node), tuple(self.target(item.target) for item in node.targets), value)

    def on_AugAssign(self, node: Any) -> Node:
        operator = BINARY.get(node.operator.__class__.__name__.removesuffix("Assign"), "?")
        return ("aug", self.pos(node), self.target(node.target), operator, self.expr(node.value))

    def on_AnnAssign(self, node: Any) -> Node:
        value = self._optional(node.value)
        annotation = self.expr(node.annotation.annotation)
        return ("ann", self.pos(node), self.target(node.target), annotation, value)

    def on_Return(self, node: Any) -> Node:
        return ("return", self.pos(node), self._optional(node.value))

    def on_Raise(self, node: Any) -> Node:
        cause = None if node.cause is None else self.expr(node.cause.item)
        return ("raise", self.pos(node), self._optional(node.exc), cause)

    def on_Assert(self, node: Any) -> Node:
        return ("assert", self.pos(node), self.expr(node.test), self._optional(node.msg))

    def on_Del(self, node: Any) -> Node:
        target = self.target(node.target)
        return ("del", self.pos(node), target[2] if target[0] in ("tuple", "list") else (target,))

    def on_Pass(self, node: Any) -> Node:
        return ("pass", self.pos(node))

    def on_Break(self, node: Any) -> Node:
        return ("break", self.pos(node))

    def on_Continue(self, node: Any) -> Node:
        return ("continue", self.pos(node))

    def on_Global(self, node: Any) -> Node:
        names = tuple(item.name.value for item in node.names)
        self.scope.outer.update(names)
        return ("global", self.pos(node), names)

    def on_Nonlocal(self, node: Any) -> Node:
        names = tuple(item.name.value for item in node.names)
        self.scope.outer.update(names)
        return ("nonlocal", self.pos(node), names)

    def on_Import(self, node: Any) -> Node:
        names = []
        for item in node.names:
            dotted = _dotted(item.name)
            alias = None if item.asname is None else item.asname.name.value
            self.scope.bound.add(alias or dotted.partition(".")[0])
            names.append((dotted, alias))
        return ("import", self.pos(node), tuple(names))

    def on_ImportFrom(self, node: Any) -> Node:
        module = "" if node.module is None else _dotted(node.module)
        names: list[tuple[str, str | None]] = []
        if not isinstance(node.names, (list, tuple)):
            names.append(("*", None))
        else:
            for item in node.names:
                alias = None if item.asname is None else item.asname.name.value
                self.scope.bound.add(alias or item.name.value)
                names.append((item.name.value, alias))
        return ("from", self.pos(node), len(node.relative), module, tuple(names))

    on_LazyImport = on_Import
    on_LazyImportFrom = on_ImportFrom

    def on_TypeAlias(self, node: Any) -> Node:
        self.scope.bound.add(node.name.value)
        return ("type", self.pos(node), node.name.value, self.expr(node.value))

    # Compound statements

    def on_If(self, node: Any) -> Node:
        pos = self.pos(node)
        kind = node.__class__
        branches = []
        while node.__class__ is kind:  # `elif` is an `if` in the `else` of the one before
            branches.append((self.expr(node.test), self.body(node.body)))
            node = node.orelse
        return ("if", pos, tuple(branches), self._else(node))

    def on_While(self, node: Any) -> Node:
        return ("while", self.pos(node), self.expr(node.test), self.body(node.body), self._else(node.orelse))

    def on_For(self, node: Any) -> Node:
        iterable = self.expr(node.iter)
        target = self.target(node.target)
        body = self.body(node.body)
        is_async = node.asynchronous is not None
        return ("for", self.pos(node), target, iterable, body, self._else(node.orelse), is_async)

    def on_Try(self, node: Any) -> Node:
        body = self.body(node.body)
        handlers = []
        for handler in node.handlers:
            name = None if handler.name is None else handler.name.name.value
            if name is not None:
                self.scope.bound.add(name)
            handlers.append((self._optional(handler.type), name, self.body(handler.body), self.pos(handler)))
        otherwise, final = self._else(node.orelse), self._else(node.finalbody)
        is_star = node.__class__.__name__ == "TryStar"
        return ("try", self.pos(node), body, tuple(handlers), otherwise, final, is_star)

    on_TryStar = on_Try

    def on_With(self, node: Any) -> Node:
        items = []
        for item in node.items:
            value = self.expr(item.item)
            items.append((value, None if item.asname is None else self.target(item.asname.name)))
        return ("with", self.pos(node), tuple(items), self.body(node.body), node.asynchronous is not None)

    def on_FunctionDef(self, node: Any) -> Node:
        pos = self.pos(node)
        name = node.name.value
        self.scope.bound.add(name)
        decorators = tuple(self.expr(item.decorator) for item in node.decorators)
        params = self.params(node.params)
        returns = None if node.returns is None else self.expr(node.returns.annotation)
        outer, self.scope = self.scope, Scope(param[0] for param in params)
        body = self.body(node.body)
        scope, self.scope = self.scope, outer
        flags = ("a" if node.asynchronous is not None else "") + ("g" if scope.generator else "")
        return ("def", pos, ("fn", pos, name, params, body, decorators, returns, flags, scope.local()))

    def on_ClassDef(self, node: Any) -> Node:
        pos = self.pos(node)
        name = node.name.value
        self.scope.bound.add(name)
        decorators = tuple(self.expr(item.decorator) for item in node.decorators)
        bases, keywords = self.arguments((*node.bases, *node.keywords))
        outer, self.scope = self.scope, Scope()
        body = self.body(node.body)
        self.scope = outer
        return ("class", pos, ("cls", pos, name, bases, keywords, body, decorators))

    # Patterns

    def on_Match(self, node: Any) -> Node:
        subject = self.expr(node.subject)
        cases = []
        for case in node.cases:
            pattern = self.expr(case.pattern)
            cases.append((pattern, self._optional(case.guard), self.body(case.body)))
        return ("match", self.pos(node), subject, tuple(cases))

    def on_MatchValue(self, node: Any) -> Node:
        value = self.expr(node.value)
        return ("pvalue", value[1], value)

    on_MatchSingleton = on_MatchValue

    def on_MatchAs(self, node: Any) -> Node:
        name = None if node.name is None else node.name.value
        if name is not None:
            self.scope.bound.add(name)
        if node.pattern is None:
            return ("pcapture", self.pos(node), name)
        return ("pas", self.pos(node), self.expr(node.pattern), name)

    def on_MatchOr(self, node: Any) -> Node:
        return ("por", self.pos(node), tuple(self.expr(item.pattern) for item in node.patterns))

    def on_MatchList(self, node: Any) -> Node:
        return ("pseq", self.pos(node), self._elements(node.patterns))

    on_MatchTuple = on_MatchList

    def _elements(self, nodes: Iterable[Any]) -> tuple[Node, ...]:
        return tuple(self.expr(node) if hasattr(node, "name") else self.expr(node.value) for node in nodes)

    def on_MatchStar(self, node: Any) -> Node:
        name = None if node.name is None else node.name.value
        if name is not None:
            self.scope.bound.add(name)
        return ("pstar", self.pos(node), name)

    def on_MatchMapping(self, node: Any) -> Node:
        pairs = tuple((self.expr(item.key), self.expr(item.pattern)) for item in node.elements)
        rest = None if node.rest is None else node.rest.value
        if rest is not None:
            self.scope.bound.add(rest)
        return ("pmap", self.pos(node), tuple((_bare(key), pattern) for key, pattern in pairs), rest)

    def on_MatchClass(self, node: Any) -> Node:
        keywords = tuple((item.key.value, self.expr(item.pattern)) for item in node.kwds)
        return ("pclass", self.pos(node), self.expr(node.cls), self._elements(node.patterns), keywords)


def _bare(key: Node) -> Node:
    """The expression of a mapping pattern's key, which is no pattern of its own."""
    return key[2] if key[0] == "pvalue" else key


def _dotted(node: Any) -> str:
    """The text of a dotted name."""
    parts = []
    while node.__class__.__name__ == "Attribute":
        parts.append(node.attr.value)
        node = node.value
    parts.append(node.value)
    return ".".join(reversed(parts))
