"""The arguments of a call, as the callee's side reads them."""

from __future__ import annotations

from collections.abc import Sequence

from pi_lint.flow.domain import BOTTOM, Value


class Arguments:
    """Evaluated arguments of one call."""

    __slots__ = ("kw", "kwstar", "pos", "star")

    def __init__(
        self,
        pos: Sequence[Value] = (),
        kw: dict[str, Value] | None = None,
        star: Value = BOTTOM,
        kwstar: Value = BOTTOM,
    ) -> None:
        self.pos: list[Value] = list(pos)
        self.kw: dict[str, Value] = dict(kw) if kw else {}
        self.star = star  # an element of a *argument of unknown length
        self.kwstar = kwstar  # a ** argument with unknown keys

    def all(self) -> list[Value]:
        """Every value that is passed."""
        values = [*self.pos, *self.kw.values()]
        if self.star is not BOTTOM:
            values.append(self.star)
        if self.kwstar is not BOTTOM:
            values.append(self.kwstar)
        return values

    def get(self, selector: int | str) -> Value | None:
        """One argument by position or keyword, if it is there."""
        if isinstance(selector, int):
            return self.pos[selector] if 0 <= selector < len(self.pos) else None
        return self.kw.get(selector)
