"""Files and settings that cannot be used: what the run says, how it ends, and that the rest is analysed."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from projects import pi_lint

GOOD = "def show(user):\n    print(user.phone)\n"
FOUND = [("good.py", 2, "PIL102")]
DEPTH, TERMS = 3_000, 20_000


def folder(tmp_path: Path, files: Mapping[str, bytes | str]) -> Path:
    root = tmp_path / "shop"
    for name, content in {"pyproject.toml": "[project]\nname = 'shop'\n", "good.py": GOOD, **files}.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8"))
    return root


def report(root: Path, *arguments: str) -> tuple[int, dict[str, Any]]:
    done = pi_lint("check", "--format", "json", *arguments, cwd=root)
    assert "Traceback" not in done.stderr, done.stderr
    return done.returncode, json.loads(done.stdout)


def found(said: Mapping[str, Any]) -> list[tuple[str, int, str]]:
    return [(item["path"], item["line"], item["code"]) for item in said["findings"]]


@pytest.mark.parametrize(
    ("content", "line"),
    [
        pytest.param(b"name = '\xff\xfe'\n", 1, id="undecodable"),
        pytest.param(b"# coding: nonsense-8\nname = 1\n", 1, id="unknown encoding"),
        pytest.param(b"x = 1\ndef broken(:\n    pass\n", 2, id="syntax error"),
        pytest.param(b"x = 1\ny = '\0'\n", 2, id="null byte"),
        pytest.param(b"def f():\n    if True:\n  x = 1\n", 3, id="indentation"),
        pytest.param(b"text = '''never ends\n", None, id="open string"),
        pytest.param(b"print 'python 2'\n", 1, id="python 2"),
    ],
)
def test_an_unreadable_file(tmp_path: Path, content: bytes, line: int | None) -> None:
    root = folder(tmp_path, {"broken.py": content})
    status, said = report(root)
    assert (status, found(said)) == (1, FOUND)
    (problem,) = said["problems"]
    assert (problem["path"], problem["code"]) == ("broken.py", "PIL002")
    if line is not None:
        assert problem["line"] == line
    assert len(problem["message"]) > 10


def test_a_file_with_problems_only_is_no_clean_run(tmp_path: Path) -> None:
    root = folder(tmp_path, {"good.py": "x = 1\n", "broken.py": "def broken(:\n"})
    status, said = report(root)
    assert status == 1
    assert [problem["code"] for problem in said["problems"]] == ["PIL002"]


def test_deep_nesting_ends_neither_the_run_nor_the_process(tmp_path: Path) -> None:
    root = folder(tmp_path, {"deep.py": f"x = {'(' * DEPTH}1{')' * DEPTH}\n"})
    status, said = report(root)
    assert (status, found(said)) == (1, FOUND)
    assert {(problem["path"], problem["code"]) for problem in said["problems"]} <= {("deep.py", "PIL002")}


@pytest.mark.parametrize(
    "content",
    [
        pytest.param("[" * DEPTH + "]" * DEPTH, id="brackets"),
        pytest.param("f(" * DEPTH + ")" * DEPTH, id="calls"),
        pytest.param("not " * DEPTH + "x", id="not"),
        pytest.param("x" + ".y" * DEPTH, id="attributes"),
        pytest.param("lambda: " * DEPTH + "0", id="lambdas"),
    ],
)
def test_other_deep_nesting(tmp_path: Path, content: str) -> None:
    root = folder(tmp_path, {"deep.py": f"x = f = 0\ny = {content}\n"})
    status, said = report(root)
    assert (status, found(said)) == (1, FOUND)
    assert {(problem["path"], problem["code"]) for problem in said["problems"]} <= {("deep.py", "PIL002")}


def test_a_long_sum_is_analysed_or_reported(tmp_path: Path) -> None:
    terms = " + ".join(["'a'"] * TERMS)
    root = folder(tmp_path, {"long.py": f"def total(user):\n    print(user.phone + {terms})\n"})
    status, said = report(root)
    assert status == 1
    assert found({"findings": [item for item in said["findings"] if item["path"] == "good.py"]}) == FOUND
    seen = [("long.py", 2, "PIL102")] == [item for item in found(said) if item[0] == "long.py"]
    told = [problem["path"] for problem in said["problems"]] == ["long.py"]
    assert seen or told


def test_a_long_chain_of_branches(tmp_path: Path) -> None:
    branches = "".join(f"    elif n == {number}:\n        x = {number}\n" for number in range(1, 2_000))
    text = f"def f(n, user):\n    if n == 0:\n        x = 0\n{branches}    print(user.email)\n"
    root = folder(tmp_path, {"long.py": text})
    status, said = report(root)
    assert status == 1
    assert ("good.py", 2, "PIL102") in found(said)
    assert [item[2] for item in found(said) if item[0] == "long.py"] == ["PIL102"] or said["problems"]


@pytest.mark.skipif(sys.platform == "win32", reason="links need a privilege there")
def test_a_loop_of_links_and_a_link_to_nothing(tmp_path: Path) -> None:
    root = folder(tmp_path, {"inner/more.py": GOOD})
    (root / "inner" / "back").symlink_to(root, target_is_directory=True)
    (root / "ring_a.py").symlink_to(root / "ring_b.py")
    (root / "ring_b.py").symlink_to(root / "ring_a.py")
    (root / "gone.py").symlink_to(root / "nowhere.py")
    status, said = report(root)
    assert (status, found(said)) == (1, [*FOUND, ("inner/more.py", 2, "PIL102")])
    assert {problem["code"] for problem in said["problems"]} <= {"PIL002"}
    assert {problem["path"] for problem in said["problems"]} == {"inner/back", "ring_a.py", "ring_b.py", "gone.py"}


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="nothing is locked for the superuser")
@pytest.mark.parametrize("name", ["locked", "locked/more.py"])
def test_a_locked_folder_and_a_locked_file(tmp_path: Path, name: str) -> None:
    root = folder(tmp_path, {"locked/more.py": GOOD})
    (root / name).chmod(0)
    try:
        status, said = report(root)
    finally:
        (root / name).chmod(0o700)
    assert (status, found(said)) == (1, FOUND)
    assert [problem["path"] for problem in said["problems"]] == [name]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no such files there")
def test_a_pipe_that_is_called_like_a_module(tmp_path: Path) -> None:
    root = folder(tmp_path, {})
    os.mkfifo(root / "pipe.py")
    status, said = report(root)
    assert (status, found(said)) == (1, FOUND)


def test_a_folder_that_is_called_like_a_module(tmp_path: Path) -> None:
    root = folder(tmp_path, {"odd.py/inner.py": GOOD})
    status, said = report(root)
    assert status == 1
    assert found(said)[0] == FOUND[0]
    assert said["problems"] == []


@pytest.mark.parametrize(
    ("setting", "said"),
    [
        ("profil = 'strict'", "profile"),
        ("profile = 'stric'", "strict"),
        ("select = ['PIL10x']", "PIL10x"),
        ("select = 'PIL101'", "select"),
        ("confidence = 3", "confidence"),
        ("packs = ['nowhere.yaml']", "nowhere.yaml"),
        ("profile = ", "pi-lint.toml"),
    ],
)
def test_a_wrong_configuration_says_what_is_meant(tmp_path: Path, setting: str, said: str) -> None:
    root = folder(tmp_path, {"pi-lint.toml": f"# settings\n{setting}\n"})
    done = pi_lint("check", cwd=root)
    assert (done.returncode, "Traceback" in done.stderr) == (2, False)
    assert "pi-lint.toml:2:" in done.stdout + done.stderr
    assert "PIL001" in done.stdout + done.stderr
    assert said in done.stdout + done.stderr


def test_a_wrong_setting_in_the_project_file(tmp_path: Path) -> None:
    root = folder(tmp_path, {"pyproject.toml": "[project]\nname = 'shop'\n\n[tool.pi-lint]\nlanguag = 'zh'\n"})
    done = pi_lint("check", cwd=root)
    assert done.returncode == 2
    assert "pyproject.toml:5:" in done.stdout + done.stderr
    assert "language" in done.stdout + done.stderr


def test_all_faults_of_a_rule_pack_at_once(tmp_path: Path) -> None:
    pack = "library: ours\ncalls:\n  - {name: ours.send, sinc: message}\n  - {name: 3}\n"
    root = folder(tmp_path, {"pi-lint.toml": "packs = ['ours.yaml']\n", "ours.yaml": pack})
    status, said = report(root)
    assert status == 2
    assert {(problem["path"], problem["code"]) for problem in said["problems"]} == {("ours.yaml", "PIL001")}
    assert len(said["problems"]) >= 2
    assert {problem["line"] for problem in said["problems"]} & {3, 4}


@pytest.mark.parametrize("pack", ["calls: [", "- 1\n- 2\n", "\t: x", "!!python/object:os.system {}\n", "a: &a [*a]\n"])
def test_a_rule_pack_that_is_no_rule_pack(tmp_path: Path, pack: str) -> None:
    root = folder(tmp_path, {"pi-lint.toml": "packs = ['ours.yaml']\n", "ours.yaml": pack})
    status, said = report(root)
    assert status == 2
    assert {(problem["path"], problem["code"]) for problem in said["problems"]} == {("ours.yaml", "PIL001")}


@pytest.mark.parametrize("name", ["nowhere", "nowhere.py", "empty", "notes.txt"])
def test_paths_without_python(tmp_path: Path, name: str) -> None:
    root = folder(tmp_path, {"notes.txt": "no Python"})
    (root / "empty").mkdir()
    done = pi_lint("check", name, cwd=root)
    assert (done.returncode, done.stdout) == (2, "")
    assert name in done.stderr
    assert "Traceback" not in done.stderr


def test_one_wrong_path_beside_a_right_one(tmp_path: Path) -> None:
    root = folder(tmp_path, {})
    done = pi_lint("check", "good.py", "nowhere.py", cwd=root)
    assert done.returncode == 2
    assert "nowhere.py" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\n",
        b"\xef\xbb\xbfx = 1\n",
        b"x = 1\r\ny = 2\r",
        b"\x0c\nx = 1\n",
        b"# -*- coding: gbk -*-\nx = '\xc4\xe3'\n",
    ],
)
def test_odd_files_that_are_right(tmp_path: Path, content: bytes) -> None:
    root = folder(tmp_path, {"odd.py": content})
    status, said = report(root)
    assert (status, found(said), said["problems"]) == (1, FOUND, [])
