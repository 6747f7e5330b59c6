"""What phones hand in is found quickly: scans of a visit, photos that look alike, serials fitted before, entries to be tried."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from backend.piccolo_conf import DB

ID = "2026-11-26T03:04:17:000001"
VERSION = "1.38.0"
DESCRIPTION = "indexes of photos, parts and entries"

_STATEMENTS = (
    "CREATE UNIQUE INDEX scan_once_per_kind ON scan (visit, kind) WHERE kind IN ('arrival', 'departure')",
    "CREATE INDEX scan_of_visit ON scan (visit, at)",
    "CREATE INDEX photo_file ON photo (firm, sha256) INCLUDE (received_at)",
    *(
        f"CREATE INDEX photo_band_{n} ON photo (firm, band_{n}) INCLUDE (phash, id, claimed_visit, received_at)"
        f" WHERE band_{n} IS NOT NULL"
        for n in range(4)
    ),
    "CREATE INDEX photo_to_forget ON photo (received_at) WHERE received_at IS NOT NULL AND forgotten_at IS NULL",
    "CREATE INDEX part_used_serial ON part_used (firm, serial_fitted) WHERE serial_fitted <> ''",
    "CREATE INDEX intake_entry_to_do ON intake_entry (firm, phone, seq) WHERE state IN ('waiting', 'held', 'kept')",
)


async def forwards():
    manager = MigrationManager(migration_id=ID, app_name="backend", description=DESCRIPTION)

    async def build() -> None:
        for statement in _STATEMENTS:
            await DB.run_ddl(statement)

    manager.add_raw(build)
    return manager
