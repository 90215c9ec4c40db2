"""Single figures of training in software, and of what reached the chip of it."""

from __future__ import annotations

from typing import Final

from chipsim.result.metric import Metric, percent

__all__ = ["IN_SOFTWARE"]

IN_SOFTWARE: Final = (
    Metric(
        key="software_test_accuracy_percent",
        title="Test accuracy in software",
        show=percent,
        about="Test accuracy at the end of training in software, whose time and energy nobody counts.",
        optional=True,
    ),
    Metric(
        key="transferred_test_accuracy_percent",
        title="Test accuracy after the transfer",
        show=percent,
        better="more",
        about="Of the task that the chip trains first, before it has trained and given weights of software.",
        optional=True,
    ),
)
"""There only where weights were trained in software."""
