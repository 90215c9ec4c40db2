"""chipsim: simulate chips that train neural networks in resistive memory.

Examples
--------
>>> import chipsim
>>> chip = chipsim.load("hybrid-synapse", sets=["device.states=10"])
>>> result = chipsim.simulate(chip, "mnist-5k", epochs=1, sets=["phases.0.dataset.train=20"])
>>> result.summary["steps"]
20

``chipsim.data.from_arrays`` makes a dataset of arrays, which ``simulate(..., datasets={"mine": mine})``
trains on.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from chipsim import data, study
    from chipsim.comparing import compare
    from chipsim.fitting import fit_device
    from chipsim.importing import import_onnx
    from chipsim.result.files import load as load_result
    from chipsim.run import simulate
    from chipsim.run.repricing import reprice
    from chipsim.spec import load_chip as load
    from chipsim.spec.trust import trust

__all__ = [
    "compare",
    "data",
    "fit_device",
    "import_onnx",
    "load",
    "load_result",
    "reprice",
    "simulate",
    "study",
    "trust",
]
__version__ = "0.1.0"

_ELSEWHERE = {
    "simulate": "chipsim.run",
    "reprice": "chipsim.run.repricing",
    "import_onnx": "chipsim.importing",
    "fit_device": "chipsim.fitting",
}
"""Functions that are loaded when they are first asked for, and where they are."""


def __getattr__(name: str) -> Any:
    # Compilers and the event kernel are loaded on first use, so that `chipsim --help` answers at once.
    if name in {"data", "study"}:
        return import_module(f"chipsim.{name}")
    if name == "load":
        from chipsim.spec import load_chip  # noqa: PLC0415

        return load_chip
    if name == "trust":
        from chipsim.spec.trust import trust  # noqa: PLC0415

        return trust
    if name in _ELSEWHERE:
        return getattr(import_module(_ELSEWHERE[name]), name)
    if name == "compare":
        from chipsim.comparing import compare  # noqa: PLC0415

        return compare
    if name == "load_result":
        from chipsim.result.files import load as load_result  # noqa: PLC0415

        return load_result
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
