"""Small chips for tests, with costs that are different primes, so that a sum tells which terms are in it.

Times are picoseconds, energies attojoules. Cells conduct 0 to 1 S in 64 steps and a weight of one is one
siemens, so conductances, weights and their sums are exact in single precision.
"""

from __future__ import annotations

import warnings

import attrs
import numpy as np

from chipsim.chip.building import build
from chipsim.chip.bus import Bus
from chipsim.data import from_arrays
from chipsim.device.bidirectional_step import BidirectionalStep
from chipsim.device.exponential_step import ExponentialStep
from chipsim.device.gradual_reset import GradualReset
from chipsim.device.ideal import Ideal
from chipsim.device.linear_step import LinearStep
from chipsim.device.piecewise import Piecewise
from chipsim.device.power_step import PowerStep
from chipsim.device.set_reset import SetReset
from chipsim.device.soft_bounds import SoftBounds
from chipsim.device.step_table import MeasuredStep, StepTable
from chipsim.errors import ChipsimWarning
from chipsim.learn.rule import learner_of
from chipsim.net.figures import Figures
from chipsim.net.network import Network
from chipsim.net.placing import place
from chipsim.parts.accuracy_plateau import AccuracyPlateau
from chipsim.parts.fixed import Fixed
from chipsim.run.execute import Executor
from chipsim.run.timing_only import time_phase
from chipsim.run.training import Training
from chipsim.spec.buffer import buffer_bits
from chipsim.spec.chip import (
    BufferSpec,
    ChipSpec,
    DigitalUnitSpec,
)
from chipsim.spec.costs import (
    ArithmeticCost,
    ConverterCost,
    CostSet,
    DriverCost,
    MemoryCost,
    RouterCost,
    SampleHoldCost,
    SelectorCost,
    WireCost,
)
from chipsim.spec.groups import LOCAL, TileGroup
from chipsim.spec.kinds import shipped_kind
from chipsim.spec.levels import MemorySpec
from chipsim.spec.workload import DatasetSpec, NetworkSpec, PhaseSpec, WorkloadSpec
from chipsim.synapse.cell_and_reference import CellAndReference
from chipsim.synapse.digital import Digital
from chipsim.synapse.hybrid import Hybrid
from chipsim.synapse.reset_pair import ResetPair
from chipsim.synapse.single_cell import SingleCell
from chipsim.synapse.single_pair import SinglePair
from chipsim.tile.crossbar import Crossbar
from chipsim.tile.mac import Mac
from chipsim.tile.passes import Adc, Dac, Pass

__all__ = [
    "ADC",
    "BITS",
    "CLOCK",
    "COSTS",
    "CYCLE",
    "DAC",
    "DOWN",
    "HOP",
    "IDEAL",
    "LANES",
    "READ",
    "RESET",
    "SAMPLE",
    "SLOT",
    "SRAM",
    "UNDO",
    "WIDTH",
    "Trained",
    "adam_chip",
    "begun",
    "both_ways",
    "chip",
    "crossbar",
    "digits",
    "finite",
    "grouped",
    "hybrid",
    "lowered",
    "mac_chip",
    "network_of",
    "one_pass",
    "phase",
    "referred",
    "reset_pairs",
    "rule_on",
    "set_reset",
    "single",
    "timed",
    "trained",
    "unit",
    "workload_of",
]

DAC, ADC, SAMPLE, READ = 11, 13, 3, 101
"""One conversion, one conversion, one sample, and the settling of the currents."""
SLOT = 31 + 5
"""A pulse, and the driver's rise and fall."""
RESET = 37 + 5
DOWN = 47
UNDO = 310
"""The RESET that follows a SET of 31 to raise a cell."""
"""A pulse that lowers a cell."""
CLOCK, SRAM, CYCLE = 7, 17, 29
"""A cycle of the digital logic, an access of the buffer, a cycle of a link."""
HOP = 23 + 19
"""The head of a transfer through one router and along one millimetre of wire."""
BITS, WIDTH, LANES = 4, 8, 4
"""Bits of a converted value, of a link or an access of the buffer; lanes of the digital unit."""

