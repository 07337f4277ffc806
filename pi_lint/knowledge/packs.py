"""Reads `rules/` and user packs, and compiles them into one immutable `Knowledge`.

Purpose: the only module that knows YAML. A file is parsed with the places of its parts
kept, checked against its published schema (`schema.py`) and against what was read before
it (`building.py`), and every fault becomes a PIL001 with file, line and a way to mend
it, all faults of a file at once. A faulty pack is left out and the rest goes on.

    files -> (YAML) -> plain data -> (schema) -> Collected -> Knowledge

Parsing and checking the shipped rules takes most of a start's time, so their plain data
can be kept in a cache folder (`cached.py`).
"""

from __future__ import annotations

import functools
import hashlib
import os
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from pi_lint.knowledge import building, cached
from pi_lint.knowledge.building import Collected
from pi_lint.knowledge.compiled import Knowledge, ProjectFacts
from pi_lint.knowledge.guards import GuardWords
from pi_lint.knowledge.names import Names
from pi_lint.knowledge.schema import Fault, Way, load_schema, unknown, validate
from pi_lint.model import Problem

if TYPE_CHECKING:
    from yaml import Node
    from yaml.constructor import SafeConstructor

LARGEST_FILE: Final = 1_000_000  # bytes
DEEPEST: Final = 40  # levels of mappings and lists

_ENDINGS: Final = (".yaml", ".yml")
# Files of rules/ that must be there, and the definition of rules.schema.json for each.
_CORE: Final[Mapping[str, str]] = {
    "codes.yaml": "codes",
    "clearing.yaml": "clearing",
    "concepts.yaml": "concepts",
    "guards.yaml": "guards",
    "hosts.yaml": "hosts",
    "inside.yaml": "inside",
    "words.yaml": "telling_words",
    "taxonomy/owners.yaml": "word_lists",
    "taxonomy/stopwords.yaml": "word_lists",
}
_TAXONOMY, _LIBRARIES = "taxonomy/", "libraries/"
_TAG: Final = "tag:yaml.org,2002:"
_TAGS: Final = frozenset(
    _TAG + kind for kind in ("map", "seq", "str", "int", "float", "bool", "null", "timestamp", "value", "merge")
)


class RulesError(Exception):
    """The rules that pi-lint ships cannot be used: the installation is damaged."""


@dataclass(frozen=True, slots=True)
class _Read:
    """One file after parsing: its data, the YAML node of it for places, and its faults with places."""

    data: Any
    node: Node | None
    faults: tuple[tuple[int, int, str, str], ...] = ()


def rules_folder() -> Path:
    """The shipped rules: inside the package where it is installed, else `rules/` of the checkout."""
    package = Path(__file__).resolve().parents[1]
    shipped = package / "_rules"
    return shipped if shipped.is_dir() else package.parent / "rules"


def load(
    user_packs: Sequence[Path] = (),
    disabled: Collection[str] = (),
    *,
    root: Path | None = None,
    facts: ProjectFacts | None = None,
    places: Mapping[str, tuple[str, int]] | None = None,
    cache: Path | None = None,
) -> tuple[Knowledge, tuple[Problem, ...]]:
    """Compile the shipped rules, the user's packs and what a configuration says.

    `user_packs`: files, or folders whose YAML files are taken in order of their names.
    `disabled`: ids of entries that are left out. `root`: problems name files below it
    relative to it. `places`: path and line of the settings `packs` and `disable`, for
    problems about them. `cache`: a folder for the parsed rules. Gives the knowledge and
    every fault found (PIL001). Raises RulesError where the shipped rules themselves cannot be
    used, and ValueError where an internal host of `facts` is no network though it has a slash.
    """
    facts, places = facts or ProjectFacts(), places or {}
    root = root or Path.cwd()
    folder = rules_folder()
    contents = _contents(folder)
    digest = _digest(contents)
    data = cached.read(cache, digest) if cache is not None else None
    known_good = data is not None
    problems: list[Problem] = []
    if data is None:
        data = _parsed(folder, contents, root, problems)
    collected, guards, inside, words = _core(data)
    for name in sorted(name for name in data if name.startswith(_LIBRARIES)):
        faults = [] if known_good else collected.faults(data[name], shipped=True)
        if faults:
            again = _read(contents[name])
            problems += _located(faults, again.node, _shown(folder / name, root))
        else:
            collected.add_pack(data[name])
    if cache is not None and not known_good and not problems:
        cached.write(cache, digest, data)

    names = Names.build(collected.taxonomy)
    sources = [digest, repr(facts), *sorted(disabled)]
    for path in _pack_files(user_packs, root, places, problems):
        try:
            content = path.read_bytes()
        except OSError as error:
            problems.append(_unreadable(path, error, root))
            continue
        sources.append(hashlib.sha256(content).hexdigest())
        names = _add_user_pack(content, _shown(path, root), collected, names, problems)
    problems += _disable(disabled, collected, places)
    if facts.consent:
        said = [" ".join(names.words(name)) for name in facts.consent]
        consent = {**guards["consent"], "words": [*guards["consent"]["words"], *said]}
        guards = {**guards, "consent": consent}
    knowledge = Knowledge(
        names=names,
        guards=GuardWords.build(guards),
        codes=collected.codes,
        clearing=collected.clearing,
        concepts=collected.concepts,
        hosts=collected.hosts,
        inside=building.inside(inside, facts),
        words={key: frozenset(texts) for key, texts in words["words"].items()},
        extra={key: tuple(rows) for key, rows in collected.extra.items()},
        calls=tuple(collected.calls.values()),
        types=tuple(collected.types),
        facts=facts,
        digest=_hash(sources),
    )
    return knowledge, tuple(sorted(problems))


