"""The pages as text: what they hold, what they escape, where they are written."""

import io
import json
import math
import re

import attrs
import pytest
from rich.console import Console

from chipsim.errors import OutputError
from chipsim.report import comparison_table, write_chip_page, write_report
from chipsim.report import templating as page_module
from chipsim.result import Valued
from chipsim.result.endurance import endurance
from tests.report.programmed_made import programmed_result
from tests.results_made import ARCHITECTURES, made_result, seeds_of

NASTY = "</script><script>alert(1)</script>"


@pytest.fixture(autouse=True)
def _light_library(monkeypatch):
    """These tests read pages as text; the plotting library would only make them slow."""
    monkeypatch.setattr(page_module, "_plotly", lambda: "/* plotly.js */")


def _written(results, tmp_path):
    return write_report(results, tmp_path / "report.html").read_text("utf-8")


def _figures(text):
    return json.loads(re.search(r'id="figures">(.*?)</script>', text)[1])


def test_report_holds_all_sections_and_figures(tmp_path):
    """A comparison has every section, and the figures of every chip."""
    text = _written([made_result(name) for name in ARCHITECTURES], tmp_path)
    sections = ["comparison", "accuracy", "cost", "wear", "chips", "sources", "provenance"]
    assert re.findall(r'<section id="(\w+)">', text) == sections
    assert {f'href="#{name}"' in text for name in ["conclusion", *sections]} == {True}
    names = set(_figures(text))
    assert {"accuracy-epochs", "accuracy-time", "accuracy-energy", "updates"} <= names
    assert {
        f"{what}-by-{by}" for what in ("energy", "busy") for by in ("activity", "action", "kind")
    } <= names
    assert {f"energy-of-parts-{place}" for place in range(3)} <= names
    assert {"pulses-0", "resets-0", "map-0", "pulses-1", "resets-1", "map-1"} <= names
    assert {f"{kind}-{place}" for kind in ("chip", "step") for place in range(3)} <= names
    assert "pulses-2" not in names
    assert "<h1>hybrid-synapse, single-pair and digital-fp32 on mnist-5k</h1>" in text


def test_report_loads_nothing_from_elsewhere(tmp_path):
    """The page carries all it needs: no link, image or script points to another file."""
    text = _written([made_result()], tmp_path)
    assert re.findall(r'(?:src|href)="(?!#)[^"]*"', text) == []
    assert "default-src 'none'" in text


def test_best_cells_are_marked(tmp_path):
    """The best value of each figure is marked where seeds show it; of one seed that of areas alone."""
    three = [made_result(name) for name in ARCHITECTURES]
    text = _written([run for made in three for run in seeds_of(made, count=2)], tmp_path)
    assert _stars(text, "Energy") == ["", ' class="best" title="best"', ""]
    text = _written(three, tmp_path)
    assert _stars(text, "Energy") == ["", "", ""]
    assert _stars(text, "Area") == [' class="best" title="best"'] * 2 + [""]
    assert 'class="card"' not in text
    assert 'class="best"' not in _written([made_result()], tmp_path)


def _stars(text, title):
    row = re.search(rf'<th scope="row"[^>]*>{title}</th>(.*?)</tr>', text, re.DOTALL)[1]
    return re.findall(r"<td([^>]*)>", row)


def test_everything_from_descriptions_is_escaped(tmp_path):
    """Text of users stands in the page as text, in HTML and in the data of the plots."""
    made = made_result()
    result = attrs.evolve(
        made,
        summary={**made.summary, "architecture": NASTY, "workload": NASTY},
        ledger=tuple(attrs.evolve(row, part=NASTY, action=NASTY, kind=NASTY) for row in made.ledger),
        wear=tuple(attrs.evolve(one, array=f"{NASTY}{place}+") for place, one in enumerate(made.wear)),
        graph=attrs.evolve(
            made.graph, nodes=tuple(attrs.evolve(one, about=NASTY) for one in made.graph.nodes)
        ),
        timeline=tuple(attrs.evolve(one, part=NASTY, action=NASTY) for one in made.timeline),
        values=(Valued(path=NASTY, value=NASTY, kind="assumed", text=NASTY),),
        chip={"about": NASTY},
        provenance={NASTY: {NASTY: [NASTY]}},
    )
    text = _written([result], tmp_path)
    assert "alert(1)" in text
    assert "<script>alert" not in text
    assert len(re.findall(r"<script", text)) == len(re.findall(r"</script>", text)) == 4
    labels = [trace["name"] for trace in _figures(text)["energy-of-parts-0"]["data"]]
    assert labels == ["&lt;/script&gt;&lt;script&gt;alert(1)&lt;/script&gt;"]


