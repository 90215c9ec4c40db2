"""Whose code may run: packages that the user trusts, by command line, in Python or by a file of theirs."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from chipsim.files import read_limited

__all__ = ["is_trusted", "trust", "trust_file", "trusted"]

_MOST: Final = 64 * 1024
"""Bytes of the file of trusted packages."""
_TRUSTED: Final[set[str]] = set()


def trust(*packages: str) -> None:
    """Let code of packages run that descriptions name, until the process ends.

    Parameters
    ----------
    packages
        Names as they are imported, without what is inside: ``bit_serial_tile``.

    Raises
    ------
    ValueError
        When a name is none that could be imported.

    Examples
    --------
    >>> trust("my_tiles.adder")  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    ...
    ValueError: a package is trusted as a whole, by the name it is imported by, such as my_tiles, not ...
    """
    # As a whole, for whatever is imported from a package runs the code at its top first.
    for package in packages:
        if not (isinstance(package, str) and package.isidentifier()):
            whole = str(package).partition(".")[0].partition(":")[0]
            example = whole if whole.isidentifier() else "my_tiles"
            raise ValueError(
                "a package is trusted as a whole, by the name it is imported by, "
                f"such as {example}, not {package!r}"
            )
    _TRUSTED.update(packages)


def is_trusted(package: str) -> bool:
    """Whether code of a package may run.

    Examples
    --------
    >>> is_trusted("chipsim"), is_trusted("somebody_elses_tiles")
    (True, False)
    """
    return package == "chipsim" or package in _TRUSTED or package in _listed()


def trusted() -> tuple[str, ...]:
    """Packages that this process was told to trust, for those that it starts."""
    return tuple(sorted(_TRUSTED))


def trust_file() -> Path:
    """The user's file of trusted packages, one a line; it need not be there."""
    home = os.environ.get("XDG_CONFIG_HOME") or "~/.config"
    return Path(home).expanduser() / "chipsim" / "trusted"


def _listed() -> set[str]:
    try:
        text = read_limited(trust_file(), most=_MOST).decode("utf-8", "replace")
    except (OSError, ValueError):
        # Without the file, or where it is none, nobody is trusted by it.
        return set()
    lines = (line.partition("#")[0].strip() for line in text.splitlines())
    return {line for line in lines if line}
