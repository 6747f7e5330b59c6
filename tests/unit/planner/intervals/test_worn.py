"""The rule of wear with a forecast: what the receipt tells, counters that follow from others, budgets that cannot be."""

from __future__ import annotations

import math
from datetime import date, timedelta

import msgspec
import pytest

from planner.intervals.facts import UsageFact
from planner.intervals.forecast import UsePattern, pattern_of
from planner.intervals.receipt import Candidate
from planner.intervals.rules import FaultyInputError, load_pack, parse_pack
from planner.intervals.wear import reached, threshold, usage_for
from tests.support.intervals import FIXED, LAST, ORDINARY, TODAY, computed, last_day, used, with_facts

PACK = load_pack(FIXED)


def pattern(per_day: float, swing: float = 0.0) -> UsePattern:
    days = {TODAY - timedelta(days=i): per_day * (1 + swing * math.sin(7.3 * i)) for i in range(1, 57)}
    found = pattern_of(days, PACK.forecast)
    assert found is not None
    return found


def forecast(counter: str, used_: int, per_day: float, swing: float = 0.0) -> UsageFact:
    fact = used(counter, LAST, used_, per_day)
    return msgspec.structs.replace(fact, pattern=pattern(per_day, swing))


def worn(fact: UsageFact, rule: str) -> Candidate:
    _, receipt = computed(with_facts(ORDINARY, usage=(fact,)))
    return next(candidate for candidate in receipt.candidates if candidate.cites.rule == rule)


def test_the_candidate_tells_used_budget_weekdays_chance_limit_and_both_days() -> None:
    found = worn(forecast("door_cycles", 50_000, 6_000.0, swing=0.3), "wear.door_cycles.half_month")
    told = {one.name.en: one.value for one in found.inputs}
    assert told["used"] == "50,000 door cycles"
    assert told["budget"] == "75,000 door cycles"
    assert told["use by weekday"].startswith("Mon ")
    assert told["use by weekday"].count(",") >= 7
    assert told["chance allowed"] == "5.0%"
    assert told["last reading"] == "2026-11-20"
    assert told["whole days behind it"] == "2026-09-25 – 2026-11-19, 56 d"
    assert found.day < date.fromisoformat(told["day with a chance of 50 %"]) == date(2026, 11, 24)  # 25 000 at 6 000 a day
    before, after = told["chance of passing by that day → a day later"].split(" → ")
    assert float(before.rstrip("%")) <= 5.0 < float(after.rstrip("%"))
    assert "limit 5.0%" in found.sentence.en
    assert "（限5.0%）" in found.sentence.zh
    weekday = next(one for one in found.inputs if one.name.en == "use by weekday")
    assert weekday.value_zh.startswith("周一")


def test_more_variance_never_moves_the_day_later() -> None:
    days = [
        worn(forecast("door_cycles", 30_000, 6_000.0, swing), "wear.door_cycles.half_month").day for swing in (0, 0.2, 0.6, 1)
    ]
    assert days == sorted(days, reverse=True)
    assert days[-1] < days[0] == date(2026, 11, 27)  # 45 000 at 6 000 a day without any variance: seven whole days


def test_a_forecast_never_passes_the_law_and_may_only_shorten() -> None:
    assert last_day(with_facts(ORDINARY, usage=(forecast("door_cycles", 10, 1.0),))) == date(2026, 11, 25)
    assert last_day(with_facts(ORDINARY, usage=(forecast("door_cycles", 60_000, 6_000.0),))) == date(2026, 11, 22)


def test_a_budget_that_is_not_used_up_is_not_due_before_the_last_reading() -> None:
    when = reached(75_000, forecast("door_cycles", 74_999, 6_000.0, swing=0.5), TODAY, 0.05)
    assert when is not None
    assert when.day == TODAY


def test_silence_wears_on_at_the_upper_end() -> None:
    known = msgspec.structs.replace(forecast("door_cycles", 30_000, 1_000.0, swing=0.5), known_until=TODAY - timedelta(days=5))
    when = reached(75_000, known, TODAY, 0.05)
    assert when is not None
    assert when.expected > 30_000 + 5 * 1_000
    later = reached(75_000, known, TODAY + timedelta(days=30), 0.05)
    assert later is not None
    assert later.day == when.day


def test_a_counter_that_nobody_reads_follows_from_trips() -> None:
    _, receipt = computed(with_facts(ORDINARY, usage=(forecast("trips", 20_000, 1_000.0),)))
    brake = next(one for one in receipt.candidates if one.cites.rule == "wear.brake_actuations.half_month")
    told = {one.name.en: one for one in brake.inputs}
    assert told["used"].value == "40,000 brake actuations"
    assert told["derived from another counter"].value.startswith("trips × 2: Where brake actuations are not counted")
    assert told["derived from another counter"].value_zh.startswith("运行次数 × 2：")
    own = used("brake_actuations", LAST, 5, 1.0)
    _, receipt = computed(with_facts(ORDINARY, usage=(forecast("trips", 20_000, 1_000.0), own)))
    brake = next(one for one in receipt.candidates if one.cites.rule == "wear.brake_actuations.half_month")
    assert {one.name.en: one.value for one in brake.inputs}["used"] == "5 brake actuations"


def test_a_derived_budget_that_is_used_up_was_so_on_the_day_of_its_source() -> None:
    budget = next(one for one in PACK.wear_budgets if one.id == "wear.rope_bends.half_year")
    factor = next(one for one in PACK.counter_factors if one.counter == "rope_bends")
    at = threshold(budget.most, factor)
    assert at == 375_000
    trips = msgspec.structs.replace(used("trips", LAST, 400_000, 1.0), crossed=((at, date(2026, 11, 14)),))
    derived, how = usage_for((trips,), budget, LAST, PACK.counter_factors)
    assert derived is not None
    assert how == factor
    when = reached(budget.most, derived, TODAY)
    assert when is not None
    assert when.day == date(2026, 11, 14)


@pytest.mark.parametrize("most", [0, -5])
def test_a_budget_of_zero_is_refused_by_name(most: int) -> None:
    with pytest.raises(ValueError, match=f"the wear budget of door_cycles is {most}; it must be 1 or more"):
        reached(most, used("door_cycles", LAST, 1, 1.0), TODAY)


@pytest.mark.parametrize("most", ["0", "-5", "1.5", '"many"'])
def test_a_pack_with_a_budget_of_zero_is_refused_with_its_path(most: str) -> None:
    text = f"""
id = "cn-x"
base = "{FIXED}"
title_zh = "甲"
title_en = "a"
region = "CN"
effective_from = 2026-11-01
[[wear_budgets]]
id = "wear.doors"
driver = "door_cycles"
period = "half_month"
counter = "door_cycles"
most = {most}
unit_zh = "次"
unit_en = "cycles"
sample = true
clause_zh = "甲"
clause_en = "a"
source = "design"
effective_from = 2026-11-01
region = "CN"
mark = "design"
"""
    with pytest.raises(FaultyInputError) as raised:
        parse_pack(text, "cn-x")
    [fault] = raised.value.faults
    assert fault.path == "wear_budgets[0].most"
