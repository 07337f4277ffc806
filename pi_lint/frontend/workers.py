"""Processes that lower texts and may die doing it.

Purpose: keep the main process alive whatever a file does to libcst, and use more than one core.
Each worker gets batches of texts and answers text by text; one that dies costs only the text
it was at, the others go to a new worker. A batch is sent only to a worker that waits, so pipes never fill up
both ways.
"""

from __future__ import annotations

import contextlib
import faulthandler
import gc
import marshal
import multiprocessing
import os
import signal
import sys
import threading
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait
from typing import Any

_READY = b"ready"

# What became of one text: ("ir", IR), ("syntax", (line, column, message)), ("died", None),
# ("unread", None) where no worker could be started.
Outcome = tuple[str, Any]


def available() -> bool:
    """Whether this process may have children: not a worker itself, flake8's and our own."""
    return multiprocessing.parent_process() is None and not multiprocessing.current_process().daemon


def lower_safely(text: str, deep: bool = False) -> Outcome:
    """Lower one text in this process; a syntax error is an outcome."""
    from pi_lint.frontend.lower import SyntaxProblem, lower

    try:
        return "ir", lower(text, deep=deep)
    except SyntaxProblem as problem:
        return "syntax", (problem.line, problem.column, problem.message)
    except MemoryError:
        return "syntax", (1, 0, "not enough memory")


@dataclass(slots=True, eq=False)
class _Worker:
    process: Any
    pipe: Connection
    ready: bool = False
    batch: deque[int] = field(default_factory=deque)


def lower_all(texts: Sequence[str], batches: Sequence[Sequence[int]], jobs: int, deep: bool = False) -> list[Outcome]:
    """Lower texts in at most `jobs` processes; the outcomes come in the order of the texts.

    `batches` hold indices of texts. `deep`: each is read with a large stack from the start.
    """
    outcomes: list[Outcome] = [("unread", None)] * len(texts)
    waiting = deque(deque(batch) for batch in batches if batch)
    workers: list[_Worker] = []
    try:
        while waiting or any(worker.batch for worker in workers):
            while len(workers) < jobs and len(workers) < len(waiting) + sum(bool(worker.batch) for worker in workers):
                worker = _start()
                if worker is None:
                    break
                workers.append(worker)
            if not workers:
                break
            for worker in workers:
                # One that found nothing to do before is not heard of again: what a dead one left is for it, too.
                if worker.ready and not worker.batch and waiting:
                    _send(worker, waiting.popleft(), texts, deep)
            for pipe in wait([worker.pipe for worker in workers]):
                worker = next(worker for worker in workers if worker.pipe is pipe)
                if _receive(worker, outcomes):
                    continue
                workers.remove(worker)
                _stop(worker)
                if worker.batch:
                    outcomes[worker.batch.popleft()] = ("died", None)
                    if worker.batch:
                        waiting.appendleft(worker.batch)
                elif not worker.ready:
                    return outcomes  # workers do not come up here; the caller does without
    finally:
        for worker in workers:
            _stop(worker)
    return outcomes


def _start() -> _Worker | None:
    ours, theirs = multiprocessing.Pipe()
    # Forking is quick and safe where this is the only thread; other systems' libraries do not bear it.
    forks = sys.platform == "linux" and threading.active_count() == 1
    context: Any = multiprocessing.get_context("fork" if forks else "spawn")
    process = context.Process(target=_serve, args=(theirs, ours if forks else None), daemon=True)
    try:
        process.start()
    except (OSError, RuntimeError):
        ours.close()
        theirs.close()
        return None
    theirs.close()
    return _Worker(process, ours)


def _stop(worker: _Worker) -> None:
    worker.pipe.close()
    if worker.process.is_alive():
        worker.process.kill()
    worker.process.join()
    worker.process.close()


def _receive(worker: _Worker, outcomes: list[Outcome]) -> bool:
    """Take one answer; False if the worker has died."""
    try:
        answer = worker.pipe.recv_bytes()
    except (EOFError, OSError):
        return False
    if answer == _READY:
        worker.ready = True
        return True
    index, kind, value = marshal.loads(answer)
    worker.batch.popleft()
    outcomes[index] = (kind, value)
    return True


def _send(worker: _Worker, batch: deque[int], texts: Sequence[str], deep: bool) -> None:
    worker.batch = batch
    # A worker that has died meanwhile: the next wait finds its pipe closed and deals with the batch.
    with contextlib.suppress(OSError):
        worker.pipe.send_bytes(marshal.dumps((deep, [(index, texts[index]) for index in batch])))


def _serve(pipe: Connection, inherited: Connection | None) -> None:
    """The life of a worker: ends when the main process closes its end of the pipe."""
    if inherited is not None:
        inherited.close()
    _die_quietly()
    gc.disable()  # lowering makes no cycles
    with contextlib.suppress(EOFError, OSError):
        pipe.send_bytes(_READY)
        while True:
            deep, batch = marshal.loads(pipe.recv_bytes())
            for answer in _answers(batch, deep):
                pipe.send_bytes(answer)


def _answers(batch: Sequence[tuple[int, str]], deep: bool) -> Iterator[bytes]:
    for index, text in batch:
        kind, value = lower_safely(text, deep)
        try:
            yield marshal.dumps((index, kind, value))
        except ValueError:
            yield marshal.dumps((index, "syntax", (1, 0, "nested too deeply")))


def _die_quietly() -> None:
    """Leave interrupts to the main process, and no traceback or core file where the stack overflows."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    faulthandler.disable()
    if os.name == "posix":
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, resource.getrlimit(resource.RLIMIT_CORE)[1]))
