"""Saving results and reading them back."""

import json
import math
import os
import shutil
import stat
import tempfile

import attrs
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from chipsim.errors import OutputError, UnverifiedWarning
from chipsim.ledger import Record, Trace
from chipsim.result import Result, Wear, plain
from chipsim.result.files import claimed, is_run_folder, load, save
from tests.results_made import ARCHITECTURES, balanced, made_result, without_digests

FILES = {
    "digests.json",
    "summary.json",
    "description.json",
    "provenance.json",
    "epochs.parquet",
    "arrays.parquet",
    "ledger.parquet",
    "timeline.parquet",
    "wear.parquet",
}


@pytest.fixture
def run(tmp_path):
    return save(made_result(), tmp_path / "run")


@pytest.fixture
def old(run):
    """A result of the first version: nothing but the checks of its values tells that it is damaged."""
    return without_digests(run)


def _says(error, text):
    assert str(error.value) == text


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_read_back_equals_saved(tmp_path, architecture):
    """A result read back equals the one saved, with wear or without."""
    result = made_result(architecture)
    folder = save(result, tmp_path / "deep" / "run")
    assert folder == tmp_path / "deep" / "run"
    assert {path.name for path in folder.iterdir()} == FILES
    assert load(folder) == result


def test_read_back_holds_integers_of_python_beyond_64_bits(tmp_path):
    """Energy and time totals beyond 2^63 come back exactly, as Python integers."""
    big = 2**63 + 12_345_678_901_234_567_891
    made = made_result()
    epoch = attrs.evolve(made.epochs[-1], energy_aj=big, simulated_time_ps=big + 1)
    epoch = attrs.evolve(epoch, epoch=1)
    row = attrs.evolve(made.ledger[0], energy_aj=big, busy_ps=10**37 + 1)
    result = balanced(made, epochs=(epoch,), ledger=(row,))
    again = load(save(result, tmp_path / "run"))
    assert again == result
    assert (again.ledger[0].energy_aj, again.ledger[0].busy_ps) == (big, 10**37 + 1)
    assert (again.epochs[0].energy_aj, again.epochs[0].simulated_time_ps) == (big, big + 1)
    assert type(again.epochs[0].energy_aj) is int
    assert again.summary["energy_aJ"] == big


def test_float_companions_stand_beside_the_decimals(run):
    """Energy in joules and times in seconds stand beside the exact columns, for convenience."""
    table = pq.read_table(run / "epochs.parquet")
    assert table.schema.field("energy_aj").type == pa.decimal128(38, 0)
    exact = [int(value) for value in table["energy_aj"].to_pylist()]
    assert table["energy_J"].to_pylist() == pytest.approx([value * 1e-18 for value in exact])
    assert {"simulated_time_ps", "simulated_time_s"} <= set(table.column_names)
    assert {"busy_ps", "busy_s", "energy_aj", "energy_J"} <= set(
        pq.read_table(run / "ledger.parquet").column_names
    )


def test_wear_is_a_long_table(run):
    """Wear holds one line a cell with 32-bit integers and dictionary-encoded array names."""
    schema = pq.read_schema(run / "wear.parquet")
    assert schema.names == ["array", "row", "column", "pulses", "resets"]
    assert pa.types.is_dictionary(schema.field("array").type)
    assert {schema.field(name).type for name in schema.names[1:]} == {pa.int32()}
    assert pq.read_metadata(run / "wear.parquet").row_group(0).column(3).compression == "ZSTD"


def test_wear_beyond_32_bits_is_kept(tmp_path):
    """Pulse counts that 32 bits cannot hold are saved as 64-bit integers, not cut."""
    wear = Wear(array="tile0.pair+", pulses=np.array([[2**31, 1]]), resets=np.array([[0, 3]]))
    result = balanced(made_result(), wear=(wear,))
    assert load(save(result, tmp_path / "run")).wear[0].pulses.tolist() == [[2**31, 1]]


def test_wear_of_empty_and_odd_arrays(tmp_path):
    """Arrays without cells, one row or one column keep their shapes."""
    shapes = [(0, 5), (1, 7), (7, 1), (3, 4)]
    wear = tuple(
        Wear(
            array=f"a{shape}", pulses=np.arange(math.prod(shape)).reshape(shape), resets=np.zeros(shape, int)
        )
        for shape in shapes
    )
    again = load(save(balanced(made_result(), wear=wear), tmp_path / "run")).wear
    assert again == wear
    assert [one.pulses.shape for one in again] == shapes


