"""The sentences: by form, English and Chinese."""

from __future__ import annotations

_REASONS = {
    "no_crew": ("There is no crew.", "没有班组。"),
    "skill_one": ("No crew has the skill {skills}.", "没有班组具备技能：{skills}。"),
    "skill_some": ("No crew has the skills {skills}.", "没有班组具备技能：{skills}。"),
    "skill_all": ("No one crew has all the skills {skills}.", "没有一个班组同时具备全部技能：{skills}。"),
    "people": (
        "It needs {needed} people, the largest crew with its skills has {most}.",
        "需要 {needed} 人，具备所需技能的班组最多只有 {most} 人。",
    ),
    "load": (
        "It takes {needed} of load, the largest crew that could do it carries {most}.",
        "需要携带 {needed}，能够承担的班组最多只能携带 {most}。",
    ),
    "day_after": (
        "It is due from {day} on, after the last day of this plan.",
        "{day} 起才到期，在本计划最后一天之后。",
    ),
    "day_only": (
        "No crew that could do it works on {day}, its only day.",
        "唯一可行的日期 {day} 没有能够承担的班组上班。",
    ),
    "day_none": (
        "No crew that could do it works from {day} to {last}.",
        "{day} 至 {last} 没有能够承担的班组上班。",
    ),
    "pin_alone": (
        "It is pinned to {crew} on {day}, where the hours do not allow it.",
        "已固定给 {crew} 于 {day} 进行，但工时不允许。",
    ),
    "pin_beside": (
        "It is pinned to {crew} on {day}, where it does not fit beside the other visits.",
        "已固定给 {crew} 于 {day} 进行，但与其他任务无法并存。",
    ),
    "window_alone": (
        "No crew that could do it can start within its time windows, even with nothing else to do.",
        "即使没有其他任务，能够承担的班组也无法在允许时段内开始作业。",
    ),
    "window_beside": (
        "Within its time windows and those of the visits around it, no route has a place for it.",
        "在其允许时段及相邻任务的时段限制下，没有路线排得下。",
    ),
    "too_long": (
        "Even alone it takes {minutes} more than any shift has; {crew} on {day} comes closest.",
        "即使单独安排，也比任何班次多 {minutes}；最接近的是 {crew}（{day}）。",
    ),
    "not_worth_it": (
        "Planning it would cost more than leaving it out, {cost}; {crew} on {day} would be cheapest.",
        "安排它的代价高于留待以后，多出部分{cost}；代价最小的是 {crew}（{day}）。",
    ),
    "load_full": (
        "Every crew that could do it is loaded already; {room} more room for load would do.",
        "能够承担的班组均已满载，还需 {room} 的装载空间。",
    ),
    "bank": (
        "Whenever it would fit, another elevator of bank {bank} is at work.",
        "凡是排得下的时段，同组（{bank}）的另一台电梯都在作业。",
    ),
    "shift_full": (
        "The shifts of all crews that could do it are full on its days.",
        "允许日期内，能够承担的班组班次均已排满。",
    ),
    "shift_full_by": (
        "All shifts that could take it are full; {crew} on {day} comes closest and lacks {minutes}.",
        "能够承担的班次均已排满；最接近的是 {crew}（{day}），尚差 {minutes}。",
    ),
}
"""Why a visit is left out: the first reason over all crews and days."""

FORMS: dict[str, tuple[str, str]] = {**_REASONS}
"""Form → English, Chinese."""
