"""When an entry was made: not before, not after, and what the phone's clock claimed.

Three clocks bound an entry. The server's, in the beacon that the phone held (the entry was made after it) and at the receipt
(it was made before it). The chain's: an entry was made after the one before it and before the one behind it. The phone's
monotonic clock, which nobody can set: within one of its sessions it tells the least time that passed between two readings. It
is the least, because many phones stop it while they sleep.

The phone's own clock only claims. A claim within the bounds is believed; one outside of them is moved to the nearest bound,
and it is said by how much that clock was off, at least.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID

from msgspec import Struct

from qr.chain.entry import Entry
from qr.errors import Bilingual

DRIFT_PPM: Final = 500
"""How fast a monotonic clock may run, parts per million: the fastest that time services correct it (RFC 5905, PPM limit)."""

TOLERANCE_MS: Final = 120_000
"""A phone's clock that is off by less is called right, unless the caller, such as a rule pack, has a number of its own: phones
without a network's time wander by a minute or two in weeks."""

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_LAST_MS: Final = int((datetime(9999, 12, 31, tzinfo=UTC) - _EPOCH).total_seconds() * 1000)


class ClockSign(StrEnum):
    """What shows of the phone's clock."""

    RIGHT = "right"
    BACK = "back"
    """It was behind the earliest time that is possible."""

    AHEAD = "ahead"
    """It was ahead of the latest time that is possible."""


class Reading(Struct, frozen=True, kw_only=True):
    """What is known of the time of one entry, by itself."""

    seq: int
    at_ms: int
    """The phone's clock."""

    session: UUID
    mono_ms: int
    beacon_at_ms: int | None
    """Server time of its beacon, checked; None where it has none."""

    beacon_session: UUID | None
    beacon_mono_ms: int
    received_ms: int
    """When the server first had it."""


class TimeBounds(Struct, frozen=True, kw_only=True):
    """When an entry was made; all times are milliseconds since 1970 UTC."""

    seq: int
    earliest_ms: int | None
    """Not before; None where neither it nor any entry before it carries a server time."""

    latest_ms: int
    """Not after."""

    at_ms: int
    """The time that counts: the phone's claim where it is possible, else the nearest possible time."""

    claimed_ms: int
    """The phone's clock."""

    sign: ClockSign
    off_ms: int
    """By how much, at least, the phone's clock was off; 0 where it was right."""

    contradicted: bool
    """The earliest time is later than the latest: a clock that nobody can set was tampered with, or the server's was wrong."""

    jump_ms: int
    """How far the phone's clock moved against the monotonic one since the entry before of the same session: negative where it
    was set back; positive where the phone slept meanwhile or its clock was set ahead. 0 for the first of a session."""

    tolerance_ms: int = TOLERANCE_MS
    """What was forgiven of the phone's clock."""

    @property
    def at(self) -> datetime:
        """The time that counts."""
        return instant(self.at_ms)

    @property
    def earliest(self) -> datetime | None:
        """Not before."""
        return None if self.earliest_ms is None else instant(self.earliest_ms)

    @property
    def latest(self) -> datetime:
        """Not after."""
        return instant(self.latest_ms)

    @property
    def set_back_ms(self) -> int:
        """By how much the phone's clock shows to have been set back: against the bounds, or within the session."""
        behind = self.off_ms if self.sign is ClockSign.BACK else 0
        return max(behind, -self.jump_ms if self.jump_ms < -self.tolerance_ms else 0)

    @property
    def reason(self) -> Bilingual:
        """What the clocks say of this entry."""
        return _reason(self)


class Elapsed(Struct, frozen=True, kw_only=True):
    """The time between two entries of one phone, seconds."""

    claimed_s: int
    """By the times that count."""

    least_s: int
    """What the monotonic clock and the bounds prove."""

    most_s: int | None
    """What the bounds leave possible; None where nothing bounds the first."""


def instant(at_ms: int) -> datetime:
    """Return a time with its zone; one past the calendar is its last day, one before the epoch the epoch.

    Bounds lie before the epoch where a monotonic clock claims millennia: no phone is that old, and no calendar holds it.
    """
    return _EPOCH + timedelta(milliseconds=min(max(at_ms, 0), _LAST_MS))


