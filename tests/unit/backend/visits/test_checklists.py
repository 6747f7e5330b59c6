"""The judgement of answers, one rule at a time."""

from __future__ import annotations

import pytest

from backend.errors import Conflict
from backend.visits.checklists import Judged, checklist_for, judge, open_items, outside_limit, require_annex, shown
from backend.visits.inputs import AnswerInput, Result
from planner.intervals.items import CLASSES, EQUIPMENT_TYPES, items_by_code
from planner.intervals.rules import load_pack

PACK = load_pack("cn-fixed-15")
TRACTION = "traction_or_positive_drive_lift"


def judged(*answers: AnswerInput, **exclusions: str) -> Judged:
    return judge(checklist_for(TRACTION, "year", exclusions, PACK), answers)


def ok(item: str, **values: object) -> AnswerInput:
    return AnswerInput(**({"item": item, "result": Result.OK} | values))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("equipment", "sizes"),
    [
        (EQUIPMENT_TYPES[0], (31, 44, 59, 76)),
        (EQUIPMENT_TYPES[1], (30, 43, 52, 66)),
        (EQUIPMENT_TYPES[2], (20, 28, 38, 52)),
        (EQUIPMENT_TYPES[3], (33, 38, 50, 63)),
    ],
)
def test_the_classes_accumulate_as_the_annexes_say(equipment: str, sizes: tuple[int, ...]) -> None:
    assert tuple(len(checklist_for(equipment, name, {}, PACK).items) for name in CLASSES) == sizes


def test_unknown_equipment_has_an_empty_checklist_and_cannot_be_visited() -> None:
    assert checklist_for("ski_lift", "year", {}, PACK).items == {}
    with pytest.raises(Conflict):
        require_annex("ski_lift")
    for known in EQUIPMENT_TYPES:
        require_annex(known)


def test_an_exclusion_of_another_class_is_not_shown() -> None:
    checklist = checklist_for(TRACTION, "half_month", {"A-4-01": "none", "A-1-01": "none"}, PACK)
    assert checklist.excluded == {"A-1-01": "none"}


def test_special_checks_are_shown_with_their_item() -> None:
    items = {item.code: item for item in shown(checklist_for(TRACTION, "year", {}, PACK))}
    assert [choice.key for choice in items["A-4-06"].special_checks] == ["governor_speed"]
    assert items["A-4-05"].special_checks == []


def test_what_is_open_keeps_the_order_of_the_annex() -> None:
    checklist = checklist_for(TRACTION, "half_month", {}, PACK)
    assert open_items(checklist, ["A-1-02", "A-1-01"])[0] == "A-1-03"


@pytest.mark.parametrize(
    ("item", "measured", "outside"),
    [("A-1-29", 6.999, True), ("A-1-29", 7.0, False), ("C-1-17", 5.0, False), ("C-1-17", 4.9, True), ("B-2-01", 170.0, False),
     ("B-2-01", 170.1, True), ("B-2-03", 2.3, False), ("B-2-03", 2.31, True), ("D-2-01", 0.0, False), ("D-2-01", 2.0, False),
     ("D-2-01", -0.01, True), ("D-2-01", 2.01, True), ("A-1-01", 1e6, False), ("A-1-29", None, False)],
)  # fmt: skip
def test_limits_of_the_annexes_include_their_ends(item: str, measured: float | None, outside: bool) -> None:
    assert outside_limit(items_by_code()[item], measured) is outside


@pytest.mark.parametrize("result", [Result.OK, Result.ADJUSTED, Result.REPLACED])
def test_a_value_outside_of_its_limit_is_a_finding_whatever_was_ticked(result: Result) -> None:
    found = judged(ok("A-1-29", result=result, measured=1.0))
    assert (found.good[0].result, found.forced) == (Result.FINDING, ["A-1-29"])


def test_a_finding_that_was_ticked_is_not_forced() -> None:
    assert judged(ok("A-1-29", result=Result.FINDING, measured=1.0)).forced == []


def test_a_value_takes_the_items_unit() -> None:
    assert judged(ok("A-1-29", measured=8.0)).good[0].unit == "mm"
    assert judged(ok("A-1-29", measured=8.0, unit=" mm ")).good[0].unit == "mm"
    assert judged(ok("A-1-01", measured=21.5, unit="°C")).good[0].unit == "°C"
    assert judged(ok("A-1-01", unit="°C")).good[0].unit == ""  # no value, no unit


def test_an_item_that_is_not_there_has_no_value() -> None:
    found = judged(ok("A-1-29", result=Result.NOT_APPLICABLE, note="none", measured=8.0))
    assert [fault.path for fault in found.rejected] == ["answers[0].measured"]


def test_an_item_that_is_not_there_has_no_special_check() -> None:
    answer = ok("A-4-06", result=Result.NOT_APPLICABLE, note="none", special_checks=["governor_speed"])
    assert judged(answer).good[0].special_checks == []


def test_notes_are_trimmed_and_bounded() -> None:
    assert judged(ok("A-1-01", note="  clean ")).good[0].note == "clean"
    assert [fault.path for fault in judged(ok("A-1-01", note="x" * 2001), ok("A-1-02", note="\x00")).rejected] == [
        "answers[0].note", "answers[1].note",
    ]  # fmt: skip


def test_all_faults_of_an_answer_are_told() -> None:
    answer = ok("A-1-29", result=Result.NOT_APPLICABLE, measured=float("nan"), unit="km", special_checks=["x"])
    paths = [fault.path for fault in judged(answer).rejected]
    assert paths == [f"answers[0].{name}" for name in ("note", "measured", "measured", "unit", "special_checks")]
