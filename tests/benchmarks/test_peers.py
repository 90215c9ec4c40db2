"""Processes that train in turns, and what is written of it."""

import io
import json
import sys
from pathlib import Path

import numpy as np
import pytest

from benchmarks.cases import HYBRID, NEVER, TRAINS
from benchmarks.loops import ALL, ChipLoop
from benchmarks.peers import __main__ as peers
from benchmarks.peers import environment
from benchmarks.peers.algorithms import UNTIMED
from benchmarks.peers.chipsim_side import ChipSide, sides
from benchmarks.peers.colleague import Colleague
from benchmarks.peers.page import BEGIN, END, REFERENCES, page_part, with_part, write_part
from benchmarks.peers.rounds import WARM_UP, Outcome, in_turns
from benchmarks.peers.worker import Digits, serve
from chipsim.errors import ChipsimError

ROOT = Path(__file__).parents[2]

FAKE = """
import sys
from benchmarks.peers.worker import main

LOG = []


class Fake:
    def __init__(self, digits):
        LOG.append(len(digits.labels))

    def warm_up(self, turns):
        LOG.append(-turns)

    def train(self, turn):
        print("a library prints")
        LOG.append(turn)
        if turn == 9:
            raise ValueError("nine is too many")
        if turn == 8:
            sys.exit("out of memory")
        return 0.5 * turn

    def tell(self):
        return {"right_percent": float(sum(LOG))}


main(lambda: ({"one": Fake, "other": Fake}, {"fake": "1.0"}))
"""


@pytest.fixture
def digits(tmp_path):
    path = tmp_path / "digits.npz"
    peers.write_digits(path, turns=WARM_UP + 2, samples=30)
    return path


@pytest.fixture
def fake(tmp_path, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    script = tmp_path / "fake.py"
    script.write_text(FAKE)
    with Colleague("fake", [sys.executable, str(script)], folder=tmp_path, patience_s=30) as colleague:
        yield colleague


def test_worker_answers_line_by_line(digits):
    """Versions first, then an answer to each question; what goes wrong is an answer, too."""

    class Side:
        def __init__(self, given):
            self.given = given

        def warm_up(self, turns):
            self.warm = turns

        def train(self, turn):
            return float(self.given.turn(turn)[1].sum())

        def tell(self):
            return {"warm": self.warm}

    questions = [
        {"do": "prepare", "name": "a", "digits": str(digits), "turns": 2},
        {"do": "train", "name": "a", "turn": 0},
        {"do": "train", "name": "b", "turn": 0},
        {"do": "tell", "name": "a"},
    ]
    asked, answers = io.StringIO("\n".join(map(json.dumps, questions))), io.StringIO()
    serve({"a": Side}, {"side": "2"}, asked=asked, answers=answers)
    hello, *rest = [json.loads(line) for line in answers.getvalue().splitlines()]
    assert hello["names"] == ["a"]
    assert hello["versions"]["side"] == "2"
    assert rest == [
        {"prepared": "a"},
        {"seconds": float(Digits(digits).labels.sum())},
        {"error": "KeyError: 'b'"},
        {"told": {"warm": 2}},
    ]


def test_turns(fake, digits):
    """Each warms up, then trains once a round, another one first each time."""
    said = []
    parties = [(fake, name) for name in fake.names]
    one, other = in_turns(parties, digits=str(digits), samples=10, rounds=2, say=said.append)
    assert (one.name, other.name) == ("one", "other")
    assert one.seconds == other.seconds == (0.1, 0.15)
    assert one.told == {"right_percent": 2 * (30 - WARM_UP) + 2 * (2 + 3)}
    assert said == ["warming up: one", "warming up: other", "round 1 of 2", "round 2 of 2"]
    assert fake.versions["fake"] == "1.0"


def test_error_of_a_worker(fake, digits):
    """Which process, and what it says; it goes on."""
    fake.ask("prepare", "one", digits=str(digits), turns=0)
    with pytest.raises(ChipsimError) as caught:
        fake.ask("train", "one", turn=9)
    assert str(caught.value) == "fake: ValueError: nine is too many"
    assert fake.ask("train", "one", turn=1) == {"seconds": 0.5}


def test_end_of_a_worker(fake, digits):
    """The last that it said is told."""
    fake.ask("prepare", "one", digits=str(digits), turns=0)
    with pytest.raises(ChipsimError) as caught:
        fake.ask("train", "one", turn=8)
    told = "its process ended with 1, and the last that it said was: a library prints / out of memory"
    assert str(caught.value) == f"fake: {told}"


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("print('hello')", "odd: answers 'hello', which is no JSON"),
        ("print('[1]')", "odd: answers '[1]', which is no object"),
        ("raise SystemExit('x')", "odd: its process ended with 1, and the last that it said was: x"),
        ("import time; time.sleep(9)", "odd: gave no answer within 0.5 s"),
        ("print('{}')", "odd: answers '{}', which has no 'versions' and 'names'"),
        (
            "import os, sys, time; print('x', file=sys.stderr, flush=True); os.close(1); time.sleep(9)",
            "odd: its process has closed the pipe that it answers by, and goes on, and the last that it said was: x",
        ),
    ],
)
def test_process_that_is_no_worker(code, message, tmp_path, monkeypatch):
    """What it answers instead."""
    monkeypatch.setattr("benchmarks.peers.colleague._LEAVING_S", 0.1 if "sleep" in code else 10)
    patience = 0.5 if code == "import time; time.sleep(9)" else 20
    with pytest.raises(ChipsimError) as caught:
        Colleague("odd", [sys.executable, "-c", code], folder=tmp_path, patience_s=patience)
    assert str(caught.value) == message


