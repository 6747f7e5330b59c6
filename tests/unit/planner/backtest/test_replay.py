"""A replay drives the product's own rules, tells them no truth, and a referee of its own finds no limit passed."""

from __future__ import annotations

from datetime import date
from itertools import pairwise

import msgspec
import pytest

from planner.backtest.referee import passed
from planner.backtest.replay import Course, Crew, Visit, replay
from planner.backtest.run import WARM_UP_DAYS, Study, filed_gap, longest, run
from planner.intervals.pack import RulePack
from planner.intervals.rules import UnknownPackError, load_pack, pack_ids
from planner.simulate.known_truth import usual_truth, with_numbers
from planner.simulate.lives import LEAD_DAYS, Lapse, Life, codes_of, life
from planner.simulate.monitors import Monitor, monitor

START = date(2027, 1, 1)
TRUTH = usual_truth()
SEED = 41
"""Forty elevators say little of a fleet: docs/benchmarks.md has thousands, of several seeds. This one is about the usual."""
FIXED, ON_DEMAND = load_pack("cn-fixed-15"), load_pack("cn-on-demand-30")


def lived(number: int = 1, days: int = 400, seed: int = 3) -> tuple[Life, Monitor]:
    one = life(codes_of(number)[-1], seed, TRUTH, START, days)
    return one, monitor(one, TRUTH)


def course(pack: RulePack, number: int = 1, crew: Crew | None = None) -> tuple[Course, Life, Monitor]:
    one, watch = lived(number)
    return replay(one, watch, TRUTH, pack, crew=crew or Crew(), filed_gap=filed_gap(pack, None)), one, watch


def judged(found: Course, one: Life, watch: Monitor, pack: RulePack) -> list[str]:
    return [each.limit for each in passed(found, one, watch, pack, longest(pack, filed_gap(pack, None)))]


@pytest.mark.parametrize("pack_id", pack_ids())
def test_no_pack_lets_a_limit_of_the_law_pass(pack_id: str) -> None:
    pack = load_pack(pack_id)
    for number in (1, 2, 3):
        found, one, watch = course(pack, number)
        assert found.visits
        assert judged(found, one, watch, pack) == []


def test_on_demand_comes_less_often_and_the_same_twice() -> None:
    fixed, longer = (course(pack)[0] for pack in (FIXED, ON_DEMAND))
    assert course(ON_DEMAND)[0] == longer
    assert len(longer.visits) < len(fixed.visits)
    assert (fixed.mode, longer.mode) == ("fixed", "on_demand")


def test_every_policy_has_the_same_luck() -> None:
    fixed, longer = (course(pack)[0] for pack in (FIXED, ON_DEMAND))
    chance = [[(fault.day, fault.kind, fault.trapped) for fault in one.faults if not fault.part] for one in (fixed, longer)]
    assert chance[0] == chance[1]
    assert fixed.before == longer.before


def test_the_rules_are_told_what_the_monitor_tells_and_not_the_truth() -> None:
    one, watch = lived()
    one = msgspec.structs.replace(one, faults=())
    untroubled = with_numbers(TRUTH, {"parts.life": 1e6})  # nothing breaks, so that nothing is told of it
    worn = msgspec.structs.replace(one, trips=tuple(3 * trips for trips in one.trips))
    blind = [replay(each, watch, untroubled, ON_DEMAND, crew=Crew()).visits for each in (one, worn)]
    assert blind[0] == blind[1], "three times the use that no monitor tells changes no window"


def test_a_monitor_that_is_never_heard_has_fixed_intervals() -> None:
    one, _ = lived()
    found = replay(one, None, TRUTH, ON_DEMAND, crew=Crew())
    assert found.mode == "fixed"
    assert max(after.day - before.day for before, after in pairwise(found.visits)) <= 15


def test_late_crews_pass_limits_and_the_referee_sees_it() -> None:
    found, one, watch = course(FIXED, crew=Crew(late_days=((9, 1.0),)))
    assert judged(found, one, watch, FIXED)


