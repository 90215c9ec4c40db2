"""How commands end when something went another way."""

import warnings

import pytest

import chipsim.cli.listing
from chipsim.errors import ChipsimWarning


def test_our_end_of_file_is_no_abort(call, monkeypatch):
    """An EOFError is a fault of ours; click would take it for Ctrl-D and say "Aborted!" and no more."""

    def end(_data):
        raise EOFError("Ran out of input")

    monkeypatch.setattr(chipsim.cli.listing, "show_datasets", end)
    result = call("data list")
    assert isinstance(result.exception, RuntimeError)
    assert str(result.exception) == (
        "This is a bug in chipsim: please report it with the command and this traceback."
    )
    assert isinstance(result.exception.__cause__, EOFError)
    assert "Aborted" not in result.output


@pytest.mark.filterwarnings("default")
def test_a_warning_is_one_line(call, monkeypatch):
    """What a user should know of a command that went on all the same is one line on standard error."""
    monkeypatch.setattr(
        chipsim.cli.listing, "show_datasets", lambda _data: warnings.warn("kept elsewhere", ChipsimWarning, 2)
    )
    result = call("data list")
    assert (result.stderr, result.exit_code) == ("note: kept elsewhere\n", 0)
