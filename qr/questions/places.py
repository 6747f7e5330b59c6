"""Questions about where the phone was: at the site, at a believable position, and on a way that somebody can travel."""

from datetime import datetime, timedelta
from itertools import combinations
from math import ceil, floor
from typing import Final

from qr.checks import (
    NO_SCAN,
    Answer,
    Limits,
    Outcome,
    claimed_at,
    distance_band,
    failed,
    passed,
    sentences,
    skipped,
)
from qr.errors import Bilingual
from qr.evidence import Evidence, Neighbour, Position, Scan
from qr.geo import distance_m

_SAME_DEG: Final = 5e-8
"""Half of the last digit in which phones tell a position (1e-7 degrees)."""


def arrival_geofence(evidence: Evidence, limits: Limits) -> Answer:
    """Ask whether the arrival scan was made at the site."""
    return geofence(evidence.arrival, evidence.site, limits)


def departure_geofence(evidence: Evidence, limits: Limits) -> Answer:
    """Ask whether the departure scan was made at the site."""
    return geofence(evidence.departure, evidence.site, limits)


def geofence(scan: Scan | None, site: Position | None, limits: Limits) -> Answer:
    """Compare one scan's position with the site.

    Failed only if the phone was outside even at the far end of its accuracy: in a pit or a car GPS is poor, and an honest
    technician must not fail for that. What is neither inside nor surely outside is skipped. The reason tells a band, not the
    distance: it is kept for years, the position is not.
    """
    if scan is None:
        return NO_SCAN
    if site is None:
        return skipped("登记信息中没有电梯位置。", "The register has no position of the site.")
    if scan.position is None:
        return skipped("手机未提供位置。", "The phone gave no position.")
    accuracy_m = scan.position.accuracy_m
    metres = distance_m(scan.position, site)
    band = distance_band(metres, limits.bands_m)
    measured = Bilingual(
        zh=f"距电梯 {band} 米（精度 ±{accuracy_m:.0f} 米），允许 {limits.geofence_radius_m} 米",
        en=f"{band} m from the site (±{accuracy_m:.0f} m); {limits.geofence_radius_m} m are allowed",
    )
    if metres - accuracy_m - site.accuracy_m > limits.geofence_radius_m:
        return Outcome.FAILED, Bilingual(zh=f"{measured.zh}。", en=f"{measured.en}.")
    if metres <= limits.geofence_radius_m and accuracy_m <= limits.coarsest_accuracy_m:
        return Outcome.PASSED, Bilingual(zh=f"{measured.zh}。", en=f"{measured.en}.")
    return skipped(f"{measured.zh}：位置太粗，无法判断。", f"{measured.en}: too coarse to tell.")


def place(evidence: Evidence, limits: Limits) -> Answer:
    """Ask what both positions say together: only both at the site prove the place.

    One alone does not: a picture of the label, scanned elsewhere without a position, would turn a short stop into a long visit.
    """
    outcomes = [geofence(scan, evidence.site, limits)[0] for scan in (evidence.arrival, evidence.departure)]
    if all(outcome is Outcome.FAILED for outcome in outcomes):
        return failed("到场和离场时手机都不在现场。", "The phone was away from the site at arrival and at departure.")
    if all(outcome is Outcome.PASSED for outcome in outcomes):
        return passed("到场和离场时手机定位均在现场。", "The phone's position was at the site at arrival and at departure.")
    if Outcome.PASSED in outcomes:
        return skipped("只有一次定位在现场。", "Only one of the two positions was at the site.")
    return skipped("位置不足以证明在现场。", "No position proves the place.")


def position_plausible(evidence: Evidence, limits: Limits) -> Answer:
    """Ask whether the positions are such as a phone finds: an app that feigns positions repeats digits and knows no errors."""
    given = [(name, scan) for name, scan in evidence.all_scans() if scan.position is not None]
    if not given:
        return skipped("手机未提供位置。", "The phone gave no position.")
    odd = [said for name, scan in given for said in _oddities(name, scan, evidence, limits)]
    odd += _frozen(given, limits)
    if odd:
        return Outcome.FAILED, sentences(odd)
    return passed("位置数据符合手机定位的特征。", "The positions are such as a phone finds.")


