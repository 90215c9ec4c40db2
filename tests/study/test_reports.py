"""The scenario files of reports/ and examples/studies: they plan, they are what was run, and they can be carried out."""

import importlib.util
import json
import os
import shlex
from pathlib import Path

import numpy as np
import pytest
import yaml

from chipsim.errors import OutputError
from chipsim.run import Options
from chipsim.run.identity import run_name
from chipsim.run.reading import read_all
from chipsim.spec import load_workload
from chipsim.spec.study_file import read_study, study_from
from chipsim.spec.study_values import override
from chipsim.study.place import claimed_study
from chipsim.study.planning import plan_study
from chipsim.study.points import points_of
from chipsim.study.statistics import gather_kept
from chipsim.study.store import write_failure
from tests.study.ends_made import two_chips

ROOT = Path(__file__).parents[2]
REPORTS = ROOT / "reports"
FILES = sorted([*REPORTS.glob("*/*.yaml"), *(ROOT / "examples" / "studies").glob("*.yaml")])
TOLD = [file for file in FILES if file.parent.parent == REPORTS]
TINY = {
    "phases[*].epochs": 3,
    "phases[*].dataset": {"name": "mnist-5k", "train": 400, "test": 100},
}


_RARE = ("switch", "steps_to", "samples_to_reach")
"""What little data may never come to."""


def named(file):
    return f"{file.parent.name}-{file.stem}"


def tiny(file, *, seeds=(0,)):
    """A scenario with little data, which ships with chipsim."""
    said = yaml.safe_load(file.read_text(encoding="utf-8"))
    if said.get("timing_only"):
        # Nothing is read, whatever the data.
        return {**said, "seeds": list(seeds)}
    if any(_says_its_data(entry) for entry in said["workloads"]):
        return {**said, "workloads": [_few(entry) for entry in said["workloads"]], "seeds": list(seeds)}
    kept = {path: value for path, value in said.get("set", {}).items() if not path.startswith("phases")}
    workloads = [_tiny_workload(entry) for entry in said["workloads"]]
    names = [entry["workload"] if isinstance(entry, dict) else entry for entry in workloads]
    (inputs,) = {load_workload(name).spec.network.stages[0].inputs for name in names}
    return {**said, "set": kept | TINY | _features(inputs), "workloads": workloads, "seeds": list(seeds)}


def _says_its_data(entry):
    """Whether workloads of a scenario differ in what they train on, which is then what it is about."""
    return isinstance(entry, dict) and any(path.startswith("phases") for path in entry.get("set", {}))


def _few(entry):
    """The same with few images in each phase that it lists itself."""
    sets = entry.get("set", {})
    if "phases" not in sets:
        return entry
    phases = [{**phase, "epochs": 1, "epoch_samples": 40} for phase in sets["phases"]]
    return {**entry, "set": {**sets, "phases": phases}}


def give_weights(said, folder):
    """Weights of any numbers where a scenario looks for those that its script would train."""
    rng = np.random.default_rng(0)
    for entry in said["workloads"]:
        sets = entry.get("set", {}) if isinstance(entry, dict) else {}
        if "network.weights" not in sets:
            continue
        place = folder / sets["network.weights"].format(seed=0)
        place.parent.mkdir(parents=True, exist_ok=True)
        work = load_workload(entry["workload"], sets=[override(path, value) for path, value in sets.items()])
        stages = work.spec.network.stages
        shapes = {
            stage.layer.name: stage.layer.weights_shape(stage.given) for stage in stages if stage.layer.name
        }
        np.savez(place, **{name: rng.normal(0, 0.1, shape) for name, shape in shapes.items()})


def _features(inputs):
    """Overrides that make as many features of the digits as a workload takes; none for images."""
    if inputs == 784:
        return {}
    data = {**TINY["phases[*].dataset"], "random_layer": inputs}
    return {"phases[*].dataset": data, "network.layers": [inputs, 10]}


def _tiny_workload(entry):
    """Without what the file itself says of its data, but for weights and the layers that they are for."""
    if not isinstance(entry, dict):
        return entry
    return entry if "network.weights" in entry.get("set", {}) else entry["workload"]


@pytest.mark.parametrize("file", FILES, ids=named)
def test_every_scenario_plans(file, tmp_path, monkeypatch):
    """Chips, paths, values, metrics and claims of each file are right, also where full datasets are not there."""
    monkeypatch.chdir(tmp_path)
    said = tiny(file)
    if (
        "frozen-cnn" in str(said["workloads"])
        and not (Path(os.environ.get("CHIPSIM_DATA", "")) / "cifar10").is_dir()
    ):
        pytest.skip("CIFAR-10, which no digits can stand for, is not at hand")
    give_weights(said, tmp_path)
    plan = plan_study(study_from(said, folder=file.parent))
    assert plan.runs


