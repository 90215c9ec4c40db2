"""Write docs/descriptions.md: every key that a description may have, from the classes that read it.

Run it after a change of chipsim/spec or of a kind; a test holds the page to the classes.
"""

from __future__ import annotations

import ast
import importlib
import inspect
import textwrap
from collections.abc import Iterator
from pathlib import Path

import attrs

from chipsim.spec.groups import LOCAL
from chipsim.spec.kind import Kind
from chipsim.spec.kinds import PARTS, WITHIN, shipped_kind, shipped_kinds

ROOT = Path(__file__).parent.parent
QUANTITIES = {
    "Ps": "time", "Ns": "duration", "Aj": "energy", "Aw": "power", "Nm2": "area", "Nm": "length",
    "Bits": "data size", "Hertz": "frequency",
    "Volts": "voltage", "Siemens": "conductance", "Amperes": "current", "Ohms": "resistance",
    "Share": "share (0.1 or 10 %)",
    "Points": "percentage points (0.5 %)",
    "int": "whole number", "float": "number", "str": "text", "bool": "true or false",
}  # fmt: skip
SECTIONS: dict[str, dict[str, tuple[str, ...]]] = {
    "Chips": {
        "chip.py": (
            "ChipSpec",
            "DigitalUnitSpec", "BufferSpec",
        ),
        "levels.py": (
            "MemorySpec",
        ),
        "groups.py": (
            "TileGroup",
        ),
        "leakage.py": (
            "LeakageSpec",
        ),
    },
    "Devices": {
        "device_file.py": ("DeviceSpec",),
    },
    "Workloads": {
        "workload.py": ("WorkloadSpec", "NetworkSpec", "NormalisationSpec", "PhaseSpec", "DatasetSpec"),
        "software.py": ("SoftwareSpec",),
    },
    "Cost sets": {
        "costs.py": (
            "CostSet", "ConverterCost", "SampleHoldCost", "DriverCost", "ArithmeticCost", "SelectorCost", "MemoryCost", "WireCost",
            "RouterCost",
        ),
    },
}  # fmt: skip

INSIDE = {
    "LowLevel": "chipsim.device.levels", "HighLevel": "chipsim.device.levels", "Recentre": "chipsim.update.update", "Wear": "chipsim.device.worn",
    "Narrowing": "chipsim.device.narrowing",
    "Verify": "chipsim.update.reprogram", "Pass": "chipsim.tile.passes", "Dac": "chipsim.tile.passes",
    "Adc": "chipsim.tile.passes", "Wires": "chipsim.tile.wires",
}  # fmt: skip
"""Classes that kinds are made of, and where they are."""

KINDS = {"Chips": (*PARTS, *WITHIN), "Workloads": ("layer",)}
"""Sections whose kinds stand under a title."""

