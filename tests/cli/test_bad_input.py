"""What the user can mend ends with one clear message a problem, exit code 2, and nothing left behind."""

import gzip
import os
import subprocess
import sys

import numpy as np
import pytest

from chipsim.errors import DivergedError
from tests.data.idx_made import idx_bytes

CHIPS = (
    "analog-pair-transfer, analog-sgd, bnn, digital-adam, digital-fp32, hybrid-synapse, metaplastic-bnn, "
    "metaplastic-qnn, mixed-precision, multilevel-transfer, plain-qnn, set-reset-transfer, single-pair, "
    "single-pair-cellwise, single-pair-rowwise, tiki-taka-8x4, tiki-taka-v1, tiki-taka-v2, vgg16-chip"
)
WORKLOADS = (
    "flowers17, flowers17-4096, flowers17-vgg, frozen-cnn, mnist, mnist-5k, mnist-5k-conv, mnist-5k-permuted, mnist-5k-rows, "
    "mnist-5k-transfer, mnist-rows, mnist-then-fashion, reduced-mnist, small-cnn, vgg16-imagenet"
)
DEVICE_KEYS = (
    "area, read_noise, drift, wear, states, on_conductance, off_conductance, pulse_voltage, pulse_width, "
    "step_variation, step_spread, range_spread, reset_voltage, reset_width, endurance"
)


def files(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


@pytest.fixture
def refused(call, folder):
    """Assert that a command line is refused with these messages, and leaves everything as it was."""

    def check(line, *messages):
        before = files(folder)
        result = call(line)
        assert result.stderr == "".join(f"error: {message}\n" for message in messages)
        assert result.exit_code == 2
        assert result.stdout == ""
        assert files(folder) == before

    return check


def test_unknown_chip(refused):
    """An unknown name is answered with those that there are, and the closest one."""
    refused(
        "run hybrd-synapse tiny",
        f"there is no chip 'hybrd-synapse'; known: {CHIPS}; did you mean 'hybrid-synapse'?",
    )


def test_unknown_chip_and_workload(refused):
    """Problems of chip and workload are told together."""
    refused(
        "run nonsense mnst",
        f"there is no chip 'nonsense'; known: {CHIPS}",
        f"there is no workload 'mnst'; known: {WORKLOADS}; did you mean 'mnist' or 'mnist-5k'?",
    )


def test_chip_given_as_workload(refused):
    """A name of another kind of description is recognised."""
    refused(
        "describe single-pair -w hybrid-synapse",
        f"there is no workload 'hybrid-synapse'; known: {WORKLOADS}; 'hybrid-synapse' is a chip",
    )


@pytest.mark.parametrize("command", ["run my-chip.yaml tiny", "check my-chip.yaml", "describe my-chip.yaml"])
@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            "width: {value: 256 bit, assumed: one bus",
            "widht: {value: 256 bit, assumed: one bus",
            "interconnect.widht: unknown key 'widht'; known: width, clock, length; did you mean 'width'?",
        ),
        (
            "kind: linear-step",
            "kind: linear-stop",
            "device.kind: unknown kind 'linear-stop'; known: bidirectional-step, exponential-step, gradual-reset, ideal, linear-step, multilevel, piecewise, power-step, reset-levels, set-reset, soft-bounds, step-table; did you mean 'linear-step'?",
        ),
        (
            "value: 20 uS",
            "value: 20 ns",
            "device.on_conductance: '20 ns' has no unit of conductance; known: pS, nS, uS, µS, mS, S",
        ),
        (
            "value: 1024\n    assumed: &tile",
            "value: 0\n    assumed: &tile",
            "tile.rows: must be between 1 and 65536, not 0",
        ),
        ("value: 1024", "value: -3", "tile.rows: must be between 1 and 65536, not -3"),
        ("count: {value: auto,", "count: {value: 0,", "tile.count: must be at least 1, not 0"),
        ("value: 1024", "value: 10.5", "tile.rows: must be a whole number, not 10.5"),
        ("value: 0.34", "value: .nan", "device.step_variation: must be a finite number, not nan"),
        (
            "value: 0.34",
            "value: 1100 %",
            "device.step_variation: must be between 0 and 10, not 11; written as '1100 %'",
        ),
    ],
)
def test_one_problem_in_a_file(refused, chip, *, command, old, new, message):
    """One wrong value is told with file, line, path, what was given and what is allowed."""
    line = chip((old, new))
    refused(command, f"my-chip.yaml:{line(new)}: {message}")


