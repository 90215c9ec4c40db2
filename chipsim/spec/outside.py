"""Kinds of one's own: classes of other packages that a description names, run only where they are trusted."""

from __future__ import annotations

import functools
import hashlib
import importlib
import inspect
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib.metadata import entry_points, packages_distributions, version
from pathlib import Path
from types import ModuleType
from typing import Any, Final

import attrs

from chipsim.errors import did_you_mean
from chipsim.spec.chip import ChipSpec, parts_of
from chipsim.spec.kind import Kind
from chipsim.spec.kinds import ROOMS, WITHIN
from chipsim.spec.layer import Layer
from chipsim.spec.trust import is_trusted, trust_file
from chipsim.spec.workload import WorkloadSpec

__all__ = [
    "CONTRACTS",
    "KindError",
    "Outside",
    "is_place",
    "load_kind",
    "load_object",
    "offered_kinds",
    "outside_of",
]

CONTRACTS: Final = {
    "synapse": "chipsim.synapse.synapse:Synapse",
    "device": "chipsim.device.device:Device",
    "tile": "chipsim.tile.tile_kind:TileKind",
    "update": "chipsim.update.update:Update",
    "selector": "chipsim.parts.selector:Policy",
    "interconnect": "chipsim.chip.interconnect:Interconnect",
    "rule": "chipsim.learn.rule:Rule",
    "layer": "chipsim.spec.layer:Layer",
    "drift": "chipsim.drift.drift:Drift",
    "read_noise": "chipsim.noise.read_noise:ReadNoise",
}
"""What the kinds of each section extend."""
_LONGEST: Final = 200
"""Characters of another package's error that are told."""


class KindError(ValueError):
    """A kind of another package that cannot be had, with the reason."""


@attrs.frozen
class Outside:
    """Which code of another package a run was made with."""

    place: str
    """``package.module:Class``."""
    sha256: str
    """Over the files of its package that were loaded, or of the modules beside it where it is none."""
    package: str
    """The installed package and its version; the name alone where it is not installed."""


def is_place(word: str) -> bool:
    """Whether a word names a class of a package rather than a kind.

    Examples
    --------
    >>> is_place("my_tiles.adder:Adder"), is_place("crossbar")
    (True, False)
    """
    return ":" in word


@functools.cache
def offered_kinds(section: str) -> Mapping[str, str]:
    """Kinds that installed packages offer for a section, as ``package.module:Class`` by word; nothing is run.

    A package offers a kind as an entry point of the group ``chipsim.`` and the section, such as
    ``chipsim.tile``.
    """
    offered = entry_points(group=f"chipsim.{section}")
    # Packages may write blanks around the colon of an entry point.
    return {one.name: one.value.replace(" ", "") for one in offered}


def load_kind(section: str, place: str) -> type[Kind]:
    """The class of a kind in another package.

    Parameters
    ----------
    section
        The section that it is for.
    place
        ``package.module:Class``.

    Raises
    ------
    KindError
        When its package is not trusted, fails to import, or has no such class, or when the class is no kind
        of the section.

    Examples
    --------
    >>> load_kind("tile", "somebody.tiles:Tile")  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    ...
    chipsim.spec.outside.KindError: ... is code of the package somebody, which is not trusted, ...
    """
    found = load_object(place)
    contract = load_object(CONTRACTS[section])
    if not (isinstance(found, type) and issubclass(found, Kind)):
        extended = _place_of(contract)
        raise KindError(f"{place} is no kind of {section}: it must be a class that extends {extended}")
    problem = _what_is_wrong(section, found, contract)
    if problem:
        raise KindError(f"{place} {problem}")
    return found


def _what_is_wrong(section: str, found: type[Kind], contract: Any) -> str:
    """What keeps a class from being a kind of a section; empty when nothing does."""
    if not issubclass(found, contract):
        of = getattr(found, "section", "")
        other = f"is no kind of {section}"
        if of and of != section:
            other = f"is a kind of {of}, not of {section}"
        return f"{other}: it must extend {_place_of(contract)}"
    # `attrs.has` is also true of a plain class below one of attrs, whose own fields are no keys.
    if not attrs.has(found) or "__attrs_attrs__" not in vars(found):
        return "is no attrs class: put @attrs.frozen(kw_only=True) above it"
    if not isinstance(getattr(found, "kind", None), str):
        return 'has no word: give it kind: ClassVar[str] = "...", by which results tell what it is'
    return ""


def _holds_kinds(module: str) -> bool:
    """Whether a module of chipsim's is of a room of kinds, or holds what they extend."""
    rooms = (*ROOMS.values(), *WITHIN.values(), "spec")
    return module.count(".") == 2 and module.split(".")[1] in rooms


def _place_of(found: type) -> str:
    return f"{found.__module__}.{found.__name__}"


