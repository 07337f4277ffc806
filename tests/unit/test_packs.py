"""The shipped rules are right, and wrong ones are told with file, line and a way to mend them."""

from __future__ import annotations

import functools
import json
import string
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from pi_lint.knowledge import cached, packs
from pi_lint.knowledge.building import BadName, expand
from pi_lint.knowledge.compiled import Knowledge, NameIndex, ProjectFacts
from pi_lint.knowledge.schema import load_schema, validate
from pi_lint.model import Problem

CHECKOUT = Path(__file__).parents[2]
RULES = packs.rules_folder()
FILES = sorted(path.relative_to(RULES).as_posix() for path in RULES.rglob("*.yaml"))
CLEARING = {
    "PIL091": {"consent", "protection"},
    "PIL092": {"consent", "protection"},
    "PIL093": {"consent"},
    **{f"PIL{number}": {"protection"} for number in (101, 102, 103, 104, 105, 106, 107, 132)},
    "PIL131": {"protection", "review"},
    "PIL134": {"protection", "audit"},
    "PIL135": {"review"},
    "PIL136": {"protection", "review"},
}
STRICT = {"PIL003", "PIL093", "PIL094", "PIL095", "PIL134", "PIL135", "PIL136"}

Load = Callable[..., tuple[Knowledge, tuple[Problem, ...]]]


@pytest.fixture(scope="module")
def shipped() -> Knowledge:
    knowledge, problems = packs.load(root=CHECKOUT)
    assert problems == ()
    return knowledge


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache")


@pytest.fixture
def load(tmp_path: Path, cache: Path) -> Load:
    """Load with packs of these texts, named `1.yaml`, `2.yaml` and so on."""

    def run(*texts: str | bytes, **given: Any) -> tuple[Knowledge, tuple[Problem, ...]]:
        files = []
        for number, text in enumerate(texts, 1):
            files.append(tmp_path / f"{number}.yaml")
            files[-1].write_bytes(text.encode() if isinstance(text, str) else text)
        return packs.load(files, root=tmp_path, cache=cache, **given)

    return run


def told(problems: tuple[Problem, ...]) -> list[str]:
    assert all(problem.code == "PIL001" and problem.text_zh for problem in problems)
    return [f"{p.path}:{p.line}:{p.column}: {p.text_en}" for p in problems]


# -- the shipped rules -------------------------------------------------------------------


