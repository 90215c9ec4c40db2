"""What results are called beside each other, and how they look."""

import attrs
import hypothesis.strategies as st
import pytest
from hypothesis import given

from chipsim.report import write_report
from chipsim.report.figure import looks
from chipsim.result import Valued
from chipsim.result.labels import labels, runs_named, variants
from chipsim.result.standing import groups_of
from tests.results_made import ARCHITECTURES, made_result

WEIGHTS = ("fixed-8", "fixed-10", "float-32")


def _with(result, **summary):
    return attrs.evolve(result, summary={**result.summary, **summary})


def _valued(result, kind="set", **given):
    """The result with values at these paths, dots written as two underscores."""
    said = {path.replace("__", "."): value for path, value in given.items()}
    values = [Valued(path=path, value=value, kind=kind, text="made up") for path, value in said.items()]
    kept = [value for value in result.values if value.path not in said]
    return attrs.evolve(result, values=(*kept, *values))


@pytest.fixture(scope="module")
def made():
    return made_result()


def test_what_is_needed_and_no_more(made):
    """The architecture alone, or with the workload, seed or epochs in which its runs differ."""
    assert labels([made_result(name) for name in ARCHITECTURES]) == list(ARCHITECTURES)
    seeds = [made, made_result(seed=2), made_result("single-pair")]
    assert labels(seeds) == ["hybrid-synapse (seed 1)", "hybrid-synapse (seed 2)", "single-pair"]
    assert labels([made, made]) == ["hybrid-synapse #1", "hybrid-synapse #2"]
    assert labels([_with(made, epochs_run=1), made])[0] == "hybrid-synapse (1 epoch run)"
    assert labels([made, _with(made, workload="mnist")])[1] == "hybrid-synapse on mnist"


def test_values_that_were_set_and_differ(made):
    """A sweep is named by the value swept; a run without it by the value that it has there, if any."""
    swept = [_valued(made, memory__weights=value) for value in WEIGHTS[:2]]
    plain = _valued(made, kind="assumed", memory__weights="float-32")
    assert labels([*swept, plain]) == [f"hybrid-synapse (memory.weights = {value})" for value in WEIGHTS]
    assert labels([swept[0], made]) == ["hybrid-synapse (memory.weights = fixed-8)", "hybrid-synapse"]
    other = _valued(made_result("single-pair"), memory__weights="fixed-12")
    assert labels([swept[0], other]) == ["hybrid-synapse", "single-pair"]


def _from(result, folder, state):
    start = {"folder": folder, "state_sha256": state}
    return attrs.evolve(result, provenance={**result.provenance, "start": start})


def test_runs_that_went_on_are_told_apart(made):
    """Trained cells are no seed of fresh ones, and two runs in one folder after each other are two starts."""
    on = _from(_with(made, seed=2), "c1", "a" * 40)
    assert variants([made, on]) == ["hybrid-synapse", "hybrid-synapse (from c1)"]
    assert labels([made, on]) == ["hybrid-synapse (seed 1)", "hybrid-synapse (from c1, seed 2)"]
    assert variants([on, _from(made, "c1", "b" * 40)]) == [
        "hybrid-synapse (from c1, aaaaaaaa)",
        "hybrid-synapse (from c1, bbbbbbbb)",
    ]
    assert variants([on, _from(made, "c1", "a" * 40)]) == ["hybrid-synapse"] * 2
    assert len(groups_of([made, on])) == 2


def test_values_that_all_have_set_alike(made):
    """What was set in all runs alike tells nothing, and is not told."""
    swept = [_valued(made, memory__weights=value, device__states="5") for value in WEIGHTS]
    assert labels(swept) == [f"hybrid-synapse (memory.weights = {value})" for value in WEIGHTS]


