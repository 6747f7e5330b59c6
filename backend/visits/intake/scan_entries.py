"""Scans of signed entries: as the services of visits take them, and those that only phones make (zones, joining, leaving)."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from backend import clock
from backend.errors import Conflict, InvalidInput, NotFound
from backend.labels.views import LabelZone, ResolvedLabel
from backend.people import service as people
from backend.scope import Scope
from backend.visits import access, arrival, queries, repeats, scanning
from backend.visits.inputs import PositionInput, ScanInput, Source
from backend.visits.intake import queries as entry_queries
from backend.visits.proof import grading
from backend.visits.proof.views import GradedWhy
from backend.visits.rows import VisitRow
from backend.visits.signed import Signed
from backend.visits.views import VisitState
from qr.chain.bodies import ScanBody
from qr.chain.position import OpenedPosition
from qr.keys import KeyRing

JOIN_SLACK = timedelta(minutes=30)
"""The second technician may scan so long before the first one does, or after; the phones' clocks differ besides."""

LONGEST_OPEN = timedelta(hours=24)
"""A visit that has been open for longer was forgotten: a second technician's scan belongs to another one."""


def scan_input(body: ScanBody, position: OpenedPosition | None, signed: Signed) -> ScanInput:
    """Return the scan of an entry as the services take it."""
    place = None
    if position is not None:
        place = PositionInput(lat=position.latitude_deg, lon=position.longitude_deg, accuracy_m=position.accuracy_m)
    return ScanInput(id=body.scan, code=body.code, at=signed.claimed_at, source=Source(body.source), position=place)


async def zone_inside(scope: Scope, ring: KeyRing, visit: UUID, scan: ScanInput, zone: str, signed: Signed) -> VisitRow:
    """Keep the scan of a zone during a visit.

    With the zone's own label the zone is proven, with the car's it is only said: which one it was is kept beside the scan.

    Raises
    ------
    Conflict
        If the label is another elevator's or hangs in another zone, or the visit has ended.
    """
    row = await access.mine(scope, visit, second_too=True)
    if await _is_kept(scan, visit):
        return row
    access.require_open(row)
    label = await _label(ring, scan, row.firm, signed)
    _require_here(label, row)
    if label.zone not in (LabelZone.CAR, zone) and not signed.by_hand:
        raise Conflict(_OTHER_ZONE[label.zone])
    await _keep(scope, scan, "zone", row, label, signed, zone)
    return row


_OTHER_ZONE = {
    LabelZone.MACHINE_ROOM: "this label hangs in the machine room, and another zone was told",
    LabelZone.CAR_TOP: "this label hangs on the car top, and another zone was told",
    LabelZone.PIT: "this label hangs in the pit, and another zone was told",
}


async def come_or_go_inside(
    scope: Scope, ring: KeyRing, kind: str, visit: UUID | None, scan: ScanInput, signed: Signed
) -> VisitRow:
    """Keep the second technician's own scan of joining or leaving at the visit it belongs to.

    Parameters
    ----------
    scope
        The second technician.
    ring
        Keys of this installation.
    kind
        `join` or `leave`.
    visit
        As their phone knew it; None finds it by elevator and time.
    scan, signed
        The scan and what is known of its time.

    Raises
    ------
    NotFound
        If there is no such visit (yet): the first technician's phone may still be offline.
    Conflict
        If the label is another elevator's or not the car's, or it is their own visit.
    """
    technician = access.acting_technician(scope)
    firm = scope.require_firm()
    label = await _label(ring, scan, firm, signed)
    found = visit or await entry_queries.visit_around(label.elevator, technician, signed.at, JOIN_SLACK, LONGEST_OPEN)
    row = None if found is None else await queries.visit(found, lock=True)
    if row is None:
        raise NotFound("no visit of another technician at this elevator and time is known yet")
    if row.technician == technician:
        raise Conflict("this is your own visit: the second technician joins with their own phone")
    if await _is_kept(scan, row.id):
        return row
    _require_here(label, row)
    scanning.require_car(label, signed)
    if row.state is VisitState.ABANDONED:
        raise Conflict("the visit was abandoned: {reason}", reason=row.closed_reason)
    await _keep(scope, scan, kind, row, label, signed)
    if row.second_technician is None and row.state is VisitState.OPEN:
        day = clock.local_date(row.arrived_at, await queries.time_zone_of(firm))
        if not await arrival.second_faults_inside(row.technician, technician, day):
            await queries.set_second_technician(row.id, technician)
    if row.state is VisitState.FINISHED:
        await grading.regrade_inside(row.id, GradedWhy.LATE_ENTRIES)
    await people.audit(firm, scope.account, f"visit.{_DEEDS[kind]}", str(row.id), {"technician": str(technician)})
    return row


_DEEDS = {"join": "joined", "leave": "left"}


async def elevator_of_inside(ring: KeyRing, scan: ScanInput, firm: UUID, signed: Signed) -> UUID:
    """Return the elevator whose label was scanned.

    Raises
    ------
    LabelRefused
        If the code opens no elevator of the firm.
    """
    return (await _label(ring, scan, firm, signed)).elevator


async def _label(ring: KeyRing, scan: ScanInput, firm: UUID, signed: Signed) -> ResolvedLabel:
    if faults := scanning.scan_faults("", scan, signed.received_at, signed):
        raise InvalidInput("the scan cannot be taken", faults=faults)
    return await scanning.label_inside(ring, scan, firm=firm, signed=signed)


def _require_here(label: ResolvedLabel, row: VisitRow) -> None:
    if label.elevator != row.elevator:
        raise Conflict("this label belongs to another elevator than the one of this visit")


async def _is_kept(scan: ScanInput, visit: UUID) -> bool:
    sha256 = repeats.scan_sha256(scan)
    return any(kept.id == scan.id and kept.request_sha256 == sha256 for kept in await queries.scans(visit))


async def _keep(
    scope: Scope, scan: ScanInput, kind: str, row: VisitRow, label: ResolvedLabel, signed: Signed, zone: str = ""
) -> None:
    await scanning.keep_inside(
        scan, kind=kind, firm=row.firm, visit=row.id, label=label, technician=access.acting_technician(scope),
        received_at=signed.received_at, sha256=repeats.scan_sha256(scan), zone=zone,
    )  # fmt: skip