def test_programmings_are_a_third_count(tmp_path):
    """Programmings come back for the arrays that have them, cells or none, beside arrays that have not."""
    counts = np.arange(12).reshape(3, 4)
    wear = (
        Wear(array="a", pulses=counts, resets=counts // 2),
        Wear(array="b", pulses=counts, resets=counts // 2, programmings=counts + 2**31),
        Wear(array="c", pulses=counts[:0], resets=counts[:0], programmings=counts[:0]),
        Wear(array="d", pulses=counts[:0], resets=counts[:0]),
    )
    folder = save(balanced(made_result(), wear=wear), tmp_path / "run")
    again = load(folder).wear
    assert again == wear
    assert [one.programmings is None for one in again] == [True, False, False, True]
    table = pq.read_table(folder / "wear.parquet", columns=["array", "programmings"])
    assert table["programmings"].to_pylist() == [None] * 12 + list(range(2**31, 2**31 + 12))


def test_a_column_of_programmings_that_is_gone(tmp_path):
    """A table that says it counts programmings and has none is damaged."""
    counts = np.ones((2, 2), int)
    wear = (Wear(array="a", pulses=counts, resets=counts, programmings=counts),)
    run = save(balanced(made_result(), wear=wear), tmp_path / "run")
    path = without_digests(run) / "wear.parquet"
    pq.write_table(pq.read_table(path).drop_columns(["programmings"]), path)
    with pytest.raises(OutputError) as error:
        load(tmp_path / "run")
    _says(
        error, f"{path}: cannot be read (has no column programmings); the result is damaged, so run it again"
    )


def test_a_result_from_before_tasks_and_programmings(old):
    """A wear table without a word of programmings, and no table of tasks, as older runs left them."""
    path = old / "wear.parquet"
    table = pq.read_table(path)
    shapes = {b"chipsim.shapes": table.schema.metadata[b"chipsim.shapes"]}
    pq.write_table(table.replace_schema_metadata(shapes), path)
    with pytest.warns(UnverifiedWarning):
        assert load(old) == made_result()


def test_trace_is_kept_when_there_is_one(tmp_path):
    """A trace comes back whole, with programs that took no time; without one its files go away."""
    trace = Trace(
        programs=((Record(0, 5, "adc", "forward"), Record(5, 9, "bus", "transfer")), ()), executed=(0, 1, 0)
    )
    result = attrs.evolve(made_result(), trace=trace)
    folder = save(result, tmp_path / "run")
    assert load(folder) == result
    assert {path.name for path in folder.iterdir()} == FILES | {"trace.parquet", "executed.parquet"}
    (folder / "executed.parquet").unlink()
    with pytest.raises(OutputError) as error:
        load(without_digests(folder))
    _says(error, f"{folder}: executed.parquet missing; the result is incomplete, so run it again")
    save(made_result(), folder, overwrite=True)
    assert load(folder).trace is None


def test_numbers_that_were_not_measured(tmp_path):
    """NaN stays NaN in tables and becomes null in the summary, which is equal."""
    made = made_result()
    row = attrs.evolve(made.epochs[0], test_accuracy_percent=math.nan, loss=math.nan)
    result = balanced(made, epochs=(row,))
    folder = save(result, tmp_path / "run")
    again = load(folder)
    assert again == result
    assert math.isnan(again.epochs[0].loss)
    assert json.loads((folder / "summary.json").read_text())["test_accuracy_percent"] is None


def test_partial_result_is_saved_the_same_way(tmp_path):
    """A run that was stopped leaves the same files, marked as not complete."""
    folder = save(made_result(epochs=2, complete=False), tmp_path / "run")
    assert load(folder).summary["complete"] is False


def test_result_without_any_rows(tmp_path):
    """A run stopped before its first epoch ended can be saved and read."""
    nothing = {"epochs": (), "ledger": (), "wear": (), "timeline": (), "values": ()}
    result = balanced(made_result(complete=False), **nothing)
    assert load(save(result, tmp_path / "run")) == result


@pytest.mark.parametrize(
    "field", ["epochs", "arrays", "ledger", "wear", "timeline", "values", "summary", "chip", "graph"]
)
def test_results_that_differ_in_one_field_are_unequal(field):
    """Equality looks at every field."""
    result = made_result()
    value = (
        {}
        if isinstance(getattr(result, field), dict)
        else getattr(made_result("digital-fp32", epochs=2), field)
    )
    assert attrs.evolve(result, **{field: value}) != result
    assert result == made_result()
    assert result != 3
    assert result.wear[0] != 3


def test_results_that_differ_in_one_cell_are_unequal():
    """One pulse more on one cell makes another result."""
    result = made_result()
    worn = result.wear[0].pulses.copy()
    worn[1, 2] += 1
    other = attrs.evolve(result.wear[0], pulses=worn)
    assert attrs.evolve(result, wear=(other, *result.wear[1:])) != result


def test_plain_makes_what_json_holds():
    """Tuples, numpy values, odd keys and odd objects become what JSON reads back."""
    value = {1: (np.float32(0.5), np.arange(2)), "bool": True, "none": None, "path": pytest}
    assert plain(value) == {"1": [0.5, [0, 1]], "bool": True, "none": None, "path": str(pytest)}


def test_overwrite_replaces_and_keeps_other_files(run):
    """An existing result is replaced only on request; a report beside it stays."""
    (run / "report.html").write_text("mine")
    with pytest.raises(OutputError) as error:
        save(made_result(epochs=2), run)
    _says(
        error,
        f"{run}: there is a result already; choose another folder, or ask to overwrite it (--overwrite)",
    )
    assert load(run).summary["epochs_run"] == 8
    save(made_result(epochs=2), run, overwrite=True)
    assert load(run).summary["epochs_run"] == 2
    assert (run / "report.html").read_text() == "mine"
    assert [path.name for path in run.parent.iterdir()] == ["run"]


def test_empty_folder_is_used(tmp_path):
    """A folder that is there and empty is fine, and other people may read the result."""
    (tmp_path / "run").mkdir()
    folder = save(made_result(), tmp_path / "run")
    assert is_run_folder(folder)
    assert folder.stat().st_mode & stat.S_IRUSR


@pytest.mark.parametrize("overwrite", [False, True])
def test_foreign_folder_is_refused(tmp_path, overwrite):
    """A folder with other things in it is never touched."""
    (tmp_path / "thesis.tex").write_text("dear")
    with pytest.raises(OutputError) as error:
        save(made_result(), tmp_path, overwrite=overwrite)
    _says(
        error,
        f"{tmp_path}: the folder is not empty and holds no result of chipsim; choose another, or empty it",
    )
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.tex"]


def test_a_damaged_result_can_be_overwritten(run):
    """What is left of a result is ours: it is replaced on request, and only then."""
    (run / "description.json").write_text("{", encoding="utf-8")
    with pytest.raises(OutputError, match="there is a result already"):
        save(made_result(), run)
    save(made_result(epochs=2), run, overwrite=True)
    assert load(run) == made_result(epochs=2)


def test_one_file_of_a_common_name_makes_no_result(tmp_path):
    """A stranger's folder may hold a summary.json of its own."""
    (tmp_path / "summary.json").write_text("{}", encoding="utf-8")
    with pytest.raises(OutputError, match="holds no result of chipsim"):
        save(made_result(), tmp_path, overwrite=True)


def test_file_in_the_way_is_refused(tmp_path):
    """A file with the folder's name stays."""
    (tmp_path / "run").write_text("dear")
    with pytest.raises(OutputError) as error:
        save(made_result(), tmp_path / "run")
    _says(error, f"{tmp_path / 'run'}: a file is in the way; choose another folder, or move the file")


def test_file_as_a_parent_is_refused(tmp_path):
    """A file further up the path is reported, too."""
    (tmp_path / "notes").write_text("dear")
    with pytest.raises(OutputError, match=r"notes/run: cannot .* \(Not a directory\); choose"):
        save(made_result(), tmp_path / "notes" / "run")


@pytest.fixture
def full_disk(monkeypatch):
    """Tables cannot be written, as often as is said."""
    write = pq.ParquetWriter

    def fill(*, times=1000):
        left = [times]

        def full(*given, **more):
            left[0] -= 1
            if left[0] >= 0:
                raise OSError(28, "No space left on device")
            return write(*given, **more)

        monkeypatch.setattr(pq, "ParquetWriter", full)

    return fill


def test_full_disk_saves_the_result_beside(tmp_path, full_disk):
    """When writing fails midway the old result stands, the new one is beside it, and nothing else is left."""
    folder = save(made_result(), tmp_path / "run")
    full_disk(times=1)
    with pytest.raises(OutputError) as error:
        save(made_result(epochs=2), folder, overwrite=True)
    (beside,) = tmp_path.glob("run--rescued-*")
    _says(
        error,
        f"{folder}: cannot write results here (No space left on device); the result is saved in {beside} instead",
    )
    assert load(folder) == made_result()
    assert load(beside) == made_result(epochs=2)
    assert {path.name for path in tmp_path.iterdir()} == {"run", beside.name}
    assert {path.name for path in folder.iterdir()} <= {path.name for path in beside.iterdir()}


def test_full_disk_saves_the_result_in_the_temporary_folder(tmp_path, full_disk, monkeypatch):
    """Where there is no place beside either, the temporary folder is tried."""
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    full_disk(times=2)
    with pytest.raises(
        OutputError, match=r"the result is saved in .*/temporary/chipsim-run--rescued-\w+ instead$"
    ):
        save(made_result(), tmp_path / "run")
    (place,) = (tmp_path / "temporary").iterdir()
    assert load(place) == made_result()
    assert [path.name for path in tmp_path.iterdir()] == ["temporary"]


def test_disks_that_are_all_full(tmp_path, full_disk, monkeypatch):
    """When no place takes the result, the message says that it is lost, and nothing half-written is left."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setenv("HOME", str(tmp_path))
    full_disk()
    with pytest.raises(OutputError) as error:
        save(made_result(), tmp_path / "run")
    _says(
        error,
        f"{tmp_path / 'run'}: cannot write results here (No space left on device), "
        "nor anywhere else: it is lost",
    )
    assert list(tmp_path.iterdir()) == []


def test_a_result_that_appears_in_the_claimed_folder(tmp_path):
    """A result that is put into the folder while a run goes on stays, and the run's own goes beside it."""
    with claimed(tmp_path / "run") as place:
        shutil.copytree(save(made_result(epochs=1), tmp_path / "other"), place.target, dirs_exist_ok=True)
        with pytest.raises(OutputError) as error:
            save(made_result(epochs=2), place)
    (beside,) = tmp_path.glob("run--rescued-*")
    _says(
        error,
        f"{tmp_path / 'run'}: summary.json has come to be there since the run began; "
        f"the result is saved in {beside} instead",
    )
    assert load(tmp_path / "run") == made_result(epochs=1)
    assert load(beside) == made_result(epochs=2)


def test_a_file_that_appears_in_the_claimed_folder(tmp_path):
    """A stranger's file, such as the log of the run, is in nobody's way."""
    with claimed(tmp_path / "run") as place:
        (place.target / "log.txt").write_text("mine")
        save(made_result(), place)
    assert load(tmp_path / "run") == made_result()
    assert (tmp_path / "run" / "log.txt").read_text() == "mine"


def test_a_folder_that_goes_away_meanwhile(tmp_path):
    """A folder that somebody removes while a run goes on is made again."""
    with claimed(tmp_path / "run") as place:
        shutil.rmtree(place.target)
        save(made_result(), place)
    assert load(tmp_path / "run") == made_result()


def test_a_folder_that_cannot_be_renamed(tmp_path, monkeypatch):
    """A mount point takes a result: neither it nor anything beside it is touched, only what is in it."""
    folder = tmp_path / "volume"
    folder.mkdir()

    def refuse_outside(name):
        touch = getattr(os, name)

        def inside(path, *given, **more):
            if "dir_fd" not in more and not str(path).startswith(f"{folder}/"):
                raise OSError(16, "Device or resource busy")
            return touch(path, *given, **more)

        monkeypatch.setattr(os, name, inside)

    for name in ("rename", "replace", "rmdir", "unlink"):
        refuse_outside(name)
    save(made_result(), folder)
    save(made_result(epochs=2), folder, overwrite=True)
    monkeypatch.undo()
    assert load(folder) == made_result(epochs=2)


def test_a_save_that_was_killed_is_finished(tmp_path):
    """All files written and none in its place yet: reading the result puts them there first."""
    whole = save(made_result(epochs=2), tmp_path / "whole")
    folder = save(made_result(), tmp_path / "run")
    shutil.copytree(whole, folder / ".saved")
    assert is_run_folder(folder)
    assert load(folder) == made_result(epochs=2)
    assert not (folder / ".saved").exists()


@pytest.mark.parametrize(
    ("power", "more"),
    [(63, -1), (63, 0), (126, 0), (127, 0), (1_000, 0), (1_300, 0)],
    ids=str,
)
def test_numbers_beyond_every_column_are_kept(tmp_path, power, more):
    """Whole numbers are read back as they were: of 64 bits, of 38 digits, and beyond all columns and floats."""
    count = 2**power + more
    made = made_result(epochs=2)
    # What is in the summary, too, stands there as a float beside it, which has an end.
    energy = min(count, 10**300)
    ledger = tuple(attrs.evolve(row, bits=count, energy_aj=energy, busy_ps=count) for row in made.ledger)
    records = tuple(attrs.evolve(row, end_ps=count) for row in made.timeline)
    large = balanced(made, ledger=ledger, trace=Trace(programs=(records,), executed=(0,)))
    back = load(save(large, tmp_path / "run"))
    assert back == large
    assert type(back.ledger[0].bits) is int


def test_bytes_that_are_no_text_are_kept(tmp_path):
    """A path or a command line need not be UTF-8; what is saved of it reads back as the same bytes."""
    folder = tmp_path / os.fsdecode(b"r\xffn")
    word = os.fsdecode(b"caf\xe9.yaml")
    odd = attrs.evolve(made_result(), provenance={"command": ["chipsim", "run", word]})
    back = load(save(odd, folder))
    assert os.fsencode(back.provenance["command"][2]) == b"caf\xe9.yaml"
    assert back == odd


def test_load_of_nothing(tmp_path):
    """A folder that is not there, a file and an empty folder each get their own word."""
    with pytest.raises(OutputError) as error:
        load(tmp_path / "nun")
    _says(error, f"{tmp_path / 'nun'}: there is no such folder; give one that 'chipsim run' wrote")
    with pytest.raises(OutputError) as error:
        load(tmp_path)
    _says(error, f"{tmp_path}: holds no result of chipsim; give a folder that 'chipsim run' wrote")
    (tmp_path / "summary.json").write_text("{}")
    with pytest.raises(OutputError) as error:
        load(tmp_path / "summary.json")
    _says(
        error, f"{tmp_path / 'summary.json'}: is a file; give the run folder, the one that holds summary.json"
    )


def test_load_with_a_file_missing(run):
    """The files that are missing are named."""
    (run / "wear.parquet").unlink()
    (run / "epochs.parquet").unlink()
    with pytest.raises(OutputError) as error:
        load(run)
    _says(error, f"{run}: epochs.parquet, wear.parquet missing; the result is incomplete, so run it again")


@pytest.mark.parametrize("name", sorted(FILES - {"description.json", "digests.json"}))
def test_load_of_damaged_files(old, name):
    """Whichever file is damaged, the message names it and what to do."""
    content = (old / name).read_bytes()
    (old / name).write_bytes(content[: len(content) // 2])
    with pytest.raises(OutputError) as error:
        load(old)
    assert str(error.value).startswith(f"{old / name}: cannot be read (")
    assert str(error.value).endswith("); the result is damaged, so run it again")


def test_load_of_a_foreign_description(old):
    """JSON that is not ours is not taken for a result."""
    (old / "description.json").write_text("[]")
    with pytest.raises(OutputError) as error:
        load(old)
    _says(
        error,
        f"{old / 'description.json'}: is not from chipsim, or damaged; "
        "give a folder that 'chipsim run' wrote",
    )


def test_load_of_a_newer_format(old):
    """A result of a later chipsim is not misread."""
    said = json.loads((old / "description.json").read_text())
    (old / "description.json").write_text(json.dumps({**said, "format_version": 3}))
    with pytest.raises(OutputError) as error:
        load(old)
    _says(error, f"{old}: was written by a newer chipsim (format 3, this one reads up to 2); update chipsim")


def test_load_of_a_description_without_graph(old):
    """A key that is missing is named."""
    said = json.loads((old / "description.json").read_text())
    del said["graph"]
    (old / "description.json").write_text(json.dumps(said))
    with pytest.raises(OutputError) as error:
        load(old)
    _says(
        error,
        f"{old / 'description.json'}: cannot be read (no 'graph'); the result is damaged, so run it again",
    )


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"energy_aJ": "x"}, "'energy_aJ' must be a whole number of at least 0, or null, not \"x\""),
        ({"epochs_run": True}, "'epochs_run' must be a whole number of at least 0, or null, not true"),
        ({"test_samples": -5}, "'test_samples' must be a whole number of at least 0, or null, not -5"),
        ({"steps": 2.5}, "'steps' must be a whole number of at least 0, or null, not 2.5"),
        ({"energy_J": float("nan")}, "holds NaN, which is no number"),
        (
            {"train_accuracy_percent": -1},
            "'train_accuracy_percent' must be a number of at least 0, or null, not -1",
        ),
        ({"forgetting_percent": "all"}, "'forgetting_percent' must be a number, or null, not \"all\""),
        ({"complete": None}, "'complete' must be true or false, not null"),
        ({"architecture": 3}, "'architecture' must be text, not 3"),
        (
            {"test_accuracy_percent.digits": [1]},
            "'test_accuracy_percent.digits' must be a number of at least 0, or null, not [1]",
        ),
    ],
)
def test_load_of_a_summary_with_wrong_values(old, changes, said):
    """The file, the key, what is there and what should be; figures of tasks are looked at like the others."""
    summary = json.loads((old / "summary.json").read_text())
    (old / "summary.json").write_text(json.dumps(summary | changes))
    with pytest.raises(OutputError) as error:
        load(old)
    _says(error, f"{old / 'summary.json'}: cannot be read ({said}); the result is damaged, so run it again")


