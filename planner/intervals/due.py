"""The one entry: facts, rules and day become a due window and its receipt."""

from __future__ import annotations

import math
from datetime import date

from msgspec import Struct

from planner.intervals import candidates as calendar_rules
from planner.intervals import forward, worn
from planner.intervals.ahead import from_later_versions
from planner.intervals.days import plus_days
from planner.intervals.explain import assumptions, class_reason, first_day_reason, paused_reason, sentence, would_move
from planner.intervals.facts import ElevatorFacts
from planner.intervals.fallback import decide_mode
from planner.intervals.items import CLASSES, class_rank
from planner.intervals.own import own_pack
from planner.intervals.pack import RulePack
from planner.intervals.receipt import BestDay, Candidate, Mode, Receipt, Text
from planner.intervals.situation import Situation, item_states, situation
from planner.intervals.wear import budgets_by_item, factor_of, threshold
from planner.intervals.wording import cited
from planner.risk.best_day import best_day

_RULES = (
    calendar_rules.visit_gap,
    calendar_rules.class_gaps,
    calendar_rules.special_checks,
    calendar_rules.seasons,
    calendar_rules.self_check,
    forward.fault_rate,
    forward.special_periods,
    forward.holidays,
    worn.wear,
)
"""Of rules with the same last day the first one is said to bind: law before what we add."""


class DueWindow(Struct, frozen=True, kw_only=True):
    """When an elevator must be seen next. Both days are included; they may lie in the past."""

    first_day: date
    """From this day on a visit is worth making."""

    last_day: date
    """By the end of this day it must have been made."""

    maintenance_class: str
    """The highest class that is due; it includes the lower ones."""

    mode_effective: Mode
    fallen_back: bool
    """Whether an elevator that is registered on demand is at the fixed intervals."""

    fixed_again_on: date | None
    """To be handed in again as `ModeHistory.fixed_again_on` next time."""

    checked_on: date | None
    """To be handed in again as `MonitorFacts.checked_on` next time."""

    paused: bool
    """Whether the elevator is stopped: no visit is due until it is put back into use, and one is due before."""

    gap_days: int
    """Days between two visits that count for it now, by its pack, its filing or its programme."""

    best_day: date | None = None
    """The day of the window that costs least by the expected faults; None where they are not known."""


def due_window(facts: ElevatorFacts, pack: RulePack, today: date) -> tuple[DueWindow, Receipt] | None:
    """Compute an elevator's due window.

    The last day is the earliest day that any rule allows: it never lies beyond the legal gap, and more use can only bring it
    forward. A window whose last day has passed stays where it is.

    Parameters
    ----------
    facts
        What is known of the elevator; the order of its lists does not matter.
    pack
        The elevator's rule pack.
    today
        The local day at the elevator.

    Returns
    -------
    tuple[DueWindow, Receipt] | None
        The window and why; None for a scrapped elevator, which is not maintained any more.
    """
    if facts.state == "scrapped":
        return None
    own = own_pack(facts, pack, today)
    mode = decide_mode(facts, own, today)
    now = situation(facts, own, today, mode, pack)
    found = _every_day(now)
    found = _ordered([*found, *from_later_versions(facts, pack, today, mode, found, _every_day)])
    last_day = found[0].day
    following = now.limits.visit_gap.after(max(last_day, today))
    maintenance_class, because = _class_due(found, following)
    first_day = _first_day(now, found[0])
    paused = paused_reason(now, maintenance_class)
    best = _best(now, first_day, last_day) if paused is None else None
    window = DueWindow(
        first_day=first_day, last_day=last_day, maintenance_class=maintenance_class, mode_effective=mode.effective,
        fallen_back=mode.fallen_back, fixed_again_on=mode.fixed_again_on, paused=paused is not None,
        gap_days=min(now.limits.visit_gap.surely_days, now.limits.class_gaps.of(CLASSES[0]).surely_days),
        checked_on=today if now.checked_from_afar else facts.monitor.checked_on,
        best_day=None if best is None else best.day,
    )  # fmt: skip
    receipt = Receipt(
        pack=pack.id, pack_title=Text(pack.title_zh, pack.title_en), pack_version=pack.version, gap_days=window.gap_days,
        on_day=today, first_day=first_day, first_day_reason=first_day_reason(now, found[0]),
        first_day_cites=cited(pack.first_day, pack), last_day=last_day, maintenance_class=maintenance_class,
        class_reason=class_reason(maintenance_class, because, following, pack),
        sentence=sentence(found[0], maintenance_class, pack), mode=mode, candidates=tuple(found),
        assumptions=tuple(assumptions(now)), would_move=tuple(would_move(now, found)), best=best, paused=paused,
    )  # fmt: skip
    return window, receipt


def counters_wanted(facts: ElevatorFacts, pack: RulePack) -> dict[tuple[str, date], set[int]]:
    """Return the counters whose use since a day the wear budgets ask for, with the budgets that it is held against."""
    budgets = budgets_by_item(pack.wear_budgets)
    found = ((budgets.get(state.item.code), state) for state in item_states(facts, pack.item_list) if not state.left_out)
    wanted: dict[tuple[str, date], set[int]] = {}
    for budget, state in found:
        if budget is None:
            continue
        wanted.setdefault((budget.counter, state.since), set()).add(budget.most)
        factor = factor_of(budget.counter, pack.counter_factors)
        if factor is not None:
            wanted.setdefault((factor.from_counter, state.since), set()).add(threshold(budget.most, factor))
    return wanted


def _best(now: Situation, first_day: date, last_day: date) -> BestDay | None:
    """Return the day that costs least of those that are left of the window."""
    if now.facts.risk is None:
        return None
    last_visit = None if now.last is None else now.last.day
    return best_day(now.facts.risk, last_visit, max(first_day, now.today), last_day)


def _every_day(now: Situation) -> list[Candidate]:
    """Return every rule's last day, in the order of the rules."""
    return [candidate for rule in _RULES for candidate in rule(now)]


def _ordered(candidates: list[Candidate]) -> list[Candidate]:
    """Return candidates with the earliest first; the first one binds."""
    found = sorted(candidates, key=lambda candidate: candidate.day)
    return [_binding(found[0]), *found[1:]]


def _binding(candidate: Candidate) -> Candidate:
    return Candidate(**{name: getattr(candidate, name) for name in candidate.__struct_fields__} | {"binds": True})


def _class_due(found: list[Candidate], following: date) -> tuple[str, Candidate | None]:
    """Return the highest class that would run past a limit before the visit after this one, and the limit.

    Parameters
    ----------
    found
        All candidates, by day.
    following
        The latest day of the visit after this one; a limit on that very day can still be kept by it.
    """
    due = [candidate for candidate in found if candidate.day < following or candidate.binds]
    highest = max((class_rank(candidate.maintenance_class) for candidate in due), default=0)
    because = next((candidate for candidate in due if class_rank(candidate.maintenance_class) == highest), None)
    return CLASSES[highest], because if highest else None


def _first_day(now: Situation, binding: Candidate) -> date:
    """Return from when a visit is worth making: never after the last day."""
    if now.last is None:
        return min(now.start, binding.day)
    days = (binding.day - now.last.day).days
    first = plus_days(now.last.day, math.floor(now.pack.first_day.share * days)) if days > 0 else binding.day
    urgent = now.mode.fixed_again_on
    if urgent is not None and binding.cites.rule.startswith("fall_back."):
        first = min(first, urgent)
    return min(first, binding.day)
