"""What a description says of runs that cannot learn: told before they run, and run all the same.

They are warnings, not errors: time and energy of such a chip are as right as any other's, and whoever looks
for the place where learning ends has to be able to step over it.
"""

from __future__ import annotations

from chipsim.spec.chip import ChipSpec
from chipsim.spec.views import working_views
from chipsim.spec.workload import WorkloadSpec

__all__ = ["learning_warnings"]


def learning_warnings(chip: ChipSpec, workload: WorkloadSpec) -> list[str]:
    """What a chip cannot learn of a workload, as far as follows from their descriptions alone.

    Parameters
    ----------
    chip, workload
        Descriptions that fit each other.

    Returns
    -------
    list
        One sentence each, beginning with the key to look at.

    Examples
    --------
    >>> from chipsim.spec import load_chip, load_workload
    >>> sets = ["selector.threshold=-100 %"]
    >>> chip = load_chip("hybrid-synapse", sets=sets).spec
    >>> learning_warnings(chip, load_workload("mnist-5k").spec)[0].partition(":")[0]
    'selector.threshold'
    """
    network = workload.network
    told: list[str] = []
    working = working_views(chip, network)
    for view in working:
        owned = f"group {view.name!r}: " if view.name else ""
        # The rule has nothing to do with layers that keep their weights.
        for part in (*view.own, *([chip.rule] if view.learns else [])):
            told += [owned + message for message in part.warnings(view.chip, workload)]
    for shared in (chip.selector, chip.interconnect):
        told += shared.warnings(chip, workload)
    idle = chip.groups.keys() - {view.name for view in working}
    return [*told, *(f"groups.{name}: carries no layer of {workload.name!r}" for name in sorted(idle))]
