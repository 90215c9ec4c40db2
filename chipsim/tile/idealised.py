"""What a chip is taken to do better, or for less, than one could: said where conclusions stand."""

from __future__ import annotations

from chipsim.spec.chip import ChipSpec, parts_of
from chipsim.spec.kind import Kind
from chipsim.spec.views import views

__all__ = ["idealised"]


def idealised(chip: ChipSpec) -> tuple[str, ...]:
    """What a chip is taken to do that none could, or not at that price, a sentence each.

    Parameters
    ----------
    chip
        As described.

    Examples
    --------
    >>> from chipsim.spec import load_chip
    >>> idealised(load_chip("single-pair-rowwise", sets=["update.encoding=stochastic"]).spec)
    ('Random numbers that pulse numbers are rounded with take no time and no energy.',)
    """
    parts = _parts(chip)
    numbers = [part for part in parts if part.section == "synapse"]
    converters = [part for part in parts if part.section == "tile"]
    others = [part for part in parts if part.section not in ("synapse", "tile")]
    # Pulses first, then numbers, then converters: results that are saved have the sentences in this order.
    said = [sentence for part in (*others, *numbers) for sentence in _of(part)]
    if chip.memory is not None:
        said += chip.memory.idealised()
    said += [sentence for part in converters for sentence in part.idealised()]
    said += chip.leakage.idealised()
    # What several groups of tiles, or numbers of two sorts, have in common is one idealisation.
    return tuple(dict.fromkeys(said))


def _of(part: Kind) -> list[str]:
    """What a part is taken to do better, and what stands within its section."""
    return [sentence for one in (part, *part.within) for sentence in one.idealised()]


def _parts(chip: ChipSpec) -> list[Kind]:
    """All parts of a chip, but for how cells are updated on which nothing learns."""
    frozen = [view.chip.update for view in views(chip) if view.learns is False]
    return [part for part in parts_of(chip) if not any(part is one for one in frozen)]
