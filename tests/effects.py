"""Changing one number of a description at a time, and seeing what it changes of a short run."""

from __future__ import annotations

import functools
import re

import numpy as np

import chipsim
from chipsim.errors import ChipsimError
from chipsim.result.endurance import endurance
from chipsim.spec import load_chip
from tests.shipped import ONE_LAYER

__all__ = ["FIGURES", "changes", "effect", "first_run", "workload_of"]

FIGURES = ("accuracy", "time", "energy", "wear", "area")
_NUMBER = re.compile(r"([-+]?[0-9.]+(?:e[-+]?[0-9]+)?)\s*(.*)")


def _digits():
    """Six pixels in three classes, noisy enough to be learnt in part."""
    rng = np.random.default_rng(3)
    labels = np.arange(24) % 3
    images = np.clip(0.8 * np.kron(np.eye(3), np.ones(2))[labels] + 0.2 * rng.random((24, 6)), 0, 1)
    return chipsim.data.from_arrays("tiny", train=(images[:16], labels[:16]), test=(images[16:], labels[16:]))


DATASETS = {"tiny": _digits()}
_DATA = "{name: tiny, train: 16, test: 8}"
# Small tiles, few lanes and a cell of few states let everything happen in a few samples.
_PULSED = (
    f"phases[*].dataset={_DATA}", "phases[*].epochs=4", "network.layers=[6, 40, 3]", "tile.rows=41",
    "tile.columns=40", "digital.lanes=4",
)  # fmt: skip
_OF_CELLS = (
    "device.states=6", "device.endurance=10000", "update.recentre.every=3", "update.encoding=stochastic", "synapse.weight_range=1",
    "learning_rate.sgd=0.5", "tile.backward.dac.lines_per_converter=20",
)  # fmt: skip
_HIDDEN = (
    f"phases[*].dataset={_DATA}", "phases[*].epochs=2", "network.layers=[6, 4, 4, 3]", "batch=4",
    "phases[name=permuted].dataset={name: tiny, train: 16, test: 8, permutation: 1}",
    "phases[name=digits-warm-up].task=first", "digital.lanes=4", "selector.lanes=2", "tile.rows=16",
    "tile.columns=16", "memory.width=64 bit", "memory.banks=1",
)  # fmt: skip
_GATHERED = (
    f"phases[*].dataset={_DATA}", "phases[*].epochs=3", "network.layers=[6, 40, 3]", "tile.rows=41", "tile.columns=40",
    "digital.lanes=4", "selector.lanes=2", "device.endurance=10000", "rule.learning_rate=0.5",
    "synapse.alternating_pulses=5", "synapse.reference_rounds=2", "synapse.reference_readings=2",
)  # fmt: skip
_ONE_LAYER = (
    f"phases[*].dataset={_DATA}", "network.layers=[6, 3]", "batch=4", "tile.rows=7",
    "tile.columns=4", "digital.lanes=4", "tile.forward.adc.lines_per_converter=2", "network.initial_weights=0.5",
    "tile.backward.dac.bits=2",
)  # fmt: skip
_OF_ONE_LAYER = {
    "analog-pair-transfer": ("phases[*].epochs=1", "learning_rate.sgd=0.3"),
    "multilevel-transfer": (
        "memory.width=64 bit",
        "memory.banks=1",
        "learning_rate.sgd=0.3",
        "phases[*].epochs=2",
        "phases[*].rule={}",
    ),
    "vgg16-chip": (
        "memory.width=64 bit",
        "memory.banks=1",
        "learning_rate.sgd=0.3",
        "phases[*].epochs=2",
        "phases[*].rule={}",
    ),
    "set-reset-transfer": ("phases[*].epochs=1", "learning_rate.sgd=0.5"),
}


def workload_of(chip):
    """The workload that a shipped chip is tried on, and what makes it tiny."""
    spec = load_chip(chip).spec
    if chip in ONE_LAYER:
        return "mnist-5k-transfer", (*_ONE_LAYER, *_OF_ONE_LAYER[chip])
    if spec.rule.kind == "hidden-weights":
        return "mnist-5k-permuted", _HIDDEN
    if "transfers" in spec.selector.offers:
        memory = ("memory.width=64 bit", "memory.banks=1") if spec.memory is not None else ()
        # So few pulses at a time that some steps ask for more.
        few = ("rule.pulses=2",) if spec.rule.kind == "mixed-precision" else ()
        return "mnist-5k", (*_GATHERED, *memory, *few)
    cells = _OF_CELLS if spec.device is not None else ("tile.lanes=4",)
    selector = ("selector.threshold=40 %",) if spec.selector.kind == "accuracy-plateau" else ()
    return "mnist-5k", (*_PULSED, *cells, *selector)


