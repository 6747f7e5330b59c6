"""Visits that wait for a review, and scans whose position is to be forgotten, are found quickly."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from backend.piccolo_conf import DB

ID = "2026-11-26T03:05:56:000001"
VERSION = "1.38.0"
DESCRIPTION = "indexes of reviews and positions"

_STATEMENTS = (
    "CREATE INDEX visit_in_review ON visit (firm, arrived_at DESC, id DESC) WHERE review <> 'none'",
    "CREATE INDEX scan_to_forget ON scan (at) WHERE lat IS NOT NULL",
    "CREATE INDEX scan_of_technician ON scan (technician, at)",
    "CREATE INDEX scan_of_label ON scan (label, at)",
)


async def forwards():
    manager = MigrationManager(migration_id=ID, app_name="backend", description=DESCRIPTION)

    async def build() -> None:
        for statement in _STATEMENTS:
            await DB.run_ddl(statement)

    manager.add_raw(build)
    return manager
