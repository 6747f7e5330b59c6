"""Telemetry as others see it: device keys, intake, usage, events, signs of life."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from backend import clock, database, paging
from backend.errors import LiftroundsError, NotFound, NotSignedIn
from backend.scope import SYSTEM, Role, Scope, of_firm
from backend.telemetry import intake_queries, queries
from backend.telemetry.dead_letters import (
    keep_message,
    reason_counts,
    rejected_record,
    rejected_records,
    rejected_ways,
    remove_old_rejected,
)
from backend.telemetry.devices import (
    add_device,
    change_device,
    device,
    hash_key,
    list_devices,
    note_counter_base,
    rotate_key,
    switch_device,
)
from backend.telemetry.dialects import dialect, foreign_names, set_dialect
from backend.telemetry.foreign import ingest_foreign, require_adapter
from backend.telemetry.gathering import Gathering
from backend.telemetry.health import health_list, public_health_inside
from backend.telemetry.health_detail import health_detail
from backend.telemetry.ingest import Batch, ingest_inside
from backend.telemetry.openings import Opening, openings_of
from backend.telemetry.replay import replay
from backend.telemetry.span import visit_span_inside
from backend.telemetry.views import (
    DayUsage,
    EventPage,
    EventView,
    HourUsage,
    IngestResult,
    LastSeen,
    Rejection,
    Usage,
    UsageQuery,
)

__all__ = [
    "add_device",
    "authenticate_device",
    "change_device",
    "device",
    "dialect",
    "elevator_events",
    "elevator_openings",
    "elevator_usage",
    "events_since",
    "foreign_names",
    "health_detail",
    "health_list",
    "ingest",
    "ingest_foreign",
    "keep_message",
    "last_seen",
    "list_devices",
    "load_history",
    "note_counter_base",
    "online_share",
    "online_shares",
    "public_health_inside",
    "reason_counts",
    "rejected_record",
    "rejected_records",
    "rejected_ways",
    "remove_old_rejected",
    "replay",
    "require_adapter",
    "rotate_key",
    "set_dialect",
    "switch_device",
    "usage_by_day",
    "usage_by_hour",
    "usage_since",
    "visit_span_inside",
]

HISTORY_CHUNK = 10_000
"""Records of one transaction of `load_history`: few enough to hold in memory, enough to make a transaction cheap."""

_ALL_HOURS = (1 << 24) - 1


async def authenticate_device(key: str) -> Scope | None:
    """Return the scope of the device that holds a key, None where no active device does."""
    async with database.tx(SYSTEM):
        holder = await queries.device_by_key_hash(hash_key(key))
    return None if holder is None else Scope(role=Role.DEVICE, firm=holder.firm, device=holder.id)


async def ingest(scope: Scope, records: Sequence[object], *, source: str = "http", body: bytes | None = None) -> IngestResult:
    """Take a batch of native records (design.md section 6) in one transaction.

    Parameters
    ----------
    scope
        A device, which speaks for its elevator or, as a gateway, for its firm's; or somebody of the firm.
    records
        Each as parsed from JSON; what is wrong with one is answered for that one, the others are kept.
    source
        The way they came, kept with what is rejected.
    body
        What the records were read from with `quick_read.records_of`, where they were.

    Raises
    ------
    NotSignedIn
        If the device was switched off meanwhile.
    InvalidInput
        For somebody who belongs to no firm.
    """
    sent = _Sent(scope, records, body, source)
    return await _gathering.do(scope.require_firm(), sent)


class _Sent(NamedTuple):
    """A batch as it was sent."""

    scope: Scope
    records: Sequence[object]
    body: bytes | None
    source: str


async def _taken_together(firm: UUID, sent: list[_Sent]) -> list[IngestResult | LiftroundsError]:
    """Take batches that one firm's devices sent at about the same time, in one transaction."""
    outcomes: list[IngestResult | LiftroundsError] = [NotSignedIn("this device is switched off")] * len(sent)
    async with database.tx(of_firm(firm)):
        by_source: dict[str, list[tuple[int, Batch]]] = {}
        for place, (scope, records, body, source) in enumerate(sent):
            device = None if scope.device is None else await queries.active_device(scope.device)
            if scope.device is None or device is not None:
                by_source.setdefault(source, []).append((place, Batch(records=records, body=body, device=device)))
        for source, batches in by_source.items():
            results = await ingest_inside(firm, [batch for _, batch in batches], source=source, now=clock.now())
            for (place, _), result in zip(batches, results, strict=True):
                outcomes[place] = result
    return outcomes


