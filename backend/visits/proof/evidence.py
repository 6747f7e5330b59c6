"""What speaks for a visit: its rows, what phones signed, what surrounds it, put together for `qr.proof`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import combinations
from uuid import UUID

from msgspec import Struct, structs

from backend import clock
from backend.telemetry import service as telemetry
from backend.visits import queries
from backend.visits.photos import queries as photo_queries
from backend.visits.photos.queries import PhotoRow
from backend.visits.proof import evidence_queries
from backend.visits.proof.evidence_queries import LabelRow, NeighbourRow, PlaceRow
from backend.visits.proof.signed_facts import SignedFacts, signed_inside
from backend.visits.rows import ElevatorFacts, ScanRow, VisitRow
from backend.visits.views import EvidenceCheck, Planned
from planner.intervals.items import checklist
from planner.intervals.rules import VisitRules, load_pack
from qr.checks import Checks, Limits, Outcome
from qr.elevator_word import listen
from qr.evidence import (
    ElevatorWord,
    Elsewhere,
    EnteredBy,
    Evidence,
    LabelState,
    Neighbour,
    OwnScan,
    Photo,
    Position,
    Reuse,
    Scan,
    Sighting,
    SignatureState,
    Zone,
    ZoneScan,
)
from qr.geo import distance_m

_PLANNED = {
    Planned.OWN_ROUND: (Outcome.PASSED, "本人当日路线上的站点。", "A stop of the technician's own round of the day."),
    Planned.OTHER_CREW: (Outcome.SKIPPED, "当日由其他班组计划。", "It was planned for another crew on that day."),
    Planned.OTHER_DAY: (Outcome.SKIPPED, "原计划为其他日期。", "It was planned for another day."),
    Planned.UNPLANNED: (Outcome.SKIPPED, "未列入计划。", "No round had asked for it."),
}


_HASH_BITS = 2**64 - 1
"""A perceptual hash is kept as a signed number."""


class Gathered(Struct, frozen=True, kw_only=True):
    """The evidence of a finished visit, and what it is held to."""

    evidence: Evidence
    limits: Limits


async def gather_inside(row: VisitRow, elevator: ElevatorFacts) -> Gathered:
    """Gather all that is known of a finished visit, inside the caller's transaction.

    Parameters
    ----------
    row, elevator
        The visit with its departure, and where it was.
    """
    assert row.departed_at is not None  # noqa: S101 - only finished visits are graded
    rules = load_pack(row.rule_pack, clock.local_date(row.departed_at, elevator.time_zone)).visit
    limits = limits_of(rules)
    rows = await queries.scans(row.id)
    signed = await signed_inside(row, rows, limits.tolerance_s)
    here = None if elevator.lat is None or elevator.lon is None else Position(elevator.lat, elevator.lon)
    people = [who for who in (row.technician, row.second_technician) if who is not None]
    scanning = sorted({row.technician, *(scan.technician for scan in rows)}, key=str)
    around = {"visit": row.id, "elevator": row.elevator}
    before = await evidence_queries.before(scanning, at=row.arrived_at, **around)
    after = await evidence_queries.after(scanning, at=row.departed_at, **around)
    elsewhere = await evidence_queries.overlapping(
        people=people, scanning=scanning, since=row.arrived_at, until=row.departed_at, **around
    )
    seen = await evidence_queries.sightings(
        labels=sorted({scan.label for scan in rows}, key=str), technicians=scanning,
        since=row.arrived_at, until=row.departed_at,
    )  # fmt: skip
    earlier = await evidence_queries.earlier_positions(row.technician, row.id, row.arrived_at)
    photos = await photo_queries.photos_of_visit(row.id)
    labels = await evidence_queries.labels_of({scan.label for scan in rows})
    scans = {scan.id: _scan(scan, signed, labels[scan.label]) for scan in rows}
    of_kind = {scan.kind: scan for scan in rows if scan.kind in ("arrival", "departure")}
    evidence = Evidence(
        arrival=scans[of_kind["arrival"].id] if "arrival" in of_kind else None,
        departure=scans[of_kind["departure"].id] if "departure" in of_kind else None,
        site=here,
        technicians=frozenset(str(who) for who in {*people, *scanning}),
        own_scans=_own_scans(rows, scans, row.technician),
        chain=signed.chain,
        expected_s=expected_s(elevator, row.maintenance_class, rules, row.rule_pack, row.departed_at),
        before=_neighbour(before, here, row.arrived_at, limits),
        after=_neighbour(after, here, row.departed_at, limits),
        elsewhere=tuple(Elsewhere(elevator=other.elevator, other_site=other.other_site) for other in elsewhere),
        sightings=(*(Sighting(at=place.at, position=_position(place)) for place in seen), *signed.sightings),
        zones=tuple(ZoneScan(zone=Zone(scan.zone), scan=scans[scan.id]) for scan in rows if scan.kind == "zone" and scan.zone),
        zone_labels=frozenset(
            Zone(zone) for zone in await evidence_queries.zone_labels(row.elevator, row.arrived_at, row.departed_at)
        ),
        photos=_photos(photos),
        earlier_positions=tuple(_position(place) for place in earlier),
        elevator=await word_inside(row, elevator),
    )
    return Gathered(evidence=evidence, limits=limits)


async def word_inside(row: VisitRow, elevator: ElevatorFacts) -> ElevatorWord:
    """Ask the elevator's telemetry about a finished visit, inside the caller's transaction."""
    assert row.departed_at is not None  # noqa: S101 - only finished visits are graded
    span = await telemetry.visit_span_inside(row.elevator, row.arrived_at, row.departed_at)
    return listen(span, row.maintenance_class, elevator.equipment_type)


def limits_of(rules: VisitRules) -> Limits:
    """Return what a rule pack asks of a visit as the questions read it."""
    proof = rules.proof
    return Limits(
        minimum_dwell_s=rules.minimum_dwell_s,
        least_share=proof.time_on_site.least_share,
        most_times=proof.time_on_site.most_times,
        geofence_radius_m=round(rules.geofence_radius_m),
        coarsest_accuracy_m=round(rules.coarsest_accuracy_m),
        bands_m=proof.location.bands_m,
        minimum_technicians=rules.minimum_technicians,
        own_share=proof.people.least_share,
        tolerance_s=proof.clock.tolerance_s,
        back_dating_s=proof.clock.back_dating_s,
        width_s=proof.clock.width_s,
        highest_m_s=proof.travel.highest_kmh / 3.6,
        slack_m=proof.travel.slack_m,
        finest_accuracy_m=proof.position.finest_accuracy_m,
        oldest_fix_s=proof.position.oldest_fix_s,
        frozen_after_s=proof.position.frozen_after_s,
        least_zone_change_s=proof.zones.least_change_s,
        same_bits=proof.photos.same_bits,
        alike_bits=proof.photos.alike_bits,
        photo_slack_s=proof.photos.slack_s,
    )


def expected_s(elevator: ElevatorFacts, maintenance_class: str, rules: VisitRules, rule_pack: str, at: datetime) -> int | None:
    """Return how long the checklist of a class takes at an elevator: the pack's time, less what the elevator does not have.

    Parameters
    ----------
    elevator, maintenance_class
        Where and what.
    rules, rule_pack, at
        What the pack says of visits on that day; its id and the instant.
    """
    usual_s = rules.service_s.get(maintenance_class)
    if usual_s is None:
        return None
    pack = load_pack(rule_pack, clock.local_date(at, elevator.time_zone))
    items = [item.code for item in checklist(elevator.equipment_type, maintenance_class, pack.item_list)]
    if not items:
        return None
    left = sum(code not in elevator.item_exclusions for code in items)
    return round(usual_s * left / len(items))


def evidence_checks(checks: Checks, visit: VisitRow) -> list[EvidenceCheck]:
    """Return the answers as they are kept, and whether a round had asked for the visit: one that none asked for is no worse."""
    answers = [
        EvidenceCheck(name=check.name.value, outcome=check.outcome.value, reason_zh=check.reason.zh, reason_en=check.reason.en)
        for check in checks.checks
    ]
    outcome, zh, en = _PLANNED[visit.planned]
    return [*answers, EvidenceCheck(name="planned", outcome=outcome.value, reason_zh=zh, reason_en=en)]


def _label_state(label: LabelRow, at: datetime) -> LabelState:
    """Return what a label was when it was scanned: a manager may have taken the scan of one that had ended by hand."""
    return LabelState(label.state) if label.ended_at is not None and label.ended_at <= at else LabelState.ACTIVE


def _scan(row: ScanRow, signed: SignedFacts, label: LabelRow) -> Scan:
    position = None if row.lat is None or row.lon is None else Position(row.lat, row.lon, row.accuracy_m or 0.0)
    known = signed.scans.get(row.id)
    at = min(row.at, row.received_at) if known is None else known.bounds.at
    scan = Scan(
        at=min(row.at, row.received_at), label=_label_state(label, at), entered_by=EnteredBy(row.source), position=position,
        received_at=row.received_at, ahead_s=row.clock_ahead_s, label_zone=Zone(row.label_zone) if row.label_zone else None,
    )  # fmt: skip
    if known is None:
        return scan
    return structs.replace(
        scan, at=known.bounds.at, signature=SignatureState.VALID, key=known.key, bounds=known.bounds, fixed_at=known.fixed_at
    )


def _own_scans(rows: Sequence[ScanRow], scans: dict[UUID, Scan], first: UUID) -> tuple[OwnScan, ...]:
    """Pair the joining and leaving of each other technician."""
    found = []
    for who in dict.fromkeys(row.technician for row in rows if row.kind == "join" and row.technician != first):
        joined = [scans[row.id] for row in rows if row.kind == "join" and row.technician == who]
        left = [scans[row.id] for row in rows if row.kind == "leave" and row.technician == who]
        earliest = min(joined, key=lambda scan: scan.at)
        found.append(OwnScan(technician=str(who), joined=earliest, left=max(left, key=lambda scan: scan.at, default=None)))
    return tuple(found)


def _neighbour(rows: Iterable[NeighbourRow], here: Position | None, at: datetime, limits: Limits) -> Neighbour | None:
    """Return the neighbour that leaves the least time for the way."""
    found = [
        Neighbour(
            elevator=row.elevator, at=row.at, place=None if row.lat is None or row.lon is None else Position(row.lat, row.lon)
        )
        for row in rows
    ]

    def spare_s(other: Neighbour) -> float:
        way_m = 0.0 if here is None or other.place is None else max(0.0, distance_m(here, other.place) - limits.slack_m)
        return abs((other.at - at).total_seconds()) - way_m / limits.highest_m_s

    return min(found, key=spare_s, default=None)


def _position(place: PlaceRow) -> Position:
    return Position(place.lat, place.lon, place.accuracy_m)


def _photos(rows: Sequence[PhotoRow]) -> tuple[Photo, ...]:
    """Return the photos of a visit; one that repeats another of the same visit is marked as well."""
    twins = _twins(rows)
    return tuple(
        Photo(
            id=str(row.id), taken_at=row.taken_at, in_app=row.source == "camera", arrived=row.received_at is not None,
            reuse=_reuse(row) or twins.get(row.id),
        )
        for row in rows
    )  # fmt: skip


def _reuse(row: PhotoRow) -> Reuse | None:
    if row.reuse_of is None or row.reuse_bits is None:
        return None
    return Reuse(same_file=row.reuse_same_file, bits=row.reuse_bits)


def _twins(rows: Sequence[PhotoRow]) -> dict[UUID, Reuse]:
    """Find photos that repeat an earlier one of the same visit."""
    found: dict[UUID, Reuse] = {}
    for one, other in combinations(rows, 2):
        same_file = one.sha256 == other.sha256
        if same_file or (one.phash is not None and other.phash is not None):
            bits = 0 if same_file else (((one.phash or 0) ^ (other.phash or 0)) & _HASH_BITS).bit_count()
            known = found.get(other.id)
            if known is None or bits < known.bits:
                found[other.id] = Reuse(same_file=same_file, bits=bits, other_visit=False)
    return found
