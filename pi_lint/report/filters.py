"""From everything that an analysis found to what this run reports.

Purpose: suppression comments, the profile, `select` and `ignore`, ignores by path, the
confidence threshold, named files, and the suppressions that suppress nothing (PIL003).
All of it looks at finished findings; what clears a flow is decided long before.

The order matters: comments see every finding, so that whether one is used depends on
neither profile nor selection; then comes what the settings leave out; then findings
move to named files, where comments count again.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

import pathspec

from pi_lint.knowledge.compiled import CodeSpec, Knowledge
from pi_lint.model import CONFIDENCE_ORDER, Finding, Problem, Report, Sensitivity, Span, Trace
from pi_lint.report import places

UNUSED = "PIL003"
CONFIGURATION = "PIL001"
LONGEST_TRACE_LIST = 5
_OWN_PREFIX = "PIL"


class Comment(Protocol):
    """One suppression comment; `codes` is None for one that names none."""

    @property
    def line(self) -> int: ...
    @property
    def column(self) -> int: ...
    @property
    def codes(self) -> tuple[str, ...] | None: ...
    @property
    def kind(self) -> str: ...


class Comments(Protocol):
    """The suppression comments of one file."""

    @property
    def skip_file(self) -> bool: ...
    @property
    def comments(self) -> Sequence[Comment]: ...


class Lines(Protocol):
    """First and last line of what stands together with a line of a file."""

    def statement(self, line: int, /) -> tuple[int, int]:
        """The statement."""

    def joined(self, line: int, /) -> tuple[int, int]:
        """What flake8 takes for one line when it looks for `noqa`."""


class Settings(Protocol):
    """What the filters read of a configuration."""

    @property
    def profile(self) -> str: ...
    @property
    def select(self) -> Sequence[str]: ...
    @property
    def ignore(self) -> Sequence[str]: ...
    @property
    def confidence(self) -> str: ...
    @property
    def per_path_ignores(self) -> Mapping[str, Sequence[str]]: ...
    @property
    def report_at(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Scope:
    """What this one run asks for besides the configuration.

    `named`: files and folders, relative to the root, that the report is about; None: all.
    `enabled`: full codes that are on whatever the profile.
    `noqa`: whether `# noqa` counts at all. `host_noqa`: the host (flake8) applies it by
    itself to the lines that are reported, so it is only looked at elsewhere.
    """

    named: frozenset[str] | None = None
    enabled: frozenset[str] = frozenset()
    noqa: bool = True
    host_noqa: bool = False

    def names(self, path: str) -> bool:
        """Whether a path of the project is one of the named files or lies below a named folder."""
        if self.named is None or path in self.named:
            return True
        parts = path.split("/")
        return any("/".join(parts[:end]) in self.named for end in range(1, len(parts)))


WHOLE_PROJECT = Scope()


@dataclass(slots=True)
class _Suppressor:
    """The comments of the project and which of their codes have suppressed something."""

    files: Mapping[str, Comments]
    lines: Callable[[str], Lines]
    scope: Scope
    used: set[tuple[str, int, str]] = field(default_factory=set)

    def at(
        self, path: str, line: int, code: str, *, host: bool, blanket_noqa: bool = True, own_in_full: bool = False
    ) -> bool:
        """Whether a comment that covers this line accepts the code; notes the use.

        `host`: the finding will be reported there, so a `noqa` is the host's business.
        `blanket_noqa`: a `noqa` without codes counts. `own_in_full`: one of pi-lint's own
        comments counts only where it names the full code.
        """
        comments = self.files.get(path)
        if comments is None:
            return False
        accepted = comments.skip_file
        if not comments.comments:
            return accepted
        lines = self.lines(path)
        statement, joined = lines.statement(line), lines.joined(line)
        seen_noqa = False
        for comment in comments.comments:
            is_noqa = comment.kind == "noqa"
            first, last = joined if is_noqa else statement
            if not first <= comment.line <= last or (is_noqa and not self.scope.noqa):
                continue
            if is_noqa and seen_noqa:
                continue  # flake8 reads the first on a line only
            seen_noqa = seen_noqa or is_noqa
            hits = [prefix for prefix in comment.codes or () if prefix and code.startswith(prefix.upper())]
            if comment.codes is None and (blanket_noqa or not is_noqa):
                hits = [""]
            if own_in_full and not is_noqa:
                hits = [hit for hit in hits if hit.upper() == code]
            self.used.update((path, comment.line, hit) for hit in hits)
            if hits and not (is_noqa and host and self.scope.host_noqa):
                accepted = True
        return accepted

    def flow(self, trace: Trace, code: str) -> bool:
        """Whether a comment at one of the calls that a flow goes through accepts that flow.

        A `noqa` that names no code is about its own line and accepts no flow into a helper.
        """
        hits = [
            self.at(step.path, step.span.line, code, host=False, blanket_noqa=False)
            for step in places.open_calls(trace)
            if not self._skipped(step.path)
        ]
        return any(hits)

    def _skipped(self, path: str) -> bool:
        comments = self.files.get(path)
        return comments is not None and comments.skip_file


def apply(
    report: Report,
    settings: Settings,
    knowledge: Knowledge,
    suppressions: Mapping[str, Comments],
    lines: Callable[[str], Lines],
    scope: Scope = WHOLE_PROJECT,
) -> Report:
    """Give the report that this run shows.

    `report` holds every finding of the project, whatever profile and confidence;
    `suppressions` the comments of each file that has any, by path relative to the root;
    `lines` the line map of one of those files.
    """
    suppressor = _Suppressor(suppressions, lines, scope)
    ignored = _path_ignores(settings.per_path_ignores)
    findings = [kept for f in report.findings if (kept := _unsuppressed(f, suppressor, knowledge))]
    findings = [kept for f in findings if (kept := _wanted(f, settings, knowledge, scope))]
    findings = [f for f in findings if not ignored(f.path, f.code)]
    if settings.report_at == "source":
        findings = _moved(findings, places.at_calls(findings, knowledge), suppressor)
    if scope.named is not None:
        findings = _moved(findings, places.at_named(findings, scope.names, knowledge), suppressor)
    if is_on(UNUSED, settings, knowledge.codes, scope.enabled):
        findings += [f for f in _unused(suppressor, knowledge) if scope.names(f.path) and not ignored(f.path, f.code)]
    findings = [replace(f, traces=f.traces[:LONGEST_TRACE_LIST]) for f in findings if not ignored(f.path, f.code)]
    return replace(
        report,
        findings=tuple(sorted(findings, key=Finding.sort_key)),
        problems=tuple(p for p in report.problems if _shown(p, settings, scope, ignored)),
    )


def is_on(code: str, settings: Settings, codes: Mapping[str, CodeSpec], enabled: Collection[str] = ()) -> bool:
    """Whether a code is reported at all: by selection, and by the profile unless its full name is selected."""
    if not selected(code, settings, enabled):
        return False
    spec = codes.get(code)
    by_profile = settings.profile == "strict" or spec is None or spec.profile != "strict"
    return by_profile or code in enabled or code in settings.select


def selected(code: str, settings: Settings, enabled: Collection[str] = ()) -> bool:
    """Whether `select` and `ignore` let a code through: the longest prefix wins, `ignore` on a tie."""
    chosen = [len(prefix) for prefix in settings.select if code.startswith(prefix)]
    if code in enabled:
        chosen.append(len(code))
    refused = [len(prefix) for prefix in settings.ignore if code.startswith(prefix)]
    if not chosen:
        return not settings.select and not refused
    return not refused or max(chosen) > max(refused)


def _unsuppressed(finding: Finding, suppressor: _Suppressor, knowledge: Knowledge) -> Finding | None:
    """The finding without the flows that a comment accepts; every comment is asked, to know which are used."""
    here = suppressor.at(finding.path, finding.span.line, finding.code, host=suppressor.scope.names(finding.path))
    dropped = [trace for trace in finding.traces if suppressor.flow(trace, finding.code)]
    return None if here else places.without_traces(finding, dropped, knowledge)


def _moved(before: Sequence[Finding], after: Sequence[Finding], suppressor: _Suppressor) -> list[Finding]:
    """Ask the comments at the new place of each finding that was moved."""
    old = {f.sort_key() for f in before}
    return [f for f in after if f.sort_key() in old or not suppressor.at(f.path, f.span.line, f.code, host=True)]


def _wanted(finding: Finding, settings: Settings, knowledge: Knowledge, scope: Scope) -> Finding | None:
    """What confidence, selection and profile leave of a finding."""
    if CONFIDENCE_ORDER[finding.confidence] < CONFIDENCE_ORDER[settings.confidence]:
        return None
    if not is_on(finding.code, settings, knowledge.codes, scope.enabled):
        return None
    if settings.profile == "strict":
        return finding
    judged_as = finding.detail.get("profile_of") or finding.code
    spec = knowledge.codes.get(judged_as)
    if spec is None or spec.profile == "always":
        return finding
    if spec.profile == "strict":
        return finding if judged_as == finding.code or judged_as in scope.enabled else None
    least = _level(spec.default_sensitivity)
    enough = [c for c in finding.categories if knowledge.names.sensitivity(c) >= least]
    if least < Sensitivity.HIGH:
        # Such a code is strict where nothing but less sensitive categories is involved;
        # one of the needed sensitivity takes the others along (SPEC 3, PIL105).
        return finding if enough or not finding.categories else None
    return places.with_categories(finding, enough, knowledge)


def _level(value: object) -> Sensitivity:
    return value if isinstance(value, Sensitivity) else Sensitivity[str(value).upper()]


def _path_ignores(rules: Mapping[str, Sequence[str]]) -> Callable[[str, str], bool]:
    """A test of path and code against the configured ignores by path."""
    specs = [(pathspec.GitIgnoreSpec.from_lines([glob]), tuple(codes)) for glob, codes in rules.items()]

    def ignored(path: str, code: str) -> bool:
        return any(code.startswith(codes) and spec.match_file(path) for spec, codes in specs)

    return ignored


def _unused(suppressor: _Suppressor, knowledge: Knowledge) -> Iterable[Finding]:
    """A finding for each comment of which a code, or which as a whole, suppressed nothing."""
    for path, comments in suppressor.files.items():
        if comments.skip_file:
            continue
        for comment in comments.comments:
            is_noqa = comment.kind == "noqa"
            if is_noqa and (comment.codes is None or not suppressor.scope.noqa):
                continue  # it may be another tool's
            codes = ("",) if comment.codes is None else comment.codes
            idle = [
                code
                for code in codes
                if (path, comment.line, code) not in suppressor.used
                and code.upper() != UNUSED
                and (not is_noqa or code.upper().startswith(_OWN_PREFIX))
            ]
            host = suppressor.scope.names(path)
            if idle and not suppressor.at(path, comment.line, UNUSED, host=host, own_in_full=True):
                yield _unused_finding(path, comment, [code for code in idle if code], knowledge)


def _unused_finding(path: str, comment: Comment, codes: Sequence[str], knowledge: Knowledge) -> Finding:
    listed = ", ".join(codes)
    if comment.kind == "noqa":
        text = f"noqa: {listed}"
    else:
        text = f"pi-lint: ignore[{listed}]" if codes else "pi-lint: ignore"
    spec = knowledge.codes.get(UNUSED)
    return Finding(
        code=UNUSED,
        path=path,
        span=Span(comment.line, comment.column, comment.line, comment.column + 1),
        categories=(),
        sensitivity=Sensitivity.LOW,
        severity="note",
        confidence="high",
        expression=text,
        sink="",
        article=spec.article if spec else 0,
        detail={"codes": listed},
    )


def _shown(problem: Problem, settings: Settings, scope: Scope, ignored: Callable[[str, str], bool]) -> bool:
    """Whether a problem is shown: a wrong configuration always, an unreadable file where it is asked for."""
    if problem.code == CONFIGURATION:
        return True
    # Selecting other codes must not hide that a file was not analysed; ignoring this one may.
    refused = any(problem.code.startswith(prefix) for prefix in settings.ignore)
    return not refused and scope.names(problem.path) and not ignored(problem.path, problem.code)
