"""Runs that differ in costs alone are trained once, and each is the run that would have been made by itself."""

from __future__ import annotations

from pathlib import Path

import pytest

from chipsim.errors import OutputError
from chipsim.report.study_page import write_study_page
from chipsim.study import making
from chipsim.study.engine import Workers, carry_out
from chipsim.study.kept import load_study
from chipsim.study.planning import plan_study
from chipsim.study.sharing import shared
from chipsim.study.statistics import gather_kept
from chipsim.study.store import write_plan
from chipsim.synapse.numbers import WeightBlock
from tests.study.made import small

SETS = ["cmos-32nm", "isaac-32nm", "light-adc-32nm"]


class Watching:
    """Remembers what it is told."""

    def begins(self, *, total, kept):
        self.total, self.kept = total, kept

    def one_ended(self, planned, *, state, error, seconds, left_s):
        assert seconds >= 0


@pytest.fixture
def trained(monkeypatch):
    """Counts what is trained."""
    calls = []
    simulate = making.simulate

    def counted(*arguments, **options):
        calls.append(arguments)
        return simulate(*arguments, **options)

    monkeypatch.setattr(making, "simulate", counted)
    return calls


def carried_out(plan, folder):
    folder.mkdir(exist_ok=True)
    write_plan(plan, folder, base=Path())
    return carry_out(plan, folder, workers=Workers(), watched=Watching())


def figures(folder):
    rows = load_study(folder).table().to_pylist()
    return sorted((row["run"], row["metric"], row["value"]) for row in rows if "wall" not in row["metric"])


def priced(folder):
    return sum(run.kept.priced for run in load_study(folder).runs)


def each_trained(plan, folder, monkeypatch):
    """The same study with no run priced from another."""
    with monkeypatch.context() as patch:
        patch.setattr("chipsim.study.engine.shared", lambda runs: [(run,) for run in runs])
        carried_out(plan, folder)


def test_once_for_all_cost_sets(tmp_path, trained, monkeypatch):
    """Each chip and seed is trained once; figure by figure the runs are those made one by one."""
    said = {"architectures": ["single-pair", "metaplastic-qnn"], "costs": SETS, "seeds": 2}
    plan = plan_study(small(**said))
    outcome = carried_out(plan, tmp_path / "once")
    assert (outcome.made, len(trained)) == (12, 4)
    assert priced(tmp_path / "once") == 8
    each_trained(plan, tmp_path / "each", monkeypatch)
    assert len(trained) == 4 + 12
    assert priced(tmp_path / "each") == 0
    assert figures(tmp_path / "once") == figures(tmp_path / "each")


def test_once_for_prices_that_are_varied(tmp_path, trained, monkeypatch):
    """Paths into costs share a training; with states of cells beside them, each number of states has one."""
    vary = {"costs.adc[*].energy": ["x0.1", "x1"], "device.states": [10, 20]}
    plan = plan_study(small(vary=vary))
    carried_out(plan, tmp_path / "once")
    assert len(trained) == 2
    each_trained(plan, tmp_path / "each", monkeypatch)
    assert figures(tmp_path / "once") == figures(tmp_path / "each")


def test_whole_results_are_those_made_one_by_one(tmp_path, monkeypatch):
    """Ledger, trajectory, descriptions and values, too; only provenance tells the difference."""
    plan = plan_study(small(costs=SETS, keep="weights"))
    carried_out(plan, tmp_path / "once")
    each_trained(plan, tmp_path / "each", monkeypatch)
    for run in plan.runs:
        one, other = (load_study(tmp_path / name).result(run.id) for name in ("once", "each"))
        for part in ("epochs", "ledger", "wear", "chip", "costs", "workload", "values", "graph", "kept"):
            assert getattr(one, part) == getattr(other, part), part
        assert one.weights.keys() == other.weights.keys()
        assert one.provenance["run"] == run.id
        assert one.provenance["command"] == other.provenance["command"]
        if run is not plan.runs[0]:
            assert one.provenance["repriced"]["run"] == plan.runs[0].id


