"""Runs that start from what another one ended with: its cells, hidden weights, moments and selector."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import attrs
import numpy as np

from chipsim.chip.chip import Chip
from chipsim.errors import OutputError
from chipsim.net.network import Network
from chipsim.result import Result, Wear
from chipsim.result.reading import load
from chipsim.spec.chip import ChipSpec
from chipsim.spec.reading import chip_from_document, workload_from_document
from chipsim.spec.workload import NetworkSpec, WorkloadSpec
from chipsim.wording import joined

__all__ = ["Start", "start_of", "wear_of"]

_SAME: Final = ("synapse", "device", "tile", "groups")
"""Sections of a chip by which its cells are what they are."""
_NAMED: Final = 2
"""Arrays that a message names."""


@attrs.frozen(kw_only=True, eq=False)
class Start:
    """The run that another one starts from."""

    result: Result
    folder: str
    """Where it was read; empty for a result given in Python."""
    sha256: str
    """Digest of the state that it ended with."""

    @property
    def said(self) -> dict[str, Any]:
        """What the provenance of the other one says of it."""
        summary = self.result.summary
        keys = ("architecture", "workload", "seed", "epochs_run")
        told = {key: summary[key] for key in keys}
        return {"folder": self.folder, "state_sha256": self.sha256, **told}

    @property
    def named(self) -> str:
        """How messages call it."""
        return self.folder or "the result that is given"

    def check(self, chip: ChipSpec, workload: WorkloadSpec) -> None:
        """Refuse to start another chip or network, or tasks that leave no room in its memory, from it.

        Parameters
        ----------
        chip
            What is to start.
        workload
            What it is to be trained on.

        Raises
        ------
        OutputError
            With what does not fit.
        """
        file = self.result.provenance.get("architecture_file", "")
        # Specs, not documents: a value that was set to what it was, or has another source, is the same cell.
        before = chip_from_document(self.result.chip, file=file).spec
        differing = [key for key in _SAME if getattr(before, key) != getattr(chip, key)]
        if differing:
            raise OutputError(
                f"{self.named}: its cells are of another chip, which differs in {', '.join(differing)}; "
                f"start from a run on the same cells"
            )
        if workload.in_software:
            first = workload.in_software[0].name
            raise OutputError(
                f"{self.named}: its cells hold what it ended with, and phase {first!r} trains in software "
                f"what would be written over that; leave one of the two out"
            )
        trained = workload_from_document(
            self.result.workload, file=self.result.provenance.get("workload_file", "")
        )
        other = _other_network(trained.spec.network, workload.network)
        if other:
            raise OutputError(f"{self.named}: {other}; start from a run of the same network")
        how = workload.network.normalisation
        if how is None or how.state != "per-task":
            return
        tasks = {phase.task_name for phase in workload.phases}
        left = [task for task in dict.fromkeys(row.task for row in self.result.tasks) if task not in tasks]
        if left:
            raise OutputError(
                f"{self.named}: the memory holds the normalisation of task {left[0]!r}, which this workload "
                f"does not have; give the task a phase, or normalise alike for all tasks"
            )

    def bring(self, network: Network) -> dict[str, Wear]:
        """Bring a network to where the run ended, and say what its cells had been through by then.

        Whatever is drawn goes on from the new run's own seed.

        Parameters
        ----------
        network
            Its weights have been written for the first time.

        Raises
        ------
        OutputError
            When it has other arrays, or its rule keeps what the run did not.
        """
        kept = self.result.state
        assert kept is not None, "looked at when the start was given"
        state = kept.state()
        other = next(_other_shapes(network.state(), state), "")
        if other:
            raise self._refused(other)
        memory = network.chip.digital.memory
        wanted = memory.names if memory is not None else ()
        try:
            network.restore(state, draws=False)
        except (ValueError, LookupError) as error:
            raise self._refused(str(error)) from error
        missing = [name for name in wanted if memory is not None and name not in memory.names]
        if missing:
            lacking = joined(missing[:_NAMED])
            raise OutputError(
                f"{self.named}: its memory does not hold {lacking}, which the rule keeps here; start from a "
                f"run whose rule keeps the same"
            )
        return {worn.array: worn for worn in wear_of(network.chip, {})}

    def _refused(self, why: str) -> OutputError:
        return OutputError(
            f"{self.named}: ended with another network or chip ({why}); start from one of the same shape"
        )


def _other_network(before: NetworkSpec, now: NetworkSpec) -> str:
    """Why the weights of one network are none of another; empty where they are."""
    if before.bias != now.bias:
        had, has = ("biases" if network.bias else "no biases" for network in (before, now))
        return f"its network has {had}, and this one has {has} (network.bias)"
    if _shapes(before) != _shapes(now):
        return f"its network is {_told(before)}, and this one is {_told(now)} (network.layers)"
    had_figures, has_figures = (_figures(network) for network in (before, now))
    if had_figures != has_figures:
        return f"its network is {had_figures}, and this one is {has_figures} (network.normalisation)"
    return ""


def _shapes(network: NetworkSpec) -> list[tuple[int, int, int]]:
    """What the weights of each layer are cut from."""
    return [(stage.rows, stage.columns, stage.groups) for stage in network.stages]


def _told(network: NetworkSpec) -> str:
    # Layers in a few words may leave out what differs, such as the size of an image.
    shapes = ", ".join(f"{rows} x {columns}" for rows, columns, _ in _shapes(network))
    return f"{network.words} (weights {shapes})"


def _figures(network: NetworkSpec) -> str:
    how = network.normalisation
    if how is None:
        return "not normalised"
    apart = "for each task" if how.state == "per-task" else "alike for all tasks"
    return f"normalised {apart}{'' if how.output else ', its last layer apart'}"


def wear_of(chip: Chip, before: Mapping[str, Wear]) -> tuple[Wear, ...]:
    """What the cells of each array have been through, less what they had been through before.

    Parameters
    ----------
    chip
        The chip.
    before
        By array; arrays that are not in it had been through nothing.
    """
    found = []
    for tile in chip.tiles:
        for worn in tile.wear():
            earlier = before.get(worn.array)
            counts = {
                name: _less(getattr(worn, name), None if earlier is None else getattr(earlier, name))
                for name in ("pulses", "resets", "programmings")
            }
            found.append(Wear(array=worn.array, **counts))
    return tuple(found)


def _less(counts: Any, before: Any) -> Any:
    """A copy of counts, less those before; None where nothing is counted."""
    if counts is None:
        return None
    return counts.copy() if before is None else counts - before


def start_of(given: Any) -> Start | None:
    """The start that somebody gave as a folder or a result.

    Raises
    ------
    OutputError
        When the result cannot be read, or nothing can start from it.
    TypeError
        When it is neither.
    """
    if given is None or isinstance(given, Start):
        return given
    if not isinstance(given, Result | str | os.PathLike):
        raise TypeError(f"start must be a run folder, a result, or None, not of type {type(given).__name__}")
    result = given if isinstance(given, Result) else load(Path(given))
    folder = "" if isinstance(given, Result) else str(given)
    named = folder or "the result that is given"
    if not result.summary["complete"]:
        raise OutputError(f"{named}: was stopped before its end; finish it first, with --resume")
    if result.state is None:
        raise OutputError(
            f"{named}: was saved without the state that it ended with, by an older chipsim or because it was "
            f"only timed; run it again"
        )
    return Start(result=result, folder=folder, sha256=result.state.sha256)


def _other_shapes(mine: Any, theirs: Any, path: str = "") -> Iterator[str]:
    """Arrays of two states that stand at the same place and are of different shapes."""
    if isinstance(mine, np.ndarray) and isinstance(theirs, np.ndarray):
        # An empty one is filled when a phase begins, and then anew.
        if mine.size and theirs.size and mine.shape != theirs.shape:
            yield f"{path} is {mine.shape} here, and was {theirs.shape}"
        return
    if isinstance(mine, list) and isinstance(theirs, list):
        mine, theirs = dict(enumerate(mine)), dict(enumerate(theirs))
    if isinstance(mine, dict) and isinstance(theirs, dict):
        # In the order of one of them, so that what is told first is so in every process.
        for key in mine:
            if key in theirs:
                yield from _other_shapes(mine[key], theirs[key], f"{path}.{key}".lstrip("."))
