"""Compilation of the pricing's functions with numba, typed as what they are. Importing this loads the compiler."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba

F = TypeVar("F", bound=Callable[..., Any])


def compiled(function: F) -> F:
    """Compile a function of numbers and arrays at its first call; the code is kept beside the source for the next time."""
    return cast("F", numba.njit(cache=True, nogil=True)(function))


def inlined(function: F) -> F:
    """Do the same for a short step of the innermost loops, which is copied to where it is used."""
    return cast("F", numba.njit(cache=True, nogil=True, inline="always")(function))
