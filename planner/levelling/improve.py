"""From a settled state to a better one: room on full days first, then CP-SAT over many chains, component by component."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from planner.levelling.columns import Columns, mixed_prices
from planner.levelling.descent import one_pass, settle_more
from planner.levelling.state import Chain, State
from planner.levelling.together import Effort, choose

SURCHARGES = (1, 2, 4, 8)
"""Times the price of a full day's hours at which units are asked to go elsewhere, until all visits have a day."""
MIXES = 5
"""Linear programmes per component; the prices hardly change after that."""
SHAKES = 9
"""Rounds of chains against shaken prices that CP-SAT chooses among."""
MOST_TOGETHER = 400
"""Units that are improved together; a component of more is taken apart by the team at home, the others' hours being fixed."""
WORTH_ROUND = 1_000
"""A round that makes a component cheaper by less than one part in so many is its last."""


class Settings(NamedTuple):
    """What a component's turn goes by: seed, CP-SAT's work at most, seconds left, and whether to go on at all."""

    seed: int
    work: float
    left_s: Callable[[], float]
    keep_going: Callable[[], bool]


def components(state: State) -> list[list[int]]:
    """Return units in groups, the biggest first: of those that share hours, or, where these are many, of one home team."""
    root = list(range(len(state.fleet.slots)))

    def find(slot: int) -> int:
        while root[slot] != slot:
            slot = root[slot]
        return slot

    for unit in state.units:
        for slot in unit.slots[1:]:
            root[find(slot)] = find(unit.slots[0])
    groups: dict[int, list[int]] = defaultdict(list)
    for number, unit in enumerate(state.units):
        if unit.slots:
            groups[find(unit.slots[0])].append(number)
    split = [part for group in groups.values() for part in _by_home(state, group)]
    return sorted(split, key=lambda group: (-len(group), group[0]))


def _by_home(state: State, group: list[int]) -> list[list[int]]:
    if len(group) <= MOST_TOGETHER:
        return [group]
    homes: dict[int, list[int]] = defaultdict(list)
    for number in group:
        unit = state.units[number]
        homes[min(unit.slots, key=lambda slot: (unit.way_s[slot], slot))].append(number)
    return list(homes.values())


def prepare(state: State, chosen: Sequence[int], settings: Settings) -> tuple[Columns, np.ndarray | None]:
    """Find chains worth a thought, and room for visits without a day; return the chains, and prices of hours (slot, day)."""
    columns = Columns(state, chosen, settings.seed)
    prices: np.ndarray | None = None
    for _ in range(MIXES):
        if not settings.keep_going():
            return columns, prices
        found = mixed_prices(columns)
        if found is None:
            break
        prices = found
        if not sum(columns.add(number, prices) for number in chosen):
            break
    if prices is not None and unplaced(state, chosen):
        make_room(state, chosen, prices, settings)
    return columns, prices


def unplaced(state: State, chosen: Sequence[int]) -> int:
    """Return how many visits of some units have no day."""
    return sum(visit.slot is None for number in chosen for visit in state.chains[number] or ())


def make_room(state: State, chosen: Sequence[int], prices: np.ndarray, settings: Settings) -> None:
    """Ask units to leave full days at a surcharge, until visits without a day find one; what does not help is undone."""
    chance = random.Random(settings.seed)  # noqa: S311 - not for secrets
    top = state.slopes[-1]
    for times in SURCHARGES:
        if not settings.keep_going() or not unplaced(state, chosen):
            break
        before, kept = state.cost().total, chains_of(state, chosen)
        state.surcharge = np.maximum(0, np.rint((prices - top) * times)).astype(np.int64)
        for _ in range(3):
            one_pass(state, chance.sample(chosen, len(chosen)), settings.keep_going)
        state.surcharge = np.zeros_like(state.surcharge)
        settle_more(state, chosen, chance, settings.keep_going)
        if state.cost().total > before:
            put_all(state, kept)


def choose_together(state: State, columns: Columns, settings: Settings) -> float:
    """Let CP-SAT choose, round by round, while it gains; return the work it did."""
    chosen = columns.chosen
    spent = 0.0
    chance = random.Random(settings.seed + 1)  # noqa: S311 - not for secrets
    while settings.keep_going() and spent < settings.work:
        before, kept = state.cost().total, chains_of(state, chosen)
        columns.restart()
        columns.shake(SHAKES, settings.keep_going)
        choice = choose(columns, Effort(settings.work - spent, settings.left_s()), settings.seed)
        if choice is None:
            break
        spent += max(choice.work, settings.work / 20)
        put_all(state, choice.chains)
        settle_more(state, chosen, chance, settings.keep_going)
        after = state.cost().total
        if after > before:
            put_all(state, kept)
        if (before - after) * WORTH_ROUND < before:
            break
    return spent


def chains_of(state: State, chosen: Sequence[int]) -> dict[int, Chain]:
    """Return the present chains of some units."""
    return {number: state.chains[number] or () for number in chosen}


def put_all(state: State, chains: dict[int, Chain]) -> None:
    """Give units other chains, all at once."""
    for number in chains:
        state.take_out(number)
    for number, chain in chains.items():
        state.put(number, chain)
