"""Replaying what was not accepted, after what stood in its way was put right. Nothing counts twice, nothing is lost."""

from __future__ import annotations

import json
import zlib
from collections import Counter
from collections.abc import Collection, Sequence
from uuid import UUID

import msgspec
from msgspec import Struct

from backend import clock, database
from backend.errors import InvalidInput, NotFound
from backend.people.service import audit
from backend.scope import Scope
from backend.telemetry import queries, rejected_queries
from backend.telemetry.adapters.reading import ADAPTERS, messages_of
from backend.telemetry.foreign import context_of, read_batch
from backend.telemetry.ingest import Batch, DeviceSource, ingest_inside
from backend.telemetry.messages import parse_body
from backend.telemetry.mqtt_batch import Incoming, resolve
from backend.telemetry.mqtt_topics import route_of, take_key, with_hint
from backend.telemetry.rejected import keep_inside
from backend.telemetry.rejected_queries import Replayed, ToReplay
from backend.telemetry.views import IngestResult, Problem, RejectedFilter, ReplayLine, ReplayResult

AT_ONCE = 200
"""Records of one transaction."""

MOST = 5000
"""Records of one call; what is left is told, so that it is asked for again."""

SOURCE = "replay"


class _Ready(Struct, kw_only=True):
    """What is replayed, with what is known of it now."""

    kept: ToReplay
    records: list[object]
    device: DeviceSource | None
    firm: UUID | None
    problem: Problem | None = None


async def replay(scope: Scope, wanted: RejectedFilter | Collection[int]) -> ReplayResult:
    """Take in again what was not accepted.

    What is taken is marked as taken and stays in the list until its time is over; what is still rejected gets the reason of
    now. A message of several records is taken as a whole: those of its records that are rejected are kept on their own.

    Parameters
    ----------
    scope
        Who asks; only what they see is replayed. What belongs to nobody is replayed by admins only.
    wanted
        All that fits, or these ids.

    Returns
    -------
    ReplayResult
        What became of each.

    Raises
    ------
    NotFound
        If the asker sees no such device.
    """
    async with database.tx(scope):
        if isinstance(wanted, RejectedFilter):
            if wanted.device is not None and await queries.device(wanted.device) is None:
                raise NotFound("no device {device}", device=wanted.device)
            ids = await rejected_queries.ids(wanted, MOST + 1)
        else:
            ids = sorted(set(wanted))
    chosen = ids[:MOST]
    lines: list[ReplayLine] = []
    by = wanted.template or "" if isinstance(wanted, RejectedFilter) else ""
    for start in range(0, len(chosen), AT_ONCE):
        lines += await _replay_some(scope, chosen[start : start + AT_ONCE], by)
    counted = Counter(line.outcome for line in lines)
    return ReplayResult(
        accepted=counted["accepted"], duplicates=counted["duplicate"], rejected=counted["rejected"],
        left=len(ids) - len(chosen), lines=lines,
    )  # fmt: skip


async def _replay_some(scope: Scope, ids: Sequence[int], by: str) -> list[ReplayLine]:
    async with database.tx(scope):
        unclaimed = [
            one for one in await rejected_queries.chosen(ids) if one.whole and one.device is None and one.state == "open"
        ]
    named = await resolve([Incoming(one.topic, _bytes(one)) for one in unclaimed]) if unclaimed else []
    devices = {one.id: found for one, found in zip(unclaimed, named, strict=True)}
    async with database.tx(scope):
        kept = await rejected_queries.locked(ids)
        lines = [ReplayLine(id=one.id, outcome="duplicate") for one in kept if one.state == "taken"]
        ready = [await _made_ready(one, devices.get(one.id)) for one in kept if one.state != "taken"]
        told = [(one, _still(one, one.problem)) for one in ready if one.problem is not None]
        for firm in sorted({one.firm for one in ready if one.problem is None and one.firm is not None}):
            told += await _taken(firm, [one for one in ready if one.problem is None and one.firm == firm])
        if told:
            await rejected_queries.note(clock.now(), [_note(one, line) for one, line in told])
            await _audit(scope, told, by)
    return sorted(lines + [line for _, line in told], key=lambda line: line.id)


def _bytes(kept: ToReplay) -> bytes:
    """Return a message as it came; of an old one its beginning is all there is."""
    if kept.raw is not None:
        return zlib.decompress(kept.raw)
    return str(kept.body).encode()


