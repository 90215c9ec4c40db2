"""Kinds: each that ships is found by its word, and built."""

from __future__ import annotations

import ast

import attrs
import pytest

from chipsim.chip.building import build
from chipsim.chip.links import Links
from chipsim.chip.mesh import Mesh
from chipsim.net.placing import place
from chipsim.parts.transfer import Transfer
from chipsim.spec import kinds
from chipsim.spec.fit import WORDS
from chipsim.spec.kind import Kind
from chipsim.spec.kinds import PARTS, ROOMS, shipped_kind, shipped_kinds
from chipsim.spec.levels import MemorySpec
from chipsim.spec.workload import NetworkSpec
from chipsim.synapse.level_difference import LevelDifference
from chipsim.synapse.synapse import synapse_of
from tests import hidden_made, levels_made, made
from tests.test_imports import MODULES, TREES

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
        made.adam_chip(),
        hidden_made.chip(),
        hidden_made.chip(synapse=levels_made.SINGLE),
        *(
            made.chip(update=made.update_by(kind))
            for kind in ("row-by-row", "column-by-column", "cell-by-cell")
        ),
        made.single(),
        made.single(device=made.set_reset()),
        made.single(device=made.soft_bounds()),
        *(
            made.single(device=make())
            for make in (made.exponential, made.piecewise, made.power, made.step_table)
        ),
        made.referred(),
        hidden_made.chip(synapse=LevelDifference(levels=(-1.0, 0.0, 1.0)), device=levels_made.reset_levels()),
        made.reset_pairs(),
        made.chip(
            rule=shipped_kind("rule", "mini-batch-sgd")(),
            update=made.update_by("row-by-row", encoding="deterministic"),
        ),
        *(
            made.single(
                rule=shipped_kind("rule", kind)(),
                selector=Transfer(),
                memory=MemorySpec(banks=2, width=made.WIDTH),
            )
            for kind in ("tiki-taka-v1", "tiki-taka-v2", "chopped-tiki-taka", "mixed-precision")
        ),
    ]
    seen = {section: set() for section in PARTS}
    for spec in chips:
        cuts = place(NetworkSpec(layers=(4, 2), bias=False), spec)
        built = build(spec, made.COSTS, shapes=cuts.tile_shapes, seed=1, memory_bits=10_000)
        assert built.route("buffer", "tile0")
        assert synapse_of(spec).words
        for section, met in seen.items():
            met.add(type(getattr(spec, section)))
    for section, met in seen.items():
        ships = [shipped_kind(section, word) for word in shipped_kinds(section)]
        assert met - {type(None)} == set(ships), section


def test_files_that_editors_leave_are_no_kinds(tmp_path, monkeypatch):
    """Locks that lead nowhere and copies that are no text stand beside modules while somebody works on them."""
    room = tmp_path / "chip"
    room.mkdir()
    (room / "bus.py").write_text('    kind: ClassVar[str] = "bus"\n', encoding="utf-8")
    (room / "._bus.py").write_bytes(b"\xff\xfe")
    (room / ".#mesh.py").symlink_to("nowhere")
    monkeypatch.setattr(kinds, "_PACKAGE", tmp_path)
    assert shipped_kinds.__wrapped__("interconnect") == ("bus",)


@every_room
def test_kinds_are_found_without_their_sources(section):
    """Where only compiled files were installed, modules are loaded and asked."""
    assert kinds._loaded_kinds(section) == shipped_kinds(section)


# --- nobody else knows them --------------------------------------------------------------------------

CLASSES = {
    shipped_kind(section, word).__name__: shipped_kind(section, word)
    for section in ROOMS
    for word in shipped_kinds(section)
}


def asked_for(tree):
    """The class names that a module asks objects for: by isinstance or issubclass."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") in {"isinstance", "issubclass"}:
            yield from (inner.id for inner in ast.walk(node.args[1]) if isinstance(inner, ast.Name))


@pytest.mark.parametrize("module", MODULES)
def test_a_kind_is_asked_for_in_its_own_file_only(module):
    """Elsewhere its contract is asked, or what it offers: a choice by kind would need an entry for each new one."""
    others = {name for name, kind in CLASSES.items() if kind.__module__ != module}
    assert not others.intersection(asked_for(TREES[module]))


@pytest.mark.parametrize("module", MODULES)
def test_no_module_names_a_kind_by_its_word(module):
    """Nothing outside a kind's file compares its word; defaults of sections that may be left out name theirs."""
    words = {word for section in ROOMS for word in shipped_kinds(section) if "-" in word}
    own = {kind.kind for kind in CLASSES.values() if kind.__module__ == module}
    said = {
        node.value
        for node in ast.walk(TREES[module])
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    defaults = {"outer-product-sgd"} if module == "chipsim.spec.chip" else set()
    # A chip that ships is called as the rule that it learns by.
    chips = {"digital-adam"} if module == "chipsim.run.software_chips" else set()
    assert not (words - own - defaults - chips).intersection(said)
