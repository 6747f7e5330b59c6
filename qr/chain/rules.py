"""Whether the entries of a phone form one chain: whole, or cut, reordered, repeated, forked, or against its own clocks.

One function per rule, over links in the order in which they are presented. Nothing here accuses anybody: a cut is what a lost
upload looks like, a fork what a phone restored from a backup makes. What it means for a visit is weighed elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from enum import StrEnum
from itertools import pairwise
from typing import Final
from uuid import UUID

from msgspec import Struct

from qr.chain.entry import Entry
from qr.errors import Bilingual


class ChainState(StrEnum):
    """How entries hang together, the gravest first."""

    FORKED = "forked"
    """Two entries claim the same place, or one follows another than the one that is there."""

    REORDERED = "reordered"
    """They were presented in another order than the one they were signed in."""

    REPEATED = "repeated"
    """One was presented twice."""

    CUT = "cut"
    """Some are missing: before, between, or up to the head that the phone is known to have reached."""

    WHOLE = "whole"


class FaultKind(StrEnum):
    """What was found."""

    FORKED = "forked"
    REORDERED = "reordered"
    REPEATED = "repeated"
    CUT = "cut"
    MONOTONIC_BACK = "monotonic_back"
    """Within one session the monotonic clock went back, which no clock of that kind does."""

    BEACON_AHEAD = "beacon_ahead"
    """The entry's server time came later, by the monotonic clock, than the entry was made."""


class Link(Struct, frozen=True, kw_only=True):
    """What the rules read of an entry."""

    seq: int
    prev: str
    sha256: str
    session: UUID
    mono_ms: int
    beacon_session: UUID | None
    beacon_mono_ms: int


class ChainFault(Struct, frozen=True, kw_only=True):
    """One thing that is wrong, and where."""

    kind: FaultKind
    seq: int
    """Of the entry at which it shows; for a cut, the first that is missing."""

    reason: Bilingual


class ChainReport(Struct, frozen=True, kw_only=True):
    """What was found."""

    state: ChainState
    faults: tuple[ChainFault, ...]

    @property
    def is_whole(self) -> bool:
        """Whether nothing is wrong, the clocks included."""
        return not self.faults


def link_of(entry: Entry, sha256: str) -> Link:
    """Return what the rules read of an entry.

    Parameters
    ----------
    entry, sha256
        The entry and the hash of its payload.
    """
    beacon = entry.beacon
    return Link(
        seq=entry.seq, prev=entry.prev, sha256=sha256, session=entry.clock.session, mono_ms=entry.clock.mono_ms,
        beacon_session=beacon.session if beacon else None, beacon_mono_ms=beacon.mono_ms if beacon else 0,
    )  # fmt: skip


def check_chain(links: Sequence[Link], *, before: tuple[int, str], head: tuple[int, str] | None = None) -> ChainReport:
    """Hold entries against every rule of a chain.

    Parameters
    ----------
    links
        In the order in which they are presented.
    before
        Number and hash of the entry before the first one: 0 and `envelope.root_of` for a whole chain.
    head
        Number and hash of the last entry that is known to exist, if it is known.

    Returns
    -------
    ChainReport
        Whole without faults where every rule holds.
    """
    given = _Presented(links=links, before=before, head=head)
    faults = [fault for rule in _RULES for fault in rule(given)]
    found = {fault.kind.value for fault in faults}
    state = next((state for state in ChainState if state.value in found), ChainState.WHOLE)
    return ChainReport(state=state, faults=tuple(faults))


class _Presented(Struct, frozen=True, kw_only=True):
    """What `check_chain` was asked about."""

    links: Sequence[Link]
    before: tuple[int, str]
    head: tuple[int, str] | None


