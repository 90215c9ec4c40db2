"""Lives of the lifetime report: which are kept, and what is done again."""

import pytest


@pytest.fixture
def lives(tool, monkeypatch):
    """The tool, with two short lives of one chip that nobody simulates."""
    found = tool("lifetimes")
    monkeypatch.setattr(found, "CHIPS", (found.Chip("single-pair", 100, {"sticks": 0.1}, 3, seeds=(0, 1)),))
    done = []

    def lived(chip, wear, seed):
        done.append(seed)
        same = dict.fromkeys(found.HEADS, 1)
        return [
            same | {"chip": chip.name, "wear": wear, "seed": seed, "settings": found.settings(chip, wear)}
        ]

    monkeypatch.setattr(found, "lived", lived)
    return found, done


def test_lives_that_stand_there_are_kept(lives, tmp_path):
    """Nothing is simulated twice."""
    tool, done = lives
    first = list(tool.lives_in(tmp_path / "lives.csv"))
    assert list(tool.lives_in(tmp_path / "lives.csv")) == first
    assert done == [0, 1]


@pytest.mark.parametrize("changed", ["endurance", "most", "steps"])
def test_lives_of_other_settings_are_done_again(lives, tmp_path, monkeypatch, changed):
    """And the old ones leave the file."""
    tool, done = lives
    file = tmp_path / "lives.csv"
    list(tool.lives_in(file))
    more = {"endurance": 200, "most": 4, "steps": {"sticks": 0.2}}
    chip = tool.attrs.evolve(tool.CHIPS[0], **{changed: more[changed]})
    monkeypatch.setattr(tool, "CHIPS", (chip,))
    list(tool.lives_in(file))
    assert done == [0, 1, 0, 1]
    assert len(file.read_text(encoding="utf-8").splitlines()) == 3


def test_rows_from_before_settings_were_kept_are_done_again(lives, tmp_path):
    """Nobody knows what they were simulated with."""
    tool, done = lives
    file = tmp_path / "lives.csv"
    file.write_text("chip,wear,seed,training\nsingle-pair,sticks,0,1\n", encoding="utf-8")
    list(tool.lives_in(file))
    assert done == [0, 1]


def test_wears_differ_in_narrowing_alone(tool):
    """So that what narrowing does can be told."""
    wears = tool("lifetimes").WEARS
    assert wears["narrows"] == wears["sticks"][:-1] + ", narrows: {upper: 0.2, lower: 0.2}}"
