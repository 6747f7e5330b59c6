"""The gap that runs now between two visits of an elevator, as a deferral sees it."""

from __future__ import annotations

from datetime import date

from msgspec import Struct

from planner.intervals.deferral import NOT_ALLOWED, PASSED, Refused, holding
from planner.intervals.facts import DeferralFact, ElevatorFacts
from planner.intervals.fallback import decide_mode
from planner.intervals.own import own_pack
from planner.intervals.pack import RulePack
from planner.intervals.situation import situation


class RunningGap(Struct, frozen=True, kw_only=True):
    """From when a gap counts, and by when it ends."""

    counted_from: date
    due: date
    """The last day before any deferral."""

    limits: RulePack
    """Whose gaps count."""

    held: tuple[DeferralFact, ...]
    """Its deferrals that hold."""

    fixed: Refused | None
    """Why nothing can move it; None where a deferral may."""

    @property
    def most_days(self) -> int:
        """Days that may still be added."""
        rules = self.limits.deferral
        if rules is None or self.fixed is not None:
            return 0
        most = min(rules.most_days, self.limits.visit_gap.days)
        return max(0, most - sum(one.days for one in self.held))


def running_gap(facts: ElevatorFacts, pack: RulePack, today: date) -> RunningGap:
    """Return the gap that runs now.

    Parameters
    ----------
    facts, pack, today
        As for `due_window`.
    """
    own = own_pack(facts, pack, today)
    mode = decide_mode(facts, own, today)
    now = situation(facts, own, today, mode, pack)
    since, limits = now.counted_from, now.limits
    due = limits.visit_gap.after(since)
    noticed = mode.fixed_again_on
    fixed: Refused | None = None
    if mode.effective == "on_demand":
        fixed = Refused(
            field="days", zh="按需维保的间隔不可延期", en="the gap on demand is not deferred: it is the longest that may be"
        )
    elif noticed is not None and since < noticed:
        fixed = Refused(
            field="days", zh="自{noticed}起恢复定期维保，此次到场不可延期",
            en="back to fixed intervals since {noticed}: this visit is not deferred", values={"noticed": str(noticed)},
        )  # fmt: skip
    elif limits.deferral is None:
        fixed = Refused(field="days", zh=NOT_ALLOWED[0], en=NOT_ALLOWED[1], values={"pack": limits.id})
    elif today > due:
        fixed = Refused(field="days", zh=PASSED[0], en=PASSED[1], values={"due": str(due)})
    return RunningGap(
        counted_from=since, due=due, limits=limits, held=holding(facts.deferrals, limits, since, due), fixed=fixed
    )
