"""Import direction and the one door of each library, read from the sources with `ast`."""

from __future__ import annotations

import ast
import importlib.util
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

# What each part of the package may import of the others. A part is a module or a folder of modules.
ALLOWED: dict[str, set[str]] = {
    "model": set(),
    "markers": set(),
    "frontend": {"model"},
    "knowledge": {"model"},
    "config": {"model", "knowledge"},
    "project": {"model", "frontend", "knowledge"},
    "flow": {"model", "frontend", "project", "knowledge"},
    "checks": {"model", "frontend", "project", "flow", "knowledge"},
    "report": {"model", "knowledge"},
    "analysis": {"model", "frontend", "project", "flow", "checks", "knowledge", "config"},
    "checking": {"model", "frontend", "knowledge", "config", "analysis", "report"},
    "cli": {"model", "config", "analysis", "checking", "report"},
    "flake8_plugin": {"model", "config", "analysis", "checking", "report"},
    "__init__": {"model", "config", "analysis"},
    "__main__": {"cli"},
}

# The only modules that may import a library that is slow to import, or that ties us to its form.
DOORS: dict[str, set[str]] = {
    "libcst": {"pi_lint.frontend.lower"},
    "yaml": {"pi_lint.knowledge.packs"},
    "sqlglot": {"pi_lint.frontend.sql"},
    "flake8": {"pi_lint.flake8_plugin"},
    "rich": {"pi_lint.cli", "pi_lint.report.text"},
    "pickle": set(),
    "shelve": set(),
    "runpy": set(),
    "importlib": {"pi_lint.cli"},  # `importlib.metadata`, for the version
}
# These are imported inside the function that needs them: start-up must not pay for them.
LAZY = {"yaml", "sqlglot", "flake8", "rich"}
# Code under analysis is never run, and nothing that could run it is called.
FORBIDDEN_CALLS = {"eval", "exec", "compile", "__import__"}

Import = tuple[str, int, bool]  # dotted name, line, whether it runs when the module is imported


def package_root() -> Path:
    spec = importlib.util.find_spec("pi_lint")
    assert spec is not None and spec.submodule_search_locations
    return Path(next(iter(spec.submodule_search_locations)))


def sources() -> dict[str, ast.Module]:
    root = package_root()
    trees = {}
    for path in sorted(root.rglob("*.py")):
        dotted = ".".join(("pi_lint", *path.relative_to(root).with_suffix("").parts))
        trees[dotted] = ast.parse(path.read_bytes(), str(path))
    return trees


SOURCES = sources()


def imports(tree: ast.Module) -> Iterator[Import]:
    """Every import of a module, those inside functions and under TYPE_CHECKING too."""
    pending: list[tuple[ast.AST, bool]] = [(tree, True)]
    while pending:
        node, at_import = pending.pop()
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno, at_import) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"line {node.lineno}: a relative import"
            names = (alias.name for alias in node.names)
            # `from pi_lint import analysis` names a module; of other packages the package is enough.
            if node.module == "pi_lint":
                yield from ((f"pi_lint.{name}", node.lineno, at_import) for name in names)
            else:
                yield (node.module or "", node.lineno, at_import)
        lazy = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) or is_type_checking(node)
        pending.extend((child, at_import and not lazy) for child in ast.iter_child_nodes(node))


def is_type_checking(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"


def part(dotted: str) -> str:
    pieces = dotted.split(".")
    return pieces[1] if len(pieces) > 1 else "__init__"


def test_there_are_sources_to_read() -> None:
    assert {"pi_lint.model", "pi_lint.cli", "pi_lint.frontend.lower", "pi_lint.flow.engine"} <= SOURCES.keys()


@pytest.mark.parametrize("module", sorted(SOURCES))
def test_imports_point_down(module: str) -> None:
    own = part(module)
    assert own in ALLOWED, f"{own} has no place in the layers: give it one here and in docs/architecture.md"
    wrong = [
        f"line {line}: {name}"
        for name, line, _ in imports(SOURCES[module])
        if name.split(".")[0] == "pi_lint" and part(name) not in ALLOWED[own] | {own}
    ]
    assert not wrong


@pytest.mark.parametrize("library", sorted(DOORS))
def test_a_library_has_one_door(library: str) -> None:
    users = {
        module for module, tree in SOURCES.items() for name, _, _ in imports(tree) if name.split(".")[0] == library
    }
    assert users <= DOORS[library]


@pytest.mark.parametrize("library", sorted(LAZY))
def test_a_slow_library_is_imported_where_it_is_needed(library: str) -> None:
    eager = [
        f"{module}:{line}"
        for module, tree in SOURCES.items()
        for name, line, at_import in imports(tree)
        if at_import and name.split(".")[0] == library
    ]
    assert not eager


def test_libcst_is_imported_only_where_something_is_parsed() -> None:
    eager = [
        module
        for module, tree in SOURCES.items()
        for name, _, at_import in imports(tree)
        if at_import and name == "pi_lint.frontend.lower"
    ]
    assert not eager


@pytest.mark.parametrize("module", sorted(SOURCES))
def test_nothing_runs_what_it_reads(module: str) -> None:
    calls = [
        f"line {node.lineno}: {node.func.id}"
        for node in ast.walk(SOURCES[module])
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in FORBIDDEN_CALLS
    ]
    assert not calls


@pytest.mark.parametrize("module", sorted(SOURCES))
def test_a_module_says_what_it_is_for(module: str) -> None:
    tree = SOURCES[module]
    assert not tree.body or ast.get_docstring(tree)


def test_markers_import_nothing() -> None:
    assert {name for name, _, _ in imports(SOURCES["pi_lint.markers"])} <= {"__future__"}


def test_the_architecture_names_every_module_and_no_other() -> None:
    text = (Path(__file__).parents[1] / "docs" / "architecture.md").read_text(encoding="utf-8")
    table = text.partition("## Modules")[2].partition("\n## ")[0]
    named = set(re.findall(r"`([\w/]+\.py)`", table))
    modules = {f"{name.removeprefix('pi_lint.').replace('.', '/')}.py" for name in SOURCES}
    assert named == {name for name in modules if not name.endswith("__init__.py")}


def test_the_layers_are_those_that_exist() -> None:
    assert set(ALLOWED) == {part(module) for module in SOURCES}
