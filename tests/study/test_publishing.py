"""What a report keeps of a study's runs says how each was made, and nothing of the machine that made it."""

from __future__ import annotations

import json
import shlex

import attrs

from chipsim.study.publishing import keep_summaries, portable
from chipsim.version import versions
from tests.results_made import made_result

COMMAND = "chipsim run hybrid-synapse mnist --set 'device.step_variation=34 %' --epochs 2 --seed 0"


def scenario_result():
    """A result as a scenario leaves it."""
    made = made_result(epochs=2)
    told = {
        "scenario": COMMAND,
        "datasets": [{"name": "mnist", "checksum": "abc", "folder": "/home/someone/data"}],
        "versions": versions(),
        "code": {"version": "0.1.0", "sha256": "00", "commit": None, "changed": False},
    }
    return attrs.evolve(made, provenance={**made.provenance, **told})


def test_a_command_with_a_space_in_a_value_is_still_that_command():
    """Words are taken apart as a shell takes them apart, so that pages print a command that runs."""
    command = portable("hybrid", scenario_result()).provenance["command"]
    assert command == shlex.split(COMMAND)
    assert "device.step_variation=34 %" in command
    assert shlex.split(shlex.join(command)) == command


def test_paths_of_the_machine_are_left_out():
    """Neither the data's folder nor the scenario's own note stands in what is published."""
    published = portable("hybrid", scenario_result())
    assert published.summary["architecture"] == "hybrid"
    assert "/home/someone" not in repr(published.provenance)
    assert published.provenance["datasets"] == [{"name": "mnist", "checksum": "abc"}]


def test_summaries_of_runs_that_the_study_no_longer_has_go(tmp_path):
    """What else lies in the folder stays."""
    (tmp_path / "earlier.json").write_text("{}")
    (tmp_path / "notes.md").write_text("")
    keep_summaries({"hybrid": scenario_result()}, tmp_path)
    assert sorted(file.name for file in tmp_path.iterdir()) == ["hybrid.json", "notes.md"]


def test_summaries_say_the_command_the_versions_and_the_code(tmp_path):
    """One file a run, named as the run is."""
    keep_summaries({"hybrid": scenario_result()}, tmp_path / "summaries")
    [file] = (tmp_path / "summaries").iterdir()
    kept = json.loads(file.read_text())
    assert file.name == "hybrid.json"
    assert (kept["command"], kept["versions"], kept["code"]["sha256"]) == (COMMAND, versions(), "00")
