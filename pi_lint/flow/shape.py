"""The shape of a call's arguments: the key of a summary, and the callee's view of them.

A shape keeps what an analysis can depend on (which objects, with which keys, which
constants) and leaves the unknown parts open as numbered leaves; see `summary.py`.
"""

from __future__ import annotations

import re
from typing import Any

from pi_lint.flow.domain import CLEAN, CUT_MARK, Labels, Ref, Value
from pi_lint.flow.formatting import beginning
from pi_lint.flow.frame import Frame
from pi_lint.flow.heap import Heap, Obj
from pi_lint.flow.show import shown
from pi_lint.flow.summary import MAX_NODES, MAX_SHAPE_DEPTH, Context

_MAX_KEY_TEXT = 400
# Texts that an analysis can depend on: names, keys, addresses, formats without blanks, queries. Messages are not.
_TELLING = re.compile(r"\S{0,80}\Z|\S*://|\s*(?:select|insert|update|delete|with)\b|[^%{]{0,40}[%{]", re.IGNORECASE)

Recipe = tuple[Any, ...]

_CALLABLE = frozenset({"func", "scope", "bound"})


class Shape:
    """Arguments taken apart: a hashable key, the caller's leaves and nodes, in the order of their numbers."""

    __slots__ = ("constants", "fr", "leaf_index", "leaf_names", "leaf_recipes", "leaves", "max_depth", "node_index",
                 "node_recipes", "nodes")  # fmt: skip

    def __init__(self, fr: Frame, constants: bool = True, structure: bool = True) -> None:
        self.fr = fr
        self.constants = constants
        self.max_depth = MAX_SHAPE_DEPTH if structure else 0
        self.leaves: list[Value] = []
        self.leaf_names: list[str] = []
        self.leaf_index: dict[Any, int] = {}
        self.leaf_recipes: list[Recipe] = []
        self.nodes: list[Ref] = []
        self.node_index: dict[Ref, int] = {}
        self.node_recipes: list[Recipe | None] = []

    def recipe(self, value: Value, name: str, depth: int = 0) -> Recipe:
        """How to rebuild a value: (leaf number or -1, constants, other, nodes, shared objects, prefix)."""
        nodes: list[int] = []
        shared: list[Ref] = []
        opaque: list[Ref] = []
        prefix = ""
        for ref in value.refs:
            if ref.kind == "ext":
                shared.append(ref)
            elif ref.kind == "opaque":
                if isinstance(ref.info, tuple) and ref.info[0] == "prefix":
                    prefix = beginning(value)
                else:
                    opaque.append(ref)
            elif self.fr.engine.is_global(ref):
                shared.append(ref)
            else:
                number = self.node(ref, name, depth)
                if number >= 0:
                    nodes.append(number)
                else:
                    opaque.append(ref)
        labels = value.labels
        leaf = -1
        cut = [ref for ref in opaque if ref.kind != "opaque"]
        if cut:  # objects past the bounds: what they show stands for them
            content = Value((), shown(self.fr, Value(tuple(cut)), "data"))
            labels = self.fr.domain.join_labels(labels, self.fr.domain.map_labels(content, (CUT_MARK,)))
            opaque = [ref for ref in opaque if ref.kind == "opaque"]
        if opaque or labels:
            leaf = self.leaf(Value(tuple(opaque), labels, (), value.other, value.test), name, depth)
        consts: tuple[Any, ...] = ()
        other = value.other
        if value.consts:
            consts = tuple(sorted(((type(c).__name__, c) for c in value.consts if self._kept(c)), key=repr))
            other = other or len(consts) < len(value.consts)
        return (leaf, consts, other, tuple(nodes), tuple(shared), prefix)

    def _kept(self, const: object) -> bool:
        if const is None or isinstance(const, (bool, type(...))):
            return True
        if isinstance(const, str):
            return self.constants and len(const) <= _MAX_KEY_TEXT and bool(_TELLING.match(const))
        if isinstance(const, bytes):
            return len(const) <= _MAX_KEY_TEXT and self.constants
        return isinstance(const, (int, float)) and self.constants

    def leaf(self, value: Value, name: str, depth: int) -> int:
        """The number of a leaf; equal values share one, so that aliases stay aliases."""
        key = (value.refs, frozenset(value.labels))
        found = self.leaf_index.get(key)
        if found is not None:
            return found
        number = len(self.leaves)
        self.leaf_index[key] = number
        self.leaves.append(value)
        self.leaf_names.append(name)
        self.leaf_recipes.append(())
        tname = next((ref.tname for ref in value.refs if ref.tname is not None), None)
        overlay: tuple[Any, ...] = ()
        if len(value.refs) == 1 and depth < self.max_depth:
            obj = self.fr.live.heap.get(value.refs[0])
            if obj is not None and obj.kind == "overlay":
                overlay = tuple(
                    (key, self.recipe(item, key if isinstance(key, str) else "", depth + 1))
                    for key, item in obj.fields.items()
                )
        self.leaf_recipes[number] = (tname, overlay)
        return number

    def node(self, ref: Ref, name: str, depth: int) -> int:
        """The number of a known object, described by its contents; -1 past the bounds."""
        found = self.node_index.get(ref)
        if found is not None:
            return found
        obj = self.fr.obj(ref)
        if obj is None or (depth >= self.max_depth and obj.kind not in _CALLABLE) or len(self.nodes) >= MAX_NODES:
            return -1
        number = len(self.nodes)
        self.node_index[ref] = number
        self.nodes.append(ref)
        self.node_recipes.append(None)
        fields = tuple(
            (key, self.recipe(value, key if isinstance(key, str) else "", depth + 1))
            for key, value in obj.fields.items()
        )
        rest = self.recipe(obj.rest, "", depth + 1)
        keys = self.recipe(obj.keys, "", depth + 1)
        self.node_recipes[number] = (
            obj.kind, obj.cls, obj.exact, obj.multi, fields, rest, keys, ref.tname, ref.owner or "",
            ref.name or ref.hint,
        )  # fmt: skip
        return number

    def key(self, recipes: tuple[Recipe, ...]) -> Any:
        """The hashable key of all arguments together."""
        return (recipes, tuple(self.node_recipes), tuple(self.leaf_recipes))


