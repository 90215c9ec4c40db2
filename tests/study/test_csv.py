"""All figures of a study as CSV."""

import csv

import pyarrow as pa

from chipsim.study.gathering import write_csv


class Tabled:
    """A study of which only the table is asked."""

    def __init__(self, **columns):
        self.columns = columns

    def table(self):
        return pa.table(self.columns)


def test_no_field_is_a_formula(tmp_path):
    """Labels and names of columns come from files of others; a spreadsheet would work them out."""
    names = ["=HYPERLINK(1)", "+1", "-a", "@a", "\ta", "plain", None]
    study = Tabled(chip=names, value=[-1.5] * 7, seed=[-2] * 7, **{"=path": ["a"] * 7})
    file = write_csv(study, tmp_path / "all.csv")
    with file.open(newline="") as opened:
        rows = list(csv.reader(opened))
    assert rows[0] == ["chip", "value", "seed", "'=path"]
    assert [row[0] for row in rows[1:]] == ["'=HYPERLINK(1)", "'+1", "'-a", "'@a", "'\ta", "plain", ""]
    assert {(row[1], row[2]) for row in rows[1:]} == {("-1.5", "-2")}
