"""The flake8 extension `PIL`.

Purpose: hand out to each file that flake8 checks the findings of one analysis of the
whole project. The analysis runs once, in the main process, when flake8 gives the
options. Workers that were forked inherit its result; those that were spawned read it
from a private file that an environment variable names. Text from standard input is
analysed at the first `run`, as the new content of the file whose name it is given.

No exception may leave this module, since flake8 would end: a fault of pi-lint is one
PIL001. With no PIL code selected nothing of pi-lint is even imported.
"""

from __future__ import annotations

import argparse
import ast
import atexit
import json
import multiprocessing
import os
import tempfile
import tokenize
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

# What an exception's own text may quote is no business of a report; its type and place are.
_FAULT = {
    "en": "PIL001 pi-lint itself failed ({fault}), so this run shows none of its findings: please report it",
    "zh": "PIL001 pi-lint 自身出错（{fault}），本次不显示其结果：请报告此问题",
}
_HANDOVER = "PI_LINT_FLAKE8_RESULT"
_PREFIX = "PIL"

Row = tuple[int, int, str]  # line, 0-based column, message
Rows = dict[str, list[Row]]  # by real path


@dataclass(frozen=True, slots=True)
class _Request:
    """What flake8's options ask of pi-lint."""

    paths: tuple[str, ...]
    stdin_name: str | None
    overrides: Mapping[str, object]
    config_file: str | None
    enabled: frozenset[str]
    noqa: bool

    @property
    def language(self) -> str:
        """The language that an option names, for the time when no configuration is known."""
        return str(self.overrides.get("language", "en"))


@dataclass(slots=True)
class _Session:
    """One flake8 run: its request, and the rows that are known so far."""

    request: _Request
    options: argparse.Namespace
    rows: Rows | None = None
    covered: set[str] = field(default_factory=set)

    def rows_of(self, filename: str) -> list[Row]:
        """The rows of a file; runs or reads the analysis when there is none yet."""
        key = os.path.realpath(filename)
        if self.rows is None:
            self.rows = _received() if _is_worker() else None
        if self.rows is None:
            self.rows = _guarded(self.request, lambda: _first_checked(self.options))
        if self.request.stdin_name is None and not self._covers(key):
            # A caller of flake8's API that names files after giving the options.
            request = _only(self.request, filename)
            self.rows.update(_guarded(request, lambda: key))
            self.covered.add(key)
        return self.rows.get(key, [])

    def _covers(self, key: str) -> bool:
        if not self.covered:
            self.covered.update(os.path.realpath(path) for path in self.request.paths)
        return any(key == path or key.startswith(path.rstrip(os.sep) + os.sep) for path in self.covered)


class Plugin:
    """What flake8 creates for each file. `tree` is declared since flake8 asks for it, and never read."""

    name = "pi-lint"
    _session: ClassVar[_Session | None] = None

    def __init__(self, tree: object, filename: str) -> None:
        self.filename = filename

    @staticmethod
    def add_options(manager: Any) -> None:
        """Declare the options of pi-lint to flake8."""
        manager.add_option(
            "--pi-lint-profile",
            choices=("default", "strict"),
            parse_from_config=True,
            help="which codes of pi-lint are on (default: as in its own configuration)",
        )
        manager.add_option(
            "--pi-lint-lang",
            choices=("en", "zh"),
            parse_from_config=True,
            help="language of pi-lint's messages (default: as in its own configuration)",
        )
        manager.add_option(
            "--pi-lint-config",
            metavar="file",
            parse_from_config=True,
            normalize_paths=True,
            help="a pi-lint.toml or pyproject.toml for pi-lint (default: that of the project)",
        )

    @classmethod
    def parse_options(cls, manager: object, options: argparse.Namespace, args: object) -> None:
        """Run the analysis in the main process; workers only note the options."""
        cls._session = None
        if getattr(options, "bug_report", False) or not _any_selected(options):
            return
        session = cls._session = _Session(_request(options), options)
        if not _is_worker() and session.request.stdin_name is None:
            session.rows = _guarded(session.request, lambda: _first_checked(options))
            _hand_over(session.rows)

    def run(self) -> Iterator[tuple[int, int, str, type[Plugin]]]:
        """Give the file's findings as flake8 wants them."""
        session = type(self)._session
        if session is not None:
            for line, column, text in session.rows_of(self.filename):
                yield line, column, text, type(self)


def _any_selected(options: argparse.Namespace) -> bool:
    """Whether flake8 would report any code of pi-lint, as far as prefixes tell."""
    from flake8.style_guide import Decision, DecisionEngine

    engine = DecisionEngine(options)
    chosen = [*(options.select or ()), *(options.extend_select or ())]
    candidates = [_PREFIX, *(code for code in chosen if code.startswith(_PREFIX))]
    return any(engine.decision_for(code) is Decision.Selected for code in candidates)


def _request(options: argparse.Namespace) -> _Request:
    overrides: dict[str, object] = {}
    if options.pi_lint_profile:
        overrides["profile"] = options.pi_lint_profile
    if options.pi_lint_lang:
        overrides["language"] = options.pi_lint_lang
    jobs = getattr(options.jobs, "n_jobs", 0)
    if jobs > 0:
        overrides["jobs"] = jobs
    select = tuple(code for code in options.select or () if code.startswith(_PREFIX))
    if select:
        overrides["select"] = select
    paths = tuple(options.filenames or ["."])
    stdin_name = options.stdin_display_name if "-" in paths else None
    return _Request(
        paths=tuple(path for path in paths if path != "-"),
        stdin_name=stdin_name,
        overrides=overrides,
        config_file=options.pi_lint_config,
        enabled=frozenset(code for code in options.extend_select or () if code.startswith(_PREFIX)),
        noqa=not options.disable_noqa,
    )