def test_missing_unit(refused, chip):
    """A number without its unit is refused, with an example."""
    bare = "value: 1\n    assumed: of the order"
    line = chip((bare.replace("1", "1 mm"), bare))
    refused(
        "check my-chip.yaml",
        f"my-chip.yaml:{line(bare)}: interconnect.length: 1 is no length; "
        "write a number and a unit, such as '1 mm'",
    )


def test_several_problems_at_once(refused, chip):
    """All problems of a file are told, in its order, a line each."""
    line = chip(
        ("columns: {value: 256", "columns: {value: -3"),
        ("width: {value: 256 bit, assumed: one", "widht: {value: 256 bit, assumed: one"),
        ("kind: linear-step", "kind: linear-stop"),
    )
    refused(
        "run my-chip.yaml tiny",
        f"my-chip.yaml:{line('kind: linear-stop')}: device.kind: unknown kind 'linear-stop'; "
        "known: bidirectional-step, exponential-step, gradual-reset, ideal, linear-step, multilevel, piecewise, power-step, reset-levels, set-reset, soft-bounds, step-table; did you mean 'linear-step'?",
        f"my-chip.yaml:{line('columns: {')}: tile.columns: must be between 1 and 65536, not -3",
        f"my-chip.yaml:{line('widht:')}: interconnect.widht: unknown key 'widht'; "
        "known: width, clock, length; did you mean 'width'?",
    )


def test_layer_that_cannot_be_placed(refused, chip):
    """A network that needs more tiles than there are is refused, with what each layer needs."""
    line = chip(("value: 1024", "value: 512"), ("count: {value: auto,", "count: {value: 1,"))
    refused(
        "run my-chip.yaml tiny",
        f"my-chip.yaml:{line('value: 1,')}: tile.count: the chip has 1 tile of 512 x 256, the network needs 3: "
        "layer 1 (785 x 12) 2, layer 2 (13 x 10) 1; raise tile.count or set it to auto, or make tiles larger",
    )


def test_tile_that_no_link_reaches_once_the_network_is_placed(refused, chip):
    """Where tiles are as many as the network needs, the links are checked then, with file and line."""
    line = chip(
        (
            "  kind: bus\n",
            "  kind: links\n  links: [[buffer, digital], [digital, selector], [digital, tile0]]\n",
        ),
    )
    refused(
        "run my-chip.yaml tiny",
        f"my-chip.yaml:{line('interconnect:')}: interconnect: leaves parts that cannot reach each other: "
        "buffer, digital, selector, tile0; tile1",
    )


def test_unconnected_part(refused, chip):
    """A part that no link reaches is named."""
    line = chip(
        ("  kind: bus\n", "  kind: links\n  links: [[buffer, digital], [digital, tile0], [tile0, tile1]]\n"),
        ("count: {value: auto,", "count: {value: 2,"),
    )
    refused(
        "check my-chip.yaml",
        f"my-chip.yaml:{line('links: [[')}: interconnect.links: leave out 'selector'; every part must be linked",
    )


def test_check_tells_all_files(call, chip):
    """Each file is checked, also behind a wrong one; right ones are named."""
    line = chip(("value: 1024", "value: -3"))
    result = call("check nothere.yaml my-chip.yaml tiny.yaml")
    assert result.exit_code == 2
    assert result.stdout == "tiny.yaml: workload 'tiny' is right; of 6 values 6 without a source\n"
    assert result.stderr == (
        "error: nothere.yaml: there is no such file\n"
        f"error: my-chip.yaml:{line('value: -3')}: tile.rows: must be between 1 and 65536, not -3\n"
    )


