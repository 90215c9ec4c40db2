"""A study's figures as one data set: Parquet for pandas, polars and DuckDB, CSV for everything else."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Final

from chipsim.errors import OutputError
from chipsim.outputs.whole import write_file
from chipsim.study.kept import KeptStudy, load_study

__all__ = ["TABLE", "gather", "gathered_again", "write_csv"]

TABLE: Final = "results.parquet"


def gather(study: KeptStudy) -> Path:
    """Write all figures of a study into its folder.

    Raises
    ------
    OutputError
        When they cannot be written.
    """
    import pyarrow.parquet as pq  # noqa: PLC0415

    written = io.BytesIO()
    pq.write_table(study.table(), written, compression="zstd")
    return _put(study.folder / TABLE, written.getvalue())


def gathered_again(folder: Path) -> KeptStudy:
    """A study as it stands in its folder, its data set written where there is anything to write.

    Raises
    ------
    OutputError
        When the folder holds no study, or nothing can be written there.
    """
    study = load_study(folder)
    if study.done:
        gather(study)
    return study


def write_csv(study: KeptStudy, file: Path) -> Path:
    """Write all figures of a study as CSV.

    Raises
    ------
    OutputError
        When they cannot be written.
    """
    import pyarrow.csv as pc  # noqa: PLC0415

    written = io.BytesIO()
    pc.write_csv(study.table(), written)
    return _put(file, written.getvalue())


def _put(file: Path, content: bytes) -> Path:
    try:
        write_file(file, content)
    except OSError as error:
        raise OutputError(f"{file}: cannot be written ({error.strerror or error})") from error
    return file
