"""How much a network takes on a chip, worked out by hand."""

from __future__ import annotations

from itertools import pairwise

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chipsim.learn.rule import rule_of
from chipsim.spec import load_chip
from chipsim.spec.hidden import normalised_units, task_names, weight_count
from chipsim.spec.levels import FORMAT_BITS
from chipsim.spec.workload import DatasetSpec, NetworkSpec, NormalisationSpec, PhaseSpec, WorkloadSpec
from chipsim.synapse.synapse import cell_count


def hidden_bits(spec, work):
    """Bits that the digital unit has to remember."""
    return rule_of(spec).memory_bits(spec, work)


LARGE = (784, 512, 512, 10)
BINARISED = (784, 4096, 4096, 10)


def workload(layers=LARGE, *, bias=False, normalisation=None, phases=("one",), tasks=None):
    """A workload of a network; `tasks` are those of its phases where they differ from their names."""
    names = tasks or [None] * len(phases)
    return WorkloadSpec(
        name="it", about="It.", learning_rate=0.1,
        network=NetworkSpec(layers=tuple(layers), bias=bias, normalisation=normalisation),
        phases=tuple(
            PhaseSpec(name=name, task=task, dataset=DatasetSpec(name="mnist"), epochs=1)
            for name, task in zip(phases, names, strict=True)
        ),
    )  # fmt: skip


def chip(name="metaplastic-qnn", **sections):
    """A shipped chip with other sections."""
    spec = load_chip(name).spec
    changed = {key: attrs.evolve(getattr(spec, key), **fields) for key, fields in sections.items()}
    return attrs.evolve(spec, **changed)


PER_TASK, SHARED = (NormalisationSpec(state=state) for state in ("per-task", "shared"))


def test_weights_of_the_published_networks():
    """784 x 512 + 512 x 512 + 512 x 10 are 668,672; with layers of 4096 it is thirty times as many."""
    assert weight_count(workload().network) == 401_408 + 262_144 + 5_120 == 668_672
    assert weight_count(workload(BINARISED).network) == 3_211_264 + 16_777_216 + 40_960 == 20_029_440


def test_a_bias_is_a_row_of_its_own():
    """One more input for each layer."""
    assert weight_count(workload((3, 4, 2), bias=True).network) == 4 * 4 + 5 * 2


def test_the_published_ratio_of_cells():
    """1.34 million cells; the binarised network takes 15 times as many of one cell each, 30 times of two."""
    qnn = cell_count(chip(), workload())
    assert qnn == 2 * 668_672 == 1_337_344
    pairs = cell_count(chip("bnn"), workload(BINARISED))
    assert pairs == 40_058_880
    assert round(pairs / 2 / qnn, 2) == 14.98
    assert round(pairs / qnn, 2) == 29.95


@pytest.mark.parametrize(
    ("name", "cells"), [("single-pair", 2), ("hybrid-synapse", 4), ("digital-fp32", 0), ("bnn", 2)]
)
def test_cells_of_a_weight(name, cells):
    """Two in a pair, four in a coarse and a fine pair, none where weights are digital."""
    assert cell_count(chip(name), workload((3, 4))) == 12 * cells


def test_one_cell_each():
    """A weight against a reference takes one cell."""
    single = load_chip("bnn", sets=["synapse={kind: level-cell, levels: [-1, 1]}"]).spec
    assert cell_count(single, workload(BINARISED)) == 20_029_440


def test_hidden_state_of_the_published_network():
    """668,672 weights with two moments are 96 bits each; 1,034 units and two tasks with 256 bits each."""
    both = workload(normalisation=PER_TASK, phases=("mnist", "fashion"))
    weights, units = 668_672 * (32 + 2 * 32), 1_034 * (4 * 32 + 2 * 2 * 32)
    assert hidden_bits(chip(), both) == weights + 2 * units == 64_721_920
    assert hidden_bits(chip(), workload(normalisation=SHARED, phases=("mnist", "fashion"))) == weights + units
    assert hidden_bits(chip(), workload()) == weights


def test_formats_count():
    """Fixed-point weights of 16 bits with moments of 16 bits are half of floating point."""
    half = chip(memory={"weights": "fixed-16", "moments": "bfloat-16"})
    assert hidden_bits(half, workload()) == 668_672 * 48
    normalised = 1_034 * (4 * 32 + 2 * 2 * 16)
    assert hidden_bits(half, workload(normalisation=SHARED)) == 668_672 * 48 + normalised


def test_plain_descent_has_no_moments():
    """Only what is trained and what is measured is kept."""
    plain = chip(rule={"optimiser": "sgd"})
    assert hidden_bits(plain, workload()) == 668_672 * 32
    assert hidden_bits(plain, workload(normalisation=SHARED)) == 668_672 * 32 + 1_034 * 128


def test_chips_without_hidden_weights_keep_nothing():
    """Their state is in tiles."""
    assert hidden_bits(chip("hybrid-synapse"), workload(normalisation=PER_TASK)) == 0


def test_tasks_are_counted_once():
    """Two phases of one task share their normalisation; order is that of appearance."""
    three = workload(
        normalisation=PER_TASK, phases=("warm-up", "mnist", "fashion"), tasks=("mnist", None, None)
    )
    assert task_names(three) == ("mnist", "fashion")
    two = workload(normalisation=PER_TASK, phases=("a", "b"))
    assert hidden_bits(chip(), three) == hidden_bits(chip(), two)


def test_the_last_layer_may_go_without():
    """The output is normalised where the workload says so."""
    inner = NormalisationSpec(state="shared", output=False)
    assert normalised_units(workload(normalisation=inner).network) == 1_024
    assert normalised_units(workload(normalisation=SHARED).network) == 1_034
    assert normalised_units(workload().network) == 0


@given(
    layers=st.lists(st.integers(1, 50), min_size=2, max_size=4), bias=st.booleans(),
    weights=st.sampled_from([name for name in FORMAT_BITS if name != "bfloat-16"]),
    moments=st.sampled_from(["float-32", "bfloat-16"]), optimiser=st.sampled_from(["adam", "sgd"]),
    tasks=st.integers(1, 4), normalisation=st.sampled_from([None, PER_TASK, SHARED]),
)  # fmt: skip
def test_hidden_state_is_counted_number_by_number(
    *, layers, bias, weights, moments, optimiser, tasks, normalisation
):
    """A naive count, one weight and one unit after another, comes to the same."""
    spec = chip(memory={"weights": weights, "moments": moments}, rule={"optimiser": optimiser})
    work = workload(layers, bias=bias, normalisation=normalisation, phases=[f"p{n}" for n in range(tasks)])
    trained = [FORMAT_BITS[moments]] * (2 if optimiser == "adam" else 0)
    bits = 0
    for inputs, outputs in pairwise(layers):
        for _ in range((inputs + bias) * outputs):
            bits += FORMAT_BITS[weights] + sum(trained)
        for _ in range(outputs if normalisation else 0):
            for _ in range(tasks if normalisation is PER_TASK else 1):
                bits += 2 * (32 + sum(trained)) + 2 * 32
    assert hidden_bits(spec, work) == bits
