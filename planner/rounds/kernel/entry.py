"""The kernel's one door, whose machine code is kept on disk."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

from planner.rounds.kernel.compiler import cached, compiled
from planner.rounds.kernel.search import run
from planner.rounds.kernel.tables import Real, State, Tables

Run = Callable[[Tables, State, int, float, float, Real], int]


def _version() -> int:
    """Give a number that changes with the kernel's source: the compiler's own cache looks at this file alone."""
    sources = sorted(Path(__file__).parent.glob("*.py"))
    return int.from_bytes(hashlib.blake2b(b"".join(path.read_bytes() for path in sources), digest_size=7).digest()) | 1


def _door(version: int, *, kept: bool = True) -> Run:
    @(cached if kept else compiled)
    def kernel(m: Tables, now: State, rounds: int, warm: float, factor: float, tune: Real) -> int:
        return run(m, now, rounds, warm, factor, tune) if version else -1

    return kernel


VERSION = _version()
_kernel = _door(VERSION)


def search(m: Tables, now: State, rounds: int, warm: float, factor: float, tune: Real) -> int:
    """Do what `planner.rounds.kernel.search.run` says.

    It is handed plain tuples, so that what lies on disk knows no class of ours: a version without it could not read that.
    """
    return _kernel(tuple(m), tuple(now), rounds, warm, factor, tune)  # type: ignore[arg-type]


def discard() -> None:
    """Remove machine code that cannot be read from disk; where that is forbidden, keep none from now on."""
    global _kernel  # noqa: PLW0603 - the one door of this process
    where = folder()
    try:
        for path in [] if where is None else [*where.glob("entry.*.nbi"), *where.glob("entry.*.nbc")]:
            path.unlink(missing_ok=True)
        _kernel = _door(VERSION)
    except OSError:
        _kernel = _door(VERSION, kept=False)


def folder() -> Path | None:
    """Give the folder of the machine code; None if none can be written."""
    path: str | None = _kernel.stats.cache_path  # type: ignore[attr-defined]
    return None if path is None else Path(path)
