"""What was said: descriptions of chips, workloads and costs, read and checked."""

from __future__ import annotations

from chipsim.spec.reading import (
    Description,
    check_file,
    check_together,
    chip_from_document,
    costs_from_document,
    costs_of,
    device_from_document,
    load_chip,
    load_costs,
    load_device,
    load_workload,
    overridden,
    shipped_names,
    split_sets,
    unread_together,
    workload_from_document,
)

__all__ = [
    "Description",
    "check_file",
    "check_together",
    "chip_from_document",
    "costs_from_document",
    "costs_of",
    "device_from_document",
    "load_chip",
    "load_costs",
    "load_device",
    "load_workload",
    "overridden",
    "shipped_names",
    "split_sets",
    "unread_together",
    "workload_from_document",
]
