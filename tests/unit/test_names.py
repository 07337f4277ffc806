"""Names to categories: a labelled list of identifiers, and one table per rule of reading them."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import pytest
import yaml

from pi_lint.knowledge.names import Names
from pi_lint.knowledge.words import singular, split
from pi_lint.model import Sensitivity

TAXONOMY = Path(__file__).parents[2] / "rules" / "taxonomy"
LABELLED = Path(__file__).with_name("names_labelled.csv")
CATEGORIES = (
    "name", "birth_date", "id_number", "address", "phone", "account", "password", "usage", "email", "financial",
    "biometric", "health", "device", "demographic",
)  # fmt: skip


def _taxonomy() -> dict[str, dict[str, Any]]:
    return {path.stem: yaml.safe_load(path.read_text(encoding="utf-8")) for path in TAXONOMY.glob("*.yaml")}


@pytest.fixture(scope="module")
def names() -> Names:
    return Names.build(_taxonomy())


def _labelled() -> list[tuple[str, str, str]]:
    with LABELLED.open(encoding="utf-8", newline="") as file:
        return [(row["name"], row["owner"], row["category"]) for row in csv.DictReader(file)]


def test_the_labelled_list_is_large_and_covers_every_category() -> None:
    rows = _labelled()
    assert len(rows) >= 500
    assert {category for _, _, category in rows} == {*CATEGORIES, "-"}
    assert len({(name, owner) for name, owner, _ in rows}) == len(rows)


@pytest.mark.parametrize(("name", "owner", "category"), _labelled())
def test_labelled_name(names: Names, name: str, owner: str, category: str) -> None:
    match = names.classify(name, owner or None)
    found = match.category if match is not None and match.confidence != "low" else "-"
    assert found == category, match


def test_categories_stand_in_the_order_of_the_contract(names: Names) -> None:
    assert names.categories == CATEGORIES


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("userPhoneNo2", ("user", "phone", "no", "2")),
        ("X-Forwarded-For", ("x", "forwarded", "for")),
        ("IDCardNo", ("id", "card", "no")),
        ("HTTPServer", ("http", "server")),
        ("userIDs", ("user", "ids")),
        ("身份证号", ("身份证号",)),
        ("QQ号", ("qq", "号")),
        ("shouji_hao", ("shouji", "hao")),
        ("phone_e164", ("phone", "e164")),
        ("2fa_code", ("2fa", "code")),
        ("", ()),
    ],
)
def test_words_of_a_name(names: Names, name: str, words: tuple[str, ...]) -> None:
    assert names.words(name) == words


def test_split_parts_digits_unless_they_are_glued() -> None:
    assert split("md5_of") == ("md", "5", "of")
    assert split("md5_of", {"md5"}) == ("md5", "of")


@pytest.mark.parametrize(
    ("word", "expected"),
    [("phones", "phone"), ("addresses", "address"), ("allergies", "allergy"), ("gps", "gps"), ("status", "status"),
     ("diagnosis", "diagnosis"), ("people", "person")],
)  # fmt: skip
def test_singular(word: str, expected: str) -> None:
    assert singular(word, {"people": "person"}) == expected


@pytest.mark.parametrize(
    ("owner", "expected"),
    [
        ("user", True), ("Members", True), ("current_patient", True), ("CustomerForm", True), ("PatientOut", True),
        ("user_row", True), ("t_user", True), ("people", True), ("患者", True), ("huiyuan", True), ("order_user", True),
        ("product", False), ("table", False), ("company", False), ("UserService", False), ("user_group", False),
        ("settings", False), ("db_user", False), ("门店", False), ("Clinic", False),
        ("row", None), ("data", None), ("request", None), ("x", None), ("widgetizer", None), ("", None),
    ],
)  # fmt: skip
def test_person(names: Names, owner: str, expected: bool | None) -> None:
    assert names.person(owner) is expected


@pytest.mark.parametrize(
    ("name", "owner", "category"),
    [
        ("name", "user", "name"), ("name", "product", None), ("name", None, None), ("address", "Patient", "address"),
        ("address", "warehouse", None), ("full_name", None, "name"), ("full_name", "repo", None),
        ("ip", "server", None),
        ("ip_address", None, "usage"), ("ip_address", "server", None), ("ip", "request", "usage"),
        ("device_id", "user", "device"), ("device_id", None, None), ("phone", "company", None),
        ("phone", "order", "phone"),
        ("user_company_phone", None, None), ("company_user_phone", None, "phone"), ("email", "settings", None),
        ("Authorization", "headers", "password"), ("Authorization", None, "password"),
        ("fingerprint", "user", "biometric"),
        ("fingerprint", "key", None),
    ],
)  # fmt: skip
def test_the_owner_decides(names: Names, name: str, owner: str | None, category: str | None) -> None:
    match = names.classify(name, owner)
    assert (match.category if match else None) == category


@pytest.mark.parametrize(
    ("name", "confidence"),
    [("sfzh", "medium"), ("csrq", "medium"), ("lxdh", "medium"), ("xm", "low"), ("dz", "low"), ("shouji", "high")],
)
def test_pinyin_initials_are_less_sure(names: Names, name: str, confidence: str) -> None:
    match = names.classify(name)
    assert match is not None
    assert match.confidence == confidence


def test_the_initials_of_one_meaning_are_a_closed_list() -> None:
    closed = {initials for data in _taxonomy().values() for initials in data.get("initials", ())}
    assert closed == {"sfz", "sfzh", "zjhm", "sjh", "sjhm", "lxdh", "jtdz", "jtzz", "csrq", "dzyx", "yhkh"}


def test_upper_case_names_without_an_owner_are_constants(names: Names) -> None:
    assert names.classify("CONTACT_PHONE") is None
    assert names.classify("PHONE", "row") is not None
    assert names.classify("REMOTE_ADDR") is not None


def test_a_match_says_why(names: Names) -> None:
    match = names.classify("backup_email", "user")
    assert match is not None
    assert match.reason == "head 'email' after modifier 'backup' of 'user'"
    assert not match.ambiguous
    assert names.classify("name", "user").ambiguous  # type: ignore[union-attr]


def test_facts_of_categories(names: Names) -> None:
    assert names.sensitivity("id_number") is Sensitivity.HIGH
    assert names.sensitivity("usage") is Sensitivity.LOW
    assert names.usual_length("phone") == 11
    assert names.usual_length("id_number") == 18
    assert names.guessable("phone")
    assert not names.guessable("biometric")
    with pytest.raises(KeyError):
        names.sensitivity("weather")


@pytest.mark.parametrize(
    ("category", "name", "expected"),
    [("device", "imei", True), ("device", "user_openid", False), ("device", "unionId", False),
     ("password", "password", True), ("password", "session_token", False), ("device", "whatever", True)],
)  # fmt: skip
def test_some_names_of_a_guessable_category_cannot_be_guessed(
    names: Names, category: str, name: str, expected: bool
) -> None:
    assert names.guessable(category, name) is expected


def test_a_head_of_two_categories_is_refused() -> None:
    taxonomy = _taxonomy()
    taxonomy["email"] = {**taxonomy["email"], "heads": [*taxonomy["email"]["heads"], "msisdn"]}
    with pytest.raises(ValueError, match="msisdn"):
        Names.build(taxonomy)


def test_long_texts_and_dunder_names_are_no_names(names: Names) -> None:
    assert names.classify("__name__", "user") is None
    assert names.classify("please type the number that we sent to you or to somebody else's phone") is None


def test_every_category_has_texts_in_both_languages() -> None:
    for stem, data in _taxonomy().items():
        if "category" in data:
            assert stem == data["category"]
            assert data["title"]["en"]
            assert data["title"]["zh"]
            assert data["article4"]
