"""The runs behind this report: three readings of the paper at full length, and shorter sweeps."""

from __future__ import annotations

import attrs

from chipsim.study.scenarios import Scenario

__all__ = [
    "EPOCHS", "NEAREST", "READINGS", "RECENTRING", "SCENARIOS", "SERIAL", "SERIAL_EPOCHS", "SHOWN", "SWEEPS",
    "SWEEP_EPOCHS", "SWEEP_SAMPLES", "SWEEP_SEEDS", "VARIATIONS", "Reading", "digital", "full", "recentring",
    "sweep",
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
    weight_range: float
    adc_range: float
    """Full scale of the converters of weighted sums."""
    seeds: tuple[int, ...]

    @property
    def sets(self) -> tuple[str, ...]:
        """What a run is told, whatever the shipped files say."""
        return (
            f"network.loss={self.loss}",
            f"update.encoding={self.encoding}",
            f"synapse.weight_range={self.weight_range:g}",
            f"tile.forward.adc.range={self.adc_range:g}",
        )


TRAINS = Reading(
    name="trains",
    about="logistic outputs, squared error; random trains coincide; weights up to 1",
    loss="squared-error",
    encoding="stochastic",
    weight_range=1,
    adc_range=8,
    seeds=(0, 1),
)
ROUNDED = Reading(
    name="rounded",
    about="logistic outputs, squared error; pulse numbers rounded to nearest; weights up to 1",
    loss="squared-error",
    encoding="deterministic",
    weight_range=1,
    adc_range=8,
    seeds=(0, 1),
)
SOFTMAX = Reading(
    name="softmax",
    about="softmax outputs, cross-entropy; pulse numbers rounded to nearest; weights up to 2; sums up to 128",
    loss="cross-entropy",
    encoding="deterministic",
    weight_range=2,
    # Rounded to nearest, only the errors of right classes reach the output weights, which drift up together; a
    # softmax does not mind, but sums that leave the converters' range all look alike.
    adc_range=128,
    seeds=(0, 1, 2),
)
READINGS = (TRAINS, ROUNDED, SOFTMAX)
SWEPT = SOFTMAX
"""The reading whose gain, states and resets are swept."""

CHIPS = {"hybrid": "hybrid-synapse", "single": "single-pair"}


def full(chip: str, reading: Reading, *, seed: int) -> Scenario:
    """The published training of a ``hybrid`` or a ``single`` pair under a reading."""
    return Scenario(
        name=f"{chip}-{reading.name}-seed{seed}",
        architecture=CHIPS[chip],
        workload="mnist",
        sets=reading.sets,
        epochs=EPOCHS,
        seed=seed,
    )


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


NEAREST = Scenario(
    name="hybrid-softmax-k5",
    architecture="hybrid-synapse",
    workload="mnist",
    sets=(*SOFTMAX.sets, "synapse.gain=5"),
    epochs=EPOCHS,
)
"""The run whose test and training accuracy come nearest to the published pair."""

SERIAL_EPOCHS = 3
SERIAL = [
    Scenario(
        name=name,
        architecture=f"single-pair-{name}",
        workload="mnist",
        sets=SWEPT.sets,
        epochs=SERIAL_EPOCHS,
    )
    for name in ("rowwise", "cellwise")
]

VARIATIONS = (0, 0.34, 1, 2)
"""sigma/mu of one step, swept under every reading."""
SWEEPS: dict[str, tuple[str, tuple[float, ...]]] = {
    "gain k": ("synapse.gain", (1, 5, 10, 100)),
    "states": ("device.states", (10, 50, 400)),
    "sigma/mu": ("device.step_variation", VARIATIONS),
}
DEFAULTS = {"synapse.gain": 10, "device.states": 50, "device.step_variation": 0.34}


def _short(reading: Reading, *sets: str, seed: int) -> Scenario:
    """A training on fewer samples; the name tells what is changed."""
    words = "-".join(one.rpartition(".")[2] for one in sets).replace("=", "-").replace(" %", "")
    return Scenario(
        name=f"sweep-{reading.name}-{words or 'default'}-seed{seed}",
        architecture="hybrid-synapse",
        workload="mnist",
        sets=(f"phases.0.dataset.train={SWEEP_SAMPLES}", *reading.sets, *sets),
        epochs=SWEEP_EPOCHS,
        seed=seed,
    )


def sweep(path: str, value: float, *, seed: int, reading: Reading = SWEPT) -> Scenario:
    """One point of a sweep; the point that is the default of the description is shared by all sweeps."""
    if value == DEFAULTS[path]:
        return _short(reading, seed=seed)
    written = f"{100 * value:g} %" if path == "device.step_variation" else f"{value:g}"
    return _short(reading, f"{path}={written}", seed=seed)


RECENTRING: dict[str, tuple[str, ...]] = {
    "every 10 samples, headroom 10 %": ("update.recentre.every=10",),
    "every 100 samples, headroom 10 % (shipped)": (),
    "every 1,000 samples, headroom 10 %": ("update.recentre.every=1000",),
    "every 10,000 samples, headroom 10 %": ("update.recentre.every=10000",),
    "every 100 samples, headroom 1 %": ("update.recentre.headroom=1 %",),
    "every 100 samples, headroom 50 %": ("update.recentre.headroom=50 %",),
    "every 100 samples, headroom 90 %": ("update.recentre.headroom=90 %",),
    "shipped, fine phase at 0.3 of the rate": ("selector.fine_rate=0.3",),
    "shipped, fine phase at 0.1 of the rate": ("selector.fine_rate=0.1",),
}
"""When the chip looks for pairs that ran out of range, and which of them it resets."""


def recentring(reading: str, *, seed: int) -> Scenario:
    """One reading of the occasional reset."""
    return _short(SWEPT, *RECENTRING[reading], seed=seed)


def _all() -> list[Scenario]:
    """Every run, each once, those first that most depends on."""
    pairs = [(reading, seed) for reading in READINGS for seed in reading.seeds]
    runs = [full(chip, reading, seed=seed) for reading, seed in pairs for chip in CHIPS]
    runs += [digital(reading, seed=seed) for reading, seed in pairs]
    runs += [NEAREST, *SERIAL]
    for seed in SWEEP_SEEDS:
        runs += [sweep(path, value, seed=seed) for path, values in SWEEPS.values() for value in values]
        runs += [recentring(reading, seed=seed) for reading in RECENTRING]
        runs += [
            sweep("device.step_variation", value, seed=seed, reading=reading)
            for reading in READINGS
            for value in VARIATIONS
        ]
    return list(dict.fromkeys(runs))


SCENARIOS = _all()
SHOWN = [
    *(full(chip, reading, seed=0) for reading in READINGS for chip in CHIPS),
    digital(SOFTMAX, seed=0),
]
"""The runs of the page with figures."""
