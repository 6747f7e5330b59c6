"""SQL of the overview: it reads all rooms and writes none."""

from __future__ import annotations

from datetime import datetime

from backend import database
from backend.overview.views import LatestRun, Overview, SilentElevator

_FACTS = """
WITH f AS (SELECT id, ($1::timestamptz AT TIME ZONE time_zone)::date AS today, time_zone FROM firm),
lifts AS (SELECT e.*, f.today FROM elevator e JOIN f ON f.id = e.firm),
used AS (SELECT * FROM lifts WHERE state = 'in_use'),
due AS (SELECT w.*, u.today FROM due_window w JOIN used u ON u.id = w.elevator WHERE NOT w.paused),
monitored AS (
    SELECT u.id, s.at FROM used u LEFT JOIN elevator_signal s ON s.elevator = u.id
    WHERE s.at IS NOT NULL OR u.monitored_since <= u.today
    OR EXISTS (SELECT FROM device d WHERE d.elevator = u.id AND d.active)
),
orders AS (SELECT o.state, r.day, f.today FROM work_order o JOIN published_round r ON r.id = o.round JOIN f ON f.id = o.firm
    WHERE r.day BETWEEN f.today - 7 AND f.today AND o.state <> 'cancelled'),
active_crews AS (SELECT c.id, f.today FROM crew c JOIN f ON f.id = c.firm WHERE c.active)
"""

_COUNTS = """
SELECT (SELECT count(*) FROM f) AS firms,
(SELECT count(*) FROM used) AS elevators,
(SELECT count(*) FROM lifts WHERE state = 'stopped') AS stopped,
(SELECT count(*) FROM due) AS windows,
(SELECT count(*) FROM due WHERE last_day < today) AS overdue,
(SELECT count(*) FROM due WHERE last_day BETWEEN today AND today + 6) AS due_soon,
(SELECT count(*) FROM due WHERE fallen_back) AS fallen_back,
(SELECT count(*) FROM visit WHERE state = 'open') AS open_visits,
(SELECT count(*) FROM visit WHERE state = 'open' AND arrived_at < $1 - interval '12 hours') AS stale_visits,
(SELECT count(*) FROM orders WHERE day = today) AS stops_today,
(SELECT count(*) FROM orders WHERE day = today AND state = 'done') AS stops_done,
(SELECT count(*) FROM orders WHERE state = 'missed') AS stops_missed,
(SELECT count(*) FROM visit WHERE state = 'finished' AND confirmation = 'pending' AND withdrawn = '') AS confirmations_pending,
(SELECT count(*) FROM visit WHERE state = 'finished' AND confirmation = 'refused' AND withdrawn = '') AS confirmations_refused,
(SELECT count(*) FROM visit WHERE review = 'waiting') AS reviews_waiting,
(SELECT count(*) FROM finding WHERE closed_at IS NULL) AS hazards,
(SELECT count(*) FROM finding WHERE closed_at IS NULL AND severity = 'stop_use') AS stop_use,
(SELECT count(*) FROM notice n JOIN finding g ON g.id = n.finding WHERE n.read_at IS NULL AND g.closed_at IS NULL)
    AS notices_unread,
(SELECT count(*) FROM monitored) AS monitored,
(SELECT count(*) FROM monitored WHERE at IS NULL OR at < $1 - interval '24 hours') AS silent,
(SELECT count(*) FROM device WHERE active) AS devices,
(SELECT count(*) FROM active_crews) AS crews,
(SELECT count(*) FROM active_crews c WHERE NOT EXISTS (SELECT FROM shift s WHERE s.crew = c.id)) AS crews_without_hours,
(SELECT count(*) FROM active_crews c WHERE NOT EXISTS (
    SELECT FROM crew_member m WHERE m.crew = c.id AND (m.ends_on IS NULL OR m.ends_on >= c.today))) AS crews_without_people,
(SELECT count(*) FROM technician WHERE active) AS technicians,
(SELECT count(*) FROM technician t JOIN f ON f.id = t.firm WHERE t.active AND NOT EXISTS (
    SELECT FROM certificate c WHERE c.technician = t.id AND c.code = 'T' AND c.expires_on > f.today + 30))
    AS certificates_ending,
(SELECT count(*) FROM account a JOIN f ON f.id = a.firm WHERE a.active) AS accounts,
(SELECT count(*) FROM used u WHERE NOT EXISTS (
    SELECT FROM label l WHERE l.elevator = u.id AND l.state = 'active' AND l.zone = ''))
    AS without_label,
(SELECT count(*) FROM used u JOIN site s ON s.id = u.site WHERE s.lat IS NULL OR s.lon IS NULL) AS without_position,
(SELECT count(*) FROM owner o WHERE EXISTS (SELECT FROM site s JOIN used u ON u.site = s.id WHERE s.owner = o.id)
    AND NOT EXISTS (SELECT FROM account a WHERE a.owner = o.id AND a.active)) AS without_owner_account,
coalesce((SELECT found FROM log_check ORDER BY at DESC LIMIT 1), 0) AS log_contradictions,
(SELECT count(*) FROM used WHERE inspection_due_on < today + 30) AS inspections_due
"""


async def overview(at: datetime) -> Overview:
    """Return the counts at an instant."""
    found = await database.fetch_one_as(Overview, _FACTS + _COUNTS, at)
    assert found is not None  # noqa: S101 - a query without FROM has a row
    return found


async def latest_run() -> LatestRun | None:
    """Return the newest run that was not discarded, None where there is none."""
    return await database.fetch_one_as(
        LatestRun,
        "SELECT id, state, start_date, days, (outline->>'planned')::int AS planned,"
        " (outline->>'missed_mandatory')::int AS missed_mandatory,"
        " coalesce((outline->>'left_out_before')::int, 0) AS left_out_before"
        " FROM plan_run WHERE state <> 'discarded' ORDER BY requested_at DESC, id LIMIT 1",
    )


async def silent(at: datetime, limit: int) -> list[SilentElevator]:
    """Return monitored elevators without a sign of life for a day, the longest silent first."""
    return await database.fetch_as(
        SilentElevator,
        _FACTS + "SELECT u.id AS elevator, u.registration_code, u.unit_name, s.name AS site_name, m.at AS last_seen_at,"
        " ARRAY(SELECT d.name FROM device d WHERE d.elevator = u.id AND d.active ORDER BY 1) AS device_names"
        " FROM monitored m JOIN used u ON u.id = m.id JOIN site s ON s.id = u.site"
        " WHERE m.at IS NULL OR m.at < $1 - interval '24 hours' ORDER BY m.at NULLS FIRST, u.registration_code LIMIT $2",
        at,
        limit,
    )
