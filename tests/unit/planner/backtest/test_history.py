"""A firm's history is replayed as it was recorded; its holes are named, and the rest is used."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from planner.backtest.history import read_history
from planner.backtest.replay import Crew
from planner.backtest.replay_history import AS_IT_WAS, run_history
from planner.rounds.faults import FaultyInputError
from planner.simulate.known_truth import usual_truth

FIRST = date(2025, 3, 3)
HEAD = "elevator,day,what,value\n"


def history(days: int = 200, *, without: frozenset[int] = frozenset(), trips: int = 300) -> str:
    lines = [f"E1,{FIRST},kind,residential", f"E1,{FIRST},in_use_since,2019-05-01"]
    lines += [f"E1,{FIRST + timedelta(n)},visit,{'quarter' if n % 84 == 0 else 'half_month'}" for n in range(0, days, 14)]
    lines += [f"E1,{FIRST + timedelta(n)},trips,{trips}" for n in range(days) if n not in without]
    lines += [f"E1,{FIRST + timedelta(70)},fault,door_close_fault", f"E1,{FIRST + timedelta(70)},fault,entrapment"]
    return HEAD + "\n".join(lines) + "\n"


def test_a_whole_history_has_no_hole_and_counts_what_was_recorded() -> None:
    known = read_history(history(), "h.csv")
    assert known.holes == ()
    found = run_history(
        known.elevators, ["cn-fixed-15", "cn-on-demand-30"], usual_truth(), seed=1, crew=Crew(), wanted_gap=None
    )
    was, fixed, longer = found.policies
    assert [one.id for one in found.policies] == [AS_IT_WAS, "cn-fixed-15", "cn-on-demand-30"]
    assert (was.visits, was.faults, was.entrapments, was.past_legal_limit) == (14, 1, 1, 0)
    assert longer.visits < fixed.visits
    assert (longer.past_legal_limit, longer.overdue_days) == (0, 0)


def test_gaps_that_were_too_long_are_counted_as_they_were() -> None:
    text = history().replace(f"E1,{FIRST + timedelta(84)},visit,quarter\n", "")
    was = run_history(
        read_history(text, "h.csv").elevators, ["cn-fixed-15"], usual_truth(), seed=1, crew=Crew(), wanted_gap=None
    ).policies[0]
    assert was.past_legal_limit == 1


def test_holes_name_the_field_the_value_and_the_way_out_and_the_rest_is_used() -> None:
    bad = "E1,2025-02-30,visit,year\nE1,2025-04-01,trips,many\nE1,2025-04-01,dance,1\n,2025-04-01,trips,3\n"
    bad += "E2,2025-04-01,fault,x\n"
    known = read_history(history(without=frozenset(range(30, 40))) + bad, "h.csv")
    said = "\n".join(str(hole) for hole in known.holes)
    assert [one.elevator for one in known.elevators] == ["E1"]
    for part in ("'2025-02-30'; write a day as", "'many'; write a number", "'dance'; use one of visit", "name the elevator",
                 "E2: has no visit", "no use on 10 of 200 days, the first on 2025-04-02"):  # fmt: skip
        assert part in said


def test_days_without_use_are_silence_and_silence_gains_nothing() -> None:
    whole, holed = (
        run_history(
            read_history(text, "h.csv").elevators, ["cn-on-demand-30"], usual_truth(), seed=1, crew=Crew(), wanted_gap=None
        ).policies[1].visits
        for text in (history(), history(without=frozenset(range(30, 170, 5)) | frozenset(range(31, 170, 5))))
    )  # fmt: skip
    assert holed > whole


def test_use_brings_visits_forward_as_it_was_counted() -> None:
    calm, busy = (
        run_history(
            read_history(history(trips=trips), "h.csv").elevators, ["cn-on-demand-30"], usual_truth(), seed=1, crew=Crew(),
            wanted_gap=None,
        ).policies[1].visits
        for trips in (100, 1_200)
    )  # fmt: skip
    assert busy > 1.5 * calm


@pytest.mark.parametrize(
    ("text", "said"),
    [("a,b\n1,2\n", "lacks the column"), (HEAD, "has no row"), (HEAD + "E1,2025-01-01,visit,year\n", "60 days are needed")],
)
def test_nothing_to_use_is_refused_with_the_reason(text: str, said: str) -> None:
    with pytest.raises(FaultyInputError, match=said):
        read_history(text, "h.csv")
