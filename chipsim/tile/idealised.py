"""What a chip is taken to do better, or for less, than one could: said where conclusions stand."""

from __future__ import annotations

from collections.abc import Iterator

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
    said = [sentence for part in parts_of(chip) for sentence in part.idealised()]
    return (*said, *_rounding(chip), *_converters(chip))


def _rounding(chip: ChipSpec) -> Iterator[str]:
    """Weights, or hidden weights, that are rounded by chance."""
    if "stochastic" in (getattr(part, "rounding", "") for part in (chip.synapse, chip.memory)):
        yield "Random numbers that weights are rounded with take no time and no energy."


def _converters(chip: ChipSpec) -> Iterator[str]:
    """Converters through which numbers pass unchanged."""
    named = [
        f"tile.{side}.{kind}"
        for side in ("forward", "backward")
        for kind in ("dac", "adc")
        if getattr(getattr(getattr(chip.tile, side, None), kind, None), "ideal", False)
    ]
    if named:
        *first, last = named
        told = f"{', '.join(first)} and {last}" if first else last
        yield f"Numbers pass {told} unchanged, at the price of the bits that are told."
