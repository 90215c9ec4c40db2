"""Properties of descriptions, drawn from the kinds that there are: a new one is drawn without being entered anywhere."""

from __future__ import annotations

import functools
import typing

import attrs
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chipsim.errors import DescriptionError
from chipsim.run import prepare
from chipsim.run.execute import execute
from chipsim.spec import chip_from_document
from chipsim.spec.kinds import PARTS, shipped_kind, shipped_kinds
from chipsim.testing.checks import DATA
from chipsim.testing.examples import hosts, section_of, workload_for

KINDS = [(section, word) for section in PARTS for word in shipped_kinds(section)]
NUMBERS = (0, 1, 2, 3, 5, 8, 16, 31, 100, 0.25, 0.5, 0.9)


def content(field, value):
    """Whether a field's own check takes a value."""
    if field.validator is None:
        return False
    try:
        field.validator(None, field, value)
    except ValueError:
        return False
    return True


@functools.cache
def choices(kind):
    """Numbers that each plain number of a kind may be."""
    hints = typing.get_type_hints(kind)
    wanted = {int: (int,), float: (int, float)}
    return {
        field.name: [value for value in NUMBERS if isinstance(value, wanted[hint]) and content(field, value)]
        for field in attrs.fields(kind)
        if (hint := hints[field.name]) in wanted and field.name not in kind.example
    }


@functools.cache
def taking(section, word):
    """Names of the chips that ship and take a kind, with simple values."""
    kind = shipped_kind(section, word)
    found, against = hosts(kind, section_of(kind))
    assert found, f"{word}: {against}"
    return [one.document for one in found]


@st.composite
def described(draw):
    """A kind, and a chip that ships with the kind in its section; some of its numbers drawn."""
    section, word = draw(st.sampled_from(KINDS))
    kind, document = shipped_kind(section, word), draw(st.sampled_from(taking(section, word)))
    drawn = {name: draw(st.sampled_from(values)) for name, values in choices(kind).items() if values}
    kept = draw(st.sets(st.sampled_from(sorted(drawn)))) if drawn else set()
    given_section = document[section] | {name: drawn[name] for name in kept}
    try:
        return kind, chip_from_document(document | {section: given_section})
    except DescriptionError:
        # Numbers that do not go together are refused; the chip with simple ones is as good.
        return kind, chip_from_document(document)


@given(described())
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_every_kind_is_read_saved_built_and_timed(found):
    """It reads back as it was saved, its chip is built, and a step takes time and costs nothing negative."""
    kind, chip = found
    again = chip_from_document(chip.document)
    assert again.spec == chip.spec
    assert again.document == chip.document
    workload = workload_for(kind, {}, chip.spec)
    setup = prepare(chip, workload, seed=None, datasets=DATA)
    timing = execute(setup.chip, setup.rule.typical_step(workload.spec.batch))
    assert timing.elapsed > 0
    assert all(entry.energy_aj >= 0 <= entry.busy_ps for _, _, entry in timing.ledger)
    assert setup.chip.area > 0


def test_every_kind_is_drawn():
    """Each goes with some chip that ships, and most have numbers to draw."""
    assert all(taking(section, word) for section, word in KINDS)
    assert sum(any(choices(shipped_kind(*kind)).values()) for kind in KINDS) > len(KINDS) / 2
