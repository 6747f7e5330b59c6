"""What ends longer gaps: the twelve triggers, one function each, and which mode counts in the end."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

from planner.intervals.days import latest, plus_days, plus_months, years_passed
from planner.intervals.eligibility import conditions, health_of, worse_credit
from planner.intervals.facts import ElevatorFacts
from planner.intervals.pack import RulePack, Trigger
from planner.intervals.receipt import ConditionResult, ModeReceipt, Text, TriggerResult
from planner.intervals.wording import cited

Given = tuple[date | None, Text] | None
"""The day since when a trigger is given, with the reason; None where it is not given."""

_EXPLAINED_BY = {
    "E1": {"credit_class"},
    "E2": {"agreement"},
    "E3": {"inspection"},
    "E4": {"monitor_silent"},
    "E5": {"insurance"},
    "E7": {"incident", "age"},
}
"""Conditions that a trigger ends: an elevator that lacks only these was entitled before, and falls back with its grace."""


def decide_mode(facts: ElevatorFacts, pack: RulePack, today: date) -> ModeReceipt:
    """Return which mode counts today, and why.

    An elevator that fell back stays at the fixed intervals until the reasons are gone and a visit has been made since.
    """
    if facts.mode == "fixed":
        return ModeReceipt(
            registered="fixed", effective="fixed", fallen_back=False, fixed_again_on=_noticed(facts, today, False)
        )
    if pack.on_demand is None:
        only_fixed = Text(f"规则包{pack.id}只有定期维保", f"the rule pack {pack.id} has fixed intervals only")
        return ModeReceipt(
            registered="on_demand", effective="fixed", fallen_back=True, reasons=(only_fixed,),
            fixed_again_on=_noticed(facts, today, False),
        )  # fmt: skip
    if pack.effective_until is not None and max(pack.version, today) > pack.effective_until:
        until = pack.effective_until
        ended = Text(f"规则包{pack.id}已于{until}终止", f"the rule pack {pack.id} ended on {until}")
        return ModeReceipt(
            registered="on_demand", effective="fixed", fallen_back=True, reasons=(ended,),
            fixed_again_on=_noticed(facts, today, True),
        )  # fmt: skip
    found, given = conditions(facts, pack, today), triggers(facts, pack, today)
    reasons = _reasons(facts, found, given)
    if not reasons:
        return ModeReceipt(
            registered="on_demand",
            effective="on_demand",
            fallen_back=False,
            fixed_again_on=None,
            conditions=found,
            triggers=given,
        )
    fired = {trigger.key for trigger in given}
    entitled = all(result.outcome == "met" or _EXPLAINED_BY.get(result.key, set()) & fired for result in found)
    return ModeReceipt(
        registered="on_demand", effective="fixed", fallen_back=True, fixed_again_on=_noticed(facts, today, entitled),
        reasons=reasons, conditions=found, triggers=given,
    )  # fmt: skip


def _noticed(facts: ElevatorFacts, today: date, entitled: bool) -> date | None:
    """Return the day on which longer gaps were seen to have ended; None for an elevator that never had them.

    Parameters
    ----------
    facts, today
        As ever.
    entitled
        Whether an elevator that is looked at for the first time may have had longer gaps before.
    """
    before = facts.history
    if before.effective == "on_demand" or (before.effective is None and entitled):
        return today
    return before.fixed_again_on


def _reasons(facts: ElevatorFacts, found: tuple[ConditionResult, ...], given: tuple[TriggerResult, ...]) -> tuple[Text, ...]:
    fired = {trigger.key for trigger in given}
    unmet = [result for result in found if result.outcome != "met" and not _EXPLAINED_BY.get(result.key, set()) & fired]
    reasons = [trigger.reason for trigger in given] + [result.reason for result in unmet]
    since = facts.history.fixed_again_on
    if not reasons and since is not None and facts.history.effective == "fixed":
        last = latest(*(visit.day for visit in facts.visits))
        if last is None or last < since:
            reasons.append(
                Text(f"原因已消除；自{since}起尚无维保，下次维保完成后恢复按需",
                     f"the reasons are gone, but there was no visit since {since}: the next one restores it")
            )  # fmt: skip
    return tuple(reasons)


def triggers(facts: ElevatorFacts, pack: RulePack, today: date) -> tuple[TriggerResult, ...]:
    """Return the triggers that are given, in the pack's order."""
    if pack.on_demand is None:
        return ()
    results = []
    for trigger in pack.on_demand.triggers:
        given = _CHECKS[trigger.key](facts, trigger, today)
        if given is not None:
            results.append(TriggerResult(key=trigger.key, since=given[0], reason=given[1], cites=cited(trigger, pack)))
        if trigger.key == "monitor_silent":
            results += _data_not_usable(facts, pack, today, silent=given is not None)
    return tuple(results)


def _data_not_usable(facts: ElevatorFacts, pack: RulePack, today: date, *, silent: bool) -> list[TriggerResult]:
    """Return what ends longer gaps because the monitor's data cannot be relied on, beside its silence now."""
    limits = None if pack.on_demand is None else pack.on_demand.data_health
    health = health_of(facts, pack, today)
    if health is None or limits is None:
        return []
    return [
        TriggerResult(
            key="monitor_silent", since=reason.since, reason=reason.text, cites=cited(limits, pack), inputs=reason.inputs
        )
        for reason in health.reasons
        if reason.state == "not_usable" and not (silent and reason.lasts)
    ]


