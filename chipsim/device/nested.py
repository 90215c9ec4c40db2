"""Compiling kernels that kernels call: translated once, and optimised where they are called.

Numba optimises every kernel by itself, makes machine code and two wrappers of it, and links its code into
each caller, where all of it is optimised anew: what lies four calls deep goes through this five times, for
code that nobody runs. Here a kernel that is met within another one is only translated. The outermost
optimises all that it is made of, once; and a kernel that Python calls later on is made callable from what was
translated.

Of numba this takes its pipeline, its flags, and its libraries of code, which are its own affair and may be
others in its next version; :data:`NESTS` says whether this is one that was tried.
"""

# Numba is half typed.
# mypy: disable-error-code="no-untyped-call"

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import Any, Final

import numba
from numba.core import event, sigutils
from numba.core.codegen import CPUCodeLibrary, JITCodeLibrary, JITCPUCodegen
from numba.core.compiler import Compiler, CompileResult, Flags
from numba.core.compiler_lock import global_compiler_lock
from numba.core.registry import CPUDispatcher
from numba.core.targetconfig import TargetConfig

__all__ = ["NESTS", "KernelDispatcher", "is_callable", "nests"]

_SETTINGS: Final = ("no_compile", "no_cpython_wrapper", "no_cfunc_wrapper")
_LIBRARY: Final = (
    "_optimize_final_module",
    "_finalize_final_module",
    "_finalize_dynamic_globals",
)

_DEFAULTS: Final = {name: option.default for name, option in Flags.options.items()}

_TRIED: Final = frozenset({"0.68"})
"""Versions of numba with which all tests were run; others compile each kernel by itself, as they do alone."""


def nests(version: str) -> bool:
    """Whether a version of numba was tried, and is built as is taken for granted here."""
    return (
        ".".join(version.split(".")[:2]) in _TRIED
        and all(name in Flags.options for name in _SETTINGS)
        and all(hasattr(CPUCodeLibrary, name) for name in _LIBRARY)
        and hasattr(CompileResult, "_find_referenced_environments")
        and "_values" in TargetConfig.__slots__
        and hasattr(JITCPUCodegen, "_library_class")
        and "call_helper" in CompileResult._fields
    )


NESTS: Final = nests(numba.__version__)
"""Whether kernels nest; if not, numba compiles each by itself, as it does alone."""

_within: Final[list[str]] = []
"""Names of kernels that are being compiled, the outermost first."""


class _Flags(Flags):
    """Numba's settings, told apart in a sixth of the time: it does so at every operator that it looks up."""

    def values(self) -> dict[str, Any]:
        """All of them, those that are not set as well."""
        return {**_DEFAULTS, **self._values}


class _Linked(JITCodeLibrary):
    """Code that lies in its callers only: not optimised as a whole by itself, and no machine code."""

    _has_machine_code = False

    @classmethod
    def _unserialize(cls, codegen: Any, state: Any) -> Any:
        # What is loaded from disk in the midst of a compilation has machine code.
        with _library_of(codegen, JITCodeLibrary):
            return JITCodeLibrary._unserialize(codegen, state)  # noqa: SLF001

    @property
    def codegen(self) -> Any:
        """By which numba sets the environment of what it has compiled."""
        return self

    def set_env(self, name: str, environment: Any) -> None:
        """Set it where there is machine code; callers do with their own, see :func:`_set_environments`."""
        if self._has_machine_code:
            codegen: Any = self._codegen
            codegen.set_env(name, environment)

    def get_pointer_to_function(self, name: str) -> Any:
        """Where a function lies; none does, but for functions that numba made a wrapper for Python of."""
        self._ensure_finalized()
        if any(one.name == name for one in self.get_defined_functions()):
            super()._optimize_final_module()
            super()._finalize_final_module()
            self._has_machine_code = True
        return super().get_pointer_to_function(name)

    def _optimize_final_module(self) -> None:
        """Left to callers."""

    def _finalize_final_module(self) -> None:
        # All that there is to it but for what hands the module to the engine.
        self._finalize_dynamic_globals()
        self._finalized = True


