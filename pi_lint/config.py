"""From `pyproject.toml` or `pi-lint.toml` and a front end's options to one frozen `Config`.

Purpose: find the root of the project, read its configuration, check every setting. All
faults of a file are found at once; each is a PIL001 with the line and, for a word that is
not known, the nearest that is. A faulty setting keeps its default.

    [tool.pi-lint]
    profil = "strict"       PIL001 line 2: unknown setting 'profil'; did you mean profile?
"""

from __future__ import annotations

import difflib
import ipaddress
import os
import re
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final, TypeAlias

from pi_lint.model import Problem

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

OWN_FILE: Final = "pi-lint.toml"
PYPROJECT: Final = "pyproject.toml"
SECTION: Final = "pi-lint"

_ROOT_MARKS: Final = (".git", PYPROJECT, "setup.cfg", "setup.py")
_CODE: Final = re.compile(r"PIL\d{0,3}")
_HOST: Final = re.compile(r"(?:\*\.|\.)?[^\W_](?:[\w-]*\w)?(?:\.\w(?:[\w-]*\w)?)*\.?")
_POSITION: Final = re.compile(r"\(at (?:line (\d+), column (\d+)|end of document)\)")

Fault: TypeAlias = tuple[object, str, str]
"""The faulty item (None for the setting as a whole), and the sentence in English and Chinese."""


@dataclass(frozen=True, slots=True)
class Config:
    """Everything that a run needs to know besides the paths it is given.

    `root`: folder to which paths are relative. `jobs`: number of processes, None for as many as
    there are cores. `cache`: a folder, None for no cache. `packs` are absolute;
    `source_roots` and the patterns of `exclude` and `per_path_ignores` are relative to the root.
    `places`: path and line of each setting that the configuration file gives, by field.
    """

    root: Path
    profile: str = "default"
    language: str = "en"
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    confidence: str = "medium"
    report_at: str = "sink"
    exclude: tuple[str, ...] = ()
    include_tests: bool = False
    per_path_ignores: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    source_roots: tuple[str, ...] = ()
    internal_hosts: tuple[str, ...] = ()
    own_domains: tuple[str, ...] = ()
    processors: tuple[str, ...] = ()
    masks: tuple[str, ...] = ()
    consent: tuple[str, ...] = ()
    packs: tuple[Path, ...] = ()
    disable: tuple[str, ...] = ()
    jobs: int | None = None
    cache: Path | None = None
    places: Mapping[str, tuple[str, int]] = field(default_factory=dict, compare=False)


@dataclass(frozen=True, slots=True)
class _Where:
    """Where a setting is read: the project's root and the folder of the configuration file."""

    root: Path
    folder: Path


# What a setting's reader gives: the value, as far as it is right, and the faults.
_Reader: TypeAlias = Callable[[object, _Where], tuple[Any, list[Fault]]]


# -- the root and its file ---------------------------------------------------------------


def find_root(paths: Sequence[Path]) -> Path:
    """The root of the project around some paths.

    The nearest folder upwards with a configuration of pi-lint, else with `.git`,
    `pyproject.toml`, `setup.cfg` or `setup.py`, else the folder of the paths itself. Of
    several paths the folder counts that holds them all. Nothing is raised for a path that is not there.
    """
    start = _common_folder(paths or [Path.cwd()])
    above = [start, *start.parents]
    for folder in above:
        if _configuration_in(folder) is not None:
            return folder
    return next((folder for folder in above if any((folder / mark).exists() for mark in _ROOT_MARKS)), start)


def _common_folder(paths: Sequence[Path]) -> Path:
    folders = []
    for path in paths:
        # A link is looked at where it lies, but the way to it is made real.
        full = Path(os.path.realpath(path.parent if path.is_symlink() and path.is_file() else path))
        folders.append(full if full.is_dir() else full.parent)
    try:
        return Path(os.path.commonpath(folders))
    except ValueError:  # on different drives
        return folders[0]


def _configuration_in(folder: Path) -> Path | None:
    """The configuration file of a folder, if it has one."""
    own = folder / OWN_FILE
    if own.is_file():
        return own
    shared = folder / PYPROJECT
    return shared if shared.is_file() and _has_section(_text_of(shared)) else None


def _has_section(text: str) -> bool:
    """Whether a pyproject.toml configures pi-lint; of a broken one, whether it looks so."""
    if SECTION not in text:
        return False
    try:
        tool = tomllib.loads(text).get("tool")
    except (tomllib.TOMLDecodeError, RecursionError):
        return re.search(rf"^\s*\[+\s*tool\s*\.\s*[\"']?{SECTION}\b", text, re.MULTILINE) is not None
    return isinstance(tool, dict) and SECTION in tool