@functools.cache
def validator(definition: str) -> Any:
    """JSON Schema's own validator, for library packs or for a definition of the other rules."""
    jsonschema = pytest.importorskip("jsonschema")
    name = f"{'rules' if definition else 'pack'}.schema.json"
    schema = json.loads((RULES / "schema" / name).read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator({**schema, "$ref": f"#/$defs/{definition}"} if definition else schema)


@pytest.mark.parametrize("name", FILES)
def test_a_rule_file_keeps_to_the_published_schema(name: str) -> None:
    definition = "" if name.startswith("libraries/") else packs._CORE.get(name, "category")
    data = yaml.load((RULES / name).read_text(encoding="utf-8"), getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    # JSON has no keys but texts: the positions under `when` are written as such.
    validator(definition).validate(json.loads(json.dumps(data)))


def test_codes_are_those_of_the_contract(shipped: Knowledge) -> None:
    assert len(shipped.codes) == 21
    assert {code for code, spec in shipped.codes.items() if spec.profile == "strict"} == STRICT
    assert {code for code, spec in shipped.codes.items() if spec.profile == "always"} == {"PIL001", "PIL002"}
    assert all(spec.article == int(code[3:5]) for code, spec in shipped.codes.items())
    least = {code: spec.default_sensitivity for code, spec in shipped.codes.items()}
    raised = {code: level for code, level in least.items() if level != "low"}
    assert raised == {"PIL105": "medium", "PIL106": "high", "PIL132": "high"}
    assert packs.shipped_codes() == tuple(shipped.codes)


def test_texts_of_codes_are_complete_and_name_only_known_fields(shipped: Knowledge) -> None:
    for spec in shipped.codes.values():
        for key in ("title", "happened", "remedy"):
            english, chinese = getattr(spec, f"{key}_en"), getattr(spec, f"{key}_zh")
            assert english.isascii() and not chinese.isascii()
            for text in (english, chinese):
                assert {field for _, field, _, _ in string.Formatter().parse(text) if field is not None} <= {"sink"}


def test_the_clearing_table(shipped: Knowledge) -> None:
    assert shipped.clearing == CLEARING


def test_every_flow_code_has_a_concept_and_every_concept_a_known_code(shipped: Knowledge) -> None:
    codes = {code for code in shipped.concepts.values() if code is not None}
    assert codes <= shipped.codes.keys()
    assert codes == CLEARING.keys() - {"PIL093", "PIL134", "PIL135", "PIL136"}


def test_every_kind_of_sink_is_used_by_a_library(shipped: Knowledge) -> None:
    used = {sink.concept for call in shipped.calls for sink in call.sinks}
    assert {"log", "console", "telemetry", "analytics", "third_party", "http", "export"} <= used


# -- questions ---------------------------------------------------------------------------

ACME = """
library: acme
title: {en: Acme, zh: 顶点}
reference: https://acme.example/docs
types:
  - {type: acme.Base, attributes: {log: logging.Logger}}
  - {type: acme.Client, names: ["acme.{Client,connect}"], values: [acme.default], is: [acme.Base], guess: [acme_client]}
  - {type: acme.Queue, names: [acme.connect], when: {0: queue, mode: [r, w]}, guess: [client_of_acme], holds: false}
calls:
  - {id: acme.any, names: ["acme.Client.**.create"]}
  - {id: acme.one, names: ["acme.Client.*.create"]}
  - id: acme.send
    names: ["acme.Client.{users.create,send}"]
    when: {"1": json}
    unless: [dry_run]
    sinks:
      - {concept: http, args: [1, "2:", "**"], url: [0], insecure: {verify: [false], secure: no}, exempt: [password]}
    protects: {kind: digest, value: [0], key: ["self:0"], into: self}
    result: "type:acme.Reply"
    does: echo
    with: {deep: true}
  - {id: acme.base, names: [acme.Base.close], title: {en: Base, zh: 基类}}
  - {id: acme.publish, names: [acme_publish], any_receiver: true, requires: [key]}
routes: [{decorators: [acme.route]}]
"""


def test_entries_are_compiled(load: Load) -> None:
    knowledge, problems = load(ACME)
    assert not problems
    (spec,) = knowledge.call("acme.Client.send")
    assert spec.names == ("acme.Client.users.create", "acme.Client.send")
    assert (spec.when, spec.unless) == (((1, ("json",)),), ("dry_run",))
    assert (spec.result, spec.does, spec.options) == ("type:acme.Reply", "echo", {"deep": True})
    assert (spec.title_en, spec.title_zh, spec.reference) == ("Acme", "顶点", "https://acme.example/docs")
    (sink,) = spec.sinks
    assert (sink.args, sink.url, sink.query) == ((1, "2:", "**"), (0,), ())
    assert sink.insecure == (("verify", (False,)), ("secure", (False,)))
    assert sink.exempt == {"password"}
    assert spec.protects is not None
    assert (spec.protects.kind, spec.protects.key, spec.protects.into) == ("digest", ("self:0",), "self")
    assert knowledge.extra["routes"][-1] == {"decorators": ["acme.route"]}


def test_exact_names_come_before_wildcards(load: Load) -> None:
    knowledge, _ = load(ACME)

    def ids(dotted: str) -> list[str]:
        return [spec.id for spec in knowledge.call(dotted)]

    assert ids("acme.Client.users.create") == ["acme.send", "acme.one", "acme.any"]
    assert ids("acme.Client.a.create") == ["acme.one", "acme.any"]
    assert ids("acme.Client.create") == ["acme.any"]
    assert ids("acme.Client.a.b.create") == ["acme.any"]
    assert ids("acme.Client.a.b.created") == []
    assert ids("acme") == []


@pytest.mark.parametrize(
    ("pattern", "name", "expected"),
    [
        ("a.**", "a", True),
        ("a.**", "a.b.c", True),
        ("a.*", "a", False),
        ("**.b", "b", True),
        ("**.b", "a.b.b", True),
        ("a.**.b.**.c", "a.x.b.b.c", True),
        ("a.**.b.**.c", "a.b.x", False),
        ("a.**.b.*", "a.b.b.c", True),
        ("*.b", "a.b", True),
        ("*.b", "b", False),
    ],
)
def test_wildcards(pattern: str, name: str, expected: bool) -> None:
    assert bool(NameIndex([(pattern, 0)]).find(name)) is expected


def test_types(load: Load) -> None:
    knowledge, _ = load(ACME)
    assert [spec.type for spec in knowledge.type_of_call("acme.connect")] == ["acme.Client", "acme.Queue"]
    assert knowledge.type_of_call("acme.connect")[1].when == ((0, ("queue",)), ("mode", ("r", "w")))
    assert knowledge.value_type("acme.default") == "acme.Client"
    assert knowledge.bases("acme.Client") == ("acme.Client", "acme.Base")
    assert knowledge.bases("acme.Unknown") == ("acme.Unknown",)
    assert knowledge.attribute("acme.Client", "log") == "logging.Logger"
    assert knowledge.attribute("acme.Queue", "log") is None
    assert [spec.id for spec in knowledge.method("acme.Client", "close")] == ["acme.base"]
    assert knowledge.method("acme.Client", "open") == ()
    assert [spec.id for spec in knowledge.any_receiver("acme_publish")] == ["acme.publish"]
    assert knowledge.call("acme_publish") == ()
    queue = knowledge.type("acme.Queue")
    assert queue is not None and not queue.holds


def test_bases_may_name_each_other(load: Load) -> None:
    knowledge, _ = load("types: [{type: x.A, is: [x.B, x.C]}, {type: x.B, is: [x.A]}]")
    assert knowledge.bases("x.A") == ("x.A", "x.B", "x.C")


def test_two_entries_of_a_type_are_joined(load: Load) -> None:
    knowledge, _ = load("types: [{type: x.A, guess: [aa]}]", "types: [{type: x.A, is: [x.B], attributes: {b: x.B}}]")
    spec = knowledge.type("x.A")
    assert spec is not None
    assert (spec.guess, spec.bases, spec.attributes) == (("aa",), ("x.B",), {"b": "x.B"})


def test_a_receiver_is_guessed_by_its_last_words(load: Load) -> None:
    knowledge, _ = load(ACME)
    assert knowledge.guess(("my", "acme", "client")) == "acme.Client"
    assert knowledge.guess(("client", "of", "acme")) == "acme.Queue"
    assert knowledge.guess(("acme", "client", "name")) is None
    assert knowledge.guess(()) is None


def test_hosts(load: Load) -> None:
    knowledge, _ = load("hosts: [{host: ads.acme.example, purpose: marketing, name: Acme, country: NL}]")
    for name in ("ads.acme.example", "eu.ADS.acme.example."):
        spec = knowledge.host(name)
        assert spec is not None and (spec.name, spec.purpose, spec.country) == ("Acme", "marketing", "NL")
    assert knowledge.host("acme.example") is None
    assert knowledge.host("badads.acme.example") is None
    assert knowledge.host("") is None


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("a.b", ["a.b"]),
        ("a.{b,c}", ["a.b", "a.c"]),
        ("{a,b}.{c,d}", ["a.c", "a.d", "b.c", "b.d"]),
        ("a.{b,{c,d}.e}", ["a.b", "a.c.e", "a.d.e"]),
        ("a{b, c}", ["ab", "ac"]),
        ("{a,a}", ["a"]),
    ],
)
def test_braces(name: str, expected: list[str]) -> None:
    assert sorted(expand(name)) == expected


