"""Rules over several fields: what does not fit together is refused before anything is built."""

from __future__ import annotations

from pathlib import Path

import pytest

from chipsim.errors import DescriptionError
from chipsim.spec import (
    check_together,
    chip_from_document,
    costs_from_document,
    load_chip,
    load_costs,
    load_workload,
    workload_from_document,
)
from tests.spec.messages import fails

IDEAL = (
    "device={kind: ideal, states: 100, on_conductance: 20 uS, off_conductance: 2 uS, pulse_voltage: 2 V, "
    "pulse_width: 10 ns, area: 1 um2}"
)


def complaints(*sets, name="hybrid-synapse"):
    """Path and message of each problem of a chip with overrides, without the override's own text."""
    with pytest.raises(DescriptionError) as caught:
        load_chip(name, sets=sets)
    return [(problem.path, problem.message.partition(" (from --set")[0]) for problem in caught.value.problems]


def test_a_digital_synapse_wants_a_digital_chip():
    """Its tile and its update are checked together; of cells that nobody needs nothing is said meanwhile."""
    assert complaints("synapse={kind: digital}", "selector={kind: fixed}", "update.recentre=null") == [
        (
            "tile.kind",
            (
                "crossbar (tile) needs resistive cells in arrays, and digital (synapse) offers none; take tile mac, or synapse "
                "cell-and-reference, hybrid, level-cell, level-difference, level-pair, reset-pair, single-cell or single-pair"
            ),
        ),
        (
            "update.kind",
            (
                "parallel-pulses (update) needs weights that pulses move, and digital (synapse) offers none; take update "
                "digital, or synapse cell-and-reference, hybrid, reset-pair, single-cell or single-pair"
            ),
        ),
        (
            "digital.arithmetic",
            "fixed-16 has no range for the weighted sums of float-32 tiles; use a floating-point unit",
        ),
    ]


def test_cells_that_nobody_needs_are_left_out():
    """A digital chip with a device, all else of which fits."""
    cell = "device={kind: ideal, states: 9, on_conductance: 20 uS, pulse_voltage: 2 V, pulse_width: 1 ns, area: 1 um2}"
    assert complaints(cell, name="digital-fp32") == [
        ("device", "no part of this chip needs its device; leave it out"),
    ]


def test_a_resistive_synapse_wants_cells_and_a_crossbar():
    """A pair of cells needs a device, a crossbar to stand in, and pulses."""
    assert complaints("synapse={kind: single-pair, weight_range: 1}", name="digital-fp32") == [
        (
            "",
            (
                "missing key 'device': single-pair (synapse) needs cells that a pulse moves by a step; take synapse digital, "
                "or device bidirectional-step, exponential-step, ideal, linear-step, piecewise, power-step, set-reset, soft-bounds or step-table"
            ),
        ),
        (
            "synapse.kind",
            (
                "mac (tile) and digital (update) need weights that are digital numbers, and single-pair (synapse) offers none; "
                "take synapse digital"
            ),
        ),
    ]


@pytest.mark.parametrize("name", ["single-pair", "digital-fp32"])
def test_a_plateau_selector_wants_a_hybrid_synapse(name):
    """There is nothing to switch between in any other."""
    kind = {"single-pair": "single-pair", "digital-fp32": "digital"}[name]
    assert complaints("selector={kind: accuracy-plateau, threshold: 1 %}", name=name) == [
        (
            "selector.kind",
            (
                f"accuracy-plateau (selector) needs several pairs of cells to choose from, and {kind} (synapse) offers none; "
                "take selector fixed, or synapse hybrid"
            ),
        )
    ]


def test_a_hybrid_synapse_may_stay_on_its_coarse_pair():
    """The fixed selector suits every synapse."""
    assert load_chip("hybrid-synapse", sets=["selector={kind: fixed}"]).spec.selector.kind == "fixed"


@pytest.mark.parametrize(
    ("sets", "path", "message"),
    [
        (["device.off_conductance=20 uS"], "device.on_conductance",
         "must be more than off_conductance, 20 µS, not 20 µS"),
        (["tile.read_voltage=2 V"], "tile.read_voltage",
         "must be less than the device's pulse_voltage, 2 V, or reading would program; not 2 V"),
        (["update.recentre.headroom=100 %"], "update.recentre.headroom",
         "must be less than 100 %, or no pair is ever reset"),
        ([IDEAL], "update.recentre", "a cell of kind ideal has no bounds to run into; leave recentre out"),
        (["buffer.size=8 B"], "buffer.width", "one access of 256 bit is more than the buffer's 64 bit"),
    ],
)  # fmt: skip
def test_values_that_contradict_each_other_are_refused(sets, path, message):
    """Each rule has its own message at the value that is easiest to mend."""
    assert complaints(*sets) == [(path, message)]


