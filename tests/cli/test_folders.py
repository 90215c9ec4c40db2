"""Folders of comparisons, and what folders of runs are called."""

import pytest

from chipsim.cli.folders import claimed_group, file_name
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
