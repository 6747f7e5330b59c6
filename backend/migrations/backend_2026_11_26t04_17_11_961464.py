"""At most one active label in each zone of an elevator.

The car's label is left out: records from before may have several, and they all open their elevator as before.
"""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from backend.piccolo_conf import DB

ID = "2026-11-26T04:17:11:961464"
VERSION = "1.38.0"
DESCRIPTION = "one active label a zone"

_INDEX = "CREATE UNIQUE INDEX label_once_per_zone ON label (elevator, zone) WHERE state = 'active' AND zone <> ''"


async def forwards():
    manager = MigrationManager(migration_id=ID, app_name="backend", description=DESCRIPTION)

    async def build() -> None:
        await DB.run_ddl(_INDEX)

    manager.add_raw(build)
    return manager