def milliseconds(at: datetime) -> int:
    """Return a time as milliseconds since 1970 UTC."""
    return (at - _EPOCH) // timedelta(milliseconds=1)


def reading_of(entry: Entry, *, beacon_at_ms: int | None, received_at: datetime) -> Reading:
    """Return what is known of the time of an entry by itself.

    Parameters
    ----------
    entry
        The entry.
    beacon_at_ms
        What `beacon.read` made of its token; None where it has none.
    received_at
        When the server first had it.
    """
    held = entry.beacon
    return Reading(
        seq=entry.seq, at_ms=entry.at_ms, session=entry.clock.session, mono_ms=entry.clock.mono_ms,
        beacon_at_ms=beacon_at_ms if held else None, beacon_session=held.session if held else None,
        beacon_mono_ms=held.mono_ms if held else 0, received_ms=milliseconds(received_at),
    )  # fmt: skip


def time_bounds(
    readings: Sequence[Reading], *, earliest_before_ms: int | None = None, tolerance_ms: int = TOLERANCE_MS
) -> list[TimeBounds]:
    """Bound the times of entries that follow each other in one chain.

    Parameters
    ----------
    readings
        In the order of their numbers. Entries may be missing between; the order holds all the same.
    earliest_before_ms
        The latest server time that entries before the first carry, if any.
    tolerance_ms
        A phone's clock that is off by less is called right; the times that count are the same for all.

    Returns
    -------
    list of TimeBounds
        One per reading, in the same order.
    """
    earliest = _earliest(readings, earliest_before_ms)
    latest = _latest(readings)
    jumps = _jumps(readings)
    found: list[TimeBounds] = []
    for reading, least_ms, most_ms, jump_ms in zip(readings, earliest, latest, jumps, strict=True):
        found.append(_bounds(reading, least_ms, most_ms, jump_ms, found[-1] if found else None, tolerance_ms))
    return found


def elapsed(one: TimeBounds, one_reading: Reading, other: TimeBounds, other_reading: Reading) -> Elapsed:
    """Return how much time lies between two entries of one chain, the later one last.

    Parameters
    ----------
    one, other
        Bounds of the earlier and the later entry.
    one_reading, other_reading
        Their readings.
    """
    least_ms = 0 if other.earliest_ms is None else max(0, other.earliest_ms - one.latest_ms)
    if one_reading.session == other_reading.session:
        least_ms = max(least_ms, _surely_passed_ms(one_reading.mono_ms, other_reading.mono_ms))
    most_ms = None if one.earliest_ms is None else max(least_ms, other.latest_ms - one.earliest_ms)
    return Elapsed(
        claimed_s=max(0, other.at_ms - one.at_ms) // 1000,
        least_s=least_ms // 1000,
        most_s=None if most_ms is None else most_ms // 1000,
    )


