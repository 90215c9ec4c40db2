"""A comparison keeps what it has, reports on what is there, and goes on where it was stopped."""

import signal
import subprocess
import sys

import attrs
import pytest

from chipsim.cli import comparing
from chipsim.cli.stopping import StopNow
from chipsim.errors import DivergedError
from chipsim.result.files import load
from chipsim.version import this_code, versions

LINE = "compare single-pair digital-fp32 -w tiny --epochs 1 -o out"
KEPT = "{name}: kept from out/{name}, the same run\n"


@pytest.fixture
def ends_at(monkeypatch):
    """Have the chip of a name end with an exception instead of being trained."""
    train = comparing.trained

    def arrange(chip, error):
        def trained(arch, name, **more):
            if name == chip:
                raise error
            return train(arch, name, **more)

        monkeypatch.setattr(comparing, "trained", trained)

    return arrange


def test_a_rerun_trains_nothing_again(call, folder):
    """A comparison that is whole is only told and reported again."""
    first = call(LINE)
    before = load(folder / "out" / "single-pair")
    again = call(LINE)
    assert again.exit_code == 0
    assert again.stderr == KEPT.format(name="single-pair") + KEPT.format(name="digital-fp32")
    assert again.stdout == first.stdout
    assert load(folder / "out" / "single-pair") == before


@pytest.mark.parametrize(
    "change", ["--seed 1", "--epochs 2", "--set learning_rate=0.2", "--set device.states=40"]
)
def test_another_run_is_not_kept(call, change):
    """Another seed, length or number makes another run, which replaces a result only on request."""
    assert call(LINE.replace("digital-fp32", "single-pair")).exit_code == 0
    line = LINE.replace("digital-fp32", "single-pair")
    again = call(f"{line} {change}")
    assert again.exit_code == 2
    assert again.stderr == (
        "error: out/single-pair-1: there is a result already; choose another folder, "
        "or ask to overwrite it (--overwrite)\n"
    )
    replaced = call(f"{line} {change} --overwrite")
    assert replaced.exit_code == 0
    assert "kept" not in replaced.stderr


@pytest.mark.parametrize(
    ("what", "other"),
    [
        ("versions", {**versions(), "numpy": "another"}),
        ("this_code", attrs.evolve(this_code(), sha256="0" * 64)),
    ],
)
def test_another_version_makes_another_run(call, monkeypatch, what, other):
    """Results of other code, or of the same on other packages, are not mixed with those of this one."""
    assert call(LINE).exit_code == 0
    monkeypatch.setattr(f"chipsim.run.sameness.{what}", lambda: other)
    assert call(LINE).exit_code == 2


def test_other_data_make_another_run(call, folder, monkeypatch):
    """The same names with other samples behind them are another run."""
    assert call(LINE).exit_code == 0
    monkeypatch.setattr("chipsim.run.sameness.checksums_of", lambda *_, **__: ())
    assert call(LINE).exit_code == 2


def test_overwriting_trains_all_again(call):
    """With --overwrite nothing is kept."""
    call(LINE)
    again = call(f"{LINE} --overwrite")
    assert again.exit_code == 0
    assert "kept" not in again.stderr


def test_a_chip_that_fails_leaves_the_others(call, folder, ends_at):
    """The chips that are done are saved, shown and reported, whatever ends the comparison."""
    ends_at("digital-fp32", DivergedError("training diverged"))
    result = call(LINE)
    assert result.exit_code == 2
    assert result.stderr.splitlines()[-2:] == [
        "ended after 1 of 2 chips; the same command with -o out goes on with the rest",
        "error: training diverged",
    ]
    assert result.stdout.endswith("report: out/report.html\n")
    assert load(folder / "out" / "single-pair").summary["complete"]
    assert not (folder / "out" / "digital-fp32").exists()


