"""What changes in one sentence, in Chinese and English. Names of visits, crews and days come from the caller."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import msgspec

from planner.today.answer import CrewChange, Note, Option, VisitChange

DAY_S = 86_400
NAMED = 4
"""Visits that a sentence names; the rest is counted."""

CODES: dict[str, tuple[str, str]] = {
    "crew_out": ("the crew is out", "班组缺勤"),
    "closed": ("the place is closed", "现场无法进入"),
    "cancelled": ("it is no longer wanted", "已取消"),
    "window": ("its hours can no longer be kept there", "原安排已赶不上可作业时段"),
    "shift": ("the crew's shift is too short for it now", "班次时间已不够"),
    "load": ("the crew has no room for it", "车辆装载已满"),
    "displaced": ("it makes room for the emergency", "为急修让路"),
    "full": ("no crew that may do it has time left", "可承担的班组均无空余时间"),
    "day": ("today was its last day", "今天是最后一天"),
    "skill": ("no other crew at work may do it", "当班的其他班组均不能承担"),
}
"""Code of a reason → English, Chinese: why a visit was set free, and why it finds no place."""


def plain(name: str) -> str:
    """Give an id as it is."""
    return name


def day_number(day: int) -> str:
    """Name a day by its number."""
    return f"day {day}"


def day_number_zh(day: int) -> str:
    """Name a day by its number, in Chinese."""
    return f"第{day}天"


class Names(NamedTuple):
    """What people call visits, crews and days (English, Chinese)."""

    visit: Callable[[str], str] = plain
    crew: Callable[[str], str] = plain
    day_en: Callable[[int], str] = day_number
    day_zh: Callable[[int], str] = day_number_zh


def clock(seconds: int) -> str:
    """Write a time of day as on the wall, `+1` for the day after."""
    told = f"{seconds % DAY_S // 3600:02d}:{seconds % 3600 // 60:02d}"
    return told if seconds < DAY_S else f"{told} +{seconds // DAY_S}"


def minutes(seconds: int) -> int:
    """Give whole minutes, at least one for what is not nothing."""
    return max(1, round(abs(seconds) / 60)) if seconds else 0


def of_visit(change: VisitChange, names: Names, today: int) -> tuple[str, str]:
    """Tell what changes for one visit."""
    name = names.visit(change.visit)
    after, before = change.after, change.before
    why_en, why_zh = CODES.get(change.code, ("", ""))
    tail_en, tail_zh = (f": {why_en}", f"（{why_zh}）") if why_en else ("", "")
    if change.kind == "cancelled":
        return f"{name} is cancelled", f"{name}已取消"
    if after is None:
        last_en, last_zh = names.day_en(change.last_day), names.day_zh(change.last_day)
        return (
            f"{name} finds no place{tail_en}; it must be made by {last_en}",
            f"{name}排不进去{tail_zh}；最迟须在{last_zh}完成",
        )
    when_en, when_zh = _when(after.day, after.start_s, names, today)
    crew = names.crew(after.crew)
    if change.kind == "added":
        return f"{name} is new: {crew} begins {when_en}", f"新增{name}：{crew}于{when_zh}开始"
    if change.kind == "moved" and before is not None:
        if names.crew(before.crew) == names.crew(after.crew):
            to_en = f"to {clock(after.start_s)}" if after.day == today else f"to {when_en.removeprefix('on ')}"
            return f"{name} moves {to_en} with {crew}{tail_en}", f"{name}改到{when_zh}，仍由{crew}负责{tail_zh}"
        return (
            f"{name} moves from {names.crew(before.crew)} to {crew}, {when_en}{tail_en}",
            f"{name}由{names.crew(before.crew)}转给{crew}，{when_zh}开始{tail_zh}",
        )
    by_s = change.by_s or 0
    late_en = f"{minutes(by_s)} min {'later' if by_s > 0 else 'earlier'}" if by_s else "at the same time"
    late_zh = f"{'推迟' if by_s > 0 else '提前'}{minutes(by_s)}分钟" if by_s else "时间不变"
    if change.kind == "order":
        return f"{name} changes places in the round, {late_en}", f"{name}顺序调整，{late_zh}"
    return f"{name} begins {late_en}, {when_en}", f"{name}{late_zh}，{when_zh}开始"


def _when(day: int, start_s: int, names: Names, today: int) -> tuple[str, str]:
    if day == today:
        return f"at {clock(start_s)}", clock(start_s)
    return f"on {names.day_en(day)} at {clock(start_s)}", f"{names.day_zh(day)}{clock(start_s)}"


def of_crew(change: CrewChange, names: Names, today: int) -> tuple[str, str]:
    """Tell what changes for one crew on one day."""
    en: list[str] = []
    zh: list[str] = []
    for told, word_en, word_zh in (
        (change.added, "gets", "新增"), (change.gone, "gives up", "减少"), (change.order, "takes in another order", "顺序调整"),
    ):  # fmt: skip
        if told:
            en.append(f"{word_en} {_listed(told, names, ' and ', ' more')}")
            zh.append(f"{word_zh}{_listed(told, names, '、', '项', zh=True)}")
    if change.time:
        count = len(change.time)
        by_en = f", up to {minutes(change.later_s)} min later" if change.later_s else ""
        by_zh = f"，最多推迟{minutes(change.later_s)}分钟" if change.later_s else ""
        en.append(f"{count} {'visit' if count == 1 else 'visits'} at another time{by_en}")
        zh.append(f"{count}次作业时间变化{by_zh}")
    if change.return_after_s is not None and change.return_after_s != change.return_before_s:
        en.append(f"back at {clock(change.return_after_s)}" + _was(change.return_before_s, " instead of {}"))
        zh.append(f"{clock(change.return_after_s)}返回" + _was(change.return_before_s, "（原{}）"))
    if change.return_after_s is None and change.return_before_s is not None:
        en.append("has no round any more")
        zh.append("当天不再出班")
    who = names.crew(change.crew)
    on_en, on_zh = ("", "") if change.day == today else (f" on {names.day_en(change.day)}", f"·{names.day_zh(change.day)}")
    return f"{who}{on_en}: {'; '.join(en)}", f"{who}{on_zh}：{'；'.join(zh)}"


def _was(seconds: int | None, text: str) -> str:
    return "" if seconds is None else text.format(clock(seconds))


def _listed(visits: tuple[str, ...], names: Names, comma: str, more: str, *, zh: bool = False) -> str:
    told = [names.visit(name) for name in visits[:NAMED]]
    rest = len(visits) - len(told)
    if rest:
        told.append(f"另外{rest}{more}" if zh else f"{rest}{more}")
    if zh or len(told) == 1:
        return comma.join(told)
    return ", ".join(told[:-1]) + comma + told[-1]


def of_option(option: Option, names: Names) -> tuple[str, str]:
    """Tell what a place for an emergency would mean."""
    crew = names.crew(option.crew)
    en = [f"{crew} arrives at {clock(option.arrive_s)}"]
    zh = [f"{crew}于{clock(option.arrive_s)}到达"]
    if option.redirect:
        en.append("it turns round on its way to another visit")
        zh.append("需中途改道")
    if option.late_s:
        en.append(f"{minutes(option.late_s)} min too late")
        zh.append(f"超时{minutes(option.late_s)}分钟")
    if option.delayed:
        most = max(option.delayed.values())
        count = len(option.delayed)
        en.append(f"{count} {'visit begins' if count == 1 else 'visits begin'} later, by {minutes(most)} min at most")
        zh.append(f"{count}次作业推迟，最多{minutes(most)}分钟")
    elsewhere = [change for change in option.outcome.visits if change.kind == "moved"]
    if elsewhere:
        count = len(elsewhere)
        en.append(f"{count} {'visit goes' if count == 1 else 'visits go'} to another crew or day")
        zh.append(f"{count}次作业改由其他班组或改日")
    dropped = [change for change in option.outcome.visits if change.kind == "dropped"]
    if dropped:
        count = len(dropped)
        en.append(f"{count} {'finds' if count == 1 else 'find'} no place any more")
        zh.append(f"{count}次作业排不进去")
    if not option.delayed and not elsewhere and not dropped:
        en.append("nobody else is disturbed")
        zh.append("不影响其他作业")
    return "; ".join(en), "；".join(zh)


def of_late_rest(crew: str, names: Names) -> Note:
    """Tell that a crew rests before anything else."""
    who = names.crew(crew)
    return Note(f"{who}: the break is overdue and comes first", f"{who}：已过规定的休息时间，先休息")


def of_pin(visit: str, names: Names) -> Note:
    """Tell that a visit cannot stay where it was pinned."""
    return Note(f"{names.visit(visit)} cannot stay where it is pinned", f"{names.visit(visit)}的固定安排无法保持")


def reworded(option: Option, names: Names) -> Option:
    """Give an option with its sentence."""
    en, zh = of_option(option, names)
    return msgspec.structs.replace(option, en=en, zh=zh)
