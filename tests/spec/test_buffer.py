"""How large a buffer has to be: by hand for each way that a batch goes through a network."""

from __future__ import annotations

import attrs
import pytest

from chipsim.spec.buffer import buffer_bits, of_buffer
from chipsim.spec.chip import BufferSpec
from chipsim.spec.workload import NormalisationSpec
from tests import hidden_made, made

LAYERS = (6, 5, 4, 3)
WORD = made.BITS + 1
"""An error on its way to a tile has a sign beside the bits of its converter."""
KIBIBYTE = 8192


def workload(batch, **net):
    return attrs.evolve(made.workload_of(LAYERS, **net), batch=batch)


def least(chip, work):
    """The smallest buffer that will do, found by asking."""
    sizes = range(1, 100_000)
    low, high = 0, len(sizes) - 1
    while low < high:
        middle = (low + high) // 2
        fits = not list(of_buffer(attrs.evolve(chip, buffer=BufferSpec(size=sizes[middle], width=1)), work))
        low, high = (low, middle) if fits else (middle + 1, high)
    return sizes[low]


def test_one_sample_has_inputs_and_activations():
    """Errors of the outputs take the place of the outputs, and those of hidden units are used at once."""
    assert least(made.chip(), workload(1)) == (6 + 5 + 4 + 3) * WORD


def test_errors_of_a_batch_wait_beside_its_activations():
    """Until the tiles change."""
    assert least(made.chip(), workload(7)) == 7 * (6 + 5 + 4 + 3 + 5 + 4) * WORD


@pytest.mark.parametrize("state", ["shared", "per-task"])
def test_normalisation_keeps_sums_and_figures(state):
    """A whole batch of sums, what comes back of one hidden layer, and four figures of 32 bits a unit."""
    work = workload(7, normalisation=NormalisationSpec(state=state))
    values = 6 + 5 + 4 + 3 + 5 + 4 + 5
    assert least(made.chip(), work) == 7 * values * WORD + 4 * 32 * (5 + 4 + 3)


def test_figures_have_a_set_for_each_task():
    """Where they are kept apart."""
    work = workload(7, normalisation=NormalisationSpec(state="per-task", output=False))
    phases = [made.phase(name=name) for name in ("one", "other")]
    more = least(made.chip(), attrs.evolve(work, phases=tuple(phases))) - least(made.chip(), work)
    assert more == 4 * 32 * (5 + 4)


def test_hidden_weights_wait_for_the_batch_and_keep_figures_elsewhere():
    """Their memory has the figures; with or without a normalisation the batch is waited for."""
    values = 6 + 5 + 4 + 3 + 5 + 4 + 5
    for normalisation in (None, NormalisationSpec(state="shared")):
        work = workload(7, normalisation=normalisation)
        assert least(hidden_made.chip(), work) == 7 * values * WORD


@pytest.mark.parametrize(("batch", "kibibytes"), [(1, 1), (60, 1), (61, 2), (100, 2)])
def test_auto_is_what_is_needed_in_whole_kibibytes(batch, kibibytes):
    """Of 8,192 bits each: 60 x 27 values of 5 bits are 8,100, and one sample's 90 take a whole one, too."""
    chip = made.chip(buffer=BufferSpec(size="auto", width=8))
    assert buffer_bits(chip, workload(batch)) == kibibytes * KIBIBYTE
    assert not list(of_buffer(chip, workload(batch)))


def test_a_described_size_stays():
    """Whatever the workload needs."""
    assert buffer_bits(made.chip(), workload(1)) == 4096


def test_one_access_fits_at_least():
    """A buffer narrower than its own access would be none."""
    chip = made.chip(buffer=BufferSpec(size="auto", width=10_000))
    assert buffer_bits(chip, workload(1)) == 2 * KIBIBYTE


def test_too_small_a_buffer_is_told_how_large_it_would_have_to_be():
    """With what normalisation adds, where the buffer keeps it."""
    work = workload(7, normalisation=NormalisationSpec(state="shared"))
    chip = made.chip(buffer=BufferSpec(size=KIBIBYTE // 8, width=8))
    (fault,) = of_buffer(chip, work)
    assert fault.path == ("buffer", "size")
    assert fault.message == (
        "1024 bit cannot hold a batch of 'w': 7 x 32 values of 5 bits are 1120 bit, and 1536 bit of normalisation; "
        "give it as much, or auto"
    )
