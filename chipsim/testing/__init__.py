"""Checks for kinds of one's own: what every part of a chip owes to the rest.

In a test of one's own package:

>>> from chipsim.testing import conform
>>> conform("chipsim.chip.bus:Bus").failures
()
"""

from __future__ import annotations

from chipsim.testing.conforming import Conformance, Finding, conform

__all__ = ["Conformance", "Finding", "conform"]
