"""Intake of records: each counts once, in its own hour, whatever the order and however often it is sent.

One batch is one transaction and a fixed number of statements. What a record says by itself is checked in `messages`, how a
counter came from one total to the next in `rollup`, where a reading stands among others in `placing`; here they meet what is
stored.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

import msgspec

from backend import database
from backend.jobs.service import enqueue
from backend.telemetry import growth_queries
from backend.telemetry import intake_queries as queries
from backend.telemetry.batches import NATIVE, Answers, Batch, DeviceSource
from backend.telemetry.health_intake import SignalDays
from backend.telemetry.late import placed_among_others
from backend.telemetry.messages import NativeRecord
from backend.telemetry.parts import Taken, write_parts
from backend.telemetry.placing import Candidate, Hours, append
from backend.telemetry.quick_read import Reader
from backend.telemetry.rejected import keep_inside
from backend.telemetry.rollup import by_day
from backend.telemetry.state import ElevatorState
from backend.telemetry.trapped import ENTRAPMENT, announce_trapped
from backend.telemetry.values import microseconds, told
from backend.telemetry.views import IngestResult, Problem
from backend.telemetry.vocabulary import Vocabulary, vocabulary

PART = 250
"""Records that are placed while the database writes those before: few, so that it soon has something to do."""

__all__ = ["NATIVE", "Batch", "DeviceSource", "ingest_inside"]

NOT_LIVE = frozenset({"file", "history", "replay"})
"""Ways on which the time of arrival says nothing about a device's clock."""


async def ingest_inside(
    firm: UUID, batches: Sequence[Batch], *, source: str, now: datetime, announce: bool = True, keep: bool = True
) -> list[IngestResult]:
    """Take batches of one firm inside the caller's transaction.

    Parameters
    ----------
    firm
        Whose elevators the records may be of.
    batches
        For example the messages of several devices that arrived within a moment.
    source
        The way they came, kept with what is rejected: `http`, `mqtt`, `file`, `history`.
    now
        The present instant.
    announce
        Whether events that may move a due window have it computed anew.
    keep
        Whether what is rejected is kept; not where it is kept already and being replayed.

    Returns
    -------
    list of IngestResult
        One per batch, in the same order.
    """
    words = vocabulary()
    answers = Answers(batches)
    sound = _sound(batches, Reader(words, now), answers)
    if sound:
        await queries.use_indexes()
        await _take(firm, sound, batches, answers, _Telling(words, now, announce, source, [batch.adapter for batch in batches]))
    devices = {batch.device.id for batch in batches if batch.device is not None and batch.device.silent_for(now)}
    if devices:
        await queries.note_devices(now, devices)
    if keep:
        await keep_inside(firm, answers.refused(), source=source, now=now)
    return answers.results()


def _sound(batches: Sequence[Batch], reader: Reader, answers: Answers) -> list[tuple[int, int, NativeRecord]]:
    """Return the records that are sound in themselves, with batch and index."""
    sound = []
    for number, batch in enumerate(batches):
        widths = {} if batch.device is None else batch.device.widths
        for index, value in enumerate(batch.records):
            record = reader.read(value)
            if isinstance(record, list):
                answers.reject(number, index, record)
            elif widths and (problems := _too_wide(record, widths)):
                answers.reject(number, index, problems)
            else:
                sound.append((number, index, record))
    return sound


def _too_wide(record: NativeRecord, widths: Mapping[str, int]) -> list[Problem]:
    """Return a problem for each total that the device's counter, as declared, cannot hold."""
    reason = "this device's counter rolls over at {width}, so it never shows {value}"
    return [
        Problem(f"counters.{counter}", reason, {"width": str(widths[counter]), "value": str(total)})
        for counter, total in record.counters.items()
        if counter in widths and total >= widths[counter]
    ]


class _Telling(NamedTuple):
    """What of a batch concerns all of its records."""

    words: Vocabulary
    now: datetime
    announce: bool
    source: str
    adapters: Sequence[str]
    """The format of each batch."""


