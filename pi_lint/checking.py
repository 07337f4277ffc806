"""One check as every front end runs it: analysis, then what this run shows of it.

Purpose: `analysis.analyse` finds everything in a project; the command line and flake8
both show a part of that, and must show the same part. Here the files are read again,
as far as comments and excerpts need them, and `report.filters` is given what it asks for.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from pi_lint import analysis
from pi_lint.config import Config
from pi_lint.frontend import source
from pi_lint.frontend.line_map import LineMap, line_map
from pi_lint.model import Finding, Report
from pi_lint.report import filters

if TYPE_CHECKING:
    from pi_lint.knowledge.compiled import Knowledge

# What a file must hold for it to be searched for suppression comments.
_COMMENT_WORDS = (b"noqa", b"pi-lint")


@dataclass(frozen=True, slots=True)
class Outcome:
    """The report of one run, and what is needed to print it."""

    report: Report
    knowledge: Knowledge
    texts: Texts

    def show_path(self, path: str) -> str:
        """A path of the report for people: relative to the current folder where it lies below it, else absolute."""
        return shown_path(self.report.root, path)


@dataclass(slots=True)
class Texts:
    """Decoded texts of the project's files and what is derived from them, each made once.

    `unsaved` holds texts that stand for the content of files, by real path.
    """

    config: Config
    root: str
    unsaved: Mapping[str, str]
    _texts: dict[str, str] = field(default_factory=dict)
    _line_maps: dict[str, LineMap] = field(default_factory=dict)

    def text(self, path: str) -> str:
        """The text of a file; empty for one that cannot be read, which the analysis reports."""
        if path not in self._texts:
            full = os.path.realpath(os.path.join(self.root, path))
            if full in self.unsaved:
                self._texts[path] = self.unsaved[full]
            else:
                read = source.read(Path(self.root), Path(full), self.config.source_roots)
                self._texts[path] = read.text if isinstance(read, source.Source) else ""
        return self._texts[path]

    def line(self, path: str, number: int) -> str:
        """One line of a file without its end; empty where there is none."""
        lines = self.text(path).replace("\r\n", "\n").replace("\r", "\n").split("\n")
        return lines[number - 1] if 0 < number <= len(lines) else ""

    def lines_of(self, path: str) -> LineMap:
        """Which lines of a file belong together."""
        if path not in self._line_maps:
            self._line_maps[path] = line_map(self.text(path))
        return self._line_maps[path]

    def suppressions(self, paths: Iterable[str]) -> dict[str, source.Suppressions]:
        """The suppression comments of those of the files that have any."""
        found = {}
        for path in sorted(set(paths)):
            if self._may_suppress(path):
                comments = source.suppressions(self.text(path))
                if comments.skip_file or comments.comments:
                    found[path] = comments
        return found

    def _may_suppress(self, path: str) -> bool:
        """Whether a file's bytes hold a word of suppression comments: most files do not and need no decoding."""
        full = os.path.realpath(os.path.join(self.root, path))
        if full in self.unsaved:
            return True
        try:
            with open(full, "rb") as handle:
                content = handle.read().lower()
        except OSError:
            return False  # gone or locked since the analysis read it, which has reported what it could
        return any(word in content for word in _COMMENT_WORDS) or b"\0" in content


def check(
    paths: Sequence[Path],
    config: Config,
    *,
    unsaved: Mapping[Path, str] | None = None,
    enabled: frozenset[str] = frozenset(),
    noqa: bool = True,
    host_noqa: bool = False,
) -> Outcome:
    """Analyse the project around `paths` and give the report about those paths.

    `unsaved`: texts that stand for the content of files. `enabled`: full codes that are
    on in any profile. `noqa`: whether `# noqa` counts; `host_noqa`: a host applies it to
    the reported lines by itself.
    """
    unsaved = unsaved or {}
    raw = analysis.analyse(paths, config, unsaved=unsaved)
    knowledge = analysis.knowledge_for(config)
    texts = Texts(config, raw.root, {os.path.realpath(path): text for path, text in unsaved.items()})
    scope = filters.Scope(named_paths(raw.root, paths), enabled, noqa, host_noqa)
    touched = set(_touched(raw.findings))
    if filters.is_on(filters.UNUSED, config, knowledge.codes, enabled):
        touched.update(_project_files(paths, config, raw.root))
    report = filters.apply(raw, config, knowledge, texts.suppressions(touched), texts.lines_of, scope)
    return Outcome(report, knowledge, texts)


def named_paths(root: str, paths: Iterable[Path]) -> frozenset[str] | None:
    """The paths that a report is about, relative to the root; None where they take in the whole project."""
    base = os.path.realpath(root)
    named: set[str] = set()
    for path in paths:
        full = os.path.realpath(path)
        if full == base or base.startswith(full.rstrip(os.sep) + os.sep):
            return None
        # A file's own name is kept where it is a link, a folder's is not: as in the report.
        named.update((_relative(full, base), _relative(_entry(path), base)))
    return frozenset(named)


def shown_path(root: str, path: str) -> str:
    """A path relative to the root as one relative to the current folder where it lies below it, else absolute."""
    if not path:
        return ""
    return _relative(_entry(os.path.join(root, path)), os.path.realpath(os.curdir))


def _entry(path: str | Path) -> str:
    """The real path of the folder that holds an entry, with the entry's own name, link or not."""
    folder, name = os.path.split(os.path.abspath(path))
    return os.path.join(os.path.realpath(folder), name)


def _relative(full: str, base: str) -> str:
    """`full` relative to `base` with forward slashes; as it is where it does not lie below."""
    prefix = base.rstrip(os.sep) + os.sep
    return (full[len(prefix) :] if full.startswith(prefix) else full).replace(os.sep, "/")


def _touched(findings: Iterable[Finding]) -> Iterator[str]:
    for finding in findings:
        yield finding.path
        for trace in finding.traces:
            for step in trace.steps:
                yield step.path


def _project_files(paths: Sequence[Path], config: Config, root: str) -> Iterator[str]:
    found = source.discover(Path(root), paths, config.exclude, config.include_tests)
    base = os.path.realpath(root)
    for path in found.files:
        yield _relative(_entry(path), base)
