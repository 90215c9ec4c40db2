"""What each command does when all is well."""

import contextlib
import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import click
import pytest

from chipsim import __version__
from chipsim.cli import main
from chipsim.result.files import load
from chipsim.spec import shipped_names
from chipsim.version import this_code
from tests.cli.conftest import SHIPPED, TINY


def commands(group=main, path=()):
    """Every command with the words that call it."""
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from commands(command, (*path, name))
        yield (*path, name), command


COMMANDS = dict(commands())


def examples(command):
    return re.findall(r"^  chipsim (.*)$", command.epilog, flags=re.MULTILINE)


@pytest.mark.parametrize("path", COMMANDS, ids=" ".join)
def test_help_shows_an_example(call, path):
    """The help of each command is short and shows at least one command line."""
    result = call(" ".join(path), "--help")
    assert result.exit_code == 0
    assert examples(COMMANDS[path])
    assert all(f"chipsim {example}" in result.stdout for example in examples(COMMANDS[path]))
    # One screen of a large terminal: a run has many options.
    assert len(result.stdout.splitlines()) <= 56


@pytest.mark.parametrize("line", [example for command in COMMANDS.values() for example in examples(command)])
def test_examples_are_right(line):
    """Each command line in a help text names a command and options that there are."""
    words = shlex.split(line)
    command = main
    while isinstance(command, click.Group):
        name, command, words = command.resolve_command(click.Context(command), words)
    command.make_context(name, words)


def test_help_is_quick():
    """Help does without the compilers, the plots and the tables."""
    script = (
        "import sys; from chipsim.cli import main; main(['--help'], standalone_mode=False); "
        "print(sorted({'numba', 'numpy', 'plotly', 'pyarrow', 'simpy', 'networkx', 'rich', 'yaml'} & {*sys.modules}))"
    )
    ended = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60
    )
    assert ended.stdout.splitlines()[-1] == "[]"


def test_version(call):
    """The version is that of the package, with which code it is."""
    said = call("--version").stdout
    assert said == f"chipsim {this_code()}\n"
    assert re.fullmatch(
        rf"chipsim {re.escape(__version__)} \(code [0-9a-f]{{12}}(, commit [0-9a-f]{{12}}( with changes)?)?\)\n",
        said,
    )


def test_list(call, folder, chip):
    """What ships is listed with what it is, and the user's own beside it."""
    chip()
    (folder / "workloads").mkdir()
    (folder / "tiny.yaml").rename(folder / "workloads" / "tiny.yaml")
    (folder / "stranger.yaml").write_text("services: {}")
    rows = [line.split(maxsplit=2) for line in call("list").stdout.splitlines() if line.strip()]
    listed = {row[0]: (row[1], row[2].strip()) for row in rows if len(row) == 3}
    assert listed["tiny"] == ("yours", "A few digits. For tests.")
    assert listed["my-chip"] == ("yours", "Each weight is a coarse and a fine pair of resistive cells.")
    assert listed["hybrid-synapse"] == ("shipped", listed["my-chip"][1])
    assert {"cmos-32nm", "mnist-5k", "fashion-mnist", "digital-fp32"} < listed.keys()
    assert "stranger" not in listed


def test_list_tells_chips_apart(call):
    """No two chips that ship say the same of themselves in the line that the list has for each."""
    chips = call("list").stdout.partition("Workloads")[0]
    said = [" ".join(text.split()) for text in re.split(r"\S+ +shipped ", chips)[1:]]
    assert len(said) == len(set(said)) == len(shipped_names("architectures"))


def test_list_names_a_wrong_description(call, folder):
    """A description of the user's that cannot be used is listed with why."""
    (folder / "architectures").mkdir()
    (folder / "architectures" / "broken.yaml").write_text("name: broken\ntile: 3\n")
    assert "cannot be used: architectures/broken.yaml:2: " in call("list").stdout


