"""What a chip is taken to do better, or for less, than one could: said where conclusions stand."""

from __future__ import annotations

from chipsim.spec.chip import ChipSpec, parts_of

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
    parts = {part.section: part for part in parts_of(chip)}
    # Pulses first, then numbers, then converters: the order in which results have told it so far.
    last = [parts.pop(section, None) for section in ("synapse", "tile")]
    told = [*parts.values(), last[0], chip.memory, last[1]]
    said = [sentence for part in told if part is not None for sentence in part.idealised()]
    # Numbers of two sorts that are rounded alike are one idealisation.
    return tuple(dict.fromkeys(said))
