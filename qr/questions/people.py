"""Questions about who was there: two people where the rules ask for them, and nobody at two places at once."""

from datetime import timedelta
from typing import Final

from qr.checks import NO_SCAN, Answer, Limits, Outcome, both_scans, failed, passed, sentences, skipped
from qr.errors import Bilingual
from qr.evidence import EnteredBy, Evidence, KeyState, OwnScan, Scan, SignatureState
from qr.questions.places import geofence

_ONE: Final = passed("规则只要求一名维保人员。", "The rules ask for one technician.")


def technicians(evidence: Evidence, limits: Limits) -> Answer:
    """Ask whether as many technicians took part as two-person work needs."""
    if limits.minimum_technicians <= 1:
        return skipped("规则未要求双人作业。", "The rules do not ask for two technicians.")
    present = len(evidence.technicians)
    reason = Bilingual(
        zh=f"到场维保人员 {present} 人，要求至少 {limits.minimum_technicians} 人。",
        en=f"{present} technician(s) took part; at least {limits.minimum_technicians} are asked for.",
    )
    return (Outcome.PASSED if present >= limits.minimum_technicians else Outcome.FAILED), reason


def own_scans(evidence: Evidence, limits: Limits) -> Answer:
    """Ask whether the others scanned with their own phones: a name is quickly written, also of somebody who stayed away."""
    if limits.minimum_technicians <= 1 and not evidence.own_scans:
        return _ONE
    scans = both_scans(evidence)
    if not isinstance(scans[0], Scan):
        return scans
    doubts = [doubt for own in evidence.own_scans if (doubt := _doubt(own, *scans, evidence, limits))]
    if doubts:
        return Outcome.FAILED, sentences(doubts)
    shown = {own.technician for own in evidence.own_scans if _is_shown(own, evidence, limits)}
    if 1 + len(shown) >= limits.minimum_technicians:
        return passed(
            "其他维保人员用自己的手机扫码到场。", "The other technicians scanned with their own phones, for long enough."
        )
    if evidence.own_scans:
        return skipped(
            "其他维保人员没有离场扫码，或标签码不是由相机读取，或手机定位不能证明在现场。",
            "The other technician did not scan on leaving, or typed the code, or no position of their phone proves the place.",
        )
    return skipped(
        "其他维保人员仅由第一人填报，没有用自己的手机扫码。",
        "Others are only named by the first technician: they did not scan with their own phones.",
    )


def _is_shown(own: OwnScan, evidence: Evidence, limits: Limits) -> bool:
    """Return whether one technician's own scans prove that they came and stayed: both read by the camera, one at the site.

    A code can be passed on, typed or as a picture; and whoever did not scan on leaving may have left at once.
    """
    if own.left is None:
        return False
    scans = (own.joined, own.left)
    return all(scan.entered_by is EnteredBy.CAMERA for scan in scans) and any(
        geofence(scan, evidence.site, limits)[0] is Outcome.PASSED for scan in scans
    )


def _doubt(own: OwnScan, arrival: Scan, departure: Scan, evidence: Evidence, limits: Limits) -> Bilingual | None:
    """Return what speaks against one technician's own scans."""
    for scan in (own.joined, own.left):
        if scan is None:
            continue
        if scan.signature is SignatureState.INVALID or scan.key not in (None, KeyState.ENROLLED):
            return Bilingual(
                zh="其他人员的扫码签名无效", en="the other technician's scan was not signed by an own enrolled phone"
            )
        if geofence(scan, evidence.site, limits)[0] is Outcome.FAILED:
            return Bilingual(zh="其他人员扫码时不在现场", en="the other technician's phone was away from the site")
    left_at = departure.at if own.left is None else own.left.at
    there = min(left_at, departure.at) - max(own.joined.at, arrival.at)
    if there < limits.own_share * max(departure.at - arrival.at, timedelta()):
        minutes = max(0, round(there.total_seconds() / 60))
        return Bilingual(
            zh=f"其他人员在场 {minutes} 分钟，短于要求",
            en=f"the other technician was there for {minutes} min, less than asked for",
        )
    return None


def one_place(evidence: Evidence, _: Limits) -> Answer:
    """Ask whether nobody was at work at two elevators at once; time on site counts for one of them only."""
    if evidence.arrival is None:
        return NO_SCAN
    if not evidence.elsewhere:
        return passed(
            "同一时段内维保人员没有其他电梯的维保。", "Nobody of the visit was at work at another elevator at the same time."
        )
    codes = ", ".join(other.elevator for other in evidence.elsewhere)
    return failed(
        f"同一时段内维保人员还有其他电梯的维保：{codes}。", f"Somebody of the visit was at work at the same time at {codes}."
    )


def one_site(evidence: Evidence, _: Limits) -> Answer:
    """Ask whether nobody was at work at two sites at once, which nobody can be."""
    if evidence.arrival is None:
        return NO_SCAN
    away = [other.elevator for other in evidence.elsewhere if other.other_site]
    if not away:
        return passed("同一时段内没有在其他地点扫码。", "Nobody of the visit scanned at another site at the same time.")
    codes = ", ".join(away)
    return failed(
        f"同一时段内在其他地点有扫码：{codes}。", f"Somebody of the visit scanned at another site meanwhile: {codes}."
    )
