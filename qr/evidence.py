"""What is known of a visit: the types that `qr.proof` asks its questions about.

Whoever gathers evidence fills in what it has; what it has not stays `None` or empty, and the question that needs it is then
skipped, never passed. Times have a time zone, positions are WGS-84, lengths are metres, durations seconds.
"""

from collections.abc import Iterator
from datetime import datetime
from enum import StrEnum

import msgspec

from qr.chain.rules import ChainReport
from qr.chain.times import TimeBounds
from qr.errors import Bilingual


class LabelState(StrEnum):
    """What the scanned code was at the time of the scan."""

    ACTIVE = "active"
    BLANK = "blank"
    REVOKED = "revoked"
    REPLACED = "replaced"
    OTHER_ELEVATOR = "other_elevator"
    UNKNOWN = "unknown"


class EnteredBy(StrEnum):
    """How the code came into the phone."""

    CAMERA = "camera"
    TYPED = "typed"
    LINK = "link"
    GALLERY = "gallery"


class SignatureState(StrEnum):
    """Whether the phone's key signed an event."""

    UNSIGNED = "unsigned"
    VALID = "valid"
    INVALID = "invalid"


class KeyState(StrEnum):
    """Whose key signed, at the time of the event."""

    ENROLLED = "enrolled"
    """An enrolled phone of the technician who is named."""

    REVOKED = "revoked"
    OTHERS = "others"
    """An enrolled phone of somebody else."""

    UNKNOWN = "unknown"


class Zone(StrEnum):
    """Where a zone label hangs."""

    MACHINE_ROOM = "machine_room"
    CAR_TOP = "car_top"
    PIT = "pit"


class Verdict(StrEnum):
    """What the elevator's own telemetry says about a visit."""

    CORROBORATED = "corroborated"
    SILENT = "silent"
    """Nothing that speaks for it or against it: no monitor, no data of that time, too little of it."""

    CONTRADICTED = "contradicted"


class ElevatorWord(msgspec.Struct, frozen=True):
    """The elevator's own word.

    Parameters
    ----------
    verdict : Verdict
        What its telemetry says.
    seen : tuple of Bilingual
        What was seen, or missed, between the scans: whole sentences, the weightiest first. At least one.
    """

    verdict: Verdict
    seen: tuple[Bilingual, ...]


class Position(msgspec.Struct, frozen=True):
    """A place on WGS-84.

    Parameters
    ----------
    latitude_deg : float
        -90 to 90.
    longitude_deg : float
        -180 to 180.
    accuracy_m : float
        Radius around the place within which the phone believes itself; 0 for a surveyed place.

    Raises
    ------
    ValueError
        If a value is out of range; all such values are named.
    """

    latitude_deg: float
    longitude_deg: float
    accuracy_m: float = 0.0

    def __post_init__(self) -> None:
        ranges = {
            "latitude_deg": (-90.0, self.latitude_deg, 90.0),
            "longitude_deg": (-180.0, self.longitude_deg, 180.0),
            "accuracy_m": (0.0, self.accuracy_m, float("inf")),
        }
        faults = [
            f"{name}: {value} is not {least:g} to {most:g}"
            for name, (least, value, most) in ranges.items()
            if not least <= value <= most
        ]
        if faults:
            raise ValueError("; ".join(faults))


class Scan(msgspec.Struct, frozen=True, kw_only=True):
    """One scan of a label.

    Parameters
    ----------
    at : datetime.datetime
        The time that counts: the phone's, as far as the server's clock leaves it possible.
    label : LabelState
        What the code was then.
    entered_by : EnteredBy
        How it came in.
    position : Position, optional
        Where the phone was, if it told.
    fixed_at : datetime.datetime, optional
        When the phone found that position.
    signature : SignatureState
        Whether the phone signed it.
    key : KeyState, optional
        Whose key that was; None for an unsigned scan.
    bounds : TimeBounds, optional
        Between which instants of the server's clock it lies; None for an unsigned scan.
    received_at : datetime.datetime, optional
        When the server heard of it.
    ahead_s : int
        By how much the phone's clock was ahead of the server's, at least.
    label_zone : Zone, optional
        Where the label itself hangs; None for the one in the car.

    Raises
    ------
    ValueError
        If `at` has no time zone.
    """

    at: datetime
    label: LabelState
    entered_by: EnteredBy
    position: Position | None = None
    fixed_at: datetime | None = None
    signature: SignatureState = SignatureState.UNSIGNED
    key: KeyState | None = None
    bounds: TimeBounds | None = None
    received_at: datetime | None = None
    ahead_s: int = 0
    label_zone: Zone | None = None

    def __post_init__(self) -> None:
        if self.at.utcoffset() is None:
            raise ValueError(f"at: {self.at.isoformat()} has no time zone")


class ZoneScan(msgspec.Struct, frozen=True, kw_only=True):
    """A scan in a zone between arrival and departure.

    Parameters
    ----------
    zone : Zone
        Which zone the technician told.
    scan : Scan
        The scan; `label_zone` is None where it was of the car's label.
    """

    zone: Zone
    scan: Scan

    @property
    def is_proven(self) -> bool:
        """Whether the camera read the label of this very zone; else the zone is only told."""
        return self.scan.label_zone is self.zone and self.scan.entered_by is EnteredBy.CAMERA


