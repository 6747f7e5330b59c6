"""What does not simply follow what was there: late records, repeated instants, low readings, and bases noted afterwards."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from backend.telemetry import growth_queries
from backend.telemetry import intake_queries as queries
from backend.telemetry.placing import Candidate, Hours, merged, place
from backend.telemetry.rollup import HOUR_US, Reading, Track, by_day
from backend.telemetry.state import ElevatorState
from backend.telemetry.values import EPOCH, microseconds
from backend.telemetry.views import Problem
from backend.telemetry.vocabulary import Vocabulary, vocabulary

FAR_APART_US = 6 * HOUR_US
"""New readings of a counter further apart than this are looked up on their own, without all that is stored between them."""


async def placed_among_others(
    late: Mapping[UUID, list[Candidate]],
    states: Mapping[UUID, ElevatorState],
    words: Vocabulary,
    hours: dict[UUID, Hours],
    refuse: Callable[[Candidate, list[Problem]], None],
) -> list[Candidate]:
    """Place records that do not simply follow what was there; return those that fit."""
    keys: dict[tuple[UUID, str], list[tuple[int, int]]] = {}
    for elevator, theirs in late.items():
        for candidate in theirs:
            for counter in candidate.record.counters:
                keys.setdefault((elevator, counter), []).append(candidate.order)
    clusters = [(elevator, counter, cluster) for (elevator, counter), orders in keys.items() for cluster in _clusters(orders)]
    spans = [queries.Span(e, c, _instant(first[0]), first[1], _instant(last[0]), last[1]) for e, c, (first, last) in clusters]
    found = await queries.readings_around(spans, [words.counters[counter].width for _, counter, _ in clusters])
    windows: dict[tuple[UUID, str], list[tuple[Reading, list[Reading]]]] = {}
    for (elevator, counter, (first, _)), around in zip(clusters, found, strict=True):
        windows.setdefault((elevator, counter), []).append((Reading(*first, -1, 0), around))
    tracks: dict[UUID, dict[str, list[Track]]] = {elevator: {} for elevator in late}
    for (elevator, counter), theirs_around in windows.items():
        most, bases = words.counters[counter].most_per_hour, states[elevator].bases_of(counter)
        tracks[elevator][counter] = merged(theirs_around, most, bases)
    taken: list[Candidate] = []
    for elevator, theirs in late.items():
        placed = place(states[elevator], theirs, tracks[elevator], words.counters, refuse)
        taken += placed.taken
        hours[elevator] = placed.hours
    return taken


def _clusters(orders: Sequence[tuple[int, int]]) -> list[tuple[tuple[int, int], tuple[int, int]]]:
    """Return first and last of each group of readings (in order) that are close together."""
    clusters = [(orders[0], orders[0])]
    for order in orders[1:]:
        first, last = clusters[-1]
        if order[0] - last[0] > FAR_APART_US:
            clusters.append((order, order))
        else:
            clusters[-1] = (first, order)
    return clusters


def _instant(at: int) -> datetime:
    return EPOCH + timedelta(microseconds=at)


async def count_anew(firm: UUID, elevator: UUID, counters: Iterable[str], base: datetime, *, for_all: bool) -> None:
    """Let the steps of a locked elevator's counters over an instant count nothing, as a base was noted there.

    Parameters
    ----------
    firm, elevator
        Which.
    counters
        Those that the base is of and that have readings.
    base
        The instant.
    for_all
        Whether the base is noted for all counters, those to come included, and not for one.
    """
    words = vocabulary().counters
    states = await growth_queries.states_of([elevator])
    state, at = states[elevator], microseconds(base)
    names = list(counters)
    before = {name: state.bases_of(name) for name in names}
    spans = [queries.Span(elevator, name, base, -1, base, -1) for name in names]
    found = await queries.readings_around(spans, [words[name].width for name in names])
    for name in [""] if for_all else names:
        state.bases[name] = sorted([*state.bases.get(name, ()), at])
    hours: Hours = {}
    for name, around in zip(names, found, strict=True):
        track = Track(around, words[name].most_per_hour, before[name])
        for hour, growth in track.changes(state.bases_of(name)).items():
            hours.setdefault(hour, {})[name] = growth
    await growth_queries.add(firm, "hour", {elevator: hours}, states)
    await growth_queries.add(firm, "day", {elevator: by_day(hours)}, states)
    await growth_queries.write_states(states)