def test_a_signal_between_two_chips(call, folder, ends_at):
    """What is saved is not called lost when the signal comes before the next chip has begun to train."""
    ends_at("digital-fp32", StopNow(130))
    result = call(LINE)
    assert result.exit_code == 130
    assert "nothing was saved" not in result.stderr
    assert "after 1 of 2 chips" in result.stderr
    assert (folder / "out" / "report.html").exists()


def test_a_signal_before_anything(call, folder, ends_at):
    """Without a result there is no folder, and it is said."""
    ends_at("single-pair", StopNow(130))
    result = call(LINE)
    assert result.stderr == "ended; nothing was saved\n"
    assert not (folder / "out").exists()


@pytest.mark.usefixtures("usual_signals")
def test_a_stopped_comparison_goes_on(call, folder):
    """After Ctrl-C the same command keeps the whole chip and makes the stopped one whole."""
    line = LINE.replace("--epochs 1", "--epochs 40")
    process = subprocess.Popen(
        [sys.executable, "-m", "chipsim", *line.split()],
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, cwd=folder,
    )  # fmt: skip
    for said in process.stderr:
        if "digital-fp32: epoch 1 of" in said:
            process.send_signal(signal.SIGTERM)
            break
    _, rest = process.communicate(timeout=60)
    assert process.returncode == 128 + signal.SIGTERM
    assert not load(folder / "out" / "digital-fp32").summary["complete"]
    assert "interrupted (SIGTERM) in the last chip; the same command with -o out makes it whole\n" in rest
    again = call(line)
    assert again.exit_code == 0
    assert again.stderr.startswith(KEPT.format(name="single-pair"))
    whole = load(folder / "out" / "digital-fp32")
    assert (whole.summary["complete"], whole.summary["epochs_run"]) == (True, 40)
    assert "(stopped)" not in again.stdout


def test_runs_of_another_comparison_are_not_mixed_in(call, folder):
    """A report of the folder would show chips that this comparison does not have."""
    assert call(LINE).exit_code == 0
    other = LINE.replace("digital-fp32", "hybrid-synapse")
    result = call(f"{other} --overwrite")
    assert result.exit_code == 2
    assert result.stderr == (
        "error: out: holds other runs (digital-fp32), and a report of the folder would mix them with these; "
        "choose another folder\n"
    )
    assert load(folder / "out" / "single-pair").summary["complete"]


def test_a_strange_page_is_found_before_training(call, folder):
    """A page of somebody else in the place of the report is refused before the first epoch."""
    (folder / "out").mkdir()
    (folder / "out" / "report.html").write_text("<!DOCTYPE html><p>mine", encoding="utf-8")
    result = call(LINE)
    assert result.exit_code == 2
    assert result.stderr == (
        "error: out/report.html: there is another page, no report of chipsim; choose another file, "
        "or ask to overwrite it (--overwrite)\n"
    )
    assert call(f"{LINE} --overwrite").exit_code == 0


@pytest.mark.slow
def test_chips_are_compared_at_equal_area(call, folder):
    """What was changed is told before, and is an override in the results; an area has to be one."""
    line = "compare single-pair digital-fp32 -w tiny.yaml -o both --epochs 1"
    refused = call(f"{line} --equal-area 2mm").stderr
    assert "equal area: '2mm' has no unit of area" in refused
    assert refused.endswith("or largest, single-pair, digital-fp32\n")
    named = call(f"{line} --equal-area digital-fp32 -o named").stdout
    result = call(f"{line} --equal-area")
    assert result.exit_code == 0, result.output
    assert "single-pair: " in result.stdout
    assert "digital.lanes from " in result.stdout
    assert named.partition("single-pair: ")[2].split("\n")[0] in result.stdout
    areas = [load(folder / "both" / name).summary["area_mm2"] for name in ("single-pair", "digital-fp32")]
    assert areas[0] == pytest.approx(areas[1], rel=0.001)
    values = load(folder / "both" / "single-pair").values
    assert any(value.path.endswith("lines_per_converter") and value.kind == "set" for value in values)
