"""May an elevator be maintained on demand: the conditions E1 to E9, one function each.

Longer gaps need proof: what is not known counts as not met.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

from planner.intervals.days import years_passed
from planner.intervals.facts import ElevatorFacts
from planner.intervals.pack import Condition, RulePack
from planner.intervals.pack_faults import CREDIT_CLASSES
from planner.intervals.receipt import ConditionResult, Outcome, Text
from planner.intervals.wording import cited

Answer = tuple[Outcome, Text]


def conditions(facts: ElevatorFacts, pack: RulePack, today: date) -> tuple[ConditionResult, ...]:
    """Return what is found for each condition of the pack, in the pack's order; none for a pack of fixed intervals."""
    if pack.on_demand is None:
        return ()
    results = []
    for condition in pack.on_demand.conditions:
        outcome, reason = _CHECKS[condition.key](facts, condition, today)
        title = Text(condition.title_zh, condition.title_en)
        results.append(
            ConditionResult(key=condition.key, outcome=outcome, title=title, reason=reason, cites=cited(condition, pack))
        )
    return tuple(results)


def worse_credit(credit_class: str, worst: str) -> bool | None:
    """Return whether a credit class is worse than the worst allowed; None where the class is no known one."""
    if credit_class not in CREDIT_CLASSES:
        return None
    return CREDIT_CLASSES.index(credit_class) > CREDIT_CLASSES.index(worst)


def _met(zh: str, en: str) -> Answer:
    return "met", Text(zh, en)


def _not_met(zh: str, en: str) -> Answer:
    return "not_met", Text(zh, en)


def _unknown(zh: str, en: str) -> Answer:
    return "unknown", Text(zh, en)


def _firm(facts: ElevatorFacts, condition: Condition, today: date) -> Answer:
    """E1."""
    firm = facts.firm
    if not firm.licence_number:
        return _not_met("维保单位未登记许可证号", "no licence number of the firm is registered")
    if firm.licence_expires_on is None:
        return _unknown("维保单位许可有效期未登记", "the end of the firm's licence is not registered")
    if firm.licence_expires_on < today:
        day = firm.licence_expires_on
        return _not_met(f"维保单位许可已于{day}到期", f"the firm's licence ended on {day}")
    if not firm.credit_class:
        day = firm.licence_expires_on
        return _met(f"许可有效至{day}；未登记信用分类", f"licensed until {day}; no credit class is registered")
    worse = worse_credit(firm.credit_class, condition.worst_credit_class or CREDIT_CLASSES[0])
    if worse is None:
        return _unknown(f"信用分类“{firm.credit_class}”不是A至D", f"the credit class {firm.credit_class!r} is none of A to D")
    if worse:
        return _not_met(f"信用分类为{firm.credit_class}级", f"the firm's credit class is {firm.credit_class}")
    day = firm.licence_expires_on
    return _met(f"许可有效至{day}，信用分类{firm.credit_class}级", f"licensed until {day}, credit class {firm.credit_class}")


def _agreement(facts: ElevatorFacts, condition: Condition, today: date) -> Answer:  # noqa: ARG001 - one shape for all
    """E2."""
    agreement = facts.agreement
    if agreement.starts_on is None:
        return _not_met("未登记维保合同", "no contract is registered")
    if agreement.starts_on > today:
        return _not_met(f"合同自{agreement.starts_on}起生效", f"the contract begins on {agreement.starts_on}")
    if agreement.ends_on is not None and agreement.ends_on < today:
        return _not_met(f"合同已于{agreement.ends_on}终止", f"the contract ended on {agreement.ends_on}")
    if agreement.consent_on is None or agreement.consent_on > today:
        return _not_met("使用单位尚未书面同意按需维保", "the owner has not agreed in writing to maintenance on demand")
    if agreement.withdrawn_on is not None and agreement.withdrawn_on <= today:
        return _not_met(f"使用单位已于{agreement.withdrawn_on}撤回同意", f"the owner withdrew on {agreement.withdrawn_on}")
    return _met(f"使用单位于{agreement.consent_on}书面同意", f"the owner agreed in writing on {agreement.consent_on}")


def _inspection(facts: ElevatorFacts, condition: Condition, today: date) -> Answer:  # noqa: ARG001 - one shape for all
    """E3."""
    if facts.state != "in_use":
        return _not_met("电梯未在使用", "the elevator is not in use")
    failed = [period for period in facts.periods if period.kind == "inspection_failed" and period.covers(today)]
    if failed and not (facts.inspected_on and facts.inspected_on > min(period.starts_on for period in failed)):
        return _not_met("最近一次检验不合格", "the last inspection was not passed")
    due = facts.inspection_due_on
    if due is None:
        return _unknown("未登记下次检验日期", "the day of the next inspection is not registered")
    if due < today:
        return _not_met(f"检验已于{due}到期", f"the inspection was due on {due}")
    return _met(f"检验有效至{due}", f"the inspection is valid until {due}")


