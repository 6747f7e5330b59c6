"""Which zones are proven by their own labels, which only told, and labels that hang elsewhere."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from qr.checks import Check, CheckName, Outcome
from qr.evidence import EnteredBy, LabelState, Zone
from qr.grade import Grade, grade_of
from qr.proof import check_visit
from tests.support.proof import GOOD, LIMITS, scan, zone

HUNG = frozenset({Zone.MACHINE_ROOM, Zone.PIT})
PIT = zone(Zone.PIT, 2400)
MACHINE_ROOM = zone(Zone.MACHINE_ROOM, 600)


def told(where: Zone, after_s: float) -> Any:
    """A zone told with the car's label."""
    return zone(where, after_s, label_zone=None)


def proven(**changes: object) -> Check:
    return check_visit(msgspec.structs.replace(GOOD, **changes), LIMITS)[CheckName.ZONES_PROVEN]


def grade(**changes: object) -> Grade:
    return grade_of(check_visit(msgspec.structs.replace(GOOD, **changes), LIMITS)).grade


def test_labels_of_their_zones_read_by_the_camera_prove_them() -> None:
    assert proven().outcome is Outcome.PASSED
    assert proven(zones=(PIT,)).outcome is Outcome.PASSED, "one of those that hang is enough"
    assert grade() is Grade.A


@pytest.mark.parametrize(
    "weak",
    [
        told(Zone.PIT, 2400),
        zone(Zone.PIT, 2400, entered_by=EnteredBy.TYPED),
        zone(Zone.PIT, 2400, entered_by=EnteredBy.GALLERY),
        zone(Zone.PIT, 2400, label_zone=Zone.MACHINE_ROOM),
    ],
    ids=["the car's label", "typed", "from a picture", "another zone's label"],
)
def test_a_zone_that_has_a_label_is_not_proven_by_anything_else(weak: Any) -> None:
    found = proven(zones=(MACHINE_ROOM, weak), zone_labels=HUNG)
    assert found.outcome is Outcome.FAILED
    assert "pit" in found.reason.en
    assert "底坑" in found.reason.zh
    assert grade(zones=(MACHINE_ROOM, weak), zone_labels=HUNG) in (Grade.B, Grade.C)


def test_a_revoked_zone_label_proves_nothing() -> None:
    assert proven(zones=(zone(Zone.PIT, 2400, label=LabelState.REVOKED),)).outcome is Outcome.FAILED


def test_where_labels_hang_and_none_is_read_the_best_grade_is_b() -> None:
    assert proven(zones=()).outcome is Outcome.FAILED
    assert grade(zones=()) is Grade.B


def test_where_no_label_hangs_nothing_is_asked_and_a_told_zone_says_that_it_is_only_told() -> None:
    nothing = proven(zones=(), zone_labels=frozenset())
    only_told = proven(zones=(told(Zone.PIT, 2400),), zone_labels=frozenset())
    assert (nothing.outcome, only_told.outcome) == (Outcome.SKIPPED, Outcome.SKIPPED)
    assert "car's label" in only_told.reason.en
    assert grade(zones=(told(Zone.PIT, 2400),), zone_labels=frozenset()) is Grade.A


def test_a_zone_without_a_label_may_be_told_beside_one_that_is_proven() -> None:
    found = proven(zones=(PIT, told(Zone.CAR_TOP, 1500)), zone_labels=HUNG)
    assert found.outcome is Outcome.PASSED
    assert "told without a label: car top" in found.reason.en


@pytest.mark.parametrize("which", ["arrival", "departure"])
def test_an_arrival_or_departure_from_a_zone_s_label_fails(which: str) -> None:
    wrong = {which: scan(0 if which == "arrival" else 3600, label_zone=Zone.PIT)}
    found = check_visit(msgspec.structs.replace(GOOD, **wrong), LIMITS)[CheckName.ZONES]
    assert found.outcome is Outcome.FAILED
    assert which in found.reason.en
    assert grade(**wrong) is Grade.C


def test_the_label_of_another_zone_than_the_one_told_fails() -> None:
    wrong = {"zones": (zone(Zone.PIT, 600, label_zone=Zone.MACHINE_ROOM),)}
    assert check_visit(msgspec.structs.replace(GOOD, **wrong), LIMITS)[CheckName.ZONES].outcome is Outcome.FAILED


@pytest.mark.parametrize("hung", [frozenset(), HUNG, frozenset(Zone)], ids=["none", "two", "all"])
def test_telling_a_zone_never_grades_better_than_proving_it(hung: frozenset[Zone]) -> None:
    better = grade(zones=(PIT,), zone_labels=hung)
    assert grade(zones=(told(Zone.PIT, 2400),), zone_labels=hung).rank >= better.rank
