"""How the cells of a tile are brought to their symmetry points, and what is charged for it."""

from __future__ import annotations

from typing import ClassVar, Final

import attrs
import numpy as np

from chipsim.device.device import PulsedDevice
from chipsim.device.types import Floats, Indices, Sums
from chipsim.ledger import Charges
from chipsim.parts.plan import PlanStep
from chipsim.parts.program import Operation
from chipsim.synapse.carrier import CentredCarrier, Centring, Pulsed
from chipsim.tile.resistive_tile import ResistiveTile
from chipsim.units import Ps, charge_factor

__all__ = ["CENTRING", "Centred"]

_ACTION: Final = "centre"
CENTRING: Final = ("centre_up", "centre_down", "centre_rows", "centre_readings", "centre_rounds")
"""Counts of a first writing with centring: pulses of all cells up and down, rows, times that each of them is
read before its references are programmed, rounds of references."""
_POLARITIES: Final = 2
"""After whose last pulses cells are read: after one alone they stand half a step off."""


@attrs.frozen(eq=False)
class _Reading:
    """All rows of a tile, read after a pulse."""

    values: Floats
    """As converters give them (rows, columns)."""
    conducted: Sums
    """What that takes of each array (arrays,), S."""
    weights: Sums
    """What there is to read (rows, columns)."""


class _Found:
    """What readings of cells said, and what it took.

    Parameters
    ----------
    shape
        Rows and columns of the cells.
    arrays
        How many conduct.
    """

    def __init__(self, shape: tuple[int, int], *, arrays: int) -> None:
        self._count = 0
        self._read: Sums = np.zeros(shape)
        self._stood: Sums = np.zeros(shape)
        self.conducted: Sums = np.zeros(arrays)
        """What all readings took of each array (arrays,), S."""

    def add(self, risen: _Reading, fallen: _Reading) -> None:
        """Add a reading after a pulse up, and that after the next one down."""
        self._count += 1
        self._read += (risen.values + fallen.values) / np.float32(_POLARITIES)
        self._stood += (risen.weights + fallen.weights) / _POLARITIES
        self.conducted += risen.conducted
        self.conducted += fallen.conducted

    @property
    def readings(self) -> Sums:
        """Mean of what was read, as weights (rows, columns)."""
        return self._read / self._count

    @property
    def points(self) -> Sums:
        """Mean of where the cells were, likewise."""
        return self._stood / self._count