def load_object(place: str) -> Any:
    """What stands at a place of a package, which is imported if it is trusted.

    Parameters
    ----------
    place
        ``package.module:name``.

    Raises
    ------
    KindError
        When it is not trusted, fails to import, or is not there.
    """
    module, _, name = place.partition(":")
    words = [*module.split("."), name]
    if not all(word.isidentifier() for word in words):
        raise KindError(f"must be package.module:Class, not {place!r}")
    package = module.partition(".")[0]
    # Before it is imported: importing a module runs it.
    if not is_trusted(package):
        ways = f"--trust {package}, chipsim.trust({package!r}) in Python, or a line in {_shown(trust_file())}"
        said = f"{place} is code of the package {package}, which is not trusted, so it was not run"
        raise KindError(f"{said}; trust it by {ways}")
    # Our own code is always trusted, and a description must not have any function of it called.
    if package == "chipsim" and not _holds_kinds(module):
        raise KindError(f"{place} is no kind: kinds that ship are named by their words")
    found = _imported(module)
    if not hasattr(found, name):
        known = [key for key, value in vars(found).items() if _is_class_of(module, value)]
        hint = did_you_mean(name, known)
        listed = f"; it has: {', '.join(known)}" if known else ""
        raise KindError(f"{module} has no {name}{listed}{hint}")
    return getattr(found, name)


def _is_class_of(module: str, value: Any) -> bool:
    """Whether it is a class that a module defines, and not only imports."""
    return isinstance(value, type) and value.__module__ == module


def _shown(path: Path) -> str:
    """A path of the user's, without the name of their home."""
    home = Path.home()
    if not path.is_relative_to(home):
        return path.as_posix()
    return f"~/{path.relative_to(home).as_posix()}"


def _imported(module: str) -> ModuleType:
    with _working_folder():
        try:
            return importlib.import_module(module)
        except ModuleNotFoundError as error:
            # It, or a package around it: what is missing inside of it is its own failure.
            missing = f"{error.name}."
            if error.name is not None and f"{module}.".startswith(missing):
                where = _file_of(module)
                message = f"there is no module {error.name}; install its package, or run where {where} is"
                raise KindError(message) from None
            raise KindError(_failed(module, error)) from None
        except (Exception, SystemExit) as error:  # noqa: BLE001
            # Whatever another package does when it is loaded is told as its own failure.
            raise KindError(_failed(module, error)) from None


def _file_of(module: str) -> str:
    package = module.partition(".")[0]
    return f"the folder {package}" if "." in module else f"{package}.py"


def _failed(module: str, error: BaseException) -> str:
    """The error of another package, short."""
    said = " ".join(str(error).split())
    short = said if len(said) <= _LONGEST else f"{said[:_LONGEST]}..."
    return f"{module} fails to import: {type(error).__name__}: {short}".removesuffix(": ")


@contextmanager
def _working_folder() -> Iterator[None]:
    """A time in which modules right in the folder that a user works in are found, after all others."""
    here = str(Path.cwd())
    if here in sys.path:
        yield
        return
    # At the end: a file of the user's may have the name of a library that we import later.
    sys.path.append(here)
    try:
        yield
    finally:
        sys.path.remove(here)


def outside_of(chip: ChipSpec, workload: WorkloadSpec) -> tuple[Outside, ...]:
    """Which code of other packages a chip and a workload are made of, each class once.

    Examples
    --------
    >>> from chipsim.spec import load_chip, load_workload
    >>> outside_of(load_chip("hybrid-synapse").spec, load_workload("mnist-5k").spec)
    ()
    """
    layers = [layer for layer in workload.network.layers if isinstance(layer, Layer)]
    parts = (*parts_of(chip), *layers)
    every = [one for part in parts for one in (part, *part.within)]
    classes = {type(part) for part in every if not type(part).__module__.startswith("chipsim.")}
    return tuple(sorted((_outside(one) for one in classes), key=lambda one: one.place))


def _outside(found: type) -> Outside:
    module, package = found.__module__, found.__module__.partition(".")[0]
    names = packages_distributions().get(package, ())
    # A package that is installed in parts is named once for each of them, or for each of its files.
    versions = [f"{name} {version(name)}" for name in sorted(set(names))]
    said = ", ".join(versions) or package
    return Outside(f"{module}:{found.__qualname__}", _digest_of(found), said)


def _digest_of(found: type) -> str:
    """Of the files of all modules that came with a class: those of its package, and those beside its file.

    What it imports from other installed packages has a version of its own, and is left out.
    """
    package = found.__module__.partition(".")[0]
    own = inspect.getsourcefile(found)
    beside = Path(own).parent if own else None
    digest = hashlib.sha256()
    # Sorted, for modules stand in the order in which they happened to be imported.
    for name, module in sorted(sys.modules.items()):
        file, root = getattr(module, "__file__", None), name.partition(".")[0]
        # Our own code has a digest of its own in what a result says of its making.
        if not file or root == "chipsim" or not Path(file).is_file():
            continue
        place = Path(file)
        is_beside = "site-packages" not in place.parts and place.parent == beside
        if root == package or is_beside:
            digest.update(name.encode())
            digest.update(hashlib.sha256(place.read_bytes()).digest())
    return digest.hexdigest()