HEAD = """# Keys of descriptions

Every key that a chip, a workload, a cost set or a device may have, with what it holds and what it is when left out. The page is
written by `tools/make_descriptions.py` from the classes that read descriptions; [the chips that ship](../architectures) are
good files to copy.

A value is written plainly (`rows: 1024`), or with where it comes from: `{value: 50, source: Choi 2021}` or
`{value: 50, assumed: why}`. A `source` or `assumed` beside several keys covers all of them. Quantities carry their unit,
such as `10 ns`, `20 uS` or `64 KiB`, and none is larger than anything on a chip (1 s, 1 mJ, 100 V, 1 S).

In files that ship each value has a note beside it; values with the same reason repeat it by an anchor (`assumed: &size why`,
then `assumed: *size`). Only an entry of a list, such as the converter `adc[bits=8]`, has one note for its values together.

A note belongs to the value that it was written for. Whoever copies a file that ships and changes a number changes its note
too; where the note is still word for word the shipped one, beside the value or above its section, and the value is
not the shipped one, `chipsim check` says so, and the value counts as one without a source. Notes of files that do not ship
cannot be told from what they were: there a note beside each value ages better than one above many.

An assumed value may say how far it may be off: `between`, a list of the lowest and the highest value and where these come from.

```yaml
read: {value: 486 fJ, assumed: why, between: [80 fJ, 2 pJ, five published tools]}
slots: {value: 31, assumed: why, between: [x0.5, x2, half to double by convention]}    # factors of the value
line_cells: {value: 1024, assumed: why, between: "none: it belongs to the energy above"}
```

Both ends have to be legal for their key, and the value lies between them. Above several values, as in an entry of a list,
ends are factors, and hold for each number below that has no note of its own. `extends` never inherits a range over a
value that was changed, and a value that was set has none. Reports and `chipsim describe` show ranges;
[studies](studies.md#ranges-of-assumed-values) try them. A published value has no `between`: its spread is that of its sources.

A share is a percentage, or a number that is at most 1: `10 %` or `0.1`. A larger number without a percent sign is refused,
for 5 may mean 5 % or 500 %; write the one that you mean. A gain in accuracy always has its percent sign.

## Setting single values

`--set device.states=400` replaces one value for one run, and a report lists each value under the path that `--set`
takes. Entries of lists are addressed by what they are, in brackets behind the key of the list:

| list | an entry | all of them |
|---|---|---|
| `adc` and `dac` of a cost set | `costs.adc[bits=8].energy=2 pJ` | `costs.adc[*].energy=2 pJ` |
| `device.high` | `device.high[level=3].spread=1 uS`, the low level being level 0; or `[conductance=50 uS]` | `device.high[*].spread=1 uS` |
| `phases` of a workload | `phases[name=train].epochs=2` | `phases[*].epochs=2` |
| `network.layers` of a workload | `network.layers[kind=convolution].kernels=20`, or by position, the inputs being 0: `network.layers.1.kernels=20` | |
| `interconnect.links` | `interconnect.links[hub-tile0]=[hub, tile1]` | |

Shells take brackets for patterns of file names, so quote the whole: `--set 'costs.adc[bits=8].energy=2 pJ'`. A bare
position such as `costs.adc.4.energy` is refused, for 4 may be the fifth entry or the converter of 4 bits. Phases have names, which no
position is mistaken for: there `phases.0.epochs=2` means the first phase, whatever it is called. `synapse.levels` is set
as a whole.

## Descriptions that build on others

`extends` names another description, and the file says only what differs:

```yaml
extends: hybrid-synapse
name: my-chip
about: The hybrid synapse with the cells that we measured.
device:
  states: {value: 20, source: our measurement}
```

A name is looked up in the file's own folder first and then as everywhere; a path (`../base.yaml`, ending in `.yaml` or
`.yml`) counts from the folder of the file. Chips, workloads, cost sets and devices extend their own kind, in chains of at most eight,
and each has a `name` of its own. Mappings are merged; single values and lists replace what was there. A key may be a path as
`--set` takes it, which reaches entries of lists: `adc[bits=8].energy: 1 pJ`, `adc[*].energy: 1 pJ`, `phases[name=train].epochs: 3`.
Values of files are
written out: factors such as `x0.1` are for `--set` and the ends of `between`. Paths are followed last, in the order of the file. A section under another `kind` inherits only what that kind knows as well.

The note of a value speaks of that value alone. What is changed needs a `source` or `assumed` of its own; without one it is told
as changed without a source, by `chipsim check` and in reports. Problems name the file and line where the value stands,
be it the base. `chipsim new my-chip --from hybrid-synapse` writes a file to start from (`--full`: a whole copy). What a result keeps is whole: no `extends`, and each inherited value with the file that it was `written_in`.

## Devices in files of their own

One device serves many chips: the section of a chip's cells, or of a group's, may be the name of a device file.

```yaml
device: reram-array-om                                     # a file that ships, or one's own
device: {extends: reram-array-om, pulse_width: {value: 20 ns, source: our measurement}}   # with some keys changed
device: ../cells/ours.yaml                                 # a path counts from the folder of the chip's file
```

A device file has a `name`, an `about`, a `paper` if there is one, and a `device`, as a chip would have it; it may extend
another one. A name is looked up in the folder of the chip's file, in yours (there or in `architectures/devices`), and then
among those that ship; two files of yours that have it are told, and a path says which is meant. `--set device=reram-array-hfo2`
and `vary: {device: [reram-array-om, reram-array-hfo2]}` take another device, and `--set device.states=40` changes
a value of whichever there is. A device that is named takes the place of the whole section of the chip that is extended; a
section without a name changes its keys. Values come with the notes of their file, and results keep all of them. `chipsim list
devices` shows what there is, `chipsim check ours.yaml` checks one, and `chipsim describe reram-array-om` draws its pulse response.

Seven cells of NeuroSim's table of devices ship: `ag-a-si`, `taox-hfox`, `pcmo`, `alox-hfo2`, `gst-pcm`, `epiram` and `hzo-fefet`, as exponential
curves with its labels. Two fits of arrays do, `reram-array-om` and `reram-array-hfo2`, of Gong et al. (IEDM 2022). These are in weights from -1 to 1,
so their conductances and pulses are assumed, of HfOx cells elsewhere. Write noise is cut where a conductance would fall
below zero, so the lower end of their range stands as far above zero as the range is wide; whoever lowers `off_conductance`
cuts off more of it. Corrupt cells are stuck within 1 % of the range around its middle, as in the fit; without `corrupt_range` they are
stuck anywhere between their bounds.

## Data of your own

A phase of a workload trains on a file that lies beside it:

```yaml
phases:
  - {epochs: 5, dataset: {file: sensors.npz, scale: [-1, 1]}}
  - {epochs: 5, name: more, dataset: {file: more.csv, label: class, scale: [0, 250], test_share: 20 %, split_seed: 0}}
```

An `.npz` has `train_images`, `train_labels`, `test_images` and `test_labels`, or `x` and `y`; a `.csv` (a comma between values,
names in the first line) or `.parquet` has a column a feature, in the order that the network is fed, and a column of labels
named by `label`. Images are (samples, features), (samples, height, width) or (samples, height, width, channels). Labels are
whole numbers from 0 to 255, with or without a point. `x` and `y` and tables say which share is kept for tests, and the seed
that chooses it. `scale` says what stands for 0 and for 1; without it bytes count from 0 to 255, and all else has to lie
within 0 and 1. Bytes that hold 0 and 1 alone have to state it: `[0, 1]`, or `[0, 255]`. Values outside are refused with their
number and their place in the file. Signed inputs are those of a network with `inputs: minus-one-to-one`, to which the lower end
of the scale is -1. The digest of the file is in the provenance of the run.

## How often accuracy is tested

An epoch is a pass over the training samples, in an order that is drawn anew each time; at its end accuracy is tested and the selector
decides. With `epoch_samples` an epoch is so many samples instead: `{epochs: 20, epoch_samples: 500, dataset: ...}` trains on 10,000 images and
tests twenty times. Training goes on through the dataset, which is shuffled anew whenever it is used up, in the midst of an epoch
or of a batch; an epoch may be a part of a pass, or several passes. Each phase begins a pass of its own. The same samples come
in the same order, however often is tested. `--set 'phases[*].epoch_samples=500'` says it of every workload.

## Weights from outside

A layer that has a `name` begins with the weights that the file of `network.weights` gives it, and keeps them where it is `frozen`. The
file is one that a run wrote (`weights.npz`, [resuming.md](resuming.md)), one of your own, or a state dict of PyTorch:

```python
numpy.savez("trained.npz", **{key: value.numpy() for key, value in model.state_dict().items()})
```

```yaml
network:
  layers: [784, {kind: dense, units: 256, name: fc1}, {kind: dense, units: 10, name: fc2}]
  weights: trained.npz
  weights_error: 5 %          # of the largest weight of each layer that learns
```

The name of an array says how it lies, and never its shape: `fc1` is (inputs, units) or (height, width, channels, kernels);
`fc1.weight` is (units, inputs) or (kernels, channels, height, width) and is turned, with the values of a flattened image, which PyTorch
lists channel after channel. `fc1.bias` is the bias in both, zero where it is left out. Arrays of other layers are left alone.
Missing layers, other shapes, and what is no finite number are told before anything runs. By how much cells miss what they
are to hold is `programming_error_percent` of the result.

## Weights from software

Phases with `software` come before all others, and train outside the chip. What the last of them ends with is written to the chip's
cells where other workloads write initial weights, and the next phases go on from there:

```yaml
transfer_error: 5 %            # of each layer's largest weight, drawn once
phases:
  - name: before
    dataset: {name: mnist-5k, train: 3000, test: 1000}
    epochs: 2
    software: {trained_as: numbers, batch: 10, weight_noise: 10 %}
  - name: train
    dataset: {name: mnist-5k, train: 1000, test: 1000}
    epochs: 1
```

`numbers` are plain floating point, by gradient descent or Adam, on their own with `weight_noise` or without. `device` trains a software model of the
chip itself, by its rule, with cells of other draws: what differs from cell to cell is not known before the transfer. First weights, the order of samples,
noise and the error of the transfer hang on the run's seed, and are drawn apart from the chip's: with `numbers`, all chips are given the same weights.
Where a chip's cells cannot hold what it is given, that is clipped or rounded as initial weights are, and counted (`losses.parquet`);
`programming_error_percent` is how far cells are from what software ended with, the error of the transfer included. It is to these weights what
`network.weights_error` is to those of a file, which is refused with software: only what is transferred is written to cells.

On the chip nothing of it is charged, and no time passes; only the writing is. What software takes is not known, which is not the same as
nothing: its epochs stand in a table of their own (`software.parquet`), and everything else in a result counts the chip alone. `--timing-only`
leaves these phases out; `--from` is refused with them, for it brings weights of its own; `--epochs` sets theirs too. A checkpoint is of the chip: a run that goes on
trains in software once more, to the same weights. Noise is drawn for every weight and batch, so with `batch: 10` it takes a tenth of the time.

Networks with `normalisation` are refused: what they normalise by in software is not what they would by the chip's sums.

## How weights become conductances

A `level-pair` lays each weight on two adjacent cells. The outermost of `synapse.levels` is one cell at its highest and the
other at its lowest level, which fixes how many siemens a weight of one is: (highest - lowest) / outermost level. Every
other weight has one cell at the lowest level and the other at that level whose conductance comes nearest to the
one wanted; positive weights on the first cell, negative ones on the second. Rows carry inputs, and two columns
are subtracted before they are converted. The hidden weights are compared with `synapse.levels` as written; what is read
from the array is what the cells' conductances make of them, so levels that are not spaced like the weights shift
what the network computes with. `chipsim describe` shows both. A `level-cell` has one cell for a weight, and takes off a
reference in the middle of the range.

## Cells that time changes, and reads that differ

A device may have a law of drift and noise of its reads, each a section with a `kind`. Both are off unless they are there.

```yaml
device:
  kind: linear-step
  drift: {kind: power-law, exponent: 0.05, exponent_low: 0.1, spread: 16 %, begins: 20 s}
  read_noise: {kind: one-over-f, share: 0.88 %, longest: 20 s}
```

These are numbers of phase-change cells: Nandakumar et al. (ICECS 2019), as the IBM analog hardware acceleration kit has them, with a
mean exponent from 0.049 in high states to 0.1 in low ones, a standard deviation of 0.008 in high states, drift from 20 s on, and noise of
the density (0.0088 G)^2 / f in the highest state. The device files `pcm-joshi-2020` and
`pcm-hermes-2023` have an exponent for each level (`exponents_between`). Networks on such cells, and how they keep their accuracy, are in Joshi et al. (Nat. Commun. 11:2473, 2020) and
Le Gallo et al. (Nat. Electron. 6:680, 2023).

Time is the clock of the run: a chip that trains for a second drifts for a second. `chipsim run ... --wait "1 h" --wait "1 day"` lets the trained
chip stand idle, and tests it when an hour and when a day have passed since training. How exactly that is worked out stands in
[limits.md](limits.md#what-drift-and-read-noise-do-not-say). Longer times than others, such as `begins`, may be in min, h, day and year.

Read noise is added to the current of a line: one Gaussian number of the variance that squares of inputs times `(share G)^2 + floor^2` of its cells add up to.
Chips whose rule reads single rows between samples (Tiki-Taka), and tiles with [wires](wires.md), are then trained step by step and not in compiled loops, which takes several times as long.

## Groups of tiles

Where not all tiles of a chip are alike, `groups` has several kinds of them by name, each with a synapse, a device, a tile and
an update of its own. One that does not say a section takes the chip's, and a section without a `kind` is the chip's with some keys
changed; a digital group beside a `device` of the chip says `device: null`. Each group says which layers of weights it carries:

```yaml
groups:
  features:
    carries: frozen            # layers that keep the weights they are given
    synapse: {kind: level-pair, ...}
    device: {kind: multilevel, ...}
    tile: {kind: crossbar, ...}
    update: {kind: reprogram}
  head:
    carries: learning          # or a list of numbers: [1, 2], counted from the inputs, [-1] for the last layer
    synapse: {kind: single-pair, ...}
    device: {kind: linear-step, ...}
    tile: {kind: crossbar, ...}
    update: {kind: parallel-pulses}
```

Which layers are frozen, and with which weights, the workload says (`network.weights`). Every layer has to stand on one
group and no more. A chip without `groups` is one group that carries all. The rule has to fit the groups on which layers learn; what
carries frozen layers is written once. Where all layers are frozen nothing learns, whatever the rule: an epoch passes the training
samples forward, which takes time and energy, and tests. A rule may have several matrices for a layer, in roles of their own, and a group that names a
`role` takes those alone; the rules that ship have one, `weight`. Paths lead through the group: `--set groups.head.device.states=100`.
"""