def test_an_ideal_cell_without_recentring_is_fine():
    """Unbounded cells never need a reset."""
    assert load_chip("hybrid-synapse", sets=[IDEAL, "update.recentre=null"]).spec.device.kind == "ideal"


def test_a_digital_update_has_nothing_to_recentre():
    """Recentring belongs to cells."""
    assert complaints("update.recentre={every: 1, headroom: 0.1}", name="digital-fp32") == [
        ("update.recentre", "unknown key 'recentre'; digital has no keys of its own")
    ]


def linked(*links, count="auto"):
    """Overrides that give the hybrid chip an explicit list of links."""
    listed = ", ".join(f"[{one}, {other}]" for one, other in (link.split("-") for link in links))
    return (
        f"interconnect={{kind: links, width: 8 bit, clock: 1 GHz, length: 0 nm, links: [{listed}]}}",
        f"tile.count={count}",
    )


STAR = ("buffer-hub", "digital-hub", "selector-hub", "tile0-hub")


def test_links_may_name_routers_and_make_any_graph():
    """Names that are no parts become routers."""
    links = load_chip("hybrid-synapse", sets=linked(*STAR, "hub-far", "far-tile0")).spec.interconnect.links
    assert links[0] == ("buffer", "hub")


@pytest.mark.parametrize(
    ("links", "count", "faults"),
    [
        ((*STAR, "hub-hub"), "auto", [("links[hub-hub]", "joins 'hub' to itself")]),
        ((*STAR, "hub-tile0"), "auto", [("links[hub-tile0]", "joins 'hub' and 'tile0', which links.3 joins already")]),
        (("bufer-hub", *STAR[1:]), "auto",
         [("links", "leave out 'buffer'; every part must be linked; did you mean 'bufer'?")]),
        (STAR[:3], "auto", [("links", "leave out 'tile0'; every part must be linked")]),
        (STAR, 3, [("links", "leave out 'tile1'; every part must be linked"),
                   ("links", "leave out 'tile2'; every part must be linked")]),
        ((*STAR, "tile1-hub"), 1, [("links", "name 'tile1', but the chip has 1 tiles, tile0 to tile0")]),
        (("buffer-digital", "selector-tile0"), "auto",
         [("links", "fall into 2 groups that no link joins: buffer, digital; selector, tile0")]),
        ((*STAR, "hub-2x"), "auto",
         [("links", "name '2x'; a name is letters, digits, '-' and '_', and begins with a letter")]),
    ],
)  # fmt: skip
def test_links_that_make_no_chip_are_refused(links, count, faults):
    """Loops, doubles, parts left out and islands are found before anything is built."""
    assert complaints(*linked(*links, count=count)) == [
        (f"interconnect.{path}", text) for path, text in faults
    ]


def test_a_chip_needs_links():
    """An empty list is one problem, not one for each part."""
    assert complaints("interconnect={kind: links, width: 8 bit, clock: 1 GHz, length: 0 nm, links: []}") == [
        ("interconnect.links", "needs at least one link")
    ]


def test_a_link_has_two_ends():
    """Three names are no link."""
    sets = "interconnect={kind: links, width: 8 bit, clock: 1 GHz, length: 0 nm, links: [[a, b, c]]}"
    assert complaints(sets) == [("interconnect.links[a-b-c]", "must have 2 items, not 3")]


def test_rules_know_the_lines_of_a_file(tmp_path):
    """A broken rule points at the line of the value."""
    path = tmp_path / "it.yaml"
    text = Path("architectures/single-pair.yaml").read_text(encoding="utf-8")
    text = text.replace("value: 2 uS", "value: 5 uS").replace("value: 20 uS", "value: 4 uS")
    path.write_text(text, encoding="utf-8")
    line = next(number for number, row in enumerate(text.splitlines(), 1) if "value: 4 uS" in row)
    assert fails(load_chip, path) == (
        f"{path}:{line}: device.on_conductance: must be more than off_conductance, 5 µS, not 4 µS"
    )


def test_phases_have_names_of_their_own():
    """Results are listed by phase, so no two are called the same."""
    workload = load_workload("mnist-5k").document
    assert fails(workload_from_document, workload | {"phases": workload["phases"] * 2}).splitlines() == [
        "phases.0.name: phases must have different names, not 'train' again",
        "phases.1.name: phases must have different names, not 'train' again",
    ]


def test_a_phase_holds_at_least_one_batch():
    """Too few samples for one step are refused."""
    assert fails(load_workload, "mnist-5k", sets=["batch=5000"]) == (
        "workloads/mnist-5k.yaml:44: phases[name=train].dataset.train: must be at least one batch of 5000 samples, not 4000"
    )


def costs_with(**sections):
    """The default cost set with sections replaced."""
    return load_costs("cmos-32nm").document | sections


ROW = {"time": "1 ns", "energy": "1 fJ", "area": "1 um2"}


