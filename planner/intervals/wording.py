"""The words of receipts, in both languages, and how values are written in them."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import Final

from planner.intervals.pack import DayLimit, Rule, RulePack
from planner.intervals.receipt import Citation, Input, Text

CLASS_NAMES: Final = {
    "half_month": Text("半月维保", "half-month class"),
    "quarter": Text("季度维保", "quarter class"),
    "half_year": Text("半年维保", "half-year class"),
    "year": Text("年度维保", "year class"),
}


def names_of(pack: RulePack, maintenance_class: str) -> Text:
    """Return what a class is called under a pack."""
    own = pack.class_names.get(maintenance_class)
    return CLASS_NAMES[maintenance_class] if own is None else Text(own.zh, own.en)


MODE_NAMES: Final = {"fixed": Text("定期维保", "fixed intervals"), "on_demand": Text("按需维保", "on demand")}

COUNTER_NAMES: Final = {
    "door_cycles": Text("开关门次数", "door cycles"),
    "trips": Text("运行次数", "trips"),
    "run_s": Text("运行时间", "time of running"),
    "rope_bends": Text("钢丝绳弯折次数", "rope bends"),
    "brake_actuations": Text("制动器动作次数", "brake actuations"),
    "run_m": Text("运行距离", "distance run"),
}
"""Counters that wear budgets are about; one that is not here is called by its code."""


def counters_text(counters: Collection[str]) -> Text:
    """Write names of counters, in the order of their codes."""
    names = [COUNTER_NAMES.get(counter, Text(counter, counter)) for counter in sorted(counters)]
    return Text("、".join(name.zh for name in names), ", ".join(name.en for name in names))


def cited(rule: Rule, pack: RulePack) -> Citation:
    """Return a rule as a receipt cites it."""
    source = pack.sources[rule.source]
    return Citation(
        pack=pack.id, version=pack.version, rule=rule.id, clause=Text(rule.clause_zh, rule.clause_en),
        source=Text(source.title_zh, source.title_en),
        effective_from=rule.effective_from, region=rule.region, mark=rule.mark,
    )  # fmt: skip


def days_text(days: int) -> str:
    """Write a number of days as inputs do."""
    return f"{days} d"


def number(value: float) -> str:
    """Write a number with thousands apart and without needless decimals."""
    return f"{value:,.0f}" if abs(value) >= 10 or value == int(value) else f"{value:,.1f}"


def counted_from(day: date, *, known: bool) -> Input:
    """Return the day from which a limit counts as an input."""
    name = Text("上次完成", "last done") if known else Text("计算起点（尚无记录）", "start of the count (no record)")
    return Input(name=name, value=day.isoformat())


def allowed(limit: int | DayLimit) -> Input:
    """Return a limit of days as an input."""
    days = limit if isinstance(limit, int) else limit.days
    months = None if isinstance(limit, int) else limit.months
    value = days_text(days) if months is None else f"{months} months, {days_text(days)}"
    return Input(name=Text("允许间隔", "allowed interval"), value=value)


def span(limit: DayLimit) -> Text:
    """Write a limit as a length of time."""
    if limit.months is None:
        return Text(f"{limit.days}日", f"{limit.days} days")
    months = "1 month" if limit.months == 1 else f"{limit.months} months"
    return Text(f"{limit.months}个月（至多{limit.days}日）", f"{months} ({limit.days} days at most)")


def short_codes(codes: tuple[str, ...], most: int = 5) -> str:
    """Write item codes, cut where there are many."""
    return ", ".join(codes[:most]) + (f" … ({len(codes)})" if len(codes) > most else "")
