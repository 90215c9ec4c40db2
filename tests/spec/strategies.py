"""Hypothesis strategies that build random valid descriptions, for property tests anywhere.

Kinds here have values of many keys at once drawn to fit each other. Every kind that ships, a new one too, is drawn from its
class in tests/spec/test_every_kind.py.
"""

from __future__ import annotations

import itertools

from hypothesis import strategies as st

__all__ = ["ALL_SYNAPSES", "chip_documents", "cost_documents", "provenance_over", "workload_documents"]

SYNAPSES = ("single-pair", "hybrid", "single-cell", "cell-and-reference", "digital")
ALONE = ("single-cell", "cell-and-reference")
"""Those of one cell, which pulses of either polarity move."""
LEVEL_SYNAPSES = ("level-pair", "level-cell")
ALL_SYNAPSES = SYNAPSES + LEVEL_SYNAPSES
DEVICES = ("linear-step", "ideal", "bidirectional-step")
UPDATES = ("parallel-pulses", "row-by-row", "cell-by-cell")
TOPOLOGIES = ("bus", "mesh", "links")
MOST_ADAM = 0.05
"""Half the smallest distance of two levels below: eleven of them from minus to plus a half."""


def _optional(strategy):
    return st.one_of(st.none(), strategy)


def _mapping(required, **optional):
    return st.fixed_dictionaries(required, optional=optional)


def _quantity(low, high, unit):
    return st.integers(low, high).map(lambda number: f"{number} {unit}")


def _real(low, high):
    return st.floats(low, high).map(lambda number: round(number, 6))


def _device(kind):
    # Of an odd number of steps none ends in the middle, where a single cell has its zero.
    halves = st.integers(1, 200).map(lambda number: 2 * number)
    common = {
        "kind": st.just(kind),
        "states": halves if kind == "bidirectional-step" else st.integers(2, 400),
        "on_conductance": _quantity(10, 50, "uS"),
        "pulse_voltage": _quantity(1000, 3000, "mV"),
        "pulse_width": _quantity(1, 200, "ns"),
        "area": _quantity(100, 100_000, "nm2"),
    }
    if kind == "ideal":
        return _mapping(common, off_conductance=_quantity(0, 5, "uS"))
    strong = "down" if kind == "bidirectional-step" else "reset"
    common |= {
        "off_conductance": _quantity(0, 5, "uS"),
        f"{strong}_voltage": _quantity(1000, 4000, "mV"),
        f"{strong}_width": _quantity(1, 500, "ns"),
    }
    if kind == "bidirectional-step":
        common |= {"asymmetry": _real(0.1, 3)}
    spreads = {name: _real(0, 0.5) for name in ("step_variation", "step_spread", "range_spread")}
    return _mapping(common, **spreads, endurance=_optional(st.integers(1, 10**12)))


def _level_device(count):
    """A cell of a low and some high levels, evenly spaced, with the compliance that each takes."""
    high = [
        {"conductance": f"{5 + 10 * number} uS", "spread": "1 uS", "compliance": f"{5 * number} uA"}
        for number in range(1, count + 1)
    ]
    low = _mapping({"conductance": st.just("5 uS")}, spread=_quantity(0, 1000, "nS"))
    fields = {
        "kind": st.just("multilevel"),
        "low": low,
        "high": st.just(high),
        "set_voltage": _quantity(1000, 3000, "mV"),
        "set_width": _quantity(1, 2000, "ns"),
        "reset_voltage": _quantity(1000, 4000, "mV"),
        "reset_width": _quantity(1, 500, "ns"),
        "area": _quantity(100, 100_000, "nm2"),
    }
    return _mapping(fields, spread_scale=_real(0, 2), endurance=_optional(st.integers(1, 10**12)))


def _level_update():
    verify = _mapping({"tolerance": _quantity(1, 100, "%"), "tries": st.integers(1, 9)})
    fields = {"kind": st.just("reprogram")}
    return _mapping(fields, writer=st.sampled_from(["serial", "row-parallel"]), verify=_optional(verify))


