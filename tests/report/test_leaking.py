"""What leakage does to the verdict on energy, in words and as a figure."""

from __future__ import annotations

import attrs
import pytest

from chipsim.cli.telling import sentences_of
from chipsim.report import write_report
from chipsim.report.curves import accuracy_figures
from chipsim.report.leaking import leakage_figure, leakage_sentences
from chipsim.result.leakage import LeakageRow, leakage_figures
from tests.results_made import made_result


def leaking(name, *, share, unknown="", known=True):
    """A result whose leakage is a share of the energy with it."""
    made = made_result(name)
    energy = made.summary["energy_aJ"]
    leaked = round(energy * share / (1 - share))
    row = LeakageRow(
        part="buffer",
        kind="buffer",
        power_aw=leaked,
        busy_ps=0,
        energy_aj=leaked,
        known=known,
        unknown=unknown,
    )
    figures = leakage_figures([row], energy_aj=energy)
    return attrs.evolve(made, leakage=(row,), summary={**made.summary, **figures})


def test_one_run_says_its_share():
    """With what it is, and no order of one."""
    told = leakage_sentences([leaking("single-pair", share=0.25)])
    assert len(told) == 1
    assert told[0].startswith("Leakage is 25 % (")
    assert told[0].endswith(") of the energy with it; other figures of energy are without it.")


def test_an_order_that_leakage_turns():
    """The chip that takes least without it leaks most."""
    first, second = leaking("single-pair", share=0.5), leaking("hybrid-synapse", share=0.01)
    assert first.summary["energy_aJ"] < second.summary["energy_aJ"]
    shares, told = leakage_sentences([first, second])
    assert shares.startswith("Share of leakage in the energy with it: single-pair 50 % (")
    assert told.startswith(
        "By energy the order with it is hybrid-synapse, single-pair; without it single-pair, hybrid-synapse."
    )


def test_an_order_that_stays():
    """It is said as well."""
    told = leakage_sentences([leaking("digital-fp32", share=0.1), leaking("single-pair", share=0.1)])
    assert told[1] == "By energy the order is the same with it as without: single-pair, digital-fp32."


def test_what_is_not_known_is_named():
    """Of all chips together, each name once."""
    two = [
        leaking("single-pair", share=0.1, unknown="wires, write drivers"),
        leaking("digital-fp32", share=0.1, unknown="wires"),
    ]
    assert leakage_sentences(two)[-1] == "No leakage is known for wires and write drivers: not counted."


def test_nothing_known_is_said_so():
    """There is no share then, and no figure."""
    result = leaking("single-pair", share=0.1, unknown="memories", known=False)
    assert leakage_sentences([result]) == ["No leakage is known for any part (memories): none is counted."]
    assert leakage_figure([result]) is None


def test_results_from_before_leakage_was_known_say_nothing():
    """Neither in words nor in a figure."""
    assert leakage_sentences([made_result("single-pair")]) == []
    assert leakage_figure([made_result("single-pair")]) is None


@pytest.mark.parametrize("share", [0.0, 0.0004])
def test_small_shares(share):
    """A share that rounds to nothing is not said to be none."""
    told = leakage_sentences([leaking("single-pair", share=share)])[0]
    assert told.startswith("Leakage is 0 %" if not share else "Leakage is less than 0.1 %")


def test_bars_add_up_to_the_energy_with_leakage():
    """Stacked on all other energy, in one unit."""
    result = leaking("single-pair", share=0.25)
    figure = leakage_figure([result])
    first, second = figure.data
    assert (first["name"], second["name"]) == ("without leakage", "leakage: buffer")
    assert second["x"][0] / (first["x"][0] + second["x"][0]) == pytest.approx(0.25)


def test_page_and_terminal_say_it(tmp_path):
    """Below the conclusion, and below the table."""
    results = [leaking("single-pair", share=0.5), leaking("hybrid-synapse", share=0.01)]
    page = write_report(results, tmp_path / "page.html").read_text(encoding="utf-8")
    assert "By energy the order with it is" in page
    assert "energy-with-leakage" in page
    assert any(line.startswith("leakage: Share of leakage") for line in sentences_of(results))


def test_energies_of_epochs_are_said_to_be_without_leakage():
    """Where some of it is known, beside the curve over energy and no other."""
    figures = accuracy_figures([leaking("single-pair", share=0.25)])
    said = [figure.name for figure in figures if "without leakage" in figure.caption]
    assert said == ["accuracy-energy"]
    unknown = accuracy_figures([leaking("single-pair", share=0.25, known=False)])
    assert not any("without leakage" in figure.caption for figure in unknown)
