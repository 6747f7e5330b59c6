"""Tables of telemetry: sources, signs of life, period statistics, what was not accepted.

The tables that grow with every record are partitioned or have keys of several columns, which Piccolo does not know; the
migration "telemetry by month" makes them:

telemetry_record (by month of `at`)
    A record that was accepted: elevator, at, seq; `counters` (names, sorted), `totals` and, where a device declared any,
    `widths`, side by side; gauges; digest of the content, because the same number with other content is no duplicate.
    (elevator, seq) names it; that no two have the same name is seen to under the elevator's lock, for a key of a partitioned
    table cannot say it.
elevator_hour (by month of `hour`), elevator_day
    What an elevator's counters grew by in an hour, a day (UTC): `counters`, `deltas` and `readings` side by side; `odd` is null
    or counter → [restarts, roll-overs, jumps, false readings]. The views usage_hour and usage_day have one row per counter.
telemetry_event (by month of `at`)
    Something an elevator reported: the raw code beside the kind it is mapped to, `unknown` where no mapping knows the code.
counter_anchor
    The last reading of each counter before the months that were dropped.
telemetry_horizon
    From when on a table's rows are kept.

They carry firm and elevator as plain ids: `elevator_signal`, whose row every intake locks, holds the elevator.
"""

from piccolo.columns import UUID, Array, BigInt, BigSerial, Boolean, Bytea, Date, Integer, Real, Text, Timestamptz
from piccolo.columns.column_types import JSONB
from piccolo.constraints import Check, Unique
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
    widths = JSONB(default="{}")  # {"trips": 65536}: the value at which a counter of this device rolls over to zero
    dialect = JSONB(default="{}")  # how it speaks, where that is not our own way: see `adapters.dialect.Dialect`
    active = Boolean(default=True)
    created_at = recorded_at()
    last_seen_at = Timestamptz(null=True, default=None)
    device_one_name = Unique([firm, name])


class CounterBase(Table, tablename="counter_base"):
    """A counter was replaced or set: the step over this instant is no use and counts nothing."""

    id = key()
    firm = belongs_to(Firm)
    elevator = belongs_to(Elevator)
    counter = Text()  # empty: all counters of the elevator
    at = Timestamptz(null=False, default=None)
    note = Text()
    recorded_by = UUID(null=True, default=None)  # account
    recorded_at = recorded_at()


class UsagePeriod(Table, tablename="usage_period"):
    """What a counter grew by in a period, as a device told it; which second counts by which statement: see `periods`."""

    id = BigSerial(primary_key=True)
    firm = UUID(null=False, default=None)
    elevator = UUID(null=False, default=None)
    counter = Text(null=False)
    from_at = Timestamptz(null=False, default=None)
    to_at = Timestamptz(null=False, default=None)  # excluded
    growth = BigInt(null=False, default=None)
    stated_at = Timestamptz(null=False, default=None)  # a later statement about the same period corrects the earlier
    usage_period_once = Unique([elevator, counter, from_at, to_at, growth])


class SignalState(Table, tablename="signal_state"):
    """From when to when a group of signals was told alike: alarms that are told again as long as they last begin once."""

    id = BigSerial(primary_key=True)
    firm = UUID(null=False, default=None)
    elevator = UUID(null=False, default=None)
    topic = Text(null=False)  # the group, such as `es1500:PersonTrapped` or `bacnet:fault-signals`
    first_at = Timestamptz(null=False, default=None)
    last_at = Timestamptz(null=False, default=None)
    codes = JSONB(default="[]")  # what is on
    signal_state_once = Unique([elevator, topic, first_at])


