"""What is shown: the report page from saved results, pages of a chip and a device, the terminal's table."""

from chipsim.report.device_page import DrawnResponse, write_device_page
from chipsim.report.page import claimed_chip_page, claimed_report, write_chip_page, write_report
from chipsim.report.tables import comparison_table

__all__ = [
    "DrawnResponse",
    "claimed_chip_page",
    "claimed_report",
    "comparison_table",
    "write_chip_page",
    "write_device_page",
    "write_report",
]
