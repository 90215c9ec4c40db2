"""What chips are taken to do better, or for less, than one could, as their results say it."""

from __future__ import annotations

from collections.abc import Sequence

from chipsim.result import Result
from chipsim.result.standing import groups_of
from chipsim.wording import joined

__all__ = ["idealised_by_group"]


def idealised_by_group(results: Sequence[Result]) -> list[tuple[str, list[str]]]:
    """Chips with the sentences of their results, those of which the same is to be said together.

    Parameters
    ----------
    results
        Runs of one chip with several seeds say the same.
    """
    having: dict[tuple[str, ...], list[str]] = {}
    for group in groups_of(results):
        # Results from before it was saved do not say it; another seed of the same chip may.
        said = (tuple(result.summary.get("idealised") or ()) for result in group.results)
        sentences = next((found for found in said if found), ())
        # Chips of one family are idealised alike: told apart, the same words would stand there once for each.
        having.setdefault(sentences, []).append(group.label)
    return [(joined(labels), list(sentences)) for sentences, labels in having.items() if sentences]
