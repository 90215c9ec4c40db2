"""Quantities are read exactly or refused, and shown as people write them."""

from __future__ import annotations

import math
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chipsim import units
from chipsim.units import DIMENSIONS, UnitError, charge_factor, show

WHOLE = [units.TIME, units.ENERGY, units.AREA, units.LENGTH, units.BITS, units.FREQUENCY]
REAL = [units.POWER, units.VOLTAGE, units.CONDUCTANCE, units.CURRENT, units.RATIO, units.POINTS]


@pytest.mark.parametrize(
    ("dimension", "text", "value"),
    [
        (units.TIME, "10 ns", 10_000),
        (units.TIME, "10ns", 10_000),
        (units.TIME, " 1e-3 s ", 10**9),
        (units.TIME, "833.333 ns", 833_333),
        (units.TIME, "-2 ps", -2),
        (units.TIME, "0 ps", 0),
        (units.ENERGY, "1.714 pJ", 1_714_000),
        (units.ENERGY, "0.97 fJ", 970),
        (units.AREA, "1200 um2", 1_200_000_000),
        (units.AREA, "0.151 mm2", 151_000_000_000),
        (units.LENGTH, "1 mm", 1_000_000),
        (units.LENGTH, ".5 mm", 500_000),
        (units.BITS, "64 KiB", 524_288),
        (units.BITS, "2.5 B", 20),
        (units.FREQUENCY, "1.2 GHz", 1_200_000_000),
        (units.VOLTAGE, "200 mV", 0.2),
        (units.CONDUCTANCE, "20 uS", 2e-5),
        (units.RATIO, "0.5 %", 0.005),
        (units.RATIO, "0.5", 0.5),
        (units.RATIO, "-1", -1.0),
        (units.RATIO, "500 %", 5.0),
        (units.POINTS, "0.5 %", 0.005),
        (units.POINTS, "0", 0.0),
        (units.TIME, "1 s", 10**12),
        (units.VOLTAGE, "-100 V", -100.0),
    ],
)
def test_read_accepts_a_number_with_a_unit(dimension, text, value):
    """Each unit scales to the base unit without a rounding error."""
    read = dimension.read(text)
    assert read == value
    assert isinstance(read, int if dimension.whole else float)


def test_read_takes_the_greek_letter_for_the_micro_sign():
    """Both characters that keyboards produce for micro mean micro."""
    assert (
        units.TIME.read("3 \N{GREEK SMALL LETTER MU}s") == units.TIME.read("3 \N{MICRO SIGN}s") == 3_000_000
    )


@given(dimension=st.sampled_from(WHOLE), data=st.data())
def test_whole_quantities_survive_being_shown_and_read(dimension, data):
    """Shown with enough digits, a whole quantity reads back as the very same integer."""
    value = data.draw(st.integers(-int(dimension.most), int(dimension.most)))
    assert dimension.read(show(value, dimension, digits=60)) == value


@given(dimension=st.sampled_from(REAL), sign=st.sampled_from([-1, 1]), data=st.data())
def test_real_quantities_survive_being_shown_and_read(dimension, sign, data):
    """Shown with all digits of a float, a real quantity reads back as the very same float."""
    sizes = st.floats(1.01 * float(dimension.least), 0.99 * float(dimension.most))
    value = data.draw(st.one_of(st.just(0.0), sizes))
    assert dimension.read(show(sign * value, dimension, digits=40)) == sign * value


@given(number=st.decimals(-1000, 1000, places=6), dimension=st.sampled_from(WHOLE), data=st.data())
def test_reading_is_exact_or_refused(number, dimension, data):
    """A whole quantity is either what decimal arithmetic says, or an error; never a rounded value."""
    unit = data.draw(st.sampled_from(sorted(dimension.units)))
    exact = number * dimension.units[unit]
    text = f"{number:f} {unit}"
    if exact == int(exact) and abs(exact) <= dimension.most:
        assert dimension.read(text) == exact
    else:
        with pytest.raises(UnitError, match=r"is not a whole number of|is beyond any"):
            dimension.read(text)


@pytest.mark.parametrize(
    ("value", "dimension", "text"),
    [
        (0, units.TIME, "0 ps"),
        (1, units.TIME, "1 ps"),
        (12_345_678, units.TIME, "12.35 \N{MICRO SIGN}s"),
        (10**12, units.TIME, "1 s"),
        (3_600 * 10**12, units.TIME, "3600 s"),
        (2e-5, units.CONDUCTANCE, "20 \N{MICRO SIGN}S"),
        (2.0, units.VOLTAGE, "2 V"),
        (0.34, units.RATIO, "34 %"),
        (0.005, units.RATIO, "0.5 %"),
        (5.0, units.RATIO, "500 %"),
        (8192, units.BITS, "1 KiB"),
        (512, units.BITS, "512 bit"),
        (-1000, units.TIME, "-1 ns"),
        (math.inf, units.VOLTAGE, "inf V"),
        (math.nan, units.RATIO, "nan"),
    ],
)
def test_show_picks_the_unit_that_people_would(value, dimension, text):
    """Values stand in the largest unit that keeps them at one or more, without needless zeros."""
    assert show(value, dimension) == text


