"""The figure of accuracy over waiting time: which task, which times, and nothing for chips that did not wait."""

from __future__ import annotations

import attrs

from chipsim.report import write_report
from chipsim.report.waiting import waiting_figures
from chipsim.result import TaskEpoch, WaitRow
from chipsim.result.metrics import metrics_of
from chipsim.run import simulate

SHORT = [
    "phases.0.dataset.train=20",
    "phases.0.dataset.test=10",
    "phases.0.epochs=1",
    "network.layers=[784, 10]",
]
PLAIN = simulate("single-pair", "mnist-5k", sets=SHORT, progress=False)
SECOND, HOUR = 10**9, 3600 * 10**9


def waited(*rows):
    """The same run after waiting."""
    waits = tuple(WaitRow(wait_ns=time, task=task, test_accuracy_percent=share) for time, task, share in rows)
    summary = PLAIN.summary | {"waited_s": 3600.0, "test_accuracy_after_wait_percent": 70.0}
    return attrs.evolve(PLAIN, waits=waits, summary=summary)


def test_chips_that_did_not_wait_have_no_figure():
    """Nor a line in tables."""
    assert waiting_figures([PLAIN]) == []
    keys = {metric.key for metric in metrics_of([PLAIN])}
    assert "test_accuracy_after_wait_percent" not in keys
    assert "test_accuracy_after_wait_percent" in {
        one.key for one in metrics_of([waited((HOUR, "train", 70.0))])
    }


def test_a_line_leads_through_the_times():
    """On a logarithmic axis in the unit of the longest, with what it was right after training."""
    (figure,) = waiting_figures([waited((SECOND, "train", 90.0), (HOUR, "train", 70.0)), PLAIN])
    line, ended = figure.data
    assert line["x"] == [1 / 3600, 1.0]
    assert line["y"] == [90.0, 70.0]
    assert line["customdata"] == ["1 s", "1 h"]
    assert figure.layout["xaxis"]["type"] == "log"
    assert "[h]" in figure.layout["xaxis"]["title"]["text"]
    assert ended["y"] == [PLAIN.summary.test_accuracy_percent] * 2


def test_the_task_that_was_trained_last_is_drawn():
    """Others are in the table."""
    result = waited((SECOND, "old", 10.0), (SECOND, "new", 90.0))
    last = PLAIN.epochs[-1].epoch
    tasks = tuple(
        TaskEpoch(epoch=last, task=task, test_accuracy_percent=0.0, trained=task == "new")
        for task in ("old", "new")
    )
    (figure,) = waiting_figures([attrs.evolve(result, tasks=tasks)])
    assert figure.data[0]["y"] == [90.0]


def test_the_page_has_it(tmp_path):
    """In the section of accuracy, and among the figures of the table."""
    page = write_report([waited((SECOND, "train", 90.0), (HOUR, "train", 70.0))], tmp_path / "report.html")
    text = page.read_text(encoding="utf-8")
    assert "Accuracy after waiting" in text
    assert "Test accuracy after waiting" in text
