"""Chips brought to one area: what is said of it before anything runs."""

from __future__ import annotations

from collections.abc import Sequence

import click

from chipsim.cli.terminal import printable
from chipsim.study.adjusted import AdjustedPoint, area_sentences

__all__ = ["HEAD", "tell_areas"]

HEAD = "equal area, by changing counts of hardware:"


def tell_areas(points: Sequence[AdjustedPoint]) -> None:
    """Say what was changed of each chip of a study; nothing where no area is asked for."""
    if points:
        click.echo(HEAD)
    for sentence in area_sentences(points):
        click.echo(f"  {printable(sentence)}")