COSTS = CostSet(
    name="primes",
    about="Primes.",
    node="none",
    adc=(ConverterCost(bits=BITS, time=ADC, energy=2, area=2),),
    dac=(ConverterCost(bits=BITS, time=DAC, energy=3, area=3),),
    sample_hold=SampleHoldCost(time=SAMPLE, energy=5, area=5),
    write_driver=DriverCost(time=5, energy=7, area=7),
    arithmetic={
        "fixed-16": ArithmeticCost(add=11, multiply=13, compare=17, function=19, area=11),
        "float-32": ArithmeticCost(add=111, multiply=113, compare=117, function=119, area=13),
        "fixed-8": ArithmeticCost(add=61, multiply=67, compare=71, function=73, area=79),
        "fixed-32": ArithmeticCost(add=83, multiply=89, compare=97, function=101, area=103),
        "float-16": ArithmeticCost(add=107, multiply=109, compare=127, function=131, area=137),
    },
    sram=MemoryCost(time=SRAM, read=23, write=29, area=17),
    wire=WireCost(time_per_mm=19, energy_per_bit_mm=31, area_per_bit_mm=19),
    router=RouterCost(time=23, energy_per_bit=37, area=23),
    selector=SelectorCost(add=41, compare=43, area=29),
    clock=CLOCK,
)
"""Every price of the tests."""

IDEAL = Ideal(states=64, on_conductance=1.0, pulse_voltage=1.0, pulse_width=31, area=31)
BUS = Bus(width=WIDTH, clock=round(1e12 / CYCLE), length=1_000_000)


def update_by(kind, **fields):
    """An update of a kind."""
    return shipped_kind("update", kind)(**fields)


def finite(**changes):
    """A cell of 64 states without any variation, unless the changes say so."""
    fields = {
        "states": 64, "on_conductance": 1.0, "off_conductance": 0.0, "pulse_voltage": 1.0, "pulse_width": 31,
        "reset_voltage": 2.0, "reset_width": 37, "area": 31,
    }  # fmt: skip
    return LinearStep(**(fields | changes))


def both_ways(**changes):
    """A cell of 64 states that steps up and down, alike and without variation, unless the changes say so."""
    fields = {
        "states": 64, "on_conductance": 1.0, "off_conductance": 0.0, "pulse_voltage": 1.0, "pulse_width": 31,
        "down_voltage": 3.0, "down_width": DOWN, "area": 31,
    }  # fmt: skip
    return BidirectionalStep(**(fields | changes))


def soft_bounds(**changes):
    """A cell of 16 states that begins in the middle, alike and without noise, unless the changes say so."""
    fields = {
        "states": 16, "on_conductance": 1.0, "off_conductance": 0.0, "pulse_voltage": 1.0, "pulse_width": 31,
        "down_voltage": 3.0, "down_width": DOWN, "fresh_share": 0.5, "area": 31,
    }  # fmt: skip
    return SoftBounds(**(fields | changes))


def exponential(**changes):
    """A cell of 16 states from the bottom, curved both ways by an A of 8 pulses, unless the changes say so."""
    fields = {
        "states": 16, "decay_up": 8, "decay_down": 8, "on_conductance": 1.0, "off_conductance": 0.0,
        "pulse_voltage": 1.0, "pulse_width": 31, "down_voltage": 3.0, "down_width": DOWN, "area": 31,
    }  # fmt: skip
    return ExponentialStep(**(fields | changes))


BOTH_WAYS = {
    "on_conductance": 1.0, "off_conductance": 0.0, "pulse_voltage": 1.0, "pulse_width": 31, "down_voltage": 3.0,
    "down_width": DOWN, "area": 31,
}  # fmt: skip
"""Of cells that step up and down, from 0 to 1 S."""


def piecewise(**changes):
    """A cell of 16 states from the bottom, given in three places, unless the changes say so."""
    return Piecewise(**({"states": 16, "steps_up": (2.0, 1.0, 0.5)} | BOTH_WAYS | changes))


def power(**changes):
    """A cell of 16 states from the bottom, whose steps shrink with the square of the way, unless changed."""
    return PowerStep(**({"states": 16, "gamma_up": 2.0} | BOTH_WAYS | changes))


def rows(*table):
    """Rows of a table: conductance, change and deviation."""
    return tuple(
        MeasuredStep(conductance=place, change=change, deviation=deviation)
        for place, change, deviation in table
    )


def step_table(**changes):
    """A cell whose steps are a table of four rows that are not equidistant, unless the changes say so."""
    fields = {
        "states": 16,
        "up": rows((0.0, 0.12, 0.02), (0.3, 0.08, 0.01), (0.8, 0.04, 0.02), (1.0, 0.02, 0.03)),
        "down": rows((0.0, -0.03, 0.0), (0.4, -0.05, 0.01), (1.0, -0.14, 0.04)),
    }
    return StepTable(**(fields | BOTH_WAYS | changes))


