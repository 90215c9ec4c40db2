"""Values of a graph that hang on no input: weights, shapes, and what nodes make of them beforehand."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from chipsim.importing.node import Node, RefusedError, spelt
from chipsim.importing.tensors import Beside, array_of
from chipsim.limits import GIVEN_WEIGHTS, ONNX_BYTES

__all__ = ["BATCH", "Constants", "own_values"]

Array = NDArray[Any]
BATCH: Final = -(2**40)
"""What stands for the samples of a batch in the shape of a tensor, where the file leaves open how many."""
_MOST_WHOLES: Final = 16
"""Numbers of a shape or of axes."""
_WHOLES: Final = (6, 7)
_FLOATS: Final = {1: np.float32, 10: np.float16, 11: np.float64}
"""Types of values, by the numbers of the format."""
_DEEPEST: Final = 50
"""Nodes that make a constant of one another."""


class Constants:
    """Constants by name, each made when it is first asked for.

    One that repeats a single value is kept as that value, however large it is.

    Parameters
    ----------
    tensors
        Those that the file holds, by name.
    makers
        Nodes by what they give.
    running
        Places of nodes that hang on the network's input.
    beside
        Where values may lie that are not in the model itself.
    """

    def __init__(
        self,
        tensors: Mapping[str, Any],
        makers: Mapping[str, Node],
        *,
        running: Collection[int],
        beside: Beside,
    ) -> None:
        self._tensors, self._makers = tensors, makers
        self._running, self._beside = running, beside
        self._known: dict[str, Array] = {}
        self._finite: dict[str, bool] = {}
        self._held = 0
        self.shape_of: Callable[[str], Sequence[int] | None] = lambda _name: None
        """Sizes of a tensor that hangs on the input, the batch first; None where nobody knows them."""

    def has(self, name: str) -> bool:
        """Whether something is there beforehand, or made by nodes that take nothing from the input."""
        if name in self._tensors:
            return True
        maker = self._makers.get(name)
        return maker is not None and maker.place not in self._running

    def array(self, name: str, *, deep: int = 0) -> Array:
        """A constant as it is.

        Raises
        ------
        RefusedError
            When it hangs on the input, is made in a way that is not known, or cannot be read.
        """
        if name not in self._known:
            self._known[name] = self._made(name, deep)
        return self._known[name]

    def floats(self, name: str) -> Array:
        """A constant of finite floating-point numbers.

        Raises
        ------
        RefusedError
            When it holds others.
        """
        found = self.array(name)
        if not np.issubdtype(found.dtype, np.floating):
            raise RefusedError(f"'{spelt(name)}' has values of type {found.dtype}, not floats")
        # Looked at once, however many nodes take it.
        if name not in self._finite:
            self._finite[name] = bool(np.isfinite(own_values(found)).all())
        if not self._finite[name]:
            raise RefusedError(f"'{spelt(name)}' has values that are no finite numbers")
        return found

    def wholes(self, name: str) -> tuple[int, ...]:
        """A constant of a few whole numbers, such as a shape.

        Raises
        ------
        RefusedError
            When it holds others, or many.
        """
        found = self.array(name)
        if not np.issubdtype(found.dtype, np.integer) or found.ndim > 1 or found.size > _MOST_WHOLES:
            raise RefusedError(f"'{spelt(name)}' must be a short list of whole numbers")
        return _few(found)

    def _made(self, name: str, deep: int) -> Array:
        try:
            if name in self._tensors:
                return array_of(self._tensors[name], self._beside)
        except RefusedError as error:
            raise RefusedError(f"'{spelt(name)}' {error}") from None
        if not name:
            raise RefusedError("lacks an input that it needs")
        if not self.has(name):
            raise RefusedError(f"needs '{spelt(name)}' beforehand, which is known only when the network runs")
        maker = self._makers[name]
        if maker.op not in (*_MAKERS, "Shape"):
            known = ", ".join((*_MAKERS, "Shape"))
            raise RefusedError(
                f"'{spelt(name)}' is no constant of the file, but made by {maker.words}; "
                f"of what makes constants these are known: {known}"
            )
        if deep > _DEEPEST:
            raise RefusedError(f"'{spelt(name)}' is made by more than {_DEEPEST} nodes behind one another")
        if maker.op == "Shape":
            return self._sizes(maker)
        given = [self.array(one, deep=deep + 1) for one in maker.inputs if one]
        try:
            made = _MAKERS[maker.op](maker, given, self._beside)
        # What numpy says of shapes that do not fit: the message names who asked for it.
        except (ValueError, IndexError, TypeError, OverflowError, RefusedError) as error:
            raise RefusedError(f"'{spelt(name)}' cannot be made by {maker.words}: {error}") from None
        # One tensor of a small file, copied by each of many nodes, would fill the memory.
        if not any(np.may_share_memory(made, one) for one in given):
            self._held += own_values(made).nbytes
        if self._held > ONNX_BYTES:
            raise RefusedError(f"with '{spelt(name)}' constants take more than {ONNX_BYTES:,} bytes")
        return made

    def _sizes(self, maker: Node) -> Array:
        maker.knows()
        name = maker.input(0)
        sizes = self.array(name).shape if self.has(name) else self.shape_of(name)
        if sizes is None:
            raise RefusedError(f"hangs on the shape of '{spelt(name)}', which is not known")
        return np.array(sizes, np.int64)


def own_values(array: Array) -> Array:
    """Each value of an array that has a place of its own: of one that repeats a value, that value.

    Examples
    --------
    >>> own_values(np.broadcast_to(np.float32(2), (1000, 1000))).shape
    (1, 1)
    """
    kept = tuple(slice(1) if step == 0 else slice(None) for step in array.strides)
    return array[kept]


def _value(node: Node, given: Sequence[Array], beside: Beside) -> Array:
    del given
    names = ("value_float", "value_floats", "value_int", "value_ints")
    node.knows("value", *names)
    if "value" in node.attributes:
        return array_of(node.tensor("value"), beside)
    if "value_float" in node.attributes:
        return np.array(node.number("value_float", 0), np.float32)
    if "value_int" in node.attributes:
        return np.array(node.whole("value_int", 0), np.int64)
    if "value_ints" in node.attributes:
        return np.array(node.wholes("value_ints"), np.int64)
    _, floats = node.attributes.get("value_floats", (0, None))
    if floats is None:
        raise RefusedError("it has no value")
    return np.array(floats, np.float32)


def _repeated(node: Node, given: Sequence[Array], beside: Beside) -> Array:
    node.knows("value")
    shape = _few(given[0])
    if any(size < 0 for size in shape):
        raise RefusedError(f"its shape must be a few sizes, none of them negative, not {list(shape)}")
    count = math.prod(shape)
    if count > GIVEN_WEIGHTS:
        raise RefusedError(f"it would have {count:,} values, and may have {GIVEN_WEIGHTS:,}")
    value = np.zeros(1, np.float32)
    if "value" in node.attributes:
        value = array_of(node.tensor("value"), beside).reshape(-1)
    if value.size != 1:
        raise RefusedError(f"its value must be one number, not {value.size:,}")
    return np.broadcast_to(value[0], shape)


def _same(node: Node, given: Sequence[Array], beside: Beside) -> Array:
    del node, beside
    return given[0]


def _reshaped(node: Node, given: Sequence[Array], beside: Beside) -> Array:
    del beside
    node.knows("shape", "allowzero")
    asked = node.wholes("shape") if len(given) == 1 else _few(given[1])
    shape = list(asked or ())
    for index, size in enumerate(shape):
        if size == 0 and not node.whole("allowzero", 0):
            shape[index] = given[0].shape[index]
    return given[0].reshape(shape)


def _transposed(node: Node, given: Sequence[Array], beside: Beside) -> Array:
    del beside
    node.knows("perm")
    return given[0].transpose(node.wholes("perm"))


def _unsqueezed(node: Node, given: Sequence[Array], beside: Beside) -> Array:
    del beside
    node.knows("axes")
    return np.expand_dims(given[0], _axes(node, given) or ())


def _squeezed(node: Node, given: Sequence[Array], beside: Beside) -> Array:
    del beside
    node.knows("axes")
    return np.squeeze(given[0], _axes(node, given))


def _gathered(node: Node, given: Sequence[Array], beside: Beside) -> Array:
    del beside
    node.knows("axis")
    _refuse_long(given)
    return np.take(given[0], given[1], axis=node.whole("axis", 0))


def _sliced(node: Node, given: Sequence[Array], beside: Beside) -> Array:
    del beside
    node.knows("axes", "ends", "starts")
    _refuse_long(given)
    # Early versions of the format have them as attributes, later ones as inputs.
    numbers: list[Sequence[int]] = [one.reshape(-1).tolist() for one in given[1:]]
    if not numbers:
        numbers = [node.wholes(key, (0,)) or () for key in ("starts", "ends", "axes")]
    if "" in node.inputs or any(len(one) != 1 for one in numbers) or given[0].ndim != 1:
        raise RefusedError("of one list one piece is taken, and no more")
    first, end, *more = (one[0] for one in numbers)
    axis, step = [*more, *(0, 1)[len(more) :]]
    if axis not in (0, -1):
        raise RefusedError(f"a list has no dimension {axis}")
    return given[0][first:end:step]


def _cast(node: Node, given: Sequence[Array], beside: Beside) -> Array:
    del beside
    node.knows("to", "saturate")
    wanted = node.whole("to", 0)
    # Whole numbers stay as long as they are: that of an open batch would not fit into shorter ones.
    if wanted in _WHOLES and np.issubdtype(given[0].dtype, np.integer):
        return given[0]
    if wanted not in _FLOATS or not np.issubdtype(given[0].dtype, np.floating):
        raise RefusedError(f"of {given[0].dtype} nothing of type number {wanted} is made")
    return given[0].astype(_FLOATS[wanted])


def _joined(node: Node, given: Sequence[Array], beside: Beside) -> Array:
    del beside
    node.knows("axis")
    _refuse_long(given)
    return np.concatenate(given, axis=node.whole("axis", 0))


def _refuse_long(given: Sequence[Array]) -> None:
    """Refuse all but short lists, such as those of sizes."""
    if sum(one.size for one in given) > _MOST_WHOLES:
        raise RefusedError(f"of lists of more than {_MOST_WHOLES} values none is made")


def _axes(node: Node, given: Sequence[Array]) -> tuple[int, ...] | None:
    # Early versions of the format have them as an attribute, later ones as an input.
    return node.wholes("axes") if len(given) == 1 else _few(given[1])


def _few(array: Array) -> tuple[int, ...]:
    """A short list, as of sizes."""
    _refuse_long([array])
    return tuple(map(int, array.reshape(-1)))


_MAKERS: Final[dict[str, Callable[[Node, Sequence[Array], Beside], Array]]] = {
    "Constant": _value,
    "ConstantOfShape": _repeated,
    "Identity": _same,
    "Cast": _cast,
    "Gather": _gathered,
    "Slice": _sliced,
    "Concat": _joined,
    "Reshape": _reshaped,
    "Transpose": _transposed,
    "Unsqueeze": _unsqueezed,
    "Squeeze": _squeezed,
}
"""What makes a constant of constants, or of nothing."""
