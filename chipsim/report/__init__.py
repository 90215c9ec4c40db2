"""What is shown, from saved results only: the report page, the page of a chip, the table of the terminal."""

from chipsim.report.page import claimed_chip_page, claimed_report, write_chip_page, write_report
from chipsim.report.tables import comparison_table

__all__ = [
    "claimed_chip_page",
    "claimed_report",
    "comparison_table",
    "write_chip_page",
    "write_report",
]
