"""Where readings stand among those that are stored, and what hours gain by them. Pure.

Nearly every record comes after all that its elevator has told before; then its growth follows from where the counters stand
(`append`). What comes late, repeats an instant, or does not fit there, is placed among the stored readings around it (`place`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from uuid import UUID

from msgspec import Struct

from backend.telemetry.messages import NativeRecord
from backend.telemetry.rollup import HOUR_US, SLACK_US, Growth, ImpossibleStep, Reading, Track, step_between
from backend.telemetry.state import ElevatorState
from backend.telemetry.views import Problem
from backend.telemetry.vocabulary import Counter

Hours = dict[int, dict[str, Growth]]
"""Hour since the epoch → counter → what it gains."""


class Candidate(Struct, kw_only=True):
    """A record on its way: sound in itself, of a known elevator."""

    batch: int
    index: int
    elevator: UUID
    record: NativeRecord
    at: int
    """Microseconds since the epoch."""

    widths: Mapping[str, int]
    device: UUID | None
    repeats: list[tuple[int, int]]
    """Batch and index of the same record further on."""

    @property
    def order(self) -> tuple[int, int]:
        """Its place among the records of its elevator."""
        return self.at, self.record.seq


def append(state: ElevatorState, candidates: Sequence[Candidate], counters: Mapping[str, Counter]) -> Hours | None:
    """Let records (in order) follow all that an elevator has told; None where one of them does not.

    The state's readings move on where all do; else it stays as it was.
    """
    tail: dict[str, tuple[int, ...]] = dict(state.tail)
    hours: Hours = {}
    for candidate in candidates:
        at, seq = candidate.at, candidate.record.seq
        gains = hours.setdefault(at // HOUR_US, {})
        for counter, total in candidate.record.counters.items():
            known = counters[counter]
            width = candidate.widths.get(counter, known.width) if candidate.widths else known.width
            reading = (at, seq, total, width)
            before = tail.get(counter)
            tail[counter] = reading
            growth = 0
            if before is not None:
                if at <= before[0] and (at, seq) <= before[:2]:
                    return None
                growth = total - before[2]
                if growth < 0 or state.bases:
                    step = step_between(before, reading, known.most_per_hour, state.bases_of(counter))
                    if isinstance(step, ImpossibleStep):
                        return None
                    gains.setdefault(counter, Growth()).count(step)
                    continue
                if growth * HOUR_US > known.most_per_hour * (at - before[0] + SLACK_US):  # as `step_between` has it
                    return None
            gained = gains.get(counter)
            if gained is None:
                gains[counter] = Growth(growth, 1)
            else:
                gained.delta += growth
                gained.readings += 1
    state.tail = {counter: Reading(*reading) for counter, reading in tail.items()}
    return {hour: gains for hour, gains in hours.items() if gains}


class Place(Struct, frozen=True):
    """What became of records that were placed among others."""

    taken: list[Candidate]
    hours: Hours


def place(
    state: ElevatorState,
    candidates: Sequence[Candidate],
    tracks: Mapping[str, Sequence[Track]],
    counters: Mapping[str, Counter],
    refuse: Callable[[Candidate, list[Problem]], None],
) -> Place:
    """Put records (in order) among what is stored, each with all of its readings or with none.

    Parameters
    ----------
    state
        Of the elevator; moves on.
    candidates
        Its records.
    tracks
        Counter → what is stored around the candidates, see `merged`.
    counters
        What counters there are.
    refuse
        Told what does not fit, and why.
    """
    taken = []
    for candidate in candidates:
        fits: list[tuple[Track, Reading, int]] = []
        problems = []
        for counter, total in candidate.record.counters.items():
            width = candidate.widths.get(counter, counters[counter].width)
            reading = Reading(candidate.at, candidate.record.seq, total, width)
            track = _track_of(tracks[counter], reading)
            found = track.fit(reading)
            if isinstance(found, ImpossibleStep):
                problems.append(_impossible(counter, found))
            else:
                fits.append((track, reading, found))
        if problems:
            refuse(candidate, problems)
            continue
        for track, reading, at_place in fits:
            track.put(reading, at_place)
        taken.append(candidate)
    hours: Hours = {}
    for counter, parts in tracks.items():
        for track in parts:
            for hour, growth in track.changes().items():
                hours.setdefault(hour, {}).setdefault(counter, Growth()).add(growth)
        last = parts[-1].last
        if last is not None and (counter not in state.tail or last > state.tail[counter]):
            state.tail[counter] = last
    return Place(taken, hours)


def _track_of(parts: Sequence[Track], reading: Reading) -> Track:
    """Return the part that a reading belongs to: the last that begins before it."""
    for part in reversed(parts):
        if part.begins <= reading:
            return part
    return parts[0]


def merged(windows: Sequence[tuple[Reading, Sequence[Reading]]], most_per_hour: int, bases: Sequence[int]) -> list[Track]:
    """Return tracks of what was found around clusters of new readings: one for all clusters whose surroundings meet.

    Parameters
    ----------
    windows
        Of each cluster, in order, its first reading and the stored readings around it, in order.
    most_per_hour, bases
        As of `Track`.
    """
    tracks: list[Track] = []
    parts: list[tuple[Reading, list[Reading]]] = []
    for first, found in windows:
        if parts and (not found or found[0] <= parts[-1][1][-1]):  # where nothing is stored, all are neighbours
            known = parts[-1][1]
            known.extend(reading for reading in found if not known or reading > known[-1])
        else:
            parts.append((first, list(found)))
    for first, known in parts:
        tracks.append(Track(known, most_per_hour, bases, begins=min([first, *known[:1]])))
    return tracks


def _impossible(counter: str, step: ImpossibleStep) -> Problem:
    reason = (
        "from {before} to {after} in {minutes} min is an impossible jump: no elevator makes more than {most} in that time;"
        " if the counter was replaced or set, note that with the elevator's counters and send the record again"
    )
    params = {"before": step.before, "after": step.after, "minutes": round(step.span_s / 60), "most": step.most}
    return Problem(f"counters.{counter}", reason, {name: str(value) for name, value in params.items()})
