"""`pi-lint check` as users run it: options, output, exit status."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from projects import FILES, FOUND, UNUSED, findings, pi_lint, project

SCHEMA = Path(__file__).parents[2] / "rules" / "schema" / "report.schema.json"


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    return project(tmp_path / "my shop")


def test_json_findings(shop: Path) -> None:
    found = findings(".", cwd=shop)
    assert [(f["path"], f["line"], f["column"], f["code"]) for f in found] == FOUND


def test_json_keeps_to_its_schema_and_is_the_same_twice(shop: Path) -> None:
    jsonschema = pytest.importorskip("jsonschema")
    runs = [
        pi_lint("check", "--format", "json", "--profile", "strict", *more, ".", cwd=shop)
        for more in ([], ["--jobs", "2"], ["--no-cache"])
    ]
    assert len({done.stdout for done in runs}) == 1
    jsonschema.validate(json.loads(runs[0].stdout), json.loads(SCHEMA.read_text(encoding="utf-8")))


def test_strict_profile_reports_unused_suppressions(shop: Path) -> None:
    found = [(f["path"], f["line"], f["code"]) for f in findings("--profile", "strict", "--select", "PIL003", cwd=shop)]
    assert found == UNUSED


def test_text_report(shop: Path) -> None:
    done = pi_lint("check", cwd=shop)
    assert done.returncode == 1
    lines = done.stdout.splitlines()
    assert lines[0].startswith("shop/accounts.py:7:5: PIL101 phone (user.phone, from shop/accounts.py:6) logged ")
    assert lines[1:3] == [
        '  7 |     logger.info("welcome %s", user.phone)',
        "    |     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^",
    ]
    assert lines[-1] == "4 findings in 2 files"
    assert "\x1b" not in done.stdout
    assert done.stderr == ""


def test_chinese(shop: Path) -> None:
    done = pi_lint("check", "--lang", "zh", cwd=shop)
    assert "（第十条）" in done.stdout
    assert done.stdout.splitlines()[-1] == "2 个文件中有 4 处问题"


@pytest.mark.parametrize("encoding", ["ascii", "latin-1"])
@pytest.mark.parametrize("form", ["text", "json"])
def test_an_output_that_knows_no_chinese(shop: Path, encoding: str, form: str) -> None:
    done = pi_lint("check", "--lang", "zh", "--format", form, cwd=shop, environment={"PYTHONIOENCODING": encoding})
    assert (done.returncode, done.stderr) == (1, "")


@pytest.mark.parametrize(
    ("arguments", "status", "count"),
    [
        (["--select", "PIL101"], 1, 1),
        (["--select", "PIL101,PIL102"], 1, 4),
        (["--ignore", "PIL10"], 0, 0),
        (["--exit-zero"], 0, 4),
        (["shop/clean.py"], 0, 0),
        (["shop/office.py"], 1, 1),
        (["shop"], 1, 4),
    ],
)
def test_options_and_exit_status(shop: Path, arguments: list[str], status: int, count: int) -> None:
    done = pi_lint("check", "--format", "json", *arguments, cwd=shop)
    assert (done.returncode, len(json.loads(done.stdout)["findings"])) == (status, count)


def test_paths_are_relative_to_the_current_folder_or_absolute(shop: Path) -> None:
    assert {f["path"] for f in findings("office.py", cwd=shop / "shop")} == {"office.py"}
    elsewhere = shop.parent / "elsewhere"
    elsewhere.mkdir()
    (path,) = {f["path"] for f in findings(str(shop / "shop" / "office.py"), cwd=elsewhere)}
    assert path == (shop.resolve() / "shop" / "office.py").as_posix()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nowhere.py"], "nowhere.py"),
        (["empty"], "empty"),
        (["pyproject.toml"], "pyproject.toml"),
        (["--config", "nowhere.toml"], "nowhere.toml"),
        (["--select", "PIL19"], "PIL19"),
        (["--jobs", "0"], "--jobs"),
        (["--profile", "strictest"], "strictest"),
        (["--nonsense"], "--nonsense"),
    ],
)
def test_a_run_that_cannot_be_done(shop: Path, arguments: list[str], said: str) -> None:
    (shop / "empty").mkdir()
    done = pi_lint("check", *arguments, cwd=shop)
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr.splitlines()[-1]
    assert "Traceback" not in done.stderr


def test_without_a_command_the_help_is_shown(shop: Path) -> None:
    done = pi_lint(cwd=shop)
    assert (done.returncode, done.stdout) == (2, "")
    assert "check" in done.stderr


def test_version(shop: Path) -> None:
    assert pi_lint("--version", cwd=shop).stdout.startswith("pi-lint ")


@pytest.mark.parametrize("form", ["text", "json"])
def test_a_wrong_configuration(shop: Path, form: str) -> None:
    (shop / "pi-lint.toml").write_text('profil = "strict"\nlanguag = "zh"\n', encoding="utf-8")
    done = pi_lint("check", "--format", form, cwd=shop)
    assert done.returncode == 2
    assert done.stdout.count("PIL001") >= 2
    if form == "json":
        problems = json.loads(done.stdout)["problems"]
        assert [(p["path"], p["line"], p["code"]) for p in problems] == [
            ("pi-lint.toml", 1, "PIL001"),
            ("pi-lint.toml", 2, "PIL001"),
        ]


@pytest.mark.parametrize("form", ["text", "json"])
def test_a_wrong_rule_pack(shop: Path, form: str) -> None:
    wrong = "calls:\n  - id: acme.send\n    name: [acme.send]\n    sinks: [{concept: lag}]\n"
    files = {"pi-lint.toml": '\npacks = ["acme.yaml", "none.yaml"]\ndisable = ["nothing.here"]\n', "acme.yaml": wrong}
    project(shop, files)
    done = pi_lint("check", "--format", form, cwd=shop)
    assert done.returncode == 2
    # What the rest of the rules finds is shown all the same.
    assert done.stdout.count("PIL102") >= 3
    said = ["did you mean names?", "did you mean log?", "none.yaml", "nothing.here"]
    assert [word for word in said if word not in done.stdout] == []
    if form == "json":
        places = [(p["path"], p["line"]) for p in json.loads(done.stdout)["problems"]]
        assert places == [("acme.yaml", n) for n in (2, 3, 4)] + [("pi-lint.toml", n) for n in (2, 3)]


def test_an_unreadable_file_does_not_hide_the_others(shop: Path) -> None:
    (shop / "shop" / "broken.py").write_bytes(b"name = '\xff\xfe'\n")
    done = pi_lint("check", "--format", "json", cwd=shop)
    report = json.loads(done.stdout)
    assert (done.returncode, len(report["findings"])) == (1, len(FOUND))
    assert [(p["path"], p["code"]) for p in report["problems"]] == [("shop/broken.py", "PIL002")]
    assert pi_lint("check", "shop/office.py", cwd=shop).stdout.count("PIL002") == 0


def test_a_reader_that_goes_away(shop: Path) -> None:
    many = "def f(user):\n" + "    print(user.phone)\n" * 3000
    project(shop, {"shop/many.py": many})
    command = f'"{sys.executable}" -m pi_lint check --format json . | head -c 10'
    checkout = str(Path(__file__).parents[2])
    own = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, (checkout, os.environ.get("PYTHONPATH"))))}
    done = subprocess.run(
        command, shell=True, cwd=shop, env=own, capture_output=True, encoding="utf-8", check=False, timeout=120
    )
    assert done.stderr == ""


def test_a_suppression_that_is_used_by_a_caller_only(tmp_path: Path) -> None:
    helper = "import logging\n\n\ndef note(value):\n    logging.getLogger('x').info('%s', value)\n"
    importing = "from shop.helper import note\n\n\n"
    caller = importing + "def first(user):\n    note(user.phone)  # pi-lint: ignore[PIL101] agreed\n"
    second = importing + "def second(user):\n    note(user.email)\n"
    files = {"pyproject.toml": FILES["pyproject.toml"], "shop/__init__.py": "", "shop/helper.py": helper}
    shop = project(tmp_path / "shop", {**files, "shop/a.py": caller})
    assert findings("--profile", "strict", "--select", "PIL101,PIL003", cwd=shop) == []
    project(shop, {"shop/b.py": second})
    found = findings("--profile", "strict", "--select", "PIL101,PIL003", cwd=shop)
    assert [(f["path"], f["line"], f["categories"]) for f in found] == [("shop/helper.py", 5, ["email"])]
    # Naming the caller alone shows its flow there.
    found = findings("shop/b.py", cwd=shop)
    assert [(f["path"], f["line"], f["categories"]) for f in found] == [("shop/b.py", 5, ["email"])]
