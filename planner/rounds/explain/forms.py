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
    "pin_unable": (
        "It is pinned to {crew} on {day}, who have no such shift, or not the days, skills, people or room for it.",
        "已固定给 {crew} 于 {day} 进行，但该班组当天没有班次，或日期、技能、人数、载量不符。",
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
        "Planning it would cost {cost} more than leaving it out; {crew} on {day} would be cheapest.",
        "安排它的代价高于留待以后，多出部分{cost}；代价最小的是 {crew}（{day}）。",
    ),
    "not_worth_it_same": (
        "Planning it would cost as much as leaving it out; {crew} on {day} would be cheapest.",
        "安排它与留待以后代价相同；代价最小的是 {crew}（{day}）。",
    ),
    "possible": (
        "It could be planned: {crew} has room on {day}, and the plan would cost {cost} less.",
        "可以安排：{crew} 于 {day} 有空，且计划的代价更低，{cost}。",
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

_RULES = {
    "crew_lacks_skill": ("{crew} lacks the skill {skills}.", "{crew} 不具备技能：{skills}。"),
    "crew_too_small": ("It needs {needed} people, {crew} has {most}.", "需要 {needed} 人，而 {crew} 只有 {most} 人。"),
    "crew_no_room": ("It takes {needed} of load, {crew} carries {most}.", "需要携带 {needed}，而 {crew} 最多携带 {most}。"),
    "crew_off": ("{crew} does not work on {day}.", "{crew} 于 {day} 不上班。"),
    "crew_off_all": (
        "{crew} does not work on any day from {day} to {last}.",
        "{crew} 于 {day} 至 {last} 均不上班。",
    ),
    "day_outside_plan": ("{day} is not among the days of this plan.", "{day} 不在本计划的日期之内。"),
    "day_before_first": (
        "{day} is before its first day, {other_day}: a visit is not due yet.",
        "{day} 早于其最早日期 {other_day}：尚未到期。",
    ),
    "day_after_last": (
        "{day} is after its last day, {other_day}: by then it must have been made.",
        "{day} 晚于其最后期限 {other_day}：届时必须已经完成。",
    ),
    "day_nobody_works": ("Nobody works on {day}.", "{day} 没有班组上班。"),
    "pinned_elsewhere": ("It is pinned to {crew} on {day}.", "已固定给 {crew} 于 {day} 进行。"),
    "route_needs_it": (
        "Its present route could not be driven without it: the way round would take longer than the way by it.",
        "离开它，目前的路线无法成立：绕行比经过它更久。",
    ),
}
"""What forbids a visit one crew or one day."""

_PLANNED = {
    "planned_only_place": (
        "On the routes as they are there is no other day or crew for it.",
        "在现有路线下，没有其他日期或班组可以安排它。",
    ),
    "planned_best": (
        "It is cheapest here; next best would be {crew} on {day}, which costs {cost} more.",
        "安排在这里代价最小；其次是 {crew}（{day}），代价更高，{cost}。",
    ),
    "planned_as_good": ("{crew} on {day} would be just as good.", "{crew}（{day}）同样可行，代价相同。"),
    "planned_better": (
        "{crew} on {day} would cost {cost} less: the plan can still be improved.",
        "{crew}（{day}）代价更低，{cost}：该计划仍可改进。",
    ),
}
"""How the place of a planned visit compares with the best other one."""

_WHY_NOT = {
    "why_not_same": ("It is there already.", "它已经安排在那里。"),
    "why_not_costs": ("It can be done, and the plan would cost {cost} more.", "可以，但计划的代价更高，{cost}。"),
    "why_not_as_good": ("It can be done at the same cost.", "可以，代价相同。"),
    "why_not_better": (
        "It can be done, and the plan would even cost {cost} less.",
        "可以，而且计划的代价更低，{cost}。",
    ),
}
"""What forcing a visit to a crew or day would change; the parts follow."""

_CHANGES = {
    "change_plan_it": (
        "Nothing stands against it but its price: {crew} could take it on {day}",
        "没有规则阻止，只是代价较高：{crew} 可于 {day} 进行",
    ),
    "change_swap": (
        "{crew} could take it on {day} if {other} went to {other_crew} on {other_day}",
        "若将 {other} 改由 {other_crew} 于 {other_day} 进行，则 {crew} 可于 {day} 进行",
    ),
    "change_swap_out": (
        "{crew} could take it on {day} if {other} were left out instead",
        "若改为不安排 {other}，则 {crew} 可于 {day} 进行",
    ),
    "change_overtime": (
        "{crew} could take it on {day} if it may work {minutes} longer",
        "若允许 {crew} 于 {day} 多工作 {minutes}，即可进行",
    ),
    "change_window": (
        "{crew} could take it on {day} if it may start from {from_s} to {to_s}",
        "若允许在 {from_s} 至 {to_s} 之间开始，则 {crew} 可于 {day} 进行",
    ),
    "change_shift": (
        "{crew} could take it if it worked on {day} as well",
        "若 {crew} 于 {day} 也上班，即可进行",
    ),
    "change_last_day": (
        "{crew} could take it on {day} if its last day were {days} later, {last}",
        "若最后期限推迟 {days}至 {last}，则 {crew} 可于 {day} 进行",
    ),
    "change_first_day": (
        "{crew} could take it on {day} if its first day were {days} earlier, {last}",
        "若最早日期提前 {days}至 {last}，则 {crew} 可于 {day} 进行",
    ),
    "change_unpin": (
        "{crew} could take it on {day} if its pin were taken off",
        "若取消固定安排，则 {crew} 可于 {day} 进行",
    ),
    "change_people": (
        "{crew} could take it on {day} with {amount} more in the crew",
        "若 {crew} 增加 {amount} 人，则可于 {day} 进行",
    ),
    "change_skill": (
        "{crew} could take it on {day} if it had the skill {skills}",
        "若 {crew} 具备技能 {skills}，则可于 {day} 进行",
    ),
    "change_load": (
        "{crew} could take it on {day} if it had room for {amount} more",
        "若 {crew} 多出 {amount} 的装载空间，则可于 {day} 进行",
    ),
}
"""What would let a visit be planned; what it costs follows after a colon."""

FORMS: dict[str, tuple[str, str]] = {**_REASONS, **_RULES, **_PLANNED, **_WHY_NOT, **_CHANGES}
"""Form → English, Chinese."""