# -- the shipped rules -------------------------------------------------------------------


@functools.cache
def shipped_codes() -> tuple[str, ...]:
    """Every code of `rules/codes.yaml`, in its order. Raises RulesError where that file cannot be used."""
    data = _parsed(rules_folder(), {"codes.yaml": (rules_folder() / "codes.yaml").read_bytes()}, Path.cwd(), [])
    return tuple(row["code"] for row in data["codes.yaml"]["codes"])


def _contents(folder: Path) -> dict[str, bytes]:
    """The bytes of every rule file, by its name relative to the folder."""
    names = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.suffix in _ENDINGS)
    return {name: (folder / name).read_bytes() for name in names}


def _digest(contents: Mapping[str, bytes]) -> str:
    # The schemas count too: what they refuse must be refused again after they change.
    schemas = sorted((rules_folder() / "schema").glob("*.json"))
    parts = [name.encode() + b"\0" + hashlib.sha256(content).digest() for name, content in contents.items()]
    return _hash([*parts, *(path.read_bytes() for path in schemas)])


def _hash(parts: Iterable[str | bytes]) -> str:
    total = hashlib.sha256()
    for part in parts:
        content = part.encode("utf-8", "surrogatepass") if isinstance(part, str) else part
        total.update(hashlib.sha256(content).digest())
    return total.hexdigest()


def _parsed(folder: Path, contents: Mapping[str, bytes], root: Path, problems: list[Problem]) -> dict[str, Any]:
    """The data of all rule files that are right by themselves; the faults of the others go to `problems`."""
    rules, pack = _schema("rules"), _schema("pack")
    found = {}
    for name, content in contents.items():
        read = _read(content)
        if name.startswith(_LIBRARIES):
            faults = _file_problems(read, pack, "", _shown(folder / name, root))
        else:
            definition = _CORE.get(name) or ("category" if name.startswith(_TAXONOMY) else "")
            if not definition:
                continue
            faults = _file_problems(read, rules, definition, _shown(folder / name, root))
            if faults:
                first = faults[0]
                raise RulesError(f"{folder / name}:{first.line}: {first.text_en}")
        if faults:
            problems += faults
        else:
            found[name] = read.data
    return found


def _core(data: Mapping[str, Any]) -> tuple[Collected, Mapping[str, Any], Mapping[str, Any], Mapping[str, Any]]:
    """Everything but the library packs: codes and tables, and the raw guards, inside hosts and words."""
    missing = sorted(_CORE.keys() - data.keys())
    if missing:
        raise RulesError(f"{rules_folder() / missing[0]} is missing")
    collected = Collected()
    collected.add_codes(data["codes.yaml"])
    collected.add_concepts(data["concepts.yaml"])
    collected.add_clearing(data["clearing.yaml"]["clearing"])
    collected.add_hosts(data["hosts.yaml"]["hosts"])
    for name, content in data.items():
        if name.startswith(_TAXONOMY):
            collected.taxonomy[Path(name).stem] = content
    return collected, data["guards.yaml"], data["inside.yaml"], data["words.yaml"]


