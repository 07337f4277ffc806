"""What a run shows of everything that was found."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from pi_lint.frontend.line_map import line_map
from pi_lint.model import Finding, Problem, Report
from pi_lint.report.filters import Scope, apply, selected
from report_samples import KNOWLEDGE, finding, report, settings, step, trace

WHOLE = Scope()


def comment(line: int, codes: str | None, kind: str = "ignore") -> Any:
    return SimpleNamespace(line=line, column=30, kind=kind, codes=tuple(codes.split(",")) if codes else None)


def run(
    given: Report,
    comments: dict[str, list[Any]] | None = None,
    texts: dict[str, str] | None = None,
    scope: Scope = WHOLE,
    skipped: tuple[str, ...] = (),
    **configured: Any,
) -> Report:
    suppressions: dict[str, Any] = {
        path: SimpleNamespace(skip_file=False, comments=tuple(found)) for path, found in (comments or {}).items()
    }
    suppressions.update({path: SimpleNamespace(skip_file=True, comments=()) for path in skipped})
    maps = {path: line_map(text) for path, text in (texts or {}).items()}
    empty = line_map("")
    return apply(given, settings(**configured), KNOWLEDGE, suppressions, lambda path: maps.get(path, empty), scope)


def rows(given: Report) -> list[tuple[str, int, str, str]]:
    return [(f.path, f.span.line, f.code, ",".join(f.categories)) for f in given.findings]


# Comments


MULTILINE = "log(\n  a,\n  b,\n)\n"


@pytest.mark.parametrize(
    ("found", "silent"),
    [
        (comment(1, "PIL101"), True),
        (comment(3, "PIL101"), True),  # anywhere in the statement
        (comment(3, None), True),
        (comment(3, "PIL10"), True),
        (comment(3, "PIL102"), False),
        (comment(5, "PIL101"), False),
        (comment(1, "PIL101", "noqa"), True),
        (comment(1, "pil101,E501", "noqa"), True),
        (comment(1, None, "noqa"), True),
        (comment(1, "E501", "noqa"), False),
        (comment(3, "PIL101", "noqa"), False),  # one physical line, as flake8 has it
    ],
)
def test_comments_at_the_sink(found: Any, silent: bool) -> None:
    shown = run(report(finding("a.py:1")), {"a.py": [found]}, {"a.py": MULTILINE})
    assert (not shown.findings) is silent


def test_flake8_reads_the_first_noqa_of_a_line_only() -> None:
    found = {"a.py": [comment(1, "E501", "noqa"), comment(1, "PIL101", "noqa")]}
    assert rows(run(report(finding("a.py:1")), found))


def test_a_skipped_file_shows_nothing() -> None:
    shown = run(report(finding("a.py:1"), finding("b.py:1")), skipped=("a.py",))
    assert rows(shown) == [("b.py", 1, "PIL101", "phone")]


def test_flake8_applies_noqa_itself_where_the_finding_is_shown() -> None:
    found = {"a.py": [comment(1, "PIL101", "noqa")]}
    assert rows(run(report(finding("a.py:1")), found, scope=Scope(host_noqa=True)))
    assert not rows(run(report(finding("a.py:1")), found, scope=Scope(frozenset({"b.py"}), host_noqa=True)))


def test_disabled_noqa() -> None:
    found = {"a.py": [comment(1, "PIL101", "noqa")]}
    shown = run(report(finding("a.py:1")), found, scope=Scope(noqa=False), profile="strict")
    assert rows(shown) == [("a.py", 1, "PIL101", "phone")]


def helper() -> Finding:
    """A sink in a helper with two callers."""
    return finding(
        "helper.py:2",
        categories="phone,id_number",
        traces=(
            trace("phone", step("a.py:5", "source"), step("a.py:6", "call"), step("helper.py:2", "sink")),
            trace("id_number", step("b.py:5", "source"), step("b.py:6", "call"), step("helper.py:2", "sink")),
        ),
    )


def test_a_comment_at_a_call_accepts_that_callers_flow() -> None:
    shown = run(report(helper()), {"b.py": [comment(6, "PIL101")]}, profile="strict")
    (left,) = shown.findings
    assert (left.categories, left.severity, len(left.traces)) == (("phone",), "warning", 1)


def test_comments_at_all_calls_accept_the_finding() -> None:
    found = {"a.py": [comment(6, "PIL101", "noqa")], "b.py": [comment(6, "PIL101")]}
    assert not rows(run(report(helper()), found, profile="strict"))


def test_a_noqa_without_code_accepts_no_flow_into_a_helper() -> None:
    shown = run(report(helper()), {"b.py": [comment(6, None, "noqa")]})
    assert rows(shown) == [("helper.py", 2, "PIL101", "phone,id_number")]


def test_a_call_that_has_returned_is_no_call_site_of_the_sink() -> None:
    steps = (step("a.py:3", "call"), step("b.py:1", "source"), step("b.py:1", "return"), step("a.py:6", "sink"))
    found = finding("a.py:6", traces=(trace("phone", *steps),))
    assert rows(run(report(found), {"a.py": [comment(3, "PIL101")]}))


def test_categories_that_no_listed_flow_explains_stay() -> None:
    found = finding(
        "helper.py:2",
        categories="phone,email",
        traces=(trace("phone", step("a.py:5", "source"), step("a.py:6", "call"), step("helper.py:2", "sink")),),
    )
    shown = run(report(found), {"a.py": [comment(6, "PIL101")]})
    assert rows(shown) == [("helper.py", 2, "PIL101", "email")]


# Unused suppressions


@pytest.mark.parametrize(
    ("found", "unused"),
    [
        (comment(9, "PIL101"), "PIL101"),
        (comment(9, "PIL101,PIL103"), "PIL101, PIL103"),
        (comment(9, None), ""),
        (comment(9, "E501,PIL102", "noqa"), "PIL102"),
        (comment(9, "E501", "noqa"), None),
        (comment(9, None, "noqa"), None),
        (comment(9, "PIL101,PIL003"), None),
        (comment(1, "PIL101"), None),
        (comment(1, "PIL101,PIL102"), "PIL102"),
    ],
)
def test_unused_suppressions(found: Any, unused: str | None) -> None:
    shown = run(report(finding("a.py:1")), {"a.py": [found]}, profile="strict")
    listed = [f.detail["codes"] for f in shown.findings if f.code == "PIL003"]
    assert listed == ([] if unused is None else [unused])
    assert all(f.span.line == found.line for f in shown.findings if f.code == "PIL003")


def test_unused_suppressions_are_strict() -> None:
    found = {"a.py": [comment(9, "PIL101")]}
    assert not rows(run(report(), found))
    assert rows(run(report(), found, scope=Scope(enabled=frozenset({"PIL003"})))) == [("a.py", 9, "PIL003", "")]


def test_a_suppression_of_an_unselected_code_is_used() -> None:
    shown = run(report(finding("a.py:1")), {"a.py": [comment(1, "PIL101")]}, profile="strict", select=("PIL0",))
    assert not rows(shown)


# Profile


@pytest.mark.parametrize(
    ("name", "categories", "shown"),
    [
        ("PIL101", "usage", "usage"),
        ("PIL132", "phone", None),
        ("PIL132", "phone,id_number,usage", "id_number"),
        ("PIL106", "password", "password"),
        ("PIL105", "account", None),
        ("PIL105", "phone,account", "phone,account"),
        ("PIL093", "id_number", None),
    ],
)
def test_the_default_profile(name: str, categories: str, shown: str | None) -> None:
    given = report(finding("a.py:1", name, categories))
    assert rows(run(given)) == ([("a.py", 1, name, shown)] if shown else [])
    assert rows(run(given, profile="strict")) == [("a.py", 1, name, categories)]


def test_weak_protection_has_the_profile_of_what_it_replaces() -> None:
    given = report(finding("a.py:1", "PIL133", "phone,id_number", detail={"profile_of": "PIL132"}))
    assert rows(run(given)) == [("a.py", 1, "PIL133", "id_number")]
    assert not rows(run(report(finding("a.py:1", "PIL133", detail={"profile_of": "PIL132"}))))


def test_a_strict_code_is_on_when_its_full_name_is_selected() -> None:
    given = report(finding("a.py:1", "PIL093"))
    assert rows(run(given, select=("PIL093",)))
    assert rows(run(given, scope=Scope(enabled=frozenset({"PIL093"}))))
    assert not rows(run(given, select=("PIL09",)))


# Selection, confidence, paths


@pytest.mark.parametrize(
    ("select", "ignore", "enabled", "on"),
    [
        ((), (), (), True),
        (("PIL10",), (), (), True),
        (("PIL13",), (), (), False),
        (("PIL13",), (), ("PIL101",), True),
        ((), ("PIL1",), (), False),
        (("PIL10",), ("PIL1",), (), True),
        (("PIL10",), ("PIL101",), (), False),
        (("PIL101",), ("PIL101",), (), False),
    ],
)
def test_selection(select: tuple[str, ...], ignore: tuple[str, ...], enabled: tuple[str, ...], on: bool) -> None:
    assert selected("PIL101", settings(select=select, ignore=ignore), enabled) is on


@pytest.mark.parametrize(("least", "count"), [("high", 1), ("medium", 2), ("low", 3)])
def test_confidence(least: str, count: int) -> None:
    given = [finding(f"a.py:{n}", confidence=c) for n, c in enumerate(("high", "medium", "low"), 1)]
    assert len(run(report(*given), confidence=least).findings) == count


@pytest.mark.parametrize(
    ("glob", "codes", "silent"),
    [
        ("scripts/", ("PIL10",), True),
        ("scripts/*.py", ("PIL101",), True),
        ("*.py", ("PIL101",), True),
        ("scripts/", ("PIL13",), False),
        ("tools/", ("PIL1",), False),
    ],
)
def test_ignores_by_path(glob: str, codes: tuple[str, ...], silent: bool) -> None:
    shown = run(report(finding("scripts/a.py:1")), per_path_ignores={glob: codes})
    assert (not shown.findings) is silent


# Named files


def test_named_files_filter_the_report() -> None:
    given = report(finding("a.py:1"), finding("pkg/b.py:1"))
    assert [f.path for f in run(given, scope=Scope(frozenset({"a.py"}))).findings] == ["a.py"]
    assert [f.path for f in run(given, scope=Scope(frozenset({"pkg"}))).findings] == ["pkg/b.py"]
    assert len(run(given, scope=Scope(None)).findings) == 2


def test_a_flow_through_a_named_file_is_shown_at_its_outermost_call_there() -> None:
    assert rows(run(report(helper()), scope=Scope(frozenset({"a.py"})))) == [("a.py", 6, "PIL101", "phone")]


def test_a_flow_that_only_starts_in_a_named_file_is_shown_at_its_source() -> None:
    steps = (step("models.py:3", "source"), step("models.py:3", "return"), step("a.py:6", "sink"))
    given = report(finding("a.py:6", traces=(trace("phone", *steps),)))
    assert rows(run(given, scope=Scope(frozenset({"models.py"})))) == [("models.py", 3, "PIL101", "phone")]


def test_flows_that_meet_in_one_place_are_one_finding() -> None:
    flows = [
        trace(category, step("a.py:5", "source"), step("a.py:6", "call"), step(sink, "sink"))
        for category, sink in (("id_number", "h.py:2"), ("phone", "h.py:9"))
    ]
    given = report(
        finding("h.py:2", categories="id_number", traces=(flows[0],), confidence="medium"),
        finding("h.py:9", categories="phone", traces=(flows[1],)),
    )
    shown = run(given, scope=Scope(frozenset({"a.py"})))
    assert rows(shown) == [("a.py", 6, "PIL101", "phone,id_number")]
    assert (shown.findings[0].severity, shown.findings[0].confidence) == ("error", "high")


def test_a_comment_counts_where_a_finding_was_moved_to() -> None:
    steps = (step("models.py:3", "source"), step("models.py:3", "return"), step("a.py:6", "sink"))
    given = report(finding("a.py:6", traces=(trace("phone", *steps),)))
    found = {"models.py": [comment(3, None, "noqa")]}
    assert not rows(run(given, found, scope=Scope(frozenset({"models.py"}))))


def test_a_sinks_suppression_holds_in_runs_for_other_files() -> None:
    found = {"helper.py": [comment(2, "PIL101", "noqa")]}
    for host in (False, True):
        assert not rows(run(report(helper()), found, scope=Scope(frozenset({"a.py"}), host_noqa=host)))


def test_report_at_source() -> None:
    shown = run(report(helper(), finding("c.py:1")), report_at="source")
    assert rows(shown) == [
        ("a.py", 6, "PIL101", "phone"),
        ("b.py", 6, "PIL101", "id_number"),
        ("c.py", 1, "PIL101", "phone"),
    ]


# Problems and the rest


def test_problems() -> None:
    given = report(problems=tuple(Problem(c, "z.py", 1, 0, "text", "text") for c in ("PIL001", "PIL002")))

    def codes(**kw: Any) -> list[str]:
        return [p.code for p in run(given, **kw).problems]

    assert codes() == codes(select=("PIL101",)) == ["PIL001", "PIL002"]
    assert codes(scope=Scope(frozenset({"a.py"}))) == codes(ignore=("PIL",)) == ["PIL001"]


def test_a_finding_lists_a_bounded_number_of_flows() -> None:
    flows = tuple(trace("phone", step(f"a.py:{n}", "source"), step("a.py:1", "sink")) for n in range(1, 9))
    assert len(run(report(finding("a.py:1", traces=flows))).findings[0].traces) == 5


def test_findings_are_sorted() -> None:
    places = ["b.py:1", "a.py:10", "a.py:2"]
    assert [r[:2] for r in rows(run(report(*map(finding, places))))] == [("a.py", 2), ("a.py", 10), ("b.py", 1)]
