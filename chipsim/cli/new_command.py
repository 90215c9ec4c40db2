"""``chipsim new`` and its options; what it does is imported when it is called."""

from __future__ import annotations

from pathlib import Path

import click

from chipsim.cli.options import examples

__all__ = ["new"]


@click.command(
    epilog=examples(
        "chipsim new my-chip --from hybrid-synapse", "chipsim new my-costs --from cmos-32nm --full"
    )
)
@click.argument("name", metavar="NAME")
@click.option(
    "--from",
    "base",
    required=True,
    metavar="NAME|FILE",
    help="The chip, workload, cost set or device to begin as.",
)
@click.option("--full", is_flag=True, help="Copy all of it, in place of what differs from it.")
@click.option("--overwrite", is_flag=True, help="Replace the file.")
def new(name: str, *, base: str, full: bool, overwrite: bool) -> None:
    """Write a description to start from: NAME.yaml, in this folder.

    It extends the one that it begins as, and has the values that are changed most as comments.
    """
    from chipsim.errors import OutputError  # help is quick without
    from chipsim.outputs.whole import write_file
    from chipsim.spec.starting import files_below, new_description

    text = new_description(name, base, full=full)
    path = Path(f"{name}.yaml")
    if path.exists() and any(path.samefile(below) for below in files_below(base)):
        raise OutputError(f"{path}: is what it would begin as, and is not replaced; choose another name")
    try:
        if overwrite:
            write_file(path, text.encode())
        else:
            with path.open("x", encoding="utf-8") as file:
                file.write(text)
    except FileExistsError:
        raise OutputError(
            f"{path}: is there already; choose another name, or replace it with --overwrite"
        ) from None
    except OSError as error:
        raise OutputError(f"{path}: cannot be written ({error.strerror or error})") from error
    click.echo(f"{path}: begins as {base}; change it, then 'chipsim check {path}'")
