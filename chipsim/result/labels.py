"""What results are called beside each other: names that are short, unique, and say what differs."""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final, TypeAlias

from chipsim.result import Result, Valued
from chipsim.result.extent import epochs_of, epochs_words, of_epochs, planned_epochs
from chipsim.spec.paths import without_entries

__all__ = ["labels", "runs_named", "variants"]

_MOST_SETTINGS: Final = 3
"""Values that a name tells."""
_LONGEST: Final = 24
"""Characters of a value that a name tells."""
_ENTRY: Final = re.compile(r"(\[[^\]]*\]|\.\d+(?=\.|$))")
"""What tells an entry of a list in a path."""
_OPENING: Final = re.compile(r"\[(?:[^\]=]*=)?|\.")
"""What stands before its value."""
_Texts: TypeAlias = tuple[str | None, ...]
"""What each result has at a path; None where it has nothing there."""


def labels(results: Sequence[Result]) -> list[str]:
    """A name for each result that tells it from the others: the architecture, and what it needs beside.

    That is the workload, values that differ among runs of one architecture on one workload, the seed, and
    the number of epochs; a number when nothing else tells them apart.

    Parameters
    ----------
    results
        In the order of the names.

    Examples
    --------
    >>> labels([])
    []
    """
    places = _places(results)
    repeats = _each_group(results, _groups(places), _repeats)
    # The value of a sweep is told even where its seed would tell runs apart: it is what the sweep is about.
    words = _both(_both(_settings(results), _started(results)), repeats)
    # What follows says little of a run, so only those that share a name so far have it.
    for told in (_timed, _epochs_run):
        names = list(map(_named, places, words))
        words = _both(words, _each_group(results, _groups(names), told))
    return _numbered(list(map(_named, places, words)))


def _both(some: Sequence[list[str]], more: Sequence[list[str]]) -> list[list[str]]:
    return [[*words, *others] for words, others in zip(some, more, strict=True)]


def variants(results: Sequence[Result]) -> list[str]:
    """A name for each result that it shares with those that repeat it: with another seed, say."""
    return list(map(_named, _places(results), _both(_settings(results), _started(results))))


def runs_named(results: Sequence[Result]) -> list[str]:
    """Each architecture, with the number of its runs where it has several: results in a title."""
    named = []
    for name, count in Counter(map(_architecture, results)).items():
        named.append(name if count == 1 else f"{name} ({count} runs)")
    return named


def _named(place: str, words: Sequence[str]) -> str:
    return f"{place} ({', '.join(words)})" if words else place


def _architecture(result: Result) -> str:
    return str(result.summary.get("architecture", "?"))


def _places(results: Sequence[Result]) -> list[str]:
    """The architecture, on its workload where runs of one architecture differ in it."""
    names = list(map(_architecture, results))
    workloads = [str(result.summary.get("workload")) for result in results]
    having: dict[str, set[str]] = {}
    for name, workload in zip(names, workloads, strict=True):
        having.setdefault(name, set()).add(workload)
    places = []
    for name, workload in zip(names, workloads, strict=True):
        several = len(having[name]) > 1
        places.append(f"{name} on {workload}" if several else name)
    return places


def _groups(names: Sequence[str]) -> list[list[int]]:
    """Places of the results that share a name."""
    groups: dict[str, list[int]] = {}
    for place, name in enumerate(names):
        groups.setdefault(name, []).append(place)
    return list(groups.values())


def _each_group(
    results: Sequence[Result],
    groups: Sequence[Sequence[int]],
    told: Callable[[Sequence[Result]], list[list[str]]],
) -> list[list[str]]:
    """What is told of each result among those of its group; nothing of one that is alone."""
    words: list[list[str]] = [[] for _ in results]
    for group in groups:
        if len(group) == 1:
            continue
        of_group = told([results[place] for place in group])
        for place, one in zip(group, of_group, strict=True):
            words[place] = one
    return words


def _settings(results: Sequence[Result]) -> list[list[str]]:
    """Values that differ among the runs of one architecture on one workload."""
    return _each_group(results, _groups(_places(results)), _differing)


def _differing(results: Sequence[Result]) -> list[list[str]]:
    """Values that somebody set and in which these runs differ; where none was set, values of descriptions."""
    having = [{value.path: value for value in result.values} for result in results]
    paths = list(dict.fromkeys(value.path for result in results for value in result.values))
    # Epochs of all phases together are told in words, and once is enough.
    if len({planned_epochs(result) for result in results}) > 1:
        paths = [path for path in paths if not of_epochs(path)]
    texts = {path: tuple(_text(path, values) for values in having) for path in paths}
    differing = [path for path in paths if len(set(texts[path])) > 1]
    # What somebody set is what their runs are about; two files of one name differ in whatever they differ.
    told = [path for path in differing if _is_set(path, having)]
    told = told or [path for path in differing if None not in texts[path]]
    shown = _together({path: texts[path] for path in told})
    most_first = sorted(shown, key=lambda path: -len(set(shown[path])))
    kept = most_first[:_MOST_SETTINGS]
    words = []
    for place in range(len(results)):
        given = {path: shown[path][place] for path in shown if path in kept}
        own = [f"{path} = {_short(text)}" for path, text in given.items() if text]
        if len(kept) < len(shown):
            own.append("\N{HORIZONTAL ELLIPSIS}")
        words.append(own)
    return words