def _text_of(path: Path) -> str:
    """The text of a file for a first look; empty where it cannot be read."""
    try:
        return path.read_bytes().decode("utf-8", "replace")
    except OSError:
        return ""


# -- loading -----------------------------------------------------------------------------


def load_config(
    paths: Sequence[Path], overrides: Mapping[str, object] | None = None, config_file: Path | None = None
) -> tuple[Config, tuple[Problem, ...]]:
    """The configuration of the project around some paths, and its faults (PIL001).

    `overrides`: what a front end's own options say, by field of `Config`; they win over
    the file, and `cache` may be False for none. `config_file`: the file to use instead of the
    project's. Raises TypeError for an override that is no field.
    """
    root = find_root(paths)
    file = config_file if config_file is not None else _configuration_in(root)
    config = Config(root, cache=default_cache())
    problems: list[Problem] = []
    if file is not None:
        config, problems = _read(file, config)
        if config_file is None and file.name == OWN_FILE and _has_section(_text_of(root / PYPROJECT)):
            problems.append(_two_files(root))
    given = dict(overrides or {})
    if given.get("cache") is False:
        given["cache"] = None
    elif given.get("cache") is True:
        given["cache"] = default_cache()
    return replace(config, **given), tuple(sorted(problems))  # type: ignore[arg-type]


def default_cache() -> Path | None:
    """The user's folder for pi-lint's cache; None where the system does not tell."""
    if sys.platform == "win32":
        base = os.environ.get("LOCALAPPDATA", "")
    elif sys.platform == "darwin":
        base = os.path.expanduser("~/Library/Caches")
    else:
        base = os.environ.get("XDG_CACHE_HOME", "") or os.path.expanduser("~/.cache")
    return Path(base) / "pi-lint" if os.path.isabs(base) else None


def _two_files(root: Path) -> Problem:
    line = _line_of(_text_of(root / PYPROJECT), "", own=False)
    return Problem(
        "PIL001", PYPROJECT, line, 0,
        f"[tool.{SECTION}] has no effect beside {OWN_FILE}; keep one of the two",
        f"同时存在 {OWN_FILE}，[tool.{SECTION}] 不起作用；请只保留一处",
    )  # fmt: skip


def _read(file: Path, config: Config) -> tuple[Config, list[Problem]]:
    """The configuration with what a file says."""
    shown = _shown(file, config.root)

    def wrong(line: int, column: int, en: str, zh: str) -> Problem:
        return Problem("PIL001", shown, line, column, en, zh)

    try:
        content = file.read_bytes()
        text = content.decode("utf-8-sig")
        data = tomllib.loads(text.replace("\r\n", "\n"))
    except OSError as error:
        reason = error.strerror or type(error).__name__
        return config, [wrong(1, 0, f"the configuration cannot be read: {reason}", f"无法读取配置：{reason}")]
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        zh = "文件不是 UTF-8 编码；请另存为 UTF-8"
        return config, [wrong(line, 0, "the file is not UTF-8; save it as UTF-8", zh)]
    except tomllib.TOMLDecodeError as error:
        return config, [wrong(*_syntax_fault(str(error), text))]
    except RecursionError:
        return config, [wrong(1, 0, "nested too deeply", "嵌套过深")]
    own = file.name != PYPROJECT and not (isinstance(data.get("tool"), dict) and SECTION in data["tool"])
    section = data if own else _section(data)
    if not isinstance(section, dict):
        line = _line_of(text, "", own=own)
        return config, [wrong(line, 0, f"tool.{SECTION} must be a table", f"tool.{SECTION} 应为表")]

    where = _Where(config.root, file.resolve().parent)
    values: dict[str, Any] = {}
    places: dict[str, tuple[str, int]] = {}
    problems = []
    for key, raw in section.items():
        name = key.replace("-", "_")
        line = _line_of(text, key, own=own)
        if name not in _READERS:
            problems.append(wrong(line, 0, *_unknown(key)))
            continue
        if name in places:
            kebab = name.replace("_", "-")
            problems.append(wrong(line, 0, f"{kebab} is given twice; keep one", f"{kebab} 重复；请只保留一处"))
            continue
        places[name] = (shown, line)
        value, faults = _READERS[name](raw, where)
        for item, en, zh in faults:
            problems.append(wrong(_line_of_item(text, line, item), 0, f"{key}: {en}", f"{key}：{zh}"))
        if not faults or isinstance(value, tuple | dict):
            values[name] = value  # of a list or table, what is right in it
    return replace(config, **values, places=places), problems


