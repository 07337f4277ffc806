"""Text to IR: forms, places and names."""

from __future__ import annotations

import ast
import gc
import inspect
import marshal
import re
import tokenize
from pathlib import Path
from typing import Any

import pytest

from pi_lint.frontend import ir
from pi_lint.frontend.lower import SyntaxProblem, lower

_KINDS: dict[type, str] = {
    ast.Call: "call",
    ast.Attribute: "attr",
    ast.Name: "name",
    ast.Constant: "const",
    ast.Subscript: "sub",
    ast.FunctionDef: "def",
    ast.AsyncFunctionDef: "def",
    ast.ClassDef: "class",
    ast.Dict: "dict",
    ast.Lambda: "lambda",
    ast.JoinedStr: "fstr",
    ast.Raise: "raise",
    ast.Assign: "assign",
    ast.Tuple: "tuple",
    ast.ListComp: "comp",
    ast.SetComp: "comp",
    ast.DictComp: "comp",
    ast.GeneratorExp: "comp",
    ast.Compare: "cmp",
    ast.For: "for",
    ast.With: "with",
    ast.Try: "try",
    ast.Return: "return",
}


def _one(text: str) -> Any:
    """The only statement of a text, places left out."""
    (statement,) = lower(text)[1]
    return _bare(statement)


def _bare(node: Any) -> Any:
    """A node without its `pos`: the record of a function loses its own and its parameters'."""
    if not isinstance(node, tuple):
        return node
    if len(node) > 1 and isinstance(node[0], str) and type(node[1]) is int and node[0].isalpha():
        node = (node[0], *node[2:])
    return tuple(_bare(part) for part in node)


def _expr(text: str) -> Any:
    return _one(text)[1]


def _names(text: str) -> tuple[str, ...]:
    """`locals` of the first function of a text."""
    return next(node for node in _walk(lower(text)[1]) if node[0] == "fn")[8]  # type: ignore[no-any-return]


def _walk(node: Any, inside: bool = False) -> Any:
    stack = [(node, inside)]
    while stack:
        item, hidden = stack.pop()
        if not isinstance(item, tuple):
            continue
        if len(item) > 1 and isinstance(item[0], str) and type(item[1]) is int and not hidden:
            yield item
        # Python before 3.12 gives the parts of f-strings no places of their own.
        hidden = hidden or (len(item) == 3 and item[0] == "fstr")
        stack.extend((part, hidden) for part in item)


def _places_of_ast(text: str) -> set[tuple[Any, ...]]:
    lines = re.split(r"(?<=\n)", text)
    tree = ast.parse(text)
    hidden: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            hidden.update(id(inner) for inner in ast.walk(node) if inner is not node)
        if isinstance(node, ast.NamedExpr):
            hidden.add(id(node.target))
        if isinstance(node, ast.Delete):
            hidden.update(id(target) for target in node.targets if isinstance(target, ast.Tuple))
    found = set()
    for node in ast.walk(tree):
        kind = _KINDS.get(type(node))
        if kind is not None and id(node) not in hidden:
            place: Any = node
            line = lines[place.lineno - 1].encode()
            end = lines[place.end_lineno - 1].encode()
            start_column = len(line[: place.col_offset].decode())
            end_column = len(end[: place.end_col_offset].decode())
            value = repr(place.value) if kind == "const" else ""
            found.add((kind, place.lineno, start_column, place.end_lineno, end_column, value))
    return found


def _places_of_ir(text: str) -> set[tuple[Any, ...]]:
    _, body, lines = lower(text)
    found = set()
    for node in _walk(body):
        if node[0] in _KINDS.values() and node[0] != "fn":
            span = ir.span_of(node[1], lines)
            value = repr(node[2]) if node[0] == "const" else ""
            found.add((node[0], span.line, span.column, span.end_line, span.end_column, value))
    return found


@pytest.mark.parametrize("module", [inspect, ast, tokenize, re, Path, pytest])
def test_places_and_constants_are_those_of_ast(module: Any) -> None:
    path = inspect.getsourcefile(module)
    assert path is not None
    text = Path(path).read_text(encoding="utf-8")
    expected, found = _places_of_ast(text), _places_of_ir(text)
    assert len(expected) > 50
    assert expected - found == set()
    # A lambda's body is a `return` in IR only; handlers of `except` and patterns name more than ast's nodes do.
    assert {item for item in found - expected if item[0] not in ("return", "const")} == set()


