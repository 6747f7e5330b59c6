"""May an elevator be maintained on demand: the conditions E1 to E9, one function each.

Longer gaps need proof: what is not known counts as not met.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

from planner.intervals.days import plus_days, plus_months, years_passed
from planner.intervals.facts import ElevatorFacts
from planner.intervals.health import Health, assess
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
        if condition.key == "E4" and outcome == "met":
            outcome, reason = _data(facts, pack, today, reason)
        title = Text(condition.title_zh, condition.title_en)
        results.append(
            ConditionResult(key=condition.key, outcome=outcome, title=title, reason=reason, cites=cited(condition, pack))
        )
    return tuple(results)


def health_of(facts: ElevatorFacts, pack: RulePack, today: date) -> Health | None:
    """Return how far the data of an elevator's monitor can be relied on; None where nobody looked or the pack does not ask."""
    limits = None if pack.on_demand is None else pack.on_demand.data_health
    known, since = facts.monitor.health, facts.monitor.since
    if limits is None or known is None or since is None or since > today:
        return None
    return assess(known, limits)


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
    if firm.violation_since is not None and firm.violation_since <= today:
        day = firm.violation_since
        return _not_met(f"维保单位自{day}起有严重违法记录", f"the firm has had a serious violation on record since {day}")
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


def _data(facts: ElevatorFacts, pack: RulePack, today: date, online: Text) -> Answer:
    """E4 again, of a monitor that is online: its data must be such as can be relied on."""
    health = health_of(facts, pack, today)
    bad = None if health is None else health.ends_longer_gaps
    return ("met", online) if bad is None else ("not_met", bad.text)


def _insurance(facts: ElevatorFacts, condition: Condition, today: date) -> Answer:  # noqa: ARG001 - one shape for all
    """E5."""
    until = facts.agreement.insurance_until
    if until is None:
        return _not_met("未登记电梯责任保险", "no liability insurance is registered")
    if until < today:
        return _not_met(f"责任保险已于{until}到期", f"the liability insurance ended on {until}")
    return _met(f"责任保险有效至{until}", f"insured until {until}")


def _disclosure(facts: ElevatorFacts, condition: Condition, today: date) -> Answer:  # noqa: ARG001 - one shape for all
    """E6: a self-declaration, of its own or in the filing; the public page of every elevator discloses the rest."""
    declared = facts.declared_on
    if declared is not None and declared > today:
        return _not_met(f"自我声明自{declared}起", f"the self-declaration begins on {declared}")
    if declared is not None:
        return _met(
            f"{declared}自我声明；维保方式、项目、间隔、质量目标与履行情况在公示页面公开",
            f"self-declared on {declared}; the public page shows mode, items, intervals, target and what was kept",
        )
    if not facts.filing:
        return _not_met(
            "无备案，未登记自我声明", "without a filing, and without a day of its own, there is no self-declaration"
        )
    return _met(
        f"自我声明见备案{facts.filing}；维保方式、上次与下次维保在公示页面公开",
        f"self-declaration in filing {facts.filing}; the public page shows mode, last and next visit",
    )


def _age_and_incidents(facts: ElevatorFacts, condition: Condition, today: date) -> Answer:
    """E7."""
    years, days = condition.most_years or 1, condition.within_days or 1
    if facts.watch:
        watched = WATCH_LISTS.get(facts.watch, Text(facts.watch, facts.watch))
        return _not_met(f"列入{watched.zh}名单", f"it stands on the list of {watched.en}")
    if facts.hazard_since is not None:
        return _not_met(
            f"自{facts.hazard_since}起有未消除的严重隐患", f"a serious hazard has been open since {facts.hazard_since}"
        )
    recent = [event.day for event in facts.events if event.kind in condition.kinds and event.day > today - timedelta(days)]
    recent += [
        period.starts_on
        for period in facts.periods
        if period.kind == "incident" and today - timedelta(days) < period.starts_on <= today
    ]
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
    if facts.special_kind in condition.special_kinds:
        special = SPECIAL_KINDS.get(facts.special_kind, Text(facts.special_kind, facts.special_kind))
        return _not_met(f"属于{special.zh}", f"it is {special.en}")
    if not facts.site_kind:
        return _unknown("场所类型未登记", "the kind of the site is not registered")
    if facts.site_kind in condition.site_kinds:
        return _not_met(f"场所类型为{_site_zh(facts)}", f"the site is a {facts.site_kind}")
    return _met(f"场所类型为{_site_zh(facts)}", f"the kind of the site is {facts.site_kind}")


