"""A damaged run among many is named and left out, and the others are shown."""

import pytest

from chipsim.result.files import save
from tests.results_made import made_result


@pytest.fixture
def runs(folder):
    """A folder with two runs, and the folder of a third whose summary is no JSON."""
    save(made_result("single-pair"), folder / "out" / "good")
    save(made_result(), folder / "out" / "better")
    damaged = save(made_result("digital-fp32"), folder / "out" / "bad")
    (damaged / "summary.json").write_text("{", encoding="utf-8")
    return folder / "out"


@pytest.mark.parametrize("line", ["report out", "report out/good out/bad out/better -o out/report.html"])
def test_report_without_the_damaged_one(call, runs, line):
    """The page shows the others and names what is left out; the exit code is 3."""
    result = call(line)
    assert result.exit_code == 3
    assert result.stdout == "report: out/report.html\n"
    assert result.stderr.startswith("left out out/bad")
    assert len(result.stderr.splitlines()) == 1
    page = (runs / "report.html").read_text(encoding="utf-8")
    assert '<p class="warning" role="note">Left out: out/bad' in page
    assert "single-pair" in page


def test_endurance_without_the_damaged_one(call, runs):
    """The terminal shows the others, and the exit code is 3."""
    result = call("endurance out")
    assert result.exit_code == 3
    assert result.stdout.count("Counted are") == 2
    assert result.stderr.startswith("left out out/bad")


def test_a_run_without_its_description_is_not_passed_over(call, runs):
    """A folder that has lost the file by which it is known is damaged, not a stranger's."""
    (runs / "good" / "description.json").unlink()
    result = call("report out")
    assert result.exit_code == 3
    assert [line.split(":")[0] for line in sorted(result.stderr.splitlines())][1] == "left out out/good"


def test_only_damaged_ones(call, runs):
    """Where none is left, there is nothing to report."""
    (runs / "good" / "summary.json").unlink()
    (runs / "better" / "summary.json").unlink()
    result = call("report out")
    assert result.exit_code == 2
    assert len(result.stderr.splitlines()) == 4
    assert result.stderr.endswith(
        "error: none of 3 runs can be read; give a folder that 'chipsim run' wrote\n"
    )
    assert not (runs / "report.html").exists()


def test_the_one_that_was_asked_for_is_damaged(call, runs):
    """A single run that is damaged is an error as before."""
    result = call("report out/bad")
    assert result.exit_code == 2
    assert result.stderr.startswith("error: out/bad")


def test_strangers_are_left_out(call, runs, folder):
    """A pattern of the shell also catches files that are no runs, and what a killed save has left."""
    (folder / "out" / "notes.txt").write_text("mine", encoding="utf-8")
    (runs / "bad").rename(runs / ".bad.0123abcd.part")
    result = call("endurance out/good out/better out/notes.txt out/.bad.0123abcd.part")
    assert result.exit_code == 3
    assert sorted(result.stderr.splitlines()) == [
        "left out out/.bad.0123abcd.part: is what a save that was cut off has left",
        "left out out/notes.txt: is a file",
    ]


def test_a_name_that_is_wrong_is_no_damage(call, runs):
    """A folder that is not there was mistyped: nothing is shown before that is mended."""
    result = call("report out/good out/god")
    assert result.exit_code == 2
    assert result.stderr == "error: out/god: there is no such folder; give one that 'chipsim run' wrote\n"
    assert not (runs.parent / "report.html").exists()
