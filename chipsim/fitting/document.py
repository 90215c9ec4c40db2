"""The text of a device file, with where each value is from."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

from chipsim.fitting.said import Said

__all__ = ["device_text"]


def device_text(name: str, kind: str, fields: Sequence[Said], *, about: str) -> str:
    """The text of a device file.

    Parameters
    ----------
    name
        What the device is called.
    kind
        Of the device.
    fields
        Its values.
    about
        In sentences.

    Examples
    --------
    >>> field = Said(key="states", value="21", note="curve.csv, fitted")
    >>> print(device_text("ours", "soft-bounds", [field], about="Fitted."))
    name: "ours"
    about: "Fitted."
    <BLANKLINE>
    device:
      kind: soft-bounds
      states: {value: 21, source: "curve.csv, fitted"}
    <BLANKLINE>
    """
    return "\n".join([*_lines(name, kind, fields, about), ""])


def _lines(name: str, kind: str, fields: Sequence[Said], about: str) -> Iterator[str]:
    yield f"name: {_quoted(name)}"
    yield f"about: {_quoted(about)}"
    yield ""
    yield "device:"
    yield f"  kind: {kind}"
    for field in fields:
        sort = "assumed" if field.is_assumed else "source"
        between = f", between: {field.between}" if field.between else ""
        yield f"  {field.key}: {{value: {field.value}, {sort}: {_quoted(field.note)}{between}}}"


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
