"""The folder of a study: what was planned, the runs that are there, and what became of the others.

``study.json`` has the plan, ``runs/ID/`` a result each, ``rows/ID.json`` its figures, ``failed/ID.json`` what
went wrong, and ``results.parquet`` all figures, a row a run and metric.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import attrs

from chipsim.errors import DescriptionError, OutputError
from chipsim.outputs.whole import write_file
from chipsim.result import EpochRow
from chipsim.result.tables import SavedFile, rows_reader
from chipsim.spec.nodes import parse_yaml
from chipsim.spec.study_file import study_from
from chipsim.study.adjusted import adjusted_from
from chipsim.study.plan import Plan, Planned, Untried
from chipsim.study.sealing import changed_file, check_figures, is_sealed
from chipsim.study.settings import RangeEnd

__all__ = [
    "FAILED",
    "ROWS",
    "RUNS",
    "STUDY",
    "VERSION",
    "Kept",
    "epochs_kept",
    "failure_of",
    "forget_failures",
    "holds_study",
    "is_whole",
    "kept_of",
    "make_ready",
    "planned_from",
    "read_plan",
    "write_failure",
    "write_plan",
]

VERSION: Final = 1
"""Format of a study's own files."""
STUDY: Final = "study.json"
RUNS: Final = "runs"
ROWS: Final = "rows"
FAILED: Final = "failed"
_ID: Final = re.compile(r"[0-9a-f]{20}")
_LATER: Final = frozenset({"end", "wait"})
"""Keys of runs that an earlier chipsim did not write."""
_DAMAGE: Final = (KeyError, TypeError, ValueError, AttributeError, RecursionError, DescriptionError)
"""What comes of reading a plan that somebody changed."""


@attrs.frozen(kw_only=True)
class Kept:
    """What a study keeps of a run that is done."""

    complete: bool
    priced: bool
    """Whether it was priced from the training of another run, which differs from it in costs alone."""
    summary_sha256: str
    warnings: tuple[str, ...]
    idealised: tuple[str, ...]
    figures: dict[str, float]


def holds_study(folder: Path) -> bool:
    """Whether a folder is one of a study, whole or not."""
    return (folder / STUDY).is_file()


def make_ready(folder: Path) -> None:
    """Make the folders of a study.

    Raises
    ------
    OSError
        When they cannot be made.
    """
    for name in (RUNS, ROWS, FAILED):
        (folder / name).mkdir(parents=True, exist_ok=True)


def write_plan(plan: Plan, folder: Path, *, base: Path) -> None:
    """Write down what a study is going to do.

    Parameters
    ----------
    plan
        The study.
    folder
        Its folder.
    base
        What paths of its scenario are relative to.

    Raises
    ------
    OutputError
        When it cannot be written.
    """
    said = {
        "format": VERSION,
        "base": str(base),
        "study": plan.document,
        "remarks": list(plan.remarks),
        "areas": [attrs.asdict(one) for one in plan.areas],
        "runs": [attrs.asdict(run) for run in plan.runs],
        "untried": [attrs.asdict(one) for one in plan.untried],
    }
    try:
        write_file(folder / STUDY, json.dumps(said).encode())
    except OSError as error:
        raise OutputError(
            f"{folder / STUDY}: cannot be written ({error.strerror or error}); "
            f"make room, or choose another folder"
        ) from error


def read_plan(folder: Path) -> Plan:
    """What a study set out to do.

    Raises
    ------
    OutputError
        When the folder has no study, or one that cannot be read.
    """
    file = folder / STUDY
    try:
        said = json.loads(file.read_bytes())
    except FileNotFoundError:
        raise OutputError(
            f"{folder}: holds no study; give a folder that 'chipsim study' or 'chipsim sweep' wrote"
        ) from None
    except (OSError, ValueError, RecursionError) as error:
        raise OutputError(f"{file}: cannot be read ({error}); the study has to be run again") from error
    _refuse_other_format(file, said)
    try:
        runs = tuple(planned_from(run) for run in said["runs"])
        scenario = study_from(said["study"], folder=said["base"])
        remarks = tuple(map(str, said["remarks"]))
        untried = tuple(_untried_from(one) for one in said.get("untried", []))
        # Kept by an earlier version, a study has none.
        areas = tuple(adjusted_from(one) for one in said.get("areas", ()))
    except _DAMAGE as error:
        raise OutputError(f"{file}: is damaged ({error}); the study has to be run again") from error
    spec, document = scenario.spec, scenario.document
    return Plan(study=spec, document=document, runs=runs, remarks=remarks, untried=untried, areas=areas)


def _refuse_other_format(file: Path, said: Any) -> None:
    version = said.get("format") if isinstance(said, dict) else None
    if not isinstance(version, int):
        raise OutputError(f"{file}: is not from chipsim, or damaged")
    if version != VERSION:
        raise OutputError(
            f"{file}: was written by another chipsim (format {version}, this one reads {VERSION}); "
            f"run the study again with this one, or read it with that one"
        )


