"""What is measured, and how."""

import io

import numpy as np
import pytest
from rich.console import Console

from benchmarks import one_case
from benchmarks.cases import GROUPS, Case, all_cases, chosen
from benchmarks.floating import LogisticNetwork
from benchmarks.kernels import watched_kernels
from benchmarks.loops import ALL, ChipLoop, TrainedChip
from benchmarks.machine import ONE_CORE, peak_memory_mib
from benchmarks.measuring import measure
from benchmarks.screen import figures_table, timing_cost_percent
from chipsim.data import load
from chipsim.errors import ChipsimError
from chipsim.net import losses
from chipsim.net.activations import ACTIVATIONS
from chipsim.spec import shipped_names


def test_every_shipped_chip_is_measured():
    """Under its name, and nothing else is among them."""
    assert tuple(case.name for case in all_cases() if case.group == "chips") == shipped_names("architectures")


def test_chips_of_pulses_train_sample_by_sample():
    """What moves weights by pulses is given one sample a step, as their papers do, and what keeps them a batch."""
    batches = {case.name: case.batch for case in all_cases() if case.group == "chips"}
    pulsed = [
        "analog-sgd",
        "tiki-taka-v1",
        "tiki-taka-v2",
        "mixed-precision",
        "hybrid-synapse",
        "digital-fp32",
    ]
    assert {batches[name] for name in pulsed} == {1}
    assert {batches[name] for name in ("bnn", "plain-qnn", "digital-adam")} == {100}


def test_names_are_one_each():
    """A case is named by one word that is no group."""
    names = [*GROUPS, *(case.name for case in all_cases())]
    assert len(set(names)) == len(names)
    assert {case.group for case in all_cases()} == set(GROUPS)


def test_pairs_differ_in_their_update_alone():
    """Row by row and cell by cell have the settings of the parallel one."""
    sets = {case.name: case.trains.sets for case in all_cases() if case.name.startswith("pair-")}
    assert list(sets) == ["pair-parallel", "pair-rowwise", "pair-cellwise"]
    assert len(set(sets.values())) == 1


def test_choosing_by_name_and_group():
    """In the order of all, each once."""
    found = [case.name for case in chosen(["numpy", "hybrid-fine", "numpy-sgd"])]
    assert found == ["hybrid-fine", "numpy-sgd", "numpy-adam"]
    assert chosen([]) == all_cases()


def test_numpy_is_measured():
    """A speed and a memory, and nothing that only chips have."""
    case = Case(name="numpy-sgd", group="numpy", batch=1, trains=LogisticNetwork)
    figures = measure(case, samples=20, turns=1)
    assert set(figures) == {"all_samples_per_s", "peak_memory_MiB"}
    assert figures["all_samples_per_s"] > 0


def test_chip_is_measured():
    """In every mode, with its kernels' share."""
    sets = ("network.layers=[784, 4, 10]",)
    what = ChipLoop(architecture="digital-fp32", sets=sets)
    figures = measure(Case(name="small", group="updates", batch=1, trains=what), samples=100, turns=1)
    assert set(figures) == {
        *("all_samples_per_s", "no_timing_samples_per_s", "no_replay_samples_per_s"),
        *("kernels_percent", "peak_memory_MiB"),
    }
    assert 0 < figures["kernels_percent"] < 100


@pytest.mark.slow
@pytest.mark.parametrize("pair", ["coarse", "fine"])
def test_hybrid_is_measured_on_the_pair_that_is_named(pair):
    """The fine case has left its coarse pair before anything is timed."""
    (case,) = chosen([f"hybrid-{pair}"])
    assert TrainedChip(case.trains).pair == pair


def test_figures_fit_a_narrow_terminal():
    """Eighty letters a line, and nothing is cut off."""
    figures = {f"{mode}_samples_per_s": 12345.6 for mode in ("all", "no_timing", "no_replay")}
    figures |= {"kernels_percent": 99.6, "peak_memory_MiB": 1234.5}
    console = Console(width=80, file=io.StringIO())
    cases = [case for case in all_cases() if case.group == "chips"]
    console.print(figures_table("chips", [(case, figures) for case in cases]))
    shown = console.file.getvalue()
    assert "\N{HORIZONTAL ELLIPSIS}" not in shown
    assert "single-pair-cellwise" in shown


def test_kernels_are_put_back():
    """Watched inside, and as they were outside."""
    what = ChipLoop(architecture="digital-fp32", sets=("network.layers=[784, 4, 10]",))

    def train():
        TrainedChip(what, epochs=1).loop(ALL)(load("mnist-5k", train=5, test=1))

    # What is compiled under a watch would find watches in place of the kernels that it calls.
    train()
    before = dict(vars(losses))
    with watched_kernels() as watch:
        assert vars(losses) != before
        train()
    assert dict(vars(losses)) == before
    assert watch.calls > 5
    assert watch.seconds > 0


def test_kernels_behind_words_are_watched():
    """Losses and activations, which the words of a workload stand for."""
    sums, labels = np.zeros((1, 2), np.float32), np.zeros(1, np.uint8)

    def call_all():
        for loss in losses.LOSSES.values():
            loss(sums, labels, sums.copy())
        for activation in ACTIVATIONS.values():
            activation.apply(sums, sums.copy())
            activation.slope(sums, sums, sums.copy())

    # What is compiled under a watch would find watches in place of the kernels that it calls.
    call_all()
    with watched_kernels() as watch:
        call_all()
    assert watch.calls == len(losses.LOSSES) + 2 * len(ACTIVATIONS)


def test_memory_is_that_of_this_process():
    """An array that is filled counts."""
    before = peak_memory_mib()
    filled = b"x" * (64 * 2**20 + int(before) * 2**20)
    assert peak_memory_mib() >= len(filled) / 2**20


def test_timing_costs():
    """A quarter more time, from 500 to 400 samples a second."""
    assert timing_cost_percent({"no_timing_samples_per_s": 500, "all_samples_per_s": 400}) == pytest.approx(
        25
    )
    assert timing_cost_percent({"all_samples_per_s": 400}) is None


def fake_process(monkeypatch, *, code):
    real = one_case.subprocess.run
    seen = {}

    def run(command, **how):
        seen.update(how, command=command)
        return real([command[0], "-c", code], **how)

    monkeypatch.setattr(one_case.subprocess, "run", run)
    return seen


def test_case_has_a_process_with_one_thread(monkeypatch):
    """Libraries read the environment when they are imported."""
    seen = fake_process(monkeypatch, code="print('{\"all_samples_per_s\": 5.0}')")
    (case,) = chosen(["numpy-sgd"])
    assert one_case.measured_apart(case, samples=20, turns=1) == {"all_samples_per_s": 5.0}
    assert seen["command"][1:] == ["-m", "benchmarks.one_case", "numpy-sgd", "20", "1"]
    assert ONE_CORE.items() <= seen["env"].items()


def test_case_whose_process_fails(monkeypatch):
    """Its name, and the last that it said."""
    fake_process(monkeypatch, code="raise SystemExit('no room')")
    (case,) = chosen(["numpy-sgd"])
    with pytest.raises(ChipsimError) as caught:
        one_case.measured_apart(case, samples=20, turns=1)
    assert str(caught.value) == "numpy-sgd: its process ended with 1: no room"
