"""What ``describe`` says of lines and cells that no layer uses."""

import pytest

from chipsim.tile.tile_kind import tiles_of
from tests import levels_made, made

GROUNDED = (
    "Rows and columns beyond a layer are grounded: their cells, never pulsed, take current from every driven "
    "line that crosses them."
)
SWITCHED = (
    "Lines beyond a layer are grounded: a row that is read drives their cells too. Rows beyond it are switched "
    "off by their transistors."
)
CUT_OFF = "Lines end at the last cell in use: cells beyond a layer take no current."


@pytest.mark.parametrize(
    ("spec", "words"),
    [
        (made.chip(), [GROUNDED]),
        (made.chip(device=levels_made.device()), [SWITCHED]),
        (made.chip(tile=made.crossbar(unused_lines="cut-off")), [CUT_OFF]),
        (made.mac_chip(), []),
    ],
)
def test_lines_out_of_use_in_words(spec, words):
    """Each kind of tile has its sentence, and a digital one has no lines."""
    assert tiles_of(spec).words_of_unused(spec) == words


def test_describe_says_what_lines_out_of_use_do(call):
    """In its words, and in the table of parts for each tile that is not full."""
    text = " ".join(call("describe single-pair -w tiny").stdout.split())
    assert GROUNDED in text
    assert "rest grounded" in text
    assert CUT_OFF in " ".join(
        call("describe single-pair -w tiny --set tile.unused_lines=cut-off").stdout.split()
    )
