"""What an annotation or a field's declared type says: a category, a class, that it cannot hold PI."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pi_lint.flow.domain import BOTTOM, Value
from pi_lint.frontend.ir import Node
from pi_lint.project.program import Class, Module

if TYPE_CHECKING:
    from pi_lint.flow.engine import Engine

_MAX_DEPTH = 6
_SCALARS = frozenset({"builtins.str", "builtins.bytes", "builtins.int", "builtins.float", "builtins.object"})


@dataclass(frozen=True, slots=True)
class Declared:
    """What is known of a declared type. target: a class of the project or a library's type name."""

    category: str = ""
    clean: bool = False
    target: Any = None
    many: bool = False
    tname: str | None = None
    secret: bool = False
    encrypted: bool = False


UNKNOWN = Declared()


class Annotations:
    """Reads annotations with the knowledge of field types (`fields:` in library packs)."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.types: dict[str, dict[str, Any]] = {}
        self.by_last: dict[str, dict[str, Any]] = {}
        for entry in engine.knowledge.extra.get("fields", ()):
            for name in entry.get("names", ()):  # type: ignore[attr-defined]
                if name.startswith("*."):
                    self.by_last[name[2:]] = dict(entry)
                else:
                    self.types[name] = dict(entry)
        self._memo: dict[tuple[int, int], Declared] = {}

    def of_type(self, dotted: str) -> dict[str, Any] | None:
        """The entry of a field type, by its full name or, for well-known last names, by that."""
        return self.types.get(dotted) or self.by_last.get(dotted.rpartition(".")[2])

    def read(self, module: Module, node: Node) -> Declared:
        """What an annotation says."""
        key = (module.index, node[1])
        found = self._memo.get(key)
        if found is None:
            found = self._read(module, node, 0)
            self._memo[key] = found
        return found

    def resolve(self, module: Module, node: Node) -> Value:
        """The class or library name that a name or attribute in an annotation means."""
        if node[0] == "name":
            obj = self.engine.globals.get(self.engine.module_ref(module))
            value = obj.fields.get(node[2]) if obj is not None else None
            if value is not None:
                return value
            return self.engine.external(f"builtins.{node[2]}")
        if node[0] == "attr":
            base = self.resolve(module, node[2])
            result = BOTTOM
            for ref in base.refs:
                obj = self.engine.globals.get(ref)
                if obj is not None and node[3] in obj.fields:
                    result = self.engine.domain.join(result, obj.fields[node[3]])
                elif ref.tname is not None:
                    result = self.engine.domain.join(result, self.engine.external(f"{ref.tname}.{node[3]}"))
            return result
        return BOTTOM

    def _read(self, module: Module, node: Node, depth: int) -> Declared:
        if depth > _MAX_DEPTH:
            return UNKNOWN
        kind = node[0]
        if kind == "const" and isinstance(node[2], str):
            return self._forward(module, node, depth)
        if kind in ("name", "attr"):
            return self._named(module, node)
        if kind == "bin":
            return self._first(module, [node[2], *(item for _, item in node[3])], depth)
        if kind == "sub":
            return self._subscript(module, node, depth)
        return UNKNOWN

    def _forward(self, module: Module, node: Node, depth: int) -> Declared:
        text = node[2].strip().partition("|")[0].strip()
        if text.replace(".", "").replace("_", "").isalnum():
            target: Node = ("name", node[1], text.partition(".")[0])
            for part in text.split(".")[1:]:
                target = ("attr", node[1], target, part)
            return self._named(module, target)
        return UNKNOWN

    def _first(self, module: Module, nodes: list[Node], depth: int) -> Declared:
        """Of a union, the first member that tells something."""
        answers = [self._read(module, node, depth + 1) for node in nodes if not _is_none(node)]
        for answer in answers:
            if answer != UNKNOWN and not answer.clean:
                return answer
        return answers[0] if answers and all(answer.clean for answer in answers) else UNKNOWN

    def _named(self, module: Module, node: Node) -> Declared:
        value = self.resolve(module, node)
        for ref in value.refs:
            obj = self.engine.globals.get(ref)
            if obj is not None and obj.kind == "class" and isinstance(obj.cls, Class):
                return Declared(target=obj.cls)
            if ref.tname is not None:
                entry = self.of_type(ref.tname)
                if entry is not None:
                    return from_entry(entry)
                if ref.tname in _SCALARS:
                    return UNKNOWN
                typed = self.engine.knowledge.type_of_call(ref.tname)
                return Declared(tname=typed[0].type if typed else ref.tname)
        return UNKNOWN

    def _subscript(self, module: Module, node: Node, depth: int) -> Declared:
        base = self.resolve(module, node[2])
        dotted = next((ref.tname for ref in base.refs if ref.tname is not None), "") or ""
        index = node[3]
        parts = list(index[2]) if index[0] == "tuple" else [index]
        entry = self.of_type(dotted) or {}
        role = entry.get("role", "")
        if role == "many":
            inner = self._read(module, parts[-1], depth + 1)
            return Declared(inner.category, inner.clean, inner.target, True, inner.tname)
        if role == "annotated":
            for part in parts[1:]:
                if part[0] == "call" and part[3] and part[3][0][0] == "const":
                    marker = self.resolve(module, part[2])
                    names = [ref.tname for ref in marker.refs if ref.tname is not None]
                    if any((self.of_type(name) or {}).get("role") == "marker" for name in names):
                        return Declared(category=str(part[3][0][2]))
            return self._read(module, parts[0], depth + 1)
        if role in ("transparent", "union"):
            return self._first(module, parts, depth)
        return UNKNOWN


def _is_none(node: Node) -> bool:
    return node[0] == "const" and node[2] is None


def from_entry(entry: dict[str, Any]) -> Declared:
    """What the entry of a field type says."""
    return Declared(
        category=str(entry.get("category", "")),
        clean=bool(entry.get("clean", False)),
        secret=bool(entry.get("secret", False)),
        encrypted=bool(entry.get("encrypted", False)),
        tname=entry.get("gives"),
    )
