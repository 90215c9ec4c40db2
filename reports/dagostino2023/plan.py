"""The runs behind this report: the published experiment at full length, and shorter sweeps around it."""

from __future__ import annotations

from chipsim.study.scenarios import Scenario

WORKLOAD = "mnist-then-fashion"
SEEDS = (0, 1, 2)

SHIPPED = ("between-levels", 0.02)
"""Where the first hidden weights lie, and the learning rate, in the shipped descriptions."""
INITIALS = {
    "between-levels": "between two adjacent levels, every two as likely as others",
    "next-to-zero": "between zero and the level next to it on either side",
    "network": "around zero, with a deviation of 0.1",
}
"""Readings of where the first hidden weights lie."""
TRIED = [
    ("between-levels", 0.01),
    ("between-levels", 0.02),
    ("between-levels", 0.04),
    ("next-to-zero", 0.01),
    ("next-to-zero", 0.02),
    ("next-to-zero", 0.04),
    ("network", 0.01),
    ("network", 0.02),
]
"""Readings of the first hidden weights and of the learning rate that were run at full length."""
CONTENDERS = TRIED[:2]
"""Those that one seed cannot tell apart: they were run with all seeds."""
assert SHIPPED in CONTENDERS, "what ships is concluded from with all seeds"


def reading(initial: str, rate: float, seed: int) -> Scenario:
    """The published experiment under one reading, whatever ships."""
    spread = ("network.initial_weights=0.1",) if initial == "network" else ()
    return Scenario(
        name=f"{initial}-{rate}-seed{seed}".replace(".", "-"),
        architecture="metaplastic-qnn",
        workload=WORKLOAD,
        seed=seed,
        sets=(f"rule.initial={initial}", f"learning_rate={rate}", *spread),
    )


READINGS = {
    key: [reading(*key, seed) for seed in (SEEDS if key in CONTENDERS else SEEDS[:1])] for key in TRIED
}
FULL = READINGS[SHIPPED]
OTHERS = [Scenario(name="plain-qnn", architecture="plain-qnn", workload=WORKLOAD)]
MAIN = [*FULL, *OTHERS]

SWEEP_EPOCHS = (6, 3, 5)
"""Digits without and with consolidation, then clothes."""
SHORT = tuple(f"phases.{phase}.epochs={epochs}" for phase, epochs in enumerate(SWEEP_EPOCHS))

SWEEPS: dict[str, dict[str, tuple[str, ...]]] = {
    "metaplasticity m": {f"{m}": (f"rule.metaplasticity={m}",) if m != 3 else () for m in (0, 1, 2, 3, 4, 5)},
    "learning rate": {
        f"{rate}": (f"learning_rate={rate}",) if rate != SHIPPED[1] else ()
        for rate in (0.005, 0.01, 0.02, 0.04)
    },
    "batch": {f"{batch}": (f"batch={batch}",) if batch != 150 else () for batch in (50, 100, 150, 200, 400)},
    "units of both hidden layers": {
        "256": ("network.layers=[784, 256, 256, 10]",),
        "512": (),
        "1024": ("network.layers=[784, 1024, 1024, 10]",),
    },
    "levels": {
        "17, m = 3": (),
        "2, m = 3": ("synapse.levels=[-1, 1]",),
        "2, m = 0": ("synapse.levels=[-1, 1]", "rule.metaplasticity=0"),
    },
    "hidden weights": {
        "float-32": (),
        "fixed-16": ("memory.weights=fixed-16",),
        "fixed-16, moments bfloat-16, stochastic": (
            "memory.weights=fixed-16",
            "memory.moments=bfloat-16",
            "memory.rounding=stochastic",
        ),
        "fixed-12": ("memory.weights=fixed-12",),
        "fixed-8": ("memory.weights=fixed-8",),
        "fixed-8, stochastic": ("memory.weights=fixed-8", "memory.rounding=stochastic"),
    },
    "writing": {
        "serial": (),
        "row-parallel": ("update.writer=row-parallel",),
        "serial, verified": ("update.verify={tolerance: 25 %, tries: 10}",),
    },
    "assumed reading": {
        "inputs 0 to 1, normalisation per task": (),
        "inputs -1 to 1": ("network.inputs=minus-one-to-one",),
        "normalisation shared": ("network.normalisation.state=shared",),
    },
}
"""What is changed for each point, one thing at a time; nothing is the shipped description."""


def sweep_scenario(sets: tuple[str, ...]) -> Scenario:
    """One point of a sweep; the shipped description is shared by all sweeps."""
    words = "-".join(sets).replace("=", "-").replace(".", "-")
    key = "".join(c for c in words if c.isalnum() or c == "-") if sets else "default"
    return Scenario(
        name=f"sweep-{key}", architecture="metaplastic-qnn", workload=WORKLOAD, sets=(*SHORT, *sets)
    )


def sweep_scenarios() -> list[Scenario]:
    """Every point of every sweep, each once."""
    points = [sweep_scenario(sets) for values in SWEEPS.values() for sets in values.values()]
    return list(dict.fromkeys(points))


WIDE = ("network.layers=[784, 4096, 4096, 10]",)
STILL = ("selector.typical_share=0 %",)


def timed(name: str, *sets: str, architecture: str) -> Scenario:
    """One epoch of every phase, timed without training."""
    return Scenario(
        name=name, architecture=architecture, workload=WORKLOAD, sets=sets, epochs=1, timing_only=True
    )


TIMED = [
    timed("timed-qnn", architecture="metaplastic-qnn"),
    timed("timed-bnn-4096", *WIDE, architecture="metaplastic-bnn"),
    timed("timed-qnn-still", *STILL, architecture="metaplastic-qnn"),
    timed("timed-bnn-4096-still", *WIDE, *STILL, architecture="metaplastic-bnn"),
]
"""The network of 17 levels, and a binarised one of about the same accuracy; while weights move, and when none does."""

SCENARIOS = [
    *TIMED,
    *(scenario for key in CONTENDERS for scenario in READINGS[key]),
    *(scenario for key in TRIED if key not in CONTENDERS for scenario in READINGS[key]),
    *OTHERS,
    *sweep_scenarios(),
]
"""All runs, those first that most depends on."""
