"""The planner's sentences about visits it left out, in Chinese. Pure.

The planner speaks English (its plan file is one for machines and people of any language); its sentences have fixed
forms with numbers, days and names in them (`planner.rounds.explain`), so that they can be said again in Chinese.
"""

from __future__ import annotations

import re

_DAY = r"\d{4}-\d{2}-\d{2}"

_SENTENCES = (
    (r"There is no crew\.", "没有班组。"),
    (r"No crew has the skills? (?P<skills>.+)\.", "没有班组具备技能：{skills}。"),
    (r"No one crew has all the skills (?P<skills>.+)\.", "没有一个班组同时具备全部技能：{skills}。"),
    (
        r"It needs (?P<needed>\d+) people, the largest crew with its skills has (?P<most>\d+)\.",
        "需要 {needed} 人，具备所需技能的班组最多只有 {most} 人。",
    ),
    (
        r"It takes (?P<load>\d+) of load, the largest crew that could do it carries (?P<most>\d+)\.",
        "需要携带 {load}，能够承担的班组最多只能携带 {most}。",
    ),
    (rf"It is due from (?P<day>{_DAY}) on, after the last day of this plan\.", "{day} 起才到期，在本计划最后一天之后。"),
    (rf"No crew that could do it works on (?P<day>{_DAY}), its only day\.", "唯一可行的日期 {day} 没有能够承担的班组上班。"),
    (
        rf"No crew that could do it works from (?P<day>{_DAY}) to (?P<last>{_DAY})\.",
        "{day} 至 {last} 没有能够承担的班组上班。",
    ),
    (
        rf"It is pinned to (?P<crew>.+) on (?P<day>{_DAY}), where the hours do not allow it\.",
        "已固定给 {crew} 于 {day} 进行，但工时不允许。",
    ),
    (
        rf"It is pinned to (?P<crew>.+) on (?P<day>{_DAY}), where it does not fit beside the other visits\.",
        "已固定给 {crew} 于 {day} 进行，但与其他任务无法并存。",
    ),
    (
        r"No crew that could do it can start within its time windows, even with nothing else to do\.",
        "即使没有其他任务，能够承担的班组也无法在允许时段内开始作业。",
    ),
    (
        rf"Even alone it takes (?P<minutes>\d+) minutes? more than any shift has;"
        rf" (?P<crew>.+) on (?P<day>{_DAY}) comes closest\.",
        "即使单独安排，也比任何班次多 {minutes} 分钟；最接近的是 {crew}（{day}）。",
    ),
    (
        rf"Planning it would cost more than leaving it out, as much as (?P<minutes>\d+) minutes? of driving;"
        rf" (?P<crew>.+) on (?P<day>{_DAY}) would be cheapest\.",
        "尚未到期：安排它比留待以后多花费相当于 {minutes} 分钟车程的代价；代价最小的是 {crew}（{day}）。",
    ),
    (
        r"Every crew that could do it is loaded already; (?P<room>\d+) more room for load would do\.",
        "能够承担的班组均已满载，还需 {room} 的装载空间。",
    ),
    (
        r"Whenever it would fit, another elevator of bank (?P<bank>.+) is at work\.",
        "凡是排得下的时段，同组（{bank}）的另一台电梯都在作业。",
    ),
    (
        r"Within its time windows and those of the visits around it, no route has a place for it\.",
        "在其允许时段及相邻任务的时段限制下，没有路线排得下。",
    ),
    (r"The shifts of all crews that could do it are full on its days\.", "允许日期内，能够承担的班组班次均已排满。"),
    (
        rf"All shifts that could take it are full; (?P<crew>.+) on (?P<day>{_DAY}) comes closest"
        rf" and lacks (?P<minutes>\d+) minutes?\.",
        "能够承担的班次均已排满；最接近的是 {crew}（{day}），尚差 {minutes} 分钟。",
    ),
)
"""English form → Chinese."""

_KNOWN = tuple((re.compile(form), zh) for form, zh in _SENTENCES)


def in_chinese(sentence: str) -> str | None:
    """Return the Chinese of one of the planner's sentences; None where it is of no known form."""
    for form, zh in _KNOWN:
        if found := form.fullmatch(sentence):
            return zh.format(**found.groupdict())
    return None
