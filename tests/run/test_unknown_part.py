"""A program that names what the chip does not have."""

import pytest

from chipsim.parts.part import UnknownActionError
from chipsim.parts.program import operation
from chipsim.run import prepare
from chipsim.run.execute import execute


def test_unknown_part_is_named_with_the_closest_one():
    """The message says what was asked for and offers what there is."""
    chip = prepare("hybrid-synapse", "mnist-5k", seed=None).chip
    with pytest.raises(UnknownActionError, match=r"^there is no part 'bufer'; did you mean 'buffer'\?$"):
        execute(chip, operation("bufer", "read", bits=1))
