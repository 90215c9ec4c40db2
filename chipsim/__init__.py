"""chipsim: simulate chips that train neural networks in resistive memory.

Examples
--------
>>> import chipsim
>>> chip = chipsim.load("hybrid-synapse", sets=["device.states=10"])
>>> result = chipsim.simulate(chip, "mnist-5k", epochs=1, sets=["phases.0.dataset.train=20"])
>>> result.summary["steps"]
20
"""

from __future__ import annotations

from chipsim.run import simulate
from chipsim.spec import load_chip as load

__all__ = ["load", "simulate"]
__version__ = "0.1.0"
