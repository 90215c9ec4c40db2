"""How a run is made: the options of :func:`chipsim.simulate`, each checked as it is given."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import attrs
import numpy as np

from chipsim.data import Dataset
from chipsim.errors import did_you_mean
from chipsim.result.step_numbers import StepNumbers
from chipsim.run.datasets import NO_DATASETS
from chipsim.run.saving_times import Every, every
from chipsim.run.starting import Start, start_of
from chipsim.run.waiting import waits_of
from chipsim.spec.nodes import shown
from chipsim.units import Ns

__all__ = ["Options", "options_of"]


def _seed(value: Any) -> int:
    # To Python True is a whole number.
    if isinstance(value, bool) or not isinstance(value, int | np.integer):
        raise TypeError(f"seed must be a whole number of at least 0, not {_given(value)}")
    if value < 0:
        raise ValueError(f"seed must be a whole number of at least 0, not {value}")
    return int(value)


def _truth(_options: Any, field: attrs.Attribute[Any], value: Any) -> None:
    if not isinstance(value, bool | np.bool_):
        raise TypeError(f"{field.name} must be True or False, not {_given(value)}")


def _steps(value: Any) -> StepNumbers | None:
    if value is None or isinstance(value, StepNumbers):
        return value
    if not isinstance(value, str):
        raise TypeError(f"trace_steps must be text such as '1-3,100', or None, not {_given(value)}")
    return StepNumbers.of(value)


def _folder(value: Any) -> str | Path | None:
    if isinstance(value, Dataset):
        name = repr(value.name)
        raise TypeError(
            f"data must be a folder with datasets, not the dataset {name}; "
            f"give it as datasets={{{name}: ...}}, and let a phase name it"
        )
    if value is None or isinstance(value, str):
        return value
    if not isinstance(value, os.PathLike):
        raise TypeError(f"data must be a folder with datasets, or None, not {_given(value)}")
    return Path(value)


def _file(value: Any) -> Path | None:
    if value is None or isinstance(value, str | os.PathLike):
        return None if value is None else Path(value)
    raise TypeError(f"checkpoint must be a file, or None, not {_given(value)}")


def _own(value: Any) -> Mapping[str, Dataset]:
    if isinstance(value, Dataset):
        raise TypeError(
            f"datasets must be datasets by the names that phases call them, such as "
            f"{{{value.name!r}: ...}}, not the dataset {value.name!r} alone"
        )
    if not isinstance(value, Mapping):
        raise TypeError(f"datasets must be datasets by name, such as {{'mine': ...}}, not {_given(value)}")
    for name, data in value.items():
        if not isinstance(name, str) or not name.strip():
            raise TypeError(f"datasets must have names for keys, such as 'mine', not {_given(name)}")
        if not isinstance(data, Dataset):
            raise TypeError(
                f"datasets[{name!r}] must be a Dataset, such as chipsim.data.from_arrays makes, "
                f"not {_given(data)}"
            )
    # A plain dictionary, since options can be copied, and a read-only view of one cannot.
    return dict(value)


def _given(value: Any) -> str:
    """A value as a message shows it: small ones themselves, others by their type."""
    if isinstance(value, str):
        return shown(value)
    small = value is None or isinstance(value, bool | int | float | np.generic)
    return repr(value) if small else f"a value of type {type(value).__name__}"


@attrs.frozen(kw_only=True)
class Options:
    """How a run is made, apart from what is simulated.

    Raises
    ------
    TypeError
        When an option is of another type than it should be.
    ValueError
        When the seed is negative, or options do not go together.

    Examples
    --------
    >>> Options(seed=-1)
    Traceback (most recent call last):
    ...
    ValueError: seed must be a whole number of at least 0, not -1
    """

    seed: int = attrs.field(default=0, converter=_seed)
    replay: bool = attrs.field(default=True, validator=_truth)
    """Time each distinct program once; off, every step is simulated event by event."""
    trace: bool = attrs.field(default=False, validator=_truth)
    """Keep every operation of the run in the result, and chosen steps as a timeline for Perfetto."""
    trace_steps: StepNumbers | None = attrs.field(default=None, converter=_steps)
    """Steps of that timeline, such as ``"1-3,100"``; None for the first and the last few."""
    timing_only: bool = attrs.field(default=False, validator=_truth)
    """Build programs without arithmetic: time and energy of a network that nobody trains."""
    data: str | Path | None = attrs.field(default=None, converter=_folder)
    """Folder with datasets; None takes CHIPSIM_DATA or the user's cache."""
    datasets: Mapping[str, Dataset] = attrs.field(default=NO_DATASETS, hash=False, converter=_own)
    """Datasets of one's own by the names that phases call them; they go before those that ship."""
    keep_state: bool = attrs.field(default=True, validator=_truth)
    """Keep what the chip ended with in the result, for runs that start from it: a few megabytes."""
    keep_weights: bool = attrs.field(default=True, validator=_truth)
    """Keep weights and conductances in the result: a megabyte or two."""
    start: Start | None = attrs.field(default=None, converter=start_of)
    """The run whose cells and hidden state it starts from: a run folder, or a result."""
    checkpoint: Path | None = attrs.field(default=None, converter=_file)
    """File that the state of the run is saved in now and then; None for none."""
    checkpoint_every: Every = attrs.field(default=Every(epochs=1), converter=every)
    """When it is saved: after so many epochs, or after a time such as ``10min``."""
    wait: tuple[Ns, ...] = attrs.field(default=(), converter=waits_of)
    """Times that the chip waits once it is trained, such as ``["1 h", "1 day"]``, each counted from the end
    of training: it is tested after each."""
    resume: bool = attrs.field(default=False, validator=_truth)
    """Go on from the checkpoint, if there is one."""

    def __attrs_post_init__(self) -> None:
        """Refuse what cannot go together."""
        if self.resume and self.checkpoint is None:
            raise ValueError("resume needs a checkpoint: the file that the run goes on from")
        if self.timing_only and self.start is not None:
            raise ValueError("a run that is only timed has no cells that could start from those of another")
        if self.timing_only and self.wait:
            raise ValueError("a run that is only timed has no cells that change while it waits")
        if self.timing_only and self.checkpoint is not None:
            raise ValueError("a run that is only timed takes seconds, and has no checkpoint")


def options_of(options: Options | None, more: Mapping[str, Any], *, others: tuple[str, ...]) -> Options:
    """Options, with some of them given by name.

    Parameters
    ----------
    options
        What holds where nothing is given by name; None for the defaults.
    more
        Options by name.
    others
        Further names that the caller knows, for the message.

    Raises
    ------
    TypeError
        When a name is unknown, or an option is of another type than it should be.
    ValueError
        When the seed is negative.
    """
    if options is not None and not isinstance(options, Options):
        raise TypeError(
            f"options must be a chipsim.run.Options, not {_given(options)}; "
            f"options can also be given by name, such as seed=1"
        )
    known = (*others, *attrs.fields_dict(Options))
    for name in more:
        if name not in known:
            listed = f"{', '.join(known)}{did_you_mean(name, known)}"
            raise TypeError(f"simulate knows nothing by the name of {name!r}; known: {listed}")
    return attrs.evolve(options or Options(), **more)
