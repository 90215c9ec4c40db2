"""What a run had and never used: arrays, pairs, levels, tiles, converters, phases; and what it lost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from chipsim.report.curves import pair_of
from chipsim.report.lost import losses_told
from chipsim.result import GraphNode, Result, Wear
from chipsim.result.extent import epochs_of
from chipsim.result.places import described, described_in, groups_by_tile, groups_in, shipped_class, tile_of
from chipsim.result.standing import groups_of
from chipsim.result.wear import unwritten
from chipsim.wording import joined, plural

__all__ = ["lost_by_group", "unused", "unused_by_group"]

_MOST_NAMED: Final = 4
"""Parts that a sentence names."""
_PASSIVE: Final = frozenset({"tile", "router"})
"""Kinds of part that charge nothing themselves: what is inside a tile does, and the links at a router."""


def unused(result: Result) -> tuple[str, ...]:
    """What one run had and never used, a sentence each.

    Parameters
    ----------
    result
        A run; of one that was only timed, nobody knows what would have been written.
    """
    idle = _idle_tiles(result)
    told = [
        *_pairs(result),
        *_levels(result),
        *_recentring(result),
        *_idle(result, idle),
        *_parts(result, idle),
        *_phases(result),
        *_tasks(result),
    ]
    return tuple(told)


def unused_by_group(results: Sequence[Result]) -> list[tuple[str, list[str]]]:
    """The same for several runs: each chip with its sentences, with the seeds where not all runs say them."""
    told = []
    for group in groups_of(results):
        having: dict[str, list[str]] = {}
        for result in group.results:
            for sentence in unused(result):
                having.setdefault(sentence, []).append(str(result.summary.get("seed")))
        sentences = []
        for sentence, seeds in having.items():
            # A selector may switch with one seed and not with the next, so what is unused hangs on the seed.
            everywhere = len(seeds) == len(group.results)
            sentences.append(sentence if everywhere else f"With seed {joined(seeds)}: {sentence}")
        if sentences:
            told.append((group.label, sentences))
    return told


def lost_by_group(results: Sequence[Result]) -> list[tuple[str, list[str]]]:
    """What runs cut off or lost where it matters: each chip with its sentences, one for each kind of loss.

    Of several seeds the first that lost so much is told, and in how many others it was alike.
    """
    told = []
    for group in groups_of(results):
        # By what was lost in which group of tiles, not by the sentence: figures differ from seed to seed.
        having: dict[tuple[str, str], list[tuple[str, str]]] = {}
        for result in group.results:
            seed = str(result.summary.get("seed"))
            for what, sentence in losses_told(result).items():
                having.setdefault(what, []).append((seed, sentence))
        sentences = [_of_seeds(found, of=len(group.results)) for found in having.values()]
        if sentences:
            told.append((group.label, sentences))
    return told


def _of_seeds(found: Sequence[tuple[str, str]], *, of: int) -> str:
    """A sentence of one seed, and how many others say the like."""
    seed, sentence = found[0]
    if of == 1:
        return f"{sentence}."
    if len(found) == of:
        return f"With every seed, in figures of seed {seed}: {sentence}."
    if len(found) == 1:
        return f"With seed {seed}: {sentence}."
    others = f"{len(found) - 1} of the {of - 1} others"
    return f"With seed {seed}, and much the same with {others}: {sentence}."


def _pairs(result: Result) -> list[str]:
    """Pairs of which no array was written, then single arrays that were not."""
    left_out = {one.array: one for one in unwritten(result.wear)}
    pairs: dict[str, list[Wear]] = {}
    for one in result.wear:
        pairs.setdefault(pair_of(one.array), []).append(one)
    told = []
    for pair, its in pairs.items():
        # Where a chip has one pair only, nothing was written at all, and naming the pair would say less.
        if len(pairs) > 1 and all(one.array in left_out for one in its):
            told.append(f"{_nothing(result)} was written to the {pair} pair: {_left_out(its)}")
            for one in its:
                left_out.pop(one.array, None)
    if left_out:
        arrays = _named(list(left_out))
        rest = list(left_out.values())
        told.append(f"Nothing was written to {arrays}: {_left_out(rest)}")
    return told


def _nothing(result: Result) -> str:
    """The beginning of a sentence on a pair that nothing was written to, with the reason if it is known."""
    # Of a selector of the user's own no reason is known; one that asks no accuracy waits for nothing.
    waits = getattr(shipped_class(result.chip, "selector"), "asks_accuracy", False)
    if waits and result.summary.get("switch_epoch") is None:
        return "The selector never switched; nothing"
    return "Nothing"


def _left_out(arrays: Sequence[Wear]) -> str:
    cells = sum(one.pulses.size for one in arrays)
    return f"{cells:,} cells, which are left out of means per cell and of endurance."


def _levels(result: Result) -> list[str]:
    """Levels that no weight was written to."""
    told = []
    for group in groups_in(result):
        levels = described_in(result, group, "synapse", "levels")
        used = result.summary.get(f"levels_used.{group}" if group else "levels_used")
        # Of a run that was only timed nobody counted them, nor of a group that carries no layer.
        if not isinstance(levels, list) or used is None or used >= len(levels):
            continue
        never = len(levels) - used
        told.append(f"No weight was ever written to {never} of the {len(levels)} levels{_of_group(group)}.")
    return told


def _recentring(result: Result) -> list[str]:
    """Groups of tiles that would have brought pairs back into range, and had none to bring back."""
    by_tile = groups_by_tile(result)
    worn = {by_tile.get(tile_of(one.array), "") for one in result.wear}
    done = {by_tile.get(tile_of(row.part), "") for row in result.ledger if row.action == "recentre"}
    told = []
    for group in groups_in(result):
        wanted = described_in(result, group, "update", "recentre") is not None
        if wanted and group in worn - done:
            told.append(f"No pair of cells{_of_group(group)} was ever recentred.")
    return told


def _of_group(group: str) -> str:
    """Whose cells a sentence is about; empty on a chip without groups, which has only one sort."""
    return f" of group {group}" if group else ""


def _idle_tiles(result: Result) -> list[str]:
    """Tiles of which nothing is in the ledger."""
    # By what is inside, since a tile charges nothing itself.
    busy = {tile_of(row.part) for row in result.ledger}
    tiles = [node.name for node in result.graph.nodes if node.kind == "tile"]
    return [tile for tile in tiles if tile not in busy]


def _idle(result: Result, idle: Sequence[str]) -> list[str]:
    if not idle or not result.ledger:
        return []
    nodes = [node for node in result.graph.nodes if tile_of(node.name) in idle]
    verb = "hold" if len(idle) > 1 else "holds"
    area = _area(nodes, of=result)
    return [f"{_named(idle)} {verb} no part of the network: {area}."]


def _parts(result: Result, idle: Sequence[str]) -> list[str]:
    """Parts with an area that did nothing, links apart from the others."""
    if not result.ledger:
        return []
    busy = {row.part for row in result.ledger}
    links: list[GraphNode] = []
    others: list[GraphNode] = []
    for node in result.graph.nodes:
        # Parts of an idle tile are told with it, and what has no area costs nothing by being there.
        if tile_of(node.name) in idle or not node.area_nm2:
            continue
        if node.kind in _PASSIVE or node.name in busy:
            continue
        # Apart, or links, of which a mesh has many, would push the others out of the few that are named.
        still = links if node.kind == "link" else others
        still.append(node)
    told = []
    for nodes in filter(None, (others, links)):
        names = _named([node.name for node in nodes])
        told.append(f"{names} did nothing: {_area(nodes, of=result)}.")
    return told


def _area(nodes: Sequence[GraphNode], *, of: Result) -> str:
    whole = sum(node.area_nm2 for node in of.graph.nodes)
    part = sum(node.area_nm2 for node in nodes)
    return f"{100 * part / whole:.1f} % of the chip's area" if whole else "no area"


def _phases(result: Result) -> list[str]:
    """Phases that a run stopped before."""
    if result.summary.get("complete", True):
        return []
    begun, missed = 0, []
    for number, phase in enumerate(_on_chip(result), start=1):
        # Of the first it would say no more than that the run was stopped in its first epoch.
        if number > 1 and begun >= epochs_of(result) and not _trained(result, phase):
            missed.append(str(described(phase, "name") or number))
        begun += described(phase, "epochs") or 0
    if not missed:
        return []
    return [f"{plural('Phase', len(missed))} {joined(missed)} never ended an epoch."]


def _tasks(result: Result) -> list[str]:
    """Tasks that were trained and are in no figure over tasks."""
    phases = result.workload.get("phases")
    tested = {row.task for row in result.tasks}
    if not isinstance(phases, list) or not tested:
        return []
    missing: dict[str, None] = {}
    for phase in phases:
        # A phase without a task is one of its own name.
        task = str(described(phase, "task") or described(phase, "name"))
        if task not in tested and _trained(result, phase):
            missing[task] = None
    if not missing:
        return []
    return [f"Task {joined(list(missing))} was trained and is in no mean over tasks."]


def _trained(result: Result, phase: Mapping[str, object]) -> bool:
    return any(row.phase == described(phase, "name") for row in result.epochs)


def _on_chip(result: Result) -> list[Mapping[str, object]]:
    """Phases as described, without those in software, which end before a run begins."""
    phases = result.workload.get("phases")
    if not isinstance(phases, Sequence):
        return []
    return [phase for phase in phases if described(phase, "software") is None]


def _named(names: Sequence[str]) -> str:
    """The first few, and how many more there are."""
    if len(names) <= _MOST_NAMED:
        return joined(names)
    first = ", ".join(names[:_MOST_NAMED])
    return f"{first} and {len(names) - _MOST_NAMED} more"
