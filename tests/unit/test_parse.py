"""Parsing many files, and files that would end the process."""

from __future__ import annotations

import multiprocessing
import os
import sys
import threading
import time
from pathlib import Path

import pytest

from pi_lint.frontend import source, workers
from pi_lint.frontend.parse import parse, parse_all
from pi_lint.frontend.source import Source
from pi_lint.frontend.weight import judge, measure

_ROOT = Path(__file__).parent
_FORKS = pytest.mark.skipif(sys.platform != "linux", reason="needs fork")


def _source(text: str, name: str = "a.py") -> Source:
    return source.from_text(_ROOT, _ROOT / name, text)


def _sources(count: int) -> list[Source]:
    return [_source(f"x{number} = f({number})\n" * 30, f"m{number:03}.py") for number in range(count)]


def test_every_file_gets_ir_or_a_problem() -> None:
    sources = [_source("x = 1\n", "a.py"), _source("x = = 1\n", "b.py"), _source("", "c.py")]
    lowered, problems = parse_all(sources, 1)
    assert list(lowered) == ["a.py", "c.py"]
    assert [(item.code, item.path, item.line) for item in problems] == [("PIL002", "b.py", 1)]
    assert problems[0].text_en.startswith("cannot be parsed: ")
    assert problems[0].text_zh


def test_the_number_of_processes_changes_nothing() -> None:
    sources = [*_sources(80), _source("def (:\n", "zz.py")]
    assert parse_all(sources, 1) == parse_all(sources, 2)
    assert multiprocessing.active_children() == []


def test_several_threads_make_no_difference() -> None:
    stop = threading.Event()
    thread = threading.Thread(target=stop.wait)
    thread.start()
    try:
        lowered, problems = parse_all(_sources(70), 2)
    finally:
        stop.set()
        thread.join()
    assert len(lowered) == 70
    assert problems == ()


@pytest.mark.parametrize(
    "text",
    [
        "x = " + "(" * 3000 + "1" + ")" * 3000 + "\n",
        "x = " + "[" * 3000 + "]" * 3000 + "\n",
        "x = " + "f(" * 3000 + ")" * 3000 + "\n",
        "x = " + "1 + " * 20_000 + "1\n",
        "x = " + "a or " * 10_000 + "b\n",
        "x = a" + ".b()" * 5000 + "\n",
        "x = " + "not " * 10_000 + "a\n",
        "x = " + "-" * 10_000 + "a\n",
        "x = " + "lambda: " * 5000 + "a\n",
        "x = f'{" + "(" * 3000 + "1" + ")" * 3000 + "}'\n",
        "x = " + "(" * 100_000,
        "".join(" " * depth + "if a:\n" for depth in range(500)) + " " * 500 + "a\n",
    ],
)
def test_hostile_text_is_a_problem_or_is_read(text: str) -> None:
    lowered, problems = parse_all([_source("y = 1\n", "good.py"), _source(text, "bad.py")], 1)
    assert "good.py" in lowered
    assert "bad.py" in lowered or [item.path for item in problems] == ["bad.py"]
    assert multiprocessing.active_children() == []


def test_heavy_text_is_read_in_a_process_of_its_own() -> None:
    text = "x = " + " + ".join(["a"] * 900) + "\n"
    assert judge(text) == "risky"
    assert isinstance(parse(_source(text)), tuple)


def test_a_refused_expression_is_placed() -> None:
    problem = parse_all([_source("a = 1\nb = 2\nx = " + "1 + " * 20_000 + "1\ny = 1\n")], 1)[1][0]
    assert problem.line == 3


@_FORKS
def test_a_dying_worker_costs_only_the_file_it_was_at(monkeypatch: pytest.MonkeyPatch) -> None:
    lower_safely = workers.lower_safely
    main = os.getpid()

    def die_at_marker(text: str, deep: bool = False) -> workers.Outcome:
        if "deadly" in text:
            assert os.getpid() != main
            os.abort()
        return lower_safely(text, deep)

    monkeypatch.setattr(workers, "lower_safely", die_at_marker)
    sources = _sources(90)
    sources[7] = _source("deadly = 1\n", "deadly1.py")
    sources[60] = _source("deadly = 2\n", "deadly2.py")
    lowered, problems = parse_all(sources, 2)
    assert len(lowered) == 88
    assert [item.path for item in problems] == ["deadly1.py", "deadly2.py"]
    assert "ended the process" in problems[0].text_en
    assert multiprocessing.active_children() == []


@_FORKS
def test_an_idle_worker_takes_what_a_dead_one_left(monkeypatch: pytest.MonkeyPatch) -> None:
    lower_safely = workers.lower_safely

    def die_late_at_marker(text: str, deep: bool = False) -> workers.Outcome:
        if "deadly" in text:
            time.sleep(0.3)  # until the other worker has long been idle
            os.abort()
        return lower_safely(text, deep)

    monkeypatch.setattr(workers, "lower_safely", die_late_at_marker)
    outcomes = workers.lower_all(["a = 1\n", "deadly = 1\n", "b = 1\n"], [[0], [1, 2]], 2)
    assert [kind for kind, _ in outcomes] == ["ir", "died", "ir"]


def test_without_workers_plain_files_are_read_here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers, "_start", lambda: None)
    risky = _source("x = " + " + ".join(["a"] * 900) + "\n", "risky.py")
    lowered, problems = parse_all([*_sources(70), risky], 2)
    assert len(lowered) == 70
    assert [item.path for item in problems] == ["risky.py"]


def test_a_process_that_may_have_no_children_starts_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers, "available", lambda: False)
    monkeypatch.setattr(workers, "_start", lambda: pytest.fail("started a process"))
    risky = _source("x = " + " + ".join(["a"] * 900) + "\n", "risky.py")
    lowered, problems = parse_all([*_sources(70), risky], 4)
    assert len(lowered) == 70
    assert [item.path for item in problems] == ["risky.py"]


def test_weight_is_of_one_stretch_and_what_is_nested_in_it() -> None:
    assert measure("f(a + b, c).d\n")[0] == 4
    assert measure("x = [" + "a + b, " * 1000 + "]\n")[0] == 3
    assert measure("x = '((((' # ((((\n")[:2] == (1, 0)
    assert measure("f(" * 5 + ")" * 5)[1] == 5
    assert judge("x = [\n" + "    a.b + c,\n" * 5000 + "]\n") == "plain"