@pytest.mark.parametrize("name", ["a.{b", "a.b}", "a..b", "{a,}", "a.b*", "a.***", "{0,1,2,3,4,5,6,7}" * 9])
def test_bad_names(name: str) -> None:
    with pytest.raises(BadName):
        expand(name)


# -- override, disable, additions --------------------------------------------------------


def test_a_later_entry_replaces_one_with_its_id(load: Load) -> None:
    first = "calls: [{id: acme.a, names: [acme.a]}, {id: acme.b, names: [acme.b]}]"
    second = "calls: [{id: acme.a, override: true, names: [acme.other], result: clean}]"
    knowledge, problems = load(first, second)
    assert not problems
    assert knowledge.call("acme.a") == ()
    assert [spec.result for spec in knowledge.call("acme.other")] == ["clean"]
    assert len(knowledge.call("acme.b")) == 1


def test_a_shipped_entry_can_be_replaced_and_disabled(load: Load, shipped: Knowledge) -> None:
    (name, *_), identifier = shipped.calls[0].names, shipped.calls[0].id
    for pack in (f"disable: [{identifier}]", f"calls: [{{id: {identifier}, names: [acme.x]}}]"):
        knowledge, problems = load(pack)
        assert not problems
        assert identifier not in {spec.id for spec in knowledge.call(name)}
    knowledge, problems = load(disabled=[identifier])
    assert not problems
    assert identifier not in {spec.id for spec in knowledge.calls}


