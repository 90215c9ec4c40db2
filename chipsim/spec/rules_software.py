"""Rules of phases that train in software: that they come first, and that something reads what they say."""

from __future__ import annotations

from collections.abc import Iterator

from chipsim.spec.fault import Fault
from chipsim.spec.software import SoftwareSpec
from chipsim.spec.workload import PhaseSpec, WorkloadSpec

__all__ = ["of_software"]


def of_software(workload: WorkloadSpec) -> Iterator[Fault]:
    """What is wrong with phases that train in software, and with what is transferred."""
    if not workload.in_software:
        if workload.transfer_error is not None:
            message = "nothing reads it: no phase trains in software, so nothing is transferred; leave it out"
            yield Fault(("transfer_error",), message)
        return
    if workload.network.weights_error:
        message = "nothing reads it: what is written comes from software; set transfer_error"
        yield Fault(("network", "weights_error"), message)
    yield from _of_order(workload)
    for index, phase in enumerate(workload.phases):
        if phase.software is not None:
            yield from _of_phase(workload, index, phase, phase.software)


def _of_order(workload: WorkloadSpec) -> Iterator[Fault]:
    """Software comes first, and something follows it."""
    on_chip = [phase.name for phase in workload.phases if phase.software is None]
    if not on_chip:
        message = "all train in software: give a phase without software, which trains what is transferred"
        yield Fault(("phases",), message)
        return
    begun = False
    for index, phase in enumerate(workload.phases):
        begun = begun or phase.software is None
        if begun and phase.software is not None:
            message = (
                f"phase {phase.name!r} comes after {on_chip[0]!r}, which trains on the chip, and nothing "
                f"leads back from there; put it before, or leave software out"
            )
            yield Fault(("phases", index, "software"), message)


def _of_phase(workload: WorkloadSpec, index: int, phase: PhaseSpec, how: SoftwareSpec) -> Iterator[Fault]:
    """What one phase asks for that nothing gives, or says that nothing reads."""
    path = ("phases", index, "software")
    if phase.test_before:
        message = "nothing reads it: what trains in software is tested after its epochs alone; leave it out"
        yield Fault(("phases", index, "test_before"), message)
    if workload.network.normalisation is not None:
        message = (
            "cannot be had with network.normalisation: scales, offsets, means and variances of software are "
            "not those of the chip's passes, and are not transferred; leave one of the two out"
        )
        yield Fault(path, message)
    if how.trained_as == "device":
        for key in how.sets_of_numbers:
            message = f"nothing reads it: a model of the chip has none; leave {key} out, or train as numbers"
            yield Fault((*path, key), message)
        return
    yield from _of_numbers(workload, index, phase, how)


def _of_numbers(workload: WorkloadSpec, index: int, phase: PhaseSpec, how: SoftwareSpec) -> Iterator[Fault]:
    path, optimiser = ("phases", index, "software"), how.descends_by
    for name in phase.rule:
        message = "nothing reads it: numbers are trained by no rule of a chip; leave it out"
        yield Fault(("phases", index, "rule", name), message)
    if phase.rate_for(optimiser) is None and workload.rate_for(optimiser) is None:
        message = (
            f"descends by {optimiser}, and neither the phase nor the workload has a rate for it: give it "
            f"learning_rate.{optimiser}"
        )
        yield Fault(path, message)
    most = {"phase": phase.dataset.train, "epochs": phase.epoch_samples}
    for whose, samples in most.items():
        if how.batch is not None and samples is not None and samples < how.batch:
            message = f"must be at most the {samples} samples of its {whose}, not {how.batch}"
            yield Fault((*path, "batch"), message)
    frozen = any(stage.frozen for stage in workload.network.stages)
    if how.frozen_layers == "learn" and not frozen:
        message = "nothing reads it: no layer is frozen; leave frozen_layers out"
        yield Fault((*path, "frozen_layers"), message)
