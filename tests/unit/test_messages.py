"""Messages, and what the text and JSON reports make of a finding."""

from __future__ import annotations

import json as standard_json
from pathlib import Path

import pytest

from pi_lint.model import Finding, Problem, Span
from pi_lint.report import json, messages, text
from report_samples import CODES, finding, report, step, trace

SCHEMA = Path(__file__).parents[2] / "rules" / "schema" / "report.schema.json"


def far() -> Finding:
    steps = (step("models.py:12", "source"), step("a.py:3", "sink"))
    return finding("a.py:3", traces=(trace("phone", *steps),))


def test_message_in_english() -> None:
    assert messages.message(far(), CODES) == (
        "PIL101 phone (user.phone, from models.py:12) logged in clear by logging.Logger.info (Article 10): mask it"
    )


def test_message_in_chinese() -> None:
    assert messages.message(far(), CODES, "zh") == (
        "PIL101 phone（user.phone，来自 models.py:12）被 logging.Logger.info 明文写入日志（第十条）：脱敏"
    )


def test_a_source_on_the_line_of_the_sink_is_not_placed() -> None:
    assert messages.subject(finding("a.py:1")) == "phone (user.phone)"


def test_categories_of_one_source_share_a_bracket() -> None:
    shared = finding("a.py:1", categories="phone,email")
    assert messages.subject(shared) == "phone, email (user.phone)"
    flows = (
        trace("phone", step("a.py:1", "source")),
        trace("email", step("b.py:2", "source", "user\n  .email")),
    )
    parted = finding("a.py:1", categories="phone,email", traces=flows)
    assert messages.subject(parted) == "phone (user.phone), email (user .email, from b.py:2)"


@pytest.mark.parametrize(
    ("number", "english", "chinese"),
    [
        (0, "", ""),
        (9, " (Article 9)", "（第九条）"),
        (10, " (Article 10)", "（第十条）"),
        (13, " (Article 13)", "（第十三条）"),
        (20, " (Article 20)", "（第二十条）"),
        (21, " (Article 21)", "（第二十一条）"),
    ],
)
def test_articles(number: int, english: str, chinese: str) -> None:
    assert (messages.article(number), messages.article(number, "zh")) == (english, chinese)


def test_a_message_is_one_line_without_control_characters() -> None:
    odd = finding("a.py:1", sink="x\n\x1b[31my", expression="a\tb", traces=(), source=None)
    assert messages.headline(odd, CODES) == "PIL101 phone (a b) logged in clear by x [31my (Article 10)"


def test_a_long_expression_is_cut() -> None:
    assert len(messages.subject(finding("a.py:1", traces=(), source=None, expression="x" * 500))) < 80


def show(path: str) -> str:
    return f"sub/{path}"


def test_text_report() -> None:
    printed = text.lines(report(far()), CODES, "en", show, lambda path, line: "    logger.info(phone) # 号")
    assert text.plain(printed) == """\
sub/a.py:3:5: PIL101 phone (user.phone, from models.py:12) logged in clear by logging.Logger.info (Article 10)
  3 |     logger.info(phone) # 号
    |     ^^^^^^^^^^^^^^^^
  how phone gets here:
    sub/models.py:12:5  user.phone  (becomes PI)
    sub/a.py:3:5        user.phone  (arrives)
  remedy: mask it

1 finding in 1 file
"""


def test_fields_of_one_record_that_go_one_way_are_one_flow() -> None:
    way = (step("b.py:7", "call", "save(user)"), step("a.py:3", "sink", "logger.info(user)"))
    flows = [trace(c, step("b.py:2", "source", f"user.{c}"), *way) for c in ("phone", "email")]
    other = trace("account", step("c.py:1", "source", "user.login"), *way)
    given = finding("a.py:3", categories="phone,email,account", traces=(*flows, other))
    printed = text.plain(text.lines(report(given), CODES, "en", show, lambda *_: ""))
    assert "  how phone, email get here:\n    sub/b.py:2:5  user.phone, user.email  (becomes PI)\n" in printed
    assert printed.count("save(user)  (is passed to the call)") == 2
    printed = text.plain(text.lines(report(given), CODES, "zh", show, lambda *_: ""))
    assert "  phone、email 的流向：\n    sub/b.py:2:5  user.phone, user.email（成为个人信息）\n" in printed


def test_marks_stand_below_wide_characters() -> None:
    odd = finding("a.py:1", span=Span(1, 6, 1, 8), traces=())
    printed = text.plain(text.lines(report(odd), CODES, "en", show, lambda path, line: "\t'号码' 电话\x1b"))
    assert "  1 |     '号码' 电话?\n    |            ^^^^\n" in printed


def test_text_report_of_nothing_and_of_problems() -> None:
    assert text.plain(text.lines(report(), CODES, "en", show, lambda *_: "")) == "No findings.\n"
    bad = report(problems=(Problem("PIL002", "z.py", 2, 4, "cannot be parsed", "无法解析"),))
    assert text.plain(text.lines(bad, CODES, "zh", show, lambda *_: "")).splitlines() == [
        "sub/z.py:2:5: PIL002 无法解析",
        "",
        "1 个文件或配置的问题",
    ]


def test_statistics() -> None:
    given = report(far(), statistics={"files": 3})
    printed = text.plain(text.lines(given, CODES, "en", show, lambda *_: "", statistics=True))
    assert "     1 PIL101 title of pi-in-log\n     3 files\n" in printed


def test_json_report_keeps_to_its_schema() -> None:
    jsonschema = pytest.importorskip("jsonschema")
    unused = Finding(
        "PIL003", "a.py", Span(1, 0, 1, 1), (), far().sensitivity, "note", "high", "noqa: PIL101", "", 0
    )
    given = report(
        far(),
        unused,
        problems=(Problem("PIL002", "z.py", 1, 0, "bad", "坏"),),
        statistics={"files": 3, "cache_hits": 2},
    )
    printed = json.render(given, CODES, "en", show)
    data = standard_json.loads(printed)
    jsonschema.validate(data, standard_json.loads(SCHEMA.read_text(encoding="utf-8")))
    first = data["findings"][0]
    assert (first["path"], first["line"], first["column"], first["end_column"]) == ("sub/a.py", 3, 5, 21)
    assert first["trace"][0]["steps"][0]["path"] == "sub/models.py"
    assert all(row["fingerprint"] for row in data["findings"])
    assert data["statistics"] == {"files": 3}
    assert printed == json.render(given, CODES, "en", show)
