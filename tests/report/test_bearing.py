"""What values bear on, by their names."""

import pytest

from chipsim.report.bearing import bearing
from chipsim.spec import load_chip, load_device, load_workload, shipped_names

SHIPPED = [
    *((load_chip, name) for name in shipped_names("architectures")),
    *((load_workload, name) for name in shipped_names("workloads")),
    *((load_device, name) for name in shipped_names("devices")),
]


@pytest.mark.parametrize(("load", "name"), SHIPPED, ids=[name for _, name in SHIPPED])
def test_every_assumed_value_that_ships_bears_on_something(load, name):
    """No assumption of a chip, a workload or a device is listed as if nothing rested on it."""
    assumed = {value.path for value in load(name).values if value.kind == "assumed"}
    assert {path for path in assumed if not bearing(path)} == set()


@pytest.mark.parametrize(
    ("path", "figures"),
    [
        ("device.high[level=4].conductance", ("accuracy", "energy")),
        ("device.high[level=4].compliance", ("energy",)),
        ("device.low.spread", ("accuracy",)),
        ("device.corrupt_cells", ("accuracy",)),
        # How far bounds spread before a cell conducts nothing hangs on the ratio of both.
        ("device.on_conductance", ("accuracy", "energy")),
        ("device.fresh_share", ("accuracy", "wear")),
        ("device.upper_spread", ("accuracy",)),
        ("memory.weights", ("accuracy", "time", "energy", "area")),
        ("memory.size", ("time", "energy", "area")),
        ("buffer.size", ("area",)),
        ("memory.rounding", ("accuracy", "wear")),
        ("rule.metaplasticity", ("accuracy", "wear")),
        ("rule.initial_spread", ("accuracy", "wear")),
        ("update.writer", ("time",)),
        ("update.tolerance", ("accuracy", "wear")),
        ("update.tries", ("accuracy", "time", "energy", "wear")),
        ("selector.typical_share", ("time", "energy")),
        ("phases[name=p0].dataset.train", ("accuracy", "time", "energy", "wear")),
        ("phases[name=p0].dataset.test", ("accuracy",)),
        ("phases[name=p2].dataset.permutation", ("accuracy",)),
        ("phases[name=p2].dataset.swap_rows", ("accuracy",)),
        ("phases[name=p2].dataset.features.3", ("accuracy",)),
        ("phases[name=p2].dataset.classes", ("accuracy", "time", "energy", "wear")),
        ("network.initial_weights", ("accuracy",)),
        # A larger tile has more converters, and cells out of use on every line.
        ("tile.rows", ("time", "energy", "area")),
        ("tile.columns", ("time", "energy", "area")),
        ("tile.unused_lines", ("energy",)),
        ("tile.half_selected", ("energy",)),
        ("costs.write_driver.line_cells", ("energy",)),
    ],
)
def test_values_of_level_chips_and_tasks(path, figures):
    """Names of hidden weights, multilevel cells and tasks are known; those like them stay apart."""
    assert bearing(path) == figures
