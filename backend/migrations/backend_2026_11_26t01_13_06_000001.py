"""The log of records: every record that there is waits for its leaf; the next run of `log_append` appends them in their order."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from backend.piccolo_conf import DB

ID = "2026-11-26T01:13:06:000001"
VERSION = "1.38.0"
DESCRIPTION = "records enter the log"

_STATEMENTS = (
    "CREATE INDEX log_checkpoint_size ON log_checkpoint (size, signed_at)",
    "INSERT INTO log_pending (id, firm, record, since) SELECT gen_random_uuid(), firm, id, now() FROM visit_record",
)


async def forwards():
    manager = MigrationManager(migration_id=ID, app_name="backend", description=DESCRIPTION)

    async def fill() -> None:
        # The records belong to all firms, and row security is forced on them.
        await DB.run_ddl("SELECT set_config('liftrounds.firm', '*', true)")
        for statement in _STATEMENTS:
            await DB.run_ddl(statement)

    manager.add_raw(fill)
    return manager
