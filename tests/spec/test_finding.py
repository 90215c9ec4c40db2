"""Names are looked up in the user's folder first; what cannot be found or read is said clearly."""

from __future__ import annotations

import pytest

from chipsim.spec import check_file, finding, load_chip, load_costs, load_workload, shipped_names
from tests.spec.messages import fails


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """An empty folder of a user, and the current one."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def put(folder, name, *, chip="single-pair"):
    """A copy of a shipped chip under another name in the user's folder."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    text = (finding._shipped() / "architectures" / f"{chip}.yaml").read_text(encoding="utf-8")
    path.write_text(text.replace(f"name: {chip}", "name: mine"), encoding="utf-8")
    return path


def test_shipped_names_are_sorted_and_complete():
    """The names that users and scripts rely on are there."""
    assert shipped_names("architectures") == (
        "analog-pair-transfer",
        "analog-sgd",
        "bnn",
        "digital-adam",
        "digital-fp32",
        "hybrid-synapse",
        "metaplastic-bnn",
        "metaplastic-qnn",
        "mixed-precision",
        "multilevel-transfer",
        "plain-qnn",
        "set-reset-transfer",
        "single-pair",
        "single-pair-cellwise",
        "single-pair-rowwise",
        "tiki-taka-8x4",
        "tiki-taka-v1",
        "tiki-taka-v2",
        "vgg16-chip",
    )
    assert shipped_names("workloads") == (
        "flowers17",
        "flowers17-4096",
        "flowers17-vgg",
        "frozen-cnn",
        "mnist",
        "mnist-5k",
        "mnist-5k-conv",
        "mnist-5k-permuted",
        "mnist-5k-rows",
        "mnist-5k-transfer",
        "mnist-rows",
        "mnist-then-fashion",
        "reduced-mnist",
        "small-cnn",
        "vgg16-imagenet",
    )
    assert shipped_names("costs") == ("cmos-32nm", "isaac-32nm", "light-adc-32nm", "puma-32nm")
    assert shipped_names("devices") == (
        "ag-a-si", "alox-hfo2", "ecram-li", "ecram-mo", "epiram", "gst-pcm", "hzo-fefet", "idealised", "pcm-hermes-2023",
        "pcm-joshi-2020", "pcm-one-way", "pcmo", "reram-array-hfo2", "reram-array-om", "reram-es", "reram-sb",
        "rram-milo-2021", "rram-wan-2022", "sonos-2022", "taox-hfox", "trench-capacitor",
    )  # fmt: skip


def test_shipped_descriptions_are_found_from_anywhere(folder):
    """A name works in an empty folder, and is called by its place among those that ship."""
    assert load_chip("hybrid-synapse").file == "architectures/hybrid-synapse.yaml"
    assert load_workload("mnist").file == "workloads/mnist.yaml"
    assert load_costs("cmos-32nm").file == "architectures/costs/cmos-32nm.yaml"


@pytest.mark.parametrize("place", ["hybrid-synapse.yaml", "architectures/hybrid-synapse.yaml"])
def test_the_users_own_comes_first(folder, place):
    """A file of the user's takes the place of the shipped one of that name."""
    put(folder, place)
    chip = load_chip("hybrid-synapse")
    assert (chip.file, chip.spec.name) == (place, "mine")


def test_an_installed_package_has_its_descriptions_inside(folder, monkeypatch):
    """In a wheel the descriptions lie in the package."""
    package = folder / "site-packages" / "chipsim"
    put(package / "shipped", "architectures/from-the-wheel.yaml")
    monkeypatch.setattr(finding, "_PACKAGE", package)
    assert shipped_names("architectures") == ("from-the-wheel",)
    assert load_chip("from-the-wheel").spec.name == "mine"


@pytest.mark.parametrize("name", ["mine.yaml", "sub/mine.yaml", "sub/mine.txt", "gain-0.5"])
def test_paths_and_names_are_told_apart(folder, name):
    """A suffix or a slash makes a path; a decimal number at the end of a name does not."""
    put(folder, name if name != "gain-0.5" else "gain-0.5.yaml")
    assert load_chip(name).spec.name == "mine"


def test_a_path_object_is_a_path(folder):
    """Paths need no suffix when they are given as paths."""
    assert load_chip(put(folder, "plain")).spec.name == "mine"


def test_an_unknown_name_lists_those_that_are_there(folder):
    """The user's own are among them, and the closest is offered."""
    put(folder, "architectures/my-own.yaml")
    assert fails(load_chip, "hybrid-synaps") == (
        "there is no chip 'hybrid-synaps'; known: analog-pair-transfer, analog-sgd, bnn, digital-adam, digital-fp32, hybrid-synapse, "
        "metaplastic-bnn, metaplastic-qnn, mixed-precision, multilevel-transfer, my-own, plain-qnn, set-reset-transfer, single-pair, "
        "single-pair-cellwise, single-pair-rowwise, tiki-taka-8x4, tiki-taka-v1, tiki-taka-v2, vgg16-chip; did you mean 'hybrid-synapse'?"
    )


def test_a_name_of_another_kind_is_recognised():
    """Arguments in the wrong order are a common slip, so the message sees it."""
    assert fails(load_workload, "hybrid-synapse") == (
        "there is no workload 'hybrid-synapse'; known: flowers17, flowers17-4096, flowers17-vgg, frozen-cnn, mnist, mnist-5k, "
        "mnist-5k-conv, mnist-5k-permuted, mnist-5k-rows, mnist-5k-transfer, mnist-rows, mnist-then-fashion, reduced-mnist, "
        "small-cnn, vgg16-imagenet; 'hybrid-synapse' is a chip"
    )


@pytest.mark.parametrize("name", ["", "nothing-like-it"])
def test_a_name_like_no_other_gets_no_guess(name):
    """Far-off guesses would only confuse."""
    assert (
        fails(load_costs, name)
        == f"there is no cost set {name!r}; known: cmos-32nm, isaac-32nm, light-adc-32nm, puma-32nm"
    )


def test_a_missing_file_offers_its_neighbours(folder):
    """A mistyped file name is compared with what lies in that folder."""
    put(folder, "mychip.yaml")
    assert fails(load_chip, "mychp.yaml") == "mychp.yaml: there is no such file; did you mean 'mychip.yaml'?"
    assert fails(check_file, "no/such/chip.yaml") == "no/such/chip.yaml: there is no such file"


def test_what_cannot_be_read_is_said(folder):
    """Folders, other encodings and impossible names are problems like any other."""
    (folder / "latin.yaml").write_bytes(b"name: x\nabout: caf\xe9\n")
    (folder / "empty.yaml").write_bytes(b"")
    assert fails(check_file, folder) == f"{folder}: is a folder; name one description in it"
    assert fails(check_file, "latin.yaml") == "latin.yaml:2: is not UTF-8 text (byte 0xe9)"
    assert fails(load_chip, "empty.yaml") == (
        "empty.yaml: must be a chip, a mapping of keys to values, not an empty file"
    )
    assert fails(load_chip, "a\0b.yaml") == "'a\\x00b.yaml': cannot be read: embedded null byte"
    assert fails(load_chip, f"{'x' * 300}.yaml") == f"{'x' * 300}.yaml: cannot be read: File name too long"


def test_a_byte_order_mark_is_no_part_of_the_text(folder):
    """Files from editors that begin with one are read."""
    path = put(folder, "bom.yaml")
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert load_chip("bom").spec.name == "mine"