@pytest.mark.parametrize(
    ("right", "wrong"),
    [("synapse:", "synapsis:"), ("kind: bus", "kind: coach"), ("tile:", "tile: {")],
    ids=["a misspelt key", "an unknown kind", "no YAML"],
)
def test_list_names_a_wrong_description_in_this_folder(call, folder, right, wrong):
    """One with a mistake is no stranger: it is listed under its kind, with the command that tells all of it."""
    text = (SHIPPED / "single-pair.yaml").read_text(encoding="utf-8")
    assert text.count(f"\n{right}") + text.count(f"  {right}\n") == 1
    (folder / "my chip.yaml").write_text(text.replace(right, wrong), encoding="utf-8")
    (folder / "tiny.yaml").write_text("name: tiny\nnetwork: host\nbatch: 3\n", encoding="utf-8")
    chips, _, others = call("list").stdout.partition("Workloads")
    assert "my chip yours cannot be used: my chip.yaml:" in " ".join(chips.split())
    assert "; all of it: chipsim check 'my chip'" in " ".join(chips.split())
    assert "my chip" not in others
    assert "tiny" not in others
    assert call("check", "my chip").exit_code == 2


def test_list_names_a_wrong_workload_and_costs(call, folder):
    """Workloads and cost sets that cannot be used are listed too."""
    (folder / "tiny.yaml").write_text(TINY.replace("epochs:", "epoch:"), encoding="utf-8")
    costs = (SHIPPED / "costs" / "cmos-32nm.yaml").read_text(encoding="utf-8")
    (folder / "mine.yaml").write_text(costs.replace("sram:", "dram:"), encoding="utf-8")
    listed = " ".join(call("list").stdout.split())
    assert "tiny yours cannot be used: tiny.yaml:" in listed
    assert "mine yours cannot be used: mine.yaml:" in listed


def test_data_list(call, folder):
    """Datasets that are missing say how they are fetched, and to where."""
    result = call(f"data list --data {folder.name}")
    text = " ".join(result.stdout.split())
    assert "mnist-5k 5,000 there embedded" in text
    assert "mnist 70,000 missing 'chipsim data fetch mnist' puts it in" in text


def test_check(call, chip):
    """A right file is said to be right, with how much of it is assumed."""
    chip()
    result = call("check my-chip.yaml tiny.yaml")
    assert result.exit_code == 0
    assert re.fullmatch(
        r"my-chip\.yaml: chip 'hybrid-synapse' is right; of \d+ values \d+ assumed \(\d+ with a range\)\n"
        r"tiny\.yaml: workload 'tiny' is right; of 6 values 6 without a source\n"
        r"chip 'hybrid-synapse' can train workload 'tiny'\n",
        result.stdout,
    )


def test_check_names(call, chip):
    """Names are looked up as elsewhere, the user's first; a file needs no ending to be a file."""
    chip()
    Path("bare").write_text(Path("tiny.yaml").read_text(encoding="utf-8"), encoding="utf-8")
    told = call("check my-chip tiny bare metaplastic-qnn cmos-32nm").stdout
    assert [line.partition(";")[0] for line in told.splitlines()[:5]] == [
        "my-chip: chip 'hybrid-synapse' is right",
        "tiny: workload 'tiny' is right",
        "bare: workload 'tiny' is right",
        "metaplastic-qnn: chip 'metaplastic-qnn' is right",
        "cmos-32nm: cost set 'cmos-32nm' is right",
    ]


def test_describe_places_a_network_that_the_chip_can_train(call):
    """Without a workload, each kind of chip is drawn with one that ships for it."""
    assert "Drawn with mnist-5k placed on it, a network of 784-250-10." in call("describe single-pair").stdout
    assert "Drawn with mnist-5k-permuted placed on it" in call("describe bnn").stdout