def old_runs(report):
    """Chip, workload, cost set and seed of each run that summaries were kept of, by the name of the summary."""
    found = {}
    for file in (REPORTS / report / "summaries").glob("*.json"):
        _, _, arch, workload, *options = shlex.split(json.loads(file.read_text(encoding="utf-8"))["command"])
        given = dict.fromkeys(("--epochs", "--seed"))
        sets = []
        words = iter(options)
        for word in words:
            if word == "--set":
                sets.append(next(words))
            elif word in given:
                given[word] = int(next(words))
        read = read_all(arch, workload, sets=tuple(sets), epochs=given["--epochs"], datasets={})
        options = Options(seed=given["--seed"], timing_only="--timing-only" in options)
        found[run_name(read, options=options, checksums=())] = file.stem
    return found


def new_runs(report):
    """The names, data apart, of the runs that the scenario files of a report ask for, with the file of each."""
    found = {}
    for file in (REPORTS / report).glob("*.yaml"):
        spec = read_study(file).spec
        for point in points_of(spec):
            read = read_all(
                point.chip.architecture, point.task.workload, sets=point.sets, epochs=None, datasets={}
            )
            for seed in spec.seeds:
                options = Options(seed=seed, timing_only=spec.timing_only, wait=spec.wait)
                found[run_name(read, options=options, checksums=())] = file.stem
    return found


@pytest.mark.parametrize(
    ("report", "more"), [("choi2021", []), ("dagostino2023", ["learning-rate"])], ids=["choi", "dagostino"]
)
def test_scenarios_ask_for_the_runs_that_were_made(report, more):
    """Those of the committed summaries, each; one rate is written out where the file of the workload has it."""
    old, new = old_runs(report), new_runs(report)
    assert not [stem for name, stem in old.items() if name not in new]
    assert [stem for name, stem in new.items() if name not in old] == more


def test_every_study_has_its_place_in_the_readme():
    """The script fills in what it made, and passes over nothing."""
    for file in TOLD:
        text = (file.parent / "README.md").read_text(encoding="utf-8")
        assert f"<!-- study {file.stem} -->" in text, file
        assert f"<!-- end {file.stem} -->" in text, file


def test_reports_hold_little_python():
    """What no general page can say is prose in Markdown."""
    files = list(REPORTS.rglob("*.py"))
    assert sum(len(file.read_text(encoding="utf-8").splitlines()) for file in files) < 300


