"""What an unknown object, a method or a parameter is by its name."""

from __future__ import annotations

from pi_lint.flow.domain import Ref
from pi_lint.knowledge.compiled import Knowledge
from pi_lint.knowledge.names import NameMatch
from pi_lint.project.program import Function


def is_mask(knowledge: Knowledge, name: str) -> bool:
    """Whether a function that is not in the project says by its name that it masks."""
    if name in knowledge.facts.masks:
        return True
    words = knowledge.names.words(name)
    if any(word in knowledge.words["unmasking"] for word in words):
        return False
    return any(word in knowledge.words["masking"] for word in words)


def is_lookup(knowledge: Knowledge, name: str) -> bool:
    """Whether a method's name says that it looks something up by its arguments."""
    words = knowledge.names.words(name)
    return bool(words) and (
        words[0] in knowledge.words["lookup"] or any(w in knowledge.words["lookup_anywhere"] for w in words)
    )


def is_predicate(knowledge: Knowledge, name: str) -> bool:
    """Whether a method's name says that it answers yes or no, or counts."""
    words = knowledge.names.words(name)
    return bool(words) and (words[0] in knowledge.words["predicate"] or words[-1] in knowledge.words["predicate_last"])


def is_keeper(knowledge: Knowledge, name: str) -> bool:
    """Whether a method's name says that its receiver keeps what it is given."""
    words = knowledge.names.words(name)
    return bool(words) and words[0] in knowledge.words["keeper"]


def holds_person(knowledge: Knowledge, ref: Ref) -> bool:
    """Whether the fields of an object are judged by name: not those of a library's own objects."""
    item: Ref | None = ref
    while item is not None:
        if item.kind == "ext":
            return False
        if item.tname is not None:
            spec = knowledge.type(item.tname)
            if spec is not None:
                return bool(spec.options.get("person", False))
        item = item.parent
    return True


def request_type(knowledge: Knowledge, name: str) -> str | None:
    """The type of a parameter that by its name is a request."""
    guessed = knowledge.guess(knowledge.names.words(name))
    spec = knowledge.type(guessed) if guessed is not None else None
    return guessed if spec is not None and spec.options.get("request") else None


def is_carrier(knowledge: Knowledge, ref: Ref) -> bool:
    """Whether an object is a request's or an answer's content, known only by what is read of it (SPEC 8.68)."""
    if isinstance(ref.info, tuple) and ref.info and ref.info[0] == "parsed":
        return True
    if ref.tname is None:
        return False
    spec = knowledge.type(ref.tname)
    if spec is not None:
        return bool(spec.options.get("carrier", False))
    return ref.tname.endswith("[]") and ref.parent is not None and is_carrier(knowledge, ref.parent)


def classify(knowledge: Knowledge, ref: Ref) -> NameMatch | None:
    """What an unknown object is by its own name and its owner's."""
    names = knowledge.names
    if ref.parent is None:
        if ref.op and ref.op[0] == "param" and ref.tname is None:
            return names.classify(ref.name, ref.owner or None)
        return None
    if ref.op[0] == "i":
        return classify(knowledge, ref.parent)
    if ref.op[0] not in ("a", "k") or not isinstance(ref.op[1], str):
        return None
    if not holds_person(knowledge, ref):
        return None
    return names.classify(ref.op[1], owner_name(ref.parent))


def owner_name(ref: Ref) -> str | None:
    """The name of the thing that a field is read from."""
    item: Ref | None = ref
    while item is not None:
        if item.owner:
            return item.owner
        if item.op[0] == "i":
            item = item.parent
            continue
        if item.op[0] == "as":
            return str(item.op[1])
        name = item.name or item.hint
        if name:
            return name
        return None
    return None


def constructor_owner(knowledge: Knowledge, function: Function) -> str:
    """Whose the arguments of a constructor are where its class is a system's: `ApiClient(username, password)`."""
    if function.owner is None or function.name != "__init__":
        return ""
    words = knowledge.names.words(function.owner.name)
    return "settings" if words and words[-1] in knowledge.words["system"] else ""


def context_name(ref: Ref) -> str | None:
    """The library name of a request-wide object (the current request, session or user), if a reference is one."""
    tag = ref.op[0] if ref.parent is None and ref.op else None
    return tag[1] if isinstance(tag, tuple) and tag[0] == "value" else None
