"""Questions about the phone's signature, its key, its chain and its clocks."""

from datetime import timedelta
from typing import Final

from qr.chain.rules import FaultKind
from qr.checks import NO_SCAN, Answer, Limits, Outcome, failed, passed, sentences, skipped
from qr.errors import Bilingual
from qr.evidence import Evidence, KeyState, Scan, SignatureState

PROMPT: Final = timedelta(minutes=15)
"""An unsigned scan that the server hears of within this time rests on the server's clock as well as on the phone's."""

_SHOWN: Final = 3
"""Faults of a chain that a reason names; the phone's page lists all."""

_KEY_STATE: Final = {
    KeyState.REVOKED: Bilingual(zh="当时已停用", en="was revoked by then"),
    KeyState.OTHERS: Bilingual(zh="登记在他人名下", en="is enrolled for somebody else"),
    KeyState.UNKNOWN: Bilingual(zh="未登记", en="is not enrolled"),
}
_UNSIGNED: Final = (
    Outcome.SKIPPED,
    Bilingual(zh="扫码没有手机签名。", en="No phone signed the scans."),
)


def signed(evidence: Evidence, _: Limits) -> Answer:
    """Ask whether a phone's key signed every scan; without that, whoever knows the password can send scans."""
    scans = list(evidence.scans())
    if not scans:
        return NO_SCAN
    wrong = [name for name, scan in evidence.all_scans() if scan.signature is SignatureState.INVALID]
    if wrong:
        return failed(
            "、".join(name.zh for name in wrong) + "的手机签名与内容不符。",
            "The phone's signature of " + " and ".join(name.en for name in wrong) + " does not fit its content.",
        )
    if any(scan.signature is SignatureState.UNSIGNED for _, scan in scans):
        return _UNSIGNED
    return passed("扫码由手机密钥签名。", "A phone's key signed the scans.")


def key(evidence: Evidence, _: Limits) -> Answer:
    """Ask whether that key was enrolled for the technician, and not revoked, when it signed."""
    if not list(evidence.scans()):
        return NO_SCAN
    wrong = [
        (name, _KEY_STATE[scan.key]) for name, scan in evidence.all_scans() if scan.key and scan.key is not KeyState.ENROLLED
    ]
    if wrong:
        return failed(
            "；".join(f"{name.zh}扫码的手机密钥{state.zh}" for name, state in wrong) + "。",
            "; ".join(f"The key of the phone at {name.en} {state.en}" for name, state in wrong) + ".",
        )
    if any(scan.key is None for _, scan in evidence.scans()):
        return _UNSIGNED
    return passed("手机密钥登记在该维保人员名下且有效。", "The key was enrolled for the technician and not revoked.")


def chain(evidence: Evidence, _: Limits) -> Answer:
    """Ask whether the phone's entries form one chain: nothing left out, added between, or put in another order."""
    report = evidence.chain
    if report is None:
        return _UNSIGNED if list(evidence.scans()) else NO_SCAN
    faults = [fault.reason for fault in report.faults if fault.kind is not FaultKind.REPEATED]  # sent twice is stored once
    if not faults:
        return passed("手机记录链完整。", "The chain of the phone's entries is whole.")
    zh, en = "".join(reason.zh for reason in faults[:_SHOWN]), " ".join(reason.en for reason in faults[:_SHOWN])
    return failed(f"手机记录链不完整：{zh}", f"The chain of the phone's entries is not whole: {en}")


def time_bounded(evidence: Evidence, limits: Limits) -> Answer:
    """Ask whether server times bound the scans closely, and none claims an earlier time: late is fine, back-dated shows.

    The phone's clock alone proves nothing: it can be set. What counts is the time within the bounds.
    """
    scans = list(evidence.scans())
    if not scans:
        return NO_SCAN
    loose: list[Bilingual] = []
    for name, scan in scans:
        bounds = scan.bounds
        if bounds is None:
            return _UNSIGNED
        if bounds.contradicted or bounds.set_back_ms > limits.back_dating_s * 1000:
            return failed(f"{name.zh}：{bounds.reason.zh}", f"At {name.en}: {bounds.reason.en}")
        if bounds.earliest is None:
            loose.append(
                Bilingual(zh=f"{name.zh}之前手机没有取得服务器时间", en=f"the phone had no server time before {name.en}")
            )
        elif bounds.latest - bounds.earliest > timedelta(seconds=limits.width_s):
            hours = round((bounds.latest - bounds.earliest).total_seconds() / 3600)
            loose.append(
                Bilingual(
                    zh=f"{name.zh}时间的服务器界限相隔 {hours} 小时", en=f"the server's bounds of {name.en} lie {hours} h apart"
                )
            )
    if loose:
        return Outcome.SKIPPED, sentences(loose)
    return passed("扫码时间由服务器时间前后界定。", "Server times bound the scans from before and from behind.")


def clock(evidence: Evidence, limits: Limits) -> Answer:
    """Ask whether the server's clock bears out the phone's; where it does not, the time that counts is the server's."""
    scans = [scan for _, scan in evidence.scans()]
    if not scans:
        return NO_SCAN
    if all(scan.bounds is not None for scan in scans):
        return _clock_of_signed(evidence, limits)
    ahead_s = max(scan.ahead_s for scan in scans)
    if ahead_s:
        return failed(
            f"手机时钟至少快 {ahead_s} 秒，以服务器收到的时间为准。",
            f"The phone's clock was at least {ahead_s} s ahead: the time of receipt counts.",
        )
    late = max((_lateness(scan) for scan in scans), default=timedelta())
    if late > PROMPT:
        minutes = round(late.total_seconds() / 60)
        return skipped(
            f"离线记录，最晚在 {minutes} 分钟后上传，时间仅以手机时钟为据。",
            f"Kept offline and sent in up to {minutes} min later: the times rest on the phone's clock alone.",
        )
    return passed("手机时间与服务器一致。", "The server's clock bears out the phone's.")


def _clock_of_signed(evidence: Evidence, limits: Limits) -> Answer:
    for name, scan in evidence.scans():
        assert scan.bounds is not None  # noqa: S101 - asked by the caller
        if max(scan.bounds.set_back_ms, scan.bounds.off_ms) > limits.tolerance_s * 1000:
            return failed(f"{name.zh}：{scan.bounds.reason.zh}", f"At {name.en}: {scan.bounds.reason.en}")
    return passed("手机时间与服务器一致。", "The server's clock bears out the phone's.")


def _lateness(scan: Scan) -> timedelta:
    return timedelta() if scan.received_at is None else scan.received_at - scan.at
