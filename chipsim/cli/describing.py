"""``chipsim describe``: a chip in words, as a drawing, and as tables of its parts and numbers."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

import attrs
from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from chipsim.chip.interconnect import interconnect_of
from chipsim.cli.asking import check_sets
from chipsim.cli.numbers_shown import show_numbers
from chipsim.cli.screen import put, screen, table
from chipsim.device.device import device_of
from chipsim.errors import DescriptionError
from chipsim.learn.rule import rule_of
from chipsim.parts.leakage import NO_LEAKAGE
from chipsim.parts.part import Part
from chipsim.report import write_chip_page
from chipsim.run import Setup, prepare
from chipsim.run.drawing import draw
from chipsim.run.execute import Timing, execute
from chipsim.spec import load_chip, shipped_names, split_sets, unread_together
from chipsim.spec.chip import ChipSpec
from chipsim.spec.provenance import Value
from chipsim.spec.used import used_costs, used_numbers
from chipsim.spec.views import learning_views, seats, views
from chipsim.synapse.synapse import synapse_of
from chipsim.tile.idealised import idealised
from chipsim.tile.tile_kind import tiles_of
from chipsim.units import AREA, ENERGY, LEAKAGE, TIME, show
from chipsim.update.update import update_of
from chipsim.wording import joined, plural

__all__ = ["describe_chip"]

_USUAL: Final = ("mnist-5k", "mnist-5k-permuted")
"""Workloads that chips are drawn with; those with hidden weights with the second if they can."""
_MOST_TOLD: Final = 3
"""Kinds of part that one row of the table tells apart."""


def describe_chip(
    arch: str, workload: str | None, *, sets: Sequence[str], page: Path | None, overwrite: bool = False
) -> None:
    """Print a chip with a network placed on it, and write its page if one is asked for.

    Without a workload it is the first that ships and fits the chip.

    Raises
    ------
    ChipsimError
        When a description cannot be used, or the page cannot be written.
    """
    check_sets(sets)
    setup = prepare(arch, workload, sets=sets, seed=None) if workload else _fitting(arch, sets)
    unread = unread_together(setup.architecture, setup.workload, setup.costs)
    if unread:
        raise DescriptionError(unread)
    step = execute(setup.chip, setup.rule.typical_step(setup.workload.spec.batch))
    if page is not None:
        spec = setup.architecture.spec
        costs = [attrs.evolve(value, path=f"costs.{value.path}") for value in _costs(setup)]
        values = [*_numbers(setup), *costs]
        write_chip_page(
            draw(setup.chip),
            page,
            title=spec.name,
            about=spec.about,
            values=values,
            overwrite=overwrite,
        )
    console = screen()
    _say_what(console, setup)
    _show_drawing(console, setup)
    _show_parts(console, setup, step)
    show_numbers(console, "The chip's numbers", _numbers(setup))
    show_numbers(console, f"Costs from {setup.costs.spec.name}", _costs(setup))
    if page is not None:
        console.print(f"page: {page}", soft_wrap=True)


def _numbers(setup: Setup) -> tuple[Value, ...]:
    return used_numbers(setup.architecture.spec, setup.architecture.values)


def _costs(setup: Setup) -> tuple[Value, ...]:
    return used_costs(setup.architecture.spec, setup.costs.values)


def _fitting(arch: str, sets: Sequence[str]) -> Setup:
    """The chip with the first workload that it fits; where it fits none, what the first has against it."""
    try:
        chip_sets, _, _ = split_sets(sets)
        hidden = "memory" in load_chip(arch, sets=chip_sets).spec.rule.needs
    except DescriptionError:
        # Told together with what is wrong with everything else that was set.
        return prepare(arch, _USUAL[0], sets=sets, seed=None)
    usual = reversed(_USUAL) if hidden else _USUAL
    refused: list[DescriptionError] = []
    for workload in dict.fromkeys((*usual, *shipped_names("workloads"))):
        try:
            return prepare(arch, workload, sets=sets, seed=None)
        except DescriptionError as error:
            refused.append(error)
    raise refused[0]


def _say_what(console: Console, setup: Setup) -> None:
    spec, workload = setup.architecture.spec, setup.workload.spec
    console.print(Text(spec.name, style="bold"))
    for text in (spec.about, spec.paper and f"Paper: {spec.paper}", *_in_words(setup)):
        if text:
            console.print(Padding(" ".join(text.split()), (0, 0, 0, 2)))
    where = f"Drawn with {workload.name} placed on it, a network of {workload.network.words}."
    console.print(Padding(where, (0, 0, 1, 2)))


def _in_words(setup: Setup) -> list[str]:
    spec = setup.architecture.spec
    joined = interconnect_of(spec).words(len(setup.chip.links))
    return [
        *(_groups_in_words(setup, joined) if spec.groups else _tiles_in_words(setup, joined)),
        *idealised(spec),
        f"Costs: {setup.costs.spec.name}, {setup.costs.spec.node}.",
        f"Area of all parts: {show(setup.chip.area, AREA)}.",
        _leakage_words(setup),
    ]


def _leakage_words(setup: Setup) -> str:
    """What all parts leak, whether they are switched off, and of what nobody knows it."""
    found = sum((part.leakage for part in setup.chip.parts.values()), NO_LEAKAGE)
    unknown = f"not known for {joined(sorted(found.unknown))}" if found.unknown else ""
    if not found.known:
        return f"Leakage: {unknown}." if unknown else ""
    said = [show(found.power, LEAKAGE), unknown]
    if setup.architecture.spec.leakage.gating != "none":
        said.append("parts that do nothing are switched off, and back at once and for nothing")
    return f"Leakage of all parts: {'; '.join(filter(None, said))}."


def _tiles_in_words(setup: Setup, joined: str) -> list[str]:
    """Of a chip whose tiles are all alike."""
    spec = setup.architecture.spec
    return [
        _weight_words(spec),
        *_level_words(spec),
        *_hidden_words(setup),
        f"{_tile_words(spec, len(setup.chip.tiles))}, {joined}.",
        *tiles_of(spec).words_of_unused(spec),
        *tiles_of(spec).words_of_wires,
    ]


def _groups_in_words(setup: Setup, joined: str) -> list[str]:
    """Group after group, and what is common to all."""
    told = []
    placed, network = setup.placement.tile_groups, setup.workload.spec.network
    spec = setup.architecture.spec
    learning = {view.name for view in learning_views(spec, network)}
    for view in views(spec):
        tiles = _tile_words(view.chip, placed.count(view.name))
        once = f"Weights: {synapse_of(view.chip).words}, written once."
        words = (
            _weight_words(view.chip) if view.name in learning else once,
            *_level_words(view.chip),
            *tiles_of(view.chip).words_of_unused(view.chip),
            *tiles_of(view.chip).words_of_wires,
        )
        told.append(f"Group {view.name}, {_carried_words(setup, view.name)}: {tiles}. {' '.join(words)}")
    return [*told, *_hidden_words(setup), f"All tiles are {joined}."]


def _carried_words(setup: Setup, group: str) -> str:
    """The layers that stand on a group of tiles."""
    spec, network = setup.architecture.spec, setup.workload.spec.network
    stages, several = network.stages, len(spec.rule.roles) > 1
    told = []
    for seat in seats(spec, network):
        if seat.group == group:
            frozen = " (frozen)" if stages[seat.layer].frozen else ""
            role = f"{seat.role} of " if several else ""
            told.append(f"{role}layer {seat.layer + 1}{frozen}")
    return ", ".join(told) or "which nothing of this network stands on"


def _weight_words(spec: ChipSpec) -> str:
    return f"Weights: {synapse_of(spec).words}. Updates: {update_of(spec).words}."


def _tile_words(spec: ChipSpec, tiles: int) -> str:
    what = f"{spec.tile.kind} {plural('tile', tiles)}"
    return f"{tiles} {what} of {spec.tile.rows} x {spec.tile.columns}"


def _level_words(spec: ChipSpec) -> list[str]:
    """How weights become conductances, where there are cells."""
    said = synapse_of(spec).conductance_words(device_of(spec)) if spec.device is not None else ""
    return [said] if said else []


def _hidden_words(setup: Setup) -> list[str]:
    """What the digital unit learns with; nothing for chips whose learning state is in tiles."""
    kept, memory = rule_of(setup.architecture.spec).words, setup.chip.digital.memory
    return [f"Learning state: {kept}; a memory of {memory.about}."] if kept and memory else []


def _show_drawing(console: Console, setup: Setup) -> None:
    chip = setup.chip
    areas = {
        name: part.area + sum(inner.area for inner in part.parts_inside())
        for name, part in chip.parts.items()
    }
    labels = {name: show(area, AREA, 3) for name, area in areas.items()}
    interconnect = interconnect_of(setup.architecture.spec)
    for line in interconnect.drawn(chip.topology, labels=labels, width=console.width - 2):
        console.print(Text(f"  {line}"), soft_wrap=True)
    console.print()


@attrs.define
class _Group:
    """Parts that are alike, and what they came to in one step."""

    abouts: dict[str, None] = attrs.Factory(dict)
    """What the parts are, each once."""
    count: int = 0
    area: int = 0
    busy: int = 0
    energy: int = 0


def _show_parts(console: Console, setup: Setup, step: Timing) -> None:
    """Print parts that are alike in one row, those inside a tile under it, with their share of one step."""
    groups = _grouped(setup.chip.parts.values(), step)
    whole = setup.chip.area
    rows = [
        (
            f"{'  ' * name.count('.')}{name}",
            str(group.count),
            _several(list(group.abouts)),
            show(group.area, AREA, 3) if group.area else "",
            f"{100 * group.area / whole:.1f} %" if group.area else "",
            show(group.busy, TIME, 3) if group.busy else "",
            show(group.energy, ENERGY, 3) if group.energy else "",
        )
        for name, group in groups.items()
    ]
    batch = setup.workload.spec.batch
    heads = ("Part", "count", "what it is", "area", "share", "busy", "energy")
    put(console, table(*heads, rows=rows, right=(1, 3, 4, 5, 6)))
    console.print(
        Padding(
            f"Busy and energy are those of one training step ({batch} {plural('sample', batch)}), which "
            f"takes {show(step.elapsed, TIME)}; the currents through cells depend on data and are left out.",
            (0, 0, 1, 2),
        )
    )


def _grouped(parts: Iterable[Part], step: Timing) -> dict[str, _Group]:
    """Groups by name without its numbers, tiles last, what is inside each behind it."""
    groups: dict[str, _Group] = {}
    spent: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for name, _action, entry in step.ledger:
        spent[name][0] += entry.busy_ps
        spent[name][1] += entry.energy_aj
    for part in sorted(parts, key=lambda part: (part.name.startswith("tile"), part.name)):
        group = groups.setdefault(re.sub(r"(?<=^link:).*|\d+", "*", part.name), _Group())
        group.abouts[part.about] = None
        group.count += 1
        group.area += part.area
        group.busy += spent[part.name][0]
        group.energy += spent[part.name][1]
    return groups


def _several(abouts: Sequence[str]) -> str:
    more = len(abouts) - _MOST_TOLD
    return "; ".join(abouts[:_MOST_TOLD]) + (f"; {more} other kinds" if more > 0 else "")
