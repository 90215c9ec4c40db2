"""``chipsim list`` and ``chipsim data list``."""

from __future__ import annotations

import contextlib
import re
import shlex
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

from rich.table import Table

from chipsim.cli.screen import put, screen, table
from chipsim.data import available
from chipsim.errors import DescriptionError
from chipsim.spec import check_file, load_chip, load_costs, load_device, load_workload, shipped_names
from chipsim.spec.chip import ChipSpec
from chipsim.spec.costs import CostSet
from chipsim.spec.device_file import DeviceSpec
from chipsim.spec.finding import Folder, read_text, user_names
from chipsim.spec.named_devices import kind_in
from chipsim.spec.recognising import resembled, resembles
from chipsim.spec.workload import WorkloadSpec

__all__ = ["show_all", "show_datasets"]

_KINDS: Final[tuple[tuple[Folder, str, type[Any], Callable[[str], Any]], ...]] = (
    ("architectures", "Architectures", ChipSpec, load_chip),
    ("workloads", "Workloads", WorkloadSpec, load_workload),
    ("costs", "Cost sets", CostSet, load_costs),
    ("devices", "Devices", DeviceSpec, load_device),
)
_SHORTEST: Final = 20
"""Characters that a description's first sentences say something in."""


def show_all(data: Path | None, *, only: str | None = None) -> None:
    """Print the chips, workloads, cost sets, devices and datasets there are.

    Parameters
    ----------
    data
        Folder with datasets; None takes the usual one.
    only
        What is shown alone; None for all.
    """
    console = screen()
    here = _described_here() if only != "data" else {}
    for kind, title, spec, load in _KINDS:
        if only not in (None, kind):
            continue
        yours = {name for name, its in here.items() if its is spec}
        yours.update(user_names(kind))
        # One's own goes before what ships under the same name, in commands as here.
        origins = dict.fromkeys(shipped_names(kind), "shipped") | dict.fromkeys(yours, "yours")
        if only == "devices":
            put(console, _device_table(origins))
            continue
        rows = [(name, origins[name], _about(name, load)) for name in sorted(origins)]
        put(console, table(title, "from", "", rows=rows))
        console.print()
    if only in (None, "data"):
        show_datasets(data)


def _device_table(origins: Mapping[str, str]) -> Table:
    """Devices with their figures; one that cannot be used with the reason."""
    rows = [(name, origins[name], *_device_figures(name)) for name in sorted(origins)]
    heads = ("Devices", "from", "kind", "states", "down over up", "steps differ by", "source")
    return table(*heads, rows=rows, right=(3, 4, 5))


def _device_figures(name: str) -> tuple[str, ...]:
    try:
        spec = load_device(name).spec
    except DescriptionError:
        return ("", "", "", "", _about(name, load_device))
    device: Any = spec.device
    # Levels of cells that are programmed; of cells of one's own, whatever of these they have.
    states = device.means.size if "program" in device.offers else getattr(device, "states", None)
    asymmetry, spread = (getattr(device, key, None) for key in ("asymmetry", "step_spread"))
    # Kinds for steps both ways have it for cells that are only raised, too.
    if "down" not in device.offers:
        asymmetry = None
    source = " ".join((spec.paper or spec.about).split())
    return (
        device.kind,
        "" if states is None else f"{states:g}",
        "" if asymmetry is None else f"{asymmetry:g}",
        "" if spread is None else f"{100 * spread:g} %",
        source,
    )


def show_datasets(data: Path | None) -> None:
    """Print the datasets that chipsim knows, and where they are."""
    rows = []
    for one in available(data):
        state, where = "there", one.where
        if not one.present:
            puts = f"'chipsim data fetch {one.name}' puts it in" if one.fetched else "is looked for in"
            state, where = "missing", f"{puts} {one.where}"
        rows.append((one.name, f"{one.samples:,}", state, where, one.licence))
    put(screen(), table("Datasets", "samples", "", "where", "licence", rows=rows, right=(1,)))


def _described_here() -> dict[str, type[Any]]:
    """Names of the descriptions right in this folder, and what each describes; other files are left out."""
    found: dict[str, type[Any]] = {}
    for path in sorted(Path().glob("*.yaml")):
        # Reading a pipe of such a name would wait for whoever writes to it.
        if not path.is_file():
            continue
        with contextlib.suppress(DescriptionError):
            spec = _described_in(path)
            if spec is not None:
                found[path.stem] = spec
    return found


def _described_in(path: Path) -> type[Any] | None:
    """What a file describes, or was meant to; None for one of another trade."""
    text = read_text(path, shown_as=path.name)
    if not resembles(text):
        return None
    try:
        return type(check_file(path).spec)
    except DescriptionError:
        # Whoever misspelt a key looks here for the description, and has to learn why it cannot be used.
        # Of a device that extends another, the text alone may be that of a chip.
        return DeviceSpec if kind_in(path) is DeviceSpec else resembled(text)


def _about(name: str, load: Callable[[str], Any]) -> str:
    """The first sentence of what a description says of itself; two when the first is very short."""
    try:
        about = " ".join(load(name).spec.about.split())
    except DescriptionError as error:
        return f"cannot be used: {error.problems[0]}; all of it: chipsim check {shlex.quote(name)}"
    # A dot ends a sentence after two letters and before a capital: "et al. 2" and "W. Choi" do not.
    first = re.match(rf".{{{_SHORTEST},}}?\w{{2}}[.](?= [A-Z])", about)
    return first[0] if first else about