@pytest.mark.parametrize(
    "text",
    [
        "x = ( # c (\n  1, 2)\n",
        "f( x for x in (y) )\n",
        "x = ((a))(b)\n",
        'é = "电话" + f(é)\n',
        "x=1\r\ny = [\r\n 2]\r\n",
        "try:\n    pass\nexcept (A, B) :\n    pass\nx = f(1)\n",
        "if x:\n\t\ty = 1\n\t\tz = a.b\n# c\nw = 2\n",
        "x = 1\n\fdef f():\n    return 2\n  \f\ny = 3",
        "@d(1)\nasync def f(a, *, b=1): return a\n",
        "x[1:2, ...][0] = y if z else w\n",
    ],
)
def test_places_survive_odd_layout(text: str) -> None:
    assert _places_of_ast(text) <= _places_of_ir(text)


def test_calls_attributes_and_subscripts() -> None:
    assert _expr('a.b(1, *c, k=2, **d)["x"]\n') == (
        "sub",
        (
            "call",
            ("attr", ("name", "a"), "b"),
            (("const", 1), ("star", ("name", "c"))),
            (("k", ("const", 2)), (None, ("name", "d"))),
        ),
        ("const", "x"),
    )
    assert _expr("a[1:, ::2]\n")[2] == (
        "tuple",
        (("slice", ("const", 1), None, None), ("slice", None, None, ("const", 2))),
    )


def test_operators_are_flat() -> None:
    assert _expr("a + b - c\n") == ("bin", ("name", "a"), (("+", ("name", "b")), ("-", ("name", "c"))))
    assert _expr("a or b or c and d\n") == (
        "bool",
        "or",
        (("name", "a"), ("name", "b"), ("bool", "and", (("name", "c"), ("name", "d")))),
    )
    assert _expr("a < b is not c\n") == ("cmp", ("name", "a"), (("<", ("name", "b")), ("is not", ("name", "c"))))
    assert _expr("not -x\n") == ("not", ("unary", "-", ("name", "x")))
    statement = _one("if a:\n  x\nelif b:\n  y\nelse:\n  z\n")
    assert len(statement[1]) == 2
    assert statement[2] == (("expr", ("name", "z")),)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("'a' \"b\" r'\\n'", "ab\\n"),
        ("b'\\x00a'", b"\x00a"),
        ("'\\u7535\\N{BULLET}\\101\\\n'", "电•A"),
        ("'\\d'", "\\d"),
        ("0x_ff", 255),
        ("1_000.5e3", 1000500.0),
        ("2j", 2j),
        ("...", ...),
        ("None", None),
        ("'''a\r\nb'''", "a\nb"),
        ("9" * 5000, None),
    ],
)
def test_literals(text: str, value: object) -> None:
    assert _expr(text + "\n") == ("const", value)


def test_f_strings() -> None:
    assert _expr('f"a{{{x!r:>{w}}" "b" f"{y=}"\n') == (
        "fstr",
        (
            ("const", "a{"),
            ("fmt", ("name", "x"), "r", (("const", ">"), ("fmt", ("name", "w"), None, None))),
            ("const", "by="),
            ("fmt", ("name", "y"), "r", None),
        ),
    )


def test_statements() -> None:
    assert _one("a = b, *c = d\n") == (
        "assign",
        (("name", "a"), ("tuple", (("name", "b"), ("star", ("name", "c"))))),
        ("name", "d"),
    )
    assert _one("a @= b\n") == ("aug", ("name", "a"), "@", ("name", "b"))
    assert _one("from ..a.b import c as d, e\n") == ("from", 2, "a.b", (("c", "d"), ("e", None)))
    assert _one("from . import *\n") == ("from", 1, "", (("*", None),))
    assert _one("del a, b[0]\n") == ("del", (("name", "a"), ("sub", ("name", "b"), ("const", 0))))
    assert _one("raise A from b\n") == ("raise", ("name", "A"), ("name", "b"))
    statement = _one("try:\n  a\nexcept* (A, B) as e:\n  b\nelse:\n  c\nfinally:\n  d\n")
    assert statement[2][0][:2] == (("tuple", (("name", "A"), ("name", "B"))), "e")
    assert statement[5] is True