@pytest.fixture
def make():
    spec = importlib.util.spec_from_file_location("reports_make", REPORTS / "make.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def written(folder, *documents):
    folder.mkdir()
    marks = []
    for document in documents:
        name = document["name"]
        (folder / f"{name}.yaml").write_text(yaml.safe_dump(document, sort_keys=False), encoding="utf-8")
        marks.append(f"<!-- study {name} -->\nnothing yet\n<!-- end {name} -->\n")
    (folder / "README.md").write_text("# Report\n\nProse.\n\n" + "\n".join(marks), encoding="utf-8")
    return folder


def small_study(name, **more):
    sets = {"phases[*].epochs": 1, "phases[*].dataset.train": 40, "phases[*].dataset.test": 20}
    said = {"name": name, "architectures": ["single-pair"], "workloads": ["mnist-5k"], "set": sets}
    return said | {"question": "Is it so?", "metrics": ["energy_aJ"], **more}


CLAIM = {
    "claim": "it learns", "metric": "test_accuracy_percent", "of": {"chip": "single-pair"}, "published": 0,
    "relation": "at-least", "source": "a paper",
}  # fmt: skip


def test_script_fills_the_readme(make, tmp_path, monkeypatch):
    """Claims and tables stand between the marks, prose stays; what one study made another takes."""
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")]))
    report = written(
        tmp_path / "report", small_study("first", claims=[CLAIM]), small_study("second", seeds=[0])
    )
    make.main([str(report), "--runs", str(tmp_path / "runs")])
    text = (report / "README.md").read_text(encoding="utf-8")
    assert "Prose." in text
    assert "nothing yet" not in text
    assert "| it learns | single-pair | at least 0 % |" in text
    assert "**met** (one seed: another may say otherwise) | a paper |" in text
    # What the page warns of stands in the README, too.
    assert "\n- single-pair: no weight of tile0 changed in epoch 1.\n- " in text
    assert (report / "second.csv").read_text(encoding="utf-8").startswith('"run","chip"')
    # One run, made once.
    made = [tmp_path / "runs" / "report" / name / "runs" for name in ("first", "second")]
    inodes = [next(folder.iterdir()) / "summary.json" for folder in made]
    assert inodes[0].read_bytes() == inodes[1].read_bytes()


def test_script_of_a_study_is_run_before_it(make, tmp_path, monkeypatch):
    """What it makes is there when the study is planned; where it fails, the study is told and not begun."""
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")]))
    monkeypatch.chdir(tmp_path)
    layers = [784, {"kind": "dense", "units": 10, "name": "a", "frozen": True}]
    sets = {"network.layers": layers, "network.weights": "trained/a-{seed}.npz"}
    entry = {"workload": "mnist-5k", "set": sets}
    report = written(tmp_path / "report", small_study("with-weights", workloads=[entry], seeds=2))
    script = report / "with_weights.py"
    script.write_text("raise SystemExit('no weights today')", encoding="utf-8")
    with pytest.raises(SystemExit):
        make.main([str(report), "--runs", str(tmp_path / "runs")])
    assert "nothing yet" in (report / "README.md").read_text(encoding="utf-8")
    script.write_text(
        "import pathlib, numpy\npathlib.Path('trained').mkdir()\n"
        "for seed in (0, 1):\n    numpy.savez(f'trained/a-{seed}.npz', a=numpy.full((784, 10), seed / 7))\n",
        encoding="utf-8",
    )
    make.main([str(report), "--runs", str(tmp_path / "runs")])
    assert "| single-pair | 2 |" in (report / "README.md").read_text(encoding="utf-8")


def test_script_tells_orders_under_assumed_values(make, tmp_path, monkeypatch):
    """Beside what to know before believing figures; runs at ends of ranges are no rows."""
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")]))
    report = written(tmp_path / "report", two_chips(question="Is it so?", metrics=["area_mm2"]))
    make.main([str(report), "--runs", str(tmp_path / "runs")])
    text = (report / "README.md").read_text(encoding="utf-8")
    assert "\n- 3 assumed values of chips and workloads were put to both ends of the range, one at" in text
    rows = [line for line in text.splitlines() if line.startswith("| ")]
    assert [row.split(" | ")[0] for row in rows[2:]] == ["| digital-fp32", "| wide"]


def test_script_goes_on_after_what_fails(make, tmp_path, monkeypatch, capsys):
    """A run that cannot be made is named in the README; a wrong scenario is told, and the others are carried out."""
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")]))
    wrong = small_study("first", vary={"device.sttes": [10]})
    report = written(tmp_path / "report", wrong, small_study("second", vary={"device.states": [10, 20]}))
    study = report / "second.yaml"
    plan = plan_study(read_study(study))
    real = make.begin

    def with_a_diverged_run(plan, place, **more):
        write_failure(place, plan.runs[0], state="diverged", error="training diverged\nin epoch 1")
        return real(plan, place, **more)

    monkeypatch.setattr(make, "begin", with_a_diverged_run)
    with pytest.raises(SystemExit) as ended:
        make.main([str(report), "--runs", str(tmp_path / "runs")])
    assert ended.value.code == 1
    assert "did you mean 'states'" in capsys.readouterr().err
    text = (report / "README.md").read_text(encoding="utf-8")
    assert f"- `{plan.runs[0].command}`: training diverged in epoch 1" in text
    figures = (report / "second.csv").read_text(encoding="utf-8")
    assert (plan.runs[0].id in figures, plan.runs[1].id in figures) == (False, True)


def test_script_leaves_a_folder_that_is_claimed(make, tmp_path):
    """Nothing is written where another process makes the study."""
    report = written(tmp_path / "report", small_study("first"))
    folder = tmp_path / "runs" / "first"
    with claimed_study(folder, resume=True):
        with pytest.raises(OutputError, match="another run writes its results here"):
            make.carried_out(report / "first.yaml", folder, jobs=1)
        assert not (folder / "study.json").exists()


def test_script_leaves_a_readme_without_marks_alone(make):
    """A study that the prose has no place for changes nothing of it."""
    assert make.filled("# Prose\n", "study", "new") == "# Prose\n"


def test_script_tells_marks_apart(make):
    """Names that begin alike are not taken for each other."""
    text = "<!-- study a -->\n1\n<!-- end a -->\n<!-- study a-b -->\n2\n<!-- end a-b -->\n"
    assert make.filled(text, "a", "x\\1") == text.replace("\n1\n", "\nx\\1\n")


@pytest.mark.slow
@pytest.mark.parametrize("file", [file for file in TOLD if read_study(file).spec.claims], ids=named)
def test_claims_can_be_held(file, make, tmp_path, monkeypatch):
    """From the scenario to the verdict, on little data: each claim meets runs and figures, but for what never came."""
    if file.stem == "frozen-cnn":
        pytest.skip("some minutes of training, behind layers of other minutes")
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")]))
    monkeypatch.chdir(tmp_path)
    document = tiny(file)
    give_weights(document, tmp_path)
    report = written(tmp_path / "report", document)
    name = document["name"]
    study = make.carried_out(report / f"{name}.yaml", tmp_path / "runs" / name, jobs=1)
    gathered = gather_kept(study)
    for held in make.hold_all(gathered):
        assert held.values or any(word in held.claim.metric for word in _RARE), held.why
    assert make.told(gathered, name, drawing=False)
