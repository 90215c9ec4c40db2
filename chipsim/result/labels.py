"""What results are called beside each other: names that are short, unique, and say what differs."""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final

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
    words = [
        [*settings, *repeats]
        for settings, repeats in zip(
            _settings(results), _each_group(results, _groups(places), _repeats), strict=True
        )
    ]
    for told in (_timed, _epochs_run):
        more = _each_group(results, _groups(list(map(_named, places, words))), told)
        words = [[*one, *rest] for one, rest in zip(words, more, strict=True)]
    return _numbered(list(map(_named, places, words)))


def variants(results: Sequence[Result]) -> list[str]:
    """A name for each result that it shares with those that repeat it: with another seed, say."""
    return [
        _named(place, settings) for place, settings in zip(_places(results), _settings(results), strict=True)
    ]


def runs_named(results: Sequence[Result]) -> list[str]:
    """Each architecture, with the number of its runs where it has several: results in a title."""
    counts = Counter(map(_architecture, results))
    return [name if count == 1 else f"{name} ({count} runs)" for name, count in counts.items()]


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
    return [
        f"{name} on {workload}" if len(having[name]) > 1 else name
        for name, workload in zip(names, workloads, strict=True)
    ]


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
        if len(group) > 1:
            for place, one in zip(group, told([results[place] for place in group]), strict=True):
                words[place] = one
    return words


def _settings(results: Sequence[Result]) -> list[list[str]]:
    """Values that differ among the runs of one architecture on one workload."""
    return _each_group(results, _groups(_places(results)), _differing)


def _differing(results: Sequence[Result]) -> list[list[str]]:
    """Values that somebody set and in which these runs differ; where none was set, values of descriptions."""
    having = [{value.path: value for value in result.values} for result in results]
    paths = dict.fromkeys(value.path for result in results for value in result.values)
    if len({planned_epochs(result) for result in results}) > 1:
        paths = {path: None for path in paths if not of_epochs(path)}
    texts = {path: tuple(_text(path, values) for values in having) for path in paths}
    differing = [path for path in paths if len(set(texts[path])) > 1]
    told = [path for path in differing if any(path in one and one[path].kind == "set" for one in having)]
    told = told or [path for path in differing if None not in texts[path]]
    shared: dict[tuple[str, tuple[str | None, ...]], list[str]] = {}
    for path in told:
        shared.setdefault((without_entries(path, mark="[]"), texts[path]), []).append(path)
    shown = {_path(paths): given for (_, given), paths in shared.items()}
    # Of many, those that tell most runs apart.
    kept = sorted(shown, key=lambda path: -len(set(shown[path])))[:_MOST_SETTINGS]
    rest = ["\N{HORIZONTAL ELLIPSIS}"] if len(kept) < len(shown) else []
    return [
        [
            *(f"{path} = {_short(text)}" for path in shown if path in kept and (text := shown[path][place])),
            *rest,
        ]
        for place in range(len(results))
    ]


def _text(path: str, values: Mapping[str, Valued]) -> str | None:
    return " ".join(values[path].value.split()) if path in values else None


def _path(paths: Sequence[str]) -> str:
    """A path as it is set; of those that differ in an entry only, such as of phases, all entries in one."""
    split = [_ENTRY.split(path) for path in paths]
    pieces = [list(dict.fromkeys(piece)) for piece in zip(*split, strict=True)]
    # What is between entries is the same in all paths.
    told = [piece[0] if place % 2 == 0 else _entries(piece) for place, piece in enumerate(pieces)]
    return "".join(told).removeprefix("workload.")


def _entries(labels: Sequence[str]) -> str:
    """Entries of one list, each as ``[key=value]`` or ``.3``, as one."""
    opening = _OPENING.match(labels[0])
    assert opening is not None, "an entry begins with a bracket or a dot"
    values = [_OPENING.sub("", label, count=1).removesuffix("]") for label in labels]
    return opening[0] + _step(values) + ("]" if opening[0] != "." else "")


def _step(names: Sequence[str]) -> str:
    """Names of one step of several paths; of many the first and the last."""
    if len(names) <= _MOST_SETTINGS:
        return "+".join(names)
    return f"{names[0]}\N{HORIZONTAL ELLIPSIS}{names[-1]}"


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "\N{HORIZONTAL ELLIPSIS}"


def _repeats(results: Sequence[Result]) -> list[list[str]]:
    """Seeds, and epochs that were asked for, where they differ."""
    seeds = [result.summary.get("seed") for result in results]
    epochs = [planned_epochs(result) for result in results]
    return [
        [
            *([f"seed {seed}"] if len(set(map(str, seeds))) > 1 else []),
            *([epochs_words(planned)] if len(set(epochs)) > 1 and planned is not None else []),
        ]
        for seed, planned in zip(seeds, epochs, strict=True)
    ]


def _timed(results: Sequence[Result]) -> list[list[str]]:
    """Which were only timed, where nothing else differs and others were trained."""
    timed = [bool(result.summary.get("timing_only")) for result in results]
    return [["timed only"] if one and not all(timed) else [] for one in timed]


def _epochs_run(results: Sequence[Result]) -> list[list[str]]:
    """Epochs that were run, where they differ and nothing else does."""
    done = [epochs_of(result) for result in results]
    return [[f"{epochs_words(epochs)} run"] if len(set(done)) > 1 else [] for epochs in done]


def _numbered(names: Sequence[str]) -> list[str]:
    """The names, with a number for those that several have."""
    counts, taken = Counter(names), set(names)
    free = {name: _numbers(name, taken) for name in counts}
    return [next(free[name]) if counts[name] > 1 else name for name in names]


def _numbers(name: str, taken: set[str]) -> Iterator[str]:
    """The name with every number that makes it no other's."""
    return (told for number in itertools.count(1) if (told := f"{name} #{number}") not in taken)
