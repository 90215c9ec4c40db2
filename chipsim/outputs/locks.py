"""A file that one process at a time can hold, and that says who does."""

from __future__ import annotations

import contextlib
import errno
import json
import os
import socket
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import attrs

_fcntl: Any
try:
    import fcntl as _fcntl
except ImportError:  # not on this system: what the file says has to do
    _fcntl = None

__all__ = ["Holder", "TakenError", "locked"]

_WITHOUT_LOCKS: Final = (errno.ENOLCK, errno.EOPNOTSUPP, errno.ENOSYS, errno.EINVAL)
"""What file systems answer that cannot lock."""
# A link under the name of a claim would have us empty the file that it leads to, whosever that is.
_NO_FOLLOW: Final = getattr(os, "O_NOFOLLOW", 0)
_SETTLED_S: Final = 0.05
"""Time after which two processes that wrote themselves into one file both read the same name in it."""
_MOST_BYTES: Final = 4096


@attrs.frozen(kw_only=True)
class Holder:
    """The process that holds a place.

    Examples
    --------
    >>> print(Holder(pid=12, host="node3", since="2026-01-01 12:00:00 UTC"))
    process 12 on node3, since 2026-01-01 12:00:00 UTC
    """

    pid: int
    host: str
    since: str

    def __str__(self) -> str:
        return f"process {self.pid} on {self.host}, since {self.since}"


class TakenError(Exception):
    """Another process holds the file.

    Parameters
    ----------
    holder
        Who it is; None when the file does not say.
    """

    def __init__(self, holder: Holder | None) -> None:
        self.holder = holder
        super().__init__(str(holder) if holder else "another process")


@contextlib.contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold a file that is made for it and taken away afterwards.

    The system gives a lock back when its process ends, however it ends, so nobody waits for the dead.

    Parameters
    ----------
    path
        The file; the folder that it lies in has to be there.

    Raises
    ------
    TakenError
        When another process holds it.
    OSError
        When the file cannot be made.
    """
    descriptor = _taken(path)
    try:
        yield
    finally:
        # Away first, free then: who has opened the old file meanwhile finds that it is gone, and begins anew.
        with contextlib.suppress(OSError):
            if _is_at(path, descriptor):
                path.unlink()
        os.close(descriptor)


def _taken(path: Path) -> int:
    """The open file, once it is ours."""
    while True:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | _NO_FOLLOW, 0o666)
        try:
            _lock(descriptor)
            # Its last holder may have taken the file away after we opened it: a lock on what has no name any
            # more keeps nobody out, for the next one makes a new file.
            if _is_at(path, descriptor):
                _signed(path, descriptor)
                return descriptor
        except BaseException:
            os.close(descriptor)
            raise
        os.close(descriptor)


def _signed(path: Path, descriptor: int) -> None:
    """Say in the file who holds it."""
    try:
        _write(descriptor, _ourselves())
    except OSError:
        # On a full disk a file can be made and nothing be written into it: the empty one would stay for good.
        with contextlib.suppress(OSError):
            path.unlink()
        raise


def _is_at(path: Path, descriptor: int) -> bool:
    """Whether the path still leads to the file that is open; its last holder may have taken it away."""
    try:
        return os.path.samestat(path.stat(), os.fstat(descriptor))
    except FileNotFoundError:
        return False


def _lock(descriptor: int) -> None:
    if _fcntl is None:
        _lock_by_name(descriptor)
        return
    try:
        _fcntl.flock(descriptor, _fcntl.LOCK_EX | _fcntl.LOCK_NB)
    except BlockingIOError:
        raise TakenError(_read(descriptor)) from None
    except OSError as error:
        if error.errno not in _WITHOUT_LOCKS:
            raise
        _lock_by_name(descriptor)


def _lock_by_name(descriptor: int) -> None:
    """Hold a file by what it says, where the file system has no locks."""
    holder = _read(descriptor)
    if holder is not None and not _is_over(holder):
        raise TakenError(holder)
    ourselves = _ourselves()
    _write(descriptor, ourselves)
    # Another process may have read the same file before we wrote into it. Of two that write, the later one
    # stands there in the end, and both see which it is.
    time.sleep(_SETTLED_S)
    if _read(descriptor) != ourselves:
        raise TakenError(_read(descriptor))


def _is_over(holder: Holder) -> bool:
    """Whether the process is known to have ended; of another computer's nobody here can tell."""
    if holder.host != socket.gethostname():
        return False
    # Signal 0 is never sent: the system only says whether it could be.
    try:
        os.kill(holder.pid, 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    # We do not hold this file yet, so a holder of our number was a process that had it before us.
    return holder.pid == os.getpid()


def _ourselves() -> Holder:
    now = datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
    return Holder(pid=os.getpid(), host=socket.gethostname(), since=now)


def _write(descriptor: int, holder: Holder) -> None:
    os.lseek(descriptor, 0, os.SEEK_SET)
    os.ftruncate(descriptor, 0)
    os.write(descriptor, json.dumps(attrs.asdict(holder)).encode())


def _read(descriptor: int) -> Holder | None:
    os.lseek(descriptor, 0, os.SEEK_SET)
    try:
        said = json.loads(os.read(descriptor, _MOST_BYTES))
        pid, host, since = int(said["pid"]), str(said["host"]), str(said["since"])
    except (ValueError, LookupError, TypeError):
        # Its holder may be writing this very moment, or it is a file of somebody's own.
        return None
    return Holder(pid=pid, host=host, since=since)