async def _take(
    firm: UUID, sound: list[tuple[int, int, NativeRecord]], batches: Sequence[Batch], answers: Answers, telling: _Telling
) -> None:
    """Lock the elevators, place the records among what is stored, and write what is taken.

    Elevator after elevator, some hundred records at a time: while the database writes these, the next are placed.
    """
    known = await queries.locked(firm, {record.elevator for _, _, record in sound})
    states = {one.elevator: one.state for one in known.values()}
    candidates = _known(sound, batches, known, answers)
    fresh = await _fresh(_unrepeated(candidates, answers), states, answers)
    fresh = _within_horizon(fresh, next((one.kept_from for one in known.values()), None), answers)
    by_elevator: dict[UUID, list[Candidate]] = {}
    for candidate in sorted(fresh, key=lambda one: one.order):
        by_elevator.setdefault(candidate.elevator, []).append(candidate)
    taken: list[Candidate] = []
    days: dict[UUID, Hours] = {}
    async with _Writer() as writer:
        for part in _parts(by_elevator):
            theirs, hours = await _placed(part, states, telling.words, answers, writer)
            if not theirs:
                continue
            records = [_new_record(candidate, telling.words) for candidate in theirs]
            for start in range(0, len(records), 4 * PART):  # an elevator's whole history may be one part
                await writer.write(queries.inserting_records(firm, telling.now, records[start : start + 4 * PART]))
            await writer.idle_if(hours, states)
            await writer.write(await growth_queries.adding(firm, "hour", hours, states))
            days |= {elevator: by_day(gained) for elevator, gained in hours.items()}
            taken += theirs
    if taken:
        await growth_queries.add(firm, "day", days, states)
        await _note(firm, taken, states, telling)


def _parts(by_elevator: Mapping[UUID, list[Candidate]]) -> Iterator[dict[UUID, list[Candidate]]]:
    """Yield elevators with their records, `PART` records or a few more at a time."""
    part: dict[UUID, list[Candidate]] = {}
    size = 0
    for elevator, theirs in by_elevator.items():
        part[elevator] = theirs
        size += len(theirs)
        if size >= PART:
            yield part
            part, size = {}, 0
    if part:
        yield part


class _Writer:
    """Has the database write while the next is made ready; one statement at a time."""

    def __init__(self) -> None:
        self._task: asyncio.Task[int] | None = None

    async def __aenter__(self) -> _Writer:
        return self

    async def __aexit__(self, *_error: object) -> None:
        await self.idle()

    async def write(self, statement: growth_queries.Statement | None) -> None:
        """Let a statement follow the one under way; return when it has been sent, or soon after."""
        await self.idle()
        if statement is not None:
            self._task = asyncio.create_task(database.execute(*statement))
            await asyncio.sleep(0)  # the task begins, and sends

    async def idle(self) -> None:
        """Wait until nothing is under way: the connection is free for others."""
        if self._task is not None:
            task, self._task = self._task, None
            await task

    async def idle_if(self, hours: Mapping[UUID, Hours], states: Mapping[UUID, ElevatorState]) -> None:
        """Wait where hours must be read first."""
        if any(hour < states[elevator].hour for elevator, gained in hours.items() for hour in gained):
            await self.idle()


async def _placed(
    part: Mapping[UUID, list[Candidate]],
    states: Mapping[UUID, ElevatorState],
    words: Vocabulary,
    answers: Answers,
    writer: _Writer,
) -> tuple[list[Candidate], dict[UUID, Hours]]:
    """Return what is taken of the records of some elevators, and what their hours gain; their states move on."""
    taken: list[Candidate] = []
    hours: dict[UUID, Hours] = {}
    late = {}
    for elevator, theirs in part.items():
        gained = append(states[elevator], theirs, words.counters)
        if gained is None:
            late[elevator] = theirs
        else:
            taken += theirs
            hours[elevator] = gained
    if late:
        await writer.idle()
        taken += await placed_among_others(
            late, states, words, hours, lambda candidate, problems: _reject(candidate, problems, answers)
        )
    for candidate in taken:
        answers.accept(candidate.batch)
        for batch, _ in candidate.repeats:
            answers.duplicate(batch)
        state = states[candidate.elevator]
        state.top_seq = max(state.top_seq, candidate.record.seq)
    return taken, hours


def _known(
    sound: list[tuple[int, int, NativeRecord]],
    batches: Sequence[Batch],
    known: Mapping[str, queries.Known],
    answers: Answers,
) -> list[Candidate]:
    """Return the records of elevators that the firm has and the device speaks for."""
    candidates = []
    for number, index, record in sound:
        device = batches[number].device
        found = known.get(record.elevator)
        if found is None:
            reason = "your firm has no elevator {code}; register it first, or correct the registration code"
            answers.reject(number, index, [Problem("elevator", reason, {"code": record.elevator})])
        elif device is not None and device.elevator not in (None, found.elevator):
            reason = "this device does not speak for the elevator {code}; use that elevator's own device or a gateway"
            answers.reject(number, index, [Problem("elevator", reason, {"code": record.elevator})])
        else:
            candidates.append(
                Candidate(
                    batch=number, index=index, elevator=found.elevator, record=record, at=microseconds(record.at), repeats=[],
                    widths={} if device is None else device.widths, device=None if device is None else device.id,
                )
            )  # fmt: skip
    return candidates


