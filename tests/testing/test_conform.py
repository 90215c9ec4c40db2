"""Kinds that ship conform; each check finds the kind that breaks what it looks at, and says how."""

from __future__ import annotations

from typing import ClassVar

import attrs
import numpy as np
import pytest

from chipsim.chip.bus import Bus
from chipsim.device.ideal import Ideal
from chipsim.layer.average_pool import AveragePool
from chipsim.layer.convolution import Convolution
from chipsim.layer.dense import Dense
from chipsim.layer.max_pool import MaxPool
from chipsim.parts.fixed import Fixed
from chipsim.spec import trust
from chipsim.spec.kinds import ROOMS, shipped_kind, shipped_kinds
from chipsim.spec.layer import PassingLayer
from chipsim.spec.outside import KindError
from chipsim.testing import conform
from chipsim.tile.crossbar import Crossbar
from chipsim.tile.mac import Mac
from chipsim.tile.mac_tile import MacTile
from chipsim.tile.resistive_tile import ResistiveTile
from chipsim.tile.tile import Reading
from chipsim.units import Aj, Ps


@pytest.fixture(autouse=True)
def trusting_nobody_else(monkeypatch):
    """What is tried here is trusted here only."""
    monkeypatch.setattr(trust, "_TRUSTED", set())


SHIPPED = [(section, word) for section in ROOMS for word in shipped_kinds(section)]
QUICK = {("tile", "crossbar"), ("rule", "digital-adam"), ("layer", "max-pool"), ("interconnect", "links")}


@pytest.mark.parametrize(
    ("section", "word"),
    [pair if pair in QUICK else pytest.param(*pair, marks=pytest.mark.slow) for pair in SHIPPED],
)
def test_kinds_that_ship_conform(section, word):
    """Whatever is asked of kinds of others."""
    assert conform(shipped_kind(section, word)).failures == ()


def failing(kind):
    """The one check that fails, and what it says."""
    (found,) = {(one.check, one.problem) for one in conform(kind).findings if one.problem}
    return found


@attrs.frozen(kw_only=True)
class Undocumented(Bus):
    """A bus with a key that nobody explains."""

    kind: ClassVar[str] = "undocumented"
    colour: int = 1


def test_a_key_without_words():
    """Users read the docstring under it."""
    assert failing(Undocumented) == (
        "has words for each key", "no docstring under colour: it is what users read of the key"
    )  # fmt: skip


@attrs.frozen(kw_only=True)
class Forgetful(Bus):
    """A bus with a key that equality forgets."""

    kind: ClassVar[str] = "forgetful"
    serial: object = attrs.field(factory=object, eq=True)
    """Another one each time."""


def test_a_description_that_does_not_read_back():
    """A field that is another one each time is never what was saved."""
    assert (
        "reads back as it was saved",
        "read again, the saved description is another: are all fields compared?",
    ) in [(one.check, one.problem) for one in conform(Forgetful).findings]


class _Odd(MacTile):
    """A digital tile that does one thing wrong."""


def digital(tile_class):
    """A kind of digital tile that builds such tiles."""

    @attrs.frozen(kw_only=True)
    class Own(Mac):
        """A digital tile of one's own."""

        kind: ClassVar[str] = "own"

        def build(self, site, name, *, shape, seed):
            return tile_class(
                site.env, name, ledger=site.ledger, spec=self, synapse=site.spec.synapse, costs=site.costs,
                shape=shape, seed=seed,
            )  # fmt: skip

    Own.__qualname__ = tile_class.__name__
    globals()[tile_class.__name__] = Own
    return Own


class Refunding(MacTile):
    """It gets energy back."""

    def _pass_over(self, op):
        yield from self.hold(op.action, Ps(5), energy=Aj(-3))


class Rounded(MacTile):
    """Its time is no whole number."""

    def _pass_over(self, op):
        yield from self.hold(op.action, Ps(5), energy=2.5)


class Tiring(MacTile):
    """Each pass takes longer than the one before."""

    passes = 0

    def _pass_over(self, op):
        self.passes += 1
        yield from self.hold(op.action, Ps(5 + self.passes))


class Moody(MacTile):
    """It draws from a generator of nobody's."""

    def update(self, x, d, *, rate, pair):
        return super().update(x, d * np.float32(np.random.default_rng().random()), rate=rate, pair=pair)


class Unready(MacTile):
    """It knows only samples that it has computed."""

    def typical(self, action, *, pair=0):
        raise RuntimeError("nothing was computed")


class Amnesiac(MacTile):
    """It counts its updates, slows down, and forgets that it did."""

    updates = 0

    def update(self, x, d, *, rate, pair):
        self.updates += 1
        return super().update(x, d, rate=rate / self.updates, pair=pair)


class Upset(MacTile):
    """Its results have the wrong sign."""

    def forward(self, x):
        read = super().forward(x)
        return Reading(-read.values, read.operation, read.charges)