def _memory():
    formats = ["float-32", "fixed-20", "fixed-16", "fixed-12"]
    return _mapping(
        {"width": _quantity(1, 512, "bit"), "rounding": st.just("stochastic")},
        banks=st.integers(1, 16),
        weights=st.sampled_from(formats),
        moments=st.sampled_from(["float-32", "bfloat-16"]),
    )


def _hidden_rule():
    return _mapping(
        {"kind": st.just("hidden-weights")},
        optimiser=st.sampled_from(["adam", "sgd"]),
        metaplasticity=_real(0, 8),
        learning_rate=_optional(_real(0.001, MOST_ADAM)),
        initial=st.sampled_from(["between-levels", "next-to-zero", "network"]),
        initial_spread=_quantity(0, 100, "%"),
    )


def _without_unread(memory, rule):
    """Both without the keys that nothing reads, which a description may not have."""
    if rule.get("optimiser") == "sgd":
        memory.pop("moments", None)
    if rule.get("initial") == "network":
        rule.pop("initial_spread", None)
    if {memory.get("weights", "float-32"), memory.get("moments", "float-32")} == {"float-32"}:
        memory.pop("rounding")
    return memory, rule


def _without_noise(adc):
    return adc | {"noise": 0} if adc.get("ideal") else adc


@st.composite
def _level_sections(draw, synapse):
    """Everything that goes with weights at levels; as many of them as the cells make, or two."""
    high = draw(st.integers(1, 5))
    most = 2 * high if synapse == "level-pair" else high
    steps = draw(st.sampled_from([1, most]))
    reach = draw(st.sampled_from([0.5, 1.0, 1.5]))
    selector = _mapping({"kind": st.just("level-change")}, lanes=st.integers(1, 64))
    memory, rule = _without_unread(draw(_memory()), draw(_hidden_rule()))
    return {
        "synapse": {"kind": synapse, "levels": [reach * (2 * step / steps - 1) for step in range(steps + 1)]},
        "device": draw(_level_device(high)),
        "update": draw(_level_update()),
        "selector": draw(selector),
        "memory": memory,
        "rule": rule,
    }


def _synapse(kind):
    if kind == "digital":
        floating = _mapping({"kind": st.just(kind)}, arithmetic=st.just("float-32"))
        ranges = {"weight_range": _real(0.25, 4), "sum_range": _real(1, 16)}
        fixed = _mapping(
            {"kind": st.just(kind), "arithmetic": st.just("fixed-16")} | ranges,
            rounding=st.sampled_from(["nearest", "stochastic"]),
        )
        return st.one_of(floating, fixed)
    fields = {"kind": st.just(kind), "weight_range": _real(0.25, 4)}
    if kind == "cell-and-reference":
        counts = {"alternating_pulses": (3, 5), "reference_readings": (1, 2), "reference_rounds": (1, 4)}
        fields |= {key: st.integers(*ends) for key, ends in counts.items()}
        return _mapping(fields, reference_error=_quantity(0, 30, "%"))
    return _mapping(fields | ({"gain": _real(1, 100)} if kind == "hybrid" else {}))


def _reading():
    dac = _mapping({"bits": st.integers(1, 10)}, lines_per_converter=st.integers(1, 9), ideal=st.booleans())
    adc = _mapping(
        {"bits": st.integers(4, 10), "range": _real(0.5, 16)},
        lines_per_converter=st.integers(1, 9),
        noise=_real(0, 2),
        ideal=st.booleans(),
    )
    return _mapping(
        {"dac": dac, "adc": adc.map(_without_noise)}, scaling=st.sampled_from(["fixed", "maximum"])
    )


def _tile(kind, *, rows, columns, count):
    fields = {"kind": st.just(kind), "rows": rows, "columns": columns, "count": count}
    if kind == "mac":
        return _mapping(fields | {"lanes": st.integers(1, 64)})
    reading = {"read_voltage": _quantity(50, 500, "mV"), "read_time": _quantity(1, 50, "ns")}
    sides = {"forward": _reading(), "backward": _reading()}
    return _mapping(fields | reading | sides, unused_lines=st.sampled_from(["grounded", "cut-off"]))


