"""What every kind of part is: one frozen class that holds what a description says of it, and what it does."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

import attrs

from chipsim.spec.fault import Fault

__all__ = ["Kind"]


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

    def faults(self, chip: Any) -> Iterable[Fault]:  # noqa: ARG002
        """What is wrong with it on its chip, beyond the checks of single fields.

        Parameters
        ----------
        chip
            The whole description.
        """
        return ()
