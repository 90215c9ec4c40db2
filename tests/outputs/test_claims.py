"""Folders are claimed before a run, by one at a time, and given back when it leaves nothing."""

import re

import pytest

from chipsim.errors import OutputError
from chipsim.outputs.claims import CLAIM, things_in
from chipsim.result.files import claimed, claimed_anew


def test_empty_folders_are_given_back(tmp_path):
    """Folders that were made for a result that never came are removed, and no others."""
    (tmp_path / "mine").mkdir()
    with claimed(tmp_path / "mine" / "a" / "b") as place:
        assert place.target.is_dir()
    assert [path.name for path in tmp_path.rglob("*")] == ["mine"]


def test_kept_when_something_is_in_it(tmp_path):
    """A result stays where it was put."""
    with claimed(tmp_path / "a" / "b") as place:
        (place.target / "summary.json").write_text("{}")
    assert [path.name for path in (tmp_path / "a" / "b").iterdir()] == ["summary.json"]


def test_given_back_after_an_error(tmp_path):
    """A run that fails leaves no folder either."""
    with pytest.raises(ZeroDivisionError), claimed_anew(tmp_path / "runs", "chip"):
        raise ZeroDivisionError
    assert list(tmp_path.iterdir()) == []


def test_two_at_once_get_two_folders(tmp_path):
    """A number is taken as soon as it is claimed."""
    with claimed_anew(tmp_path, "chip") as one, claimed_anew(tmp_path, "chip") as other:
        assert (one.named.name, other.named.name) == ("chip--1", "chip--2")


def test_a_folder_is_claimed_once(tmp_path):
    """The second is told who the first is, and touches nothing."""
    with claimed(tmp_path / "out"):
        with pytest.raises(OutputError) as error, claimed(tmp_path / "out", overwrite=True):
            pass
        assert (tmp_path / "out" / CLAIM).is_file()
    said = (
        rf"{re.escape(str(tmp_path))}/out: another run writes its results here \(process \d+ on [^ ]+, since "
        r"[-0-9]+ [:0-9]+ UTC\); choose another folder, or wait until it has ended"
    )
    assert re.fullmatch(said, str(error.value))
    assert list(tmp_path.iterdir()) == []


def test_a_folder_by_two_names_is_one(tmp_path):
    """A link to the folder is the folder."""
    (tmp_path / "out").mkdir()
    (tmp_path / "link").symlink_to("out")
    with (
        claimed(tmp_path / "out"),
        pytest.raises(OutputError, match="another run"),
        claimed(tmp_path / "link"),
    ):
        pass


def test_what_the_dead_left_is_taken_over(tmp_path):
    """The claim and the half-written files of a process that was killed are nobody's."""
    for name in ("chip--1", "out"):
        (tmp_path / name / ".saving").mkdir(parents=True)
        (tmp_path / name / ".saving" / "wear.parquet").write_text("half")
        (tmp_path / name / CLAIM).write_text("{}")
    with claimed_anew(tmp_path, "chip") as one, claimed(tmp_path / "out") as other:
        assert one.named.name == "chip--1"
        assert [path.name for path in other.target.iterdir()] == [CLAIM]
    assert [path.name for path in tmp_path.rglob("*")] == ["out"]


def test_an_empty_folder_of_others_is_not_taken(tmp_path):
    """A number whose folder somebody made counts as taken, though nothing is in it."""
    (tmp_path / "chip--1").mkdir()
    with claimed_anew(tmp_path, "chip") as place:
        assert place.named.name == "chip--2"


def test_a_fresh_disk_is_empty(tmp_path):
    """What every fresh disk has in its topmost folder is in nobody's way."""
    (tmp_path / "lost+found").mkdir()
    assert things_in(tmp_path) == []
    with claimed(tmp_path) as place:
        assert place.target == tmp_path