@attrs.frozen
class Key:
    """One line of a table."""

    name: str
    holds: str
    default: str
    about: str


def _kind(node: ast.ClassDef) -> str:
    """The words that choose a class where several are possible."""
    for item in node.body:
        if isinstance(item, ast.AnnAssign) and isinstance(item.target, ast.Name) and item.target.id == "kind":
            if isinstance(item.value, ast.Constant):
                return f"`kind: {item.value.value!s}`"
            return " or ".join(f"`kind: {word}`" for word in _words(item.annotation))
    return ""


def _words(annotation: ast.expr) -> list[str]:
    """The words of a Literal."""
    if isinstance(annotation, ast.Subscript):
        items = annotation.slice.elts if isinstance(annotation.slice, ast.Tuple) else [annotation.slice]
        return [str(item.value) for item in items if isinstance(item, ast.Constant)]
    return []


def _holds(annotation: ast.expr) -> str:
    """An annotation in the words of whoever writes a file."""
    if isinstance(annotation, ast.BinOp):
        return f"{_holds(annotation.left)} or {_holds(annotation.right)}"
    if isinstance(annotation, ast.Constant):
        return "nothing (null)"
    if isinstance(annotation, ast.Subscript):
        outer = ast.unparse(annotation.value)
        if outer == "Literal":
            return ", ".join(f"`{word}`" for word in _words(annotation))
        inner = annotation.slice.elts if isinstance(annotation.slice, ast.Tuple) else [annotation.slice]
        kinds = [_holds(item) for item in inner if not (isinstance(item, ast.Constant) and item.value is ...)]
        return (
            f"names with {kinds[1]}" if outer == "dict" else f"list of {' and '.join(dict.fromkeys(kinds))}"
        )
    name = ast.unparse(annotation)
    described = name.endswith(("Spec", "Cost", "Group")) or name in INSIDE
    return QUANTITIES.get(name, f"[{name}](#{name.lower()})" if described else name)


