"""Checks plain data against the published JSON Schemas in `rules/schema`.

Purpose: one pass over the data of a file that finds all its faults, each with the way
to the faulty value, so that the caller can name the line. Only the part of JSON Schema
that our own schemas use is understood: type, enum, properties, required,
additionalProperties, propertyNames, items, minItems, minLength, minimum, pattern, anyOf
and `$ref` inside a schema. A schema that uses another word is refused when it is loaded,
so that nothing goes unchecked in silence.
"""

from __future__ import annotations

import difflib
import functools
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeAlias

Way: TypeAlias = tuple[str | int, ...]
"""The keys and indexes that lead from the whole of a file's data to one value."""

_UNDERSTOOD: Final = frozenset(
    {
        "type", "enum", "properties", "required", "additionalProperties", "propertyNames", "items", "minItems",
        "minLength", "minimum", "pattern", "anyOf", "$ref",
    }
)  # fmt: skip
_REMARKS: Final = frozenset({"$schema", "$id", "$defs", "title", "description"})
_TYPES: Final[Mapping[str, tuple[type, ...]]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "null": (type(None),),
}
_TYPES_EN: Final[Mapping[str, str]] = {
    "object": "a mapping",
    "array": "a list",
    "string": "a text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "null": "null",
}
_TYPES_ZH: Final[Mapping[str, str]] = {
    "object": "映射",
    "array": "列表",
    "string": "文本",
    "integer": "整数",
    "number": "数字",
    "boolean": "true 或 false",
    "null": "null",
}
# What a text must look like, by the name of its definition, for people who read no patterns.
_FORMS: Final[Mapping[str, tuple[str, str]]] = {
    "selector": (
        "is no argument: write a position, a keyword, \"1:\", \"**\", all, self or self:key",
        "不是参数：请写位置、关键字、\"1:\"、\"**\"、all、self 或 self:键",
    ),
    "id": ("is no id: write letters, digits, _ and - with dots between", "不是 id：请用字母、数字、_ 和 -，以点分隔"),
    "name": ("is no name: write it dotted and without spaces", "不是名称：请以点分隔，不含空格"),
    "code": ("is no code: write PIL and three digits", "不是代码：请写 PIL 加三位数字"),
}
_LONGEST_SHOWN: Final = 60
_LONGEST_LIST: Final = 20  # of known words in a message; of more, the nearest is named whatever it is


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault of a file: the way to the value, or to the key of its last step where `at_key`."""

    way: Way
    text_en: str
    text_zh: str
    at_key: bool = False


@functools.cache
def load_schema(path: Path) -> Mapping[str, Any]:
    """Read a published schema.

    Raises OSError or ValueError where the file is missing, is no JSON, or uses a word of
    JSON Schema that is not understood here.
    """
    schema: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    pending = [schema, *schema.get("$defs", {}).values()]
    while pending:
        part = pending.pop()
        unknown = part.keys() - _UNDERSTOOD - _REMARKS
        if unknown:
            raise ValueError(f"{path}: {sorted(unknown)[0]} is not understood")
        pending.extend(part.get("properties", {}).values())
        pending.extend(part.get("anyOf", ()))
        for key in ("items", "additionalProperties", "propertyNames"):
            if isinstance(part.get(key), dict):
                pending.append(part[key])
    return schema


def validate(data: object, schema: Mapping[str, Any], definition: str = "") -> list[Fault]:
    """All faults of `data`, in the order of the data.

    `definition` names the entry of the schema's `$defs` that the data is checked against;
    without it the schema as a whole is.
    """
    start = schema["$defs"][definition] if definition else schema
    return list(_check(data, start, schema, ()))


def unknown(way: Way, word: object, known: Iterable[str], en: str, zh: str, *, at_key: bool = False) -> Fault:
    """The fault of a word that is not among the known ones, with the nearest of those or all of them.

    `en` and `zh` say what kind of word it is: "key", "concept".
    """
    choices = sorted(known)
    likeness = 0.5 if len(choices) <= _LONGEST_LIST else 0.0
    near = difflib.get_close_matches(str(word), choices, n=1, cutoff=likeness)
    listed = ", ".join(near or choices)
    text_en = f"unknown {en} {_shown(word)}; " + (f"did you mean {listed}?" if near else f"known are {listed}")
    text_zh = f"未知的{zh} {_shown(word, zh=True)}；" + (f"是否想写 {listed}？" if near else f"可用的有 {listed}")
    return Fault(way, text_en, text_zh, at_key)


def _check(
    data: object, rule: Mapping[str, Any], schema: Mapping[str, Any], way: Way, name: str = ""
) -> Iterator[Fault]:
    """The faults of a value; `name` is that of the definition that the rule is part of."""
    if "$ref" in rule:
        name = rule["$ref"].rpartition("/")[2]
        rule = schema["$defs"][name]
    if "anyOf" in rule:
        yield from _check_any(data, rule["anyOf"], schema, way, name)
        return
    if "enum" in rule:
        if data not in rule["enum"] or isinstance(data, bool):
            yield unknown(way, data, map(str, rule["enum"]), "value", "值")
        return
    types = _types(rule)
    if types and not any(_is(data, name) for name in types):
        yield _wrong_type(data, types, way)
    elif isinstance(data, dict):
        yield from _check_mapping(data, rule, schema, way)
    elif isinstance(data, list):
        if len(data) < rule.get("minItems", 0):
            text_zh = "列表为空；至少写一项，或删去该键"
            yield Fault(way, "the list is empty; give at least one entry or leave the key out", text_zh)
        for number, item in enumerate(data):
            yield from _check(item, rule.get("items", {}), schema, (*way, number))
    elif isinstance(data, str):
        yield from _check_text(data, rule, way, name)
    elif isinstance(data, int) and data < rule.get("minimum", data):
        least = rule["minimum"]
        yield Fault(way, f"{data} is too small; the least is {least}", f"{data} 太小；最小为 {least}")


def _check_any(
    data: object, rules: list[Mapping[str, Any]], schema: Mapping[str, Any], way: Way, name: str
) -> Iterator[Fault]:
    """The faults by the alternative whose type fits; those of all types where none does."""
    types: list[str] = []
    fitting: list[Fault] = []
    for rule in rules:
        target = schema["$defs"][rule["$ref"].rpartition("/")[2]] if "$ref" in rule else rule
        own = _types(target)
        types.extend(kind for kind in own if kind not in types)
        if any(_is(data, kind) for kind in own):
            faults = list(_check(data, rule, schema, way, name))
            if not faults:
                return
            fitting = fitting or faults
    if fitting:
        yield from fitting
    else:
        yield _wrong_type(data, types, way)


def _check_mapping(
    data: dict[Any, Any], rule: Mapping[str, Any], schema: Mapping[str, Any], way: Way
) -> Iterator[Fault]:
    properties: Mapping[str, Any] = rule.get("properties", {})
    others = rule.get("additionalProperties", True)
    key_pattern = rule.get("propertyNames", {}).get("pattern")
    for key in rule.get("required", ()):
        if key not in data:
            yield Fault(way, f"the key {key} is missing", f"缺少键 {key}", at_key=True)
    for key, value in data.items():
        here: Way = (*way, key)
        if key in properties:
            yield from _check(value, properties[key], schema, here)
        elif others is False:
            yield unknown(here, key, properties, "key", "键", at_key=True)
        elif key_pattern is not None:
            if isinstance(key, bool) or not re.search(key_pattern, str(key)):
                yield Fault(
                    here, f"{_shown(key)} is no argument: write a position or a keyword",
                    f"{_shown(key)} 不是参数：请写位置或关键字", at_key=True,
                )  # fmt: skip
        elif not isinstance(key, str):
            text_zh = f"键 {_shown(key, zh=True)} 不是文本；请加引号"
            yield Fault(here, f"the key {_shown(key)} is no text; put it in quotes", text_zh, at_key=True)
        if key not in properties and isinstance(others, dict):
            yield from _check(value, others, schema, here)


def _check_text(data: str, rule: Mapping[str, Any], way: Way, name: str) -> Iterator[Fault]:
    if len(data) < rule.get("minLength", 0):
        yield Fault(way, "the text is empty", "文本为空")
    elif "pattern" in rule and not re.search(rule["pattern"], data):
        form = rule["pattern"]
        en, zh = _FORMS.get(name, (f"does not have the form {form}", f"不符合格式 {form}"))
        yield Fault(way, f"{_shown(data)} {en}", f"{_shown(data)} {zh}")


def _types(rule: Mapping[str, Any]) -> list[str]:
    types = rule.get("type", "string" if "enum" in rule else ())
    return [types] if isinstance(types, str) else list(types)


def _is(data: object, name: str) -> bool:
    if isinstance(data, bool):
        return name == "boolean"
    return isinstance(data, _TYPES[name])


def _wrong_type(data: object, types: list[str], way: Way) -> Fault:
    en = " or ".join(_TYPES_EN[name] for name in types)
    zh = "或".join(_TYPES_ZH[name] for name in types)
    # YAML reads unquoted yes, no, on and off as true and false, and 2026-01-01 as a date.
    quotes = "string" in types and not isinstance(data, dict | list | type(None))
    hint_en, hint_zh = ("; put it in quotes", "；请加引号") if quotes else ("", "")
    text_zh = f"应为{zh}，实际为 {_shown(data, zh=True)}{hint_zh}"
    return Fault(way, f"expected {en}, found {_shown(data)}{hint_en}", text_zh)


def _shown(data: object, *, zh: bool = False) -> str:
    """A value as a message shows it."""
    kinds = _TYPES_ZH if zh else _TYPES_EN
    if isinstance(data, dict):
        return kinds["object"]
    if isinstance(data, list):
        return kinds["array"]
    if data is None:
        return "空值" if zh else "nothing"
    text = str(data).lower() if isinstance(data, bool) else repr(data)
    return text if len(text) <= _LONGEST_SHOWN else text[: _LONGEST_SHOWN - 1] + "…"