def test_what_meets_nothing_is_a_fault(load: Load) -> None:
    _, problems = load(
        "calls: [{id: acme.send, names: [acme.send]}]",
        "disable: [acme.sned]\ncalls:\n  - {id: acme.snd, override: true, names: [acme.x]}\n",
        disabled=["acme.sendd"],
        places={"disable": ("pi-lint.toml", 7)},
    )
    assert told(problems) == [
        "2.yaml:1:10: unknown entry 'acme.sned'; did you mean acme.send?",
        "2.yaml:3:9: unknown entry to override 'acme.snd'; did you mean acme.send?",
        "pi-lint.toml:7:0: disable: unknown entry 'acme.sendd'; did you mean acme.send?",
    ]


def test_a_project_changes_the_clearing_table(load: Load) -> None:
    knowledge, problems = load("clearing: [{code: PIL105, by: [consent, protection]}]")
    assert not problems
    assert knowledge.clearing["PIL105"] == {"consent", "protection"}
    assert knowledge.clearing["PIL101"] == {"protection"}


def test_a_project_adds_words_to_a_category(load: Load, shipped: Knowledge) -> None:
    assert shipped.names.classify("ring_ring_no") is None
    knowledge, problems = load("taxonomy: {phone: {heads: [ring ring no]}}")
    assert not problems
    match = knowledge.names.classify("ring_ring_no")
    assert match is not None and match.category == "phone"


def test_a_word_of_another_category_is_a_fault(load: Load) -> None:
    _, problems = load("library: acme\ntaxonomy:\n  phone: {heads: [e mail]}\n")
    assert told(problems) == ["1.yaml:2:0: 'email' is a head of both phone and email"]


def test_facts_of_a_project(load: Load) -> None:
    facts = ProjectFacts(
        internal_hosts=("billing.acme.example", "*.corp.acme.example", "100.64.0.0/10", "100.100.0.1"),
        processors=("sms.vendor.example", "Twilio"),
        consent=("zgoda_ok",),
    )
    knowledge, _ = load(facts=facts)
    assert {"billing.acme.example", "corp.acme.example"} <= set(knowledge.inside["suffixes"])  # type: ignore[call-overload]
    assert {"100.64.0.0/10", "100.100.0.1/32"} <= set(knowledge.inside["networks"])  # type: ignore[call-overload]
    assert knowledge.is_processor("api.sms.vendor.example") and knowledge.is_processor("twilio")
    assert not knowledge.is_processor("vendor.example")
    match = knowledge.guards.of_name("zgoda_ok")
    assert match is not None and match.kind == "consent" and match.positive
    assert knowledge.digest != load()[0].digest