def _update(kind, *, recentred):
    recentre = _mapping({"every": st.integers(1, 20), "headroom": _quantity(0, 99, "%")})
    fields = {"kind": st.just(kind)} | ({"recentre": _optional(recentre)} if recentred else {})
    if kind == "digital":
        return _mapping(fields)
    rest = {"encoding": st.sampled_from(["stochastic", "deterministic"]), "slots": st.integers(1, 63)}
    verified = {
        "first_writing": st.just("verify"),
        "verify_tolerance": _quantity(1, 100, "%"),
        "verify_rounds": st.integers(1, 3),
    }
    return st.one_of(_mapping(fields, **rest), _mapping(fields | verified, **rest))


@st.composite
def _links(draw, count):
    """A random tree over all parts and a few routers, and some links more."""
    parts = ["buffer", "digital", "selector", *(f"tile{index}" for index in range(count))]
    names = draw(st.permutations([*parts, *(f"r{index}" for index in range(draw(st.integers(0, 3))))]))
    tree = [(names[draw(st.integers(0, index - 1))], names[index]) for index in range(1, len(names))]
    free = [pair for pair in itertools.combinations(names, 2) if pair not in tree and pair[::-1] not in tree]
    extra = draw(st.lists(st.sampled_from(free), max_size=3, unique=True)) if free else []
    return [list(pair) for pair in [*tree, *extra]]


def _interconnect(kind, count):
    fields = {
        "kind": st.just(kind),
        "width": _quantity(1, 512, "bit"),
        "clock": _quantity(100, 2000, "MHz"),
        "length": _quantity(0, 5000, "um"),
    }
    if kind == "links":
        fields["links"] = _links(count)
    return _mapping(fields, **({"columns": _optional(st.integers(1, 4))} if kind == "mesh" else {}))


@st.composite
def chip_documents(
    draw, *, synapses=SYNAPSES, devices=DEVICES, updates=UPDATES, topologies=TOPOLOGIES, tiles=None
):
    """Plain data of a random valid chip: small tiles, every kind and topology.

    Parameters
    ----------
    synapses, devices, updates, topologies
        The kinds to choose from.
    tiles
        A strategy for the number of tiles; 1 to 4, or ``auto`` where no links name them, when None.
    """
    synapse = draw(st.sampled_from(synapses))
    topology = draw(st.sampled_from(topologies))
    counts = st.integers(1, 4) if tiles is None else tiles
    count = draw(counts if topology == "links" or tiles is not None else st.one_of(st.just("auto"), counts))
    size = {"rows": st.integers(1, 32), "columns": st.integers(1, 16), "count": st.just(count)}
    document = {
        "name": "random",
        "about": "A random chip.",
        "tile": draw(_tile("mac" if synapse == "digital" else "crossbar", **size)),
        "digital": {"lanes": draw(st.integers(1, 32)), "arithmetic": "float-32"},
        "buffer": {"size": draw(_quantity(16, 128, "KiB")), "width": draw(_quantity(8, 512, "bit"))},
        "interconnect": draw(_interconnect(topology, count)),
        "costs": draw(st.sampled_from(["cmos-32nm", "isaac-32nm", "light-adc-32nm", "puma-32nm"])),
    }
    if synapse in LEVEL_SYNAPSES:
        return document | draw(_level_sections(synapse))
    return document | draw(_pulsed_sections(synapse, devices, updates))


