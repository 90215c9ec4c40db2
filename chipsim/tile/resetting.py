"""What resets of pairs that ran out of range are charged."""

from __future__ import annotations

from chipsim.device.device import PulsedDevice
from chipsim.ledger import Charges
from chipsim.synapse.carrier import Reset
from chipsim.tile.resistive_tile import ResistiveTile
from chipsim.units import charge_factor

__all__ = ["reset_charges"]


def reset_charges(
    tile: ResistiveTile, device: PulsedDevice, taken: tuple[Reset, ...], *, rows: int, cells: int
) -> Charges:
    """What arrays and drivers take for strong pulses on some weights of a tile.

    Parameters
    ----------
    tile, device
        The tile, and its cells.
    taken
        What the resets of each array found.
    rows, cells
        Rows that were visited, and weights that were reset.
    """
    strong, driver = device.reset_pulse, tile.driver
    assert strong is not None, "checked with the description"
    factor = charge_factor(volts=strong.voltage, time=strong.width)
    half = tile.spec.half_power
    energies = [round(factor * (each.selected + half * each.half_selected)) for each in taken]
    # A reset drives the row of both arrays once, and the column of each cell.
    energies.append(driver.energy(rows=2 * rows, columns=2 * cells))
    names = [*(each.array for each in taken), driver.name]
    lines = ((len(taken), 2 * rows, 2 * cells),)
    return Charges(tuple((name, "recentre") for name in names), energies, lines=lines)
