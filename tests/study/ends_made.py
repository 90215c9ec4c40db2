"""A study of two quick chips, of which two assumed values have a range and the study leaves them alone."""

from tests.study.made import SMALL

__all__ = ["FIXED", "two_chips"]

FIXED = (
    "tile.rows=1024", "tile.columns=256", "buffer.width=256 bit", "interconnect.width=256 bit",
    "interconnect.clock=1 GHz", "interconnect.length=1 mm",
)  # fmt: skip
"""What is set is not assumed: of digital-fp32 this leaves tile.lanes and digital.lanes."""


def two_chips(**more):
    """The scenario as a mapping: the second chip has the digital lanes of the first one's high end."""
    wide = {"label": "wide", "architecture": "digital-fp32", "set": {"digital.lanes": 32}}
    return {
        "name": "ends",
        "architectures": ["digital-fp32", wide],
        "workloads": ["mnist-5k"],
        "set": [*SMALL, *FIXED],
        "assumed_values": "both-ends",
        **more,
    }
