"""Benches are saved, read back, and held against each other."""

import json

import attrs
import pytest

from benchmarks import __main__ as bench
from benchmarks.saved import Bench, changes, check_writable, differences, read_bench, save_bench
from chipsim.errors import ChipsimError

MADE = Bench(
    date="2026-11-26T20:00+00:00",
    machine={"cpu": "AMD EPYC", "cores": 2},
    software={"python": "3.11.7", "numpy": "2.4.6", "chipsim": "0.1.0"},
    settings={"samples": 400, "turns": 2},
    figures={
        "hybrid-coarse": {"all_samples_per_s": 4000.0, "peak_memory_MiB": 200.0},
        "numpy-sgd": {"all_samples_per_s": 6000.0},
    },
)


@pytest.fixture
def saved(tmp_path):
    path = tmp_path / "bench.json"
    save_bench(MADE, path)
    return path


@pytest.fixture
def measured(monkeypatch):
    """Figures that are found without measuring; a test changes them as it likes."""
    figures = {name: dict(of) for name, of in MADE.figures.items()}
    monkeypatch.setattr(bench, "measured_apart", lambda case, **_: figures[case.name])
    return figures


def run(*words):
    return bench.main(["--quick", "--only", "hybrid-coarse", "--only", "numpy-sgd", *map(str, words)])


def test_round_trip(saved):
    """What is read is what was saved."""
    assert read_bench(saved) == MADE


def test_saving_leaves_nothing_beside(saved):
    """No temporary file stays, and others may read what was saved."""
    assert [path.name for path in saved.parent.iterdir()] == ["bench.json"]
    assert saved.stat().st_mode & 0o777 == 0o644


def test_slower_is_a_speed_that_fell_by_more_than_is_tolerated():
    """At 10 %, 3601 of 4000 is no slower and 3599 is; memory is never slower."""
    figures = {"all_samples_per_s": 3601.0, "peak_memory_MiB": 100.0}
    new = attrs.evolve(MADE, figures={"hybrid-coarse": figures, "new": {"all_samples_per_s": 1.0}})
    assert [change.slower for change in changes(MADE, new, tolerance=0.1)] == [False, False]
    figures["all_samples_per_s"] = 3599.0
    speed, memory = changes(MADE, new, tolerance=0.1)
    assert speed.slower
    assert speed.share == pytest.approx(-0.10025)
    assert not memory.slower
    assert memory.share == pytest.approx(-0.5)


def test_other_machine_and_versions_are_told():
    """Code is what is compared; everything else that differs is said."""
    new = attrs.evolve(
        MADE,
        machine={"cpu": "Other", "cores": 2},
        software={"python": "3.12.0", "numpy": "2.4.6", "chipsim": "0.2.0", "numba": "0.68.1"},
    )
    assert differences(MADE, MADE, tolerance=0.1) == []
    assert differences(MADE, new, tolerance=0.1) == [
        "another machine: cpu AMD EPYC, cores 2 then, cpu Other, cores 2 now; what is slower may be the machine",
        "another python: 3.11.7 then, 3.12.0 now",
        "another numba: unknown then, 0.68.1 now",
    ]


def test_other_turns_are_told():
    """The fastest of ten is faster than the only one, whatever the code."""
    new = attrs.evolve(MADE, settings={"samples": 400, "turns": 10})
    told = "the fastest of 2 turns then, of 10 now; of more turns, the fastest is faster by itself"
    assert differences(MADE, new, tolerance=0.1) == [told]


def test_other_load_is_told():
    """A loop that has nothing of chipsim in it tells of the machine alone."""
    figures = {"hybrid-coarse": {"all_samples_per_s": 1.0}, "numpy-sgd": {"all_samples_per_s": 3000.0}}
    new = attrs.evolve(MADE, figures=figures)
    assert differences(MADE, new, tolerance=0.5) == []
    told = "numpy-sgd itself differs by -50 %, without any of chipsim in it: the machine is under another load than then"
    assert differences(MADE, new, tolerance=0.1) == [told]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (
            "{",
            "is no saved bench: Expecting property name enclosed in double quotes: line 1 column 2 (char 1)",
        ),
        ("[1]", "is no saved bench: it names no format; make bench --save writes 'chipsim bench 1'"),
        ("{}", "is no saved bench: it names no format; make bench --save writes 'chipsim bench 1'"),
        (
            '{"format": "pytest"}',
            "is no saved bench: its format is 'pytest'; make bench --save writes 'chipsim bench 1'",
        ),
        ('{"format": "chipsim bench 1"}', "machine: must be an object, not missing"),
        (b"\xff", "is no saved bench: it is not text; make bench --save writes JSON"),
    ],
)
def test_foreign_files_are_refused(tmp_path, content, message):
    """What is there and what should be."""
    path = tmp_path / "other.json"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(ChipsimError) as caught:
        read_bench(path)
    assert str(caught.value) == f"{path}: {message}"