def _path(override):
    """What stands before the first equals sign that is in no bracket."""
    return re.match(r"(?:[^\[\]=]|\[[^\]]*\])*", override)[0]


def _run(chip, sets, *, timing_only=False):
    workload, tiny = workload_of(chip)
    given = {_path(text).removeprefix("workload.") for text in sets}
    kept = [text for text in tiny if _path(text) not in given]  # one value, one override
    return chipsim.simulate(
        chip, workload, sets=[*kept, *sets], datasets=DATASETS, seed=1, timing_only=timing_only
    )


@functools.cache
def first_run(chip, costs, *, timing_only=False):
    """The run that others are compared with."""
    return _run(chip, [f"costs={costs}"], timing_only=timing_only)


def _figures(result):
    """What a run says, by the conclusions that it is about; the books under a name of their own."""
    said = result.summary
    curves = [(row.train_accuracy_percent, row.test_accuracy_percent, row.loss) for row in result.epochs]
    worn = [(array.array, array.pulses.tolist(), array.resets.tolist()) for array in result.wear]
    return {
        "accuracy": repr((curves, result.tasks)),
        "time": (said["simulated_time_ps"], said["inference_time_ps"], said["first_step_time_ps"]),
        "energy": said["energy_aJ"],
        "wear": repr((worn, endurance(result) if result.wear else None)),
        "area": said["area_mm2"],
        "books": repr((result.ledger, said["hidden_memory_bytes"], said["hidden_memory_traffic_bytes"])),
    }


def _differing(result, reference):
    one, other = _figures(result), _figures(reference)
    found = {name for name in one if one[name] != other[name]}
    # Whatever changes time or sizes changes leakage as well: a power is what changes nothing else.
    if not found and result.leakage != reference.leakage:
        return {"leakage"}
    return found


def changes(text):
    """A number as it is written, doubled; and what to try where twice as much is not allowed or shows nothing."""
    if text in ("true", "false"):
        return ["false" if text == "true" else "true"]
    if text.startswith("["):
        return _of_list([item.strip() for item in text[1:-1].split(",")])
    match = _NUMBER.fullmatch(text)
    if match is None:
        return []
    number, unit = float(match[1]), match[2]
    if number == 0:
        tried = ["1 %"] if unit == "%" else [f"1 {unit}", "10 %"]
        return [one.strip() for one in tried]
    factors = (2, 0.5, 1.001, 0.9) if unit or number != int(number) else (2, 0.5)
    numbers = [factor * number for factor in factors]
    if not unit and number == int(number):
        numbers = [2 * number, number // 2, number + 1, number - 1, number / 2]
    told = [f"{one:.15g} {unit}".strip() for one in numbers]
    # A threshold shows only where something lies between it and the first one.
    return [*told, "50 %", "-50 %"] if unit == "%" else told


def _of_list(items):
    """All numbers of a list doubled, or those between its ends, which data hold fixed."""
    if not all(_NUMBER.fullmatch(item) for item in items):
        return []
    doubled = [f"{2 * float(item):g}" for item in items]
    return [f"[{', '.join(doubled)}]", f"[{', '.join((items[0], *doubled[1:-1], items[-1]))}]"]


@functools.cache
def effect(chip, value, *, costs):
    """What changing one value changes: figures, or the books alone; empty where nothing shows it.

    A change that a description may not have is not counted; where training shows nothing, timing without
    training is looked at too. None says that no change was allowed at all.
    """
    allowed = False
    for changed in changes(value.value):
        sets = [f"costs={costs}", f"{value.path}={changed}"]
        for timing_only in (False, True):
            try:
                result = _run(chip, sets, timing_only=timing_only)
            except ChipsimError:
                break
            allowed = True
            found = _differing(result, first_run(chip, costs, timing_only=timing_only))
            if found:
                return frozenset(found)
    return frozenset() if allowed else None
