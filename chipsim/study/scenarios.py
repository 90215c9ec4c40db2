"""Scenarios: named runs that are made once, kept in folders, and made again only when they changed."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from pathlib import Path

import attrs

from chipsim.errors import OutputError
from chipsim.outputs.claims import ClaimedFolder
from chipsim.result import Result
from chipsim.result_files import claimed, could_be_run, load, save
from chipsim.run import Options, prepare, simulate
from chipsim.spec import chip_from_document, costs_from_document, workload_from_document

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
    kept = _kept(scenario, folder, say=say)
    if kept is None:
        with claimed(folder, overwrite=True) as place:
            # Another process may have made it since we looked.
            kept = _kept(scenario, folder, say=lambda _: None)
            if kept is None:
                return _made(scenario, place, data=data, say=say)
    say(f"{scenario.name}: kept")
    return kept


def _kept(scenario: Scenario, folder: Path, *, say: Callable[[str], None]) -> Result | None:
    """The whole result of the same run, where there is one that can be read; looking needs no claim."""
    if not could_be_run(folder):
        return None
    try:
        kept = load(folder)
    except OutputError as error:
        say(f"{scenario.name}: made again, for {str(error).partition(';')[0]}")
        return None
    return kept if kept.summary["complete"] and _is_same(kept, scenario) else None


def _made(
    scenario: Scenario, place: ClaimedFolder, *, data: Path | None, say: Callable[[str], None]
) -> Result:
    """The result of a scenario, made and saved."""
    say(f"{scenario.name}: {scenario.command}")
    options = Options(seed=scenario.seed, data=data, timing_only=scenario.timing_only)
    made = simulate(
        scenario.architecture, scenario.workload, sets=scenario.sets, epochs=scenario.epochs, options=options
    )
    made = attrs.evolve(made, provenance={**made.provenance, "scenario": scenario.command})
    save(made, place)
    if not made.summary["complete"]:
        raise KeyboardInterrupt
    accuracy, wall = made.summary["test_accuracy_percent"], made.summary["wall_time_s"]
    fared = "timed only" if accuracy is None else f"{accuracy:.2f} %"
    say(f"{scenario.name}: {fared} in {wall:.0f} s")
    return made


def _is_same(kept: Result, scenario: Scenario) -> bool:
    """Whether a kept result was made by the same command from the same descriptions."""
    if kept.provenance.get("scenario") != scenario.command:
        return False
    setup = prepare(
        scenario.architecture, scenario.workload, sets=scenario.sets, epochs=scenario.epochs, seed=None
    )
    # Specs, not documents: a source that was reworded changes no figure.
    return (
        chip_from_document(kept.chip).spec == setup.architecture.spec
        and workload_from_document(kept.workload).spec == setup.workload.spec
        and costs_from_document(kept.costs).spec == setup.costs.spec
    )


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
    rows = [
        f"| {claim.what} | {claim.published} | {claim.ours} | {claim.verdict} | {claim.source} |"
        for claim in claims
    ]
    return "\n".join(["| claim | published | ours | verdict | source |", "|---|---|---|---|---|", *rows])
