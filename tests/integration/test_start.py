"""What a start costs: the modules that are imported, and with a warm cache those that are not."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from projects import project, run

# Each takes longer to import than all of a small check; none is needed before something is parsed or printed.
SLOW = {"libcst", "yaml", "rich", "sqlglot"}
SHOP = {"pyproject.toml": "[project]\nname = 'shop'\n", "shop.py": "def call(user):\n    print(user.phone)\n"}


def modules_after(statement: str, folder: Path, environment: dict[str, str] | None = None) -> set[str]:
    """Top-level names of all modules that a fresh Python holds after a statement."""
    program = f"import contextlib, io, json, sys\n{statement}\nprint(json.dumps(sorted(sys.modules)))"
    done = run([sys.executable, "-c", program], folder, environment)
    assert done.returncode == 0, done.stderr
    return {name.partition(".")[0] for name in json.loads(done.stdout.splitlines()[-1])}


@pytest.mark.parametrize("module", ["pi_lint", "pi_lint.flake8_plugin", "pi_lint.cli", "pi_lint.markers"])
def test_an_import_is_cheap(module: str, tmp_path: Path) -> None:
    assert not modules_after(f"import {module}", tmp_path) & (SLOW | {"pathspec", "msgspec", "flake8"})


def test_the_analysis_is_reached_from_the_package(tmp_path: Path) -> None:
    loaded = modules_after("import pi_lint; assert pi_lint.analyse and pi_lint.Config and pi_lint.Report", tmp_path)
    assert not loaded & SLOW
    modules_after("import pi_lint\nassert not hasattr(pi_lint, 'nonsense')", tmp_path)


def test_a_second_check_reads_no_yaml(tmp_path: Path) -> None:
    shop = project(tmp_path / "my shop", SHOP)
    cache = {"XDG_CACHE_HOME": str(tmp_path / "cache"), "HOME": str(tmp_path), "LOCALAPPDATA": str(tmp_path)}
    check = "from pi_lint.cli import main\nwith contextlib.redirect_stdout(io.StringIO()): main(['check'{}])"
    assert "yaml" in modules_after(check.format(""), shop, cache)
    second = modules_after(check.format(""), shop, cache)
    assert "libcst" in second
    assert not second & {"yaml", "rich"}
    assert "yaml" in modules_after(check.format(", '--no-cache'"), shop, cache)


def test_no_cache_writes_nothing(tmp_path: Path) -> None:
    shop = project(tmp_path / "my shop", SHOP)
    cache = {"XDG_CACHE_HOME": str(tmp_path / "cache"), "HOME": str(tmp_path), "LOCALAPPDATA": str(tmp_path)}
    done = run([sys.executable, "-m", "pi_lint", "check", "--no-cache"], shop, cache)
    assert done.returncode == 1
    assert sorted(path.name for path in tmp_path.iterdir()) == ["my shop"]
