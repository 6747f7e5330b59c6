"""Which visits a route remembers at a visit (the ng-sets): near ones from the beginning, others where returns show up."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from planner.rounds.bound.shifts import MOST_BITS, Kind
from planner.rounds.model import Model

NEAR = 10
"""Visits remembered at a visit from the beginning: those that a route could most quickly return from."""


def near_sets(model: Model, kinds: Sequence[Kind]) -> list[list[int]]:
    """Give for every visit the nearest others that some duty may take together with it."""
    together: list[set[int]] = [set() for _ in range(model.visits)]
    for kind in kinds:
        members = set(kind.visits.tolist())
        for i in members:
            together[i] |= members
    places = np.asarray(model.place)
    service_s = np.asarray(model.service_s, dtype=np.int64)
    sets = []
    for i, others in enumerate(together):
        near = np.array(sorted(others - {i}), dtype=np.int64)
        there_s = model.matrix[places[i], places[near]] + service_s[i]
        back_s = model.matrix[places[near], places[i]] + service_s[near]
        # there and back is a return, so what matters is both ways together
        sets.append(near[np.argsort(there_s + back_s, kind="stable")[:NEAR]].tolist())
    return sets


def returns(stops: Sequence[int], sets: Sequence[Sequence[int]]) -> bool:
    """Tell whether a route goes back to a visit that it still remembers."""
    seen: set[int] = set()
    for i in stops:
        if i in seen:
            return True
        seen &= set(sets[i])
        seen.add(i)
    return False


def learn(sets: list[list[int]], stops: Sequence[int]) -> bool:
    """Let every visit between a visit and the return to it remember it; False if some memory is full."""
    latest: dict[int, int] = {}
    learned = True
    for at, i in enumerate(stops):
        for between in stops[latest.get(i, at) + 1 : at]:
            known = sets[between]
            if i not in known and i != between:
                if len(known) + 1 < MOST_BITS:
                    known.append(i)
                else:
                    learned = False
        latest[i] = at
    return learned
