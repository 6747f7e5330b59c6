"""A technician's wish as a question for `planner.today.moves`, its answer in words, and the rounds rewritten by it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from datetime import date
from typing import NamedTuple
from uuid import UUID

from backend import clock
from backend.errors import Conflict, Outdated
from backend.rounds import order_queries, queries, repair_queries
from backend.rounds.day_change_queries import crew_of
from backend.rounds.day_change_views import BreachView, Said, SideView
from backend.rounds.repair import TravelOfDay, day_facts_inside, travel_of_day
from backend.rounds.repair_apply import rewritten, times_of
from backend.rounds.repair_day import Question, question
from backend.rounds.repair_facts import DayFacts, RoundOfDay
from backend.rounds.repair_views import Events, OptionView
from backend.rounds.repair_words import crew_line, names_of, visit_line
from backend.rounds.times import EngineChoice
from planner.rounds.plan import Plan
from planner.today.breaches import Breach, sentence
from planner.today.changes import crew_changes, visit_changes
from planner.today.moves import Moved, Moves, Side
from planner.today.words import Names, minutes
from planner.today.words import clock as wall
from planner.travel.kilometres import Kilometres

LATER_END_S = 60
"""A later end is worth asking about from a minute on."""


class Asked(NamedTuple):
    """A day under way with everything looked up.

    Attributes
    ----------
    facts, question, travel
        What the database and the engine know.
    moves
        The planner, ready to be asked.
    names
        What people call stops and crews.
    crew
        Name of the asker's crew in the question.
    """

    facts: DayFacts
    question: Question
    travel: TravelOfDay
    moves: Moves
    names: Names
    crew: str

    def name(self, crew: UUID) -> str | None:
        """Return the name of another crew in the question; None where it has no round today."""
        return next((r.crew for r in self.question.plan.routes if self.question.crew_of[r.crew] == crew), None)

    def round_of(self, crew: UUID) -> RoundOfDay | None:
        """Return a crew's published round of today."""
        return next((each for each in self.facts.rounds if each.crew == crew), None)

    @property
    def mine(self) -> RoundOfDay:
        """The asker's published round."""
        found = self.round_of(self.question.crew_of[self.crew])
        assert found is not None  # noqa: S101 - `asked_inside` has looked
        return found


async def facts_inside(firm: UUID) -> DayFacts:
    """Return what is known of today, inside the caller's transaction."""
    return await day_facts_inside(firm, clock.now(), days=1)


async def crew_today(technician: UUID, facts: DayFacts) -> UUID:
    """Return the crew of a technician that has a round today, inside the caller's transaction.

    Raises
    ------
    Conflict
        If there is none.
    """
    crew = await crew_of(technician, facts.today)
    if crew is None or all(each.crew != crew for each in facts.rounds):
        raise Conflict("you have no round today: there is nothing to change")
    return crew


async def asked_of(facts: DayFacts, crew: UUID, engine: EngineChoice) -> Asked:
    """Get the planner ready, in a thread; the crew that asks may turn round on its way to the next stop.

    Raises
    ------
    Conflict
        If nothing of the crew's round is planned any more.
    """
    asked = question(facts, Events(), [])
    name = next((route.crew for route in asked.plan.routes if asked.crew_of[route.crew] == crew), None)
    if name is None:
        raise Conflict("you have no round today: there is nothing to change")
    travel = await travel_of_day(asked, engine)
    moves = await asyncio.to_thread(Moves, asked.problem, asked.plan, asked.today, [name], travel.durations_s)
    return Asked(facts, asked, travel, moves, names_of(facts, asked), name)


# In words.


def breach_views(asked: Asked, found: Sequence[Breach]) -> list[BreachView]:
    """Return what breaks, in sentences."""
    views = []
    for breach in found:
        en, zh = sentence(breach, asked.names)
        order = UUID(breach.visit) if breach.visit is not None else None
        views.append(BreachView(code=breach.code, work_order=order, already=breach.already, en=en, zh=zh))
    return views


