"""``chipsim run --resume``: what the folder holds that the run goes on with."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from chipsim.cli.how import How
from chipsim.errors import OutputError
from chipsim.result import Result
from chipsim.result.files import is_run_folder, load
from chipsim.run.datasets import NO_DATASETS
from chipsim.run.differing import in_words
from chipsim.run.identity import checksums_of, run_name
from chipsim.run.reading import read_all
from chipsim.run.sameness import differences_of

__all__ = ["finished_before"]

_ANEW: Final = "choose another folder, or begin anew in this one (--overwrite)"


def finished_before(folder: Path, arch: str, how: How) -> Result | None:
    """The result of a run that is finished already; None where there is something to go on with.

    Parameters
    ----------
    folder
        Where the run was.
    arch
        The chip as the user gave it.
    how
        What else the command line says.

    Raises
    ------
    OutputError
        When there is a result that is not of this run, with what differs, or one that nothing goes on from.
    ChipsimError
        When a description or the data cannot be used.
    """
    if not is_run_folder(folder):
        return None
    result = load(folder)
    if result.provenance.get("run") != _name_of_run(arch, how):
        _refuse_another(folder, result, arch, how)
    return result if result.summary["complete"] else None


def _refuse_another(folder: Path, result: Result, arch: str, how: How) -> None:
    """Refuse a result by another name, or by none; one that is whole and differs in nothing passes."""
    there = f"{folder}: the result that is there"
    if "repriced" in result.provenance:
        raise OutputError(f"{there} was priced again (chipsim reprice), and no run ended with it; {_ANEW}")
    options = how.options()
    differing = differences_of(result, arch, how.workload, sets=how.sets, epochs=how.epochs, options=options)
    if differing:
        raise OutputError(
            f"{there} is of another run: {in_words(differing)}; give what that run was given, {_ANEW}"
        )
    # One that was made with checkpoints has a name, which says which steps its trace has.
    if "run" in result.provenance or options.trace_steps is not None:
        raise OutputError(f"{there} has other steps in its timeline; give what that run was given, {_ANEW}")
    if not result.summary["complete"]:
        raise OutputError(
            f"{there} is of this run, which was stopped without a checkpoint (--checkpoint-every) that it "
            f"could go on from; {_ANEW}"
        )


def _name_of_run(arch: str, how: How) -> str:
    read = read_all(arch, how.workload, sets=how.sets, epochs=how.epochs, datasets=NO_DATASETS)
    options = how.options()
    checksums = checksums_of(read.workload, folder=options.data)
    return run_name(read, options=options, checksums=checksums)
