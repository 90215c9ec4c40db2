"""What a description says and nothing reads is refused."""

import pytest

from chipsim.spec import chip_from_document, load_chip
from tests.spec.messages import fails

SGD = "nothing reads it: plain gradient descent (sgd) has no moments; leave {} out"
IDEAL = "nothing reads it: an ideal converter passes numbers unchanged; leave noise out"
DIGITAL = "unknown key {!r}; digital has no keys of its own"


@pytest.mark.parametrize(
    ("chip", "sets", "message"),
    [
        ("digital-fp32", ["update.slots=31"], f"update.slots: {DIGITAL.format('slots')}"),
        ("digital-fp32", ["update.encoding=stochastic"], f"update.encoding: {DIGITAL.format('encoding')}"),
        ("plain-qnn", ["rule.optimiser=sgd", "rule.beta1=0.8"], f"rule.beta1: {SGD.format('beta1')}"),
        ("plain-qnn", ["rule.optimiser=sgd", "rule.beta2=0.8"], f"rule.beta2: {SGD.format('beta2')}"),
        ("plain-qnn", ["rule.optimiser=sgd", "rule.epsilon=1"], f"rule.epsilon: {SGD.format('epsilon')}"),
        (
            "plain-qnn",
            ["rule.optimiser=sgd", "memory.moments=bfloat-16"],
            f"memory.moments: {SGD.format('moments')}",
        ),
        (
            "plain-qnn",
            ["rule.initial=network", "rule.initial_spread=10 %"],
            (
                "rule.initial_spread: nothing reads it: the network's own initial weights are taken; "
                "leave initial_spread out"
            ),
        ),
        (
            "plain-qnn",
            ["memory.rounding=stochastic"],
            "memory.rounding: nothing reads it: single precision is kept as it is computed; leave rounding out",
        ),
        (
            "single-pair",
            ["tile.forward.adc.ideal=true", "tile.forward.adc.noise=0.5"],
            f"tile.forward.adc.noise: {IDEAL}",
        ),
        (
            "single-pair",
            ["tile.backward.adc.ideal=true", "tile.backward.adc.noise=0.5"],
            f"tile.backward.adc.noise: {IDEAL}",
        ),
    ],
)
def test_a_key_that_another_rules_out(chip, sets, message):
    """A key that is given although another of the same description rules it out is refused, with the reason."""
    assert fails(load_chip, chip, sets=sets) == f"{message} (from --set {sets[-1]})"


@pytest.mark.parametrize("sets", [["rule.optimiser=sgd"], ["rule.initial=network"]])
def test_keys_of_the_file_for_what_was_replaced(sets):
    """Who replaces one value for one run need not take out what the file has for the value before."""
    assert load_chip("plain-qnn", sets=sets)


def test_both_in_the_file(tmp_path):
    """In a file both stand side by side, and the one that nothing reads is at its line."""
    path = tmp_path / "mine.yaml"
    text = """\
name: mine
about: A digital chip with a train of pulses.
synapse: {kind: digital}
tile: {kind: mac, rows: 8, columns: 8, lanes: 1}
update:
  kind: digital
  slots: 7
digital: {lanes: 1, arithmetic: float-32}
buffer: {size: 64 KiB, width: 32 bit}
interconnect: {kind: bus, width: 32 bit, clock: 1 GHz, length: 1 mm}
costs: cmos-32nm
"""
    path.write_text(text, encoding="utf-8")
    assert fails(load_chip, path) == f"{path}:7: update.slots: {DIGITAL.format('slots')}"


@pytest.mark.parametrize(
    "sets",
    [["rule.initial=network"], ["rule.optimiser=sgd"], ["rule={kind: hidden-weights, initial: network}"]],
)
def test_a_saved_description_reads_back_as_it_was(sets):
    """What an override left unread in the file is no fault of the one who reads the saved description again."""
    chip = load_chip("metaplastic-qnn", sets=sets)
    assert chip_from_document(chip.document).spec == chip.spec
