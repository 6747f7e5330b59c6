"""What runs in a solver's process: it takes one order, tells how far it is, and answers with a plan."""

from __future__ import annotations

import contextlib
import gc
import signal
import traceback
from multiprocessing.connection import Connection
from pathlib import Path

import msgspec

from planner.rounds.faults import Fault, FaultyInputError
from planner.rounds.plan import Plan, parse_plan, plan_bytes
from planner.rounds.problem import parse_problem
from planner.rounds.scale import TeamError
from planner.rounds.scale.teams import team_of
from planner.rounds.solve import solve
from planner.rounds.stop import Progress, Stop


class Order(msgspec.Struct, frozen=True, tag=True):
    """What to solve, and by whom: by `workers` processes, or by the cluster at an address."""

    problem: bytes
    folder: str | None
    start: bytes | None
    seed: int
    time_limit_s: float
    begun_s: float
    workers: int
    cluster: str | None


class Told(msgspec.Struct, frozen=True, tag=True):
    """How far the search is."""

    progress: Progress


class Answer(msgspec.Struct, frozen=True, tag=True):
    """The plan file's bytes."""

    plan: bytes


class Refused(msgspec.Struct, frozen=True, tag=True):
    """Faults of the input."""

    faults: list[Fault]


class Unready(msgspec.Struct, frozen=True, tag=True):
    """Why the team that was asked for cannot search."""

    why: str


class Failed(msgspec.Struct, frozen=True, tag=True):
    """A mistake of ours, or a want of memory: the last line of the trace and all of it."""

    what: str
    trace: str


class StopNow(msgspec.Struct, frozen=True, tag=True):
    """Somebody wants the best plan now."""


Upward = Told | Answer | Refused | Unready | Failed
Downward = StopNow

_encode = msgspec.json.Encoder().encode  # not MessagePack: prices may pass 64 bits
_decode = msgspec.json.Decoder(Downward).decode


def send(connection: Connection, message: Upward | Order | Downward) -> None:
    """Send one message."""
    connection.send_bytes(_encode(message))


def work(connection: Connection, order: bytes) -> None:
    """Carry out an order; the entry of the process.

    Parameters
    ----------
    connection
        Both ways: `Upward` messages out, `Downward` messages in. When it breaks, nobody wants the plan any more.
    order
        An encoded `Order`.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; the caller decides what it means
    gc.disable()  # routes hold no circles, and looking for some costs a tenth of the time
    with contextlib.suppress(BrokenPipeError, ConnectionResetError, EOFError):
        try:
            _solve(connection, msgspec.json.decode(order, type=Order))
        except FaultyInputError as error:
            send(connection, Refused(list(error.faults)))
        except TeamError as error:
            send(connection, Unready(str(error)))
        except (BrokenPipeError, ConnectionResetError, EOFError):
            raise
        except BaseException as error:  # whatever it is, the caller must hear of it
            send(connection, Failed(f"{type(error).__name__}: {error}", traceback.format_exc()))


def _solve(connection: Connection, order: Order) -> None:
    with team_of(order.workers, order.cluster) as team:  # which gets ready while the problem is read
        problem = parse_problem(order.problem, None if order.folder is None else Path(order.folder))
        start = _start(order.start)
        stop = Stop(order.time_limit_s, requested=_Listener(connection).stop_wanted, begun_s=order.begun_s)
        plan = solve(problem, stop, order.seed, start, lambda progress: send(connection, Told(progress)), team)
        send(connection, Answer(plan_bytes(plan)))


def _start(data: bytes | None) -> Plan | None:
    if data is None:
        return None
    try:
        return parse_plan(data)
    except FaultyInputError as error:
        raise FaultyInputError([Fault(f"start.{fault.path}".rstrip("."), fault.message) for fault in error.faults]) from None


class _Listener:
    """Hears a wish to stop, and takes a broken connection for one."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._wanted = False

    def stop_wanted(self) -> bool:
        try:
            if not self._wanted and self._connection.poll():
                self._wanted = isinstance(_decode(self._connection.recv_bytes()), StopNow)
        except (EOFError, OSError):
            self._wanted = True
        return self._wanted
