"""A setting of a study: what its runs have in common, seeds aside."""

from __future__ import annotations

import attrs

__all__ = ["Setting"]


@attrs.frozen(kw_only=True, cache_hash=True)
class Setting:
    """What was run, but for the seed."""

    chip: str
    task: str
    costs: str = ""
    """Empty where the study does not ask for several cost sets: chips are compared at their own then."""
    varied: tuple[tuple[str, str], ...] = ()
    """Path and value of what is varied."""

    def meets(self, other: Setting) -> bool:
        """Whether both stand at one point of what is varied: a chip that is not varied stands at all."""
        theirs = dict(other.varied)
        return all(theirs.get(path, value) == value for path, value in self.varied)
