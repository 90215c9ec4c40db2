"""Tasks in results: saved, read back, and what became of each."""

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from chipsim.errors import OutputError
from chipsim.result import TaskEpoch, task_outcomes
from chipsim.result.files import load, save
from tests.results_made import balanced, made_result, sealed

TASKS = tuple(
    TaskEpoch(epoch=epoch, task=task, test_accuracy_percent=percent, trained=trained)
    for epoch, task, percent, trained in [
        (1, "digits", 90.0, True),
        (2, "digits", 97.5, True),
        (3, "digits", 96.0, False),
        (3, "permuted", 80.0, True),
        (4, "digits", 93.25, False),
        (4, "permuted", 85.5, True),
    ]
)


def test_tasks_are_kept_when_there_are_any(tmp_path):
    """Tasks come back row by row; a folder without them is one of a run that tested none."""
    result = balanced(made_result(epochs=4), tasks=TASKS)
    folder = save(result, tmp_path / "run")
    assert load(folder) == result
    assert load(folder).tasks == TASKS
    assert (folder / "tasks.parquet").is_file()
    save(made_result(), folder, overwrite=True)
    assert not (folder / "tasks.parquet").exists()
    assert load(folder).tasks == ()


def test_damaged_tasks(tmp_path):
    """A table of tasks that cannot be read is said to be damaged."""
    folder = save(balanced(made_result(epochs=4), tasks=TASKS), tmp_path / "run")
    pq.write_table(pa.table({"epoch": [1]}), folder / "tasks.parquet")
    with pytest.raises(OutputError) as error:
        load(sealed(folder))
    assert str(error.value) == (
        f"{folder / 'tasks.parquet'}: cannot be read (has no column task, test_accuracy_percent, trained); "
        "the result is damaged, so run it again"
    )


def test_what_became_of_each_task():
    """Digits were learnt to 97.5 and ended at 93.25; what is trained until the end has nothing to forget."""
    digits, permuted = task_outcomes(TASKS)
    assert (digits.task, digits.learnt_percent, digits.final_percent) == ("digits", 97.5, 93.25)
    assert digits.forgotten_percent == 4.25
    assert (permuted.learnt_percent, permuted.final_percent) == (85.5, 85.5)
    assert permuted.forgotten_percent is None


def test_a_task_that_was_taken_up_again():
    """Only what was lost since the last epoch that trained a task counts; a gain is negative."""
    again = TaskEpoch(epoch=5, task="digits", test_accuracy_percent=95.0, trained=True)
    left = TaskEpoch(epoch=5, task="permuted", test_accuracy_percent=86.0, trained=False)
    digits, permuted = task_outcomes((*TASKS, again, left))
    assert (digits.learnt_percent, digits.forgotten_percent) == (95.0, None)
    assert (permuted.final_percent, permuted.forgotten_percent) == (86.0, -0.5)
