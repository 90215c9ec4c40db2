"""``chipsim trace``."""

from __future__ import annotations

from pathlib import Path

import click

from chipsim.errors import OutputError
from chipsim.outputs.whole import write_file
from chipsim.result.files import is_run_folder, load
from chipsim.result.step_numbers import StepNumbers
from chipsim.result.traced import timeline_of
from chipsim.result.writing import OURS

__all__ = ["write_timeline"]

_ENDING = ".json.gz"


def write_timeline(folder: Path, output: Path, *, steps: str | None, overwrite: bool) -> None:
    """Write steps of a saved run as a timeline.

    Parameters
    ----------
    folder
        The run.
    output
        The file to write.
    steps
        Which steps; None for those that were kept whole.
    overwrite
        Whether a file that is there gives way.

    Raises
    ------
    OutputError
        When the run has no such trace, or the file cannot be written.
    """
    # Perfetto goes by the content, but whoever finds the file later, by its name.
    if not output.name.endswith(_ENDING):
        raise OutputError(f"{output}: the name of a timeline ends with {_ENDING}, for it is compressed")
    if output.name in OURS and is_run_folder(output.parent):
        raise OutputError(
            f"{output}: belongs to the result there, which would be damaged; choose another file"
        )
    if output.exists() and not overwrite:
        raise OutputError(f"{output}: is there already; --overwrite replaces it")
    try:
        content = timeline_of(load(folder), None if steps is None else StepNumbers.of(steps))
    except OutputError as error:
        where = "" if str(error).startswith(str(folder)) else f"{folder}: "
        raise OutputError(f"{where}{error}") from error
    try:
        write_file(output, content)
    except OSError as error:
        raise OutputError(f"{output}: cannot be written ({error.strerror or error})") from error
    click.echo(f"timeline: {output} ({len(content):,} bytes); open it at ui.perfetto.dev")
