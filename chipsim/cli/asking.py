"""Options that ask about the wear of saved runs, as text and as a question."""

from __future__ import annotations

import re
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import click

from chipsim.errors import DescriptionError, Problem
from chipsim.result.endurance import EnduranceQuestion
from chipsim.result.wear import exact_share
from chipsim.spec.overrides import of_lost
from chipsim.units import RATIO, UnitError

__all__ = ["check_sets", "read_question", "read_share"]


def check_sets(sets: Sequence[str], *, epochs: int | None = None) -> None:
    """Refuse overrides of a command line that others of the same line leave nothing of.

    Parameters
    ----------
    sets
        Texts of the form ``path=value``.
    epochs
        What ``--epochs`` says, which goes before those of phases.

    Raises
    ------
    DescriptionError
        With all of them.
    """
    problems = list(of_lost(sets))
    # What is replaced would be taken for what was run.
    for text in sets if epochs is not None else ():
        path = text.partition("=")[0].strip()
        if re.fullmatch(r"(workload\.)?phases\.\d+\.epochs", path):
            problems.append(Problem(path=path, message=f"--set {text} is replaced by --epochs {epochs}"))
    if problems:
        raise DescriptionError(problems)


def read_question(share: str, **asked: Any) -> EnduranceQuestion:
    """The question that options ask.

    Parameters
    ----------
    share
        Share of the cells, as the user wrote it.
    asked
        The other fields of the question.

    Raises
    ------
    click.BadParameter
        When the share is none.

    Examples
    --------
    >>> read_question("1 %", under=10).under
    10
    """
    return EnduranceQuestion(share=read_share(share), **asked)


def read_share(text: str) -> Fraction:
    """A share of the cells as the user wrote it.

    Raises
    ------
    click.BadParameter
        When the text is no share that is more than nothing and at most all.

    Examples
    --------
    >>> read_share("7 %")
    Fraction(7, 100)
    """
    try:
        # Exact: one cell more past its endurance changes the trainings that are told.
        share = exact_share(RATIO.read(text))
    except UnitError as error:
        raise click.BadParameter(str(error), param_hint="'--share'") from None
    if not 0 < share <= 1:
        raise click.BadParameter(
            f"must be more than 0 and at most 100 %, not {text!r}", param_hint="'--share'"
        )
    return share
