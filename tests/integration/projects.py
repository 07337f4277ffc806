"""Small projects on disk, and pi-lint and flake8 run on them as users run them."""

from __future__ import annotations

import importlib.metadata
import json
import os
import re
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

CHECKOUT = Path(__file__).parents[2]
_ROW = re.compile(r"(?P<path>.+?):(?P<line>\d+):(?P<column>\d+): (?P<message>(?P<code>PIL\d{3}) .*)")

FILES: Mapping[str, str] = {
    "pyproject.toml": "[project]\nname = 'shop'\n",
    "shop/__init__.py": "",
    "shop/accounts.py": """\
import logging

logger = logging.getLogger(__name__)


def welcome(user):
    logger.info("welcome %s", user.phone)
    print(user.email)
    print(user.phone)  # noqa: PIL102
    print(user.phone)  # pi-lint: ignore[PIL102] asked for by support
    print(
        user.phone,
    )  # pi-lint: ignore[PIL102] covers the statement
    print(  # noqa: PIL101
        user.phone,
    )
    print(user.id)
""",
    "shop/clean.py": "def total(order):\n    return order.amount  # pi-lint: ignore[PIL101] nothing here\n",
    "shop/legacy.py": "# pi-lint: skip-file\ndef trace(user):\n    print(user.phone)\n",
    "shop/office.py": "def dial(user):\n    note = '电话'; print(note, user.phone)\n",
}
FOUND = [
    ("shop/accounts.py", 7, 5, "PIL101"),
    ("shop/accounts.py", 8, 5, "PIL102"),
    ("shop/accounts.py", 14, 5, "PIL102"),
    ("shop/office.py", 2, 18, "PIL102"),
]
UNUSED = [("shop/accounts.py", 14, "PIL003"), ("shop/clean.py", 2, "PIL003")]


def project(folder: Path, files: Mapping[str, str] = FILES) -> Path:
    """Write the files below a folder and give the folder."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode("utf-8"))
    return folder


def pi_lint(
    *arguments: str, cwd: Path, environment: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run `pi-lint` in a folder."""
    return run([sys.executable, "-m", "pi_lint", *arguments], cwd, environment)


def findings(*arguments: str, cwd: Path) -> list[dict[str, Any]]:
    """The findings of `pi-lint check --format json`."""
    done = pi_lint("check", "--format", "json", "--no-cache", *arguments, cwd=cwd)
    assert done.returncode in (0, 1), done.stderr
    rows: list[dict[str, Any]] = json.loads(done.stdout)["findings"]
    return rows


def flake8(
    *arguments: str,
    cwd: Path,
    text: str | None = None,
    environment: Mapping[str, str] | None = None,
    configuration: str = "",
    start_method: str = "",
) -> subprocess.CompletedProcess[str]:
    """Run flake8 with the plugin in a folder, installed or from the checkout."""
    installed = any(p.value.startswith("pi_lint.") for p in importlib.metadata.entry_points(group="flake8.extension"))
    lines = ["[flake8]", "max-line-length = 200", configuration]
    if not installed:
        lines += ["[flake8:local-plugins]", "extension =", "  PIL = pi_lint.flake8_plugin:Plugin"]
    settings = cwd.parent / "flake8.cfg"
    settings.write_text("\n".join(lines), encoding="utf-8")
    start = ""
    if start_method:
        start = f"import multiprocessing; multiprocessing.set_start_method({start_method!r})\n    "
    script = cwd.parent / "run_flake8.py"
    script.write_text(
        f"import sys\nfrom flake8.main.cli import main\nif __name__ == '__main__':\n    {start}sys.exit(main())\n",
        encoding="utf-8",
    )
    command = [sys.executable, str(script), "--config", str(settings), *arguments]
    return run(command, cwd, environment, text)


def flake8_rows(done: subprocess.CompletedProcess[str]) -> list[tuple[str, int, int, str, str]]:
    """Path, line, column, code and message of each of our rows that flake8 printed."""
    assert "Traceback" not in done.stderr, done.stderr
    matches = filter(None, map(_ROW.fullmatch, done.stdout.splitlines()))
    return sorted(
        (os.path.normpath(m["path"]), int(m["line"]), int(m["column"]), m["code"], m["message"]) for m in matches
    )


def run(
    command: Sequence[str], cwd: Path, environment: Mapping[str, str] | None, text: str | None = None
) -> subprocess.CompletedProcess[str]:
    """Run a command in a folder, with the checkout importable."""
    own = {**os.environ, "PYTHONIOENCODING": "utf-8", **(environment or {})}
    own["PYTHONPATH"] = os.pathsep.join(filter(None, (str(CHECKOUT), own.get("PYTHONPATH"))))
    return subprocess.run(
        command, cwd=cwd, env=own, input=text, capture_output=True, encoding="utf-8", check=False, timeout=120
    )
