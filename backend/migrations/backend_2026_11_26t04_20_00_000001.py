"""What phones signed, and messages, are found quickly: by hash, by server time, and the few rows that still want something."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from backend.piccolo_conf import DB

ID = "2026-11-26T04:20:00:000001"
VERSION = "1.38.0"
DESCRIPTION = "indexes of chains and messages"

_STATEMENTS = (
    "CREATE INDEX chain_entry_hash ON chain_entry (sha256)",
    "CREATE INDEX chain_entry_newest ON chain_entry (phone, received_at)",
    "CREATE INDEX chain_entry_beacon ON chain_entry (phone, beacon_at)",
    "CREATE INDEX chain_entry_unusual ON chain_entry (phone, seq) WHERE standing <> 'linked' OR revoked",
    "CREATE INDEX chain_position_to_forget ON chain_position (recorded_at) WHERE forgotten_at IS NULL",
    "CREATE INDEX message_unread ON message (account) WHERE read_at IS NULL AND NOT secret",
    "CREATE INDEX message_delivery_log ON message_delivery (firm, created_at DESC, id DESC)",
    "CREATE INDEX message_delivery_open ON message_delivery (due_at) WHERE state IN ('waiting', 'digest')",
    "CREATE INDEX message_delivery_unsent ON message_delivery (firm, created_at) WHERE state IN ('failed', 'not_sent')",
)


async def forwards():
    manager = MigrationManager(migration_id=ID, app_name="backend", description=DESCRIPTION)

    async def build() -> None:
        for statement in _STATEMENTS:
            await DB.run_ddl(statement)

    manager.add_raw(build)
    return manager
