"""What tests of descriptions share."""

from __future__ import annotations

import pytest

from chipsim.errors import DescriptionError

__all__ = ["fails"]


def fails(call, *args, **kwargs):
    """The whole message of the description error that a call raises."""
    with pytest.raises(DescriptionError) as caught:
        call(*args, **kwargs)
    return str(caught.value)
