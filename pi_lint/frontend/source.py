"""Source files: their text, the names by which they are imported, what may not be read.

Purpose: bytes become text exactly once, as Python itself would decode them, so that every offset
in the program is an offset in this text. Finding files is in `discovery`, comments in `comments`.
"""

from __future__ import annotations

import hashlib
import io
import os
import tokenize
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pi_lint.frontend.comments import Suppression, Suppressions, line_starts, suppressions
from pi_lint.frontend.discovery import Discovery, discover, holds, is_below, relative_path
from pi_lint.model import Problem

__all__ = [
    "Discovery",
    "Source",
    "Suppression",
    "Suppressions",
    "discover",
    "from_text",
    "line_starts",
    "module_names",
    "read",
    "relative_path",
    "suppressions",
]

# What a folder holds that Python is started in: modules are imported relative to it.
_STARTED_HERE = (
    "pyproject.toml", "setup.py", "setup.cfg", "requirements.txt", "Pipfile", "manage.py", "Dockerfile", "Procfile",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Source:
    """One decoded file.

    `path` is relative to the root with forward slashes, absolute where the file lies outside.
    `names` are all dotted names by which it may be imported, the likeliest first, which is
    `module`. `lines` are the offsets of line starts, `digest` is of the text.
    """

    path: str
    full: Path
    module: str
    names: tuple[str, ...]
    is_package: bool
    text: str
    lines: tuple[int, ...]
    digest: str


def read(root: Path, path: Path, source_roots: Sequence[str | Path] = ()) -> Source | Problem:
    """Read and decode a file: PEP 263 cookie, byte order mark, UTF-8 otherwise.

    Gives a PIL002 problem where it cannot be read, decoded, or holds a null byte.
    """
    shown = _shown(root, path)
    try:
        data = path.read_bytes()
    except OSError as error:
        reason = error.strerror or type(error).__name__
        return _problem(shown, 1, 0, f"cannot be read: {reason}", f"无法读取:{reason}")
    decoded = _decode(shown, data)
    if isinstance(decoded, Problem):
        return decoded
    return from_text(root, path, decoded, source_roots)


def from_text(root: Path, path: Path, text: str, source_roots: Sequence[str | Path] = ()) -> Source:
    """Make the source of a text that stands for a file's content (an unsaved buffer, standard input)."""
    text = text.removeprefix("\ufeff")
    names = module_names(root, path, source_roots)
    digest = hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
    is_package = path.name in ("__init__.py", "__init__.pyi")
    return Source(_shown(root, path), path, names[0], names, is_package, text, line_starts(text), digest)


def _shown(root: Path, path: Path) -> str:
    real = os.path.join(os.path.realpath(path.parent), path.name)
    return relative_path(os.path.realpath(root), real)


def _problem(path: str, line: int, column: int, english: str, chinese: str) -> Problem:
    return Problem("PIL002", path, line, column, english, chinese)


def _decode(shown: str, data: bytes) -> str | Problem:
    null = data.find(b"\0")
    if null >= 0:
        line, column = _place(data, null)
        english = f"cannot be parsed: a null byte at offset {null}; is it a text file?"
        return _problem(shown, line, column, english, f"无法解析:偏移 {null} 处有空字节;这是文本文件吗?")
    try:
        encoding = tokenize.detect_encoding(io.BytesIO(data).readline)[0]
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        line, column = _place(data, error.start)
        byte = f"0x{data[error.start]:02x}"
        return _problem(
            shown,
            line,
            column,
            f"cannot be decoded as {error.encoding}: byte {byte} at offset {error.start};"
            " save it as UTF-8 or declare its encoding in the first line",
            f"无法按 {error.encoding} 解码:偏移 {error.start} 处的字节 {byte};请存为 UTF-8 或在首行声明编码",
        )
    except (SyntaxError, LookupError) as error:
        reason = error.msg if isinstance(error, SyntaxError) else str(error)
        return _problem(shown, 1, 0, f"cannot be decoded: {reason}", f"无法解码:{reason}")
    except ValueError as error:  # a codec of its own kind
        return _problem(shown, 1, 0, f"cannot be decoded: {error}", f"无法解码:{error}")


def _place(data: bytes, offset: int) -> tuple[int, int]:
    """Line and column of a byte; the column counts bytes, since the characters are not known."""
    before = data[:offset].replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    return before.count(b"\n") + 1, len(before) - (before.rfind(b"\n") + 1)


def module_names(root: Path, path: Path, source_roots: Sequence[str | Path] = ()) -> tuple[str, ...]:
    """All dotted names by which a file may be imported, the likeliest first; never empty.

    A file of a package is named from the folder above its topmost package. Others, and
    packages once more, are named from the configured source roots, a `src` folder, the nearest
    folder that Python is started in, and the root.
    """
    base = os.path.realpath(root)
    folder = os.path.realpath(path.parent)
    stem = path.name.partition(".")[0]
    starts: list[str] = []
    top = folder
    while holds(top, "__init__.py") and os.path.dirname(top) != top:
        top = os.path.dirname(top)
    if top != folder:
        starts.append(top)
    configured = [os.path.realpath(os.path.join(base, source_root)) for source_root in source_roots]
    starts += sorted((start for start in configured if is_below(folder, start)), key=len, reverse=True)
    src = os.path.join(base, "src")
    if is_below(folder, src) and not holds(src, "__init__.py"):
        starts.append(src)
    started = _started_above(base, folder)
    starts += [base] if started is None else [started, base]
    if started is None and top == folder and folder != base:
        starts.append(folder)  # nothing tells where it is started: perhaps right here
    names: list[str] = []
    for start in starts:
        if not is_below(folder, start):
            continue
        parts = [] if folder == start else folder[len(start.rstrip(os.sep)) + 1 :].split(os.sep)
        name = ".".join(parts if stem == "__init__" and parts else [*parts, stem])
        if name not in names:
            names.append(name)
    return tuple(names) or (stem,)


def _started_above(base: str, folder: str) -> str | None:
    """The nearest folder, from the file's up to the root, with a sign that Python is started there."""
    while is_below(folder, base):
        if any(holds(folder, name) for name in _STARTED_HERE):
            return folder
        folder = os.path.dirname(folder)
        if os.path.dirname(folder) == folder:
            break
    return None
