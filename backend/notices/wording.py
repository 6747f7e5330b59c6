"""The wording of notices to owners and of draft reports to the authority, in Chinese and English.

TSG T5002-2017 Art. 5 and 6: the maintenance firm tells the user of a hazard in time, reports a serious one to the local
authority, and gives written notice where maintenance alone can no longer keep the elevator safe.
"""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from msgspec import Struct

from backend.notices.queries import Addressed
from backend.notices.views import FindingFacts
from backend.visits.inputs import Severity

SEVERITY_ZH = {Severity.GENERAL: "一般隐患", Severity.SERIOUS: "严重隐患", Severity.STOP_USE: "重大事故隐患（停止使用）"}
SEVERITY_EN = {
    Severity.GENERAL: "hazard",
    Severity.SERIOUS: "serious hazard",
    Severity.STOP_USE: "major-accident hazard (stop use)",
}

_ASK_ZH = {
    Severity.GENERAL: "请安排整改，并将结果告知我单位。整改前请加强日常检查。",
    Severity.SERIOUS: "请立即安排修理或整改。该隐患将同时报告当地特种设备安全监督管理部门。整改前请限制使用并加强现场看护。",
    Severity.STOP_USE: "该电梯必须立即停止使用，在隐患消除并经确认之前不得恢复运行。请在各层门设置停用告示。"
    "该隐患将同时报告当地特种设备安全监督管理部门。",
}
_ASK_EN = {
    Severity.GENERAL: "Please have it put right and tell us the result. Until then, please watch it more closely.",
    Severity.SERIOUS: "Please have it repaired or put right at once. It is also reported to the local special equipment"
    " authority. Until then, please limit the use of the elevator and keep watch.",
    Severity.STOP_USE: "This elevator must not be used from now on, until the hazard is gone and that has been confirmed."
    " Please put up a notice at every landing door. It is also reported to the local special equipment authority.",
}


class Letter(Struct, frozen=True, kw_only=True):
    """A text in both languages."""

    zh: str
    en: str


def notice_text(number: str, to: Addressed, facts: FindingFacts) -> Letter:
    """Return the text of the notice to the owner."""
    day_zh, day_en = _days(facts.found_at, to.time_zone)
    zh = [
        f"隐患书面告知 {number}",
        f"{to.owner_name or '使用单位'}：",
        f"我单位于{day_zh}维护保养时，发现贵单位以下电梯存在{SEVERITY_ZH[facts.severity]}。",
        *_facts_zh(to, facts),
        *([f"处理建议：{facts.proposal}"] if facts.proposal else []),
        _ASK_ZH[facts.severity],
        f"依据：TSG T5002-2017 第五条、第六条{'；' + facts.clause if facts.clause else ''}",
        f"{to.firm_name}  24小时值班电话 {to.phone_24h or '（未登记）'}",
        f"检查人员：{facts.found_by}  {day_zh}",
    ]
    en = [
        f"Hazard notice {number}",
        f"To {to.owner_name or 'the using unit'}:",
        f"During maintenance on {day_en} we found a {SEVERITY_EN[facts.severity]} in this elevator of yours.",
        *_facts_en(to, facts),
        *([f"What we propose: {facts.proposal}"] if facts.proposal else []),
        _ASK_EN[facts.severity],
        f"Basis: TSG T5002-2017 Art. 5 and 6{'; ' + facts.clause if facts.clause else ''}",
        f"{to.firm_name}, 24 h phone {to.phone_24h or '(not registered)'}",
        f"Found by {facts.found_by}, {day_en}",
    ]
    return Letter(zh="\n".join(zh), en="\n".join(en))


def report_text(number: str, to: Addressed, facts: FindingFacts) -> Letter:
    """Return the draft of the report to the authority; both texts are empty for a general hazard, which is not reported."""
    if facts.severity is Severity.GENERAL:
        return Letter(zh="", en="")
    day_zh, day_en = _days(facts.found_at, to.time_zone)
    stopped = facts.severity is Severity.STOP_USE
    zh = [
        "特种设备隐患报告（草稿）",
        "当地特种设备安全监督管理部门：",
        f"{to.firm_name}于{day_zh}维护保养时，发现以下在用电梯存在{SEVERITY_ZH[facts.severity]}，现予报告。",
        f"使用单位：{to.owner_name or '（未登记）'}",
        *_facts_zh(to, facts),
        f"已采取措施：已向使用单位发出书面告知 {number}" + ("，并要求立即停止使用。" if stopped else "。"),
        f"依据：TSG T5002-2017 第五条{'；' + facts.clause if facts.clause else ''}",
        f"报告单位：{to.firm_name}  电话 {to.phone_24h or '（未登记）'}",
    ]
    en = [
        "Report of a hazard in special equipment (draft)",
        "To the local special equipment authority:",
        f"During maintenance on {day_en}, {to.firm_name} found a {SEVERITY_EN[facts.severity]} in this elevator in use.",
        f"Using unit: {to.owner_name or '(not registered)'}",
        *_facts_en(to, facts),
        f"Done so far: written notice {number} to the using unit"
        + (", with the demand to stop use at once." if stopped else "."),
        f"Basis: TSG T5002-2017 Art. 5{'; ' + facts.clause if facts.clause else ''}",
        f"Reported by {to.firm_name}, phone {to.phone_24h or '(not registered)'}",
    ]
    return Letter(zh="\n".join(zh), en="\n".join(en))


def _days(at: datetime, time_zone: str) -> tuple[str, str]:
    local = at.astimezone(ZoneInfo(time_zone))
    return f"{local.year}年{local.month}月{local.day}日", local.date().isoformat()


def _place(to: Addressed) -> str:
    return " ".join(part for part in (to.site_name, to.address, to.unit_name) if part)


def _facts_zh(to: Addressed, facts: FindingFacts) -> list[str]:
    return [
        f"电梯：{_place(to)}，设备代码 {to.registration_code}",
        f"隐患：{facts.title_zh}",
        *([f"情况：{facts.description}"] if facts.description else []),
        *([f"部位：{facts.place}"] if facts.place else []),
    ]


def _facts_en(to: Addressed, facts: FindingFacts) -> list[str]:
    return [
        f"Elevator: {_place(to)}, registration code {to.registration_code}",
        f"Hazard: {facts.title_en}",
        *([f"What was seen: {facts.description}"] if facts.description else []),
        *([f"Where: {facts.place}"] if facts.place else []),
    ]