def test_check_of_an_unknown_name(call):
    """A name that nothing has is answered with those that there are of all kinds."""
    result = call("check cmos-33nm")
    assert result.exit_code == 2
    assert result.stderr.startswith(
        "error: there is no chip, workload, cost set or device 'cmos-33nm'; known: ag-a-si, alox-hfo2, analog-pair-transfer, "
    )
    assert result.stderr.endswith("; did you mean 'cmos-32nm'?\n")


def test_check_holds_chips_against_workloads(call, chip, folder):
    """Whatever is wrong between a right chip and a right workload is told once, with whom it concerns."""
    wide = (folder / "tiny.yaml").read_text(encoding="utf-8").replace("12, 10", "300, 10")
    (folder / "wide.yaml").write_text(wide.replace("tiny", "wide"), encoding="utf-8")
    line = chip(("count: {value: auto,", "count: {value: 2,"), ("name: hybrid-synapse", "name: mine"))
    result = call("check my-chip.yaml tiny wide")
    assert result.exit_code == 2
    assert "chip 'mine' can train workload 'tiny'\n" in result.stdout
    assert "chip 'mine' can train workload 'wide'\n" not in result.stdout
    warning, error = result.stderr.splitlines()
    assert warning.startswith("warning: mine on tiny: phases.epochs: the fine pair is never used")
    assert error == (
        f"error: my-chip.yaml:{line('value: 2,')}: tile.count: the chip has 2 tiles of 1024 x 256, the network needs "
        "3: layer 1 (785 x 300) 2, layer 2 (301 x 10) 1; raise tile.count or set it to auto, or make tiles larger "
        "(with wide)"
    )


def test_check_of_many_files_holds_none_against_another(call, chip):
    """A folder's chips are not all meant for all of its workloads: each is right on its own."""
    chip()
    result = call("check my-chip.yaml metaplastic-bnn tiny mnist-5k-permuted")
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout.endswith(
        "several chips and several workloads: give one of either to hold them against each other\n"
    )


def test_check_of_a_pair(call, chip, folder):
    """With one chip and one workload nobody has to be named."""
    (folder / "tiny.yaml").write_text(
        (folder / "tiny.yaml")
        .read_text(encoding="utf-8")
        .replace("epochs: 2", "epochs: 2\n    rule: {rate: 1}"),
        encoding="utf-8",
    )
    result = call("check single-pair tiny")
    assert (result.exit_code, len(result.stdout.splitlines())) == (2, 2)
    assert result.stderr == (
        "error: tiny.yaml:8: phases[name=train].rule.rate: no learning rule has a number 'rate'; only metaplasticity may "
        "differ from phase to phase\n"
    )


NO_SUCH_DATA = """\
name: tiny
about: A few digits. For tests.
network: {layers: [100, 12, 10]}
learning_rate: 0.1
phases:
  - {name: first, epochs: 1, dataset: {name: mnits}}
  - {name: second, epochs: 1, dataset: {name: mnist-5k, train: 40, test: 2000}}
"""


@pytest.mark.parametrize("command", ["check tiny", "run hybrid-synapse tiny", "describe single-pair -w tiny"])
def test_data_that_do_not_fit(refused, folder, command):
    """What a workload asks of its data is checked before anything is read, with file and line."""
    (folder / "tiny.yaml").write_text(NO_SUCH_DATA, encoding="utf-8")
    refused(
        command,
        "tiny.yaml:3: network.layers: must begin with 784, the pixels of an image of mnist-5k, not 100",
        "tiny.yaml:6: phases[name=first].dataset.name: unknown dataset 'mnits'; known: mnist-5k, mnist, fashion-mnist, cifar-10, flowers17-vgg, "
        "flowers17, imagenet; "
        "did you mean 'mnist' or 'mnist-5k'?",
        "tiny.yaml:7: phases[name=second].dataset.test: must be at most 1000, all that mnist-5k has to test on, not 2000",
    )


