"""A repair whose search runs in a process of its own: whatever becomes of it, the first answer is there."""

from __future__ import annotations

import multiprocessing
from multiprocessing.connection import Connection

from planner.rounds.plan import Plan
from planner.rounds.problem import Problem
from planner.rounds.stop import Stop
from planner.rounds.travel import Matrix
from planner.today.answer import Repair, parse_repair, repair_bytes
from planner.today.asked import Today
from planner.today.repair import repair
from planner.today.words import Names

START_S = 10.0
"""Seconds beyond the search for a process to start, to load the compiled search and to state its answer; on a quiet machine
it takes two."""

Question = tuple[Problem, Plan, Today, Matrix | None, Names]


def repair_apart(
    problem: Problem, plan: Plan, today: Today, search_s: float, seed: int = 1, *, matrix: Matrix | None = None, names: Names
) -> Repair:
    """Repair a published plan, as `planner.today.repair.repair`, and search in a process of its own.

    Blocks until there is an answer: at once where nothing is to be searched for, else for `search_s` and a little more. A
    process that dies or does not answer costs the search, not the answer.

    Parameters
    ----------
    problem, plan, today, seed, matrix
        As for `repair`.
    search_s
        Seconds to search for something better than the first repair; 0 takes that one.
    names
        Must stand being sent to another process: methods of dictionaries do.
    """
    first = repair(problem, plan, today, None, seed, matrix=matrix, names=names)
    if search_s <= 0 or not first.released:
        return first
    found = _searched((problem, plan, today, matrix, names), search_s, seed)
    return first if found is None else parse_repair(found)


def _searched(question: Question, search_s: float, seed: int) -> bytes | None:
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe(duplex=False)
    process = context.Process(target=_work, args=(there, question, search_s, seed), daemon=True)
    process.start()
    there.close()
    try:
        return here.recv_bytes() if here.poll(search_s + START_S) else None
    except EOFError:  # it died
        return None
    finally:
        here.close()
        process.kill()
        process.join()


def _work(there: Connection, question: Question, search_s: float, seed: int) -> None:
    from planner.rounds import kernel

    problem, plan, today, matrix, names = question
    if kernel.at_hand():
        kernel.load()  # before the time of the search begins to run
    found = repair(problem, plan, today, Stop(search_s), seed, matrix=matrix, names=names)
    there.send_bytes(repair_bytes(found))
    there.close()
