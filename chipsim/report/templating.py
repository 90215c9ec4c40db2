"""Templates of pages, which escape what they are given, and what a page carries as it is: its scripts."""

from __future__ import annotations

import functools
from collections.abc import Sequence

import jinja2
from markupsafe import Markup

from chipsim.report.figure import Figure, embedded_json

__all__ = ["scripts", "template"]


def scripts(figures: Sequence[Figure]) -> dict[str, Markup]:
    """The two blocks that go into the page as they are: the plotting library and the figures' data."""
    # Both are safe inside a script element: the library holds no end tag, the JSON no angle bracket.
    return {"plotly": Markup(_plotly()), "figures": Markup(embedded_json(figures))}  # noqa: S704


@functools.cache
def _plotly() -> str:
    from plotly.offline import get_plotlyjs  # noqa: PLC0415  # only pages need it

    library = str(get_plotlyjs())
    assert "</script" not in library.lower(), "plotly.js cannot be embedded"
    return library


@functools.cache
def _templates() -> jinja2.Environment:
    return jinja2.Environment(
        loader=jinja2.PackageLoader("chipsim.report"),
        # Names and sources are the user's, or of somebody whose description they run.
        autoescape=True,
        # A misspelt name would leave a hole in the page, and nobody would see it.
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def template(name: str) -> jinja2.Template:
    """A template of a page, which escapes whatever it is given."""
    return _templates().get_template(name)