def _is_set(path: str, having: Sequence[Mapping[str, Valued]]) -> bool:
    """Whether the value was set on the command line of any run."""
    return any(values[path].kind == "set" for values in having if path in values)


def _together(texts: Mapping[str, _Texts]) -> dict[str, _Texts]:
    """Paths as they are told, with what each run has there; those that differ in an entry alone as one."""
    shared: dict[tuple[str, _Texts], list[str]] = {}
    for path, given in texts.items():
        # Entries with other values are not the same setting, wherever they stand.
        shared.setdefault((without_entries(path, mark="[]"), given), []).append(path)
    return {_path(paths): given for (_, given), paths in shared.items()}


def _text(path: str, values: Mapping[str, Valued]) -> str | None:
    if path not in values:
        return None
    # Blanks of a list may differ from file to file, and mean nothing.
    return " ".join(values[path].value.split())


def _path(paths: Sequence[str]) -> str:
    """A path as it is set; of those that differ in an entry only, such as of phases, all entries in one."""
    split = [_ENTRY.split(path) for path in paths]
    pieces = [list(dict.fromkeys(piece)) for piece in zip(*split, strict=True)]
    told = []
    for place, piece in enumerate(pieces):
        # Splitting leaves an entry at every second place; what is between entries is the same in all paths.
        is_entry = place % 2 == 1
        told.append(_entries(piece) if is_entry else piece[0])
    return "".join(told).removeprefix("workload.")


def _entries(labels: Sequence[str]) -> str:
    """Entries of one list, each as ``[key=value]`` or ``.3``, as one."""
    opening = _OPENING.match(labels[0])
    assert opening is not None, "an entry begins with a bracket or a dot"
    values = [_OPENING.sub("", label, count=1).removesuffix("]") for label in labels]
    closing = "" if opening[0] == "." else "]"
    return f"{opening[0]}{_step(values)}{closing}"


def _step(names: Sequence[str]) -> str:
    """Names of one step of several paths; of many the first and the last."""
    if len(names) <= _MOST_SETTINGS:
        return "+".join(names)
    return f"{names[0]}\N{HORIZONTAL ELLIPSIS}{names[-1]}"


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "\N{HORIZONTAL ELLIPSIS}"


def _started(results: Sequence[Result]) -> list[list[str]]:
    """From what runs went on, where that differs: trained cells are no seed of fresh ones."""
    return _each_group(results, _groups(_places(results)), _starts)


def _starts(results: Sequence[Result]) -> list[list[str]]:
    starts = [result.provenance.get("start") or {} for result in results]
    states = [start.get("state_sha256", "") for start in starts]
    # A state is called by the folder where it was first: a folder may be written in several ways.
    folders: dict[str, str] = {}
    for start, state in zip(starts, states, strict=True):
        folders.setdefault(state, str(start.get("folder") or "a result"))
    if len(folders) == 1:
        return [[] for _ in starts]
    counts = Counter(folders[state] for state in folders if state)
    told = {}
    for state, folder in folders.items():
        # One folder may have held one run after another.
        told[state] = f"from {folder}" if counts[folder] == 1 else f"from {folder}, {state[:8]}"
    return [[told[state]] if state else [] for state in states]


def _repeats(results: Sequence[Result]) -> list[list[str]]:
    """Seeds, and epochs that were asked for, where they differ."""
    seeds = [str(result.summary.get("seed")) for result in results]
    epochs = [planned_epochs(result) for result in results]
    words = []
    for seed, planned in zip(seeds, epochs, strict=True):
        own = []
        if len(set(seeds)) > 1:
            own.append(f"seed {seed}")
        if len(set(epochs)) > 1 and planned is not None:
            own.append(epochs_words(planned))
        words.append(own)
    return words


def _timed(results: Sequence[Result]) -> list[list[str]]:
    """Which were only timed, where nothing else differs and others were trained."""
    timed = [bool(result.summary.get("timing_only")) for result in results]
    if all(timed):
        return [[] for _ in timed]
    return [["timed only"] if one else [] for one in timed]


def _epochs_run(results: Sequence[Result]) -> list[list[str]]:
    """Epochs that were run, where they differ and nothing else does."""
    done = [epochs_of(result) for result in results]
    if len(set(done)) == 1:
        return [[] for _ in done]
    return [[f"{epochs_words(epochs)} run"] for epochs in done]


def _numbered(names: Sequence[str]) -> list[str]:
    """The names, with a number for those that several have."""
    counts, taken = Counter(names), set(names)
    free = {name: _numbers(name, taken) for name in counts}
    return [next(free[name]) if counts[name] > 1 else name for name in names]


def _numbers(name: str, taken: set[str]) -> Iterator[str]:
    """The name with every number that makes it no other's."""
    for number in itertools.count(1):
        told = f"{name} #{number}"
        # A chip may be called so already.
        if told not in taken:
            yield told