def test_report_of_a_timing_only_run_has_no_accuracy(tmp_path):
    """Where no accuracy was measured there are dashes, and no curves."""
    made = made_result()
    rows = tuple(
        attrs.evolve(row, test_accuracy_percent=math.nan, train_accuracy_percent=math.nan)
        for row in made.epochs
    )
    unknown = {"test_accuracy_percent": math.nan, "best_test_accuracy_percent": None, "timing_only": True}
    text = _written([attrs.evolve(made, epochs=rows, summary={**made.summary, **unknown})], tmp_path)
    assert "accuracy-epochs" not in text
    assert "hybrid-synapse on mnist-5k took 46.4 ms on the chip" in text
    told = (
        "hybrid-synapse ran its programs without arithmetic; it has no accuracy and no wear; its energy leaves "
        "out what data sets (currents of cells in reads and writing, and write drivers); neither time nor energy "
        "has the writing of initial weights, recentring, or decisions between epochs."
    )
    assert told in text


def test_report_of_a_run_stopped_before_its_first_epoch(tmp_path):
    """A partial result without any rows still makes a page, with a warning."""
    made = made_result()
    nothing = dict.fromkeys(("epochs", "arrays", "ledger", "wear", "timeline", "values"), ())
    empty = attrs.evolve(made, **nothing, summary={**made.summary, "complete": False, "epochs_run": 0})
    text = _written([empty], tmp_path)
    assert "hybrid-synapse was stopped after 0 epochs; its figures are partial." in text
    assert set(_figures(text)) == {"chip-0"}


def test_sources_list_assumed_values_first(tmp_path):
    """The table of sources counts them by origin, those assumed first, equal ones once."""
    text = _written([made_result("hybrid-synapse"), made_result("digital-fp32")], tmp_path)
    table = text[text.index('id="values"') :]
    assert re.findall(r'class="tag tag-(\w+)"', table) == ["assumed"] * 3 + ["set"] + ["source"] * 3
    assert "3 assumed, 1 set by the user, 3 from a source." in text
    chips = re.findall(r'<td class="words short">([^<]*)</td>\s*</tr>', table)
    assert chips == ["hybrid-synapse", "all", "hybrid-synapse", "all", "hybrid-synapse", "all", "all"]


def test_provenance_is_told_flat(tmp_path):
    """Nested provenance is a list of terms, and the command one line that can be copied."""
    said = {"command": ["chipsim", "run"], "versions": {"numpy": "2"}, "datasets": [{"name": "mnist-5k"}]}
    text = _written([attrs.evolve(made_result(), provenance=said)], tmp_path)
    assert "<dt>command</dt><dd>chipsim run</dd>" in text
    assert "<dt>versions.numpy</dt><dd>2</dd>" in text
    assert "<dt>datasets.0.name</dt><dd>mnist-5k</dd>" in text


def test_chip_page_lists_parts_and_values(tmp_path):
    """The page of a chip names every part with its area, and every value with its source."""
    result = made_result()
    path = write_chip_page(
        result.graph, tmp_path / "chip.html", title="hybrid <i>", about="A & B", values=result.values
    )
    text = path.read_text("utf-8")
    assert "<h1>hybrid &lt;i&gt;</h1>" in text
    assert "A &amp; B" in text
    assert all(f">{node.name}</td>" in text for node in result.graph.nodes)
    assert all(value.text in text for value in result.values)


def test_page_replaces_an_older_one_whole(tmp_path):
    """An older report is replaced, and no temporary file is left."""
    path = tmp_path / "deep" / "report.html"
    write_report([made_result()], path)
    first = path.read_text("utf-8")
    write_report([made_result("single-pair")], path)
    assert path.read_text("utf-8") != first
    assert [one.name for one in path.parent.iterdir()] == ["report.html"]


def test_report_without_results_is_refused(tmp_path):
    """Nothing to show is an error of the user."""
    with pytest.raises(OutputError) as error:
        write_report([], tmp_path / "report.html")
    assert str(error.value) == "a report needs at least one result; give a run folder"


def test_folder_in_the_way_is_refused(tmp_path):
    """A folder is no place to write a page to."""
    with pytest.raises(OutputError) as error:
        write_report([made_result()], tmp_path)
    assert str(error.value) == (
        f"{tmp_path}: a folder is in the way; give the name of a file, such as {tmp_path / 'report.html'}"
    )


@pytest.mark.parametrize("place", ["", "deep"])
def test_file_in_the_place_of_a_folder_is_refused(tmp_path, place):
    """A page for which a file would have to be a folder is refused, and the file named."""
    (tmp_path / "notes").write_text("dear")
    path = tmp_path / "notes" / place / "report.html"
    with pytest.raises(OutputError) as error:
        write_report([made_result()], path)
    assert str(error.value) == (
        f"{path}: cannot write the page here ({tmp_path / 'notes'} is a file, not a folder); choose another folder"
    )


def test_page_that_cannot_be_written_is_refused(tmp_path):
    """Whatever else is wrong with a place is told as the system tells it."""
    path = tmp_path / ("x" * 300) / "report.html"
    with pytest.raises(OutputError) as error:
        write_report([made_result()], path)
    assert str(error.value) == (
        f"{path}: cannot write the page here (File name too long); choose a file that can be written"
    )