def one_way(**changes):
    """The same that pulses only raise, and a strong one resets."""
    back = {"reset_voltage": 2.0, "reset_width": 37}
    nothing = dict.fromkeys(("down_voltage", "down_width", "decay_down"))
    return exponential(**(nothing | back | changes))


def set_reset(**changes):
    """A cell of 64 states, raised by a SET of 1 V and a RESET of 2 V, lowered by 3 V."""
    fields = {
        "states": 64, "on_conductance": 1.0, "off_conductance": 0.0, "pulse_voltage": 1.0, "pulse_width": 31,
        "reset_voltage": 2.0, "reset_width": UNDO, "down_voltage": 3.0, "down_width": DOWN, "area": 31,
    }  # fmt: skip
    return SetReset(**(fields | changes))


def lowered(**changes):
    """A cell that 64 steps lower from its top, alike and without variation, unless the changes say so."""
    fields = {
        "states": 64, "on_conductance": 1.0, "off_conductance": 0.0, "pulse_voltage": 1.0, "pulse_width": 31,
        "set_voltage": 2.0, "set_width": 37, "area": 31,
    }  # fmt: skip
    return GradualReset(**(fields | changes))


def one_pass(*, ideal=True, dac_share=1, adc_share=1, reach=8.0, noise=0.0, scaling="fixed"):
    """Converters of one direction; a share is the lines on one converter, the reach its full scale."""
    return Pass(
        dac=Dac(bits=BITS, lines_per_converter=dac_share, ideal=ideal),
        adc=Adc(bits=BITS, range=reach, lines_per_converter=adc_share, ideal=ideal, noise=noise),
        scaling=scaling,
    )


def crossbar(
    rows=8, columns=8, *, forward=None, backward=None, count="auto", read_time=READ, unused_lines="grounded"
):
    """A tile with ideal converters unless others are given."""
    return Crossbar(
        rows=rows, columns=columns, count=count, read_voltage=0.5, read_time=read_time,
        unused_lines=unused_lines, forward=forward or one_pass(), backward=backward or one_pass(),
    )  # fmt: skip


def chip(**changes):
    """A chip of ideal single pairs updated by deterministic parallel pulses, on a bus."""
    fields = {
        "name": "small",
        "about": "A chip for tests.",
        "synapse": SinglePair(weight_range=1.0),
        "device": IDEAL,
        "tile": crossbar(),
        "update": update_by(kind="parallel-pulses", encoding="deterministic", slots=6),
        "selector": Fixed(),
        "digital": DigitalUnitSpec(lanes=LANES),
        "buffer": BufferSpec(size=4096, width=WIDTH),
        "interconnect": BUS,
        "costs": "primes",
    }
    return ChipSpec(**(fields | changes))


def grouped(chip, **groups):
    """A chip with groups of tiles: each has the tiles of a chip, what it carries, and its role if it has one."""
    described = {
        name: TileGroup(
            carries=carries, role=(*role, None)[0],
            **{section: getattr(tiles, section) for section in LOCAL},
        )
        for name, (tiles, carries, *role) in groups.items()
    }  # fmt: skip
    learning = next(group for group in described.values() if group.carries != "frozen")
    own = {section: getattr(learning, section) for section in LOCAL}
    return attrs.evolve(chip, groups=described, **own)


def hybrid(*, threshold=0.005, gain=4.0, fine_rate=1.0, **changes):
    """A chip of hybrid synapses, the fine cells a quarter of the coarse ones."""
    fields = {
        "synapse": Hybrid(weight_range=1.0, gain=gain),
        "selector": AccuracyPlateau(threshold=threshold, fine_rate=fine_rate),
    }
    return chip(**(fields | changes))


def reset_pairs(**changes):
    """A chip of pairs of cells that pulses only lower."""
    fields = {"synapse": ResetPair(weight_range=1.0), "device": lowered()}
    return chip(**(fields | changes))


def single(**changes):
    """A chip of single cells that step up and down."""
    fields = {"synapse": SingleCell(weight_range=1.0), "device": both_ways()}
    return chip(**(fields | changes))


def referred(*, pairs=2, readings=1, rounds=3, error=0.0, **changes):
    """A chip of cells with soft bounds, each against a reference cell of its own."""
    synapse = CellAndReference(
        weight_range=1.0, alternating_pulses=pairs, reference_readings=readings, reference_rounds=rounds,
        reference_error=error,
    )  # fmt: skip
    return chip(**({"synapse": synapse, "device": soft_bounds()} | changes))


def adam_chip(**changes):
    """A chip of digital tiles that is trained by Adam."""
    memory = MemorySpec(banks=2, width=WIDTH)
    return mac_chip(memory=memory, rule=shipped_kind("rule", "digital-adam")(), **changes)