def _monitoring(facts: ElevatorFacts, condition: Condition, today: date) -> Answer:
    """E4."""
    monitor, hours = facts.monitor, condition.hours or 1
    if monitor.since is None or monitor.since > today:
        return _not_met("未登记远程监测装置", "no remote monitor is registered")
    if monitor.silent_h is None:
        return _not_met("监测装置从未上传数据", "the monitor has never sent anything")
    if monitor.silent_h > hours:
        silent = int(monitor.silent_h)
        return _not_met(
            f"监测装置已离线{silent}小时（上限{hours}小时）", f"the monitor has been silent for {silent} h (at most {hours} h)"
        )
    least, days = condition.least_online or 0.0, condition.within_days or 1
    share = monitor.online_share
    if facts.history.fixed_again_on is not None and (share is None or share < least):
        shown = "?" if share is None else f"{share:.1%}"
        return _not_met(
            f"恢复按需之前，近{days}日在线率须达到{least:.0%}，现为{shown}",
            f"before it is restored it must have been online for {least:.0%} of {days} days; it was for {shown}",
        )
    return _met(f"自{monitor.since}起监测，在线", f"monitored since {monitor.since}, online")


def _insurance(facts: ElevatorFacts, condition: Condition, today: date) -> Answer:  # noqa: ARG001 - one shape for all
    """E5."""
    until = facts.agreement.insurance_until
    if until is None:
        return _not_met("未登记电梯责任保险", "no liability insurance is registered")
    if until < today:
        return _not_met(f"责任保险已于{until}到期", f"the liability insurance ended on {until}")
    return _met(f"责任保险有效至{until}", f"insured until {until}")


def _disclosure(facts: ElevatorFacts, condition: Condition, today: date) -> Answer:  # noqa: ARG001 - one shape for all
    """E6: the filing holds the self-declaration, and the public page of every elevator discloses the rest."""
    if not facts.filing:
        return _not_met("无备案，即无自我声明", "without a filing there is no self-declaration")
    return _met(
        f"自我声明见备案{facts.filing}；维保方式、上次与下次维保在公示页面公开",
        f"self-declaration in filing {facts.filing}; the public page shows mode, last and next visit",
    )


def _age_and_incidents(facts: ElevatorFacts, condition: Condition, today: date) -> Answer:
    """E7."""
    years, days = condition.most_years or 1, condition.within_days or 1
    if facts.hazard_since is not None:
        return _not_met(
            f"自{facts.hazard_since}起有未消除的严重隐患", f"a serious hazard has been open since {facts.hazard_since}"
        )
    recent = [event.day for event in facts.events if event.kind in condition.kinds and event.day > today - timedelta(days)]
    if recent:
        return _not_met(f"{max(recent)}发生困人或者同类事件", f"there was an entrapment or the like on {max(recent)}")
    if facts.in_use_since is None:
        return _unknown("投入使用日期未登记", "the day it was put into use is not registered")
    if years_passed(facts.in_use_since, today, years):
        return _not_met(
            f"自{facts.in_use_since}使用，已超过{years}年", f"in use since {facts.in_use_since}, for more than {years} years"
        )
    return _met(
        f"自{facts.in_use_since}使用，{days}日内无此类事件",
        f"in use since {facts.in_use_since}, nothing of the kind in {days} days",
    )


def _place(facts: ElevatorFacts, condition: Condition, today: date) -> Answer:  # noqa: ARG001 - one shape for all
    """E8."""
    if not facts.site_kind:
        return _unknown("场所类型未登记", "the kind of the site is not registered")
    if facts.site_kind in condition.site_kinds:
        return _not_met(f"场所类型为{facts.site_kind}", f"the site is a {facts.site_kind}")
    return _met(f"场所类型为{facts.site_kind}", f"the kind of the site is {facts.site_kind}")


def _filing(facts: ElevatorFacts, condition: Condition, today: date) -> Answer:  # noqa: ARG001 - one shape for all
    """E9."""
    if not facts.filing:
        return _not_met("未登记备案", "no filing is registered")
    if facts.filed_on is None:
        return _unknown(f"备案{facts.filing}的日期未登记", f"the day of filing {facts.filing} is not registered")
    if facts.filed_on > today:
        return _not_met(f"备案{facts.filing}自{facts.filed_on}起", f"filing {facts.filing} begins on {facts.filed_on}")
    return _met(f"备案{facts.filing}，{facts.filed_on}", f"filing {facts.filing} of {facts.filed_on}")


_CHECKS: dict[str, Callable[[ElevatorFacts, Condition, date], Answer]] = {
    "E1": _firm,
    "E2": _agreement,
    "E3": _inspection,
    "E4": _monitoring,
    "E5": _insurance,
    "E6": _disclosure,
    "E7": _age_and_incidents,
    "E8": _place,
    "E9": _filing,
}