@pytest.mark.parametrize(
    ("gone", "said"),
    [
        (["energy_aJ"], "no 'energy_aJ'"),
        (["workload", "steps", "seed"], "no 'workload', 'seed', 'steps'"),
        (None, "no 'architecture', 'workload', 'seed' and 27 more"),
    ],
)
def test_load_of_a_summary_without_some_keys(old, gone, said):
    """Keys that every run has are missed; of an empty summary, with its 30, the first are named."""
    summary = json.loads((old / "summary.json").read_text())
    kept = {key: value for key, value in summary.items() if gone is not None and key not in gone}
    (old / "summary.json").write_text(json.dumps(kept))
    with pytest.raises(OutputError) as error:
        load(old)
    _says(error, f"{old / 'summary.json'}: cannot be read ({said}); the result is damaged, so run it again")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"chip": 5}, "'chip' must be a mapping, not 5"),
        ({"values": None}, "'values' must be a list, not null"),
        ({"values": [7]}, "'values.0' must be a mapping, not 7"),
        (
            {"values": [{"path": "", "value": "", "kind": "", "txet": ""}]},
            "'values.0' has no 'text', an unknown 'txet'",
        ),
        (
            {"values": [{"path": 3, "value": "1", "kind": "none", "text": ""}]},
            "'values.0.path' must be text, not 3",
        ),
        (
            {"graph": {"nodes": [], "edges": [{"source": "a", "target": ["b"], "link": ""}]}},
            "'graph.edges.0.target' must be text, not [\"b\"]",
        ),
        (
            {
                "graph": {
                    "nodes": [{"name": "a", "kind": None, "x": 0, "y": 0.5, "area_nm2": 1, "about": ""}],
                    "edges": [],
                }
            },
            "'graph.nodes.0.kind' must be text, not null",
        ),
    ],
)
def test_load_of_a_description_with_wrong_values(old, change, said):
    """Chip, workload and costs are mappings; values are told in words."""
    description = json.loads((old / "description.json").read_text())
    (old / "description.json").write_text(json.dumps(description | change))
    with pytest.raises(OutputError) as error:
        load(old)
    _says(
        error,
        f"{old / 'description.json'}: cannot be read ({said}); the result is damaged, so run it again",
    )