@st.composite
def _pulsed_sections(draw, synapse, devices, updates):
    """Everything that goes with weights that pulses or arithmetic change in place."""
    digital = synapse == "digital"
    device = "bidirectional-step" if synapse in ALONE else draw(st.sampled_from(devices))
    kind = "digital" if digital else draw(st.sampled_from(updates))
    selectors = ["fixed", "accuracy-plateau"] if synapse == "hybrid" else ["fixed"]
    selector = {"kind": draw(st.sampled_from(selectors))}
    if selector["kind"] == "accuracy-plateau":
        selector["threshold"] = draw(_quantity(-100, 100, "%"))
        selector["fine_rate"] = draw(st.sampled_from([0.1, 1]))
    carried = draw(_synapse(synapse))
    fixed = not digital or carried.get("arithmetic") == "fixed-16"
    formats = ["fixed-16", "float-32"] if fixed else ["float-32"]
    unit = {"lanes": draw(st.integers(1, 32)), "arithmetic": draw(st.sampled_from(formats))}
    sections = {
        "synapse": carried,
        "digital": unit,
        "update": draw(_update(kind, recentred=not digital and device == "linear-step")),
        "selector": selector,
    }
    if digital:
        return sections
    cells = draw(_device(device))
    # Even steps of two lengths have no symmetry point, and are refused.
    even = {"asymmetry": 1} if synapse == "cell-and-reference" else {}
    return sections | {"device": cells | even}


@st.composite
def workload_documents(draw, *, datasets=("mnist-5k",)):
    """Plain data of a random valid workload: a small network, few samples."""
    batch = draw(st.integers(1, 4))
    phases = [
        {
            "name": f"phase{index}",
            "dataset": {
                "name": draw(st.sampled_from(datasets)),
                "train": draw(st.integers(batch, 40)),
                "test": draw(st.integers(1, 20)),
            },
            "epochs": draw(st.integers(1, 3)),
        }
        for index in range(draw(st.integers(1, 2)))
    ]
    return {
        "name": "random",
        "about": "A random workload.",
        "network": {
            "layers": [784, *draw(st.lists(st.integers(1, 20), max_size=2)), 10],
            "bias": draw(st.booleans()),
            "initial_weights": draw(_real(0, 1)),
        },
        "batch": batch,
        "learning_rate": draw(_real(0.001, MOST_ADAM)),
        "phases": phases,
    }


@st.composite
def cost_documents(draw):
    """Plain data of a random valid cost set, with every resolution and format that chips ask for."""
    energy, area = _quantity(0, 10_000, "aJ"), _quantity(0, 10_000, "nm2")
    time = _quantity(1, 10_000, "ps")
    arithmetic = _mapping({**dict.fromkeys(("add", "multiply", "compare", "function"), energy), "area": area})
    memory = _mapping({"time": time, "read": energy, "write": energy, "area": area})

    def converters(low):
        rows = [
            _mapping({"bits": st.just(bits), "time": time, "energy": energy, "area": area})
            for bits in range(low, 11)
        ]
        return [draw(row) for row in rows]

    return {
        "name": "random",
        "about": "A random cost set.",
        "node": "32 nm",
        "adc": converters(4),
        "dac": converters(1),
        "sample_hold": draw(_mapping({"time": time, "energy": energy, "area": area})),
        "write_driver": draw(
            _mapping(
                {"time": time, "energy": energy, "area": area},
                line_cells=_optional(st.integers(1, 4096)),
            )
        ),
        "arithmetic": {name: draw(arithmetic) for name in ("fixed-16", "float-32")},
        "sram": draw(memory),
        "wire": draw(_mapping({"time_per_mm": time, "energy_per_bit_mm": energy, "area_per_bit_mm": area})),
        "router": draw(_mapping({"time": time, "energy_per_bit": energy, "area": area})),
        "selector": draw(_mapping({"add": energy, "compare": energy, "area": area})),
        "clock": draw(time),
    }


@st.composite
def provenance_over(draw, document):
    """The same description with sources and assumptions scattered over it.

    Parameters
    ----------
    document
        Plain data of a whole description.
    """
    claim = {draw(st.sampled_from(["source", "assumed"])): draw(st.sampled_from(["a paper", "a guess"]))}
    if isinstance(document, dict):
        inner = {key: draw(provenance_over(child)) for key, child in document.items()}
        return inner | claim if draw(st.booleans()) else inner
    if isinstance(document, list) and any(isinstance(item, dict) for item in document):
        document = [draw(provenance_over(item)) for item in document]
    return {"value": document} | claim if draw(st.integers(0, 3)) == 0 else document
