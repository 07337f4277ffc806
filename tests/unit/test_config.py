"""Where a project begins, what its configuration says, and how a wrong one is told."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from pi_lint import config as module
from pi_lint.config import Config, find_root, load_config
from pi_lint.model import Problem


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)


def made(folder: Path, *names: str, **texts: str) -> Path:
    """A folder with these empty files, and with `pi_lint` or `pyproject` as the text of that file."""
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.mkdir(exist_ok=True) if name.endswith(".git") else path.touch()
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in texts.items():
        (folder / f"{name.replace('_', '-')}.toml").write_text(text, encoding="utf-8")
    return folder.resolve()


def read(folder: Path, **texts: str) -> tuple[Config, list[str]]:
    """Write the files, load, and give the configuration and the problems as lines."""
    made(folder, **texts)
    config, problems = load_config([folder])
    return config, told(problems)


def told(problems: tuple[Problem, ...]) -> list[str]:
    assert all(problem.code == "PIL001" and problem.text_zh for problem in problems)
    return [f"{p.path}:{p.line}: {p.text_en}" for p in problems]


# -- the root ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("files", "path", "expected"),
    [
        (["pyproject.toml", "app/a.py"], "app/a.py", "."),
        (["app/sub/a.py", ".git"], "app/sub", "."),
        (["setup.cfg", "app/setup.py", "app/sub/a.py"], "app/sub/a.py", "app"),
        ([".git", "app/a.py"], "app/missing.py", "app"),
    ],
)
def test_the_nearest_folder_with_a_mark_is_the_root(
    tmp_path: Path, files: list[str], path: str, expected: str
) -> None:
    folder = made(tmp_path / "project", *files)
    if expected == "app" and path.endswith("missing.py"):
        expected = "."
    assert find_root([folder / path]) == folder / expected


def test_a_configuration_counts_more_than_a_nearer_mark(tmp_path: Path) -> None:
    folder = made(tmp_path, "app/.git", "app/sub/setup.py", pi_lint="")
    assert find_root([folder / "app" / "sub"]) == folder
    made(folder / "app", pyproject="[tool.pi-lint]\n")
    assert find_root([folder / "app" / "sub"]) == folder / "app"


def test_a_pyproject_of_another_tool_is_no_configuration(tmp_path: Path) -> None:
    folder = made(tmp_path, pi_lint="")
    made(folder / "app", pyproject="[tool.ruff]\n# pi-lint is not used here\n")
    assert find_root([folder / "app"]) == folder


def test_a_broken_pyproject_that_configures_us_is_found(tmp_path: Path) -> None:
    folder = made(tmp_path, pi_lint="")
    made(folder / "app", pyproject="[tool.pi-lint]\nprofile = \n")
    config, problems = load_config([folder / "app"])
    assert config.root == folder / "app"
    assert told(problems) == ["pyproject.toml:2: this is no TOML: Invalid value"]


def test_without_any_mark_the_folder_given_is_the_root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = made(tmp_path / "plain", "a.py", "sub/b.py")
    # Whatever lies above the temporary folder of this machine does not count here.
    monkeypatch.setattr(module, "_ROOT_MARKS", (".no-such-mark",))
    assert find_root([folder]) == folder
    assert find_root([folder / "a.py"]) == folder
    assert find_root([folder / "sub" / "b.py"]) == folder / "sub"
    assert find_root([folder / "sub" / "b.py", folder / "a.py"]) == folder


def test_several_files_have_one_root(tmp_path: Path) -> None:
    folder = made(tmp_path, "app/one/pi-lint.toml", "app/one/a.py", "app/two/b.py", pi_lint="")
    assert find_root([folder / "app/one/a.py"]) == folder / "app/one"
    assert find_root([folder / "app/one/a.py", folder / "app/two/b.py"]) == folder


# -- reading -----------------------------------------------------------------------------

FULL = """\
profile = "strict"
language = "zh"
select = ["pil10", "PIL131"]
ignore = ["PIL105"]
confidence = "low"
report-at = "source"
exclude = ["vendored/"]
include-tests = true
source-roots = ["src"]
internal-hosts = ["Billing.acme.cn", "*.corp.acme.cn", "10.1.0.0/16", "fd00::1", "user-center"]
own_domains = ["acme.cn"]
processors = ["sms.vendor.cn", "Acme SMS"]
masks = ["acme.text.shorten"]
consent = ["agreed_to_share"]
packs = ["pi-rules/", "extra.yaml"]
disable = ["print.print"]
jobs = 2
cache = "tmp/cache"

