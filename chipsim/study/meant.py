"""Which settings of a study a claim means: one rule before the runs, when it is checked, and after them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Final, TypeAlias

from chipsim.spec.study import RunsOf, StudySpec
from chipsim.study.settings import Setting

__all__ = ["Partners", "fits", "only_costs"]

_Texts: TypeAlias = tuple[str, ...]
_NAMES: Final = ("chip", "task", "costs")


def only_costs(study: StudySpec) -> str:
    """What the cost set of a study is called that asks for one alone; empty for others.

    Parameters
    ----------
    study
        As it was read.
    """
    return Path(study.costs[0]).stem if len(study.costs) == 1 else ""


def fits(setting: Setting, wanted: RunsOf, *, only: str = "") -> bool:
    """Whether a setting is one that a side of a claim means.

    Parameters
    ----------
    setting
        What is run.
    wanted
        What the claim says of it.
    only
        The study's one cost set, which no setting names, for nothing tells them apart by it.

    Examples
    --------
    >>> fits(Setting(chip="a", task="t"), RunsOf(chip="a", costs="cmos"), only="cmos")
    True
    """
    costs = setting.costs or only
    return wanted.means(chip=setting.chip, task=setting.task, costs=costs, varied=setting.varied)


class Partners:
    """What settings are held against: what the claim leaves open is as in the setting itself.

    Parameters
    ----------
    wanted
        The other side of the claim.
    settings
        All of the study.
    only
        The study's one cost set.

    Examples
    --------
    >>> settings = [Setting(chip=chip, task="t", varied=(("p", value),)) for chip in "ab" for value in "12"]
    >>> [one.varied for one in Partners(RunsOf(chip="b"), settings).of(settings[1])]
    [(('p', '2'),)]
    """

    def __init__(self, wanted: RunsOf, settings: Sequence[Setting], *, only: str = "") -> None:
        self._said = frozenset(path for path, _ in wanted.varied)
        self._open = tuple(name for name in _NAMES if not getattr(wanted, name))
        self._by_paths: dict[_Texts, list[Setting]] = defaultdict(list)
        for one in settings:
            if fits(one, wanted, only=only):
                self._by_paths[tuple(path for path, _ in one.varied)].append(one)
        self._indices: dict[tuple[_Texts, _Texts], dict[_Texts, list[Setting]]] = {}

    def of(self, setting: Setting) -> list[Setting]:
        """Those of one setting; a claim can be held where there is one."""
        found = []
        own = [path for path, _ in setting.varied if path not in self._said]
        for paths in self._by_paths:
            # A chip that is not varied stands at all points.
            shared = tuple(path for path in own if path in paths)
            found += self._index(paths, shared).get(self._key(setting, shared), [])
        return [other for other in found if other != setting]

    def _index(self, paths: _Texts, shared: _Texts) -> dict[_Texts, list[Setting]]:
        # Of a thousand settings each has its own partner: looking through all for each would take minutes.
        index = self._indices.get((paths, shared))
        if index is None:
            index = defaultdict(list)
            for one in self._by_paths[paths]:
                index[self._key(one, shared)].append(one)
            self._indices[paths, shared] = index
        return index

    def _key(self, setting: Setting, shared: _Texts) -> _Texts:
        values = dict(setting.varied)
        return (*(getattr(setting, name) for name in self._open), *(values[path] for path in shared))
