"""Scenarios for tests."""

from chipsim.spec.study_file import study_from

__all__ = ["SMALL", "scenario", "small"]

SMALL = ("phases[*].epochs=1", "phases[*].dataset.train=40", "phases[*].dataset.test=20")
"""Overrides that make a workload take no time."""


def scenario(**more):
    """A scenario of one chip, with more or other keys."""
    said = {"name": "made", "architectures": ["single-pair"], "workloads": ["mnist-5k"], **more}
    return study_from(said)


def small(**more):
    """A scenario whose runs take no time."""
    return scenario(set=list(SMALL), **more)
