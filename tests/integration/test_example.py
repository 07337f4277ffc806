"""The example application: what its labels say is what pi-lint reports, and nothing else.

Labels are comments, `# expect: PIL101 phone` on the first line of the sink.
"""

from __future__ import annotations

import io
import re
import tokenize
from pathlib import Path

import pytest

from projects import CHECKOUT, findings

EXAMPLE = CHECKOUT / "examples" / "telecom_selfservice"
_LABEL = re.compile(r"#\s*(expect|expect\[strict\]|ok):\s*(.*)$")
_ENTRY = re.compile(r"\b(PIL\d{3}) ([a-z_]+(?:,[a-z_]+)*)")

# Path below the example, line and code to the categories.
Expected = dict[tuple[str, int, str], frozenset[str]]


def labels(kind: str) -> Expected:
    """The labels of one kind; `ok` labels carry no code and stand under an empty one."""
    found: Expected = {}
    for path in sorted(EXAMPLE.rglob("*.py")):
        name = path.relative_to(EXAMPLE).as_posix()
        for token in tokenize.generate_tokens(io.StringIO(path.read_text(encoding="utf-8")).readline):
            match = _LABEL.search(token.string) if token.type == tokenize.COMMENT else None
            if match is None or match[1] != kind:
                continue
            if kind == "ok":
                found[name, token.start[0], ""] = frozenset()
                continue
            entries = _ENTRY.findall(match[2])
            assert entries, f"{name}:{token.start[0]}: no code in {token.string}"
            for code, categories in entries:
                found[name, token.start[0], code] = frozenset(categories.split(","))
    return found


def reported(profile: str) -> Expected:
    rows = findings("--profile", profile, ".", cwd=EXAMPLE)
    return {(row["path"], row["line"], row["code"]): frozenset(row["categories"]) for row in rows}


@pytest.fixture(scope="module")
def default() -> Expected:
    return reported("default")


def test_the_example_is_large_enough_to_need_the_whole_program() -> None:
    modules = [path for path in EXAMPLE.rglob("*.py") if path.read_text(encoding="utf-8").count("\n") > 10]
    lines = sum(path.read_text(encoding="utf-8").count("\n") for path in modules)
    assert len(modules) >= 12
    assert lines >= 600
    assert len(labels("expect")) >= 30
    assert len(labels("ok")) >= len(labels("expect"))


def test_every_labelled_leak_is_reported(default: Expected) -> None:
    assert sorted(labels("expect").keys() - default.keys()) == []


def test_nothing_else_is_reported(default: Expected) -> None:
    assert sorted(default.keys() - labels("expect").keys()) == []


def test_the_categories_are_those_of_the_labels(default: Expected) -> None:
    expected = labels("expect")
    both = expected.keys() & default.keys()
    assert {key: sorted(default[key]) for key in both} == {key: sorted(expected[key]) for key in both}


def test_every_code_of_the_default_profile_has_a_leak_here() -> None:
    codes = {code for _, _, code in labels("expect")}
    assert codes >= {
        "PIL091", "PIL092", "PIL101", "PIL102", "PIL103", "PIL104", "PIL105", "PIL106", "PIL107",
        "PIL131", "PIL132", "PIL133",
    }  # fmt: skip


def test_the_strict_profile_adds_the_labels_of_its_own() -> None:
    strict = reported("strict")
    added = labels("expect[strict]")
    assert sorted(added.keys() - strict.keys()) == []
    assert {key: sorted(strict[key]) for key in added} == {key: sorted(added[key]) for key in added}


def test_a_leak_through_a_helper_can_be_followed_from_file_to_file() -> None:
    rows = findings(".", cwd=EXAMPLE)
    (row,) = [row for row in rows if Path(row["path"]).name == "events.py" and row["categories"] != ["name"]]
    files = {step["path"] for trace in row["trace"] for step in trace["steps"]}
    assert {"selfservice/events.py", "selfservice/services/registration.py"} <= files