def test_chip_with_unknown_costs(refused, chip):
    """A chip that names a cost set that is not there is told with the line of the name."""
    line = chip(("costs: cmos-32nm", "costs: cmos-32"))
    refused(
        "check my-chip.yaml",
        f"my-chip.yaml:{line('costs:')}: costs: there is no cost set 'cmos-32'; "
        "known: cmos-32nm, isaac-32nm, light-adc-32nm, puma-32nm; did you mean 'cmos-32nm'?",
    )


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (
            "device.statez=3",
            f"device.statez: unknown key 'statez'; known: {DEVICE_KEYS}; did you mean 'states'?",
        ),
        ("tile.rows=0", "tile.rows: must be between 1 and 65536, not 0"),
        ("batch=0", "batch: must be between 1 and 1000000, not 0"),
        ("learning_rate=.nan", "learning_rate: must be a finite number, not nan"),
        ("tile.rows", "must be path=value, such as tile.rows=64"),
        ("name=x", "'name' is in every description; write chip.name or workload.name or costs.name"),
    ],
)
def test_override(refused, given, message):
    """A wrong override is told with the text that it was given as."""
    refused(f"run hybrid-synapse tiny --set {given}", f"{message} (from --set {given})")


def test_override_of_a_kind(refused):
    """Keys of the kind that the file has are not called unknown; the message says how to give another kind."""
    refused(
        "run metaplastic-qnn mnist-5k-permuted --set selector.kind=fixed",
        "selector.kind: selector is fixed now, which has no keys; lanes, typical_share in the file belong to another "
        "kind; give the whole section, such as --set 'selector={kind: fixed}' (from --set selector.kind=fixed)",
    )


def test_override_of_a_section(call):
    """The way that the message tells leads to the reason why the chip needs its own selector."""
    result = call("run metaplastic-qnn mnist-5k-permuted --set", "selector={kind: fixed}")
    assert result.stderr.startswith(
        "error: selector.kind: hidden-weights (rule) needs a search for the weights whose level changed"
    )


def test_override_of_an_unknown_key(call):
    """The first key of an override has to belong to one of the three descriptions."""
    result = call("run hybrid-synapse tiny --set devise.states=3")
    assert result.exit_code == 2
    assert result.stderr.startswith("error: devise.states: unknown key 'devise'; known: name, about, paper, ")
    assert result.stderr.endswith("; did you mean 'device'? (from --set devise.states=3)\n")


def test_compare_tells_whose_problem_it_is(refused):
    """What one chip of a comparison refuses says which; what all refuse is told once."""
    refused(
        "compare hybrid-synapse digital-fp32 -w tiny --set device.states=20 --set batch=0",
        "batch: must be between 1 and 1000000, not 0 (from --set batch=0)",
        "digital-fp32: device: there is no device here; leave this out, or give all of it with a kind; known: "
        "bidirectional-step, exponential-step, gradual-reset, ideal, linear-step, multilevel, piecewise, power-step, reset-levels, set-reset, soft-bounds, step-table (from --set device.states=20)",
    )


NAMES = ("train-images-idx3", "train-labels-idx1", "t10k-images-idx3", "t10k-labels-idx1")


@pytest.fixture
def idx(folder):
    """Put four small files where MNIST is looked for; returns their folder."""
    place = folder / "data" / "mnist"
    place.mkdir(parents=True)
    for name in NAMES:
        count = 6 if name.startswith("train") else 4
        shape = (count, 28, 28) if "idx3" in name else (count,)
        content = gzip.compress(idx_bytes(np.zeros(shape, np.uint8)), mtime=0)
        (place / f"{name}-ubyte.gz").write_bytes(content)
    return place


EXPECTED = "expected 0x00000801 (IDX, unsigned bytes, 1-dimensional)"
REMEDY = "replace it with 'chipsim data fetch mnist --overwrite'"


def test_missing_data(refused, folder):
    """A dataset that is not there says where it was looked for and how to get it."""
    listed = ", ".join(f"{name}-ubyte.gz" for name in NAMES)
    refused(
        "run hybrid-synapse mnist --data nowhere",
        f"mnist: no {listed} (gzip or plain) in nowhere/mnist or nowhere; run 'chipsim data fetch mnist', "
        "or name the folder that has it with --data or CHIPSIM_DATA",
    )


