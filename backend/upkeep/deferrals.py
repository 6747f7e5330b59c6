"""Authorised deferrals (延期): entered before the due day with the user's consent and its document, never a silent overdue."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from datetime import date, timedelta
from uuid import UUID

import msgspec

from backend import clock, database
from backend.errors import Conflict, Fault, InvalidInput, NotFound
from backend.people import service as people
from backend.scope import Scope
from backend.upkeep import deferral_queries, fact_queries, queries
from backend.upkeep.compute import compute_inside
from backend.upkeep.deferral_queries import DeferralDetail
from backend.upkeep.gather import known_inside
from backend.upkeep.views import DeferralFile, DeferralInput, DeferralOffer, DeferralView
from planner.intervals.deferral import Refused, deferral_faults
from planner.intervals.facts import DeferralFact, ElevatorFacts
from planner.intervals.gap import RunningGap, running_gap

LARGEST_FILE = 10 * 2**20
"""Bytes of a document: a scan of a dozen pages."""

LONGEST_REASON = 2000

_KINDS = {b"%PDF-": "application/pdf", b"\xff\xd8\xff": "image/jpeg", b"\x89PNG\r\n": "image/png"}
_SHA256 = re.compile("[0-9a-fA-F]{64}")
_SHOWN_BESIDE = {"counted_from": "days", "entered_on": "consent_on"}
"""Reasons that are about what is not in the form, and the field beside which they are shown."""


async def deferral_offer(scope: Scope, elevator: UUID) -> DeferralOffer:
    """Return what may be deferred now.

    Raises
    ------
    NotFound
        If the asker sees no such elevator, or it is scrapped.
    InvalidInput
        If its facts or its rule pack cannot be used.
    """
    async with database.tx(scope):
        _, _, gap, _ = await _gap_inside(elevator)
    rules, fixed = gap.limits.deferral, gap.fixed
    if fixed is None and not gap.most_days:
        return _offer(gap, [], "本次间隔已无可延日数", "no days are left for this gap")
    return _offer(gap, list(rules.reasons) if rules else [], fixed.why.zh if fixed else "", fixed.why.en if fixed else "")


def _offer(gap: RunningGap, reasons: list[str], why_not_zh: str, why_not_en: str) -> DeferralOffer:
    return DeferralOffer(
        counted_from=gap.counted_from, due_on=gap.due, most_days=gap.most_days, reasons=reasons, why_not_zh=why_not_zh,
        why_not_en=why_not_en,
    )  # fmt: skip


async def add_deferral(scope: Scope, elevator: UUID, asked: DeferralInput, file: DeferralFile | None = None) -> DeferralView:
    """Enter an authorised deferral of the gap that runs now, and compute the elevator's window anew.

    Parameters
    ----------
    scope, elevator
        Whose and which.
    asked
        The deferral.
    file
        Its document; without one its hash must be given.

    Raises
    ------
    NotFound
        If the firm has no such elevator.
    InvalidInput
        With all reasons for which it does not hold: the consent is not from before the due day, the day has passed, the rule
        pack allows no deferral or not so many days, the document is missing.
    """
    asked, faults = _document(asked, file)
    async with database.tx(scope):
        firm, today, gap, facts = await _gap_inside(elevator)
        if gap.fixed is not None:
            raise InvalidInput("the visit cannot be deferred", faults=[_fault(asked, gap.fixed)])
        fact = _fact(asked, gap.counted_from, today)
        faults += [_fault(asked, one) for one in deferral_faults(fact, gap.limits, gap.due, _others(facts, gap))]
        if any((one.document, one.consent_on) == (asked.document, asked.consent_on) for one in gap.held):
            twice = "is entered for this visit already; withdraw it to change its days"
            faults.append(Fault("document", asked.document[:60], twice))
        if faults:
            raise InvalidInput("the visit cannot be deferred", faults=faults)
        if file is not None:
            file = msgspec.structs.replace(file, content_type=_kind(file) or "", name=file.name[-200:])
        added = await deferral_queries.insert_deferral(
            firm, elevator, asked, file, counted_from=gap.counted_from, due_on=gap.due, entered_on=today, by=scope.account,
            at=clock.now(),
        )  # fmt: skip
        await compute_inside(firm, [elevator])
        detail = {"document": asked.document, "days": asked.days, "due_on": gap.due}
        await people.audit(firm, scope.account, "deferral.added", str(elevator), detail)
        return next(one for one in await _views(elevator) if one.id == added)


def _others(facts: ElevatorFacts, gap: RunningGap) -> list[DeferralFact]:
    """Return deferrals that count beside a new one: those of this gap that hold, and all of earlier gaps."""
    return [*gap.held, *(one for one in facts.deferrals if one.counted_from != gap.counted_from)]


def _fault(asked: DeferralInput, why: Refused) -> Fault:
    given = getattr(asked, why.field, None)
    path = _SHOWN_BESIDE.get(why.field, why.field)
    return Fault.of(path, None if given is None else str(given)[:60], why.en, **why.values)


def _document(asked: DeferralInput, file: DeferralFile | None) -> tuple[DeferralInput, list[Fault]]:
    """Return a deferral with the hash of its document, and what is wrong with the document and the texts."""
    texts = {name: getattr(asked, name).strip() for name in ("words", "document", "issuer", "consent_by", "file_sha256")}
    asked = msgspec.structs.replace(asked, **texts)
    faults = [Fault(name, None, "leave out the NUL character") for name, text in texts.items() if "\x00" in text]
    if file is None:
        if not _SHA256.fullmatch(asked.file_sha256):
            faults.append(Fault("file", None, "hand in the document as PDF, JPEG or PNG, or give its SHA-256 in 64 digits"))
        return msgspec.structs.replace(asked, file_sha256=asked.file_sha256.lower()), faults
    if len(file.content) > LARGEST_FILE:
        faults.append(Fault.of("file", file.name[:60], "use a file of at most {most} MB", most=LARGEST_FILE // 2**20))
    if _kind(file) is None:
        faults.append(Fault("file", file.name[:60], "use a PDF, JPEG or PNG file"))
    digest = hashlib.sha256(file.content).hexdigest()
    if asked.file_sha256 and asked.file_sha256.lower() != digest:
        faults.append(Fault("file_sha256", asked.file_sha256, "is not that of the file; leave it out"))
    return msgspec.structs.replace(asked, file_sha256=digest), faults


def _kind(file: DeferralFile) -> str | None:
    return next((kind for begin, kind in _KINDS.items() if file.content.startswith(begin)), None)


def _fact(asked: DeferralInput, counted_from: date, today: date) -> DeferralFact:
    return DeferralFact(
        counted_from=counted_from, days=asked.days, reason=asked.reason, words=asked.words, document=asked.document,
        issuer=asked.issuer, dated_on=asked.dated_on, consent_on=asked.consent_on, entered_on=today,
    )  # fmt: skip


async def deferrals(scope: Scope, elevator: UUID) -> list[DeferralView]:
    """Return an elevator's deferrals, the newest first.

    Raises
    ------
    NotFound
        If the asker sees no such elevator.
    """
    async with database.tx(scope):
        if await queries.firm_of(elevator) is None:
            raise NotFound("no elevator {elevator}", elevator=elevator)
        return await _views(elevator)


async def deferrals_inside(elevator: UUID) -> list[DeferralView]:
    """Return the deferrals of the gap that runs now, inside the caller's transaction; they are public."""
    return [one for one in await _views(elevator) if one.running]