class Centred:
    """Centring of the cells of one tile, done once: as numbers, and in time.

    Parameters
    ----------
    tile
        The tile.
    device
        Its cells.
    how
        As the synapse asks for it.

    Notes
    -----
    All rows and columns of the cells are driven at once, in as many slots as pulses. For a reading every row
    is read alone at full scale, before the last pulse of a pair and after it. At last each row of references
    is read and pulsed, in one slot up and one down, as often as there are rounds.
    """

    remembers: ClassVar[tuple[str, ...]] = ("points", "errors")

    def __init__(self, tile: ResistiveTile, device: PulsedDevice, *, how: Centring) -> None:
        self._tile, self._how = tile, how
        down = device.down_pulse
        assert down is not None, "checked with the description"
        ups = device.up_pulses
        self._pulses_of_a_step = len(ups)
        self._up_factor = sum(charge_factor(volts=one.voltage, time=one.width) for one in ups)
        self._down_factor = charge_factor(volts=down.voltage, time=down.width)
        recovery = tile.costs.write_driver.time
        self._up_slot = sum(one.width + recovery for one in ups)
        self._down_slot = down.width + recovery
        self.points: Sums = np.zeros(3)
        """How many symmetry points were found, their sum as weights from the middle of the range, and that of
        their squares."""
        self.errors: Sums = np.zeros(3)
        """The same of what weights read as when they stood at them."""

    # --- numbers ---------------------------------------------------------------------------------

    def centre(self) -> tuple[dict[str, int], tuple[Charges, ...]]:
        """Find the symmetry points, and program the references: counts of an operation, and charges."""
        carrier = self._tile.carrier
        assert isinstance(carrier, CentredCarrier), "its synapse makes no other"
        lift, pairs = carrier.lift, self._how.pairs
        taken = [carrier.pulse_all(abs(lift), down=lift < 0)]
        found = _Found(self._tile.shape, arrays=len(self._tile.arrays))
        done = 0
        for pair in self._how.read_after:
            # All but the last pulse of the pair, which is one down.
            taken += carrier.alternate(2 * (pair - done) - 1, down=False)
            risen = self._read()
            taken += carrier.alternate(1, down=True)
            found.add(risen, self._read())
            done = pair
        carrier.centred()
        # References stood in the middle, so that what weights are now is where the cells are.
        points, below = found.points, carrier.weights()
        written = carrier.refer(found.readings, rounds=self._how.rounds)
        self.points[:] = _moments(points)
        self.errors[:] = _moments(points - below + carrier.weights())
        up, down = pairs + max(lift, 0), pairs + max(-lift, 0)
        counts = (up, down, self._tile.shape[0], _POLARITIES * self._how.readings, self._how.rounds)
        verifying = self._how.rounds * self._tile.sides[0].line_siemens().sum(axis=1)
        energies = self._tile.read_charges(_ACTION, found.conducted + verifying)
        return dict(zip(CENTRING, counts, strict=True)), (*energies, self._charges(taken, written))

    def _read(self) -> _Reading:
        """All rows, one after another."""
        carrier = self._tile.carrier
        rows: Indices = np.arange(self._tile.shape[0], dtype=np.int32)
        values = self._tile.read_rows(rows).values
        return _Reading(values, self._tile.sides[0].line_siemens().sum(axis=1), carrier.weights())

    def _charges(self, taken: list[Pulsed], written: Pulsed) -> Charges:
        cells, references = (array.name for array in self._tile.arrays)
        driver, half = self._tile.driver, self._tile.spec.half_power
        energy = 0.0
        for one in taken:
            factor = self._down_factor if one.down else self._up_factor
            energy += factor * (one.selected + half * one.half_selected)
        # Half the pulses of references have either polarity, whichever they are.
        mean = (self._up_factor + self._down_factor) / 2
        of_references = mean * (written.selected + half * written.half_selected)
        driven = self._driven(taken)
        return Charges(
            ((cells, _ACTION), (references, _ACTION), (driver.name, _ACTION)),
            (round(energy), round(of_references), driver.energy(rows=driven[0], columns=driven[1])),
            (sum(one.pulses for one in taken), written.pulses, 0),
            ((2, *driven),),
        )

    def _driven(self, taken: list[Pulsed]) -> tuple[int, int]:
        """How often rows and columns are charged, those of both arrays."""
        rows, columns = self._tile.shape
        slots = 0
        for one in taken:
            count = one.pulses // (rows * columns)
            slots += count if one.down else count * self._pulses_of_a_step
        # Of a row of references each polarity drives the row, and one of the two each column.
        ways, rounds = 1 + self._pulses_of_a_step, self._how.rounds
        column_slots = -(-rounds * rows * columns * ways // 2)
        return slots * rows + rounds * rows * ways, slots * columns + column_slots

    # --- events ----------------------------------------------------------------------------------

    def steps(self, op: Operation) -> tuple[PlanStep, ...]:
        """What a first writing takes before anything is written, on arrays that are held."""
        tile, driver = self._tile, self._tile.driver
        cells, references = tile.arrays
        rows, columns = op["centre_rows"], tile.shape[1]
        slots = op["centre_up"] + op["centre_down"]
        alternating = Ps(op["centre_up"] * self._up_slot + op["centre_down"] * self._down_slot)
        visits = op["centre_rounds"] * rows
        programming = Ps(visits * (self._up_slot + self._down_slot))
        return (
            *driver.held(
                alternating,
                driver.charged(_ACTION, alternating, count=slots),
                *tile.occupied(_ACTION, (cells,), alternating),
            ),
            *tile.verify(_ACTION, op["centre_readings"] * rows, columns=columns),
            *driver.held(
                programming,
                driver.charged(_ACTION, programming, count=2 * visits),
                *tile.occupied(_ACTION, (references,), programming),
            ),
            *tile.verify(_ACTION, visits, columns=columns),
        )


def _moments(values: Sums) -> tuple[float, float, float]:
    """How many there are, their sum, and that of their squares."""
    return values.size, float(values.sum()), float((values**2).sum())
