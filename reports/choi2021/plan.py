"""The runs behind this report: the published comparison at full length, and shorter sweeps."""

from __future__ import annotations

from chipsim.study.scenarios import Scenario

EPOCHS = 40
SWEEP_EPOCHS = 12
SWEEP_SAMPLES = 20_000
SWEEP_SEEDS = (0, 1)

DETERMINISTIC = ("update.encoding=deterministic",)

MAIN = [
    Scenario(name="hybrid-stochastic", architecture="hybrid-synapse", workload="mnist", epochs=EPOCHS),
    Scenario(name="digital-fp32", architecture="digital-fp32", workload="mnist", epochs=EPOCHS),
    Scenario(name="single-stochastic", architecture="single-pair", workload="mnist", epochs=EPOCHS),
    Scenario(
        name="hybrid-deterministic", architecture="hybrid-synapse", workload="mnist", epochs=EPOCHS,
        sets=DETERMINISTIC,
    ),
    Scenario(
        name="single-deterministic", architecture="single-pair", workload="mnist", epochs=EPOCHS,
        sets=DETERMINISTIC,
    ),
]  # fmt: skip

SERIAL_EPOCHS = 3
SERIAL = [
    Scenario(name="rowwise", architecture="single-pair-rowwise", workload="mnist", epochs=SERIAL_EPOCHS),
    Scenario(name="cellwise", architecture="single-pair-cellwise", workload="mnist", epochs=SERIAL_EPOCHS),
]

SWEEPS: dict[str, tuple[str, tuple[float, ...]]] = {
    "gain k": ("synapse.gain", (1, 10, 100)),
    "states": ("device.states", (10, 50, 400)),
    "sigma/mu": ("device.step_variation", (0, 0.34, 1, 2)),
}


DEFAULTS = {"synapse.gain": 10, "device.states": 50, "device.step_variation": 0.34}


def sweep_scenario(path: str, value: float, *, seed: int) -> Scenario:
    """One point of a sweep; the point that is the default of the description is shared by all sweeps."""
    base = value == DEFAULTS[path]
    short = f"phases.0.dataset.train={SWEEP_SAMPLES}"
    key = "default" if base else f"{path.rpartition('.')[2]}-{value:g}"
    written = f"{100 * value:g} %" if path == "device.step_variation" else f"{value:g}"
    return Scenario(
        name=f"sweep-{key}-seed{seed}",
        architecture="hybrid-synapse",
        workload="mnist",
        sets=(short,) if base else (short, f"{path}={written}"),
        epochs=SWEEP_EPOCHS,
        seed=seed,
    )


def sweep_scenarios() -> list[Scenario]:
    """Every point of every sweep, each once."""
    points = [
        sweep_scenario(path, value, seed=seed)
        for seed in SWEEP_SEEDS
        for path, values in SWEEPS.values()
        for value in values
    ]
    return list(dict.fromkeys(points))
