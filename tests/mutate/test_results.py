"""Saved results damaged at random are refused by name, or read with a word; nothing else happens."""

from __future__ import annotations

import json
import os
import resource
import shutil
import time
import warnings

import attrs
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

from chipsim.cli import main
from chipsim.errors import ChipsimError, UnverifiedWarning
from chipsim.ledger import Record, Trace
from chipsim.result import TaskEpoch, Wear
from chipsim.result.files import load, save
from tests.mutate.mutations import generator, mutated_bytes, mutated_tree
from tests.results_made import balanced, made_result, sealed, without_digests

CASES = 1_000
QUICK = 40
LONGEST_S = 5
MOST_KB = 1_000_000
OPTIONAL = ("tasks.parquet", "trace.parquet", "executed.parquet")
LAYERS = ([6, 4, 3], [784, 10**12, 10], [10**12, 10**12, 10], [2] * 10_000, [-1, 0, 1], [1e308, 2], "many")


def results():
    """Small results of each make: hybrid, with a trace; levels, with tasks; digital, without wear."""
    small = {"epochs": 2, "samples": 20, "shapes": ((3, 2), (3, 1))}
    records = (Record(0, 5, "tile0.adc", "forward"), Record(5, 9, "bus", "transfer"))
    hybrid = attrs.evolve(made_result(**small), trace=Trace(programs=(records, ()), executed=(0, 1, 0)))
    counts = np.arange(6).reshape(3, 2)
    wear = (Wear(array="tile0.cells", pulses=counts, resets=counts // 2, programmings=counts),)
    tasks = tuple(
        TaskEpoch(epoch=epoch, task=task, test_accuracy_percent=80.0 + epoch, trained=trained)
        for epoch, task, trained in ((1, "digits", True), (2, "digits", False), (2, "permuted", True))
    )
    levels = balanced(made_result("single-pair", **small), wear=wear, tasks=tasks)
    return hybrid, levels, made_result("digital-fp32", **small)


MADE = results()


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    """Folders of whole results, and of other runs of the same chips."""
    folder = tmp_path_factory.mktemp("kept")
    for number, made in enumerate(MADE):
        other = attrs.evolve(made, summary=made.summary | {"seed": 7}, provenance={"seed": 7})
        save(made, folder / f"run{number}")
        save(balanced(other, wear=other.wear[::-1]), folder / f"other{number}")
    return folder


def flipped(path, chance, other):
    content = bytearray(path.read_bytes())
    content[chance.randrange(len(content))] ^= 1 << chance.randrange(8)
    path.write_bytes(content)


def changed_bytes(path, chance, other):
    path.write_bytes(mutated_bytes(path.read_bytes(), chance))


def cut(path, chance, other):
    content = path.read_bytes()
    path.write_bytes(content[: chance.choice((0, 1, 4, len(content) // 2, len(content) - 1))])


def gone(path, chance, other):
    path.unlink()


def of_another_run(path, chance, other):
    there = other / path.name
    path.write_bytes(there.read_bytes() if there.exists() else b"")


def too_many(path, chance, other):
    """A table that the run did not leave, made of one that it did."""
    table = chance.choice(("epochs.parquet", "ledger.parquet"))
    (path.parent / chance.choice(OPTIONAL)).write_bytes((path.parent / table).read_bytes())


def no_file(path, chance, other):
    """A pipe, a folder, or a link that leads to a device, in a circle or nowhere."""
    path.unlink()
    kind = chance.randrange(5)
    if kind == 0:
        os.mkfifo(path)
    elif kind == 1:
        path.mkdir()
    else:
        path.symlink_to(["/dev/zero", path.name, "nowhere"][kind - 2])


def changed_json(path, chance, other):
    path = path.parent / chance.choice(("summary.json", "description.json", "provenance.json"))
    said = mutated_tree(json.loads(path.read_text()), chance)
    path.write_text(json.dumps(said), errors="surrogatepass")


def wide_layers(path, chance, other):
    """A network, tiles or positions of a size that nobody could draw."""
    path = path.parent / "description.json"
    said = json.loads(path.read_text())
    said["workload"]["network"] = {"layers": chance.choice(LAYERS)}
    said["chip"]["tile"] = {"rows": chance.choice((1, 4, 10**18)), "columns": chance.choice((1, 2, 10**18))}
    said["chip"]["device"] = {"endurance": chance.choice((0, 1, 10**30, 1e300, -1, "much", None))}
    said["graph"]["nodes"][0]["x"] = chance.choice((1e308, -1e308, 10**30))
    path.write_text(json.dumps(said))


def changed_table(path, chance, other):
    """Rows dropped, doubled, moved or nulled, columns dropped or of another type, values changed."""
    path = chance.choice(sorted(path.parent.glob("*.parquet")))
    table = pq.read_table(path)
    column = chance.randrange(table.num_columns)
    change = chance.randrange(6)
    if change == 0:
        table = table.slice(chance.randrange(max(1, table.num_rows)), chance.choice((0, 1, 3, 10**6)))
    elif change == 1:
        table = pa.concat_tables([table, table.slice(0, chance.choice((1, table.num_rows)))])
    elif change == 2 and table.num_rows:
        table = table.take(chance.sample(range(table.num_rows), table.num_rows))
    elif change == 3:
        table = table.drop_columns([table.column_names[column]])
    elif change == 4:
        name = table.column_names[column]
        table = table.set_column(column, name, pa.nulls(table.num_rows, table.schema.field(name).type))
    else:
        table = with_other_values(table, column, chance)
    pq.write_table(table, path)


def with_other_values(table, column, chance):
    """One column with one of its values replaced by what it may hold and should not."""
    field = table.schema.field(column)
    values = table[column].to_pylist()
    if not values or not pa.types.is_primitive(field.type) or pa.types.is_boolean(field.type):
        return table.set_column(column, field.name, pa.array(["x"] * len(values)))
    hostile = (0, 1, -1, 100, 101, 2**31 - 1, -(2**31))
    if pa.types.is_floating(field.type):
        hostile = (*hostile, float("nan"), float("inf"), -float("inf"), 1e308, 5e-324)
    values[chance.randrange(len(values))] = chance.choice(hostile)
    return table.set_column(column, field, pa.array(values, field.type))


DAMAGES = (
    flipped, flipped, changed_bytes, cut, gone, of_another_run, too_many, no_file, changed_json, changed_json,
    changed_json, wide_layers, changed_table, changed_table, changed_table,
)  # fmt: skip


def damaged(number, kept, folder):
    """A folder of a result with one thing wrong with it, and what the result was."""
    chance = generator("result", number)
    which = number % len(MADE)
    run = folder / f"case{number}"
    shutil.copytree(kept / f"run{which}", run)
    mode = chance.choice(("with digests", "sealed again", "without digests"))
    if mode == "without digests":
        without_digests(run)
    path = chance.choice(sorted(run.iterdir()))
    chance.choice(DAMAGES)(path, chance, kept / f"other{which}")
    if mode == "sealed again":
        seal_what_can_be(run)
    return run, MADE[which], mode


def seal_what_can_be(run):
    """Write digests of what is there now, as of a result that was wrong before it was saved."""
    names = [one.name for one in run.iterdir() if one.is_file() and one.name != "digests.json"]
    if (run / "digests.json").is_file():
        (run / "digests.json").write_text(json.dumps({"files": dict.fromkeys(names)}))
        sealed(run)


def attempt(number, kept, folder):
    """What becomes of one result: empty when it is read or refused as it should be, or what is wrong."""
    run, made, mode = damaged(number, kept, folder)
    began = time.process_time()
    try:
        found = reading(run, made, mode) or commands(run)
    except Exception as error:  # noqa: BLE001
        found = f"{type(error).__name__}: {error}"
    took = time.process_time() - began
    shutil.rmtree(run)
    if not found and took > LONGEST_S:
        found = f"took {took:.1f} s"
    return f"case {number} ({mode}): {found}" if found else ""


def reading(run, made, mode):
    """What is wrong with how a result is read."""
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        try:
            again = load(run)
        except ChipsimError as error:
            return "" if str(error).startswith(str(run)) else f"no place in {error}"
    said = any(issubclass(one.category, UnverifiedWarning) for one in warned)
    if mode != "sealed again" and again != made and not said:
        return "reads back different without a word"
    return ""


def commands(run):
    """What is wrong with what the commands say of a result."""
    for line in (
        ["report", run, "-o", run.with_suffix(".html")],
        ["endurance", run],
        ["endurance", run, "--by", "layer"],
    ):
        ended = CliRunner().invoke(main, list(map(str, line)))
        if ended.exit_code not in (0, 2) or (ended.exit_code and not isinstance(ended.exception, SystemExit)):
            return f"{line[0]}: {ended.exception!r}"
        if ended.exit_code and f"error: {run}" not in ended.stderr:
            return f"{line[0]}: no place in {ended.stderr}"
    return ""


def wrong(numbers, kept, folder):
    """What is wrong with any of the cases."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    found = [said for number in numbers if (said := attempt(number, kept, folder))]
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return found + [f"took {after - before:,} kB"] * (after - before > MOST_KB)


def test_a_few_damaged_results(kept, tmp_path):
    """Bits flipped, files of other runs, rows gone: refused by name, or equal, or with a word."""
    assert wrong(range(QUICK), kept, tmp_path) == []


@pytest.mark.slow
def test_a_thousand_damaged_results(kept, tmp_path):
    """The same for a thousand, with the commands that read them."""
    assert wrong(range(QUICK, CASES), kept, tmp_path) == []
