"""Options of a run are checked as they are given, and messages name them."""

from __future__ import annotations

import copy
from pathlib import Path

import attrs
import numpy as np
import pytest

from chipsim.data import load
from chipsim.run import Options, simulate

DIGITS = load("mnist-5k", train=2, test=2)


def refused(**options):
    """Type and text of what is raised before anything is read."""
    with pytest.raises((TypeError, ValueError)) as caught:
        simulate("no such chip", "no such workload", **options)
    return f"{type(caught.value).__name__}: {caught.value}"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"seed": -1}, "ValueError: seed must be a whole number of at least 0, not -1"),
        ({"seed": 1.5}, "TypeError: seed must be a whole number of at least 0, not 1.5"),
        ({"seed": True}, "TypeError: seed must be a whole number of at least 0, not True"),
        ({"seed": "1"}, "TypeError: seed must be a whole number of at least 0, not '1'"),
        ({"replay": None}, "TypeError: replay must be True or False, not None"),
        ({"trace": "no"}, "TypeError: trace must be True or False, not 'no'"),
        ({"timing_only": 1}, "TypeError: timing_only must be True or False, not 1"),
        ({"data": 5}, "TypeError: data must be a folder with datasets, or None, not 5"),
        ({"data": [1]}, "TypeError: data must be a folder with datasets, or None, not a value of type list"),
        ({"data": DIGITS}, ("TypeError: data must be a folder with datasets, not the dataset 'mnist-5k'; give it as "
         "datasets={'mnist-5k': ...}, and let a phase name it")),
        ({"datasets": DIGITS}, ("TypeError: datasets must be datasets by the names that phases call them, such as "
         "{'mnist-5k': ...}, not the dataset 'mnist-5k' alone")),
        ({"datasets": [DIGITS]},
         "TypeError: datasets must be datasets by name, such as {'mine': ...}, not a value of type list"),
        ({"datasets": {5: DIGITS}}, "TypeError: datasets must have names for keys, such as 'mine', not 5"),
        ({"datasets": {"mine": ([[0]], [0])}}, ("TypeError: datasets['mine'] must be a Dataset, such as "
         "chipsim.data.from_arrays makes, not a value of type tuple")),
        ({"wait": "1 parsec"}, ("ValueError: wait: '1 parsec' has no unit of duration; known: ns, us, µs, ms, s, "
         "min, h, day, days, year, years")),
        ({"wait": ["1 h", "-1 h"]}, "ValueError: wait must be more than 0, not '-1 h'"),
        ({"wait": "0 s"}, "ValueError: wait must be more than 0, not '0 s'"),
        ({"wait": "1000 years"},
         "ValueError: wait: '1000 years' is beyond any duration on a chip; at most 100 year"),
        ({"wait": 3600.5}, "TypeError: wait must be times such as ['1 h', '1 day'], not of type float"),
        ({"wait": "1 h", "timing_only": True},
         "ValueError: a run that is only timed has no cells that change while it waits"),
        ({"options": {"seed": 1}}, ("TypeError: options must be a chipsim.run.Options, not a value of type dict; "
         "options can also be given by name, such as seed=1")),
    ],
)  # fmt: skip
def test_wrong_values_are_named(options, message):
    """Each message has the option's name, what it must be, and what was given."""
    assert refused(**options) == message


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("epoch", "; did you mean 'epochs'?"),
        ("dataset", "; did you mean 'datasets' or 'data'?"),
        ("xyz", ""),
    ],
)
def test_unknown_names_are_answered_with_those_there_are(name, hint):
    """A misspelt option is not an error of some class inside, but a question of names."""
    assert refused(**{name: 1}) == (
        f"TypeError: simulate knows nothing by the name of {name!r}; known: sets, epochs, options, progress, seed, "
        f"replay, trace, trace_steps, timing_only, data, datasets, keep_state, keep_weights, start, "
        f"checkpoint, checkpoint_every, wait, resume{hint}"
    )


@pytest.mark.parametrize(
    ("architecture", "workload", "sets", "message"),
    [
        (5, "mnist-5k", [], "architecture must be a name, a path or a description loaded before, not of type int"),
        ("bnn", None, [], "workload must be a name, a path or a description loaded before, not of type NoneType"),
        ("bnn", "mnist-5k", "batch=2", "sets must be a list of texts such as ['device.states=10'], not 'batch=2'"),
        ("bnn", "mnist-5k", [2], "sets must be a list of texts such as ['device.states=10'], not [2]"),
    ],
)  # fmt: skip
def test_what_is_no_description_is_refused(architecture, workload, sets, message):
    """A lone text of overrides is not taken letter by letter."""
    with pytest.raises(TypeError) as caught:
        simulate(architecture, workload, sets=sets)
    assert str(caught.value) == message


def test_what_numpy_and_paths_give_is_taken():
    """Seeds and truths out of arrays, and any path; options given by name go before those of an object."""
    options = Options(seed=np.int64(3), trace=np.bool_(True), data=Path("here"))
    assert (options.seed, type(options.seed), options.data) == (3, int, Path("here"))
    assert attrs.evolve(options, seed=4).trace
    assert hash(Options(datasets={"mine": DIGITS})) == hash(Options())


def test_options_can_be_copied():
    """What is handed to other processes is copied whole, and later changes of the caller's mapping do not show."""
    mine = {"mine": DIGITS}
    given = Options(seed=3, datasets=mine)
    mine["other"] = DIGITS
    for one in (copy.deepcopy(given), copy.deepcopy(Options())):
        assert isinstance(one, Options)
    assert list(copy.deepcopy(given).datasets) == ["mine"]