def test_truncated_data(refused, idx):
    """A file that ends too soon is named."""
    path = idx / "train-images-idx3-ubyte.gz"
    content = path.read_bytes()[:-12]
    path.write_bytes(content)
    refused(
        "run hybrid-synapse mnist",
        f"{path}: damaged gzip file of {len(content)} bytes "
        f"(Compressed file ended before the end-of-stream marker was reached); {REMEDY}",
    )


def test_corrupt_data(refused, idx):
    """A file of another kind is named with what it begins with."""
    path = idx / "t10k-labels-idx1-ubyte.gz"
    path.write_bytes(b"<html>not here</html>")
    refused("run hybrid-synapse mnist", f"{path}: starts with 0x3c68746d, {EXPECTED}; {REMEDY}")


def test_float_data_with_nan(refused, idx):
    """A file of floats, NaN among them, is no file of bytes."""
    path = idx / "train-labels-idx1-ubyte.gz"
    path.write_bytes(bytes([0, 0, 0x0D, 1, 0, 0, 0, 6]) + np.full(6, np.nan, ">f4").tobytes())
    refused("run hybrid-synapse mnist", f"{path}: starts with 0x00000d01, {EXPECTED}; {REMEDY}")


def test_data_of_the_wrong_size(refused, idx):
    """A good file with too few images is not taken for the dataset."""
    path = idx / "train-images-idx3-ubyte.gz"
    refused(
        "run hybrid-synapse mnist", f"{path}: holds 6 x 28 x 28 values, expected 60000 x 28 x 28; {REMEDY}"
    )


def test_more_samples_than_there_are(refused):
    """A workload cannot ask for more samples than its dataset has."""
    refused(
        "run hybrid-synapse tiny --set phases.0.dataset.train=5000",
        "phases[name=train].dataset.train: must be at most 4000, all that mnist-5k has to train on, not 5000 "
        "(from --set phases.0.dataset.train=5000)",
    )


def test_training_that_diverges(refused, monkeypatch):
    """Training that diverges ends with what noticed it, and the folder of the result is gone again."""

    def diverges(*_, **__):
        raise DivergedError("tile2: training diverged; lower the learning rate")

    monkeypatch.setattr("chipsim.cli.running.simulate", diverges)
    refused("run metaplastic-qnn mnist-5k-permuted", "tile2: training diverged; lower the learning rate")


def test_output_is_a_file(refused, folder):
    """A file in the way is found before training begins."""
    (folder / "taken").write_text("mine")
    refused(
        "run hybrid-synapse tiny -o taken",
        "taken: a file is in the way; choose another folder, or move the file",
    )


def test_output_inside_a_file(refused, folder):
    """A folder that cannot be made is found before training begins."""
    (folder / "taken").write_text("mine")
    refused(
        "run hybrid-synapse tiny -o taken/a/b",
        "taken/a/b: cannot write results here (Not a directory); choose another folder with -o, "
        "or make room for this one",
    )


@pytest.mark.parametrize("command", ["run hybrid-synapse tiny", "compare single-pair digital-fp32 -w tiny"])
def test_file_where_runs_go(refused, folder, command):
    """A file that is called runs is in the way of every result that has no folder given."""
    (folder / "runs").write_text("mine")
    refused(
        command,
        "runs: cannot write results here (File exists); choose another folder with -o, or make room for this one",
    )


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_output_not_writable(refused, folder):
    """A folder that may not be written is found before training begins."""
    (folder / "locked").mkdir(mode=0o500)
    refused(
        "run hybrid-synapse tiny -o locked/run",
        "locked/run: cannot write results here (Permission denied); choose another folder with -o, "
        "or make room for this one",
    )


def test_output_of_others(refused, folder):
    """A folder with other things in it stays as it is."""
    (folder / "thesis").mkdir()
    (folder / "thesis" / "chapter.tex").write_text("mine")
    refused(
        "run hybrid-synapse tiny -o thesis --overwrite",
        "thesis: the folder is not empty and holds no result of chipsim; choose another, or empty it",
    )


def test_result_is_not_overwritten(call, refused):
    """A result is only replaced when asked to."""
    assert call("run digital-fp32 tiny --epochs 1 -o mine").exit_code == 0
    refused(
        "run digital-fp32 tiny --epochs 1 -o mine",
        "mine: there is a result already; choose another folder, or ask to overwrite it (--overwrite)",
    )
    assert call("run digital-fp32 tiny --epochs 2 -o mine --overwrite").exit_code == 0


