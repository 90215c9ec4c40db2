"""Ctrl-C at any moment, as real signals to a real process, leaves a result that agrees with itself and loads."""

import random
import signal
import subprocess
import sys
import threading
import time

import pytest

from chipsim.net.network import Network
from chipsim.run import simulate
from chipsim.run.interrupts import Interrupts
from chipsim.run.progress import Watcher
from tests.run import stopped_often

SHORT = ["phases.0.dataset.train=20", "phases.0.dataset.test=20"]
TIMES = 8


@pytest.fixture(autouse=True)
def usual_signals():
    """Ctrl-C as Python has it, whatever whoever started the tests made of it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.parametrize("kind", stopped_often.SETS)
def test_a_run_stopped_at_random_moments_agrees_and_loads(kind, tmp_path):
    """In compiled loops, in steps and with hidden weights; charged by replay and event by event."""
    moments = random.Random(kind)
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.run.stopped_often", kind, str(TIMES), str(tmp_path)],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    left = []
    with process:
        for line in process.stdout:
            if line == "begun\n":
                time.sleep(moments.uniform(0, 0.3))
                process.send_signal(signal.SIGINT)
            else:
                left.append(line.strip())
        said = process.stderr.read()
    assert (left[::2], said) == (["whole"] * TIMES, "")
    # Not all before the first sample, nor all at one place.
    assert len(set(left[1::2])) > 1


class Signals(Watcher):
    """Sends a signal when so many samples are through, and again when more are."""

    def __init__(self, *at):
        self.seen, self.at = 0, set(at)

    def advance(self, samples, *, correct):
        self.seen += samples
        if self.seen in self.at:
            signal.raise_signal(signal.SIGINT)


def test_one_that_comes_while_progress_is_told_ends_the_run_there():
    """It waits until whoever watches was told."""
    result = simulate("single-pair", "mnist-5k", epochs=1, sets=["batch=2", *SHORT], progress=Signals(6))
    assert (result.summary["complete"], result.summary["steps"]) == (False, 3)
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_a_second_one_before_that_leaves_nothing(monkeypatch):
    """Whoever does not want to wait gets no result, which might not agree with itself."""
    step = Network.step

    def asked(rule, images, labels):
        for _ in range(2):
            signal.raise_signal(signal.SIGINT)
        return step(rule, images, labels)

    monkeypatch.setattr("chipsim.net.network.Network.step", asked)
    with pytest.raises(KeyboardInterrupt):
        simulate("single-pair", "mnist-5k", epochs=1, sets=["batch=2", *SHORT])
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_one_that_comes_while_the_result_is_made_is_let_pass(monkeypatch):
    """Nothing is left to stop, and what was trained is not lost."""
    whole = simulate.__globals__
    monkeypatch.setitem(whole, "collect", _while_asked(whole["collect"]))
    assert simulate("single-pair", "mnist-5k", epochs=1, sets=SHORT).summary["complete"]


def _while_asked(call):
    def asked(*given):
        signal.raise_signal(signal.SIGINT)
        return call(*given)

    return asked


def test_whoever_takes_ctrl_c_in_a_way_of_their_own_keeps_it():
    """Such as the commands, which set a flag."""
    taken = []
    signal.signal(signal.SIGINT, lambda *_: taken.append("asked"))
    with Interrupts() as interrupts:
        signal.raise_signal(signal.SIGINT)
        interrupts.hand_on()
    assert taken == ["asked"]


def test_a_thread_that_takes_no_signals_trains_all_the_same():
    """Python lets the main thread alone say what signals do."""
    found = []
    thread = threading.Thread(
        target=lambda: found.append(simulate("single-pair", "mnist-5k", epochs=1, sets=SHORT))
    )
    thread.start()
    thread.join()
    assert found[0].summary["complete"]


def test_a_second_one_ends_it_also_after_the_first_was_handed_on():
    """What is still to be timed may take long; and only when the run has ended is one more let pass."""
    with Interrupts() as interrupts:
        signal.raise_signal(signal.SIGINT)
        with pytest.raises(KeyboardInterrupt):
            interrupts.hand_on()
        assert not interrupts.torn
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
        assert interrupts.torn
        interrupts.over = True
        signal.raise_signal(signal.SIGINT)


def test_whoever_takes_ctrl_c_meanwhile_keeps_it():
    """As a progress of one's own may; it is not given back to Python."""
    taken = []

    def own(*_):
        taken.append("asked")

    with Interrupts():
        signal.signal(signal.SIGINT, own)
    assert signal.getsignal(signal.SIGINT) is own
