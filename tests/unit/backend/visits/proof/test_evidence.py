"""How the rows of a visit become evidence: limits of the pack, expected time, photos, and what the plan says."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest

from backend.visits.photos.queries import PhotoRow
from backend.visits.proof.evidence import _photos, evidence_checks, expected_s, limits_of
from backend.visits.rows import ElevatorFacts, VisitRow
from backend.visits.views import Confirmation, Planned, Review, VisitState
from planner.intervals.items import checklist
from planner.intervals.rules import load_pack, pack_ids
from qr.checks import Checks
from qr.evidence import Reuse

NOW = datetime(2026, 12, 1, 2, 0, tzinfo=UTC)
PACK = "cn-fixed-15"
TRACTION = "traction_or_positive_drive_lift"


def visit(**values: Any) -> VisitRow:
    given: dict[str, Any] = {
        "id": uuid4(), "firm": uuid4(), "elevator": uuid4(), "work_order": None, "planned": Planned.OWN_ROUND,
        "maintenance_class": "half_month", "rule_pack": PACK, "technician": uuid4(), "second_technician": uuid4(),
        "state": VisitState.FINISHED, "arrived_at": NOW, "departed_at": NOW, "closed_reason": "", "outcome": None,
        "withdrawn": "", "confirmation": Confirmation.PENDING, "grade": "", "review": Review.NONE, "held_back": False,
    }  # fmt: skip
    return VisitRow(**(given | values))


def elevator(**values: Any) -> ElevatorFacts:
    texts: dict[str, Any] = dict.fromkeys(
        ("registration_code", "rescue_code", "unit_name", "bank", "manufacturer", "model", "rule_pack", "state",
         "state_reason", "site_name", "address", "district", "access_notes", "owner_name", "safety_officer",
         "firm_name", "licence_number", "phone_24h"), "",
    )  # fmt: skip
    nothing: dict[str, Any] = dict.fromkeys(
        ("rated_load_kg", "rated_speed_mm_s", "stops", "travel_mm", "in_use_since", "owner"), None
    )
    given: dict[str, Any] = {
        "id": uuid4(), "firm": uuid4(), "item_exclusions": {}, "extra": {}, "lat": 28.6764, "lon": 121.4208,
        "equipment_type": TRACTION, "time_zone": "Asia/Shanghai",
    }  # fmt: skip
    return ElevatorFacts(**(texts | nothing | given | values))


def photo(**values: Any) -> PhotoRow:
    given: dict[str, Any] = {
        "id": uuid4(), "firm": uuid4(), "technician": uuid4(), "visit": None, "claimed_visit": None, "item": "", "use": "item",
        "subject": None, "sha256": uuid4().hex, "bytes": 1, "width_px": 1, "height_px": 1, "taken_at": NOW, "source": "camera",
        "received_at": NOW, "stored_sha256": "", "media_type": "", "forgotten_at": None, "phash": None, "reuse_of": None,
        "reuse_bits": None, "reuse_same_file": False,
    }  # fmt: skip
    return PhotoRow(**(given | values))


@pytest.mark.parametrize("pack", pack_ids())
def test_every_pack_says_all_that_the_proof_asks(pack: str) -> None:
    rules = load_pack(pack).visit
    limits = limits_of(rules)
    assert limits.minimum_dwell_s == rules.minimum_dwell_s
    assert limits.highest_m_s * 3.6 == pytest.approx(rules.proof.travel.highest_kmh)
    assert limits.bands_m == rules.proof.location.bands_m


def test_the_expected_time_is_the_packs_less_what_the_elevator_does_not_have() -> None:
    rules = load_pack(PACK).visit
    items = [item.code for item in checklist(TRACTION, "half_month", load_pack(PACK).item_list)]
    assert expected_s(elevator(), "half_month", rules, PACK, NOW) == rules.service_s["half_month"]
    half = dict.fromkeys(items[: len(items) // 2], "no such part")
    left = len(items) - len(half)
    assert expected_s(elevator(item_exclusions=half), "half_month", rules, PACK, NOW) == round(
        rules.service_s["half_month"] * left / len(items)
    )


def test_of_a_class_or_kind_without_a_checklist_nobody_knows_how_long_it_takes() -> None:
    rules = load_pack(PACK).visit
    assert expected_s(elevator(), "decade", rules, PACK, NOW) is None


def test_photos_of_one_visit_that_repeat_each_other_are_marked_as_such() -> None:
    one, other, apart = photo(sha256="a", phash=-1), photo(sha256="a", phash=-1), photo(sha256="b", phash=0)
    told = _photos([one, other, apart])
    assert told[0].reuse is None
    assert told[1].reuse == Reuse(same_file=True, bits=0, other_visit=False)
    assert told[2].reuse == Reuse(same_file=False, bits=64, other_visit=False)


def test_a_photo_of_an_earlier_visit_is_marked_as_that_whatever_else_it_repeats() -> None:
    first = photo(sha256="a")
    again = photo(sha256="a", reuse_of=uuid4(), reuse_bits=2)
    assert _photos([first, again])[1].reuse == Reuse(same_file=False, bits=2, other_visit=True)


def test_gallery_and_missing_photos_are_told_apart() -> None:
    told = _photos([photo(source="gallery"), photo(received_at=None)])
    assert [(one.in_app, one.arrived) for one in told] == [(False, True), (True, False)]


@pytest.mark.parametrize(
    ("planned", "outcome"),
    [
        (Planned.OWN_ROUND, "passed"),
        (Planned.OTHER_CREW, "skipped"),
        (Planned.OTHER_DAY, "skipped"),
        (Planned.UNPLANNED, "skipped"),
    ],
)
def test_a_visit_that_no_round_had_asked_for_is_no_worse_for_it(planned: Planned, outcome: str) -> None:
    told = evidence_checks(Checks(()), visit(planned=planned))
    assert [(check.name, check.outcome) for check in told] == [("planned", outcome)]
