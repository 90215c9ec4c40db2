"""Sentences on what was lost: each from its threshold on, none below it."""

from __future__ import annotations

import attrs
import pytest

from chipsim.losses import LOSSES
from chipsim.report.lost import THRESHOLDS, loss_sentences
from chipsim.result import LossEpoch
from tests.results_made import made_result


def lost(what, count, of, *, part="tile0.adc", epoch=1, during="training"):
    """One row of the table."""
    return LossEpoch(epoch=epoch, part=part, during=during, what=what, count=count, of=of)


def told(*rows):
    """Sentences of a run that lost this."""
    return loss_sentences(attrs.evolve(made_result(), losses=rows))


def test_a_result_that_counted_nothing_says_nothing():
    """Runs that were only timed, and older ones."""
    assert loss_sentences(made_result()) == []


@pytest.mark.parametrize("what", [what for what in THRESHOLDS if what != "codes-unused"])
def test_a_loss_is_told_from_its_threshold_on(what):
    """At the threshold there is one sentence, one case below it none, whatever the kind."""
    least = round(THRESHOLDS[what] * 10_000)
    assert len(told(lost(what, least, 10_000))) == 1
    assert told(lost(what, least - 1, 10_000)) == []


def test_few_cases_say_nothing():
    """Nine of nine clipped results may be any nine."""
    assert told(lost("results-clipped", 99, 99)) == []


def test_the_worst_part_and_epoch_are_named():
    """The largest share of all, and how many parts more are beyond the threshold."""
    rows = [
        lost("results-clipped", 10, 100),
        lost("results-clipped", 997, 1_000, epoch=2),
        lost("results-clipped", 20, 100, part="tile1.adc"),
        lost("results-clipped", 1, 100, part="tile2.adc"),
    ]
    assert told(*rows) == [
        (
            "tile0.adc, the worst of 2 parts, cut 99.7 % of its results off at the end of its range (epoch 2); "
            "raise tile.forward.adc.range"
        )
    ]


def test_groups_of_tiles_have_advice_of_their_own():
    """The worst of each group, and the keys where it has them: both share a device, each has its tiles."""
    made = made_result()
    placement = tuple(
        attrs.evolve(made.placement[0], tile=f"tile{place}", group=group)
        for place, group in enumerate(("features", "head", "head"))
    )
    chip = {
        "device": {"states": 50},
        "groups": {"features": {"tile": {"rows": 9}}, "head": {"tile": {"rows": 9}, "update": {"slots": 3}}},
    }
    clipped = ((900, "tile0.adc"), (200, "tile1.adc"), (300, "tile2.adc"))
    rows = [lost("results-clipped", count, 1_000, part=part) for count, part in clipped]
    rows.append(lost("pulses-cut", 500, 1_000, part="tile1.driver"))
    rows.append(lost("values-clipped", 500, 1_000, part="digital"))
    result = attrs.evolve(made, losses=tuple(rows), placement=placement, chip=chip)
    assert loss_sentences(result) == [
        (
            "tile0.adc cut 90.0 % of its results off at the end of its range (epoch 1); raise "
            "groups.features.tile.forward.adc.range"
        ),
        (
            "tile2.adc, the worst of 2 parts, cut 30.0 % of its results off at the end of its range (epoch 1); raise "
            "groups.head.tile.forward.adc.range"
        ),
        (
            "digital cut 50.0 % of the activations and errors off at the end of its number format (epoch 1); give "
            "digital.arithmetic more range, or take units with a bound"
        ),
        (
            "tile1.driver could not give 50.0 % of the pulses that training asked for (epoch 1), more than a train "
            "has; lower the learning rate or device.states, or raise groups.head.update.slots"
        ),
    ]


def test_testing_is_told_where_training_lost_nothing():
    """And the side of a tile by its converter's name."""
    rows = [
        lost("inputs-clipped", 0, 1_000, part="tile0.back-dac"),
        lost("inputs-clipped", 500, 1_000, part="tile0.back-dac", during="testing"),
    ]
    assert told(*rows) == [
        (
            "tile0.back-dac cut 50.0 % of its inputs off at full scale in testing (epoch 1); "
            "set tile.backward.scaling to maximum"
        )
    ]


def test_codes_need_results_enough_to_be_missed():
    """252 of 255 codes unused: with 2,550 results it is told, with one less it is not."""
    unused = lost("codes-unused", 252, 255)
    assert told(unused, lost("results-clipped", 0, 2_549)) == []
    assert told(unused, lost("results-clipped", 0, 2_550)) == [
        ("tile0.adc gave 3 of its 255 codes (epoch 1); lower tile.forward.adc.range")
    ]


def test_codes_are_not_missed_where_the_range_is_too_small():
    """A converter that clips most results has few codes left, and so has one that only sees zeros."""
    unused = lost("codes-unused", 252, 255)
    (only,) = told(unused, lost("results-clipped", 2_000, 2_550))
    assert only.startswith("tile0.adc cut 78.4 % of its results off")
    assert told(lost("codes-unused", 254, 255), lost("results-clipped", 0, 2_550)) == []


def test_all_and_nearly_all_are_not_the_same():
    """Only a whole is 100 %."""
    part = "tile0.driver"
    (nearly,) = told(lost("pulses-rounded-to-zero", 99_999, 100_000, part=part))
    (whole,) = told(lost("pulses-rounded-to-zero", 100_000, 100_000, part=part))
    assert nearly.startswith("tile0.driver rounded over 99.9 % of")
    assert whole.startswith("tile0.driver rounded 100 % of")


def test_every_threshold_is_of_a_known_loss():
    """Sentences are about what is counted."""
    assert set(THRESHOLDS) <= set(LOSSES)
