"""Sentences in both languages say the same, with the names that people use and units that they understand."""

from __future__ import annotations

import re

import msgspec
import pytest

from planner.rounds.explain.difference import Difference
from planner.rounds.explain.forms import FORMS
from planner.rounds.explain.words import Sentence, Told, Wording, clock, spell
from tests.support.rounds import parsed, small_problem

PLACES = re.compile(r"\{(\w+)\}")
CHINESE = re.compile(r"[一-鿿]")
WORDING = Wording(parsed(small_problem()), crews={"c1": "东城一组"}, visits={"v2": "3 号梯"}, banks={"site:lobby": "大堂"})


@pytest.mark.parametrize("form", FORMS)
def test_both_languages_name_the_same_things(form: str) -> None:
    en, zh = FORMS[form]
    assert set(PLACES.findall(en)) == set(PLACES.findall(zh))
    assert CHINESE.search(zh)
    assert not CHINESE.search(en)


@pytest.mark.parametrize("form", FORMS)
def test_a_change_goes_on_with_its_price_and_everything_else_is_a_whole_sentence(form: str) -> None:
    en, zh = FORMS[form]
    whole = not form.startswith("change_")
    assert (en.endswith("."), zh.endswith("。")) == (whole, whole)


def test_names_stand_for_ids_and_dates_for_days() -> None:
    told = Told("change_swap", {"crew": "c1", "day": 0, "other": "v2", "other_crew": "c9", "other_day": 1})
    assert WORDING.say(told) == Sentence(
        "东城一组 could take it on 2026-11-30 if 3 号梯 went to c9 on 2026-12-01",
        "若将 3 号梯 改由 c9 于 2026-12-01 进行，则 东城一组 可于 2026-11-30 进行",
    )
    assert WORDING.say(Told("bank", {"bank": "site:lobby"})).zh == "凡是排得下的时段，同组（大堂）的另一台电梯都在作业。"


def test_a_cost_is_told_as_driving() -> None:
    assert WORDING.cost(61) == Sentence("as much as 2 minutes of driving", "相当于 2 分钟车程")
    assert WORDING.cost(-60).en == "as much as 1 minute of driving"


def test_where_driving_is_free_a_cost_is_told_as_it_is() -> None:
    problem = parsed(small_problem())
    free = msgspec.structs.replace(problem, costs=msgspec.structs.replace(problem.costs, travel_per_s=0))
    assert Wording(free).cost(61) == Sentence("61 units of cost", "61 个成本单位")


def test_long_times_are_told_in_hours() -> None:
    assert spell(119) == Sentence("119 minutes", "119 分钟")
    assert spell(120) == Sentence("2 hours", "2 小时")
    assert spell(150) == Sentence("2 h 30 min", "2 小时 30 分钟")
    assert clock(90_061) == "25:01"


def test_what_a_plan_costs_more_is_told_by_kind() -> None:
    found = WORDING.parts(Difference(cost=1, driving_s=600, overtime_s=-61, days=60, crews=-60, shifts=600, changes=60))
    assert found.en == (
        "10 minutes more driving, 2 minutes less overtime, a less suitable day (as much as 1 minute of driving),"
        " a more suitable crew (as much as 1 minute of driving), one more crew-day in use (as much as 10 minutes of driving),"
        " changes to what is published (as much as 1 minute of driving)"
    )
    assert found.zh.startswith("车程多 10 分钟，加班少 2 分钟，日期较不合适（相当于 1 分钟车程），班组更合适")
    assert WORDING.parts(Difference()) == Sentence("at no cost", "没有额外代价")


def test_visits_left_out_are_told_where_they_are_asked_for() -> None:
    fewer = Difference(cost=-600, left_out=-600)
    assert WORDING.parts(fewer).en == "at no cost"
    assert WORDING.parts(fewer, left_out=True).en == "less left out (as much as 10 minutes of driving)"


def test_a_day_beyond_all_calendars_is_counted() -> None:
    assert WORDING.date(10**9) == "+1000000000d"
