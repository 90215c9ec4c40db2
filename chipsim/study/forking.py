"""Workers of this machine, forked from a process that has imported all they need while a study is planned."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import sys
from collections.abc import Iterator, Mapping
from typing import Final

__all__ = ["METHOD", "begin_server"]

METHOD: Final = "forkserver" if sys.platform == "linux" else "spawn"
"""How a worker's process comes to be. Elsewhere libraries do not stand being forked, or there is no fork."""
_IMPORTED: Final = ("chipsim.study.making", "distributed.nanny", "distributed.worker")
_ONE_THREAD: Final = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")
"""Variables by which libraries for matrices are told how many threads to begin, when they are imported."""


def begin_server() -> None:
    """Begin the process that workers are forked from; it imports what they need while others go on.

    It ends with this process. Where it cannot import something, workers do so themselves. Called again it
    does nothing.
    """
    if METHOD != "forkserver":
        return
    # Not on the way of those who make their runs in this process.
    from multiprocessing import forkserver  # noqa: PLC0415

    multiprocessing.set_forkserver_preload(list(_IMPORTED))
    with _environment(_of_server()):
        forkserver.ensure_running()


def _of_server() -> dict[str, str]:
    """Environment in which it finds the same packages in the same places as this process, and no others."""
    own = {name: os.environ.get(name, "1") for name in _ONE_THREAD}
    # It is begun by `python -c`, which would look into the current folder first.
    places = [os.path.abspath(place) for place in sys.path]  # noqa: PTH100  # of '' too
    return {**own, "PYTHONSAFEPATH": "1", "PYTHONPATH": os.pathsep.join(places)}


@contextlib.contextmanager
def _environment(changed: Mapping[str, str]) -> Iterator[None]:
    """Variables of the environment changed for a while."""
    before = {name: os.environ.get(name) for name in changed}
    os.environ.update(changed)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
