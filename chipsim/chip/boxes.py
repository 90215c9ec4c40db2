"""Parts drawn as boxes of characters, side by side."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

__all__ = ["GAP", "Box", "filled", "row"]

GAP: Final = 2
"""Columns between two boxes."""


class Box:
    """One part with a frame.

    Parameters
    ----------
    name, label
        Its first and its second line; an empty label takes none.
    """

    def __init__(self, name: str, label: str) -> None:
        self.lines = [line for line in (name, label) if line]
        self.width = max(map(len, self.lines)) + 4


def filled(boxes: Sequence[Box], width: int) -> tuple[list[Box], list[Box]]:
    """Those that fit beside each other, and the rest; at least one fits."""
    used = 0
    for count, box in enumerate(boxes):
        used += box.width + GAP
        if used > width and count:
            return list(boxes[:count]), list(boxes[count:])
    return list(boxes), []


def row(boxes: Sequence[Box], *, upside_down: bool = False) -> list[str]:
    """Boxes beside each other, each with a pin in the middle: below it, or above when upside down."""
    height = max(len(box.lines) for box in boxes)
    drawn = [_framed(box, height=height, upside_down=upside_down) for box in boxes]
    return [" " + (" " * GAP).join(lines) for lines in zip(*drawn, strict=True)]


def _framed(box: Box, *, height: int, upside_down: bool) -> list[str]:
    inner, pin = box.width - 2, box.width // 2 - 1
    flat, foot = "─" * inner, "┴" if upside_down else "┬"
    joined = f"{flat[:pin]}{foot}{flat[pin + 1 :]}"
    top, bottom = (joined, flat) if upside_down else (flat, joined)
    # All as high as the highest: boxes side by side are joined line by line.
    lines = [*box.lines, *[""] * (height - len(box.lines))]
    middle = [f"│{line.center(inner)}│" for line in lines]
    return [f"┌{top}┐", *middle, f"└{bottom}┘"]
