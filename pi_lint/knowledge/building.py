"""From the plain data of rule files to the records of `compiled`.

Purpose: what a schema cannot say is checked here (that a concept is known, that ids are
unique, that an override meets something), and entries become frozen specs. Data that
comes in has passed its schema. No file is read here.

    {id: x.post, names: ["x.{get,post}"], sinks: [{concept: log, args: [0]}]}
    CallSpec("x.post", ("x.get", "x.post"), sinks=(SinkSpec("log", args=(0,)),))
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from pi_lint.knowledge.compiled import (
    CallSpec,
    CodeSpec,
    Conditions,
    HostSpec,
    ProjectFacts,
    ProtectSpec,
    Selector,
    SinkSpec,
    TypeSpec,
)
from pi_lint.knowledge.schema import Fault, unknown

EXTRA: Final = ("routes", "declarations", "fields", "raises", "samples")
_MOST_NAMES: Final = 4096  # of one entry after its braces are expanded
_LONGEST_SHOWN: Final = 60


class BadName(ValueError):
    """A name of an entry that stands for nothing, with the reason in both languages."""

    def __init__(self, text_en: str, text_zh: str) -> None:
        super().__init__(text_en)
        self.text_en, self.text_zh = text_en, text_zh


@dataclass(slots=True)
class Collected:
    """What the packs read so far say; later packs replace entries of earlier ones by id."""

    codes: dict[str, CodeSpec] = field(default_factory=dict)
    concepts: dict[str, str | None] = field(default_factory=dict)
    clearing: dict[str, frozenset[str]] = field(default_factory=dict)
    hosts: dict[str, HostSpec] = field(default_factory=dict)
    taxonomy: dict[str, dict[str, Any]] = field(default_factory=dict)
    calls: dict[str, CallSpec] = field(default_factory=dict)
    types: list[TypeSpec] = field(default_factory=list)
    extra: dict[str, list[Mapping[str, object]]] = field(default_factory=lambda: {key: [] for key in EXTRA})

    def add_codes(self, data: Mapping[str, Any]) -> None:
        """Take `codes.yaml`."""
        for row in data["codes"]:
            texts = [row[key][language] for key in ("title", "happened", "remedy") for language in ("en", "zh")]
            self.codes[row["code"]] = CodeSpec(
                row["code"], row["name"], row["article"], row["profile"], row["default_sensitivity"], *texts
            )

    def add_concepts(self, data: Mapping[str, Any]) -> None:
        """Take `concepts.yaml`."""
        self.concepts.update((row["concept"], row["code"]) for row in data["concepts"])

    def add_clearing(self, rows: Iterable[Mapping[str, Any]]) -> None:
        """Take rows of the table of what clears a code."""
        self.clearing.update((row["code"], frozenset(row["by"])) for row in rows)

    def add_hosts(self, rows: Iterable[Mapping[str, Any]]) -> None:
        """Take known outside hosts."""
        for row in rows:
            self.hosts[row["host"]] = HostSpec(row["host"], row["purpose"], row["name"], row.get("country", ""))

    # -- packs ---------------------------------------------------------------------------

    def faults(self, pack: Mapping[str, Any], *, shipped: bool) -> list[Fault]:
        """What is wrong with a pack besides what its schema says, judged by what has been read before it.

        `shipped`: one of `rules/libraries`, where an id that is taken is a fault; in a
        user's pack it replaces the entry. Parts that the schema refuses are passed over, so
        that all faults of a file can be shown at once.
        """
        return list(self._faults(pack, shipped))

    def _faults(self, pack: Mapping[str, Any], shipped: bool) -> Iterator[Fault]:
        own: set[str] = set()
        for number, call in _rows(pack, "calls"):
            identifier = call.get("id")
            if isinstance(identifier, str):
                yield from self._faults_of_id(identifier, own, bool(call.get("override")), shipped, number)
                own.add(identifier)
            yield from self._faults_of_call(call, ("calls", number))
        for number, spec in _rows(pack, "types"):
            for key in ("names", "values"):
                for position, name in _texts(spec, key):
                    yield from _faults_of_name(name, ("types", number, key, position))
        for number, identifier in _texts(pack, "disable"):
            if identifier not in self.calls:
                yield unknown(("disable", number), identifier, self.calls, "entry", "条目")
        for number, row in _rows(pack, "clearing"):
            code = row.get("code")
            if isinstance(code, str) and code not in self.codes:
                yield unknown(("clearing", number, "code"), code, self.codes, "code", "代码")
        categories = self.categories()
        words = pack.get("taxonomy")
        for category in words if isinstance(words, dict) else ():
            if category not in categories:
                yield unknown(("taxonomy", category), category, categories, "category", "类别", at_key=True)

    def _faults_of_id(
        self, identifier: str, own: set[str], override: bool, shipped: bool, number: int
    ) -> Iterator[Fault]:
        way = ("calls", number, "id")
        if identifier in own:
            yield Fault(way, f"the id {identifier} is given twice", f"id {identifier} 重复")
        elif shipped and identifier in self.calls:
            yield Fault(way, f"the id {identifier} is taken by another pack", f"id {identifier} 已被其他规则包使用")
        elif override and identifier not in self.calls:
            yield unknown(way, identifier, self.calls, "entry to override", "覆盖条目")

    def _faults_of_call(self, call: Mapping[str, Any], way: tuple[str | int, ...]) -> Iterator[Fault]:
        for position, name in _texts(call, "names"):
            here = (*way, "names", position)
            if call.get("any_receiver") is True and "." in name:
                text_zh = f"设置了 any_receiver，{name} 必须是不带点的方法名"
                yield Fault(here, f"{name} must be a bare method name, since any_receiver is set", text_zh)
            yield from _faults_of_name(name, here)
        for number, sink in _rows(call, "sinks"):
            here = (*way, "sinks", number)
            concept = sink.get("concept")
            if isinstance(concept, str) and concept not in self.concepts:
                yield unknown((*here, "concept"), concept, self.concepts, "concept", "概念")
            for position, category in _texts(sink, "exempt"):
                if category not in self.categories():
                    yield unknown((*here, "exempt", position), category, self.categories(), "category", "类别")

    def categories(self) -> set[str]:
        """The categories of the taxonomy."""
        return {str(data["category"]) for data in self.taxonomy.values() if "category" in data}

    def add_pack(self, pack: Mapping[str, Any]) -> None:
        """Take a pack without faults. Its words for the taxonomy are taken with `with_words`."""
        title = pack.get("title", {"en": pack.get("library", ""), "zh": pack.get("library", "")})
        reference = pack.get("reference", "")
        for identifier in pack.get("disable", ()):
            self.calls.pop(identifier, None)
        for row in pack.get("calls", ()):
            self.calls[row["id"]] = _call(row, row.get("title", title), reference)
        self.types.extend(_type(row) for row in pack.get("types", ()))
        for key in EXTRA:
            self.extra[key].extend(pack.get(key, ()))
        self.add_clearing(pack.get("clearing", ()))
        self.add_hosts(pack.get("hosts", ()))

    def with_words(self, words: Mapping[str, Mapping[str, Sequence[str]]]) -> dict[str, dict[str, Any]]:
        """The taxonomy with a user's words added to its categories."""
        taxonomy = dict(self.taxonomy)
        for stem, data in self.taxonomy.items():
            added = words.get(str(data.get("category", "")), {})
            taxonomy[stem] = {**data, **{key: [*data.get(key, ()), *texts] for key, texts in added.items()}}
        return taxonomy


