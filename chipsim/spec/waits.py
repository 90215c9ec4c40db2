"""Times that a trained chip waits until it is tested, as scenarios say them and as figures are called."""

from __future__ import annotations

from chipsim.spec.nodes import Node, shown
from chipsim.spec.structure import structure
from chipsim.units import DURATION, Ns, show

__all__ = ["wait_words", "waits_of_node"]


def wait_words(wait: int) -> str:
    """A time as all of it is written, which reads back the same.

    Parameters
    ----------
    wait
        Nanoseconds.

    Examples
    --------
    >>> wait_words(3_600_000_000_000), wait_words(3_600_000_000_001)
    ('1 h', '3600000000001 ns')
    """
    words = show(wait, DURATION)
    return words if DURATION.read(words) == wait else f"{wait} ns"


def waits_of_node(node: Node) -> tuple[Ns, ...]:
    """Times of a scenario, one or a list of them, in ascending order.

    Raises
    ------
    DescriptionError
        When one is no time, not more than none, or there twice; or when there is none.
    """
    entries = node.value if isinstance(node.value, list) else [node]
    if not entries:
        raise node.error("has no time; leave it out, and no chip waits")
    found: dict[Ns, Node] = {}
    for entry in entries:
        wait: Ns = structure(entry, Ns)
        # Training ends in the test of its last epoch: waiting for nothing is that one.
        if wait <= 0:
            raise entry.error(f"must be more than 0, not {shown(entry)}")
        if wait in found:
            raise entry.error(f"{wait_words(wait)} is given twice")
        found[wait] = entry
    return tuple(sorted(found))