def _site_zh(facts: ElevatorFacts) -> str:
    return SITE_KINDS_ZH.get(facts.site_kind, facts.site_kind)


def _filing(facts: ElevatorFacts, condition: Condition, today: date) -> Answer:
    """E9."""
    if not facts.filing:
        return _not_met("未登记备案", "no filing is registered")
    if facts.filed_on is None:
        return _unknown(f"备案{facts.filing}的日期未登记", f"the day of filing {facts.filing} is not registered")
    if facts.filed_on > today:
        return _not_met(f"备案{facts.filing}自{facts.filed_on}起", f"filing {facts.filing} begins on {facts.filed_on}")
    for asked in (_filed_gap, _filed_in_time, _trial):
        if (answer := asked(facts, condition, facts.filed_on)) is not None:
            return answer
    return _met(f"备案{facts.filing}，{facts.filed_on}", f"filing {facts.filing} of {facts.filed_on}")


def _filed_gap(facts: ElevatorFacts, condition: Condition, _filed_on: date) -> Answer | None:
    """Say whether a scheme that takes the gap from the filing finds one there."""
    if not condition.gap_days:
        return None
    named, known = facts.filed_gap_days, "/".join(str(days) for days in condition.gap_days)
    if named is None:
        return _not_met(
            f"未登记备案{facts.filing}写明的间隔（{known}日）",
            f"the gap that filing {facts.filing} names is not registered ({known} days)",
        )
    if named not in condition.gap_days:
        return _not_met(
            f"备案{facts.filing}写明{named}日，方案只许{known}日",
            f"filing {facts.filing} names {named} days; the scheme knows {known}",
        )
    return None


def _filed_in_time(facts: ElevatorFacts, condition: Condition, filed_on: date) -> Answer | None:
    """Say whether the filing came before the running gap was a longer one; a later one counts from the next visit on."""
    last = max((visit.day for visit in facts.visits), default=None)
    if condition.within_days is None or last is None:
        return None
    begins = plus_days(last, condition.within_days)
    if filed_on <= begins:
        return None
    return _not_met(
        f"备案{facts.filing}（{filed_on}）晚于本次间隔的第{condition.within_days}日（{begins}）：下次维保后起算",
        f"filing {facts.filing} of {filed_on} came after day {condition.within_days} of the running gap, {begins}: "
        "it counts from the next visit on",
    )


def _trial(facts: ElevatorFacts, condition: Condition, filed_on: date) -> Answer | None:
    """Say whether the approval came after the months of trial that a regime asks for."""
    months, since = condition.trial_months, facts.monitor.since
    if months is None or (since is not None and plus_months(since, months) <= filed_on):
        return None
    shown = "?" if since is None else str(since)
    return _not_met(
        f"批准（{filed_on}）之前须试运行{months}个月，监测自{shown}起",
        f"an approval of {filed_on} needs {months} months of trial before it; it is monitored since {shown}",
    )


SITE_KINDS_ZH = {
    "residential": "住宅", "office": "办公", "hospital": "医院", "mall": "商场", "hotel": "宾馆", "school": "学校",
    "station": "车站", "other": "其他",
}  # fmt: skip

WATCH_LISTS = {
    "three_without": Text("“三无”电梯", "elevators without manager, maintenance or funds"),
    "listed_hazard": Text("挂牌督办的重大隐患电梯", "elevators with a major hazard under supervision"),
}
"""Lists of the authority."""

SPECIAL_KINDS = {
    "firefighter": Text("消防员电梯", "a firefighters' elevator"),
    "explosion_proof": Text("防爆电梯", "an explosion-proof elevator"),
}

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