@pytest.mark.parametrize("value", ["fast", True, -1.0, float("nan"), None])
def test_figures_are_numbers(saved, value):
    """A figure that is no number of 0 or more is named."""
    held = json.loads(saved.read_text())
    held["figures"]["numpy-sgd"]["all_samples_per_s"] = value
    saved.write_text(json.dumps(held))
    with pytest.raises(ChipsimError) as caught:
        read_bench(saved)
    where = f"{saved}: figures.numpy-sgd.all_samples_per_s"
    assert str(caught.value) == f"{where}: must be a number of 0 or more, not {value!r}"


def test_file_that_is_not_there(tmp_path):
    """The system's own words."""
    path = tmp_path / "none.json"
    with pytest.raises(ChipsimError) as caught:
        read_bench(path)
    assert str(caught.value) == f"{path}: cannot be read: No such file or directory"


def test_nothing_else_is_overwritten(tmp_path):
    """A file that is no bench stays, and a folder must be there."""
    path = tmp_path / "notes.txt"
    path.write_text("mine")
    with pytest.raises(ChipsimError, match="is no saved bench"):
        check_writable(path)
    missing = tmp_path / "none" / "bench.json"
    with pytest.raises(ChipsimError) as caught:
        check_writable(missing)
    folder = missing.parent
    assert (
        str(caught.value)
        == f"{missing}: there is no folder {folder}; --save takes a file in one that is there"
    )


def test_slower_ends_with_one(saved, measured, capsys):
    """The table marks it, a sentence names it, and the status tells it."""
    measured["hybrid-coarse"]["all_samples_per_s"] = 3000.0
    assert run("--against", saved) == 1
    out = " ".join(capsys.readouterr().out.split())
    assert "hybrid-coarse all_samples_per_s 4,000.0 3,000.0 -25.0 % slower" in out
    assert "1 case: hybrid-coarse." in out
    assert "another machine" in out


def test_equal_ends_with_nought(saved, measured, capsys):
    """Within the tolerance nothing is slower."""
    measured["hybrid-coarse"]["all_samples_per_s"] = 3000.0
    assert run("--against", saved, "--tolerance", 30) == 0
    assert "Nothing is more than 30 % slower" in capsys.readouterr().out


def test_saved_by_the_command(measured, tmp_path):
    """All figures, and what they depend on."""
    path = tmp_path / "new.json"
    assert run("--save", path) == 0
    held = read_bench(path)
    assert held.figures == measured
    assert held.settings == {"samples": 400, "turns": 2}
    assert {"cpu", "cores"} <= set(held.machine)
    assert {"python", "numpy", "numba", "chipsim"} <= set(held.software)


def test_slower_bench_does_not_replace_what_it_is_held_against(saved, measured):
    """Else the next comparison would show nothing."""
    measured["numpy-sgd"]["all_samples_per_s"] = 1.0
    assert run("--against", saved, "--save", saved) == 1
    assert read_bench(saved) == MADE


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--samples", "4001"], "--samples: must be 100 to 4,000, not 4,001"),
        (["--turns", "0"], "--turns: must be at least 1, not 0"),
        (["--tolerance", "100"], "--tolerance: must be at least 0 and under 100 percent, not 100"),
        (["--only", "hybrd-coarse"], "--only: unknown case 'hybrd-coarse'; did you mean 'hybrid-coarse'"),
    ],
)
def test_wrong_options_are_refused(words, message, capsys):
    """Before anything is measured, with what is allowed."""
    assert bench.main(words) == 2
    assert capsys.readouterr().err.startswith(f"bench: {message}")


def test_other_number_of_samples_is_refused(saved, capsys):
    """A rate of another number of samples is another figure."""
    assert bench.main(["--against", str(saved)]) == 2
    told = "settings.samples: was measured with 400 samples a turn, and this would be with 4000; both need the same"
    assert capsys.readouterr().err == f"bench: {saved}: {told}\n"


def test_nothing_in_common_is_refused(saved, capsys):
    """Measuring for minutes what nothing can be held against helps nobody."""
    assert bench.main(["--quick", "--only", "hidden", "--against", str(saved)]) == 2
    told = "has no figure of what is to be measured; it has: hybrid-coarse, numpy-sgd"
    assert capsys.readouterr().err == f"bench: {saved}: {told}\n"