def faults_reached(facts: ElevatorFacts, kinds: tuple[str, ...], within_days: int, count: int, today: date) -> date | None:
    """Return the day on which the number of faults in the days up to today reached a count; None where it has not."""
    days = sorted(event.day for event in facts.events if event.kind in kinds and event.day > today - timedelta(within_days))
    return days[count - 1] if len(days) >= count else None


def _monitor_silent(facts: ElevatorFacts, trigger: Trigger, today: date) -> Given:
    monitor, hours = facts.monitor, trigger.hours or 1
    if monitor.since is None or monitor.since > today or monitor.silent_h is None or monitor.silent_h <= hours:
        return None
    silent = int(monitor.silent_h)
    reason = Text(f"监测离线{silent}小时，超过{hours}小时", f"the monitor has been silent for {silent} h, more than {hours} h")
    return None if monitor.seen_on is None else plus_days(monitor.seen_on, hours // 24), reason


def _inspection(facts: ElevatorFacts, trigger: Trigger, today: date) -> Given:  # noqa: ARG001 - one shape for all
    failed = [period.starts_on for period in facts.periods if period.kind == "inspection_failed" and period.covers(today)]
    if failed and not (facts.inspected_on and facts.inspected_on > min(failed)):
        return min(failed), Text("检验不合格", "the inspection was not passed")
    due = facts.inspection_due_on
    if due is not None and due < today:
        return plus_days(due, 1), Text(f"检验已于{due}到期", f"the inspection was due on {due}")
    return None


def _incident(facts: ElevatorFacts, trigger: Trigger, today: date) -> Given:
    since = today - timedelta(trigger.within_days or 1)
    days = [event.day for event in facts.events if event.kind in trigger.kinds and event.day > since]
    days += [period.starts_on for period in facts.periods if period.kind == "incident" and since < period.starts_on <= today]
    if not days:
        return None
    return max(days), Text(f"{max(days)}发生困人、意外移动或者同类事件",
                           f"entrapment, unintended movement or the like on {max(days)}")  # fmt: skip


def _fault_rate(facts: ElevatorFacts, trigger: Trigger, today: date) -> Given:
    count, days = trigger.count or 1, trigger.within_days or 1
    day = faults_reached(facts, trigger.kinds, days, count, today)
    if day is None:
        return None
    return day, Text(f"{days}日内故障达到{count}次", f"{count} faults or more in {days} days")


def _credit_class(facts: ElevatorFacts, trigger: Trigger, today: date) -> Given:
    firm = facts.firm
    if firm.violation_since is not None and firm.violation_since <= today:
        day = firm.violation_since
        return day, Text(f"维保单位自{day}起有严重违法记录", f"the firm has had a serious violation on record since {day}")
    if firm.licence_expires_on is not None and firm.licence_expires_on < today:
        day = firm.licence_expires_on
        return plus_days(day, 1), Text(f"维保单位许可已于{day}到期", f"the firm's licence ended on {day}")
    if worse_credit(firm.credit_class, trigger.worst_credit_class or "A"):
        return None, Text(f"维保单位信用分类为{firm.credit_class}级", f"the firm's credit class is {firm.credit_class}")
    return None


def _insurance(facts: ElevatorFacts, trigger: Trigger, today: date) -> Given:  # noqa: ARG001 - one shape for all
    until = facts.agreement.insurance_until
    if until is None or until >= today:
        return None
    return plus_days(until, 1), Text(f"责任保险已于{until}到期", f"the liability insurance ended on {until}")


def _agreement(facts: ElevatorFacts, trigger: Trigger, today: date) -> Given:  # noqa: ARG001 - one shape for all
    agreement = facts.agreement
    if agreement.withdrawn_on is not None and agreement.withdrawn_on <= today:
        day = agreement.withdrawn_on
        return day, Text(f"使用单位已于{day}撤回同意", f"the owner withdrew on {day}")
    if agreement.ends_on is not None and agreement.ends_on < today:
        day = agreement.ends_on
        return plus_days(day, 1), Text(f"合同已于{day}终止", f"the contract ended on {day}")
    return None


def _age(facts: ElevatorFacts, trigger: Trigger, today: date) -> Given:
    years = trigger.most_years or 1
    if facts.in_use_since is None or not years_passed(facts.in_use_since, today, years):
        return None
    day = plus_days(plus_months(facts.in_use_since, 12 * years), 1)
    return day, Text(f"使用年限超过{years}年", f"in use for more than {years} years")


def _period(facts: ElevatorFacts, trigger: Trigger, today: date) -> Given:
    """Find a major event, an order, a complaint or a repair that somebody entered; a repair ends with a later inspection."""
    running = [period for period in facts.periods if period.kind == trigger.key and period.covers(today)]
    if trigger.key == "major_repair":
        done = facts.inspected_on
        running = [period for period in running if done is None or done <= period.starts_on]
    if not running:
        return None
    first = min(running, key=lambda period: (period.starts_on, period.name))
    # What is public must not name who complained.
    zh, en = ("", "") if trigger.key == "complaint" else (f"：{first.name}", f": {first.name}")
    return first.starts_on, Text(f"{trigger.title_zh}{zh}（自{first.starts_on}起）",
                                 f"{trigger.title_en}{en} (since {first.starts_on})")  # fmt: skip


_CHECKS: dict[str, Callable[[ElevatorFacts, Trigger, date], Given]] = {
    "monitor_silent": _monitor_silent,
    "inspection": _inspection,
    "incident": _incident,
    "fault_rate": _fault_rate,
    "major_event": _period,
    "credit_class": _credit_class,
    "insurance": _insurance,
    "agreement": _agreement,
    "major_repair": _period,
    "age": _age,
    "complaint": _period,
    "authority_order": _period,
}