def test_every_annotated_type_has_a_dimension():
    """Readers of descriptions find a dimension for each quantity type, whole exactly where it is an int."""
    for kind, dimension in DIMENSIONS.items():
        assert (kind.__supertype__ is int) == dimension.whole


NO_TIME = "is no time; write a number and a unit, such as '10 ns'"


@pytest.mark.parametrize(
    ("dimension", "text", "message"),
    [
        (units.TIME, 10, f"10 {NO_TIME}"),
        (units.TIME, "10", f"'10' {NO_TIME}"),
        (units.TIME, "ns", f"'ns' {NO_TIME}"),
        (units.TIME, "", f"'' {NO_TIME}"),
        (units.TIME, "nan ns", f"'nan ns' {NO_TIME}"),
        (units.ENERGY, "inf", "'inf' is no energy; write a number and a unit, such as '1.5 pJ'"),
        (units.VOLTAGE, "two", "'two' is no voltage; write a number and a unit, such as '0.2 V'"),
        (units.RATIO, "half", "'half' is no share; write a number or a percentage, such as '10 %'"),
        (units.RATIO, "3 V", "'3 V' has no unit of share; known: %"),
        (units.TIME, "10 pJ", "'10 pJ' has no unit of time; known: ps, ns, us, µs, ms, s"),
        (units.TIME, "1_000 ns", "'1_000 ns' has no unit of time; known: ps, ns, us, µs, ms, s"),
        (units.TIME, "0.5 ps", "'0.5 ps' is not a whole number of ps, the smallest time kept"),
        (units.RATIO, "5", "5 as a share may mean 5 % or 500 %: write '5 %' or '500 %'"),
        (units.RATIO, "-1.5", "-1.5 as a share may mean -1.5 % or -150 %: write '-1.5 %' or '-150 %'"),
        (units.POINTS, "0.5", "0.5 as a gain in accuracy may mean 0.5 % or 50 %: write '0.5 %' or '50 %'"),
        (units.POINTS, "some", "'some' is no gain in accuracy; write a percentage, such as '0.5 %'"),
        (units.TIME, "1e9 s", "'1e9 s' is beyond any time on a chip; at most 1 s"),
        (units.ENERGY, "2 J", "'2 J' is beyond any energy on a chip; at most 1 mJ"),
        (units.VOLTAGE, "1e30 V", "'1e30 V' is beyond any voltage on a chip; at most 100 V"),
        (units.VOLTAGE, "-101 V", "'-101 V' is beyond any voltage on a chip; at most 100 V"),
        (units.VOLTAGE, "1e-30 V", "'1e-30 V' is below any voltage on a chip; 0 or 0.001 \N{MICRO SIGN}V"),
        (units.CONDUCTANCE, "1e55 S", "'1e55 S' is beyond any conductance on a chip; at most 1 S"),
        (units.CONDUCTANCE, "20 S", "'20 S' is beyond any conductance on a chip; at most 1 S"),
        (units.CURRENT, "10 A", "'10 A' is beyond any current on a chip; at most 1 A"),
        (units.AREA, "1e6 mm2", "'1e6 mm2' is beyond any area on a chip; at most 100000 mm2"),
        (units.LENGTH, "5 m", "'5 m' is beyond any length on a chip; at most 1000 mm"),
        (units.FREQUENCY, "2000 GHz", "'2000 GHz' is beyond any frequency on a chip; at most 1000 GHz"),
        (units.BITS, "1e9 GiB", "'1e9 GiB' is beyond any data size on a chip; at most 1024 GiB"),
        (units.TIME, "1e999999999 s", "'1e999999999 s' has more digits than can be kept, 60"),
        (
            units.BITS,
            "1.0000000000000000000000000000001 bit",
            "'1.0000000000000000000000000000001 bit' is not a whole number of bit, the smallest data size kept",
        ),
    ],
)
def test_read_refuses_what_is_no_exact_quantity(dimension, text, message):
    """Each way of being wrong has its own message: what was given, and what is allowed."""
    with pytest.raises(UnitError, match=f"^{re.escape(message)}$"):
        dimension.read(text)


def test_charge_factor_is_attojoules_a_siemens():
    """2 V across 20 uS for 100 ns is V squared times G times t: 8 pJ, which is 8,000,000 aJ."""
    assert round(charge_factor(volts=2.0, time=units.Ps(100_000)) * 20e-6) == 8_000_000


@pytest.mark.parametrize("text", ["x-1", "x1e400", "x0.1", " x 2"])
def test_what_looks_like_a_factor_is_told_what_one_is(text):
    """Whether it is none, or stands where nothing is multiplied; a word that begins alike is no factor."""
    with pytest.raises(UnitError, match=r"; a factor is x and a number .* only by --set"):
        units.ENERGY.read(text)
    with pytest.raises(UnitError) as caught:
        units.ENERGY.read("xfoo")
    assert "factor" not in str(caught.value)
