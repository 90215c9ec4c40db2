"""What a chip is taken to do better, or for less, than one could, on pages, in the terminal and by `describe`."""

from __future__ import annotations

import attrs
import pytest

from chipsim.cli.telling import sentences_of
from chipsim.report import write_report
from chipsim.report.idealised import idealised_by_group
from chipsim.spec import load_chip
from chipsim.tile.idealised import idealised
from tests.results_made import made_result

ROUNDED = "Pulse numbers are rounded for each crossing by itself"
TRAINS = "Random numbers that pulse trains are drawn with"
COUNTED = "Random numbers that pulse numbers are rounded with"
WEIGHTS = "Random numbers that weights are rounded with"
CONVERTERS = "Numbers pass tile.forward.adc and tile.backward.dac unchanged"


def chip_of(name, *sets):
    """A chip that ships, with some values changed."""
    return load_chip(name, sets=sets).spec


@pytest.mark.parametrize(
    ("name", "sets", "begins"),
    [
        ("single-pair", ["update.encoding=deterministic"], [ROUNDED]),
        ("single-pair", ["update.encoding=stochastic"], [TRAINS]),
        ("single-pair-rowwise", ["update.encoding=deterministic"], []),
        ("single-pair-cellwise", ["update.encoding=stochastic"], [COUNTED]),
        ("plain-qnn", ["memory.weights=fixed-8", "memory.rounding=stochastic"], [WEIGHTS]),
        ("plain-qnn", [], []),
        ("digital-fp32", [], []),
        (
            "single-pair-rowwise",
            [
                "update.encoding=deterministic",
                "tile.forward.adc.ideal=true",
                "tile.forward.dac.ideal=false",
                "tile.backward.dac.ideal=true",
            ],
            [CONVERTERS],
        ),
    ],
)
def test_each_idealisation_is_a_sentence(name, sets, begins):
    """What a chip does as one could do it is no sentence."""
    told = idealised(chip_of(name, *sets))
    assert [sentence[: len(begin)] for sentence, begin in zip(told, begins, strict=True)] == begins


def result_of(name, **how):
    """A result that says what its chip is idealised in."""
    made = made_result(name, **how)
    return attrs.evolve(made, summary={**made.summary, "idealised": list(idealised(chip_of(name)))})


def two_chips():
    """Results of one chip that rounds pulse numbers, with two seeds, and of one that has no pulses."""
    return [*(result_of("single-pair", seed=seed) for seed in (1, 2)), result_of("digital-fp32")]


def test_seeds_of_a_chip_say_it_once():
    """The description is the same with every seed."""
    [(label, sentences)] = idealised_by_group(two_chips())
    assert label == "single-pair"
    assert len(sentences) == 1


def test_a_result_from_before_it_was_saved_leaves_it_to_another_seed():
    """Whichever of the two comes first."""
    old, new = made_result("single-pair", seed=1), result_of("single-pair", seed=2)
    for results in ([old, new], [new, old]):
        [(label, sentences)] = idealised_by_group(results)
        assert (label, len(sentences)) == ("single-pair", 1)
    assert idealised_by_group([old]) == []


def test_chips_of_which_the_same_is_to_be_said_are_named_together():
    """A sentence stands once."""
    [(label, sentences)] = idealised_by_group([result_of("hybrid-synapse"), *two_chips()])
    assert label == "hybrid-synapse and single-pair"
    assert len(sentences) == 1


def test_the_terminal_says_it_below_the_table():
    """After what was never used and what was lost."""
    *_, last = sentences_of(two_chips())
    assert last.startswith(f"single-pair: idealised: {ROUNDED}")


def test_the_page_says_it_where_it_concludes(tmp_path):
    """Above the cards with the figures that rest on it."""
    text = write_report(two_chips(), tmp_path / "report.html").read_text(encoding="utf-8")
    assert "better than a chip could do it" in text
    assert text.index(ROUNDED) < text.index('class="card"')