[per-path-ignores]
"scripts/**" = ["PIL102", "pil10"]
"""


def test_every_setting(tmp_path: Path) -> None:
    folder = made(tmp_path, "src/a.py")
    config, problems = read(folder, pi_lint=FULL)
    assert problems == []
    assert dataclasses.asdict(dataclasses.replace(config, places={})) == {
        "root": folder,
        "profile": "strict",
        "language": "zh",
        "select": ("PIL10", "PIL131"),
        "ignore": ("PIL105",),
        "confidence": "low",
        "report_at": "source",
        "exclude": ("vendored/",),
        "include_tests": True,
        "per_path_ignores": {"scripts/**": ("PIL102", "PIL10")},
        "source_roots": ("src",),
        "internal_hosts": ("billing.acme.cn", "*.corp.acme.cn", "10.1.0.0/16", "fd00::1", "user-center"),
        "own_domains": ("acme.cn",),
        "processors": ("sms.vendor.cn", "Acme SMS"),
        "masks": ("acme.text.shorten",),
        "consent": ("agreed_to_share",),
        "packs": (folder / "pi-rules", folder / "extra.yaml"),
        "disable": ("print.print",),
        "jobs": 2,
        "cache": folder / "tmp/cache",
        "places": {},
    }
    assert config.places["packs"] == ("pi-lint.toml", 15)
    assert config.places["per_path_ignores"] == ("pi-lint.toml", 20)


def test_every_field_is_a_setting_or_found(tmp_path: Path) -> None:
    fields = {field.name for field in dataclasses.fields(Config)}
    assert fields - {"root", "places"} == set(module._READERS)


def test_the_same_in_pyproject(tmp_path: Path) -> None:
    made(tmp_path, "src/a.py")
    lines = FULL.replace("[per-path-ignores]", "[tool.pi-lint.per-path-ignores]")
    config, problems = read(tmp_path, pyproject=f"[project]\nname = 'x'\n\n[tool.pi-lint]\n{lines}")
    assert problems == []
    assert (config.profile, config.select) == ("strict", ("PIL10", "PIL131"))
    assert config.places["language"] == ("pyproject.toml", 6)
    assert config.places["per_path_ignores"] == ("pyproject.toml", 24)


def test_no_configuration_gives_the_defaults(tmp_path: Path) -> None:
    config, problems = read(tmp_path, pyproject="[project]\nname = 'x'\n")
    assert problems == []
    assert config == Config(config.root, cache=module.default_cache())


def test_options_win(tmp_path: Path) -> None:
    made(tmp_path, pi_lint='profile = "strict"\nselect = ["PIL10"]\njobs = 3\n')
    config, _ = load_config([tmp_path], {"profile": "default", "select": ("PIL131",), "cache": False})
    assert (config.profile, config.select, config.jobs, config.cache) == ("default", ("PIL131",), 3, None)
    with pytest.raises(TypeError):
        load_config([tmp_path], {"profil": "default"})


@pytest.mark.parametrize(("text", "own"), [("cache = false\n", False), ("cache = true\n", True), ("", True)])
def test_the_cache(tmp_path: Path, text: str, own: bool) -> None:
    config, problems = read(tmp_path, pi_lint=text)
    assert problems == []
    assert config.cache == (module.default_cache() if own else None)


def test_another_file(tmp_path: Path) -> None:
    project = made(tmp_path / "project", "a.py", pi_lint='profile = "strict"\n')
    other = made(tmp_path / "settings")
    for name, text in (("ci.toml", ""), ("pyproject.toml", "[tool.pi-lint]\n"), ("shared.toml", "[tool.pi-lint]\n")):
        (other / name).write_text(f'{text}packs = ["p.yaml"]\nprofil = 1\n', encoding="utf-8")
        config, problems = load_config([project / "a.py"], {}, other / name)
        assert (config.root, config.profile, config.packs) == (project, "default", (other / "p.yaml",))
        line = 3 if text else 2
        assert told(problems) == [
            f"{(other / name).as_posix()}:{line}: unknown setting 'profil'; did you mean profile?"
        ]


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    project = made(tmp_path, "a.py", "pyproject.toml")
    config, problems = load_config([project], {}, project / "none.toml")
    assert config.root == project
    assert told(problems) == ["none.toml:1: the configuration cannot be read: No such file or directory"]


def test_windows_line_ends_and_a_mark_at_the_start(tmp_path: Path) -> None:
    project = made(tmp_path)
    (project / "pi-lint.toml").write_bytes('\ufeffprofile = "strict"\r\nlanguag = "zh"\r\n'.encode())
    config, problems = load_config([project])
    assert config.profile == "strict"
    assert told(problems) == ["pi-lint.toml:2: unknown setting 'languag'; did you mean language?"]


# -- faults ------------------------------------------------------------------------------


def test_all_faults_at_once(tmp_path: Path) -> None:
    config, problems = read(
        tmp_path,
        pi_lint="""\
profil = "strict"
language = "zn"
confidence = "certain"
report_at = 3
include-tests = "yes"
select = ["PIL10", "PIL999",
          "PI"]
