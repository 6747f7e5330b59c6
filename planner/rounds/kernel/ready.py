"""Whether the kernel's machine code is at hand, and how it comes to be without anybody waiting for it.

The compiler takes some ten seconds once per installation. A process of its own does that work, so that the one that wants
a plan can go on, and so that it is finished even if that one ends before. Where the machine code cannot be kept on disk, a
thread does it for this process alone.
"""

from __future__ import annotations

import contextlib
import logging
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

from planner.rounds.kernel import columns as c
from planner.rounds.kernel.tables import State, Tables

_LOG = logging.getLogger(__name__)
LOCK = "compiling.lock"
"""File that the process which compiles holds, in the folder of the machine code."""
ANOTHER = 3
"""Exit code of a process that would have compiled, had another one not been at it already."""
_loaded = threading.Event()


def is_loaded() -> bool:
    """Tell whether this process can run the kernel at once."""
    return _loaded.is_set()


def load() -> None:
    """Load the machine code, or compile it if there is none.

    What lies on disk may be broken, and what is compiled may find no room there: neither keeps the search from going on.
    """
    from planner.rounds.kernel import entry

    m, now = _nothing()
    for tries_left in (2, 1, 0):
        try:
            entry.search(m, now, 0, 1.0, 1.0, np.zeros(c.MOVES))
            break
        except Exception:  # whatever a broken file makes of the reader; what could only not be kept works at the second try
            if not tries_left:
                raise
            if tries_left == 1:
                _discard()
    _loaded.set()
    mark = _mark()
    if mark is not None and not mark.exists():
        with contextlib.suppress(OSError):
            mark.touch()


def try_to_load(*, only_from_disk: bool = False) -> bool:
    """Load the machine code, and say in the log why that is not possible.

    Parameters
    ----------
    only_from_disk
        Do nothing where it has to be compiled first.
    """
    if is_loaded() or (only_from_disk and not at_hand()):
        return is_loaded()
    try:
        if only_from_disk:
            _open()
        else:
            load()
    except Exception as error:
        if not only_from_disk:
            _LOG.warning("the quick search cannot be compiled here (%s); a slower one makes the plans", error)
        else:
            _discard()
    return is_loaded()


def _open() -> None:
    from planner.rounds.kernel.entry import search

    m, now = _nothing()
    search(m, now, 0, 1.0, 1.0, np.zeros(c.MOVES))
    _loaded.set()


def _discard() -> None:
    from planner.rounds.kernel.entry import discard

    mark = _mark()
    discard()
    if mark is not None:
        with contextlib.suppress(OSError):
            mark.unlink(missing_ok=True)


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
        return _prepare_here()
    try:
        child = subprocess.Popen(  # noqa: S603 - this interpreter with our own words
            compiler_command(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,  # Ctrl-C is meant for the search
        )
    except OSError:
        return _prepare_here()
    threading.Thread(target=child.wait, daemon=True).start()  # for it may end long after the search
    here = False

    def done() -> bool:
        nonlocal here
        if mark.exists() or is_loaded():
            return True
        if not here and child.poll() not in (None, ANOTHER):  # it failed, or can write nothing after all
            here = True
            _prepare_here()
        return False

    return done


def _prepare_here() -> Callable[[], bool]:
    """Have the kernel compiled by a thread of this process, for this process alone."""
    threading.Thread(target=try_to_load, daemon=True).start()
    return is_loaded


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
    try:
        number = os.open(mark.parent / LOCK, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError:  # a folder that may only be read, or somebody else's lock
        yield True
        return
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
