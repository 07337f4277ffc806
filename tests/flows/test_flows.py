"""Flows through every construct of the language: each case is a real flow and its impossible twin."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.labelled import differences, families, family, outside, slug

FAMILIES = families(Path(__file__).parent)
CASES = [(name, title) for name, path in FAMILIES.items() for title in family(path).cases]
MIN_CASES = 120


@pytest.mark.parametrize(("name", "title"), [pytest.param(*case, id=f"{case[0]}-{slug(case[1])}") for case in CASES])
def test_flow(name: str, title: str) -> None:
    assert differences(FAMILIES[name], title) == []


@pytest.mark.parametrize("name", FAMILIES)
def test_nothing_is_found_between_the_cases(name: str) -> None:
    assert outside(FAMILIES[name]) == []


def test_no_case_is_lost() -> None:
    assert len(CASES) >= MIN_CASES