def test_describe(call):
    """A chip is told in words, drawn, and listed with parts, costs, sources and assumptions."""
    text = call("describe hybrid-synapse -w tiny --set device.states=20").stdout
    assert "a coarse and a fine pair of cells each, gain 5" in text
    assert re.search(r"│ +buffer +│ +│ +digital +│", text)
    assert re.search(r"═╧═+ bus$", text, flags=re.MULTILINE)
    assert re.search(r"^  tile\*\.coarse\+ +2 +1024 x 256 cells", text, flags=re.MULTILINE)
    assert "device: states 20" in text.partition("Set on the command line")[2].splitlines()[2]
    assert "Choi 2021" in text.partition("From a source")[2]
    assert "adc[bits=8]: time 10 ns" in text
    assert "dac[bits=4]" not in text


def test_describe_chips_of_levels(call):
    """Levels, the writer, the learning state and its memory in words; items of a list in one row."""
    text = " ".join(call("describe bnn -w tiny --set update.writer=row-parallel").stdout.split())
    assert (
        "Weights: two adjacent cells each, at one of 2 levels from -1 to 1. Updates: weights whose level changed are "
        "reprogrammed, row-parallel, without verify."
    ) in text
    assert "Learning state: hidden weights, adam, without metaplasticity; a memory of " in text
    assert "KiB in 8 banks, 256 bits wide; weights in float-32, moments in float-32." in text
    assert "digital.memory 1 " in text
    assert "level-change, 64 lanes" in text
    # A weight of minus or plus one takes the lowest and the highest level of a cell; the others stand for nothing.
    assert "device.high: conductance 125 uS, spread 2.4 uS, compliance 62.5 uA" in text
    fine = " ".join(call("describe metaplastic-qnn").stdout.split())
    assert "device.high: conductance 20 uS, 35 uS, 50 uS," in fine


def test_describe_writes_a_page(call, folder):
    """The page has the chip's parts and the costs that it is charged by."""
    result = call("describe digital-fp32 -w tiny --html chip.html")
    assert result.stdout.splitlines()[-1] == "page: chip.html"
    page = (folder / "chip.html").read_text(encoding="utf-8")
    assert "costs.sram.read" in page
    assert "costs.adc" not in page


def test_run(call, folder):
    """A run prints what can be foreseen, a line an epoch, a table, and where it saved what."""
    result = call("run hybrid-synapse tiny")
    assert result.exit_code == 0
    warning, still, *lines = result.stderr.splitlines()
    assert warning.startswith("warning: hybrid-synapse: phases.epochs: the fine pair is never used")
    assert still == "warning: hybrid-synapse: no weight of tile0 changed in epoch 1"
    assert [line.partition(":")[0] for line in lines] == ["hybrid-synapse"] * 2
    assert re.match(
        r"hybrid-synapse: epoch 1 of 2: \d+\.\d\d % right in training, \d+\.\d\d % in test, \S+ µs and \S+ .J so far",
        lines[0],
    )
    where = "runs/hybrid-synapse--tiny--1"
    assert result.stdout.splitlines()[-1] == f"saved in {where}; chipsim report {where} makes its page"
    saved = load(folder / where)
    assert saved.summary["complete"] is True
    assert saved.provenance["seed"] == 0


def test_run_into_the_folder_that_one_is_in(call, folder, monkeypatch):
    """An empty folder takes a result, also the one that one is in, as the working folder of a container is."""
    (folder / "empty").mkdir()
    monkeypatch.chdir(folder / "empty")
    result = call("run digital-fp32 ../tiny.yaml --epochs 1 -o .")
    assert result.exit_code == 0
    assert load(folder / "empty").summary["complete"]


def test_runs_are_numbered(call, folder):
    """A run without a folder takes the next free number, and replaces nothing."""
    for _ in range(2):
        call("run digital-fp32 tiny.yaml --epochs 1")
    assert sorted(path.name for path in (folder / "runs").iterdir()) == [
        "digital-fp32--tiny--1",
        "digital-fp32--tiny--2",
    ]


