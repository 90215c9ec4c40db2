"""The area that all chips of a scenario are brought to, as its file says it."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from chipsim.errors import did_you_mean
from chipsim.spec.nodes import Node, shown
from chipsim.units import AREA

__all__ = ["LARGEST", "area_in", "equal_area_of"]

LARGEST: Final = "largest"
"""Stands for the area of the largest chip."""


def area_in(text: str) -> int:
    """An area as it is written, nm2.

    Raises
    ------
    ValueError
        When it is none, or not more than nothing.

    Examples
    --------
    >>> area_in("2 mm2")
    2000000000000
    """
    area = int(AREA.read(text))
    if area <= 0:
        raise ValueError(f"must be more than 0, not {text}")
    return area


def equal_area_of(node: Node, labels: Collection[str]) -> str:
    """Which area is meant: the label of a chip, ``largest``, or an area.

    Parameters
    ----------
    node
        What stands under ``equal_area``.
    labels
        Of the chips of the scenario.

    Raises
    ------
    DescriptionError
        When it is none of them.
    """
    text = node.value
    if isinstance(text, str) and (text in labels or text == LARGEST):
        return text
    why = ""
    if isinstance(text, str):
        try:
            area_in(text)
        except ValueError as error:
            # Of what begins with no digit a chip was meant, and nobody asks for its unit.
            why = (
                f": {error}"
                if text.strip()[:1] in "+-.0123456789"
                else did_you_mean(text, [*labels, LARGEST])
            )
        else:
            return text
    chips = ", ".join(labels)
    allowed = f"a chip of the study ({chips}), {LARGEST}, or an area such as 2 mm2"
    raise node.error(f"must be {allowed}, not {shown(node)}{why}")
