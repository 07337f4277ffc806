"""The command line, `pi-lint`.

Purpose: read options, run one check, print it. Exit status 0: nothing found; 1:
findings; 2: the run itself could not be done, or not as configured (usage, a path that
holds no Python file, a wrong configuration or rule pack, a fault of pi-lint itself).
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from pi_lint.model import Report

if TYPE_CHECKING:
    from rich.progress import Progress

    from pi_lint.checking import Outcome
    from pi_lint.config import Config

CLEAN, FOUND, FAILED = 0, 1, 2
_INTERRUPTED = 130
_PYTHON_ENDINGS = (".py", ".pyi", ".pyw")


class _Refused(Exception):
    """The run cannot be done; the text is a sentence for the user."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run `pi-lint` with arguments (those of the process without any) and give the exit status."""
    for stream in (sys.stdout, sys.stderr):
        # A stream that cannot print a character of a message or path prints its escape.
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    try:
        arguments = _parser().parse_args(argv)
        if arguments.version:
            print(f"pi-lint {_version()}")
            return CLEAN
        if arguments.command is None:
            _parser().print_help(sys.stderr)
            return FAILED
        status = _check(arguments)
        sys.stdout.flush()
        return status
    except _Refused as refused:
        print(f"pi-lint: {refused}", file=sys.stderr)
        return FAILED
    except BrokenPipeError:
        # The reader went away (`| head`). Nothing more can be said; the interpreter must
        # not try to at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FOUND
    except KeyboardInterrupt:
        print("pi-lint: interrupted", file=sys.stderr)
        return _INTERRUPTED
    except Exception:
        # Python's own status for this would be 1, which says "findings".
        import traceback

        traceback.print_exc()
        print("pi-lint: this is a fault of pi-lint itself; nothing was checked", file=sys.stderr)
        return FAILED


class _Parser(argparse.ArgumentParser):
    """Prints usage errors as one sentence and ends with status 2."""

    def error(self, message: str) -> NoReturn:
        self.print_usage(sys.stderr)
        self.exit(FAILED, f"{self.prog}: {message}\n")


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="pi-lint",
        description="Find users' personal information that flows into logs, exports and third parties.",
    )
    parser.add_argument("--version", action="store_true", help="show the version and exit")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")
    check = commands.add_parser("check", help="analyse a project and report findings")
    check.add_argument("paths", nargs="*", metavar="PATH", help="files or folders (default: the current folder)")
    check.add_argument("--format", choices=("text", "json"), default="text", help="output format")
    check.add_argument("--profile", choices=("default", "strict"), help="which codes are on")
    check.add_argument("--lang", choices=("en", "zh"), help="language of messages")
    check.add_argument("--select", action="append", metavar="CODES", help="report only these codes or prefixes")
    check.add_argument("--ignore", action="append", metavar="CODES", help="do not report these codes or prefixes")
    check.add_argument("--config", type=Path, metavar="FILE", help="a pi-lint.toml or pyproject.toml to use")
    check.add_argument("--jobs", type=_jobs, metavar="N", help="number of processes")
    check.add_argument("--include-tests", action="store_true", help="analyse tests, migrations and generated code too")
    check.add_argument("--no-cache", action="store_true", help="neither read nor write the cache")
    check.add_argument("--exit-zero", action="store_true", help="exit with status 0 even if there are findings")
    check.add_argument("--statistics", action="store_true", help="count findings by code, and show figures of the run")
    return parser


