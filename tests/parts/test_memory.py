"""The digital unit's memory: banks side by side, bits that are charged, and state that stays where it is."""

from __future__ import annotations

from decimal import Decimal, localcontext

import attrs
import numpy as np
import pytest
import simpy
from hypothesis import given
from hypothesis import strategies as st

from chipsim.ledger import Ledger
from chipsim.parts.digital import Buffer
from chipsim.parts.memory import HiddenMemory
from chipsim.spec.chip import BufferSpec
from chipsim.spec.levels import MemorySpec
from tests import made

MM2 = 10**12
"""A square millimetre in nm2."""


def memory(*, size=4096, banks=1, width=8, area=made.COSTS.sram.area, wire=made.COSTS.wire, **formats):
    """A memory with the costs of the tests: 17 ps an access, and wires too short to count."""
    spec = MemorySpec(size=size, banks=banks, width=width, **formats)
    return HiddenMemory(
        simpy.Environment(), "digital.memory", ledger=Ledger(), spec=spec, size=size,
        cost=attrs.evolve(made.COSTS.sram, area=area), wire=wire,
    )  # fmt: skip


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


def test_bits_travel_half_the_side_of_the_memory():
    """9 mm2 are 3 mm a side: 1.5 mm at 31 aJ and 19 ps a mm are 46.5 aJ a bit and 28.5 ps, rounded up."""
    part = memory(size=9, area=MM2)
    time, charged = served(part, part.read(81))
    assert time == 11 * made.SRAM + 29
    assert charged["read"].energy_aj == 81 * (23 + 47)
    time, charged = served(part, part.write(13))
    assert time == 11 * made.SRAM + 29 + 2 * made.SRAM + 29
    assert charged["write"].energy_aj == 13 * (29 + 47)


@pytest.mark.parametrize(("banks", "accesses"), [(1, 20), (16, 2)])
def test_the_way_is_waited_for_once_an_operation(banks, accesses):
    """Accesses follow one another down the wire, and an operation without bits goes nowhere."""
    part = memory(size=4, area=MM2, banks=banks)
    assert served(part, part.read(0))[0] == 0
    assert served(part, part.read(160))[0] == accesses * made.SRAM + 19


def test_four_times_the_memory_is_twice_the_way():
    """The reach goes with the side; the area of wires is not charged."""
    one, four = memory(size=4, area=MM2), memory(size=16, area=MM2)
    energies = [served(part, part.read(1))[1]["read"].energy_aj for part in (one, four)]
    assert energies == [23 + 31, 23 + 62]
    assert four.area == 16 * MM2


@given(size=st.integers(1, 10**10), area=st.integers(0, 10**6), price=st.integers(0, 10**9))
def test_the_wire_of_a_bit_is_rounded_once_half_up(size, area, price):
    """Against sixty decimals of the square root."""
    part = memory(size=size, area=area, wire=attrs.evolve(made.COSTS.wire, energy_per_bit_mm=price))
    with localcontext(prec=60):
        exact = price * Decimal(size * area).sqrt() / 2 / 10**6
        expected = int(exact + Decimal("0.5"))
    assert served(part, part.read(1))[1]["read"].energy_aj == 23 + expected


def test_one_bank_takes_as_long_as_a_buffer():
    """Both are memories: where wires are short, the same accesses, the same energy, the same area."""
    one = memory(size=512)
    other = Buffer(
        simpy.Environment(),
        "buffer",
        ledger=Ledger(),
        spec=BufferSpec(size=512, width=8),
        size=512,
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
