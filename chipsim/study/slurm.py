"""The script that carries a study out on a SLURM cluster, by dask-jobqueue."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from chipsim.errors import OutputError
from chipsim.outputs.whole import write_file

__all__ = ["script_of", "write_script"]

_SCRIPT: Final = '''"""Carry out {name} on SLURM: python {script}

Runs on a login node, or in a job of its own, for as long as the study takes; stopped and started again, it
goes on where it was. It needs dask-jobqueue (pip install 'chipsim[slurm]') and a folder that all nodes share.
"""

from dask_jobqueue import SLURMCluster
from distributed import Client

import chipsim

STUDY = {study!r}
FOLDER = {folder!r}
DATA = {data!r}
TRUSTED = {trusted!r}
JOBS = 20  # each makes one run at a time
JOB = {{
    "cores": 1,
    "processes": 1,
    "memory": "4GB",
    "walltime": "04:00:00",
    "queue": None,  # a partition, as your cluster calls it
    "account": None,
}}


def main() -> None:
    chipsim.trust(*TRUSTED)
    with SLURMCluster(**JOB) as cluster, Client(cluster) as client:
        cluster.scale(jobs=JOBS)
        print("waiting for the first job; its script is:", cluster.job_script(), sep="\\n")
        client.wait_for_workers(1)
        kept = chipsim.study.run(STUDY, folder=FOLDER, data=DATA, scheduler=cluster.scheduler_address)
    print(f"{{len(kept.done)}} of {{len(kept.runs)}} runs are done, in {{FOLDER}}")
    for run in kept.left_out:
        print(run.planned.id, run.state, run.why, run.planned.command, sep=": ")


if __name__ == "__main__":
    main()
'''


def script_of(
    study: Path, *, script: Path, folder: Path, data: Path | None, trusted: tuple[str, ...] = ()
) -> str:
    """The text of a Python script that asks SLURM for jobs and carries a study out on them.

    Parameters
    ----------
    study
        The scenario file.
    script
        What the script will be called.
    folder
        Of the study, on a file system that all nodes share.
    data
        Folder with datasets; None takes the usual one.
    trusted
        Packages whose code may run.

    Examples
    --------
    >>> text = script_of(Path("a.yaml"), script=Path("go.py"), folder=Path("runs/a"), data=None)
    >>> "SLURMCluster(**JOB)" in text
    True
    """
    return _SCRIPT.format(
        # In its docstring: a name with quotation marks would end it.
        name=ascii(study.name)[1:-1].replace('"', "'"),
        script=ascii(script.name)[1:-1].replace('"', "'"),
        study=str(study.resolve()),
        folder=str(folder.resolve()),
        data=None if data is None else str(data.resolve()),
        trusted=trusted,
    )


def write_script(text: str, script: Path) -> Path:
    """Write the script where no other file is.

    Raises
    ------
    OutputError
        When one is, or it cannot be written.
    """
    if script.exists():
        raise OutputError(f"{script}: is there already; choose another name, or move it away")
    try:
        write_file(script, text.encode())
    except OSError as error:
        raise OutputError(f"{script}: cannot be written ({error.strerror or error})") from error
    return script
