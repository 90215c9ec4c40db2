"""Which runs of a study share their training: those that differ in costs alone, which have no part in it."""

from __future__ import annotations

from collections.abc import Sequence

from chipsim.spec.overrides import names_costs, split_sets
from chipsim.study.plan import Planned

__all__ = ["cost_sets_of", "shared"]


def shared(runs: Sequence[Planned]) -> list[tuple[Planned, ...]]:
    """Runs that share a training, together, in the order of their first.

    Parameters
    ----------
    runs
        Of a plan.

    Examples
    --------
    >>> one = Planned(id="1", chip="a", task="t", architecture="a", workload="t", sets=("costs=isaac-32nm",))
    >>> two = Planned(id="2", chip="a", task="t", architecture="a", workload="t", sets=("costs=puma-32nm",))
    >>> other = Planned(id="3", chip="a", task="t", architecture="a", workload="t", seed=1)
    >>> [[run.id for run in runs] for runs in shared([one, other, two])]
    [['1', '2'], ['3']]
    """
    groups: dict[object, list[Planned]] = {}
    for run in runs:
        groups.setdefault(_learnt_by(run), []).append(run)
    return [tuple(group) for group in groups.values()]


def cost_sets_of(run: Planned) -> tuple[str, ...]:
    """Overrides of a run that change costs and nothing else."""
    chip_sets, _, cost_sets = split_sets(run.sets)
    return (*filter(names_costs, chip_sets), *cost_sets)


def _learnt_by(run: Planned) -> object:
    """All that decides what a run learns."""
    chip_sets, workload_sets, _ = split_sets(run.sets)
    of_chip = tuple(text for text in chip_sets if not names_costs(text))
    told = run.seed, run.timing_only, run.wait, run.keep
    return run.architecture, run.workload, of_chip, workload_sets, *told