_gathering: Gathering[_Sent, IngestResult] = Gathering(_taken_together)


async def load_history(
    firm: UUID, records: Iterable[Mapping[str, object]], *, progress: Callable[[int], None] | None = None
) -> IngestResult:
    """Take many native records of a firm in large transactions; what is stored then is what `ingest` would have stored.

    Quickest where the records of one elevator follow each other. Due windows are not computed anew: whoever loads a history
    does that once, at its end.

    Parameters
    ----------
    firm
        Whose elevators the records are of.
    records
        Native records; read once, a part at a time.
    progress
        Called with the number of records done since the last call.
    """
    total = IngestResult(accepted=0, duplicates=0, rejected=[])
    chunks = _numbered_chunks(records)

    async def take_chunks() -> None:
        nonlocal total
        for start, chunk in chunks:
            async with database.tx(of_firm(firm)):
                [result] = await ingest_inside(firm, [Batch(records=chunk)], source="history", now=clock.now(), announce=False)
            total = _together(total, result, start)
            if progress is not None:
                progress(len(chunk))

    # Two at a time, so that the database writes one part while the next is being read here.
    with _no_collection_of_cycles():
        try:
            async with asyncio.TaskGroup() as both:
                both.create_task(take_chunks())
                both.create_task(take_chunks())
        except BaseExceptionGroup as errors:
            raise errors.exceptions[0] from errors  # one is enough to tell, and callers know its kind
    async with database.tx(of_firm(firm)):
        await intake_queries.note_devices_of_history(firm)
    return total


def _numbered_chunks(records: Iterable[Mapping[str, object]]) -> Iterator[tuple[int, list[Mapping[str, object]]]]:
    """Yield parts with the place of their first record, cut where the elevator changes, so that parts need not wait."""
    start = 0
    chunk: list[Mapping[str, object]] = []
    for record in records:
        full = len(chunk) >= HISTORY_CHUNK and record.get("elevator") != chunk[-1].get("elevator")
        if full or len(chunk) >= 2 * HISTORY_CHUNK:
            yield start, chunk
            start, chunk = start + len(chunk), []
        chunk.append(record)
    if chunk:
        yield start, chunk


@contextmanager
def _no_collection_of_cycles() -> Iterator[None]:
    """Let Python not look for cycles: there are none among a million readings, and looking takes half of the time."""
    on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if on:
            gc.enable()


def _together(total: IngestResult, part: IngestResult, start: int) -> IngestResult:
    """Return the sum of results; `start` is the place of the part's first record among all."""
    moved = [
        Rejection(index=start + r.index, field=r.field, template=r.template, params=r.params, also=r.also)
        for r in part.rejected
    ]
    return IngestResult(
        accepted=total.accepted + part.accepted,
        duplicates=total.duplicates + part.duplicates,
        rejected=sorted(total.rejected + moved, key=lambda rejection: rejection.index),
    )


async def elevator_usage(
    scope: Scope, elevator: UUID, since: datetime, until: datetime, *, by_day: bool
) -> list[HourUsage] | list[DayUsage]:
    """Return an elevator's usage in [since, until) per hour (UTC) or per day of the firm's zone, by counter and time.

    Raises
    ------
    NotFound
        If the asker sees no such elevator.
    """
    async with database.tx(scope):
        place = await queries.place_of(elevator)
        if place is None:
            raise NotFound("no elevator {elevator}", elevator=elevator)
        if by_day:
            return await queries.usage_by_day([elevator], since, until, place.time_zone)
        return await queries.usage_by_hour([elevator], since, until)


