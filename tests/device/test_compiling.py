"""The seconds that the compiler takes are counted and told, and few forms of kernels are compiled."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
from click.testing import CliRunner

from chipsim.cli import main, running
from chipsim.device import compiling
from tests.cli.conftest import folder  # noqa: F401  (for a run of a command)
from tests.device.test_kernel_cache import line_of, place  # noqa: F401

FORMS = """
import json, sys
from numba.core.dispatcher import Dispatcher
import chipsim

small = ["phases.0.dataset.train=40", "phases.0.dataset.test=20", "phases.0.epochs=3"]
for name in ("hybrid-synapse", "single-pair", "digital-fp32"):
    chipsim.simulate(name, "mnist-5k", sets=small)
forms = {}
for module in [module for name, module in sys.modules.items() if name.startswith("chipsim")]:
    for value in vars(module).values():
        if isinstance(value, Dispatcher) and value.signatures:
            name = f"{value.py_func.__module__}.{value.py_func.__qualname__}"
            forms[name] = [str(one) for one in value.signatures]
print(json.dumps(forms))
"""


@pytest.fixture
def clock(monkeypatch):
    """A count that begins at nothing."""
    fresh = compiling._Clock()
    monkeypatch.setattr(compiling, "_CLOCK", fresh)
    compiling.event.register("numba:compile", fresh)
    yield fresh
    compiling.event.unregister("numba:compile", fresh)


def test_compiling_is_counted_once(place, clock):  # noqa: F811
    """A kernel and one that it calls take time and are kept; the next process, which loads them, compiles none."""
    assert compiling.compiled() is None
    assert line_of(place)(3) == 7
    first = compiling.compiled()
    assert first.kernels == 2
    assert 0.01 < first.seconds < 60
    assert first.folder == place / "__pycache__"
    assert line_of(place)(3) == 7
    assert compiling.compiled() == first


def test_time_of_a_kernel_within_another_counts_once(clock, monkeypatch):
    """Ten seconds in all, of which the inner one took six, are ten and not sixteen."""
    times = iter([0.0, 4.0, 10.0])
    monkeypatch.setattr(compiling.time, "perf_counter", lambda: next(times))
    clock.on_start(None)
    clock.on_start(None)
    clock.on_end(None)
    clock.on_end(None)
    assert clock.seconds == 10.0 - 0.0


@pytest.mark.parametrize("done", [None, compiling.Compiled(kernels=3, seconds=1.26, folder=None)])
def test_a_run_tells_what_it_compiled(folder, monkeypatch, done):  # noqa: F811
    """After everything else, and only where something was compiled."""
    monkeypatch.setattr(running, "compiled", lambda: done)
    stderr = CliRunner().invoke(main, ["run", "digital-fp32", "tiny"], prog_name="chipsim").stderr
    assert ("compiled 3 kernels in 1.3 s" in stderr.splitlines()) == (done is not None)


def test_the_demo_compiles_few_forms_of_kernels():
    """Each form takes a fifth of a second on the first run: a kernel has one, or two at most."""
    found = subprocess.run([sys.executable, "-c", FORMS], capture_output=True, text=True, check=True)
    forms = json.loads(found.stdout)
    assert forms
    # Called with a number that is written out, which numba makes a type of.
    known = {"chipsim.net.compiled._matrix_at"}
    assert {name for name, these in forms.items() if len(these) > 2} <= known
    assert sum(map(len, forms.values())) <= 110
