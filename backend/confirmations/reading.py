"""What the page behind a code shows: the visit in short, and where its confirmation stands."""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from datetime import datetime

import msgspec

from backend.confirmations import codes, phones, queries
from backend.confirmations.limits import CODE_LIFE, COUNTED, MOST_WRONG_OF_NUMBER, MOST_WRONG_OF_VISIT
from backend.confirmations.macs import Macs
from backend.confirmations.queries import CodeRow
from backend.confirmations.standing import Standing, standing_inside
from backend.confirmations.views import Bar, CodeVisit, FoundItem, Opened, State
from backend.settings import Settings
from backend.visits import service as visits
from backend.visits.views import Confirmation, RecordVersion, VisitSummary


async def opened_inside(settings: Settings, macs: Macs, code: str, tokens: Sequence[str], now: datetime) -> Opened:
    """Return where a code stands, inside a transaction that sees every firm."""
    row = await queries.code(codes.sha256_of(code))
    if row is None:
        return Opened(state=State.UNKNOWN)
    visit = await code_visit_inside(row)
    if row.used_at is not None and visit.decision == Confirmation.PENDING:
        visit = msgspec.structs.replace(visit, asked_again=True)
    if (state := ended(row, visit, now)) is not None:
        return Opened(state=state, visit=visit)
    standing = await standing_inside(row, now)
    if standing.bar is not None:
        return Opened(
            state=State.BARRED, visit=visit, bar=standing.bar, number_tail=standing.tail, from_when=standing.from_when
        )
    phone = await phones.proved_inside(macs, row, standing, tokens, now)
    if phone is not None:
        return Opened(state=State.SIGN, visit=visit, number_tail=standing.tail, remembered=phone.code is None)
    if not can_send(settings):
        return _barred(visit, standing, Bar.NO_GATEWAY)
    if (until := await locked_until_inside(macs, row, standing, now)) is not None:
        return _barred(visit, standing, Bar.LOCKED, until)
    live = await queries.live_password(row.id, now)
    if live is not None and hmac.compare_digest(live.number_mac, macs.number(standing.number)):
        return Opened(state=State.SENT, visit=visit, number_tail=standing.tail, password_until=live.expires_at)
    return Opened(state=State.ASK, visit=visit, number_tail=standing.tail)


def _barred(visit: CodeVisit, standing: Standing, bar: Bar, from_when: datetime | None = None) -> Opened:
    return Opened(state=State.BARRED, visit=visit, bar=bar, number_tail=standing.tail, from_when=from_when)


def can_send(settings: Settings) -> bool:
    """Return whether text messages leave this installation at all."""
    return bool(settings.sms_url or settings.message_file)


def ended(row: CodeRow, visit: CodeVisit, now: datetime) -> State | None:
    """Return why nothing is to be decided by a code any more, None where something is."""
    if row.withdrawn:
        return State.WITHDRAWN
    if visit.decision != Confirmation.PENDING:
        return State.DECIDED
    if row.replaced_at is not None:
        return State.REPLACED
    return State.EXPIRED if open_until(row, visit) <= now else None


def open_until(row: CodeRow, visit: CodeVisit) -> datetime:
    """Return until when a code opens something to decide: one that brought an answer also opens the correction after it."""
    return row.expires_at if row.used_at is None else max(row.expires_at, visit.written_at + CODE_LIFE)


async def locked_until_inside(macs: Macs, row: CodeRow, standing: Standing, now: datetime) -> datetime | None:
    """Return until when nothing is sent or checked because of wrong passwords; None where it is."""
    counts = await queries.counts(row.visit, macs.number(standing.number), "", now - COUNTED)
    ends = []
    if counts.wrong_of_visit >= MOST_WRONG_OF_VISIT and counts.oldest_of_visit is not None:
        ends.append(counts.oldest_of_visit + COUNTED)
    if counts.wrong_of_number >= MOST_WRONG_OF_NUMBER and counts.oldest_of_number is not None:
        ends.append(counts.oldest_of_number + COUNTED)
    return max(ends, default=None)


async def code_visit_inside(row: CodeRow) -> CodeVisit:
    """Return the visit of a code in short, as its newest version has it."""
    summary, newest = await visits.newest_inside(row.visit)
    return _short(summary, newest)


def _short(summary: VisitSummary, newest: RecordVersion) -> CodeVisit:
    body = newest.body
    results = [item.result for item in body.items]
    return CodeVisit(
        visit=summary.id,
        version=newest.version,
        sha256=newest.sha256,
        site_name=body.place.site,
        unit_name=body.elevator.unit_name,
        address=body.place.address,
        registration_code=body.elevator.registration_code,
        rescue_code=body.elevator.rescue_code,
        owner_name=body.place.owner,
        firm_name=body.firm.name,
        maintenance_class=body.maintenance_class,
        day=body.day,
        arrived_at=body.arrived_at,
        departed_at=body.departed_at,
        time_zone=body.time_zone,
        badges=[person.badge for person in body.technicians],
        items=sum(result != "not_applicable" for result in results),
        adjusted=results.count("adjusted"),
        replaced=results.count("replaced"),
        findings=[
            FoundItem(severity=finding.severity, title_zh=finding.title_zh, title_en=finding.title_en)
            for finding in body.findings
        ],
        corrected=newest.version > 1,
        written_at=newest.written_at,
        decision=newest.decision.value,
        decision_reason=newest.decision_reason,
        decided_at=newest.decided_at,
    )
