"""The one place that wires the layers: from paths and a configuration to a report.

    discover -> read -> parse -> program -> engine -> findings

Every front end calls `analyse`; what it shows of the report is `report.filters`' business.
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pi_lint.config import Config
from pi_lint.frontend import source
from pi_lint.model import Problem, Report

if TYPE_CHECKING:
    from pi_lint.knowledge.compiled import Knowledge

# The engine recurses with the nesting of calls and expressions: it runs on a stack of its own.
_STACK = 512 * 1024 * 1024
_RECURSION = 40_000

_loaded: dict[Any, tuple[Knowledge, tuple[Problem, ...]]] = {}


def knowledge_for(config: Config) -> Knowledge:
    """The compiled knowledge that a configuration asks for; loaded once a process."""
    return _load(config)[0]


def _load(config: Config) -> tuple[Knowledge, tuple[Problem, ...]]:
    from pi_lint.knowledge.compiled import ProjectFacts
    from pi_lint.knowledge.packs import load

    facts = ProjectFacts(
        tuple(config.internal_hosts), tuple(config.processors), tuple(config.masks), tuple(config.consent),
        tuple(config.own_domains),
    )  # fmt: skip
    key = (tuple(map(str, config.packs)), tuple(config.disable), facts, str(config.root))
    found = _loaded.get(key)
    if found is None:
        found = _loaded[key] = load(
            config.packs, config.disable, root=config.root, facts=facts, places=config.places, cache=config.cache
        )
    return found


def analyse(paths: Sequence[Path], config: Config, *, unsaved: Mapping[Path, str] | None = None) -> Report:
    """Analyse the project around some paths.

    paths: files or folders; the whole project around them is read. unsaved: texts that
    stand for the content of files, by path. Gives every finding of both profiles, before
    filters, with paths relative to the project root. Raises nothing for bad input: what
    cannot be read is a problem in the report.
    """
    knowledge, pack_problems = _load(config)
    problems: list[Problem] = list(pack_problems)
    sources, unreadable = _sources(paths, config, unsaved or {})
    problems += unreadable

    from pi_lint.frontend.parse import parse_all

    jobs = config.jobs or os.cpu_count() or 1
    lowered, broken = parse_all(sources, jobs)
    problems += broken

    from pi_lint.checks.flows import Findings
    from pi_lint.flow import behaviours  # noqa: F401 - registers what library packs name
    from pi_lint.flow.engine import Engine
    from pi_lint.project.program import Module, Program

    modules: list[Module] = []
    for item in sources:
        ir = lowered.get(item.path)
        if ir is not None:
            modules.append(Module(len(modules), item.path, item.names, item.is_package, ir, item.text))
    if not modules:
        return Report(str(config.root), (), tuple(sorted(problems)), {"files": 0})
    engine = Engine(Program(modules), knowledge, reraise=bool(os.environ.get("PI_LINT_RERAISE")))
    outcome: list[Any] = []

    def work() -> None:
        try:
            engine.run()
            outcome.append(Findings(engine).all())
        except BaseException as fault:  # handed to the caller's thread
            outcome.append(fault)

    _on_big_stack(work)
    if isinstance(outcome[0], BaseException):
        raise outcome[0]
    problems += [_fault(engine, where, text) for where, text in engine.faults]
    statistics = {"files": len(sources), "lines": sum(len(item.lines) for item in sources), **engine.statistics}
    return Report(str(config.root), tuple(outcome[0]), tuple(sorted(problems)), statistics)


def _sources(
    paths: Sequence[Path], config: Config, unsaved: Mapping[Path, str]
) -> tuple[list[source.Source], list[Problem]]:
    root = Path(config.root)
    texts = {os.path.realpath(path): text for path, text in unsaved.items()}
    # A text may stand for a file that was never saved: there is nothing to find on disk.
    new = [Path(path) for path in texts if not os.path.lexists(path)]
    there = [path for path in paths if os.path.lexists(path) or os.path.realpath(path) not in texts]
    found = source.discover(root, [root, *there], config.exclude, config.include_tests)
    problems = list(found.problems)
    files = [*found.files, *new]
    sources = []
    for path in sorted(files, key=str):
        text = texts.get(os.path.realpath(path))
        item = (
            source.read(root, path, config.source_roots)
            if text is None
            else source.from_text(root, path, text, config.source_roots)
        )
        if isinstance(item, Problem):
            problems.append(item)
        else:
            sources.append(item)
    return sources, problems


def _on_big_stack(work: Any) -> None:
    before_size = threading.stack_size(_STACK)
    before_limit = sys.getrecursionlimit()
    sys.setrecursionlimit(_RECURSION)
    try:
        thread = threading.Thread(target=work, name="pi-lint engine")
        thread.start()
        thread.join()
    finally:
        sys.setrecursionlimit(before_limit)
        threading.stack_size(before_size)


def _fault(engine: Any, where: Any, text: str) -> Problem:
    from pi_lint.project.program import Function

    module = where.module if isinstance(where, Function) else where
    name = where.qualname if isinstance(where, Function) else where.name
    line = 1
    if isinstance(where, Function):
        from pi_lint.frontend.ir import span_of

        line = span_of(where.pos, module.lines).line
    return Problem(
        "PIL002", module.path, line, 0,
        f"internal error while analysing {name} ({text}); it counts as an unknown call: please report this",
        f"分析 {name} 时发生内部错误（{text}）；已按未知调用处理，请反馈此问题",
    )  # fmt: skip
