"""No command destroys what it reads, or anything that it did not write."""

import stat
from pathlib import Path

import pytest

from chipsim.result.files import load, save
from tests.results_made import made_result


@pytest.mark.parametrize("more", ["", " --overwrite"])
def test_describe_keeps_the_description(call, chip, folder, more):
    """A description is no page."""
    chip()
    before = (folder / "my-chip.yaml").read_bytes()
    result = call(f"describe my-chip.yaml --html my-chip.yaml{more}")
    assert result.exit_code == 2
    assert (
        result.stderr == "error: my-chip.yaml: is no page, so a page never replaces it; choose another file\n"
    )
    assert (folder / "my-chip.yaml").read_bytes() == before


@pytest.mark.parametrize("name", ["summary.json", "wear.parquet"])
def test_report_keeps_the_run(call, folder, name):
    """No file of a result is a page."""
    save(made_result(), folder / "run")
    result = call(f"report run -o run/{name} --overwrite")
    assert result.exit_code == 2
    assert (
        result.stderr == f"error: run/{name}: is no page, so a page never replaces it; choose another file\n"
    )
    assert load(folder / "run") == made_result()


def test_report_and_page_of_a_chip_keep_apart(call, folder):
    """A report is replaced by a report; by the page of a chip only on request."""
    save(made_result(), folder / "run")
    assert call("report run").exit_code == 0
    assert call("report run").exit_code == 0
    line = "describe digital-fp32 --html run/report.html"
    result = call(line)
    assert result.exit_code == 2
    assert result.stderr == (
        "error: run/report.html: there is another page, no page of a chip of chipsim; choose another file, "
        "or ask to overwrite it (--overwrite)\n"
    )
    assert call(f"{line} --overwrite").exit_code == 0
    assert call("report run").exit_code == 2


def test_devices_stay_devices(call, folder):
    """A page that nobody wants goes to the null device, and a run does not."""
    save(made_result(), folder / "run")
    result = call("report run -o /dev/null")
    assert (result.exit_code, result.stdout, result.stderr) == (0, "", "report: /dev/null\n")
    assert call("describe digital-fp32 --html /dev/null").exit_code == 0
    assert call("run digital-fp32 tiny -o /dev/null --overwrite").stderr == (
        "error: /dev/null: a file is in the way; choose another folder, or move the file\n"
    )
    assert stat.S_ISCHR(Path("/dev/null").stat().st_mode)
