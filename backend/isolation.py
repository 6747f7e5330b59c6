"""Row security: one policy on every table that has a firm, so that tenancy is enforced in one place.

Applied after the migrations, idempotent. Where the login is a superuser (the embedded server), queries run as the role
`liftrounds_app`, because row security does not bind superusers; any other login is bound by `FORCE ROW LEVEL SECURITY`.
"""

from __future__ import annotations

import asyncpg

from backend.database import APP_ROLE

SHARED_TABLES = frozenset({"account"})
"""Tables with a firm that are read before the firm is known (sign-in)."""

IMMUTABLE_TABLES = (
    "visit_record", "scan", "owner_decision", "audit_event", "log_leaf", "log_entry", "log_checkpoint", "log_check",
    "visit_grade", "visit_review", "dispatch_node", "chain_entry", "chain_link",
)  # fmt: skip
"""Tables whose rows are written once: a correction is a new row."""

_TENANT_TABLES = """
SELECT c.table_name FROM information_schema.columns c
JOIN information_schema.tables t USING (table_schema, table_name)
WHERE c.table_schema = 'public' AND c.column_name = 'firm' AND t.table_type = 'BASE TABLE' ORDER BY 1
"""

_POLICY = """
DROP POLICY IF EXISTS firm_scope ON "{table}";
CREATE POLICY firm_scope ON "{table}" USING (
    (SELECT current_setting('liftrounds.firm', true)) = '*'
    OR "{column}" = (SELECT nullif(nullif(current_setting('liftrounds.firm', true), '*'), '')::uuid)
);
ALTER TABLE "{table}" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "{table}" FORCE ROW LEVEL SECURITY;
"""
"""The setting stands in a SELECT of its own, so that it is read once per statement and not once per row."""

_WRITE_ONCE = """
CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'rows of % are written once; a correction is a new row', TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END $$;
"""

_WRITE_ONCE_TRIGGER = """
CREATE OR REPLACE TRIGGER written_once BEFORE UPDATE OR DELETE ON "{table}"
FOR EACH ROW EXECUTE FUNCTION refuse_change();
"""

_SCAN_FORGETS = """
CREATE OR REPLACE FUNCTION refuse_change_but_forgetting() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE forgotten text[] := ARRAY['lat', 'lon', 'accuracy_m', 'place', 'distance_band', 'position_forgotten_at'];
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.position_forgotten_at IS NULL AND NEW.position_forgotten_at IS NOT NULL
        AND num_nonnulls(NEW.lat, NEW.lon, NEW.accuracy_m) = 0
        AND to_jsonb(NEW) - forgotten = to_jsonb(OLD) - forgotten
    THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'rows of % are written once; only the position of a scan is forgotten, once', TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END $$;
CREATE OR REPLACE TRIGGER written_once BEFORE UPDATE OR DELETE ON "scan"
FOR EACH ROW EXECUTE FUNCTION refuse_change_but_forgetting();
"""
"""A scan's position is kept for the pack's period only; nothing else of the row ever changes."""

_ATTEMPT_ENDS = """
CREATE OR REPLACE FUNCTION refuse_change_but_ending() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' AND OLD.at < now() - interval '90 days' THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION 'rows of % are written once, and end after months only', TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END $$;
CREATE OR REPLACE TRIGGER written_once BEFORE UPDATE OR DELETE ON "message_attempt"
FOR EACH ROW EXECUTE FUNCTION refuse_change_but_ending();
"""
"""An attempt to deliver ends with its message, never before the three months that every installation keeps messages."""

_GRANTS = f"""
GRANT USAGE ON SCHEMA public TO {APP_ROLE};
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {APP_ROLE};
GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {APP_ROLE};
"""


async def tenant_tables(connection: asyncpg.Connection) -> list[str]:
    """Return the names of the tables whose rows belong to a firm."""
    rows = await connection.fetch(_TENANT_TABLES)
    return [row["table_name"] for row in rows if row["table_name"] not in SHARED_TABLES]


async def bind(connection: asyncpg.Connection, table: str) -> None:
    """Put policy and grants on one table with a firm that was made after `apply`, such as a month's partition."""
    if await connection.fetchval("SELECT count(*) FROM pg_roles WHERE rolname = $1", APP_ROLE):
        await connection.execute(f'GRANT SELECT, INSERT, UPDATE, DELETE ON "{table}" TO {APP_ROLE}')
    await connection.execute(_POLICY.format(table=table, column="firm"))


async def apply(connection: asyncpg.Connection) -> None:
    """Put policies, grants and write-once triggers on the tables as they are now."""
    superuser = await connection.fetchval("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
    if superuser:
        exists = await connection.fetchval("SELECT count(*) FROM pg_roles WHERE rolname = $1", APP_ROLE)
        if not exists:
            await connection.execute(f"CREATE ROLE {APP_ROLE} NOLOGIN")
        await connection.execute(_GRANTS)
    for table in await tenant_tables(connection):
        await connection.execute(_POLICY.format(table=table, column="firm"))
    await connection.execute(_POLICY.format(table="firm", column="id"))
    await connection.execute(_WRITE_ONCE)
    for table in IMMUTABLE_TABLES:
        await connection.execute(_WRITE_ONCE_TRIGGER.format(table=table))
    await connection.execute(_SCAN_FORGETS)
    await connection.execute(_ATTEMPT_ENDS)
