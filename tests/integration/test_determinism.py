"""The same bytes come out whatever the hash seed, the number of processes, and the order of the paths."""

from __future__ import annotations

from pathlib import Path

import pytest

from projects import CHECKOUT, pi_lint, project

SNIPPETS = [path for part in ("flows", "checks") for path in sorted((CHECKOUT / "tests" / part).glob("*.py"))]


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    files = {
        f"app/{path.parent.name}/{path.name}": path.read_text(encoding="utf-8")
        for path in SNIPPETS
        if not path.name.startswith("test_")
    }
    assert len(files) > 10
    return project(tmp_path_factory.mktemp("sample"), {"pyproject.toml": "[project]\nname = 'app'\n", **files})


def run(sample: Path, seed: str, *arguments: str) -> str:
    done = pi_lint(
        "check", "--format", "json", "--profile", "strict", *arguments, cwd=sample, environment={"PYTHONHASHSEED": seed}
    )
    assert (done.returncode, done.stderr) == (1, "")
    return done.stdout


@pytest.fixture(scope="module")
def reference(sample: Path) -> str:
    return run(sample, "0", "--jobs", "1")


@pytest.mark.parametrize(
    ("seed", "arguments"),
    [
        ("0", ["--jobs", "1"]),
        ("1", ["--jobs", "1"]),
        ("4242", ["--jobs", "2"]),
        ("7", ["--jobs", "2", "app/checks", "app/flows"]),
        ("8", ["--jobs", "1", "app/flows", "app/checks"]),
    ],
)
def test_the_same_bytes(sample: Path, reference: str, seed: str, arguments: list[str]) -> None:
    assert run(sample, seed, *arguments) == reference