def test_answer_to_something_else(tmp_path):
    """A process that knows the greeting only."""
    code = "print('{\"versions\": {}, \"names\": []}', flush=True); input(); print('{}')"
    with (
        Colleague("odd", [sys.executable, "-c", code], folder=tmp_path, patience_s=20) as odd,
        pytest.raises(ChipsimError) as caught,
    ):
        odd.ask("train", "one", turn=1)
    assert str(caught.value) == "odd: answers '{}', which has no 'seconds'"


def test_program_that_is_not_there(tmp_path):
    """Its name, and the system's words."""
    with pytest.raises(ChipsimError) as caught:
        Colleague("odd", ["/no/python"], folder=tmp_path)
    assert str(caught.value) == "odd: /no/python cannot be started: No such file or directory"


class Noted:
    """Draws orders, and keeps them."""

    def __init__(self, drawn):
        self.drawn, self.orders = drawn, []

    def take(self, samples, **more):
        self.orders.append(self.drawn.take(samples, **more))
        return self.orders[-1]


def test_chip_sees_the_order_that_others_are_given(digits):
    """Sample by sample, in the warm-up and in each turn."""
    side = ChipSide(ChipLoop(architecture="single-pair", sets=TRAINS), ALL, Digits(digits))
    side._training._order = noted = Noted(side._training._order)
    side.warm_up(WARM_UP)
    assert side.train(WARM_UP) > 0
    given = peers.orders(turns=WARM_UP + 1, samples=30)
    assert np.array_equal(noted.orders, given)
    assert np.array_equal(Digits(digits).turn(1)[1], Digits(digits).labels[given[1]])


def test_fine_is_fine(digits):
    """After the warm-up the coarse network is on its coarse pair, and the fine one on its fine pair."""
    built, _ = sides()
    pairs = {}
    for name in ("hybrid, coarse", "hybrid, fine"):
        side = built[name](Digits(digits))
        side.warm_up(WARM_UP)
        pairs[name] = side.pair
    assert pairs == {"hybrid, coarse": "coarse", "hybrid, fine": "fine"}


def test_what_a_chip_tells(digits):
    """Accuracy, time, energy, pulses and wear of the run that is timed."""
    side = ChipSide(ChipLoop(architecture="hybrid-synapse", sets=(*HYBRID, NEVER)), ALL, Digits(digits))
    side.warm_up(WARM_UP)
    told = side.tell()
    assert list(told) == ["right_percent", "time_us", "energy_nJ", "pulses", "most_pulses_of_a_cell"]
    assert all(value > 0 for value in told.values())


def made(name, *seconds, **told):
    return Outcome(name=name, seconds=seconds, told=told)


OUTCOMES = [
    *(
        made(
            name,
            1e-4,
            2e-4,
            right_percent=90.0,
            time_us=5.0,
            energy_nJ=270.0,
            pulses=1100.0,
            most_pulses_of_a_cell=9.0,
        )
        for name in REFERENCES
    ),
    made(f"single pair{UNTIMED}", 5e-5, 2e-4, right_percent=90.0),
    made("dense floor", 4e-5, 4e-5),
]


def test_tables():
    """Median and range, times of the same round, who learns, and what is reported."""
    lines = page_part(OUTCOMES, facts={"cores": 2}, neurosim="Said.").splitlines()
    assert lines[0] == "Measured: cores 2."
    assert lines[-1] == "Said."
    assert (
        "| dense floor | 40 (40 to 40) | 0.30 (0.20 to 0.40) | 0.30 (0.20 to 0.40) | 0.30 (0.20 to 0.40) | \N{EN DASH} |"
        in lines
    )
    assert "| single pair | 5 | 270 | 1,100 | 9 | 1.50 (1.00 to 2.00) |" in lines
    assert "| hybrid, fine | 5 | 270 | 1,100 | 9 | \N{EN DASH} |" in lines


