"""Summaries: what a caller needs to know of a function analysed for one shape of arguments.

A function is analysed with its arguments as *leaves* (opaque references, one an unknown
part) and *nodes* (copies of the known objects among them):

    def label(parcel, prefix): return prefix + parcel["to"]
    label({"to": user.phone}, "#")     shape: dict{"to": leaf0}, const "#"
    result: labels {leaf0}             at the call: leaf0 is user.phone, so the result shows user.phone

so one analysis serves every call of the same shape, and the flows, effects and facts it
found are rewritten in the caller's terms (`instantiate.py`).
"""

from __future__ import annotations

from typing import Any, Final, NamedTuple

from pi_lint.flow.domain import BOTTOM, NO_FACTS, Facts, Label, Place, Ref, Trace, Value
from pi_lint.flow.heap import Heap, Obj, State
from pi_lint.project.program import Function, Module

MAX_CONTEXTS: Final = 8  # shapes of one function before constants are left out of the key
MAX_WRAPPERS: Final = 1500  # shapes of one function over all functions that it was made to wrap
MAX_NODES: Final = 24  # known objects followed through the arguments of one call
MAX_SHAPE_DEPTH: Final = 4
MAX_FLOWS: Final = 400  # flows that one summary carries to its callers
MAX_EFFECTS: Final = 150  # objects that one call changes for its caller
MAX_STEPS: Final = 60_000  # statements and expressions evaluated for one shape
MAX_CALL_DEPTH: Final = 60
MAX_ROUNDS: Final = 4  # repetitions of a recursive function, and of the whole program


class Hit(NamedTuple):
    """One sink expression as one analysis saw it; `concept` is a concept of rules/concepts.yaml."""

    concept: str
    sink: str
    place: Place
    exempt: frozenset[str] = frozenset()
    purpose: str = ""
    vendor: str = ""
    host: str = ""
    entry: bool = False
    many: bool = False
    confidence: str = "high"


Flows = dict[tuple[Hit, Label], Trace]


class Summary:
    """The result of one analysis of a function (see the module docstring); filled as it runs."""

    __slots__ = ("calls", "complete", "effects", "established", "flows", "function", "heap", "key", "leaves", "nodes",
                 "raised", "reads", "result", "returns", "used_early", "yields")  # fmt: skip

    def __init__(self, key: Any, function: Function | None) -> None:
        self.key = key
        self.function = function
        self.result: Value = BOTTOM
        self.yields: Value = BOTTOM
        self.flows: Flows = {}
        self.effects: dict[Ref, Obj] = {}
        self.heap: dict[Ref, Obj] = {}  # objects made here, as they are when it ends
        self.established: Facts = NO_FACTS
        self.returns = False
        self.raised: Value = BOTTOM
        self.leaves: list[Ref] = []
        self.nodes: list[Ref] = []
        self.reads: set[Ref] = set()
        self.calls: dict[int, Summary] = {}
        self.complete = False
        self.used_early = False


class Context:
    """One analysis under way: the summary it fills and the references it makes."""

    __slots__ = ("base", "entry", "function", "module", "refs", "returned", "route", "steps", "summary")

    def __init__(self, summary: Summary, module: Module, function: Function | None, base: Heap) -> None:
        self.summary = summary
        self.module = module
        self.function = function
        self.base = base
        self.refs: dict[Any, Ref] = {}
        self.returned: list[tuple[Value, State]] = []
        self.steps = 0
        self.entry: Any = None
        self.route: Any = None

    def alloc(self, pos: int, tag: Any, name: str = "", tname: str | None = None) -> Ref:
        """The known object made at this place of this analysis."""
        return self._made("alloc", pos, tag, name, tname)

    def opaque(self, pos: int, tag: Any, name: str = "", tname: str | None = None) -> Ref:
        """The unknown object that this place of this analysis gives."""
        return self._made("opaque", pos, tag, name, tname)

    def _made(self, kind: str, pos: int, tag: Any, name: str, tname: str | None) -> Ref:
        key = (kind, pos, tag, tname)
        ref = self.refs.get(key)
        if ref is None:
            ref = self.refs[key] = Ref(kind, None, (tag,), name, (self.module.index, pos))
            ref.tname = tname
            ref.maker = self.summary
        return ref