def test_a_sweep_with_several_seeds(made):
    """Values and seeds are told together, the value even where the seed would tell runs apart."""
    one, other = (_valued(made, workload__batch=value) for value in ("1", "8"))
    assert labels([one, _with(other, seed=2)]) == [
        "hybrid-synapse (batch = 1, seed 1)",
        "hybrid-synapse (batch = 8, seed 2)",
    ]


def test_the_same_value_of_several_phases_is_told_once(made):
    """Paths that differ in a number and hold the same values are one."""
    few, many = (
        _valued(made, workload__phases__0__dataset__train=size, workload__phases__1__dataset__train=size)
        for size in ("600", "4000")
    )
    assert labels([few, many]) == [
        "hybrid-synapse (phases.0+1.dataset.train = 600)",
        "hybrid-synapse (phases.0+1.dataset.train = 4000)",
    ]


def test_entries_with_names_are_told_together(made):
    """Phases by name, levels by number; names may have dots in them."""
    runs = []
    for value in ("600", "4000"):
        one = _valued(made, unused=value)
        paths = ("workload.phases[name=a.b].dataset.train", "workload.phases[name=c].dataset.train")
        values = [Valued(path=path, value=value, kind="set", text="--set") for path in paths]
        runs.append(attrs.evolve(one, values=tuple(values)))
    assert labels(runs) == [
        "hybrid-synapse (phases[name=a.b+c].dataset.train = 600)",
        "hybrid-synapse (phases[name=a.b+c].dataset.train = 4000)",
    ]


def test_the_same_value_of_many_phases_is_short(made):
    """Of more than three numbers the first and the last are told."""
    runs = [
        _valued(made, **{f"workload__phases__{phase}__learning_rate": rate for phase in range(60)})
        for rate in ("0.1", "0.2")
    ]
    assert labels(runs) == [
        f"hybrid-synapse (phases.0\N{HORIZONTAL ELLIPSIS}59.learning_rate = {rate})"
        for rate in ("0.1", "0.2")
    ]


def test_epochs_that_were_asked_for(made):
    """Epochs of all phases are added; where they are moved between phases, each phase is told."""
    short, long, moved = (
        _valued(made, workload__phases__0__epochs=first, workload__phases__1__epochs=second)
        for first, second in (("1", "2"), ("2", "4"), ("2", "1"))
    )
    assert labels([short, long]) == ["hybrid-synapse (3 epochs)", "hybrid-synapse (6 epochs)"]
    assert labels([short, moved]) == [
        "hybrid-synapse (phases.0.epochs = 1, phases.1.epochs = 2)",
        "hybrid-synapse (phases.0.epochs = 2, phases.1.epochs = 1)",
    ]


def test_runs_alike_but_timed_or_stopped(made):
    """Of runs set up alike, those only timed are told; else epochs that were run."""
    planned = _valued(made, workload__phases__0__epochs="20")
    timed = _with(planned, timing_only=True, epochs_run=20)
    assert labels([_with(planned, epochs_run=20), timed]) == ["hybrid-synapse", "hybrid-synapse (timed only)"]
    stopped = _with(planned, epochs_run=3, complete=False)
    assert labels([_with(planned, epochs_run=20), stopped]) == [
        "hybrid-synapse (20 epochs run)",
        "hybrid-synapse (3 epochs run)",
    ]


def test_many_values_and_long_ones(made):
    """At most three values are told, those that tell most apart, each cut; a number tells the rest."""
    rows = [("1", "1", "1", "1"), ("2", "1", "2", "2"), ("3", "2", "3", "3"), ("3", "3", "3", "3")]
    runs = [_valued(made, **dict(zip("dbca", row, strict=True))) for row in rows]
    told = labels(runs)
    assert told[1] == "hybrid-synapse (d = 2, b = 1, c = 2, \N{HORIZONTAL ELLIPSIS})"
    assert len(set(told)) == 4
    levels = [f"[{', '.join(map(str, range(start, 40)))}]" for start in (0, 1)]
    assert labels([_valued(made, synapse__levels=text) for text in levels]) == [
        "hybrid-synapse (synapse.levels = [0, 1, 2, 3, 4, 5, 6, 7\N{HORIZONTAL ELLIPSIS})",
        "hybrid-synapse (synapse.levels = [1, 2, 3, 4, 5, 6, 7, 8\N{HORIZONTAL ELLIPSIS})",
    ]
    ends = [_valued(made, synapse__levels=f"[{'0, ' * 30}{end}]") for end in (1, 2)]
    assert [label[-3:] for label in labels(ends)] == [" #1", " #2"]


