"""Which files of a project are analysed.

Purpose: walk the paths that were given, leave out what ignore files, patterns and conventions
leave out, and report what cannot be looked at. All exclusions are relative to the project
root, so a project that itself lies below a folder `tests` is analysed like any other.
"""

from __future__ import annotations

import functools
import os
import re
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pathspec

from pi_lint.model import Problem

# Folders that hold no source of the project's own.
_FOREIGN = frozenset(
    {
        ".git", ".hg", ".svn", ".venv", "venv", "node_modules", "site-packages", "__pycache__", "__pypackages__",
        ".tox", ".nox", ".eggs", ".mypy_cache", ".pytest_cache", ".ruff_cache",
    }
)  # fmt: skip
# Folders of build tools and environments, unless they are packages that happen to have such a name.
_FOREIGN_UNLESS_PACKAGE = frozenset({"build", "dist", "env"})
_TEST_FOLDERS = frozenset({"tests", "test"})
_TEST_FILE = re.compile(r"(?:test_.*|.*_test|conftest|tests)\.pyi?$")
_GENERATED_FILE = re.compile(r".*_pb2(?:_grpc)?\.pyi?$")
_GENERATED_REMARK = re.compile(
    r"@generated\b|\bauto-?generated\b|\bdo not (?:edit|modify)\b"
    r"|^\#\s*(?:this |the )?(?:code |file |module )?(?:is |was |has been )?(?:automatically |auto-?)?generated"
    r" (?:by|from|with|on)\b",
    re.IGNORECASE,
)
_HEAD_BYTES = 1024
_HEAD_LINES = 10


@dataclass(frozen=True, slots=True)
class Discovery:
    """The files to analyse, sorted, each real file once; and what could not be looked at (PIL002)."""

    files: tuple[Path, ...]
    problems: tuple[Problem, ...] = ()


@dataclass(slots=True)
class _Walk:
    """One discovery: the rules, and what has been found so far."""

    root: str
    patterns: pathspec.GitIgnoreSpec
    include_tests: bool
    outer: tuple[str, ...] = ()
    ignores: dict[str, pathspec.GitIgnoreSpec | None] = field(default_factory=dict)
    seen: set[str] = field(default_factory=set)  # real paths of files and folders
    files: dict[str, Path] = field(default_factory=dict)  # by path relative to the root
    problems: dict[str, Problem] = field(default_factory=dict)

    def problem(self, full: str, english: str, chinese: str) -> None:
        path = relative_path(self.root, full)
        self.problems.setdefault(path, Problem("PIL002", path, 1, 0, english, chinese))

    def failed(self, full: str, error: OSError) -> None:
        reason = error.strerror or type(error).__name__
        self.problem(full, f"cannot be read: {reason}", f"无法读取:{reason}")


def relative_path(root: str | Path, full: str | Path) -> str:
    """The path relative to the root with forward slashes; absolute where it does not lie below it."""
    base, path = os.fspath(root), os.fspath(full)
    prefix = base.rstrip(os.sep) + os.sep
    return path.removeprefix(prefix).replace(os.sep, "/")


@functools.lru_cache(maxsize=16384)
def holds(folder: str, name: str) -> bool:
    """Whether a folder holds an entry of that name; remembered until the next discovery."""
    return os.path.exists(os.path.join(folder, name))


def is_below(path: str, folder: str) -> bool:
    """Whether a path is a folder or lies below it, by text alone."""
    return path == folder or path.startswith(folder.rstrip(os.sep) + os.sep)


def discover(root: Path, paths: Sequence[Path], exclude: Sequence[str] = (), include_tests: bool = False) -> Discovery:
    """Find the Python files below (or named by) `paths`.

    `exclude`: patterns as in an ignore file, relative to `root`; they hold for files that
    are named as well. `include_tests`: take tests, migrations and generated code too.
    Links to folders are followed inside the root. Never raises for what the file system does.
    """
    holds.cache_clear()
    base = os.path.realpath(root)
    walk = _Walk(base, pathspec.GitIgnoreSpec.from_lines(exclude), include_tests)
    walk.outer = _outer_folders(walk)
    for path in paths:
        full = _lexical(base, os.path.abspath(path))
        try:
            mode = os.stat(full).st_mode
        except OSError as error:
            walk.failed(full, error)
            continue
        if _excluded_above(walk, full, stat.S_ISDIR(mode)):
            continue
        if stat.S_ISDIR(mode):
            _walk_folder(walk, full)
        else:
            _take(walk, full, os.path.realpath(full))
    files = tuple(walk.files[path] for path in sorted(walk.files))
    return Discovery(files, tuple(walk.problems[path] for path in sorted(walk.problems)))


def _lexical(root: str, path: str) -> str:
    """A given path written below the real root where it lies there, its own links kept."""
    real_parent = os.path.realpath(os.path.dirname(path))
    candidate = os.path.join(real_parent, os.path.basename(path))
    real = os.path.realpath(path)
    return candidate if is_below(candidate, root) and candidate != root else real


def _excluded_above(walk: _Walk, full: str, is_folder: bool) -> bool:
    """Whether a path that was named, or a folder between the root and it, is excluded."""
    prefix = walk.root.rstrip(os.sep) + os.sep
    if not full.startswith(prefix):
        return False
    parts = full[len(prefix) :].split(os.sep)
    current = walk.root
    for index, part in enumerate(parts):
        current = os.path.join(current, part)
        if index < len(parts) - 1 or is_folder:
            if _folder_excluded(walk, current, part):
                return True
        elif _file_excluded(walk, current, part):
            return True
    return False


