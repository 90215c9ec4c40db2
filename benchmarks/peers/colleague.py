"""The driver's end of a process at work: started, asked line by line, and ended."""

from __future__ import annotations

import json
import os
import queue
import subprocess
import tempfile
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final, Self

from benchmarks.machine import pinned
from chipsim.errors import ChipsimError

__all__ = ["Colleague"]

_PATIENCE_S: Final = 600
"""How long an answer may take."""
_LEAVING_S: Final = 10
_ANSWERS: Final = {"prepare": "prepared", "train": "seconds", "tell": "told"}
"""What the answer to each question has."""
_TOLD: Final = 3
"""Last lines of what a process said that are told when it fails."""


class Colleague:
    """A process that trains when it is asked to.

    Parameters
    ----------
    name
        What it is called in messages.
    command
        How it is started.
    folder
        Where.
    patience_s
        Seconds that an answer may take.

    Raises
    ------
    ChipsimError
        When it cannot be started, or does not say what it is.
    """

    def __init__(
        self, name: str, command: Sequence[str], *, folder: Path, patience_s: float = _PATIENCE_S
    ) -> None:
        self.name = name
        self._patience_s = patience_s
        # A file and no pipe: nobody reads it until something fails, and a pipe would fill.
        self._said = tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace")  # noqa: SIM115
        how: dict[str, Any] = {"cwd": folder, "env": pinned(os.environ), "stderr": self._said}
        try:
            self._process = subprocess.Popen(  # noqa: S603
                [*command], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8", **how
            )
        except OSError as error:
            self._said.close()
            raise ChipsimError(f"{name}: {command[0]} cannot be started: {error.strerror}") from error
        self._lines: queue.Queue[str] = queue.Queue()
        # A pipe cannot be waited for with a limit everywhere; a queue can.
        self._listener = threading.Thread(target=self._listen, daemon=True)
        self._listener.start()
        try:
            hello = self._answer("versions", "names")
        except ChipsimError:
            self.close()
            raise
        self.versions: dict[str, str] = hello["versions"]
        self.names: tuple[str, ...] = tuple(hello["names"])
        """The networks that it can train."""

    def _listen(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self._lines.put(line)
        # The end of the pipe, for no line is empty.
        self._lines.put("")

    def ask(self, what: str, name: str, **more: Any) -> dict[str, Any]:
        """The answer to one question.

        Parameters
        ----------
        what
            ``prepare``, ``train`` or ``tell``.
        name
            The network.
        more
            What else belongs to the question.

        Raises
        ------
        ChipsimError
            When the process has ended, answers with an error or with something else, or takes too long.
        """
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(json.dumps({"do": what, "name": name, **more}) + "\n")
            self._process.stdin.flush()
        except OSError as error:
            raise ChipsimError(f"{self.name}: {self._last_words()}") from error
        return self._answer(_ANSWERS[what])

    def _answer(self, *wanted: str) -> dict[str, Any]:
        try:
            line = self._lines.get(timeout=self._patience_s)
        except queue.Empty as error:
            raise ChipsimError(f"{self.name}: gave no answer within {self._patience_s:g} s") from error
        if not line:
            raise ChipsimError(f"{self.name}: {self._last_words()}")
        try:
            answer = json.loads(line)
        except ValueError as error:
            raise ChipsimError(f"{self.name}: answers {line.strip()!r:.60}, which is no JSON") from error
        if not isinstance(answer, Mapping):
            raise ChipsimError(f"{self.name}: answers {line.strip()!r:.60}, which is no object")
        if "error" in answer:
            raise ChipsimError(f"{self.name}: {answer['error']}")
        missing = " and ".join(repr(key) for key in wanted if key not in answer)
        if missing:
            raise ChipsimError(f"{self.name}: answers {line.strip()!r:.60}, which has no {missing}")
        return dict(answer)

    def _last_words(self) -> str:
        try:
            ended = f"its process ended with {self._process.wait(_LEAVING_S)}"
        except subprocess.TimeoutExpired:
            ended = "its process has closed the pipe that it answers by, and goes on"
        self._said.seek(0)
        lines = [line.strip() for line in self._said if line.strip()]
        said = " / ".join(lines[-_TOLD:]) or "nothing"
        return f"{ended}, and the last that it said was: {said}"

    def close(self) -> None:
        """End the process."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        # With nothing more to be asked it ends by itself; whoever is stuck is ended.
        try:
            self._process.stdin.close()
            self._process.wait(_LEAVING_S)
        except (OSError, subprocess.TimeoutExpired):
            self._process.kill()
            self._process.wait()
        # Who started a process may have left it the pipe: the listener is not waited for without end.
        self._listener.join(_LEAVING_S)
        self._process.stdout.close()
        self._said.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
