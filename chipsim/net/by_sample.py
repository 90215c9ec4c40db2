"""Programs of networks whose samples follow one another through all layers and back."""

from __future__ import annotations

from collections.abc import Sequence

from chipsim.net import arithmetic
from chipsim.net.arithmetic import times
from chipsim.net.learner import Learnt
from chipsim.net.programs import Passes
from chipsim.parts.program import Program, Series, Stream, parallel, series

__all__ = ["BySample"]


class BySample(Passes):
    """A batch streams through the whole network and back, one sample behind the other; then layers change.

    With one sample a batch, a layer is changed as soon as the errors have passed back through it.

    Parameters
    ----------
    chip, matrices, network, figures
        As :class:`Passes` takes them.
    """

    def step(
        self,
        batch: int,
        *,
        forward: tuple[Program, ...],
        backward: tuple[Program, ...],
        learnt: Sequence[Learnt],
    ) -> Program:
        """One training step, as :meth:`Schedule.step` has it."""
        changes = tuple(series((one.first, one.tiles)) if one.first else one.tiles for one in learnt)
        key = (batch, forward, backward, changes)
        # Looked up once: hashing a program of many parts is what a known step takes.
        program = self.built.get(key)
        if program is None:
            # Behind a sample that nobody learns from no layer changes, however many there are.
            alone = batch == 1 and self.learns
            build = self._one_sample if alone else self._many_samples
            program = self.built[key] = build(batch, forward, backward, changes)
        return program

    def _one_sample(
        self,
        batch: int,  # noqa: ARG002
        forward: tuple[Program, ...],
        backward: tuple[Program, ...],
        changes: tuple[Program, ...],
    ) -> Program:
        tail: Program = changes[self.first]
        for index in range(self.first + 1, len(self.matrices)):
            # Once its errors are through a layer, nothing needs its old weights any more: it changes while
            # they go on through the layers before it.
            key = index, backward[index - 1]
            back = self._backs.get(key)
            if back is None:
                back = self._backs[key] = tuple(self._back(*key))
            tail = series((*back, parallel((changes[index], tail))))
        first = self._until_error.get(forward)
        if first is None:
            first = (self._arrival(), *self._forward(forward), *self._error())
            self._until_error[forward] = first
        return series((*first, tail))

    def _many_samples(
        self,
        batch: int,
        forward: tuple[Program, ...],
        backward: tuple[Program, ...],
        changes: tuple[Program, ...],
    ) -> Program:
        # All samples of a batch see the same weights, so no layer changes before the last of them is through,
        # and the errors of each wait in the buffer until then.
        last = len(self.matrices) - 1
        back: list[Program | None] = [*self._error(), *self._waiting_errors(last)]
        for index in range(last, self.first, -1):
            back += self._back(index, backward[index - 1])
            # What goes through the buffer has been put there already.
            if not self._through_buffer(index):
                back += self._waiting_errors(index - 1)
        sample = series((self._arrival(), *self._forward(forward), *back))
        return Series((Stream(sample, batch), parallel(changes)))

    def _forward(self, passes: tuple[Program, ...]) -> list[Program]:
        """Pass after pass, activations computed in the digital unit and kept in the buffer."""
        # The digital unit keeps what it computed for the sample at hand; to the buffer go only the inputs
        # of the next layer, since tiles are driven from there.
        items: list[Program] = []
        for index, program in enumerate(passes):
            items += self._through(index, program, kept=index + 1 < len(passes))
        return items

    def _through_buffer(self, index: int) -> bool:
        """Whether the errors that a layer sends back come piece by piece, and wait for one another."""
        return self.stages[index].patches > 1 or self.stages[index - 1].in_pieces

    def _back(self, index: int, backward: Program) -> list[Program | None]:
        """Errors of a layer's sums go back through it and become those of the sums before.

        Those of a layer in pieces were put into the buffer, and are put there again.
        """
        if not self._through_buffer(index):
            return [backward, self._slope(index - 1)]
        stage, before, matrix = self.stages[index], self.stages[index - 1], self.matrices[index]
        items: list[Program | None] = []
        if stage.patches == 1:
            items.append(backward)
        else:
            errors = self._from_buffer(stage.columns * matrix.error_bits)
            vector = series((*errors, backward, *self._vector_back(index)))
            items.append(Stream(vector, stage.patches))
            # Fetched anew once all vectors are through: an input's error is the sum over its windows.
            items += self._from_buffer(stage.inputs * matrix.returned_bits)
        items += self._passing_back(index - 1, 1)
        if self.activation(index - 1).backward:
            items += self._from_buffer(before.units * self._word(index - 1))
            items.append(self._slope(index - 1))
        return [*items, *self._errors_to_buffer(index - 1)]

    def _waiting_errors(self, index: int) -> tuple[Program, ...]:
        """Errors that wait until the tiles of a layer change, which those of a frozen layer never do."""
        return () if self.stages[index].frozen else self._errors_to_buffer(index)

    def _errors_to_buffer(self, index: int) -> tuple[Program, Program]:
        """Errors of a layer's sums wait there until its tiles change."""
        return self._to_buffer(self.stages[index].units * self.matrices[index].error_bits)

    def _error(self) -> list[Program]:
        """Errors of the outputs; and whether the answer was right, where the selector goes by accuracy."""
        digital = self.chip.digital
        items: list[Program] = []
        if self.learns:
            items.append(digital.compute("error", **self._loss_counts()))
        if self.chip.selector.asks_accuracy:
            answer = arithmetic.right_answer(self.network.classes)
            items.append(digital.compute("accuracy", **answer))
        return items

    def _slope(self, index: int) -> Program | None:
        """Errors of a layer's activations become errors of its sums, while its values are at hand."""
        counts = times(self.stages[index].units, self.activation(index).backward)
        return self.chip.digital.compute("error", **counts) if counts else None
