"""What a rescue is held to: how soon somebody must be there, and whom to ring for how long."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from planner.intervals.pack_rule import Part, Rule
from planner.rounds.faults import Fault

Who = Literal["nearest", "next", "managers", "firm_phone"]
"""The technician who is there first; the next ones after; the office; the firm's 24-hour phone."""


class ArrivalLimit(Rule, frozen=True, kw_only=True):
    """How soon a technician must be at the elevator."""

    minutes: Annotated[int, Meta(ge=1, le=1440)]
    areas: tuple[str, ...] = ()
    """Regions (`CN-ZJ-TZ`, with all below) and districts that it holds for; empty = everywhere else."""


class Rung(Part, frozen=True, kw_only=True):
    """One rung of the ladder."""

    who: Who
    people: Annotated[int, Meta(ge=1, le=20)] = 1
    """How many technicians; the other two have as many as there are."""

    wait_s: Annotated[int, Meta(ge=15, le=1800)]
    """Seconds until the next rung rings, unless somebody goes."""


class Ladder(Rule, frozen=True, kw_only=True):
    """Whom to ring, where a firm has no ladder of its own."""

    rungs: tuple[Rung, ...]


class RescueRules(Part, frozen=True, kw_only=True):
    """What a rescue is held to."""

    arrival: tuple[ArrivalLimit, ...]
    """The first whose areas fit holds; the last one holds everywhere."""

    ladder: Ladder

    def limit(self, region: str, district: str) -> ArrivalLimit:
        """Return the limit that holds at a place.

        Parameters
        ----------
        region
            Of the firm, such as `CN-ZJ-TZ`.
        district
            Of the site, as the register has it.
        """
        return next(each for each in self.arrival if not each.areas or _is_in(region, district, each.areas))


def _is_in(region: str, district: str, areas: tuple[str, ...]) -> bool:
    return any(area == district or region == area or region.startswith(f"{area}-") for area in areas)


def rescue_faults(rescue: RescueRules | None) -> list[Fault]:
    """Return what is wrong with the rules of rescue."""
    if rescue is None:
        return []
    found = []
    if not rescue.arrival or rescue.arrival[-1].areas:
        found.append(
            Fault("rescue.arrival", "ends with a limit for some areas; the last one holds everywhere: leave its areas out")
        )
    if any(not each.areas for each in rescue.arrival[:-1]):
        found.append(Fault("rescue.arrival", "has a limit for everywhere before the last; those after it would never hold"))
    if not rescue.ladder.rungs:
        found.append(Fault("rescue.ladder.rungs", "is empty; nobody would be rung"))
    return found
