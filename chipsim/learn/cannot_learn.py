"""What a description says of runs that cannot learn: told before they run, and run all the same.

They are warnings, not errors: time and energy of such a chip are as right as any other's, and whoever looks
for the place where learning ends has to be able to step over it.
"""

from __future__ import annotations

from chipsim.spec.chip import ChipSpec, parts_of
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
    return [message for part in parts_of(chip) for message in part.warnings(chip, workload)]