def _default(value: ast.expr | None) -> str:
    """What a key is when it is left out."""
    if isinstance(value, ast.Call) and ast.unparse(value.func) == "attrs.field":
        given = {word.arg: word.value for word in value.keywords}
        if "factory" in given:
            return "empty" if ast.unparse(given["factory"]) == "dict" else "its own defaults"
        return _default(given["default"]) if "default" in given else "needed"
    if value is None:
        return "needed"
    if isinstance(value, ast.Call) and ast.unparse(value.func) == "attrs.Factory":
        return "empty"
    if isinstance(value, ast.Call):
        return _default(value.args[0]) if value.args else "its own defaults"
    return "none" if ast.unparse(value) == "None" else f"`{ast.literal_eval(value)}`"


def _keys(node: ast.ClassDef) -> Iterator[Key]:
    for item, after in zip(node.body, [*node.body[1:], None], strict=True):
        if not isinstance(item, ast.AnnAssign) or "ClassVar" in ast.unparse(item.annotation):
            continue
        about = ""
        if isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant):
            about = " ".join(str(after.value.value).split()).replace("``", "`")
        name, holds = ast.unparse(item.target), _holds(item.annotation)
        first, _, rest = holds.partition(" or ")
        if first in {"Kind", "Tiles", "Learning", "ReadNoise", "Drift"}:
            found = [shipped_kind(name, word).__name__ for word in shipped_kinds(name)]
            holds = " or ".join((*(f"[{one}](#{one.lower()})" for one in found), *filter(None, [rest])))
        left_out = _default(item.value)
        if left_out == "needed" and name in LOCAL:
            left_out = {"ChipSpec": "needed, here or in each group", "TileGroup": "the chip's"}.get(
                node.name, left_out
            )
        yield Key(name, holds, left_out, about)