def warnings_of(asked: Asked, sides: Mapping[str, Side]) -> list[Said]:
    """Say what has to be confirmed: overtime inside its limit, a later end."""
    told = []
    for crew, side in sides.items():
        who = asked.names.crew(crew)
        if side.overtime_s > side.overtime_before_s:
            limit = minutes(side.overtime_most_s)
            told.append(
                Said(
                    en=f"{who}: {minutes(side.overtime_s)} min of overtime, {limit} at the most",
                    zh=f"{who}：加班{minutes(side.overtime_s)}分钟，上限{limit}分钟",
                )
            )
        elif side.return_s is not None and side.return_s >= (side.return_before_s or side.return_s) + LATER_END_S:
            later, back = minutes(side.return_s - (side.return_before_s or 0)), wall(side.return_s)
            told.append(Said(en=f"{who}: back {later} min later, at {back}", zh=f"{who}：晚{later}分钟返回（{back}）"))
    return told


def changes_of(asked: Asked, before: Plan, after: Plan) -> tuple[list[Said], OptionView]:
    """Return what changes between two plans: in sentences by crew and stop, and as rounds to be written."""
    moves, facts, of = asked.moves, asked.facts, asked.question
    frozen = {stop.visit for stand in moves.stands.values() for stop in stand.stops}
    visits = visit_changes(before, after, moves.case.visits, frozen, {}, asked.names, 0)
    crews = crew_changes(before, after, visits, asked.names, 0)
    kept = {name: len(stand.stops) for name, stand in moves.stands.items()}
    changed = {change.visit for change in visits if change.kind in ("added", "moved", "order")}
    option = OptionView(
        number=1, en="", zh="", crew=None, crew_name=None, arrive_s=None, late_s=None, redirect=False,
        visits=[visit_line(facts, of, change) for change in visits],
        crews=[crew_line(facts, of, change, after, kept, changed) for change in crews],
    )  # fmt: skip
    return [*(Said(en=c.en, zh=c.zh) for c in crews), *(Said(en=v.en, zh=v.zh) for v in visits)], option


def side_view(asked: Asked, moved: Moved, crew: str) -> SideView:
    """Return what a change comes to for one crew."""
    side = moved.sides[crew]
    km = Kilometres(asked.question.problem, asked.travel.distances_m, asked.travel.durations_s)
    metres = [sum(km.route_m(route) for route in plan.routes if route.crew == crew) for plan in (moved.before, moved.plan)]
    return SideView(
        drive_by_s=side.extra_drive_s, metres_by=metres[1] - metres[0], return_s=side.return_s,
        return_before_s=side.return_before_s, overtime_s=side.overtime_s, overtime_most_s=side.overtime_most_s,
    )  # fmt: skip


# Written.


async def write_inside(asked: Asked, after: Plan, crews: Sequence[UUID]) -> None:
    """Write the rounds of some crews as they are in a plan; their versions move on.

    Raises
    ------
    Outdated
        If one of these rounds has changed since the question was made.
    """
    await queries.lock_publishing(asked.facts.firm)
    now = await repair_queries.rounds_from(asked.facts.firm, asked.facts.today, asked.facts.today)
    versions = {each.crew: (each.id, each.version) for each in now}
    for crew in crews:
        seen = asked.round_of(crew)
        if seen is None or versions.get(crew) != (seen.id, seen.version):
            raise Outdated("your round has changed meanwhile: look at it and choose again")
    _said, option = changes_of(asked, asked.question.plan, after)
    touched = [line.round for line in option.crews if line.round is not None]
    before = await repair_queries.state_of(touched, [])
    old = {order.id: order for order in before.orders}
    rounds = {(line.crew, line.day): line.round for line in option.crews if line.round is not None}
    await repair_queries.make_room(touched)
    await repair_queries.set_stops(rewritten(option, old, rounds, before))
    states = {each.id: each for each in before.rounds}
    for line in option.crews:
        if line.round is not None:
            await repair_queries.set_round(times_of(line, states[line.round]))
    await repair_queries.remove_empty(touched)


async def stops_left(asked: Asked, crew: UUID) -> list[str]:
    """Return the stops of a crew that nobody has begun, in order, as ids."""
    round_ = asked.round_of(crew)
    orders = [order for order in asked.facts.orders if round_ is not None and order.round == round_.id]
    return [str(each.id) for each in sorted(orders, key=lambda each: each.position) if each.state.value == "scheduled"]


async def people_names(crew: UUID, day: date) -> list[str]:
    """Return who of a crew works on a day."""
    return [person.name for person in await order_queries.people_of_crew(crew, day)]
