"""One step on the page: what its time hangs on, and how busy parts are."""

from __future__ import annotations

import attrs
import pytest

from chipsim.report import templating, write_report
from chipsim.report.areas import area_rows
from chipsim.report.stepping import step_tables
from chipsim.result import GraphNode
from chipsim.result.metrics import MISSING
from chipsim.result.step import PartUse, PathPart, saving_at_most
from tests.results_made import made_result

PATH = (
    PathPart(parts="tile0.adc", action="forward", time_ps=60_000, awaited_ps=20_000, stretches=3),
    PathPart(parts="tile0.a+ & tile0.a-", action="update", time_ps=30_000, awaited_ps=0, stretches=1),
    PathPart(parts="bus", action="transfer", time_ps=10_000, awaited_ps=0, stretches=2),
)
USES = (
    PartUse(part="bus", kind="link", capacity=2, busy_ps=50_000, held_ps=50_000, awaited_ps=0, elapsed_ps=100_000),
    PartUse(
        part="tile0.adc", kind="adc", capacity=1, busy_ps=80_000, held_ps=90_000, awaited_ps=150_000,
        elapsed_ps=100_000,
    ),
)  # fmt: skip


@pytest.fixture(autouse=True)
def _light_library(monkeypatch):
    monkeypatch.setattr(templating, "_plotly", lambda: "")


def looked_into(name="hybrid-synapse"):
    """A result with a step that was looked into."""
    return attrs.evolve(made_result(name), critical_path=PATH, utilisation=USES)


def test_a_step_is_told_in_words_and_rows():
    """60 of 100 ns are the converters': half of that is 30 %. The bus serves two: 50 of 200."""
    (one,) = step_tables([looked_into()])
    assert one.sentence == (
        "One step takes 100 ns. It hangs most on tile0.adc (forward): 60.0 % of it. Were that done in half the time, the "
        "step would take at most 30.0 % less. The busiest part, tile0.adc, works 80.0 % of the time."
    )
    assert [(row.time, row.share_percent, row.saving_percent) for row in one.path] == [
        ("60 ns", 60, 30), ("30 ns", 30, 15), ("10 ns", 10, 5),
    ]  # fmt: skip
    assert [(row.part, row.busy_percent, row.held_percent) for row in one.uses] == [
        ("tile0.adc", 80, 90), ("bus", 25, 25),
    ]  # fmt: skip


def test_the_page_shows_both_for_each_chip(tmp_path):
    """With the name of the chip where there are several, and nothing for results that know nothing of it."""
    page = write_report(
        [looked_into(), looked_into("single-pair"), made_result("digital-fp32")], tmp_path / "r.html"
    )
    text = page.read_text(encoding="utf-8")
    assert text.count("What the time of one step hangs on") == 2
    assert "tile0.a+ &amp; tile0.a-" in text


def test_an_older_result_has_no_tables():
    """It has no path."""
    assert step_tables([made_result()]) == []


def test_savings_are_bounded_by_the_path():
    """Three times as fast saves two thirds of its share; a part that works with another takes both with it."""
    assert saving_at_most(PATH, "tile0.adc", faster=3) == pytest.approx(0.4)
    assert saving_at_most(PATH, "tile0.a-") == 0.15
    assert saving_at_most(PATH, "buffer") == 0
    assert saving_at_most((), "buffer") == 0
    with pytest.raises(ValueError, match=r"^faster must be at least 1, not 0$"):
        saving_at_most(PATH, "bus", faster=0)


def test_areas_by_kind_add_up(tmp_path):
    """One column a chip, the largest kind first, all of them below; a chip without a kind has a dash."""
    results = [made_result("hybrid-synapse"), made_result("digital-fp32")]
    nodes = (
        GraphNode(name="a", kind="adc", x=0, y=0, area_nm2=3 * 10**12, about=""),
        GraphNode(name="b", kind="adc", x=0, y=0, area_nm2=3 * 10**12, about=""),
        GraphNode(name="t", kind="tile", x=0, y=0, area_nm2=0, about=""),
        GraphNode(name="bus", kind="link", x=0, y=0, area_nm2=2 * 10**12, about=""),
    )
    graphs = [attrs.evolve(results[0].graph, nodes=nodes), attrs.evolve(results[1].graph, nodes=nodes[3:])]
    results = [attrs.evolve(one, graph=graph) for one, graph in zip(results, graphs, strict=True)]
    assert [(row.kind, row.cells) for row in area_rows(results)] == [
        ("adc", (("6 mm²", "2, 75.0 %"), (MISSING, ""))),
        ("link", (("2 mm²", "1, 25.0 %"), ("2 mm²", "1, 100.0 %"))),
        ("", (("8 mm²", ""), ("2 mm²", ""))),
    ]
    assert "What the area goes to" in write_report(results, tmp_path / "r.html").read_text(encoding="utf-8")
    assert area_rows([attrs.evolve(results[0], graph=attrs.evolve(graphs[0], nodes=()))]) == []
