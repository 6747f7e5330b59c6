"""The sentences of a receipt that look at all candidates together."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from planner.intervals.candidates import missing_classes
from planner.intervals.own import own_gap_notes
from planner.intervals.pack import RulePack
from planner.intervals.receipt import Candidate, Text
from planner.intervals.situation import Situation
from planner.intervals.wear import budgets_by_item, outlook_of, usage_for
from planner.intervals.wording import counters_text, names_of, number


def sentence(binding: Candidate, maintenance_class: str, pack: RulePack) -> Text:
    """Return the binding rule as one sentence."""
    names = names_of(pack, maintenance_class)
    cites = binding.cites
    return Text(
        f"{binding.day}之前须完成{names.zh}：{binding.sentence.zh}（{cites.source.zh}，{cites.clause.zh}）。",
        f"A visit of the {names.en} is due by {binding.day}: {binding.sentence.en} ({cites.source.en}, {cites.clause.en}).",
    )


def class_reason(maintenance_class: str, because: Candidate | None, following: date, pack: RulePack) -> Text:
    """Return why this class is due."""
    names = names_of(pack, maintenance_class)
    if because is None:
        return Text(
            f"{names.zh}：更高类别的项目在其后一次维保（最迟{following}）之前均不到期",
            f"{names.en}: no item of a higher class reaches its limit before the visit after this one (by {following})",
        )
    return Text(
        f"{names.zh}：其后一次维保最迟在{following}，而此前{because.day}即到限——{because.sentence.zh}",
        f"{names.en}: the visit after this one is by {following}, and the limit is {because.day}: {because.sentence.en}",
    )


def first_day_reason(now: Situation, binding: Candidate) -> Text:
    """Return why a visit is worth making from the first day on."""
    if now.last is None:
        return Text("尚无已知的维保，即可安排", "no visit is known yet, so one is worth making at once")
    if now.mode.fixed_again_on is not None and binding.cites.rule.startswith("fall_back."):
        return Text("恢复定期维保，即可安排", "back to fixed intervals, so a visit is worth making at once")
    share = now.pack.first_day.share
    return Text(
        f"上次维保至最晚日之间经过{share:.0%}后即值得安排",
        f"a visit is worth making once {share:.0%} of the time from the last one to the last day has passed",
    )


def paused_reason(now: Situation, maintenance_class: str) -> Text | None:
    """Return why the window is paused; None where the elevator is in use."""
    if now.facts.state != "stopped":
        return None
    names, why = names_of(now.pack, maintenance_class), now.facts.state_reason
    return Text(
        f"电梯已停用{f'（{why}）' if why else ''}：停用期间不需维保，恢复使用之前须完成{names.zh}",
        f"the elevator is stopped{f' ({why})' if why else ''}: no visit is due meanwhile, and one of the {names.en} is due "
        "before it is put back into use",
    )


def assumptions(now: Situation) -> Iterator[Text]:
    """Yield what was not known, and what was taken instead."""
    facts = now.facts
    if now.last is None:
        yield Text(
            f"尚无已知的已完成维保：自合同生效、投入使用、在本系统登记三者中最晚的{now.start}起计算",
            f"no completed visit is known: the count starts on {now.start}, the latest of the contract's start, the first day "
            "of use and the registration in this system",
        )
    else:
        for name in missing_classes(now):
            names = names_of(now.pack, name)
            yield Text(f"尚无已知的{names.zh}：其项目自{now.start}起计算",
                       f"no visit of the {names.en} is known: its items count from {now.start}")  # fmt: skip
    left_out = [state.item.code for state in now.states if state.left_out]
    if left_out:
        yield Text(
            f"上次答为不适用的项目：{'、'.join(left_out)}", f"answered as not applicable the last time: {', '.join(left_out)}"
        )
    yield from _checks_not_recorded(now)
    yield from _inspection_not_known(now)
    ended = facts.agreement.ends_on
    if ended is not None and ended < now.today:
        yield Text(
            f"登记的合同已于{ended}终止；电梯仍登记在用，继续计算",
            f"the registered contract ended on {ended}; the elevator is still registered, so it is still counted",
        )
    yield from own_gap_notes(facts, now.given, now.today)
    yield from _pack_not_of_today(now)
    yield from _wear_not_known(now)


def _pack_not_of_today(now: Situation) -> Iterator[Text]:
    """Yield that today lies before the first version of the pack, or after the end of its last."""
    pack = now.given
    if now.today < pack.version:
        yield Text(
            f"规则包{pack.id}自{pack.version}起；更早的版本未收录，按此版本",
            f"the rule pack {pack.id} begins on {pack.version}; no earlier version is known, so this one counts",
        )
    elif pack.effective_until is not None and now.today > pack.effective_until and pack.on_demand is None:
        yield Text(
            f"规则包{pack.id}的此版本已于{pack.effective_until}终止；无后续版本，继续按此版本",
            f"this version of {pack.id} ended on {pack.effective_until}; there is no later one, so it goes on counting",
        )


def _checks_not_recorded(now: Situation) -> Iterator[Text]:
    codes = {state.item.code for state in now.states if not state.left_out}
    for check in now.limits.special_checks:
        if check.item in codes and f"{check.item}:{check.key}" not in now.facts.done:
            yield Text(f"未登记上次{check.title_zh}（{check.item}）：自{now.start}起计算",
                       f"no {check.title_en} is recorded ({check.item}): it counts from {now.start}")  # fmt: skip
            if now.facts.in_use_since is None and len(check.bands) > 1:
                yield Text(
                    "使用年限未知：按最短的校验周期", "the age is not known, so the shortest interval of the check counts"
                )


def _inspection_not_known(now: Situation) -> Iterator[Text]:
    inspection = now.facts.inspection_due_on
    if inspection is None:
        yield Text("未登记下次检验日期：未计入检验前自行检查",
                   "the day of the next inspection is not registered: no self-check before it is counted")  # fmt: skip
    elif inspection < now.today:
        yield Text(f"登记的检验日期{inspection}已过：请更新登记",
                   f"the registered day of inspection, {inspection}, has passed: bring the register up to date")  # fmt: skip


def _wear_not_known(now: Situation) -> Iterator[Text]:
    """Yield what is not known about wear, and that sample budgets are samples."""
    silent: set[str] = set()
    sampled = False
    budgets = budgets_by_item(now.pack.wear_budgets)
    for state in now.states:
        budget = budgets.get(state.item.code)
        if budget is None or state.left_out:
            continue
        if usage_for(now.facts.usage, budget, state.since, now.pack.counter_factors)[0] is None:
            silent.add(budget.counter)
        else:
            sampled = sampled or budget.sample
    if silent:
        names = counters_text(silent)
        yield Text(f"没有读数的计数器：{names.zh}——只按日历间隔", f"no readings of {names.en}: the calendar alone counts")
    if sampled:
        yield Text(
            "磨损预算为示例值，非法规，非制造单位要求", "the wear budgets are sample values, neither law nor the manufacturer's"
        )


def would_move(now: Situation, found: list[Candidate]) -> Iterator[Text]:
    """Yield what would bring the window forward, or let it move on."""
    binding, gap = found[0], now.limits.visit_gap.days
    yield Text(
        f"完成一次维保后，最晚日至多移至其后第{gap}日",
        f"a completed visit moves the last day on, to at most {gap} days after it",
    )
    other = next((candidate for candidate in found if candidate.day > binding.day), None)
    if other is not None:
        yield Text(
            f"若无此限，其次为{other.day}：{other.sentence.zh}",
            f"without this limit the next is {other.day}: {other.sentence.en}",
        )
    yield from _more_use(now, found)
    if now.mode.effective == "on_demand" and now.pack.on_demand is not None:
        fixed = now.pack.fixed.visit_gap.after(now.counted_from)
        silence = next((trigger.hours for trigger in now.pack.on_demand.triggers if trigger.key == "monitor_silent"), 24)
        urgent = now.limits.fall_back.past_due.hours
        yield Text(
            f"监测离线超过{silence}小时等情形即恢复定期维保：最迟{fixed}，已过则{urgent}小时内",
            f"if the monitor is silent for more than {silence} h, or another condition ends, the fixed gap counts again: "
            f"by {fixed}, or within {urgent} h where that has passed",
        )
    if now.mode.fallen_back:
        yield Text("恢复按需的条件：上列原因全部消除，且其后完成一次维保",
                   "maintenance on demand comes back once all reasons are gone and a visit was completed since")  # fmt: skip


def _more_use(now: Situation, found: list[Candidate]) -> Iterator[Text]:
    """Yield how much more use would bring the visit forward: of the budget that is nearest without binding."""
    last_day = found[0].day
    days = (last_day - now.today).days
    nearest = next((candidate for candidate in found if candidate.kind == "wear" and candidate.day > last_day), None)
    if nearest is None or days < 1:
        return
    budget = next(one for one in now.pack.wear_budgets if one.id == nearest.cites.rule)
    since = next(state.since for state in now.states if state.item.code == nearest.items[0])
    usage, _ = usage_for(now.facts.usage, budget, since, now.pack.counter_factors)
    outlook = None if usage is None else outlook_of(usage)
    rate = 0.0 if usage is None else usage.per_day if outlook is None else outlook.pattern.per_day
    if usage is None or rate <= 0:
        return
    if outlook is None:
        expected = usage.used + rate * max(0, (now.today - usage.known_until).days)
        needed = (budget.most - expected) / days
    else:  # the same spread in proportion: the upper end on the last day reaches the budget
        upper = outlook.upper(max(1, (last_day - usage.known_until).days), now.pack.forecast.most_chance)
        needed = rate * (budget.most - usage.used) / upper
    yield Text(
        f"若每日使用由{number(rate)}增至{number(needed)}{budget.unit_zh}以上，维保即会提前",
        f"if use went up from {number(rate)} to over {number(needed)} {budget.unit_en} a day, it would come earlier",
    )
