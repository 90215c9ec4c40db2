"""Trying a kind on chips that ship, and saying in words what it fails at."""

from __future__ import annotations

import traceback
import warnings
from collections.abc import Iterator, Sequence
from typing import Any

import attrs

from chipsim.errors import ChipsimError, DescriptionError
from chipsim.spec import Description
from chipsim.spec.chip import ChipSpec
from chipsim.spec.kind import Kind
from chipsim.spec.outside import CONTRACTS, KindError, is_place, load_kind, load_object
from chipsim.spec.trust import trust
from chipsim.testing.checks import checks_of
from chipsim.testing.examples import hosts, place_of, section_of, workload_for
from chipsim.testing.trial import Trial

__all__ = ["Conformance", "Finding", "conform"]


@attrs.frozen(kw_only=True)
class Finding:
    """One check, and what came of it."""

    check: str
    """What is right when it passes."""
    chip: str
    """The chip that it was tried on."""
    problem: str
    """What is wrong; empty when nothing is."""


@attrs.frozen(kw_only=True)
class Conformance:
    """What the checks found of a kind."""

    place: str
    findings: tuple[Finding, ...]

    @property
    def failures(self) -> tuple[str, ...]:
        """One line for each check that failed."""
        failed = [one for one in self.findings if one.problem]
        return tuple(f"{one.check}: {one.problem} (on {one.chip})" for one in failed)


def conform(kind: str | type[Kind], *, chips: int | None = None) -> Conformance:
    """Try a kind of one's own on chips that ship: numbers, time, energy, wear, seeds, state and words.

    Its keys take the values of a class attribute `example`, or else those that chips which ship have for keys
    of the same name, or simple ones. The code of the kind is run: whoever calls this trusts it.

    Parameters
    ----------
    kind
        Its class, or ``package.module:Class``.
    chips
        Chips that take it which are tried; None for one of each learning rule, since these ask for different
        things, on cells and on numbers.

    Raises
    ------
    KindError
        When it cannot be loaded, is no kind, or no chip that ships takes it.

    Examples
    --------
    >>> conform("chipsim.layer.max_pool:MaxPool").failures
    ()
    """
    found = _loaded(kind)
    section = section_of(found)
    try:
        taking, against = hosts(found, section)
    except ChipsimError:
        raise
    except Exception as error:
        raise KindError(f"{place_of(found)}: {_raised(error)}") from error
    if not taking:
        raise KindError(
            f"{place_of(found)}: no chip that ships takes it; the first says: {against}; "
            "give the class an `example` of its keys"
        )
    findings: list[Finding] = []
    for trial in _trials(found, section, _some(taking, chips)):
        findings += _tried(trial)
    return Conformance(place=place_of(found), findings=tuple(findings))


def _loaded(kind: str | type[Kind]) -> type[Kind]:
    place = kind if isinstance(kind, str) else place_of(kind)
    package = place.partition(":")[0].partition(".")[0]
    # Whoever asks for a kind to be tried wants its code to be run.
    if is_place(place) and package.isidentifier():
        trust(package)
    found = load_object(place)
    section = getattr(found, "section", None)
    if section not in CONTRACTS:
        bases = ", ".join(contract.replace(":", ".") for contract in CONTRACTS.values())
        raise KindError(f"{place} is no kind: it must be a class that extends one of {bases}")
    return load_kind(section, place)


def _some(taking: Sequence[Description[ChipSpec]], chips: int | None) -> Sequence[Description[ChipSpec]]:
    if chips is not None:
        return taking[:chips]
    # Rules ask for different things, chips of one rule mostly for the same; and each takes seconds.
    by_rule: dict[tuple[str, bool], Description[ChipSpec]] = {}
    for one in taking:
        by_rule.setdefault((one.spec.rule.kind, one.spec.device is None), one)
    return tuple(by_rule.values())


def _trials(
    kind: type[Kind], section: dict[str, Any], chips: Sequence[Description[ChipSpec]]
) -> Iterator[Trial]:
    for chip in chips:
        try:
            workload = workload_for(kind, section, chip.spec)
        except DescriptionError as error:
            message = f"{place_of(kind)}: {error.problems[0]}; give the class an `example` of its keys"
            raise KindError(message) from None
        except Exception as error:
            raise KindError(f"{place_of(kind)}: {_raised(error)}") from error
        yield Trial(kind=kind, chip=chip, workload=workload)


def _raised(error: Exception) -> str:
    """What the code of a kind raised, and in which of its functions."""
    # The last frame is where it was raised; those before it lead there from our own code.
    frames = traceback.extract_tb(error.__traceback__)
    said = " ".join(str(error).split())
    where = f" in {frames[-1].name}" if frames else ""
    return f"raises {type(error).__name__}: {said}".removesuffix(": ") + where


def _tried(trial: Trial) -> list[Finding]:
    findings = []
    for check, what in checks_of(trial.kind):
        with warnings.catch_warnings():
            # A few samples of noise teach nothing, and that is said of every run.
            warnings.simplefilter("ignore")
            try:
                problem = what(trial)
            except ChipsimError as error:
                problem = str(error)
            except Exception as error:  # noqa: BLE001
                # Whatever a kind raises is what is wrong with it.
                problem = _raised(error)
        findings.append(Finding(check=check, chip=trial.chip.spec.name, problem=problem))
    return findings
