"""What every kind owes to the rest of a chip, each a check that says in words what is wrong."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

import attrs
import numpy as np

from chipsim.device.encoding import Hits
from chipsim.result import Result
from chipsim.spec import chip_from_document, workload_from_document
from chipsim.spec.kind import Kind
from chipsim.spec.layer import PassingLayer, WeightedLayer
from chipsim.testing.documented import undocumented_keys
from chipsim.testing.examples import shape_for
from chipsim.testing.looping import loops_as_it_steps
from chipsim.testing.trial import DATA, Trial

__all__ = ["checks_of"]

Batches = list[tuple[Any, Any]]


def _has_words(trial: Trial) -> str:
    """It says what it is, and what each key holds."""
    kind = trial.kind
    if not (kind.__doc__ or "").strip():
        return f"{kind.__name__} has no docstring: it is what users read on the page of keys"
    undocumented = undocumented_keys(kind)
    if undocumented:
        return f"no docstring under {', '.join(undocumented)}: it is what users read of the key"
    words = getattr(trial.part, "words", "-")
    said = words if isinstance(words, str) else "-"
    return "" if said.strip() or kind.section == "rule" else "words says nothing"


def _reads_back(trial: Trial) -> str:
    """A description that is saved says the same when it is read again."""
    again = chip_from_document(trial.chip.document).spec, workload_from_document(trial.workload.document).spec
    if again != (trial.chip.spec, trial.workload.spec):
        return "read again, the saved description is another: are all fields compared?"
    return "" if hash(trial.part) == hash(attrs.evolve(trial.part)) else "two that are equal hash differently"


def _books_are_whole(trial: Trial) -> str:
    """Time and energy are whole numbers, and none is negative."""
    result = trial.trained
    for row in result.ledger:
        for name, value in attrs.asdict(row).items():
            # Integers do not depend on the order in which they are added up, which floats do.
            if isinstance(value, float) or (isinstance(value, int) and value < 0):
                return f"{row.part} {row.action}: {name} is {value!r}; amounts are whole numbers from 0"
    return "" if result.summary["simulated_time_ps"] > 0 else "a training takes no time"


def _replays(trial: Trial) -> str:
    """A step that was timed before takes the same when it is simulated anew."""
    once, anew = trial.trained, trial.run(replay=False)
    for name in ("simulated_time_ps", "energy_aJ"):
        one, other = once.summary[name], anew.summary[name]
        if one != other:
            why = "operations that are equal must take equal time and energy, whatever came before"
            return f"{name} is {one} by replay and {other} without: {why}"
    return "" if once.ledger == anew.ledger else "the ledger by replay is another than without"


def _respects_seeds(trial: Trial) -> str:
    """One seed gives one training."""
    first, second = trial.trained, trial.run()
    if _curve(first) != _curve(second) or first.ledger != second.ledger:
        return "two runs of one seed differ: draw from chipsim.device.randomness.generator(seed, name) alone"
    return ""


def _curve(result: Result) -> list[tuple[Any, ...]]:
    return [(row.loss, row.train_accuracy_percent, row.test_accuracy_percent) for row in result.epochs]


def _is_timed_alone(trial: Trial) -> str:
    """Timing alone takes as many steps as training, and builds no state."""
    trained, timed = trial.trained, trial.run(timing_only=True)
    if timed.summary["steps"] != trained.summary["steps"]:
        return f"{timed.summary['steps']} steps are timed where {trained.summary['steps']} are trained"
    return "" if timed.summary["simulated_time_ps"] > 0 else "timed alone, a training takes no time"


def _conserves_wear(trial: Trial) -> str:
    """Pulses that were charged are those that cells have had."""
    result = trial.trained
    charged: dict[str, int] = {}
    for row in result.ledger:
        charged[row.part] = charged.get(row.part, 0) + row.pulses
    for array in result.wear:
        had, paid = int(array.pulses.sum()), charged.get(array.array, 0)
        if array.programmings is None and paid != had:
            return f"{array.array}: {paid} pulses were charged, and its cells have had {had}"
        if (array.pulses < 0).any() or (array.resets < 0).any():
            return f"{array.array}: a cell has had fewer than no pulses"
    return ""


def _goes_on_from_a_state(trial: Trial) -> str:
    """Restored from a state, also on a chip of another seed, a training goes on as it did."""
    network = trial.network(seed=1)
    batches = _batches()
    _go(network, batches[:2])
    state = network.state()
    expected = _go(network, batches[2:])
    network.restore(state)
    if _go(network, batches[2:]) != expected:
        return "restored, it goes on otherwise: name in `remembers` every attribute that training changes"
    other = trial.network(seed=2)
    other.restore(state)
    if _go(other, batches[2:]) != expected:
        lacks = "`remembers` lacks what was drawn when it was built"
        return f"restored on a chip of another seed, it goes on otherwise: {lacks}"
    return ""


def _batches() -> Batches:
    data = DATA["noise"]
    parts = [slice(at, at + 3) for at in range(0, 12, 3)]
    return [(data.train_images[part], data.train_labels[part]) for part in parts]


def _go(network: Any, batches: Batches) -> tuple[Any, ...]:
    """What training on batches comes to: steps, with all that they are charged, weights and wear."""
    steps = [network.step(*batch) for batch in batches]
    network.end_epoch(accuracy=0.5)
    said = [(step.loss, step.correct, step.program, repr(step.charges)) for step in steps]
    worn = []
    for tile in network.chip.tiles:
        worn += [(one.array, one.pulses.tolist(), one.resets.tolist()) for one in tile.wear()]
    return said, [matrix.weights().tolist() for matrix in network.matrices], worn


def _tile_shapes(trial: Trial) -> str:
    """Results have the shapes of what is read, and zero gives zero."""
    for tile in trial.network(seed=1).chip.tiles:
        rows, columns = tile.shape
        given = {"forward": (rows, columns), "backward": (columns, rows)}
        for action, (driven, read) in given.items():
            out = getattr(tile, action)(np.zeros((2, driven), np.float32)).values
            if out.shape != (2, read):
                return f"{action} of (2, {driven}) gives {out.shape}, not {(2, read)}"
            if out.dtype != np.float32:
                return f"{action} gives {out.dtype}, not float32"
        if tile.weights().shape != (rows, columns):
            return f"weights() has the shape {tile.weights().shape}, not {(rows, columns)}"
        chosen = tile.read_rows(np.array([rows - 1, 0], np.int32)).values
        if chosen.shape != (2, columns):
            return f"read_rows of two rows gives {chosen.shape}, not {(2, columns)}"
    return ""


def _tile_reads_its_weights(trial: Trial) -> str:
    """What is read is the weights times the inputs, within what converters round and add."""
    tile = trial.network(seed=1).chip.tiles[0]
    # As in testing, which takes nothing from the generators that training draws from.
    tile.evaluating = True
    rng = np.random.default_rng(3)
    quarters = rng.integers(-4, 5, (16, tile.shape[0]))
    x = quarters.astype(np.float32) / 4
    exact = x @ tile.weights().astype(np.float32)
    found = tile.forward(x).values
    if not np.isfinite(found).all():
        return "forward gives what is no finite number"
    spread = float(np.abs(exact).max()) or 1.0
    off = float(np.abs(exact - found).mean())
    # Wide, for converters of one or two bits are right about little more than the sign.
    if off > 0.5 * spread:
        return f"forward is off by {off:.3g} on average, where results reach {spread:.3g}"
    agree = float((exact * found).sum())
    return "" if agree > 0 or not exact.any() else "forward has the wrong sign"


def _device_steps(trial: Trial) -> str:
    """Conductances are finite and not negative when fresh."""
    device = trial.part
    cells = device.fresh((4, 3), rng=np.random.default_rng(1))
    if not np.isfinite(cells.conductance).all() or (cells.conductance < 0).any():
        return "fresh cells conduct what is no finite number from 0"
    rows = cells.conductance.sum(axis=1, dtype=np.float64)
    return "" if np.allclose(rows, cells.row_sum) else "row_sum is not the sum of the conductances of a row"


def _device_moves(trial: Trial) -> str:
    """Pulses raise or lower the cells that they are for, and no others; sums of lines follow."""
    device = trial.part
    ways = {"up": ("pulse", 1), "down": ("pulse_down", -1)}
    for word, (name, sign) in ways.items():
        if word not in device.offers:
            continue
        rng = np.random.default_rng(1)
        cells = device.fresh((4, 300), rng=rng)
        _from_the_middle(device, cells, rng)
        before = cells.conductance.astype(np.float64)
        columns = np.arange(300, dtype=np.int32)
        third, once = np.full(300, 2, np.int32), np.ones(300, np.int32)
        row = Hits(third, columns, once)
        getattr(device, name)(cells, row, rng=rng)
        moved = cells.conductance - before
        if moved[[0, 1, 3]].any():
            return f"{name} moves cells that are not hit"
        # Steps may vary so much that some lead the other way; most of them do not.
        if moved[2].mean() * sign < 0:
            return f"{name} moves cells the other way on average"
        if not np.allclose(cells.conductance.sum(axis=1, dtype=np.float64), cells.row_sum):
            return f"row_sum is not the sum of the conductances of a row after {name}"
    return ""


def _from_the_middle(device: Any, cells: Any, rng: np.random.Generator) -> None:
    """Move all cells by half their states from where they begin, so that they can go either way."""
    rows, columns = np.indices(cells.conductance.shape, np.int32)
    counts = np.full(rows.size, max(device.states // 2, 1), np.int32)
    move = device.pulse if "up" in device.offers else device.pulse_down
    move(cells, Hits(rows.ravel(), columns.ravel(), counts), rng=rng)


def _layer_is_its_own_transpose(trial: Trial) -> str:
    """Errors go back the way that values came."""
    layer = trial.part
    return _scatters(layer) if isinstance(layer, WeightedLayer) else _passes_back(layer)


def _scatters(layer: WeightedLayer) -> str:
    """Gathering leaves a bias alone, scattering knows none, and the one is the transpose of the other."""
    rng = np.random.default_rng(5)
    shape = shape_for(layer)
    values = rng.standard_normal((2, int(np.prod(shape)))).astype(np.float32)
    whole, wide = values.copy(), layer.group_rows(shape) + 1
    vectors = np.ones((2 * layer.patches(shape), layer.groups_of(shape) * wide), np.float32)
    layer.gather(values, vectors, given=shape, bias=1)
    if not np.array_equal(values, whole):
        return "gather changes the values that it is given"
    biases = np.arange(vectors.shape[1]) % wide == wide - 1
    if not (vectors[:, biases] == 1).all():
        return "gather changes the bias, the last row of each group"
    errors = rng.standard_normal(vectors.shape).astype(np.float32)
    back = np.empty_like(values)
    layer.scatter(errors, back, given=shape, bias=1)
    # <gather(v), e> = <v, scatter(e)> for any v and e: what makes the one the transpose of the other.
    gathered = (vectors * errors)[:, ~biases]
    one, other = float(gathered.sum()), float((values * back).sum())
    if not np.isclose(one, other, rtol=1e-3, atol=1e-3):
        return f"scatter is not the transpose of gather: {one:.6g} and {other:.6g}"
    units = layer.patches(shape) * layer.columns(shape)
    given = int(np.prod(layer.gives(shape)))
    return "" if units == given else f"it has {units} weighted sums a sample and gives {given} values"


def _passes_back(layer: PassingLayer) -> str:
    """What it gives is right for each sample of a batch, and its errors are the slope of it."""
    rng = np.random.default_rng(5)
    shape = shape_for(layer)
    values, along = (rng.standard_normal((2, int(np.prod(shape)))).astype(np.float32) for _ in range(2))
    whole = values.copy()
    out, kept = layer.forward(values, given=shape)
    errors = rng.standard_normal(out.shape).astype(np.float32)
    # A copy, for a layer may compute in place in errors that nobody else reads.
    back = layer.backward(errors.copy(), kept, given=shape)
    wrong = _wrong_values(layer, out, back)
    if wrong:
        return wrong
    if not np.array_equal(values, whole):
        return "forward changes the values that it is given"
    for sample in range(len(values)):
        single = slice(sample, sample + 1)
        alone, remembered = layer.forward(values[single].copy(), given=shape)
        again = layer.backward(errors[single].copy(), remembered, given=shape)
        if not (np.allclose(alone, out[sample]) and np.allclose(again, back[sample])):
            return f"sample {sample} of a batch comes out otherwise than alone"
    return _slope(layer, values, along, errors=errors, back=back)


def _wrong_values(layer: PassingLayer, out: Any, back: Any) -> str:
    """Values of another number or type than the layer says."""
    given = shape_for(layer)
    wanted = {"forward": (out, layer.gives(given)), "backward": (back, given)}
    for name, (found, shape) in wanted.items():
        count = int(np.prod(shape))
        if found.shape != (2, count):
            return f"{name} gives {found.shape[1]} values, and {shape} are {count}"
        if found.dtype != np.float32:
            return f"{name} gives {found.dtype}, not float32"
    return ""


def _slope(layer: PassingLayer, values: Any, along: Any, *, errors: Any, back: Any) -> str:
    """What is wrong with errors as the slope of what a layer gives, along one direction."""
    if layer.straight_through:
        return ""
    small = np.float32(1e-3)
    # From both sides the second derivative cancels; a shorter step would drown in single precision.
    step, shape = small * along, shape_for(layer)
    more, _ = layer.forward(values + step, given=shape)
    less, _ = layer.forward(values - step, given=shape)
    slope = float((errors * (more - less)).sum() / (2 * small))
    found = float((back * along).sum())
    if np.isclose(slope, found, rtol=0.05, atol=0.05):
        return ""
    said = f"{found:.4g} along a direction in which it changes by {slope:.4g}"
    return f"backward is not the derivative of forward: {said}; straight_through = True says that it is none"


def _routes_everywhere(trial: Trial) -> str:
    """Every two parts that exchange data are on a way of links."""
    chip = trial.network(seed=None).chip
    tiles = [tile.part() for tile in chip.tiles]
    names = [part.name for part in (chip.buffer, chip.digital, chip.selector, *tiles)]
    for one, other in itertools.permutations(names, 2):
        if not chip.route(one, other):
            return f"no link leads from {one} to {other}"
    return ""


Check = Callable[[Trial], str]

_EVERY: Final[Mapping[str, Check]] = {
    "has words for each key": _has_words,
    "reads back as it was saved": _reads_back,
    "trains; time and energy are whole and not negative": _books_are_whole,
    "takes the same by replay and without": _replays,
    "one seed gives one training": _respects_seeds,
    "can be timed without training": _is_timed_alone,
    "pulses charged are pulses that cells have had": _conserves_wear,
    "goes on from a saved state": _goes_on_from_a_state,
    "trains in compiled loops as step by step": loops_as_it_steps,
}
_OWN: Final[Mapping[str, Mapping[str, Check]]] = {
    "tile": {"results have the right shapes": _tile_shapes, "reads what it holds": _tile_reads_its_weights},
    "device": {"fresh cells are sound": _device_steps, "pulses move the cells they are for": _device_moves},
    "layer": {"errors go back the way values came": _layer_is_its_own_transpose},
    "interconnect": {"every part is reached": _routes_everywhere},
}


def checks_of(kind: type[Kind]) -> Iterator[tuple[str, Check]]:
    """The checks for a kind, in words, those of its section before those of all."""
    yield from _OWN.get(kind.section, {}).items()
    yield from _EVERY.items()
