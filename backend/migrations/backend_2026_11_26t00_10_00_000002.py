"""Where each elevator's counters stand, from what is stored: what intake goes on from (`backend.telemetry.state`)."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from backend.piccolo_conf import DB

ID = "2026-11-26T00:10:00:000002"
VERSION = "1.38.0"
DESCRIPTION = "where each elevator's counters stand"

_GROWTH = """
jsonb_object_agg(u.counter, jsonb_build_array(u.delta, u.readings, u.restarts, u.rollovers, u.jumps, u.false_lows))
"""

_STATE = f"""
UPDATE elevator_signal s SET state = jsonb_build_object(
    'top_seq', coalesce((SELECT max(seq) FROM telemetry_record r WHERE r.elevator = s.elevator), -1),
    'tail', coalesce((
        SELECT jsonb_object_agg(t.counter, jsonb_build_array((extract(epoch FROM t.at) * 1000000)::bigint, t.seq, t.total, t.width))
        FROM (
            SELECT DISTINCT ON (u.counter) u.counter, r.at, r.seq, u.total, u.width
            FROM telemetry_record r CROSS JOIN LATERAL unnest(r.counters, r.totals, r.widths) AS u (counter, total, width)
            WHERE r.elevator = s.elevator ORDER BY u.counter, r.at DESC, r.seq DESC
        ) t
    ), '{{}}'),
    'bases', coalesce((
        SELECT jsonb_object_agg(b.counter, b.instants) FROM (
            SELECT counter, jsonb_agg((extract(epoch FROM at) * 1000000)::bigint ORDER BY at) AS instants
            FROM counter_base WHERE elevator = s.elevator GROUP BY counter
        ) b
    ), '{{}}'),
    'hour', coalesce((SELECT (extract(epoch FROM max(hour)) / 3600)::bigint FROM elevator_hour WHERE elevator = s.elevator), -1),
    'hour_growth', coalesce((
        SELECT {_GROWTH} FROM usage_hour u WHERE u.elevator = s.elevator
        AND u.hour = (SELECT max(hour) FROM elevator_hour WHERE elevator = s.elevator)
    ), '{{}}'),
    'day', coalesce((SELECT max(day) - DATE '1970-01-01' FROM elevator_day WHERE elevator = s.elevator), -1),
    'day_growth', coalesce((
        SELECT {_GROWTH} FROM usage_day u WHERE u.elevator = s.elevator
        AND u.day = (SELECT max(day) FROM elevator_day WHERE elevator = s.elevator)
    ), '{{}}')
)::text
"""


async def forwards():
    manager = MigrationManager(migration_id=ID, app_name="backend", description=DESCRIPTION)

    async def note() -> None:
        await DB.run_ddl("SELECT set_config('liftrounds.firm', '*', true)")
        await DB.run_ddl(_STATE)

    manager.add_raw(note)
    return manager