class Rebuilt:
    """The callee's own copies of a shape's leaves and nodes."""

    __slots__ = ("ctx", "heap", "leaves", "nodes", "shape", "values")

    def __init__(self, shape: Shape, ctx: Context, heap: Heap, pos: int) -> None:
        self.shape = shape
        self.ctx = ctx
        self.heap = heap
        fr = shape.fr
        self.leaves = [
            ctx.opaque(pos, ("leaf", number), name, recipe[0])
            for number, (name, recipe) in enumerate(zip(shape.leaf_names, shape.leaf_recipes, strict=True))
        ]
        self.nodes = [
            ctx.alloc(pos, ("node", number), recipe[9] if recipe else "", recipe[7] if recipe else None)
            for number, recipe in enumerate(shape.node_recipes)
        ]
        for leaf in self.leaves:
            leaf.op = ("leaf", leaf.op)
        for ref, recipe in zip(self.nodes, shape.node_recipes, strict=True):
            assert recipe is not None
            kind, cls, exact, multi, fields, rest, keys, _, owner, _ = recipe
            ref.owner = owner
            heap.put(
                ref,
                Obj(kind, cls, {key: self.value(fr, item) for key, item in fields}, self.value(fr, rest),
                    self.value(fr, keys), exact, multi),
            )  # fmt: skip
        for ref, recipe in zip(self.leaves, shape.leaf_recipes, strict=True):
            if recipe[1]:
                heap.put(ref, Obj("overlay", None, {key: self.value(fr, item) for key, item in recipe[1]}))

    def value(self, fr: Frame, recipe: Recipe) -> Value:
        """A value in the callee's terms."""
        leaf, consts, other, nodes, shared, prefix = recipe
        refs = tuple(self.nodes[number] for number in nodes) + shared
        labels: Labels = {}
        if leaf >= 0:
            ref = self.leaves[leaf]
            refs = (*refs, ref)
            labels = {fr.domain.label(ref): None}
        if prefix:
            text = self.ctx.opaque(0, ("text", prefix))
            text.info = ("prefix", prefix)
            refs = (*refs, text)
        if not refs and not consts and not other:
            return Value()
        if not refs and not consts and other:
            return CLEAN
        return Value(refs, labels, tuple(const for _, const in consts), other)