def _jobs(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of processes, which starts from 1")
    return int(text)


def _version() -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("pi-lint")
    except PackageNotFoundError:
        return "(not installed)"


def _check(arguments: argparse.Namespace) -> int:
    from pi_lint.config import load_config

    paths = [Path(text) for text in arguments.paths or ["."]]
    _refuse_empty(paths)
    if arguments.config is not None and not arguments.config.is_file():
        raise _Refused(f"{arguments.config}: there is no such configuration file")
    config, problems = load_config(paths, _overrides(arguments), arguments.config)
    _refuse_unknown_codes(config, (*_codes(arguments.select), *_codes(arguments.ignore)))
    if problems:
        _print_problems(Report(str(config.root), problems=problems), config, arguments.format)
        return FAILED

    from pi_lint.checking import check

    with _Progress(config.language):
        outcome = check(paths, config)
    _print_outcome(outcome, config, arguments)
    report = outcome.report
    if any(problem.code == "PIL001" for problem in report.problems):
        return FAILED
    found = bool(report.findings or report.problems)
    return FOUND if found and not arguments.exit_zero else CLEAN


def _overrides(arguments: argparse.Namespace) -> dict[str, object]:
    """Only what the command line says; the rest is the configuration's."""
    given: dict[str, object] = {}
    for option, key in (("profile", "profile"), ("lang", "language"), ("jobs", "jobs")):
        value = getattr(arguments, option)
        if value is not None:
            given[key] = value
    for option in ("select", "ignore"):
        if getattr(arguments, option) is not None:
            given[option] = _codes(getattr(arguments, option))
    if arguments.include_tests:
        given["include_tests"] = True
    if arguments.no_cache:
        given["cache"] = False
    return given


def _codes(given: Iterable[str] | None) -> tuple[str, ...]:
    """`["PIL101,PIL10", "PIL13"]` as single codes."""
    return tuple(code.strip().upper() for text in given or () for code in text.split(",") if code.strip())


def _refuse_unknown_codes(config: Config, codes: Iterable[str]) -> None:
    if not codes:
        return
    import difflib

    from pi_lint.analysis import knowledge_for

    known = sorted(knowledge_for(config).codes)
    for code in codes:
        if not any(name.startswith(code) for name in known):
            near = difflib.get_close_matches(code, known, n=1, cutoff=0)
            hint = f"; did you mean {near[0]}?" if near else ""
            raise _Refused(f"{code} is neither a code nor the beginning of one{hint}")


def _refuse_empty(paths: Iterable[Path]) -> None:
    """Refuse a path that is not there, or that holds no Python file: checking nothing must not look clean."""
    for path in paths:
        if not os.path.lexists(path):
            raise _Refused(f"{path}: there is no such file or folder")
        if path.is_dir():
            if not _holds_python(path):
                raise _Refused(f"{path}: there is no Python file in this folder")
        elif path.suffix not in _PYTHON_ENDINGS and not _starts_python(path):
            raise _Refused(f"{path}: this is no Python file")


def _holds_python(folder: Path) -> bool:
    return any(name.endswith(_PYTHON_ENDINGS) for _, _, names in os.walk(folder) for name in names)


def _starts_python(path: Path) -> bool:
    """Whether a file without the ending is a script that names Python as its interpreter."""
    try:
        with path.open("rb") as handle:
            first = handle.readline(200)
    except OSError:
        return False
    return first.startswith(b"#!") and b"python" in first


def _print_problems(report: Report, config: Config, chosen: str) -> None:
    """Print a wrong configuration; the codes' texts are not needed for that."""
    from pi_lint.checking import shown_path

    def show_path(path: str) -> str:
        return shown_path(report.root, path)

    if chosen == "json":
        from pi_lint.report import json

        _write(json.render(report, {}, config.language, show_path))
        return
    from pi_lint.report import text

    sys.stdout.write(text.plain(text.problem_lines(report.problems, config.language, show_path)))


def _print_outcome(outcome: Outcome, config: Config, arguments: argparse.Namespace) -> None:
    report, codes = outcome.report, outcome.knowledge.codes
    if arguments.format == "json":
        from pi_lint.report import json

        _write(json.render(report, codes, config.language, outcome.show_path, arguments.statistics))
        return
    from pi_lint.report import text

    printed = text.lines(report, codes, config.language, outcome.show_path, outcome.texts.line, arguments.statistics)
    if _colour(os.environ):
        from rich.console import Console

        text.coloured(printed, Console(file=sys.stdout))
    else:
        sys.stdout.write(text.plain(printed))


def _write(text: str) -> None:
    """Write JSON, which is UTF-8 whatever the terminal's encoding; a half character of a file's name as its escape."""
    buffer = getattr(sys.stdout, "buffer", None)
    if buffer is None:  # a stand-in that takes text only
        sys.stdout.write(text)
        return
    sys.stdout.flush()
    buffer.write(text.encode("utf-8", "backslashreplace"))
    buffer.flush()


def _colour(environment: Mapping[str, str]) -> bool:
    return sys.stdout.isatty() and not environment.get("NO_COLOR") and environment.get("TERM") != "dumb"


class _Progress:
    """Shows a bar on a terminal while the work inside takes more than a second.

    A timer signal draws it, not a thread: processes that parse are forked from a process
    with one thread. Where there is no such signal, or in another thread than the first, there is no bar.
    """

    DELAY, INTERVAL = 1.0, 0.2

    def __init__(self, language: str) -> None:
        self.title = "正在分析" if language == "zh" else "analysing"
        self.bar: Progress | None = None
        self.previous: object = None

    def __enter__(self) -> None:
        import signal
        import threading

        self.active = (
            sys.stderr.isatty()
            and hasattr(signal, "setitimer")
            and threading.current_thread() is threading.main_thread()
        )
        if self.active:
            self.process = os.getpid()
            self.previous = signal.signal(signal.SIGALRM, self._tick)
            signal.setitimer(signal.ITIMER_REAL, self.DELAY, self.INTERVAL)

    def __exit__(self, *_: object) -> None:
        if not self.active:
            return
        import signal

        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, self.previous)  # type: ignore[arg-type]
        if self.bar is not None:
            self.bar.stop()

    def _tick(self, *_: object) -> None:
        if os.getpid() != self.process:
            return
        if self.bar is None:
            from rich.console import Console
            from rich.progress import BarColumn, Progress, TextColumn

            columns = (TextColumn("{task.description}"), BarColumn())
            self.bar = Progress(*columns, console=Console(file=sys.stderr), transient=True, auto_refresh=False)
            self.bar.add_task(self.title, total=None)
            self.bar.start()
        self.bar.refresh()
