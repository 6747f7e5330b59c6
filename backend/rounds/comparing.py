"""A firm's own elevators and crews, maintained for some weeks under several policies. Pure: facts in, figures out.

A week's problem is the one that a run of the planner would get (`backend.rounds.snapshot`), with the same prices.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from backend.rounds.facts import Facts, WindowFact
from backend.rounds.snapshot import take_snapshot
from planner.intervals.facts import ElevatorFacts
from planner.intervals.receipt import Mode
from planner.intervals.rules import load_pack
from planner.rounds.plan import Plan
from planner.rounds.problem import Problem
from planner.rounds.solve import solve
from planner.rounds.stop import Stop
from planner.travel.kilometres import Kilometres
from planner.whatif.co2 import co2_factor
from planner.whatif.policies import Policy
from planner.whatif.result import Comparison, Counted, result_of
from planner.whatif.rolling import Due, roll


class Asked(Struct, frozen=True, kw_only=True):
    """What is compared."""

    facts: Facts
    """Elevators, crews, hours, members and absences of the whole horizon; windows, orders and rounds are not looked at."""

    fleet: dict[str, ElevatorFacts]
    """By elevator's id."""

    policies: tuple[Policy, ...]
    seeds: int
    week_s: float
    """Seconds of search for every week, the same for every policy."""

    rounds: int | None = None
    """Rounds of search instead of seconds: the same on any machine."""

    @property
    def runs(self) -> list[tuple[Policy, int]]:
        """What is to be run one after the other: policies and seeds."""
        return [(policy, seed) for policy in self.policies for seed in range(1, self.seeds + 1)]


class FirmWeeks:
    """Weeks of a firm under a policy.

    Parameters
    ----------
    facts
        See `Asked`.
    pack
        Id of the rule pack, which knows how long a visit takes and how many technicians it needs; for elevators at fixed
        intervals its base counts.
    """

    def __init__(self, facts: Facts, pack: str) -> None:
        self._facts = replace(facts, orders=[], rounds=[], last_crews=[])
        self._places = {str(each.id): each for each in facts.elevators}
        self._pack_of: dict[Mode, str] = {"on_demand": pack, "fixed": load_pack(pack, facts.today).fixed.id}

    def problem(self, start: date, days: int, due: Sequence[Due]) -> Problem:
        """Return what a run of the planner would be asked for these days."""
        windows = [
            WindowFact(
                elevator=UUID(each.elevator), first_day=each.first_day, last_day=each.last_day,
                maintenance_class=each.maintenance_class, reason_en="", reason_zh="",
            )
            for each in due
        ]  # fmt: skip
        pack_of = {each.elevator: self._pack_of[each.mode] for each in due}
        elevators = [replace(place, rule_pack=pack_of[name]) for name, place in self._places.items() if name in pack_of]
        week = replace(
            self._facts, today=start, start_date=start, days=days, not_before_s=0, windows=windows, elevators=elevators
        )
        return take_snapshot(week).problem

    def metres(self, problem: Problem, plan: Plan) -> int:
        """Return how far a plan drives."""
        return Kilometres(problem).plan_m(plan)


def run_one(asked: Asked, policy: Policy, seed: int, on_days: Callable[[int], None] = lambda _days: None) -> Counted:
    """Maintain the firm's elevators under one policy, with one seed; fit for a process of its own."""

    def planned(problem: Problem, chance: int) -> Plan:
        if asked.rounds is not None:
            return solve(problem, Stop(rounds=asked.rounds), chance)
        return solve(problem, Stop(time_limit_s=asked.week_s), chance)

    facts = asked.facts
    known = {str(each.id) for each in facts.elevators}
    fleet = {name: each for name, each in asked.fleet.items() if name in known}
    weeks = FirmWeeks(facts, policy.pack)
    return roll(policy, fleet, weeks, planned, start=facts.start_date, days=facts.days, seed=seed, on_week=on_days)


def compared(asked: Asked, counted: Mapping[tuple[str, int], Counted]) -> Comparison:
    """Put the sums of all runs side by side.

    Parameters
    ----------
    asked
        What was compared.
    counted
        By policy's id and seed.
    """
    factor = co2_factor()
    results = tuple(
        result_of(policy, [counted[policy.id, seed] for seed in range(1, asked.seeds + 1)], factor) for policy in asked.policies
    )
    first = next(iter(counted.values()), Counted())
    return Comparison(
        start_date=asked.facts.start_date, days=asked.facts.days, elevators=first.elevators, seeds=asked.seeds, co2=factor,
        policies=results,
    )  # fmt: skip
