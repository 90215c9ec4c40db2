"""The machine, the versions and the memory that a figure depends on."""

from __future__ import annotations

import datetime as dt
import os
import platform
import resource
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from chipsim.version import this_code, versions

__all__ = ["ONE_CORE", "machine", "now", "peak_memory_mib", "pinned", "software"]

_THREADS: Final = (
    *("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"),
    *("NUMBA_NUM_THREADS", "VECLIB_MAXIMUM_THREADS"),
)
ONE_CORE: Final = dict.fromkeys(_THREADS, "1")
"""Environment of a process that computes in one thread; libraries read it when they are imported."""


def machine() -> dict[str, str | int]:
    """The processor and its number of cores."""
    return {
        "cpu": _cpu(),
        "cores": os.cpu_count() or 1,
        "system": f"{platform.system()} {platform.machine()}",
    }


def _cpu() -> str:
    # Only Linux tells it here; platform.processor() is empty on many.
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    facts = dict(line.split(":", 1) for line in reversed(lines) if ":" in line)
    told = {key.strip(): value.strip() for key, value in facts.items()}
    # Virtual machines hide the name; family and model still tell one generation from another.
    numbers = ", ".join(f"{key} {told[key]}" for key in ("cpu family", "model") if key in told)
    name = told.get("model name", platform.machine())
    return f"{name} ({numbers})" if numbers else name


def software() -> dict[str, str]:
    """Versions of Python, numpy, numba and chipsim, and the digest of chipsim's code."""
    known = versions()
    kept = {name: known[name] for name in ("numpy", "numba", "chipsim")}
    return {"python": platform.python_version(), **kept, "code": str(this_code())}


def now() -> str:
    """The date and the minute, with the offset of the time zone."""
    return dt.datetime.now().astimezone().isoformat(timespec="minutes")


def peak_memory_mib() -> float:
    """The most memory that this process has held so far, in MiB."""
    # Linux counts what the parent held at the fork into ru_maxrss; this mark starts anew.
    try:
        lines = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
        marks = [line for line in lines if line.startswith("VmHWM:")]
        return int(marks[0].split()[1]) / 1024
    except (OSError, IndexError):
        most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        # In bytes on macOS, in KiB elsewhere.
        return most / 2**20 if sys.platform == "darwin" else most / 1024


def pinned(environment: Mapping[str, str]) -> dict[str, str]:
    """An environment for a process that computes in one thread."""
    return {**environment, **ONE_CORE}