def _surely_passed_ms(from_mono_ms: int, to_mono_ms: int) -> int:
    """Return the least true time between two readings of one session, even if its clock ran as fast as it may."""
    passed_ms = max(0, to_mono_ms - from_mono_ms)
    return passed_ms - -(-passed_ms * DRIFT_PPM // 1_000_000)


def _earliest(readings: Sequence[Reading], before_ms: int | None) -> list[int | None]:
    """Walk forward: an entry was made after its beacon and after the entry before, plus the monotonic time since."""
    found: list[int | None] = []
    last = before_ms
    in_session: dict[UUID, tuple[int, int]] = {}  # the last bound of a session, and its reading
    for reading in readings:
        candidates = [] if last is None else [last]
        if reading.session in in_session:
            bound_ms, mono_ms = in_session[reading.session]
            candidates.append(bound_ms + _surely_passed_ms(mono_ms, reading.mono_ms))
        if reading.beacon_at_ms is not None:
            same = reading.beacon_session == reading.session
            passed_ms = _surely_passed_ms(reading.beacon_mono_ms, reading.mono_ms) if same else 0
            candidates.append(reading.beacon_at_ms + passed_ms)
        last = max(candidates, default=None)
        if last is not None:
            in_session[reading.session] = (last, reading.mono_ms)
        found.append(last)
    return found


def _latest(readings: Sequence[Reading]) -> list[int]:
    """Walk backward: an entry was made before its receipt, and before the entry behind it by what the monotonic clock says."""
    found: list[int] = []
    next_ms: int | None = None
    in_session: dict[UUID, tuple[int, int]] = {}
    for reading in reversed(readings):
        candidates = [reading.received_ms] if next_ms is None else [reading.received_ms, next_ms]
        if reading.session in in_session:
            bound_ms, mono_ms = in_session[reading.session]
            candidates.append(bound_ms - _surely_passed_ms(reading.mono_ms, mono_ms))
        next_ms = min(candidates)
        in_session[reading.session] = (next_ms, reading.mono_ms)
        found.append(next_ms)
    return found[::-1]


def _jumps(readings: Sequence[Reading]) -> list[int]:
    """Return how far the phone's clock moved against the monotonic one since the entry before of the same session."""
    offsets: dict[UUID, int] = {}
    found = []
    for reading in readings:
        offset_ms = reading.at_ms - reading.mono_ms
        found.append(offset_ms - offsets.get(reading.session, offset_ms))
        offsets[reading.session] = offset_ms
    return found


def _bounds(
    reading: Reading, earliest_ms: int | None, latest_ms: int, jump_ms: int, before: TimeBounds | None, tolerance_ms: int
) -> TimeBounds:
    claimed_ms = reading.at_ms
    behind_ms = 0 if earliest_ms is None else earliest_ms - claimed_ms
    ahead_ms = claimed_ms - latest_ms
    off_ms = max(behind_ms, ahead_ms)
    sign = ClockSign.RIGHT
    if off_ms > tolerance_ms:
        sign = ClockSign.BACK if behind_ms >= ahead_ms else ClockSign.AHEAD
    lower = [bound for bound in (earliest_ms, before.at_ms if before else None) if bound is not None]
    return TimeBounds(
        seq=reading.seq,
        earliest_ms=earliest_ms,
        latest_ms=latest_ms,
        at_ms=min(max([claimed_ms, *lower]), latest_ms),
        claimed_ms=claimed_ms,
        sign=sign,
        off_ms=0 if sign is ClockSign.RIGHT else off_ms,
        contradicted=earliest_ms is not None and earliest_ms > latest_ms + tolerance_ms,
        jump_ms=jump_ms,
        tolerance_ms=tolerance_ms,
    )


def _reason(bounds: TimeBounds) -> Bilingual:
    if bounds.contradicted:
        return Bilingual(
            zh="服务器时间、单调时钟与接收时间互相矛盾。",
            en="The server times, the monotonic clock and the receipt contradict each other.",
        )
    set_back_s = bounds.set_back_ms // 1000
    if set_back_s:
        return Bilingual(
            zh=f"手机时钟被调慢至少 {set_back_s} 秒。", en=f"The phone's clock was behind by at least {set_back_s} s."
        )
    if bounds.sign is ClockSign.AHEAD:
        ahead_s = bounds.off_ms // 1000
        return Bilingual(zh=f"手机时钟快至少 {ahead_s} 秒。", en=f"The phone's clock was ahead by at least {ahead_s} s.")
    if bounds.jump_ms > bounds.tolerance_ms:
        jump_s = bounds.jump_ms // 1000
        return Bilingual(
            zh=f"自上一条目起，手机休眠或时钟被调快 {jump_s} 秒，二者无法区分。",
            en=f"Since the entry before, the phone slept, or its clock was set ahead, for {jump_s} s: the two look the same.",
        )
    if bounds.earliest_ms is None:
        return Bilingual(
            zh="没有服务器时间可对照，只知接收时间。", en="No server time bounds it from before, only its receipt from behind."
        )
    return Bilingual(zh="时间在服务器时间与接收时间之间。", en="Its time lies between a server time and its receipt.")
