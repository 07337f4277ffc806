"""When a part of a value is a mask (SPEC 4, 8.12, 8.40): judged by the usual length of its category."""

from __future__ import annotations

from pi_lint.flow.domain import Kept
from pi_lint.knowledge.names import Names

_ASSUMED_LENGTH = 12
_MAX_CHARACTERS = 4
_MAX_RUN = 7


def is_masked(names: Names, category: str, kept: Kept) -> bool:
    """Whether slices keep at most four characters, or hide at least a third and show no long run."""
    if kept is None:
        return False
    length = names.usual_length(category) or _ASSUMED_LENGTH
    shown = [False] * length
    for lower, upper in kept:
        for position in range(*slice(lower, upper).indices(length)):
            shown[position] = True
    count = sum(shown)
    if category == "name":
        return not any(shown[1:])
    if count <= _MAX_CHARACTERS:
        return count < length
    if category == "password":
        return False
    run = longest = 0
    for flag in shown:
        run = run + 1 if flag else 0
        longest = max(longest, run)
    return count * 3 <= length * 2 and longest <= _MAX_RUN
