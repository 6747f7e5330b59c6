"""Intake of records: each counts once, in its own hour, whatever the order and however often it is sent.

One batch is one transaction and a fixed number of statements. What a record says by itself is checked in `messages`, how a
counter came from one total to the next in `rollup`; here the two meet what is stored.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from uuid import UUID

import msgspec
from msgspec import Struct

from backend.jobs.service import enqueue
from backend.telemetry import intake_queries as queries
from backend.telemetry.health_intake import SignalDays
from backend.telemetry.messages import NativeRecord, decode
from backend.telemetry.rejected import Refused, keep_inside
from backend.telemetry.rollup import Growth, ImpossibleStep, Reading, Track, hour_of
from backend.telemetry.views import IngestResult, Problem, Rejection
from backend.telemetry.vocabulary import Vocabulary, vocabulary

NOT_LIVE = frozenset({"file", "history", "replay"})
"""Ways on which the time of arrival says nothing about a device's clock."""


class DeviceSource(Struct, frozen=True, kw_only=True):
    """What intake must know of the device that sends."""

    id: UUID
    firm: UUID
    elevator: UUID | None
    """The only elevator it speaks for; None for a gateway, which speaks for all of its firm."""

    name: str
    widths: dict[str, int] = {}
    """Counter → value at which it rolls over."""


class Batch(Struct, frozen=True, kw_only=True):
    """Records that came together, each as parsed JSON."""

    records: Sequence[object]
    device: DeviceSource | None = None
    """None for what a person or a command brings in for the whole firm."""


class _Candidate(Struct, kw_only=True):
    """A record on its way: sound in itself, of a known elevator."""

    batch: int
    index: int
    elevator: UUID
    record: NativeRecord
    widths: Mapping[str, int]
    device: UUID | None
    repeats: list[tuple[int, int]]
    """Batch and index of the same record further on."""


class _Answers:
    """What becomes of each record, and at the end the result per batch."""

    def __init__(self, batches: Sequence[Batch]) -> None:
        self._batches = batches
        self._accepted = [0] * len(batches)
        self._duplicates = [0] * len(batches)
        self._rejected: list[list[Rejection]] = [[] for _ in batches]

    def accept(self, batch: int) -> None:
        self._accepted[batch] += 1

    def duplicate(self, batch: int) -> None:
        self._duplicates[batch] += 1

    def reject(self, batch: int, index: int, problems: Sequence[Problem]) -> None:
        first, *others = problems
        self._rejected[batch].append(
            Rejection(index=index, field=first.field, template=first.template, params=first.params, also=others)
        )

    def results(self) -> list[IngestResult]:
        rejected = [sorted(found, key=lambda rejection: rejection.index) for found in self._rejected]
        return [
            IngestResult(accepted=a, duplicates=d, rejected=r)
            for a, d, r in zip(self._accepted, self._duplicates, rejected, strict=True)
        ]

    def refused(self) -> list[Refused]:
        """Return what is to be kept of the rejected records."""
        return [
            Refused(
                device=None if batch.device is None else batch.device.id,
                field=rejection.field, template=rejection.template, params=rejection.params,
                body=batch.records[rejection.index],
            )
            for batch, rejections in zip(self._batches, self._rejected, strict=True)
            for rejection in rejections
        ]  # fmt: skip


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
    await queries.use_indexes()
    answers = _Answers(batches)
    candidates = await _known(firm, _sound(batches, words, now, answers), batches, answers)
    if candidates:
        await queries.lock_elevators(firm, {candidate.elevator for candidate in candidates})
        fresh = await _fresh(_unrepeated(candidates, answers), answers)
        tracks = await _tracks(fresh, words)
        taken = [candidate for candidate in _in_order(fresh) if _fits(candidate, tracks, words, answers)]
        await _write(firm, taken, tracks, words, now, announce=announce, source=source)
    devices = {batch.device.id for batch in batches if batch.device is not None}
    if devices:
        await queries.note_devices(now, devices)
    if keep:
        await keep_inside(firm, answers.refused(), source=source, now=now)
    return answers.results()