def _aliases(tree: ast.Module) -> dict[str, ast.expr]:
    """Names for annotations, such as the number formats."""
    return {
        item.targets[0].id: item.value
        for item in tree.body
        if isinstance(item, ast.Assign) and isinstance(item.targets[0], ast.Name)
    }


class _Unfold(ast.NodeTransformer):
    """Puts what a name stands for in its place."""

    def __init__(self, aliases: dict[str, ast.expr]) -> None:
        self.aliases = aliases

    def visit_Name(self, node: ast.Name) -> ast.expr:
        """Unfold unions and choices, and nothing else."""
        meant = self.aliases.get(node.id)
        return self.visit(meant) if isinstance(meant, ast.BinOp | ast.Subscript) else node


def _section(file: str, names: tuple[str, ...]) -> Iterator[str]:
    tree = ast.parse((ROOT / "chipsim" / "spec" / file).read_text(encoding="utf-8"))
    unfold = _Unfold(_aliases(tree))
    classes = {item.name: item for item in tree.body if isinstance(item, ast.ClassDef)}
    for name in names:
        node = unfold.visit(classes[name])
        kind = _kind(node)
        about = (ast.get_docstring(node) or "").replace("``", "`")
        yield f"### {name}\n\n{about}{f' {kind}.' if kind else ''}\n"
        yield from _table(list(_keys(node)))