def test_page_keeps_what_is_around(tmp_path):
    """Only what stands between the marks is written anew, however often."""
    page = tmp_path / "page.md"
    page.write_text(f"# Mine\n\n{BEGIN}\nold\n{END}\n\nMore.\n")
    write_part(page, "new")
    write_part(page, "newer")
    assert page.read_text() == f"# Mine\n\n{BEGIN}\n\nnewer\n\n{END}\n\nMore.\n"


@pytest.mark.parametrize("text", ["", BEGIN, f"{END} {BEGIN}", f"{BEGIN} {BEGIN} {END}"])
def test_page_without_marks(text):
    """Both once, in their order."""
    with pytest.raises(ChipsimError) as caught:
        with_part(text, "new", where="page.md")
    assert str(caught.value) == f"page.md: needs the line {BEGIN!r} once, and after it {END!r} once"


def test_shipped_page_has_its_marks():
    """Else an hour of rounds would end in a message."""
    assert "new" in with_part(peers.PAGE.read_text(encoding="utf-8"), "new", where="README.md")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--rounds", "0"], "--rounds: must be at least 1, not 0"),
        (["--samples", "5000"], "--samples: must be 1 to 4,000, not 5,000"),
        (["--core", "9999"], "--core: must be one of "),
        (["--venv", "/nowhere"], "/nowhere: is no virtual environment: it has no bin/python"),
        (["--chip", "single-pear"], "there is no chip 'single-pear'; known: "),
        (["--neurosim", "/nowhere/main"], "/nowhere/main: is no program that can be run"),
    ],
)
@pytest.mark.skipif(sys.platform != "linux", reason="cores are chosen on Linux only")
def test_wrong_options_are_refused(words, message, capsys):
    """Before anything is installed or measured."""
    assert peers.main(words) == 2
    assert capsys.readouterr().err.startswith(f"bench-peers: {message}")


@pytest.mark.parametrize("ours", [True, False])
@pytest.mark.parametrize(("text", "why"), [("#!/bin/sh\necho broken >&2; exit 3\n", "broken"), ("", "")])
def test_environment_that_does_not_run(tmp_path, ours, text, why):
    """What is chipsim's may be made anew; nobody is told to remove what they made themselves."""
    python = environment.python_of(tmp_path)
    python.parent.mkdir()
    python.write_text(text)
    python.chmod(0o755 if text else 0o644)
    with pytest.raises(ChipsimError) as caught:
        environment.ready(tmp_path, ours=ours, say=print)
    remedy = f"remove {tmp_path} and start again" if ours else "name another environment with --venv"
    assert str(caught.value) == f"{python}: does not run: {why or 'Permission denied'}; {remedy}"


def test_environment_of_others_is_taken_as_it_is(tmp_path, monkeypatch):
    """One that lacks what is needed is refused, and nothing is installed into it."""
    python = environment.python_of(tmp_path)
    python.parent.mkdir(parents=True)
    python.touch()
    monkeypatch.setattr(environment, "_versions", lambda _: {"aihwkit": "0.9.2", "torch": None})
    with pytest.raises(ChipsimError) as caught:
        environment.ready(tmp_path, ours=False, say=print)
    told = "has aihwkit 0.9.2 and torch not at all; needed are aihwkit 1.1.0 and torch 2.10.0"
    assert str(caught.value) == f"{tmp_path}: {told}"


def test_download_is_told_first(tmp_path, monkeypatch):
    """How much comes, before it does; a failure is told."""
    python, said = environment.python_of(tmp_path), []
    python.parent.mkdir(parents=True)
    python.touch()
    monkeypatch.setattr(environment, "_versions", lambda _: {"aihwkit": None, "torch": None})

    def pip(command, **_):
        said.append(command[1:])
        return environment.subprocess.CompletedProcess(command, 1)

    monkeypatch.setattr(environment.subprocess, "run", pip)
    with pytest.raises(ChipsimError, match="could not be installed with Python"):
        environment.ready(tmp_path, ours=True, say=said.append)
    told, command = said
    assert "about 3 GB to download" in told
    assert command[-2:] == ["aihwkit==1.1.0", "torch==2.10.0"]


def test_orders_are_permutations():
    """Each turn has every digit once, and no two turns the same order."""
    drawn = peers.orders(turns=3, samples=20)
    assert np.array_equal(np.sort(drawn, axis=1), np.tile(np.arange(20), (3, 1)))
    assert not np.array_equal(drawn[0], drawn[1])
