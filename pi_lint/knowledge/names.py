"""What a name says of the value behind it: its category of personal information, if any.

A name is parted into words, and the *head* of the compound decides (SPEC 4.1):

    user.backup_email         head email; the owner is a person            email
    email_template            head template, which is no head of any category
    phones_by_user            what follows a preposition is cut            phone
    has_phone, send_email     a yes or no, an action
    company.phone             an organisation's                            nothing
    product.name              `name` needs a person as its owner           nothing
    customer_company_name     the nearest word before the head owns it     nothing

Heads are of four kinds. *sure* ones count wherever no organisation and no machinery owns
the value; *header* ones likewise, also in upper case without an owner; *personal* ones
unless the owner is known to be no person; *ambiguous* ones only with a person.
All words live in `rules/taxonomy`; this module knows none.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from pi_lint.knowledge.words import Vocabulary, without_brackets
from pi_lint.model import Confidence, Sensitivity

_SENSITIVITY: Final[Mapping[str, Sensitivity]] = {
    "low": Sensitivity.LOW,
    "medium": Sensitivity.MEDIUM,
    "high": Sensitivity.HIGH,
}
_LONGEST_NAME: Final = 64  # longer texts are sentences, not names
_LONGEST_PHRASE: Final = 7  # words of a head, written apart
_LONGEST_OWNER: Final = 3
_SHORTEST_JOIN: Final = 4  # shorter heads must be one word: `i_p` is no ip
_CONFIDENCE: Final[Mapping[str, Confidence]] = {"initials": "medium", "weak": "low"}


@dataclass(frozen=True, slots=True)
class NameMatch:
    """A category that a name stands for. `reason` is a short English explanation."""

    category: str
    confidence: Confidence
    reason: str
    ambiguous: bool


@dataclass(frozen=True, slots=True)
class _Category:
    name: str
    order: int
    sensitivity: Sensitivity
    usual_length: int | None
    guessable: bool
    unguessable: frozenset[str]
    unless_organisation: bool
    unless_technical: bool
    owners: frozenset[str]
    not_after: frozenset[str]
    not_of: frozenset[str]


@dataclass(frozen=True, slots=True)
class _Head:
    text: str
    joined: str
    category: _Category
    kind: str


class Names:
    """The compiled taxonomy. Answers depend on the arguments alone and are remembered."""

    def __init__(self, taxonomy: Mapping[str, Mapping[str, Any]]) -> None:
        stop, owners = taxonomy["stopwords"], taxonomy["owners"]
        self._vocabulary = Vocabulary(_texts(stop, "glued"), stop.get("irregular_plurals", {}))
        self._stop = {key: self._vocabulary.learn(_texts(stop, key)) for key in stop if key != "irregular_plurals"}
        self._owner = {key: self._vocabulary.learn(_texts(owners, key)) for key in owners}
        self._categories: dict[str, _Category] = {}
        self._heads: dict[str, _Head] = {}
        numbers = _texts(stop, "number_words")
        categories = [data for data in taxonomy.values() if "category" in data]
        for data in sorted(categories, key=lambda data: (data["order"], data["category"])):
            self._add_category(data, numbers)
        self._matches: dict[tuple[str, str | None], NameMatch | None] = {}
        self._persons: dict[str, bool | None] = {}
        self.categories: tuple[str, ...] = tuple(self._categories)

    @classmethod
    def build(cls, taxonomy: Mapping[str, Mapping[str, Any]]) -> Names:
        """Compile the parsed files of `rules/taxonomy`, given by file stem.

        Raises KeyError where `owners`, `stopwords` or a required key is missing, and
        ValueError where two categories claim the same head.
        """
        return cls(taxonomy)

    # -- building ----------------------------------------------------------------------

    def _add_category(self, data: Mapping[str, Any], numbers: Sequence[str]) -> None:
        learn = self._vocabulary.learn
        category = _Category(
            name=data["category"],
            order=data["order"],
            sensitivity=_SENSITIVITY[data["sensitivity"]],
            usual_length=data.get("usual_length"),
            guessable=bool(data.get("guessable", True)),
            unguessable=learn(_texts(data, "unguessable")),
            unless_organisation=bool(data.get("unless_organisation", False)),
            unless_technical=bool(data.get("unless_technical", False)),
            owners=learn(_texts(data, "owners")),
            not_after=learn(_texts(data, "not_after")),
            not_of=learn(_texts(data, "not_of")),
        )
        self._categories[category.name] = category
        phrases: dict[str, Iterable[str]] = {
            "header": _texts(data, "headers"),
            "sure": [*_texts(data, "heads"), *_compounds(data), *_products(_texts(data, "numbered"), numbers)],
            "personal": _texts(data, "personal"),
            "ambiguous": _texts(data, "ambiguous"),
            "initials": _texts(data, "initials"),
            "weak": _texts(data, "weak_initials"),
        }
        for kind, texts in phrases.items():
            for text in texts:
                for joined in learn([text]):
                    known = self._heads.setdefault(joined, _Head(text, joined, category, kind))
                    if known.category is not category:
                        raise ValueError(f"{text!r} is a head of both {known.category.name} and {category.name}")

    # -- categories --------------------------------------------------------------------

    def sensitivity(self, category: str) -> Sensitivity:
        """How sensitive a category is; raises KeyError for an unknown one."""
        return self._categories[category].sensitivity

    def usual_length(self, category: str) -> int | None:
        """How many characters a usual value has (SPEC 8.40), None where that says nothing."""
        return self._categories[category].usual_length

    def guessable(self, category: str, name: str = "") -> bool:
        """Whether values can be guessed, so that a plain hash protects nothing (SPEC 8.41).

        `name` is the identifier that holds the value, where it is known: an open id is a
        device identifier that nobody can guess.
        """
        known = self._categories[category]
        if name and known.unguessable:
            found = self._find(self._vocabulary.words(name))
            if found is not None and found[2].joined in known.unguessable:
                return False
        return known.guessable

    # -- words and owners --------------------------------------------------------------

    def words(self, name: str) -> tuple[str, ...]:
        """The words of a name as they are written, in lower case."""
        return self._vocabulary.split(name)

    def person(self, owner: str) -> bool | None:
        """Whether the name of an object says a person (True), no person (False) or neither (None)."""
        if owner not in self._persons:
            self._persons[owner] = {"person": True, "": None}.get(self._owner_kind(owner), False)
        return self._persons[owner]

    def _owner_words(self, owner: str) -> tuple[str, ...]:
        words = list(self._vocabulary.words(owner))
        while len(words) > 1 and words[-1] in self._owner["carriers"]:
            words.pop()
        return tuple(words)

    def _owner_kind(self, owner: str) -> str:
        """person, organisation, thing, system, or nothing where its last word is not known."""
        words = self._owner_words(owner)
        kind, size = self._kind_of_last(words)
        if kind == "person" and any(word in self._owner["stores"] for word in words[:-size]):
            return "thing"
        return kind

    def _kind_of_last(self, words: Sequence[str]) -> tuple[str, int]:
        """What the last word or phrase names, and of how many words it is made."""
        for size in range(min(_LONGEST_OWNER, len(words)), 0, -1):
            phrase = "".join(words[-size:])
            for key, kind in (
                ("persons", "person"), ("organisations", "organisation"), ("systems", "system"), ("things", "thing"),
            ):  # fmt: skip
                if phrase in self._owner[key]:
                    return kind, size
        return "", 1

    # -- classification ----------------------------------------------------------------

    def classify(self, name: str, owner: str | None = None) -> NameMatch | None:
        """The category of an identifier, key, column or heading, or None.

        `owner` is the name of the nearest owner: the variable, attribute, key or class
        that it is read from; None for a bare variable.
        """
        key = (name, owner)
        if key not in self._matches:
            self._matches[key] = self._classify(name, owner)
        return self._matches[key]

    def _classify(self, name: str, owner: str | None) -> NameMatch | None:
        if len(name) > _LONGEST_NAME or (name.startswith("__") and name.endswith("__")):
            return None
        words = self._vocabulary.words(without_brackets(name))
        found = self._find(words)
        if found is None:
            return None
        start, end, head, tail = found
        modifiers = words[:start]
        if self._is_about_the_value(modifiers) or any(word in self._stop["protected"] for word in words[end:]):
            return None
        if tail and tail[0] in self._stop["owner_prepositions"]:
            owner = " ".join(tail[1:]) or owner
        if owner is None and head.kind != "header" and name.isupper() and name.isascii():
            return None  # a constant of the program, which is no user's
        return self._decide(head, modifiers, owner)

    def _find(self, words: Sequence[str]) -> tuple[int, int, _Head, Sequence[str]] | None:
        """The head of a compound: where it starts and ends, what it is, and what a preposition adds."""
        end = len(words)
        while end > 0:
            for size in range(min(_LONGEST_PHRASE, end), 0, -1):
                phrase = "".join(words[end - size : end])
                head = self._heads.get(phrase)
                if head is None or (size > 1 and len(phrase) < _SHORTEST_JOIN and phrase.isascii()):
                    continue
                if head.kind in _CONFIDENCE and size > 1:
                    continue
                return end - size, end, head, ()
            if words[end - 1] not in self._stop["neutral"]:
                break
            end -= 1
        for position in range(1, len(words) - 1):
            if words[position] in self._stop["prepositions"]:
                found = self._find(words[:position])
                return None if found is None else (*found[:3], words[position:])
        return None

    def _is_about_the_value(self, modifiers: Sequence[str]) -> bool:
        """Whether the words before a head make the whole a flag, a count, an action, a place or a protected form."""
        if not modifiers:
            return False
        stop = self._stop
        first = modifiers[0]
        return (
            first in stop["predicates"]
            or first in stop["verbs"]
            or first in stop["counts"]
            or "".join(modifiers[:2]) in stop["counts"]
            or first in stop["places"]
            or modifiers[-1] in stop["places"]
            or any(word in stop["protected"] or word in stop["cutting_prepositions"] for word in modifiers)
        )

    def _decide(self, head: _Head, modifiers: Sequence[str], owner: str | None) -> NameMatch | None:
        category = head.category
        owner_kind = self._owner_kind(owner) if owner else ""
        if owner_kind == "system":
            return None
        near, near_kind, after = self._nearest(modifiers)
        if any(phrase in category.not_after for phrase in _phrases(after)):
            return None
        if category.unless_technical and self._technical(modifiers, near_kind, owner, owner_kind):
            return None
        if owner and near_kind != "person" and self._last_in(self._owner_words(owner), category.not_of):
            return None
        if category.unless_organisation and "organisation" in (near_kind, owner_kind) and near_kind != "person":
            return None
        person = near_kind == "person" or (owner_kind == "person" and near_kind != "thing")
        confidence: Confidence = _CONFIDENCE.get(head.kind, "high")
        if head.kind == "weak" and near_kind != "person" and modifiers:
            return None
        no_person = "thing" in (near_kind, owner_kind) or owner_kind == "organisation"
        if head.kind == "personal" and no_person and not person:
            return None
        if head.kind == "ambiguous":
            related = self._last_in((near,), category.owners) if near else self._owned(owner, category.owners)
            if near and near_kind != "person":
                person = False
            if not person and not related:
                return None
            confidence = "high" if person else "medium"
        by = near if near_kind == "person" else owner if owner_kind == "person" else ""
        reason = f"head '{head.text}'"
        if modifiers:
            reason += f" after modifier '{modifiers[-1]}'"
        if by:
            reason += f" of '{by}'"
        return NameMatch(category.name, confidence, reason, head.kind == "ambiguous")

    def _nearest(self, modifiers: Sequence[str]) -> tuple[str, str, Sequence[str]]:
        """The nearest word before the head that can own it, what it names, and the words from it on."""
        end = len(modifiers)
        while end > 0 and modifiers[end - 1] in self._stop["adjectives"]:
            end -= 1
        if end == 0:
            return "", "", modifiers
        kind, size = self._kind_of_last(modifiers[:end])
        near = " ".join(modifiers[end - size : end])
        return near, kind, modifiers[end - size :] if kind == "person" else modifiers

    def _technical(self, modifiers: Sequence[str], near_kind: str, owner: str | None, owner_kind: str) -> bool:
        """Whether a credential is one of the system (SPEC 2)."""
        stores, technical = self._owner["stores"], self._owner["technical"]
        if any(phrase in stores for phrase in _phrases(modifiers)):
            return True
        if near_kind != "person" and any(phrase in technical for phrase in _phrases(modifiers)):
            return True
        if not owner:
            return False
        words = self._owner_words(owner)
        if any(phrase in stores for phrase in _phrases(words)):  # in pairs too, for PayPalClient
            return True
        if owner_kind == "person" or near_kind == "person" or (len(words) == 1 and words[0] in self._owner["either"]):
            return False
        return self._last_in(words, technical)

    def _owned(self, owner: str | None, owners: frozenset[str]) -> bool:
        """Whether an owner's last word is among those that a category accepts, as it stands or without carriers."""
        if not owner:
            return False
        return self._last_in(self._vocabulary.words(owner), owners) or self._last_in(self._owner_words(owner), owners)

    @staticmethod
    def _last_in(words: Sequence[str], known: frozenset[str]) -> bool:
        joined = [word.replace(" ", "") for word in words]
        return any("".join(joined[-size:]) in known for size in range(1, min(_LONGEST_OWNER, len(joined)) + 1))


def _texts(data: Mapping[str, Any], key: str) -> list[str]:
    """A list of words of the taxonomy; numbers that YAML read as such are words again."""
    return [str(text) for text in data.get(key) or ()]


def _products(heads: Iterable[str], tails: Sequence[str]) -> Iterator[str]:
    for head in heads:
        for tail in tails:
            yield f"{head} {tail}"


def _compounds(data: Mapping[str, Any]) -> Iterator[str]:
    for compound in data.get("compounds") or ():
        yield from _products(_texts(compound, "heads"), _texts(compound, "tails"))


def _phrases(words: Sequence[str]) -> Iterator[str]:
    """Each word and each pair of neighbours, joined."""
    yield from words
    for left, right in zip(words, words[1:], strict=False):
        yield left + right