def planned_from(said: Mapping[str, Any]) -> Planned:
    """A planned run from plain data.

    Raises
    ------
    ValueError
        When it is none: its id would name a file elsewhere, or a field has another type.
    DescriptionError
        When a value that is varied is no YAML.
    """
    fields = set(attrs.fields_dict(Planned))
    if not (isinstance(said, Mapping) and fields - _LATER <= set(said) <= fields):
        raise ValueError("a run has other keys than it should")
    if not (isinstance(said["id"], str) and _ID.fullmatch(said["id"])):
        raise ValueError(f"{str(said['id'])[:40]!r} is no name of a run")
    texts = ("chip", "task", "architecture", "workload", "costs", "keep")
    wanted = {**dict.fromkeys(texts, str), "seed": int, "timing_only": bool}
    wrong = [key for key, kind in wanted.items() if not isinstance(said[key], kind)]
    if not wrong and not 0 <= said["seed"] < 2**63:
        wrong = ["seed"]
    waits = said.get("wait", [])
    if not (
        isinstance(waits, list | tuple) and all(type(wait) is int and 0 < wait < 2**63 for wait in waits)
    ):
        wrong.append("wait")
    if wrong:
        raise ValueError(f"run {said['id']}: {', '.join(wrong)} cannot be what it is there")
    varied = tuple((str(path), str(value)) for path, value in said["varied"])
    for _, value in varied:
        # Tables read it, and could not say where it stands.
        parse_yaml(value, [])
    sets, end = tuple(map(str, said["sets"])), _end_from(said.get("end"))
    return Planned(**{**said, "sets": sets, "varied": varied, "end": end, "wait": tuple(waits)})


def _end_from(said: Any) -> RangeEnd | None:
    """The end of a range from plain data."""
    if said is None:
        return None
    _check_texts(said, RangeEnd, "the end of a range")
    if said["side"] not in ("low", "high"):
        raise ValueError(f"{said['side']!r} is no end of a range")
    return RangeEnd(**said)


def _untried_from(said: Any) -> Untried:
    _check_texts(said, Untried, "what is not tried")
    return Untried(**said)


def _check_texts(said: Any, kind: type, what: str) -> None:
    """Refuse what is no mapping of the fields of a class to texts."""
    if not (isinstance(said, Mapping) and set(said) == set(attrs.fields_dict(kind))):
        raise ValueError(f"{what} has other keys than it should")
    if not all(isinstance(value, str) for value in said.values()):
        raise ValueError(f"{what} is not told in texts")


def kept_of(folder: Path, name: str) -> Kept | str:
    """What is kept of a run that is done; or in words why nothing is, empty where it was never made.

    Parameters
    ----------
    folder
        The study's.
    name
        Of the run.
    """
    file, run = folder / ROWS / f"{name}.json", folder / RUNS / name
    try:
        said = json.loads(file.read_bytes())
        if said["format"] != VERSION or said["id"] != name:
            return "its figures are of another run, or of another version"
        if not is_sealed(said):
            return "its figures are not what was saved"
        kept = Kept(
            complete=said["complete"] is True,
            priced=said.get("priced") is True,
            summary_sha256=said["summary_sha256"],
            warnings=tuple(map(str, said["warnings"])),
            idealised=tuple(map(str, said["idealised"])),
            figures=check_figures(said["figures"]),
        )
        summary = (run / "summary.json").read_bytes()
        changed = changed_file(run, said.get("files", {}))
    except FileNotFoundError as error:
        # Figures come last: where they are and the result is not, somebody took it away.
        return "" if not file.exists() else f"{error.filename} is missing"
    except (OSError, ValueError, KeyError, TypeError, RecursionError, OverflowError) as error:
        return f"its figures cannot be read ({error})"
    if hashlib.sha256(summary).hexdigest() != kept.summary_sha256:
        return "its summary is not what was saved"
    return changed or kept


def epochs_kept(folder: Path, name: str) -> tuple[EpochRow, ...]:
    """The epochs of a run that is kept; none where they cannot be read.

    Parameters
    ----------
    folder
        The study's.
    name
        Of the run.
    """
    try:
        content = (folder / RUNS / name / "epochs.parquet").read_bytes()
        return rows_reader(EpochRow)(SavedFile(content=content, verified=False))
    # Pyarrow's own errors are of these kinds: what is damaged is told when the result is read.
    except (OSError, ValueError, KeyError, TypeError):
        return ()


def is_whole(folder: Path, name: str) -> bool:
    """Whether a run is there, from its beginning to its end.

    Parameters
    ----------
    folder
        The study's.
    name
        Of the run.
    """
    found = kept_of(folder, name)
    return isinstance(found, Kept) and found.complete


def write_failure(
    folder: Path, planned: Planned, *, state: str, error: str, lines: Sequence[str] = ()
) -> None:
    """Write down what went wrong with a run.

    Parameters
    ----------
    folder
        The study's.
    planned
        The run.
    state
        Whether it would go wrong again.
    error
        In words.
    lines
        Of a traceback, where a part of ours may be at fault.

    Raises
    ------
    OSError
        When it cannot be written.
    """
    said = {
        "format": VERSION,
        "id": planned.id,
        "state": state,
        "error": error,
        "command": planned.command,
        "traceback": list(lines),
    }
    write_file(folder / FAILED / f"{planned.id}.json", json.dumps(said).encode())


def failure_of(folder: Path, name: str) -> dict[str, Any] | None:
    """What was written down of a run that failed; None when nothing was, or it cannot be read."""
    try:
        said = json.loads((folder / FAILED / f"{name}.json").read_bytes())
    except (OSError, ValueError, RecursionError):
        return None
    is_ours = isinstance(said, dict) and isinstance(said.get("error"), str) and said.get("id") == name
    return said if is_ours else None


def forget_failures(folder: Path, names: Sequence[str]) -> None:
    """Take away what was written down of runs that are tried again, or have been made since."""
    for name in names:
        (folder / FAILED / f"{name}.json").unlink(missing_ok=True)
