"""Why something is not planned, or on other days: one sentence each in English and Chinese. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from backend.rounds.crew_days import LossCode, LostDay
from backend.rounds.due_days import Bent
from backend.rounds.snapshot import OutCode


class Sentence(NamedTuple):
    """The same in both languages."""

    en: str
    zh: str

    def filled(self, **places: object) -> Sentence:
        """Return the sentence with its named places filled in."""
        return Sentence(self.en.format(**places), self.zh.format(**places))


OUT = {
    OutCode.NO_WINDOW: Sentence(
        "It has no due window yet: its due windows are computed within the hour, or at once with `liftrounds due`.",
        "尚未计算到期窗口：系统每小时计算一次，也可用 liftrounds due 立即计算。",
    ),
    OutCode.NO_POSITION: Sentence(
        "Its site has no coordinates: add latitude and longitude to the site.", "其地点没有坐标：请为该地点补充经纬度。"
    ),
    OutCode.UNKNOWN_PACK: Sentence(
        "Its rule pack {pack} is not in this version, or sets no time for this class: choose another pack.",
        "本版本没有规则包 {pack}，或其中没有该类别的作业时间：请改用其他规则包。",
    ),
    OutCode.NO_CREW: Sentence(
        "No crew can work in these days: see the lost crew-days, or add hours, members and certificates.",
        "这些日期没有班组可以上班：请查看未能排班的班组，或补充班次、成员和证书。",
    ),
    OutCode.TOO_FEW_PEOPLE: Sentence(
        "It needs {needed} technicians with a valid certificate; the largest crew has {most}.",
        "需要 {needed} 名持有效证书的维保人员，而人数最多的班组只有 {most} 名。",
    ),
    OutCode.NO_SKILL: Sentence(
        "No crew of {needed} has all the skills it needs: {skills}.",
        "没有任何 {needed} 人以上的班组具备所需的全部技能：{skills}。",
    ),
    OutCode.NO_DAY: Sentence(
        "It is not due yet, and nobody who could do it works on the days that its window has here.",
        "尚未到期，且在其窗口落入的日期内没有能够承担的班组上班。",
    ),
    OutCode.BANK_TAKEN: Sentence(
        "A neighbour in its bank is published for all hours at which it could be visited, and both must not be out at once.",
        "同组的相邻电梯在其可作业的全部时段内已有发布的任务，两台不得同时停用。",
    ),
    OutCode.PUBLISHED_LATE: Sentence(
        "It is published for {day}, after its last day: withdraw that round, or cancel that stop, and plan again.",
        "已发布在 {day}，晚于其最后期限：请撤回该班组当天的任务或取消该停靠点后重新规划。",
    ),
}
"""Reasons before the search."""

LOST = {
    LossCode.SHIFT_OVER: Sentence("Today's shift is over, or nearly so.", "今天的班次已经或即将结束。"),
    LossCode.HOLIDAY: Sentence("A public holiday, on which the crews rest.", "法定节假日，班组休息。"),
    LossCode.NO_MEMBERS: Sentence("Nobody is a member of this crew on this day.", "当天该班组没有成员。"),
    LossCode.NOBODY_THERE: Sentence(
        "Of {members} members {absent} are absent and {uncertified} have no certificate T that is valid on this day.",
        "{members} 名成员中，{absent} 名缺勤，{uncertified} 名当天没有有效的 T 证。",
    ),
    LossCode.TOO_FEW: Sentence(
        "Only {there} of {members} members can work ({absent} absent, {uncertified} without a valid certificate T), and every"
        " visit needs {needed}.",
        "{members} 名成员中只有 {there} 名可以上班（缺勤 {absent} 名，无有效 T 证 {uncertified} 名），"
        "而每次维保需要 {needed} 名。",
    ),
    LossCode.FEWER: Sentence(
        "The crew works with {there} of {members} members ({absent} absent, {uncertified} without a valid certificate T).",
        "该班组 {members} 名成员中有 {there} 名上班（缺勤 {absent} 名，无有效 T 证 {uncertified} 名）。",
    ),
}
"""Reasons of lost crew-days."""

BENT = {
    Bent.NO: Sentence("", ""),
    Bent.OVERDUE: Sentence("Overdue: on the first day that can be had.", "已超期：安排在最早可行的日期。"),
    Bent.EARLY: Sentence("Before its window, because nobody works inside it.", "因窗口内无人上班，提前安排。"),
    Bent.LATE: Sentence(
        "After its window, because nobody works inside it or before.", "因窗口内及之前均无人上班，安排在窗口之后。"
    ),
}
"""Why a visit has other days than its window."""


def of_out(code: OutCode, detail: Mapping[str, str]) -> Sentence:
    """Return why an elevator was left out before the search."""
    return OUT[code].filled(**detail)


def of_lost_day(lost: LostDay) -> Sentence:
    """Return why a crew's day is lost or smaller."""
    return LOST[lost.code].filled(
        there=lost.there, members=lost.members, absent=lost.absent, uncertified=lost.uncertified, needed=lost.needed
    )


def of_bent(bent: str) -> Sentence:
    """Return why a visit has other days than its window; empty sentences where it has not."""
    return BENT[Bent(bent)]