def mac_chip(*, rows=8, columns=8, lanes=LANES, **changes):
    """A chip of digital tiles."""
    fields = {
        "synapse": Digital(),
        "device": None,
        "tile": Mac(rows=rows, columns=columns, lanes=lanes),
        "update": update_by(kind="digital"),
        "digital": DigitalUnitSpec(lanes=LANES, arithmetic="float-32"),
    }
    return chip(**(fields | changes))


def unit(arithmetic):
    """A digital unit of a number format."""
    return DigitalUnitSpec(lanes=LANES, arithmetic=arithmetic)


def network_of(layers, *, spread=0.25, **more):
    """A network of these sizes, without bias, of logistic units under squared error unless told otherwise."""
    fields = {"layers": tuple(layers), "bias": False, "initial_weights": spread}
    return NetworkSpec(**(fields | more))


def workload_of(layers, *, rate=0.5, **net):
    """One phase of training a network of these sizes."""
    network = network_of(layers, **net)
    return WorkloadSpec(name="w", about="w", network=network, learning_rate=rate, phases=(phase(),))


def rule_on(spec, layers, *, costs=COSTS, seed=1, given=None, **how):
    """A network of these sizes placed on a chip, with weights given to some layers; no seed for timing only."""
    workload = workload_of(layers, **how)
    network = workload.network
    placement = place(network, spec)
    built = build(
        spec, costs, shapes=placement.tile_shapes, groups=placement.tile_groups, seed=seed, beside=placement.beside,
        memory_bits=spec.rule.memory_bits(spec, workload), buffer_bits=buffer_bits(spec, workload),
    )  # fmt: skip
    matrices, figures = placement.matrices(built, given or {}), Figures(built, network)
    learner = learner_of(spec, workload, chip=built, matrices=matrices, figures=figures)
    return Network(built, matrices, network=network, figures=figures, learner=learner)


def begun(spec, layers, **how):
    """A rule with its initial weights written, and no books kept."""
    rule = rule_on(spec, layers, **how)
    rule.begin(seed=how.get("seed", 1))
    return rule


def digits(features, classes, *, train=24, test=8, seed=0):
    """Random images that differ by class, a third of their pixels black."""
    rng = np.random.default_rng(seed)
    faces = rng.integers(0, 256, (classes, features)) * (rng.random((classes, features)) > 1 / 3)

    def drawn(count):
        labels = rng.integers(0, classes, count).astype(np.uint8)
        return np.clip(faces[labels] + rng.integers(-20, 21, (count, features)), 0, 255).astype(
            np.uint8
        ), labels

    with warnings.catch_warnings():
        # Of a few samples none may be of the first class, as if labels counted from 1.
        warnings.simplefilter("ignore", ChipsimWarning)
        return from_arrays("faces", train=drawn(train), test=drawn(test), classes=classes)


def phase(epochs=1, name="train"):
    """A phase of training; its dataset is given when it is run."""
    return PhaseSpec(name=name, dataset=DatasetSpec(name="faces"), epochs=epochs)


@attrs.frozen(kw_only=True)
class Trained:
    """A training that has run, with what it ran on."""

    rule: Network
    executor: Executor | None
    training: Training

    @property
    def chip(self):
        """The chip."""
        return self.rule.chip

    @property
    def ledger(self):
        """Everything charged."""
        return self.training.ledger()

    @property
    def weights(self):
        """Weights of all layers."""
        return [layer.weights() for layer in self.rule.matrices]


def trained(
    spec, layers, *, epochs=1, batch=1, replay=True, trace=False, timed=True, data=None, seed=1, **how
):
    """A training that has run for some epochs on random images."""
    rule = rule_on(spec, layers, seed=seed, **how)
    executor = Executor(rule.chip, replay=replay, trace=trace) if timed else None
    training = Training(rule, executor, seed=seed)
    training.begin(seed=seed)
    training.run_phase(phase(epochs), data or digits(layers[0], layers[-1]), batch=batch, epochs=epochs)
    return Trained(rule=rule, executor=executor, training=training)


def timed(spec, layers, *, samples, epochs=1, batch=1, **how):
    """A timing of so many samples, without arithmetic."""
    rule = rule_on(spec, layers, seed=None, **how)
    executor = Executor(rule.chip)
    training = Training(rule, executor, seed=1)
    time_phase(training, phase(epochs), executor, samples=samples, batch=batch, epochs=epochs)
    return Trained(rule=rule, executor=executor, training=training)
