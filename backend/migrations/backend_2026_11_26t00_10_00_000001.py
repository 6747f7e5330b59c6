"""Telemetry by month: one row per record, hour and day instead of one per counter, in tables that are partitioned.

What is there is moved. Months are cut by `backend.telemetry.partitions`, which runs after every migration and once a day; until
then all rows lie in the default partitions.
"""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.columns.column_types import Text
from piccolo.columns.indexes import IndexMethod

from backend.piccolo_conf import DB

ID = "2026-11-26T00:10:00:000001"
VERSION = "1.38.0"
DESCRIPTION = "telemetry by month"

_OLD = {
    "TelemetryRecord": "telemetry_record",
    "CounterReading": "counter_reading",
    "UsageHour": "usage_hour",
    "UsageDay": "usage_day",
    "TelemetryEvent": "telemetry_event",
}

_STATEMENTS = (
    *(f"ALTER TABLE {name} RENAME TO old_{name}" for name in _OLD.values()),
    """
    CREATE TABLE telemetry_record (
        firm uuid NOT NULL, elevator uuid NOT NULL, at timestamptz NOT NULL, seq bigint NOT NULL,
        counters text[] COLLATE "C" NOT NULL, totals bigint[] NOT NULL, widths bigint[], gauges jsonb NOT NULL,
        digest bytea NOT NULL, device uuid, received_at timestamptz NOT NULL,
        CONSTRAINT telemetry_record_key PRIMARY KEY (elevator, at, seq)
    ) PARTITION BY RANGE (at)
    """,
    "CREATE INDEX telemetry_record_seq ON telemetry_record (elevator, seq)",
    "CREATE TABLE telemetry_record_default PARTITION OF telemetry_record DEFAULT",
    """
    CREATE TABLE elevator_hour (
        firm uuid NOT NULL, elevator uuid NOT NULL, hour timestamptz NOT NULL, counters text[] COLLATE "C" NOT NULL,
        deltas bigint[] NOT NULL, readings int[] NOT NULL, odd jsonb,
        CONSTRAINT elevator_hour_key PRIMARY KEY (elevator, hour)
    ) PARTITION BY RANGE (hour)
    """,
    "CREATE TABLE elevator_hour_default PARTITION OF elevator_hour DEFAULT",
    """
    CREATE TABLE elevator_day (
        firm uuid NOT NULL, elevator uuid NOT NULL, day date NOT NULL, counters text[] COLLATE "C" NOT NULL,
        deltas bigint[] NOT NULL, readings int[] NOT NULL, odd jsonb,
        CONSTRAINT elevator_day_key PRIMARY KEY (elevator, day)
    ) WITH (fillfactor = 80)
    """,
    """
    CREATE TABLE telemetry_event (
        firm uuid NOT NULL, elevator uuid NOT NULL, at timestamptz NOT NULL, raw_code text COLLATE "C" NOT NULL,
        kind text NOT NULL, CONSTRAINT telemetry_event_key PRIMARY KEY (elevator, at, raw_code)
    ) PARTITION BY RANGE (at)
    """,
    "CREATE TABLE telemetry_event_default PARTITION OF telemetry_event DEFAULT",
    """
    CREATE TABLE counter_anchor (
        firm uuid NOT NULL, elevator uuid NOT NULL, counter text COLLATE "C" NOT NULL, at timestamptz NOT NULL,
        seq bigint NOT NULL, total bigint NOT NULL, width bigint NOT NULL,
        CONSTRAINT counter_anchor_key PRIMARY KEY (elevator, counter)
    )
    """,
    "CREATE TABLE telemetry_horizon (what text PRIMARY KEY, kept_from timestamptz NOT NULL)",
    """
    INSERT INTO telemetry_record SELECT r.firm, r.elevator, r.at, r.seq, coalesce(c.counters, '{}'), coalesce(c.totals, '{}'),
        c.widths, r.gauges, r.digest, r.device, r.received_at
    FROM old_telemetry_record r LEFT JOIN (
        SELECT elevator, at, seq, array_agg(counter ORDER BY counter COLLATE "C") AS counters,
            array_agg(total ORDER BY counter COLLATE "C") AS totals, array_agg(width ORDER BY counter COLLATE "C") AS widths
        FROM old_counter_reading GROUP BY elevator, at, seq
    ) c USING (elevator, at, seq)
    """,
    *(
        f"""
        INSERT INTO elevator_{unit} SELECT firm, elevator, {unit}, array_agg(counter ORDER BY counter COLLATE "C"),
            array_agg(delta ORDER BY counter COLLATE "C"), array_agg(readings ORDER BY counter COLLATE "C"),
            jsonb_object_agg(counter, jsonb_build_array(restarts, rollovers, jumps, 0))
                FILTER (WHERE restarts + rollovers + jumps > 0)
        FROM old_usage_{unit} GROUP BY firm, elevator, {unit}
        """
        for unit in ("hour", "day")
    ),
    "INSERT INTO telemetry_event SELECT firm, elevator, at, raw_code, kind FROM old_telemetry_event",
    *(
        f"""
        CREATE VIEW usage_{unit} WITH (security_invoker = true) AS
        SELECT h.firm, h.elevator, u.counter, h.{unit}, u.delta, coalesce((h.odd -> u.counter ->> 0)::int, 0) AS restarts,
            coalesce((h.odd -> u.counter ->> 1)::int, 0) AS rollovers, coalesce((h.odd -> u.counter ->> 2)::int, 0) AS jumps,
            coalesce((h.odd -> u.counter ->> 3)::int, 0) AS false_lows, u.readings
        FROM elevator_{unit} h CROSS JOIN LATERAL unnest(h.counters, h.deltas, h.readings) AS u (counter, delta, readings)
        """
        for unit in ("hour", "day")
    ),
    "ALTER TABLE elevator_signal SET (fillfactor = 60)",
)


async def forwards():
    manager = MigrationManager(migration_id=ID, app_name="backend", description=DESCRIPTION)

    async def move() -> None:
        # The moved rows belong to all firms, and row security is forced on the tables that they come from.
        await DB.run_ddl("SELECT set_config('liftrounds.firm', '*', true)")
        for statement in _STATEMENTS:
            await DB.run_ddl(statement)

    manager.add_raw(move)
    for class_name, tablename in _OLD.items():
        manager.drop_table(class_name=class_name, tablename=f"old_{tablename}")

    manager.add_column(
        table_class_name="ElevatorSignal",
        tablename="elevator_signal",
        column_name="state",
        db_column_name="state",
        column_class_name="Text",
        column_class=Text,
        params={
            "default": "",
            "null": False,
            "primary_key": False,
            "unique": False,
            "index": False,
            "index_method": IndexMethod.btree,
            "choices": None,
            "db_column_name": None,
            "secret": False,
        },
        schema=None,
    )

    return manager
