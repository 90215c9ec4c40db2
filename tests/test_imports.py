"""The import direction of the house: which room may import from which, and who may use which library."""

import ast
import graphlib
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "chipsim"

BASE = {"errors", "units", "limits", "files", "wording"}
PHYSICS = BASE | {"spec", "noise", "drift", "device", "ledger", "losses"}
CHIP = PHYSICS | {"state", "synapse", "update", "parts", "tile", "chip"}
RUN = CHIP | {"packing", "result", "outputs", "data", "layer", "net", "learn", "run", "version", "bars"}
ALLOWED = {
    "errors": set(),
    "version": set(),
    "bars": set(),
    "limits": set(),
    "wording": set(),
    "files": {"limits"},
    "units": {"errors", "limits"},
    "spec": BASE,
    "losses": set(),
    "state": set(),
    "packing": set(),
    "noise": BASE | {"spec"},
    "drift": BASE | {"spec"},
    "device": BASE | {"spec", "losses", "noise", "drift"},
    "ledger": {"units"},
    "outputs": {"errors"},
    "result": BASE | {"spec", "ledger", "outputs", "packing"},
    "synapse": PHYSICS,
    "parts": PHYSICS,
    "tile": PHYSICS | {"synapse", "parts"},
    "update": PHYSICS | {"synapse", "parts", "tile"},
    "chip": CHIP - {"chip"},
    "data": BASE,
    "layer": {"spec", "device"},
    "importing": BASE | {"spec", "data", "layer"},
    "fitting": BASE | {"spec", "device", "outputs"},
    "net": CHIP,
    "learn": CHIP | {"net"},
    "run": RUN,
    "study": BASE | {"outputs", "result", "spec", "run", "version", "bars"},
    "report": BASE | {"outputs", "result", "spec", "ledger", "losses", "study"},
    "testing": RUN,
    "comparing": BASE | {"result", "report", "run", "spec"},
    "cli": RUN | {"study", "report", "testing", "importing", "fitting"},
    "__main__": {"cli"},
    "__init__": RUN | {"study", "report", "testing", "comparing", "importing", "fitting"},
}
"""Rooms that each room may import from, besides itself."""

LIBRARIES = {"simpy": {"parts", "tile", "chip", "run"}, "networkx": {"chip"}}
"""Rooms that may import a library that is not for all."""

UPWARDS = {
    ("result.record", "report"),
    ("result.record", "result.showing"),
    ("study.kept", "study.showing"),
    ("spec.outside", "chip.interconnect"),
    ("spec.outside", "device.device"),
    ("spec.outside", "drift.drift"),
    ("spec.outside", "learn.rule"),
    ("spec.outside", "noise.read_noise"),
    ("spec.outside", "parts.selector"),
    ("spec.outside", "synapse.synapse"),
    ("spec.outside", "tile.tile_kind"),
    ("spec.outside", "update.update"),
}
"""Modules that are reached by their names when something is called: what results and studies offer is built on
them, and kinds of one's own on modules that may be named to them. From where, and to where; all that runs against the table is here."""

BUILT = {"spec.outside", "spec.kinds", "__init__", "result.record"}
"""Modules that may import by a name that is put together: kinds are found by their words."""

PICKLERS = {"pickle", "cPickle", "dill", "joblib", "marshal", "shelve"}


def module_name(path):
    parts = ("chipsim", *path.relative_to(PACKAGE).with_suffix("").parts)
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {module_name(path): path for path in sorted(PACKAGE.rglob("*.py"))}
TREES = {name: ast.parse(path.read_text(encoding="utf-8")) for name, path in MODULES.items()}


def imported(name):
    """The modules that one module names in its imports; a name that is itself a module counts as one."""
    for node in ast.walk(TREES[name]):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{name}:{node.lineno}: relative import; write the whole name"
            for alias in node.names:
                whole = f"{node.module}.{alias.name}"
                yield whole if whole in MODULES else node.module


def named(name):
    """The modules of ours that one module names in strings: whole, or with a function after a colon."""
    for node in ast.walk(TREES[name]):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            module = node.value.partition(":")[0]
            if module in MODULES and "." in module:
                yield module


def room(name):
    """The folder or file right under the package that a module belongs to."""
    return [*name.split("."), "__init__"][1]


def calls(name):
    return (node for node in ast.walk(TREES[name]) if isinstance(node, ast.Call))


@pytest.mark.parametrize("name", MODULES)
def test_imports_run_one_way(name):
    """A module imports only from its own room and those that stand before it."""
    assert room(name) in ALLOWED, f"room {room(name)!r} is not in the table"
    rooms = {room(other) for other in imported(name) if other.split(".")[0] == "chipsim"}
    assert rooms - {room(name)} <= ALLOWED[room(name)]


@pytest.mark.parametrize("name", MODULES)
def test_what_is_reached_by_name_is_listed(name):
    """A string that is the name of a module counts as an import, but for those that the list has."""
    inside = name.removeprefix("chipsim.")
    reached = {other.removeprefix("chipsim.") for other in named(name)}
    known = {other for one, other in UPWARDS if one == inside}
    rooms = {room(f"chipsim.{other}") for other in reached - known}
    assert rooms - {room(name)} <= ALLOWED[room(name)]


def test_the_list_of_what_is_reached_by_name_has_nothing_else():
    """What is no longer reached is taken off it."""
    found = {(name, other) for name in MODULES for other in named(name)}
    assert {(f"chipsim.{one}", f"chipsim.{other}") for one, other in UPWARDS} <= found


@pytest.mark.parametrize("name", MODULES)
def test_names_are_put_together_in_few_places(name):
    """What imports a module by a name that no string has would be seen by no test."""
    importing = [call for call in calls(name) if ast.unparse(call.func).endswith("import_module")]
    built = [call for call in importing if not isinstance(call.args[0], ast.Constant)]
    inside = "__init__" if name == "chipsim" else name.removeprefix("chipsim.")
    assert not built or inside in BUILT


@pytest.mark.parametrize("name", MODULES)
def test_libraries_stay_in_their_rooms(name):
    """The event kernel and the graph library are imported only where the design puts them; pickle nowhere."""
    libraries = {other.split(".")[0] for other in imported(name)}
    assert not libraries & PICKLERS
    assert not [library for library in libraries & LIBRARIES.keys() if room(name) not in LIBRARIES[library]]


@pytest.mark.parametrize("name", MODULES)
def test_only_commands_print(name):
    """Nothing but the commands writes to the terminal, and no array is read with pickle."""
    found = {call.func.id for call in calls(name) if isinstance(call.func, ast.Name)}
    assert room(name) == "cli" or "print" not in found
    keywords = {keyword.arg: keyword.value for call in calls(name) for keyword in call.keywords}
    assert getattr(keywords.get("allow_pickle"), "value", False) is False


def test_no_module_imports_itself_in_a_circle():
    """There is an order in which all modules can be imported, each after those that it names."""
    graph = {name: {other for other in imported(name) if other in MODULES} for name in MODULES}
    order = list(graphlib.TopologicalSorter(graph).static_order())
    assert set(order) == set(MODULES)


def test_table_has_no_circle():
    """The rooms themselves stand in one order."""
    table = {name: allowed - {name} for name, allowed in ALLOWED.items()}
    assert list(graphlib.TopologicalSorter(table).static_order())
