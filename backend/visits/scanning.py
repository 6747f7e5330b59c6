"""A scan as it comes in: its faults, its time, its label."""

from __future__ import annotations

from datetime import datetime, timedelta
from math import ceil
from uuid import UUID

from backend.errors import Conflict, Fault
from backend.labels import service as labels
from backend.labels.views import LabelZone, ResolvedLabel
from backend.visits import queries
from backend.visits.checks import position_faults
from backend.visits.inputs import ScanInput
from backend.visits.rows import ScanRow
from backend.visits.signed import Signed
from qr.keys import KeyRing

MOST_LATE = timedelta(days=30)
"""A phone may keep a scan as long: twice the legal gap. An older one comes from a clock that is wrong."""

MOST_AHEAD = timedelta(days=3660)
"""A clock that is further ahead is no clock; others are taken as they are, and noted."""

_MOST_AHEAD_S = 2**31 - 1
"""What the database can hold: 68 years."""

LONGEST_CODE = 300
"""Characters of a scanned link."""


_NOT_THE_CAR = {
    LabelZone.MACHINE_ROOM: "this label hangs in the machine room: scan the label in the car",
    LabelZone.CAR_TOP: "this label hangs on the car top: scan the label in the car",
    LabelZone.PIT: "this label hangs in the pit: scan the label in the car",
}


def scan_faults(prefix: str, scan: ScanInput, received_at: datetime, signed: Signed | None = None) -> list[Fault]:
    """Return what is wrong with a scan, apart from its label.

    Parameters
    ----------
    prefix
        Of the paths: `scan.` where the scan is a part of the request, empty where it is all of it.
    scan, received_at
        The scan, and when the server heard of it.
    signed
        What else is known of its time. Then that decides whether it comes too late, not the phone's clock, and a manager
        who has it applied by hand has decided already.
    """
    faults = position_faults(f"{prefix}position", scan.position)
    if not scan.code.strip() or len(scan.code) > LONGEST_CODE or "\x00" in scan.code:
        faults.append(Fault(f"{prefix}code", scan.code[:60], "scan the label in the car, or type the code below it"))
    if signed is not None:
        if signed.at < signed.received_at - MOST_LATE and not signed.by_hand:
            reason = "this scan came more than 30 days later: ask the office whether it shall count"
            faults.append(Fault(f"{prefix}at", signed.at.isoformat(), reason))
        return faults
    if scan.at < received_at - MOST_LATE:
        reason = "set the phone's clock right: a scan can be sent in up to 30 days later"
        faults.append(Fault(f"{prefix}at", scan.at.isoformat(), reason))
    if scan.at > received_at + MOST_AHEAD:
        faults.append(Fault(f"{prefix}at", scan.at.isoformat(), "set the phone's clock right: it is years ahead"))
    return faults


def taken_at(scan: ScanInput, received_at: datetime) -> datetime:
    """Return the time of a scan as it counts: never later than the server heard of it."""
    return min(scan.at, received_at)


def clock_ahead_s(scan: ScanInput, received_at: datetime) -> int:
    """Return by how many seconds the phone's clock was ahead, at least; 0 if it was not."""
    return min(_MOST_AHEAD_S, max(0, ceil((scan.at - received_at).total_seconds())))


async def label_inside(ring: KeyRing, scan: ScanInput, *, firm: UUID, signed: Signed | None) -> ResolvedLabel:
    """Return the label of a scan: as it is now, or as it was when a signed scan was made.

    Raises
    ------
    LabelRefused
        If the code opens no elevator of the firm.
    """
    if signed is None:
        return await labels.resolve_inside(ring, scan.code, firm=firm)
    return await labels.resolve_at_inside(ring, scan.code, firm=firm, at=signed.at, even_ended=signed.by_hand)


def require_car(label: ResolvedLabel, signed: Signed | None) -> None:
    """Let the label of a car pass: somebody comes and goes through the car, and only its label is looked at by everybody.

    A zone's label is refused rather than taken for less: it hangs where a copy is never missed, and the right label is at hand.
    What a manager has applied by hand passes, and the question about the zones tells of it.

    Raises
    ------
    Conflict
        If it hangs in a zone.
    """
    if label.zone is not LabelZone.CAR and not (signed is not None and signed.by_hand):
        raise Conflict(_NOT_THE_CAR[label.zone])


async def keep_inside(
    scan: ScanInput,
    *,
    kind: str,
    firm: UUID,
    visit: UUID,
    label: ResolvedLabel,
    technician: UUID,
    received_at: datetime,
    sha256: str,
    zone: str = "",
) -> ScanRow:
    """Write a scan inside the caller's transaction.

    Raises
    ------
    Conflict
        If its id was used for another scan.
    """
    position = scan.position
    row = ScanRow(
        id=scan.id, firm=firm, visit=visit, label=label.label, technician=technician, kind=kind, at=scan.at,
        received_at=received_at, clock_ahead_s=clock_ahead_s(scan, received_at), source=scan.source.value, zone=zone,
        label_zone=label.zone.value, lat=position.lat if position else None, lon=position.lon if position else None,
        accuracy_m=position.accuracy_m if position else None, request_sha256=sha256,
    )  # fmt: skip
    if not await queries.insert_scan(row):
        raise Conflict("the scan {id} was sent before with other content: make a new id", id=scan.id)
    return row