def inside(data: Mapping[str, Any], facts: ProjectFacts) -> dict[str, object]:
    """`inside.yaml` with the hosts, `*.host` and networks that a configuration names.

    Raises ValueError for a network that is none.
    """
    suffixes, networks = list(data.get("suffixes", ())), list(data.get("networks", ()))
    for host in facts.internal_hosts:
        try:
            networks.append(str(ipaddress.ip_network(host, strict=False)))
        except ValueError:
            if "/" in host:
                raise
            suffixes.append(host.lower().removeprefix("*").strip("."))
    return {**data, "suffixes": tuple(suffixes), "networks": tuple(networks)}


def expand(name: str) -> list[str]:
    """Every name that a name with braces stands for; braces may be nested.

    Raises BadName where a brace has no partner, a segment is empty or half a wildcard,
    or there are too many names.
    """
    done: list[str] = []
    pending = [name]
    while pending:
        text = pending.pop()
        end = text.find("}")
        start = text.rfind("{", 0, end) if end >= 0 else text.find("{")
        if start < 0 and end < 0:
            done.append(text)
        elif start < 0 or end < 0:
            raise BadName("a brace has no partner", "花括号不成对")
        else:
            # The innermost braces first: they hold no others.
            choices = [choice.strip() for choice in text[start + 1 : end].split(",")]
            pending.extend(text[:start] + choice + text[end + 1 :] for choice in reversed(choices))
        if len(done) + len(pending) > _MOST_NAMES:
            raise BadName(f"it stands for more than {_MOST_NAMES} names", f"展开后超过 {_MOST_NAMES} 个名称")
    names = list(dict.fromkeys(done))
    for segment in {segment for text in names for segment in text.split(".")}:
        if not segment:
            raise BadName("a part of it is empty", "其中有空的部分")
        if "*" in segment and segment not in ("*", "**"):
            raise BadName("* and ** stand for whole segments only", "* 和 ** 只能代表整段")
    return names


