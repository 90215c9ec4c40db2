"""How every command ends: messages for what the user can mend, tracebacks for what only we can."""

from __future__ import annotations

import contextlib
import os
import sys
import traceback
import warnings
from collections.abc import Iterator
from typing import Any, Final

import click

from chipsim.cli.terminal import about_failure, printable, speaking
from chipsim.errors import ChipsimError, ChipsimWarning, did_you_mean
from chipsim.limits import TOLD_PROBLEMS

__all__ = ["INTERRUPTED", "MENDABLE", "Commands"]

MENDABLE = 2
"""Exit code for everything that the user can mend; the same as click's for wrong usage."""
INTERRUPTED = 130
"""Exit code after Ctrl-C, as shells have it."""
_LOOP: Final = "Symlink loop from "
"""What Python says, up to 3.12, of links that lead to one another."""
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
            meant = did_you_mean(given, self.commands)
            raise click.UsageError(f"no command {given!r}; known: {known}{meant}", ctx)
        return super().resolve_command(ctx, args)

    def main(self, *args: Any, **more: Any) -> Any:
        """Run the command line; what the system refuses becomes a message, too."""
        with speaking():
            try:
                return super().main(*args, **more)
            except OSError as error:
                _complain(ChipsimError(about_failure(error)))
                _let_go_of_output()
                sys.exit(MENDABLE)

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
        # Click's own, of which Exit and Abort are a RuntimeError each: not to be taken for ours below.
        except (click.ClickException, click.exceptions.Exit, click.Abort):
            raise
        except MemoryError as error:
            what = f": {error}" if str(error) else ""
            _complain(ChipsimError(f"this needs more memory than there is{what}"))
            ctx.exit(MENDABLE)
        except OSError:
            raise  # told by main, and silently ended where a pipe was closed
        except RuntimeError as error:
            if not str(error).startswith(_LOOP):
                error.add_note(_whose(error))
                raise
            _complain(ChipsimError(f"{str(error).removeprefix(_LOOP)}: links that lead in a circle"))
            ctx.exit(MENDABLE)
        except EOFError as error:
            # Click takes it for the end of what the user types, and would say "Aborted!" and no more.
            raise RuntimeError(_whose(error)) from error
        except Exception as error:
            error.add_note(_whose(error))
            raise


def _whose(error: BaseException) -> str:
    """Whether it is ours, or of code of the user's that a description names."""
    # Loaded when something went wrong only, so that help is quick.
    from chipsim.spec.trust import is_trusted  # noqa: PLC0415

    # From where it was raised outwards: the closest code that is the user's own is what to look at.
    for frame, _ in reversed(list(traceback.walk_tb(error.__traceback__))):
        module = str(frame.f_globals.get("__name__", ""))
        package = module.partition(".")[0]
        # A library that we call is no package that the user trusts.
        if package not in ("chipsim", "__main__") and is_trusted(package):
            return f"This was raised by {module}, in {frame.f_code.co_name}: code that is no part of chipsim."
    return _BUG


@contextlib.contextmanager
def _warnings_as_notes() -> Iterator[None]:
    """Print our own warnings as a line each, where Python would show a line of our code with them."""
    with warnings.catch_warnings():
        # Python shows a warning once a line of code, and of several runs each has its own.
        warnings.simplefilter("always", ChipsimWarning)
        usual = warnings.showwarning

        def show(message: Warning | str, category: type[Warning], *more: Any, **named: Any) -> None:
            if issubclass(category, ChipsimWarning):
                click.echo(f"note: {message}", err=True)
            else:
                usual(message, category, *more, **named)

        warnings.showwarning = show
        yield


def _let_go_of_output() -> None:
    """Drop what standard output has not taken, or Python would complain about it once more at its end."""
    try:
        sys.stdout.flush()
    except OSError:
        with contextlib.suppress(OSError, ValueError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _complain(error: ChipsimError) -> None:
    """One line a problem, each with its place."""
    problems = getattr(error, "problems", None) or (error,)
    start = click.style("error:", fg="red", bold=True)
    for problem in problems[:TOLD_PROBLEMS]:
        click.echo(f"{start} {printable(str(problem))}", err=True)
    if len(problems) > TOLD_PROBLEMS:
        click.echo(f"and {len(problems) - TOLD_PROBLEMS:,} more problems", err=True)
