"""Studies at one area on the command line: what is told before, after and in the folder, and what is refused."""

from __future__ import annotations

import json

import pytest
import yaml
from click.testing import CliRunner

from chipsim.cli import main
from chipsim.result.files import load
from chipsim.study.kept import load_study
from tests.study.made import SMALL

SAID = {
    "name": "made",
    "architectures": ["digital-fp32", "digital-adam"],
    "workloads": ["mnist-5k"],
    "set": list(SMALL),
    "timing_only": True,
    "equal_area": "largest",
}
HEAD = "equal area, by changing counts of hardware:\n"


def chipsim(*args):
    return CliRunner().invoke(main, list(map(str, args)))


def write(folder, **more):
    file = folder / "made.yaml"
    file.write_text(yaml.safe_dump({**SAID, **more}))
    return file


def test_a_study_at_one_area(tmp_path):
    """The same sentences in check, in the terminal and on the page, also on one that is made again."""
    file, folder = write(tmp_path), tmp_path / "out"
    checked = chipsim("check", file)
    assert checked.exit_code == 0, checked.output
    told = checked.stdout.partition(HEAD)[2].splitlines()
    assert [line.partition(":")[0].strip() for line in told] == SAID["architectures"]
    done = chipsim("study", file, "-o", folder)
    assert done.exit_code == 0, done.output
    assert HEAD + "\n".join(told) in done.stdout
    assert "not at equal area" not in done.stdout
    made = (folder / "report.html").read_text(encoding="utf-8")
    assert all(line.strip() in made for line in told)
    assert "(equal area; was " in made
    assert chipsim("report", folder, "--overwrite").exit_code == 0
    assert all(line.strip() in (folder / "report.html").read_text(encoding="utf-8") for line in told)
    study = load_study(folder)
    areas = [load(folder / "runs" / run.planned.id).summary["area_mm2"] for run in study.done]
    assert areas[0] == pytest.approx(areas[1], rel=0.001)
    kept = json.loads((folder / "study.json").read_text())["areas"]
    assert [round(one["adjusted"]["area_nm2"] / 1e12, 9) for one in kept] == [
        round(area, 9) for area in areas
    ]


def test_what_stays_away_is_a_caveat(tmp_path):
    """With how far it is, in per cent."""
    done = chipsim("study", write(tmp_path, equal_area="2 mm2"), "-o", tmp_path / "out")
    assert done.exit_code == 0, done.output
    words = " ".join(done.stdout.split())
    assert "note: digital-fp32 is not at equal area: 198.52 % above 2 mm2." in words


def test_a_sweep_at_one_area(tmp_path):
    """Without a file; the values that are varied stay."""
    words = [
        "digital-fp32",
        "mnist-5k",
        "--vary",
        "tile.lanes=128,256",
        "--timing-only",
        "-o",
        tmp_path / "out",
    ]
    done = chipsim("sweep", *words, "--equal-area", "9mm2", "--set", SMALL[0])
    assert done.exit_code == 0, done.output
    assert HEAD in done.stdout
    plan = load_study(tmp_path / "out").plan
    assert [sum(text.startswith("tile.lanes=") for text in run.sets) for run in plan.runs] == [1, 1]
    assert all(one.adjusted.is_near and one.adjusted.goal_nm2 == 9 * 10**12 for one in plan.areas)


@pytest.mark.parametrize("area", ["9mm", "single-pair", "0 mm2"])
def test_what_is_no_area_is_refused(tmp_path, area):
    """In a file with its line, on the command line by its key; nothing is made."""
    allowed = "equal_area: must be a chip of the study (digital-fp32"
    checked = chipsim("check", write(tmp_path, equal_area=area))
    assert checked.exit_code == 2
    assert f"{tmp_path / 'made.yaml'}:" in checked.stderr
    assert allowed in checked.stderr
    swept = chipsim(
        "sweep", "digital-fp32", "mnist-5k", "--vary", "tile.lanes=1,2", "-o", tmp_path / "out", "--equal-area", area
    )  # fmt: skip
    assert swept.exit_code == 2
    assert allowed in swept.stderr
    assert not (tmp_path / "out").exists()
