"""The options by which a run saves its state, and goes on from it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

__all__ = ["checkpoint_options", "refuse_what_cannot_go_together"]

F = TypeVar("F", bound=Callable[..., Any])


def _checked(_ctx: click.Context, _of: click.Parameter, given: str | None) -> str | None:
    from chipsim.run.saving_times import every  # noqa: PLC0415  # help is quick without it

    try:
        if given is not None:
            every(given)
    except ValueError as error:
        raise click.BadParameter(str(error).removeprefix("checkpoint_every ")) from None
    return given


def checkpoint_options(command: F) -> F:
    """The options of a command whose run can be stopped and go on."""
    options = (
        click.option(
            "--from",
            "start",
            type=click.Path(path_type=Path),
            metavar="RUN",
            help="Start from the cells and hidden state of a finished run.",
        ),
        click.option(
            "--checkpoint-every",
            metavar="N|TIME",
            callback=_checked,
            help="Save the state after N epochs, or a time such as 10min.",
        ),
        click.option(
            "--resume",
            is_flag=True,
            help="Go on with the run of -o from where it was saved last.",
        ),
    )
    for option in reversed(options):
        command = option(command)
    return command


def refuse_what_cannot_go_together(how: Any, *, output: Path | None, overwrite: bool) -> None:
    """Refuse options of which one takes the sense of another away.

    Parameters
    ----------
    how
        What else the command line says, a :class:`~chipsim.cli.how.How`.
    output, overwrite
        The folder, and whether what is in it is replaced.

    Raises
    ------
    click.UsageError
        Naming both.
    """
    if how.resume and output is None:
        raise click.UsageError("--resume goes on with the run in a folder; say in which, with -o")
    if how.resume and overwrite:
        raise click.UsageError("--resume goes on with the run in the folder, and --overwrite begins it anew")
    if how.timing_only and how.start is not None:
        raise click.UsageError("a run that is only timed has no cells that could start from those of another")
    if how.timing_only and how.wait:
        raise click.UsageError("a run that is only timed has no cells that change while it waits")
    if how.timing_only and how.saves_state:
        raise click.UsageError("a run that is only timed takes seconds, and has no checkpoint to go on from")
