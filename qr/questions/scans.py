"""Questions about the label and the two scans: what was scanned, how, in which order, for how long."""

from datetime import timedelta
from typing import Final

from qr.checks import NO_SCAN, Answer, Limits, Outcome, both_scans, failed, passed, sentences, skipped
from qr.errors import Bilingual
from qr.evidence import EnteredBy, Evidence, LabelState, Scan
from qr.geo import distance_m

_LABEL_STATE: Final = {
    LabelState.ACTIVE: Bilingual(zh="有效", en="active"),
    LabelState.BLANK: Bilingual(zh="尚未绑定电梯", en="not yet claimed for an elevator"),
    LabelState.REVOKED: Bilingual(zh="已作废", en="revoked"),
    LabelState.REPLACED: Bilingual(zh="已被新标签替换", en="replaced by a newer label"),
    LabelState.OTHER_ELEVATOR: Bilingual(zh="属于另一台电梯", en="another elevator's"),
    LabelState.UNKNOWN: Bilingual(zh="不是本系统签发", en="not one of ours"),
}


def label_active(evidence: Evidence, _: Limits) -> Answer:
    """Ask whether every scan met a label that was active for this elevator; a revoked one may be a copy."""
    scans = list(evidence.all_scans())
    if not scans:
        return NO_SCAN
    wrong = [(name, _LABEL_STATE[scan.label]) for name, scan in scans if scan.label is not LabelState.ACTIVE]
    if not wrong:
        return passed("扫码时标签有效。", "The label was active.")
    return failed(
        "；".join(f"{name.zh}扫码的标签{state.zh}" for name, state in wrong) + "。",
        "; ".join(f"The label at {name.en} was {state.en}" for name, state in wrong) + ".",
    )


def code_seen(evidence: Evidence, _: Limits) -> Answer:
    """Ask whether the camera saw every code; a typed one or a link comes from anywhere, so it speaks neither way."""
    scans = list(evidence.scans())
    if not scans:
        return NO_SCAN
    unseen = [name for name, scan in scans if scan.entered_by is not EnteredBy.CAMERA]
    if not unseen:
        return passed("标签由应用内相机扫描。", "The camera read the label.")
    return skipped(
        "、".join(name.zh for name in unseen) + "的标签码为手工输入、由链接打开或取自相册。",
        "The code at " + " and ".join(name.en for name in unseen) + " was typed, opened as a link or read from a picture.",
    )


def label_once(evidence: Evidence, limits: Limits) -> Answer:
    """Ask whether no other phone scanned the same label elsewhere at the same time: a label does not move, a copy does.

    A phone counts as elsewhere only if it was outside even at the far end of its accuracy, and so far away that nobody could
    have carried the label there since, or from there.
    """
    here = evidence.site
    if here is None and evidence.arrival is not None:
        here = evidence.arrival.position
    if here is None or evidence.arrival is None:
        return skipped("没有可比较的位置。", "There is no position to compare with.")
    begins = evidence.arrival.at
    ends = evidence.departure.at if evidence.departure else begins
    for sighting in evidence.sightings:
        away_m = distance_m(here, sighting.position) - here.accuracy_m - sighting.position.accuracy_m
        apart = max(begins - sighting.at, sighting.at - ends, timedelta())
        if away_m > limits.geofence_radius_m + limits.slack_m and apart.total_seconds() * limits.highest_m_s < away_m:
            return failed(
                "同一时段内，另一部手机在别处扫描了同一标签：其中之一可能是复制品，建议更换标签。",
                "Another phone scanned the same label elsewhere at the same time: one of the two may be a copy, and the label"
                " should be replaced.",
            )
    return passed("同一时段内没有在别处扫描同一标签。", "The same label was scanned nowhere else at the same time.")


def order(evidence: Evidence, _: Limits) -> Answer:
    """Ask whether departure came after arrival; if not, a clock was changed or the scans were mixed up."""
    scans = both_scans(evidence)
    if not isinstance(scans[0], Scan):
        return scans
    arrival, departure = scans
    if arrival.at < departure.at:
        return passed("到场早于离场。", "Arrival was before departure.")
    return failed("离场不晚于到场。", "Departure was not after arrival.")


def dwell(evidence: Evidence, limits: Limits) -> Answer:
    """Ask whether the time on site was long enough for honest work; it never proves that the work was done."""
    if limits.minimum_dwell_s == 0:
        return skipped("规则未要求最短时间。", "The rules ask for no minimum time.")
    dwell_s = _dwell_s(evidence)
    if not isinstance(dwell_s, int):
        return dwell_s
    reason = Bilingual(
        zh=f"现场停留 {dwell_s} 秒，要求至少 {limits.minimum_dwell_s} 秒。",
        en=f"{dwell_s} s on site; at least {limits.minimum_dwell_s} s are asked for.",
    )
    return (Outcome.PASSED if dwell_s >= limits.minimum_dwell_s else Outcome.FAILED), reason


def expected_time(evidence: Evidence, limits: Limits) -> Answer:
    """Ask whether the time on site fits the checklist: much less is too short for it, much more says nothing."""
    dwell_s = _dwell_s(evidence)
    if not isinstance(dwell_s, int):
        return dwell_s
    if evidence.expected_s is None:
        return skipped("不知道该检查表通常需要多久。", "Nobody knows how long this checklist takes.")
    usual = Bilingual(
        zh=f"现场 {_minutes(dwell_s)} 分钟，该检查表通常需要 {_minutes(evidence.expected_s)} 分钟",
        en=f"{_minutes(dwell_s)} min on site; this checklist usually takes {_minutes(evidence.expected_s)} min",
    )
    if dwell_s < limits.least_share * evidence.expected_s:
        return Outcome.FAILED, sentences([usual, Bilingual(zh="短于应有的时间", en="that is shorter than it should be")])
    if dwell_s > limits.most_times * evidence.expected_s:
        return Outcome.SKIPPED, sentences([usual, Bilingual(zh="可能忘记离场扫码", en="the departure may have been forgotten")])
    return Outcome.PASSED, sentences([usual])


def _minutes(seconds: int) -> int:
    return round(seconds / 60)


def _dwell_s(evidence: Evidence) -> int | Answer:
    """Return the seconds between the scans, or the answer to every question that needs them."""
    scans = both_scans(evidence)
    if not isinstance(scans[0], Scan):
        return scans
    arrival, departure = scans
    return int((departure.at - arrival.at).total_seconds())
