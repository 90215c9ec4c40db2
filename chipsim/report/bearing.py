"""Which conclusions a value of a description bears on, judged by its name.

Tests hold the names to what changing each number of the shipped descriptions changes in a short run.
"""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Iterable
from typing import Final

from chipsim.result import Valued
from chipsim.spec.paths import without_entries
from chipsim.wording import joined

__all__ = ["assumed_sentence", "bearing"]

_BEARS: Final = {
    figure: frozenset(words.split())
    for figure, words in {
        "accuracy": "states variation spread bits range noise scaling gain slots encoding threshold headroom "
        "every learning_rate ideal initial_weights weight_range batch network epochs metaplasticity beta1 "
        "beta2 epsilon rounding tolerance tries train test permutation levels initial initial_spread "
        "fine_rate spread_scale momentum state inputs activation loss bias low.conductance high.conductance "
        "middle.conductance top.conductance stages stage asymmetry corrupt fresh random_layer reference "
        "classes swap_rows projection projection_number features alternating threshold transfer_every "
        "reads_per_transfer transfer_lines transfer_learning_rate forget chop_probability pulses verify "
        "memory.weights memory.moments transfer_error on_conductance off_conductance decay nonlinearity "
        "steps_up steps_down gamma device.up device.down crop rate_factor",
        "time": "time width clock lanes mapping lines_per_converter slots length latency every headroom "
        "classes fine_rate writer banks bits rows columns typical_share tries alternating readings rounds "
        "verify batch epochs train layers transfer_every reads_per_transfer transfer_lines memory.weights "
        "memory.moments memory.size sram.area",
        "energy": "energy fine_rate typical_share voltage conductance unused_lines compliance pulse_width "
        "down_width set_width reset_width read write add multiply compare function bits rows columns "
        "line_cells slots length every headroom tries alternating readings rounds verify batch epochs "
        "train classes layers transfer_every reads_per_transfer transfer_lines memory.weights memory.moments "
        "memory.size sram.area side_by_side half_selected",
        "wear": "states slots encoding fresh headroom every endurance gain variation learning_rate "
        "metaplasticity beta1 beta2 batch epochs train classes layers levels initial_spread tolerance tries "
        "rounding fine_rate alternating rounds verify threshold transfer_every reads_per_transfer "
        "transfer_learning_rate forget pulses",
        "area": "area lanes bits rows columns size length interconnect.width lines_per_converter count "
        "layers batch memory.weights memory.moments network.bias normalisation.output side_by_side",
        "leakage": "leakage remains",
    }.items()
}
"""Words in the name of a value, or two in a row, by the figure that a value of such a name decides."""

_BORROWED: Final = "{} beside a note that was written for another value, which is no source for this one. "
_JUDGED: Final = (
    " What a value bears on is judged by its name; what bears on accuracy also changes, through training, "
    "how often cells are written."
)


def bearing(path: str) -> tuple[str, ...]:
    """Which figures a value decides, judged by the words in its name.

    Examples
    --------
    >>> bearing("device.pulse_width"), bearing("costs.write_driver.time")
    (('time', 'energy'), ('time',))
    >>> bearing("device.high[level=3].conductance")
    ('accuracy', 'energy')
    >>> bearing("costs.sram.leakage"), bearing("costs.sram.area")
    (('leakage',), ('time', 'energy', 'area'))
    >>> bearing("workload.phases[name=before].software.batch"), bearing("workload.transfer_error")
    (('accuracy',), ('accuracy',))
    """
    parts = without_entries(path).split(".")
    # Software costs the chip nothing, whatever it does, and decides what it begins with.
    if "software" in parts:
        return ("accuracy",)
    of_costs = parts[0] == "costs"
    # A cost set says what each thing costs in its last word; the words before it name the thing.
    said = parts[-1:] if of_costs else parts
    words = {word for part in said for word in (part, *re.split(r"[_-]", part))}
    # Some words decide a figure in one section only, as `size` decides time in a memory alone.
    words |= {f"{first}.{second}" for first, second in itertools.pairwise(parts)}
    if of_costs:
        # The bits of a price say which converter it is for; how many a chip has, the chip says.
        words.discard("bits")
    if parts[-1] == "swap_rows":
        # Rows of images, and not of tiles.
        words.discard("rows")
    return tuple(figure for figure, bears in _BEARS.items() if words & bears)


def assumed_sentence(values: Iterable[Valued]) -> str:
    """How many values are assumed, and how many of them each conclusion rests on."""
    # Runs of one chip list the same values, and each is assumed once.
    listed = set(values)
    assumed = {value for value in listed if value.kind == "assumed"}
    changed = sum(value.kind == "changed" for value in listed)
    borrowed = _BORROWED.format("1 value stands" if changed == 1 else f"{changed} values stand")
    warning = borrowed if changed else ""
    if not assumed:
        # A borrowed note leaves its value without a source, so that not every number has one.
        rest = "." if changed else ": every number in the descriptions has a source."
        return f"{warning}No value is assumed{rest}"
    # Where there are no cells, there is no wear that could rest on anything.
    has_cells = any(value.path.startswith("device.") for value in listed)
    figures = [figure for figure in _BEARS if has_cells or figure != "wear"]
    # Leakage rests on time and on sizes as well: that no price of it is assumed says little.
    resting = Counter(figure for value in assumed for figure in bearing(value.path))
    told = [f"{figure} on {resting[figure]}" for figure in figures if resting[figure]]
    free = [figure for figure in figures if not resting[figure] and figure != "leakage"]
    start = f"{len(assumed)} values are assumed" if len(assumed) > 1 else "1 value is assumed"
    rests = f". Conclusions rest on assumed values so: {joined(told)}." if told else "."
    rest = f" Nothing assumed bears on {joined(free, last='or')}." if free else ""
    return f"{warning}{start}{rests}{rest}{_JUDGED}"
