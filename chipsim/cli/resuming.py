"""``chipsim run --resume``: what the folder holds that the run goes on with."""

from __future__ import annotations

from pathlib import Path

from chipsim.cli.how import How
from chipsim.errors import OutputError
from chipsim.result import Result
from chipsim.result.files import is_run_folder, load
from chipsim.run.datasets import NO_DATASETS
from chipsim.run.identity import checksums_of, run_name
from chipsim.run.reading import read_all

__all__ = ["finished_before", "name_of_run"]


def finished_before(folder: Path, run: str) -> Result | None:
    """The result of a run that is finished already; None where there is something to go on with.

    Parameters
    ----------
    folder
        Where the run was.
    run
        Its name.

    Raises
    ------
    OutputError
        When there is a result that is not of this run.
    """
    if not is_run_folder(folder):
        return None
    result = load(folder)
    if result.provenance.get("run") != run:
        raise OutputError(
            f"{folder}: the result that is there is of another run, or was made without checkpoints; "
            f"give what that run was given, choose another folder, or ask to overwrite it (--overwrite)"
        )
    return result if result.summary["complete"] else None


def name_of_run(arch: str, how: How) -> str:
    """The name of the run that a command line asks for.

    Raises
    ------
    ChipsimError
        When a description or the data cannot be used.
    """
    read = read_all(arch, how.workload, sets=how.sets, epochs=how.epochs, datasets=NO_DATASETS)
    options = how.options()
    checksums = checksums_of(read.workload, folder=options.data)
    return run_name(read, options=options, checksums=checksums)