@pytest.mark.parametrize(
    ("sections", "message"),
    [
        ({"adc": []}, "adc: needs at least one resolution"),
        ({"adc": [{"bits": 8} | ROW, {"bits": 8} | ROW]}, "adc.1.bits: 8 bits are there already"),
        ({"dac": [{"bits": 8} | ROW, {"bits": 4} | ROW]}, "dac[bits=4].bits: must ascend, and 4 comes after 8"),
        ({"sample_hold": {"bits": 1} | ROW}, "sample_hold.bits: unknown key 'bits'; known: time, energy, area, leakage"),
        ({"arithmetic": {}}, "arithmetic: needs at least one number format"),
        ({"arithmetic": {"fixed-16": {"add": "1 fJ"}}}, "\n".join(
            f"arithmetic.fixed-16: missing key '{key}'" for key in ("multiply", "compare", "function", "area"))),
    ],
)  # fmt: skip
def test_cost_tables_are_in_order(sections, message):
    """Converters ascend and are named once, and nothing is empty."""
    assert fails(costs_from_document, costs_with(**sections)) == message


def test_a_digital_chip_needs_its_formats_and_its_words():
    """A digital chip is checked for both its formats, and holds its values in 32-bit words."""
    chip = load_chip("digital-fp32", sets=["synapse.arithmetic=float-64", "buffer.size=4 KiB"])
    assert fails(check_together, chip, load_costs("isaac-32nm"), load_workload("mnist-5k")).splitlines() == [
        (
            "synapse.arithmetic: cost set 'isaac-32nm' has no arithmetic 'float-64'; it has fixed-16, float-32; did you "
            "mean 'float-32'? (from --set synapse.arithmetic=float-64)"
        ),
        (
            "buffer.size: 4 KiB cannot hold a batch of 'mnist-5k': 1 x 1044 values of 32 bits are 4.078 KiB; give it as "
            "much, or auto (from --set buffer.size=4 KiB)"
        ),
    ]


def test_the_buffer_holds_all_that_a_step_keeps():
    """784 inputs, 1,024 activations, 1,034 sums and 512 errors from the tiles a sample.

    All take the place of the widest, an error of 8 bits and a sign: 200 x 3354 x 9 bits are 754,650 bytes.
    """
    chip, work = (
        load_chip("metaplastic-qnn", sets=["buffer.size=256 KiB"]),
        load_workload("mnist-then-fashion", sets=["batch=200"]),
    )
    assert fails(check_together, chip, load_costs("cmos-32nm"), work) == (
        "buffer.size: 256 KiB cannot hold a batch of 'mnist-then-fashion': 200 x 3354 values of 9 bits are 737 KiB; give "
        "it as much, or auto (from --set buffer.size=256 KiB)"
    )


def test_a_buffer_that_just_holds_a_step_will_do():
    """Hidden layers of 300 and 20, batches of 7: 784 + 320 + 330 + 300 values of 9 bits; the last bit counts."""
    sets = ["network.layers=[784, 300, 20, 10]", "batch=7"]
    work, costs = load_workload("mnist-then-fashion", sets=sets), load_costs("cmos-32nm")
    check_together(load_chip("bnn", sets=[f"buffer.size={7 * 1734 * 9} bit"]), costs, work)
    with pytest.raises(DescriptionError, match="7 x 1734 values of 9 bits"):
        check_together(load_chip("bnn", sets=[f"buffer.size={7 * 1734 * 9 - 1} bit"]), costs, work)


def test_without_hidden_layers_nothing_comes_back():
    """Inputs and sums of the one layer are all that is kept."""
    work = load_workload("mnist-then-fashion", sets=["network.layers=[784, 10]", "batch=200"])
    check_together(load_chip("bnn", sets=[f"buffer.size={200 * 794 * 9} bit"]), load_costs("cmos-32nm"), work)


@pytest.mark.parametrize("name", ["metaplastic-qnn", "plain-qnn", "metaplastic-bnn", "bnn"])
def test_shipped_buffers_hold_wide_binarised_networks(name):
    """200 samples of 784 + 8,192 + 8,202 + 4,096 values of 9 bits are 4,786,650 bytes: more than 4 MiB, less than 5."""
    sets = ["network.layers=[784, 4096, 4096, 10]", "batch=200"]
    work = load_workload("mnist-then-fashion", sets=sets)
    check_together(load_chip(name), load_costs("cmos-32nm"), work)
    with pytest.raises(DescriptionError, match=r"200 x 21274 values of 9 bits are 4\.565 MiB"):
        check_together(load_chip(name, sets=["buffer.size=4 MiB"]), load_costs("cmos-32nm"), work)


def test_a_chip_without_its_cost_set_is_checked_on_its_own():
    """Costs are another file: a chip that names formats nobody prices is still a chip."""
    chip = load_chip("digital-fp32").document
    assert chip_from_document(chip | {"costs": "none-such"}).spec.costs == "none-such"