def test_syntax_of_later_versions() -> None:
    lower("type A[T: int = str] = list[T]\nclass B[*Ts, **P](A): ...\ndef f[T](x: T) -> T: return x\n")
    lower('x = t"a{b}"\ny = f"{x["k"]}"\ntry:\n  pass\nexcept A, B:\n  pass\n')


def test_patterns() -> None:
    text = "match x:\n  case {'k': [1, *r], **o} | P(a, b=_) as p if g:\n    pass\n  case None | -1:\n    pass\n"
    (pattern, guard, _body), (second, _, _) = _one(text)[2]
    assert guard == ("name", "g")
    assert pattern[0] == "pas"
    mapping, cls = pattern[1][1]
    items = ((("const", "k"), ("pseq", (("pvalue", ("const", 1)), ("pstar", "r")))),)
    assert mapping == ("pmap", items, "o")
    assert cls == ("pclass", ("name", "P"), (("pcapture", "a"),), (("b", ("pcapture", None)),))
    assert second == ("por", (("pvalue", ("const", None)), ("pvalue", ("unary", "-", ("const", 1)))))


def test_functions_know_their_names_and_kind() -> None:
    text = """
async def f(a, /, b=(w := 1), *args, c: int, **kw):
    global g
    import x.y, z as zz
    from m import n
    for i, (j, *k) in b:
        with c as d, e as d2.attr: pass
    try: h = 1
    except E as err: del h
    class C: inner = 1
    def sub(): other = 1
    [q for q in b if (late := q)]
    g = lambda u: u
    t: int
    s += 1
    match a:
        case {"k": v, **rest}: yield v
"""
    node = next(node for node in _walk(lower(text)[1]) if node[0] == "fn" and node[2] == "f")
    assert node[7] == "ag"
    assert [(param[0], param[1]) for param in node[3]] == [
        ("a", "posonly"),
        ("b", "arg"),
        ("args", "vararg"),
        ("c", "kwonly"),
        ("kw", "kwarg"),
    ]
    expected = "C a args b c d err h i j k kw late n rest s sub t v x zz"
    assert node[8] == tuple(expected.split())
    assert _names("x = lambda a, *b: (yield)\n") == ("a", "b")


def test_classes() -> None:
    node = _one("@dec\nclass A(B, *C, metaclass=M):\n    x: int = 1\n")[1]
    assert node[:4] == ("cls", "A", (("name", "B"), ("star", ("name", "C"))), (("metaclass", ("name", "M")),))
    assert node[5] == (("name", "dec"),)


@pytest.mark.parametrize(
    ("text", "line"),
    [("x = (\n", 1), ("a = 1\nb = = 2\n", 2), ("def f(:\n  pass\n", 1), ("x = 'abc\n", 1), ("if x:\ny\n", 2)],
)
def test_broken_text_says_where_and_why(text: str, line: int) -> None:
    with pytest.raises(SyntaxProblem) as caught:
        lower(text)
    assert caught.value.line == line
    assert caught.value.message


def test_long_code_is_flat_and_deep_code_is_read_with_a_larger_stack() -> None:
    terms = _bare(lower("x = " + " + ".join(["a"] * 1500) + "\n")[1])[0][2]
    assert len(terms[2]) == 1499
    branches = lower("if a:\n  b\n" + "elif a:\n  b\n" * 2000)[1][0][2]
    assert len(branches) == 2001
    marshal.dumps(lower("x = a" + ".b()" * 300 + "\n"))
    lower("x = " + "(" * 190 + "1" + ")" * 190 + "\n")


def test_the_collector_is_as_it_was() -> None:
    assert gc.isenabled()
    lower("x = 1\n")
    assert gc.isenabled()
    gc.disable()
    try:
        lower("x = 1\n")
        assert not gc.isenabled()
    finally:
        gc.enable()
