"""What the garbage collector is kept from, and that it is let go again."""

from __future__ import annotations

import gc

import pytest

from chipsim.run.garbage import what_is_there_kept


def test_what_was_there_is_set_aside_and_taken_back_whatever_happens():
    """Also after an error."""

    @what_is_there_kept()
    def fail() -> None:
        assert gc.get_freeze_count() > 1000
        raise KeyError

    with pytest.raises(KeyError):
        fail()
    assert gc.get_freeze_count() == 0


def test_what_somebody_else_has_set_aside_stays_there():
    """A server that forks freezes its objects once and for all."""
    gc.freeze()
    try:
        with what_is_there_kept():
            pass
        assert gc.get_freeze_count() > 1000
    finally:
        gc.unfreeze()


def test_a_circle_that_was_made_meanwhile_is_collected():
    """Only what was there before is left alone."""

    class Circle:
        def __init__(self) -> None:
            self.me = self

        def __del__(self) -> None:
            gone.append(True)

    gone: list[bool] = []
    with what_is_there_kept():
        Circle()
        gc.collect()
        assert gone
