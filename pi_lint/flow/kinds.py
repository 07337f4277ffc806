"""The registry of objects that behave in their own way: queries, data frames, streams, ...

A behaviour module registers, for its kind of object, how attributes, items and elements
are read and what a sink sees of it. The engine looks here and knows no library.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from pi_lint.flow.domain import Facts, Labels, Ref, Value
from pi_lint.flow.heap import Obj

if TYPE_CHECKING:
    from pi_lint.flow.arguments import Arguments
    from pi_lint.flow.frame import Frame
    from pi_lint.knowledge.compiled import CallSpec
    from pi_lint.project.program import Class

Attribute = Callable[["Frame", Ref, Obj, str, int], "Value | None"]
Item = Callable[["Frame", Ref, Obj, Value, int], "Value | None"]
ItemWrite = Callable[["Frame", Ref, Obj, Value, Value, int], bool]
Iteration = Callable[["Frame", Ref, Obj, int], Value]
Show = Callable[["Frame", Ref, Obj, str], Labels]
Method = Callable[["Frame", Ref, Obj, str, "Arguments", int], "Value | None"]
Behaviour = Callable[["Frame", "CallSpec", "Value | None", "Arguments", int], "Value | None"]

ATTRIBUTES: dict[str, Attribute] = {}
ITEMS: dict[str, Item] = {}
ITEM_WRITES: dict[str, ItemWrite] = {}
ITERATION: dict[str, Iteration] = {}
SHOWS: dict[str, Show] = {}
METHODS: dict[str, Method] = {}
ELEMENT_FACTS: dict[str, Callable[[Frame, Ref, Obj, Value], Facts]] = {}
# The type under which the library packs describe the methods of a kind of object.
TYPE_NAMES: dict[str, str] = {
    "list": "builtins.list", "tuple": "builtins.tuple", "set": "builtins.set", "dict": "builtins.dict",
    "gen": "builtins.generator", "query": "orm.Query", "rows": "sql.Rows", "row": "sql.Row",
    "statement": "sql.Statement",
    "frame": "frame.Frame", "series": "frame.Series", "group": "frame.Group", "zip": "builtins.generator",
    "namespace": "types.SimpleNamespace",
}  # fmt: skip
BEHAVIOURS: dict[str, Behaviour] = {}
ROWS: dict[str, Iteration] = {}  # kinds of which a serialiser takes one element after another
SLICES: dict[str, Callable[[Frame, Ref, Obj, Value, Value, Value, int], Value | None]] = {}
CONSTRUCTED: dict[str, Callable[[Frame, Ref, Obj, Arguments, int], None]] = {}
ITEM_DELETES: dict[str, Callable[[Frame, Ref, Obj, Value], None]] = {}
COLLECTIONS: dict[str, Callable[[Frame, Ref, Any], Obj | None]] = {}
_CLASS_MEMBERS: list[Callable[[Frame, Ref, Class, str, int], Value | None]] = []
_INSTANCE_ATTRIBUTES: list[Attribute] = []
_DICTIONARIES: list[Callable[[Frame, Value, int], Value]] = []


def behaviour(name: str) -> Callable[[Behaviour], Behaviour]:
    """Register what `does: name` in a library pack does."""

    def register(function: Behaviour) -> Behaviour:
        BEHAVIOURS[name] = function
        return function

    return register


def on_class_member(function: Callable[[Frame, Ref, Class, str, int], Value | None]) -> None:
    """Register where members that a class does not define may come from (a model's manager)."""
    _CLASS_MEMBERS.append(function)


def class_member(fr: Frame, ref: Ref, cls: Class, name: str, pos: int) -> Value | None:
    """A member that a trait of the class supplies, or None."""
    for function in _CLASS_MEMBERS:
        answer = function(fr, ref, cls, name, pos)
        if answer is not None:
            return answer
    return None


def on_instance_attribute(function: Attribute) -> None:
    """Register attributes that a trait of a class supplies to its instances (a form's content)."""
    _INSTANCE_ATTRIBUTES.append(function)


def instance_attribute(fr: Frame, ref: Ref, obj: Obj, name: str, pos: int) -> Value | None:
    """An attribute that a trait of the class supplies, or None."""
    for function in _INSTANCE_ATTRIBUTES:
        answer = function(fr, ref, obj, name, pos)
        if answer is not None:
            return answer
    return None


def on_dictionary(function: Callable[[Frame, Value, int], Value]) -> None:
    """Register what turns an object into a dictionary of its fields."""
    _DICTIONARIES.append(function)


def fields_as_dict(fr: Frame, value: Value, pos: int) -> Value:
    """The fields of objects by name, as a dictionary."""
    return _DICTIONARIES[0](fr, value, pos)
