"""The values of literal tokens: numbers, strings, the text parts of f-strings.

Purpose: `ast.literal_eval` compiles its text and warns about odd escapes on standard error;
here a token becomes its value without either, also for syntax newer than the running Python.
"""

from __future__ import annotations

import re
import unicodedata

_ESCAPE = re.compile(
    r"\\(\r\n|[\r\n\\'\"abfnrtv]|[0-7]{1,3}|x[0-9A-Fa-f]{2}|N\{[^}\n]*\}|u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8})"
)
_SIMPLE = {
    "\n": "", "\r": "", "\r\n": "", "\\": "\\", "'": "'", '"': '"', "a": "\a", "b": "\b", "f": "\f", "n": "\n",
    "r": "\r", "t": "\t", "v": "\v",
}  # fmt: skip


def _escaped(match: re.Match[str]) -> str:
    body = match.group(1)
    simple = _SIMPLE.get(body)
    if simple is not None:
        return simple
    head = body[0]
    if head == "N":
        try:
            return unicodedata.lookup(body[2:-1])
        except KeyError:  # not a name: Python refuses it, we keep what was written
            return match.group(0)
    code = int(body[1:], 16) if head in "xuU" else int(body, 8)
    return chr(code) if code <= 0x10FFFF else match.group(0)


def _escaped_byte(match: re.Match[str]) -> str:
    return match.group(0) if match.group(1)[0] in "NuU" else _escaped(match)


def _newlines(body: str) -> str:
    return body.replace("\r\n", "\n").replace("\r", "\n") if "\r" in body else body


def string_value(token: str) -> str | bytes:
    """The value of one string token with its prefix and quotes; escapes that Python refuses stay as written."""
    start = 0
    while token[start] not in "'\"":
        start += 1
    prefix = token[:start].lower()
    width = 3 if len(token) - start >= 6 and token[start : start + 3] in ('"""', "'''") else 1
    body = _newlines(token[start + width : -width])
    if "b" in prefix:
        if "\\" in body and "r" not in prefix:
            body = _ESCAPE.sub(_escaped_byte, body)
        return body.encode("latin-1", "replace")
    if "\\" in body and "r" not in prefix:
        return _ESCAPE.sub(_escaped, body)
    return body


def text_value(text: str, raw: bool) -> str:
    """The value of the text between two `{}` of an f-string."""
    text = _newlines(text)
    if "\\" in text and not raw:
        text = _ESCAPE.sub(_escaped, text)
    if "{{" in text or "}}" in text:
        text = text.replace("{{", "{").replace("}}", "}")
    return text


def number_value(token: str) -> int | float | complex | None:
    """The value of a number token; None where it is larger than Python would print."""
    token = token.replace("_", "").lower()
    try:
        if token[-1] == "j" and not token.startswith("0x"):
            return complex(token)
        if token[:2] in ("0x", "0o", "0b"):
            return int(token, 0)
        if "." in token or "e" in token:
            return float(token)
        return int(token)
    except (ValueError, OverflowError):
        return None
