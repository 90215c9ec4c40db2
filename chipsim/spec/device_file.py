"""What a device file says: one resistive cell, described once for every chip that names it."""

from __future__ import annotations

import attrs

from chipsim.spec.kind import Kind

__all__ = ["DeviceSpec"]


@attrs.frozen(kw_only=True)
class DeviceSpec:
    """One device, which chips take their cells from by its name or by the path of its file."""

    name: str
    about: str
    paper: str | None = None
    device: Kind
    """The section of a chip of that name."""