def test_title_counts_runs_of_one_architecture(tmp_path):
    """A title names each architecture once, with the number of its runs."""
    text = _written([made_result(), made_result(seed=2), made_result("single-pair")], tmp_path)
    assert "<h1>hybrid-synapse (2 runs) and single-pair on mnist-5k</h1>" in text


def test_stopped_runs_are_marked_in_wear(tmp_path):
    """The section on wear marks a run that was stopped, in tables and where trainings are told."""
    stopped = _stopped(programmed_result(endurance=100))
    text = _written([stopped, programmed_result("other", endurance=100)], tmp_path)
    heads = re.findall(r'<h3 class="run">.*?</span>(.*?)</h3>', text)
    assert heads == ["made-levels (stopped)", "other"]
    assert "trainings stopped after 3 epochs, this one included, take 1 % of the cells past that" in text
    pulsed = _written([_stopped(made_result()), made_result("single-pair")], tmp_path)
    labels = set(re.findall(r'<td class="words">([^<]*)</td>\s*<td class="words path">tile', pulsed))
    assert labels == {"hybrid-synapse (stopped)", "single-pair"}


def _stopped(result):
    return attrs.evolve(result, summary={**result.summary, "complete": False, "epochs_run": 3})


def test_comparison_table_for_the_terminal():
    """The terminal's table has one row a result and marks runs that were stopped."""
    results = [made_result("hybrid-synapse", complete=False), made_result("digital-fp32")]
    console = Console(width=140, record=True, file=io.StringIO())
    console.print(comparison_table(results))
    text = console.export_text()
    assert "hybrid-synapse (stopped)" in text
    heads = ["Architecture", "Test accuracy", "Time on chip", "Energy", "Pulses", "Hottest cell", "Area"]
    assert all(head in text for head in heads)
    assert ("46.4 ms" in text, "252.8 ms" in text) == (True, True)


def test_pulsed_chips_tell_their_endurance(tmp_path):
    """Pulses against what a cell stands, resets apart, idle arrays left out; an unknown endurance is said."""
    made = made_result("single-pair")
    idle = attrs.evolve(made.wear[0], array="tile9.pair+", pulses=made.wear[0].pulses * 0)
    idle = attrs.evolve(idle, resets=idle.pulses)
    known = attrs.evolve(made, wear=(*made.wear, idle), chip={"device": {"endurance": 10_000}})
    text = _written([known], tmp_path)
    found = endurance(known)
    total = sum(int(one.resets.sum()) for one in made.wear)
    most = max(int(one.resets.max()) for one in made.wear)
    assert f"A cell stands 10,000 pulses: {found.all.trainings:,} such trainings, this one included," in text
    assert f"Resets are counted apart, {total:,} in all and {most:,} of the cell that had most;" in text
    assert f"Left out are {idle.pulses.size} cells of 1 array that nothing was written to." in text
    assert "<td>{}</td>".format(f"{found.hottest[0].pulses:,}") in text
    assert '<th scope="col">Programmings</th>' not in text
    unknown = _written([made], tmp_path)
    assert "the chip&#39;s description gives no device.endurance." in unknown


def test_several_seeds_share_a_column(tmp_path):
    """Runs of one chip are a column with their mean and spread; figures of the first fill the sections."""
    runs = [
        *seeds_of(made_result(), energy_aJ=(10**15, 2 * 10**15, 3 * 10**15)),
        *seeds_of(made_result("single-pair"), energy_aJ=(7 * 10**15, 8 * 10**15, 9 * 10**15)),
    ]
    text = _written(runs, tmp_path)
    row = re.search(r'<th scope="row"[^>]*>Energy</th>(.*?)</tr>', text, re.DOTALL)[1]
    assert re.findall(r"<td[^>]*>(.*?)</td>", row) == [
        '2 mJ<span class="spread">1 mJ to 3 mJ</span>',
        '8 mJ<span class="spread">7 mJ to 9 mJ</span>',
    ]
    assert "<h1>hybrid-synapse (3 runs) and single-pair (3 runs) on mnist-5k</h1>" in text
    assert {f"pulses-{place}" for place in range(6)} & set(_figures(text)) == {"pulses-0", "pulses-1"}
    assert text.count("Of runs that differ in their seed alone, the first is shown here.") == 3
    hottest = max(int(one.pulses.max()) for one in runs[0].wear)
    assert f"Over 3 seeds the hottest cell had {hottest:,} to {hottest:,} pulses" in text


def test_what_was_never_used_stands_at_the_top(tmp_path):
    """Before the first card and table, by chip."""
    made = made_result()
    idle = attrs.evolve(made.wear[0], pulses=made.wear[0].pulses * 0, resets=made.wear[0].resets * 0)
    text = _written([attrs.evolve(made, wear=(idle, *made.wear[1:])), made_result("digital-fp32")], tmp_path)
    told = text.index(f"Nothing was written to {idle.array}: {idle.pulses.size} cells")
    assert text.index("What was there and never used:") < told < text.index('id="comparison"')
    assert text.index("<strong>hybrid-synapse</strong>") < told