def _rows(data: Mapping[str, Any], key: str) -> Iterator[tuple[int, Mapping[str, Any]]]:
    """The mappings of a list, with their numbers, in data that may be wrong."""
    rows = data.get(key)
    yield from ((n, row) for n, row in enumerate(rows if isinstance(rows, list) else ()) if isinstance(row, dict))


def _texts(data: Mapping[str, Any], key: str) -> Iterator[tuple[int, str]]:
    """The texts of a list, with their numbers, in data that may be wrong."""
    rows = data.get(key)
    yield from ((n, row) for n, row in enumerate(rows if isinstance(rows, list) else ()) if isinstance(row, str))


def _faults_of_name(name: str, way: tuple[str | int, ...]) -> Iterator[Fault]:
    try:
        expand(name)
    except BadName as error:
        cut = name if len(name) <= _LONGEST_SHOWN else name[: _LONGEST_SHOWN - 1] + "…"
        yield Fault(way, f"{cut} is no name: {error.text_en}", f"{cut} 不是有效的名称：{error.text_zh}")


def _expanded(names: Iterable[str]) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for name in names:
        if "{" in name:
            found.update(dict.fromkeys(expand(name)))
        else:
            found[name] = None
    return tuple(found)


def _call(row: Mapping[str, Any], title: Mapping[str, str], reference: str) -> CallSpec:
    protects = row.get("protects")
    return CallSpec(
        id=row["id"],
        names=_expanded(row["names"]),
        any_receiver=row.get("any_receiver", False),
        requires=tuple(row.get("requires", ())),
        when=_conditions(row.get("when", {})),
        unless=tuple(row.get("unless", ())),
        sinks=tuple(_sink(sink) for sink in row.get("sinks", ())),
        protects=None if protects is None else _protects(protects),
        result=row.get("result", "args"),
        keeps=row.get("keeps", False),
        does=row.get("does", ""),
        options=row.get("with", {}),
        title_en=title["en"],
        title_zh=title["zh"],
        reference=reference,
    )


def _sink(row: Mapping[str, Any]) -> SinkSpec:
    return SinkSpec(
        concept=row["concept"],
        args=_selectors(row, "args"),
        url=_selectors(row, "url"),
        query=_selectors(row, "query"),
        base=_selectors(row, "base"),
        insecure=_conditions(row.get("insecure", {})),
        insecure_always=row.get("insecure_always", False),
        encrypted_by=_selectors(row, "encrypted_by"),
        exempt=frozenset(row.get("exempt", ())),
        vendor=row.get("vendor", ""),
        purpose=row.get("purpose", ""),
    )


def _protects(row: Mapping[str, Any]) -> ProtectSpec:
    return ProtectSpec(row["kind"], _selectors(row, "value"), _selectors(row, "key"), row.get("into", ""))


def _type(row: Mapping[str, Any]) -> TypeSpec:
    return TypeSpec(
        type=row["type"],
        names=_expanded(row.get("names", ())),
        values=_expanded(row.get("values", ())),
        bases=tuple(row.get("is", ())),
        when=_conditions(row.get("when", {})),
        attributes=row.get("attributes", {}),
        guess=tuple(row.get("guess", ())),
        holds=row.get("holds", True),
        options=row.get("with", {}),
    )


def _selectors(row: Mapping[str, Any], key: str) -> tuple[Selector, ...]:
    return tuple(row.get(key, ()))


def _conditions(row: Mapping[Any, Any]) -> Conditions:
    """`{verify: [false], 0: s3}` as pairs; a position that was quoted is a position all the same."""
    return tuple(
        (
            int(selector) if isinstance(selector, str) and selector.isdigit() else selector,
            tuple(wanted) if isinstance(wanted, list) else (wanted,),
        )
        for selector, wanted in row.items()
    )
