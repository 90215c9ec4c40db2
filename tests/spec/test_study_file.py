"""Scenario files: what they are read into, and what is told of those with mistakes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chipsim.errors import DescriptionError
from chipsim.limits import POINTS
from chipsim.spec.nodes import parse_yaml
from chipsim.spec.study import RunsOf
from chipsim.spec.study_file import read_study, study_from
from chipsim.spec.study_values import value_text, vary_of
from tests.study.made import scenario

WHOLE = """\
name: states
question: How many?
architectures:
  - single-pair
  - {label: quiet, architecture: chips/mine.yaml, set: {device.step_variation: 0}}
workloads: [mnist-5k]
set: {"phases[*].epochs": 3}
vary:
  - device.states: [10, 20]
  - {learning_rate: {from: 0.01, to: 1, points: 3, scale: log}, update.window: [1, 2, 4], only: [quiet]}
seeds: [0, 7]
costs: [cmos-32nm, mine/cheap.yaml]
metrics: [energy_aJ]
claims:
  - claim: it learns
    metric: test_accuracy_percent
    of: {chip: quiet, device.states: 10}
    published: 97
    tolerance: 0.5
    source: somebody 2020
"""


def problems(said, **more):
    with pytest.raises(DescriptionError) as caught:
        scenario(**said, **more)
    return [str(problem) for problem in caught.value.problems]


def test_a_whole_file(tmp_path):
    """Every key; paths are from the folder of the file."""
    file = tmp_path / "states.yaml"
    file.write_text(WHOLE)
    spec = read_study(file).spec
    assert [chip.label for chip in spec.architectures] == ["single-pair", "quiet"]
    assert spec.architectures[1].architecture == str(tmp_path / "chips/mine.yaml")
    assert spec.architectures[1].set == ("device.step_variation=0",)
    assert spec.set == ("phases[*].epochs=3",)
    assert spec.vary[0].points == ((10,), (20,))
    assert spec.vary[1].points == ((0.01, 1), (0.1, 2), (1.0, 4))
    assert spec.vary[1].only == ("quiet",)
    assert spec.seeds == (0, 7)
    assert spec.costs == ("cmos-32nm", str(tmp_path / "mine/cheap.yaml"))
    assert spec.claims[0].of == RunsOf(chip="quiet", varied=(("device.states", "10"),))


def test_python_and_file_say_the_same(tmp_path):
    """The document of a file reads back as the same study."""
    file = tmp_path / "states.yaml"
    file.write_text(WHOLE)
    read = read_study(file)
    assert study_from(read.document, folder=tmp_path).spec == read.spec


def test_problems_know_their_lines(tmp_path):
    """Each key and value that is wrong, where it stands, all at once."""
    file = tmp_path / "bad.yaml"
    file.write_text("name: a b\narchitectures: []\nworkloads: [mnist-5k]\nvarry: {}\nseeds: 0\n")
    with pytest.raises(DescriptionError) as caught:
        read_study(file)
    assert [problem.line for problem in caught.value.problems] == [1, 2, 4, 5]
    assert "did you mean 'vary'?" in str(caught.value)


def test_a_missing_file(tmp_path):
    """It is told with the files that are there."""
    (tmp_path / "states.yaml").write_text(WHOLE)
    with pytest.raises(DescriptionError, match=r"no such file; did you mean 'states\.yaml'"):
        read_study(tmp_path / "state.yaml")


@pytest.mark.parametrize("document", [{}, {"name": "a"}, {"architectures": ["a"], "workloads": ["b"]}])
def test_what_is_missing(document):
    """A scenario needs a name, chips and workloads."""
    with pytest.raises(DescriptionError, match=r"missing key|must be a scenario"):
        study_from(document)


@pytest.mark.parametrize(
    "name", ["", "..", "../up", "a/b", "a\\b", "a\nb", "<script>", "x" * 81, ".hidden", 3]
)
def test_hostile_names(name):
    """A name is that of a folder on any system."""
    assert problems({"name": name})


@pytest.mark.parametrize("label", ["", " a", "a\tb", "x" * 81, "a\u202eb", 5])
def test_hostile_labels(label):
    """A label is printed, and stands in every legend."""
    assert problems({"architectures": [{"architecture": "single-pair", "label": label}]})


@pytest.mark.parametrize(
    ("key", "other"), [("architectures", "single-pair"), ("workloads", "mnist-5k")], ids=["chip", "task"]
)
def test_an_entry_within_an_entry(key, other):
    """What the inner one says would be lost."""
    one = key.removesuffix("s")
    inner = {one: other, "set": {"device.states": 5}, "label": "inner"}
    told = problems({key: [{one: inner, "label": "outer"}]})
    assert told == [f"{key}.0.{one}: must be a name or a path, not a mapping"]


def test_of_values_that_go_together_one_may_come_again():
    """Points have to differ, and not each of their values."""
    spec = scenario(vary=[{"a.b": [10, 20, 50], "c": [0.1, 0.1, 0.2]}]).spec
    assert spec.vary[0].points == ((10, 0.1), (20, 0.1), (50, 0.2))
    close = scenario(vary=[{"a.b": {"from": 1, "to": 2, "points": 3}, "c": [1, 2, 3]}]).spec
    assert [point[0] for point in close.vary[0].points] == [1, 2, 2]
    told = problems({"vary": [{"a.b": [10, 20, 10], "c": [0.1, 0.1, 0.1]}]})
    assert told == ["vary.0: a.b: 10, c: 0.1 is given twice"]


def test_labels_that_are_there_twice():
    """Seeds are repetitions; two chips of one name would be taken for such."""
    said = {"architectures": ["single-pair", {"architecture": "other", "label": "single-pair"}]}
    assert problems(said) == ["architectures.1: 'single-pair' is there twice; give one of them another label"]


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"from": 1, "to": 9, "step": 4}, [1, 5, 9]),
        ({"from": 1, "to": 10, "step": 4}, [1, 5, 9]),
        ({"from": 0, "to": 1, "step": 0.25}, [0.0, 0.25, 0.5, 0.75, 1.0]),
        ({"from": 0.1, "to": 0.3, "step": 0.1}, [0.1, 0.2, 0.3]),
        ({"from": 1, "to": 100, "points": 3, "scale": "log"}, [1, 10, 100]),
        ({"from": "1 ns", "to": "100 ns", "points": 3, "scale": "log"}, ["1 ns", "10 ns", "100 ns"]),
        ([True, "auto", [1, 2], {"kind": "bus"}], [True, "auto", [1, 2], {"kind": "bus"}]),
    ],
)
def test_values(values, expected):
    """Lists as they are; ranges by step, or by points of equal distance or factor."""
    points = scenario(vary={"a.b": values}).spec.vary[0].points
    assert [point[0] for point in points] == expected


def test_draws():
    """As many as asked for, inside, the same again for a seed, others for another, apart for each path."""
    draw = {"from": 0.001, "to": 1, "random": 50, "scale": "log"}
    axis = scenario(vary=[{"a": draw, "b": draw}]).spec.vary[0]
    again = scenario(vary=[{"a": draw, "b": draw}]).spec.vary[0]
    other = scenario(vary=[{"a": {**draw, "seed": 1}, "b": draw}]).spec.vary[0]
    assert axis == again
    assert axis.points != other.points
    first, second = zip(*axis.points, strict=True)
    assert first != second
    assert len(first) == 50
    assert all(0.001 <= value <= 1 for value in first)
    # Even in the logarithm: as many below the middle factor as above, up to chance (7 of 50 by binomial).
    assert 10 <= sum(value < 0.0316 for value in first) <= 40


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ([], "has no values"),
        ([1, 1], "1 is given twice"),
        ([float("nan")], "must be a finite number"),
        ([{"deep": float("inf")}], "must be a finite number"),
        (3, "must be a list of values, or a range"),
        ({"from": 1, "to": 1, "points": 2}, "must go from less to more"),
        ({"from": 0, "to": 1, "points": 3, "scale": "log"}, "must be more than 0 where the scale is log"),
        ({"from": 1, "to": 5}, "must have one of step, points and random, and has none"),
        ({"from": 1, "to": 5, "step": 1, "points": 2}, "and has step and points"),
        ({"from": 1, "to": 5, "step": 0}, "must be more than 0"),
        ({"from": 1, "to": 5, "step": 1, "scale": "log"}, "goes with scale: linear"),
        ({"from": 1, "to": 5, "points": 1}, "must be at least 2"),
        ({"from": 1, "to": 5, "points": 3, "seed": 1}, "goes with random"),
        ({"from": 1, "to": 5, "ponts": 3}, "did you mean 'points'"),
        ({"from": 1, "to": 5, "points": 3, "scale": "lg"}, "did you mean 'log'"),
        ({"from": "1 ns", "to": "1 us", "points": 3}, "must have the unit of the lower end, ns"),
        ({"from": "1 ns", "to": 2, "points": 3}, "must have the unit ns"),
        ({"from": True, "to": 2, "points": 3}, "must be a number"),
        ({"from": 1, "to": 3, "random": 100}, "gives 3 different whole numbers for 100 points"),
        (
            {"from": 1.0, "to": 1.00000000001, "points": 3},
            "gives 1 different numbers of 10 digits for 3 points",
        ),
        ({"from": 1, "to": 10**400, "points": 3}, "beyond what a floating-point number can be"),
        ({"from": -(10**400), "to": 1, "step": 1}, "beyond what a floating-point number can be"),
        ({"from": 1, "to": 5, "step": 10**400}, "beyond what a floating-point number can be"),
        ({"from": -1.0e308, "to": 1.0e308, "points": 3}, "is too wide: from -1e+308 to 1e+308"),
        ({"from": 0, "to": 1e9, "step": 1e-3}, f"more than {POINTS:,} values"),
        ({"from": 0, "to": 1, "points": 10**9}, f"more than {POINTS:,} values"),
        ({"from": 0.0, "to": 1, "random": 10**9}, f"more than {POINTS:,} values"),
    ],
)
def test_bad_values(values, message):
    """What is no list and no range of values is refused for a reason."""
    (told,) = problems({"vary": {"a.b": values}})
    assert told.startswith("vary.a.b")
    assert message in told


@pytest.mark.parametrize(
    ("vary", "message"),
    [
        (3, "must be a mapping of paths to values, or a list"),
        ([3], "must be a mapping of paths to values"),
        ([{"a": [1, 2], "b": [1]}], "paths that go together need as many values each"),
        ([{"a": [1]}, {"a": [2]}], "a is varied twice"),
        ([{"a": [1], "only": ["singel-pair"]}], "did you mean 'single-pair'"),
        ([{"only": ["single-pair"]}], "varies nothing"),
    ],
)
def test_bad_axes(vary, message):
    """What is varied has paths and values, and paths that go together have as many."""
    assert message in "\n".join(problems({"vary": vary}))


@pytest.mark.parametrize("seeds", [0, -1, 20_000, [], [1, 1], [-1], 1.5, "many"])
def test_bad_seeds(seeds):
    """Seeds are a number of them, or a list of different ones."""
    assert problems({"seeds": seeds})[0].startswith("seeds")


def test_what_is_kept():
    """Figures alone by default; a misspelt word is told."""
    assert scenario().spec.keep == "figures"
    assert scenario(keep="state").spec.keep == "state"
    assert problems({"keep": "wieghts"}) == [
        "keep: unknown value 'wieghts'; known: figures, weights, state; did you mean 'weights'?"
    ]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"published": "a lot"}, "must be a number"),
        ({"published": float("nan")}, "must be a finite number"),
        ({"tolerance": -1}, "must be at least 0"),
        ({"relation": "equal"}, "did you mean 'equals'"),
        ({"compare": "ratio"}, "needs the other side"),
        ({"against": {"chip": "b"}}, "goes with compare"),
        ({"of": {"chp": "a"}}, "did you mean 'chip'"),
        ({"of": {"chip": 3}}, "must be text"),
        ({"of": "a"}, "must be a mapping"),
        ({"sourse": "x"}, "did you mean 'source'"),
    ],
)
def test_bad_claims(change, message):
    """Each key of a claim is checked, and its two sides belong to a comparison."""
    claim = {"claim": "c", "metric": "energy_aJ", "of": {}, "published": 1, "source": "s", **change}
    assert message in "\n".join(problems({"claims": [claim]}))


scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
texts = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]) | st.just(" "), min_size=1)
values = st.recursive(
    scalars | texts, lambda inner: st.lists(inner) | st.dictionaries(texts, inner), max_leaves=8
)


@given(values)
def test_values_read_back(value):
    """What an override is written as means the same value again."""
    found = []
    assert parse_yaml(value_text(value), found).plain() == value
    assert not found


def test_varied_on_the_command_line():
    """Lists without brackets, ranges, entries of lists, and lists of lists."""
    given = ["device.states=10,20", "costs.adc[bits=8].energy=1 pJ,2 pJ", "a={from: 1, to: 3, step: 1}"]
    given.append("network.layers=[784, 10],[784, 20, 10]")
    assert vary_of(given) == {
        "device.states": [10, 20],
        "costs.adc[bits=8].energy": ["1 pJ", "2 pJ"],
        "a": {"from": 1, "to": 3, "step": 1},
        "network.layers": [[784, 10], [784, 20, 10]],
    }


@pytest.mark.parametrize("text", ["", "=", "a", "a=", "=1", "a[b=1", "a={from: 1", "a=[1,2"])
def test_bad_words_on_the_command_line(text):
    """What is no path with values is told as such."""
    with pytest.raises(DescriptionError, match=r"must be path=value|cannot be read"):
        vary_of([text])
