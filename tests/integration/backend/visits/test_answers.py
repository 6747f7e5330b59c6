"""Answers to the checklist: good ones are kept, bad ones listed; they change until the departure."""

from __future__ import annotations

import pytest

from backend.errors import Conflict, InvalidInput, NotAllowed, NotFound
from backend.visits import service
from backend.visits.inputs import AnswerInput, FindingInput, Result, Severity
from backend.visits.views import VisitView
from tests.support.factory import Factory
from tests.support.visits import Workplace, in_order, value

ENGAGEMENT = "A-1-29"
"""Engagement of the landing lock: at least 7 mm (TSG T5002-2017, annex A)."""


@pytest.fixture
async def opened(place: Workplace) -> VisitView:
    """An open visit."""
    return await place.arrive()


def ok(item: str, **values: object) -> AnswerInput:
    return AnswerInput(**({"item": item, "result": Result.OK} | values))  # type: ignore[arg-type]


async def test_answers_are_kept_and_what_is_open_is_told(place: Workplace, opened: VisitView) -> None:
    told = await service.answer(place.technician, opened.summary.id, in_order(opened.open_items[:3]))
    assert told.saved == opened.open_items[:3]
    assert told.open_items == opened.open_items[3:]
    seen = await service.visit(place.technician, opened.summary.id)
    assert [answer.item for answer in seen.answers] == opened.open_items[:3]


async def test_an_answer_can_change_until_the_departure(place: Workplace, opened: VisitView) -> None:
    visit = opened.summary.id
    await service.answer(place.technician, visit, [ok("A-1-01")])
    await service.answer(place.technician, visit, [ok("A-1-01", result=Result.ADJUSTED, note="cleaned")])
    (answer,) = (await service.visit(place.technician, visit)).answers
    assert (answer.result, answer.note) == (Result.ADJUSTED, "cleaned")


async def test_a_bad_answer_does_not_spoil_the_good_ones(place: Workplace, opened: VisitView) -> None:
    told = await service.answer(
        place.technician, opened.summary.id,
        [ok("A-1-01"), ok("A-9-99"), ok("A-1-02", result=Result.NOT_APPLICABLE), ok("A-1-03")],
    )  # fmt: skip
    assert told.saved == ["A-1-01", "A-1-03"]
    assert [fault.path for fault in told.rejected] == ["answers[1].item", "answers[2].note"]


async def test_not_applicable_needs_a_note(place: Workplace, opened: VisitView) -> None:
    visit = opened.summary.id
    bare = await service.answer(place.technician, visit, [ok("A-1-02", result=Result.NOT_APPLICABLE, note=" ")])
    assert bare.saved == []
    explained = await service.answer(place.technician, visit, [ok("A-1-02", result=Result.NOT_APPLICABLE, note="no such part")])
    assert explained.saved == ["A-1-02"]


@pytest.mark.parametrize(("measured", "result"), [(7.0, Result.OK), (6.9, Result.FINDING), (7.1, Result.OK)])
async def test_a_value_outside_of_its_limit_is_a_finding(
    place: Workplace, opened: VisitView, measured: float, result: Result
) -> None:
    told = await service.answer(place.technician, opened.summary.id, [ok(ENGAGEMENT, measured=measured)])
    assert told.forced_findings == ([ENGAGEMENT] if result is Result.FINDING else [])
    (answer,) = (await service.visit(place.technician, opened.summary.id)).answers
    assert (answer.result, answer.measured, answer.unit) == (result, measured, "mm")


async def test_both_ends_of_a_range_are_allowed(factory: Factory) -> None:
    place = await Workplace.open(factory, equipment_type="escalator_or_moving_walk")
    (order,) = await place.publish()
    await value("UPDATE work_order SET maintenance_class = 'quarter' WHERE id = $1 RETURNING id", order)
    visit = (await place.arrive()).summary.id
    for measured, forced in ((0.0, []), (2.0, []), (2.1, ["D-2-01"]), (-0.1, ["D-2-01"])):
        told = await service.answer(place.technician, visit, [ok("D-2-01", measured=measured)])
        assert told.forced_findings == forced, measured


@pytest.mark.parametrize("measured", [float("nan"), float("inf"), 1e300])
async def test_what_is_no_measured_value_is_rejected(place: Workplace, opened: VisitView, measured: float) -> None:
    told = await service.answer(place.technician, opened.summary.id, [ok(ENGAGEMENT, measured=measured)])
    assert [fault.path for fault in told.rejected] == ["answers[0].measured"]


