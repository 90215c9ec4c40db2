"""Kinds of other packages: found by their place or by the word that they offer, run only where trusted."""

from __future__ import annotations

import sys

import pytest

import chipsim
from chipsim.run import prepare
from chipsim.spec import load_chip, load_workload, outside, trust
from chipsim.spec.kinds import ROOMS, WITHIN, shipped_kind, shipped_kinds
from chipsim.spec.outside import offered_kinds, outside_of
from tests.spec.messages import fails

SLOW = '''
from pathlib import Path
from typing import ClassVar

import attrs

from chipsim.chip.bus import Bus
from chipsim.layer.max_pool import MaxPool
from chipsim.tile.crossbar import Crossbar

Path("was-run").touch()


@attrs.frozen(kw_only=True)
class Slow(Crossbar):
    """A crossbar that waits."""

    kind: ClassVar[str] = "slow"
    waiting: int = 1
    """Cycles."""


@attrs.frozen(kw_only=True)
class Pool(MaxPool):
    """A pool."""

    kind: ClassVar[str] = "pool"


@attrs.frozen(kw_only=True)
class Wordless(Bus):
    kind = None


class Plain(Bus):
    """A class that attrs has not seen."""

    kind: ClassVar[str] = "plain"


class Nothing:
    """No kind at all."""


number = 3


def digits():
    """Six pixels in two classes."""
    import numpy as np
    from chipsim.data import from_arrays

    images = np.eye(6, dtype=np.float32)
    return from_arrays("anything", train=(images, [0, 1] * 3), test=(images, [0, 1] * 3))


def text():
    """No dataset."""
    return "text"


def broken():
    """Nor this."""
    raise ZeroDivisionError("half a reason")
'''


@pytest.fixture
def package(tmp_path, monkeypatch):
    """A module slow_tiles in the folder that one works in, not trusted yet; everything is forgotten afterwards."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setattr(trust, "_TRUSTED", set())
    (tmp_path / "slow_tiles.py").write_text(SLOW, encoding="utf-8")
    offered_kinds.cache_clear()
    yield tmp_path
    for name in [
        name for name in sys.modules if name.partition(".")[0] in {"slow_tiles", "broken_tiles", "absent"}
    ]:
        del sys.modules[name]
    offered_kinds.cache_clear()


def chip(place, *sets, section="tile"):
    """A chip with a kind of one's own."""
    return load_chip("single-pair", sets=[f"{section}.kind={place}", *sets])


def refused(place, section="tile"):
    """What is said of a kind, without where it stands."""
    said = fails(chip, place, section=section)
    return said.removeprefix(f"{section}.kind: ").partition(" (from --set")[0]


def test_code_that_nobody_trusts_is_not_run(package):
    """The refusal says whose code it is and the three ways to trust it; nothing was imported."""
    assert refused("slow_tiles:Slow") == (
        "slow_tiles:Slow is code of the package slow_tiles, which is not trusted, so it was not run; trust it by --trust "
        f"slow_tiles, chipsim.trust('slow_tiles') in Python, or a line in {package.as_posix()}/config/chipsim/trusted"
    )
    assert "slow_tiles" not in sys.modules
    assert not (package / "was-run").exists()


def test_a_trusted_kind_is_read_built_and_saved(package):
    """In the folder that one works in, with keys of its own, whose checks hold; its digest is known."""
    chipsim.trust("slow_tiles")
    described = chip("slow_tiles:Slow", "tile.waiting=3")
    assert described.spec.tile.waiting == 3
    assert (package / "was-run").exists()
    assert prepare(described, "mnist-5k", seed=None).chip.tiles
    (found,) = outside_of(described.spec, load_workload("mnist-5k").spec)
    assert (found.place, len(found.sha256), found.package) == ("slow_tiles:Slow", 64, "slow_tiles")
    assert fails(chip, "slow_tiles:Slow", "tile.wating=3").startswith(
        "tile.wating: unknown key 'wating'; known: "
    )


