"""Kinds: each that ships is found by its word, and built; one that only descriptions know is refused."""

from __future__ import annotations

from typing import ClassVar

import attrs
import pytest

from chipsim.chip.building import build
from chipsim.chip.links import Links
from chipsim.chip.mesh import Mesh
from chipsim.errors import DescriptionError, UnknownKindError
from chipsim.spec import load_chip
from chipsim.spec.chip import TAGGED, MacTileSpec
from chipsim.spec.fit import WORDS
from chipsim.spec.kind import Kind
from chipsim.spec.kinds import ROOMS, shipped_kind, shipped_kinds
from chipsim.spec.known import KNOWN, PLACES
from chipsim.spec.workload import NetworkSpec
from chipsim.synapse.synapse import synapse_of
from chipsim.train.placing import place
from tests import hidden_made, levels_made, made

every_room = pytest.mark.parametrize("section", ROOMS)


@every_room
def test_a_kind_is_found_by_its_word(section):
    """The class of that section and word, frozen, with words of its own and a base that says what it does."""
    assert len(shipped_kinds(section)) > 1
    for word in shipped_kinds(section):
        kind = shipped_kind(section, word)
        assert issubclass(kind, Kind)
        assert (kind.section, kind.kind) == (section, word)
        assert attrs.has(kind)
        assert kind.__setattr__ is not object.__setattr__
        assert kind.__doc__
        assert kind.__mro__[1] is not Kind


@every_room
def test_what_is_needed_and_offered_has_words(section):
    """A message says what it is about in words."""
    for word in shipped_kinds(section):
        kind = shipped_kind(section, word)
        assert kind.needs | kind.offers <= WORDS.keys() | {"reset"}


def test_every_kind_that_ships_is_built():
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
        *(made.chip(update=made.update_by(kind)) for kind in ("row-by-row", "cell-by-cell")),
    ]
    seen = {section: set() for section in (*KNOWN, *ROOMS)}
    for spec in chips:
        cuts = place(NetworkSpec(layers=(4, 2), bias=False), spec.tile)
        built = build(spec, made.COSTS, shapes=cuts.tile_shapes, seed=1, memory_bits=10_000)
        assert built.route("buffer", "tile0")
        assert synapse_of(spec).words
        for section, kinds in seen.items():
            kinds.add(type(getattr(spec, section)))
    for section, kinds in seen.items():
        ships = KNOWN.get(section) or [shipped_kind(section, word) for word in shipped_kinds(section)]
        assert kinds - {type(None)} == set(ships), section


# --- sections whose kinds are listed ----------------------------------------------------------------


@attrs.frozen(kw_only=True)
class Systolic(MacTileSpec):
    """A digital tile that nobody built."""

    kind: ClassVar[str] = "systolic"


BASE = made.chip(device=made.finite())
NEW = {
    "tile": Systolic(rows=8, columns=8, lanes=4),
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


@every_section
def test_a_file_with_a_kind_that_nothing_simulates_is_refused(section, monkeypatch):
    """Entered among the kinds that a file may name, and nowhere else: what a beginner would do first."""
    monkeypatch.setitem(TAGGED, section, (*TAGGED[section], type(NEW[section])))
    fields = {"tile": "rows: 1024, columns: 256, lanes: 4"}
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


def test_all_unknown_kinds_are_told_at_once():
    """One message a section."""
    spec = attrs.evolve(BASE, **NEW)
    with pytest.raises(UnknownKindError) as caught:
        build(spec, made.COSTS, shapes=[(2, 2)], seed=None)
    told = str(caught.value).splitlines()
    assert told == [f"{section}.kind: {message(section)}" for section in NEW]