# -- faults ------------------------------------------------------------------------------


def test_all_faults_of_a_file_at_once(load: Load) -> None:
    knowledge, problems = load(
        """\
library: acme
cals: []
title: {en: Acme}
types:
  - type: acme.Client
    hold: yes
    guess: [on, acme]
calls:
  - id: acme.send
    names: acme.send
    sinks:
      - concept: logg
        arg: [0]
      - concept: http
        args: [-1, 0x, "b d"]
        exempt: [passwort]
        insecure: {verify: false, "x y": [1]}
    result: cleen
  - names: []
  - {id: acme.send, names: ["a.{b,c", "a..b"]}
clearing: [{code: PIL999, by: [concent]}]
taxonomy: {fone: {heads: [x]}}
""",
        "calls: [{id: acme.fine, names: [acme.fine]}]",
    )
    assert told(problems) == [
        "1.yaml:2:0: unknown key 'cals'; did you mean calls?",
        "1.yaml:3:0: the key zh is missing",
        "1.yaml:6:4: unknown key 'hold'; did you mean holds?",
        "1.yaml:7:12: expected a text, found true; put it in quotes",
        "1.yaml:10:11: expected a list, found 'acme.send'",
        "1.yaml:12:17: unknown concept 'logg'; did you mean log?",
        "1.yaml:13:8: unknown key 'arg'; did you mean args?",
        "1.yaml:15:15: -1 is too small; the least is 0",
        '1.yaml:15:19: \'0x\' is no argument: write a position, a keyword, "1:", "**", all, self or self:key',
        '1.yaml:15:23: \'b d\' is no argument: write a position, a keyword, "1:", "**", all, self or self:key',
        "1.yaml:16:17: unknown category 'passwort'; did you mean password?",
        "1.yaml:17:34: 'x y' is no argument: write a position or a keyword",
        "1.yaml:18:12: unknown value 'cleen'; did you mean clean?",
        "1.yaml:19:4: the key id is missing",
        "1.yaml:19:11: the list is empty; give at least one entry or leave the key out",
        "1.yaml:20:9: the id acme.send is given twice",
        "1.yaml:20:28: a.{b,c is no name: a brace has no partner",
        "1.yaml:20:38: a..b is no name: a part of it is empty",
        "1.yaml:21:18: unknown code 'PIL999'; did you mean PIL095?",
        "1.yaml:21:31: unknown value 'concent'; did you mean consent?",
        "1.yaml:22:11: unknown category 'fone'; did you mean phone?",
    ]
    assert knowledge.call("acme.fine") and not knowledge.call("acme.send")


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("", "1:0: expected a mapping, found nothing"),
        ("- a\n", "1:0: expected a mapping, found a list"),
        ("library: x\nlibrary: y\n", "2:0: the key library is given twice"),
        ("library: x\n---\nlibrary: y\n", "2:0: this is no YAML: expected a single document in the stream, "),
        ("library: 2026-01-01\n", "1:9: '2026-01-01' does not have the form "),
        ("library: 7\n", "1:9: expected a text, found 7; put it in quotes"),
        ("library: x\ncalls:\n\t- id: a\n", "3:0: this is no YAML: "),
        (b"library: x\n# caf\xe9\n", "2:0: the file is not UTF-8; save it as UTF-8"),
        ("library: x\0\n", "1:0: this is no YAML: "),
        ("# " + "x" * packs.LARGEST_FILE, "1:0: the file is larger than 1000000 bytes; split it"),
        ("library: !foo x\n", "1:9: the tag !foo is not allowed"),
        ("calls: !!python/object/apply:os.getcwd []\n", "1:7: the tag tag:yaml.org,2002:python/object/apply:os.getcwd"),
        ("? [a]\n: c\n", "1:2: a key must be a plain text or number"),
        ("library: x\ncalls: [1]\n", "2:8: expected a mapping, found 1"),
        ("disable: [&a x.y, *a]\n", "1:10: this is used again by an alias; write it out a second time"),
        ("routes:\n  - " + "{a: " * 60 + "1" + "}" * 60, "2:160: nested more than 40 levels deep"),
        ("routes: " + "[" * 100_000, "1:"),
    ],
)  # fmt: skip
def test_a_broken_file(load: Load, content: str | bytes, expected: str) -> None:
    _, problems = load(content)
    assert any(line.startswith(f"1.yaml:{expected}") for line in told(problems)), told(problems)


