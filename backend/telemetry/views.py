"""What leaves the room of telemetry: usage, events, signs of life, devices."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from uuid import UUID

from msgspec import Struct


class UsageQuery(Struct, frozen=True, kw_only=True):
    """A question: how much was a counter used since an instant."""

    elevator: UUID
    counter: str
    """A name of `counters.toml`, such as `trips` or `run_s`; the unit is part of it."""

    since: datetime
    """Aware. Usage is kept per hour, and the hour that holds this instant counts whole (never too little)."""


class Usage(Struct, frozen=True, kw_only=True):
    """How much a counter grew, after restarts and roll-overs."""

    total: int
    """In the counter's own unit."""

    restarts: int
    rollovers: int
    jumps: int
    """Steps of a counter that was replaced or set to another total; they count nothing."""

    readings: int
    """Readings behind the total; 0 means that nothing is known, which is not the same as no use."""

    false_lows: int = 0
    """Readings among them that were false: low ones after which the former total came back; they count nothing."""


class HourUsage(Usage, frozen=True, kw_only=True):
    """Usage of one counter in one hour. A step between two readings counts whole in the hour of the later one."""

    elevator: UUID
    counter: str
    hour: datetime
    """Its beginning, UTC."""


class DayUsage(Usage, frozen=True, kw_only=True):
    """Usage of one counter on one local day."""

    elevator: UUID
    counter: str
    day: date


class EventView(Struct, frozen=True, kw_only=True):
    """Something an elevator reported."""

    elevator: UUID
    at: datetime
    raw_code: str
    """As sent, such as `gbt24476:43`."""

    kind: str
    """What it means, such as `inspection_mode`; `unknown` where no mapping knows the code."""


class LastSeen(Struct, frozen=True, kw_only=True):
    """The last sign of life of an elevator's monitor."""

    elevator: UUID
    at: datetime
    """Time of the latest record, by the device's clock."""

    received_at: datetime
    """When the last record arrived, by ours; late records arrive after newer ones."""


class DeviceView(Struct, frozen=True, kw_only=True):
    """A telemetry source without its key."""

    id: UUID
    name: str
    elevator: UUID | None
    """The elevator it speaks for; None for a gateway of the firm."""

    registration_code: str | None
    active: bool
    created_at: datetime
    last_seen_at: datetime | None
    widths: dict[str, int]
    """Counter → value at which it rolls over to zero, where the device declares one."""


class Problem(Struct, frozen=True):
    """One fault of one record: its field, and why as a gettext template with named places."""

    field: str
    template: str
    params: dict[str, str] = {}


class Rejection(Struct, frozen=True, kw_only=True):
    """A record that was not accepted."""

    index: int
    """Its place in the batch, from 0."""

    field: str
    """Where the first fault is, such as `counters.trips`; `record` where it is the record itself."""

    template: str
    """What is wrong and the way out: a gettext template with named places."""

    params: dict[str, str]
    """Values of the places."""

    also: list[Problem] = []
    """The record's other faults."""

    @property
    def reason(self) -> str:
        """The sentences in English."""
        return tell(self, str)


def tell(rejection: Rejection, translate: Callable[[str], str]) -> str:
    """Return why a record was rejected: the first fault's sentence, then the others with their fields."""
    first = translate(rejection.template).format(**rejection.params)
    others = [f"{other.field}: {translate(other.template).format(**other.params)}" for other in rejection.also]
    return "; ".join([first, *others])


class IngestResult(Struct, frozen=True, kw_only=True):
    """What became of a batch: `accepted + duplicates + len(rejected)` is the number of its records."""

    accepted: int
    duplicates: int
    """Records that were there already, word for word; they count once."""

    rejected: list[Rejection]
    """In the order of the batch."""


class RejectedFilter(Struct, frozen=True, kw_only=True):
    """Which of what was not accepted."""

    device: UUID | None = None
    adapter: str | None = None
    """Format of the messages; empty for ours, None for all."""

    source: str | None = None
    template: str | None = None
    """Of the reason as it is now."""

    state: str | None = "open"
    """`open`, `taken` or None for both."""

    text: str | None = None
    """Part of the device's name, the topic, a value of the reason or the body."""

    nobodys: bool = False
    """Only what belongs to no firm."""


class ReasonCount(Struct, frozen=True, kw_only=True):
    """How much was not accepted for one reason."""

    template: str
    params: dict[str, str]
    """Of the latest."""

    records: int
    times: int
    """How often they were sent."""

    received_at: datetime
    """The last time."""


class ReplayLine(Struct, frozen=True, kw_only=True):
    """What became of one that was replayed."""

    id: int
    outcome: str
    """`accepted`, `duplicate` or `rejected`."""

    field: str = ""
    template: str = ""
    params: dict[str, str] = {}
    """The reason of now, where it is still rejected."""


class ReplayResult(Struct, frozen=True, kw_only=True):
    """What became of what was replayed."""

    accepted: int
    duplicates: int
    """Known already, word for word, or taken by a replay before."""

    rejected: int
    left: int
    """How many more fit and were not reached; ask again."""

    lines: list[ReplayLine]


class RejectedView(Struct, frozen=True, kw_only=True):
    """A rejected record as it is kept."""

    id: int
    firm: UUID | None = None
    """None where nobody knows whose it is."""

    adapter: str = ""
    """The message's format; empty for ours."""

    topic: str = ""
    """Where it was published, over MQTT."""

    whole: bool = False
    """Whether it is a message as it came, not one of its records."""

    state: str = "open"
    """`open`, or `taken` by a replay."""

    replays: int = 0
    replayed_at: datetime | None = None
    now_field: str = ""
    now_template: str = ""
    now_params: dict[str, str] = {}
    """What the last replay found; empty before any, and where it was taken."""

    device: UUID | None
    device_name: str | None
    source: str
    """The way it came: `http`, `mqtt`, `file`, `history`."""

    field: str
    template: str
    params: dict[str, str]
    times: int
    """How often the same record was sent."""

    first_received_at: datetime
    received_at: datetime
    """The last time."""

    body: object
    """The record as sent, or its beginning as text where it is long."""


class ForeignNameView(Struct, frozen=True, kw_only=True):
    """What a device says that no table of ours knows."""

    adapter: str
    """The device's format; `native` for ours."""

    name: str
    """Of a value or a code, as sent."""

    why: str
    """`unknown`: no table has the name; `unreadable`: its value is none that can be; `text`: there is no number of it."""

    times: int
    first_at: datetime
    last_at: datetime
    example: str
    """The latest value."""


class DevicePage(Struct, frozen=True, kw_only=True):
    """A part of the list of devices, by name."""

    rows: list[DeviceView]
    next_cursor: str | None
    """What to ask for the part after this one; None at the end."""


class RejectedPage(Struct, frozen=True, kw_only=True):
    """A part of the list of rejected records, the latest first."""

    rows: list[RejectedView]
    next_cursor: str | None


class EventPage(Struct, frozen=True, kw_only=True):
    """A part of what an elevator reported, the latest first."""

    rows: list[EventView]
    next_cursor: str | None