class _KernelCompiler(Compiler):
    """Numba's own steps; a kernel that is met within another one ends in code to be linked."""

    def define_pipelines(self) -> Any:
        flags = self.state.flags
        # Here and not before: numba keeps a copy of the flags as they were, by which it knows whether it has
        # compiled a function of its own for such a caller already.
        flags.no_cfunc_wrapper = True
        if self._nested:
            flags.no_compile = flags.no_cpython_wrapper = True
        return super().define_pipelines()

    def compile_extra(self, func: Callable[..., Any]) -> Any:
        """Compile a function, as numba asks for it."""
        self.state.flags = _Flags(self.state.flags)
        self._nested = bool(_within)
        codegen = self.state.targetctx.codegen()
        kind = _Linked if self._nested else JITCodeLibrary
        self.state.library = kind(codegen, func.__qualname__)
        if not self._nested:
            self.state.library.enable_object_caching()
        with _compiling(func.__qualname__, codegen):
            done = super().compile_extra(func)
        if self._nested:
            done.library.finalize()
            return _known(done, object())
        _set_environments(done)
        return done


class KernelDispatcher(CPUDispatcher):
    """A kernel with its compiled forms, some of which can be called from kernels only.

    Parameters
    ----------
    function
        The kernel, not compiled.
    options
        Of numba's ``njit``.
    """

    _cache: Any

    def __init__(self, function: Callable[..., Any], **options: Any) -> None:
        settings = {"nopython": True, "boundscheck": None, **options}
        super().__init__(function, {}, settings, pipeline_class=_KernelCompiler)

    def add_overload(self, cres: Any) -> None:
        """Take a form that was compiled or loaded."""
        if is_callable(cres):
            super().add_overload(cres)
        else:
            self.overloads[tuple(cres.signature.args)] = cres

    def compile(self, sig: Any) -> Any:
        """The entry of a form, compiled if need be; one that Python asks for can be called by Python."""
        with global_compiler_lock:
            args, _ = sigutils.normalize_signature(sig)
            found = self.overloads.get(tuple(args))
            if found is None or is_callable(found) or _within:
                return super().compile(sig)
            details = {"dispatcher": self, "args": args, "return_type": None}
            with event.trigger_event("numba:compile", data=details):
                done = _made_callable(found)
                self.add_overload(done)
            self._cache.save_overload(sig, done)
            return done.entry_point


def is_callable(done: Any) -> bool:
    """Whether a compiled form can be called from Python, and kept on disk."""
    return not isinstance(done.library, _Linked)


def _made_callable(done: Any) -> Any:
    """A form that was only linked so far, with a wrapper for Python."""
    context, about = done.target_context, done.fndesc
    library = context.codegen().create_library(about.qualname)
    library.enable_object_caching()
    library.add_linking_library(done.library)
    with context.push_code_library(library):
        context.create_cpython_wrapper(library, about, done.environment, done.call_helper)
    entry = context.get_executable(library, about, done.environment)
    made = _known(done._replace(library=library), entry)
    _set_environments(made)
    return made


def _known(done: Any, entry: Any) -> Any:
    """A form whose callers find its code under an entry."""
    done.target_context.insert_user_function(entry, done.fndesc, [done.library])
    return done._replace(entry_point=entry)


def _set_environments(done: Any) -> None:
    """Say where the environments of linked kernels lie, as numba does for those that it loads from disk."""
    for environment in done._find_referenced_environments():  # noqa: SLF001
        done.library.codegen.set_env(environment.env_name, environment)


@contextlib.contextmanager
def _compiling(name: str, codegen: Any) -> Iterator[None]:
    _within.append(name)
    try:
        # Functions of numba's own that kernels call are nested in them as well.
        with _library_of(codegen, _Linked):
            yield
    finally:
        _within.pop()


@contextlib.contextmanager
def _library_of(codegen: Any, kind: type[JITCodeLibrary]) -> Iterator[None]:
    """Have numba put code into libraries of one kind."""
    usual, codegen._library_class = codegen._library_class, kind  # noqa: SLF001
    try:
        yield
    finally:
        codegen._library_class = usual  # noqa: SLF001
