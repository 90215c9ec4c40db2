"""What a chip ended with, packed and compressed, for runs that start from it."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable
from typing import Any, Final

from chipsim.errors import OutputError
from chipsim.limits import STATE_TEXT_BYTES
from chipsim.packing import Onward, read_packed, write_packed

__all__ = ["KeptState"]

_PIECE: Final = 2**20


class KeptState:
    """The state of a chip, its rule and its figures, in few bytes; read and unpacked when it is asked for.

    Parameters
    ----------
    content
        The packed state.
    read
        Gives it instead.
    most
        Bytes that it unpacks to at most; None for a state of this process.
    """

    def __init__(
        self, content: bytes = b"", *, read: Callable[[], bytes] | None = None, most: int | None = None
    ) -> None:
        self._content, self._read, self._most = content, read, most

    @classmethod
    def of(cls, state: dict[str, Any]) -> KeptState:
        """A state packed now; what becomes of it later changes nothing.

        Examples
        --------
        >>> KeptState.of({"pair": 1}).state()
        {'pair': 1}
        """
        # Slow to import, and only saving and reading need it.
        import pyarrow as pa  # noqa: PLC0415

        # Hands its bytes out as they are. A buffer of Arrow's has to be copied, and its memory is held for
        # what Arrow does later, at the very moment when a run takes most of all.
        sink = io.BytesIO()
        # Three times as quick as what archives of numpy know, for as few bytes.
        with pa.CompressedOutputStream(pa.PythonFile(Onward(sink.write), "w"), "zstd") as file:
            write_packed(file, state)
        return cls(sink.getvalue())

    @property
    def content(self) -> bytes:
        """The packed state, compressed by zstd."""
        return self._content if self._read is None else self._read()

    @property
    def sha256(self) -> str:
        """Its digest: that of its file."""
        return hashlib.sha256(self.content).hexdigest()

    def state(self) -> dict[str, Any]:
        """The state.

        Raises
        ------
        OutputError
            When it is none of this version, or unpacks to more than it may.
        """
        content = self.content
        try:
            found: dict[str, Any] = read_packed(self._unpacked(content), most_text=STATE_TEXT_BYTES)
        except Exception as error:
            # Whole, and yet not what is written here: its reader may stumble anywhere.
            raise OutputError(f"the state of the result cannot be read ({error}); run it again") from error
        return found

    def _unpacked(self, content: bytes) -> io.BytesIO:
        import pyarrow as pa  # noqa: PLC0415

        unpacked = io.BytesIO()
        with pa.CompressedInputStream(pa.BufferReader(content), "zstd") as file:
            # Whoever packed it says nowhere to how much: that shows piece by piece.
            while piece := file.read(_PIECE):
                unpacked.write(piece)
                if self._most is not None and unpacked.tell() > self._most:
                    raise ValueError(f"it unpacks to more than the {self._most:,} bytes that it can have")
        return unpacked

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, KeptState):
            return NotImplemented
        return self.content == other.content

    __hash__ = None  # type: ignore[assignment]  # it may be read anew
