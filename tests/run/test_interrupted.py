"""What is left of a run that was stopped from the keyboard in the middle of an operation."""

import math

import attrs
import pytest

from chipsim.errors import DivergedError
from chipsim.net.network import Network
from chipsim.parts.digital import Buffer
from chipsim.result.agreement import check_agreement
from chipsim.run import simulate, training
from chipsim.run.progress import Watcher

SHORT = ["phases.0.dataset.train=20", "phases.0.dataset.test=20"]


@pytest.mark.parametrize("replay", [True, False])
def test_times_after_an_interrupt_are_those_of_a_chip_at_rest(monkeypatch, replay):
    """Operations that were cut off hold parts; inference and first step are still timed without them."""
    whole = simulate("hybrid-synapse", "mnist-5k", epochs=1, sets=SHORT, replay=replay)
    accesses = []
    serve = Buffer.serve

    def interrupted(buffer, op):
        accesses.append(op)
        if len(accesses) == 6:
            yield buffer.server.request()
            raise KeyboardInterrupt
        yield from serve(buffer, op)

    monkeypatch.setattr(Buffer, "serve", interrupted)
    partial = simulate("hybrid-synapse", "mnist-5k", epochs=1, sets=SHORT, replay=replay)
    assert len(accesses) > 6
    assert (whole.summary["complete"], partial.summary["complete"]) == (True, False)
    for key in ("inference_time_ps", "first_step_time_ps", "area_mm2"):
        assert partial.summary[key] == whole.summary[key]


def step_by_step(monkeypatch):
    """Train without compiled loops."""
    monkeypatch.setattr(training, "loop_of", lambda *_, **__: None)


class Stopping(Watcher):
    """Stops the run at the n-th thing that it is told."""

    def __init__(self, told):
        self.left = told

    def advance(self, samples, *, correct):
        self.tell()

    def epoch_ends(self, row, *, tasks):
        self.tell()

    def tell(self):
        self.left -= 1
        if not self.left:
            raise KeyboardInterrupt


@pytest.mark.parametrize("loops", [True, False])
@pytest.mark.parametrize("told", [1, 5, 20, 21, 22, 42])
def test_a_run_stopped_anywhere_agrees_with_itself(monkeypatch, told, loops):
    """In the first step, within an epoch, at its end and at that of the run: what is left can be read back.

    Samples are trained in loops, of one sample here, or step by step.
    """
    monkeypatch.setattr(training, "_AT_ONCE", 1)
    if not loops:
        step_by_step(monkeypatch)
    partial = simulate("hybrid-synapse", "mnist-5k", epochs=2, sets=SHORT, progress=Stopping(told))
    assert not partial.summary["complete"]
    assert partial.summary["epochs_run"] == told // 21
    check_agreement(partial)


def test_a_run_that_diverges_agrees_with_itself(monkeypatch):
    """The pulses of the step in which the loss became none are charged, and what is left can be read back."""
    step = Network.step
    taken = []

    def diverging(rule, images, labels):
        taken.append(step(rule, images, labels))
        return attrs.evolve(taken[-1], loss=math.nan) if len(taken) == 25 else taken[-1]

    monkeypatch.setattr(Network, "step", diverging)
    step_by_step(monkeypatch)
    with pytest.raises(DivergedError, match=r"^epoch 2, step 5: the loss is no finite number") as caught:
        simulate("hybrid-synapse", "mnist-5k", epochs=2, sets=SHORT)
    partial = caught.value.result
    assert (partial.summary["complete"], partial.summary["epochs_run"]) == (False, 1)
    assert partial.summary["warnings"][-1] == str(caught.value)
    assert sum(row.pulses for row in partial.ledger) == sum(int(one.pulses.sum()) for one in partial.wear) > 0
    check_agreement(partial)