class OwnScan(msgspec.Struct, frozen=True, kw_only=True):
    """How another technician joined and left, scanned with their own phone.

    Parameters
    ----------
    technician : str
        Their id.
    joined : Scan
        The first of the two scans.
    left : Scan, optional
        The second one.
    """

    technician: str
    joined: Scan
    left: Scan | None = None


class Neighbour(msgspec.Struct, frozen=True, kw_only=True):
    """The scan elsewhere that came last before a visit, or first after it, of a technician of the visit.

    Parameters
    ----------
    elevator : str
        Its registration code.
    at : datetime.datetime
        When it was scanned there.
    place : Position, optional
        Where the register has that elevator.
    """

    elevator: str
    at: datetime
    place: Position | None


class Elsewhere(msgspec.Struct, frozen=True, kw_only=True):
    """Work of one of the technicians at another elevator at the same time.

    Parameters
    ----------
    elevator : str
        Its registration code.
    other_site : bool
        Whether a scan that they made in between shows them at another site.
    """

    elevator: str
    other_site: bool


class Sighting(msgspec.Struct, frozen=True, kw_only=True):
    """A scan of the same label by another phone, on whatever occasion: taken, held or refused.

    Parameters
    ----------
    at : datetime.datetime
        When.
    position : Position
        Where that phone was.
    """

    at: datetime
    position: Position


class Reuse(msgspec.Struct, frozen=True, kw_only=True):
    """The earlier photo that a photo is most like.

    Parameters
    ----------
    same_file : bool
        Whether it is the very same file.
    bits : int
        In how many of their 64 bits the perceptual hashes differ.
    other_visit : bool
        Whether the earlier photo was taken at another visit.
    """

    same_file: bool
    bits: int
    other_visit: bool = True


class Photo(msgspec.Struct, frozen=True, kw_only=True):
    """A photo that a signed entry announces.

    Parameters
    ----------
    id : str
        Its id.
    taken_at : datetime.datetime
        When, by the phone's clock.
    in_app : bool
        Whether the app's own camera took it, rather than the phone's gallery.
    arrived : bool
        Whether the announced bytes have come in; their hash was compared.
    reuse : Reuse, optional
        The most alike earlier photo, if there is one.
    """

    id: str
    taken_at: datetime
    in_app: bool
    arrived: bool
    reuse: Reuse | None = None


class Evidence(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of a visit.

    Parameters
    ----------
    arrival, departure : Scan, optional
        The two scans; a visit without departure is open.
    site : Position, optional
        Where the elevator is, if the register knows.
    technicians : frozenset of str
        Ids of those who took part: the first by the scans, others by being named or by their own scans.
    own_scans : tuple of OwnScan
        Of the others, from their own phones.
    chain : ChainReport, optional
        Of the first technician's phone around the visit; None for an unsigned visit.
    expected_s : int, optional
        Time on site that the checklist of this visit takes; None where nobody knows.
    before, after : Neighbour, optional
        The technician's scan elsewhere that came last before, and first after.
    elsewhere : tuple of Elsewhere
        What else they were at work at in between.
    sightings : tuple of Sighting
        Of the same label by other phones, close to the visit in time.
    zones : tuple of ZoneScan
        In the order of their signed entries.
    zone_labels : frozenset of Zone
        The zones of the elevator in which a label hung during the visit.
    photos : tuple of Photo
        That signed entries announce.
    earlier_positions : tuple of Position
        Positions that the same phone gave at other visits not long ago.
    elevator : ElevatorWord, optional
        Its own word; None before anybody asked its telemetry.
    """

    arrival: Scan | None = None
    departure: Scan | None = None
    site: Position | None = None
    technicians: frozenset[str] = frozenset()
    own_scans: tuple[OwnScan, ...] = ()
    chain: ChainReport | None = None
    expected_s: int | None = None
    before: Neighbour | None = None
    after: Neighbour | None = None
    elsewhere: tuple[Elsewhere, ...] = ()
    sightings: tuple[Sighting, ...] = ()
    zones: tuple[ZoneScan, ...] = ()
    zone_labels: frozenset[Zone] = frozenset()
    photos: tuple[Photo, ...] = ()
    earlier_positions: tuple[Position, ...] = ()
    elevator: ElevatorWord | None = None

    def scans(self) -> Iterator[tuple[Bilingual, Scan]]:
        """Yield arrival and departure, as far as they are there, with their names."""
        if self.arrival is not None:
            yield Bilingual(zh="到场", en="arrival"), self.arrival
        if self.departure is not None:
            yield Bilingual(zh="离场", en="departure"), self.departure

    def all_scans(self) -> Iterator[tuple[Bilingual, Scan]]:
        """Yield every scan of the visit with its name: arrival and departure, zones, those of other technicians."""
        yield from self.scans()
        for zone in self.zones:
            yield ZONE_NAMES[zone.zone], zone.scan
        for own in self.own_scans:
            yield Bilingual(zh="其他人员到场", en="another technician's arrival"), own.joined
            if own.left is not None:
                yield Bilingual(zh="其他人员离场", en="another technician's departure"), own.left


ZONE_NAMES = {
    Zone.MACHINE_ROOM: Bilingual(zh="机房", en="machine room"),
    Zone.CAR_TOP: Bilingual(zh="轿顶", en="car top"),
    Zone.PIT: Bilingual(zh="底坑", en="pit"),
}
"""What the zones are called."""