def _sound(
    batches: Sequence[Batch], words: Vocabulary, now: datetime, answers: _Answers
) -> list[tuple[int, int, NativeRecord]]:
    """Return the records that are sound in themselves, with batch and index."""
    sound = []
    for number, batch in enumerate(batches):
        widths = {} if batch.device is None else batch.device.widths
        for index, value in enumerate(batch.records):
            record = decode(value, words, now)
            problems = record if isinstance(record, list) else _too_wide(record, widths)
            if isinstance(record, list) or problems:
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


async def _known(
    firm: UUID, sound: list[tuple[int, int, NativeRecord]], batches: Sequence[Batch], answers: _Answers
) -> list[_Candidate]:
    """Return the records of elevators that the firm has and the device speaks for."""
    ids = await queries.elevators_by_code(firm, {record.elevator for _, _, record in sound})
    candidates = []
    for number, index, record in sound:
        device = batches[number].device
        elevator = ids.get(record.elevator)
        if elevator is None:
            reason = "your firm has no elevator {code}; register it first, or correct the registration code"
            answers.reject(number, index, [Problem("elevator", reason, {"code": record.elevator})])
        elif device is not None and device.elevator not in (None, elevator):
            reason = "this device does not speak for the elevator {code}; use that elevator's own device or a gateway"
            answers.reject(number, index, [Problem("elevator", reason, {"code": record.elevator})])
        else:
            candidates.append(
                _Candidate(
                    batch=number, index=index, elevator=elevator, record=record, repeats=[],
                    widths={} if device is None else device.widths, device=None if device is None else device.id,
                )
            )  # fmt: skip
    return candidates


def _conflict(seq: int) -> Problem:
    reason = "the record {seq} of this elevator is there already with other content; give a correction a number of its own"
    return Problem("seq", reason, {"seq": str(seq)})


def _unrepeated(candidates: list[_Candidate], answers: _Answers) -> dict[tuple[UUID, int], _Candidate]:
    """Return one candidate for each (elevator, seq); what the batch repeats shares the fate of its first."""
    first: dict[tuple[UUID, int], _Candidate] = {}
    for candidate in candidates:
        before = first.setdefault((candidate.elevator, candidate.record.seq), candidate)
        if before is candidate:
            continue
        if before.record.digest == candidate.record.digest:
            before.repeats.append((candidate.batch, candidate.index))
        else:
            answers.reject(candidate.batch, candidate.index, [_conflict(candidate.record.seq)])
    return first


async def _fresh(unrepeated: dict[tuple[UUID, int], _Candidate], answers: _Answers) -> list[_Candidate]:
    """Return the candidates that are not stored yet."""
    stored = await queries.digests(list(unrepeated))
    fresh = []
    for name, candidate in unrepeated.items():
        places = [(candidate.batch, candidate.index), *candidate.repeats]
        if name not in stored:
            fresh.append(candidate)
        elif stored[name] == candidate.record.digest:
            for batch, _ in places:
                answers.duplicate(batch)
        else:
            for batch, index in places:
                answers.reject(batch, index, [_conflict(candidate.record.seq)])
    return fresh


def _in_order(candidates: list[_Candidate]) -> list[_Candidate]:
    return sorted(candidates, key=lambda candidate: (candidate.elevator, candidate.record.at, candidate.record.seq))


async def _tracks(candidates: list[_Candidate], words: Vocabulary) -> dict[tuple[UUID, str], Track]:
    """Return for each counter of the candidates what is stored around them."""
    keys: dict[tuple[UUID, str], list[tuple[datetime, int]]] = {}
    for candidate in candidates:
        for counter in candidate.record.counters:
            keys.setdefault((candidate.elevator, counter), []).append((candidate.record.at, candidate.record.seq))
    spans = [queries.Span(elevator, counter, *min(found), *max(found)) for (elevator, counter), found in keys.items()]
    bases = await queries.bases({elevator for elevator, _ in keys})
    return {
        (span.elevator, span.counter): Track(
            known,
            words.counters[span.counter].most_per_hour,
            sorted(bases.get((span.elevator, span.counter), []) + bases.get((span.elevator, ""), [])) if bases else (),
        )
        for span, known in zip(spans, await queries.readings_around(spans), strict=True)
    }