def test_run_options_reach_the_simulator(call, folder):
    """Overrides, epochs, seed, replay and trace are in what is saved."""
    call(
        "run single-pair tiny -o out --epochs 1 --seed 7 --no-replay --trace --set device.states=20 "
        "--set batch=4 --set costs=isaac-32nm"
    )
    saved = load(folder / "out")
    summary = json.loads((folder / "out" / "summary.json").read_text(encoding="utf-8"))
    assert [summary[key] for key in ("epochs_run", "seed", "replay", "steps")] == [1, 7, False, 10]
    assert saved.chip["device"]["states"]["value"] == 20
    assert saved.provenance["cost_set"] == "isaac-32nm"
    assert saved.trace is not None


LEFT_OUT = (
    "timed only: energy leaves out what data sets (currents of cells in reads and writing, and write drivers); "
    "neither time nor energy has the writing of initial weights"
)
OF_PULSES = ", recentring, or decisions between epochs"
SHARE = "each step is taken to change 5 % of the weights (selector.typical_share), and the time of writing rests on that"


def test_timing_only(call, folder):
    """A run without training has time and energy, no accuracy, and says what these leave out."""
    result = call("run single-pair tiny --timing-only -o out")
    assert result.stderr == ""
    assert result.stdout.count(f"{LEFT_OUT}{OF_PULSES}\n") == 1
    summary = load(folder / "out").summary
    assert summary["test_accuracy_percent"] is None
    assert summary["simulated_time_ps"] > 0


def test_timing_only_of_levels(call):
    """A chip whose weights stand at levels says which share of them it takes to change in a step."""
    line = (
        "run metaplastic-qnn mnist-5k-permuted --timing-only --epochs 1 -o out --set selector.typical_share="
    )
    assert f"{LEFT_OUT}; {SHARE}\n" in call(f"{line}0.05").stdout
    assert f"{LEFT_OUT}; {SHARE}\n" in call(f"{line}5% --overwrite").stdout.replace("5%", "5 %")


def test_compare(call, folder):
    """A comparison saves a folder a chip and a report, and prints where that is."""
    result = call("compare single-pair digital-fp32 single-pair -w tiny --epochs 1")
    assert result.exit_code == 0
    base = folder / "runs" / "compare--tiny--1"
    assert sorted(path.name for path in base.iterdir()) == [
        "digital-fp32",
        "report.html",
        "single-pair-1",
        "single-pair-2",
    ]
    assert result.stdout.splitlines()[-1] == "report: runs/compare--tiny--1/report.html"
    assert load(base / "single-pair-1").epochs == load(base / "single-pair-2").epochs


def test_compare_with_several_seeds(call, folder):
    """Each chip is trained with each seed from the first on; runs of one chip stand side by side."""
    line = "compare single-pair digital-fp32 -w tiny --epochs 1 --seed 4 --seeds 2 -o out"
    result = call(line)
    assert result.exit_code == 0
    names = [f"{chip}--seed-{seed}" for chip in ("digital-fp32", "single-pair") for seed in (4, 5)]
    assert {path.name for path in (folder / "out").iterdir()} == {*names, "report.html"}
    assert [load(folder / "out" / name).summary["seed"] for name in names] == [4, 5, 4, 5]
    order = [row.split("  ")[0] for row in result.stdout.splitlines()[2:6]]
    assert order == [f"{chip} (seed {seed})" for chip in ("single-pair", "digital-fp32") for seed in (4, 5)]
    alone = call("run single-pair tiny --epochs 1 --seed 5 -o alone")
    assert alone.exit_code == 0
    assert load(folder / "alone").epochs == load(folder / "out" / "single-pair--seed-5").epochs
    page = (folder / "out" / "report.html").read_text("utf-8")
    assert page.count('<span class="note">2 seeds</span>') == 2


