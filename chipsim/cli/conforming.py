"""``chipsim conform``."""

from __future__ import annotations

import click

from chipsim.cli.screen import put, screen, table
from chipsim.errors import ChipsimError
from chipsim.spec.outside import KindError
from chipsim.testing import conform

__all__ = ["conform_one"]


def conform_one(place: str, *, chips: int | None) -> None:
    """Try a kind, print what each check found, and end with 1 where one failed.

    Parameters
    ----------
    place
        ``package.module:Class``.
    chips
        Chips that take it which are tried; None for one of each learning rule.

    Raises
    ------
    ChipsimError
        When it cannot be loaded, or no chip takes it.
    """
    try:
        found = conform(place, chips=chips)
    except (KindError, ValueError) as error:
        raise ChipsimError(str(error)) from None
    rows = [(one.check, one.chip, one.problem or "right") for one in found.findings]
    put(screen(), table("Check", "on", "", rows=rows))
    failed = len(found.failures)
    if failed:
        click.echo(f"{place}: {failed} of {len(rows)} checks failed", err=True)
        raise SystemExit(1)
    click.echo(f"{place}: all {len(rows)} checks passed")