def test_descriptions_of_one_name_that_differ(made):
    """Where nothing was set, values of the descriptions tell chips of one name apart."""
    runs = [_valued(made, kind="assumed", device__states=states) for states in ("50", "60")]
    assert labels(runs) == [f"hybrid-synapse (device.states = {states})" for states in ("50", "60")]


def test_a_number_that_an_architecture_has_already(made):
    """Numbers go on after those that are names of others."""
    named = _with(made, architecture="hybrid-synapse #1")
    assert labels([made, made, named]) == ["hybrid-synapse #2", "hybrid-synapse #3", "hybrid-synapse #1"]


_TEXT = st.sampled_from(["1", "2", "<b>", ""])


@given(
    st.lists(
        st.tuples(st.sampled_from("ab"), st.dictionaries(st.sampled_from("pqrst"), _TEXT), st.booleans()),
        max_size=7,
    )
)
def test_labels_are_unique_and_short(runs):
    """Whatever was set, no two results share a name, and none tells more than three values."""
    base = made_result(epochs=1, samples=1, shapes=((2, 2),))
    results = [
        _valued(_with(base, architecture=name, timing_only=timed), **values) for name, values, timed in runs
    ]
    told = labels(results)
    assert len(set(told)) == len(told) == len(results)
    # Here paths and values have a character each: "a (p = <b>, q = 1, r = 2, …, timed only) #7".
    assert all(label.count(" = ") <= 3 and len(label) <= 48 for label in told)


def test_runs_in_a_title(made):
    """A title counts the runs of each architecture."""
    assert runs_named([made, made_result("single-pair"), made]) == ["hybrid-synapse (2 runs)", "single-pair"]


def test_seeds_share_a_colour(made):
    """Colour says which chip, as it was set up; dashes say which of its runs."""
    first, second, third = looks([made, made_result(seed=2), made_result("single-pair")])
    assert first.color == second.color != third.color
    assert first.dash != second.dash
    assert variants([made, made_result(seed=2)]) == ["hybrid-synapse"] * 2


def test_runs_of_a_sweep_have_colours_of_their_own(made):
    """Runs that differ in what was set differ in colour, with another chip beside them or not."""
    swept = [_valued(made, memory__weights=value) for value in WEIGHTS]
    for results in (swept, [*swept, made_result("single-pair")]):
        assert len({look.color for look in looks(results)}) == len(results)
    repeated = looks([*swept, *(_with(one, seed=2) for one in swept)])
    assert [look.swatch for look in repeated] == [0, 1, 2, 0, 1, 2]


def test_runs_of_one_chip_have_colours_of_their_own(made):
    """Where all runs are alike but for their seeds, colours tell them apart, not dashes alone."""
    styles = looks([_with(made, seed=seed) for seed in range(8)])
    assert len({look.color for look in styles}) == 7
    assert len({(look.color, look.dash) for look in styles}) == 8


def test_labels_in_figures_are_escaped(tmp_path, made):
    """A value that somebody set stands in the page as text."""
    nasty = "<b>@@series-0"
    text = write_report([_valued(made, x=nasty), _valued(made, x="1")], tmp_path / "r.html").read_text(
        "utf-8"
    )
    assert "hybrid-synapse (x = &lt;b&gt;@@series-0)" in text
    assert "(x = <b>" not in text
    assert "(x = \\u0026lt;b\\u0026gt;@\\u0026#64;series-0)" in text
