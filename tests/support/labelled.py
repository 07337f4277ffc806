"""Labelled code: what an analysis must report on each line, written on that line.

A *family* is a file of code that is analysed as a project of its own. It is divided into *cases*, each under
a line `# case: what it shows`. Labels are comments at the end of the line that a finding points to:

    # expect: PIL101 phone,email; PIL107 phone   exactly these are reported here
    # expect[strict]: PIL106 phone               the same, in the strict profile only
    # ok: why                                    nothing is reported here, though a weaker tool would
    # todo: PIL101 phone                         should be reported exactly so, and is not yet
    # todo-ok: why                               should be silent, and is not yet

A `todo` that has been mended fails as well, so that its label is changed. A line without a label must be silent.
Every case is a pair: it has something to report (`expect`, `todo`) and a twin that must be silent (`ok`, `todo-ok`).
In a family of virtual files (`.txt`), a case is a package of its own and `# file: models.py` begins each of its files.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from pi_lint.checking import check
from pi_lint.config import Config

Reported = Mapping[str, frozenset[str]]  # categories by code

_CASE = re.compile(r"^# case: (?P<title>\S.*)$")
_FILE = re.compile(r"^# file: (?P<name>\S+)$")
_LABEL = re.compile(r"#\s*(?P<kind>expect|todo-ok|todo|ok)(?P<strict>\[strict\])?:\s*(?P<rest>.*?)\s*$")
_NEARLY = re.compile(r"#\s*(?:expect|todo|ok)\b", re.IGNORECASE)
_EXPECTED = re.compile(r"^(?P<code>PIL\d{3}) (?P<categories>[a-z_]+(?:,[a-z_]+)*)$")
_MARKER = "[project]\nname = 'labelled'\n"


class LabelError(Exception):
    """Labelled code that does not keep to the form above; the text says where and why."""


@dataclass(frozen=True, slots=True)
class Label:
    """What one line says of itself. kind: "expect", "ok", "todo" or "todo-ok"."""

    path: str
    line: int
    kind: str
    strict: bool
    expected: Reported


@dataclass(frozen=True, slots=True)
class Case:
    """A part of a family: its title, its labels, and the lines of each file that belong to it."""

    title: str
    labels: tuple[Label, ...]
    lines: Mapping[str, range]


@dataclass(frozen=True, slots=True)
class Family:
    """A project made of labelled code: the content of its files by path, and its cases."""

    files: Mapping[str, str]
    cases: Mapping[str, Case]


def families(folder: Path) -> dict[str, Path]:
    """The labelled files of a folder by name; raises LabelError where there is none."""
    found = {
        path.stem: path
        for path in sorted(folder.iterdir())
        if path.suffix in (".py", ".txt") and not path.name.startswith(("test_", "__"))
    }
    if not found:
        raise LabelError(f"no labelled code in {folder}")
    return found


@cache
def family(path: Path) -> Family:
    """Read a file of labelled code; raises LabelError for one that is not in the form above."""
    text = path.read_text(encoding="utf-8")
    return virtual_family(path.stem, text) if path.suffix == ".txt" else plain_family(path.name, text)


def plain_family(name: str, text: str) -> Family:
    """One real module in cases; raises LabelError."""
    starts = [(match["title"], at) for at, line in enumerate(text.splitlines(), 1) if (match := _CASE.match(line))]
    cases: dict[str, Case] = {}
    ends = [first for _, first in starts[1:]] + [len(text.splitlines()) + 1]
    for (title, first), last in zip(starts, ends, strict=False):
        lines = range(first, last)
        _add(cases, title, tuple(found for found in labels(name, text) if found.line in lines), {name: lines})
    return _checked(Family({name: text}, cases))


def virtual_family(name: str, text: str) -> Family:
    """Packages of virtual files, a case each; raises LabelError."""
    files: dict[str, list[str]] = {}
    titles: dict[str, list[str]] = {}
    current: list[str] | None = None
    title = ""
    for line in text.splitlines():
        if match := _CASE.match(line):
            title, current = match["title"], None
            titles[title] = []
        elif match := _FILE.match(line):
            path = f"{slug(title)}/{match['name']}"
            current = files.setdefault(path, [])
            titles[title].append(path)
        elif current is not None:
            current.append(line)
        elif line.strip() and titles:
            raise LabelError(f"{name}: {line!r} belongs to no file")
    whole = {path: "\n".join(lines).strip("\n") + "\n" for path, lines in files.items()}
    cases: dict[str, Case] = {}
    for title, paths in titles.items():
        found = tuple(label for path in paths for label in labels(path, whole[path]))
        _add(cases, title, found, {path: range(1, 1 + len(whole[path].splitlines())) for path in paths})
        whole.setdefault(f"{slug(title)}/__init__.py", "")
    return _checked(Family(whole, cases))


def labels(path: str, text: str) -> Iterator[Label]:
    """The labels of a file; raises LabelError for a comment that only looks like one."""
    for number, line in enumerate(text.splitlines(), 1):
        match = _LABEL.search(line)
        if match is None:
            if _NEARLY.search(line):
                raise LabelError(f"{path}:{number}: no label: {line.strip()}")
            continue
        kind, rest = match["kind"], match["rest"]
        expected: dict[str, frozenset[str]] = {}
        if kind in ("expect", "todo"):
            for part in rest.split(";"):
                item = _EXPECTED.match(part.strip())
                if item is None:
                    raise LabelError(f"{path}:{number}: not `CODE categories`: {part!r}")
                expected[item["code"]] = frozenset(item["categories"].split(","))
        elif not rest:
            raise LabelError(f"{path}:{number}: say why nothing is reported here")
        yield Label(path, number, kind, match["strict"] is not None, expected)


def slug(title: str) -> str:
    """A title as a name that can be imported."""
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode()
    return re.sub(r"\W+", "_", plain).strip("_").lower()


def reported(files: Mapping[str, str], profile: str = "default") -> dict[tuple[str, int], Reported]:
    """Analyse a project given as text: what is found, by path and line. Fails on any problem."""
    with TemporaryDirectory() as folder:
        root = Path(folder).resolve()
        for name, text in {"pyproject.toml": _MARKER, **files}.items():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_text(text, encoding="utf-8")
        report = check([root], Config(root=root, profile=profile, jobs=1)).report
    assert not report.problems, report.problems
    found: dict[tuple[str, int], dict[str, frozenset[str]]] = {}
    for finding in report.findings:
        by_code = found.setdefault((finding.path, finding.span.line), {})
        by_code[finding.code] = by_code.get(finding.code, frozenset()) | frozenset(finding.categories)
    return dict(found)


@cache
def findings_of(path: Path, strict: bool = False) -> dict[tuple[str, int], Reported]:
    """What one profile reports of a labelled file, analysed once."""
    return reported(family(path).files, "strict" if strict else "default")


def differences(path: Path, title: str) -> list[str]:
    """What is wrong with one case: a line each, none where every label is true."""
    found = family(path)
    case = found.cases[title]
    wrong = _compare(case, findings_of(path), strict=False)
    if any(label.strict for label in case.labels):
        wrong += _compare(case, findings_of(path, strict=True), strict=True)
    return wrong


def outside(path: Path) -> list[str]:
    """Findings of a labelled file that lie in none of its cases."""
    cases = family(path).cases.values()
    return [
        f"{where}:{line}: unlabelled {_shown(found)}"
        for (where, line), found in sorted(findings_of(path).items())
        if not any(line in case.lines.get(where, ()) for case in cases)
    ]


def _compare(case: Case, findings: Mapping[tuple[str, int], Reported], strict: bool) -> list[str]:
    wrong = []
    by_place = {(label.path, label.line): label for label in case.labels}
    if strict:  # the strict profile says more everywhere: only what is labelled as its own is compared
        by_place = {place: label for place, label in by_place.items() if label.strict}
        places = set(by_place)
    else:
        own = {place for place in findings if place[1] in case.lines.get(place[0], ())}
        places = own | set(by_place)
    for place in sorted(places):
        label = by_place.get(place)
        fault = _fault(label if label is None or label.strict == strict else None, findings.get(place, {}))
        if fault:
            wrong.append(f"{place[0]}:{place[1]}: {fault}")
    return wrong


def _fault(label: Label | None, found: Reported) -> str:
    kind = "ok" if label is None else label.kind
    expected: Reported = {} if label is None else label.expected
    if kind in ("expect", "ok") and dict(found) != dict(expected):
        return f"expected {_shown(expected)}, found {_shown(found)}"
    if kind == "todo" and dict(found) == dict(expected):
        return "mended: make this `todo` an `expect`"
    if kind == "todo-ok" and not found:
        return "mended: make this `todo-ok` an `ok`"
    return ""


def _shown(found: Reported) -> str:
    return "; ".join(f"{code} {','.join(sorted(names))}" for code, names in sorted(found.items())) or "nothing"


def _add(cases: dict[str, Case], title: str, found: Sequence[Label], lines: Mapping[str, range]) -> None:
    if title in cases:
        raise LabelError(f"two cases are called {title!r}")
    cases[title] = Case(title, tuple(found), lines)


def _checked(found: Family) -> Family:
    if not found.cases:
        raise LabelError("no case")
    for title, case in found.cases.items():
        kinds = {label.kind for label in case.labels}
        if not kinds & {"expect", "todo"} or not kinds & {"ok", "todo-ok"}:
            raise LabelError(f"case {title!r} is no pair: it needs something to report and a silent twin")
    inside = sum(len(case.labels) for case in found.cases.values())
    if inside != sum(1 for path, text in found.files.items() for _ in labels(path, text)):
        raise LabelError("a label lies in no case")
    return found