class ForeignName(Table, tablename="foreign_name"):
    """What a device says that no table of ours knows: counted and shown, with the latest example."""

    id = BigSerial(primary_key=True)
    firm = UUID(null=False, default=None)
    device = belongs_to(Device, index=False)
    adapter = Text(null=False)  # the device's format; `native` for ours
    name = Text(null=False)  # as sent, with its source before it
    why = Text(null=False)
    times = BigInt(default=1)
    first_at = Timestamptz(null=False, default=None)
    last_at = Timestamptz(null=False, default=None)
    example = Text()
    foreign_name_once = Unique([device, adapter, name])
    foreign_name_why_values = Check("why IN ('unknown', 'unreadable', 'text')")


class ElevatorSignal(Table, tablename="elevator_signal"):
    """The last sign of life of an elevator; its row is the lock under which the elevator's readings are counted."""

    id = BigSerial(primary_key=True)
    firm = UUID(null=False, default=None)
    elevator = belongs_to(Elevator, index=False)
    at = Timestamptz(null=True, default=None)  # of the latest record, by the device's clock
    received_at = Timestamptz(null=True, default=None)
    state = Text()  # where its counters stand: `state.ElevatorState` as JSON; '' before anything came
    elevator_signal_once = Unique([elevator])


class SignalDay(Table, tablename="signal_day"):
    """The hours of one day (UTC) with a record: bit h of `hours` stands for the hour that begins at h."""

    id = BigSerial(primary_key=True)
    firm = UUID(null=False, default=None)
    elevator = UUID(null=False, default=None)
    day = Date(null=False, default=None)
    hours = Integer(default=0)
    delays_s = Array(
        base_column=Integer(), default=list
    )  # seconds from the device's time to ours of the newest record, once per new hour
    gauges = JSONB(default="{}")  # of gauges that never stand still: name → [least, most, records]
    signal_day_once = Unique([elevator, day])
    signal_day_hours = Check("hours BETWEEN 0 AND 16777215")


class RejectedRecord(Table, tablename="rejected_record"):
    """A record or message that was not accepted, kept with the reason; sent again it is counted, not kept again.

    What was taken later, when it was replayed, stays for the same time.
    """

    id = BigSerial(primary_key=True)
    firm = may_belong_to(Firm)  # null where nobody knows whose it is: only admins see it
    device = may_belong_to(Device)
    source = Text(null=False)  # http, mqtt, file, history
    field = Text(null=False)
    template = Text(null=False)  # the reason, as a gettext template
    params = JSONB(default="{}")
    digest = Bytea(null=False, default=None)  # of firm, device, reason and body
    times = BigInt(default=1)
    first_received_at = recorded_at()
    received_at = recorded_at()
    body = JSONB(default="{}")
    whole = Boolean(default=False)  # a message as it came, not one of its records
    packed = Bytea(null=True, default=None, db_column_name="raw")  # zlib; all of it, where `body` holds only what can be shown
    adapter = Text()  # the message's format; empty for ours
    topic = Text()
    state = Text(default="open")
    replays = Integer(default=0)
    replayed_at = Timestamptz(null=True, default=None)
    now_field = Text()  # where its first fault is, as the last replay found it; empty before any
    now_template = Text()
    now_params = JSONB(default="{}")
    rejected_record_once = Unique([digest])
    rejected_record_state_values = Check("state IN ('open', 'taken')")


class DataHealth(Table, tablename="data_health"):
    """How far an elevator's data can be relied on, as last computed; one row per elevator with a monitor."""

    id = BigSerial(primary_key=True)
    firm = UUID(null=False, default=None)
    elevator = belongs_to(Elevator, index=False)
    state = Text(null=False)
    rank = Integer(default=0)  # the worse, the greater: the order of the office's list
    online_share = Real(null=True, default=None)
    gap_h = Integer(default=0)  # the longest gap, hours
    skew_s = Integer(null=True, default=None)  # by how much its clock is behind (negative: ahead), median
    reasons = JSONB(default="[]")
    evidence = JSONB(default="{}")
    computed_at = recorded_at()
    data_health_once = Unique([elevator])
    data_health_state_values = Check("state IN ('good', 'degraded', 'not_usable')")
