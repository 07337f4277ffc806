"""pi-lint finds users' personal information that flows into logs, exports and third parties.

Purpose: the names that a program needs to run an analysis by itself, imported when they
are first used: importing `pi_lint` costs nothing (a flake8 run without our codes, `pi_lint.markers`
in an application).

    config, problems = pi_lint.load_config([Path(".")])
    report = pi_lint.analyse([Path(".")], config)
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pi_lint.analysis import analyse
    from pi_lint.config import Config, load_config
    from pi_lint.model import Finding, Problem, Report

__all__ = ["Config", "Finding", "Problem", "Report", "analyse", "load_config"]


def __getattr__(name: str) -> Any:
    """Import a name of `__all__` from its module (PEP 562). Raises AttributeError for any other."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from pi_lint import config, model

    home: Any = config if name in ("Config", "load_config") else model
    if name == "analyse":
        from pi_lint import analysis

        home = analysis
    return getattr(home, name)
