"""Orderings under several cost sets, and the price at which one flips, worked out and recomputed."""

import math

import pytest

from chipsim.run import Options, simulate
from chipsim.spec import load_chip, load_costs
from chipsim.study.robustness import (
    Line,
    energy_flips,
    energy_prices,
    flip_factor,
    flips,
    holds_within,
    lines_of,
    orderings,
)
from chipsim.study.statistics import metric_named
from tests.study.kept_made import made_gathered

ENERGY = metric_named("energy_aJ")
FEW = "phases.0.dataset={name: mnist-5k, train: 20, test: 10}"


def test_orderings_hold_flip_or_stay_open():
    """Under cheap costs a takes less than b, under dear ones more; c is always the most; d is like a."""
    values = {
        ("a", "cheap"): (1, 2, 3), ("b", "cheap"): (11, 12, 13), ("c", "cheap"): (101, 102, 103), ("d", "cheap"): (2, 1, 3),
        ("a", "dear"): (61, 62, 63), ("b", "dear"): (51, 52, 53), ("c", "dear"): (201, 202, 203), ("d", "dear"): (62, 61, 63),
    }  # fmt: skip
    found = orderings(
        made_gathered(
            [
                ({"chip": chip, "costs": costs}, {"energy_aJ": seeds})
                for (chip, costs), seeds in values.items()
            ]
        ),
        ENERGY,
    )
    said = {(one.one, one.other): (one.holds, one.flips) for one in found}
    assert said[("a", "b")] == (False, True)
    assert said[("a", "c")] == said[("b", "c")] == (True, False)
    assert said[("a", "d")] == (False, False)
    assert dict(found[0].by_costs) == {"cheap": -1, "dear": 1}


def test_chips_that_are_varied_over_paths_of_their_own_meet_at_a_point_each():
    """Two by two points, and no cost set changes anything: each order holds, and none is told twice."""
    settings = []
    for costs in ("cheap", "dear"):
        for value in "12":
            what = {"chip": "a", "costs": costs, "varied": (("p", value),)}
            settings.append((what, {"energy_aJ": (10, 11, 12)}))
        for value, least in (("3", 5), ("4", 20)):
            what = {"chip": "b", "costs": costs, "varied": (("q", value),)}
            settings.append((what, {"energy_aJ": (least, least + 1, least + 2)}))
    found = orderings(made_gathered(settings), ENERGY)
    assert {one.varied: one.by_costs for one in found} == {
        (("p", mine), ("q", theirs)): (("cheap", sign), ("dear", sign))
        for mine in "12"
        for theirs, sign in (("3", 1), ("4", -1))
    }
    assert all(one.holds for one in found)


def test_flip_factors_by_hand():
    """100 of which 40 are charged at the price meet 130 of which 10 are, at twice the price."""
    one, other = Line(now=100.0, share=40.0), Line(now=130.0, share=10.0)
    assert flip_factor(one, other) == flip_factor(other, one) == 2.0
    assert one.at(2.0) == other.at(2.0) == 140.0
    # Below zero, or never.
    assert flip_factor(Line(now=100.0, share=10.0), Line(now=130.0, share=40.0)) is None
    assert flip_factor(one, Line(now=99.0, share=40.0)) is None
    assert holds_within(one, other, low=0.0, high=1.99)
    assert not holds_within(one, other, low=0.1, high=100.0)


def test_a_price_that_only_one_uses_counts_for_that_one():
    """It takes 30 more at three times its 15: 20 aJ become 60 aJ. Prices that nobody pays flip nothing."""
    one = ("a", {"adc.energy": Line(now=100.0, share=15.0), "idle.energy": Line(now=100.0, share=0.0)})
    other = ("b", {"sram.read": Line(now=130.0, share=60.0)})
    prices = {"adc.energy": 20, "idle.energy": 7, "sram.read": 4}
    found = flips(one, other, prices=prices)
    assert [(flip.path, flip.factor, flip.price) for flip in found] == [
        ("sram.read", pytest.approx(0.5), pytest.approx(2.0)),
        ("adc.energy", pytest.approx(3.0), pytest.approx(60.0)),
    ]
    assert found[0].sentence() == (
        "a takes less energy than b; that flips when sram.read is below 2 aJ (now 4 aJ)"
    )
    assert flips(one, ("b", {"sram.read": Line(now=130.0, share=60.0)}), prices={**prices, "sram.read": 0})[
        0
    ].path == ("adc.energy")


