"""What clears a flow and what does not, and every default code beside its silent twin."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.labelled import differences, families, family, outside, slug

FAMILIES = families(Path(__file__).parent)
CASES = [(name, title) for name, path in FAMILIES.items() for title in family(path).cases]
DEFAULT_CODES = {
    "PIL091", "PIL092", "PIL101", "PIL102", "PIL103", "PIL104", "PIL105", "PIL106", "PIL107", "PIL131", "PIL132",
    "PIL133",
}  # fmt: skip


@pytest.mark.parametrize(("name", "title"), [pytest.param(*case, id=f"{case[0]}-{slug(case[1])}") for case in CASES])
def test_check(name: str, title: str) -> None:
    assert differences(FAMILIES[name], title) == []


@pytest.mark.parametrize("name", FAMILIES)
def test_nothing_is_found_between_the_cases(name: str) -> None:
    assert outside(FAMILIES[name]) == []


def test_every_default_code_fires() -> None:
    labels = [label for case in family(FAMILIES["codes"]).cases.values() for label in case.labels]
    fired = {code for label in labels if label.kind == "expect" and not label.strict for code in label.expected}
    assert DEFAULT_CODES - fired == set()