def _conflict(seq: int) -> Problem:
    reason = "the record {seq} of this elevator is there already with other content; give a correction a number of its own"
    return Problem("seq", reason, {"seq": str(seq)})


def _unrepeated(candidates: list[Candidate], answers: Answers) -> dict[tuple[UUID, int], Candidate]:
    """Return one candidate for each (elevator, seq); what the batch repeats shares the fate of its first."""
    first: dict[tuple[UUID, int], Candidate] = {}
    for candidate in candidates:
        before = first.setdefault((candidate.elevator, candidate.record.seq), candidate)
        if before is candidate:
            continue
        if before.record.digest == candidate.record.digest:
            before.repeats.append((candidate.batch, candidate.index))
        else:
            answers.reject(candidate.batch, candidate.index, [_conflict(candidate.record.seq)])
    return first


async def _fresh(
    unrepeated: Mapping[tuple[UUID, int], Candidate], states: Mapping[UUID, ElevatorState], answers: Answers
) -> list[Candidate]:
    """Return the candidates that are not stored yet; a number above all that an elevator has used is surely new."""
    doubtful = [
        (elevator, seq, candidate.record.at)
        for (elevator, seq), candidate in unrepeated.items()
        if seq <= states[elevator].top_seq
    ]
    stored = await queries.digests(doubtful) if doubtful else {}
    fresh = []
    for name, candidate in unrepeated.items():
        if name not in stored:
            fresh.append(candidate)
        elif stored[name] == candidate.record.digest:
            for batch, _ in _places(candidate):
                answers.duplicate(batch)
        else:
            _reject(candidate, [_conflict(candidate.record.seq)], answers)
    return fresh


def _places(candidate: Candidate) -> list[tuple[int, int]]:
    return [(candidate.batch, candidate.index), *candidate.repeats]


def _reject(candidate: Candidate, problems: Sequence[Problem], answers: Answers) -> None:
    """Answer for a record and its repeats."""
    for batch, index in _places(candidate):
        answers.reject(batch, index, problems)


def _within_horizon(candidates: list[Candidate], kept_from: datetime | None, answers: Answers) -> list[Candidate]:
    """Return the candidates from a time of which records are kept: of an older one nobody could tell whether it was counted."""
    if kept_from is None:
        return candidates
    reason = "records before {day} are no longer kept here, and what was counted of them stands; it cannot be added to"
    within = []
    for candidate in candidates:
        if candidate.record.at < kept_from:
            _reject(candidate, [Problem("at", reason, {"day": told(kept_from)[:10]})], answers)
        else:
            within.append(candidate)
    return within


async def _note(firm: UUID, taken: Sequence[Candidate], states: dict[UUID, ElevatorState], telling: _Telling) -> None:
    """Write signs of life, states and events of what was taken."""
    latest: dict[UUID, int] = {}
    days = SignalDays(telling.words, None if telling.source in NOT_LIVE else telling.now)
    events: list[tuple[UUID, datetime, str, str]] = []
    for candidate in taken:
        elevator = candidate.elevator
        latest[elevator] = candidate.at  # the last of an elevator is its latest: they are in order
        days.add(elevator, candidate.record)
        if candidate.record.events:
            events.extend((elevator, event.at, event.raw_code, event.kind) for event in candidate.record.events)
    await days.write(firm)
    await queries.note_signals(telling.now, latest, states)
    new = await queries.insert_events(firm, events) if events else []
    parts = [Taken(c.elevator, c.device, telling.adapters[c.batch], c.record) for c in taken]
    new += await write_parts(firm, parts, telling.words, telling.now)
    if new and telling.announce:
        if trapped := {elevator for elevator, kind in new if kind == ENTRAPMENT}:
            await announce_trapped(trapped, telling.now)
        await _announce(firm, {elevator for elevator, kind in new if telling.words.kinds[kind].windows})


def _new_record(candidate: Candidate, words: Vocabulary) -> queries.NewRecord:
    record = candidate.record
    widths = None
    if candidate.widths and not candidate.widths.keys().isdisjoint(record.counters):
        told_widths = (candidate.widths.get(name, words.counters[name].width) for name in sorted(record.counters))
        widths = growth_queries.names_literal(map(str, told_widths))
    values = record.values
    return queries.NewRecord(
        candidate.elevator, candidate.at, record.seq, record.digest, msgspec.json.encode(values).decode() if values else "{}",
        candidate.device, record.counters, widths,
    )  # fmt: skip


async def _announce(firm: UUID, elevators: set[UUID]) -> None:
    """Have due windows computed anew, once per elevator however many events there are."""
    for elevator in sorted(elevators):
        payload = {"firm": firm, "elevators": [elevator]}
        await enqueue("due_windows", payload, dedupe_key=f"due_windows:{elevator}")
