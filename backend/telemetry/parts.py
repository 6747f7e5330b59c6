"""The rarer parts of records that were taken, written inside intake's transaction under the elevators' locks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from backend.telemetry import intake_queries, part_queries
from backend.telemetry.messages import NativeRecord
from backend.telemetry.part_queries import NameRow, PeriodRow, PeriodSpan
from backend.telemetry.periods import HOUR_S, Statement, hours_of
from backend.telemetry.rollup import Growth
from backend.telemetry.signals import Runs, told
from backend.telemetry.values import EPOCH, microseconds
from backend.telemetry.vocabulary import UNKNOWN, Vocabulary


class Taken(NamedTuple):
    """A record that was accepted and is new."""

    elevator: UUID
    device: UUID | None
    adapter: str
    """The device's format; `native` for ours."""

    record: NativeRecord


async def write_parts(firm: UUID, taken: Sequence[Taken], words: Vocabulary, now: datetime) -> list[tuple[UUID, str]]:
    """Write periods, signals and unknown names; return elevator and kind of the events that are new by the signals."""
    special = [one for one in taken if one.record.periods or one.record.states or one.record.raw or one.record.events]
    if not special:
        return []
    await _periods(firm, special)
    new = await _signals(firm, special, words)
    await _names(firm, special, words, now)
    return new


async def _periods(firm: UUID, taken: Sequence[Taken]) -> None:
    """Write statements about periods, and add to the hours what they change."""
    told_now: dict[tuple[UUID, str], dict[tuple[datetime, datetime, int], datetime]] = {}
    for one in taken:
        for period in one.record.periods:
            for counter, growth in period.growth.items():
                of = told_now.setdefault((one.elevator, counter), {})
                name = (period.from_at, period.to_at, growth)
                of[name] = max(of.get(name, period.stated_at), period.stated_at)
    if not told_now:
        return
    spans = [
        PeriodSpan(elevator, counter, _hour(min(of)[0]), _hour(max(to for _, to, _ in of) + timedelta(hours=1, seconds=-1)))
        for (elevator, counter), of in told_now.items()
    ]
    stored: dict[tuple[UUID, str], dict[tuple[datetime, datetime, int], datetime]] = {}
    for row in await part_queries.periods_in(spans):
        stored.setdefault((row.elevator, row.counter), {})[row.from_at, row.to_at, row.growth] = row.stated_at
    await part_queries.insert_periods(
        firm,
        [
            PeriodRow(e, counter, begins, ends, growth, at)
            for (e, counter), of in told_now.items()
            for (begins, ends, growth), at in of.items()
        ],
    )
    gained = []
    for span in spans:
        key = (span.elevator, span.counter)
        before = stored.get(key, {})
        after = before | {name: max(at, before.get(name, at)) for name, at in told_now[key].items()}
        gained += [(*key, hour, growth) for hour, growth in _difference(before, after, span).items()]
    await _add_to_usage(firm, gained)


def _hour(at: datetime) -> datetime:
    return at.replace(minute=0, second=0, microsecond=0)


def _difference(
    before: Mapping[tuple[datetime, datetime, int], datetime],
    after: Mapping[tuple[datetime, datetime, int], datetime],
    span: PeriodSpan,
) -> dict[datetime, Growth]:
    """Return what the hours of a span gain."""
    begin_s, end_s = _seconds(span.begins), _seconds(span.ends)
    was, is_now = (
        hours_of([Statement(_seconds(f), _seconds(t), g, microseconds(at)) for (f, t, g), at in of.items()], begin_s, end_s)
        for of in (before, after)
    )
    changes = {}
    for hour in sorted(was.keys() | is_now.keys()):
        growth = Growth(delta=is_now.get(hour, 0) - was.get(hour, 0), readings=(hour in is_now) - (hour in was))
        if growth.delta or growth.readings:
            changes[EPOCH + timedelta(seconds=hour * HOUR_S)] = growth
    return changes


def _seconds(at: datetime) -> int:
    return (at - EPOCH) // timedelta(seconds=1)


async def _add_to_usage(firm: UUID, gained: Sequence[tuple[UUID, str, datetime, Growth]]) -> None:
    if not gained:
        return
    days: dict[tuple[UUID, str, datetime], Growth] = {}
    for elevator, counter, hour, growth in gained:
        days.setdefault((elevator, counter, hour.replace(hour=0)), Growth()).add(growth)
    await intake_queries.add_to_hours(firm, gained)
    await intake_queries.add_to_days(firm, [(e, counter, day.date(), growth) for (e, counter, day), growth in days.items()])


async def _signals(firm: UUID, taken: Sequence[Taken], words: Vocabulary) -> list[tuple[UUID, str]]:
    """Put what groups of signals were told to be; write the events that are new by it."""
    telling = sorted((one.elevator, one.record.at, topic, codes) for one in taken for topic, codes in one.record.states.items())
    if not telling:
        return []
    times = [at for _, at, _, _ in telling]
    known: dict[tuple[UUID, str], Runs] = {}
    for elevator, topic, run in await part_queries.runs_around({one[0] for one in telling}, min(times), max(times)):
        known.setdefault((elevator, topic), Runs()).runs.append(run)
    events: list[tuple[UUID, datetime, str, str]] = []
    for elevator, at, topic, codes in telling:
        for code, when in known.setdefault((elevator, topic), Runs()).tell(at, codes):
            events.append((elevator, when, code, words.kind_of(code)))
    changed = [(elevator, topic, run) for (elevator, topic), of in known.items() for run in told(of.runs)]
    removed = [id_ for of in known.values() for id_ in of.removed]
    if changed or removed:
        await part_queries.write_runs(firm, changed, removed)
    return await intake_queries.insert_events(firm, events) if events else []


async def _names(firm: UUID, taken: Sequence[Taken], words: Vocabulary, now: datetime) -> None:
    """Count what no table knows: names, values that cannot be read, codes."""
    found: dict[tuple[UUID, str, str], NameRow] = {}
    for one in taken:
        if one.device is None:
            continue
        for name, why, example in _unknown_in(one.record, words):
            key = (one.device, one.adapter, name)
            times = found[key].times + 1 if key in found else 1
            found[key] = NameRow(*key, why, times, example)
    if found:
        await part_queries.note_names(firm, now, list(found.values()))


def _unknown_in(record: NativeRecord, words: Vocabulary) -> list[tuple[str, str, str]]:
    """Return name, why and an example of what a record says that no table knows."""
    names: list[tuple[str, str, str]] = [
        (name.partition(":")[2], kept.why, str(kept.value)) for name, kept in record.raw.items()
    ]
    codes = [event.raw_code for event in record.events if event.kind == UNKNOWN]
    codes += [code for of in record.states.values() for code in of if words.kind_of(code) == UNKNOWN]
    return names + [(code, "unknown", code) for code in codes]
