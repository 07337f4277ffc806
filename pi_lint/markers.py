"""Markers that analysed code may import, `PI` above all.

Purpose: let a project declare what a field holds where its name does not tell:
`contact: Annotated[str, PI("phone")]`. Nothing is imported here, so a program that
only marks its fields depends on none of pi-lint's own requirements.
"""

from __future__ import annotations


class PI:
    """Says in `Annotated[str, PI("phone")]` that the annotated field holds personal information.

    `category` is one of the categories of the taxonomy, as findings print them. Markers
    are equal when their categories are, since tools that read annotations compare them.
    """

    __slots__ = ("category",)

    def __init__(self, category: str) -> None:
        self.category = category

    def __repr__(self) -> str:
        return f"PI({self.category!r})"

    def __eq__(self, other: object) -> bool:
        return self.category == other.category if isinstance(other, PI) else NotImplemented

    def __hash__(self) -> int:
        return hash((PI, self.category))
