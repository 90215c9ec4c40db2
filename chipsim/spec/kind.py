"""What every kind of part is: one frozen class that holds what a description says of it, and what it does."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, ClassVar

import attrs

from chipsim.spec.fault import Fault
from chipsim.spec.paths import Key, Step

__all__ = ["Kind", "Unread"]


@attrs.frozen
class Unread:
    """A key that may be given and that nothing would read."""

    path: tuple[Key, ...]
    decides: tuple[Key, ...]
    """The key that rules it out."""
    why: str
    nothing: Any = None
    """A value that may stand there all the same, for it asks for nothing."""


@attrs.frozen(kw_only=True)
class Kind:
    """One kind of a section of a description, such as ``bus`` of ``interconnect``.

    A subclass is a frozen attrs class of its own. Its fields are the keys that the section may have, the
    docstring after each is its line on the page of keys, and their validators are the checks of single
    values. Each section has a base class of its own, which says what its kinds have to do.

    Examples
    --------
    >>> from chipsim.spec import load_chip
    >>> bus = load_chip("hybrid-synapse").spec.interconnect
    >>> bus.section, bus.kind
    ('interconnect', 'bus')
    """

    section: ClassVar[str]
    """The key of a chip's description that holds it."""
    kind: ClassVar[str]
    """The word that chooses it."""
    needs: ClassVar[frozenset[str]] = frozenset()
    """What another part of its chip has to offer."""
    offers: ClassVar[frozenset[str]] = frozenset()
    """What it does for other parts."""
    example: ClassVar[Mapping[str, Any]] = {}
    """Keys to try it with, as a description has them, where those that ship and simple values will not do."""
    read_when_frozen: ClassVar[frozenset[str]] = frozenset()
    """Keys of an update that matter where weights are written once and never learn."""
    keeps_sums: ClassVar[bool] = False
    """Whether a whole batch of weighted sums has to be kept until its errors come back."""

    @property
    def within(self) -> tuple[Kind, ...]:
        """Kinds that stand within its section, such as the read noise of a device."""
        values = [getattr(self, field.name) for field in attrs.fields(type(self))]
        return tuple(value for value in values if isinstance(value, Kind))

    def faults(self, chip: Any) -> Iterable[Fault]:  # noqa: ARG002
        """What is wrong with it on its chip, beyond the checks of single fields.

        Parameters
        ----------
        chip
            The whole description.
        """
        return ()

    def faults_with(self, chip: Any, workload: Any) -> Iterable[Fault]:  # noqa: ARG002
        """What its chip cannot do for a workload; paths are the chip's."""
        return ()

    def workload_faults(self, chip: Any, workload: Any) -> Iterable[Fault]:  # noqa: ARG002
        """What of a workload it does not know; paths are the workload's."""
        return ()

    def warnings(self, chip: Any, workload: Any) -> Iterable[str]:  # noqa: ARG002
        """What the chip cannot learn of a workload for its sake; it runs all the same.

        Parameters
        ----------
        chip, workload
            Descriptions that fit each other.
        """
        return ()

    def unread(self) -> Iterable[Unread]:
        """Keys of its section that nothing reads, as it is described."""
        return ()

    def idealised(self) -> Iterable[str]:
        """What it is taken to do better, or for less, than hardware could, a sentence each."""
        return ()

    def reads(self, price: Sequence[Step]) -> bool:  # noqa: ARG002
        """Whether it is charged by a price, given by the keys that lead to it in a cost set."""
        return False
