"""A good start in seconds: every unit in turn takes its cheapest chain against the load of all others, until none gains.

Prices rise with the load of a day, so each turn makes the whole cheaper; it ends where no single unit can.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Sequence

from planner.levelling.chain import cheapest_chain
from planner.levelling.fleet import dissolved
from planner.levelling.state import State

MAX_PASSES = 40
"""Turns of all units; it is settled after about ten."""

SETTLED = 20_000
"""A pass that makes things cheaper by less than one part in so many is the last one."""


def settle(state: State, seed: int, keep_going: Callable[[], bool], passes: int = MAX_PASSES) -> None:
    """Let all units find their chains.

    Parameters
    ----------
    state
        Changed in place; units without a chain get one in any case.
    seed
        Of the order of the turns.
    keep_going
        Asked between units; once it says no, only units without a chain get one.
    passes
        Turns at most.
    """
    order = sorted(range(len(state.units)), key=lambda number: (_freedom(state, number), number))
    one_pass(state, [number for number in order if state.chains[number] is None], lambda: True)
    chance = random.Random(seed)  # noqa: S311 - not for secrets
    settle_more(state, range(len(state.units)), chance, keep_going, passes)
    if _split_unplaced(state):
        settle_more(state, range(len(state.units)), chance, keep_going, passes)


def _freedom(state: State, number: int) -> tuple[int, int]:
    """Order units that have few days first, then the big ones."""
    unit = state.units[number]
    return min(unit.last, state.fleet.problem.days) - unit.first, -unit.base_s


def settle_more(
    state: State, chosen: Sequence[int], chance: random.Random, keep_going: Callable[[], bool], passes: int = MAX_PASSES
) -> None:
    """Let some units that have chains look for better ones, in turns of chance, until nothing is gained."""
    before = state.cost().total
    for _ in range(passes):
        one_pass(state, chance.sample(chosen, len(chosen)), keep_going)
        after = state.cost().total
        if (before - after) * SETTLED < before or not keep_going():
            return
        before = after


def one_pass(state: State, order: Sequence[int], keep_going: Callable[[], bool]) -> None:
    """Let units that have a chain, or none yet, take their cheapest one, in this order."""
    for number in order:
        if not keep_going():
            return
        state.take_out(number)
        state.put(number, cheapest_chain(state, number))


def _split_unplaced(state: State) -> bool:
    """Let the elevators of units that found no day look for one each by itself."""
    found: Iterable[int] = [
        number
        for number, chain in enumerate(state.chains)
        if len(state.units[number].members) > 1 and any(visit.slot is None for visit in chain or ())
    ]
    for number in found:
        state.take_out(number)
        for part in state.replace_unit(number, dissolved(state.fleet, state.units[number])):
            state.put(part, cheapest_chain(state, part))
    return bool(found)
