"""Piccolo's entry: the one engine (its address is filled in by `backend.database`) and the one app."""

from piccolo.conf.apps import AppRegistry
from piccolo.engine.postgres import PostgresEngine


class LateEngine(PostgresEngine):
    """An engine that connects nowhere when it is made: its address is not known at import."""

    async def check_version(self) -> None:
        """Ask nothing: Piccolo would otherwise try localhost while this module is imported."""


DB = LateEngine(config={})
APP_REGISTRY = AppRegistry(apps=["backend.piccolo_app"])
