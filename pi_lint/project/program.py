"""The program: its modules, functions and classes, and what an import means.

Purpose: everything about names that can be told without running anything. Functions and
classes are found where they stand, with their scopes (which names are local, which are
shared with inner functions); what a base class or a decorator *is* the engine finds out
when it evaluates the expression.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from pi_lint.frontend.ir import Body, Node


class Module:
    """One file of the program. `names` are all dotted names by which it may be imported."""

    __slots__ = ("body", "classes", "functions", "index", "is_package", "lines", "name", "names", "path", "text")

    def __init__(
        self,
        index: int,
        path: str,
        names: Sequence[str],
        is_package: bool,
        ir: Node,
        text: str = "",
    ) -> None:
        self.index = index
        self.path = path
        self.name = names[0]
        self.names = tuple(names)
        self.is_package = is_package
        self.body: Body = ir[1]
        self.lines: Sequence[int] = ir[2]
        self.text = text
        self.functions: dict[int, Function] = {}
        self.classes: dict[int, Class] = {}

    def package(self) -> str:
        """The dotted name that relative imports start from."""
        return self.name if self.is_package else self.name.rpartition(".")[0]

    def __repr__(self) -> str:
        return f"<module {self.name}>"


class Function:
    """A function, method or lambda; `parent` is the function it is written in, `owner` its class."""

    __slots__ = (
        "body", "cells", "decorators", "flags", "locals", "module", "name", "node", "owner", "params", "parent",
        "pos", "qualname", "returns",
    )  # fmt: skip

    def __init__(self, module: Module, node: Node, parent: Function | None, owner: Class | None) -> None:
        _, self.pos, self.name, self.params, self.body, self.decorators, self.returns, self.flags, names = node
        self.module = module
        self.node = node
        self.parent = parent
        self.owner = owner
        self.locals: frozenset[str] = frozenset(names)
        outer = owner.qualname if owner is not None else parent.qualname if parent is not None else ""
        self.qualname: str = f"{outer}.{self.name}" if outer else self.name
        self.cells: frozenset[str] = frozenset(_captured(self.body, self.params)) & self.locals

    @property
    def is_generator(self) -> bool:
        """Whether calling it gives a generator."""
        return "g" in self.flags

    @property
    def is_async(self) -> bool:
        """Whether it is a coroutine function."""
        return "a" in self.flags

    def __repr__(self) -> str:
        return f"<function {self.module.name}:{self.qualname}>"


class Class:
    """A class statement; bases and declared fields are filled in when it is evaluated."""

    __slots__ = (
        "_order", "bases", "body", "decorators", "fields", "keywords", "module", "name", "node", "parent", "pos",
        "qualname", "ref", "traits",
    )  # fmt: skip

    def __init__(self, module: Module, node: Node, parent: Function | None, outer: Class | None) -> None:
        _, self.pos, self.name, _, self.keywords, self.body, self.decorators = node
        self.node = node
        self.module = module
        self.parent = parent
        prefix = outer.qualname if outer is not None else parent.qualname if parent is not None else ""
        self.qualname: str = f"{prefix}.{self.name}" if prefix else self.name
        self.bases: list[Any] = []  # Class, or the dotted name of a library's class
        self.fields: dict[str, Any] = {}  # name -> declaration, in order; filled by the engine
        self.traits: dict[str, Any] = {}  # what libraries' declarations make of it
        self.ref: Any = None
        self._order: tuple[tuple[Any, ...], list[Any]] | None = None

    def mro(self) -> list[Any]:
        """The project's classes and library names in C3 order (PEP 253), or depth first if there is none."""
        key = tuple(self.bases)
        if self._order is None or self._order[0] != key:
            self._order = (key, _linearise(self, frozenset()))
        return self._order[1]

    def __repr__(self) -> str:
        return f"<class {self.module.name}:{self.qualname}>"


def _linearise(cls: Any, seen: frozenset[int]) -> list[Any]:
    if not isinstance(cls, Class):
        return [cls]
    if id(cls) in seen:
        return []
    seen = seen | {id(cls)}
    sequences = [_linearise(base, seen) for base in cls.bases] + [list(cls.bases)]
    result: list[Any] = [cls]
    while any(sequences):
        for sequence in sequences:
            if sequence and not any(sequence[0] in other[1:] for other in sequences):
                head = sequence[0]
                break
        else:  # no consistent order: take what comes first
            head = next(sequence[0] for sequence in sequences if sequence)
        result.append(head)
        sequences = [[item for item in sequence if item is not head and item != head] for sequence in sequences]
    return result


class Program:
    """All modules, by dotted name. A name that two files claim belongs to the first in path order."""

    def __init__(self, modules: Iterable[Module]) -> None:
        self.modules: list[Module] = list(modules)
        self.by_name: dict[str, Module] = {}
        for rank in range(max((len(module.names) for module in self.modules), default=0)):
            for module in self.modules:
                if rank < len(module.names):
                    self.by_name.setdefault(module.names[rank], module)
        self.packages: set[str] = set()
        for name in self.by_name:
            while "." in name:
                name = name.rpartition(".")[0]
                self.packages.add(name)

    def absolute(self, module: Module, level: int, name: str) -> str:
        """The dotted name that a relative import means; "" where it climbs out of the tree."""
        if level == 0:
            return name
        package = module.package()
        for _ in range(level - 1):
            package = package.rpartition(".")[0]
        return f"{package}.{name}".strip(".") if name else package


def function_of(module: Module, node: Node, parent: Function | None, owner: Class | None) -> Function:
    """The function record of a node, made once."""
    found = module.functions.get(node[1])
    if found is None:
        found = module.functions[node[1]] = Function(module, node, parent, owner)
    return found


def class_of(module: Module, node: Node, parent: Function | None, outer: Class | None) -> Class:
    """The class record of a node, made once."""
    found = module.classes.get(node[1])
    if found is None:
        found = module.classes[node[1]] = Class(module, node, parent, outer)
    return found


def walk(node: Any) -> Iterator[Node]:
    """Every node below (and with) a node or a tuple of nodes, in no particular order."""
    stack = [node]
    while stack:
        item = stack.pop()
        if isinstance(item, tuple):
            if len(item) > 1 and isinstance(item[0], str) and isinstance(item[1], int):
                yield item
            stack.extend(part for part in item if isinstance(part, tuple))


def _captured(body: Body, params: Sequence[Any]) -> set[str]:
    """Names that functions, lambdas and classes inside a body may use of it."""
    names: set[str] = set()
    for node in walk(body):
        if node[0] in ("fn", "cls"):
            inner = node[4] if node[0] == "fn" else node[5]
            for part in walk(inner):
                if part[0] == "name":
                    names.add(part[2])
                elif part[0] == "nonlocal":
                    names.update(part[2])
    return names


def names_used(body: Any) -> Mapping[str, int]:
    """How often each variable, attribute and text occurs in a body (a cheap static index)."""
    found: dict[str, int] = {}
    for node in walk(body):
        if node[0] == "name":
            found[node[2]] = found.get(node[2], 0) + 1
        elif node[0] == "attr":
            found[node[3]] = found.get(node[3], 0) + 1
    return found
