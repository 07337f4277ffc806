"""What a name or a value says of a check: consent, permission, review, audit record.

    user.has_consented                  consent
    user.marketing_opt_in               consent for marketing
    privacy_policy_accepted             consent to the privacy policy
    consent_service.is_granted          consent (a dotted name counts as a whole)
    user.opted_out                      consent, negative
    consent_requested_at                nothing: it was asked, not given
    request.user.has_perm               permission
    ticket.export_approved              review
    AuditEntry, record_audit            audit

Whether a check has the right sign, the right person and the right purpose is decided by
those who ask (SPEC 6). All words live in `rules/guards.yaml`; this module knows none.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from pi_lint.knowledge.words import Vocabulary

_LONGEST_PHRASE: Final = 4
_NONE: Final[frozenset[str]] = frozenset()


@dataclass(frozen=True, slots=True)
class GuardMatch:
    """A check that a name stands for.

    kind: "consent", "permission", "review" or "audit". positive: False where the name says
    that it was refused or taken away. purposes: what a consent is for; empty where none,
    or only a channel, is named.
    """

    kind: str
    positive: bool
    purposes: frozenset[str]


class GuardWords:
    """The compiled guard words. Answers depend on the arguments alone and are remembered."""

    def __init__(self, data: Mapping[str, Any]) -> None:
        self._vocabulary = Vocabulary(data.get("glued", ()), data.get("irregular_plurals", {}))
        learn = self._vocabulary.learn
        self._sets: dict[str, dict[str, frozenset[str]]] = {
            section: {
                key: learn(map(str, words)) | {word for word in map(str, words) if word.isdigit()}
                for key, words in data[section].items()
            }
            for section in ("consent", "permission", "review", "audit", "purposes", "values")
        }
        self._channels = learn(map(str, data["channels"]))
        self._switches = learn(map(str, data["switches"]))
        self._purpose_of = {
            word: purpose for purpose, words in self._sets["purposes"].items() for word in sorted(words)
        }
        self._names: dict[str, GuardMatch | None] = {}

    @classmethod
    def build(cls, data: Mapping[str, Any]) -> GuardWords:
        """Compile the parsed `rules/guards.yaml`; raises KeyError where a section is missing."""
        return cls(data)

    def of_name(self, name: str) -> GuardMatch | None:
        """The check that an attribute, variable, function, decorator, class or key stands for, or None.

        A dotted name is judged as a whole. A state (`consent_status`) is positive; its
        value decides, see `of_value`.
        """
        if name not in self._names:
            words = self._vocabulary.words(name)
            self._names[name] = (
                self._consent(words) or self._audit(words) or self._review(words) or self._permission(words)
            )
        return self._names[name]

    def of_switch(self, name: str) -> GuardMatch | None:
        """The consent that a switch (`analytics_enabled`) stands for, where its declared default is off (SPEC 8.64)."""
        words = self._vocabulary.words(name)
        purposes = self._named_purposes(words)
        if not purposes or not any(word in self._switches for word in words):
            return None
        return GuardMatch("consent", True, purposes)

    def of_value(self, value: str) -> bool | None:
        """Whether a value compared with or used as a state grants (True), refuses (False), or tells nothing."""
        joined = "".join(self._vocabulary.words(value)) or value.strip()
        if joined in self._sets["values"]["positive"]:
            return True
        if joined in self._sets["values"]["negative"]:
            return False
        return None

    def purposes_of(self, text: str) -> frozenset[str]:
        """The purposes that a text names: "newsletter" is marketing, "sms" is none, "delivery" is another one."""
        return self._purposes(self._vocabulary.words(text))

    # -- kinds -------------------------------------------------------------------------

    def _consent(self, words: Sequence[str]) -> GuardMatch | None:
        own = self._sets["consent"]
        phrases = _phrases(words)
        if phrases & own["negative"]:
            about = phrases & (own["words"] | own["subjects"] | self._channels) or self._named_purposes(words)
            alone = _covered(words, own["negative"] | own["neutral"])
            return GuardMatch("consent", False, self._purposes(words)) if about or alone else None
        given = bool(phrases & own["words"])
        if not given and phrases & own["verbs"]:
            given = bool(phrases & (own["subjects"] | self._channels) or self._named_purposes(words))
        if not given and words and words[0] in self._sets["permission"]["leads"]:
            given = bool(set(words[1:]) & self._channels and not phrases & self._sets["permission"]["actions"])
            given = given or bool(self._named_purposes(words))
        if not given or phrases & own["useless"] or words[-1] in own["keepers"]:
            return None
        return GuardMatch("consent", True, self._purposes(words))

    def _permission(self, words: Sequence[str]) -> GuardMatch | None:
        own = self._sets["permission"]
        phrases = _phrases(words)
        if phrases & own["useless"]:
            return None
        acting = bool(words) and words[0] in own["leads"] and any(word in own["actions"] for word in words[1:])
        return GuardMatch("permission", True, _NONE) if acting or phrases & own["words"] else None

    def _review(self, words: Sequence[str]) -> GuardMatch | None:
        own = self._sets["review"]
        phrases = _phrases(words)
        if phrases & own["useless"]:
            return None
        negative = bool(phrases & own["negative"])
        state = bool(words) and words[-1] in own["states"]
        if not phrases & own["words"] and not (state and phrases & own["subjects"]):
            return None
        return GuardMatch("review", not negative, _NONE)

    def _audit(self, words: Sequence[str]) -> GuardMatch | None:
        own = self._sets["audit"]
        phrases = _phrases(words)
        if not phrases & own["words"] or phrases & own["useless"]:
            return None
        return GuardMatch("audit", True, _NONE)

    # -- purposes ----------------------------------------------------------------------

    def _named_purposes(self, words: Sequence[str]) -> frozenset[str]:
        return frozenset(self._purpose_of[phrase] for phrase in _phrases(words) if phrase in self._purpose_of)

    def _purposes(self, words: Sequence[str]) -> frozenset[str]:
        """The named purposes; "other" where a word is left that is none of ours."""
        named = self._named_purposes(words)
        if named:
            return named
        own = self._sets["consent"]
        known = own["words"] | own["verbs"] | own["neutral"] | own["negative"] | own["states"] | self._channels
        return _NONE if _covered(words, known) else frozenset({"other"})


def _phrases(words: Sequence[str]) -> frozenset[str]:
    """All runs of neighbouring words, joined, up to a few words long."""
    return frozenset(_runs(words))


def _runs(words: Sequence[str]) -> Iterator[str]:
    for start in range(len(words)):
        for end in range(start + 1, min(start + _LONGEST_PHRASE, len(words)) + 1):
            yield "".join(words[start:end])


def _covered(words: Iterable[str], known: frozenset[str]) -> bool:
    """Whether every word is known, alone or as part of a known phrase."""
    remaining = list(words)
    while remaining:
        size = next(
            (n for n in range(min(_LONGEST_PHRASE, len(remaining)), 0, -1) if "".join(remaining[:n]) in known), 0
        )
        if not size:
            return False
        del remaining[:size]
    return True
