"""The summary of a run: its figures by name, each defined here and nowhere else."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, Final, Generic, TypeVar, overload

from chipsim.result.checks import is_number

__all__ = ["Figure", "Summary", "figures", "sort_of"]

T = TypeVar("T")

_EACH: Final = ("test_accuracy_percent", "levels_used", "programming_error_percent")
"""Figures that also stand for one task, group of tiles or layer: its name follows, behind a dot."""
_MOST_NAMED: Final = 3
"""Keys that one message names."""
_LONGEST: Final = 40
"""Characters of a value that a message shows."""


class Figure(Generic[T]):
    """One key of a summary: read as an attribute of it, and checked when it is read from a file.

    Parameters
    ----------
    wanted
        What its value is, for messages.
    allows
        Whether a value is such.
    nullable
        Whether it may be None: nothing was measured.
    later
        Whether runs of earlier versions do not have it.
    """

    def __init__(
        self, wanted: str, allows: Callable[[Any], bool], *, nullable: bool, later: bool = False
    ) -> None:
        self.wanted = f"{wanted}, or null" if nullable else wanted
        self._allows, self._nullable, self.later = allows, nullable, later
        self.name = ""

    def __set_name__(self, _owner: type, name: str) -> None:
        # The name of the attribute is the key, so that no key is written twice and none misspelt.
        self.name = name

    @overload
    def __get__(self, summary: None, owner: type) -> Figure[T]: ...
    @overload
    def __get__(self, summary: Summary, owner: type) -> T: ...
    def __get__(self, summary: Summary | None, owner: type) -> Any:
        return self if summary is None else summary.get(self.name)

    def takes(self, value: Any) -> bool:
        """Whether it may have a value."""
        return (self._nullable and value is None) or self._allows(value)


def _is_texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(text, str) for text in value)


def _is_counts(value: Any) -> bool:
    return isinstance(value, list) and all(is_number(one, int) and one >= 0 for one in value)


def _word() -> Figure[str]:
    return Figure("text", lambda value: isinstance(value, str), nullable=False)


def _truth() -> Figure[bool]:
    return Figure("true or false", lambda value: isinstance(value, bool), nullable=False)


def _count(*, later: bool = False) -> Figure[int | None]:
    wanted = "a whole number of at least 0"
    return Figure(wanted, lambda value: is_number(value, int) and value >= 0, nullable=True, later=later)


def _measure(*, later: bool = False) -> Figure[float | None]:
    wanted = "a number of at least 0"
    return Figure(wanted, lambda value: is_number(value) and value >= 0, nullable=True, later=later)


def _difference() -> Figure[float | None]:
    return Figure("a number", is_number, nullable=True, later=True)


def _counts() -> Figure[list[int] | None]:
    return Figure("a list of whole numbers of at least 0", _is_counts, nullable=True, later=True)


def _texts() -> Figure[list[str]]:
    return Figure("a list of texts", _is_texts, nullable=False, later=True)


class Summary(dict[str, Any]):
    """Figures of a run by their names, units included: a plain mapping whose keys are also attributes.

    A key that a run of an earlier version lacks is None as an attribute. How a task ended stands under
    ``test_accuracy_percent.`` and its name, levels of a group of tiles under ``levels_used.`` and its, the
    error of a layer under ``programming_error_percent.`` and its. Keys that nobody knows may say what they
    like.

    Raises
    ------
    ValueError
        By :meth:`check`, when keys are missing, or a value is not of its kind.

    Examples
    --------
    >>> Summary(seed=3, steps=20).steps
    20
    >>> Summary({"architecture": "mine"}).check()
    Traceback (most recent call last):
    ...
    ValueError: no 'workload', 'seed', 'complete' and 26 more
    """

    architecture = _word()
    workload = _word()
    seed = _count()
    complete = _truth()
    """Whether it was trained to the end."""
    timing_only = _truth()
    replay = _truth()
    epochs_run = _count()
    train_samples = _count()
    """Of the last phase."""
    test_samples = _count()
    epoch_samples = _count(later=True)
    """Training samples of an epoch of the last phase."""
    steps = _count()
    samples_seen = _count(later=True)
    """Training samples in all steps."""
    test_accuracy_percent = _measure()
    """After the last epoch."""
    best_test_accuracy_percent = _measure()
    train_accuracy_percent = _measure()
    simulated_time_s = _measure()
    simulated_time_ps = _count()
    energy_J = _measure()  # noqa: N815
    energy_aJ = _count()  # noqa: N815
    leakage_power_W = _measure(later=True)  # noqa: N815
    """Of all parts while they are powered, as far as it is known; these are None where nothing of it is."""
    leakage_energy_J = _measure(later=True)  # noqa: N815
    leakage_energy_aJ = _count(later=True)  # noqa: N815
    """Beside `energy_aJ`, which has none of it."""
    energy_with_leakage_J = _measure(later=True)  # noqa: N815
    energy_with_leakage_aJ = _count(later=True)  # noqa: N815
    """Both together."""
    leakage_percent = _measure(later=True)
    """Share of leakage in them."""
    leakage_unknown = _texts()
    """What leaks a power that is not known: nothing is counted for it."""
    pulses = _count()
    """Small pulses of all cells that take them; where all are programmed to levels, their SETs."""
    resets = _count()
    updates = _count()
    """Times that a cell got pulses from a sample or was programmed, summed over cells."""
    cells = _count()
    """In use."""
    unwritten_cells = _count(later=True)
    """In arrays that nothing was written to; left out of means."""
    mean_pulses_per_cell = _measure()
    hottest_cell_pulses = _count()
    area_mm2 = _measure()
    switch_epoch = _count()
    """In which the selector chose another pair."""
    first_step_time_ps = _count()
    inference_time_ps = _count()
    inference_interval_ps = _measure(later=True)
    """Between samples that stream; None where one takes too many operations to look for it in passing."""
    inference_samples_per_s = _measure(later=True)
    inference_energy_J = _measure(later=True)  # noqa: N815
    """Of one sample; without cell currents where training has not found any."""
    inference_frozen_time_ps = _count(later=True)
    """Until the sample is through the frozen layers that come first; None without any."""
    inference_frozen_energy_J = _measure(later=True)  # noqa: N815
    """Of these layers, without cell currents."""
    inference_operations = _count(later=True)
    """Two for each weight and place where it is used, biases included."""
    inference_TOPS = _measure(later=True)  # noqa: N815
    inference_TOPS_per_W = _measure(later=True)  # noqa: N815
    inference_TOPS_per_mm2 = _measure(later=True)  # noqa: N815
    distinct_programs = _count()
    """Simulated event by event."""
    wall_time_s = _measure()
    samples_per_wall_second = _measure()
    sets = _count(later=True)
    programmings = _count(later=True)
    mean_programmings_per_cell = _measure(later=True)
    programming_error_percent = _measure(later=True)
    """Of weights that were written at the beginning: how far cells held others than they should, as root of
    the mean square over the largest weight of the layer."""
    test_accuracy_before_percent = _measure(later=True)
    """Of the last phase that was tested before it began."""
    levels_used = _count(later=True)
    """Levels that any weight was ever written to."""
    learnt_weights = _count(later=True)
    """In use, of layers that learn, biases included; figures of weights stand for these."""
    weights_at_zero = _count(later=True)
    """Nearer to zero than half of the smallest difference that two weights can have."""
    weights_at_ends = _count(later=True)
    """As near to the largest that there is."""
    net_steps = _count(later=True)
    """Pulses that would lead from zero to where weights stand."""
    hidden_memory_bytes = _count(later=True)
    hidden_memory_used_bytes = _count(later=True)
    hidden_memory_traffic_bytes = _count(later=True)
    mean_task_accuracy_percent = _measure(later=True)
    forgetting_percent = _difference()
    """The most that was forgotten of a task, in points; less than nothing where it became better."""
    initial_weights_by_rounds = _counts()
    """Verified initial weights that were right at once, after one round of pulses, after two, and so on."""
    initial_weights_off = _count(later=True)
    """Those that were not right when rounds were exhausted."""
    symmetry_point_mean = _difference()
    """Of cells with references of their own, as a weight from the middle of the described range."""
    symmetry_point_spread = _measure(later=True)
    """Standard deviation of the same."""
    reference_error_mean = _difference()
    """What their weights read as when cells stood at their symmetry points, and were to be zero."""
    reference_error_spread = _measure(later=True)
    """Standard deviation of the same."""
    waited_s = _measure(later=True)
    """Since the end of training, until the last test; in no other figure. Missing where nobody waited."""
    test_accuracy_after_wait_percent = _measure(later=True)
    """Of the task that was trained last."""
    carried_pulses = _count(later=True)
    """Of cells before the run, where it started from another."""
    carried_resets = _count(later=True)
    carried_programmings = _count(later=True)
    software_epochs = _count(later=True)
    """Before the chip was given weights; in no other figure."""
    software_test_accuracy_percent = _measure(later=True)
    """After the last of them, in software."""
    transferred_test_accuracy_percent = _measure(later=True)
    """On the chip before it has trained, of the task that it trains first."""
    warnings = _texts()
    idealised = _texts()

    def check(self) -> None:
        """Refuse a summary that lacks a figure, or has one that is none."""
        # A result of an earlier version opens without figures that came later.
        needed = [name for name, figure in figures().items() if not figure.later]
        missing = [name for name in needed if name not in self]
        if missing:
            named = ", ".join(map(repr, missing[:_MOST_NAMED]))
            if len(missing) > _MOST_NAMED:
                named += f" and {len(missing) - _MOST_NAMED} more"
            raise ValueError(f"no {named}")
        for name, value in self.items():
            figure = sort_of(name)
            if figure is not None and not figure.takes(value):
                given = json.dumps(value)[:_LONGEST]
                raise ValueError(f"{name!r} must be {figure.wanted}, not {given}")


def figures() -> Mapping[str, Figure[Any]]:
    """Every figure of a summary by its name, in order.

    Examples
    --------
    >>> list(figures())[:3]
    ['architecture', 'workload', 'seed']
    """
    return {name: one for name, one in vars(Summary).items() if isinstance(one, Figure)}


def sort_of(name: str) -> Figure[Any] | None:
    """The figure of a name, also that of a task or a group; None for one that nobody knows."""
    figure, _, _ = name.partition(".")
    return figures().get(figure if figure in _EACH else name)
