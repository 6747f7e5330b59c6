"""The one place where functions are handed to the compiler (numba), with types that the checker understands."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba

F = TypeVar("F", bound=Callable[..., Any])

# numpy's rules for divisions and no bounds checks: every index of the kernel is its own, not the caller's
_OPTIONS: dict[str, Any] = {"nogil": True, "_nrt": False, "error_model": "numpy", "boundscheck": False}


def compiled(function: F) -> F:
    """Compile a function of the kernel when it is first called; it is part of the entry that calls it, not cached alone."""
    return cast("F", numba.njit(**_OPTIONS)(function))


def inlined(function: F) -> F:
    """Compile a function into its callers, which saves the passing of arrays where it counts."""
    return cast("F", numba.njit(forceinline=True, **_OPTIONS)(function))


def cached(function: F) -> F:
    """Compile an entry of the kernel and keep the machine code on disk; in memory only, where no folder can be written."""
    try:
        return cast("F", numba.njit(cache=True, **_OPTIONS)(function))
    except RuntimeError:  # no place for a cache
        return compiled(function)
