"""The rule of wear: of each budget the items that use it up first, with the forecast that says so."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Final

from msgspec import Struct

from planner.intervals.facts import UsageFact
from planner.intervals.forecast import UsePattern
from planner.intervals.pack import CounterFactor, WearBudget
from planner.intervals.receipt import Candidate, Input, Text
from planner.intervals.situation import ItemState, Situation
from planner.intervals.wear import Reached, budgets_by_item, reached, usage_for
from planner.intervals.wording import counted_from, counters_text, number

WEEKDAYS: Final = (
    Text("周一", "Mon"), Text("周二", "Tue"), Text("周三", "Wed"), Text("周四", "Thu"), Text("周五", "Fri"),
    Text("周六", "Sat"), Text("周日", "Sun"),
)  # fmt: skip


class Worn(Struct, frozen=True, kw_only=True):
    """What is known of a budget since a day."""

    budget: WearBudget
    usage: UsageFact
    factor: CounterFactor | None
    """How the use follows from another counter; None where it is counted itself."""

    when: Reached | None
    """None where the use never reaches the budget."""

    states: tuple[ItemState, ...]
    """The items that have worn since that day."""

    @property
    def share(self) -> float:
        """Share of the budget that is used, silence at the upper end; above 1 where it is passed."""
        expected = self.usage.used if self.when is None else self.when.expected
        return expected / self.budget.most


def wear_states(now: Situation) -> list[Worn]:
    """Return the budgets of an elevator's items of which the use is known, by budget and day.

    They are those of the elevator's own pack, whatever gaps count: falling back never gives more use.
    """
    budgets = budgets_by_item(now.pack.wear_budgets)
    together: dict[tuple[str, date], tuple[WearBudget, list[ItemState]]] = {}
    for state in now.states:
        budget = None if state.left_out else budgets.get(state.item.code)
        if budget is not None:
            together.setdefault((budget.id, state.since), (budget, []))[1].append(state)
    found = []
    for (_, since), (budget, states) in together.items():
        usage, factor = usage_for(now.facts.usage, budget, since, now.pack.counter_factors)
        if usage is not None:
            when = reached(budget.most, usage, now.today, now.pack.forecast.most_chance)
            found.append(Worn(budget=budget, usage=usage, factor=factor, when=when, states=tuple(states)))
    return found


def wear(now: Situation) -> Iterator[Candidate]:
    """Yield the wear budgets: of each budget the items that are due first."""
    found: dict[str, list[tuple[Reached, Worn]]] = {}
    for worn in wear_states(now):
        if worn.when is not None:
            found.setdefault(worn.budget.id, []).append((worn.when, worn))
    for pairs in found.values():
        yield _candidate(now, pairs)


def _candidate(now: Situation, pairs: Sequence[tuple[Reached, Worn]]) -> Candidate:
    day = min(when.day for when, _ in pairs)
    first = [(when, worn) for when, worn in pairs if when.day == day]
    when, worn = max(first, key=lambda pair: pair[0].expected)
    budget, state = worn.budget, worn.states[0]
    inputs = [
        counted_from(state.since, known=state.known),
        _counted(Text("已用", "used"), when.expected, budget),
        _counted(Text("每日", "daily rate"), when.per_day, budget),
        _counted(Text("预算", "budget"), budget.most, budget),
    ]
    if worn.usage.pattern is not None:
        inputs += _forecast(now, when, worn.usage, worn.usage.pattern)
    if worn.factor is not None:
        inputs.append(_derived(worn.factor))
    # The items in the order of the annex, whatever visits they count from.
    items = {one.item.code for _, other in first for one in other.states}
    codes = tuple(state.item.code for state in now.states if state.item.code in items)
    return now.candidate("wear", day, budget.period, budget, _sentence(now, when, worn), *inputs, items=codes, pack=now.pack)


def _counted(name: Text, value: float, budget: WearBudget) -> Input:
    return Input(name=name, value=f"{number(value)} {budget.unit_en}", value_zh=f"{number(value)}{budget.unit_zh}")


def _sentence(now: Situation, when: Reached, worn: Worn) -> Text:
    budget = worn.budget
    share = when.expected / budget.most
    sample_zh, sample_en = ("（示例值，非法规）", " (a sample value, not law)") if budget.sample else ("", "")
    begin = Text(
        f"磨损预算{number(budget.most)}{budget.unit_zh}{sample_zh}已用{share:.0%}",
        f"{share:.0%} of the wear budget of {number(budget.most)} {budget.unit_en}{sample_en} is used",
    )
    if when.chance is None or when.chance_next is None:
        return Text(
            f"{begin.zh}，按每日{number(when.per_day)}计，于{when.day}用完",
            f"{begin.en}; at {number(when.per_day)} a day it is used up on {when.day}",
        )
    limit = percent(now.pack.forecast.most_chance)
    return Text(
        f"{begin.zh}，按各星期几的使用量，{when.day}前超过的可能性为{percent(when.chance)}，次日为{percent(when.chance_next)}（限{limit}）",
        f"{begin.en}; by its use on each weekday the chance of passing it is {percent(when.chance)} by {when.day} and "
        f"{percent(when.chance_next)} a day later (limit {limit})",
    )


def _forecast(now: Situation, when: Reached, usage: UsageFact, pattern: UsePattern) -> Iterator[Input]:
    words = weekdays_text(pattern)
    yield Input(name=Text("各星期几使用量", "use by weekday"), value=words.en, value_zh=words.zh)
    told = f"{pattern.first} – {pattern.last}, {pattern.days} d"
    yield Input(name=Text("依据的完整日", "whole days behind it"), value=told)
    yield Input(name=Text("最近读数", "last reading"), value=usage.known_until.isoformat())
    if when.chance is not None and when.chance_next is not None:
        chances = f"{percent(when.chance)} → {percent(when.chance_next)}"
        yield Input(name=Text("当日及次日前超过的可能性", "chance of passing by that day → a day later"), value=chances)
        yield Input(name=Text("允许的可能性", "chance allowed"), value=percent(now.pack.forecast.most_chance))
        yield Input(name=Text("可能性达50%之日", "day with a chance of 50 %"), value=when.even_day.isoformat())


def _derived(factor: CounterFactor) -> Input:
    read, times = counters_text((factor.from_counter,)), number(factor.factor)
    return Input(
        name=Text("由其他计数器推算", "derived from another counter"), value=f"{read.en} × {times}: {factor.clause_en}",
        value_zh=f"{read.zh} × {times}：{factor.clause_zh}",
    )  # fmt: skip


def weekdays_text(pattern: UsePattern) -> Text:
    """Write a pattern as a person reads it: each weekday's mean and what a day usually differs from it by."""
    spread = (sum(pattern.variances) / len(pattern.variances)) ** 0.5
    if not pattern.by_weekday:
        return Text(
            f"每日{number(pattern.means[0])}（±{number(spread)}，不足两周，不分星期几）",
            f"{number(pattern.means[0])} a day (± {number(spread)}; less than two weeks, weekdays not told apart)",
        )
    return Text(
        "、".join(f"{name.zh}{number(mean)}" for name, mean in zip(WEEKDAYS, pattern.means, strict=True))
        + f"（每日±{number(spread)}）",
        ", ".join(f"{name.en} {number(mean)}" for name, mean in zip(WEEKDAYS, pattern.means, strict=True))
        + f" (± {number(spread)} a day)",
    )


def percent(chance: float) -> str:
    """Write a chance as a share of 100, small ones with a decimal."""
    return f"{chance:.1%}" if chance < 0.1 else f"{chance:.0%}"
