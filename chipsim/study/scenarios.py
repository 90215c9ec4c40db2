"""Scenarios: named runs that are made once, kept in folders, and made again only when they changed."""

from __future__ import annotations

import shlex
import warnings
from collections.abc import Callable
from pathlib import Path

import attrs

from chipsim.errors import DivergedError, OutputError, UnverifiedWarning
from chipsim.outputs.claims import ClaimedFolder
from chipsim.result import Result
from chipsim.result.files import claimed, could_be_run, load, save
from chipsim.run import Options, simulate
from chipsim.run.sameness import why_another

__all__ = ["Claim", "Scenario", "claim_table", "run_scenario"]


@attrs.frozen(kw_only=True)
class Scenario:
    """One run of a study."""

    name: str
    """Name of its folder."""
    architecture: str
    workload: str
    sets: tuple[str, ...] = ()
    """Overrides such as ``device.states=10``."""
    epochs: int | None = None
    seed: int = 0
    timing_only: bool = False
    """Build programs without arithmetic: time and energy of a network that nobody trains."""

    @property
    def command(self) -> str:
        """The command that makes the same run."""
        sets = "".join(f" --set {_quoted(override)}" for override in self.sets)
        epochs = f" --epochs {self.epochs}" if self.epochs is not None else ""
        timing = " --timing-only" if self.timing_only else ""
        names = shlex.join((self.architecture, self.workload))
        return f"chipsim run {names}{sets}{epochs}{timing} --seed {self.seed}"


def _quoted(text: str) -> str:
    """A text in quotation marks, as a shell takes it whole."""
    inside = text.replace("'", "'\\''")
    return f"'{inside}'"


def run_scenario(
    scenario: Scenario, folder: Path, *, data: Path | None = None, say: Callable[[str], None] = lambda _: None
) -> Result:
    """The result of a scenario: read from its folder when it is there and whole, made and saved otherwise.

    What is kept counts only where it comes from the same command, descriptions, data and code, on the same
    versions of the packages that decide figures; otherwise a line says why it is made again.

    Parameters
    ----------
    scenario
        What to run.
    folder
        Where folders of scenarios are kept.
    data
        Folder with datasets.
    say
        Told what is done, a line at a time.

    Raises
    ------
    ChipsimError
        When a description or the data cannot be used, when another process makes the same run, or when
        results cannot be written.
    """
    folder = folder / scenario.name
    options = Options(seed=scenario.seed, data=data, timing_only=scenario.timing_only)
    kept = _kept(scenario, folder, options=options, say=say)
    if kept is None:
        with claimed(folder, overwrite=True) as place:
            # Another process may have made it since we looked.
            kept = _kept(scenario, folder, options=options, say=lambda _: None)
            if kept is None:
                return _made(scenario, place, options=options, say=say)
    say(f"{scenario.name}: kept")
    return kept


def _kept(scenario: Scenario, folder: Path, *, options: Options, say: Callable[[str], None]) -> Result | None:
    """The whole result of the same run, where there is one that can be read; looking needs no claim."""
    if not could_be_run(folder):
        return None
    try:
        with warnings.catch_warnings():
            # Results without digests do not say their code either, and are made again for that.
            warnings.simplefilter("ignore", UnverifiedWarning)
            kept = load(folder)
    except OutputError as error:
        say(f"{scenario.name}: made again, for {str(error).partition(';')[0]}")
        return None
    why = _why_not(kept, scenario, options=options)
    if why:
        say(f"{scenario.name}: made again, for what is kept {why}")
        return None
    return kept


def _made(
    scenario: Scenario, place: ClaimedFolder, *, options: Options, say: Callable[[str], None]
) -> Result:
    """The result of a scenario, made and saved; one that diverged is saved as far as it went."""
    say(f"{scenario.name}: {scenario.command}")
    diverged = None
    try:
        made = simulate(
            scenario.architecture,
            scenario.workload,
            sets=scenario.sets,
            epochs=scenario.epochs,
            options=options,
        )
    except DivergedError as error:
        if error.result is None:
            raise
        made, diverged = error.result, error
    made = attrs.evolve(made, provenance={**made.provenance, "scenario": scenario.command})
    save(made, place)
    if diverged is not None:
        raise diverged
    # A run that is interrupted ends with what it reached, which is saved by now; the study ends as well.
    if not made.summary["complete"]:
        raise KeyboardInterrupt
    accuracy, wall = made.summary["test_accuracy_percent"], made.summary["wall_time_s"]
    fared = "timed only" if accuracy is None else f"{accuracy:.2f} %"
    say(f"{scenario.name}: {fared} in {wall:.0f} s")
    return made


def _why_not(kept: Result, scenario: Scenario, *, options: Options) -> str:
    """Why what is kept cannot stand for the scenario; empty when it can."""
    if not kept.summary["complete"]:
        return "was stopped before its end"
    if kept.provenance.get("scenario") != scenario.command:
        return "was made by another command"
    # Last, since it reads descriptions and data.
    why = why_another(
        kept,
        scenario.architecture,
        scenario.workload,
        sets=scenario.sets,
        epochs=scenario.epochs,
        options=options,
    )
    return f"was {why}" if why else ""


@attrs.frozen(kw_only=True)
class Claim:
    """A published figure beside ours."""

    what: str
    published: str
    ours: str
    source: str
    """Where it was published."""
    verdict: str
    """``reached``, ``not reached`` or ``trend only``, with a reason where it is not reached."""


def claim_table(claims: list[Claim]) -> str:
    """Claims as a Markdown table.

    Examples
    --------
    >>> claim = Claim(what="test accuracy", published="97.00 %", ours="97.1 %", source="Choi 2021",
    ...     verdict="reached")
    >>> print(claim_table([claim]))
    | claim | published | ours | verdict | source |
    |---|---|---|---|---|
    | test accuracy | 97.00 % | 97.1 % | reached | Choi 2021 |
    """
    rows = ["| claim | published | ours | verdict | source |", "|---|---|---|---|---|"]
    for claim in claims:
        cells = (claim.what, claim.published, claim.ours, claim.verdict, claim.source)
        rows.append(f"| {' | '.join(cells)} |")
    return "\n".join(rows)
