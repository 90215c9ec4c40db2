"""Descriptions changed at random are read, or refused with the place of each fault; nothing else happens."""

from __future__ import annotations

import resource
import time
import warnings
from pathlib import Path

import pytest
import yaml

from chipsim.errors import ChipsimWarning, DescriptionError
from chipsim.learn.hidden_weights import HiddenWeights
from chipsim.run import prepare
from chipsim.run.execute import execute
from chipsim.spec import check_file
from chipsim.spec.chip import ChipSpec
from chipsim.spec.workload import WorkloadSpec
from tests.mutate.mutations import generator, mutated_bytes, mutated_text, mutated_tree

ROOT = Path(__file__).parents[2]
SHIPPED = sorted([*ROOT.glob("architectures/**/*.yaml"), *ROOT.glob("workloads/*.yaml")])
LOCAL = ("synapse", "device", "tile", "update")


def grouped():
    """A chip whose two layers stand on groups of tiles of their own."""
    hybrid, single = (
        yaml.safe_load((ROOT / "architectures" / f"{name}.yaml").read_text(encoding="utf-8"))
        for name in ("hybrid-synapse", "single-pair")
    )
    groups = {
        name: {"carries": layers, **{section: chip[section] for section in LOCAL}}
        for name, layers, chip in (("first", [1], hybrid), ("last", [-1], single))
    }
    rest = {key: value for key, value in hybrid.items() if key not in LOCAL}
    return yaml.safe_dump(rest | {"groups": groups}, allow_unicode=True, sort_keys=False)


CONTENTS = [(path.name, path.read_bytes()) for path in SHIPPED] + [("grouped.yaml", grouped().encode())]
CASES = 8_000
QUICK = 60
PART = 500
"""Cases that one test takes."""
LONGEST_S = 5
MOST_KB = 1_000_000
MOST_EVENTS = 5_000
"""Samples in a batch and tiles, multiplied, up to which a step is executed."""


def mutated(number):
    """The name and the bytes of one case."""
    chance = generator("description", number)
    name, content = CONTENTS[number % len(CONTENTS)]
    kind = chance.randrange(4)
    if kind == 0:
        return name, mutated_bytes(content, chance)
    if kind == 1:
        return name, mutated_text(content, chance)
    tree = mutated_tree(yaml.safe_load(content), chance)
    text = yaml.safe_dump(tree, allow_unicode=True, sort_keys=False, default_flow_style=kind == 3)
    return name, text.encode("utf-8", "surrogatepass")


def use(place):
    """Read a description, hold it against its partners, build what it describes, and time a step."""
    described = check_file(place)
    if isinstance(described.spec, WorkloadSpec):
        hidden = described.spec.network.activation != "logistic" or "qnn" in described.spec.about
        setup = prepare("metaplastic-qnn" if hidden else "hybrid-synapse", place, seed=None)
    elif isinstance(described.spec, ChipSpec):
        hidden = isinstance(described.spec.rule, HiddenWeights)
        setup = prepare(place, "mnist-5k-permuted" if hidden else "mnist-5k", seed=None)
    else:
        setup = prepare("hybrid-synapse", "mnist-5k", sets=[f"costs={place}"], seed=None)
    batch = setup.workload.spec.batch
    if batch * (len(setup.chip.tiles) + len(setup.chip.routers)) <= MOST_EVENTS:
        execute(setup.chip, setup.rule.typical_step(batch))


def attempt(number, folder):
    """What becomes of one case: empty when it is read or refused as it should be, otherwise what is wrong."""
    name, content = mutated(number)
    place = folder / name
    place.write_bytes(content)
    began = time.process_time()
    try:
        use(place)
    except DescriptionError as error:
        lost = [problem for problem in error.problems if not (problem.file or problem.path)]
        if lost:
            return f"case {number} ({name}): no place in {lost[0]}"
        if not all(line.isprintable() for line in str(error).split("\n")):
            return f"case {number} ({name}): unprintable {str(error)!r}"
    except Exception as error:  # noqa: BLE001
        return f"case {number} ({name}): {type(error).__name__}: {error}"
    took = time.process_time() - began
    return f"case {number} ({name}): took {took:.1f} s" if took > LONGEST_S else ""


def wrong(numbers, folder):
    """What is wrong with any of the cases."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ChipsimWarning)
        found = [told for number in numbers if (told := attempt(number, folder))]
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    if after > max(MOST_KB, before):
        found.append(f"took {after} kB")
    return found


def test_some_descriptions(tmp_path):
    """A few of all cases, in every run of the tests."""
    assert wrong(range(0, CASES, CASES // QUICK), tmp_path) == []


@pytest.mark.slow
@pytest.mark.parametrize("part", range(CASES // PART))
def test_all_descriptions(tmp_path, part):
    """Every case: no traceback, no wait, no gigabyte, and each message names its place."""
    assert wrong(range(part * PART, (part + 1) * PART), tmp_path) == []
