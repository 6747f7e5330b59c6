"""The unit of work: a part of a problem with its routes in, better routes out. Bytes, so that it may run anywhere."""

from __future__ import annotations

import functools
import time
from collections.abc import Callable
from importlib import metadata

import msgspec
import numpy as np

from planner.rounds.model import Model
from planner.rounds.pool import Pool
from planner.rounds.problem import Problem
from planner.rounds.solution import Solution
from planner.rounds.travel import Matrix

ROUTES_SENT = 400
"""Routes met that an answer tells besides its own, the latest ones: what a merge can make use of."""
COMPILING = b"compiling"
"""Answer of `warm_up` where the search has never been used before."""
HEAD = 8
"""Bytes that tell where the travel times begin."""


class Terms(msgspec.Struct, frozen=True):
    """How to search.

    Attributes
    ----------
    ways
        Per duty of the part, its stops, in numbers of the part.
    seed
        Of the search.
    seconds, rounds
        When it ends: the first of both; None for no limit of that kind.
    warm, cold
        Temperatures at its beginning and end, as for `planner.rounds.kernel.improve`.
    """

    ways: list[list[int]]
    seed: int
    seconds: float | None
    rounds: int | None
    warm: float
    cold: float


class Better(msgspec.Struct, frozen=True):
    """What was found, in numbers of the part.

    Attributes
    ----------
    ways
        Per duty, the stops of the best solution.
    met
        Other routes met on the way: duty, stops, price.
    rounds
        Rounds done.
    compiled
        Whether the compiled search was at hand; it is being compiled otherwise.
    last
        As `ways`, of the solution that it ended with, from which a longer annealing goes on.
    """

    ways: list[list[int]]
    met: list[tuple[int, list[int], int]]
    rounds: int
    compiled: bool = True
    last: list[list[int]] = []


class VersionError(RuntimeError):
    """A worker has another version of the program than whoever asks."""


class _Order(msgspec.Struct, frozen=True):
    version: str
    problem: Problem
    terms: Terms


@functools.cache
def version() -> str:
    """Tell the version of the program."""
    try:
        return metadata.version("liftrounds")
    except metadata.PackageNotFoundError:  # run from a folder that is not installed
        return "unknown"


def encode(problem: Problem, matrix: Matrix, terms: Terms) -> bytes:
    """Write a task."""
    head = msgspec.json.encode(_Order(version(), problem, terms))
    head += b" " * (-(HEAD + len(head)) % HEAD)  # numbers of the matrix then lie where the machine reads them best
    return len(head).to_bytes(HEAD, "little") + head + matrix.astype("<i4", copy=False).tobytes()


def run(data: bytes) -> bytes:
    """Carry a task out; what the workers of a team run.

    Parameters
    ----------
    data
        Bytes of `encode`.

    Returns
    -------
    bytes
        JSON of a `Better`.

    Raises
    ------
    VersionError
        If another version asks.
    """
    begun_s = time.monotonic()
    problem, matrix, terms = decode(data)
    return msgspec.json.encode(search(problem, matrix, terms, _until(begun_s, terms.seconds)))


def decode(data: bytes) -> tuple[Problem, Matrix, Terms]:
    """Read what `encode` wrote.

    Raises
    ------
    VersionError
        If another version wrote it.
    """
    size = int.from_bytes(data[:HEAD], "little")
    order = msgspec.json.decode(data[HEAD : HEAD + size], type=_Order)
    if order.version != version():
        raise VersionError(f"version {version()} of Liftrounds is on a worker, {order.version} asks")
    places = len(order.problem.locations)
    matrix = np.frombuffer(data, "<i4", places * places, HEAD + size).reshape(places, places)
    matrix = matrix.astype(np.int32)  # a copy that may be written: the search is compiled for no other kind
    return order.problem, matrix, order.terms


def _until(begun_s: float, seconds: float | None) -> Callable[[], float | None]:
    """Give the share of the time that is done, None when it is over."""

    def share() -> float | None:
        if seconds is None:
            return 0.0
        done = (time.monotonic() - begun_s) / seconds if seconds > 0 else 1.0
        return done if done < 1 else None

    return share


def search(problem: Problem, matrix: Matrix, terms: Terms, keep_going: Callable[[], float | None]) -> Better:
    """Search a part of a problem on these terms, as long as `keep_going` says."""
    from planner.rounds import kernel

    solution = Solution(Model(problem, matrix))
    for duty, stops in enumerate(terms.ways):
        way = solution.way(duty, stops)
        if way is not None:  # a bank may be in the way whose other visits were planned elsewhere since
            solution.put(way)
    pool = Pool()
    last: list[list[int]] = []
    rounds = kernel.improve(
        solution,
        seed=terms.seed,
        rounds=terms.rounds,
        keep_going=keep_going,
        warm=terms.warm,
        cold=terms.cold,
        pool=pool,
        last=last,
    )
    met = [(route.duty, list(route.stops), route.cost) for route in pool.routes()[-ROUTES_SENT:]]
    return Better([list(way.stops) for way in solution.ways], met, rounds, kernel.at_hand(), last)


def warm_up(data: bytes) -> bytes:
    """Load the compiled search, if there is one, so that the first task does not wait for it."""
    from planner.rounds import kernel

    if not kernel.at_hand():
        return COMPILING
    kernel.load()
    return data