async def _made_ready(kept: ToReplay, named: tuple[DeviceSource | None, Problem | None] | None) -> _Ready:
    """Return the records of what was kept, and whose they are, or why that cannot be said."""
    ready = _Ready(kept=kept, records=[], device=None, firm=kept.firm)
    if named is not None:
        ready.device, ready.problem = named
        ready.firm = kept.firm if ready.device is None else ready.device.firm
    elif kept.device is not None:
        ready.device = await queries.active_device(kept.device)
        if ready.device is None:
            ready.problem = Problem("device", "this device is switched off; switch it on, then replay this again")
    if ready.problem is None and ready.firm is None:
        ready.problem = Problem("device", "nobody knows whose this is; make the device that sent it, then replay this again")
    if ready.problem is None:
        _read(ready)
    return ready


def _read(ready: _Ready) -> None:
    kept = ready.kept
    if not kept.whole:
        ready.records = [kept.body if kept.raw is None else json.loads(zlib.decompress(kept.raw))]
        return
    try:
        if kept.adapter:
            ready.records = _foreign_messages(kept)
        else:
            ready.records = list(parse_body(_bytes(kept), with_key=True).records)
    except InvalidInput as error:
        fault = error.faults[0]
        ready.problem = Problem(fault.path or "message", fault.reason.replace("{", "{{").replace("}", "}}"))


def _foreign_messages(kept: ToReplay) -> list[object]:
    """Return messages of a foreign format as MQTT's intake reads them: without key, with what their topic tells."""
    route = route_of(kept.topic)
    messages = list(messages_of(_bytes(kept)))
    for message in messages:
        take_key(message)
    return messages if route is None else [with_hint(message, route) for message in messages]


async def _taken(firm: UUID, ready: Sequence[_Ready]) -> list[tuple[_Ready, ReplayLine]]:
    """Take in what is ready of one firm."""
    told = []
    for whole in (False, True):
        theirs = [one for one in ready if one.kept.whole == whole and not one.kept.adapter]
        if theirs:
            batches = [Batch(records=one.records, device=one.device) for one in theirs]
            # A rejected record of a whole message is new to the list; one that is replayed alone stands in it already.
            results = await ingest_inside(firm, batches, source=SOURCE, now=clock.now(), keep=whole)
            told += [(one, _line(one, result)) for one, result in zip(theirs, results, strict=True)]
    return told + [(one, await _foreign(firm, one)) for one in ready if one.kept.adapter]


async def _foreign(firm: UUID, ready: _Ready) -> ReplayLine:
    """Take in a message of a foreign format, by the device's dialect of now; what has no time has that of its arrival."""
    kept = ready.kept
    if kept.adapter not in ADAPTERS:
        return _still(ready, Problem("adapter", "there is no adapter {adapter}", {"adapter": kept.adapter[:40]}))
    if ready.device is None:
        return _still(ready, Problem("device", "a message of a foreign format is read for its device; this one has none"))
    now, route = clock.now(), route_of(kept.topic)
    context = await context_of(ready.device, kept.first_received_at, "" if route is None else route.hint)
    made = read_batch(kept.adapter, ready.records, context, ready.device, kept.topic)
    [result] = await ingest_inside(firm, [made.batch], source=SOURCE, now=now, keep=kept.whole)
    if kept.whole:
        await keep_inside(firm, made.refused(), source=SOURCE, now=now)
    result = made.answer(result)
    return _line(ready, result)


def _line(ready: _Ready, result: IngestResult) -> ReplayLine:
    """Return what became of one: of a message with several records the worst, unless each of them stands for itself now."""
    if result.rejected and not (ready.kept.whole and result.accepted + result.duplicates):
        first = result.rejected[0]
        return _still(ready, Problem(first.field, first.template, first.params))
    return ReplayLine(id=ready.kept.id, outcome="accepted" if result.accepted else "duplicate")


def _still(ready: _Ready, problem: Problem) -> ReplayLine:
    return ReplayLine(
        id=ready.kept.id, outcome="rejected", field=problem.field, template=problem.template, params=problem.params
    )


def _note(ready: _Ready, line: ReplayLine) -> Replayed:
    """Return what is noted: a message whose records were read is done with, for each of them stands for itself now."""
    done = line.outcome != "rejected" or (ready.kept.whole and ready.problem is None)
    return Replayed(
        ready.kept.id, "taken" if done else "open", ready.firm, None if ready.device is None else ready.device.id,
        line.field, line.template, msgspec.json.encode(line.params).decode(),
    )  # fmt: skip


async def _audit(scope: Scope, told: Sequence[tuple[_Ready, ReplayLine]], by: str) -> None:
    """Write a line of the audit trail for each firm."""
    by_firm: dict[UUID | None, list[ReplayLine]] = {}
    for ready, line in told:
        by_firm.setdefault(ready.firm, []).append(line)
    for firm, lines in by_firm.items():
        counted = Counter(line.outcome for line in lines)
        detail = {"accepted": counted["accepted"], "duplicates": counted["duplicate"], "rejected": counted["rejected"]}
        await audit(firm, scope.account, "records.replayed", by, detail | {"ids": [line.id for line in lines]})