def _section(data: Mapping[str, Any]) -> object:
    tool = data.get("tool", {})
    return tool.get(SECTION, {}) if isinstance(tool, dict) else tool


def _unknown(key: str) -> tuple[str, str]:
    known = [name.replace("_", "-") for name in _READERS]
    near = difflib.get_close_matches(key.replace("_", "-"), known, n=1, cutoff=0.0)[0]
    return f"unknown setting {key!r}; did you mean {near}?", f"未知的设置 {key!r}；是否想写 {near}？"


def _syntax_fault(message: str, text: str) -> tuple[int, int, str, str]:
    found = _POSITION.search(message)
    line, column = (int(found[1]), int(found[2]) - 1) if found and found[1] else (text.rstrip().count("\n") + 1, 0)
    reason = _POSITION.sub("", message).strip()
    return line, column, f"this is no TOML: {reason}", f"不是有效的 TOML：{reason}"


# -- lines -------------------------------------------------------------------------------


def _line_of(text: str, key: str, *, own: bool) -> int:
    """The line of a setting, or of the section for an empty key; the parser does not tell.

    A line that only looks like it, inside a text of several lines, can mislead; the
    message then still names the setting.
    """
    mine, section = own, 1
    name = _part(key)
    table = [] if own else ["tool", SECTION]
    for number, line in enumerate(text.splitlines(), 1):
        header = re.match(r"\s*\[+([^\[\]]+)\]", line)
        if header:
            parts = [part.strip().strip("\"'") for part in header[1].split(".")]
            mine = parts == table
            if not own and parts[: len(table)] == table and section == 1:
                section = number
            if key and parts == [*table, key]:
                return number
        elif key and mine and re.match(rf"\s*{name}\s*[.=]", line):
            return number
        elif not own and re.search(rf"\b{_part(SECTION)}\b", line):
            if key and re.search(rf"{name}\s*[.=]", line):
                return number
            section = number if section == 1 else section
    return section


def _part(key: str) -> str:
    """A pattern of one part of a key, quoted or not."""
    return rf"[\"']?{re.escape(key)}[\"']?"


def _line_of_item(text: str, line: int, item: object) -> int:
    """The line of an item of a list or a key of a table that begins on `line`."""
    if not isinstance(item, str) or not item:
        return line
    forms = (f'"{item}"', f"'{item}'", f"{item} =", f"{item}=")
    below = enumerate(text.splitlines()[line - 1 :], line)
    return next((number for number, content in below if any(form in content for form in forms)), line)


def _shown(path: Path, root: Path) -> str:
    """A path as problems name it: relative to the root where it lies below it."""
    full, base = os.path.realpath(path), os.path.realpath(root).rstrip(os.sep) + os.sep
    return (full[len(base) :] if full.startswith(base) else full).replace(os.sep, "/")


# -- readers of settings -----------------------------------------------------------------


def _choice(*allowed: str) -> _Reader:
    def read(raw: object, _: _Where) -> tuple[Any, list[Fault]]:
        if raw in allowed:
            return raw, []
        near = difflib.get_close_matches(str(raw), allowed, n=1, cutoff=0.5)
        listed = ", ".join(near or allowed)
        hint = (f"did you mean {listed}?", f"是否想写 {listed}？") if near else (f"use {listed}", f"可用的有 {listed}")
        return None, [(None, f"{raw!r} is not known; {hint[0]}", f"{raw!r} 无效；{hint[1]}")]

    return read


def _boolean(raw: object, _: _Where) -> tuple[Any, list[Fault]]:
    return (raw, []) if isinstance(raw, bool) else (None, [_expected("true or false", "true 或 false", raw)])


def _jobs(raw: object, _: _Where) -> tuple[Any, list[Fault]]:
    if isinstance(raw, int) and not isinstance(raw, bool) and raw > 0:
        return raw, []
    return None, [_expected("a whole number from 1 on", "不小于 1 的整数", raw)]


def _cache(raw: object, where: _Where) -> tuple[Any, list[Fault]]:
    if isinstance(raw, bool):
        return (default_cache() if raw else None), []
    if isinstance(raw, str) and raw:
        return where.folder / raw, []
    return None, [_expected("a folder, or false", "文件夹或 false", raw)]


