"""One run from descriptions to a result: place, build, train or only time, and collect."""

from __future__ import annotations

import math
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from chipsim.errors import ChipsimWarning, DescriptionError, DivergedError, LostError
from chipsim.learn.cannot_learn import learning_warnings
from chipsim.learn.rule import rule_of
from chipsim.result import Result
from chipsim.result.remains import cause_words, remains
from chipsim.run.barred import watching
from chipsim.run.checkpoints import Checkpoints, Clock
from chipsim.run.collecting import Run, collect
from chipsim.run.datasets import check_folder, data_of_phases, left_untrained
from chipsim.run.drawing import placed
from chipsim.run.execute import Executor
from chipsim.run.identity import deciding
from chipsim.run.interrupts import Heedful, Interrupts
from chipsim.run.keeping import Keeping
from chipsim.run.noting import Noted, check_steps
from chipsim.run.options import Options, options_of
from chipsim.run.phase_data import PhaseData, epoch_samples_of, there_is_data
from chipsim.run.progress import Progress
from chipsim.run.reading import Described
from chipsim.run.setup import Setup, prepare
from chipsim.run.software import Pretrained, pretrained, split_phases
from chipsim.run.timing_only import time_phase
from chipsim.run.training import Training
from chipsim.spec import Description, unread_together
from chipsim.spec.chip import ChipSpec
from chipsim.spec.workload import PhaseSpec, WorkloadSpec
from chipsim.version import this_code
from chipsim.wording import plural

__all__ = ["Setup", "prepare", "simulate"]


def simulate(
    architecture: str | Path | Description[ChipSpec],
    workload: str | Path | Description[WorkloadSpec],
    *,
    sets: Sequence[str] = (),
    epochs: int | None = None,
    options: Options | None = None,
    progress: Progress | bool | None = None,
    **more: Any,
) -> Result:
    """Train a workload on an architecture and report accuracy, time, energy, pulses and wear.

    Parameters
    ----------
    architecture, workload
        Names, paths, or descriptions loaded before.
    sets
        Overrides such as ``device.states=10``.
    epochs
        Epochs of every phase, instead of what the workload says.
    options
        How to run; its fields may also be given by name, such as ``seed=1``, or ``datasets={"mine": mine}``
        to train on arrays of one's own (:func:`chipsim.data.from_arrays`) in phases that name ``mine``.
    progress
        Told how far the run is. None shows a bar on what takes over two seconds, in a notebook and where
        standard error is a terminal; False shows none.

    Returns
    -------
    Result
        Partial, and marked so, when the run was interrupted from the keyboard: it ends after the step, or the
        samples, at hand. A second Ctrl-C before that ends it at once, without a result.

    Raises
    ------
    ChipsimError
        When a description or the data cannot be used.
    DivergedError
        When training leaves the finite numbers; its attribute `result` has the epochs before that.
    LostError
        When something went wrong after an epoch was finished; its attribute `remains` has the epochs.
    TypeError, ValueError
        When an option is unknown, or not what it should be.

    Examples
    --------
    >>> result = simulate("hybrid-synapse", "mnist-5k", epochs=1, sets=["phases.0.dataset.train=50"])
    >>> result.summary["steps"]
    50

    Arrays of one's own: images of the digits 0 and 1, which differ in every pixel.

    >>> import numpy as np
    >>> from chipsim.data import from_arrays
    >>> labels = np.arange(40) % 2
    >>> images = np.repeat(labels[:, None], 9, axis=1).astype(float)
    >>> mine = from_arrays("mine", train=(images, labels), test=(images, labels))
    >>> sets = ["network.layers=[9, 4, 2]", "phases.0.dataset={name: mine}", "learning_rate=1"]
    >>> result = simulate("digital-fp32", "mnist-5k", sets=sets, datasets={"mine": mine})
    >>> result.summary["test_accuracy_percent"]
    100.0
    """
    how = options_of(options, more, others=("sets", "epochs", "options", "progress"))
    clock = Clock()
    # The source is looked at before training: it may be edited meanwhile, and what runs is as it is now.
    this_code()
    setup = prepare(
        architecture,
        workload,
        sets=sets,
        epochs=epochs,
        seed=None if how.timing_only else how.seed,
        datasets=how.datasets,
    )
    if how.start is not None:
        how.start.check(setup.architecture.spec, setup.workload.spec)
    check_folder(setup.workload.spec, how.data, datasets=how.datasets)
    for problem in unread_together(setup.architecture, setup.workload, setup.costs):
        warnings.warn(str(problem), ChipsimWarning, stacklevel=2)
    phases = data_of_phases(setup.workload, folder=how.data, datasets=how.datasets)
    if not how.timing_only:
        there_is_data(data for _, data in phases)
    on_chip, in_software = split_phases(phases)
    _refuse_what_never_comes(setup, on_chip)
    batch = setup.workload.spec.batch
    steps = sum(phase.epochs * math.ceil(epoch_samples_of(phase, data) / batch) for phase, data in on_chip)
    check_steps(how.trace_steps if how.trace else None, steps=steps)
    label, learns = setup.architecture.spec.name, not how.timing_only
    with watching(progress=progress, label=label, learns=learns) as watched, Interrupts() as interrupts:
        told = Heedful(watched, interrupts)
        checkpoints = _checkpoints(setup, how, phases, clock=clock)
        before = None
        if in_software and learns:
            before = pretrained(setup, in_software, seed=how.seed, progress=told)
            setup = before.setup
            clock.restart()
        run, failure = _carried_out(
            setup, how, phases, progress=told, clock=clock, checkpoints=checkpoints, before=before
        )
        result = _collected(run, setup)
    if failure is not None:
        failure.result = result
        raise failure
    return result


