"""Positions: committed to in the payload, opened beside it, so that a place can be forgotten and the chain still checks.

The commitment is SHA-256(salt ‖ canonical JSON of the place). The salt has 32 random bytes, so that nobody finds the place by
trying all of them.
"""

from __future__ import annotations

import hashlib
from typing import Annotated, Final

from cryptography.hazmat.primitives.constant_time import bytes_eq
from msgspec import Meta, Struct

from qr.canonical import canonical
from qr.chain.bodies import Count, Hex64, PositionMark
from qr.chain.errors import refused

E7: Final = 10_000_000
"""Units of a position per degree: about a centimetre."""


class OpenedPosition(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where the phone believed to be, WGS-84, with the salt of its commitment.

    ``repr`` leaves out the place, so that it does not end in a log.
    """

    salt: Hex64
    lat_e7: Annotated[int, Meta(ge=-90 * E7, le=90 * E7)]
    """Latitude, 1e-7 degrees."""

    lon_e7: Annotated[int, Meta(ge=-180 * E7, le=180 * E7)]
    """Longitude, 1e-7 degrees."""

    accuracy_dm: Count
    """Radius in which the phone believes itself, decimetres."""

    at_ms: Count
    """When the fix was made, by the phone's clock."""

    def __repr__(self) -> str:
        return "OpenedPosition(…)"

    @property
    def latitude_deg(self) -> float:
        """-90 to 90."""
        return self.lat_e7 / E7

    @property
    def longitude_deg(self) -> float:
        """-180 to 180."""
        return self.lon_e7 / E7

    @property
    def accuracy_m(self) -> float:
        """Not negative."""
        return self.accuracy_dm / 10

    @property
    def commitment(self) -> str:
        """What the payload must hold, lower-case hexadecimal."""
        place = {"lat_e7": self.lat_e7, "lon_e7": self.lon_e7, "accuracy_dm": self.accuracy_dm, "at_ms": self.at_ms}
        return hashlib.sha256(bytes.fromhex(self.salt) + canonical(place)).hexdigest()


def require_opens(mark: PositionMark | None, opened: OpenedPosition) -> None:
    """Let a position pass that is the one committed to.

    Parameters
    ----------
    mark
        Of the entry; None for one that is no scan.
    opened
        What came beside it.

    Raises
    ------
    ChainError
        ``position_unasked`` where the entry has no position, ``position_mismatch`` where it has another one.
    """
    if mark is None or mark.state != "given":
        raise refused("position_unasked", "条目未包含位置，却附带了位置", "The entry has no position, and yet one came with it")
    if not bytes_eq(opened.commitment.encode(), mark.commitment.encode()):
        raise refused(
            "position_mismatch", "附带的位置与签名的位置不符", "The position that came is not the one that was signed"
        )
