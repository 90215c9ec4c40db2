"""Tables in files of text, as instruments write them: commas, semicolons or tabs, below lines of remarks."""

from __future__ import annotations

import codecs
import hashlib
import io
import re
from pathlib import Path
from typing import Any, Final

import numpy as np

from chipsim.errors import DescriptionError, Problem, did_you_mean
from chipsim.files import read_limited
from chipsim.fitting.table import Table, refuse_rows
from chipsim.limits import CURVE_BYTES
from chipsim.wording import plural

__all__ = ["read_text_table"]

_SEPARATORS: Final = (",", ";", "\t")
_MOST_TOLD: Final = 10
_DECIMAL: Final = re.compile(r"\d,\d")
_REMARKS: Final = 10_000
"""Lines that need not be readings."""
_ENDINGS: Final = (".csv", ".tsv", ".txt", ".dat")


def read_text_table(path: Path) -> Table:
    """The table in a file.

    Parameters
    ----------
    path
        A table of text: names of columns in the first line that is neither empty nor a remark (``#``), then a
        line a row, parted by commas, semicolons or tabs.

    Raises
    ------
    DescriptionError
        When it cannot be read, is no such table, or is larger than is read.
    """
    file = str(path) if str(path).isprintable() else ascii(str(path))
    content = _content_of(path, file)
    lines = _lines_of(content, file)
    head = next((place for place, line in enumerate(lines) if _counts(line)), None)
    if head is None:
        what = "is empty" if not content.strip() else "holds nothing but remarks"
        raise _refusal(file, f"{what}; needs a line that names the columns, and a line for each reading")
    kept = [place for place in range(head, len(lines)) if _counts(lines[place])]
    refuse_rows(len(kept) - 1, file=file)
    if len(kept) == 1:
        raise _refusal(file, "has no line below that of the names; needs a line for each reading", head + 1)
    separator = _separator(lines[head])
    _refuse_ragged(lines, kept, separator, file)
    columns = _columns(lines, kept, separator, file)
    source = f"{path.name} (SHA-256 {hashlib.sha256(content).hexdigest()})"
    return Table(columns=columns, file=file, source=source, lines=np.array(kept[1:]) + 1)


def _refusal(file: str, message: str, line: int = 0) -> DescriptionError:
    return DescriptionError([Problem(file=file, line=line, message=message)])


def _content_of(path: Path, file: str) -> bytes:
    try:
        return read_limited(path, most=CURVE_BYTES)
    except FileNotFoundError:
        message = f"there is no such file{did_you_mean(path.name, _beside(path))}"
    except IsADirectoryError:
        message = "is a folder; name one file in it"
    except OSError as error:
        message = f"cannot be read ({error.strerror or error})"
    except ValueError as error:
        message = str(error)
    raise _refusal(file, message)


def _beside(path: Path) -> list[str]:
    try:
        return [one.name for one in path.parent.iterdir() if one.suffix.lower() in _ENDINGS]
    except OSError:
        return []


def _lines_of(content: bytes, file: str) -> list[str]:
    """The lines of a text, or a refusal of what is none."""
    # Before they are taken apart: remarks are few.
    refuse_rows(content.count(b"\n") - _REMARKS, file=file)
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return _wide_lines_of(content, file)
    if b"\0" in content:
        raise _refusal(file, "is no table of text: it has zero bytes; save it as CSV, in UTF-8")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        # What instruments write for the micro sign, in the encoding of western systems.
        text = content.decode("latin-1")
    return text.splitlines()


def _wide_lines_of(content: bytes, file: str) -> list[str]:
    """The same of what spreadsheets call Unicode text."""
    try:
        return content.decode("utf-16").splitlines()
    except UnicodeDecodeError:
        raise _refusal(
            file, "is UTF-16 by its first bytes, and cannot be read as that; save it as CSV, in UTF-8"
        ) from None


def _counts(line: str) -> bool:
    """Whether a line is neither empty nor a remark."""
    return bool(line.strip()) and not line.lstrip().startswith("#")


def _separator(head: str) -> str:
    # The first of those that are as frequent: a line without any has one column.
    return max(_SEPARATORS, key=head.count)


def _refuse_ragged(lines: list[str], kept: list[int], separator: str, file: str) -> None:
    """Refuse lines with more or fewer values than there are names."""
    wanted = lines[kept[0]].count(separator)
    # A quoted text may hold a separator: the reader counts those.
    wrong = [
        place for place in kept[1:] if lines[place].count(separator) != wanted and '"' not in lines[place]
    ]
    if not wrong:
        return
    problems = []
    for place in wrong[:_MOST_TOLD]:
        has = lines[place].count(separator) + 1
        message = f"has {has} {plural('value', has)}, and the line of names has {wanted + 1}"
        problems.append(Problem(file=file, line=place + 1, message=message))
    if len(wrong) > _MOST_TOLD:
        problems.append(Problem(file=file, message=f"{len(wrong) - _MOST_TOLD:,} more lines like these"))
    raise DescriptionError(problems)


def _columns(lines: list[str], kept: list[int], separator: str, file: str) -> dict[str, Any]:
    """All columns, as numbers where they are."""
    import pyarrow as pa  # noqa: PLC0415  # whoever fits nothing waits for none
    from pyarrow import csv  # noqa: PLC0415

    # Where commas do not part values, they stand for points.
    comma = separator != "," and any(_DECIMAL.search(lines[place]) for place in kept[1:])
    text = "\n".join(lines[place] for place in kept)
    try:
        read = csv.read_csv(
            io.BytesIO(text.encode()),
            read_options=csv.ReadOptions(use_threads=False),
            parse_options=csv.ParseOptions(delimiter=separator),
            convert_options=csv.ConvertOptions(decimal_point="," if comma else "."),
        )
    except (pa.ArrowException, ValueError) as error:
        said = str(error).strip().split("\n")[0]
        raise _refusal(file, f"is no table that can be read: {said[:200]}") from None
    names = [name.strip() for name in read.column_names]
    _refuse_names(names, file, kept[0] + 1)
    return {name: _values(read.column(place), pa) for place, name in enumerate(names)}


def _refuse_names(names: list[str], file: str, line: int) -> None:
    if all(_is_number(name) for name in names):
        raise _refusal(file, "the first line has to name the columns, and holds numbers", line)
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise _refusal(file, f"has the column {twice[0][:60]!r} twice", line)


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _values(column: Any, pa: Any) -> Any:
    """Numbers with NaN for what is missing, or texts with None."""
    kind = column.type
    if pa.types.is_null(kind):
        return np.full(len(column), np.nan)
    if pa.types.is_integer(kind) or pa.types.is_floating(kind):
        # A missing whole number has no place among whole numbers.
        floats = column.cast(pa.float64()).to_numpy(zero_copy_only=False)
        return floats if column.null_count or pa.types.is_floating(kind) else column.to_numpy()
    return np.array([None if one is None else str(one) for one in column.to_pylist()], object)
