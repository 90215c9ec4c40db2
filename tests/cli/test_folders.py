"""Folders are claimed before a run, and given back when it leaves nothing."""

import pytest

from chipsim.cli.folders import claimed, claimed_anew, file_name


def test_empty_folders_are_given_back(tmp_path):
    """Folders that were made for a result that never came are removed, and no others."""
    (tmp_path / "mine").mkdir()
    with claimed(tmp_path / "mine" / "a" / "b") as folder:
        assert folder.is_dir()
    assert [path.name for path in tmp_path.rglob("*")] == ["mine"]


def test_kept_when_something_is_in_it(tmp_path):
    """A result stays where it was put."""
    with claimed(tmp_path / "a" / "b") as folder:
        (folder / "summary.json").write_text("{}")
    assert (tmp_path / "a" / "b" / "summary.json").exists()


def test_given_back_after_an_error(tmp_path):
    """A run that fails leaves no folder either."""
    with pytest.raises(ZeroDivisionError), claimed_anew(tmp_path / "runs", "chip"):
        raise ZeroDivisionError
    assert list(tmp_path.iterdir()) == []


def test_two_at_once_get_two_folders(tmp_path):
    """A number is taken as soon as it is claimed."""
    with claimed_anew(tmp_path, "chip") as one, claimed_anew(tmp_path, "chip") as other:
        assert (one.name, other.name) == ("chip--1", "chip--2")


@pytest.mark.parametrize(
    ("name", "expected"), [("../up", "up"), ("a b/c", "a-b-c"), ("..", "unnamed"), ("k=0.5", "k-0.5")]
)
def test_names_of_chips_stay_inside(name, expected):
    """A name becomes one harmless part of a path."""
    assert file_name(name) == expected
