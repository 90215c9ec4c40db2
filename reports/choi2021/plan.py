"""The runs behind this report: readings of the paper at full length, and shorter sweeps."""

from __future__ import annotations

import attrs

from chipsim.study.scenarios import Scenario

__all__ = [
    "AT_TEN", "CHIPS", "EPOCHS", "FINE_RATES", "OPEN", "READINGS", "RECENTRING", "SCENARIOS", "SERIAL", "SERIAL_EPOCHS", "SHOWN",
    "SWEEPS", "SWEEP_EPOCHS", "SWEEP_SAMPLES", "SWEEP_SEEDS", "SWEPT", "VARIED", "Reading", "digital", "full",
    "open_value", "recentring", "sweep", "varied",
]  # fmt: skip

EPOCHS = 40
SWEEP_EPOCHS = 12
SWEEP_SAMPLES = 20_000
SWEEP_SEEDS = (0, 1)


@attrs.frozen(kw_only=True)
class Reading:
    """One way to fill in what the paper leaves open about learning."""

    name: str
    about: str
    loss: str
    encoding: str
    gain: int = 10
    weight_range: float
    adc_range: float
    """Full scale of the converters of weighted sums."""
    adc_bits: int = 8
    seeds: tuple[int, ...]

    def sets(self, chip: str) -> tuple[str, ...]:
        """What a run of a ``hybrid`` or a ``single`` pair is told, whatever the shipped files say."""
        gain = (f"synapse.gain={self.gain}",) if chip == "hybrid" else ()
        return (
            f"network.loss={self.loss}",
            f"update.encoding={self.encoding}",
            *gain,
            f"synapse.weight_range={self.weight_range:g}",
            f"tile.forward.adc.range={self.adc_range:g}",
            f"tile.forward.adc.bits={self.adc_bits}",
        )


TRAINS = Reading(
    name="trains",
    about="logistic outputs, squared error; random trains coincide; weights up to 1; k = 10",
    loss="squared-error",
    encoding="stochastic",
    weight_range=1,
    adc_range=8,
    seeds=(0, 1, 2),
)
ROUNDED = attrs.evolve(
    TRAINS,
    name="rounded",
    about="logistic outputs, squared error; pulse numbers rounded to nearest; weights up to 1; k = 10",
    encoding="deterministic",
)
SOFTMAX = Reading(
    name="softmax-k5",
    about=(
        "softmax outputs, cross-entropy; pulse numbers rounded to nearest; weights up to 2; k = 5; "
        "sums up to 128, of 10 bits"
    ),
    loss="cross-entropy",
    encoding="deterministic",
    gain=5,
    weight_range=2,
    # Rounded to nearest, output weights are moved mostly by the errors of right classes, and drift up together; a
    # softmax does not mind, but sums that leave the converters' range all look alike.
    adc_range=128,
    adc_bits=10,
    # Single pairs swing by points from epoch to epoch and from seed to seed.
    seeds=(0, 1, 2, 3, 4),
)
READINGS = (TRAINS, ROUNDED, SOFTMAX)
SWEPT = SOFTMAX
"""The reading whose ranges, converters and resets are swept."""

CHIPS = {"hybrid": "hybrid-synapse", "single": "single-pair"}


def full(chip: str, reading: Reading, *, seed: int) -> Scenario:
    """The published training of a ``hybrid`` or a ``single`` pair under a reading."""
    return Scenario(
        name=f"{chip}-{reading.name}-seed{seed}",
        architecture=CHIPS[chip],
        workload="mnist",
        sets=reading.sets(chip),
        epochs=EPOCHS,
        seed=seed,
    )


AT_TEN = Scenario(
    name="hybrid-softmax-k10",
    architecture=CHIPS["hybrid"],
    workload="mnist",
    sets=attrs.evolve(SOFTMAX, gain=10).sets("hybrid"),
    epochs=EPOCHS,
)
"""The softmax reading at the gain that the paper finds best."""


def digital(reading: Reading, *, seed: int) -> Scenario:
    """The floating-point network under a reading's loss; it knows no pulses."""
    return Scenario(
        name=f"digital-{reading.loss}-seed{seed}",
        architecture="digital-fp32",
        workload="mnist",
        sets=(f"network.loss={reading.loss}",),
        epochs=EPOCHS,
        seed=seed,
    )


SERIAL_EPOCHS = 3
SERIAL = [
    Scenario(
        name=name,
        architecture=f"single-pair-{name}",
        workload="mnist",
        sets=SWEPT.sets("single"),
        epochs=SERIAL_EPOCHS,
    )
    for name in ("rowwise", "cellwise")
]

VARIED = (1, 2)
"""sigma/mu of one step at full length, under every reading, beside the published 0.34."""
SWEEPS: dict[str, tuple[str, tuple[int, ...]]] = {
    "gain k": ("synapse.gain", (1, 5, 10, 100)),
    "states": ("device.states", (10, 50, 400)),
}
"""What is swept in short trainings under every reading."""
STATES = 50