async def elevator_events(
    scope: Scope, elevator: UUID, *, cursor: str | None = None, limit: int = paging.DEFAULT_LIMIT
) -> EventPage:
    """Return what an elevator reported, the latest first.

    Raises
    ------
    NotFound
        If the asker sees no such elevator.
    InvalidInput
        If the cursor is none of this list or the limit is not in 1..1000.
    """
    before = paging.decode(cursor, (datetime, str))
    limit = paging.bounded(limit)
    async with database.tx(scope):
        if not await queries.elevator_exists(elevator):
            raise NotFound("no elevator {elevator}", elevator=elevator)
        rows = await queries.latest_events(elevator, before, limit + 1)
    more = len(rows) > limit
    last = rows[limit - 1] if more else None
    return EventPage(rows=rows[:limit], next_cursor=None if last is None else paging.encode((last.at, last.raw_code)))


async def elevator_openings(scope: Scope, elevator: UUID, since: datetime, until: datetime) -> list[Opening]:
    """Return what began in [since, until) and has an end, or may have one still, by its beginning.

    Raises
    ------
    NotFound
        If the asker sees no such elevator.
    """
    async with database.tx(scope):
        if not await queries.elevator_exists(elevator):
            raise NotFound("no elevator {elevator}", elevator=elevator)
        return openings_of(await queries.events([elevator], since, until, None))


async def usage_since(wanted: Sequence[UsageQuery]) -> list[Usage]:
    """Return the usage that each query asks for, in the same order, inside the caller's transaction.

    One statement for any number of queries: 10 000 elevators with five counters each are one call.
    """
    return await queries.usage_since(wanted) if wanted else []


async def usage_by_hour(elevators: Collection[UUID], since: datetime, until: datetime) -> list[HourUsage]:
    """Return usage of the hours that meet [since, until), by elevator, counter, hour; inside the caller's transaction."""
    return await queries.usage_by_hour(elevators, since, until)


async def usage_by_day(elevators: Collection[UUID], since: datetime, until: datetime, time_zone: str) -> list[DayUsage]:
    """Return usage in [since, until) per local day, by elevator, counter, day; inside the caller's transaction."""
    return await queries.usage_by_day(elevators, since, until, time_zone)


async def events_since(
    elevators: Collection[UUID], since: datetime, until: datetime | None = None, kinds: Collection[str] | None = None
) -> list[EventView]:
    """Return what elevators reported in [since, until), by elevator and time; inside the caller's transaction."""
    return await queries.events(elevators, since, until, kinds)


async def last_seen(elevators: Collection[UUID]) -> dict[UUID, LastSeen]:
    """Return the last sign of life of each elevator that ever gave one, inside the caller's transaction."""
    return {seen.elevator: seen for seen in await queries.last_seen(elevators)}


async def online_shares(elevators: Collection[UUID], since: datetime, until: datetime) -> dict[UUID, float]:
    """Return for each elevator the share (0..1) of the whole hours in [since, until) with a record; 0 where none came.

    Hours are cut in UTC; only hours wholly inside the span count. Inside the caller's transaction.
    """
    first, end = _whole_hour(since, up=True), _whole_hour(until, up=False)
    hours = max(0, (end - first) // timedelta(hours=1))
    seen = dict.fromkeys(elevators, 0)
    if not hours:
        return dict.fromkeys(elevators, 0.0)
    last = end - timedelta(hours=1)
    for elevator, day, bits in await queries.signal_days(elevators, first.date(), last.date()):
        mask = _ALL_HOURS
        if day == first.date():
            mask &= _ALL_HOURS << first.hour
        if day == last.date():
            mask &= (1 << last.hour + 1) - 1
        seen[elevator] += (bits & mask).bit_count()
    return {elevator: count / hours for elevator, count in seen.items()}


def _whole_hour(at: datetime, *, up: bool) -> datetime:
    at = at.astimezone(UTC)
    whole = at.replace(minute=0, second=0, microsecond=0)
    return whole + timedelta(hours=1) if up and whole < at else whole


async def online_share(elevator: UUID, since: datetime, until: datetime) -> float:
    """Return the share of one elevator: see `online_shares`."""
    return (await online_shares([elevator], since, until))[elevator]