def test_report(call, folder):
    """A report is made from one run, several, or a whole comparison, without simulating again."""
    call("compare single-pair digital-fp32 -w tiny --epochs 1 -o out")
    (folder / "out" / "report.html").unlink()
    assert call("report out").stdout == "report: out/report.html\n"
    assert call("report out/single-pair").stdout == "report: out/single-pair/report.html\n"
    assert call("report out/single-pair out/digital-fp32").stdout == "report: report.html\n"
    assert call("report out/single-pair").stdout == "report: out/single-pair/report.html\n"
    assert call("report out -o pages/all.html").stdout == "report: pages/all.html\n"
    assert "digital-fp32" in (folder / "pages" / "all.html").read_text(encoding="utf-8")


def test_data_fetch(call, folder, monkeypatch):
    """Each dataset is fetched to the folder that is given, and says where it is."""

    def fetched(name, place, *, progress, overwrite):
        progress("train.gz", 0, 10)
        progress("train.gz", 10, 10)
        assert not overwrite
        return place / name

    monkeypatch.setattr("chipsim.cli.fetching.fetch", fetched)
    result = call("data fetch mnist fashion-mnist --data here")
    assert result.stdout == "mnist: here/mnist\nfashion-mnist: here/fashion-mnist\n"
    assert result.stderr == "fetching train.gz\n" * 2


def test_bar_on_a_terminal(folder):
    """On a terminal a bar shows epoch, samples and accuracy, and goes away at the end."""
    ours, theirs = os.openpty()
    line = "run digital-fp32 tiny --epochs 40 --set phases.0.dataset.train=400 -o out"
    with subprocess.Popen(
        [sys.executable, "-m", "chipsim", *line.split()], stderr=theirs, stdout=subprocess.PIPE, cwd=folder
    ) as process:
        os.close(theirs)
        shown = b""
        # Reading ends with an error where the other side of a terminal has gone.
        with contextlib.suppress(OSError):
            while more := os.read(ours, 65536):
                shown += more
    os.close(ours)
    text = re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", shown.decode())
    assert process.returncode == 0
    assert re.search(r"digital-fp32 epoch \d+/40 .*\d+/16000 samples \d+\.\d % right", text)
    assert "digital-fp32: epoch 40 of 40: " in text


def test_describe_tells_what_cells_make_of_levels(call):
    """A weight of 0.1 wants 13 uS; the nearest are the low level, which is zero's, and 20 uS, which is 0.1875's."""
    exact = " ".join(call("describe bnn -w tiny").stdout.split())
    assert (
        "Conductances: the outermost level is two cells at 5 µS and 125 µS; the cells make every level as it is wanted."
    ) in exact
    levels = "--set synapse.levels=[-1.5,-0.1,0,0.1,1.5] --set rule.learning_rate=0.01"
    shifted = " ".join(call(f"describe metaplastic-qnn -w tiny {levels}").stdout.split())
    assert "the cells make other weights than wanted: -0.1 becomes -0.1875, 0.1 becomes 0.1875." in shifted


def test_describe_names_levels_only_where_printed_digits_differ(call):
    """With an outermost cell of 125.001 uS 1.3125 comes out as 1.312489; with one of 126 uS as 1.302."""
    close = " ".join(
        call("describe bnn -w tiny", "--set", "device.high[level=1].conductance=125.001 uS").stdout.split()
    )
    assert "becomes" not in close
    line = "describe metaplastic-qnn -w mnist-5k-permuted --set"
    close = " ".join(call(line, "device.high[level=8].conductance=125.001 uS").stdout.split())
    assert "; the cells make every level as it is wanted, to 0.0007 % of the outermost." in close
    far = " ".join(call(line, "device.high[level=8].conductance=126 uS").stdout.split())
    assert "; the cells make other weights than wanted: -1.3125 becomes -1.302, " in far
    assert ", 0.1875 becomes 0.186, " in far
    assert "1.5 becomes" not in far
