"""The resistive tile: what it asks of a chip, and which arrays it is built of."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import ClassVar, Final

import attrs

from chipsim.device.device import Device, LevelDevice, PulsedDevice, device_of
from chipsim.spec.chip import ChipSpec
from chipsim.spec.fault import Fault
from chipsim.spec.kind import Unread
from chipsim.spec.paths import Step
from chipsim.spec.stages import Stage
from chipsim.spec.views import stages_on
from chipsim.spec.workload import NetworkSpec, WorkloadSpec
from chipsim.synapse.synapse import synapse_of
from chipsim.tile.array_tiles import ArrayTiles
from chipsim.tile.changer import changer_of
from chipsim.tile.resistive_tile import ResistiveTile
from chipsim.tile.side_by_side import Beside
from chipsim.tile.tile_kind import Site
from chipsim.tile.wires import Lines, Wires

__all__ = ["Crossbar"]

_HALF: Final = 0.5
"""Share of the read voltage below which a cell is told to see little of it."""


@attrs.frozen(kw_only=True)
class Crossbar(ArrayTiles):
    """A resistive tile: the synapse's arrays with shared drivers and converters."""

    kind: ClassVar[str] = "crossbar"
    needs: ClassVar[frozenset[str]] = frozenset({"cells"})
    tile: ClassVar[type[ResistiveTile]] = ResistiveTile
    """What is built: a kind of one's own that reads in another way names a class of its own."""

    def build(self, site: Site, name: str, *, shape: tuple[int, int], seed: int | None) -> ResistiveTile:
        """The synapse's arrays, changed as the update says."""
        chip = site.spec
        synapse, device, update = synapse_of(chip), device_of(chip), changer_of(chip)
        return self.tile(
            site.env, name, ledger=site.ledger, spec=self, synapse=synapse, device=device, update=update,
            costs=site.costs, shape=shape, seed=seed, **_beside(site),
        )  # fmt: skip

    def reads(self, price: Sequence[Step]) -> bool:
        """Sample-and-holds and write drivers, one a line."""
        return price[0] in ("sample_hold", "write_driver")

    def unread(self) -> Iterable[Unread]:
        """Noise of converters that add none, and lines of converters that are not built."""
        for side in ("forward", "backward"):
            where, passing = (self.section, side, "adc"), getattr(self, side)
            if passing.adc is None:
                shared = (self.section, side, "dac", "lines_per_converter")
                yield Unread(shared, where, "nothing drives or reads that side", nothing=1)
            elif passing.adc.ideal:
                why = "an ideal converter passes numbers unchanged"
                yield Unread((*where, "noise"), (*where, "ideal"), why, nothing=0)

    def faults_with(self, chip: ChipSpec, workload: WorkloadSpec) -> Iterable[Fault]:
        """Errors that are to be read back from tiles without converters for it."""
        if self.backward.adc is not None:
            return
        network = workload.network
        returning = [index + 1 for index in stages_on(chip, network) if index > network.first_learning]
        if returning:
            first = network.first_learning + 1
            message = (
                f"must be converters: in {workload.name!r} layer {first} learns too, and errors reach it "
                f"through layer {returning[0]}; freeze all layers but the last, or build them"
            )
            yield Fault((self.section, "backward", "adc"), message)

    def words_of_unused(self, chip: ChipSpec) -> list[str]:
        """Cut off, switched off, or grounded with cells that take current."""
        if self.unused_lines == "cut-off":
            return ["Lines end at the last cell in use: cells beyond a layer take no current."]
        if "program" in device_of(chip).offers:
            lines = "Lines beyond a layer are grounded: a row that is read drives their cells too."
            return [f"{lines} Rows beyond it are switched off by their transistors."]
        lines = "Rows and columns beyond a layer are grounded:"
        return [f"{lines} their cells, never pulsed, take current from every driven line that crosses them."]

    def warnings(self, chip: ChipSpec, workload: WorkloadSpec) -> Iterable[str]:
        """Converters through which nothing but zero can come, of the layers that stand on these tiles."""
        network = workload.network
        carried = stages_on(chip, network)
        last = carried.get(len(network.stages) - 1)
        if last is not None and not last.frozen:
            yield from self._of_errors(network)
        largest = synapse_of(chip).largest_weight(chip)
        first = min(carried)
        yield from self._of_results("forward", carried[first].group_rows, largest)
        # Errors go back through the layers behind the first that learns, and through no other.
        returning = [index for index in carried if index > network.first_learning]
        if returning:
            yield from self._of_results("backward", carried[max(returning)].columns, largest)
        if self.wires is not None:
            yield from self._of_wires(self.wires, chip, carried)

    def _of_wires(self, wires: Wires, chip: ChipSpec, carried: Mapping[int, Stage]) -> Iterator[str]:
        """Cells that see less than half the voltage they are read with."""
        device, cells = device_of(chip), synapse_of(chip).layout.cells
        low, middle = _conductances(device)
        # Where there is no bound, nobody knows what cells conduct in the middle of their range.
        if not math.isfinite(middle):
            return
        shares: dict[int, float] = {}
        for index, stage in carried.items():
            rows, columns = min(self.rows, stage.group_rows), min(self.columns, stage.columns)
            across, along = self.unused((rows, columns))
            # Transistors cut off the cells of rows out of use from lines that are driven.
            along = 0 if "program" in device.offers else along
            row = Lines(cells=columns * cells, beyond=across * cells, each=middle, low=low)
            column = Lines(cells=rows, beyond=along, each=middle, low=low)
            shares[index] = wires.farthest(row, column)
        worst = min(shares, key=lambda index: shares[index])
        if shares[worst] < _HALF:
            yield (
                f"tile.wires: with all cells in the middle of their range, that of layer {worst + 1} that is "
                f"farthest from the ends of its lines sees {100 * shares[worst]:.2g} % of the read voltage; "
                "take smaller tiles, wires of less resistance, or cells that conduct less"
            )

    def _of_errors(self, network: NetworkSpec) -> Iterator[str]:
        """Errors of the last layer that are all rounded to nothing."""
        dac, error = self.backward.dac, network.largest_error
        levels = 2**dac.bits - 1
        # What is normalised or scaled may be of any size, so no bound on errors says anything.
        scaled = network.normalisation is not None or self.backward.scaling != "fixed"
        if scaled or dac.ideal or error * levels >= 0.5:
            return
        yield (
            f"tile.backward.dac.bits: errors of the last layer, {error:.2g} at most, are under half a "
            f"step of {1 / levels:.2g} and become zero, and updates are made of the same words: no "
            "weight ever changes; use more bits, or scaling: maximum"
        )

    def _of_results(self, side: str, lines: int, weight: float) -> Iterator[str]:
        """Weighted sums that are all rounded to nothing, where a weight is no larger than stated."""
        adc, most = getattr(self, side).adc, lines * weight
        # A converter with noise gives other codes than zero by chance, and on average the right result.
        if adc is None or adc.ideal or adc.noise:
            return
        half = adc.step / 2
        if most < half:
            told = f"results of {lines} lines, {most:.3g} at most, are under half a step"
            yield (
                f"tile.{side}.adc.range: {told} of the converter, {half:.3g}, and become zero; lower it, "
                "or use more bits"
            )


def _conductances(device: Device) -> tuple[float, float]:
    """What a cell at its lowest, and in the middle of its range, conducts, S."""
    if isinstance(device, LevelDevice):
        low, high = float(device.means[0]), float(device.means[-1])
        return low, (low + high) / 2
    assert isinstance(device, PulsedDevice), "cells are pulsed or programmed"
    low = device.low(1.0)
    return low, low + device.span(1.0) / 2


def _beside(site: Site) -> dict[str, Beside]:
    """What a tile that shares its rows with others has to know, where there are any."""
    # A class of one's own that is built in the place of tiles need not know of it.
    return {"beside": site.beside} if site.beside.columns else {}
