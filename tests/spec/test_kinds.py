"""A kind that only the descriptions know is refused before anything is simulated as something else."""

from __future__ import annotations

from typing import ClassVar

import attrs
import pytest

from chipsim.chip.building import build
from chipsim.chip.links import Links
from chipsim.chip.mesh import Mesh
from chipsim.cli.describing import _synapse_words
from chipsim.device.models import MODELS
from chipsim.errors import DescriptionError, UnknownKindError
from chipsim.parts.array import pair_gains
from chipsim.parts.fixed import Fixed
from chipsim.run.placing import place
from chipsim.run.rules import RULES
from chipsim.spec import load_chip
from chipsim.spec.chip import (
    TAGGED,
    LinearStepSpec,
    MacTileSpec,
    OuterProductSpec,
    SinglePairSpec,
    UpdateSpec,
)
from chipsim.spec.known import KNOWN, PLACES
from chipsim.spec.levels import MultilevelSpec
from chipsim.spec.workload import NetworkSpec
from tests import hidden_made, levels_made, made


@attrs.frozen(kw_only=True)
class OneCell(SinglePairSpec):
    """A weight as one cell against a reference, in the classes of descriptions alone."""

    kind: ClassVar[str] = "one-cell"


@attrs.frozen(kw_only=True)
class SoftBounds(LinearStepSpec):
    """A cell whose steps shrink towards its bounds."""

    kind: ClassVar[str] = "soft-bounds"


@attrs.frozen(kw_only=True)
class Systolic(MacTileSpec):
    """A digital tile that nobody built."""

    kind: ClassVar[str] = "systolic"


@attrs.frozen(kw_only=True)
class Counted(UpdateSpec):
    """An update that nobody built."""


@attrs.frozen(kw_only=True)
class Alternating(Fixed):
    """A selector that takes pairs in turn."""

    kind: ClassVar[str] = "alternating"


@attrs.frozen(kw_only=True)
class Momentum(OuterProductSpec):
    """A learning rule that nobody built."""

    kind: ClassVar[str] = "momentum"


BASE = made.chip(device=made.finite())
NEW = {
    "synapse": OneCell(weight_range=1.0),
    "device": SoftBounds(**attrs.asdict(made.finite())),
    "tile": Systolic(rows=8, columns=8, lanes=4),
    "update": Counted(kind="parallel-pulses"),
    "selector": Alternating(),
    "rule": Momentum(),
}
every_section = pytest.mark.parametrize("section", sorted(TAGGED))


def message(section):
    """What is said of a new kind."""
    new = NEW[section]
    return (
        f"nothing simulates {new.kind!r} ({type(new).__name__}): {PLACES[section]} have to know it, and then KNOWN in "
        "spec/known.py"
    )


@every_section
def test_a_chip_with_a_kind_that_nothing_simulates_is_not_built(section):
    """However it was made: here without any file."""
    with pytest.raises(UnknownKindError) as caught:
        build(attrs.evolve(BASE, **{section: NEW[section]}), made.COSTS, shapes=[(2, 2)], seed=1)
    assert str(caught.value) == f"{section}.kind: {message(section)}"


@pytest.mark.parametrize("section", sorted(set(TAGGED) - {"update"}))
def test_a_file_with_a_kind_that_nothing_simulates_is_refused(section, monkeypatch):
    """Entered among the kinds that a file may name, and nowhere else: what a beginner would do first."""
    monkeypatch.setitem(TAGGED, section, (*TAGGED[section], type(NEW[section])))
    fields = {
        "synapse": "weight_range: 1", "tile": "rows: 1024, columns: 256, lanes: 4", "selector": "", "rule": "",
        "device": "states: 9, on_conductance: 20 uS, off_conductance: 2 uS, pulse_voltage: 2 V, pulse_width: 1 ns, "
                  "reset_voltage: 3 V, reset_width: 1 ns, area: 1 um2",
    }  # fmt: skip
    said = f"{{{', '.join(filter(None, (f'kind: {NEW[section].kind}', fields[section])))}}}"
    with pytest.raises(DescriptionError) as caught:
        load_chip("single-pair", sets=[f"{section}={said}"])
    (problem,) = caught.value.problems
    assert (problem.path, problem.message.partition(" (from --set")[0]) == (
        f"{section}.kind",
        message(section),
    )


def test_every_kind_of_a_file_is_one_that_is_simulated():
    """What ships is entered everywhere; and every place is named."""
    assert TAGGED == KNOWN
    assert set(PLACES) == set(KNOWN)
    assert set(RULES) == set(KNOWN["rule"])
    assert set(MODELS) == set(KNOWN["device"]) - {MultilevelSpec}


def test_every_known_kind_is_built_and_put_in_words():
    """Each kind of each section, on a chip that it goes with, down to the routes of its interconnect."""
    mesh = Mesh(width=8, clock=10**9, length=10**6)
    hub = tuple(("hub", part) for part in ("buffer", "digital", "selector", "tile0"))
    links = Links(width=8, clock=10**9, length=10**6, links=hub)
    chips = [
        made.chip(interconnect=mesh),
        made.chip(interconnect=links, device=made.finite()),
        made.hybrid(),
        made.mac_chip(),
        hidden_made.chip(),
        hidden_made.chip(synapse=levels_made.SINGLE),
    ]
    seen = {section: set() for section in KNOWN}
    for spec in chips:
        cuts = place(NetworkSpec(layers=(4, 2), bias=False), spec.tile)
        built = build(spec, made.COSTS, shapes=cuts.tile_shapes, seed=1, memory_bits=10_000)
        assert built.route("buffer", "tile0")
        assert _synapse_words(spec.synapse)
        for section, kinds in seen.items():
            kinds.add(type(getattr(spec, section)))
    for section, kinds in seen.items():
        assert kinds - {type(None)} == set(KNOWN[section]), section


@pytest.mark.parametrize(
    ("choose", "place_name"),
    [(_synapse_words, "chipsim.cli.describing"), (pair_gains, "chipsim.parts.array")],
)
def test_a_choice_by_kind_has_no_default(choose, place_name):
    """What is met without having been checked is refused where it is met, and the place is named."""

    @attrs.frozen
    class Stranger:
        kind = "stranger"

    with pytest.raises(UnknownKindError) as caught:
        choose(Stranger())
    assert str(caught.value) == f"{place_name} does not know 'stranger' (Stranger)"


def test_all_unknown_kinds_are_told_at_once():
    """One message a section."""
    spec = attrs.evolve(BASE, synapse=NEW["synapse"], rule=NEW["rule"])
    with pytest.raises(UnknownKindError) as caught:
        build(spec, made.COSTS, shapes=[(2, 2)], seed=None)
    told = str(caught.value).splitlines()
    assert told == [f"{section}.kind: {message(section)}" for section in ("synapse", "rule")]