ignore = "PIL101"
exclude = [1, "!"]
source-roots = [
    "nowhere",
]
internal-hosts = ["https://acme.cn/x", "billing.acme.cn:443", "10.0.0.0/99", "ok.acme.cn"]
jobs = 0
cache = 1
packs = [""]
include_tests = true

[per-path-ignores]
"scripts/**" = "PIL102"
"tools/**" = ["PIL102", "PLI101"]
""",
    )
    assert problems == [
        "pi-lint.toml:1: unknown setting 'profil'; did you mean profile?",
        "pi-lint.toml:2: language: 'zn' is not known; did you mean zh?",
        "pi-lint.toml:3: confidence: 'certain' is not known; use low, medium, high",
        "pi-lint.toml:4: report_at: 3 is not known; use sink, source",
        "pi-lint.toml:5: include-tests: expected true or false, found 'yes'",
        "pi-lint.toml:6: select: 'PIL999' is neither a code nor the beginning of one; did you mean PIL095?",
        "pi-lint.toml:7: select: 'PI' is neither a code nor the beginning of one; did you mean PIL136?",
        "pi-lint.toml:8: ignore: expected a list of texts, found 'PIL101'",
        "pi-lint.toml:9: exclude: '!' is no pattern of an ignore file",
        "pi-lint.toml:9: exclude: expected a text in the list, found 1",
        "pi-lint.toml:11: source-roots: the folder nowhere does not exist",
        "pi-lint.toml:13: internal-hosts: '10.0.0.0/99' is no host; write it without scheme, port and path",
        "pi-lint.toml:13: internal-hosts: 'billing.acme.cn:443' is no host; write it without scheme, port and path",
        "pi-lint.toml:13: internal-hosts: 'https://acme.cn/x' is no host; write it without scheme, port and path",
        "pi-lint.toml:14: jobs: expected a whole number from 1 on, found 0",
        "pi-lint.toml:15: cache: expected a folder, or false, found 1",
        "pi-lint.toml:16: packs: expected a text in the list, found ''",
        "pi-lint.toml:17: include-tests is given twice; keep one",
        "pi-lint.toml:20: per-path-ignores: scripts/**: expected a list of texts, found 'PIL102'",
        "pi-lint.toml:21: per-path-ignores: tools/**: 'PLI101' is neither a code nor the beginning of one; "
        "did you mean PIL101?",
    ]
    assert config == Config(
        config.root,
        select=("PIL10",),
        internal_hosts=("ok.acme.cn",),
        per_path_ignores={"tools/**": ("PIL102",)},
        cache=module.default_cache(),
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a = 1\n[tool.pi-lint]\nprofile = 'strict\n", "pyproject.toml:3: this is no TOML: "),
        ("[tool.pi-lint]\n\njobs = 1\njobs = 2\n", "pyproject.toml:4: this is no TOML: "),
        ("[tool]\nx = 1\npi-lint = 3\n", "pyproject.toml:3: tool.pi-lint must be a table"),
        ("[tool]\n\npi-lint = {profil = 'strict'}\n", "pyproject.toml:3: unknown setting 'profil'; "),
        ("[tool]\n\n\npi-lint.profil = 'strict'\n", "pyproject.toml:4: unknown setting 'profil'; "),
        ("[other]\nprofil = 1\n[tool.\"pi-lint\"]\n'profil' = 1\n", "pyproject.toml:4: unknown setting 'profil'; "),
        ("[tool.pi-lint]\n[tool.pi-lint.per-path-ignore]\n", "pyproject.toml:2: unknown setting 'per-path-ignore'; "),
        ("[tool.pi-lint]\n[[tool.pi-lint.packs]]\nx = 1\n", "pyproject.toml:2: packs: expected a text in the list, "),
    ],
)
def test_the_line_of_a_fault(tmp_path: Path, text: str, expected: str) -> None:
    _, problems = read(tmp_path, pyproject=text)
    assert len(problems) == 1
    assert problems[0].startswith(expected), problems


def test_a_file_that_is_not_utf_8(tmp_path: Path) -> None:
    project = made(tmp_path)
    (project / "pi-lint.toml").write_bytes(b"jobs = 1\n# caf\xe9\n")
    _, problems = load_config([project])
    assert told(problems) == ["pi-lint.toml:2: the file is not UTF-8; save it as UTF-8"]


def test_deep_nesting_is_a_fault(tmp_path: Path) -> None:
    _, problems = read(tmp_path, pi_lint="packs = " + "[" * 100_000)
    assert len(problems) == 1
    assert problems[0].startswith("pi-lint.toml:1: ")


def test_two_configurations_in_one_folder(tmp_path: Path) -> None:
    config, problems = read(tmp_path, pi_lint="jobs = 2\n", pyproject="[project]\n\n[tool.pi-lint]\njobs = 3\n")
    assert config.jobs == 2
    assert problems == ["pyproject.toml:3: [tool.pi-lint] has no effect beside pi-lint.toml; keep one of the two"]
