"""Adam and plain descent on a mini-batch's gradients, with moments in the digital unit's memory."""

from __future__ import annotations

from typing import ClassVar, Protocol

import numpy as np

from chipsim.device.randomness import generator
from chipsim.device.types import Floats
from chipsim.learn.consolidation import adam, to_bfloat
from chipsim.learn.hidden_rows import Numbers
from chipsim.net import arithmetic
from chipsim.net.arithmetic import Arithmetic
from chipsim.parts.memory import HiddenMemory
from chipsim.spec.levels import FORMAT_BITS, MemorySpec

__all__ = ["Optimiser", "OptimiserNumbers"]


class OptimiserNumbers(Protocol):
    """What an optimiser takes from a description."""

    @property
    def beta1(self) -> float:
        """Decay of the first moment."""

    @property
    def beta2(self) -> float:
        """Decay of the second moment."""

    @property
    def epsilon(self) -> float:
        """Added to the root of the second moment."""

    @property
    def moments(self) -> tuple[str, ...]:
        """Names of the numbers that are kept beside each one that is trained; none for plain descent."""


class Optimiser:
    """From a summed gradient to what is to be subtracted from what is trained.

    Parameters
    ----------
    memory
        Keeps moments by the name of what is trained.
    numbers
        Its numbers.
    spec
        Number format of the moments, and how they get into it.
    """

    remembers: ClassVar[tuple[str, ...]] = ("_steps", "_rounding")

    def __init__(self, memory: HiddenMemory, *, numbers: OptimiserNumbers, spec: MemorySpec) -> None:
        self._memory, self._numbers, self._spec = memory, numbers, spec
        self._steps: dict[str, int] = {}
        self._rounding = generator(0, memory.name)

    def begin(self, rounding: np.random.Generator) -> None:
        """Round at random with the run's own generator."""
        self._rounding = rounding

    def keep(self, name: str, shape: tuple[int, ...], *, numbers: int | None = None) -> None:
        """Make room for the moments of something that is trained, when it is met for the first time.

        Parameters
        ----------
        name, shape
            Of what is trained.
        numbers
            How many of them there are on the chip, where that is not all.
        """
        for moment in self._numbers.moments:
            if f"{name}.{moment}" not in self._memory.names:
                zeros = np.zeros(shape, np.float32)
                bits = FORMAT_BITS[self._spec.moments]
                self._memory.keep(f"{name}.{moment}", zeros, bits=bits, numbers=numbers)

    def step(self, name: str, gradient: Floats, *, samples: int, rate: float) -> None:
        """Turn a summed gradient into what is to be subtracted, in place.

        Parameters
        ----------
        name
            What is trained.
        gradient
            Summed over a batch; overwritten.
        samples
            In the batch.
        rate
            The learning rate.
        """
        if not self._numbers.moments:
            gradient *= np.float32(rate / samples)
            return
        first, second = self.moments(name)
        adam(gradient, first, second, self.factors(name, samples=samples, rate=rate))
        if self._spec.moments == "bfloat-16":
            rounding = self._rounding if self._spec.rounding == "stochastic" else None
            for moment in (first, second):
                to_bfloat(moment, rounding)

    @property
    def rounds_nothing(self) -> bool:
        """Whether it is Adam with moments as they are computed."""
        return bool(self._numbers.moments) and self._spec.moments == "float-32"

    def moments(self, name: str) -> tuple[Floats, Floats]:
        """The first and the second moment of something that is trained."""
        return self._memory[f"{name}.first"], self._memory[f"{name}.second"]

    def factors(self, name: str, *, samples: int, rate: float) -> Numbers:
        """What Adam's next step of something that is trained computes with; counts that step."""
        # Moments that start at zero are corrected by the number of their own steps, not of the run's: those
        # of a task's normalisation start when the task does.
        steps = self._steps[name] = self._steps.get(name, 0) + 1
        beta1, beta2 = self._numbers.beta1, self._numbers.beta2
        # In double precision, and rounded once: in single precision one less 0.999 is off in its fifth digit.
        corrected_rate = rate / (1 - beta1**steps)
        correction = 1 / (1 - beta2**steps)
        factors = (1 / samples, beta1, beta2, corrected_rate, correction, self._numbers.epsilon)
        return tuple(np.float32(factor) for factor in factors)

    @property
    def arithmetic(self) -> list[Arithmetic]:
        """Arithmetic of one number that is trained; moments of fewer bits are rounded."""
        if not self._numbers.moments:
            return [arithmetic.SGD]
        rounded = len(self._numbers.moments) if self._spec.moments == "bfloat-16" else 0
        return [arithmetic.ADAM, {"compare": rounded}] if rounded else [arithmetic.ADAM]

    @property
    def moment_bits(self) -> int:
        """Bits of the moments of one number that is trained."""
        return len(self._numbers.moments) * FORMAT_BITS[self._spec.moments]