def test_the_referee_finds_a_visit_that_was_left_out() -> None:
    found, one, watch = course(ON_DEMAND)
    assert judged(found, one, watch, ON_DEMAND) == []
    visits = found.visits[:6] + found.visits[9:]
    assert "visit_gap" in judged(msgspec.structs.replace(found, visits=visits), one, watch, ON_DEMAND)


def test_the_referee_finds_a_class_that_never_came() -> None:
    found, one, watch = course(FIXED)
    lowered = tuple(msgspec.structs.replace(visit, maintenance_class="half_month") for visit in found.visits)
    assert {"quarter", "half_year", "year"} <= set(judged(msgspec.structs.replace(found, visits=lowered), one, watch, FIXED))


def test_the_referee_asks_for_a_visit_within_the_grace_when_longer_gaps_end() -> None:
    one, watch = lived(days=120)
    quiet = msgspec.structs.replace(watch, silences=(), ends_h=(), told=one.trips, stuck=())
    plain = msgspec.structs.replace(one, lapses=(), faults=())
    last = LEAD_DAYS + 30
    found = Course(
        mode="on_demand", before=dict.fromkeys(("half_month", "quarter", "half_year", "year"), LEAD_DAYS - 1),
        checked_before={}, faults=(), told=(), expected=0.0, windows=0,
        visits=tuple(
            Visit(day=day, maintenance_class="year", due=day) for day in (LEAD_DAYS + 10, last, last + 28, last + 55, last + 80)
        ),
    )  # fmt: skip
    assert judged(found, plain, quiet, ON_DEMAND) == []
    ended = msgspec.structs.replace(plain, lapses=(Lapse("insurance", last + 5, last + 30),))
    assert judged(found, ended, quiet, ON_DEMAND) == ["visit_gap"]
    more = (Visit(day=last + days, maintenance_class="year", due=last + days) for days in (12, 27, 41))
    came = msgspec.structs.replace(found, visits=tuple(sorted((*found.visits, *more), key=lambda visit: visit.day)))
    assert judged(came, ended, quiet, ON_DEMAND) == []


def test_figures_do_not_depend_on_the_number_of_processes() -> None:
    study = Study(policies=("cn-fixed-15", "cn-on-demand-30"), elevators=6, years=0.4, seed=2, truth=TRUTH, start=START)
    assert run(study, workers=2) == run(study, workers=1)


def test_an_unknown_policy_is_named_with_those_that_there_are() -> None:
    study = Study(policies=("cn-fixed-16",), elevators=1, years=1, seed=2, truth=TRUTH, start=START)
    with pytest.raises(UnknownPackError, match="cn-fixed-15"):
        run(study)


def test_on_demand_needs_a_quarter_fewer_visits_at_no_more_wear_and_passes_no_limit() -> None:
    study = Study(policies=("cn-fixed-15", "cn-on-demand-30"), elevators=40, years=1, seed=SEED, truth=TRUTH, start=START)
    found = run(study, workers=2)
    fixed, longer = found.policies
    assert longer.visits <= 0.75 * fixed.visits
    assert longer.wear_out_expected <= fixed.wear_out_expected
    assert (fixed.past_legal_limit, longer.past_legal_limit) == (0, 0)
    assert longer.on_demand_share == 1.0
    least, most = found.differences[0].change["visits"][1:]
    assert least < longer.visits / fixed.visits - 1 < most


def test_visits_that_mend_nothing_do_not_pay() -> None:
    idle = with_numbers(TRUTH, {"visit.restores": 0.0, "visit.longer_restores": 0.0})
    one, watch = lived(days=WARM_UP_DAYS + 200)
    wear = [replay(one, watch, idle, pack, crew=Crew()).expected for pack in (FIXED, ON_DEMAND)]
    assert wear[0] == pytest.approx(wear[1], rel=0.05), "but for repairs at other times"