def _refuse_what_never_comes(setup: Setup, phases: Sequence[tuple[PhaseSpec, PhaseData]]) -> None:
    """What the rule does now and then, and not even once in this run."""
    described = setup.architecture
    samples = sum(phase.epochs * epoch_samples_of(phase, data) for phase, data in phases)
    faults = rule_of(described.spec).faults_of_samples(samples)
    problems = [described.tree.at(*fault.path).problem(fault.message) for fault in faults]
    if problems:
        raise DescriptionError(problems)


def _collected(run: Run, setup: Setup) -> Result:
    try:
        return collect(run)
    except Exception as error:
        if not run.training.epochs:
            raise
        raise _lost(setup, run.training, error, doing="its result was put together") from error


def _carried_out(
    setup: Setup,
    how: Options,
    phases: Sequence[tuple[PhaseSpec, PhaseData]],
    *,
    progress: Heedful,
    clock: Clock,
    checkpoints: Checkpoints | None,
    before: Pretrained | None,
) -> tuple[Run, DivergedError | None]:
    """Train, or only time, and keep what there is when interrupted or when training diverges."""
    keeping = Keeping()
    executor = Executor(setup.chip, replay=how.replay, trace=how.trace, keeping=keeping)
    training = Training(
        setup.rule, executor, seed=how.seed, evaluate=setup.workload.spec.evaluate, progress=progress,
        keeping=keeping,
    )  # fmt: skip
    training.noted = Noted(how.trace_steps) if how.trace else None
    if not how.timing_only:
        for text in (
            *learning_warnings(setup.architecture.spec, setup.workload.spec),
            *left_untrained(phases),
            *(before.remarks if before is not None else ()),
        ):
            training.remark(text)
    if checkpoints is not None:
        _go_on(training, checkpoints, resume=how.resume)
    complete, failure = True, None
    try:
        _go(training, executor, phases, batch=setup.workload.spec.batch, options=how, before=before)
    except (KeyboardInterrupt, DivergedError) as error:
        # Cells and ledger may disagree, and such a result could not be read back.
        if progress.interrupts.torn:
            raise
        progress.interrupts.over = True
        complete = False
        failure = error if isinstance(error, DivergedError) else None
        # Before books are closed, of which a run that goes on is to know nothing.
        if checkpoints is not None and failure is None:
            checkpoints.keep(training)
        training.stop(str(failure or ""))
        # Operations that were cut off still hold parts; what is timed from here on needs a chip at rest.
        # The file of weights may have changed since.
        executor.chip = prepare(
            setup.architecture, setup.workload, seed=None, datasets=how.datasets, weights=setup.weights
        ).chip
    except Exception as error:
        if not training.epochs:
            raise
        raise _lost(setup, training, error, doing="it was training") from error
    run = Run(
        architecture=setup.architecture, workload=setup.workload, costs=setup.costs,
        placement=placed(setup.placement, setup.chip), training=training,
        executor=executor, **_data_of(phases), complete=complete,
        wall_time_s=clock.passed_s, seed=how.seed, replay=how.replay,
        timing_only=how.timing_only, traced=how.trace, weights_sha256=setup.weights.sha256,
        name="" if checkpoints is None else checkpoints.run, keeps_state=how.keep_state,
        keeps_weights=how.keep_weights, start=how.start, before=before,
    )  # fmt: skip
    return run, failure


