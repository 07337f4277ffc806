"""The arguments that selectors of a library entry name."""

from __future__ import annotations

from typing import Any

from pi_lint.flow.arguments import Arguments
from pi_lint.flow.domain import BOTTOM, Value, constant
from pi_lint.flow.frame import Frame
from pi_lint.flow.items import read_item


def select(fr: Frame, selectors: tuple[int | str, ...], receiver: Value | None, arguments: Arguments) -> list[Value]:
    """The values that selectors of a library entry name (see docs/rules)."""
    found: list[Value] = []
    for selector in selectors:
        if isinstance(selector, int):
            found += _position(fr, arguments, selector)
        elif selector == "self":
            if receiver is not None:
                found.append(receiver)
        elif selector.startswith("self:"):
            found += of_receiver(fr, receiver, selector[5:])
        elif selector.endswith(":") and selector[:-1].isdigit():
            found += arguments.pos[int(selector[:-1]) :]
            if arguments.star is not BOTTOM:
                found.append(arguments.star)
        elif selector == "**":
            found += list(arguments.kw.values())
            if arguments.kwstar is not BOTTOM:
                found.append(arguments.kwstar)
        elif selector == "all":
            found += arguments.all()
        else:
            value = arguments.kw.get(selector)
            if value is not None:
                found.append(value)
            elif arguments.kwstar is not BOTTOM:
                found.append(read_item(fr, arguments.kwstar, constant(selector), 0))
    return found


def _position(fr: Frame, arguments: Arguments, index: int) -> list[Value]:
    if index < len(arguments.pos):
        return [arguments.pos[index]]
    return [arguments.star] if arguments.star is not BOTTOM else []


def of_receiver(fr: Frame, receiver: Value | None, name: str) -> list[Value]:
    """A constructor argument or attribute of the receiver."""
    found = []
    for ref in receiver.refs if receiver is not None else ():
        obj = fr.obj(ref)
        key: Any = f"@{name}" if name.isdigit() else name
        if obj is not None and key in obj.fields:
            found.append(obj.fields[key])
        elif ref.parent is not None:  # client.chat.completions: settings are the client's
            obj = fr.obj(ref.root())
            if obj is not None and key in obj.fields:
                found.append(obj.fields[key])
    return found