def _fits(candidate: _Candidate, tracks: Mapping[tuple[UUID, str], Track], words: Vocabulary, answers: _Answers) -> bool:
    """Put a record's readings into their tracks if all of them fit; answer for it and its repeats."""
    record = candidate.record
    hour = hour_of(record.at)
    placed = []
    problems = []
    for counter, total in record.counters.items():
        width = candidate.widths.get(counter, words.counters[counter].width)
        reading = Reading(at=record.at, seq=record.seq, total=total, width=width, hour=hour)
        track = tracks[candidate.elevator, counter]
        placement = track.fit(reading)
        if isinstance(placement, ImpossibleStep):
            problems.append(_impossible(counter, placement))
        else:
            placed.append((track, reading, placement))
    if problems:
        for batch, index in [(candidate.batch, candidate.index), *candidate.repeats]:
            answers.reject(batch, index, problems)
        return False
    for track, reading, placement in placed:
        track.put(reading, placement)
    answers.accept(candidate.batch)
    for batch, _ in candidate.repeats:
        answers.duplicate(batch)
    return True


def _impossible(counter: str, step: ImpossibleStep) -> Problem:
    reason = (
        "from {before} to {after} in {minutes} min is an impossible jump: no elevator makes more than {most} in that time;"
        " if the counter was replaced or set, note that with the elevator's counters and send the record again"
    )
    params = {"before": step.before, "after": step.after, "minutes": round(step.span_s / 60), "most": step.most}
    return Problem(f"counters.{counter}", reason, {name: str(value) for name, value in params.items()})


async def _write(
    firm: UUID,
    taken: list[_Candidate],
    tracks: Mapping[tuple[UUID, str], Track],
    words: Vocabulary,
    now: datetime,
    *,
    announce: bool,
    source: str,
) -> None:
    """Write what was taken, each table in one statement."""
    if not taken:
        return
    records = [
        (c.elevator, c.record.seq, c.record.at, c.record.digest, msgspec.json.encode(c.record.gauges).decode(), c.device, now)
        for c in taken
    ]
    await queries.insert_records(firm, records)
    await write_tracks(firm, tracks)
    latest: dict[UUID, datetime] = {}
    days = SignalDays(words, None if source in NOT_LIVE else now)
    events: list[tuple[UUID, datetime, str, str]] = []
    for candidate in taken:
        elevator, at = candidate.elevator, candidate.record.at
        latest[elevator] = at  # the last of an elevator is its latest: they are in order
        days.add(elevator, candidate.record)
        events.extend((elevator, event.at, event.raw_code, event.kind) for event in candidate.record.events)
    await days.write(firm)
    await queries.note_signals(now, latest)
    if events:
        new = await queries.insert_events(firm, events)
        if announce:
            await _announce(firm, {elevator for elevator, kind in new if words.kinds[kind].windows})


async def write_tracks(firm: UUID, tracks: Mapping[tuple[UUID, str], Track]) -> None:
    """Write what was added to counters, what moved by it, and what the hours gained, inside the caller's transaction."""
    added = [(elevator, counter, reading) for (elevator, counter), track in tracks.items() for reading in track.added]
    moved = [reading for track in tracks.values() for reading in track.moved.values()]
    gained = [
        (elevator, counter, hour, growth)
        for (elevator, counter), track in tracks.items()
        for hour, growth in track.hours.items()
        if growth.is_any
    ]
    if added:
        await queries.insert_readings(firm, added)
    if moved:
        await queries.update_steps(moved)
    if gained:
        await queries.add_to_hours(firm, gained)
        await queries.add_to_days(firm, _by_day(gained))


def _by_day(gained: Sequence[tuple[UUID, str, datetime, Growth]]) -> list[tuple[UUID, str, date, Growth]]:
    """Return what days (UTC) gained."""
    days: dict[tuple[UUID, str, date], Growth] = {}
    for elevator, counter, hour, growth in gained:
        days.setdefault((elevator, counter, hour.date()), Growth()).add(growth)
    return [(*key, growth) for key, growth in days.items() if growth.is_any]


async def _announce(firm: UUID, elevators: set[UUID]) -> None:
    """Have due windows computed anew, once per elevator however many events there are."""
    for elevator in sorted(elevators):
        payload = {"firm": firm, "elevators": [elevator]}
        await enqueue("due_windows", payload, dedupe_key=f"due_windows:{elevator}")
