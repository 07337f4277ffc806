"""Where an address leads: inside, to a third party of some purpose, in clear or not (SPEC 8.15, 8.44)."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from typing import Any

from pi_lint.flow.domain import Value
from pi_lint.flow.formatting import beginning
from pi_lint.flow.frame import Frame

_SCHEME = re.compile(r"^([a-zA-Z][a-zA-Z0-9+.-]*)://")


@dataclass(frozen=True, slots=True)
class Address:
    """What is known of an address. purpose: "", "inside", "marketing", "analytics", "telemetry", "service"."""

    scheme: str = ""
    host: str = ""
    purpose: str = ""
    vendor: str = ""


def address_of(fr: Frame, parts: list[Value]) -> Address:
    """The address that a base and a url together make."""
    text = ""
    for value in parts:
        known = _text(value)
        if _SCHEME.match(known):
            text = known
        elif text and known:
            text = text.rstrip("/") + "/" + known.lstrip("/")
        elif not text and known and not known.startswith("/"):
            text = known
    match = _SCHEME.match(text)
    scheme = match[1].lower() if match else ""
    rest = text[match.end() :] if match else ""
    host = re.split(r"[/?#]", rest, maxsplit=1)[0].rpartition("@")[2] if match else ""
    host = host[1:].partition("]")[0] if host.startswith("[") else host.partition(":")[0]
    host = host.lower().rstrip(".")
    if host:
        if is_inside(fr, host):
            return Address(scheme, host, "inside")
        known_host = fr.knowledge.host(host)
        if known_host is not None:
            return Address(scheme, host, known_host.purpose, known_host.name)
        return Address(scheme, host)
    if any(_named_inside(fr, value) for value in parts):
        return Address(scheme, "", "inside")
    return Address(scheme)


def _text(value: Value) -> str:
    known = beginning(value)
    if known:
        return known
    texts = [const for const in value.consts if isinstance(const, str)]
    if len(texts) == 1:
        return texts[0]
    if texts and len({_SCHEME.sub("", text).partition("/")[0] for text in texts}) == 1:
        return texts[0]
    return texts[0] if texts else ""


def is_inside(fr: Frame, host: str) -> bool:
    """Whether a host is one of the project's own: loopback, private, single-label, configured."""
    inside: dict[str, Any] = dict(fr.knowledge.inside)
    if not host:
        return False
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        pass
    else:
        return any(address in network for network in _networks(tuple(inside.get("networks", ()))))
    if host in inside.get("hosts", ()):
        return True
    labels = host.split(".")
    if len(labels) == 1:
        return bool(inside.get("single_label", True))
    return any(host == suffix or host.endswith("." + suffix) for suffix in inside.get("suffixes", ()))


_parsed: dict[tuple[str, ...], list[Any]] = {}


def _networks(texts: tuple[str, ...]) -> list[Any]:
    found = _parsed.get(texts)
    if found is None:
        found = _parsed[texts] = [ipaddress.ip_network(text) for text in texts]
    return found


def _named_inside(fr: Frame, value: Value) -> bool:
    """Whether an address of unknown content has a name that says internal (`settings.INTERNAL_API`)."""
    inside: dict[str, Any] = dict(fr.knowledge.inside)
    words, stops = set(inside.get("setting_words", ())), set(inside.get("setting_stop_words", ()))
    for ref in value.refs:
        name = ref.name or ref.hint
        if isinstance(ref.info, tuple) and ref.info[0] in ("setting", "call"):
            name = next((str(const) for _, const in ref.info[4] if isinstance(const, str)), name)
        if not name:
            continue
        parts = fr.knowledge.names.words(name)
        if any(part in words for part in parts) and not any(part in stops for part in parts):
            return True
    return False
