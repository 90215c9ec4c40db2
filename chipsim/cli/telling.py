"""What runs show, in sentences below their table: conclusions that they bear out, and what was never used."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from chipsim.report.metrics import readable
from chipsim.report.standing import groups_of
from chipsim.report.unused import unused_by_group
from chipsim.report.verdicts import conclusion
from chipsim.result import Result

__all__ = ["sentences_of"]


def sentences_of(results: Sequence[Result]) -> Iterator[str]:
    """The lines that are printed below the table of one run, or of several.

    Parameters
    ----------
    results
        In the order of the table.
    """
    results = readable(results)
    if len(results) > 1:
        yield conclusion(results)
    several = len(groups_of(results)) > 1
    for label, sentences in unused_by_group(results):
        start = f"{label}: never used: " if several else "never used: "
        yield start + " ".join(sentences)