def _data_of(phases: Sequence[tuple[PhaseSpec, PhaseData]]) -> dict[str, tuple[PhaseData, ...]]:
    """Datasets of phases on the chip, and of those in software."""
    on_chip, in_software = split_phases(phases)
    return {
        "data": tuple(data for _, data in on_chip),
        "data_in_software": tuple(data for _, data in in_software),
    }


def _checkpoints(
    setup: Setup, how: Options, phases: Sequence[tuple[PhaseSpec, PhaseData]], *, clock: Clock
) -> Checkpoints | None:
    """Where the state of the run is saved; None where it is not."""
    if how.checkpoint is None:
        return None
    read = Described(architecture=setup.architecture, workload=setup.workload, costs=setup.costs)
    checksums = [data.checksum for data in dict.fromkeys(data for _, data in phases)]
    run = deciding(read, options=how, checksums=checksums)
    return Checkpoints(how.checkpoint, every=how.checkpoint_every, run=run, replay=how.replay, clock=clock)


def _go_on(training: Training, checkpoints: Checkpoints, *, resume: bool) -> None:
    """Let a training save its state, and go on from the one that was saved last if it should."""
    saved = checkpoints.saved() if resume else None
    if saved is not None:
        training.resume(saved)
    elif resume:
        warnings.warn(
            f"{checkpoints.path}: there is no checkpoint; the run begins anew", ChipsimWarning, stacklevel=4
        )
    training.keeper = checkpoints


def _lost(setup: Setup, training: Training, cause: Exception, *, doing: str) -> LostError:
    """The error for finished epochs of which no result can be made, with what is left of them."""
    done = len(training.epochs)
    epochs = f"{done:,} finished {plural('epoch', done)}"
    error = LostError(f"the run broke off after {epochs}, while {doing} {cause_words(cause)}")
    summary = {
        "architecture": setup.architecture.spec.name,
        "workload": setup.workload.spec.name,
        "complete": False,
        "epochs_run": done,
        "steps": training.steps,
        "warnings": list(training.remarks),
    }
    error.remains = remains(summary, epochs=training.epochs, tasks=training.tasks, cause=cause)
    return error


def _go(
    training: Training,
    executor: Executor,
    phases: Sequence[tuple[PhaseSpec, PhaseData]],
    *,
    batch: int,
    options: Options,
    before: Pretrained | None,
) -> None:
    phases, _ = split_phases(phases)
    epochs = sum(phase.epochs for phase, _ in phases)
    if options.timing_only:
        for phase, data in phases:
            samples = epoch_samples_of(phase, data)
            time_phase(training, phase, executor, samples=samples, batch=batch, epochs=epochs)
        return
    training.begin(seed=options.seed, start=options.start)
    if before is not None:
        before.test(training.rule, *phases[0])
    following = [data for _, data in phases[1:]]
    for (phase, data), after in zip(phases, [*following, None], strict=True):
        # Under no name: its images would stay in memory while the next ones are read.
        training.run_phase(phase, data.whole(), batch=batch, epochs=epochs)
        if after is not data:
            data.release()
    training.wait(options.wait, trained=phases[-1][0].task_name)
    training.look_at_drift(waits=bool(options.wait))
