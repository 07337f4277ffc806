"""The harness of labelled code itself: a label that is not true must fail."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.labelled import LabelError, differences, family, outside

HEAD = "import logging\n\nlog = logging.getLogger('x')\n\n\n# case: one\ndef one(user):\n"
GOOD = "    log.info('%s', user.phone)  # expect: PIL101 phone\n    log.info('%s', user.id)  # ok: the id\n"


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        (GOOD, ""),
        (GOOD + "    log.info('%s', user.email)\n", "expected nothing, found PIL101 email"),
        (GOOD + "    log.info('%s', user.email)  # expect: PIL101 phone\n", "phone, found PIL101 email"),
        (GOOD + "    log.info('%s', user.level)  # expect: PIL101 phone\n", "phone, found nothing"),
        (GOOD + "    log.info('%s', user.email)  # ok: no\n", "expected nothing, found PIL101 email"),
        (GOOD + "    log.info('%s', user.email)  # todo: PIL101 email\n", "mended"),
        (GOOD + "    log.info('%s', user.level)  # todo: PIL101 email\n", ""),
        (GOOD + "    log.info('%s', user.level)  # todo-ok: silent already\n", "mended"),
        (GOOD + "    log.info('%s', user.email)  # todo-ok: still reported\n", ""),
    ],
)
def test_labels_are_compared(tmp_path: Path, body: str, fault: str) -> None:
    path = tmp_path / "sample.py"
    path.write_text(HEAD + body, encoding="utf-8")
    found = differences(path, "one")
    assert [fault in line for line in found] == ([True] if fault else [])


@pytest.mark.parametrize(
    "text",
    [
        "print(1)\n",
        HEAD + "    log.info('%s', user.id)\n",
        HEAD + "    log.info('%s', user.id)  # ok: silent, and nothing is reported anywhere\n",
        HEAD + GOOD + "    log.info('%s', user.id)  # ok:\n",
        HEAD + GOOD + "    log.info('%s', user.phone)  # expect PIL101 phone\n",
        HEAD + GOOD + "    log.info('%s', user.phone)  # expect: PIL101\n",
        HEAD + GOOD + HEAD + GOOD,
        "print(1)  # ok: before the first case\n" + HEAD + GOOD,
    ],
)
def test_what_is_not_labelled_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "sample.py"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(LabelError):
        family(path)


def test_findings_before_the_first_case_are_seen(tmp_path: Path) -> None:
    path = tmp_path / "sample.py"
    path.write_text("def zero(user):\n    print(user.phone)\n\n\n" + HEAD + GOOD, encoding="utf-8")
    assert outside(path) == ["sample.py:2: unlabelled PIL102 phone"]


def test_virtual_files(tmp_path: Path) -> None:
    path = tmp_path / "sample.txt"
    helper = "# file: helper.py\ndef name_of(user):\n    return user.email\n"
    main = "# file: main.py\nfrom .helper import name_of\n\n\ndef run(user):\n    print(name_of(user))"
    path.write_text(f"# case: one\n{helper}{main}  # expect: PIL102 email\n    print(user.id)  # ok: the id\n", "utf-8")
    assert differences(path, "one") == []
    assert [found.line for found in family(path).cases["one"].labels] == [5, 6]
