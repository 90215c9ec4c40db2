"""``chipsim reprice``."""

from __future__ import annotations

import hashlib
import shlex
from collections.abc import Sequence
from pathlib import Path

import attrs
import click

from chipsim.cli.asking import check_sets
from chipsim.cli.running import RUNS, called, show_results
from chipsim.result import Result
from chipsim.result.digests import DIGESTS_FILE
from chipsim.result.files import claimed, claimed_anew, load, save
from chipsim.run.repricing import reprice
from chipsim.units import ENERGY, TIME, show

__all__ = ["reprice_run"]


def reprice_run(
    folder: Path, *, costs: str, sets: Sequence[str], output: Path | None, overwrite: bool
) -> None:
    """Price a run anew, save the result, and print it.

    Raises
    ------
    ChipsimError
        When the run cannot be read or priced, or the result not be saved.
    """
    check_sets(sets)
    before = load(folder)
    after = _of(folder, reprice(before, costs=costs, sets=sets))
    summary = before.summary
    stem = f"{called(summary.architecture)}--{called(summary.workload)}"
    with claimed(output, overwrite=overwrite) if output else claimed_anew(RUNS, stem) as claim:
        save(after, claim)
    show_results([after])
    click.echo(_changes(before, after))
    if before.trace is not None:
        click.echo("the trace of the run is not taken over: it has the times of the run")
    command = shlex.join(["chipsim", "report", str(claim.named)])
    click.echo(f"saved in {claim.named}; {command} makes its page")


def _of(folder: Path, result: Result) -> Result:
    """A result that says which run it was made of."""
    digests = folder / DIGESTS_FILE
    digest = hashlib.sha256(digests.read_bytes()).hexdigest() if digests.is_file() else ""
    said = {**result.provenance["repriced"], "run": str(folder), "digests_sha256": digest}
    return attrs.evolve(result, provenance={**result.provenance, "repriced": said})


def _changes(before: Result, after: Result) -> str:
    """What became of energy, time and leakage."""
    energies = [result.summary.energy_aJ or 0 for result in (before, after)]
    times = [result.summary.simulated_time_ps or 0 for result in (before, after)]
    by = f" (x{energies[1] / energies[0]:.4g})" if energies[0] else ""
    told = f"energy: {show(energies[0], ENERGY)}, now {show(energies[1], ENERGY)}{by}; time: "
    same = f"{told}{show(times[0], TIME)}, as it was"
    timed = f"{told}{show(times[0], TIME)}, now {show(times[1], TIME)}: kept programs were timed again"
    return (same if times[0] == times[1] else timed) + _leaked(before, after)


def _leaked(before: Result, after: Result) -> str:
    """What became of leakage; nothing where it is not known under the costs before or after."""
    was, now = (result.summary.leakage_energy_aJ for result in (before, after))
    if was is None or now is None:
        return ""
    became = "as it was" if was == now else f"now {show(now, ENERGY)}"
    return f"; leakage: {show(was, ENERGY)}, {became}"
