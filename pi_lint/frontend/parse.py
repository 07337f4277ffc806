"""Sources to IR: in this process, in several, or in one that may die.

Purpose: decide where each file is parsed and turn whatever goes wrong into PIL002. Files that
nest so deeply that libcst may overflow the stack never come near the main process (`weight`).
The result does not depend on the number of processes.
"""

from __future__ import annotations

import bisect
from collections.abc import Sequence

from pi_lint.frontend import workers
from pi_lint.frontend.ir import Node
from pi_lint.frontend.source import Source
from pi_lint.frontend.weight import judge, measure
from pi_lint.model import Problem

# From here on several processes are quicker than one.
_MANY_FILES = 60
_MANY_CHARACTERS = 400_000

_SMALLEST_BATCH = 20_000
_BATCHES_PER_JOB = 6


def parse(source: Source) -> Node | Problem:
    """The IR of one file, or the PIL002 that says why there is none."""
    lowered, problems = parse_all([source], 1)
    return lowered[source.path] if source.path in lowered else problems[0]


def parse_all(sources: Sequence[Source], jobs: int) -> tuple[dict[str, Node], tuple[Problem, ...]]:
    """Parse files with at most `jobs` processes.

    Gives the IR by path, in the order of `sources`, and a PIL002 problem for each other file.
    """
    outcomes: list[workers.Outcome] = [("unread", None)] * len(sources)
    plain: list[int] = []
    risky: list[int] = []
    for index, source in enumerate(sources):
        verdict = judge(source.text)
        if verdict == "refused":
            outcomes[index] = ("refused", None)
        else:
            (plain if verdict == "plain" else risky).append(index)
    children = workers.available()
    if children and jobs > 1 and _is_much(sources, plain):
        import pi_lint.frontend.lower  # noqa: F401 - imported once, before workers are forked

        batches = _batches(sources, plain, jobs)
        _fill(outcomes, plain, workers.lower_all([sources[index].text for index in plain], batches, jobs))
    for index in plain:
        if outcomes[index][0] == "unread":
            outcomes[index] = workers.lower_safely(sources[index].text)
    if risky and children:
        texts = [sources[index].text for index in risky]
        singles = [[number] for number in range(len(texts))]
        _fill(outcomes, risky, workers.lower_all(texts, singles, max(jobs, 1), deep=True))
    lowered: dict[str, Node] = {}
    problems: list[Problem] = []
    for source, (kind, value) in zip(sources, outcomes, strict=True):
        if kind == "ir":
            lowered[source.path] = value
        else:
            problems.append(_problem(source, kind, value))
    return lowered, tuple(problems)


def _is_much(sources: Sequence[Source], plain: Sequence[int]) -> bool:
    return len(plain) > _MANY_FILES or sum(len(sources[index].text) for index in plain) > _MANY_CHARACTERS


def _batches(sources: Sequence[Source], plain: Sequence[int], jobs: int) -> list[list[int]]:
    """Group texts (by their number in `plain`) into batches of like size, the largest texts first."""
    sizes = [len(sources[index].text) for index in plain]
    size = max(_SMALLEST_BATCH, sum(sizes) // (jobs * _BATCHES_PER_JOB))
    batches: list[list[int]] = []
    room = 0
    for number in sorted(range(len(plain)), key=lambda number: (-sizes[number], number)):
        if room <= 0:
            batches.append([])
            room = size
        batches[-1].append(number)
        room -= sizes[number]
    return batches


def _fill(outcomes: list[workers.Outcome], indices: Sequence[int], found: Sequence[workers.Outcome]) -> None:
    for index, outcome in zip(indices, found, strict=True):
        outcomes[index] = outcome


def _problem(source: Source, kind: str, value: tuple[int, int, str] | None) -> Problem:
    line, column = 1, 0
    if kind == "syntax" and value is not None:
        line, column, message = value
        english, chinese = f"cannot be parsed: {message}", f"无法解析:{message}"
    elif kind == "refused":
        line = bisect.bisect_right(source.lines, measure(source.text)[2])
        english = "cannot be parsed: an expression is nested too deeply or has too many operators; split it up"
        chinese = "无法解析:某个表达式嵌套过深或运算符过多;请将其拆分"
    elif kind == "died":
        english = "cannot be parsed: it ended the process that read it, which happens when code is nested too deeply"
        chinese = "无法解析:读取它的进程异常终止,通常是因为代码嵌套过深"
    else:
        english = "cannot be parsed: it is nested deeply, and no process of its own could be started to read it"
        chinese = "无法解析:代码嵌套很深,且无法为读取它启动单独的进程"
    return Problem("PIL002", source.path, line, column, english, chinese)
