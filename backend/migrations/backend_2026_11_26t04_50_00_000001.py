"""Messages whose time is over are found quickly: those of rescues, which are kept for good, are not looked through."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from backend.piccolo_conf import DB

ID = "2026-11-26T04:50:00:000001"
VERSION = "1.38.0"
DESCRIPTION = "an index of messages by age"


async def forwards():
    manager = MigrationManager(migration_id=ID, app_name="backend", description=DESCRIPTION)

    async def build() -> None:
        await DB.run_ddl("CREATE INDEX message_age ON message (created_at) WHERE kind <> 'rescue'")

    manager.add_raw(build)
    return manager
