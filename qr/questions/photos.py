"""Questions about photos: taken by the app, during the visit, arrived as announced, and not seen before."""

from datetime import timedelta

from qr.checks import NO_SCAN, Answer, Limits, Outcome, claimed_at, failed, passed, sentences, skipped
from qr.errors import Bilingual
from qr.evidence import Evidence, Reuse


def photos_in_app(evidence: Evidence, limits: Limits) -> Answer:
    """Ask whether the app's camera took the photos between the scans: a gallery holds photos of any day."""
    if not evidence.photos:
        return skipped("没有照片。", "There are no photos.")
    doubts = []
    stored = sum(not photo.in_app for photo in evidence.photos)
    if stored:
        doubts.append(Bilingual(zh=f"{stored} 张照片取自相册", en=f"{stored} of the photos come from the phone's gallery"))
    apart = _outside(evidence, limits)
    if apart:
        doubts.append(
            Bilingual(zh=f"{apart} 张照片不在维保期间拍摄", en=f"{apart} of the photos were not taken during the visit")
        )
    if doubts:
        return Outcome.FAILED, sentences(doubts)
    return passed("照片均由应用在维保期间拍摄。", "The app took the photos during the visit.")


def _outside(evidence: Evidence, limits: Limits) -> int:
    """Return how many photos lie outside the visit, all by the phone's own clock."""
    slack = timedelta(seconds=limits.photo_slack_s)
    begins = claimed_at(evidence.arrival) - slack if evidence.arrival else None
    ends = claimed_at(evidence.departure) + slack if evidence.departure else None
    return sum(
        (begins is not None and photo.taken_at < begins) or (ends is not None and photo.taken_at > ends)
        for photo in evidence.photos
    )


def photos_arrived(evidence: Evidence, _: Limits) -> Answer:
    """Ask whether every announced photo has come in, with the hash that the signed entry names."""
    missing = sum(not photo.arrived for photo in evidence.photos)
    if missing:
        return skipped(
            f"{len(evidence.photos)} 张照片中有 {missing} 张尚未上传。",
            f"{missing} of {len(evidence.photos)} photos have not come in yet.",
        )
    if not evidence.photos:
        return (
            NO_SCAN if evidence.arrival is None else passed("没有待上传的照片。", "No photo was announced, so none is missing.")
        )
    return passed("照片均已上传，与签名记录一致。", "All photos have come in and fit their signed hashes.")


def photos_new(evidence: Evidence, limits: Limits) -> Answer:
    """Ask whether no photo is one of an earlier visit, as the same file or newly compressed."""
    if not evidence.photos:
        return skipped("没有照片。", "There are no photos.")
    again = sum(
        photo.reuse is not None and photo.reuse.other_visit and _is_same(photo.reuse, limits) for photo in evidence.photos
    )
    if again:
        return failed(
            f"{again} 张照片与以前维保的照片为同一画面。", f"{again} of the photos show the very picture of an earlier visit."
        )
    return passed("照片没有在以前的维保中出现过。", "No photo was seen at an earlier visit.")


def photos_alike(evidence: Evidence, limits: Limits) -> Answer:
    """Ask whether no photo is hard to tell from another one: of an earlier visit, or of another item of this one."""
    if not evidence.photos:
        return skipped("没有照片。", "There are no photos.")
    alike = sum(
        photo.reuse is not None
        and (photo.reuse.same_file or photo.reuse.bits <= (limits.alike_bits if photo.reuse.other_visit else limits.same_bits))
        for photo in evidence.photos
    )
    if alike:
        return failed(
            f"{alike} 张照片与其他照片极为相似。",
            f"{alike} of the photos can hardly be told from another one: please look at them.",
        )
    return passed("照片各不相同。", "The photos differ from each other and from earlier ones.")


def _is_same(reuse: Reuse, limits: Limits) -> bool:
    return reuse.same_file or reuse.bits <= limits.same_bits
