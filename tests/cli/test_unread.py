"""What a command line gives and nothing reads is refused, each with its own words."""

import shlex

import pytest

from chipsim.errors import ChipsimWarning, DescriptionError
from chipsim.run import simulate


@pytest.mark.parametrize(
    ("line", "messages"),
    [
        (
            "run hybrid-synapse tiny --set tile.rows=64 --set tile.rows=128",
            ["tile.rows: --set tile.rows=64 is replaced by --set tile.rows=128; give one of them"],
        ),
        (
            "describe hybrid-synapse --set update.slots=7 --set update={kind:row-by-row}",
            ["update.slots: --set update.slots=7 is replaced by --set update={kind:row-by-row}; give one of them"],
        ),
        (
            "compare hybrid-synapse single-pair -w tiny --epochs 3 --set phases.0.epochs=2",
            ["phases.0.epochs: --set phases.0.epochs=2 is replaced by --epochs 3"],
        ),
        (
            "run digital-fp32 tiny --set rule.learning_rate=0.2 --set learning_rate=0.1",
            [
                ("learning_rate: nothing reads it: the chip has a rate of its own, 0.2; set rule.learning_rate "
                "(from --set learning_rate=0.1)")
            ],
        ),
        (
            "run digital-fp32 tiny --set phases.0.learning_rate=0.2 --set learning_rate=0.1",
            [
                ("learning_rate: nothing reads it: each phase has a learning_rate of its own; set those "
                "(from --set learning_rate=0.1)")
            ],
        ),
        ("run digital-fp32 tiny --data somewhere", [
            "data: nothing is read from somewhere, for mnist-5k is embedded; leave it out"
        ]),
    ],
)  # fmt: skip
def test_refused(call, folder, line, messages):
    """Each is told where it was given, and by what it is ruled out; nothing is left behind."""
    before = sorted(folder.iterdir())
    result = call(line)
    assert result.stderr.splitlines() == [f"error: {message}" for message in messages]
    assert (result.exit_code, sorted(folder.iterdir())) == (2, before)


@pytest.mark.parametrize("line", ["run digital-fp32 tiny", "compare single-pair digital-fp32 -w tiny"])
def test_overwriting_nothing(call, line):
    """A folder that is made anew has nothing that could be replaced."""
    result = call(f"{line} --overwrite")
    assert result.stderr.splitlines()[-1] == (
        "Error: --overwrite replaces what is in the folder of -o; without -o a new one is made"
    )
    assert result.exit_code == 2


def test_a_section_and_then_a_key_of_it(call):
    """A later override may change a part of what an earlier one gave."""
    sets = ["--set", "update={kind: row-by-row, slots: 9}", "--set", "update.slots=7"]
    assert call("describe single-pair", *sets).exit_code == 0


def test_what_one_chip_of_several_reads(folder):
    """In Python a value that this chip does not read is told, for others may read it."""
    sets = ["rule.learning_rate=0.2", "learning_rate=0.1"]
    with pytest.warns(
        ChipsimWarning, match=r"^learning_rate: nothing reads it: the chip has a rate of its own, 0\.2"
    ):
        simulate("digital-fp32", folder / "tiny.yaml", sets=sets, epochs=1)


def test_initial_weights_of_a_chip_that_draws_its_own(call):
    """Hidden weights between levels do not come from the workload's Gaussian."""
    result = call("run plain-qnn mnist-5k-permuted --set network.initial_weights=0.3")
    assert result.stderr == (
        "error: network.initial_weights: nothing reads it: the chip draws hidden weights by its rule.initial; set "
        "that to network (from --set network.initial_weights=0.3)\n"
    )


def test_a_folder_of_data_that_only_own_datasets_are_named_beside(folder):
    """Datasets of one's own are read from no folder either."""
    with pytest.raises(DescriptionError) as caught:
        simulate("digital-fp32", folder / "tiny.yaml", data="somewhere")
    assert str(caught.value) == "data: nothing is read from somewhere, for mnist-5k is embedded; leave it out"


def test_a_command_that_is_printed_can_be_typed(call):
    """The command that a run ends with is taken whole by a shell, whatever its folder is called."""
    result = call("run digital-fp32 tiny --epochs 1 -o", "my runs/it's")
    last = result.stdout.splitlines()[-1]
    command = last.removeprefix("saved in my runs/it's; ").removesuffix(" makes its page")
    assert shlex.split(command) == ["chipsim", "report", "my runs/it's"]
