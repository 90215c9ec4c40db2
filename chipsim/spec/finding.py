"""Finding a description by name or path: in the user's folder first, then among those shipped."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Final, Literal, TypeAlias

from chipsim.errors import DescriptionError, Problem, did_you_mean
from chipsim.files import read_limited
from chipsim.limits import DESCRIPTION_BYTES

__all__ = [
    "Folder",
    "find",
    "find_any",
    "find_base",
    "find_shipped",
    "is_path",
    "read_text",
    "shipped_names",
    "ships",
    "user_names",
]

Folder: TypeAlias = Literal["architectures", "workloads", "costs", "devices"]
"""The kinds of description, by the folders that hold them."""

_FOLDERS: Final[dict[Folder, Path]] = {
    "architectures": Path("architectures"),
    "workloads": Path("workloads"),
    "costs": Path("architectures", "costs"),
    "devices": Path("architectures", "devices"),
}
_SINGULAR: Final[dict[Folder, str]] = {
    "architectures": "chip",
    "workloads": "workload",
    "costs": "cost set",
    "devices": "device",
}
_PACKAGE: Final = Path(__file__).resolve().parents[1]


def shipped_names(kind: Folder) -> tuple[str, ...]:
    """The names of one kind of description that ship with chipsim, sorted.

    Examples
    --------
    >>> "hybrid-synapse" in shipped_names("architectures")
    True
    """
    return _names_in(_shipped() / _FOLDERS[kind])


def user_names(kind: Folder) -> tuple[str, ...]:
    """The names in the user's folder of one kind of description, sorted; none where that is the one shipped.

    Examples
    --------
    >>> user_names("architectures")
    ()
    """
    folder = _FOLDERS[kind]
    # In a source checkout, the folder of that name is the one that ships.
    return () if folder.resolve() == (_shipped() / folder).resolve() else _names_in(folder)


def find(name_or_path: str | Path, kind: Folder) -> tuple[Path, str]:
    """The file of a description, and what to call it in messages.

    Raises
    ------
    DescriptionError
        When no description has that name; the message lists those that there are.
    """
    if is_path(name_or_path):
        # A control character in a name would command the terminal that a message is printed on.
        written = str(name_or_path)
        return Path(name_or_path), written if written.isprintable() else ascii(written)
    name = str(name_or_path)
    folder = _FOLDERS[kind]
    near = (Path(f"{name}.yaml"), folder / f"{name}.yaml")
    for path in near:
        if _is_file(path):
            return path, path.as_posix()
    shipped = _shipped() / folder / f"{name}.yaml"
    if name and _is_file(shipped):
        return shipped, (folder / f"{name}.yaml").as_posix()
    raise DescriptionError([Problem(message=_unknown(name, kind))])


def find_base(name_or_path: str, beside: Path, kind: Folder | None = None) -> tuple[Path, str]:
    """The file of a description that another one extends, and what to call it in messages.

    Parameters
    ----------
    name_or_path
        As it is written there: a path counts from the folder of the file, a name is looked up in that folder
        first.
    beside
        The file that names it.
    kind
        Of which kind it has to be; None for any.

    Raises
    ------
    DescriptionError
        When there is none.
    """
    if is_path(name_or_path):
        near = beside.parent / name_or_path
        return near, near.as_posix()
    near = beside.parent / f"{name_or_path}.yaml"
    # A file by the name of one that ships may extend that one.
    if near != beside and _is_file(near):
        return near, near.as_posix()
    path, file = find_any(name_or_path) if kind is None else find(name_or_path, kind)
    if not path.is_absolute() and _is_same(path, beside):
        return _shipped_instead(name_or_path, kind) or (path, file)
    return path, file


def _is_same(path: Path, other: Path) -> bool:
    return _is_file(path) and _is_file(other) and path.resolve() == other.resolve()


def _shipped_instead(name: str, kind: Folder | None) -> tuple[Path, str] | None:
    for one in _FOLDERS if kind is None else (kind,):
        path, file = find_shipped(name, one)
        if _is_file(path):
            return path, file
    return None


def find_shipped(name: str, kind: Folder) -> tuple[Path, str]:
    """The file of a description that ships, and what to call it in messages.

    Examples
    --------
    >>> find_shipped("cmos-32nm", "costs")[1]
    'architectures/costs/cmos-32nm.yaml'
    """
    file = _FOLDERS[kind] / f"{name}.yaml"
    return _shipped() / file, file.as_posix()


def ships(file: str) -> bool:
    """Whether a file, as messages call it, is one that ships: not one of the user's.

    Examples
    --------
    >>> ships("architectures/costs/cmos-32nm.yaml"), ships("")
    (True, False)
    """
    # Messages call both by a path from their own folder: what is there in the user's was read first.
    if not _is_file(Path(file)):
        return bool(file) and _is_file(_shipped() / file)
    return _shipped().resolve() in Path(file).resolve().parents


def find_any(name_or_path: str | Path) -> tuple[Path, str]:
    """The file of a description of whichever kind, and what to call it in messages.

    Raises
    ------
    DescriptionError
        When no description has that name.

    Examples
    --------
    >>> find_any("mnist-5k")[1]
    'workloads/mnist-5k.yaml'
    """
    # A file that is there is meant as one, whatever its name ends in.
    if _is_file(Path(name_or_path)):
        name_or_path = Path(name_or_path)
    for kind in _FOLDERS:
        with contextlib.suppress(DescriptionError):
            return find(name_or_path, kind)
    name = str(name_or_path)
    every = {one for kind in _FOLDERS for one in shipped_names(kind) + user_names(kind)}
    known = sorted(every)
    message = f"there is no chip, workload, cost set or device {name!r}; known: {', '.join(known)}"
    raise DescriptionError([Problem(message=f"{message}{did_you_mean(name, known)}")])


def read_text(path: Path, *, shown_as: str) -> str:
    """The text of a description's file.

    Raises
    ------
    DescriptionError
        When it is not there, a folder, unreadable, too large, or not UTF-8.
    """
    try:
        raw = read_limited(path, most=DESCRIPTION_BYTES)
    except FileNotFoundError:
        message = f"there is no such file{did_you_mean(path.name, _siblings(path))}"
    except IsADirectoryError:
        message = "is a folder; name one description in it"
    except OSError as error:
        message = f"cannot be read: {error.strerror or error}"
    except ValueError as error:
        # Of a path that no system takes, or of what is no usual file.
        message = f"cannot be read: {error}"
    else:
        try:
            # Editors may begin a file with a mark that says it is UTF-8: it is no part of the text.
            return raw.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            line = raw.count(b"\n", 0, error.start) + 1
            message = f"is not UTF-8 text (byte 0x{raw[error.start]:02x})"
            raise DescriptionError([Problem(file=shown_as, line=line, message=message)]) from None
    raise DescriptionError([Problem(file=shown_as, message=message)])


def is_path(name_or_path: str | Path) -> bool:
    """Whether it is meant as the path of a file, not as a name that is looked up.

    Examples
    --------
    >>> is_path("mine/chip.yaml"), is_path("gain-0.5")
    (True, False)
    """
    if isinstance(name_or_path, Path):
        return True
    suffix = Path(name_or_path).suffix
    # A name may end in a decimal number, as in `gain-0.5`.
    has_suffix = bool(suffix) and not suffix[1:].isdigit()
    return has_suffix or "/" in name_or_path or "\\" in name_or_path


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    # Systems refuse to look up a name that is too long, and Python one with a zero byte.
    except (OSError, ValueError):
        return False


def _shipped() -> Path:
    """Where descriptions ship: inside an installed package, or at the top of a source checkout."""
    inside = _PACKAGE / "shipped"
    return inside if inside.is_dir() else _PACKAGE.parent


def _names_in(folder: Path) -> tuple[str, ...]:
    return tuple(sorted(path.stem for path in folder.glob("*.yaml")))


def _siblings(path: Path) -> tuple[str, ...]:
    try:
        return tuple(sorted(other.name for other in path.parent.glob("*.y*ml")))
    except (OSError, ValueError):
        return ()


def _unknown(name: str, kind: Folder) -> str:
    names = sorted({*_names_in(_FOLDERS[kind]), *shipped_names(kind)})
    others = [other for other in _FOLDERS if other != kind and name in shipped_names(other)]
    hint = did_you_mean(name, names)
    # On a command line, chip and workload are easily exchanged.
    if others:
        hint = f"; {name!r} is a {_SINGULAR[others[0]]}"
    if not hint and kind == "architectures":
        # What commands show is named as chips are.
        near = did_you_mean(name, shipped_names("devices"))
        hint = near.replace("did you mean", "did you mean the device")
    known = f"known: {', '.join(names)}{hint}"
    return f"there is no {_SINGULAR[kind]} {name!r}; {known}"