def test_tabs_are_explained(load: Load) -> None:
    _, problems = load("library: x\ncalls:\n\t- id: a\n")
    assert problems[0].text_en.endswith("indent with spaces, not tabs")


def test_aliases_cannot_blow_up(load: Load) -> None:
    bomb = "a0: &a0 [x]\n" + "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 30))
    _, problems = load(bomb)
    assert any("alias" in problem.text_en for problem in problems)


def test_packs_that_are_not_there(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    named = [tmp_path / "none.yaml", Path("empty")]
    _, problems = packs.load(named, root=tmp_path, places={"packs": ("pi-lint.toml", 3)})
    assert told(problems) == [
        "pi-lint.toml:3:0: the rule pack empty holds no .yaml file",
        "pi-lint.toml:3:0: the rule pack none.yaml does not exist",
    ]


def test_a_folder_of_packs_is_read_in_order(tmp_path: Path) -> None:
    for name, result in (("b.yml", "clean"), ("a.yaml", "opaque")):
        (tmp_path / name).write_text(f"calls: [{{id: acme.x, names: [acme.x], result: {result}}}]", encoding="utf-8")
    (tmp_path / "notes.txt").write_text("not a pack", encoding="utf-8")
    knowledge, problems = packs.load([tmp_path], root=tmp_path)
    assert not problems
    assert [spec.result for spec in knowledge.call("acme.x")] == ["clean"]


def test_a_file_outside_the_root_is_named_in_full(tmp_path: Path) -> None:
    (tmp_path / "p.yaml").write_text("x: 1\n", encoding="utf-8")
    (tmp_path / "project").mkdir()
    _, problems = packs.load([tmp_path / "p.yaml"], root=tmp_path / "project")
    assert problems[0].path == (tmp_path / "p.yaml").resolve().as_posix()


# -- shipped rules that are damaged --------------------------------------------------------


@pytest.fixture
def own_rules(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the rules that a test may damage."""
    import shutil

    folder = tmp_path / "rules"
    shutil.copytree(RULES, folder)
    monkeypatch.setattr(packs, "rules_folder", lambda: folder)
    return folder


def test_a_faulty_library_is_left_out(own_rules: Path) -> None:
    (own_rules / "libraries" / "zz_first.yaml").write_text("library: zz\nsinks: []\n", encoding="utf-8")
    taken = yaml.safe_load((own_rules / "libraries" / "logging.yaml").read_text(encoding="utf-8"))["calls"][0]["id"]
    second = own_rules / "libraries" / "zz_second.yaml"
    second.write_text(f"calls:\n  - {{id: {taken}, names: [zz.x]}}\n", encoding="utf-8")
    knowledge, problems = packs.load(root=own_rules.parent)
    assert told(problems) == [
        "rules/libraries/zz_first.yaml:2:0: unknown key 'sinks'; known are "
        "calls, clearing, declarations, disable, fields, hosts, library, raises, reference, routes, samples, taxonomy, "
        "title, types",
        f"rules/libraries/zz_second.yaml:2:9: the id {taken} is taken by another pack",
    ]
    assert knowledge.call("logging.info") and not knowledge.call("zz.x")


def test_rules_without_a_core_file_cannot_be_used(own_rules: Path) -> None:
    (own_rules / "clearing.yaml").write_text("clearing: 1\n", encoding="utf-8")
    with pytest.raises(packs.RulesError, match=r"clearing\.yaml:1: expected a list"):
        packs.load(root=own_rules)
    (own_rules / "clearing.yaml").unlink()
    with pytest.raises(packs.RulesError, match=r"clearing\.yaml is missing"):
        packs.load(root=own_rules)


# -- the cache ---------------------------------------------------------------------------


def test_the_cache_changes_nothing_but_time(tmp_path: Path) -> None:
    plain, cold, warm = (packs.load(root=CHECKOUT, cache=folder) for folder in (None, tmp_path, tmp_path))
    for knowledge, problems in (cold, warm):
        assert not problems
        for name in ("calls", "types", "codes", "hosts", "words", "inside", "extra", "digest"):
            assert getattr(knowledge, name) == getattr(plain[0], name)
    assert [path.name for path in tmp_path.iterdir()] == ["rules.msgpack"]


def test_with_a_cache_yaml_is_not_imported(tmp_path: Path) -> None:
    program = (
        "import sys; from pathlib import Path; from pi_lint.knowledge.packs import load; "
        "load(cache=Path(sys.argv[1])); print('yaml' in sys.modules)"
    )
    command = [sys.executable, "-c", program, str(tmp_path)]
    for expected in ("True", "False"):
        done = subprocess.run(command, cwd=CHECKOUT, capture_output=True, encoding="utf-8", check=True)
        assert done.stdout.strip() == expected


@pytest.mark.parametrize(
    "damage", [lambda c: c[:-1], lambda c: c[:40], lambda c: b"", lambda c: c[:99] + b"X" + c[100:]]
)
def test_a_damaged_cache_reads_as_none(tmp_path: Path, damage: Callable[[bytes], bytes]) -> None:
    cached.write(tmp_path, "digest", {"file": {1: ["文", None, True, 0.5]}, "other": "x" * 200})
    file = tmp_path / "rules.msgpack"
    assert cached.read(tmp_path, "digest") == {"file": {1: ["文", None, True, 0.5]}, "other": "x" * 200}
    assert cached.read(tmp_path, "another digest") is None
    file.write_bytes(damage(file.read_bytes()))
    assert cached.read(tmp_path, "digest") is None


def test_a_cache_that_cannot_be_written_is_no_fault(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    cached.write(tmp_path / "file", "digest", {})
    assert cached.read(tmp_path / "file", "digest") is None


# -- our own validation ------------------------------------------------------------------


def test_a_schema_with_words_that_are_not_understood_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.schema.json"
    path.write_text('{"type": "object", "properties": {"a": {"maxItems": 1}}}', encoding="utf-8")
    with pytest.raises(ValueError, match="maxItems"):
        load_schema(path)


@pytest.mark.parametrize(
    ("rule", "good", "bad"),
    [
        ({"type": "integer", "minimum": 1}, [1], [0, True, 1.5, "1", None]),
        ({"type": "number"}, [1, 1.5], [True, "1"]),
        ({"type": "boolean"}, [True], [1, "true"]),
        ({"type": ["string", "null"]}, ["", None], [1, [], {}]),
        ({"enum": ["a", "b"]}, ["a"], ["c", 1, None, True]),
        ({"anyOf": [{"type": "integer"}, {"type": "array", "items": {"type": "string"}}]}, [1, ["a"]], ["a", [1]]),
        ({"type": "object", "additionalProperties": {"type": "string"}}, [{"a": "b"}], [{"a": 1}, {1: "b"}, []]),
        ({"type": "string", "minLength": 1, "pattern": "^a"}, ["ab"], ["", "ba"]),
        ({"type": "array", "minItems": 1}, [[1]], [[], {}]),
    ],
)
def test_validation_agrees_with_json_schema(rule: dict[str, Any], good: list[object], bad: list[object]) -> None:
    assert [validate(value, rule) for value in good] == [[]] * len(good)
    assert all(validate(value, rule) for value in bad)
