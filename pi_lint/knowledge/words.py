"""From an identifier, a key or a heading to its words.

    userPhoneNo2        user phone no 2
    X-Forwarded-For     x forwarded for
    IDCardNo            id card no
    客户联系电话          客户联系电话          (one run; a vocabulary parts it: 客户 联系电话)
    useremail           useremail            (the vocabulary parts it: user email)

`split` knows only the forms of writing. A `Vocabulary` knows the words of the taxonomy:
it puts words into the singular, drops numbers, and parts what is written together, but
only where known words cover all of it.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from typing import Final

_TOKEN: Final = re.compile(r"[A-Z]{2,}s(?![a-z])|[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+|[\u3400-\u9fff]+|[^\W\d_]+")
_CHINESE: Final = re.compile(r"[\u3400-\u9fff]+")
_BRACKETED: Final = re.compile(r"\([^()]*\)|（[^（）]*）|\[[^\[\]]*\]|【[^【】]*】")
_SHORTEST_PART: Final = 3  # of a word written together: userphone
_SHORTEST_HEAD: Final = 4  # of its last part; shorter ones end too many plain words (message, rename)
_LONGEST_CHINESE: Final = 8


def split(name: str, glued: Collection[str] = ()) -> tuple[str, ...]:
    """The words of a name in lower case, numbers included; `glued` are pieces that a digit does not part."""
    words: list[str] = []
    end = -1
    for token in _TOKEN.finditer(name):
        word = token.group().lower()
        if token.start() == end and words and words[-1] + word in glued:
            words[-1] += word
        else:
            words.append(word)
        end = token.end()
    return tuple(words)


def without_brackets(text: str) -> str:
    """A heading without its remarks: 手机号（必填） is 手机号."""
    return _BRACKETED.sub(" ", text)


def singular(word: str, irregular: Mapping[str, str]) -> str:
    """The singular of a word, by rule; both sides of a comparison are treated alike, so odd results do no harm."""
    known = irregular.get(word)
    if known is not None:
        return known
    if len(word) <= 3 or not word.endswith("s") or word.endswith(("ss", "us", "is")):
        return word
    if word.endswith("ies"):
        return word[:-3] + "y"
    if word.endswith(("sses", "xes", "ches", "shes")):
        return word[:-2]
    return word[:-1]


def chinese(word: str) -> bool:
    """Whether a word is written in Chinese characters."""
    return _CHINESE.fullmatch(word) is not None


class Vocabulary:
    """The words that a taxonomy knows, and the parting of names into them."""

    __slots__ = ("_glued", "_irregular", "_parts", "_words")

    def __init__(self, glued: Iterable[str], irregular: Mapping[str, str]) -> None:
        self._glued = frozenset(glued)
        self._irregular = dict(irregular)
        self._words: set[str] = set()
        self._parts: dict[str, tuple[str, ...]] = {}

    def learn(self, phrases: Iterable[str]) -> frozenset[str]:
        """Take up words and phrases; the result is their joined forms, by which they are looked up."""
        joined: set[str] = set()
        for phrase in phrases:
            words = self._singulars(split(phrase, self._glued))
            self._words.update(words)
            joined.add("".join(words))
        joined.discard("")
        self._words.update(joined)
        return frozenset(joined)

    def split(self, name: str) -> tuple[str, ...]:
        """The words of a name as they are written."""
        return split(name, self._glued)

    def words(self, name: str) -> tuple[str, ...]:
        """The words of a name for looking up: singular, without numbers, parted."""
        result: list[str] = []
        for word in self._singulars(split(name, self._glued)):
            result.extend((word,) if word in self._words else self._part(word))
        return tuple(result)

    def _singulars(self, words: Iterable[str]) -> tuple[str, ...]:
        return tuple(singular(word, self._irregular) for word in words if not word.isdigit())

    def _part(self, word: str) -> tuple[str, ...]:
        known = self._parts.get(word)
        if known is None:
            known = self._part_chinese(word) if chinese(word) else self._part_latin(word)
            self._parts[word] = known
        return known

    def _part_chinese(self, run: str) -> tuple[str, ...]:
        """Longest known words from the end, since the head stands there; unknown characters stay together."""
        parts: list[str] = []
        unknown = ""
        end = len(run)
        while end > 0:
            start = next((s for s in range(max(0, end - _LONGEST_CHINESE), end) if run[s:end] in self._words), None)
            if start is None:
                end -= 1
                unknown = run[end] + unknown
                continue
            if unknown:
                parts.append(unknown)
                unknown = ""
            parts.append(run[start:end])
            end = start
        if unknown:
            parts.append(unknown)
        return tuple(reversed(parts))

    def _part_latin(self, word: str) -> tuple[str, ...]:
        """Two or three known words written together, or the word itself."""
        for start in range(_SHORTEST_PART, len(word) - _SHORTEST_HEAD + 1):
            head = word[start:]
            if head not in self._words:
                continue
            rest = word[:start]
            if rest in self._words:
                return (rest, head)
            for middle in range(_SHORTEST_PART, len(rest) - _SHORTEST_PART + 1):
                if rest[:middle] in self._words and rest[middle:] in self._words:
                    return (rest[:middle], rest[middle:], head)
        return (word,)
