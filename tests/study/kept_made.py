"""A study made up in memory, of the shape in which one is kept: its plan, its runs, and its table."""

import pyarrow as pa

from chipsim.spec.study import Axis, ChipEntry, StudySpec, TaskEntry
from chipsim.study.plan import Planned
from chipsim.study.statistics import StudyRun, gather

__all__ = ["made_gathered", "made_study", "made_table", "planned"]


def planned(chip="a", *, task="digits", costs="cmos", seed=0, varied=(), end=None, name="0" * 20):
    sets = tuple(f"{path}={value}" for path, value in varied)
    return Planned(
        id=name,
        chip=chip,
        task=task,
        architecture=chip,
        workload=task,
        sets=sets,
        varied=tuple(varied),
        end=end,
        costs=costs,
        seed=seed,
    )


def made_table(rows):
    """A table of rows (run, metric, value)."""
    columns = list(zip(*rows, strict=True)) or [(), (), ()]
    named = dict(zip(("run", "metric", "value"), map(list, columns), strict=True))
    return pa.table({**named, "unit": ["" for _ in named["run"]]})


def made_study(chips=("a", "b"), *, name="made", vary=(), tasks=("digits",), **more):
    return StudySpec(
        name=name,
        architectures=tuple(ChipEntry(label=chip, architecture=chip) for chip in chips),
        workloads=tuple(TaskEntry(label=task, workload=task) for task in tasks),
        vary=tuple(Axis(paths=(path,), points=()) for path in vary),
        **more,
    )


def made_gathered(settings, *, study=None, states=None):
    """A study of which each setting has the values of its metrics, one a seed from 0 on.

    `settings` is a list of (what is planned as a dict, values by metric); a value None was not measured.
    """
    runs, rows = [], []
    for what, metrics in settings:
        seeds = max(len(values) for values in metrics.values())
        for seed in range(seeds):
            run = StudyRun(id=f"run{len(runs)}", planned=planned(**what, seed=seed))
            runs.append(run)
            rows += [
                (run.id, metric, float(values[seed]))
                for metric, values in metrics.items()
                if seed < len(values) and values[seed] is not None
            ]
    if states:
        runs = [
            StudyRun(id=run.id, planned=run.planned, state=states.get(run.id, ("done", ""))[0],
                     error=states.get(run.id, ("done", ""))[1])
            for run in runs
        ]  # fmt: skip
    chips = dict.fromkeys(what.get("chip", "a") for what, _ in settings)
    costs = dict.fromkeys(what["costs"] for what, _ in settings if "costs" in what)
    return gather(study or made_study(tuple(chips), costs=tuple(costs)), runs, made_table(rows))
