"""``chipsim figure`` and its options; what it does is imported when it is called."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import click

__all__ = ["figure"]

_EXAMPLES: Final = """Examples:

\b
  chipsim figure runs/a runs/b energy -o energy.pdf --width 3.5in
  chipsim figure runs/a accuracy -o accuracy.csv
  chipsim figure runs/a --list"""


@click.command(epilog=_EXAMPLES)
@click.argument("given", nargs=-1, required=True, metavar="RUN... FIGURE")
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="The file to write; its ending says what: .svg, .pdf, .png, or .csv for the data.",
)
@click.option("--width", default="3.5in", show_default=True, help="Width of the figure: in, cm, mm or pt.")
@click.option("--list", "listed", is_flag=True, help="Show the figures that there are.")
@click.option("--overwrite", is_flag=True, help="Replace the file.")
def figure(given: tuple[str, ...], output: Path | None, *, width: str, listed: bool, overwrite: bool) -> None:
    """Write one figure of saved runs, or of a study, to a file for a paper.

    RUN is what 'chipsim run', 'compare', 'study' or 'sweep' wrote, FIGURE the name of a figure of its page.
    It is drawn light, at the width that is given, without a browser; that takes matplotlib (pip install
    'chipsim[figures]'), but for CSV.
    """
    from chipsim.cli.figuring import list_figures, save_figure  # help is quick without

    if listed:
        list_figures([Path(folder) for folder in given])
        return
    if output is None:
        raise click.UsageError("name the file to write with -o, or ask what there is with --list")
    if len(given) < 2:
        raise click.UsageError("give at least one run, and the name of a figure; --list shows all")
    save_figure(given, output, width=width, overwrite=overwrite)
