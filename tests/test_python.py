"""What Python offers beside the commands: tables, pages and comparisons of results, and what notebooks show."""

import ast
import importlib.util
import inspect
import subprocess
import sys

import attrs
import pyarrow as pa
import pytest

import chipsim
from chipsim.errors import ChipsimError, OutputError
from chipsim.result import Result
from chipsim.result.frames import FRAMES

from .results_made import made_result, seeds_of

HOSTILE = "<script>alert(1)</script>"


@pytest.fixture(name="result", scope="module")
def _result():
    return made_result()


def test_saved_results_come_back(tmp_path, result):
    """Saved and loaded by the names that the package offers."""
    assert result.save(tmp_path / "run") == tmp_path / "run"
    assert chipsim.load_result(tmp_path / "run") == result
    with pytest.raises(OutputError, match="run"):
        result.save(tmp_path / "run")


@pytest.mark.parametrize("name", FRAMES)
def test_every_table_is_a_frame(result, name):
    """Of pandas where it is installed, else of pyarrow, with as many rows."""
    frame = result.frame(name)
    assert isinstance(frame, pa.Table) != _has_pandas()
    if name == "wear":
        assert len(frame) == sum(wear.pulses.size for wear in result.wear)
    else:
        assert len(frame) == len(getattr(result, name))


def _has_pandas():
    return importlib.util.find_spec("pandas") is not None


def lines(frame):
    """The rows of a table, whichever library it is of."""
    return frame.to_pylist() if isinstance(frame, pa.Table) else frame.to_dict("records")


def test_frames_have_totals_in_joules(result):
    """Beside whole attojoules, whatever their size."""
    huge = attrs.evolve(result.ledger[0], energy_aj=10**30)
    first = lines(attrs.evolve(result, ledger=(huge, *result.ledger[1:])).frame("ledger"))[0]
    assert first["energy_J"] == pytest.approx(1e12)
    assert first["energy_aj"] == str(10**30)


def test_wear_of_cells_can_be_found(result):
    """By array, row and column."""
    first = result.wear[0]
    rows = lines(result.frame("wear"))
    at = (first.pulses.shape[1] if first.pulses.shape[0] > 1 else 0) + 1
    row = rows[at]
    assert row["array"] == first.array
    assert row["pulses"] == first.pulses[row["row"], row["column"]]


def test_unknown_tables_are_told(result):
    """With those that there are."""
    with pytest.raises(OutputError, match=r"no table 'leger'; known: epochs, .*did you mean 'ledger'"):
        result.frame("leger")


def test_a_result_writes_its_page(tmp_path, result):
    """And replaces no file of another kind."""
    assert result.report(tmp_path / "page.html").read_text(encoding="utf-8").startswith("<!doctype html")
    (tmp_path / "mine.html").write_text("mine", encoding="utf-8")
    with pytest.raises(OutputError):
        result.report(tmp_path / "mine.html")


def test_notebooks_show_results_and_chips(result):
    """Small, and what is text of others is escaped."""
    named = attrs.evolve(result, summary={**result.summary, "architecture": HOSTILE})
    shown = named._repr_html_()
    assert "<table>" in shown
    assert "white-space: nowrap" in shown
    assert "<script" not in shown
    assert len(shown) < 10_000
    chip = chipsim.load("hybrid-synapse", sets=["device.states=10"])
    assert "linear-step" in chip._repr_html_()
    assert "1 set" in chip._repr_html_()
    hostile = attrs.evolve(chip, spec=attrs.evolve(chip.spec, about=HOSTILE))
    assert "<script" not in hostile._repr_html_()


def test_comparisons_say_what_their_page_says(tmp_path, result):
    """Rows, sentences and the conclusion; folders of runs count as the results in them."""
    runs = [
        *seeds_of(result),
        *seeds_of(attrs.evolve(result, summary={**result.summary, "architecture": HOSTILE})),
    ]
    told = chipsim.compare(runs)
    assert len(told.rows) == len(runs)
    assert told.conclusion
    assert "<script" not in told._repr_html_()
    assert len(told.frame()) == len(runs)
    assert told.report(tmp_path / "page.html").is_file()
    result.save(tmp_path / "run")
    assert chipsim.compare([tmp_path / "run", str(tmp_path / "run")]).results == (result, result)


@pytest.mark.parametrize(
    ("runs", "more", "said"),
    [
        ([], {}, "give a list"),
        ("hybrid-synapse", {}, "give a list"),
        (["hybrid-synapse"], {}, "name the workload"),
        (["hybrid-synapse"], {"workload": "mnist-5k", "seeds": 0}, "seeds must be at least 1"),
        (["hybrid-synaps"], {"workload": "mnist-5k"}, "did you mean 'hybrid-synapse'"),
    ],
)
def test_comparisons_that_are_refused(runs, more, said):
    """Before anything is trained."""
    with pytest.raises(ChipsimError) as caught:
        chipsim.compare(runs, **more)
    assert said in str(caught.value)


def test_the_package_shows_what_it_has():
    """To those who complete names, and nothing that is not there."""
    assert set(chipsim.__all__) <= set(dir(chipsim))
    assert all(getattr(chipsim, name) is not None for name in dir(chipsim))


def test_asking_what_there_is_loads_nothing():
    """Neither the simulator nor tables."""
    code = (
        "import sys, chipsim; dir(chipsim); print({'numpy', 'numba', 'pyarrow', 'simpy'} & set(sys.modules))"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout == "set()\n"


def test_every_field_of_a_result_is_explained():
    """In the source, below the field, where editors and readers look."""
    (made,) = ast.parse(inspect.getsource(Result)).body
    pairs = zip(made.body, made.body[1:], strict=False)
    unexplained = [
        one.target.id
        for one, after in pairs
        if isinstance(one, ast.AnnAssign)
        and not (isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant))
    ]
    assert unexplained == []
