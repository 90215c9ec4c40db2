"""What is set on the command line of costs and of cells, and belongs to nothing that the chip uses."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from chipsim.errors import Problem
from chipsim.spec.chip import ChipSpec
from chipsim.spec.kind import Kind
from chipsim.spec.overrides import written
from chipsim.spec.paths import Chosen, path_text, steps_in
from chipsim.spec.provenance import SETTING, Value
from chipsim.spec.used import converters_in, formats_in, idle_levels, is_idle, is_read, levels_in
from chipsim.spec.views import views, working_views
from chipsim.spec.workload import WorkloadSpec

__all__ = ["of_unread_costs", "of_unread_frozen", "of_unread_levels"]

_CONVERTERS: Final = ("adc", "dac")


def of_unread_costs(chip: ChipSpec, values: Iterable[Value]) -> Iterator[Problem]:
    """Overrides of costs of which this chip reads nothing, with what it reads in their place.

    One that sets several values at once, as by ``[*]``, may set some that are not read.

    Parameters
    ----------
    chip
        The chip.
    values
        All values of its cost set.

    Examples
    --------
    >>> from chipsim.spec import load_chip, load_costs
    >>> costs = load_costs("cmos-32nm", sets=["costs.adc[bits=4].energy=1 pJ", "costs.dac[*].energy=1 pJ"])
    >>> for problem in of_unread_costs(load_chip("single-pair").spec, costs.values):
    ...     print(problem)
    adc[bits=4].energy: nothing reads it: the chip has ADCs of 8 and 10 bits; set costs.adc[bits=8].energy \
or costs.adc[bits=10].energy (from --set costs.adc[bits=4].energy=1 pJ)
    """
    for claim, paths in _set_by(values).items():
        if any(is_read(chip, path) for path in paths):
            continue
        path, given = written(claim, kind="costs")
        yield Problem(path=path, message=f"nothing reads it: {_why(chip, path)} (from --set {given})")


def of_unread_levels(chip: ChipSpec, values: Iterable[Value]) -> Iterator[Problem]:
    """Overrides of levels of a cell that no weight takes, with those that weights take.

    A conductance is always read: by it the levels that weights take are chosen.

    Parameters
    ----------
    chip
        The chip.
    values
        All its values.

    Examples
    --------
    >>> from chipsim.spec import load_chip
    >>> bnn = load_chip("bnn", sets=["device.high[level=3].spread=3 uS"])
    >>> for problem in of_unread_levels(bnn.spec, bnn.values):
    ...     print(problem)
    device.high[level=3].spread: nothing reads it: no weight takes this level of a cell; those in use are \
0, 8 (from --set device.high[level=3].spread=3 uS)
    """
    unused = [(view, idle_levels(view.chip)) for view in views(chip)]
    for claim, paths in _set_by(values).items():
        if all(is_idle(path, unused) and not path.endswith(".conductance") for path in paths):
            path, given = written(claim, kind="chip")
            taken = _taken(chip, paths[0])
            levels = ", ".join(str(level) for level in sorted(taken))
            why = f"no weight takes this level of a cell; those in use are {levels}"
            yield Problem(path=path, message=f"nothing reads it: {why} (from --set {given})")


def of_unread_frozen(chip: ChipSpec, workload: WorkloadSpec, values: Iterable[Value]) -> Iterator[Problem]:
    """Overrides of how cells are updated on a group of tiles that carries nothing but frozen layers.

    Parameters
    ----------
    chip, workload
        Descriptions that fit each other.
    values
        All values of the chip.
    """
    frozen = {
        view.name: view.chip.update for view in working_views(chip, workload.network) if not view.learns
    }
    for claim, paths in _set_by(values).items():
        if all(_is_unread_of(path, frozen) for path in paths):
            path, given = written(claim, kind="chip")
            name = steps_in(path)[1]
            why = f"layers on group {name!r} are frozen, and its cells are written once"
            yield Problem(path=path, message=f"nothing reads it: {why} (from --set {given})")


def _is_unread_of(path: str, frozen: Mapping[str, Kind]) -> bool:
    """Whether a path leads to a number of an update that writes the weights of frozen layers alone."""
    steps = steps_in(path)
    if len(steps) < 4 or steps[0] != "groups" or steps[2] != "update":
        return False
    update = frozen.get(str(steps[1]))
    return update is not None and steps[3] not in update.read_when_frozen


def _taken(chip: ChipSpec, path: str) -> set[int]:
    """The levels that weights take, of the cells that a path leads into."""
    seen = [view for view in views(chip) if view.has(steps_in(path))]
    taken: set[int] = set()
    for view in seen:
        of_weights, _ = levels_in(view.chip)
        taken |= of_weights
    return taken


def _set_by(values: Iterable[Value]) -> dict[str, list[str]]:
    """The paths of the values that each override of the command line has set."""
    set_by: dict[str, list[str]] = {}
    for value in values:
        if value.kind == "set" and value.text.startswith(SETTING):
            set_by.setdefault(value.text, []).append(value.path)
    return set_by


def _why(chip: ChipSpec, path: str) -> str:
    section, *_ = steps_in(path)
    if section in _CONVERTERS:
        return _about_converters(chip, path)
    if section == "arithmetic":
        formats = sorted(formats_in(chip))
        return f"the chip computes in {' and '.join(formats)}; set {_instead(path, formats)}"
    if section == "selector" and chip.selector.reads(("selector", "compare")):
        return "the chip's selector compares and never adds; set costs.selector.compare"
    if section == "selector":
        return "the chip's selector is fixed and has nothing to do; leave it out"
    return "the chip has no arrays, whose lines would be sampled and driven; leave it out"


def _about_converters(chip: ChipSpec, path: str) -> str:
    section, *_ = steps_in(path)
    # By their numbers: as texts, 10 bits would come before 8.
    own = sorted(converters_in(chip, str(section)), key=lambda chosen: int(chosen.value))
    if not own:
        return "the chip has no arrays, and so no converters; leave it out"
    bits = " and ".join(chosen.value for chosen in own)
    kind = str(section).upper()
    have = f"has {kind}s"
    if len(own) == 1:
        article = "an" if kind == "ADC" else "a"
        have = f"has {article} {kind}"
    return f"the chip {have} of {bits} bits; set {_instead(path, own)}"


def _instead(path: str, entries: Iterable[str | Chosen]) -> str:
    """The same path with each entry in use in place of the one that was chosen."""
    section, _, *rest = steps_in(path)
    paths = [path_text((section, entry, *rest)) for entry in entries]
    return " or ".join(f"costs.{one}" for one in paths)
