"""Tables of telemetry: sources, records, usage per hour, events."""

from piccolo.columns import BigInt, Boolean, Integer, Text, Timestamptz
from piccolo.columns.column_types import JSONB
from piccolo.constraints import Unique
from piccolo.table import Table

from backend.columns import belongs_to, key, may_belong_to, recorded_at
from backend.registry.tables import Elevator, Firm


class Device(Table, tablename="device"):
    """A telemetry source: the monitor of one elevator, or a gateway that speaks for all of a firm (elevator null)."""

    id = key()
    firm = belongs_to(Firm)
    elevator = may_belong_to(Elevator)
    name = Text(null=False)  # also the {device} of its MQTT topic
    key_hash = Text(null=False, unique=True)  # SHA-256, hexadecimal
    active = Boolean(default=True)
    created_at = recorded_at()
    last_seen_at = Timestamptz(null=True, default=None)
    device_one_name = Unique([firm, name])


class CounterReading(Table, tablename="counter_reading"):
    """One counter's total as a device told it."""

    firm = belongs_to(Firm)
    elevator = belongs_to(Elevator)
    counter = Text(null=False)
    at = Timestamptz(null=False)
    total = BigInt(null=False)
    counter_reading_once = Unique([elevator, counter, at])


class UsageHour(Table, tablename="usage_hour"):
    """What a counter grew by in one hour (UTC), after restarts and roll-overs."""

    firm = belongs_to(Firm)
    elevator = belongs_to(Elevator)
    counter = Text(null=False)
    hour = Timestamptz(null=False)
    delta = BigInt(null=False)
    restarts = Integer(default=0)
    rollovers = Integer(default=0)
    usage_hour_once = Unique([elevator, counter, hour])


class TelemetryRecord(Table, tablename="telemetry_record"):
    """A record that was accepted; (elevator, seq) names it."""

    firm = belongs_to(Firm)
    elevator = belongs_to(Elevator)
    seq = BigInt(null=False)
    at = Timestamptz(null=False)
    gauges = JSONB(default="{}")
    device = may_belong_to(Device)
    received_at = recorded_at()
    telemetry_record_once = Unique([elevator, seq])


class TelemetryEvent(Table, tablename="telemetry_event"):
    """Something an elevator reported: the raw code beside the meaning it is mapped to."""

    firm = belongs_to(Firm)
    elevator = belongs_to(Elevator)
    at = Timestamptz(null=False)
    raw_code = Text(null=False)
    kind = Text(null=False)  # `inspection_mode`, `entrapment`, …; `unknown` where no mapping knows the code
    telemetry_event_once = Unique([elevator, at, raw_code])


class RejectedRecord(Table, tablename="rejected_record"):
    """A record that was not accepted, kept with the reason."""

    firm = belongs_to(Firm)
    device = may_belong_to(Device)
    received_at = recorded_at()
    field = Text(null=False)
    reason = Text(null=False)
    body = JSONB(default="{}")