def _short(*sets: str, seed: int, chip: str = "hybrid", reading: Reading = SWEPT) -> Scenario:
    """A training on fewer samples under a reading; the name tells what is changed."""
    words = "-".join(one.removeprefix("tile.forward.") for one in sets)
    changed = words.replace("=", "-").replace(".", "-").replace(" %", "")
    which = reading.name if chip == "hybrid" else f"single-{reading.name}"
    return Scenario(
        name=f"sweep-{which}-{changed or 'default'}-seed{seed}",
        architecture=CHIPS[chip],
        workload="mnist",
        sets=(f"phases.0.dataset.train={SWEEP_SAMPLES}", *reading.sets(chip), *sets),
        epochs=SWEEP_EPOCHS,
        seed=seed,
    )


def sweep(path: str, value: int, *, seed: int, reading: Reading) -> Scenario:
    """One point of a sweep; the point that is the reading's own is shared by all its sweeps."""
    own = {"synapse.gain": reading.gain, "device.states": STATES}[path]
    changed = () if value == own else (f"{path}={value}",)
    return _short(*changed, seed=seed, reading=reading)


def varied(reading: Reading, variation: float) -> Scenario:
    """The published training of the hybrid with another variation of a step, first seed."""
    return Scenario(
        name=f"hybrid-{reading.name}-variation-{variation:g}",
        architecture=CHIPS["hybrid"],
        workload="mnist",
        sets=(*reading.sets("hybrid"), f"device.step_variation={100 * variation:g} %"),
        epochs=EPOCHS,
    )


OPEN: dict[str, dict[str, tuple[str, ...]]] = {
    "weights up to": {
        "1": ("synapse.weight_range=1",),
        "1.5": ("synapse.weight_range=1.5",),
        "2": (),
        "2.5": ("synapse.weight_range=2.5",),
        "3": ("synapse.weight_range=3",),
    },
    "bits of the converters of sums": {
        "8": ("tile.forward.adc.bits=8",),
        "9": ("tile.forward.adc.bits=9",),
        "10": (),
        "not rounded or clipped": ("tile.forward.adc.ideal=true",),
    },
    "sums up to": {
        "8": ("tile.forward.adc.range=8",),
        "64": ("tile.forward.adc.range=64",),
        "128": (),
        "256": ("tile.forward.adc.range=256",),
    },
}
"""What the paper gives no number for and the verdict on the single pair may hang on, for both chips."""


def open_value(chip: str, sets: tuple[str, ...], *, seed: int) -> Scenario:
    """A short training of a ``hybrid`` or a ``single`` pair with one such number changed."""
    return _short(*sets, seed=seed, chip=chip)


RECENTRING: dict[str, tuple[str, ...]] = {
    "every 10 samples, headroom 10 %": ("update.recentre.every=10",),
    "every 100 samples, headroom 10 % (shipped)": (),
    "every 1,000 samples, headroom 10 %": ("update.recentre.every=1000",),
    "every 10,000 samples, headroom 10 %": ("update.recentre.every=10000",),
    "every 100 samples, headroom 1 %": ("update.recentre.headroom=1 %",),
    "every 100 samples, headroom 50 %": ("update.recentre.headroom=50 %",),
    "every 100 samples, headroom 90 %": ("update.recentre.headroom=90 %",),
}
"""When the chip looks for pairs that ran out of range, and which of them it resets: two assumed numbers."""
FINE_RATES: dict[str, tuple[str, ...]] = {
    "shipped, fine phase at 0.3 of the rate": ("selector.fine_rate=0.3",),
    "shipped, fine phase at 0.1 of the rate": ("selector.fine_rate=0.1",),
}
"""Another way to fewer resets."""


def recentring(reading: str, *, seed: int) -> Scenario:
    """One reading of the occasional reset."""
    return _short(*(RECENTRING | FINE_RATES)[reading], seed=seed)


def _fulls() -> list[Scenario]:
    """The runs at full length, the first seeds first, and of each seed the reading first that most hangs on."""
    runs = []
    for seed in range(max(len(reading.seeds) for reading in READINGS)):
        for reading in reversed(READINGS):
            if seed in reading.seeds:
                runs += [*(full(chip, reading, seed=seed) for chip in CHIPS), digital(reading, seed=seed)]
        if seed == 0:
            runs += [varied(reading, variation) for reading in reversed(READINGS) for variation in VARIED]
    return [*runs, AT_TEN]


def _shorts(seed: int) -> list[Scenario]:
    """The short runs of one seed."""
    points = [(path, value) for path, values in SWEEPS.values() for value in values]
    runs = [sweep(*point, seed=seed, reading=reading) for reading in reversed(READINGS) for point in points]
    runs += [recentring(reading, seed=seed) for reading in (RECENTRING | FINE_RATES)]
    for values in OPEN.values():
        runs += [open_value(chip, sets, seed=seed) for sets in values.values() for chip in CHIPS]
    return runs


def _all() -> list[Scenario]:
    """Every run, each once."""
    runs = [*_fulls(), *SERIAL, *(run for seed in SWEEP_SEEDS for run in _shorts(seed))]
    return list(dict.fromkeys(runs))


SCENARIOS = _all()
SHOWN = [
    *(full(chip, reading, seed=0) for reading in READINGS for chip in CHIPS),
    digital(SOFTMAX, seed=0),
]
"""The runs of the page with figures."""
