"""Scenarios from Python: numpy, ranges and paths, and what no file could hold."""

import json
from pathlib import Path
from types import MappingProxyType

import numpy as np
import pytest

from chipsim.errors import DescriptionError
from chipsim.limits import VALUES
from chipsim.spec.study_file import study_from

SAID = {"name": "made", "architectures": ["single-pair"], "workloads": ["mnist-5k"]}


def problems(**said):
    with pytest.raises(DescriptionError) as caught:
        study_from({**SAID, **said})
    return [str(problem) for problem in caught.value.problems]


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (np.arange(10, 30, 10), [10, 20]),
        (list(np.arange(10, 30, 10)), [10, 20]),
        (range(3), [0, 1, 2]),
        ((1, 2), [1, 2]),
        (np.linspace(0, 1, 3), [0.0, 0.5, 1.0]),
        ([np.float64(0.5), np.int8(3), np.bool_(True), np.str_("a")], [0.5, 3, True, "a"]),
        (np.array(["1 ns", "2 ns"]), ["1 ns", "2 ns"]),
        ([np.array([1, 2])], [[1, 2]]),
        ({"from": np.int64(1), "to": np.array(3), "step": np.uint8(1)}, [1, 2, 3]),
        (MappingProxyType({"from": 1, "to": 3, "step": 1}), [1, 2, 3]),
    ],
)
def test_what_numpy_has(values, expected):
    """Is what a file would say, and is written down as such."""
    scenario = study_from({**SAID, "vary": {"a.b": values}, "set": {"c": np.int64(5)}, "seeds": np.int64(2)})
    assert [point[0] for point in scenario.spec.vary[0].points] == expected
    assert all(
        type(point[0]) is type(one) for point, one in zip(scenario.spec.vary[0].points, expected, strict=True)
    )
    assert scenario.spec.set == ("c=5",)
    assert study_from(json.loads(json.dumps(scenario.document))).spec == scenario.spec


def test_paths(tmp_path):
    """A chip by its path, as other calls take it."""
    spec = study_from({**SAID, "architectures": [tmp_path / "mine.yaml"], "costs": [Path("my.yaml")]}).spec
    assert spec.architectures[0].architecture == str(tmp_path / "mine.yaml")
    assert spec.costs == ("my.yaml",)


def test_what_no_file_could_hold():
    """All of it, each with its path and what it is."""
    told = problems(
        set={"a": object(), "b": [1, {2}]}, vary={"c": np.array(["2020-01-01"], dtype="M8[D]"), "d": b"x"}
    )
    wanted = "must be a number, a text, true, false, null, a list or a mapping, not"
    assert told == [
        f"set.a: {wanted} object",
        f"set.b.1: {wanted} set",
        f"vary.c.0: {wanted} date",
        f"vary.d: {wanted} bytes",
    ]


def test_a_range_that_is_too_long():
    """It is refused before it becomes a list."""
    assert problems(vary={"c": range(10**15)}) == [
        f"vary.c: must have at most {VALUES:,} values, not 'range(0, 1000000000000000)'"
    ]


def test_an_array_that_holds_itself():
    """It is refused as too deep."""
    array = np.empty(1, dtype=object)
    array[0] = array
    assert problems(vary={"c": array})


@pytest.mark.parametrize("document", [5, None, ["a"], {"a"}])
def test_what_is_no_mapping(document):
    """Told as such."""
    with pytest.raises(DescriptionError, match="must be the path of a scenario file or a mapping, not a"):
        study_from(document)
