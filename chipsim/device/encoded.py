"""Pulses of one sample, made in a compiled loop: what an encoder writes, and where."""

from __future__ import annotations

from chipsim.device.converters import say_sample
from chipsim.device.rounding import round_at_random, round_crossings
from chipsim.device.table import Places, counts_at, floats_at, places_at, sums_at, tally_at, words_at
from chipsim.device.trains import any_negative, coincide, one_by_one, one_by_one_in_phases, row_maxima
from chipsim.device.types import Floats, inlined

__all__ = [
    "COLUMNS",
    "COLUMN_PULSES",
    "COUNTS",
    "DOWN_SLOTS",
    "FOUND",
    "MINUS",
    "PLUS",
    "ROWS",
    "ROW_PULSES",
    "SLOTS",
    "VISITS",
    "encode_chosen",
    "encode_row",
    "encode_sample",
]

(
    _OPTIONS, _FORMATS, _LANES, _TALLY, ROW_PULSES, COLUMN_PULSES, ROWS, COLUMNS, COUNTS, _ROW_WORDS,
    _COLUMN_WORDS, FOUND,
) = range(12)  # fmt: skip
"""Arrays of an encoder, counted from where they begin in a table."""
_SLOTS, _AT_RANDOM, _ONE_BY_ONE, _BY_CELL, _IN_PHASES = range(5)
"""Places among its options."""
PLUS, MINUS, SLOTS, VISITS, DOWN_SLOTS = range(5)
"""Places among what an encoder found of a sample: crossings raised and lowered, pulse slots, visits, and
slots of a second phase."""


@inlined
def _lines_of(places: Places, encoder: int, plus: int, minus: int, slots: int) -> tuple[int, int, int]:
    """Slots, visits and slots of a second phase, and in how many slots each line is driven."""
    options, all_row_pulses = places_at(places, encoder + _OPTIONS), tally_at(places, encoder + ROW_PULSES)
    column_pulses = tally_at(places, encoder + COLUMN_PULSES)
    rows, columns = counts_at(places, encoder + ROWS), counts_at(places, encoder + COLUMNS)
    counts, by_cell = counts_at(places, encoder + COUNTS), options[_BY_CELL] > 0
    if not options[_IN_PHASES]:
        if not options[_ONE_BY_ONE]:
            return slots, 1, 0
        row_pulses = all_row_pulses[0]
        one_phase, visits = one_by_one(rows, columns, counts, plus, minus, by_cell, row_pulses, column_pulses)
        return one_phase, visits, 0
    if options[_ONE_BY_ONE]:
        up, down, visits = one_by_one_in_phases(
            rows, columns, counts, plus, minus, by_cell, all_row_pulses, column_pulses
        )
        return up, visits, down
    if not options[_AT_RANDOM]:
        row_maxima(rows, counts, plus, minus, all_row_pulses)
    return slots, 2, slots


@inlined
def encode_sample(places: Places, encoder: int, x: Floats, driven: Floats, d: Floats, scale: float) -> None:
    """Pulses of one sample, as :meth:`Encoder.encode` gives them, into the encoder's arrays.

    Parameters
    ----------
    places, encoder
        A table, and where it lists an encoder.
    x, d
        Inputs (rows,) and errors (columns,), not yet rounded to the words that bring them to the tile.
    driven
        What rows were driven with when they were read by these inputs (rows,).
    scale
        Steps per unit of x times d.
    """
    options, formats = places_at(places, encoder + _OPTIONS), sums_at(places, encoder + _FORMATS)[0]
    x_words, d_words = driven, floats_at(places, encoder + _COLUMN_WORDS)[0]
    # Words that are a sample's own numbers are those that the rows were driven with.
    if formats[1] > 0:
        x_words = floats_at(places, encoder + _ROW_WORDS)[0]
        say_sample(x, formats[0], True, x_words)
    say_sample(d, formats[2], formats[3] > 0, d_words)
    slots, tally = options[_SLOTS], sums_at(places, encoder + _TALLY)[0]
    # Of phases that are counted the first one is room meanwhile: it is found at the end.
    row_pulses = tally_at(places, encoder + ROW_PULSES)[0]
    column_pulses = tally_at(places, encoder + COLUMN_PULSES)
    rows, columns = counts_at(places, encoder + ROWS), counts_at(places, encoder + COLUMNS)
    counts = counts_at(places, encoder + COUNTS)
    lanes = words_at(places, encoder + _LANES)[0]
    if options[_AT_RANDOM] and options[_ONE_BY_ONE]:
        plus, minus = round_at_random(
            x_words, d_words, scale, slots, lanes, tally, row_pulses, column_pulses, rows, columns, counts
        )
    elif options[_AT_RANDOM]:
        plus, minus = coincide(
            x_words, d_words, scale, slots, lanes, tally, row_pulses, column_pulses, rows, columns, counts
        )
    else:
        plus, minus = round_crossings(
            x_words, d_words, scale, slots, tally, row_pulses, column_pulses, rows, columns, counts
        )
    slots *= 2 if any_negative(x_words) else 1
    up, visits, down = _lines_of(places, encoder, plus, minus, slots)
    found = places_at(places, encoder + FOUND)
    found[PLUS], found[MINUS], found[SLOTS], found[VISITS], found[DOWN_SLOTS] = plus, minus, up, visits, down


@inlined
def encode_chosen(places: Places, encoder: int, plus: int, minus: int) -> None:
    """Pulses of chosen crossings, as :meth:`Encoder.encode_places` gives them, into the encoder's arrays.

    Parameters
    ----------
    places, encoder
        A table, and where it lists an encoder of such pulses; the crossings stand in its arrays already, row
        after row.
    plus, minus
        How many of them are raised and lowered.
    """
    up, visits, down = _lines_of(places, encoder, plus, minus, 0)
    found = places_at(places, encoder + FOUND)
    found[PLUS], found[MINUS], found[SLOTS], found[VISITS], found[DOWN_SLOTS] = plus, minus, up, visits, down


@inlined
def encode_row(places: Places, encoder: int, plus: int, minus: int) -> tuple[int, int]:
    """What :func:`encode_chosen` finds of crossings that are all on one row, which leaves lines as they are.

    Returns
    -------
    In how many slots rows are driven, those of both arrays or phases, and in how many columns are.
    """
    options, counts = places_at(places, encoder + _OPTIONS), counts_at(places, encoder + COUNTS)
    found, by_cell = places_at(places, encoder + FOUND), options[_BY_CELL] > 0
    up, down, columns = 0, 0, 0
    for h in range(plus):
        n = int(counts[0, h])
        columns += n
        up = up + n if by_cell else max(up, n)
    for h in range(minus):
        n = int(counts[1, h])
        columns += n
        down = down + n if by_cell else max(down, n)
    visits = plus + minus if by_cell else int(plus > 0) + int(minus > 0)
    rows = up + down
    if not options[_IN_PHASES]:
        # Both arrays are pulsed in the same slots.
        up, down = up + down if by_cell else max(up, down), 0
        visits, rows = visits if by_cell else min(visits, 1), 2 * up
    found[PLUS], found[MINUS], found[SLOTS], found[VISITS], found[DOWN_SLOTS] = plus, minus, up, visits, down
    return rows, columns