def _schema(name: str) -> Mapping[str, Any]:
    return load_schema(rules_folder() / "schema" / f"{name}.schema.json")


# -- user packs --------------------------------------------------------------------------


def _pack_files(
    packs: Iterable[Path], root: Path, places: Mapping[str, tuple[str, int]], problems: list[Problem]
) -> list[Path]:
    """The files that the setting `packs` names; what is missing goes to `problems`."""
    found: list[Path] = []
    for pack in packs:
        path = root / pack
        if path.is_dir():
            files = sorted(file for file in path.rglob("*") if file.suffix in _ENDINGS and file.is_file())
            found += files
            reasons = ("holds no .yaml file", "中没有 .yaml 文件")
        else:
            files = [path] if path.exists() else []
            found += files
            reasons = ("does not exist", "不存在")
        if not files:
            shown = _shown(path, root)
            where, line = places.get("packs", (shown, 1))
            en, zh = f"the rule pack {shown} {reasons[0]}", f"规则包 {shown} {reasons[1]}"
            problems.append(Problem("PIL001", where, line, 0, en, zh))
    return found


def _add_user_pack(content: bytes, shown: str, collected: Collected, names: Names, problems: list[Problem]) -> Names:
    """Take a user's pack, or its faults; gives the names with the pack's words."""
    read = _read(content)
    faults = _file_problems(read, _schema("pack"), "", shown)
    if isinstance(read.data, dict):
        faults = sorted({*faults, *_located(collected.faults(read.data, shipped=False), read.node, shown)})
    words = {} if faults else read.data.get("taxonomy", {})
    if words:
        taxonomy = collected.with_words(words)
        try:
            names = Names.build(taxonomy)
        except ValueError as error:  # two categories claim the same head
            clash = Fault(("taxonomy",), str(error), f"词语与其他类别冲突：{error}", at_key=True)
            faults = _located([clash], read.node, shown)
        else:
            collected.taxonomy = taxonomy
    if faults:
        problems += faults
    else:
        collected.add_pack(read.data)
    return names


def _disable(
    disabled: Collection[str], collected: Collected, places: Mapping[str, tuple[str, int]]
) -> Iterable[Problem]:
    path, line = places.get("disable", ("", 1))
    wrong = [unknown((), name, collected.calls, "entry", "条目") for name in disabled if name not in collected.calls]
    for name in disabled:
        collected.calls.pop(name, None)
    return [Problem("PIL001", path, line, 0, f"disable: {f.text_en}", f"disable：{f.text_zh}") for f in wrong]


def _unreadable(path: Path, error: OSError, root: Path) -> Problem:
    reason = error.strerror or type(error).__name__
    return Problem(
        "PIL001", _shown(path, root), 1, 0, f"the rule pack cannot be read: {reason}", f"无法读取规则包：{reason}"
    )


# -- one file ----------------------------------------------------------------------------


def _file_problems(read: _Read, schema: Mapping[str, Any], definition: str, shown: str) -> list[Problem]:
    """The faults of one file by itself; what is no YAML at all is not checked further."""
    problems = [Problem("PIL001", shown, *fault) for fault in read.faults]
    if read.node is None and problems:
        return problems
    return sorted({*problems, *_located(validate(read.data, schema, definition), read.node, shown)})


def _located(faults: Iterable[Fault], node: Node | None, shown: str) -> list[Problem]:
    problems = []
    for fault in faults:
        line, column = _place(node, fault.way, fault.at_key) if node is not None else (1, 0)
        problems.append(Problem("PIL001", shown, line, column, fault.text_en, fault.text_zh))
    return sorted(problems)


def _place(node: Node, way: Way, at_key: bool) -> tuple[int, int]:
    """Line and column of a value, or of its key; of the nearest part around it that has a place."""
    import yaml

    constructor = yaml.constructor.SafeConstructor()
    spot = node
    for position, step in enumerate(way):
        if isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
            spot = node = node.value[step]
        elif isinstance(node, yaml.MappingNode):
            pair = next((pair for pair in node.value if _scalar(constructor, pair[0]) == step), None)
            if pair is None:
                break
            node = pair[1]
            spot = pair[0] if at_key and position == len(way) - 1 else node
        else:
            break
    return spot.start_mark.line + 1, spot.start_mark.column


