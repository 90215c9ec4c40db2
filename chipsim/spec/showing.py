"""Descriptions as a notebook shows them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from html import escape
from typing import Any, Final

from chipsim.spec.html_table import html_table
from chipsim.spec.provenance import Value

__all__ = ["shown_description"]

_ORIGINS: Final = {
    "source": "with a source",
    "assumed": "assumed",
    "set": "set",
    "changed": "changed without a source",
    "none": "without a source",
}


def shown_description(spec: Any, values: Sequence[Value], kind: str) -> str:
    """A description in a few lines of HTML: what it is, its kinds, and where its values come from.

    Parameters
    ----------
    spec
        A chip, workload or cost set.
    values
        All that it says.
    kind
        What it is called in words.
    """
    counts = Counter(value.kind for value in values)
    origins = ", ".join(f"{counts[origin]} {words}" for origin, words in _ORIGINS.items() if counts[origin])
    rows = [("values", f"{len(values)}: {origins}")]
    for section in ("synapse", "device", "tile", "update", "selector", "interconnect", "rule"):
        named = getattr(getattr(spec, section, None), "kind", "")
        if named:
            rows.append((section, named))
    # What a description says of itself is text of others: no tag of it is one of the page.
    about = escape(" ".join(str(spec.about).split()))
    head = f"<p><b>{escape(str(spec.name))}</b> ({escape(kind)})</p><p>{about}</p>"
    return f"<div>{head}{html_table(rows, words=True)}</div>"
