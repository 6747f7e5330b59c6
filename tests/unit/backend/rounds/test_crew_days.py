"""Only those who are there with a valid certificate count, and no crew works two shifts at a time."""

from __future__ import annotations

from backend.rounds.crew_days import LossCode, WorkDay, work_days
from backend.rounds.facts import AbsenceFact, Facts, RoundFact, SpecialDayFact
from tests.support.plan_facts import day, facts, member, shift, uid


def of_crew_1(given: Facts, least_people: int = 2) -> tuple[list[WorkDay], dict[int, tuple[LossCode, int]]]:
    found, lost = work_days(given, least_people)
    mine = [each for each in found if each.crew == uid(1)]
    losses = {(each.day - given.start_date).days: (each.code, each.there) for each in lost if each.crew == uid(1)}
    return mine, losses


def test_weekly_hours_become_shifts_on_dates() -> None:
    found, losses = of_crew_1(facts())
    assert [each.day for each in found] == [0, 1, 2, 3, 4, 7, 8, 9]
    assert (found[0].from_s, found[0].to_s, found[0].max_overtime_s, found[0].people) == (28_800, 61_200, 3600, 2)
    assert found[0].pause is not None
    assert (found[0].pause.from_s, found[0].pause.to_s, found[0].pause.duration_s) == (41_400, 46_800, 3600)
    assert losses == {}


def test_a_crew_has_the_skills_of_all_who_are_there() -> None:
    members = [member(1, 11, skills=["hydraulic"]), member(1, 12, skills=["traction", "escalator"])]
    found, _ = of_crew_1(
        facts(members=members, absences=[AbsenceFact(technician=uid(12), starts_on=day(1), ends_on=day(1))]), 1
    )
    assert found[0].skills == ("escalator", "hydraulic", "traction")
    assert found[1].skills == ("hydraulic",)


def test_an_absence_takes_its_days_both_ends_included() -> None:
    found, losses = of_crew_1(facts(absences=[AbsenceFact(technician=uid(11), starts_on=day(1), ends_on=day(2))]))
    assert [each.day for each in found] == [0, 3, 4, 7, 8, 9]
    assert losses == {1: (LossCode.TOO_FEW, 1), 2: (LossCode.TOO_FEW, 1)}


def test_a_crew_of_three_works_on_without_one_and_says_so() -> None:
    three = [member(1, 11), member(1, 12), member(1, 13)]
    found, losses = of_crew_1(
        facts(members=three, absences=[AbsenceFact(technician=uid(11), starts_on=day(1), ends_on=day(1))])
    )
    assert [each.people for each in found[:3]] == [3, 2, 3]
    assert losses == {1: (LossCode.FEWER, 2)}


def test_a_certificate_counts_up_to_its_last_valid_day() -> None:
    members = [member(1, 11, certified_until=day(2)), member(1, 12)]
    found, losses = of_crew_1(facts(members=members))
    assert [each.day for each in found] == [0, 1, 2]
    assert losses[3] == (LossCode.TOO_FEW, 1)


def test_nobody_counts_without_a_certificate() -> None:
    members = [member(1, 11, certified_until=None), member(1, 12, certified_until=None)]
    found, losses = of_crew_1(facts(members=members))
    assert found == []
    assert set(losses.values()) == {(LossCode.NOBODY_THERE, 0)}


def test_members_count_from_their_first_to_their_last_day() -> None:
    members = [member(1, 11), member(1, 12, ends_on=day(1)), member(1, 13, starts_on=day(4))]
    found, losses = of_crew_1(facts(members=members))
    assert [each.day for each in found] == [0, 1, 4, 7, 8, 9]
    assert losses == {2: (LossCode.TOO_FEW, 1), 3: (LossCode.TOO_FEW, 1)}


def test_a_technician_who_is_in_a_crew_twice_counts_once() -> None:
    found, losses = of_crew_1(facts(members=[member(1, 11), member(1, 11, starts_on=day(-5))]))
    assert found == []
    assert losses[0] == (LossCode.TOO_FEW, 1)


def test_a_crew_without_members_loses_its_days_with_that_reason() -> None:
    found, losses = of_crew_1(facts(members=[]))
    assert found == []
    assert losses[0] == (LossCode.NO_MEMBERS, 0)


def test_published_days_are_neither_planned_again_nor_lost() -> None:
    found, losses = of_crew_1(facts(rounds=[RoundFact(id=uid(900), crew=uid(1), day=day(0), stops=4)]))
    assert [each.day for each in found] == [1, 2, 3, 4, 7, 8, 9]
    assert losses == {}


def test_of_today_only_what_is_left_is_planned() -> None:
    found, _ = of_crew_1(facts(not_before_s=50_000))
    assert (found[0].day, found[0].from_s) == (0, 50_000)
    assert (found[1].day, found[1].from_s) == (1, 28_800)


def test_a_shift_that_is_over_is_lost_with_that_reason() -> None:
    found, losses = of_crew_1(facts(not_before_s=61_200))
    assert found[0].day == 1
    assert losses == {0: (LossCode.SHIFT_OVER, 2)}


def test_a_night_of_which_only_the_next_shift_is_left_is_over() -> None:
    nights = [shift(1, 0, from_s=72_000, to_s=100_000), shift(1, 1, from_s=0, to_s=30_000)]
    found, lost = of_crew_1(facts(shifts=nights, days=2, not_before_s=90_000))
    assert [day.day for day in found] == [1]
    assert {day: code for day, (code, _) in lost.items()} == {0: LossCode.SHIFT_OVER}


def test_a_night_shift_ends_where_the_next_one_begins() -> None:
    nights = [shift(1, weekday, from_s=79_200, to_s=79_200 + 30 * 3600, max_overtime_s=3600) for weekday in range(2)]
    found, _ = of_crew_1(facts(shifts=nights, days=3))
    assert [(each.from_s, each.to_s, each.max_overtime_s) for each in found] == [
        (79_200, 79_200 + 86_400, 0),
        (79_200, 79_200 + 30 * 3600, 3600),
    ]


def test_overtime_ends_where_the_next_shift_begins() -> None:
    days = [shift(1, 0, from_s=0, to_s=86_000, max_overtime_s=3600), shift(1, 1, from_s=0, to_s=3600, max_overtime_s=60)]
    found, _ = of_crew_1(facts(shifts=days, days=2))
    assert [(each.to_s, each.max_overtime_s) for each in found] == [(86_000, 400), (3600, 60)]


def test_crews_that_keep_the_calendar_rest_on_public_holidays_and_work_on_working_weekends() -> None:
    special = [SpecialDayFact(day(1), True, 0), SpecialDayFact(day(5), False, 2), SpecialDayFact(day(6), True, 0)]
    found, losses = of_crew_1(facts(special_days=special))
    assert [each.day for each in found] == [0, 2, 3, 4, 5, 7, 8, 9]
    assert losses == {1: (LossCode.HOLIDAY, 0)}  # on the Sunday there was no shift to lose
