"""Scenarios, sweeps and claims: many runs that answer one question.

``chipsim.study.run`` carries a study out, ``chipsim.study.load`` reads one back from its folder.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from chipsim.study.kept import load_study as load
    from chipsim.study.running import run

__all__ = ["load", "run"]


def __getattr__(name: str) -> Any:
    # On first use: whoever reads a study's table needs no simulator.
    if name == "run":
        from chipsim.study.running import run  # noqa: PLC0415

        return run
    if name == "load":
        from chipsim.study.kept import load_study  # noqa: PLC0415

        return load_study
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
