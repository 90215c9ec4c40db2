"""A study's figures as one data set: Parquet for pandas, polars and DuckDB, CSV for everything else."""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from chipsim.errors import OutputError
from chipsim.outputs.whole import write_file
from chipsim.study.kept import KeptStudy, load_study
from chipsim.wording import as_field

if TYPE_CHECKING:
    import pyarrow as pa

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
    """Write all figures of a study as CSV; a text that begins like a formula has an apostrophe before it.

    Raises
    ------
    OutputError
        When they cannot be written.
    """
    import pyarrow.csv as pc  # noqa: PLC0415

    written = io.BytesIO()
    pc.write_csv(_without_formulas(study.table()), written)
    return _put(file, written.getvalue())


def _without_formulas(table: pa.Table) -> pa.Table:
    """The table as a spreadsheet may open it: labels come from files of others."""
    import pyarrow as pa  # noqa: PLC0415

    def plain(column: pa.ChunkedArray) -> Any:
        if not pa.types.is_string(column.type):
            return column
        texts = column.to_pylist()
        return pa.array([None if text is None else as_field(text) for text in texts], type=pa.string())

    columns = [plain(column) for column in table.columns]
    return pa.table(columns, names=[as_field(name) for name in table.column_names])


def _put(file: Path, content: bytes) -> Path:
    try:
        write_file(file, content)
    except OSError as error:
        raise OutputError(f"{file}: cannot be written ({error.strerror or error})") from error
    return file
