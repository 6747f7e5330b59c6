"""Elevators with how long their visits are expected to take, learnt from scans; inside the caller's transaction."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date
from uuid import UUID

import msgspec

from backend.rounds.facts import ElevatorFact, LastCrewFact, MemberFact
from backend.service_times.service import Learnt, learnt_inside
from planner.intervals.rules import FaultyInputError, UnknownPackError, load_pack


async def with_learnt_inside(
    firm: UUID, elevators: Sequence[ElevatorFact], on_day: date, last_crews: Iterable[LastCrewFact] = (),
    members: Iterable[MemberFact] = (),
) -> list[ElevatorFact]:  # fmt: skip
    """Return the elevators with what was learnt of their visits' length; as they are where nothing was.

    An elevator's crew mostly stays the same, so its own last crew is who will probably come.

    Parameters
    ----------
    firm, elevators
        Whose, and which.
    on_day
        The day whose rules and crews count.
    last_crews, members
        Who came last, and who is in which crew; without them the firm's mean technician is expected.
    """
    learnt = await learnt_inside(firm, [each.id for each in elevators])
    if learnt is None:
        return list(elevators)
    people: dict[UUID, list[UUID]] = defaultdict(list)
    for member in members:
        if member.starts_on <= on_day and (member.ends_on is None or on_day <= member.ends_on):
            people[member.crew].append(member.technician)
    crew_of = {each.elevator: each.crew for each in last_crews}
    return [_with_learnt(each, learnt, on_day, people.get(crew_of.get(each.id, each.id), ())) for each in elevators]


def _with_learnt(elevator: ElevatorFact, learnt: Learnt, on_day: date, people: Iterable[UUID]) -> ElevatorFact:
    try:
        visit = load_pack(elevator.rule_pack, on_day).visit
    except (UnknownPackError, FaultyInputError):
        return elevator
    return msgspec.structs.replace(elevator, learnt_s=learnt.service_s(elevator.id, visit, people))
