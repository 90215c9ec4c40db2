"""The name of a run: the same for the same run, another when anything that decides it is another."""

from __future__ import annotations

import attrs
import pytest

from chipsim.run import Options, simulate
from chipsim.run.identity import DIGITS, checksums_of, deciding, run_name
from chipsim.run.reading import read_all
from chipsim.run.sameness import is_same_run
from chipsim.spec import load_chip, load_workload


def name(*sets, chip="single-pair", workload="mnist-5k", seed=0, **more):
    read = read_all(chip, workload, sets=sets, epochs=None, datasets={})
    checksums = checksums_of(read.workload, folder=None)
    return run_name(read, options=Options(seed=seed, **more), checksums=checksums)


PLAIN = name()


def test_the_same_run_has_the_same_name():
    """Whatever it is written as."""
    assert len(PLAIN) == DIGITS
    assert name("device.states=50") == PLAIN
    assert name("device.states={value: 50, source: elsewhere}") == PLAIN
    assert name("device.pulse_width=0.1 us") == PLAIN
    assert name("chip.about=In other words.", "workload.about=So.", "costs.about=As well.") == PLAIN


@pytest.mark.parametrize(
    "other",
    [
        {"seed": 1},
        {"timing_only": True},
        {"trace": True},
        {"wait": "1 h"},
        {"chip": "hybrid-synapse"},
        {"chip": "single-pair-rowwise"},
    ],
)
def test_another_run_has_another_name(other):
    """Seed, chip, and how it is run."""
    assert name(**other) != PLAIN


@pytest.mark.parametrize(
    "override",
    [
        "device.states=49", "learning_rate=0.2", "phases[*].epochs=2", "phases[*].dataset.train=10",
        "phases[*].dataset.permutation=1", "costs=isaac-32nm", "costs.adc[bits=8].energy=1 fJ",
        "update.slots=16",
    ],
)  # fmt: skip
def test_another_description_has_another_name(override):
    """Anything that a description says."""
    assert name(override) != PLAIN


MADE = (
    {"swap_rows": 1},
    {"swap_rows": 2},
    {"classes": [0, 1, 2, 3, 4, 5, 6, 7, 9, 8]},
    {"projection": 784},
    {"projection": 784, "projection_number": 1},
    {"features": [*range(784)]},
    {"features": [*range(783, -1, -1)]},
)
"""What may be made of the digits that a network of their sizes takes."""


def test_how_images_are_cut_is_in_the_name():
    """Also where nothing is cut off, which makes the same data."""
    assert name("phases[*].dataset.crop=28") != PLAIN


def test_what_is_made_of_a_dataset_is_in_the_name():
    """Each choice and change of its samples, in the description and in the checksum of what is trained on."""
    names, checksums = {PLAIN}, set()
    for made in MADE:
        read = read_all(
            "single-pair", "mnist-5k", sets=[f"phases.0.dataset.{key}={value}" for key, value in made.items()],
            epochs=None, datasets={},
        )  # fmt: skip
        found = checksums_of(read.workload, folder=None)
        checksums.update(found)
        # With the checksums of other data, the description alone has to tell.
        names.add(run_name(read, options=Options(), checksums=["a"]))
    assert len(names) == len(MADE) + 1
    # All pixels in their own order are the digits as they are.
    plain = checksums_of(load_workload("mnist-5k"), folder=None)
    assert len(checksums) == len(MADE)
    assert set(plain) <= checksums


def test_a_device_file_decides_by_what_it_says():
    """Whichever way it is named, and whatever it is called; another value of it makes another run."""
    base = {"chip": "set-reset-transfer", "workload": "mnist-5k-transfer"}
    named = name("device=reram-array-om", **base)
    assert named != name(**base)
    assert named != name("device=reram-array-hfo2", **base)
    assert named != name("device=reram-array-om", "device.states=22", **base)
    assert named == name("device={extends: reram-array-om, states: 21.07}", **base)


SOFTWARE = (
    "phases=[{name: a, epochs: 1, dataset: {name: mnist-5k}, software: {trained_as: numbers}}, "
    "{name: b, epochs: 1, dataset: {name: mnist-5k}}]"
)


@pytest.mark.parametrize(
    "override",
    [
        "phases[name=a].software.trained_as=device", "phases[name=a].software.optimiser=adam",
        "phases[name=a].software.batch=2", "phases[name=a].software.weight_noise=10 %",
        "phases[name=a].epochs=2", "transfer_error=5 %",
    ],
)  # fmt: skip
def test_another_training_in_software_has_another_name(override):
    """And so has one without."""
    assert len({name(SOFTWARE), name(SOFTWARE, override), PLAIN}) == 3


def test_everything_that_decides_is_in_the_name():
    """Each field by itself: code, versions, other packages' code, weights and data, too."""
    read = read_all("single-pair", "mnist-5k", sets=(), epochs=None, datasets={})
    whole = deciding(read, options=Options(), checksums=["a"])
    others = {
        "seed": 1, "timing_only": True, "traced": True, "code": "x", "versions": (("numpy", "0"),),
        "chip": None, "workload": None, "costs": None, "outside": ({"place": "x"},), "weights": "x", "start": "x",
        "data": ("b",), "software": (None,), "wait": (1,),
    }  # fmt: skip
    assert set(others) == {field.name for field in attrs.fields(type(whole))}
    names = {attrs.evolve(whole, **{field: value}).name for field, value in others.items()}
    assert len(names | {whole.name}) == len(others) + 1


def test_a_run_that_began_from_another_is_not_one_that_began_anew():
    """They may have all else in common."""
    sets = ["phases.0.dataset.train=20", "phases.0.dataset.test=10", "phases.0.epochs=1"]
    first = simulate("single-pair", "mnist-5k", sets=sets)
    second = simulate("single-pair", "mnist-5k", sets=sets, start=first)
    said = {"sets": sets, "epochs": None}
    assert is_same_run(first, "single-pair", "mnist-5k", **said, options=Options())
    assert not is_same_run(second, "single-pair", "mnist-5k", **said, options=Options())
    assert is_same_run(second, "single-pair", "mnist-5k", **said, options=Options(start=first))


def test_a_result_told_in_other_words_is_of_the_same_run():
    """A sentence about a chip costs nobody the run of a day; another name is another chip."""
    sets = ["phases.0.dataset.train=20", "phases.0.dataset.test=10", "phases.0.epochs=1"]
    kept = simulate("single-pair", "mnist-5k", sets=sets)
    said = {"epochs": None, "options": Options()}
    told = ["chip.about=So.", "workload.about=So.", "costs.about=So."]
    assert is_same_run(kept, "single-pair", "mnist-5k", sets=[*sets, *told], **said)
    for other in ("chip.name=so", "workload.name=so", "costs.name=so"):
        assert not is_same_run(kept, "single-pair", "mnist-5k", sets=[*sets, other], **said)


def test_the_chip_that_numbers_are_trained_on_decides(monkeypatch):
    """It ships beside the code and not in it; without training in software, nobody asks for it."""
    before, plain = name(SOFTWARE), name()
    other = load_chip("digital-fp32", sets=["tile.lanes=16"])
    monkeypatch.setattr("chipsim.run.software_chips.chip_of_numbers", lambda _by: other)
    assert name(SOFTWARE) != before
    assert name() == plain