def test_a_cost_set_that_is_added_later(tmp_path, trained):
    """It is priced from what was trained before."""
    carried_out(plan_study(small(costs=SETS[:1])), tmp_path / "out")
    outcome = carried_out(plan_study(small(costs=SETS)), tmp_path / "out")
    assert (outcome.kept, outcome.made, len(trained)) == (1, 2, 1)
    assert priced(tmp_path / "out") == 2


def test_a_kept_run_that_is_damaged_since(tmp_path, trained):
    """What cannot be read is not priced from; the next is trained."""
    first = plan_study(small(costs=SETS[:1]))
    carried_out(first, tmp_path / "out")
    programs = tmp_path / "out" / "runs" / first.runs[0].id / "programs.parquet"
    programs.write_bytes(b"x" * programs.stat().st_size)
    outcome = carried_out(plan_study(small(costs=SETS)), tmp_path / "out")
    assert (outcome.made, len(trained)) == (2, 2)


def test_a_kept_run_that_was_cut_off_since(tmp_path, trained):
    """It is no run of the study any more, and is made again with the others, trained once."""
    first = plan_study(small(costs=SETS[:1]))
    carried_out(first, tmp_path / "out")
    (tmp_path / "out" / "runs" / first.runs[0].id / "programs.parquet").write_bytes(b"no programs")
    outcome = carried_out(plan_study(small(costs=SETS)), tmp_path / "out")
    assert (outcome.made, len(trained)) == (3, 2)


def test_results_that_cannot_be_priced(tmp_path, trained, monkeypatch):
    """Each run is trained where programs were not kept, or charge by kinds of one's own."""

    def refused(_result):
        raise OutputError("the run used kinds of one's own")

    monkeypatch.setattr(making, "Pricing", refused)
    outcome = carried_out(plan_study(small(costs=SETS)), tmp_path / "out")
    assert (outcome.made, len(trained), priced(tmp_path / "out")) == (3, 3, 0)


def test_a_run_that_diverges(tmp_path, trained, monkeypatch):
    """It does so under every cost set, and is told and kept of each; trained once, and not again."""
    update = WeightBlock.update
    # No rate that is allowed does it.
    monkeypatch.setattr(WeightBlock, "update", lambda block, x, d, *, rate: update(block, x, d, rate=1e38))
    plan = plan_study(small(architectures=["digital-fp32"], costs=SETS))
    outcome = carried_out(plan, tmp_path / "out")
    assert (outcome.made, len(outcome.failed), len(trained)) == (0, 3, 1)
    runs = load_study(tmp_path / "out").runs
    assert [run.state for run in runs] == ["stopped"] * 3
    assert all("training diverged" in run.why for run in runs)
    assert len({run.kept.figures["energy_aJ"] for run in runs}) == 3
    again = carried_out(plan, tmp_path / "out")
    assert (len(again.failed), len(trained)) == (3, 1)


def test_a_run_that_breaks_costs_no_other(tmp_path, trained, monkeypatch):
    """The next of its group is trained in its place."""
    simulate, left = making.simulate, [1]

    def breaking(*arguments, **options):
        if left:
            left.pop()
            raise ZeroDivisionError("by a part")
        return simulate(*arguments, **options)

    monkeypatch.setattr(making, "simulate", breaking)
    outcome = carried_out(plan_study(small(costs=SETS)), tmp_path / "out")
    assert (outcome.made, [error for _, error in outcome.failed]) == (2, ["ZeroDivisionError: by a part"])
    assert len(trained) == 1


def test_what_shares_a_training():
    """Cost sets and prices do; chips, workloads, seeds and what is varied of them do not."""
    vary = {"costs.sram.read": ["x1", "x2"], "device.states": [10, 20]}
    plan = plan_study(small(costs=SETS, vary=vary, seeds=2))
    groups = shared(plan.runs)
    assert [len(group) for group in groups] == [6] * 4
    assert [run.seed for group in groups for run in group] == [0] * 12 + [1] * 12


def test_the_page_says_so(tmp_path):
    """A reader has to know that accuracies under other costs are no further evidence."""
    carried_out(plan_study(small(costs=SETS)), tmp_path / "out")
    page = write_study_page(gather_kept(load_study(tmp_path / "out")), tmp_path / "page.html").read_text()
    assert "2 of 3 runs were not trained but priced from one that differs in costs alone" in page
