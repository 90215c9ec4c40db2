"""What the terminal shows of several tasks."""

import re

import attrs

from chipsim.cli.screen import put, screen
from chipsim.cli.tasks import task_table
from chipsim.result import TaskEpoch
from chipsim.result.files import load
from tests.results_made import made_result

TWO = """\
name: two
about: Two tasks. For tests.
network: {layers: [784, 12, 10], loss: cross-entropy}
learning_rate: 0.1
phases:
  - {name: digits, dataset: {name: mnist-5k, train: 40, test: 20}, epochs: 1}
  - {name: permuted, dataset: {name: mnist-5k, train: 40, test: 20, permutation: 1}, epochs: 1}
"""

ROWS = tuple(
    TaskEpoch(epoch=epoch, task=task, test_accuracy_percent=percent, trained=trained)
    for epoch, task, percent, trained in [(1, "a", 97.5, True), (2, "a", 95.25, False), (2, "b", 85.0, True)]
)


def shown(drawn, capsys):
    put(screen(), drawn, keys=2)
    return [line.split() for line in capsys.readouterr().out.splitlines() if line.strip(" ─")]


def test_tasks_as_a_table(capsys):
    """Learnt to 97.5, ended at 95.25: 2.25 points forgotten; the last one has nothing to forget."""
    results = [attrs.evolve(made_result(), tasks=ROWS), made_result()]
    assert shown(task_table(results, names=["chip", "other"]), capsys) == [
        ["Architecture", "Task", "When", "learnt", "At", "the", "end", "Forgotten"],
        ["chip", "a", "97.50", "%", "95.25", "%", "2.25"],
        ["chip", "b", "85.00", "%", "85.00", "%", "\N{EN DASH}"],
    ]


def test_one_task_needs_no_table():
    """Its accuracy is in the comparison already."""
    assert task_table([attrs.evolve(made_result(), tasks=ROWS[:1])], names=["chip"]) is None


def test_a_run_shows_its_tasks(call, folder):
    """Lines of later epochs name the other tasks, and a table stands at the end."""
    (folder / "two.yaml").write_text(TWO, encoding="utf-8")
    done = call("run single-pair two -o out")
    assert done.exit_code == 0
    first, second = (line for line in done.stderr.splitlines() if line.startswith("single-pair: epoch"))
    assert "digits" not in first
    assert re.search(r" % in test, digits \d+\.\d\d %, \S+ .s and ", second)
    assert re.search(r"single-pair +digits +\d+\.\d\d % +\d+\.\d\d % +-?\d+\.\d\d\n", done.stdout)
    assert re.search(r"single-pair +permuted +(\d+\.\d\d %) +\1 +\u2013", done.stdout)


def test_the_result_of_several_tasks_is_their_mean(call, folder):
    """The table of a run shows the mean over its tasks, and not the accuracy on whichever was last."""
    (folder / "two.yaml").write_text(TWO, encoding="utf-8")
    shown = call("run single-pair two -o out").stdout
    heads, _, row = shown.splitlines()[:3]
    mean = load(folder / "out").summary["mean_task_accuracy_percent"]
    assert heads.startswith("Architecture  Mean over tasks  Time on chip ")
    assert row.split()[:3] == ["single-pair", f"{mean:.2f}", "%"]
    assert "Test accuracy" not in shown


def test_one_task_shows_no_table(call):
    """A run of one task says what it said before."""
    shown = call("run single-pair tiny --epochs 1").stdout
    assert "Forgotten" not in shown
    assert "  Test accuracy  " in shown
