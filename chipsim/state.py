"""What has to be remembered to go on later as if nothing had come between: state, saved and restored."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Any, ClassVar, Protocol, TypeAlias, runtime_checkable

import numpy as np

__all__ = ["Owner", "State", "restore", "state_of"]

State: TypeAlias = dict[str, Any]
"""Arrays, numbers, words and states of generators, by the names of what holds them."""


@runtime_checkable
class Owner(Protocol):
    """Whoever owns state: it names the attributes that hold it.

    Each is an array, a random generator, a number, a word, None, another owner, or a list, tuple or mapping
    of such. What can be worked out again from the description is none of them.
    """

    remembers: ClassVar[tuple[str, ...]]


def state_of(owner: Owner) -> State:
    """A copy of everything that an owner remembers; attributes that it has not made are left out.

    Parameters
    ----------
    owner
        A part of a chip, or anything else that names what it remembers.

    Examples
    --------
    >>> class Counter:
    ...     remembers = ("count",)
    ...     count = 3
    >>> counter = Counter()
    >>> before = state_of(counter)
    >>> counter.count = 9
    >>> restore(counter, before)
    >>> counter.count
    3
    """
    return {name: _copied(getattr(owner, name)) for name in owner.remembers if hasattr(owner, name)}


def restore(owner: Owner, state: State, *, draws: bool = True) -> None:
    """Bring an owner back to a state of its own, or of one that was built alike.

    Parameters
    ----------
    owner
        Changed in place; arrays stay the same objects, so others that look at them see the change.
    state
        As :func:`state_of` gave it.
    draws
        Whether random generators go on from it too; if not, they stay as they are. Arrays of random words are
        known by the name of their attribute, which stands in the owner's `drawn_from`.

    Raises
    ------
    ValueError
        When the state is of an owner that remembers something else.
    """
    mine = {name for name in owner.remembers if hasattr(owner, name)}
    if mine != set(state):
        names = ", ".join(sorted(mine ^ set(state)))
        raise ValueError(f"{type(owner).__name__}: the state is of another part; they differ in {names}")
    words = () if draws else getattr(owner, "drawn_from", ())
    for name, value in state.items():
        if name in words:
            continue
        now = getattr(owner, name)
        try:
            restored = _restored(now, value, draws=draws)
        except _OddError:
            raise ValueError(f"{type(owner).__name__}: only one of the two has {name!r}") from None
        if restored is not now:
            setattr(owner, name, restored)


class _OddError(Exception):
    """One of the two is a part with state of its own, and the other is not."""


@functools.singledispatch
def _copied(value: Any) -> Any:
    """A copy that nothing changes any more."""
    return state_of(value) if isinstance(value, Owner) else value


@_copied.register
def _(value: np.ndarray) -> Any:
    return value.copy()


@_copied.register
def _(value: np.random.Generator) -> Any:
    return value.bit_generator.state


@_copied.register
def _(value: np.random.BitGenerator) -> Any:
    return value.state


@_copied.register(list)
@_copied.register(tuple)
def _(value: Sequence[Any]) -> Any:
    # A tuple as well becomes a list: states are to be written to files, whose formats know no tuples.
    return [_copied(item) for item in value]


@_copied.register
def _(value: dict) -> Any:  # type: ignore[type-arg]
    return {key: _copied(item) for key, item in value.items()}


@functools.singledispatch
def _restored(now: Any, value: Any, *, draws: bool) -> Any:
    """What takes the place of a value: itself, changed in place, wherever that can be."""
    # An owner has a mapping for its state, and so has a generator; nothing else that may be None has one.
    if isinstance(now, Owner) != isinstance(value, dict):
        raise _OddError
    if not isinstance(now, Owner):
        return _copied(value)
    restore(now, value, draws=draws)
    return now


@_restored.register
def _(now: np.ndarray, value: Any, *, draws: bool) -> Any:  # noqa: ARG001
    is_alike = now.shape == value.shape and now.dtype == value.dtype
    if not is_alike or not now.flags.writeable:
        return _copied(value)
    # The same object stays: others, such as views of a part of it, see the change.
    now[...] = value
    return now


@_restored.register
def _(now: np.random.Generator, value: Any, *, draws: bool) -> Any:
    if draws:
        now.bit_generator.state = value
    return now


@_restored.register
def _(now: np.random.BitGenerator, value: Any, *, draws: bool) -> Any:
    if draws:
        now.state = value
    return now


@_restored.register(list)
@_restored.register(tuple)
def _(now: Sequence[Any], value: Any, *, draws: bool) -> Any:
    kind: Any = type(now)
    if len(now) != len(value):
        return kind(_copied(value))
    pairs = zip(now, value, strict=True)
    return kind(_restored(old, new, draws=draws) for old, new in pairs)


@_restored.register
def _(now: dict, value: Any, *, draws: bool) -> Any:  # type: ignore[type-arg]
    items = {}
    for key, item in value.items():
        items[key] = _restored(now[key], item, draws=draws) if key in now else _copied(item)
    now.clear()
    now.update(items)
    return now
