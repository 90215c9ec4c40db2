"""Standard output and error as they are found: closed, full, a pipe that ends early, or of few letters."""

from __future__ import annotations

import codecs
import contextlib
import errno
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, TextIO, cast

__all__ = ["about_failure", "printable", "speaking"]

_PLAIN: Final = {
    "\N{MICRO SIGN}": "u", "\N{GREEK SMALL LETTER MU}": "u", "\N{SUPERSCRIPT TWO}": "2",
    "\N{MULTIPLICATION SIGN}": "x", "\N{EN DASH}": "-", "\N{EM DASH}": "-", "\N{MINUS SIGN}": "-",
    "\N{PLUS-MINUS SIGN}": "+-", "\N{HORIZONTAL ELLIPSIS}": "...", "\N{RIGHTWARDS ARROW}": "->",
    "\N{BOX DRAWINGS LIGHT HORIZONTAL}": "-", "\N{BOX DRAWINGS HEAVY HORIZONTAL}": "-",
    "\N{BOX DRAWINGS LIGHT VERTICAL}": "|", "\N{BOX DRAWINGS HEAVY VERTICAL}": "|",
}  # fmt: skip
"""What stands for a letter that the terminal does not have."""
_CORNERS: Final = range(0x250C, 0x2580)
"""The box drawings in which lines meet."""


def _plain(error: UnicodeError) -> tuple[str, int]:
    assert isinstance(error, UnicodeEncodeError), "only asked for what is written"
    found = ""
    for letter in error.object[error.start : error.end]:
        other = "+" if ord(letter) in _CORNERS else "?"
        found += _PLAIN.get(letter, other)
    return found, error.end


codecs.register_error("chipsim-plain", _plain)


class _Forgiving:
    """A stream whose failure stops nothing: a note that nobody can read is no reason to lose a run."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    def write(self, text: str) -> int:
        try:
            self._stream.write(text)
        except OSError:
            self._silence()
        return len(text)

    def flush(self) -> None:
        try:
            self._stream.flush()
        except OSError:
            self._silence()

    def _silence(self) -> None:
        """Send what is still held back, and all that follows, nowhere.

        The interpreter writes out what a stream holds when it ends, and would end with a code of its own.
        """
        with contextlib.suppress(OSError, ValueError), Path(os.devnull).open("wb") as nowhere:
            os.dup2(nowhere.fileno(), self._stream.fileno())


@contextlib.contextmanager
def speaking() -> Iterator[None]:
    """While a command runs, standard output and error take whatever is printed.

    Letters that a terminal does not have are written with those that it has; what is closed takes everything
    and shows nothing. A full or closed standard error stops nothing; a full standard output ends the command.
    """
    before = sys.stdout, sys.stderr
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            # The next file that is opened would get its number otherwise.
            setattr(sys, name, Path(os.devnull).open("w", encoding="utf-8"))  # noqa: SIM115
        # What somebody put in the place of a stream, such as a StringIO, need not know how.
        with contextlib.suppress(AttributeError, OSError):
            getattr(sys, name).reconfigure(errors="chipsim-plain")
    # Only standard error: what a command prints on the other is what it was called for.
    sys.stderr = cast("TextIO", _Forgiving(sys.stderr))
    try:
        yield
    finally:
        sys.stderr = before[1]
        if before[0] is None:
            sys.stdout = before[0]


def about_failure(error: OSError) -> str:
    """What a user is told of a failure that no part of the program expected.

    Parameters
    ----------
    error
        What the system said.

    Examples
    --------
    >>> about_failure(OSError(28, "No space left on device", "runs/a"))
    'runs/a: No space left on device'
    """
    reason = error.strerror or str(error)
    if error.filename is not None:
        return f"{error.filename}: {reason}"
    # What asks for the current folder names no file in its error, and a write to a stream neither.
    try:
        Path.cwd()
    except OSError:
        return f"the current folder is gone, or may not be searched ({reason}); change to another"
    if error.errno in (errno.ENOSPC, errno.EIO, errno.EBADF):
        return f"what is printed, or saved, cannot be written: {reason}"
    return reason


def printable(text: str) -> str:
    r"""A text whose control characters are spelt out, so that no name can command a terminal.

    Examples
    --------
    >>> print(printable("red: \x1b[31m"))
    red: \x1b[31m
    """
    return "".join(map(_spelt_out, text))


def _spelt_out(letter: str) -> str:
    if letter.isprintable() or letter == "\n":
        return letter
    return repr(letter).strip("'")
