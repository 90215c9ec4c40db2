"""Laws fitted to a curve, side by side, and the device that is made of one of them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, Final

import attrs
import numpy as np
import yaml

from chipsim.device.step_table import StepTable
from chipsim.device.types import Flags
from chipsim.errors import DescriptionError, Problem, did_you_mean
from chipsim.fitting.asked import Asked, pulses_and_area
from chipsim.fitting.columns import Columns
from chipsim.fitting.curve import Curve, curve_of
from chipsim.fitting.document import device_text
from chipsim.fitting.doubts import doubts_of
from chipsim.fitting.fields import Facts, fields_of
from chipsim.fitting.laws import Exponential, Law, Linear, Piecewise, Soft
from chipsim.fitting.measured import Row, measured_rows
from chipsim.fitting.odd import Sound, soundly
from chipsim.fitting.packed import Packed, packed
from chipsim.fitting.population import Population, population_of
from chipsim.fitting.power import Power
from chipsim.fitting.rough import Rough, roughly
from chipsim.fitting.said import Said
from chipsim.fitting.scoring import score
from chipsim.fitting.table import of_frame
from chipsim.fitting.text_file import read_text_table
from chipsim.fitting.writing import write_device
from chipsim.spec import device_from_document
from chipsim.units import CONDUCTANCE, show
from chipsim.wording import plural

__all__ = ["LAW_NAMES", "Fitted", "LawFit", "fit_device"]

LAWS: Final[tuple[type[Law], ...]] = (Linear, Soft, Exponential, Piecewise)
"""Fitted to every curve, in the order in which they are told."""
LAW_NAMES: Final = (*(law.kind for law in LAWS), Power.kind, StepTable.kind)
"""What a device can be made of: these, and where it is asked for, a power or a table of readings."""
_STUMBLING: Final = 1.5
"""Variation over a step, above which fits of simulated cells were off."""
_NOT_FITTED: Final = "the law could not be fitted: no numbers were found under which what was read is likely"
_SEEN: Final = 0.05
"""Of a step: white noise below is none."""


@attrs.frozen(kw_only=True, eq=False)
class LawFit:
    """One law, fitted."""

    law: str
    """Its kind, as a description says it."""
    criterion: float | None
    """Akaike's criterion, corrected for few readings: the lowest is the best. None for a table, which is no
    likeliest of anything, and for a law that could not be fitted."""
    residual: float
    """Root mean square of what readings were off what was expected of them, over the range of all."""
    numbers: int
    """How many were fitted."""
    fields: tuple[Said, ...]
    """What a description says of it."""
    population: Population
    """The cells, one by one."""
    refused: str = ""
    """Why no device can be made of it; empty where one can."""
    text: str = ""
    """Of the device file."""
    rows: Mapping[str, Sequence[Row]] = attrs.field(factory=dict)
    """Of a table of steps, by "up" and "down", of directions that were measured."""
    doubts: tuple[str, ...] = ()
    """What may be wrong with it, in sentences."""

    @property
    def device(self) -> Any:
        """The device as chips take it.

        Raises
        ------
        DescriptionError
            When none can be made of it.
        """
        if self.refused:
            raise DescriptionError([Problem(path=self.law, message=self.refused)])
        return device_from_document(yaml.safe_load(self.text)).spec.device


@attrs.frozen(kw_only=True, eq=False)
class Fitted:
    """A curve with the laws that were fitted to it.

    Examples
    --------
    >>> rows = [(way, pulse) for way in ("up", "down") for pulse in range(40)]
    >>> frame = {
    ...     "direction": [way for way, _ in rows],
    ...     "pulse": [pulse for _, pulse in rows],
    ...     "G (uS)": [10 + pulse * 0.25 if way == "up" else 20 - pulse * 0.2 for way, pulse in rows],
    ... }
    >>> fit_device(frame).best.law
    'bidirectional-step'
    """

    curve: Curve
    """What was read, without what was left out."""
    fits: tuple[LawFit, ...]
    """The best first; those of which no device can be made last."""
    chosen: str | None = None
    """The law that was asked for; None for the best."""
    notes: tuple[str, ...]
    """What is odd about the curve, and what could not be told apart, in sentences."""

    @property
    def best(self) -> LawFit:
        """The law that was asked for, or the one with the lowest criterion."""
        if self.chosen is None:
            return self.fits[0]
        return next(fit for fit in self.fits if fit.law == self.chosen)

    @cached_property
    def device(self) -> Any:
        """The device of the best law."""
        return self.best.device

    @property
    def text(self) -> str:
        """The device file of the best law."""
        return self.best.text

    def save(self, path: str | Path, *, overwrite: bool = False) -> Path:
        """Write the device file of the best law, whole or not at all.

        Parameters
        ----------
        path
            The file.
        overwrite
            Whether one that is there may be replaced.

        Raises
        ------
        ChipsimError
            When no device can be made of the law, something is in the way, or nothing can be written there.
        """
        if self.best.refused:
            _ = self.best.device
        return write_device(self.text, Path(path), overwrite=overwrite, source=self.curve.table.file)


def fit_device(
    frame: Any,
    *,
    law: str | None = None,
    name: str = "fitted",
    pulse_voltage: str | None = None,
    pulse_width: str | None = None,
    down_voltage: str | None = None,
    down_width: str | None = None,
    area: str | None = None,
    **columns: str | None,
) -> Fitted:
    """Fit laws to a measured pulse response, and make a device of the best.

    Parameters
    ----------
    frame
        The path of a table of text; or a mapping of columns, or a table of pandas or pyarrow.
    law
        The law that the device is made of; None for the one with the lowest criterion.
    name
        What the device is called.
    pulse_voltage, pulse_width, down_voltage, down_width, area
        What a curve does not say, such as "1.2 V", "50 ns" and "0.04 um2"; what is left out is assumed.
        Pulses down are as those up where nothing else is said.
    columns
        Which column holds what: `pulse`, `conductance`, `current`, `voltage`, `direction`, `cell` and
        `cycle`, where usual names do not say; and `unit` of the conductance or current.

    Raises
    ------
    DescriptionError
        With everything that is wrong with the table, and what is odd about it and cannot be fitted.

    Examples
    --------
    >>> frame = {"G (uS)": [5.0, 5.5, 6.1, 6.6, 7.0, 7.6, 8.0], "direction": ["up"] * 7}
    >>> fit_device(frame, pulse="rows").notes[0]
    'Pulses up only: those down are assumed to mirror them.'
    """
    said = _said_columns(columns)
    _refuse_law(law)
    asked = Asked(
        name=name, pulse_voltage=pulse_voltage, pulse_width=pulse_width, down_voltage=down_voltage,
        down_width=down_width, area=area,
    )  # fmt: skip
    # Before the curve is read: what is wrong with these is seen at once.
    common = pulses_and_area(asked)
    table = read_text_table(Path(frame)) if isinstance(frame, str | Path) else of_frame(frame)
    sound = soundly(curve_of(table, said))
    readings = packed(sound.curve)
    rough = roughly(readings)
    fitting = _Fitting(readings=readings, sound=sound, asked=asked, common=common)
    # Soft bounds are a power of one: next to them a power is fitted only where somebody wants it.
    tried = (*LAWS, Power) if law == Power.kind else LAWS
    fits = [fitting.law(law_of(rough=rough)) for law_of in tried]
    if law == StepTable.kind:
        # Straight from readings, with the ranges and spreads of the law that has lengths at places as well.
        (beside,) = (fit for fit in fits if fit.law == Piecewise.kind)
        fits.append(fitting.table(beside))
    # What no device can be made of stands last, however well it fits; so does what is not compared.
    fits.sort(key=lambda fit: (bool(fit.refused), math.inf if fit.criterion is None else fit.criterion))
    made = Fitted(curve=sound.curve, fits=tuple(fits), chosen=law, notes=())
    return attrs.evolve(made, notes=tuple(_notes(made, readings)))


def _said_columns(columns: dict[str, str | None]) -> Columns:
    known = attrs.fields_dict(Columns)
    unknown = [key for key in columns if key not in known]
    if unknown:
        message = (
            f"fit_device takes no {unknown[0]!r}; known: {', '.join(known)}{did_you_mean(unknown[0], known)}"
        )
        raise DescriptionError([Problem(message=message)])
    return Columns(**columns)


def _refuse_law(law: str | None) -> None:
    if law is not None and law not in LAW_NAMES:
        message = (
            f"there is no law {law!r} to fit; known: {', '.join(LAW_NAMES)}{did_you_mean(law, LAW_NAMES)}"
        )
        raise DescriptionError([Problem(message=message)])


@attrs.frozen(kw_only=True, eq=False)
class _Fitting:
    """What is fitted, and what is said besides."""

    readings: Packed
    sound: Sound
    asked: Asked
    common: list[Said]

    def law(self, law: Law) -> LawFit:
        """A law by maximum likelihood."""
        # A search may try what is no number; that nothing of it is left is seen behind.
        with np.errstate(all="ignore"):
            scored = score(self.readings, law)
            population = population_of(self.readings, scored)
        if not np.isfinite(scored.numbers).all():
            return LawFit(
                law=law.kind,
                criterion=None,
                residual=math.inf,
                numbers=scored.fitted,
                fields=(),
                population=population,
                refused=_NOT_FITTED,
            )
        facts = self._facts(law.rough, population)
        return self._made(
            LawFit(
                law=law.kind,
                criterion=scored.criterion,
                residual=scored.residual,
                numbers=scored.fitted,
                fields=tuple(fields_of(law.kind, population, facts)),
                population=population,
            ),
        )

    def table(self, beside: LawFit) -> LawFit:
        """A table of steps, with ranges, spreads and the scatter of readings of a law."""
        population = beside.population
        table = measured_rows(self.readings, population, file=self.sound.curve.table.file)
        facts = self._facts(roughly(self.readings), population)
        return self._made(
            LawFit(
                law=StepTable.kind,
                criterion=None,
                residual=table.residual,
                numbers=2 * sum(len(rows) for rows in table.rows.values()),
                fields=tuple(fields_of(StepTable.kind, population, facts, measured=table)),
                population=population,
                rows={"up" if up else "down": rows for up, rows in table.rows.items()},
                doubts=table.doubts,
            )
        )

    def _facts(self, rough: Rough, population: Population) -> Facts:
        return Facts(
            source=self.sound.curve.table.source,
            ways=self.readings.ways(),
            met=(_in_most(rough.met_low), _in_most(rough.met_high)),
            stuck=(self.sound.stuck, self.sound.stuck + self.readings.cells),
            white_seen=_is_white_seen(population),
        )

    def _made(self, fit: LawFit) -> LawFit:
        """With its device file, or why there is none."""
        # Written and read again even where nobody asks for a file: what chips would say is known only then.
        fit = attrs.evolve(fit, fields=(*fit.fields, *self.common))
        text = device_text(self.asked.name, fit.law, fit.fields, about=_about(self.sound.curve, fit))
        refused = _refusal(text)
        return attrs.evolve(fit, text="" if refused else text, refused=refused)


def _in_most(flags: Flags) -> bool:
    return bool(flags.mean() > 0.5)


def _is_white_seen(population: Population) -> bool:
    step = min(population.median(f"step_{way}").value for way in ("up", "down"))
    return population.white.low > _SEEN * step


def _refusal(text: str) -> str:
    """Why a text is no device; empty where it is one."""
    try:
        device_from_document(yaml.safe_load(text))
    except DescriptionError as error:
        return "; ".join(f"{problem.path}: {problem.message}" for problem in error.problems)
    return ""


def _about(curve: Curve, fit: LawFit) -> str:
    cells, stretches = len(curve.cells), len(curve.stretches)
    what = curve.table.source.partition(" (")[0]
    read = f"{curve.readings:,} readings of {cells} {plural('cell', cells)}"
    along = f"along {stretches} {plural('row', stretches)} of pulses"
    off = f"{100 * fit.residual:.3g} % of the range (root mean square)"
    expected = f"Readings are off what the law and those before let expect by {off}."
    return f"Fitted to {what}: {read}, {along}. {expected}"


def _notes(made: Fitted, readings: Packed) -> list[str]:
    best, notes = made.best, [*made.curve.notes]
    if readings.every > 1:
        notes.append(f"Of {made.curve.readings:,} readings every {readings.every}th was fitted.")
    if readings.still.any():
        still, every = int(readings.still.sum()), readings.still.size
        notes.append(
            f"{still} of {every} rows of pulses ran into an end; what follows counts as one reading."
        )
    if len(readings.ways()) == 1:
        way, other = ("up", "down") if readings.ways()[0] else ("down", "up")
        notes.append(f"Pulses {way} only: those {other} are assumed to mirror them.")
    if readings.cells == 1:
        notes.append("One cell: how far cells differ is not known, and assumed to be none.")
    if not best.fields:
        return notes
    notes += [*best.doubts, *doubts_of(best.fields)]
    noise = best.population.noise
    if noise.value > _STUMBLING:
        notes.append(
            f"Steps vary by {100 * noise.value:.0f} % of themselves, by more than {100 * _STUMBLING:.0f} %: "
            "cells stumble into their ends, such a curve says little of a law, and intervals are too narrow."
        )
    white = best.population.white
    around = f"Readings scatter by {show(white.value, CONDUCTANCE, 2)} around the cells"
    if not _is_white_seen(best.population):
        notes.append("No noise of reading or writing was seen beside that of steps.")
    elif any(field.key == "write_noise" and field.is_assumed for field in best.fields):
        notes.append(f"{around}, by more than ten steps: noise of reading, which is left out.")
    elif any(field.key == "write_noise" for field in best.fields):
        notes.append(
            f"{around}. Whether that is noise of writing or of reading cannot be told apart where each "
            "pulse is read once: it is taken for write noise."
        )
    else:
        notes.append(f"{around}, noise of reading or writing, which {best.law} has no field for: left out.")
    return notes
