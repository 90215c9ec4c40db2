"""``chipsim new``: a description to start from is right as it is, and after a line of it was changed."""

import pytest
from click.testing import CliRunner

from chipsim.cli import main
from chipsim.spec import check_file, shipped_names
from chipsim.spec.finding import read_text
from chipsim.spec.starting import new_description

SHIPPED = [
    name for folder in ("architectures", "workloads", "costs", "devices") for name in shipped_names(folder)
]


@pytest.fixture(autouse=True)
def _here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def new(*arguments):
    return CliRunner().invoke(main, ["new", *arguments])


def same(one, other):
    """Whether two descriptions differ in nothing but what they are called."""
    hidden = {"name": "", "about": ""}
    return {**one.document, **hidden}.keys() == {**other.document, **hidden}.keys() and [
        (value.path, value.value, value.kind, value.text) for value in one.values
    ] == [(value.path, value.value, value.kind, value.text) for value in other.values]


@pytest.mark.parametrize("name", SHIPPED)
@pytest.mark.parametrize("full", [False, True])
def test_what_it_begins_as(tmp_path, name, full):
    """Every description that ships can be begun from, and the new one says the same."""
    path = tmp_path / "mine.yaml"
    path.write_text(new_description("mine", name, full=full), encoding="utf-8")
    begun = check_file(path)
    assert begun.spec.name == "mine"
    assert same(begun, check_file(name))


@pytest.mark.parametrize("name", SHIPPED)
def test_lines_behind_a_hash_can_be_taken(tmp_path, name):
    """Each of them is right as it stands, and changes nothing yet."""
    text = new_description("mine", name)
    head, _, commented = text.partition("\n\n")
    lines = [line.removeprefix("# ") for line in commented.splitlines()]
    path = tmp_path / "mine.yaml"
    path.write_text("\n".join([head, *lines]), encoding="utf-8")
    assert same(check_file(path), check_file(name))
    assert len(lines) > 3


def test_the_file_is_right(tmp_path):
    """It is written beside the user's other files, and checked as they are."""
    told = new("my-chip", "--from", "hybrid-synapse")
    assert (told.exit_code, told.output) == (
        0, "my-chip.yaml: begins as hybrid-synapse; change it, then 'chipsim check my-chip.yaml'\n",
    )  # fmt: skip
    checked = CliRunner().invoke(main, ["check", "my-chip"])
    assert checked.exit_code == 0
    assert "is right" in checked.output
    assert "# device.states: 50\n" in read_text(tmp_path / "my-chip.yaml", shown_as="")


def test_copies_of_what_extends_are_whole(tmp_path):
    """With all that it inherits, and each value's note."""
    (tmp_path / "base.yaml").write_text(
        "extends: hybrid-synapse\nname: base\nabout: '1e6: yes'\ndevice.states: 20\n", encoding="utf-8"
    )
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep/mine.yaml").write_text(
        new_description("mine", "base.yaml", full=True), encoding="utf-8"
    )
    copied = check_file("deep/mine.yaml")
    assert copied.spec.about == "1e6: yes"
    assert same(copied, check_file("base.yaml"))


def test_nothing_is_replaced_unasked(tmp_path):
    """What is there stays, until --overwrite."""
    (tmp_path / "mine.yaml").write_text("mine", encoding="utf-8")
    told = new("mine", "--from", "mnist-5k")
    assert told.exit_code == 2
    assert "mine.yaml: is there already; choose another name, or replace it with --overwrite" in told.output
    assert (tmp_path / "mine.yaml").read_text(encoding="utf-8") == "mine"
    assert new("mine", "--from", "mnist-5k", "--overwrite").exit_code == 0


@pytest.mark.parametrize("full", [(), ("--full",)])
def test_its_own_base_is_not_replaced(tmp_path, full):
    """Nor what that one extends: it would be lost, and what is left would extend itself."""
    assert new("first", "--from", "hybrid-synapse").exit_code == 0
    assert new("second", "--from", "first.yaml").exit_code == 0
    before = (tmp_path / "first.yaml").read_bytes()
    for base in ("first.yaml", "second.yaml"):
        told = new("first", "--from", base, "--overwrite", *full)
        assert told.exit_code == 2
        assert "first.yaml: is what it would begin as, and is not replaced" in told.output
    assert (tmp_path / "first.yaml").read_bytes() == before
    assert new("second", "--from", "first.yaml", "--overwrite", *full).exit_code == 0


@pytest.mark.parametrize("name", ["../out", "a/b", "", ".hidden", "-x", "a b", "x" * 101, "a\nb", "CON:"])
def test_names_that_are_refused(tmp_path, name):
    """Only what is a file of this folder on every system, and a word in tables."""
    told = new("--from", "hybrid-synapse", "--", name)
    assert told.exit_code == 2
    assert "a name has letters, digits" in told.output
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("base", "said"),
    [("hybrid-synaps", "did you mean 'hybrid-synapse'"), ("nowhere.yaml", "there is no such file")],
)
def test_bases_that_are_not_there(tmp_path, base, said):
    """Told as everywhere, and nothing is written."""
    told = new("mine", "--from", base)
    assert told.exit_code == 2
    assert said in told.output
    assert not list(tmp_path.iterdir())


def test_names_that_ship_are_taken():
    """A file of that name would hide the shipped one."""
    assert "is the name of a description that ships" in new("mnist", "--from", "mnist-5k").output