def test_the_file_of_trusted_packages(package):
    """One a line, with remarks; other lines trust nobody."""
    folder = package / "config" / "chipsim"
    folder.mkdir(parents=True)
    (folder / "trusted").write_text("# mine\n\nother_tiles\nslow_tiles  # since May\n", encoding="utf-8")
    assert chip("slow_tiles:Slow").spec.tile.waiting == 1
    assert not trust.is_trusted("mine")
    (folder / "trusted").write_bytes(b"\xff\xfe")
    assert not trust.is_trusted("slow_tiles")


@pytest.mark.parametrize(
    ("place", "section", "message"),
    [
        ("slow_tiles:Slwo", "tile",
         "slow_tiles has no Slwo; it has: Slow, Pool, Wordless, Plain, Nothing; did you mean 'Slow'?"),
        ("slow_tiles:Nothing", "tile",
         "slow_tiles:Nothing is no kind of tile: it must be a class that extends chipsim.tile.tile_kind.TileKind"),
        ("slow_tiles:number", "tile",
         "slow_tiles:number is no kind of tile: it must be a class that extends chipsim.tile.tile_kind.TileKind"),
        ("slow_tiles:Slow", "interconnect",
         "slow_tiles:Slow is a kind of tile, not of interconnect: it must extend chipsim.chip.interconnect.Interconnect"),
        ("slow_tiles:Plain", "interconnect",
         "slow_tiles:Plain is no attrs class: put @attrs.frozen(kw_only=True) above it"),
        ("slow_tiles:Wordless", "interconnect",
         'slow_tiles:Wordless has no word: give it kind: ClassVar[str] = "...", by which results tell what it is'),
        ("slow_tiles.deep:Slow", "tile",
         "there is no module slow_tiles.deep; install its package, or run where the folder slow_tiles is"),
        ("slow tiles:Slow", "tile", "must be package.module:Class, not 'slow tiles:Slow'"),
        ("absent:Slow", "tile", "there is no module absent; install its package, or run where absent.py is"),
    ],
)  # fmt: skip
def test_what_is_no_kind_is_refused(package, place, section, message):
    """Each with what it should be."""
    chipsim.trust("slow_tiles", "absent")
    assert refused(place, section) == message


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("raise RuntimeError('no card in the slot')", "broken_tiles fails to import: RuntimeError: no card in the slot"),
        ("import nowhere_to_be_found", "broken_tiles fails to import: ModuleNotFoundError: No module named 'nowhere_to_be_found'"),
        ("raise ValueError", "broken_tiles fails to import: ValueError"),
        ("raise ValueError('x' * 999)", f"broken_tiles fails to import: ValueError: {'x' * 200}..."),
    ],
)  # fmt: skip
def test_a_package_that_fails_to_import(package, code, message):
    """Its own error, short."""
    (package / "broken_tiles.py").write_text(code, encoding="utf-8")
    chipsim.trust("broken_tiles")
    assert refused("broken_tiles:Slow") == message


def test_a_layer_of_ones_own(package):
    """In the list of layers."""
    layers = "[[28, 28, 1], {kind: convolution, kernels: 2, size: 3}, {kind: 'slow_tiles:Pool', size: 2}, 10]"
    said = fails(load_workload, "mnist-5k", sets=[f"network.layers={layers}"])
    assert said.startswith(
        "network.layers.2.kind: slow_tiles:Pool is code of the package slow_tiles, which is not trusted"
    )
    chipsim.trust("slow_tiles")
    work = load_workload("mnist-5k", sets=[f"network.layers={layers}"])
    (found,) = outside_of(load_chip("single-pair").spec, work.spec)
    assert found.place == "slow_tiles:Pool"


