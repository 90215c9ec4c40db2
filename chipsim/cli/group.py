"""How every command ends: messages for what the user can mend, tracebacks for what only we can."""

from __future__ import annotations

import contextlib
import warnings
from collections.abc import Iterator
from typing import Any, Final

import click

from chipsim.errors import ChipsimError, ChipsimWarning, did_you_mean
from chipsim.limits import TOLD_PROBLEMS

__all__ = ["INTERRUPTED", "MENDABLE", "Commands"]

MENDABLE = 2
"""Exit code for everything that the user can mend; the same as click's for wrong usage."""
INTERRUPTED = 130
"""Exit code after Ctrl-C, as shells have it."""
_BUG: Final = "This is a bug in chipsim: please report it with the command and this traceback."


class Commands(click.Group):
    """A group that lists its commands in the order they were written, and knows how they may fail."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Names in the order of their definition."""
        del ctx
        return list(self.commands)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command that the first argument names.

        Raises
        ------
        click.UsageError
            When there is none; the message lists those that there are.
        """
        given = args[0]
        if given not in self.commands and not given.startswith("-"):
            known = ", ".join(self.commands)
            raise click.UsageError(
                f"no command {given!r}; known: {known}{did_you_mean(given, self.commands)}", ctx
            )
        return super().resolve_command(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command; a user's error becomes a message and an exit code."""
        try:
            with _warnings_as_notes():
                return super().invoke(ctx)
        except ChipsimError as error:
            _complain(error)
            ctx.exit(MENDABLE)
        except KeyboardInterrupt:
            click.echo("interrupted", err=True)
            ctx.exit(INTERRUPTED)
        except (click.ClickException, click.exceptions.Exit, click.Abort):
            raise
        except MemoryError as error:
            what = f": {error}" if str(error) else ""
            _complain(ChipsimError(f"this needs more memory than there is{what}"))
            ctx.exit(MENDABLE)
        except EOFError as error:
            # Click takes it for the end of what the user types, and would say "Aborted!" and no more.
            raise RuntimeError(_BUG) from error
        except Exception as error:
            error.add_note(_BUG)
            raise


@contextlib.contextmanager
def _warnings_as_notes() -> Iterator[None]:
    """Print our own warnings as a line each, where Python would show a line of our code with them."""
    with warnings.catch_warnings():
        warnings.simplefilter("always", ChipsimWarning)
        usual = warnings.showwarning

        def show(message: Warning | str, category: type[Warning], *more: Any, **named: Any) -> None:
            if issubclass(category, ChipsimWarning):
                click.echo(f"note: {message}", err=True)
            else:
                usual(message, category, *more, **named)

        warnings.showwarning = show
        yield


def _complain(error: ChipsimError) -> None:
    """One line a problem, each with its place."""
    problems = getattr(error, "problems", None) or (error,)
    for problem in problems[:TOLD_PROBLEMS]:
        click.echo(f"{click.style('error:', fg='red', bold=True)} {problem}", err=True)
    if len(problems) > TOLD_PROBLEMS:
        click.echo(f"and {len(problems) - TOLD_PROBLEMS:,} more problems", err=True)