def _list(check: Callable[[str, _Where], Fault | None], convert: Callable[[str, _Where], Any] | None = None) -> _Reader:
    """A reader of a list of texts, each of which `check` accepts."""

    def read(raw: object, where: _Where) -> tuple[Any, list[Fault]]:
        if not isinstance(raw, list):
            return None, [_expected("a list of texts", "文本列表", raw)]
        values, faults = [], []
        for item in raw:
            if not isinstance(item, str) or not item.strip():
                faults.append(_expected("a text in the list", "列表中的文本", item))
            elif fault := check(item, where):
                faults.append(fault)
            else:
                values.append(convert(item, where) if convert else item)
        return tuple(values), faults

    return read


def _expected(en: str, zh: str, raw: object) -> Fault:
    shown = "true" if raw is True else "false" if raw is False else repr(raw)[:60]
    return None, f"expected {en}, found {shown}", f"应为{zh}，实际为 {shown}"


def _any_text(_: str, __: _Where) -> Fault | None:
    return None


def _code_fault(item: str, _: _Where) -> Fault | None:
    """A code or the beginning of one."""
    from pi_lint.knowledge.packs import shipped_codes

    known = shipped_codes()
    if _CODE.fullmatch(item.upper()) and any(code.startswith(item.upper()) for code in known):
        return None
    near = difflib.get_close_matches(item.upper(), known, n=1, cutoff=0.0)[0]
    return (
        item, f"{item!r} is neither a code nor the beginning of one; did you mean {near}?",
        f"{item!r} 既不是代码，也不是代码的开头；是否想写 {near}？",
    )  # fmt: skip


def _pattern_fault(item: str, _: _Where) -> Fault | None:
    """A pattern as in an ignore file."""
    import pathspec

    try:
        pathspec.GitIgnoreSpec.from_lines([item])
    except ValueError:
        return item, f"{item!r} is no pattern of an ignore file", f"{item!r} 不是有效的忽略模式"
    return None


def _host_fault(item: str, _: _Where) -> Fault | None:
    """A host, `*.host`, an address, or a network with a slash."""
    try:
        ipaddress.ip_network(item, strict=False)
    except ValueError:
        if _HOST.fullmatch(item):
            return None
        return (
            item, f"{item!r} is no host; write it without scheme, port and path",
            f"{item!r} 不是主机名；请去掉协议、端口和路径",
        )  # fmt: skip
    return None


def _folder_fault(item: str, where: _Where) -> Fault | None:
    if (where.root / item).is_dir():
        return None
    return item, f"the folder {item} does not exist", f"文件夹 {item} 不存在"


def _ignores(raw: object, where: _Where) -> tuple[Any, list[Fault]]:
    """A table of patterns, each with a list of codes."""
    if not isinstance(raw, dict):
        return None, [_expected("a table of patterns and codes", "模式与代码的表", raw)]
    values, faults = {}, []
    for glob, codes in raw.items():
        if fault := _pattern_fault(glob, where):
            faults.append(fault)
        kept, wrong = _CODES(codes, where)
        # A code that stands elsewhere too would mislead: the pattern's line is the place.
        faults += [(glob, f"{glob}: {en}", f"{glob}：{zh}") for _, en, zh in wrong]
        if kept:
            values[glob] = kept
    return values, faults


def _upper(item: str, _: _Where) -> str:
    return item.upper()


def _in_folder(item: str, where: _Where) -> Path:
    return where.folder / item


def _lower(item: str, _: _Where) -> str:
    return item.lower()


_CODES: Final = _list(_code_fault, _upper)
_TEXTS: Final = _list(_any_text)
_READERS: Final[Mapping[str, _Reader]] = {
    "profile": _choice("default", "strict"),
    "language": _choice("en", "zh"),
    "select": _CODES,
    "ignore": _CODES,
    "confidence": _choice("low", "medium", "high"),
    "report_at": _choice("sink", "source"),
    "exclude": _list(_pattern_fault),
    "include_tests": _boolean,
    "per_path_ignores": _ignores,
    "source_roots": _list(_folder_fault),
    "internal_hosts": _list(_host_fault, _lower),
    "own_domains": _list(_host_fault, _lower),
    "processors": _TEXTS,
    "masks": _TEXTS,
    "consent": _TEXTS,
    "packs": _list(_any_text, _in_folder),
    "disable": _TEXTS,
    "jobs": _jobs,
    "cache": _cache,
}
