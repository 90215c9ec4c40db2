"""``chipsim import`` and its options; what it does is imported when it is called."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import click

__all__ = ["import_"]

_EXAMPLES: Final = """Examples:

\b
  chipsim import lenet.onnx --dataset mnist
  chipsim import vgg16.onnx --classes 17 --dataset flowers.npz -o flowers-vgg16.yaml
  chipsim import vgg16.onnx --no-weights"""


@click.command("import", epilog=_EXAMPLES)
@click.argument("model", metavar="FILE", type=click.Path(path_type=Path))
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="The workload to write, with its weights beside it in .npz [FILE.yaml, in this folder].",
)
@click.option(
    "--frozen",
    default="all-but-last",
    show_default=True,
    metavar="all-but-last|none",
    help="Which layers keep the weights that they are given.",
)
@click.option(
    "--input",
    "shape",
    metavar="SIZES",
    help="Sizes of one input in the file's order, such as 3x224x224, where the file leaves them open.",
)
@click.option(
    "--classes",
    type=click.IntRange(min=1),
    help="Begin a new last layer of so many units, in place of the file's.",
)
@click.option(
    "--dataset",
    metavar="NAME|FILE",
    help="What to train on, by name or as .npz [one that fits, if any does].",
)
@click.option("--no-weights", is_flag=True, help="Write the layers alone, to be timed (--timing-only).")
@click.option("--overwrite", is_flag=True, help="Replace the files.")
def import_(
    model: Path,
    *,
    output: Path | None,
    frozen: str,
    shape: str | None,
    classes: int | None,
    dataset: str | None,
    no_weights: bool,
    overwrite: bool,
) -> None:
    """Make a workload of an ONNX file, or say which of its layers cannot be mapped, and why.

    FILE holds a network of layers one behind the other; docs/importing.md says which are known. The workload
    says of each value where it is from, and what of training was assumed. It takes onnx (pip install
    'chipsim[onnx]').
    """
    from chipsim.cli.importing import import_one, sizes_of

    import_one(
        model, output, frozen=frozen, input_shape=sizes_of(shape), classes=classes, dataset=dataset,
        with_weights=not no_weights, overwrite=overwrite,
    )  # fmt: skip
