"""The knowledge of `rules/` and of user packs in its compiled, immutable form.

Purpose: frozen records of what the packs say, and `Knowledge`, which answers the
engine's questions by resolved name. It is made by `building.py` from plain data; it
knows neither files nor YAML.

A resolved name is dotted, `requests.Session.post`. The names of an entry may have
segments `*` (exactly one segment) and `**` (any number, none too):

    twilio.rest.Client.**.create     twilio.rest.Client.create, twilio.rest.Client.messages.create
    aip.AipFace.*                    aip.AipFace.search, not aip.AipFace.a.b
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final, TypeAlias, TypeVar

from pi_lint.knowledge.guards import GuardWords
from pi_lint.knowledge.names import Names

Selector: TypeAlias = int | str
"""Which argument: a position, a keyword, `"1:"`, `"**"`, `"all"`, `"self"`, `"self:key"`."""
Conditions: TypeAlias = tuple[tuple[Selector, tuple[object, ...]], ...]
"""Arguments and the constants, resolved names or types of which each must be one."""

_NOTHING: Final[Mapping[str, object]] = MappingProxyType({})
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class SinkSpec:
    """What of a call is disclosed, moved or kept, and under which concept."""

    concept: str
    args: tuple[Selector, ...] = ()
    url: tuple[Selector, ...] = ()
    query: tuple[Selector, ...] = ()
    base: tuple[Selector, ...] = ()
    insecure: Conditions = ()
    insecure_always: bool = False
    encrypted_by: tuple[Selector, ...] = ()
    exempt: frozenset[str] = frozenset()
    vendor: str = ""
    purpose: str = ""


@dataclass(frozen=True, slots=True)
class ProtectSpec:
    """What a call protects, how, and with which key; `into` is "self" where the receiver takes it up."""

    kind: str
    value: tuple[Selector, ...] = ()
    key: tuple[Selector, ...] = ()
    into: str = ""


@dataclass(frozen=True, slots=True)
class CallSpec:
    """One call of a library; `names` are expanded, `does` names a behaviour of the engine."""

    id: str
    names: tuple[str, ...]
    any_receiver: bool = False
    requires: tuple[str, ...] = ()
    when: Conditions = ()
    unless: tuple[Selector, ...] = ()
    sinks: tuple[SinkSpec, ...] = ()
    protects: ProtectSpec | None = None
    result: str = "args"
    keeps: bool = False
    does: str = ""
    options: Mapping[str, object] = field(default_factory=dict)
    title_en: str = ""
    title_zh: str = ""
    reference: str = ""


@dataclass(frozen=True, slots=True)
class TypeSpec:
    """A kind of object: what makes one, which names are one, what its attributes are."""

    type: str
    names: tuple[str, ...] = ()
    values: tuple[str, ...] = ()
    bases: tuple[str, ...] = ()
    when: Conditions = ()
    attributes: Mapping[str, str] = field(default_factory=dict)
    guess: tuple[str, ...] = ()
    holds: bool = True
    options: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CodeSpec:
    """One code: from which sensitivity on the default profile reports it, and its texts."""

    code: str
    name: str
    article: int
    profile: str
    default_sensitivity: str
    title_en: str
    title_zh: str
    happened_en: str
    happened_zh: str
    remedy_en: str
    remedy_zh: str


@dataclass(frozen=True, slots=True)
class HostSpec:
    """A known outside host, and all below it: whose it is and what it serves."""

    host: str
    purpose: str
    name: str
    country: str


@dataclass(frozen=True, slots=True)
class ProjectFacts:
    """What a project's configuration adds to the knowledge of `rules/`.

    `internal_hosts`: hosts, `*.host` and networks of the project's own; `processors`:
    hosts and vendors under supervision (Article 11); `masks` and `consent`: names of
    functions that mask, of fields and functions that say consent; `own_domains`: domains
    of the project's own mail addresses.
    """

    internal_hosts: tuple[str, ...] = ()
    processors: tuple[str, ...] = ()
    masks: tuple[str, ...] = ()
    consent: tuple[str, ...] = ()
    own_domains: tuple[str, ...] = ()


class NameIndex:
    """Finds the entries of a resolved name: exact names first, then wildcards, the most literal first."""

    __slots__ = ("_exact", "_found", "_wild")

    def __init__(self, entries: Iterable[tuple[str, int]]) -> None:
        """Index `(name, number of the entry)`; a name may have wildcard segments."""
        self._exact: dict[str, list[int]] = {}
        wild: dict[str, list[tuple[tuple[str, ...], int]]] = {}
        for name, number in entries:
            if "*" in name:
                segments = tuple(name.split("."))
                wild.setdefault(segments[0] if "*" not in segments[0] else "", []).append((segments, number))
            else:
                self._exact.setdefault(name, []).append(number)
        for patterns in wild.values():
            patterns.sort(key=_literalness, reverse=True)
        self._wild = wild
        self._found: dict[str, tuple[int, ...]] = {}

    def find(self, dotted: str) -> tuple[int, ...]:
        """The numbers of all entries that have the name, each once."""
        found = self._found.get(dotted)
        if found is None:
            found = self._found[dotted] = tuple(dict.fromkeys(self._search(dotted)))
        return found

    def _search(self, dotted: str) -> Iterator[int]:
        yield from self._exact.get(dotted, ())
        segments = dotted.split(".")
        for first in (segments[0], ""):
            for pattern, number in self._wild.get(first, ()):
                if matches(pattern, segments):
                    yield number


def _literalness(entry: tuple[tuple[str, ...], int]) -> tuple[int, int]:
    pattern = entry[0]
    return sum("*" not in segment for segment in pattern), -pattern.count("**")


def matches(pattern: Sequence[str], segments: Sequence[str]) -> bool:
    """Whether the segments of a name fit those of a pattern with `*` and `**`."""
    # Where to go on after a mismatch: the last `**` takes one segment more. No deeper
    # backtracking is needed, since what stands before it has matched as early as possible.
    at, here, star, resume = 0, 0, -1, 0
    while here < len(segments):
        if at < len(pattern) and pattern[at] == "**":
            star, resume = at, here
            at += 1
        elif at < len(pattern) and pattern[at] in ("*", segments[here]):
            at, here = at + 1, here + 1
        elif star >= 0:
            resume += 1
            at, here = star + 1, resume
        else:
            return False
    return all(segment == "**" for segment in pattern[at:])


@dataclass(frozen=True, slots=True, eq=False)
class Knowledge:
    """Everything the rules say. Built once, never changed; answers are remembered.

    `codes` by code; `clearing`: what clears a code ("consent", "protection", "review",
    "audit"); `concepts`: the code of a concept, None where the address decides; `inside`:
    the raw data of `rules/inside.yaml` with the configured hosts; `words`: telling words by use;
    `extra`: the packs' routes, declarations, fields and raises; `digest`: a hash of all
    sources, for the keys of caches.
    """

    names: Names
    guards: GuardWords
    codes: Mapping[str, CodeSpec]
    clearing: Mapping[str, frozenset[str]]
    concepts: Mapping[str, str | None]
    hosts: Mapping[str, HostSpec]
    inside: Mapping[str, object]
    words: Mapping[str, frozenset[str]]
    extra: Mapping[str, tuple[Mapping[str, object], ...]]
    calls: tuple[CallSpec, ...]
    types: tuple[TypeSpec, ...]
    facts: ProjectFacts
    digest: str
    _by_name: NameIndex = field(init=False, repr=False)
    _makers: NameIndex = field(init=False, repr=False)
    _bare: Mapping[str, tuple[CallSpec, ...]] = field(init=False, repr=False)
    _by_type: Mapping[str, TypeSpec] = field(init=False, repr=False)
    _values: Mapping[str, str] = field(init=False, repr=False)
    _guesses: Mapping[tuple[str, ...], str] = field(init=False, repr=False)
    _processors: Mapping[str, bool] = field(init=False, repr=False)
    _lines: dict[str, tuple[str, ...]] = field(init=False, repr=False)
    _methods: dict[tuple[str, str], tuple[CallSpec, ...]] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Make the indexes; where two entries claim a value or a guess, the first stands."""
        bare: dict[str, tuple[CallSpec, ...]] = {}
        named: list[tuple[str, int]] = []
        for number, call in enumerate(self.calls):
            for name in call.names:
                if call.any_receiver:
                    bare[name] = (*bare.get(name, ()), call)
                else:
                    named.append((name, number))
        by_type: dict[str, TypeSpec] = {}
        values: dict[str, str] = {}
        guesses: dict[tuple[str, ...], str] = {}
        for spec in self.types:
            known = by_type.get(spec.type)
            by_type[spec.type] = spec if known is None else _joined(known, spec)
            for value in spec.values:
                values.setdefault(value, spec.type)
            for guess in spec.guess:
                guesses.setdefault(self.names.words(guess), spec.type)
        makers = NameIndex((name, number) for number, spec in enumerate(self.types) for name in spec.names)
        indexes: dict[str, object] = {
            "_by_name": NameIndex(named),
            "_makers": makers,
            "_bare": bare,
            "_by_type": by_type,
            "_values": values,
            "_guesses": guesses,
            "_processors": {name.lower(): True for name in self.facts.processors},
            "_lines": {},
            "_methods": {},
        }
        for name, index in indexes.items():
            object.__setattr__(self, name, index)

    # -- calls ---------------------------------------------------------------------------

    def call(self, dotted: str) -> tuple[CallSpec, ...]:
        """All entries of a resolved name: exact names first, then wildcards."""
        calls = self.calls
        return tuple(calls[number] for number in self._by_name.find(dotted))

    def method(self, type_name: str, attr_path: str) -> tuple[CallSpec, ...]:
        """The entries of `attr_path` on an instance: those of the first of its bases that has any."""
        key = (type_name, attr_path)
        found = self._methods.get(key)
        if found is None:
            lines = (self.call(f"{base}.{attr_path}") for base in self.bases(type_name))
            found = self._methods[key] = next((specs for specs in lines if specs), ())
        return found

    def any_receiver(self, method: str) -> tuple[CallSpec, ...]:
        """The entries of a bare method name that only one kind of library has."""
        return self._bare.get(method, ())

    # -- types ---------------------------------------------------------------------------

    def type_of_call(self, dotted: str) -> tuple[TypeSpec, ...]:
        """The types of which a call of that name gives an instance; each with conditions of its own."""
        types = self.types
        return tuple(types[number] for number in self._makers.find(dotted))

    def value_type(self, dotted: str) -> str | None:
        """The type of a module-level name that is an instance."""
        return self._values.get(dotted)

    def type(self, name: str) -> TypeSpec | None:
        """What all packs together say of a type."""
        return self._by_type.get(name)

    def bases(self, type_name: str) -> tuple[str, ...]:
        """The type and those whose entries it also has, nearest first; itself alone where nothing is known."""
        line = self._lines.get(type_name)
        if line is None:
            seen: dict[str, None] = {}
            pending = [type_name]
            while pending:
                name = pending.pop()
                if name in seen:
                    continue
                seen[name] = None
                spec = self._by_type.get(name)
                pending.extend(reversed(spec.bases) if spec is not None else ())
            line = self._lines[type_name] = tuple(seen)
        return line

    def attribute(self, type_name: str, attr: str) -> str | None:
        """The type of an attribute of an instance."""
        for base in self.bases(type_name):
            spec = self._by_type.get(base)
            if spec is not None and attr in spec.attributes:
                return spec.attributes[attr]
        return None

    def guess(self, receiver_words: tuple[str, ...]) -> str | None:
        """The type that a receiver's name tells: the longest suffix of its words that does."""
        for start in range(len(receiver_words)):
            found = self._guesses.get(receiver_words[start:])
            if found is not None:
                return found
        return None

    # -- hosts ---------------------------------------------------------------------------

    def host(self, name: str) -> HostSpec | None:
        """What is known of a host, or of the nearest domain above it."""
        return _by_suffix(self.hosts, name)

    def is_processor(self, name: str) -> bool:
        """Whether a host, or a vendor by its displayed name, is a supervised processor (Article 11)."""
        return _by_suffix(self._processors, name) is not None


def _by_suffix(table: Mapping[str, _T], name: str) -> _T | None:
    rest = name.lower().rstrip(".")
    while rest:
        found = table.get(rest)
        if found is not None:
            return found
        rest = rest.partition(".")[2]
    return None


def _joined(known: TypeSpec, more: TypeSpec) -> TypeSpec:
    """One type of which two entries speak. Conditions belong to the single entry."""
    return TypeSpec(
        type=known.type,
        names=(*known.names, *more.names),
        values=(*known.values, *more.values),
        bases=tuple(dict.fromkeys((*known.bases, *more.bases))),
        attributes={**known.attributes, **more.attributes},
        guess=(*known.guess, *more.guess),
        holds=known.holds and more.holds,
        options={**known.options, **more.options},
    )