def _forked(given: _Presented) -> Iterator[ChainFault]:
    """Find places with two entries, and entries that follow another one than the one that is there."""
    there: dict[int, set[str]] = {given.before[0]: {given.before[1]}}
    for link in given.links:
        there.setdefault(link.seq, set()).add(link.sha256)
    if given.head is not None and given.head[0] in there:
        there[given.head[0]].add(given.head[1])
    for seq in sorted(seq for seq, hashes in there.items() if len(hashes) > 1):
        yield _fault(FaultKind.FORKED, seq, f"第 {seq} 条有两个不同的内容", f"entry {seq} exists with two different contents")
    for link in sorted(given.links, key=lambda link: link.seq):
        known = there.get(link.seq - 1)
        if known is not None and link.prev not in known:
            zh, en = (
                f"第 {link.seq} 条接续的不是已知的前一条",
                f"entry {link.seq} follows another entry than the one that is known",
            )
            yield _fault(FaultKind.FORKED, link.seq, zh, en)


def _reordered(given: _Presented) -> Iterator[ChainFault]:
    """Find entries presented after one that was signed later."""
    for one, other in pairwise(given.links):
        if other.seq < one.seq:
            zh, en = f"第 {other.seq} 条排在第 {one.seq} 条之后", f"entry {other.seq} stands behind entry {one.seq}"
            yield _fault(FaultKind.REORDERED, other.seq, zh, en)
    for link in given.links:
        if link.seq < given.before[0]:
            zh, en = f"第 {link.seq} 条早于起点", f"entry {link.seq} lies before the start"
            yield _fault(FaultKind.REORDERED, link.seq, zh, en)


def _repeated(given: _Presented) -> Iterator[ChainFault]:
    """Find entries presented twice."""
    seen = {given.before[1]}
    for link in given.links:
        if link.sha256 in seen:
            yield _fault(FaultKind.REPEATED, link.seq, f"第 {link.seq} 条重复", f"entry {link.seq} is there twice")
        seen.add(link.sha256)


def _cut(given: _Presented) -> Iterator[ChainFault]:
    """Find numbers that are missing."""
    present = sorted({given.before[0], *(link.seq for link in given.links), *([given.head[0] + 1] if given.head else [])})
    for one, other in pairwise(present):
        if other > one + 1:
            last = other - 1
            zh = f"缺少第 {one + 1} 条" if last == one + 1 else f"缺少第 {one + 1} 至 {last} 条"
            en = f"entry {last} is missing" if last == one + 1 else f"entries {one + 1} to {last} are missing"
            yield _fault(FaultKind.CUT, one + 1, zh, en)


def _monotonic_back(given: _Presented) -> Iterator[ChainFault]:
    """Find entries whose monotonic clock reads less than that of an earlier entry of the same session."""
    highest: dict[UUID, int] = {}
    for link in sorted(given.links, key=lambda link: link.seq):
        least_ms = highest.get(link.session, 0)
        if link.mono_ms < least_ms:
            zh = f"第 {link.seq} 条的单调时钟倒退 {least_ms - link.mono_ms} 毫秒"
            en = f"the monotonic clock of entry {link.seq} went back by {least_ms - link.mono_ms} ms"
            yield _fault(FaultKind.MONOTONIC_BACK, link.seq, zh, en)
        highest[link.session] = max(least_ms, link.mono_ms)


def _beacon_ahead(given: _Presented) -> Iterator[ChainFault]:
    """Find entries that carry a server time which came, by their own monotonic clock, after them."""
    for link in given.links:
        if link.beacon_session == link.session and link.beacon_mono_ms > link.mono_ms:
            zh, en = f"第 {link.seq} 条带有之后才收到的服务器时间", f"entry {link.seq} carries a server time that came after it"
            yield _fault(FaultKind.BEACON_AHEAD, link.seq, zh, en)


def _fault(kind: FaultKind, seq: int, zh: str, en: str) -> ChainFault:
    return ChainFault(kind=kind, seq=seq, reason=Bilingual(zh=f"{zh}。", en=f"{en[:1].upper()}{en[1:]}."))


_RULES: Final[tuple[Callable[[_Presented], Iterator[ChainFault]], ...]] = (
    _forked, _reordered, _repeated, _cut, _monotonic_back, _beacon_ahead,
)  # fmt: skip