def _only(request: _Request, filename: str) -> _Request:
    """The same request for one file, in a process that may have no children."""
    overrides = {**request.overrides, "jobs": 1}
    return _Request((filename,), None, overrides, request.config_file, request.enabled, request.noqa)


def _guarded(request: _Request, first_checked: Callable[[], str | None]) -> Rows:
    """Run the analysis; a fault of pi-lint is one row in the first file checked."""
    try:
        return _analysed(request, first_checked)
    except Exception as fault:
        place = _place_of(fault)
        text = _FAULT[request.language].format(fault=f"{type(fault).__name__}{place}")
        first = first_checked()
        return {first: [(1, 0, text)]} if first else {}


def _place_of(fault: BaseException) -> str:
    """Where in pi-lint it happened: module and line."""
    trace = fault.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return f", {Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}" if trace else ""


def _analysed(request: _Request, first_checked: Callable[[], str | None]) -> Rows:
    """Analyse the project around the request's paths and give the rows of each file."""
    from pi_lint.checking import check
    from pi_lint.config import load_config
    from pi_lint.report import messages

    paths = [Path(path) for path in request.paths]
    unsaved: dict[Path, str] = {}
    reported_as: dict[str, str] = {}
    if request.stdin_name is not None:
        from flake8.utils import stdin_get_value

        buffer = _buffer_path(request.stdin_name)
        paths.append(buffer)
        unsaved[buffer] = stdin_get_value()
        reported_as[os.path.realpath(buffer)] = os.path.realpath(request.stdin_name)
    config_file = Path(request.config_file) if request.config_file else None
    config, problems = load_config(paths, request.overrides, config_file)
    outcome = check(paths, config, unsaved=unsaved, enabled=request.enabled, noqa=request.noqa, host_noqa=True)
    rows: Rows = {}
    report, language = outcome.report, config.language

    def add(path: str, row: Row) -> None:
        real = os.path.realpath(os.path.join(report.root, path))
        rows.setdefault(reported_as.get(real, real), []).append(row)

    general = []
    for problem in (*problems, *report.problems):
        text = messages.problem_message(problem, language)
        if problem.code == "PIL001":
            place = f"{outcome.show_path(problem.path)}:{problem.line}: " if problem.path else ""
            general.append((1, 0, text.replace(" ", f" {place}", 1)))
        else:
            add(problem.path, (max(problem.line, 1), problem.column, text))
    for finding in report.findings:
        text = messages.message(finding, outcome.knowledge.codes, language)
        add(finding.path, (finding.span.line, finding.span.column, text))
    if general and (first := first_checked()):
        rows.setdefault(first, [])[:0] = general
    return rows


def _buffer_path(name: str) -> Path:
    """The file that text from standard input stands for; flake8's default name has no ending."""
    return Path(name if name.endswith((".py", ".pyi")) else f"{name}.py")


def _first_checked(options: argparse.Namespace) -> str | None:
    """Real path of the first file for which flake8 will call this plugin."""
    from flake8.defaults import NOQA_FILE
    from flake8.discover_files import expand_paths

    filenames: Iterable[str] = expand_paths(
        paths=options.filenames,
        stdin_display_name=options.stdin_display_name,
        filename_patterns=options.filename,
        exclude=(*options.exclude, *options.extend_exclude),
    )
    for filename in filenames:
        if filename == "-":
            return os.path.realpath(str(options.stdin_display_name))
        try:
            with tokenize.open(filename) as handle:
                lines = handle.readlines()
            ast.parse("".join(lines))
        except (OSError, SyntaxError, ValueError, RecursionError, MemoryError):
            continue  # flake8 calls no plugin for it
        if options.disable_noqa or not any(NOQA_FILE.match(line) for line in lines):
            return os.path.realpath(filename)
    return None


def _is_worker() -> bool:
    """Whether this is a worker of a flake8 run whose main process has left a result."""
    parent = multiprocessing.parent_process()
    owner = os.environ.get(_HANDOVER, "").partition(":")[0]
    return parent is not None and owner == str(parent.pid)


def _hand_over(rows: Rows) -> None:
    """Write the rows where spawned workers find them. `mkstemp` makes the file its owner's alone."""
    try:
        descriptor, path = tempfile.mkstemp(prefix="pi-lint-", suffix=".json")
        with open(descriptor, "w", encoding="ascii") as handle:
            json.dump(rows, handle)
    except OSError:
        os.environ.pop(_HANDOVER, None)  # then a worker that inherits nothing analyses its file itself
        return
    os.environ[_HANDOVER] = f"{os.getpid()}:{path}"
    atexit.register(_remove, path, os.getpid())


def _remove(path: str, owner: int) -> None:
    """Remove the file at the end of the process that made it, not of one forked from it."""
    if os.getpid() == owner:
        Path(path).unlink(missing_ok=True)


def _received() -> Rows | None:
    """The rows that the main process left; None where they cannot be read."""
    try:
        with open(os.environ[_HANDOVER].partition(":")[2], encoding="ascii") as handle:
            data = json.load(handle)
        return {path: [(int(row[0]), int(row[1]), str(row[2])) for row in rows] for path, rows in data.items()}
    except (OSError, KeyError, ValueError, TypeError, IndexError, AttributeError):
        return None
