"""Where entries stand in a phone's chain as they come in: linked, behind a gap, or in a place that is taken."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from backend.phones.views import Standing


class Placed(Protocol):
    """An entry that is stored."""

    @property
    def seq(self) -> int:
        """Its number."""

    @property
    def prev(self) -> str:
        """What it names as the entry before."""

    @property
    def sha256(self) -> str:
        """Of its payload."""


class Chain:
    """The head of a phone's chain and the entries behind it.

    Of several entries in one place the one that follows the head counts; if several do, the one that came first. Before a new
    entry comes, nothing that is stored follows the head.

    Parameters
    ----------
    seq, sha256
        Of the last entry up to which nothing is missing.
    """

    def __init__(self, seq: int, sha256: str) -> None:
        self.head = (seq, sha256)
        self._at: dict[int, list[tuple[str, str]]] = {}  # by place: hash and the hash before, in the order of coming
        self.moved: list[str] = []
        """Hashes of the entries over which the head moved, in their order."""

    def knows(self, rows: Iterable[Placed]) -> None:
        """Take in what is stored, in the order in which it came."""
        for row in rows:
            self._put(row.seq, row.prev, row.sha256)

    def place(self, seq: int, prev: str, sha256: str) -> Standing:
        """Take in a new entry; return where it stands now. The head moves over it, and over what waited for it."""
        taken = any(other != sha256 for other, _ in self._at.get(seq, ()))
        self._put(seq, prev, sha256)
        head_seq, head_sha256 = self.head
        if seq == head_seq + 1 and prev == head_sha256:
            self._roll()
            return Standing.LINKED
        return Standing.FORKED if seq <= head_seq + 1 or taken else Standing.CUT

    def _roll(self) -> None:
        while (following := self._first(self.head[0] + 1, self.head[1])) is not None:
            self.head = (self.head[0] + 1, following)
            self.moved.append(following)

    def _first(self, seq: int, prev: str) -> str | None:
        return next((sha256 for sha256, before in self._at.get(seq, ()) if before == prev), None)

    def _put(self, seq: int, prev: str, sha256: str) -> None:
        there = self._at.setdefault(seq, [])
        if (sha256, prev) not in there:
            there.append((sha256, prev))
