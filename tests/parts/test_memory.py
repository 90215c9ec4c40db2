"""The digital unit's memory: banks side by side, bits that are charged, and state that stays where it is."""

from __future__ import annotations

import numpy as np
import pytest
import simpy

from chipsim.ledger import Ledger
from chipsim.parts.digital import Buffer
from chipsim.parts.memory import HiddenMemory
from chipsim.spec.chip import BufferSpec
from chipsim.spec.levels import MemorySpec
from tests import made


def memory(*, size=4096, banks=1, width=8, **formats):
    """A memory with the costs of the tests: 17 ps an access."""
    spec = MemorySpec(size=size, banks=banks, width=width, **formats)
    return HiddenMemory(
        simpy.Environment(), "digital.memory", ledger=Ledger(), spec=spec, size=size, cost=made.COSTS.sram
    )


def served(part, *operations):
    """Time that operations take one after another, and what each action was charged."""
    for op in operations:
        part.env.run(until=part.env.process(part.serve(op)))
    return part.env.now, part.ledger.by_action()


@pytest.mark.parametrize(
    ("bits", "banks", "accesses"),
    [
        (0, 1, 0),
        (1, 1, 1),
        (8, 1, 1),
        (9, 1, 2),
        (80, 1, 10),
        (80, 2, 5),
        (81, 2, 6),
        (80, 16, 1),
        (129, 16, 2),
    ],
)
def test_an_access_moves_the_width_of_every_bank(bits, banks, accesses):
    """Ten words of one bank are five accesses of two, and one of sixteen."""
    part = memory(banks=banks)
    assert served(part, part.read(bits))[0] == accesses * made.SRAM


@pytest.mark.parametrize("banks", [1, 4])
def test_bits_are_charged_not_accesses(banks):
    """Each bit read and each bit written takes its energy, however many banks there are."""
    part = memory(banks=banks)
    _, charged = served(part, part.read(81), part.write(13))
    assert (charged["read"].energy_aj, charged["read"].bits) == (81 * 23, 81)
    assert (charged["write"].energy_aj, charged["write"].bits) == (13 * 29, 13)


def test_one_bank_takes_as_long_as_a_buffer():
    """Both are memories: the same accesses, the same energy, the same area."""
    one = memory(size=512)
    other = Buffer(
        simpy.Environment(),
        "buffer",
        ledger=Ledger(),
        spec=BufferSpec(size=512, width=8),
        cost=made.COSTS.sram,
    )
    assert served(one, one.read(77), one.write(5)) == served(other, other.read(77), other.write(5))
    assert one.area == other.area == 512 * made.COSTS.sram.area


def test_reads_wait_for_each_other():
    """Two reads at once queue, for there is one port over all banks."""
    part = memory(banks=2)
    for _ in range(2):
        part.env.process(part.serve(part.read(48)))
    part.env.run()
    assert part.env.now == 2 * 3 * made.SRAM


def test_state_stays_where_it_is():
    """What is kept is the very array: a change in place is a change of the state."""
    part = memory()
    weights = np.zeros((4, 3), np.float32)
    part.keep("weights", weights, bits=32)
    weights[1, 2] = 0.5
    assert part["weights"] is weights
    assert part["weights"][1, 2] == 0.5
    assert part.names == ("weights",)
    assert part.used == 12 * 32


def test_bits_of_a_number_are_those_on_the_chip():
    """A fixed-point number takes its own bits, whatever the array here has."""
    part = memory()
    part.keep("weights", np.zeros((4, 3), np.float64), bits=10)
    part.keep("first moment", np.zeros((4, 3), np.float32), bits=16)
    assert part.used == 12 * (10 + 16)
    assert part.names == ("weights", "first moment")


def test_a_name_is_kept_once():
    """An array of the same name takes the place of the one before."""
    part = memory(size=100)
    part.keep("weights", np.zeros(10), bits=10)
    part.keep("weights", np.ones(5), bits=16)
    assert part.used == 80
    assert part["weights"].sum() == 5


def test_it_may_be_full_and_no_fuller():
    """The last bit may be used; beyond it is a mistake of ours, for descriptions are checked."""
    part = memory(size=96)
    part.keep("weights", np.zeros(2), bits=32)
    part.keep("scale", np.zeros(1), bits=32)
    with pytest.raises(AssertionError, match=r"^mean is beyond 96 bits: checked when described"):
        part.keep("mean", np.zeros(1), bits=1)
    assert part.used == 96
    assert part.names == ("weights", "scale")


def test_an_unknown_name_is_no_state():
    """Nothing is made up."""
    with pytest.raises(KeyError, match="moment"):
        memory()["moment"]


def test_about_names_size_banks_and_formats():
    """One line for lists and drawings."""
    part = memory(size=8 * 1024 * 3, banks=4, width=64, weights="fixed-16", moments="bfloat-16")
    assert part.about == "3 KiB in 4 banks, 64 bits wide; weights in fixed-16, moments in bfloat-16"
    assert memory(size=8).about == "8 bit in one bank, 8 bits wide; weights in float-32, moments in float-32"
