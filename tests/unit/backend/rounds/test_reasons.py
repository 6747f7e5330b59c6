"""Every reason is said in both languages, with the numbers behind it."""

from __future__ import annotations

import re
from typing import Any

import pytest

from backend.rounds import reasons
from backend.rounds.crew_days import LossCode, LostDay
from backend.rounds.due_days import Bent
from backend.rounds.explaining import look_at, why_left_out, wording_of
from backend.rounds.facts import HoursFact
from backend.rounds.snapshot import OutCode, Snapshot, take_snapshot
from planner.rounds.solve import solve
from planner.rounds.stop import Stop
from tests.support.plan_facts import crew, day, elevator, facts, uid, window

CHINESE = re.compile("[\u4e00-\u9fff]")
ENGLISH_WORDS = re.compile(r"[A-Za-z]{2,} [a-z]{2,}")


@pytest.mark.parametrize("code", list(OutCode))
def test_every_reason_before_the_search_has_a_sentence_in_both_languages(code: OutCode) -> None:
    detail = {"pack": "atlantis", "needed": "2", "most": "1", "skills": "escalator", "day": "2026-12-02"}
    told = reasons.of_out(code, detail)
    assert told.en.endswith(".")
    assert told.zh.endswith("。")
    assert "{" not in told.en + told.zh
    assert CHINESE.search(told.zh)
    assert not CHINESE.search(told.en)


@pytest.mark.parametrize("code", list(LossCode))
def test_every_lost_day_says_why_with_its_numbers(code: LossCode) -> None:
    lost = LostDay(crew=uid(1), day=day(0), code=code, there=1, members=3, absent=2, uncertified=0, needed=2)
    told = reasons.of_lost_day(lost)
    assert "{" not in told.en + told.zh
    assert CHINESE.search(told.zh)
    if code in (LossCode.TOO_FEW, LossCode.FEWER):
        assert {"1", "3", "2"} <= set(re.findall(r"\d+", told.en)) & set(re.findall(r"\d+", told.zh))


def test_only_bent_windows_have_a_sentence() -> None:
    assert reasons.of_bent("") == ("", "")
    assert all(reasons.of_bent(bent.value).zh for bent in Bent if bent)


def _one_left_out(**values: Any) -> Snapshot:
    """A firm of one crew with one elevator that no plan can have."""
    given: dict[str, Any] = {"elevators": [elevator(1)], "windows": [window(1, 0, 1)], "crews": [crew(1)], "days": 2}
    return take_snapshot(facts(**(given | values)))


FULL = {"elevators": [elevator(n, service_min=300) for n in range(1, 6)], "windows": [window(n, 0, 1) for n in range(1, 6)]}


@pytest.mark.parametrize(
    ("code", "values"),
    [
        ("window", {"elevators": [elevator(1, access_hours=[HoursFact(0, 3600)])]}),
        ("too_long", {"elevators": [elevator(1, service_min=1000)]}),
        ("shift_full", FULL),
        ("not_worth_it", {"elevators": [elevator(1, lat=28.9)], "windows": [window(1, 1, 40)]}),
    ],
)
def test_the_planner_s_own_sentences_are_said_in_chinese_with_the_crew_s_name(code: str, values: dict[str, Any]) -> None:
    snapshot = _one_left_out(**values)
    plan = solve(snapshot.problem, Stop(rounds=20))
    assert {each.code for each in plan.unplanned} == {code}
    why = why_left_out(look_at(snapshot, plan))
    told = wording_of(snapshot, {}, {uid(1): "椒江一组"}).say(why[plan.unplanned[0].visit].reason.told)
    assert str(uid(1)) not in told.en + told.zh
    assert CHINESE.search(told.zh)
    assert not ENGLISH_WORDS.search(told.zh), told.zh
    assert ("椒江一组" in told.zh) == ("椒江一组" in told.en)