class Wide(MacTile):
    """It reads one column too many."""

    def forward(self, x):
        read = super().forward(x)
        return Reading(np.pad(read.values, ((0, 0), (0, 1))), read.operation, read.charges)


@pytest.mark.parametrize(
    ("tile", "check", "problem"),
    [
        (Refunding, "trains; time and energy are whole and not negative",
         "; amounts are whole numbers from 0"),
        (Rounded, "trains; time and energy are whole and not negative",
         "energy_aj is "),
        (Tiring, "takes the same by replay and without", "simulated_time_ps is "),
        (Moody, "one seed gives one training", "two runs of one seed differ: draw from "),
        (Unready, "can be timed without training", "raises RuntimeError: nothing was computed in typical"),
        (Amnesiac, "goes on from a saved state", "restored, it goes on otherwise: name in `remembers` every attribute"),
        (Upset, "reads what it holds", "forward is off by "),
        (Wide, "results have the right shapes", "forward of (2, "),
    ],
)  # fmt: skip
def test_each_check_finds_what_it_looks_for(tile, check, problem):
    """A tile that does one thing wrong, told in words."""
    findings = [one for one in conform(digital(tile)).findings if one.problem]
    assert [one for one in findings if one.check == check and problem in one.problem], findings


def without_pulses(change):
    """The same change, charged for no pulse."""
    charges = (attrs.evolve(one, pulses=[0] * len(one.pulses)) for one in change.charges)
    return attrs.evolve(change, charges=tuple(charges))


class _Spoiled(ResistiveTile):
    def initialise(self, weights):
        return without_pulses(super().initialise(weights))

    def update(self, x, d, *, rate, pair):
        return without_pulses(super().update(x, d, rate=rate, pair=pair))


@attrs.frozen(kw_only=True)
class Cheap(Crossbar):
    """A crossbar that hides its pulses."""

    kind: ClassVar[str] = "cheap"
    needs: ClassVar[frozenset[str]] = frozenset({"cells", "up"})
    tile: ClassVar[type] = _Spoiled


def test_pulses_that_nobody_is_charged_for():
    """Cells have had them all the same."""
    found = {(one.check, one.problem) for one in conform(Cheap).findings if one.problem}
    assert {check for check, _ in found} == {"pulses charged are pulses that cells have had"}
    assert any(": 0 pulses were charged, and its cells have had " in problem for _, problem in found)


@attrs.frozen(kw_only=True)
class Leaky(Ideal):
    """A cell that begins below nothing."""

    kind: ClassVar[str] = "leaky"

    def fresh(self, shape, **how):
        """Cells, some of them spoiled."""
        cells = super().fresh(shape, **how)
        cells.conductance[0, 0] = -1
        return cells


def test_a_device_that_conducts_less_than_nothing():
    """Told before it is trained with."""
    findings = {one.check: one.problem for one in conform(Leaky).findings}
    assert findings["fresh cells are sound"] == "fresh cells conduct what is no finite number from 0"


@attrs.frozen(kw_only=True)
class OneWay(Convolution):
    """A convolution that sends errors nowhere."""

    kind: ClassVar[str] = "one-way"

    def scatter(self, errors, out, *, given, bias):
        """Nothing."""
        out[:] = 0


@attrs.frozen(kw_only=True)
class Lopsided(AveragePool):
    """A pool whose errors are twice what they should be."""

    kind: ClassVar[str] = "lopsided"

    def backward(self, errors, kept, *, given):
        """Twice."""
        return 2 * super().backward(errors, kept, given=given)


@attrs.frozen(kw_only=True)
class Biased(Convolution):
    """A convolution that forgets that a bias stays as it is."""

    kind: ClassVar[str] = "biased"

    def gather(self, values, out, *, given, bias):
        """All of it."""
        super().gather(values, out, given=given, bias=bias)
        out[:, -1] = 0


@attrs.frozen(kw_only=True)
class FirstOnly(AveragePool):
    """A pool that gives every sample the errors of the first."""

    kind: ClassVar[str] = "first-only"

    def backward(self, errors, kept, *, given):
        """Those of the first."""
        return np.repeat(super().backward(errors[:1], kept, given=given), len(errors), axis=0)


@attrs.frozen(kw_only=True)
class InPlaceOnly(AveragePool):
    """A pool that spoils what it is given."""

    kind: ClassVar[str] = "in-place-only"

    def forward(self, values, *, given):
        """And nothing is left."""
        out = super().forward(values, given=given)
        values[:] = 0
        return out


@attrs.frozen(kw_only=True)
class Double(AveragePool):
    """A pool in double precision."""

    kind: ClassVar[str] = "double"

    def forward(self, values, *, given):
        """Wide."""
        out, kept = super().forward(values, given=given)
        return out.astype(float), kept


