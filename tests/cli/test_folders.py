"""Folders of comparisons, and what folders of runs are called."""

import pytest

from chipsim.cli.folders import claimed_group, file_name, sweep_name
from chipsim.errors import OutputError


def nothing(_folder):
    pass


def test_two_comparisons_never_share_a_folder(tmp_path):
    """The second that names the folder of the first is refused; without a name it gets one of its own."""
    out = tmp_path / "out"
    with claimed_group(out, runs=tmp_path, stem="c", check=nothing):
        with (
            pytest.raises(OutputError, match="out: another run writes its results here"),
            claimed_group(out, runs=tmp_path, stem="c", check=nothing),
        ):
            pass
        with claimed_group(None, runs=tmp_path, stem="c", check=nothing) as one:
            assert one.named == tmp_path / "c--1"


@pytest.mark.parametrize(
    ("name", "expected"), [("../up", "up"), ("a b/c", "a-b-c"), ("..", "unnamed"), ("k=0.5", "k-0.5")]
)
def test_names_of_chips_stay_inside(name, expected):
    """A name becomes one harmless part of a path."""
    assert file_name(name) == expected


@pytest.mark.parametrize(
    ("arch", "paths", "expected"),
    [
        ("single-pair", ["device.states"], "single-pair--mnist--device.states"),
        ("single-pair", ["a", "b.c"], "single-pair--mnist--a--b.c"),
        ("single-pair", ["phases[*].epochs"], "single-pair--mnist--phases.epochs"),
        ("single-pair", ["adc[bits=8].energy"], "single-pair--mnist--adc-bits-8.energy"),
        ("single-pair", ["../../etc"], "single-pair--mnist--etc"),
        ("_mine", ["a"], "mine--mnist--a"),
    ],
)
def test_a_sweep_is_called_by_what_it_varies(arch, paths, expected):
    """A study's name: letters, digits, dots, dashes and underscores, a letter or digit first."""
    assert sweep_name(arch, "mnist", paths) == expected


def test_long_names_of_sweeps_are_cut_and_stay_apart():
    """To 80 characters, with eight of a checksum of the whole."""
    paths = [f"{'group.' * 20}states", f"{'group.' * 20}pulse_width"]
    names = [sweep_name("single-pair", "mnist", [path]) for path in paths]
    assert all(len(name) <= 80 and name.startswith("single-pair--mnist--group.") for name in names)
    assert len(set(names)) == 2