@pytest.mark.parametrize(
    ("name", "message"),
    [
        (
            "slow_tiles:text",
            "slow_tiles:text gives str, not a Dataset such as chipsim.data.from_arrays makes",
        ),
        ("slow_tiles:broken", "slow_tiles:broken fails to make a dataset: ZeroDivisionError: half a reason"),
        (
            "slow_tiles:number",
            "slow_tiles:number makes no dataset: it must be a function or class that gives a chipsim.data.Dataset",
        ),
    ],
)
def test_a_dataset_that_cannot_be_made(package, name, message):
    """Told where the phase names it."""
    sets = [f"phases.0.dataset={{name: '{name}'}}"]
    chipsim.trust("slow_tiles")
    said = fails(prepare, "digital-fp32", "mnist-5k", sets=sets, seed=None)
    assert said.partition(" (from --set")[0] == f"phases[name=train].dataset.name: {message}"


def test_a_dataset_of_ones_own(package):
    """Its images have to fit the network, and it is trained on."""
    sets = ["phases.0.dataset={name: 'slow_tiles:digits'}", "network.layers=[6, 4, 2]", "batch=2"]
    assert "which is not trusted" in fails(prepare, "digital-fp32", "mnist-5k", sets=sets, seed=None)
    assert not (package / "was-run").exists()
    chipsim.trust("slow_tiles")
    result = chipsim.simulate("digital-fp32", "mnist-5k", sets=sets, epochs=1)
    assert result.summary["steps"] == 3
    (data,) = result.provenance["datasets"]
    assert data["origin"] == "made by slow_tiles:digits: arrays"
    assert "must begin with 6" in fails(prepare, "digital-fp32", "mnist-5k", sets=sets[:1], seed=None)


def offer(package, group="chipsim.tile"):
    """An installed package that offers a kind, as its metadata say."""
    info = package / "slow_tiles-2.5.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(
        "Metadata-Version: 2.1\nName: slow-tiles\nVersion: 2.5\n", encoding="utf-8"
    )
    (info / "entry_points.txt").write_text(
        f"[{group}]\nslow = slow_tiles:Slow\ncrossbar = slow_tiles:Slow\n", encoding="utf-8"
    )
    (info / "top_level.txt").write_text("slow_tiles\n", encoding="utf-8")
    (info / "RECORD").write_text("slow_tiles.py,,\n", encoding="utf-8")


def test_a_word_that_an_installed_package_offers(package, monkeypatch):
    """Listed and offered without being run; what ships keeps its words."""
    offer(package)
    monkeypatch.syspath_prepend(str(package))
    assert offered_kinds("tile")["slow"] == "slow_tiles:Slow"
    assert refused("slwo") == "unknown kind 'slwo'; known: crossbar, mac, slow; did you mean 'slow'?"
    assert refused("slow").startswith(
        "slow_tiles:Slow is code of the package slow_tiles, which is not trusted"
    )
    assert not (package / "was-run").exists()
    assert type(chip("crossbar").spec.tile).__module__ == "chipsim.tile.crossbar"
    chipsim.trust("slow_tiles")
    described = chip("slow")
    assert described.spec.tile.kind == "slow"
    (found,) = outside_of(described.spec, load_workload("mnist-5k").spec)
    assert found.package == "slow-tiles 2.5"


@pytest.mark.parametrize(
    ("given", "example"),
    [
        ("my_tiles.adder", "my_tiles"),
        ("my_tiles:Adder", "my_tiles"),
        ("my tiles", "my_tiles"),
        ("", "my_tiles"),
    ],
)
def test_a_package_is_trusted_as_a_whole(given, example):
    """Code of a part of it can run all the rest."""
    with pytest.raises(ValueError, match="a package is trusted as a whole") as caught:
        chipsim.trust(given)
    assert str(caught.value).endswith(f"such as {example}, not {given!r}")


def test_every_section_has_a_contract():
    """What kinds of each section extend, and those that ship do."""
    assert outside.CONTRACTS.keys() == {*ROOMS, *WITHIN}
    for section in outside.CONTRACTS:
        for word in shipped_kinds(section):
            kind = shipped_kind(section, word)
            assert outside.load_kind(section, f"{kind.__module__}:{kind.__name__}") is kind