def _read(content: bytes) -> _Read:
    """Parse one file; never raises for bad content."""
    import yaml

    if len(content) > LARGEST_FILE:
        en = f"the file is larger than {LARGEST_FILE} bytes; split it"
        return _Read(None, None, ((1, 0, en, f"文件超过 {LARGEST_FILE} 字节；请拆分"),))
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        zh = "文件不是 UTF-8 编码；请另存为 UTF-8"
        return _Read(None, None, ((line, 0, "the file is not UTF-8; save it as UTF-8", zh),))
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        node = yaml.compose(text, Loader=loader)
    except yaml.YAMLError as error:
        return _Read(None, None, (_syntax_fault(error, text),))
    except RecursionError:
        return _Read(None, None, ((1, 0, *_too_deep()),))
    faults: list[tuple[int, int, str, str]] = []
    data = _plain(node, yaml.constructor.SafeConstructor(), faults, set(), 0) if node is not None else None
    return _Read(data, node, tuple(faults))


def _syntax_fault(error: Exception, text: str) -> tuple[int, int, str, str]:
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    line, column = (mark.line, mark.column) if mark is not None else (0, 0)
    parts = (getattr(error, key, None) for key in ("context", "problem", "reason"))
    reason = ", ".join(str(part) for part in parts if part) or str(error).partition("\n")[0]
    en, zh = f"this is no YAML: {reason}", f"不是有效的 YAML：{reason}"
    lines = text.splitlines()
    if line < len(lines) and "\t" in lines[line][: column + 1]:
        en, zh = f"{en}; indent with spaces, not tabs", f"{zh}；请用空格缩进，不要用制表符"
    return line + 1, column, en, zh


def _too_deep() -> tuple[str, str]:
    return f"nested more than {DEEPEST} levels deep", f"嵌套超过 {DEEPEST} 层"


def _plain(
    node: Node, constructor: SafeConstructor, faults: list[tuple[int, int, str, str]], seen: set[int], depth: int
) -> Any:
    """The plain data of a node. Repeated keys, aliases and unknown tags are faults."""
    import yaml

    def wrong(en: str, zh: str, at: Node = node) -> None:
        faults.append((at.start_mark.line + 1, at.start_mark.column, en, zh))

    if id(node) in seen:
        wrong("this is used again by an alias; write it out a second time", "此处被别名引用；请重复写出")
        return None
    seen.add(id(node))
    if depth > DEEPEST:
        wrong(*_too_deep())
        return None
    if node.tag not in _TAGS:
        wrong(f"the tag {node.tag} is not allowed", f"不允许使用标签 {node.tag}")
    if isinstance(node, yaml.SequenceNode):
        return [_plain(item, constructor, faults, seen, depth + 1) for item in node.value]
    if not isinstance(node, yaml.MappingNode):
        return _scalar(constructor, node)
    mapping: dict[Any, Any] = {}
    for key_node, value_node in node.value:
        if not isinstance(key_node, yaml.ScalarNode):
            wrong("a key must be a plain text or number", "键必须是文本或数字", key_node)
            continue
        key = _scalar(constructor, key_node)
        if key in mapping:
            wrong(f"the key {key} is given twice", f"键 {key} 重复", key_node)
        mapping[key] = _plain(value_node, constructor, faults, seen, depth + 1)
    return mapping


def _scalar(constructor: SafeConstructor, node: Node) -> Any:
    """The value of a scalar; what is neither text, number, truth value nor null is taken as it is written."""
    kind = node.tag.removeprefix(_TAG)
    if kind not in ("int", "float", "bool", "null") or not isinstance(node.value, str):
        return node.value
    try:
        return getattr(constructor, f"construct_yaml_{kind}")(node)
    except (ValueError, KeyError):  # an explicit tag before something else: `!!int x`
        return node.value


def _shown(path: Path, root: Path) -> str:
    """A path as problems name it: relative to the root where it lies below it."""
    full, base = os.path.realpath(path), os.path.realpath(root).rstrip(os.sep) + os.sep
    return (full[len(base) :] if full.startswith(base) else full).replace(os.sep, "/")
