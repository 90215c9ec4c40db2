"""Numbers whose unit could be misread are refused with both readings, and no size is beyond what chips have."""

from __future__ import annotations

import pytest

from chipsim.spec import load_chip, load_costs, load_workload
from tests.spec.messages import fails


@pytest.mark.parametrize(
    ("chip", "path", "number", "readings"),
    [
        ("hybrid-synapse", "device.step_variation", "5", ("5 %", "500 %")),
        ("hybrid-synapse", "device.step_variation", "1.5", ("1.5 %", "150 %")),
        ("hybrid-synapse", "device.step_spread", "2", ("2 %", "200 %")),
        ("hybrid-synapse", "device.range_spread", "3e1", ("30 %", "3000 %")),
        ("hybrid-synapse", "device.range_spread", "-5", ("-5 %", "-500 %")),
        ("hybrid-synapse", "update.recentre.headroom", "10", ("10 %", "1000 %")),
        ("bnn", "selector.typical_share", "2", ("2 %", "200 %")),
        ("bnn", "rule.initial_spread", "25", ("25 %", "2500 %")),
    ],
)
def test_a_bare_number_above_one_is_refused_with_both_readings(chip, path, number, readings):
    """Five may be five percent or five times; whoever writes it is asked which, in every key of a share."""
    low, high = readings
    plain = low.removesuffix(" %")
    message = f"{path}: {plain} as a share may mean {low} or {high}: write '{low}' or '{high}'"
    assert fails(load_chip, chip, sets=[f"{path}={number}"]) == f"{message} (from --set {path}={number})"
    assert fails(load_chip, chip, sets=[f'{path}="{number}"']) == f'{message} (from --set {path}="{number}")'


def test_a_tolerance_is_a_share_too():
    """The reading after programming accepts 25 % of a distance, which 25 does not say."""
    verify = "update.verify={tolerance: 25, tries: 4}"
    assert fails(load_chip, "bnn", sets=[verify]) == (
        "update.verify.tolerance: 25 as a share may mean 25 % or 2500 %: write '25 %' or '2500 %' "
        f"(from --set {verify})"
    )


@pytest.mark.parametrize(("written", "value"), [("150 %", 1.5), ("1", 1.0), ("0.34", 0.34), ("34 %", 0.34)])
def test_shares_that_say_what_they_mean_are_read(written, value):
    """Percent goes as far as the key allows, and numbers up to one."""
    chip = load_chip("hybrid-synapse", sets=[f"device.step_variation={written}"])
    assert chip.spec.device.step_variation == value


@pytest.mark.parametrize("number", ["0.5", "0.005", "-1", "1"])
def test_a_gain_in_accuracy_says_percent(number):
    """Half a percentage point and fifty are both written 0.5 somewhere, so the sign is asked for."""
    message = fails(load_chip, "hybrid-synapse", sets=[f"selector.threshold={number}"])
    assert message.startswith(f"selector.threshold: {number} as a gain in accuracy may mean {number} % or ")
    assert load_chip("hybrid-synapse", sets=["selector.threshold=0"]).spec.selector.threshold == 0


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("tile.forward.adc.noise=5 %", "tile.forward.adc.noise: must be a number without a unit, not '5 %'"),
        ("tile.forward.adc.range=8 V", "tile.forward.adc.range: must be a number without a unit, not '8 V'"),
        ("tile.forward.adc.bits=8 bit",
         "tile.forward.adc.bits: must be a whole number without a unit, not '8 bit'"),
        ("synapse.gain=10 %", "synapse.gain: must be a number without a unit, not '10 %'"),
        ("device.states=1_000", "device.states: must be a whole number, not '1_000'"),
        ("device.states=0o10", "device.states: must be a whole number, not '0o10'"),
        ("device.states=010", "device.states: must be a whole number, not '010'"),
        ("device.states='1e3'", "device.states: must be a whole number, not '1e3'"),
        ("device.states=50.5", "device.states: must be a whole number, not 50.5"),
        ("device.states=12:30", "device.states: must be a whole number, not '12:30'"),
        ("tile.forward.dac.ideal=yes", "tile.forward.dac.ideal: must be true or false, not 'yes'"),
        ("tile.forward.dac.ideal=1", "tile.forward.dac.ideal: must be true or false, not 1"),
        ("device.pulse_voltage=2",
         "device.pulse_voltage: 2 is no voltage; write a number and a unit, such as '0.2 V'"),
        ("device.pulse_width=100",
         "device.pulse_width: 100 is no time; write a number and a unit, such as '10 ns'"),
        ("interconnect.width=256",
         "interconnect.width: 256 is no data size; write a number and a unit, such as '256 bit'"),
        ("interconnect.width=256 b",
         "interconnect.width: '256 b' has no unit of data size; known: bit, B, KiB, MiB, GiB"),
        ("interconnect.clock=1 mHz", "interconnect.clock: '1 mHz' has no unit of frequency; known: Hz, kHz, MHz, GHz; did you mean 'MHz'?"),
        ("device.step_variation=5 V", "device.step_variation: '5 V' has no unit of share; known: %"),
    ],
)  # fmt: skip
def test_numbers_that_could_mean_something_else_are_refused(override, message):
    """Units where there are none, none where there is one, and YAML's older ways of writing numbers."""
    assert fails(load_chip, "hybrid-synapse", sets=[override]) == f"{message} (from --set {override})"


def test_a_thousand_may_be_written_in_two_ways():
    """1e3 is a whole number; only text is not."""
    assert load_chip("hybrid-synapse", sets=["device.states=1e3"]).spec.device.states == 1000


@pytest.mark.parametrize(
    ("load", "name", "override", "message"),
    [
        (load_chip, "hybrid-synapse", "device.pulse_voltage=1e30 V",
         "'1e30 V' is beyond any voltage on a chip; at most 100 V"),
        (load_chip, "hybrid-synapse", "device.pulse_width=9e6 s", "'9e6 s' is beyond any time on a chip; at most 1 s"),
        (load_chip, "hybrid-synapse", "device.on_conductance=1e55 S",
         "'1e55 S' is beyond any conductance on a chip; at most 1 S"),
        (load_chip, "hybrid-synapse", "synapse.weight_range=1e300", "must be at most 1000000, not 1e+300"),
        (load_chip, "hybrid-synapse", "tile.forward.adc.range=1e300", "must be at most 1000000000, not 1e+300"),
        (load_chip, "hybrid-synapse", "tile.forward.adc.noise=1e300", "must be between 0 and 65536, not 1e+300"),
        (load_chip, "bnn", "synapse.levels=[-1e300, 1e300]", "must be from -1e+06 to 1e+06, not 1e+300"),
        (load_chip, "bnn", "rule.epsilon=2", "must be at most 1, not 2"),
        (load_costs, "cmos-32nm", "sram.read=2 mJ", "'2 mJ' is beyond any energy on a chip; at most 1 mJ"),
        (load_costs, "cmos-32nm", "sram.area=1 m2", "'1 m2' has no unit of area; known: nm2, um2, \N{MICRO SIGN}m2, mm2"),
        (load_workload, "mnist-5k", "network.initial_weights=1e300", "must be between 0 and 1000000, not 1e+300"),
    ],
)  # fmt: skip
def test_sizes_that_no_chip_has_are_refused(load, name, override, message):
    """A run with such a number would train for hours and end in tables that cannot hold its sums."""
    path = override.partition("=")[0]
    assert f"{path}: {message} (from --set {override})" in fails(load, name, sets=[override]).replace(
        "levels.1:", "levels:"
    )
