"""The tables that migrations know; a test proves that migrations and tables agree."""

from pathlib import Path

from piccolo.conf.apps import AppConfig, table_finder

TABLE_MODULES = [
    "backend.people.tables",
    "backend.registry.tables",
    "backend.telemetry.tables",
    "backend.upkeep.tables",
    "backend.rounds.tables",
    "backend.rounds.day_tables",
    "backend.visits.tables",
    "backend.visits.intake.tables",
    "backend.visits.proof.tables",
    "backend.visits.proof.look_tables",
    "backend.confirmations.tables",
    "backend.notices.tables",
    "backend.labels.tables",
    "backend.levelling.tables",
    "backend.phones.tables",
    "backend.recordlog.tables",
    "backend.risk.tables",
    "backend.service_times.tables",
    "backend.messages.tables",
    "backend.dispatch.tables",
]

APP_CONFIG = AppConfig(
    app_name="backend",
    migrations_folder_path=str(Path(__file__).parent / "migrations"),
    table_classes=table_finder(modules=TABLE_MODULES),
    migration_dependencies=[],
    commands=[],
)
