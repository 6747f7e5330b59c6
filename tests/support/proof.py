"""A visit with the best evidence there is, and what a pack asks of it: every test of a question changes one thing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

import msgspec

from qr.chain import ChainReport, ChainState, ClockSign, TimeBounds
from qr.chain.times import milliseconds
from qr.checks import Limits
from qr.errors import Bilingual
from qr.evidence import (
    ElevatorWord,
    EnteredBy,
    Evidence,
    KeyState,
    LabelState,
    OwnScan,
    Photo,
    Position,
    Scan,
    SignatureState,
    Verdict,
    Zone,
    ZoneScan,
)

LIMITS = Limits(
    minimum_dwell_s=1800, least_share=0.5, most_times=4.0, geofence_radius_m=150, coarsest_accuracy_m=100,
    bands_m=(50, 150, 500, 2000), minimum_technicians=2, own_share=0.5, tolerance_s=120, back_dating_s=900, width_s=43_200,
    highest_m_s=120 / 3.6, slack_m=500, finest_accuracy_m=1.0, oldest_fix_s=300, frozen_after_s=300, least_zone_change_s=20,
    same_bits=3, alike_bits=8, photo_slack_s=600,
)  # fmt: skip

SITE = Position(28.6561, 121.4205)
ARRIVED = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)
SESSION = UUID("5e551011-0000-4000-8000-000000000001")

METRE_DEG = 360 / 40_030_173
"""Degrees of latitude to the metre, on a sphere of 6 371.0088 km."""


def north_of_site(metres: float, accuracy_m: float = 10) -> Position:
    return Position(SITE.latitude_deg + metres * METRE_DEG, SITE.longitude_deg, accuracy_m)


def bounds(
    at: datetime, *, before_s: int = 60, behind_s: int = 600, claimed: datetime | None = None, **changes: object
) -> TimeBounds:
    """Bounds around a time: a beacon so long before, the receipt so long behind."""
    claim = claimed or at
    usual = TimeBounds(
        seq=1, earliest_ms=milliseconds(at) - before_s * 1000, latest_ms=milliseconds(at) + behind_s * 1000,
        at_ms=milliseconds(at), claimed_ms=milliseconds(claim), sign=ClockSign.RIGHT, off_ms=0, contradicted=False, jump_ms=0,
    )  # fmt: skip
    return msgspec.structs.replace(usual, **changes)


def scan(after_s: float = 0, **changes: object) -> Scan:
    """A scan at the site, so many seconds after the arrival; no two of them find the same position."""
    at = ARRIVED + timedelta(seconds=after_s)
    usual = Scan(
        at=at, label=LabelState.ACTIVE, entered_by=EnteredBy.CAMERA, position=north_of_site(20 + after_s / 1000),
        fixed_at=at - timedelta(seconds=2), signature=SignatureState.VALID, key=KeyState.ENROLLED, bounds=bounds(at),
        received_at=at + timedelta(seconds=600),
    )  # fmt: skip
    return msgspec.structs.replace(usual, **changes)


def unsigned(after_s: float = 0, **changes: object) -> Scan:
    """A scan from the pages without script."""
    return scan(after_s, signature=SignatureState.UNSIGNED, key=None, bounds=None, fixed_at=None, **changes)


def photo(after_s: float = 600, **changes: object) -> Photo:
    """A photo of the app's camera during the visit."""
    usual = Photo(id=f"photo-{after_s}", taken_at=ARRIVED + timedelta(seconds=after_s), in_app=True, arrived=True)
    return msgspec.structs.replace(usual, **changes)


def zone(where: Zone, after_s: float, **changes: object) -> ZoneScan:
    return ZoneScan(zone=where, scan=scan(after_s, **({"label_zone": where} | changes)))


SEEN = Bilingual(zh="检修开关动作。", en="The inspection switch was used.")

GOOD = Evidence(
    arrival=scan(),
    departure=scan(3600),
    site=SITE,
    technicians=frozenset({"li", "wang"}),
    own_scans=(OwnScan(technician="wang", joined=scan(120), left=scan(3480)),),
    chain=ChainReport(state=ChainState.WHOLE, faults=()),
    expected_s=2100,
    zones=(zone(Zone.MACHINE_ROOM, 600), zone(Zone.CAR_TOP, 1500), zone(Zone.PIT, 2400)),
    zone_labels=frozenset(Zone),
    photos=(photo(700), photo(1600)),
    elevator=ElevatorWord(Verdict.CORROBORATED, (SEEN,)),
)
"""A visit that every question passes: signed, bounded, at the site, two people, borne out by the elevator."""
