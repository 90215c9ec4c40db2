"""Costs and levels of cells that are set and that the chip does not use are refused, with what it uses."""

import pytest

from chipsim.run import prepare

ADC = (
    "costs.adc[bits=4].energy=1 pJ",
    "adc[bits=4].energy: nothing reads it: the chip has ADCs of 8 and 10 bits; set costs.adc[bits=8].energy or costs.adc[bits=10].energy",
)
DAC = (
    "dac[bits=4].area=1 um2",
    (
        "dac[bits=4].area: nothing reads it: the chip has DACs of 6 and 8 bits; set costs.dac[bits=6].area or "
        "costs.dac[bits=8].area"
    ),
)
FLOAT = (
    "costs.arithmetic.float-32.add=1 pJ",
    "arithmetic.float-32.add: nothing reads it: the chip computes in fixed-16; set costs.arithmetic.fixed-16.add",
)
COMPARES = (
    "costs.selector.add=1 fJ",
    "selector.add: nothing reads it: the chip's selector compares and never adds; set costs.selector.compare",
)
LEVEL = (
    "device.high[level=3].spread=3 uS",
    (
        "device.high[level=3].spread: nothing reads it: no weight takes this level of a cell; those in use are "
        "0, 8"
    ),
)
FIXED = (
    "costs.selector.area=1 um2",
    "selector.area: nothing reads it: the chip's selector is fixed and has nothing to do; leave it out",
)
NO_CONVERTER = (
    "costs.adc[*].energy=1 pJ",
    "adc[*].energy: nothing reads it: the chip has no arrays, and so no converters; leave it out",
)
NO_LINES = (
    "write_driver.time=1 ns",
    (
        "write_driver.time: nothing reads it: the chip has no arrays, whose lines would be sampled and driven; "
        "leave it out"
    ),
)


@pytest.mark.parametrize(
    ("line", "refused"),
    [
        ("run single-pair tiny", [ADC, FLOAT]),
        ("describe single-pair", [ADC]),
        ("describe single-pair --set tile.backward.dac.bits=6", [DAC]),
        ("describe bnn", [LEVEL, COMPARES]),
        ("run digital-fp32 tiny", [NO_CONVERTER, NO_LINES, FIXED]),
    ],
)
def test_refused(call, folder, line, refused):
    """All are told at once, each by what the chip has in its place, and nothing is written."""
    before = sorted(folder.iterdir())
    sets = [f"--set={text}" for text, _ in refused]
    result = call(line, *sets)
    told = [f"error: {message} (from --set {given})" for given, message in refused]
    assert result.stderr.splitlines() == told
    assert (result.exit_code, sorted(folder.iterdir())) == (2, before)


@pytest.mark.parametrize(
    ("chip", "sets"),
    [
        ("single-pair", ["costs.adc[*].energy=1 pJ"]),
        ("single-pair", ["costs.adc[bits=8].energy=1 pJ"]),
        ("single-pair", ["costs.adc[bits=10].bits=12", "tile.forward.adc.bits=12"]),
        ("single-pair", ["costs.router.time=1 ns"]),
        ("bnn", ["device.high[*].spread=1 uS"]),
        ("bnn", ["device.high[level=3].conductance=50 uS"]),
        ("hybrid-synapse", ["costs.selector.add=1 fJ"]),
        ("bnn", ["costs.selector={add: 1 fJ, compare: 1 fJ, area: 1 um2}"]),
    ],
)
def test_taken(call, chip, sets):
    """Several at once will do where one is read; the interface of a bus has the costs of a router."""
    assert call(f"describe {chip}", *(f"--set={text}" for text in sets)).stderr == ""


def test_a_longer_delay_of_the_interface_of_a_bus():
    """The router's time is read on a bus too: whatever is moved comes as much later."""
    plain, slow = (
        prepare("single-pair", "mnist-5k", sets=sets, seed=None) for sets in ([], ["costs.router.time=1 us"])
    )
    (own,), (other,) = plain.chip.links.values(), slow.chip.links.values()
    assert other.latency - own.latency == 1_000_000 - plain.costs.spec.router.time


def test_read_by_one_chip_of_a_comparison(call):
    """It is a note of the chip that does not read it, and no fault of the command line."""
    result = call("compare single-pair digital-fp32 -w tiny --epochs 1 --set", FLOAT[0])
    assert result.exit_code == 0
    assert result.stderr.count(f"{FLOAT[1]} (from --set {FLOAT[0]})") == 1


def test_each_read_by_another_chip_of_a_comparison(call):
    """Two overrides that one chip each reads are read, though every chip leaves one of them unread."""
    sets = ["--set", FLOAT[0], "--set", "costs.adc[bits=8].energy=1 pJ"]
    assert call("compare single-pair digital-fp32 -w tiny --epochs 1", *sets).exit_code == 0


def test_read_by_no_chip_of_a_comparison(call, folder):
    """It is refused, and each chip says what it reads in its place."""
    before = sorted(folder.iterdir())
    result = call("compare single-pair digital-fp32 -w tiny --set", ADC[0])
    none = "adc[bits=4].energy: nothing reads it: the chip has no arrays, and so no converters; leave it out"
    told = {"single-pair": ADC[1], "digital-fp32": none}
    assert result.stderr.splitlines() == [
        f"error: {chip}: {message} (from --set {ADC[0]})" for chip, message in told.items()
    ]
    assert (result.exit_code, sorted(folder.iterdir())) == (2, before)


def test_overwriting_a_page_that_is_not_asked_for(call):
    """Without a page to write there is none to replace."""
    result = call("describe single-pair --overwrite")
    assert result.stderr.splitlines()[-1] == (
        "Error: --overwrite replaces the page of --html; without --html none is written"
    )
    assert result.exit_code == 2
