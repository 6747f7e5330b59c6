"""Questions about the machine room, the car top and the pit: which of them somebody has been to, and in which order."""

from collections.abc import Iterable
from itertools import combinations

from qr.checks import Answer, Limits, Outcome, both_scans, failed, passed, skipped
from qr.errors import Bilingual
from qr.evidence import ZONE_NAMES, Evidence, LabelState, Scan, Zone
from qr.questions.places import geofence


def zones(evidence: Evidence, limits: Limits) -> Answer:
    """Ask whether each label was scanned where it hangs, and the zones in an order that somebody can walk.

    The arrival and the departure belong to the car's label, a zone to its own or the car's. Zones belong inside the visit and
    at the site, and no two of them at once. Labels of the wrong place are held when they come; here are those taken by hand.
    """
    if wrong := _out_of_place(evidence):
        return failed(wrong.zh, wrong.en)
    if not evidence.zones:
        return skipped("没有区域标签扫码。", "No zone label was scanned.")
    scans = both_scans(evidence)
    if not isinstance(scans[0], Scan):
        return scans
    arrival, departure = scans
    for zone in evidence.zones:
        name = ZONE_NAMES[zone.zone]
        if zone.scan.at < arrival.at:
            return failed(f"{name.zh}扫码早于到场。", f"The {name.en} was scanned before the arrival.")
        if zone.scan.at > departure.at:
            return failed(f"{name.zh}扫码晚于离场。", f"The {name.en} was scanned after the departure.")
        if geofence(zone.scan, evidence.site, limits)[0] is Outcome.FAILED:
            return failed(f"{name.zh}扫码时手机不在现场。", f"The phone was away from the site when the {name.en} was scanned.")
    for one, other in combinations(evidence.zones, 2):
        apart_s = abs((other.scan.at - one.scan.at).total_seconds())
        if one.zone is not other.zone and apart_s < limits.least_zone_change_s:
            names = ZONE_NAMES[one.zone], ZONE_NAMES[other.zone]
            return failed(
                f"{names[0].zh}与{names[1].zh}扫码相隔 {apart_s:.0f} 秒，至少需要 {limits.least_zone_change_s} 秒。",
                f"{names[0].en.capitalize()} and {names[1].en} were scanned {apart_s:.0f} s apart; it takes at least"
                f" {limits.least_zone_change_s} s.",
            )
    told = _named(zone.zone for zone in evidence.zones)
    return passed(f"区域扫码顺序合理：{told.zh}。", f"Zones were scanned in a sensible order: {told.en}.")


def zones_proven(evidence: Evidence, _: Limits) -> Answer:
    """Ask whether the camera read the zones' own labels: a zone told with the car's label rests on the technician's word.

    Where no label hangs, nothing is asked. Where some do, one of them has to be read, and the label of each zone that is told.
    """
    told = {zone.zone for zone in evidence.zones}
    proven = {zone.zone for zone in evidence.zones if zone.is_proven and zone.scan.label is LabelState.ACTIVE}
    passed_by = (told & evidence.zone_labels) - proven
    if passed_by:
        names = _named(passed_by)
        return failed(
            f"{names.zh}装有标签，但摄像头未读取该标签：只是技术人员自述到过。",
            f"There is a label in the {names.en}, but the camera did not read it: the zone is only told.",
        )
    if evidence.zone_labels and not proven:
        names = _named(evidence.zone_labels)
        return failed(
            f"{names.zh}装有标签，但一个也没有扫描。", f"There are labels in these zones, and none was read: {names.en}."
        )
    only_told = told - proven
    if not proven:
        names = _named(only_told)
        if only_told:
            return skipped(
                f"{names.zh}：扫描的是轿厢标签，只是技术人员自述到过。",
                f"Told with the car's label, which shows no zone: {names.en}.",
            )
        return skipped("该电梯的区域内没有标签。", "No labels hang in the zones of this elevator.")
    names = _named(proven)
    if only_told:
        others = _named(only_told)
        return passed(
            f"已读取区域标签：{names.zh}；{others.zh}没有标签，为技术人员自述。",
            f"Labels were read in: {names.en}; told without a label: {others.en}.",
        )
    return passed(f"已读取区域标签：{names.zh}。", f"Labels were read in: {names.en}.")


def _out_of_place(evidence: Evidence) -> Bilingual | None:
    """Return which scan met the label of another place."""
    for name, scan in evidence.scans():
        if scan.label_zone is not None:
            label = ZONE_NAMES[scan.label_zone]
            return Bilingual(
                zh=f"{name.zh}扫描的是{label.zh}的标签，不是轿厢标签。",
                en=f"The {name.en} was scanned from the label of the {label.en}, not the one in the car.",
            )
    for zone in evidence.zones:
        if zone.scan.label_zone not in (None, zone.zone):
            label, told = ZONE_NAMES[zone.scan.label_zone], ZONE_NAMES[zone.zone]
            return Bilingual(
                zh=f"自述在{told.zh}，扫描的却是{label.zh}的标签。",
                en=f"The {told.en} was told, but the label of the {label.en} was scanned.",
            )
    return None


def _named(found: Iterable[Zone]) -> Bilingual:
    """Return zones as a list, each once, in the order in which they are walked."""
    listed = sorted(set(found), key=list(Zone).index)
    return Bilingual(zh="、".join(ZONE_NAMES[zone].zh for zone in listed), en=", ".join(ZONE_NAMES[zone].en for zone in listed))
