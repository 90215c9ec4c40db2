"""What runs show, in sentences below their table: conclusions, what was unused or lost, what is idealised."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from chipsim.report.idealised import idealised_by_group
from chipsim.report.leaking import leakage_sentences
from chipsim.report.software import software_by_group
from chipsim.report.unused import lost_by_group, unused_by_group
from chipsim.report.verdicts import conclusion
from chipsim.result import Result
from chipsim.result.metrics import readable
from chipsim.result.standing import groups_of

__all__ = ["sentences_of"]


def sentences_of(results: Sequence[Result]) -> Iterator[str]:
    """The lines that are printed below the table of one run, or of several.

    Parameters
    ----------
    results
        In the order of the table.
    """
    results = readable(results)
    # What one run came to stands in its table already.
    if len(results) > 1:
        yield conclusion(results)
    if leaking := leakage_sentences(results):
        yield f"leakage: {' '.join(leaking)}"
    several = len(groups_of(results)) > 1
    aspects = {
        "in software": software_by_group(results),
        "never used": unused_by_group(results),
        "lost": lost_by_group(results),
        "idealised": idealised_by_group(results),
    }
    for what, told in aspects.items():
        for label, sentences in told:
            start = f"{label}: {what}: " if several else f"{what}: "
            yield start + " ".join(sentences)