async def deferral_file(scope: Scope, deferral: UUID) -> DeferralFile:
    """Return the document of a deferral.

    Raises
    ------
    NotFound
        If the asker sees no such deferral, or only the hash of its document was given.
    """
    async with database.tx(scope):
        found = await deferral_queries.file_of(deferral)
    if found is None:
        raise NotFound("no document of deferral {deferral}", deferral=deferral)
    return found


async def withdraw_deferral(scope: Scope, deferral: UUID, why: str) -> None:
    """Withdraw a deferral: it does not hold any more, and the elevator's window is computed anew.

    Raises
    ------
    NotFound
        If the firm has no such deferral.
    Conflict
        If it was withdrawn already.
    InvalidInput
        If no reason is given.
    """
    why = why.strip()
    async with database.tx(scope):
        found = await deferral_queries.deferral(deferral)
        if found is None:
            raise NotFound("no deferral {deferral}", deferral=deferral)
        if not why or len(why) > LONGEST_REASON or "\x00" in why:
            fault = Fault("why", None, "say why in at most 2000 characters")
            raise InvalidInput("the deferral cannot be withdrawn", faults=[fault])
        if found.withdrawn_at is not None:
            raise Conflict("the deferral was withdrawn already")
        await deferral_queries.withdraw(deferral, why, scope.account, clock.now())
        await compute_inside(found.firm, [found.elevator])
        await people.audit(found.firm, scope.account, "deferral.withdrawn", str(found.elevator), {"document": found.document})


async def _gap_inside(elevator: UUID) -> tuple[UUID, date, RunningGap, ElevatorFacts]:
    """Return firm, today, running gap and facts of an elevator, locked against other computations."""
    firm = await queries.firm_of(elevator)
    zone = None if firm is None else await fact_queries.time_zone_of(firm)
    if firm is None or zone is None:
        raise NotFound("no elevator {elevator}", elevator=elevator)
    await fact_queries.lock_firm(firm)
    known = next(iter(await known_inside(firm, zone, [elevator])), None)
    if known is None or known.row.state == "scrapped":
        raise NotFound("no elevator {elevator}", elevator=elevator)
    if known.facts is None or known.pack is None:
        raise InvalidInput("the due window cannot be computed: {reason}", reason=known.fault)
    today = clock.today(zone)
    return firm, today, running_gap(known.facts, known.pack, today), known.facts


async def _views(elevator: UUID) -> list[DeferralView]:
    rows = await deferral_queries.deferrals_of([elevator])
    last = await queries.last_visit_day(elevator)
    return [_view(row, rows, last) for row in rows]


def _view(row: DeferralDetail, rows: Sequence[DeferralDetail], last: date | None) -> DeferralView:
    """Return a deferral as it leaves; it runs until a later visit ends the gap that it defers."""
    holds = [one for one in rows if one.counted_from == row.counted_from and one.withdrawn_at is None]
    days = sum(one.days for one in holds if (one.created_at, one.id) <= (row.created_at, row.id))
    fields = {name: getattr(row, name) for name in row.__struct_fields__}
    running = row.withdrawn_at is None and (last is None or last <= row.counted_from)
    return DeferralView(**fields, deferred_to=row.due_on + timedelta(days=days or row.days), running=running)
