"""The plugin in flake8: the findings of `pi-lint check`, whatever the jobs and the start method."""

from __future__ import annotations

import importlib.metadata
import json
import multiprocessing
import os
import shutil
import sys
from pathlib import Path

import pytest

from projects import CHECKOUT, FILES, FOUND, UNUSED, findings, flake8, flake8_rows, project, run

OURS = "--select=PIL"


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    return project(tmp_path / "my shop")


@pytest.mark.parametrize("method", multiprocessing.get_all_start_methods())
@pytest.mark.parametrize("jobs", ["1", "2"])
def test_the_findings_of_the_command_line(shop: Path, jobs: str, method: str) -> None:
    expected = [(f["path"], f["line"], f["column"], f["code"], f["message"]) for f in findings(".", cwd=shop)]
    assert [row[:4] for row in expected] == FOUND
    assert flake8_rows(flake8(OURS, "--jobs", jobs, ".", cwd=shop, start_method=method)) == expected


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_the_strict_findings_of_the_command_line(shop: Path, jobs: str) -> None:
    found = findings("--profile", "strict", cwd=shop)
    expected = [(f["path"], f["line"], f["column"], f["code"], f["message"]) for f in found]
    assert set(UNUSED) <= {(row[0], row[1], row[3]) for row in expected}
    assert flake8_rows(flake8(OURS, "--jobs", jobs, "--pi-lint-profile=strict", cwd=shop)) == expected


@pytest.mark.parametrize("jobs", ["1", "2"])
@pytest.mark.parametrize("profile", ["default", "strict"])
def test_a_whole_application(tmp_path: Path, jobs: str, profile: str) -> None:
    """The labelled example, copied: flake8 writes its own settings beside a project."""
    example = tmp_path / "example"
    shutil.copytree(CHECKOUT / "examples" / "telecom_selfservice", example)
    found = findings("--profile", profile, ".", cwd=example)
    expected = [(f["path"], f["line"], f["column"], f["code"], f["message"]) for f in found]
    assert len(expected) >= 30
    done = flake8(OURS, "--jobs", jobs, f"--pi-lint-profile={profile}", ".", cwd=example)
    assert flake8_rows(done) == sorted(expected)


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_from_another_folder(shop: Path, jobs: str) -> None:
    elsewhere = project(shop.parent / "elsewhere", {"notes.txt": ""})
    rows = flake8_rows(flake8(OURS, "--jobs", jobs, str(shop), cwd=elsewhere))
    assert [(os.path.relpath(row[0], shop), *row[1:4]) for row in rows] == FOUND
    rows = flake8_rows(flake8(OURS, "--jobs", jobs, os.path.join("..", shop.name, "shop", "office.py"), cwd=elsewhere))
    assert [(os.path.relpath(elsewhere / row[0], shop), *row[1:4]) for row in rows] == FOUND[3:]


def test_strict_codes_by_their_full_names(shop: Path) -> None:
    for option in ("--select=PIL003", "--extend-select=PIL003"):
        rows = flake8_rows(flake8(option, cwd=shop))
        assert [(r[0], r[1], r[3]) for r in rows if r[3] == "PIL003"] == UNUSED
    assert not flake8_rows(flake8("--select=PIL00", cwd=shop))


def test_named_files(shop: Path) -> None:
    rows = flake8_rows(flake8(OURS, "shop/office.py", str(shop / "shop" / "clean.py"), cwd=shop))
    assert [row[:4] for row in rows] == FOUND[3:]


def test_options_in_flake8s_own_configuration(shop: Path) -> None:
    done = flake8(OURS, "shop/office.py", cwd=shop, configuration="pi-lint-lang = zh")
    assert "（第十条）" in done.stdout


def test_noqa_can_be_disabled(shop: Path) -> None:
    rows = flake8_rows(flake8(OURS, "--disable-noqa", cwd=shop))
    assert ("shop/accounts.py", 9, 5, "PIL102") in [row[:4] for row in rows]


@pytest.mark.parametrize(
    ("option", "loaded"),
    [("--select=E", False), ("--extend-ignore=PIL", False), ("--ignore=PIL", False), ("--select=E,PIL13", True)],
)
def test_nothing_is_loaded_without_a_selected_code(shop: Path, option: str, loaded: bool) -> None:
    done = flake8(option, cwd=shop, environment={"PYTHONPROFILEIMPORTTIME": "1"})
    assert "PIL" not in done.stdout
    assert ("pi_lint.checking" in done.stderr) is loaded


def test_standard_input_is_the_new_content_of_the_file(shop: Path) -> None:
    text = "def dial(user):\n\n    print(user.phone)\n"
    done = flake8(OURS, "--stdin-display-name", "shop/office.py", "-", cwd=shop, text=text)
    assert [row[:4] for row in flake8_rows(done)] == [("shop/office.py", 3, 5, "PIL102")]
    done = flake8(OURS, "-", cwd=shop, text=text)
    assert [row[:4] for row in flake8_rows(done)] == [("stdin", 3, 5, "PIL102")]


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_a_wrong_configuration_stands_in_the_first_file(shop: Path, jobs: str) -> None:
    (shop / "pi-lint.toml").write_text("profil = 'strict'\n", encoding="utf-8")
    project(shop, {"shop/broken.py": "def (\n"})
    rows = flake8_rows(flake8(OURS, "--jobs", jobs, "shop/broken.py", "shop/office.py", "shop/clean.py", cwd=shop))
    wrong = [row for row in rows if row[3] == "PIL001"]
    assert [row[:3] for row in wrong] == [("shop/office.py", 1, 1)]
    assert "pi-lint.toml:1" in wrong[0][4]
    assert ("shop/office.py", 2, 18, "PIL102") in [row[:4] for row in rows]


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_a_fault_of_pi_lint_is_one_row(shop: Path, jobs: str) -> None:
    (shop.parent / "sitecustomize.py").write_text(
        "import sys\nsys.modules['pi_lint.analysis'] = None\n", encoding="utf-8"
    )
    done = flake8(OURS, "--jobs", jobs, "shop/office.py", "shop/clean.py", cwd=shop, environment=_on_path(shop.parent))
    rows = flake8_rows(done)
    assert [row[:4] for row in rows] == [("shop/office.py", 1, 1, "PIL001")]


def _on_path(folder: Path) -> dict[str, str]:
    return {"PYTHONPATH": os.pathsep.join(filter(None, (str(folder), os.environ.get("PYTHONPATH"))))}


def test_the_private_file_is_removed(shop: Path) -> None:
    scratch = shop.parent / "scratch"
    scratch.mkdir()
    done = flake8(OURS, "--jobs", "2", cwd=shop, environment={"TMPDIR": str(scratch)})
    assert flake8_rows(done)
    assert not list(scratch.glob("pi-lint-*"))


def test_flake8s_interface_for_programs(shop: Path) -> None:
    script = (
        "import sys, json, os\nfrom flake8.api import legacy\n"
        "guide = legacy.get_style_guide(select=['PIL'])\n"
        "report = guide.check_files([sys.argv[1]])\n"
        "print(json.dumps(report.total_errors))\n"
    )
    if not any(p.value.startswith("pi_lint.") for p in importlib.metadata.entry_points(group="flake8.extension")):
        pytest.skip("the plugin is not installed")
    empty = shop.parent / "empty"
    project(empty, {"pyproject.toml": FILES["pyproject.toml"], "a.py": ""})
    done = run([sys.executable, "-c", script, str(shop / "shop" / "office.py")], empty, None)
    assert json.loads(done.stdout.splitlines()[-1]) == 1, done.stdout + done.stderr
