"""Lower expressions of a libcst tree to IR (`ir.py` gives the forms).

Purpose: one handler for each class of node, found by the class's name, so that this module needs
no libcst. What input can make long (sums, `or`, call chains, adjacent strings) is
walked in loops; recursion follows brackets only.

    a.b(1)["k"]    ->    ("sub", .., ("call", .., ("attr", .., ("name", .., "a"), "b"), ..), ("const", .., "k"))
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from pi_lint.frontend.ir import Node, pack, unpack
from pi_lint.frontend.literals import number_value, string_value, text_value

_CONSTANTS: Mapping[str, bool | None] = {"True": True, "False": False, "None": None}

BINARY = {
    "Add": "+", "Subtract": "-", "Multiply": "*", "Divide": "/", "FloorDivide": "//", "Modulo": "%", "Power": "**",
    "LeftShift": "<<", "RightShift": ">>", "BitOr": "|", "BitAnd": "&", "BitXor": "^", "MatrixMultiply": "@",
}  # fmt: skip
_COMPARISON = {
    "Equal": "==", "NotEqual": "!=", "LessThan": "<", "LessThanEqual": "<=", "GreaterThan": ">",
    "GreaterThanEqual": ">=", "In": "in", "NotIn": "not in", "Is": "is", "IsNot": "is not",
}  # fmt: skip
_UNARY = {"Minus": "-", "Plus": "+", "BitInvert": "~"}

Handler = Callable[[Any, Any], Any]


class Handlers(dict[type, Handler]):
    """Class of node -> method `on_<class name>` of one lowering class, looked up once."""

    def __init__(self, owner: type) -> None:
        super().__init__()
        self.owner = owner

    def __missing__(self, kind: type) -> Handler:
        handler: Handler = getattr(self.owner, f"on_{kind.__name__}", None) or ExpressionLowering.unknown
        self[kind] = handler
        return handler


class Scope:
    """Names that one function, class or module body binds, while it is lowered."""

    __slots__ = ("bound", "generator", "outer")

    def __init__(self, bound: Iterable[str] = ()) -> None:
        self.bound: set[str] = set(bound)
        self.outer: set[str] = set()  # declared global or nonlocal
        self.generator = False

    def local(self) -> tuple[str, ...]:
        """The `locals` of a function: sorted, so that equal code gives equal IR."""
        return tuple(sorted(self.bound - self.outer))


class ExpressionLowering:
    """Handlers for expressions; `spans` maps `id(node)` to its `pos`, `text` is the whole file."""

    handlers: Handlers

    def __init__(self, spans: Mapping[int, int], text: str) -> None:
        self.spans = spans
        self.text = text
        self.scope = Scope()

    def __init_subclass__(cls) -> None:
        cls.handlers = Handlers(cls)

    def expr(self, node: Any) -> Node:
        """Lower one expression."""
        result: Node = self.handlers[node.__class__](self, node)
        return result

    def target(self, node: Any) -> Node:
        """Lower the target of a binding and note the names that it binds."""
        lowered = self.expr(node)
        self.bind(lowered)
        return lowered

    def bind(self, lowered: Node) -> None:
        """Note the names that a lowered target binds in the current body."""
        stack = [lowered]
        while stack:
            item = stack.pop()
            kind = item[0]
            if kind == "name":
                self.scope.bound.add(item[2])
            elif kind in ("tuple", "list"):
                stack.extend(item[2])
            elif kind == "star":
                stack.append(item[2])

    def pos(self, node: Any) -> int:
        """The `pos` of a node; 0 for one that has no text."""
        return self.spans.get(id(node), 0)

    def _bracketed(self, node: Any) -> int:
        """The `pos` of a tuple or generator with its own parentheses, as Python counts it."""
        if not node.lpar:
            return self.pos(node)
        start = unpack(self.pos(node.lpar[-1]))[0]
        return pack(start, unpack(self.pos(node.rpar[0]))[1] - start)

    def unknown(self, node: Any) -> Node:
        """A class of node that is newer than pi-lint: a value of which nothing is known."""
        return ("const", self.pos(node), None)

    # Names and literals

    def on_Name(self, node: Any) -> Node:
        value = node.value
        if value in _CONSTANTS:
            return ("const", self.spans[id(node)], _CONSTANTS[value])
        return ("name", self.spans[id(node)], value)

    def on_Ellipsis(self, node: Any) -> Node:
        return ("const", self.pos(node), ...)

    def on_Integer(self, node: Any) -> Node:
        return ("const", self.spans[id(node)], number_value(node.value))

    on_Float = on_Imaginary = on_Integer

    def on_SimpleString(self, node: Any) -> Node:
        return ("const", self.spans[id(node)], string_value(node.value))

    def on_FormattedString(self, node: Any) -> Node:
        return ("fstr", self.pos(node), self._parts(node.parts, "r" in node.start.lower()))

    on_TemplatedString = on_FormattedString

    def _parts(self, parts: Iterable[Any], raw: bool) -> tuple[Node, ...]:
        lowered: list[Node] = []
        for part in parts:
            pos = self.pos(part)
            if part.__class__.__name__.endswith("Text"):
                lowered.append(("const", pos, text_value(part.value, raw)))
                continue
            value = self.expr(part.expression)
            conversion = part.conversion
            spec = part.format_spec
            if part.equal is not None:  # f"{x = }" shows its own text, then the repr
                start = unpack(pos)[0] + 1
                end = self.text.index("=", unpack(value[1])[1]) + 1
                while self.text[end] in " \t\r\n\f":
                    end += 1
                lowered.append(("const", pack(start, end - start), self.text[start:end]))
                if conversion is None and spec is None:
                    conversion = "r"
            lowered.append(("fmt", pos, value, conversion, None if spec is None else self._parts(spec, raw)))
        return _merged(lowered)

    def on_ConcatenatedString(self, node: Any) -> Node:
        leaves = []
        rest = node
        while hasattr(rest, "right"):
            leaves.append(self.expr(rest.left))
            rest = rest.right
        leaves.append(self.expr(rest))
        pos = self.pos(node)
        if any(leaf[0] == "fstr" for leaf in leaves):
            parts = [part for leaf in leaves for part in (leaf[2] if leaf[0] == "fstr" else (leaf,))]
            return ("fstr", pos, _merged(parts))
        values = [leaf[2] for leaf in leaves]
        return ("const", pos, values[0][:0].join(value for value in values if type(value) is type(values[0])))

    # Chains

    def on_Attribute(self, node: Any) -> Node:
        links = []
        while True:
            name = node.__class__.__name__
            if name == "Attribute" or name == "Subscript":
                links.append((name, node))
                node = node.value
            elif name == "Call":
                links.append((name, node))
                node = node.func
            else:
                break
        lowered = self.expr(node)
        spans = self.spans
        while links:
            name, link = links.pop()
            if name == "Attribute":
                lowered = ("attr", spans[id(link)], lowered, link.attr.value)
            elif name == "Call":
                args, keywords = self.arguments(link.args)
                lowered = ("call", spans[id(link)], lowered, args, keywords)
            else:
                lowered = ("sub", spans[id(link)], lowered, self._index(link.slice))
        return lowered

    on_Call = on_Subscript = on_Attribute

    def arguments(self, nodes: Iterable[Any]) -> tuple[tuple[Node, ...], tuple[tuple[str | None, Node], ...]]:
        """Lower the arguments of a call or the bases of a class: positional ones, then keywords."""
        args: list[Node] = []
        keywords: list[tuple[str | None, Node]] = []
        for node in nodes:
            value = self.expr(node.value)
            if node.keyword is not None:
                keywords.append((node.keyword.value, value))
            elif node.star == "**":
                keywords.append((None, value))
            elif node.star == "*":
                args.append(("star", self.pos(node), value))
            else:
                args.append(value)
        return tuple(args), tuple(keywords)

    def _index(self, elements: Any) -> Node:
        lowered = []
        for element in elements:
            inner = element.slice
            if inner.__class__.__name__ == "Slice":
                bounds = (inner.lower, inner.upper, inner.step)
                parts = tuple(None if bound is None else self.expr(bound) for bound in bounds)
                lowered.append(("slice", self.pos(element), *parts))
            elif inner.star:
                lowered.append(("star", self.pos(element), self.expr(inner.value)))
            else:
                lowered.append(self.expr(inner.value))
        if len(lowered) == 1 and not hasattr(elements[0].comma, "whitespace_after") and lowered[0][0] != "star":
            return lowered[0]
        start = unpack(self.pos(elements[0]))[0]
        return ("tuple", pack(start, unpack(self.pos(elements[-1]))[1] - start), tuple(lowered))

    # Operators

    def on_BinaryOperation(self, node: Any) -> Node:
        pos = self.pos(node)
        rest: list[tuple[str, Any]] = []
        kind = node.__class__
        while node.__class__ is kind and (not rest or not node.lpar):
            rest.append((BINARY.get(node.operator.__class__.__name__, "?"), node.right))
            node = node.left
        first = self.expr(node)
        return ("bin", pos, first, tuple((op, self.expr(operand)) for op, operand in reversed(rest)))

    def on_BooleanOperation(self, node: Any) -> Node:
        operator = node.operator.__class__
        kind = node.__class__
        pos = self.pos(node)
        operands = []
        stack = [node.right, node.left]
        while stack:
            item = stack.pop()
            if item.__class__ is kind and item.operator.__class__ is operator and not item.lpar:
                stack += (item.right, item.left)
            else:
                operands.append(self.expr(item))
        return ("bool", pos, operator.__name__.lower(), tuple(operands))

    def on_UnaryOperation(self, node: Any) -> Node:
        chain = []
        kind = node.__class__
        while node.__class__ is kind:
            chain.append(node)
            node = node.expression
        lowered = self.expr(node)
        for link in reversed(chain):
            operator = link.operator.__class__.__name__
            if operator == "Not":
                lowered = ("not", self.pos(link), lowered)
            else:
                lowered = ("unary", self.pos(link), _UNARY.get(operator, "?"), lowered)
        return lowered

    def on_Comparison(self, node: Any) -> Node:
        left = self.expr(node.left)
        rest = tuple(
            (_COMPARISON.get(item.operator.__class__.__name__, "?"), self.expr(item.comparator))
            for item in node.comparisons
        )
        return ("cmp", self.pos(node), left, rest)

    def on_IfExp(self, node: Any) -> Node:
        return ("ifexp", self.pos(node), self.expr(node.test), self.expr(node.body), self.expr(node.orelse))

    def on_NamedExpr(self, node: Any) -> Node:
        name = node.target.value
        self.scope.bound.add(name)
        return ("walrus", self.pos(node), name, self.expr(node.value))

    def on_Await(self, node: Any) -> Node:
        return ("await", self.pos(node), self.expr(node.expression))

    def on_Yield(self, node: Any) -> Node:
        self.scope.generator = True
        value = node.value
        if value is None:
            return ("yield", self.pos(node), None)
        if value.__class__.__name__ == "From":
            return ("yieldfrom", self.pos(node), self.expr(value.item))
        return ("yield", self.pos(node), self.expr(value))

    # Displays and comprehensions

    def on_Element(self, node: Any) -> Node:
        return self.expr(node.value)

    def on_StarredElement(self, node: Any) -> Node:
        return ("star", self.pos(node), self.expr(node.value))

    def on_Tuple(self, node: Any) -> Node:
        return ("tuple", self._bracketed(node), tuple([self.expr(element) for element in node.elements]))

    def on_List(self, node: Any) -> Node:
        return ("list", self.pos(node), tuple([self.expr(element) for element in node.elements]))

    def on_Set(self, node: Any) -> Node:
        return ("set", self.pos(node), tuple([self.expr(element) for element in node.elements]))

    def on_Dict(self, node: Any) -> Node:
        pairs = []
        for element in node.elements:
            key = getattr(element, "key", None)
            pairs.append((None if key is None else self.expr(key), self.expr(element.value)))
        return ("dict", self.pos(node), tuple(pairs))

    def on_ListComp(self, node: Any) -> Node:
        return ("comp", self.pos(node), "list", self.expr(node.elt), self._generators(node.for_in))

    def on_SetComp(self, node: Any) -> Node:
        return ("comp", self.pos(node), "set", self.expr(node.elt), self._generators(node.for_in))

    def on_GeneratorExp(self, node: Any) -> Node:
        pos = self._bracketed(node)
        if not node.lpar:  # the only argument of a call, whose parentheses Python counts to the generator
            start, end = unpack(pos)
            start = self.text.rfind("(", 0, start)
            pos = pack(start, self.text.find(")", end) + 1 - start)
        return ("comp", pos, "gen", self.expr(node.elt), self._generators(node.for_in))

    def on_DictComp(self, node: Any) -> Node:
        key, value = self.expr(node.key), self.expr(node.value)
        start = unpack(key[1])[0]
        pair = ("pair", pack(start, unpack(value[1])[1] - start), key, value)
        return ("comp", self.pos(node), "dict", pair, self._generators(node.for_in))

    def _generators(self, node: Any) -> tuple[Any, ...]:
        lowered = []
        while node is not None:
            # The target is not bound: a comprehension has names of its own.
            conditions = tuple(self.expr(condition.test) for condition in node.ifs)
            target, iterable = self.expr(node.target), self.expr(node.iter)
            lowered.append((target, iterable, conditions, node.asynchronous is not None))
            node = node.inner_for_in
        return tuple(lowered)

    # Functions

    def params(self, node: Any) -> tuple[Any, ...]:
        """Lower parameters; defaults and annotations belong to the scope around the function."""
        groups = [(param, "posonly") for param in node.posonly_params]
        groups += [(param, "arg") for param in node.params]
        if hasattr(node.star_arg, "default"):
            groups.append((node.star_arg, "vararg"))
        groups += [(param, "kwonly") for param in node.kwonly_params]
        if node.star_kwarg is not None:
            groups.append((node.star_kwarg, "kwarg"))
        lowered = []
        for param, kind in groups:
            default = None if param.default is None else self.expr(param.default)
            annotation = None if param.annotation is None else self.expr(param.annotation.annotation)
            lowered.append((param.name.value, kind, default, annotation, self.pos(param)))
        return tuple(lowered)

    def on_Lambda(self, node: Any) -> Node:
        pos = self.pos(node)
        params = self.params(node.params)
        outer, self.scope = self.scope, Scope(param[0] for param in params)
        value = self.expr(node.body)
        scope, self.scope = self.scope, outer
        flags = "gl" if scope.generator else "l"
        body = (("return", value[1], value),)
        return ("lambda", pos, ("fn", pos, "<lambda>", params, body, (), None, flags, scope.local()))


def _merged(parts: Iterable[Node]) -> tuple[Node, ...]:
    """Join neighbouring constants of an f-string."""
    merged: list[Node] = []
    for part in parts:
        if part[0] == "const" and merged and merged[-1][0] == "const":
            start = unpack(merged[-1][1])[0]
            merged[-1] = ("const", pack(start, unpack(part[1])[1] - start), merged[-1][2] + part[2])
        else:
            merged.append(part)
    return tuple(merged)