def test_only_prices_that_the_chip_pays_are_looked_at():
    """A digital chip has no converters; its energies are in attojoules."""
    values = load_costs("cmos-32nm").values
    digital = energy_prices(load_chip("digital-fp32").spec, values)
    paired = energy_prices(load_chip("single-pair").spec, values)
    assert not [path for path in digital if path.startswith(("adc", "dac"))]
    assert paired["adc[bits=8].energy"] == 1_714_000
    assert not [path for path in paired if path.endswith((".time", ".area", ".bits"))]


def test_a_flip_that_was_worked_out_is_one_when_it_is_recomputed():
    """Run again at a little less and a little more than the price found, two chips change places."""
    chips = ("hybrid-synapse", "digital-fp32")
    costs = load_costs("cmos-32nm")
    paid = {name: energy_prices(load_chip(name).spec, costs.values) for name in chips}
    prices = paid[chips[0]] | paid[chips[1]]

    def lines(name):
        # Reads of the digital chip's weights are what it pays most for: two prices are enough to show it.
        paths = [path for path in paid[name] if path in ("sram.read", "adc[bits=8].energy")]
        return lines_of(lambda path, factor: [_energy(name, path, factor * prices[path])], paths)

    found = {flip.path: flip for flip in flips(*((name, lines(name)) for name in chips), prices=prices)}
    flip = found["sram.read"]
    before, after = (round(flip.price * factor) for factor in (0.999, 1.001))
    signs = []
    for price in (before, after):
        one, other = (_energy(name, "sram.read", price) for name in chips)
        signs.append(math.copysign(1, one - other))
    assert signs[0] != signs[1]
    # And at the price itself both take the same, but for the rounding of the price to whole attojoules.
    one, other = (_energy(name, "sram.read", round(flip.price)) for name in chips)
    assert one == pytest.approx(other, rel=1e-3)


def test_prices_of_results_are_those_that_they_use():
    """Found from the values that each run says it uses, with a run instead of repricing; assumed ones say so."""
    results = {name: _run(name) for name in ("single-pair", "digital-fp32")}

    def reprice(result, sets):
        return _run(result.summary["architecture"], *sets)

    found = energy_flips(results, reprice)
    assert found
    assert [flip.reach for flip in found] == sorted(flip.reach for flip in found)
    used = {value.path.removeprefix("costs.") for result in results.values() for value in result.values}
    assert {flip.path for flip in found} <= used
    nearest = found[0]
    signs = []
    for factor in (0.99, 1.01):
        price = round(nearest.price * factor)
        one, other = (reprice(result, [f"costs.{nearest.path}={price} aJ"]) for result in results.values())
        signs.append(math.copysign(1, one.summary["energy_aJ"] - other.summary["energy_aJ"]))
    assert signs[0] != signs[1]
    kinds = {value.path: value.kind for result in results.values() for value in result.values}
    assert all(flip.assumed == (kinds[f"costs.{flip.path}"] == "assumed") for flip in found)
    assert energy_flips({"alone": results["single-pair"]}, reprice) == ()


def _run(name, *sets):
    return simulate(name, "mnist-5k", sets=[FEW, *sets], epochs=1, options=Options(seed=0))


def _energy(name, path, price):
    sets = [FEW, f"costs.{path}={price} aJ"]
    made = simulate(name, "mnist-5k", sets=sets, epochs=1, options=Options(seed=0))
    return made.summary["energy_aJ"]