async def test_another_unit_than_the_limits_is_rejected(place: Workplace, opened: VisitView) -> None:
    told = await service.answer(place.technician, opened.summary.id, [ok(ENGAGEMENT, measured=0.9, unit="cm")])
    assert [fault.path for fault in told.rejected] == ["answers[0].unit"]


async def test_an_item_that_the_elevator_does_not_have_is_rejected(factory: Factory) -> None:
    place = await Workplace.open(factory, item_exclusions={"A-1-05": "no such part"})
    visit = (await place.arrive()).summary.id
    told = await service.answer(place.technician, visit, [ok("A-1-05")])
    assert [fault.path for fault in told.rejected] == ["answers[0].item"]


async def test_an_item_counts_once_in_a_request(place: Workplace, opened: VisitView) -> None:
    told = await service.answer(place.technician, opened.summary.id, [ok("A-1-01"), ok("A-1-01", result=Result.ADJUSTED)])
    assert told.saved == ["A-1-01"]
    assert [fault.path for fault in told.rejected] == ["answers[1].item"]


async def test_too_many_answers_are_refused_whole(place: Workplace, opened: VisitView) -> None:
    with pytest.raises(InvalidInput):
        await service.answer(place.technician, opened.summary.id, [ok("A-1-01")] * 401)


async def test_an_item_with_a_finding_is_not_in_order(place: Workplace, opened: VisitView) -> None:
    visit = opened.summary.id
    finding = FindingInput(id=opened.summary.id, severity=Severity.GENERAL, item="A-1-03", description="worn")
    await service.add_finding(place.technician, visit, finding)
    told = await service.answer(place.technician, visit, in_order(["A-1-02", "A-1-03"]))
    assert told.saved == ["A-1-02"]
    assert [fault.path for fault in told.rejected] == ["answers[1].result"]
    repaired = await service.answer(place.technician, visit, [ok("A-1-03", result=Result.REPLACED)])
    assert repaired.saved == ["A-1-03"]


async def test_special_checks_are_kept_with_their_item(place: Workplace) -> None:
    (order,) = await place.publish()
    await value("UPDATE work_order SET maintenance_class = 'year' WHERE id = $1 RETURNING id", order)
    opened = await place.arrive()
    item = next(item for item in opened.checklist if item.code == "A-4-06")
    assert [choice.key for choice in item.special_checks] == ["governor_speed"]
    visit = opened.summary.id
    await service.answer(place.technician, visit, [ok("A-4-06", special_checks=["governor_speed"])])
    (answer,) = (await service.visit(place.technician, visit)).answers
    assert answer.special_checks == ["governor_speed"]
    told = await service.answer(
        place.technician, visit, [ok("A-4-06", special_checks=["x"]), ok("A-4-05", special_checks=["x"])]
    )
    assert [fault.path for fault in told.rejected] == ["answers[0].special_checks", "answers[1].special_checks"]


async def test_the_second_technician_answers_too(place: Workplace) -> None:
    visit = (await place.arrive(second_technician=place.second.technician)).summary.id
    assert (await service.answer(place.second, visit, [ok("A-1-01")])).saved == ["A-1-01"]


async def test_a_colleague_does_not_answer_in_anothers_visit(place: Workplace, opened: VisitView) -> None:
    with pytest.raises(NotAllowed):
        await service.answer(place.second, opened.summary.id, [ok("A-1-01")])


async def test_the_office_does_not_answer(place: Workplace, opened: VisitView) -> None:
    with pytest.raises(NotAllowed):
        await service.answer(place.manager, opened.summary.id, [ok("A-1-01")])


async def test_another_firms_visit_does_not_exist(place: Workplace, opened: VisitView, factory: Factory) -> None:
    elsewhere = await Workplace.open(factory, place.ring)
    with pytest.raises(NotFound):
        await service.answer(elsewhere.technician, opened.summary.id, [ok("A-1-01")])


async def test_after_the_departure_the_same_answers_are_harmless_and_others_refused(place: Workplace) -> None:
    opened = await place.arrive()
    visit = opened.summary.id
    await place.answer_all(opened)
    await place.depart(visit)
    assert (await service.answer(place.technician, visit, in_order(opened.open_items))).open_items == []
    with pytest.raises(Conflict):
        await service.answer(place.technician, visit, [ok("A-1-01", result=Result.ADJUSTED)])
