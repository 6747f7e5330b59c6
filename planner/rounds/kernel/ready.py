"""Whether the kernel's machine code is at hand, and how it comes to be without anybody waiting for it.

The compiler takes some ten seconds once per installation. A process of its own does that work, so that the one that wants
a plan can go on, and so that it is finished even if that one ends before. Where the machine code cannot be kept on disk, a
thread does it for this process alone.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

from planner.rounds.kernel import columns as c
from planner.rounds.kernel.tables import State, Tables

LOCK = "compiling.lock"
"""File that the process which compiles holds, in the folder of the machine code."""
ANOTHER = 3
"""Exit code of a process that would have compiled, had another one not been at it already."""
_loaded = threading.Event()


def is_loaded() -> bool:
    """Tell whether this process can run the kernel at once."""
    return _loaded.is_set()


def load() -> None:
    """Load the machine code, or compile it if there is none."""
    from planner.rounds.kernel.entry import search

    m, now = _nothing()
    search(m, now, 0, 1.0, 1.0, np.zeros(c.MOVES))
    _loaded.set()
    mark = _mark()
    if mark is not None and not mark.exists():
        with contextlib.suppress(OSError):
            mark.touch()


def at_hand() -> bool:
    """Tell whether the machine code is loaded, or lies on disk where `load` finds it in a moment."""
    mark = None if is_loaded() else _mark()
    return is_loaded() or (mark is not None and mark.exists())


def _mark() -> Path | None:
    """Give the file whose existence says that this version is compiled for this processor; None if nothing can be kept."""
    import llvmlite
    import llvmlite.binding
    import numba

    from planner.rounds.kernel.entry import VERSION, folder

    where = folder()
    if where is None:
        return None
    parts = f"{VERSION:x}", sys.implementation.cache_tag, numba.__version__, llvmlite.binding.get_host_cpu_name()
    return where / "-".join(["kernel", *map(str, parts)])


def compiler_command() -> list[str]:
    """Give the command line of a process that compiles the kernel if need be; it exits with `ANOTHER` if one is at it."""
    words = "import sys; sys.path[:] = sys.argv[1:]; from planner.rounds.kernel.ready import compile_once; compile_once()"
    return [sys.executable, "-c", words, *sys.path]


def prepare() -> Callable[[], bool]:
    """Have the kernel compiled beside this process; the answer tells whether `load` takes a moment only."""
    mark = _mark()
    if mark is None:
        threading.Thread(target=load, daemon=True).start()
        return is_loaded
    try:
        child = subprocess.Popen(  # noqa: S603 - this interpreter with our own words
            compiler_command(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,  # Ctrl-C is meant for the search
        )
    except OSError:
        threading.Thread(target=load, daemon=True).start()
        return is_loaded

    def done() -> bool:
        if mark.exists() or is_loaded():
            return True
        if child.poll() in (None, ANOTHER):
            return False
        load()  # it failed, or can write nothing after all: then here and now
        return True

    return done


def compile_once() -> None:
    """Compile the kernel, unless another process is just doing so; ends this process."""
    mark = _mark()
    with _alone(mark) as first:
        if first and (mark is None or not mark.exists()):
            load()
    sys.exit(0 if first else ANOTHER)


@contextlib.contextmanager
def _alone(mark: Path | None) -> Iterator[bool]:
    """Hold the lock on the folder of the machine code, if it is free; without such locks, work is only done twice."""
    try:
        import fcntl
    except ImportError:
        yield True
        return
    if mark is None:
        yield True
        return
    number = os.open(mark.parent / LOCK, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield True
    except BlockingIOError:
        yield False
    finally:
        os.close(number)


def _nothing() -> tuple[Tables, State]:
    """Give a model and a solution of nothing, of the types that every other has."""
    ints, small = np.zeros((0, 1), np.int64), np.zeros((0, 0), np.int32)
    cubes = np.zeros((0, 1, 1), np.int64)
    row, small_row = np.zeros(0, np.int64), np.zeros(0, np.int32)
    m = Tables(small, small, ints, ints, ints, small_row, small_row, ints, small, small_row, small_row, row)
    now = State(
        known_stamp=small_row,
        known_cost=row,
        known_position=small_row,
        moved=ints,
        used=ints,
        movable=small_row,
        spare=small_row,
        route=ints,
        line=np.zeros((0, 1, 1), np.int32),
        gap=cubes,
        best=cubes,
        draft=ints,
        note=row,
        noted=row,
        counter=np.ones(c.COUNTERS, np.int64),
        chance=np.ones(1, np.uint64),
    )
    return m, now