def test_report_of_nothing(refused, folder):
    """A report needs folders that hold results."""
    (folder / "empty").mkdir()
    refused("report empty", "empty: holds no result of chipsim; give a folder that 'chipsim run' wrote")
    refused("report nowhere", "nowhere: there is no such folder; give one that 'chipsim run' wrote")


def test_page_where_a_folder_is(refused, folder):
    """A page cannot be written over a folder."""
    (folder / "pages").mkdir()
    refused(
        "describe digital-fp32 --html pages",
        "pages: a folder is in the way; give the name of a file, such as pages/report.html",
    )


def test_describing_with_several_wrong_overrides(refused):
    """Without a workload, too, what is wrong with overrides is told at once."""
    refused(
        "describe single-pair --set tile.rows=0 --set costs.sram.bad=1 --set batch=0",
        "tile.rows: must be between 1 and 65536, not 0 (from --set tile.rows=0)",
        "batch: must be between 1 and 1000000, not 0 (from --set batch=0)",
        "costs.sram.bad: unknown key 'bad'; known: time, read, write, area, leakage (from --set costs.sram.bad=1)",
    )


def test_fetching_an_unknown_dataset(refused):
    """Nothing is fetched when one of the names is unknown."""
    refused(
        "data fetch mnist mnst",
        "no dataset 'mnst' to fetch; known: mnist, fashion-mnist; did you mean 'mnist'?",
    )


USAGE = "Usage: chipsim {usage}\nTry 'chipsim{command} --help' for help.\n\nError: {error}\n"


@pytest.mark.parametrize(
    ("line", "usage", "error"),
    [
        (
            "rnu",
            "[OPTIONS] COMMAND [ARGS]...",
            "no command 'rnu'; known: list, check, new, import, describe, device, run, compare, study, sweep, reprice, infer, reach, lifetime, report, figure, trace, endurance, conform, data; did you mean 'run'?",
        ),
        (
            "data fetsh",
            "data [OPTIONS] COMMAND [ARGS]...",
            "no command 'fetsh'; known: list, fetch; did you mean 'fetch'?",
        ),
        (
            "run a b --epochs 0",
            "run [OPTIONS] ARCH WORKLOAD",
            "Invalid value for '--epochs': 0 is not in the range x>=1.",
        ),
        (
            "compare single-pair -w tiny",
            "compare [OPTIONS] ARCH ARCH...",
            "a comparison needs at least two chips; for one there is 'chipsim run'",
        ),
    ],
)
def test_usage(call, line, usage, error):
    """Wrong usage is answered with the right one."""
    result = call(line)
    command = usage.partition("[")[0].strip()
    expected = USAGE.format(usage=usage, command=f" {command}" if command else "", error=error)
    assert (result.exit_code, result.stdout, result.stderr) == (2, "", expected)


def test_no_traceback_in_a_real_process(folder):
    """Outside the tests' runner the message stands alone, and nothing is left behind."""
    ended = subprocess.run(
        [sys.executable, "-m", "chipsim", "run", "hybrid-synapse", "tiny", "--set", "tile.rows=64 ns"],
        capture_output=True, text=True, cwd=folder, check=False, timeout=60,
    )  # fmt: skip
    assert (
        ended.stderr
        == "error: tile.rows: must be a whole number without a unit, not '64 ns' (from --set tile.rows=64 ns)\n"
    )
    assert (ended.returncode, ended.stdout) == (2, "")
    assert files(folder) == ["tiny.yaml"]


def test_bug_keeps_its_traceback(call, monkeypatch):
    """What is no user's error stays an exception, and asks to be reported."""

    def broken(*_args, **_more):
        raise ZeroDivisionError("oops")

    monkeypatch.setattr("chipsim.cli.running.simulate", broken)
    result = call("run hybrid-synapse tiny -o out")
    assert isinstance(result.exception, ZeroDivisionError)
    assert result.exception.__notes__ == [
        "This is a bug in chipsim: please report it with the command and this traceback."
    ]
