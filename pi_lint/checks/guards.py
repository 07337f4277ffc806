"""What a fact means: consent of whom and for what, a permission, a review, an audit record (SPEC 6, 8.17-8.19)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pi_lint.flow.domain import Fact, Held, Named, Pi, Ref, Source
from pi_lint.knowledge.compiled import Knowledge
from pi_lint.knowledge.guards import GuardMatch

_PROMOTING = frozenset({"marketing", "advertising", "analytics", "profiling"})


@dataclass(frozen=True, slots=True)
class Guard:
    """A fact understood. subjects: the objects that it is about; empty where it cannot be told."""

    kind: str
    purposes: frozenset[str]
    subjects: tuple[Ref, ...]


class Guards:
    """Understands facts, with the words of `rules/guards.yaml`; remembers its answers."""

    def __init__(self, knowledge: Knowledge) -> None:
        self.knowledge = knowledge
        self.words = knowledge.guards
        self._memo: dict[Fact, Guard | None] = {}

    def of(self, fact: Fact) -> Guard | None:
        """What a fact guards, if anything."""
        if fact not in self._memo:
            self._memo[fact] = self._of(fact)
        return self._memo[fact]

    def _of(self, fact: Fact) -> Guard | None:
        ref = fact.ref
        info = ref.info if isinstance(ref.info, tuple) and ref.info and ref.info[0] in ("call", "setting") else None
        if fact.op in ("false", "none", "ne", "notin"):
            return None
        if info is not None:
            return self._of_call(fact, ref, info)
        if fact.op in ("called", "decorated"):
            return None
        match = self._match(ref)
        if match is None or not match.positive:
            return None
        purposes = match.purposes
        if fact.op == "eq":
            if isinstance(fact.const, str) and self.words.of_value(fact.const) is not True:
                return None
            if isinstance(fact.const, (int, float)) and not fact.const:
                return None
        if fact.op == "among":
            values = [self.words.of_value(text) for text in str(fact.const).split("|")]
            if not all(value is True for value in values):
                return None
        if fact.op == "in":
            if isinstance(fact.const, str):
                purposes = purposes | self.words.purposes_of(fact.const)
            elif match.kind == "consent" and fact.const is None and "in" != fact.op:
                return None
        return Guard(match.kind, purposes, self._owners(ref))

    def _match(self, ref: Ref) -> GuardMatch | None:
        name = ref.op[1] if ref.op[0] in ("a", "k") else ref.name or ref.hint
        if not isinstance(name, str):
            return None
        match = self.words.of_name(name) if name else None
        if match is None and ref.hint and ref.hint != name:
            match = self.words.of_name(ref.hint)
        if match is None and ref.parent is not None and ref.op[0] in ("a", "k"):
            parent = ref.parent
            label = parent.name or parent.hint
            match = self.words.of_name(f"{label}.{name}") if label else None
        return match

    def _of_call(self, fact: Fact, ref: Ref, info: tuple[Any, ...]) -> Guard | None:
        _, dotted, target, refs, consts = info
        last = str(dotted).rpartition(".")[2]
        chain = [last]
        item: Ref | None = target
        while item is not None:
            inner = item.info if isinstance(item.info, tuple) and item.info and item.info[0] == "call" else None
            if inner is not None:
                chain.append(str(inner[1]).rpartition(".")[2])
                consts = (*consts, *inner[4])
                item = inner[2]
                continue
            name = item.op[1] if item.op[0] in ("a", "k") and isinstance(item.op[1], str) else item.name or item.hint
            if name:
                chain.append(str(name))
            refs = (*refs, item)
            item = item.parent
        match = self._match_chain(chain, consts)
        if match is None or not match.positive:
            return None
        if fact.op == "called" and not self._demands(last):
            return None
        if fact.op == "eq" and isinstance(fact.const, str) and self.words.of_value(fact.const) is False:
            return None
        purposes = match.purposes
        for _, const in consts:
            if isinstance(const, str) and len(const) < 60:
                purposes = purposes | self.words.purposes_of(const)
        subjects: list[Ref] = []
        for one in refs:
            subjects.append(one)
            subjects += list(self._owners(one))
        return Guard(match.kind, purposes, tuple(dict.fromkeys(subjects)))

    def _match_chain(self, chain: list[str], consts: tuple[Any, ...]) -> GuardMatch | None:
        """The guard that a chain of calls and the constants given to it name; a False among them takes it back."""
        for key, const in consts:
            if isinstance(key, str):
                match = self.words.of_name(key)
                if match is not None and (const is False or self.words.of_value(str(const)) is False):
                    return None
        for key, const in consts:
            if isinstance(key, str) and const is not False and const is not None:
                match = self.words.of_name(key)
                if (
                    match is not None
                    and match.positive
                    and (const is True or const == 1 or self.words.of_value(str(const)))
                ):
                    return match
        names = list(reversed(chain))
        match = self.words.of_name(names[-1])
        if match is None and len(names) > 1:
            match = self.words.of_name(".".join(names[-2:]))
        if match is None:
            for name in names[:-1]:
                found = self.words.of_name(name)
                if found is not None and names[-1] in ("exists", "filter", "get", "first", "count", "all"):
                    match = found
        if match is None:
            for _, const in consts:
                if isinstance(const, str):
                    found = self.words.of_name(const.rpartition(".")[2])
                    if found is not None and found.kind in ("permission", "review"):
                        return found
        return match

    def _demands(self, name: str) -> bool:
        words = self.knowledge.names.words(name)
        return bool(words) and (
            words[0] in self.knowledge.words["demand"] or words[-1] in self.knowledge.words["demand"]
        )

    def _owners(self, ref: Ref) -> tuple[Ref, ...]:
        owner = self.whole(ref.parent) if ref.parent is not None else None
        return (owner,) if owner is not None else ()

    def whole(self, ref: Ref | None) -> Ref | None:
        """The person that a component (a profile, settings) belongs to."""
        while ref is not None and ref.parent is not None and ref.op[0] in ("a", "k"):
            words = self.knowledge.names.words(str(ref.op[1]))
            if not words or words[-1] not in self.knowledge.words["component"]:
                break
            ref = ref.parent
        return ref

    def owner_of(self, source: Source) -> Ref | None:
        """Whose value a source is; None where it cannot be told."""
        if isinstance(source, Held):
            return self.whole(source.owner)
        if isinstance(source, Pi):
            return self.whole(source.owner)
        ref = source.under if isinstance(source, Named) else source
        return self.whole(ref.parent) if ref.parent is not None else None

    def same_person(self, guard: Guard, source: Source) -> bool:
        """Whether a guard is about the person whose value this is; an unknown owner counts as the one checked."""
        if isinstance(source, Held) and self.same_person(guard, source.inner):
            return True
        owner = self.owner_of(source)
        if owner is None or not guard.subjects or not self._is_owner(owner):
            return True
        if any(subject is owner for subject in guard.subjects):
            return True
        root = owner.root()
        if self._is_request(root):
            return any(self._is_request(subject.root()) for subject in guard.subjects)
        return not any(_tells(subject) for subject in guard.subjects) or _anonymous(owner)

    def _is_owner(self, ref: Ref) -> bool:
        """Whether a reference can own a value: a person, or something unknown that does not just name data."""
        if self._is_request(ref.root()):
            return not self._is_content(ref)
        item: Ref | None = ref
        while item is not None and item.op[0] in ("i", "as", "parsed"):
            if item.owner:
                break
            item = item.parent
        name = (item.owner or item.name or item.hint) if item is not None else ""
        if not name:
            return True
        known = self.knowledge.names.person(name)
        if known is not None:
            return known
        words = self.knowledge.names.words(name)
        return not (words and words[-1] in self.knowledge.words["data"])

    def _is_content(self, ref: Ref) -> bool:
        """Whether a reference is the content of a request, which says nothing of whose it is."""
        spec = self.knowledge.type(ref.tname) if ref.tname is not None else None
        return spec is not None and bool(spec.options.get("carrier"))

    def _is_request(self, ref: Ref) -> bool:
        if ref.tname is not None:
            spec = self.knowledge.type(ref.tname)
            if spec is not None and spec.options.get("request"):
                return True
        return (ref.name or ref.hint) == "request"

    def clears(self, code: str, guard: Guard, source: Source) -> bool:
        """Whether a guard makes a flow of this code lawful."""
        by = self.knowledge.clearing.get(code, frozenset())
        kind = "review" if guard.kind == "permission" else guard.kind
        if kind not in by:
            return False
        if kind == "consent":
            if not self._for_purpose(code, guard.purposes):
                return False
            return self.same_person(guard, source)
        return True

    def _for_purpose(self, code: str, purposes: frozenset[str]) -> bool:
        if purposes and purposes <= {"terms"}:
            return False
        if code != "PIL092" and not self._secondary(code):
            return True
        if not purposes:
            return True
        return bool(purposes & _PROMOTING)

    def _secondary(self, code: str) -> bool:
        return self.knowledge.concepts.get("analytics") == code


def _tells(ref: Ref) -> bool:
    """Whether a reference can be an owner at all (a bare constant's or a call's cannot)."""
    return ref.kind in ("opaque", "alloc")


def _anonymous(ref: Ref) -> bool:
    """Whether nothing tells who an owner is: an unnamed result."""
    return ref.parent is None and not ref.name and not ref.hint and ref.kind == "opaque"
