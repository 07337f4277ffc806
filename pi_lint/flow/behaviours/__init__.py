"""Library behaviour that data cannot say, by the names that `does:` uses in library packs.

Importing this package fills the registries of `kinds`.
"""

from __future__ import annotations

from pi_lint.flow.behaviours import (  # noqa: F401
    callables,
    containers,
    dictionaries,
    frames,
    iteration,
    objects,
    orm,
    requests,
    sql,
    streams,
    texts,
)