def _walk_folder(walk: _Walk, top: str) -> None:
    stack = [top]
    while stack:
        folder = stack.pop()
        real = os.path.realpath(folder)
        if real in walk.seen:
            continue
        walk.seen.add(real)
        try:
            with os.scandir(folder) as entries:
                listing = sorted(entries, key=lambda entry: entry.name)
        except OSError as error:
            walk.failed(folder, error)
            continue
        for entry in listing:
            kind = _kind(walk, entry)
            if kind == "folder":
                if not _folder_excluded(walk, entry.path, entry.name) and _may_enter(walk, entry):
                    stack.append(entry.path)
            elif kind == "file" and not _file_excluded(walk, entry.path, entry.name):
                linked = entry.is_symlink()
                _take(walk, entry.path, os.path.realpath(entry.path) if linked else os.path.join(real, entry.name))


def _kind(walk: _Walk, entry: os.DirEntry[str]) -> str:
    try:
        if entry.is_dir():
            return "folder"
        if not entry.name.endswith(".py"):
            return ""
        if entry.is_file():
            return "file"
        if entry.is_symlink():
            os.stat(entry.path)  # says why it leads nowhere
    except OSError as error:
        if not _file_excluded(walk, entry.path, entry.name):
            walk.failed(entry.path, error)
    return ""


def _may_enter(walk: _Walk, entry: os.DirEntry[str]) -> bool:
    """Whether to follow a link to a folder: inside the root, and not into a folder around itself."""
    if not entry.is_symlink():
        return True
    real = os.path.realpath(entry.path)
    if is_below(os.path.realpath(os.path.dirname(entry.path)), real):
        walk.problem(
            entry.path,
            "a link to a folder around itself: it is not followed",
            "指向自身上级目录的链接:未跟随",
        )
        return False
    return is_below(real, walk.root)


def _take(walk: _Walk, full: str, real: str) -> None:
    if real in walk.seen:
        return
    walk.seen.add(real)
    walk.files[relative_path(walk.root, full)] = Path(full)


def _folder_excluded(walk: _Walk, full: str, name: str) -> bool:
    if name in _FOREIGN or name.endswith(".egg-info"):
        return True
    if name in _FOREIGN_UNLESS_PACKAGE and not holds(full, "__init__.py"):
        return True
    if not walk.include_tests and (name in _TEST_FOLDERS or _is_migrations(full, name)):
        return True
    return holds(full, "pyvenv.cfg") or _matched(walk, full, True)


def _is_migrations(full: str, name: str) -> bool:
    if name == "versions":  # Alembic's, recognised by the template beside it
        return holds(os.path.dirname(full), "script.py.mako") or os.path.basename(os.path.dirname(full)) in (
            "alembic",
            "migrations",
        )
    return name == "migrations"


def _file_excluded(walk: _Walk, full: str, name: str) -> bool:
    if not walk.include_tests and (_TEST_FILE.match(name) or _GENERATED_FILE.match(name)):
        return True
    if _matched(walk, full, False):
        return True
    return not walk.include_tests and _is_generated(full)


def _is_generated(full: str) -> bool:
    """Whether the comments at the head of a file say that a program wrote it."""
    try:
        with open(full, "rb") as handle:
            head = handle.read(_HEAD_BYTES)
    except OSError:
        return False  # reading the file will report it
    lines = head.decode("utf-8", "replace").splitlines()[:_HEAD_LINES]
    return any(line.lstrip().startswith("#") and _GENERATED_REMARK.search(line.strip()) for line in lines)


def _matched(walk: _Walk, full: str, is_folder: bool) -> bool:
    """Whether the project's patterns or an ignore file on the way leave a path out; the nearest one decides."""
    end = "/" if is_folder else ""
    if is_below(full, walk.root) and walk.patterns.match_file(relative_path(walk.root, full) + end):
        return True
    for folder in _folders_above(walk, full):
        spec = _ignore_file(walk, folder)
        if spec is not None:
            include = spec.check_file(relative_path(folder, full) + end).include
            if include is not None:
                return include
    return False


def _folders_above(walk: _Walk, full: str) -> Iterator[str]:
    """Folders whose ignore files speak of a path, nearest first: up to the root, then to the repository's top."""
    folder = os.path.dirname(full)
    while is_below(folder, walk.root):
        yield folder
        if folder == walk.root:
            yield from walk.outer
            return
        folder = os.path.dirname(folder)


def _outer_folders(walk: _Walk) -> tuple[str, ...]:
    """Folders above the root, up to the repository's top; none where that repository ignores the root itself."""
    if holds(walk.root, ".git"):
        return ()
    folders: list[str] = []
    folder = walk.root
    while not folders or not holds(folder, ".git"):
        parent = os.path.dirname(folder)
        if parent == folder:
            return ()
        folder = parent
        folders.append(folder)
    path = walk.root
    while path != folder:  # git looks no deeper than the first folder that it ignores
        for above in folders:
            spec = _ignore_file(walk, above) if is_below(path, above) and path != above else None
            include = None if spec is None else spec.check_file(relative_path(above, path) + "/").include
            if include is not None:
                if include:
                    return ()
                break
        path = os.path.dirname(path)
    return tuple(folders)


def _ignore_file(walk: _Walk, folder: str) -> pathspec.GitIgnoreSpec | None:
    if folder not in walk.ignores:
        try:
            with open(os.path.join(folder, ".gitignore"), encoding="utf-8", errors="replace") as handle:
                walk.ignores[folder] = pathspec.GitIgnoreSpec.from_lines(handle.read().splitlines())
        except (OSError, ValueError):
            walk.ignores[folder] = None  # none there, or none that git could use either
    return walk.ignores[folder]