@attrs.frozen(kw_only=True)
class Rounding(AveragePool):
    """A pool of whole numbers, whose errors pass straight through."""

    kind: ClassVar[str] = "rounding"
    straight_through: ClassVar[bool] = True

    def forward(self, values, *, given):
        """Rounded."""
        out, kept = super().forward(values, given=given)
        return np.rint(out), kept


def test_errors_may_pass_straight_through_where_a_layer_says_so():
    """As those of a quantiser do."""
    assert conform(Rounding).failures == ()


@attrs.frozen(kw_only=True)
class Boastful(MaxPool):
    """A pool that says that it gives more than it does."""

    kind: ClassVar[str] = "boastful"

    def gives(self, given):
        """One too many."""
        return (*super().gives(given)[:2], 9)


@pytest.mark.parametrize(
    ("layer", "problem"),
    [
        (OneWay, "scatter is not the transpose of gather: "),
        (Biased, "gather changes the bias"),
        (FirstOnly, "sample 1 of a batch comes out otherwise than alone"),
        (InPlaceOnly, "forward changes the values that it is given"),
        (Double, "forward gives float64, not float32"),
        (Lopsided, "backward is not the derivative of forward: "),
        (Boastful, "forward gives 18 values, and (3, 3, 9) are 81"),
    ],
)
def test_a_layer_whose_errors_go_astray(layer, problem):
    """Values and errors weigh the same against each other."""
    findings = {one.check: one.problem for one in conform(layer).findings}
    assert findings["errors go back the way values came"].startswith(problem)


@attrs.frozen(kw_only=True)
class Demanding(Fixed):
    """A selector that needs what nobody has."""

    kind: ClassVar[str] = "demanding"
    needs: ClassVar[frozenset[str]] = frozenset({"a second sun"})


@attrs.frozen(kw_only=True)
class Shapeless(Dense):
    """A layer whose key has no simple value."""

    kind: ClassVar[str] = "shapeless"
    shape: dict[str, int] = attrs.field()
    """No simple value."""


@attrs.frozen(kw_only=True)
class Hasty(Bus):
    """A bus whose checks fail themselves."""

    kind: ClassVar[str] = "hasty"

    def faults(self, chip):
        """Nothing useful."""
        raise ZeroDivisionError("no parts to share among")


def test_a_kind_whose_own_checks_raise():
    """Told as its failure, with the function."""
    with pytest.raises(
        KindError, match=r"Hasty: raises ZeroDivisionError: no parts to share among in faults"
    ):
        conform(Hasty)


def test_what_cannot_be_tried_is_said():
    """No chip takes it; no value can be thought of; or it is nothing of the sort."""
    with pytest.raises(
        KindError, match=r"Demanding: no chip that ships takes it; the first says: .* a second sun"
    ):
        conform(Demanding)
    with pytest.raises(
        KindError, match=r"Shapeless: network.layers.1.shape: .*; give the class an `example`"
    ):
        conform(Shapeless)
    with pytest.raises(
        KindError, match=r"is no kind: it must be a class that extends one of chipsim.synapse"
    ):
        conform("decimal:Decimal")
    with pytest.raises(KindError, match=r"^decimal has no Decimall"):
        conform("decimal:Decimall")
    with pytest.raises(KindError, match=r"is no kind: kinds that ship are named by their words"):
        conform("chipsim.units:Ps")


@attrs.frozen(kw_only=True)
class Halves(PassingLayer):
    """Half of each value of a row, and no images."""

    kind: ClassVar[str] = "halves"

    @property
    def words(self) -> str:
        """What it does."""
        return "halves"

    def problem(self, given):
        """Refuses images."""
        return "takes a row of values, no image" if len(given) > 1 else ""

    def gives(self, given):
        """As many."""
        return given

    def forward(self, values, *, given):
        """Half."""
        return values * np.float32(0.5), None

    def backward(self, errors, kept, *, given):
        """Half, too."""
        return errors * np.float32(0.5)

    def forward_arithmetic(self, given):
        """A product a value."""
        return {"multiply": given[0]}

    backward_arithmetic = forward_arithmetic


@attrs.frozen(kw_only=True)
class Thirds(Halves):
    """The same with errors that are not the slope."""

    kind: ClassVar[str] = "thirds"

    def backward(self, errors, kept, *, given):
        """A third."""
        return errors / np.float32(3)


def test_a_layer_that_takes_no_images_is_tried_on_a_row_of_values():
    """And found wrong where it is."""
    assert conform(Halves).failures == ()
    check, said = failing(Thirds)
    assert check == "errors go back the way values came"
    assert said.startswith("backward is not the derivative of forward")


@attrs.frozen(kw_only=True)
class Nothing(Halves):
    """A layer that takes nothing at all."""

    kind: ClassVar[str] = "nothing"

    def problem(self, given):
        """Refuses all."""
        return f"takes no {len(given)} numbers"


def test_a_layer_that_takes_nothing_is_told_by_what_it_has_against_images():
    """The shape that most layers take."""
    with pytest.raises(KindError, match="takes no 3 numbers"):
        conform(Nothing)