def _oddities(name: Bilingual, scan: Scan, evidence: Evidence, limits: Limits) -> list[Bilingual]:
    """Return what is odd about one position by itself."""
    assert scan.position is not None  # noqa: S101 - asked by the caller
    found = []
    if scan.position.accuracy_m < limits.finest_accuracy_m:
        found.append(
            Bilingual(
                zh=f"{name.zh}位置的精度好于手机所能达到",
                en=f"the position at {name.en} claims to be more exact than phones are",
            )
        )
    if evidence.site is not None and _same(scan.position, evidence.site):
        found.append(
            Bilingual(
                zh=f"{name.zh}位置与登记坐标逐位相同", en=f"the position at {name.en} is the registered one to the last digit"
            )
        )
    if any(_same(scan.position, earlier) for earlier in evidence.earlier_positions):
        found.append(
            Bilingual(
                zh=f"{name.zh}位置与另一次维保逐位相同",
                en=f"the position at {name.en} repeats that of another visit to the last digit",
            )
        )
    if scan.fixed_at is not None:
        age = claimed_at(scan) - scan.fixed_at
        if age > timedelta(seconds=limits.oldest_fix_s):
            found.append(
                Bilingual(
                    zh=f"{name.zh}位置是 {_minutes(age)} 分钟前的旧定位",
                    en=f"the position at {name.en} was {_minutes(age)} min old",
                )
            )
        if -age > timedelta(seconds=limits.tolerance_s):
            found.append(Bilingual(zh=f"{name.zh}位置的时间在扫码之后", en=f"the position at {name.en} is later than its scan"))
    return found


def _frozen(given: list[tuple[Bilingual, Scan]], limits: Limits) -> list[Bilingual]:
    """Return the first two scans that agree to the last digit although time passed: satellites and radio cells never do."""
    for (name, one), (other_name, other) in combinations(given, 2):
        assert one.position is not None  # noqa: S101 - asked by the caller
        assert other.position is not None  # noqa: S101
        if _same(one.position, other.position) and abs(one.at - other.at) >= timedelta(seconds=limits.frozen_after_s):
            return [
                Bilingual(
                    zh=f"{name.zh}与{other_name.zh}的位置逐位相同",
                    en=f"the positions at {name.en} and {other_name.en} agree to the last digit",
                )
            ]
    return []


def _same(one: Position, other: Position) -> bool:
    return abs(one.latitude_deg - other.latitude_deg) < _SAME_DEG and abs(one.longitude_deg - other.longitude_deg) < _SAME_DEG


def _minutes(span: timedelta) -> int:
    return round(span.total_seconds() / 60)


def travel_before(evidence: Evidence, limits: Limits) -> Answer:
    """Ask whether the technician can have come from the last scan elsewhere."""
    arrival, before = evidence.arrival, evidence.before
    if arrival is None:
        return NO_SCAN
    if before is None:
        return passed("之前没有需要核对的其他扫码。", "No scan elsewhere came shortly before.")
    return _travel(evidence.site, before, before.at, arrival.at, limits, _FROM)


def travel_after(evidence: Evidence, limits: Limits) -> Answer:
    """Ask whether the technician can have got to the next scan elsewhere."""
    departure, after = evidence.departure, evidence.after
    if departure is None:
        return NO_SCAN
    if after is None:
        return passed("之后没有需要核对的其他扫码。", "No scan elsewhere came shortly after.")
    return _travel(evidence.site, after, departure.at, after.at, limits, _TO)


_FROM: Final = Bilingual(zh="来自 {elevator}", en="From {elevator}")
_TO: Final = Bilingual(zh="前往 {elevator}", en="To {elevator}")


def _travel(
    site: Position | None, other: Neighbour, begins: datetime, ends: datetime, limits: Limits, words: Bilingual
) -> Answer:
    """Compare the time between two scans with what the distance between the two sites takes at the highest speed."""
    if site is None or other.place is None:
        return skipped("登记信息中没有两处的位置。", "The register does not have both places.")
    metres = max(0.0, distance_m(site, other.place) - limits.slack_m)
    least_s = metres / limits.highest_m_s
    there_s = (ends - begins).total_seconds()
    kmh = round(limits.highest_m_s * 3.6)
    km, minutes = f"{metres / 1000:.1f}", max(0, floor(there_s / 60))
    zh = f"{words.zh.format(elevator=other.elevator)}，相距约 {km} 公里，用时 {minutes} 分钟"
    en = f"{words.en.format(elevator=other.elevator)}: about {km} km in {minutes} min"
    if there_s >= least_s:
        return passed(f"{zh}。", f"{en}.")
    return failed(
        f"{zh}；按每小时 {kmh} 公里至少需要 {ceil(least_s / 60)} 分钟。",
        f"{en}; at {kmh} km/h it takes at least {ceil(least_s / 60)} min.",
    )