def _kind_section(kind: type[Kind]) -> Iterator[str]:
    """A kind with its own keys, after those that all kinds of its section have."""
    own, *bases = (
        ast.parse(textwrap.dedent(inspect.getsource(one))).body[0]
        for one in kind.__mro__
        if issubclass(one, Kind) and one is not Kind
    )
    about = (ast.get_docstring(own) or "").partition("\n\nExamples")[0].replace("``", "`")
    yield f"### {kind.__name__}\n\n{about} {_kind(own)}.\n"
    # What a kind says of a key anew replaces what its base said.
    rows = {key.name: key for node in (*reversed(bases), own) for key in _keys(node)}
    yield from _table(list(rows.values()))


def _class_section(described: type) -> Iterator[str]:
    """A class that is part of a kind."""
    (node,) = ast.parse(inspect.getsource(described)).body
    yield f"### {described.__name__}\n\n{ast.get_docstring(node)}\n"
    yield from _table(list(_keys(node)))


def _table(rows: list[Key]) -> Iterator[str]:
    if rows:
        yield "| key | holds | left out | |\n|---|---|---|---|"
        yield "\n".join(f"| `{k.name}` | {k.holds} | {k.default} | {k.about} |" for k in rows) + "\n"


def page() -> str:
    """The whole page."""
    parts = [HEAD]
    for title, files in SECTIONS.items():
        parts.append(f"## {title}\n")
        for file, names in files.items():
            parts += _section(file, names)
        for section in KINDS.get(title, ()):
            for word in shipped_kinds(section):
                parts += _kind_section(shipped_kind(section, word))
        for name, module in INSIDE.items() if title == "Chips" else ():
            parts += _class_section(getattr(importlib.import_module(module), name))
    return "\n".join(parts)


if __name__ == "__main__":
    (ROOT / "docs" / "descriptions.md").write_text(page(), encoding="utf-8")
