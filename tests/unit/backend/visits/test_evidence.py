"""What the record alone knows of a visit's evidence: clocks, other places, the plan."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from backend.visits.evidence import evidence_of
from backend.visits.rows import ElevatorFacts, ScanRow, VisitRow
from backend.visits.views import Confirmation, Planned, VisitState
from planner.intervals.rules import load_pack

NOW = datetime(2026, 12, 1, 2, 0, tzinfo=UTC)
RULES = load_pack("cn-fixed-15").visit


def scan(kind: str, at: datetime, *, received_at: datetime | None = None, **values: Any) -> ScanRow:
    given: dict[str, Any] = {
        "id": uuid4(), "firm": uuid4(), "visit": uuid4(), "label": uuid4(), "technician": uuid4(), "kind": kind, "at": at,
        "received_at": received_at or at, "clock_ahead_s": 0, "source": "camera", "lat": 28.6764, "lon": 121.4208,
        "accuracy_m": 10.0, "request_sha256": "",
    }  # fmt: skip
    return ScanRow(**(given | values))


def visit(**values: Any) -> VisitRow:
    given: dict[str, Any] = {
        "id": uuid4(), "firm": uuid4(), "elevator": uuid4(), "work_order": None, "planned": Planned.OWN_ROUND,
        "maintenance_class": "half_month", "rule_pack": "cn-fixed-15", "technician": uuid4(), "second_technician": uuid4(),
        "state": VisitState.FINISHED, "arrived_at": NOW, "departed_at": NOW, "closed_reason": "", "outcome": None,
        "withdrawn": "", "confirmation": Confirmation.PENDING,
    }  # fmt: skip
    return VisitRow(**(given | values))


def elevator(**values: Any) -> ElevatorFacts:
    texts: dict[str, Any] = dict.fromkeys(
        ("registration_code", "rescue_code", "unit_name", "bank", "equipment_type", "manufacturer", "model", "rule_pack",
         "state", "state_reason", "site_name", "address", "district", "access_notes", "owner_name", "safety_officer",
         "firm_name", "licence_number", "phone_24h", "time_zone"), "",
    )  # fmt: skip
    nothing: dict[str, Any] = dict.fromkeys(
        ("rated_load_kg", "rated_speed_mm_s", "stops", "travel_mm", "in_use_since", "owner"), None
    )  # fmt: skip
    given: dict[str, Any] = {
        "id": uuid4(),
        "firm": uuid4(),
        "item_exclusions": {},
        "extra": {},
        "lat": 28.6764,
        "lon": 121.4208,
    }
    return ElevatorFacts(**(texts | nothing | given | values))


def outcomes(
    arrival: ScanRow | None = None, departure: ScanRow | None = None, elsewhere: list[str] | None = None, **values: Any
) -> dict[str, str]:
    arrival = arrival or scan("arrival", NOW - timedelta(minutes=40))
    departure = departure or scan("departure", NOW)
    found = evidence_of(visit(**values), elevator(), arrival, departure, RULES, elsewhere or [])
    return {check.name: check.outcome for check in found}


def test_an_honest_visit_passes_everything() -> None:
    assert set(outcomes().values()) == {"passed"}


def test_a_clock_ahead_fails_and_the_time_of_receipt_is_checked() -> None:
    departure = scan("departure", NOW + timedelta(hours=9), received_at=NOW - timedelta(minutes=30), clock_ahead_s=34_200)
    told = outcomes(departure=departure)
    assert told["clock"] == "failed"
    assert told["dwell"] == "failed"  # 10 minutes by the server's clock, whatever the phone says


@pytest.mark.parametrize(("late", "outcome"), [(timedelta(minutes=15), "passed"), (timedelta(minutes=16), "skipped")])
def test_a_scan_sent_in_later_rests_on_the_phones_clock_alone(late: timedelta, outcome: str) -> None:
    assert outcomes(departure=scan("departure", NOW, received_at=NOW + late))["clock"] == outcome


def test_being_elsewhere_fails() -> None:
    assert outcomes(elsewhere=["31103310021"])["one_place"] == "failed"


@pytest.mark.parametrize("planned", [Planned.OTHER_CREW, Planned.OTHER_DAY, Planned.UNPLANNED])
def test_a_visit_off_the_plan_is_no_worse_for_it(planned: Planned) -> None:
    assert outcomes(planned=planned)["planned"] == "skipped"


def test_alone_fails_where_two_are_asked_for() -> None:
    assert outcomes(second_technician=None)["technicians"] == "failed"


def test_a_site_without_a_position_proves_nothing_either_way() -> None:
    found = evidence_of(
        visit(), elevator(lat=None, lon=None), scan("arrival", NOW - timedelta(minutes=40)), scan("departure", NOW), RULES, []
    )
    assert {check.outcome for check in found if "geofence" in check.name} == {"skipped"}


def test_every_reason_comes_in_both_languages() -> None:
    found = evidence_of(visit(), elevator(), scan("arrival", NOW), scan("departure", NOW), RULES, ["x"])
    assert all(check.reason_zh and check.reason_en and check.reason_zh != check.reason_en for check in found)
