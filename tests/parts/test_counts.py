"""Counts of operations: each action says which it reads, and nothing under another name passes for zero."""

from __future__ import annotations

import attrs
import pytest

from chipsim.parts.part import Action, UnknownActionError
from chipsim.parts.program import UnknownCountError, operation, operations_of
from chipsim.run.execute import execute
from chipsim.update.update import Recentre
from tests import hidden_made, made


def pulsed():
    """A chip of pairs of finite cells that are brought back into range."""
    recentre = Recentre(every=4, headroom=0.1)
    update = made.update_by(kind="row-by-row", encoding="deterministic", slots=6, recentre=recentre)
    return made.rule_on(made.chip(device=made.finite(), update=update), (4, 3)).chip


def digital():
    """A chip of digital tiles."""
    return made.rule_on(made.mac_chip(), (4, 3)).chip


def of_levels():
    """A chip of level weights, with a memory for hidden ones."""
    return hidden_made.hidden_on(hidden_made.chip(), hidden_made.network((4, 3))).chip


CHIPS = pytest.mark.parametrize("made_chip", [pulsed, digital, of_levels])


@attrs.define
class Spy:
    """An operation of ones that notes which counts are read."""

    part: str
    action: str
    names: tuple[str, ...]
    read: set[str] = attrs.Factory(set)

    def __getitem__(self, name):
        assert name in self.names
        self.read.add(name)
        return 1


def every_action(chip):
    """Every part that lists actions, with each of them."""
    return [(part, name, action) for part in chip.parts.values() for name, action in part.actions().items()]


@CHIPS
def test_every_declared_count_is_read_and_no_other(made_chip):
    """What an action declares is what it reads, on all parts that ship."""
    chip = made_chip()
    for part, name, action in every_action(chip):
        spy = Spy(part.name, name, action.counts)
        chip.env.process(part.serve(spy))
        chip.env.run()
        assert spy.read == set(action.counts), (part.name, name)


@CHIPS
def test_misspelt_count_is_refused_by_every_action(made_chip):
    """A letter too many is no zero: the operation is refused, and the right name offered."""
    chip = made_chip()
    for part, name, action in every_action(chip):
        right = dict.fromkeys(action.counts, 1)
        for count in action.counts:
            wrong = {key: value for key, value in right.items() if key != count} | {f"{count}x": 1}
            with pytest.raises(UnknownCountError) as caught:
                execute(chip, operation(part.name, name, **wrong))
            assert str(caught.value) == (
                f"{part.name}: {name!r} knows no count '{count}x'; did you mean {count!r}? and lacks the count "
                f"{count!r}; it reads: {', '.join(sorted(action.counts))}"
            )


def test_digital_unit_refuses_what_is_no_arithmetic_of_a_lane():
    """An operation of the digital unit counts any of four kinds of arithmetic."""
    with pytest.raises(UnknownCountError) as caught:
        execute(digital(), operation("digital", "loss", multiply=1, functions=2))
    assert str(caught.value) == (
        "digital: 'loss' knows no count 'functions'; it reads: add, multiply, compare, function; "
        "did you mean 'function'?"
    )


def test_transfer_moves_bits_and_nothing_else():
    """A transfer whose bits are misspelt used to take the head of a transfer only."""
    with pytest.raises(UnknownCountError) as caught:
        execute(digital(), operation("buffer", "transfer", "digital", bit=32))
    assert str(caught.value) == (
        "buffer: 'transfer' knows no count 'bit'; did you mean 'bits'? and lacks the count 'bits'; "
        "it reads: bits"
    )


def test_misspelt_transfer_is_refused():
    """An operation with a target is a transfer, whatever it is called: so it must be called that."""
    with pytest.raises(UnknownActionError) as caught:
        execute(digital(), operation("buffer", "trasnfer", "digital", bits=32))
    assert str(caught.value) == (
        "data goes from 'buffer' to 'digital' by a 'transfer' only, not by 'trasnfer'"
    )


def test_transfer_to_no_part_names_the_closest():
    """Both ends are parts on the interconnect."""
    with pytest.raises(UnknownActionError, match=r"^there is no part 'tile9'; did you mean 'tile0'\?$"):
        execute(digital(), operation("buffer", "transfer", "tile9", bits=32))


def test_reading_a_count_that_is_not_there_is_an_error():
    """What reads an operation outside of its part is told as well."""
    with pytest.raises(UnknownCountError) as caught:
        operation("m0", "work", time=3)["tim"]
    assert str(caught.value) == "m0: 'work' has no count 'tim'; it has: time; did you mean 'time'?"


def test_action_without_counts_refuses_any():
    """Nothing is read, so nothing may be counted."""
    action = Action(iter, ())
    action.check(operation("door", "enter"))
    with pytest.raises(UnknownCountError, match=r"^door: 'enter' knows no count 'people'; it reads: none$"):
        action.check(operation("door", "enter", people=1))


@CHIPS
def test_typical_operations_carry_the_counts_of_computed_ones(made_chip):
    """Timing without training and training ask for the same counts."""
    chip = made_chip()
    tile = chip.tiles[0]
    actions = tile.part().actions()
    typical = [tile.typical(name) for name in ("forward", "backward")]
    typical.append(tile.typical_program(2) if made_chip is of_levels else tile.typical("update"))
    for op in typical:
        for part_op, _ in operations_of(op):
            actions[part_op.action].check(part_op)
