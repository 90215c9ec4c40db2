"""What it took to reach an accuracy: by epoch, with spread over seeds."""

import attrs
import pytest

from chipsim.result.reaching import best_percent, grouped, reach
from tests.results_made import made_result, seeds_of


def having(result, *percents):
    """A result whose epochs end with these test accuracies."""
    rows = [
        attrs.evolve(row, test_accuracy_percent=percent)
        for row, percent in zip(result.epochs, percents, strict=True)
    ]
    return attrs.evolve(result, epochs=tuple(rows))


def test_first_epoch_at_or_above():
    """An accuracy that is met exactly is reached, and a later fall takes nothing back."""
    result = having(made_result(epochs=4), 80.0, 95.0, 90.0, 99.0)
    found = reach(result, 95)
    assert (found.epoch, found.test_accuracy_percent) == (2, 95.0)
    assert found.simulated_time_ps == result.epochs[1].simulated_time_ps
    assert found.energy_aj == result.epochs[1].energy_aj


def test_pulses_are_those_up_to_the_epoch():
    """Of all written cells of small pulses, initial writing included."""
    result = having(made_result(epochs=4), 80.0, 95.0, 96.0, 97.0)
    found = reach(result, 95)
    written = [one for one in result.wear if one.pulses.any() or one.resets.any()]
    names = {one.array for one in written}
    pulses = sum(row.pulses for row in result.arrays if row.epoch <= 2 and row.array in names)
    assert found.pulses_per_cell == pytest.approx(pulses / sum(one.pulses.size for one in written))


def test_never_reached():
    """It is told as such, with the best there was; nothing is interpolated."""
    result = having(made_result(epochs=3), 80.0, 94.99, 90.0)
    assert reach(result, 95) is None
    assert best_percent(result) == 94.99


def test_unknown_sizes_leave_samples_out():
    """Phases of different sizes have no number of samples by epoch."""
    result = having(made_result(epochs=2), 80.0, 95.0)
    both = [{"train_samples": 100}, {"train_samples": 200}]
    other = attrs.evolve(result, provenance={**result.provenance, "datasets": both})
    same = attrs.evolve(result, provenance={**result.provenance, "datasets": both[:1]})
    assert reach(other, 95).samples is None
    assert reach(same, 95).samples == 200


def test_seeds_are_one_group():
    """Two of three seeds reach it: mean and deviation are over these two."""
    runs = seeds_of(made_result(epochs=2), count=3)
    curves = [(80.0, 95.0), (95.0, 96.0), (80.0, 81.0)]
    (group,) = grouped([having(run, *curve) for run, curve in zip(runs, curves, strict=True)], 95)
    assert (len(group.reached), len(group.results), group.best_percent) == (2, 3, 96.0)
    mean, spread = group.spread(lambda one: one.epoch)
    assert (mean, spread) == (1.5, pytest.approx(0.5**0.5))


def test_a_seed_counts_once():
    """A run and its copy are one seed without spread, and the copy is told; whichever got further counts."""
    first, second = seeds_of(having(made_result(epochs=2), 80.0, 95.0), count=2)
    (group,) = grouped([first, first, second], 95)
    assert (len(group.results), len(group.reached), group.repeated) == (2, 2, 1)
    (group,) = grouped([first, first], 95)
    assert group.spread(lambda one: one.epoch) == (2.0, None)


def test_stopped_runs_are_told():
    """What was stopped before may have got there later; what was there before it was stopped did get there."""
    runs = seeds_of(made_result(epochs=2), count=3)
    curves = [(80.0, 95.0), (80.0, 81.0), (80.0, 81.0)]
    first, second, third = (having(run, *curve) for run, curve in zip(runs, curves, strict=True))
    stopped = [attrs.evolve(run, summary={**run.summary, "complete": False}) for run in (first, second)]
    (group,) = grouped([*stopped, third], 95)
    assert (len(group.reached), group.stopped) == (1, (2,))


def test_one_seed_has_no_deviation():
    """Nor has a group that nobody reached a mean."""
    result = having(made_result(epochs=2), 80.0, 95.0)
    (group,) = grouped([result], 95)
    assert group.spread(lambda one: one.epoch) == (2.0, None)
    (group,) = grouped([result], 99)
    assert group.spread(lambda one: one.epoch) is None


@pytest.mark.parametrize("percent", [-1, 101, float("nan")])
def test_what_is_no_percentage_is_refused(percent):
    """An accuracy lies between nothing and all."""
    with pytest.raises(ValueError, match="must be from 0 to 100 %"):
        reach(made_result(epochs=1), percent)