def test_a_summary_may_say_more(old):
    """Keys that nobody knows are read and kept, as a later chipsim or the user may have written them."""
    summary = json.loads((old / "summary.json").read_text()) | {"remark": "mine", "sets": None}
    (old / "summary.json").write_text(json.dumps(summary))
    with pytest.warns(UnverifiedWarning):
        assert load(old).summary == summary


def test_load_of_tables_without_their_columns(old):
    """A table that lacks columns, or cells, is refused."""
    table = pq.read_table(old / "epochs.parquet")
    pq.write_table(table.drop_columns(["loss"]), old / "epochs.parquet")
    with pytest.raises(OutputError) as error:
        load(old)
    _says(
        error,
        f"{old / 'epochs.parquet'}: cannot be read (has no column loss); "
        "the result is damaged, so run it again",
    )
    pq.write_table(table, old / "epochs.parquet")
    wear = pq.read_table(old / "wear.parquet")
    pq.write_table(wear.slice(1), old / "wear.parquet")
    with pytest.raises(OutputError, match=r"has 2,103 cells, where its arrays have 2,104"):
        load(old)
    pq.write_table(wear.replace_schema_metadata(None), old / "wear.parquet")
    with pytest.raises(OutputError, match="does not say the shapes of its arrays"):
        load(old)


def test_result_is_not_hashable():
    """A result holds arrays and dictionaries, so it is no dictionary key."""
    with pytest.raises(TypeError):
        hash(made_result())
    assert Result.__hash__ is None
