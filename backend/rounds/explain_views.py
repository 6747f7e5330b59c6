"""What leaves the room about why a plan is as it is. Costs are seconds of driving, days local dates."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from msgspec import Struct

from backend.rounds.plan_views import ElevatorName


class CostDifference(Struct, frozen=True, kw_only=True):
    """What a plan costs more than the one that was asked about; negative where it costs less."""

    total: int
    travel: int
    overtime: int
    days: int
    """Preferences for days."""

    crews: int
    """Preferences for crews."""

    changes: int
    left_out: int
    """Price of visits left out."""

    driving_s: int
    overtime_s: int
    routes: int
    """Rounds more."""


class OtherPlace(Struct, frozen=True, kw_only=True):
    """Another day or crew for a planned visit."""

    day: date
    offset: int
    """Days from the planned one."""

    crew: UUID | None
    """None where no crew can do it on that day."""

    crew_name: str
    start_s: int | None
    """Start of the work; None where it cannot be done."""

    difference: CostDifference | None
    """None where a rule forbids it, or the routes have no room."""

    code: str
    """Of what forbids it, see `LeftOut.code`; empty where it can be done."""

    said_en: str
    said_zh: str


class Help(Struct, frozen=True, kw_only=True):
    """One change that would let a visit be planned."""

    kind: str
    """`plan_it`, `swap`, `overtime`, `window`, `shift`, `first_day`, `last_day`, `unpin`, `people`, `skill` or `load`."""

    crew: UUID
    crew_name: str
    day: date
    amount: int | None
    """Minutes, people, days, load or cost, by kind."""

    limit: date | None
    """The first or last day that it would take."""

    from_s: int | None
    to_s: int | None
    skills: list[str]
    other: ElevatorName | None
    """The elevator that gives way in a swap."""

    other_crew_name: str | None
    other_day: date | None
    """None where it is left out instead."""

    difference: CostDifference
    said_en: str
    said_zh: str


class PlannedWhere(Struct, frozen=True, kw_only=True):
    """Where a visit is, and what other places would cost."""

    crew: UUID
    crew_name: str
    day: date
    position: int
    """0 = first stop."""

    start_s: int
    spare_days: int
    """Days until the last day of its window; negative for one that comes late."""

    days: list[OtherPlace]
    crews: list[OtherPlace]
    """On the same day, the cheapest first."""


class CrewChoice(Struct, frozen=True, kw_only=True):
    """A crew that a why-not can name."""

    crew: UUID
    crew_name: str


class ExplainedVisit(Struct, frozen=True, kw_only=True):
    """Why an elevator is where it is in a plan, or why it is left out and what would help."""

    run: UUID
    place: ElevatorName
    maintenance_class: str | None
    due_first_day: date | None
    """The window as upkeep states it; None where there is none."""

    due_last_day: date | None
    mandatory: bool
    window_en: str
    """The rule that fixed the window, a line of the receipt."""

    window_zh: str
    planned: PlannedWhere | None
    """None where it is left out."""

    code: str
    """Why it is left out, see `LeftOut.code`; empty where it is planned."""

    said_en: str
    """Why it is left out, or how its place compares with the best other one."""

    said_zh: str
    helps: list[Help]
    """What would let it be planned, the cheapest first; empty where no single change would, or it is planned."""

    choices: list[CrewChoice]
    """Crews of the run; empty where no question can be asked, because it was left out before the search."""


class LeftOutHelp(Struct, frozen=True, kw_only=True):
    """Everything that a plan leaves out, with reasons and what would help."""

    rows: list[ExplainedVisit]


class WhyNotMove(Struct, frozen=True, kw_only=True):
    """Another elevator whose crew or day would differ; None on the side that leaves it out."""

    place: ElevatorName
    day_before: date | None
    crew_before: str | None
    day_after: date | None
    crew_after: str | None
    due_last_day: date
    mandatory: bool
    risk: str
    """`left_out` it would be left out, `later` it would come nearer to its last day, empty for neither."""


class Rule(Struct, frozen=True, kw_only=True):
    """What forbids it, or what the routes lack."""

    code: str
    said_en: str
    said_zh: str


class WhyNotAnswer(Struct, frozen=True, kw_only=True):
    """What it would take to have a visit on a day, or with a crew."""

    run: UUID
    place: ElevatorName
    crew: UUID | None
    crew_name: str
    day: date | None
    outcome: str
    """`same` it is there already; `forbidden` a rule forbids it; `does_not_fit` no plan with it was found; `possible`."""

    said_en: str
    said_zh: str
    parts_en: str
    """What costs more and what less; empty where there is nothing to compare."""

    parts_zh: str
    rules: list[Rule]
    alone: CostDifference | None
    """With all other visits left alone; None where it does not fit so."""

    difference: CostDifference | None
    """With the routes around planned anew; None where it is not possible."""

    moved: list[WhyNotMove]
